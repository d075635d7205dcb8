//! What the shop's people say of money that nobody reports. Each answer is given once, under the lock of the order, and names
//! who gave it: a named person is the evidence that a payment is confirmed by.

use chrono::Duration;

use super::moves::{self, By};
use super::place::set_times;
use super::{Scene, news, text};
use crate::dialogue::effect::{Effect, Outcome};
use crate::dialogue::value::Value;
use crate::domain::ids::OrderId;
use crate::domain::money::Rupiah;
use crate::domain::order::OrderStatus;
use crate::domain::payment::{PaymentStatus, is_reported};
use crate::domain::staff::Staff;
use crate::pipeline::settle::manual;
use crate::store;
use crate::store::orders::Locked as LockedOrder;
use crate::store::payments::Locked as LockedPayment;

/// An order and its payment by the shop's own code, locked, and who asks.
struct Case {
    order: LockedOrder,
    payment: LockedPayment,
    staff: Staff,
}

async fn case(scene: &mut Scene<'_>, effect: &Effect) -> Result<Option<Case>, sqlx::Error> {
    let (Some(id), Some(staff)) = (text(effect, "order").map(OrderId::from), scene.staff.clone()) else {
        return Ok(None);
    };
    let Some(order) = store::orders::lock(scene.connection, &scene.store.id, &id).await? else {
        return Ok(None);
    };
    let Some(last) = store::payments::last_of_order(scene.connection, &id).await? else { return Ok(None) };
    let payment = store::payments::lock(scene.connection, &last.id).await?;
    // What a gateway reports is not a matter of opinion, as long as it can be asked.
    let callable = scene.callable;
    let payment = payment.filter(|payment| !is_reported(&payment.gateway) || !callable(&payment.gateway));
    Ok(payment.map(|payment| Case { order, payment, staff }))
}

fn status_word(status: OrderStatus) -> Value {
    Value::Word(format!("order-status.{}", status.code()))
}

/// Somebody was faster, or this is a second press: who it was, and when.
async fn already(scene: &mut Scene<'_>, case: &Case) -> Result<Outcome, sqlx::Error> {
    let said = store::static_qris::last_said(scene.connection, &case.order.order.id).await?;
    let (by, at) = said.map_or((None, None), |(by, at)| (by, Some(at)));
    let status = status_word(case.order.order.status);
    Ok(Outcome::new("already").with("by", by).with("at", at).with("status", status))
}

/// Notes who said what of the money of an order.
async fn note(
    scene: &mut Scene<'_>,
    case: &Case,
    name: &str,
    payload: serde_json::Value,
) -> Result<(), sqlx::Error> {
    let event = store::audit::Event {
        name,
        entity: "order",
        id: case.order.order.id.as_str(),
        payload,
        by: Some(&case.staff.id),
    };
    store::audit::insert(scene.connection, scene.clock, event, scene.now).await
}

/// `payment.received`.
pub(super) async fn received(scene: &mut Scene<'_>, effect: &Effect) -> Result<Outcome, sqlx::Error> {
    let Some(case) = case(scene, effect).await? else { return Ok(Outcome::new("not_possible")) };
    if matches!(case.payment.payment.status, PaymentStatus::Confirmed | PaymentStatus::Refunded) {
        return already(scene, &case).await;
    }
    let received = match text(effect, "amount") {
        None => Some(case.payment.payment.amount),
        Some(typed) => Rupiah::read(typed).filter(|amount| *amount > Rupiah::ZERO),
    };
    let Some(received) = received else { return Ok(Outcome::new("unreadable")) };
    let (order, asked) = (case.order.order.id.clone(), case.payment.payment.amount);
    note(scene, &case, "payment:received", serde_json::json!({ "received": received, "asked": asked }))
        .await?;
    // The buyer may be the one who presses, for an order of their own: they read the outcome, not the news.
    let _ = manual::said(scene, case.order, case.payment, "staff", received).await?;
    // The shop has seen it: somebody of the shop is who said so.
    scene.timers.retain(|(kind, subject, _)| !(kind == "seen" && subject == order.as_str()));
    let Some(now) = store::orders::lock(scene.connection, &scene.store.id, &order).await? else {
        return Ok(Outcome::new("not_possible"));
    };
    let outcome = if received < asked {
        Outcome::new("short").with("missing", asked.minus(received).unwrap_or_default())
    } else if now.order.status == OrderStatus::Cancelled {
        Outcome::new("unserved")
    } else {
        let surplus = received.minus(asked).ok().filter(|surplus| *surplus > Rupiah::ZERO);
        Outcome::new("ok").with("surplus", surplus)
    };
    Ok(outcome.with("received", received).with("status", status_word(now.order.status)))
}

/// `payment.not_received`.
pub(super) async fn not_received(scene: &mut Scene<'_>, effect: &Effect) -> Result<Outcome, sqlx::Error> {
    let Some(case) = case(scene, effect).await? else { return Ok(Outcome::new("not_possible")) };
    if !case.order.order.status.is_unpaid() {
        return already(scene, &case).await;
    }
    note(scene, &case, "payment:not_received", serde_json::json!({})).await?;
    let payment = &case.payment.payment;
    let _ = news::tell_unpaid(scene, &case.order, payment, "payment.not_received").await?;
    Ok(Outcome::new("ok"))
}

/// `payment.give_up`.
pub(super) async fn give_up(scene: &mut Scene<'_>, effect: &Effect) -> Result<Outcome, sqlx::Error> {
    let Some(case) = case(scene, effect).await? else { return Ok(Outcome::new("not_possible")) };
    if !case.order.order.status.is_unpaid() {
        return already(scene, &case).await;
    }
    note(scene, &case, "payment:given_up", serde_json::json!({})).await?;
    // As when its time runs out: money that comes all the same revives the order.
    moves::call_off(scene, &case.order, By::System, None).await?;
    let id = case.order.order.id.clone();
    news::tell_staff(scene, "staff.order_expired", Some(&id), id.as_str(), news::facts([])).await?;
    let _ = news::tell_buyer(scene, &case.order, "payment.given_up", id.as_str(), news::facts([])).await?;
    Ok(Outcome::new("ok"))
}

/// `payment.wait`.
pub(super) async fn wait(scene: &mut Scene<'_>, effect: &Effect) -> Result<Outcome, sqlx::Error> {
    let Some(case) = case(scene, effect).await? else { return Ok(Outcome::new("not_possible")) };
    if !case.order.order.status.is_unpaid() {
        return already(scene, &case).await;
    }
    let now = scene.now;
    let until = now + Duration::minutes(i64::from(scene.store.hold_minutes));
    let until = case.order.extra.held_until.map_or(until, |before| before.max(until));
    let id = &case.order.order.id;
    let patch = serde_json::json!({ "held_until": until });
    store::orders::merge_extra(scene.connection, id, &patch, now).await?;
    // Deadlines belong to the chat of the buyer, whoever moves them.
    let chat = case.order.extra.conversation.clone().unwrap_or_else(|| scene.conversation_id.clone());
    for (kind, at) in set_times(now, until) {
        store::timers::set(scene.connection, &chat, kind, id.as_str(), at).await?;
    }
    Ok(Outcome::new("ok").with("until", until))
}
