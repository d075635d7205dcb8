//! Joining chats: the same person on two platforms, with one cart and one list of orders. Whoever has a code of another
//! chat only asks for it: nothing is shared before both sides have said yes, each in its own chat.

#[cfg(test)]
mod chat_tests;
mod split;
#[cfg(test)]
mod tests;

use chrono::Duration;

use super::{Scene, count, guesses, news, text};
use crate::dialogue::effect::{Effect, Outcome};
use crate::dialogue::value::Value;
use crate::domain::customer::Customer;
use crate::domain::ids::{ConversationId, CustomerId};
use crate::store;
use crate::store::guesses::Kind;
use crate::store::join::{JoinCode, Joining, Request, Seen, Shown, Side, State};

pub(super) use split::{look as split_look, split};

/// Minutes for which a code is good.
const CODE_MINUTES: i64 = 10;
/// Minutes for which a question waits for its answer.
const ANSWER_MINUTES: i64 = 15;
/// Chats that one customer may have.
const MAX_CHATS: i64 = 10;

/// `customer.join_code`. A chat that has not answered another's question is shown that one instead.
pub(super) async fn code(scene: &mut Scene<'_>) -> Result<Outcome, sqlx::Error> {
    if store::join::open_question(scene.connection, scene.conversation_id, scene.now).await?.is_some() {
        return Ok(Outcome::new("asked"));
    }
    let code = store::codes::draw(&scene.clock.secret());
    let expires_at = scene.now + Duration::minutes(CODE_MINUTES);
    let shown = shown_here(scene).await?;
    store::join::insert_code(scene.connection, &shown, &code, expires_at, scene.now).await?;
    Ok(Outcome::new("ok").with("code", code).with("minutes", CODE_MINUTES))
}

/// `customer.join_look`: what it would mean to join the chat that a code comes from. Nobody else hears of it yet.
pub(super) async fn look(scene: &mut Scene<'_>, effect: &Effect) -> Result<Outcome, sqlx::Error> {
    if !guesses::may_try(scene, Kind::Join).await? {
        return Ok(Outcome::new("unknown"));
    }
    let code = text(effect, "code").unwrap_or_default();
    let other = match store::join::use_code(scene.connection, &scene.store.id, code, scene.now).await? {
        JoinCode::Unknown => {
            guesses::wrong(scene, Kind::Join).await?;
            return Ok(Outcome::new("unknown"));
        }
        JoinCode::Expired => return Ok(Outcome::new("expired")),
        JoinCode::Of(shown) if shown.customer == scene.customer.id => return Ok(Outcome::new("self")),
        JoinCode::Of(shown) => shown,
    };
    if !have_room(scene, &other.customer, &scene.customer.id.clone()).await? {
        return Ok(Outcome::new("too_many"));
    }
    let id = scene.clock.id();
    let own = shown_here(scene).await?;
    let expires_at = scene.now + Duration::minutes(ANSWER_MINUTES);
    let store = &scene.store.id;
    store::join::insert_request(scene.connection, &id, store, &own, &other, expires_at, scene.now).await?;
    let request = store::join::load(scene.connection, &id, scene.conversation_id, scene.now).await?;
    match request {
        Some(request) => question(scene, &request).await,
        None => Ok(Outcome::new("unknown")),
    }
}

/// `customer.join_question`: what this chat is asked by another.
pub(super) async fn asked(scene: &mut Scene<'_>) -> Result<Outcome, sqlx::Error> {
    match store::join::open_question(scene.connection, scene.conversation_id, scene.now).await? {
        Some(request) => question(scene, &request).await,
        None => Ok(Outcome::new("none")),
    }
}

/// `customer.join_agree`: a yes of this chat. The asker's leads to the other side's question, unless nothing is to be seen
/// there: then asking for the code was its yes. The other side's joins them.
pub(super) async fn agree(scene: &mut Scene<'_>, effect: &Effect) -> Result<Outcome, sqlx::Error> {
    let Some(request) = request_of(scene, effect).await? else { return Ok(Outcome::new("gone")) };
    let is_asker = &request.asker.conversation == scene.conversation_id;
    match (request.state, is_asker) {
        (State::Read, true) => {
            let seen = store::join::seen(scene.connection, &request.asked.customer).await?;
            if seen.is_nothing() {
                return join(scene, request).await;
            }
            let expires_at = scene.now + Duration::minutes(ANSWER_MINUTES);
            if !store::join::agreed(scene.connection, &request.id, expires_at).await? {
                return Ok(Outcome::new("gone"));
            }
            let facts = side_facts(&request.asker);
            news::push(scene, request.asked.conversation.clone(), "join.asked", &request.id, facts);
            Ok(waits(&request))
        }
        (State::Asked, true) => Ok(waits(&request)),
        (State::Asked, false) => join(scene, request).await,
        (State::Read, false) | (State::Over, _) => Ok(Outcome::new("gone")),
    }
}

/// `customer.join_refuse`: a no of this chat. The other side hears that nothing comes of it, and nothing else.
pub(super) async fn refuse(scene: &mut Scene<'_>, effect: &Effect) -> Result<Outcome, sqlx::Error> {
    let request = request_of(scene, effect).await?;
    let Some(request) = request.filter(|request| request.state != State::Over) else {
        return Ok(Outcome::new("gone"));
    };
    if !store::join::end(scene.connection, &request.id, false, scene.now).await? {
        return Ok(Outcome::new("gone"));
    }
    let other = request.other_than(scene.conversation_id).conversation.clone();
    news::push(scene, other, "join.refused", &request.id, news::facts([]));
    Ok(Outcome::new("ok"))
}

