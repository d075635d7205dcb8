//! Guesses at one-time codes: how many there were lately, so that nobody can try them all.

use chrono::{DateTime, Duration, Utc};
use sqlx::PgConnection;

use crate::domain::ids::{ConversationId, StoreId};

/// For how long a wrong code counts.
pub const WINDOW: Duration = Duration::hours(1);
/// Wrong codes of one chat within [`WINDOW`]; after them its codes are not looked at.
pub const MAX_OF_CHAT: i64 = 5;
/// Wrong codes of all chats of a shop within [`WINDOW`]; after them nobody's codes are looked at.
pub const MAX_OF_SHOP: i64 = 30;

/// What a code opens. Those who guess at one kind keep nobody from the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A code that makes a chat one of the shop's staff.
    Staff,
    /// A code that joins two chats of a customer.
    Join,
}

impl Kind {
    /// As it stands in the table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Staff => "staff",
            Self::Join => "join",
        }
    }
}

/// Wrong codes within [`WINDOW`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guesses {
    /// Of the chat.
    pub of_chat: i64,
    /// Of all chats of the shop.
    pub of_shop: i64,
}

impl Guesses {
    /// Whether another code may be looked at.
    pub fn may_go_on(self) -> bool {
        self.of_chat < MAX_OF_CHAT && self.of_shop < MAX_OF_SHOP
    }
}

/// How many wrong codes there were.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn count(
    connection: &mut PgConnection,
    store: &StoreId,
    conversation: &ConversationId,
    kind: Kind,
    now: DateTime<Utc>,
) -> Result<Guesses, sqlx::Error> {
    // No more than the bounds is counted, however many there are.
    sqlx::query_as!(
        Guesses,
        r#"select
             (select count(*) from (
                select 1 from code_guesses where conversation_id = $2 and kind = $3 and guessed_at > $4 limit $5
              ) own) as "of_chat!",
             (select count(*) from (
                select 1 from code_guesses where store_id = $1 and kind = $3 and guessed_at > $4 limit $6
              ) every) as "of_shop!""#,
        store.as_str(),
        conversation.as_str(),
        kind.as_str(),
        (now - WINDOW).naive_utc(),
        MAX_OF_CHAT,
        MAX_OF_SHOP,
    )
    .fetch_one(connection)
    .await
}

/// Notes a wrong code, and forgets those of the shop that count no more.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn insert(
    connection: &mut PgConnection,
    store: &StoreId,
    conversation: &ConversationId,
    kind: Kind,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "delete from code_guesses where store_id = $1 and kind = $2 and guessed_at <= $3",
        store.as_str(),
        kind.as_str(),
        (now - WINDOW).naive_utc(),
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "insert into code_guesses (store_id, conversation_id, kind, guessed_at) values ($1, $2, $3, $4)",
        store.as_str(),
        conversation.as_str(),
        kind.as_str(),
        now.naive_utc(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Forgets the wrong codes of a kind in a shop: an operator has just made a code that is to be used.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn clear(connection: &mut PgConnection, store: &StoreId, kind: Kind) -> Result<(), sqlx::Error> {
    sqlx::query!("delete from code_guesses where store_id = $1 and kind = $2", store.as_str(), kind.as_str())
        .execute(connection)
        .await?;
    Ok(())
}
