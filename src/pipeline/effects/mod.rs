//! Carries out the effects that the dialogue asks for, inside the transaction of the turn.

mod basket;
mod cart;
mod checkout;
mod exchange;
mod fair;
mod goods;
mod guesses;
mod join;
pub(in crate::pipeline) mod moves;
pub mod news;
mod orders;
pub(in crate::pipeline) mod payment;
mod people;
mod place;
pub(in crate::pipeline) mod proof;
mod questions;
pub(in crate::pipeline) mod refund;
mod revive;
pub mod rings;
pub(in crate::pipeline) mod sale;
mod search;
mod staff;
pub(in crate::pipeline) mod static_qris;
mod stock;
mod verdict;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::clock::Clock;
use crate::dialogue::conversation::Conversation;
use crate::dialogue::effect::{Effect, EffectSpec, Outcome, spec};
use crate::dialogue::value::Value;
use crate::dialogue::world::Store;
use crate::domain::cart::Cart;
use crate::domain::catalog::Catalog;
use crate::domain::customer::{Customer, Localized};
use crate::domain::ids::{ConversationId, ProductId, VariantId};
use crate::domain::staff::Staff;
use crate::store;

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
    /// What has left the cart in this turn, because it is not sold any more.
    pub gone: &'a Gone,
    /// Whether this server can ask a gateway: payments outlive the settings that they were made with.
    pub callable: &'a (dyn Fn(&str) -> bool + Send + Sync),
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

/// What has left a cart because it is not sold any more.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gone {
    /// How many lines.
    pub lines: usize,
    /// The names of those that the person's words speak of.
    pub named: Vec<Localized>,
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
    let Some(spec) = spec(&effect.name) else { return Err(unknown(effect)) };
    if spec.staff && !is_staff(scene).await? {
        return Ok(refusal(spec));
    }
    match effect.name.as_str() {
        name if name.starts_with("cart.") => cart::run(scene, effect).await,
        "customer.join_code" => join::code(scene).await,
        "customer.join_look" => join::look(scene, effect).await,
        "customer.join_question" => join::asked(scene).await,
        "customer.join_agree" => join::agree(scene, effect).await,
        "customer.join_refuse" => join::refuse(scene, effect).await,
        "customer.split_look" => join::split_look(scene).await,
        "customer.split" => join::split(scene).await,
        name if is_about_people(name) => people::run(scene, effect).await,
        "catalog.search" => Ok(search::search(scene, effect)),
        "shop.ask" => questions::ask(scene, effect).await,
        "shipping.methods" => Ok(checkout::methods(scene)),
        "shipping.choose" => Ok(checkout::choose(scene, effect)),
        "shipping.quote" => Ok(checkout::quote(scene, effect)),
        "order.place" => place::place(scene, effect).await,
        "payment.request" => payment::request(scene, effect).await,
        "payment.recheck" => payment::recheck(scene, effect).await,
        "payment.printed" => static_qris::plain(scene, effect).await,
        "payment.received" => verdict::received(scene, effect).await,
        "payment.not_received" => verdict::not_received(scene, effect).await,
        "payment.give_up" => verdict::give_up(scene, effect).await,
        "payment.wait" => verdict::wait(scene, effect).await,
        "qris.show" => static_qris::show(scene).await,
        "qris.offered" => static_qris::offered(scene).await,
        "qris.use" => static_qris::put_in_use(scene, effect).await,
        "order.list" => orders::list(scene, effect).await,
        "order.unpaid" => orders::unpaid(scene).await,
        "order.open" => orders::open(scene, effect).await,
        "order.cancel" => orders::cancel(scene, effect).await,
        "order.received" => orders::received(scene, effect).await,
        "order.reorder" => orders::reorder(scene, effect).await,
        "staff.link" => staff::link(scene, effect).await,
        "staff.unlink" => Ok(staff::unlink(scene)),
        "staff.orders" => staff::orders(scene, effect).await,
        "staff.order_open" => staff::open(scene, effect).await,
        "staff.today" => staff::today(scene, effect).await,
        "order.accept" => moves::accept(scene, effect).await,
        "order.move" => moves::advance(scene, effect).await,
        "order.cancel_by_staff" => moves::cancel(scene, effect).await,
        "order.resolve" => revive::resolve(scene, effect).await,
        "order.exchange" => exchange::look(scene, effect).await,
        "order.serve" => revive::serve(scene, effect).await,
        "refund.look" => refund::look(scene, effect).await,
        "refund.start" => refund::start(scene, effect).await,
        "refund.by_hand" => refund::by_hand(scene, effect).await,
        "refund.done" => refund::done(scene, effect).await,
        "stock.find" => Ok(stock::find(scene, effect)),
        "stock.set" => goods::set_stock(scene, effect).await,
        "price.set" => goods::set_price(scene, effect).await,
        "goods.undo" => goods::undo(scene, effect).await,
        _ => Err(unknown(effect)),
    }
}

fn is_about_people(name: &str) -> bool {
    ["language.", "customer.", "human."].iter().any(|noun| name.starts_with(noun))
}

/// The error of an effect that no file knows; a test walks the table of effects, so that none gets here.
fn unknown(effect: &Effect) -> sqlx::Error {
    sqlx::Error::Protocol(format!("there is no effect {}", effect.name))
}

/// Whether the person of this chat works for the shop now. Asked every time, because people leave.
async fn is_staff(scene: &mut Scene<'_>) -> Result<bool, sqlx::Error> {
    let Some(staff) = scene.staff.as_ref() else { return Ok(false) };
    store::staff::is_active(scene.connection, &scene.store.id, &staff.id).await
}

/// The outcome of an effect that only staff may ask for, for everybody else.
fn refusal(spec: &EffectSpec) -> Outcome {
    let refusals = ["not_possible", "not_found", "none"];
    let word = spec.outcomes.iter().find(|word| refusals.contains(word));
    Outcome::new(word.or(spec.outcomes.last()).copied().unwrap_or("none"))
}

fn text<'a>(effect: &'a Effect, name: &str) -> Option<&'a str> {
    effect.arg(name).as_text().map(str::trim).filter(|text| !text.is_empty())
}

fn product_arg(effect: &Effect) -> Option<ProductId> {
    text(effect, "product").map(ProductId::from)
}

fn variant_arg(effect: &Effect) -> Option<VariantId> {
    text(effect, "variant").map(VariantId::from)
}

/// A word without the set before its dot: `order-status.paid` and `paid` are the same argument.
fn word_arg<'a>(effect: &'a Effect, name: &str) -> Option<&'a str> {
    text(effect, name).and_then(|word| word.rsplit('.').next())
}

fn count(length: usize) -> Value {
    Value::Int(i64::try_from(length).unwrap_or(i64::MAX))
}

#[cfg(test)]
pub(in crate::pipeline) mod tests;
