//! Joining chats: the same person on two platforms, with one cart and one list of orders.

use chrono::Duration;

use super::{Scene, count, guesses, text};
use crate::dialogue::effect::{Effect, Outcome};
use crate::domain::customer::Customer;
use crate::store;
use crate::store::guesses::Kind;
use crate::store::join::JoinCode;

/// Minutes for which a code is good.
const CODE_MINUTES: i64 = 10;
/// Chats that one customer may have.
const MAX_CHATS: i64 = 10;

/// `customer.join_code`.
pub(super) async fn code(scene: &mut Scene<'_>) -> Result<Outcome, sqlx::Error> {
    let code = store::codes::draw(&scene.clock.secret());
    let expires_at = scene.now + Duration::minutes(CODE_MINUTES);
    store::join::insert_code(scene.connection, &scene.customer.id, &code, expires_at, scene.now).await?;
    Ok(Outcome::new("ok").with("code", code).with("minutes", CODE_MINUTES))
}

/// `customer.join`: this chat goes over to the customer whose code it is.
pub(super) async fn join(scene: &mut Scene<'_>, effect: &Effect) -> Result<Outcome, sqlx::Error> {
    if !guesses::may_try(scene, Kind::Join).await? {
        return Ok(Outcome::new("unknown"));
    }
    let code = text(effect, "code").unwrap_or_default();
    let keep = match store::join::use_code(scene.connection, &scene.store.id, code, scene.now).await? {
        JoinCode::Unknown => {
            guesses::wrong(scene, Kind::Join).await?;
            return Ok(Outcome::new("unknown"));
        }
        JoinCode::Expired => return Ok(Outcome::new("expired")),
        JoinCode::Of(customer) if customer == scene.customer.id => return Ok(Outcome::new("self")),
        JoinCode::Of(customer) => customer,
    };
    let own = store::join::chats(scene.connection, &scene.customer.id).await?;
    if store::join::chats(scene.connection, &keep).await? + own > MAX_CHATS {
        return Ok(Outcome::new("too_many"));
    }
    let gone = scene.customer.id.clone();
    let mut cart = store::carts::load(scene.connection, &keep).await?;
    cart.absorb(std::mem::take(scene.cart));
    store::carts::save(scene.connection, &keep, &cart, scene.now).await?;
    store::join::merge(scene.connection, &keep, &gone, scene.now).await?;
    let event = store::audit::Event {
        name: "customer:joined",
        entity: "customer",
        id: keep.as_str(),
        payload: serde_json::json!({ "joined": gone, "conversation": scene.conversation_id }),
        by: None,
    };
    store::audit::insert(scene.connection, scene.clock, event, scene.now).await?;
    let joined: Option<Customer> = store::customers::load(scene.connection, &keep).await?;
    if let Some(joined) = joined {
        *scene.customer = joined;
    }
    let pieces = usize::try_from(cart.count()).unwrap_or(usize::MAX);
    *scene.cart = cart;
    let known = store::customers::known(scene.connection, &keep).await?;
    Ok(Outcome::new("ok").with("orders", known.orders).with("count", count(pieces)))
}
