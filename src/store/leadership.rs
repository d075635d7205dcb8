//! Which of several processes listens to a platform: the one that holds a lock in the database, as long as its connection
//! lives.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::domain::message::ChannelName;

/// Tries to become the one process that does something. The lock belongs to the connection: it is free again when the
/// connection ends, however it ends.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn try_lead(connection: &mut PgConnection, what: &str) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select pg_try_advisory_lock(hashtextextended('warung ' || $1, 0)) as "leads!""#,
        what
    )
    .fetch_one(connection)
    .await
}

/// Keeps what a listener must remember.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn keep_note(
    connection: &mut PgConnection,
    channel: &ChannelName,
    account: &str,
    note: &serde_json::Value,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into listener_notes (channel, account, note, updated_at) values ($1, $2, $3, $4)
         on conflict (channel, account) do update set note = excluded.note, updated_at = excluded.updated_at",
        channel.as_str(),
        account,
        note,
        now.naive_utc(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// What a listener wanted to remember.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn note(
    connection: &mut PgConnection,
    channel: &ChannelName,
    account: &str,
) -> Result<Option<serde_json::Value>, sqlx::Error> {
    sqlx::query_scalar!(
        "select note from listener_notes where channel = $1 and account = $2",
        channel.as_str(),
        account,
    )
    .fetch_optional(connection)
    .await
}

/// Asks whether the connection, and with it the lock, is still there.
///
/// # Errors
/// [`sqlx::Error`] when it is not.
pub async fn still_leads(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query_scalar!(r#"select 1 as "one!""#).fetch_one(connection).await?;
    Ok(())
}
