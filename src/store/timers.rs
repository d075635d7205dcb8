//! Deadlines of orders. Deadlines of dialogue states stand in `conversations.timer_at`.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::domain::ids::ConversationId;

/// A deadline that has come.
#[derive(Debug, Clone)]
pub struct Due {
    /// The row's id.
    pub id: i64,
    /// The conversation that it concerns.
    pub conversation: ConversationId,
    /// Its kind.
    pub kind: String,
    /// What it is about.
    pub subject: String,
    /// When it was due.
    pub due_at: DateTime<Utc>,
}

/// Sets a deadline, or moves the one of the same kind and subject.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn set(
    connection: &mut PgConnection,
    conversation: &ConversationId,
    kind: &str,
    subject: &str,
    due_at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into timers (conversation_id, kind, subject, due_at) values ($1, $2, $3, $4)
         on conflict (kind, subject) do update
           set due_at = excluded.due_at, conversation_id = excluded.conversation_id",
        conversation.as_str(),
        kind,
        subject,
        due_at.naive_utc(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Sets a deadline where there is none of the same kind and subject.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn set_once(
    connection: &mut PgConnection,
    conversation: &ConversationId,
    kind: &str,
    subject: &str,
    due_at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into timers (conversation_id, kind, subject, due_at) values ($1, $2, $3, $4)
         on conflict (kind, subject) do nothing",
        conversation.as_str(),
        kind,
        subject,
        due_at.naive_utc(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Calls a deadline off.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn cancel(connection: &mut PgConnection, kind: &str, subject: &str) -> Result<(), sqlx::Error> {
    sqlx::query!("delete from timers where kind = $1 and subject = $2", kind, subject)
        .execute(connection)
        .await?;
    Ok(())
}

/// Takes deadlines that have come, at most `limit`; the caller puts them into the inbox in the same transaction.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn take_due(
    connection: &mut PgConnection,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Due>, sqlx::Error> {
    let rows = sqlx::query!(
        "delete from timers where id in (
           select id from timers where due_at <= $1 order by due_at, id limit $2 for update skip locked
         ) returning id, conversation_id, kind, subject, due_at",
        now.naive_utc(),
        limit,
    )
    .fetch_all(connection)
    .await?;
    let mut due: Vec<_> = rows
        .into_iter()
        .map(|row| Due {
            id: row.id,
            conversation: row.conversation_id.into(),
            kind: row.kind,
            subject: row.subject,
            due_at: row.due_at.and_utc(),
        })
        .collect();
    due.sort_by_key(|due| (due.due_at, due.id));
    Ok(due)
}
