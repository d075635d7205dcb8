//! The choices of messages with buttons. A button's data is `<token>.<index from 0>`: opaque, short, and ours.

use sqlx::PgConnection;
use sqlx::types::Json;

use crate::dialogue::conversation::PromptChoice;
use crate::domain::ids::ConversationId;

/// A prompt that was shown.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The chat in which it was shown.
    pub conversation: ConversationId,
    /// Its choices.
    pub choices: Vec<PromptChoice>,
    /// The revision of the conversation when it was shown.
    pub revision: i64,
    /// Indexes of choices of class `once` that have been used.
    pub used: Vec<i32>,
    /// What its message shows.
    pub card: Option<String>,
}

/// Button data taken apart: token and index.
pub fn parse(data: &str) -> Option<(&str, usize)> {
    let (token, index) = data.rsplit_once('.')?;
    Some((token, index.parse().ok()?))
}

/// Button data put together.
pub fn data(token: &str, index: usize) -> String {
    format!("{token}.{index}")
}

/// The prompt of a token.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn find(connection: &mut PgConnection, token: &str) -> Result<Option<Shown>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select conversation_id, choices as "choices: Json<Vec<PromptChoice>>", revision, used, card
           from prompts where token = $1"#,
        token,
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| Shown {
        conversation: row.conversation_id.into(),
        choices: row.choices.0,
        revision: row.revision,
        used: row.used,
        card: row.card,
    }))
}

/// The prompt of a message that a person of this conversation quotes by the platform's id.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn quoted(
    connection: &mut PgConnection,
    conversation: &ConversationId,
    channel_message_id: &str,
) -> Result<Option<Shown>, sqlx::Error> {
    let token = sqlx::query_scalar!(
        r#"select split_part(o.payload #>> '{choices,0,data}', '.', 1) as "token!"
           from conversations c
           join outbox o on o.channel = c.channel and o.channel_message_id = $2 and o.conversation_id = c.id
           where c.id = $1 and o.payload #>> '{choices,0,data}' is not null
           order by o.id desc limit 1"#,
        conversation.as_str(),
        channel_message_id,
    )
    .fetch_optional(&mut *connection)
    .await?;
    let Some(token) = token else { return Ok(None) };
    let shown = find(connection, &token).await?;
    Ok(shown.filter(|shown| &shown.conversation == conversation))
}

/// Notes that a choice of class `once` was used. The caller holds the lock of the conversation.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn mark_used(connection: &mut PgConnection, token: &str, index: i32) -> Result<(), sqlx::Error> {
    sqlx::query!("update prompts set used = array_append(used, $2) where token = $1", token, index)
        .execute(connection)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn button_data_reads_back_and_strangers_data_is_nothing() {
        assert_eq!(parse(&data("abc", 12)), Some(("abc", 12)));
        for hostile in ["", ".", "abc", "abc.", "abc.x", "abc.-1", "abc.99999999999999999999999"] {
            assert_eq!(parse(hostile), None, "{hostile}");
        }
    }
}
