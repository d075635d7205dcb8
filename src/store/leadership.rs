//! Which of several processes listens to a platform: the one that holds a lock in the database, as long as its connection
//! lives.

use sqlx::PgConnection;

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

/// Asks whether the connection, and with it the lock, is still there.
///
/// # Errors
/// [`sqlx::Error`] when it is not.
pub async fn still_leads(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query_scalar!(r#"select 1 as "one!""#).fetch_one(connection).await?;
    Ok(())
}
