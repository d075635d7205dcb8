//! What a customer sends as a proof of a payment. It is shown to the shop and never believed: where a gateway reports, it is
//! asked; where nobody does, a person of the shop looks.

use super::{Scene, news, payment, static_qris};
use crate::dialogue::event::Event;
use crate::dialogue::value::Value;
use crate::domain::ids::OrderId;
use crate::domain::message::{FileRef, MediaKind, Picture};
use crate::domain::payment::is_reported;
use crate::pipeline::reading::{Purpose, Reading};
use crate::store;
use crate::store::attachments::MAX_BYTES;
use crate::store::orders::Locked;
use crate::store::static_qris::NewProof;

/// Proofs of one order that the shop is shown; whoever sends more is told that the shop has them.
const MAX_PROOFS: i64 = 5;

/// What becomes of a file that a customer sent.
pub(in crate::pipeline) struct Sent {
    /// The order that it is for.
    pub order: OrderId,
    /// What is wanted of its bytes; nothing when they are not fetched.
    pub purpose: Option<Purpose>,
    /// What the customer is told at once.
    pub events: Vec<Event>,
}

/// A customer sent a picture or a document. Nothing when none of their orders waits for its money: then it is a picture like
/// any other.
pub(in crate::pipeline) async fn sent(
    scene: &mut Scene<'_>,
    media: MediaKind,
    file: Option<&FileRef>,
    named: Option<OrderId>,
) -> Result<Option<Sent>, sqlx::Error> {
    if !matches!(media, MediaKind::Image | MediaKind::Document) {
        return Ok(None);
    }
    let (customer, now) = (scene.customer.id.clone(), scene.now);
    let waiting = store::static_qris::waiting_order(scene.connection, &customer, named.as_ref(), now).await?;
    let Some(order) = waiting else { return Ok(None) };
    let Some(locked) = store::orders::lock(scene.connection, &scene.store.id, &order).await? else {
        return Ok(None);
    };
    let Some(last) = store::payments::last_of_order(scene.connection, &order).await? else { return Ok(None) };
    if is_reported(&last.gateway) {
        payment::recheck_order(scene, &locked).await?;
        let events = vec![told("payment.proof_checked", &order, [])];
        return Ok(Some(Sent { order, purpose: Some(Purpose::Keep), events }));
    }
    let so_far = store::static_qris::count_of_order(scene.connection, &order).await?;
    if so_far >= MAX_PROOFS {
        let events = vec![told("payment.proof_received", &order, [("seen", Value::Int(so_far))])];
        return Ok(Some(Sent { order, purpose: None, events }));
    }
    let is_too_large = file
        .and_then(|file| file.size_bytes)
        .is_some_and(|bytes| usize::try_from(bytes).is_ok_and(|bytes| bytes > MAX_BYTES));
    let refused = match file {
        None => Some("not-fetched"),
        Some(_) if is_too_large => Some("too-large"),
        Some(_) => None,
    };
    let Some(word) = refused else {
        let events = vec![told("payment.proof_received", &order, [("seen", Value::Int(0))])];
        return Ok(Some(Sent { order, purpose: Some(Purpose::Proof), events }));
    };
    // Without bytes there is nothing to compare, but the shop hears that somebody says to have paid.
    let occasion = format!("{}:{}", order, scene.clock.id());
    tell_shop(scene, &locked, &occasion, news::facts([("problem", problem(word))])).await?;
    let events = vec![told("payment.proof_unread", &order, [("problem", problem(word))])];
    Ok(Some(Sent { order, purpose: None, events }))
}

fn told<const N: usize>(name: &str, order: &OrderId, facts: [(&str, Value); N]) -> Event {
    let mut facts = news::facts(facts);
    facts.insert("order".to_owned(), order.as_str().into());
    Event::Signal { name: name.to_owned(), facts }
}

fn problem(word: &str) -> Value {
    Value::Word(format!("proof-problem.{word}"))
}

/// Puts the question whether the money is there before the shop's people.
async fn tell_shop(
    scene: &mut Scene<'_>,
    locked: &Locked,
    occasion: &str,
    mut facts: news::Facts,
) -> Result<(), sqlx::Error> {
    facts.insert("why".to_owned(), "proof".into());
    news::tell_staff(scene, "staff.payment_said", Some(&locked.order.id), occasion, facts).await?;
    Ok(())
}

/// The bytes of a file are here, or cannot be had.
pub(in crate::pipeline) async fn fetched(
    scene: &mut Scene<'_>,
    attachment: &str,
    purpose: Purpose,
    hash: Option<&str>,
    reading: &Reading,
) -> Result<Vec<Event>, sqlx::Error> {
    match purpose {
        Purpose::Keep | Purpose::Show | Purpose::Answer { .. } => Ok(Vec::new()),
        Purpose::Code => static_qris::code_read(scene, attachment, reading).await,
        Purpose::Proof => compare(scene, attachment, hash, reading).await,
    }
}

/// Compares a proof with those of other orders, and shows it to the shop.
async fn compare(
    scene: &mut Scene<'_>,
    attachment: &str,
    hash: Option<&str>,
    reading: &Reading,
) -> Result<Vec<Event>, sqlx::Error> {
    let order = store::static_qris::order_of_attachment(scene.connection, attachment).await?;
    let Some(order) = order else { return Ok(Vec::new()) };
    let Some(locked) = store::orders::lock(scene.connection, &scene.store.id, &order).await? else {
        return Ok(Vec::new());
    };
    let picture_hash = match reading {
        Reading::Picture { picture_hash, .. } => Some(*picture_hash),
        _ => None,
    };
    let new = NewProof { attachment, store: &scene.store.id, order: &order, hash, picture_hash };
    let alike = store::static_qris::alike(scene.connection, &new, scene.now).await?;
    if !store::static_qris::insert_proof(scene.connection, &new, scene.now).await? || locked.paid_at.is_some()
    {
        return Ok(Vec::new());
    }
    let unread = match reading {
        Reading::Picture { .. } => None,
        Reading::Document => Some("document"),
        Reading::Unknown => Some("no-picture"),
        Reading::TooLarge => Some("too-large"),
        Reading::Nothing => Some("not-fetched"),
    };
    let mut facts = news::facts([]);
    match unread {
        None => drop(facts.insert("picture".to_owned(), Picture::kept_path(attachment).into())),
        Some(word) => drop(facts.insert("problem".to_owned(), problem(word))),
    }
    if let Some(other) = alike {
        let name = if other.is_same { "same" } else { "alike" };
        facts.insert(name.to_owned(), other.number.into());
    }
    tell_shop(scene, &locked, attachment, facts).await?;
    Ok(unread
        .map(|word| told("payment.proof_unread", &order, [("problem", problem(word))]))
        .into_iter()
        .collect())
}
