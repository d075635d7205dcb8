//! What is deleted when its time has passed; `docs/architecture.md` has the table of what is kept how long.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// Rows that one statement deletes, so that no lock is held for long.
pub const BATCH: i64 = 5_000;

/// Deletes handled inbox rows, outbox rows that are done, prompts, questions to the shop, and wishes to join chats, all older than a moment; at most [`BATCH`] of
/// each. Returns how many went, so that the caller can go on until nothing does.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn prune(connection: &mut PgConnection, before: DateTime<Utc>) -> Result<u64, sqlx::Error> {
    let before = before.naive_utc();
    let inbox = sqlx::query!(
        "delete from inbox where id in (select id from inbox where handled_at < $1 order by id limit $2)",
        before,
        BATCH,
    )
    .execute(&mut *connection)
    .await?;
    let outbox = sqlx::query!(
        "delete from outbox where id in (
           select id from outbox where state <> 'queued' and created_at < $1 order by id limit $2
         )",
        before,
        BATCH,
    )
    .execute(&mut *connection)
    .await?;
    let prompts = sqlx::query!(
        "delete from prompts where token in (select token from prompts where created_at < $1 limit $2)",
        before,
        BATCH,
    )
    .execute(&mut *connection)
    .await?;
    let questions = sqlx::query!(
        "delete from questions where id in (select id from questions where asked_at < $1 order by asked_at limit $2)",
        before,
        BATCH,
    )
    .execute(&mut *connection)
    .await?;
    let wishes = sqlx::query!(
        "delete from join_requests where id in (
           select id from join_requests where expires_at < $1 order by expires_at limit $2
         )",
        before,
        BATCH,
    )
    .execute(connection)
    .await?;
    let done = [inbox, outbox, prompts, questions, wishes];
    Ok(done.iter().map(sqlx::postgres::PgQueryResult::rows_affected).sum())
}
