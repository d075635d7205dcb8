//! Carries out the effects that the dialogue asks for, inside the transaction of the turn.

pub mod basket;
pub mod cart;
pub mod people;
pub mod search;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::clock::Clock;
use crate::dialogue::conversation::Conversation;
use crate::dialogue::effect::{Effect, Outcome};
use crate::dialogue::world::Store;
use crate::domain::cart::Cart;
use crate::domain::catalog::Catalog;
use crate::domain::customer::Customer;
use crate::domain::ids::ConversationId;
use crate::domain::staff::Staff;

use super::work::{Call, Work};

/// What an effect may use and change. The turn writes `cart`, `customer` and `conversation` back when it commits, and
/// stores `signals`, `calls` and `timers` with them, so that all of it stands or falls together.
pub struct Scene<'a> {
    /// The transaction of the turn.
    pub connection: &'a mut PgConnection,
    /// Fresh ids.
    pub clock: &'a Clock,
    /// The moment of the turn.
    pub now: DateTime<Utc>,
    /// The shop.
    pub store: &'a Store,
    /// Its catalogue as the turn began. Placing an order looks again, under lock.
    pub catalog: Arc<Catalog>,
    /// The conversation that asks.
    pub conversation_id: &'a ConversationId,
    /// Its state: an effect may change the language, the mode and the role, nothing else.
    pub conversation: &'a mut Conversation,
    /// The customer of the conversation.
    pub customer: &'a mut Customer,
    /// Their cart.
    pub cart: &'a mut Cart,
    /// The member of staff, in a staff chat; linking sets it.
    pub staff: &'a mut Option<Staff>,
    /// The gateway that new charges go to.
    pub gateway: &'a str,
    /// Inbox rows for other conversations (or this one), each with a key under which it is stored once.
    pub signals: Vec<Signal>,
    /// Calls to gateways, for the outbox of this conversation.
    pub calls: Vec<Call>,
    /// Deadlines of orders: kind, order id, moment. The same kind and order again moves the deadline.
    pub timers: Vec<(String, String, DateTime<Utc>)>,
    /// Deadlines of orders that are off: kind, order id.
    pub cancelled_timers: Vec<(String, String)>,
    /// Whether the catalogue changed, so that the rest of the turn must load it anew.
    pub catalog_changed: bool,
}

/// Something to tell another conversation.
#[derive(Debug, Clone)]
pub struct Signal {
    /// Which.
    pub to: ConversationId,
    /// The key under which it is stored once.
    pub key: String,
    /// What.
    pub work: Work,
}

/// Carries out one effect. A refusal is an outcome; an error is a fault of the database and ends the turn unharmed.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn run(scene: &mut Scene<'_>, effect: &Effect) -> Result<Outcome, sqlx::Error> {
    let noun = effect.name.split('.').next().unwrap_or_default();
    match noun {
        "catalog" => search::run(scene, effect).await,
        "cart" => cart::run(scene, effect).await,
        "language" | "customer" | "human" => people::run(scene, effect).await,
        _ => Err(unknown(effect)),
    }
}

/// The error of an effect that no file knows; a test walks the table of effects, so that none gets here.
fn unknown(effect: &Effect) -> sqlx::Error {
    sqlx::Error::Protocol(format!("there is no effect {}", effect.name))
}
