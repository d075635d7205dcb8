//! What customers asked and the data did not answer.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::domain::ids::{ConversationId, StoreId, UserId};

/// A question for the shop's people.
#[derive(Debug, Clone)]
pub struct NewQuestion<'a> {
    /// The shop.
    pub store: &'a StoreId,
    /// Who asks.
    pub conversation: &'a ConversationId,
    /// What it is about.
    pub topic: &'a str,
    /// As it was asked.
    pub text: &'a str,
    /// In plain spelling, by which it is known when it comes again.
    pub words: &'a str,
}

/// Notes a question. Returns whether it is to be passed on: not when the same one, or as many as `most`, have been waiting for
/// an answer since `since`.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn ask(
    connection: &mut PgConnection,
    question: &NewQuestion<'_>,
    most: i64,
    since: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let row = sqlx::query_scalar!(
        "insert into questions (store_id, conversation_id, topic, text, words, asked_at)
         select $1, $2, $3, $4, $5, $6
         where (
           select count(*) from questions
           where conversation_id = $2 and answered_at is null and asked_at > $7
         ) < $8
         on conflict (conversation_id, words) where answered_at is null
         do update set asked_at = excluded.asked_at where questions.asked_at <= $7
         returning id",
        question.store.as_str(),
        question.conversation.as_str(),
        question.topic,
        question.text,
        question.words,
        now.naive_utc(),
        since.naive_utc(),
        most,
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.is_some())
}

/// Whoever writes to a customer answers what they asked.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn answered(
    connection: &mut PgConnection,
    conversation: &ConversationId,
    by: Option<&UserId>,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update questions set answered_at = $2, answered_by = $3
         where conversation_id = $1 and answered_at is null",
        conversation.as_str(),
        now.naive_utc(),
        by.map(UserId::as_str),
    )
    .execute(connection)
    .await?;
    Ok(())
}
