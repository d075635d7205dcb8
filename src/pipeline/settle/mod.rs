//! Rows about money and deadlines: the bookkeeping first, then what the conversation has to be told.
//!
//! A notice leads to a question, a deadline leads to a question, and only the gateway's answer decides (`status`).

pub(in crate::pipeline) mod manual;
mod money;
mod refund;
mod returned;
mod status;
pub(in crate::pipeline) mod unheard;

use chrono::Duration;

use super::effects::moves::{self, By};
use super::effects::payment::{MIN_POLL, ask, charge_ref, first_look, next_look};
use super::effects::{Scene, news};
use super::work::{Call, Work};
use crate::channels::registry;
use crate::dialogue::event::Event;
use crate::dialogue::value::Value;
use crate::domain::ids::{OrderId, PaymentId};
use crate::domain::money::Rupiah;
use crate::domain::payment::{PaymentStatus, is_reported, next_ask_seconds, next_poll_seconds};
use crate::payments::Charge;
use crate::store;
use crate::store::orders::Locked as LockedOrder;
use crate::store::payments::{Action, Locked as LockedPayment};

/// When the news of a payment has reached nobody of the shop after this long, the buyer is told.
const SEEN_AFTER: Duration = Duration::minutes(2);

/// Does the bookkeeping of a row about money or a deadline. Returns what this conversation has to be told.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn settle(scene: &mut Scene<'_>, work: &Work) -> Result<Vec<Event>, sqlx::Error> {
    match work {
        Work::Notice { gateway, log, reference } => notice(scene, gateway, log, reference).await,
        Work::Charged { payment, result } => charged(scene, payment, result).await,
        Work::Status { payment, why, result } => {
            let Some((order, payment)) = lock_both(scene, payment).await? else { return Ok(Vec::new()) };
            match result {
                Ok(answer) => status::answered(scene, order, payment, why, answer).await,
                Err(reason) => unanswered(scene, &order, &payment, why, reason).await,
            }
        }
        Work::Sweep { payment } => {
            if let Some((order, payment)) = lock_both(scene, payment).await? {
                ask(scene, &payment, "sweep").await?;
                refund::ask(scene, &order.order.id).await?;
            }
            Ok(Vec::new())
        }
        Work::CancelRefused { payment } => {
            // It may not be called off any more, perhaps because it is paid.
            if let Some((_, payment)) = lock_both(scene, payment).await? {
                ask(scene, &payment, "cancel").await?;
            }
            Ok(Vec::new())
        }
        Work::Refunded { refund, result } => refund::answered(scene, refund, result).await,
        Work::Statement { payment, log, amount } => {
            let Some((order, payment)) = lock_both(scene, payment).await? else { return Ok(Vec::new()) };
            manual::stated(scene, order, payment, log, *amount).await
        }
        Work::OrderTimer { kind, order } => timer(scene, kind, order).await,
        Work::Inbound { .. }
        | Work::Signal { .. }
        | Work::StateTimer { .. }
        | Work::Echo { .. }
        | Work::Undelivered { .. }
        | Work::Forward { .. }
        | Work::Fetched { .. } => Ok(Vec::new()),
    }
}

/// Locks an order and then its payment; nothing when they are not of this shop.
async fn lock_both(
    scene: &mut Scene<'_>,
    payment: &PaymentId,
) -> Result<Option<(LockedOrder, LockedPayment)>, sqlx::Error> {
    let Some(order) = store::payments::order_of(scene.connection, payment).await? else { return Ok(None) };
    let Some(order) = store::orders::lock(scene.connection, &scene.store.id, &order).await? else {
        return Ok(None);
    };
    let payment = store::payments::lock(scene.connection, payment).await?;
    Ok(payment.map(|payment| (order, payment)))
}

async fn notice(
    scene: &mut Scene<'_>,
    gateway: &str,
    log: &str,
    reference: &str,
) -> Result<Vec<Event>, sqlx::Error> {
    let found = store::payments::lock_reference(scene.connection, gateway, reference).await?;
    let error = if found.is_some() { None } else { Some("no payment of ours") };
    if let Some(payment) = found {
        store::payments::note_notice(scene.connection, &payment.payment.id, scene.now).await?;
        ask(scene, &payment, "notice").await?;
        refund::ask(scene, &payment.payment.order).await?;
    }
    store::webhook_logs::mark_processed(scene.connection, log, error, scene.now).await?;
    Ok(Vec::new())
}

/// The one place that looks at a code before it is shown.
fn check_code(charge: &Charge, payment: &LockedPayment) -> Result<(), String> {
    crate::payments::qris::check_dynamic(&charge.qris, payment.payment.amount)
        .map_err(|error| format!("the gateway's code is not right: {error}"))
}

