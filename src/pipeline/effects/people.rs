//! The person: language, name and address, what the shop knows of them, and forgetting it.

use super::{Scene, text, word_arg};
use crate::dialogue::effect::{Effect, Outcome};
use crate::domain::cart::Cart;
use crate::domain::customer::Language;
use crate::store;

/// Characters of a name, phone or city that are kept.
const MAX_SHORT_CHARS: usize = 100;
/// Characters of an address that are kept.
const MAX_ADDRESS_CHARS: usize = 500;

/// `language.set`.
pub(super) async fn set_language(scene: &mut Scene<'_>, effect: &Effect) -> Result<Outcome, sqlx::Error> {
    if let Some(language) = word_arg(effect, "language").and_then(Language::parse) {
        scene.conversation.language = language;
        scene.conversation.language_chosen = true;
        scene.conversation.other_language_run = 0;
        store::customers::set_language(scene.connection, &scene.customer.id, language, scene.now).await?;
    }
    Ok(Outcome::new("ok"))
}

/// `customer.save`.
pub(super) fn save(scene: &mut Scene<'_>, effect: &Effect) -> Outcome {
    let given = |name: &str, limit: usize| {
        text(effect, name).map(|text| text.chars().take(limit).collect::<String>())
    };
    let keep = |field: &mut Option<String>, value: Option<String>| {
        if value.is_some() {
            *field = value;
        }
    };
    keep(&mut scene.customer.name, given("name", MAX_SHORT_CHARS));
    keep(&mut scene.customer.phone, given("phone", MAX_SHORT_CHARS));
    keep(&mut scene.customer.address, given("address", MAX_ADDRESS_CHARS));
    keep(&mut scene.customer.city, given("city", MAX_SHORT_CHARS));
    Outcome::new("saved")
}

/// `customer.data`.
pub(super) async fn data(scene: &mut Scene<'_>) -> Result<Outcome, sqlx::Error> {
    let known = store::customers::known(scene.connection, &scene.customer.id).await?;
    Ok(Outcome::new("ok")
        .with("name", scene.customer.name.clone())
        .with("phone", scene.customer.phone.clone())
        .with("address", scene.customer.address.clone())
        .with("orders", known.orders)
        .with("messages", known.messages)
        .with("since", known.since))
}

/// `customer.forget`.
pub(super) async fn forget(scene: &mut Scene<'_>) -> Result<Outcome, sqlx::Error> {
    let id = scene.customer.id.clone();
    if let Some((_, number)) = store::customers::open_order(scene.connection, &id).await? {
        return Ok(Outcome::new("open_orders").with("number", number));
    }
    store::customers::forget(scene.connection, &id, scene.conversation_id, scene.now).await?;
    *scene.cart = Cart::default();
    scene.customer.name = None;
    scene.customer.phone = None;
    scene.customer.address = None;
    scene.customer.city = None;
    let event = store::audit::Event {
        name: "customer:forgotten",
        entity: "customer",
        id: id.as_str(),
        payload: serde_json::json!({}),
        by: None,
    };
    store::audit::insert(scene.connection, scene.clock, event, scene.now).await?;
    Ok(Outcome::new("forgotten"))
}
