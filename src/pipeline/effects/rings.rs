//! Whose words make the phones of the shop's people ring. Everybody may call them; a crowd of strangers may not keep them from
//! hearing their customers.

use chrono::{DateTime, Duration, Utc};
use sqlx::PgConnection;

use super::Signal;
use crate::domain::ids::{ConversationId, CustomerId, StoreId};
use crate::pipeline::work::Work;
use crate::store::{self, rings};

/// Minutes that are looked back upon.
const MINUTES: i64 = 10;
/// Rings in that time after which strangers are not heard any more, and after which nobody is.
const FOR_STRANGERS: i64 = 15;
const FOR_BUYERS: i64 = 60;

/// Whom something of a customer is told.
#[derive(Debug, Default)]
pub struct Ringing {
    /// The staff chats that are told.
    pub chats: Vec<ConversationId>,
    /// What those are told instead, once in a while, that have been told too much.
    pub enough: Vec<Signal>,
    /// Whether the shop has people at all.
    pub has_staff: bool,
}

/// Whom to tell of a customer now.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn ringing(
    connection: &mut PgConnection,
    store: &StoreId,
    customer: &CustomerId,
    now: DateTime<Utc>,
) -> Result<Ringing, sqlx::Error> {
    let every = store::staff::conversations(connection, store).await?;
    let mut ringing = Ringing { has_staff: !every.is_empty(), ..Ringing::default() };
    let mut is_buyer = None;
    for chat in every {
        let rings = rings::since(connection, &chat, now - Duration::minutes(MINUTES)).await?;
        if rings >= FOR_STRANGERS && is_buyer.is_none() {
            is_buyer = Some(rings::is_buyer(connection, customer).await?);
        }
        let most = if is_buyer == Some(true) { FOR_BUYERS } else { FOR_STRANGERS };
        if rings < most {
            ringing.chats.push(chat);
        } else {
            // The key makes it one for each span of time, however many are kept from ringing.
            let key = format!("many:{chat}:{}", now.timestamp() / (MINUTES * 60));
            let work = Work::Signal { name: "staff.many_wanted".to_owned(), facts: Default::default() };
            ringing.enough.push(Signal { to: chat, key, work });
        }
    }
    Ok(ringing)
}
