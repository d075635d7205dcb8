//! Questions of customers that the shop's data do not answer: to its people, once.

use chrono::Duration;

use super::rings::ringing;
use super::{Scene, news, text, word_arg};
use crate::dialogue::effect::{Effect, Outcome};
use crate::dialogue::understand::normalise;
use crate::dialogue::value::Value;
use crate::store;
use crate::store::questions::NewQuestion;

/// Questions of one chat that may wait for an answer at once.
const MAX_OPEN: i64 = 5;
/// Hours after which a question that nobody answered is passed on again.
const AGAIN_HOURS: i64 = 24;
/// Characters of a question that are kept and compared.
const MAX_CHARS: usize = 500;

/// `shop.ask`.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub(super) async fn ask(scene: &mut Scene<'_>, effect: &Effect) -> Result<Outcome, sqlx::Error> {
    let Some(asked) = text(effect, "text") else { return Ok(Outcome::new("nobody")) };
    let ringing = ringing(scene.connection, &scene.store.id, &scene.customer.id, scene.now).await?;
    if !ringing.has_staff {
        return Ok(Outcome::new("nobody"));
    }
    let asked: String = asked.chars().take(MAX_CHARS).collect();
    let words = normalise(&asked);
    let question = NewQuestion {
        store: &scene.store.id,
        conversation: scene.conversation_id,
        topic: word_arg(effect, "topic").unwrap_or("other"),
        text: &asked,
        words: &words,
    };
    let since = scene.now - Duration::hours(AGAIN_HOURS);
    if !store::questions::ask(scene.connection, &question, MAX_OPEN, since, scene.now).await? {
        return Ok(Outcome::new("again"));
    }
    let facts = news::facts([
        ("customer", Value::from(scene.customer.name.clone())),
        ("conversation", Value::from(scene.conversation_id.as_str())),
        ("text", Value::from(asked)),
    ]);
    let occasion = scene.clock.id();
    // What makes no phone ring is kept with the other questions all the same.
    scene.signals.extend(ringing.enough);
    for to in ringing.chats {
        news::push(scene, to, "staff.question", &occasion, facts.clone());
    }
    Ok(Outcome::new("asked"))
}