async fn charged(
    scene: &mut Scene<'_>,
    payment: &PaymentId,
    result: &Result<Charge, String>,
) -> Result<Vec<Event>, sqlx::Error> {
    let Some((order, payment)) = lock_both(scene, payment).await? else { return Ok(Vec::new()) };
    let checked = match result {
        Ok(charge) => check_code(charge, &payment).map(|()| charge),
        Err(reason) => Err(reason.clone()),
    };
    let (id, now) = (payment.payment.id.clone(), scene.now);
    match checked {
        Ok(charge) => {
            let shown = (charge.qris.as_str(), charge.url.as_deref());
            let (external_id, account) = (&charge.external_id, charge.account.as_deref());
            store::payments::set_charge(scene.connection, &id, external_id, shown, account, now).await?;
            show(scene, &order, &payment).await
        }
        Err(reason) => {
            store::payments::attempt(scene.connection, &id, Some(&reason), now).await?;
            fail(scene, &order, &payment, serde_json::json!({ "reason": reason })).await
        }
    }
}

/// A code is there: the order waits for its money from now on, and the gateway is asked now and then.
async fn show(
    scene: &mut Scene<'_>,
    order: &LockedOrder,
    payment: &LockedPayment,
) -> Result<Vec<Event>, sqlx::Error> {
    if payment.payment.status != PaymentStatus::Pending {
        // It was called off, or even paid, while the gateway was making it.
        if payment.payment.status != PaymentStatus::Confirmed {
            scene.calls.push(Call::Cancel {
                payment: payment.payment.id.clone(),
                gateway: payment.gateway.clone(),
                charge: charge_ref(payment),
            });
        }
        return Ok(Vec::new());
    }
    let to = crate::domain::order::OrderStatus::PaymentInitiated;
    if order.order.status == crate::domain::order::OrderStatus::Created {
        moves::write(scene, order, to, &By::System, None).await?;
    }
    if is_reported(&payment.gateway) {
        poll_at(scene, &order.order.id, Duration::seconds(next_poll_seconds(0)));
    }
    let occasion = payment.payment.id.to_string();
    let event = news::tell_buyer(scene, order, "payment.ready", &occasion, news::facts([])).await?;
    Ok(event.into_iter().collect())
}

/// The charge cannot be made or paid: the order keeps its hold, and the customer may ask for another code.
async fn fail(
    scene: &mut Scene<'_>,
    order: &LockedOrder,
    payment: &LockedPayment,
    details: serde_json::Value,
) -> Result<Vec<Event>, sqlx::Error> {
    let action = Action { name: "failed", source: "api", details };
    let to = PaymentStatus::Failed;
    let old = &payment.payment;
    if old.status != PaymentStatus::Pending
        || !store::payments::move_to(scene.connection, scene.clock, old, to, &action, scene.now).await?
    {
        return Ok(Vec::new());
    }
    scene.cancelled_timers.push(("poll".to_owned(), order.order.id.to_string()));
    first_look(scene, payment);
    let occasion = old.id.to_string();
    problem(scene, order, payment, "unavailable", Rupiah::ZERO).await?;
    let event = news::tell_buyer(scene, order, "payment.unavailable", &occasion, news::facts([])).await?;
    Ok(event.into_iter().collect())
}

/// Tells the shop that a payment needs a person. `word` is one of `payment-problem-*`.
async fn problem(
    scene: &mut Scene<'_>,
    order: &LockedOrder,
    payment: &LockedPayment,
    word: &str,
    received: Rupiah,
) -> Result<(), sqlx::Error> {
    let facts = news::facts([
        ("problem", Value::Word(format!("payment-problem.{word}"))),
        ("received", received.into()),
        ("due", due(scene, &order.order.id).await?),
        ("sold_out", Value::Bool(word == "late-sold-out")),
    ]);
    let occasion = format!("{}:{word}:{}", payment.payment.id, received.whole());
    news::tell_staff(scene, "staff.payment_problem", Some(&order.order.id), &occasion, facts).await?;
    Ok(())
}

/// What is promised to go back for an order, where anything is.
async fn due(scene: &mut Scene<'_>, order: &OrderId) -> Result<Value, sqlx::Error> {
    let pending = store::refunds::pending_of(scene.connection, order).await?;
    let whole: i64 = pending.iter().map(|refund| refund.amount.whole()).sum();
    Ok(Rupiah::new(whole).ok().filter(|due| *due > Rupiah::ZERO).into())
}

/// The gateway could not be asked, and the outbox has given up: nothing is concluded, it is asked again later.
async fn unanswered(
    scene: &mut Scene<'_>,
    order: &LockedOrder,
    payment: &LockedPayment,
    why: &str,
    reason: &str,
) -> Result<Vec<Event>, sqlx::Error> {
    store::payments::attempt(scene.connection, &payment.payment.id, Some(reason), scene.now).await?;
    match payment.payment.status {
        PaymentStatus::Pending => {
            later(scene, order, payment, why);
            if why == "expire" {
                unheard::waits(scene, order, payment).await?;
            }
        }
        PaymentStatus::Confirmed | PaymentStatus::Refunded => {}
        PaymentStatus::Failed | PaymentStatus::Expired | PaymentStatus::Cancelled => {
            next_look(scene, payment)
        }
    }
    if why != "recheck" {
        return Ok(Vec::new());
    }
    still_pending(scene, order, payment).await
}