/// Makes both chats one customer's: the asker goes over to the customer whose code it was.
async fn join(scene: &mut Scene<'_>, request: Request) -> Result<Outcome, sqlx::Error> {
    let (keep, gone) = (request.asked.customer.clone(), request.asker.customer.clone());
    store::join::lock(scene.connection, &keep, &gone).await?;
    // While the other chat's turn was waited for it may have said something else.
    let locked = store::join::load(scene.connection, &request.id, scene.conversation_id, scene.now).await?;
    if locked.as_ref() != Some(&request) {
        return Ok(Outcome::new("gone"));
    }
    if !have_room(scene, &keep, &gone).await? {
        return Ok(Outcome::new("too_many"));
    }
    if !store::join::end(scene.connection, &request.id, true, scene.now).await? {
        return Ok(Outcome::new("gone"));
    }
    let here = scene.conversation_id.clone();
    let (kept_cart, gone_cart) = if here == request.asked.conversation {
        (scene.cart.clone(), store::carts::load(scene.connection, &gone).await?)
    } else {
        (store::carts::load(scene.connection, &keep).await?, scene.cart.clone())
    };
    let id = scene.clock.id();
    let joining = Joining {
        id: &id,
        store: &scene.store.id,
        kept: &keep,
        gone: &gone,
        kept_conversation: &request.asked.conversation,
        gone_conversation: &request.asker.conversation,
        kept_cart: &kept_cart,
        gone_cart: &gone_cart,
    };
    store::join::insert_join(scene.connection, &joining, scene.now).await?;
    let mut cart = kept_cart;
    cart.absorb(gone_cart);
    store::carts::save(scene.connection, &keep, &cart, scene.now).await?;
    store::join::merge(scene.connection, &keep, &gone, scene.now).await?;
    note(
        scene,
        "customer:joined",
        &keep,
        serde_json::json!({ "joined": gone, "join": id, "conversation": here }),
    )
    .await?;
    become_customer(scene, &keep).await?;
    let pieces = count(usize::try_from(cart.count()).unwrap_or(usize::MAX));
    *scene.cart = cart;
    let orders = store::customers::known(scene.connection, &keep).await?.orders;
    let other = request.other_than(&here).clone();
    let own = if here == request.asked.conversation { &request.asked } else { &request.asker };
    let mut told = side_facts(own);
    told.extend(news::facts([("orders", orders.into()), ("count", pieces.clone())]));
    news::push(scene, other.conversation, "join.done", &request.id, told);
    Ok(Outcome::new("joined").with("orders", orders).with("count", pieces))
}

/// The wish that an effect names, where this chat is one of its two.
async fn request_of(scene: &mut Scene<'_>, effect: &Effect) -> Result<Option<Request>, sqlx::Error> {
    let Some(id) = text(effect, "request") else { return Ok(None) };
    store::join::load(scene.connection, id, scene.conversation_id, scene.now).await
}

/// What a side reads before it answers: with whom, and what of its own the other would see. Of the other only the channel,
/// the first name that the platform gives, and since when it writes.
async fn question(scene: &mut Scene<'_>, request: &Request) -> Result<Outcome, sqlx::Error> {
    let Seen { orders, name, phone, address, pieces } =
        store::join::seen(scene.connection, &scene.customer.id).await?;
    let other = request.other_than(scene.conversation_id);
    let mut outcome = Outcome::new("ok");
    outcome.facts.extend(side_facts(other));
    Ok(outcome
        .with("request", request.id.clone())
        .with("minutes", ANSWER_MINUTES)
        .with("orders", orders)
        .with("has_name", Value::Bool(name))
        .with("has_phone", Value::Bool(phone))
        .with("has_address", Value::Bool(address))
        .with("count", i64::from(pieces)))
}

fn side_facts(side: &Side) -> news::Facts {
    news::facts([
        ("channel", channel_word(&side.channel)),
        ("person", Value::from(side.person.clone())),
        ("since", side.since.into()),
    ])
}

fn waits(request: &Request) -> Outcome {
    Outcome::new("asked")
        .with("channel", channel_word(&request.asked.channel))
        .with("minutes", ANSWER_MINUTES)
}

/// What people call a channel: a word of the set `channel`, by the name of its folder.
fn channel_word(channel: &str) -> Value {
    Value::Word(format!("channel.{channel}"))
}

async fn have_room(scene: &mut Scene<'_>, keep: &CustomerId, gone: &CustomerId) -> Result<bool, sqlx::Error> {
    let own = store::join::chats(scene.connection, gone).await?;
    Ok(store::join::chats(scene.connection, keep).await? + own <= MAX_CHATS)
}

async fn shown_here(scene: &mut Scene<'_>) -> Result<Shown, sqlx::Error> {
    let person = store::join::sender(scene.connection, scene.conversation_id).await?;
    let conversation: ConversationId = scene.conversation_id.clone();
    Ok(Shown { customer: scene.customer.id.clone(), conversation, person })
}

/// This chat is a customer's from now on.
async fn become_customer(scene: &mut Scene<'_>, id: &CustomerId) -> Result<(), sqlx::Error> {
    let customer: Option<Customer> = store::customers::load(scene.connection, id).await?;
    if let Some(customer) = customer {
        *scene.customer = customer;
    }
    Ok(())
}

async fn note(
    scene: &mut Scene<'_>,
    name: &'static str,
    customer: &CustomerId,
    payload: serde_json::Value,
) -> Result<(), sqlx::Error> {
    let event = store::audit::Event { name, entity: "customer", id: customer.as_str(), payload, by: None };
    store::audit::insert(scene.connection, scene.clock, event, scene.now).await
}
