//! The person: language, what is remembered of them, forgetting them, and handing over to a person of the shop.

use chrono::Duration;

use crate::dialogue::conversation::Mode;
use crate::dialogue::effect::{Effect, Outcome};
use crate::dialogue::value::Value;
use crate::domain::customer::Language;
use crate::domain::ids::ConversationId;
use crate::pipeline::work::Work;
use crate::store;

use super::rings::ringing;
use super::{Scene, Signal};

/// Hours for which a person of the shop has the word, unless it is given back before. WhatsApp takes messages of the shop
/// for 24 hours after the customer's last one, and the end of the silence has to be said within them.
const HUMAN_HOURS: i64 = 23;

/// Carries out `language.*`, `customer.*` and `human.*`.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn run(scene: &mut Scene<'_>, effect: &Effect) -> Result<Outcome, sqlx::Error> {
    match effect.name.as_str() {
        "language.set" => set_language(scene, effect).await,
        "customer.save" => Ok(save(scene, effect)),
        "customer.data" => data(scene).await,
        "customer.forget" => forget(scene).await,
        // The file is written when it is sent; the turn puts it to the words that speak of it.
        "customer.file" => Ok(Outcome::new("ok")),
        "human.call" => call(scene, effect).await,
        "human.release" => {
            scene.conversation.mode = Mode::Bot;
            Ok(Outcome::new("ok"))
        }
        "human.answer" => answer(scene, effect).await,
        "human.hand_back" => hand_back(scene, effect).await,
        _ => Err(super::unknown(effect)),
    }
}

async fn set_language(scene: &mut Scene<'_>, effect: &Effect) -> Result<Outcome, sqlx::Error> {
    // A word may come with its set: `language.en`.
    let word = effect.arg("language").raw();
    if let Some(language) = Language::parse(&word) {
        scene.conversation.language = language;
        scene.conversation.language_chosen = true;
        store::customers::set_language(scene.connection, &scene.customer.id, language, scene.now).await?;
    }
    Ok(Outcome::new("ok"))
}

fn save(scene: &mut Scene<'_>, effect: &Effect) -> Outcome {
    let given = |name: &str| effect.arg(name).as_text().filter(|text| !text.is_empty()).map(str::to_owned);
    let customer = &mut *scene.customer;
    customer.name = given("name").or(customer.name.take());
    customer.phone = given("phone").or(customer.phone.take());
    customer.address = given("address").or(customer.address.take());
    customer.city = given("city").or(customer.city.take());
    Outcome::new("saved")
}

async fn data(scene: &mut Scene<'_>) -> Result<Outcome, sqlx::Error> {
    let known = store::customers::known(scene.connection, &scene.customer.id).await?;
    let joined = i64::from(store::join::last(scene.connection, &scene.customer.id).await?.is_some());
    let customer = &scene.customer;
    Ok(Outcome::new("ok")
        .with("joined", joined)
        .with("name", customer.name.clone())
        .with("phone", customer.phone.clone())
        .with("address", customer.address.clone())
        .with("orders", known.orders)
        .with("messages", known.messages)
        .with("since", known.since))
}

async fn forget(scene: &mut Scene<'_>) -> Result<Outcome, sqlx::Error> {
    if let Some((_, number)) = store::customers::open_order(scene.connection, &scene.customer.id).await? {
        return Ok(Outcome::new("open_orders").with("number", number));
    }
    // What is stored goes at the end of the turn, with what the turn itself has written.
    *scene.cart = crate::domain::cart::Cart::default();
    let customer = &mut *scene.customer;
    (customer.name, customer.phone, customer.address, customer.city) = (None, None, None, None);
    // What waits below the flow that asks may hold a name or an address: there is nothing to come back to but the menu.
    let frames = &mut scene.conversation.frames;
    frames.drain(..frames.len().saturating_sub(1));
    scene.conversation.heard = None;
    scene.conversation.earlier = None;
    let event = store::audit::Event {
        name: "customer:forgotten",
        entity: "customer",
        id: scene.customer.id.as_str(),
        payload: serde_json::json!({}),
        by: None,
    };
    store::audit::insert(scene.connection, scene.clock, event, scene.now).await?;
    Ok(Outcome::new("forgotten"))
}

/// Calls the shop: every staff chat is told, and the dialogue is silent for a while.
async fn call(scene: &mut Scene<'_>, effect: &Effect) -> Result<Outcome, sqlx::Error> {
    let ringing = ringing(scene.connection, &scene.store.id, &scene.customer.id, scene.now).await?;
    scene.signals.extend(ringing.enough);
    if ringing.chats.is_empty() {
        // Whoever is not heard keeps the dialogue, so that nobody waits for an answer that cannot come.
        return Ok(Outcome::new(if ringing.has_staff { "busy" } else { "nobody" }));
    }
    for to in ringing.chats {
        let facts = [
            ("customer".to_owned(), Value::from(scene.customer.name.clone())),
            ("conversation".to_owned(), Value::from(scene.conversation_id.as_str())),
            ("text".to_owned(), effect.arg("text").clone()),
        ];
        let work = Work::Signal { name: "staff.human_wanted".to_owned(), facts: facts.into() };
        let key = format!("wanted:{}:{to}", scene.clock.id());
        scene.signals.push(Signal { to, key, work });
    }
    scene.conversation.mode = Mode::Human { until: scene.now + Duration::hours(HUMAN_HOURS) };
    Ok(Outcome::new("called"))
}

/// Words of the shop for a customer of the same shop.
async fn answer(scene: &mut Scene<'_>, effect: &Effect) -> Result<Outcome, sqlx::Error> {
    let Some(to) = customer_chat(scene, effect).await? else { return Ok(Outcome::new("not_found")) };
    let by = scene.staff.as_ref().map(|staff| staff.id.clone());
    store::questions::answered(scene.connection, &to, by.as_ref(), scene.now).await?;
    let facts = [("text".to_owned(), effect.arg("text").clone())];
    let work = Work::Signal { name: "human.reply".to_owned(), facts: facts.into() };
    let key = format!("reply:{}", scene.clock.id());
    scene.signals.push(Signal { to, key, work });
    Ok(Outcome::new("sent"))
}

async fn hand_back(scene: &mut Scene<'_>, effect: &Effect) -> Result<Outcome, sqlx::Error> {
    let Some(to) = customer_chat(scene, effect).await? else { return Ok(Outcome::new("not_found")) };
    // The mode is set here and not by the flow, so that the shop is never left with a silent bot.
    store::customers::set_bot_mode(scene.connection, &scene.store.id, &to).await?;
    let work = Work::Signal { name: "human.released".to_owned(), facts: Default::default() };
    let key = format!("released:{}", scene.clock.id());
    scene.signals.push(Signal { to, key, work });
    Ok(Outcome::new("ok"))
}

async fn customer_chat(
    scene: &mut Scene<'_>,
    effect: &Effect,
) -> Result<Option<ConversationId>, sqlx::Error> {
    let Some(id) = effect.arg("conversation").as_text().map(ConversationId::from) else { return Ok(None) };
    let known = store::conversations::belongs_to(scene.connection, &id, &scene.store.id).await?;
    Ok(known.then_some(id))
}