/// Sets the next question about a pending payment.
fn later(scene: &mut Scene<'_>, order: &LockedOrder, payment: &LockedPayment, why: &str) {
    if !is_reported(&payment.gateway) {
        return;
    }
    if why == "expire" {
        let id = order.order.id.to_string();
        let past = payment.payment.expires_at.map_or(0, |deadline| (scene.now - deadline).num_seconds());
        let wait = Duration::seconds(next_ask_seconds(past));
        scene.timers.push(("expire".to_owned(), id, scene.now + wait));
    } else {
        let age = (scene.now - payment.created_at).num_seconds();
        poll_at(scene, &order.order.id, Duration::seconds(next_poll_seconds(age)).max(MIN_POLL));
    }
}

fn poll_at(scene: &mut Scene<'_>, order: &OrderId, wait: Duration) {
    scene.timers.push(("poll".to_owned(), order.to_string(), scene.now + wait));
}

/// Tells the buyer who asked that the money is not there, or that a part of it is missing.
async fn still_pending(
    scene: &mut Scene<'_>,
    order: &LockedOrder,
    payment: &LockedPayment,
) -> Result<Vec<Event>, sqlx::Error> {
    let event = news::tell_unpaid(scene, order, &payment.payment, "payment.still_pending").await?;
    Ok(event.into_iter().collect())
}

async fn timer(scene: &mut Scene<'_>, kind: &str, order: &OrderId) -> Result<Vec<Event>, sqlx::Error> {
    let locked = store::orders::lock(scene.connection, &scene.store.id, order).await?;
    let Some(locked) = locked else { return Ok(Vec::new()) };
    let unpaid = locked.order.status.is_unpaid();
    match kind {
        "reminder" if unpaid => {
            let occasion = order.to_string();
            let event =
                news::tell_buyer(scene, &locked, "payment.reminder", &occasion, news::facts([])).await?;
            Ok(event.into_iter().collect())
        }
        "expire" if unpaid => match store::payments::lock_pending(scene.connection, order).await? {
            Some(payment) if !is_reported(&payment.gateway) => {
                manual::ask_shop(scene, &locked, &payment).await?;
                Ok(Vec::new())
            }
            Some(payment) if payment.payment.qris.is_some() => {
                unheard::at_deadline(scene, &locked, &payment).await
            }
            // Nobody can have paid what nobody was shown.
            _ => lapse(scene, &locked).await,
        },
        unheard::LET_GO if unpaid => match store::payments::lock_pending(scene.connection, order).await? {
            Some(payment) if is_reported(&payment.gateway) => unheard::let_go(scene, &locked, &payment).await,
            _ => Ok(Vec::new()),
        },
        "refund" => {
            refund::ask(scene, order).await?;
            Ok(Vec::new())
        }
        "seen" => not_seen(scene, &locked).await,
        "poll" | "recheck" if locked.paid_at.is_none() => {
            let last = store::payments::last_of_order(scene.connection, order).await?;
            let payment = match last {
                Some(last) => store::payments::lock(scene.connection, &last.id).await?,
                None => None,
            };
            if let Some(payment) = payment {
                ask(scene, &payment, kind).await?;
            }
            Ok(Vec::new())
        }
        _ => Ok(Vec::new()),
    }
}

/// Some time after its payment: when the news has reached nobody of the shop and nobody has acted, the buyer is told so.
async fn not_seen(scene: &mut Scene<'_>, order: &LockedOrder) -> Result<Vec<Event>, sqlx::Error> {
    let id = &order.order.id;
    let with_reports = registry::with_reports();
    if order.order.status != crate::domain::order::OrderStatus::Paid
        || store::deliveries::has_reached_staff(scene.connection, &scene.store.id, id, &with_reports).await?
    {
        return Ok(Vec::new());
    }
    tracing::error!(order.id = %id, "a paid order has reached nobody of the shop");
    let event = news::tell_buyer(scene, order, "order.not_seen", id.as_str(), news::facts([])).await?;
    Ok(event.into_iter().collect())
}

/// Ends an order whose time is over.
async fn lapse(scene: &mut Scene<'_>, order: &LockedOrder) -> Result<Vec<Event>, sqlx::Error> {
    moves::call_off(scene, order, By::System, None).await?;
    let id = &order.order.id;
    news::tell_staff(scene, "staff.order_expired", Some(id), id.as_str(), news::facts([])).await?;
    let event = news::tell_buyer(scene, order, "order.expired", id.as_str(), news::facts([])).await?;
    Ok(event.into_iter().collect())
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod truth_tests;
