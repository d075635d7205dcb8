//! Talking to a person: the customer asks for one, the shop answers and hands back.

use chrono::Duration;

use super::{Scene, news, text};
use crate::dialogue::conversation::Mode;
use crate::dialogue::effect::{Effect, Outcome};
use crate::domain::ids::ConversationId;
use crate::store;

/// For how long the dialogue is silent after somebody asked for a person, or a person answered.
const HUMAN_FOR: Duration = Duration::hours(24);

/// `human.call`.
pub(super) async fn call(scene: &mut Scene<'_>, effect: &Effect) -> Result<Outcome, sqlx::Error> {
    let facts = news::facts([
        ("customer", scene.customer.name.clone().into()),
        ("conversation", scene.conversation_id.as_str().into()),
        ("text", text(effect, "text").map(str::to_owned).into()),
    ]);
    let occasion = scene.clock.id();
    if !news::tell_staff(scene, "staff.human_wanted", None, &occasion, facts).await? {
        return Ok(Outcome::new("nobody"));
    }
    scene.conversation.mode = Mode::Human { until: scene.now + HUMAN_FOR };
    Ok(Outcome::new("called"))
}

/// `human.release`.
pub(super) fn release(scene: &mut Scene<'_>) -> Outcome {
    scene.conversation.mode = Mode::Bot;
    Outcome::new("ok")
}

/// The chat that an answer goes to: a chat of a customer of this shop.
async fn target(scene: &mut Scene<'_>, effect: &Effect) -> Result<Option<ConversationId>, sqlx::Error> {
    let Some(id) = text(effect, "conversation").map(ConversationId::from) else { return Ok(None) };
    let known = store::customers::has_conversation(scene.connection, &scene.store.id, &id).await?;
    Ok(known.then_some(id))
}

/// `human.answer`.
pub(super) async fn answer(scene: &mut Scene<'_>, effect: &Effect) -> Result<Outcome, sqlx::Error> {
    let Some(to) = target(scene, effect).await? else { return Ok(Outcome::new("not_found")) };
    let Some(words) = text(effect, "text") else { return Ok(Outcome::new("not_found")) };
    let occasion = scene.clock.id();
    news::push(scene, to, "human.reply", &occasion, news::facts([("text", words.into())]));
    Ok(Outcome::new("sent"))
}

/// `human.hand_back`.
pub(super) async fn hand_back(scene: &mut Scene<'_>, effect: &Effect) -> Result<Outcome, sqlx::Error> {
    let Some(to) = target(scene, effect).await? else { return Ok(Outcome::new("not_found")) };
    store::customers::set_bot_mode(scene.connection, &scene.store.id, &to).await?;
    let occasion = scene.clock.id();
    news::push(scene, to, "human.released", &occasion, news::facts([]));
    Ok(Outcome::new("ok"))
}
