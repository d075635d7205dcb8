//! Telling others: the shop's staff chats and the buyer's chats, each once per event.

use std::collections::BTreeMap;

use super::{Scene, Signal};
use crate::dialogue::event::Event;
use crate::dialogue::value::Value;
use crate::domain::ids::{ConversationId, OrderId};
use crate::domain::payment::Payment;
use crate::pipeline::work::Work;
use crate::store;
use crate::store::orders::Locked;

/// What comes with a signal.
pub type Facts = BTreeMap<String, Value>;

/// Facts out of names and values.
pub fn facts<const N: usize>(facts: [(&str, Value); N]) -> Facts {
    facts.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Tells the shop's other staff chats. `occasion` makes the event unique: an order may be told of more than once.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn tell_staff(
    scene: &mut Scene<'_>,
    name: &str,
    order: Option<&OrderId>,
    occasion: &str,
    mut facts: Facts,
) -> Result<bool, sqlx::Error> {
    let chats = store::staff::conversations(scene.connection, &scene.store.id).await?;
    if let Some(order) = order {
        facts.insert("order".to_owned(), order.as_str().into());
    }
    let mut told = false;
    for to in chats {
        told = true;
        if &to != scene.conversation_id {
            push(scene, to, name, occasion, facts.clone());
        }
    }
    Ok(told)
}

/// Tells the buyer of an order, in the chat in which it was placed, or else in all of their chats. When that is the chat
/// of this turn the news is returned instead, for the turn to go on with.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn tell_buyer(
    scene: &mut Scene<'_>,
    locked: &Locked,
    name: &str,
    occasion: &str,
    mut facts: Facts,
) -> Result<Option<Event>, sqlx::Error> {
    facts.insert("order".to_owned(), locked.order.id.as_str().into());
    let chats = store::customers::conversations(scene.connection, &locked.customer).await?;
    let placed_in = locked.extra.conversation.as_ref();
    let targets: Vec<ConversationId> = match chats.iter().find(|chat| Some(*chat) == placed_in) {
        Some(chat) => vec![chat.clone()],
        None => chats,
    };
    let mut here = None;
    for to in targets {
        if &to == scene.conversation_id {
            here = Some(Event::Signal { name: name.to_owned(), facts: facts.clone() });
        } else {
            push(scene, to, name, occasion, facts.clone());
        }
    }
    Ok(here)
}

/// Tells the buyer who asked that their money has not come: `name`, or of the part that has come, where one has.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn tell_unpaid(
    scene: &mut Scene<'_>,
    locked: &Locked,
    payment: &Payment,
    name: &str,
) -> Result<Option<Event>, sqlx::Error> {
    let occasion = format!("{}:{}", payment.id, scene.clock.id());
    let Some(missing) = payment.missing() else {
        return tell_buyer(scene, locked, name, &occasion, facts([])).await;
    };
    let facts = facts([("received", payment.received.into()), ("missing", missing.into())]);
    tell_buyer(scene, locked, "payment.short", &occasion, facts).await
}

/// Tells one conversation, this one included.
pub fn push(scene: &mut Scene<'_>, to: ConversationId, name: &str, occasion: &str, facts: Facts) {
    let key = format!("{name}:{occasion}:{to}");
    let work = Work::Signal { name: name.to_owned(), facts };
    scene.signals.push(Signal { to, key, work });
}
