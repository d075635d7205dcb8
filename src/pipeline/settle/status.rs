//! The gateway's answer: the pure decision of `domain::payment`, carried out.

use super::money::{book_surplus, give_back, second, tell_surplus};
use super::{fail, lapse, later, problem, returned, still_pending, unanswered};
use crate::dialogue::event::Event;
use crate::domain::money::Rupiah;
use crate::domain::order::OrderStatus;
use crate::domain::payment::{
    Decision, GatewayState, GatewayStatus, OrderStanding, PaymentStatus, Standing, decide,
};
use crate::pipeline::effects::moves::{self, By};
use crate::pipeline::effects::payment::{first_look, next_look};
use crate::pipeline::effects::sale::{self, Look};
use crate::pipeline::effects::{Scene, news};
use crate::store;
use crate::store::orders::Locked as LockedOrder;
use crate::store::payments::{Action, Locked as LockedPayment};

/// Everything that an answer is about.
pub(super) struct Case {
    pub(super) order: LockedOrder,
    pub(super) payment: LockedPayment,
    look: Look,
    why: String,
}

/// Takes an answer of the gateway in.
pub(super) async fn answered(
    scene: &mut Scene<'_>,
    order: LockedOrder,
    payment: LockedPayment,
    why: &str,
    answer: &GatewayStatus,
) -> Result<Vec<Event>, sqlx::Error> {
    if !is_own(scene, &payment, answer).await? {
        return foreign(scene, &order, &payment, why).await;
    }
    let goods_matter =
        answer.state == GatewayState::Paid && payment.payment.status != PaymentStatus::Confirmed;
    let look = if goods_matter { sale::look(scene, &order.order).await? } else { Look::default() };
    let case = Case { order, payment, look, why: why.to_owned() };
    let standing = Standing {
        payment: case.payment.payment.status,
        amount: case.payment.payment.amount,
        order: order_standing(&case.order),
        goods: case.look.goods(&case.order.order),
        seen: case.payment.payment.received,
        surplus: case.payment.surplus,
        currency_reported: case.payment.currency_reported,
        disputed: case.payment.disputed,
        asked_after_deadline: why == "expire"
            && case.payment.payment.expires_at.is_none_or(|at| scene.now > at),
    };
    // What has been taken out to be sent back is not there for the order any more.
    let there = GatewayStatus {
        received: answer.received.minus(case.payment.returned).unwrap_or_default(),
        ..answer.clone()
    };
    let there = without_what_went_back(&case.payment, there);
    let decision = decide(&standing, &there);
    note(scene, &case, answer, decision).await?;
    let (order, payment) = (case.order.order.id.clone(), case.payment.payment.id.clone());
    let mut events = carry_out(scene, case, &there, decision).await?;
    events.extend(returned::book(scene, &order, &payment, &answer.returned).await?);
    Ok(events)
}

/// Whether an answer is about this payment, and what it counts as received is no other payment's money.
async fn is_own(
    scene: &mut Scene<'_>,
    payment: &LockedPayment,
    answer: &GatewayStatus,
) -> Result<bool, sqlx::Error> {
    if !answer.is_about(&payment.payment.reference, payment.external_id.as_deref()) {
        return Ok(false);
    }
    let (id, transactions) = (&payment.payment.id, &answer.transactions);
    store::payments::claim(scene.connection, &payment.gateway, id, transactions, scene.now).await
}

/// An answer about somebody else's money proves nothing: nothing is concluded, and the shop is told once.
async fn foreign(
    scene: &mut Scene<'_>,
    order: &LockedOrder,
    payment: &LockedPayment,
    why: &str,
) -> Result<Vec<Event>, sqlx::Error> {
    tracing::error!(payment.id = %payment.payment.id, "the gateway's answer is about another payment; nothing is concluded");
    problem(scene, order, payment, "foreign", Rupiah::ZERO).await?;
    unanswered(scene, order, payment, why, "the answer is about another payment").await
}

/// Money that has gone back before it was counted pays nothing: the shop sent it back in the company's own pages.
fn without_what_went_back(payment: &LockedPayment, answer: GatewayStatus) -> GatewayStatus {
    let is_counted = matches!(payment.payment.status, PaymentStatus::Confirmed | PaymentStatus::Refunded);
    let gone = answer.gone();
    if is_counted || gone == Rupiah::ZERO || gone < answer.received || answer.state != GatewayState::Paid {
        return answer;
    }
    GatewayStatus { received: Rupiah::ZERO, state: GatewayState::Failed, ..answer }
}

fn order_standing(order: &LockedOrder) -> OrderStanding {
    match order.order.status {
        OrderStatus::Created | OrderStatus::PaymentInitiated => OrderStanding::Unpaid,
        OrderStatus::Cancelled => match order.extra.called_off_by.as_deref() {
            Some("system") => OrderStanding::Lapsed,
            // Called off by a person, or by another program, which has its reasons.
            _ => OrderStanding::CalledOff,
        },
        _ => OrderStanding::Paid,
    }
}

/// Keeps the answer, and of what people have now been told.
async fn note(
    scene: &mut Scene<'_>,
    case: &Case,
    answer: &GatewayStatus,
    decision: Decision,
) -> Result<(), sqlx::Error> {
    let surplus = match decision {
        Decision::Confirm { surplus } | Decision::Revive { surplus } | Decision::Unserved { surplus, .. } => {
            surplus
        }
        Decision::Second { received } => received.minus(case.payment.payment.amount).unwrap_or_default(),
        Decision::Surplus { more } => case.payment.surplus.plus(more).unwrap_or(case.payment.surplus),
        _ => case.payment.surplus,
    };
    let wrong = decision == Decision::WrongCurrency;
    let disputed = case.payment.disputed || decision == Decision::Dispute;
    let is_gone = without_what_went_back(&case.payment, answer.clone()).received == Rupiah::ZERO;
    let received = if wrong || disputed || is_gone || case.payment.currency_reported {
        case.payment.received
    } else {
        answer.received.max(case.payment.received)
    };
    let mut notes = serde_json::json!({ "received": received.whole(), "surplus": surplus.whole() });
    if disputed {
        notes["disputed"] = true.into();
    }
    if wrong {
        notes["wrong_currency"] = answer.currency.clone().into();
    }
    let id = &case.payment.payment.id;
    store::payments::note_received(scene.connection, id, answer, &notes, scene.now).await
}

async fn carry_out(
    scene: &mut Scene<'_>,
    mut case: Case,
    answer: &GatewayStatus,
    decision: Decision,
) -> Result<Vec<Event>, sqlx::Error> {
    match decision {
        Decision::Nothing => nothing(scene, &case).await,
        Decision::Wait => {
            later(scene, &case.order, &case.payment, &case.why);
            if case.why == "recheck" {
                still_pending(scene, &case.order, &case.payment).await
            } else {
                Ok(Vec::new())
            }
        }
        Decision::Confirm { surplus } => confirm(scene, &mut case, answer, surplus, false).await,
        Decision::Revive { surplus } => confirm(scene, &mut case, answer, surplus, true).await,
        Decision::Unserved { called_off, surplus } => {
            unserved(scene, &case, answer, called_off, surplus).await
        }
        Decision::Second { received } => {
            if !confirm_payment(scene, &case, answer).await? {
                return Ok(Vec::new());
            }
            second(scene, &case, received).await
        }
        Decision::Surplus { more } => {
            book_surplus(scene, &case, more).await?;
            tell_surplus(scene, &case, answer.received, more).await
        }
        Decision::Short { received, missing } => short(scene, &case, received, missing).await,
        Decision::WrongCurrency => {
            problem(scene, &case.order, &case.payment, "currency", answer.received).await?;
            review(scene, &case, "wrong_currency").await?;
            if case.payment.payment.status == PaymentStatus::Pending {
                later(scene, &case.order, &case.payment, &case.why);
            }
            Ok(Vec::new())
        }
        Decision::Dispute => {
            problem(scene, &case.order, &case.payment, "disputed", answer.received).await?;
            review(scene, &case, "disputed").await?;
            Ok(Vec::new())
        }
        Decision::Expire => expire(scene, &case).await,
        Decision::Fail => {
            fail(scene, &case.order, &case.payment, serde_json::json!({ "gateway": "failed" })).await
        }
    }
}

/// Nothing new. A payment that has ended unpaid is looked at again later, because a notice of late money may be lost.
async fn nothing(scene: &mut Scene<'_>, case: &Case) -> Result<Vec<Event>, sqlx::Error> {
    let payment = &case.payment.payment;
    if !matches!(payment.status, PaymentStatus::Pending | PaymentStatus::Confirmed | PaymentStatus::Refunded)
    {
        next_look(scene, &case.payment);
    }
    if case.why == "recheck" && payment.status != PaymentStatus::Confirmed {
        return still_pending(scene, &case.order, &case.payment).await;
    }
    Ok(Vec::new())
}

/// Marks the payment as confirmed. False when it is already: then nothing that depends on it may be done.
async fn confirm_payment(
    scene: &mut Scene<'_>,
    case: &Case,
    answer: &GatewayStatus,
) -> Result<bool, sqlx::Error> {
    let source = match case.why.as_str() {
        "notice" | "statement" => "webhook",
        "poll" | "expire" | "sweep" => "system",
        _ => "api",
    };
    let mut details = serde_json::json!({
        "why": case.why, "received": answer.received, "receipts": answer.receipts, "currency": answer.currency,
    });
    if case.why == "staff"
        && let Some(staff) = scene.staff.as_ref()
    {
        // A named person is the evidence where no gateway is.
        details["by"] = staff.id.as_str().into();
    }
    let action = Action { name: "confirmed", source, details };
    let (old, to) = (&case.payment.payment, PaymentStatus::Confirmed);
    let moved = store::payments::move_to(scene.connection, scene.clock, old, to, &action, scene.now).await?;
    if moved {
        let event = store::audit::Event {
            name: "payment:confirmed",
            entity: "payment",
            id: old.id.as_str(),
            payload: serde_json::json!({ "order": old.order, "amount": old.amount }),
            by: None,
        };
        store::audit::insert(scene.connection, scene.clock, event, scene.now).await?;
    }
    Ok(moved)
}

/// The money is there and the goods are too: sold.
async fn confirm(
    scene: &mut Scene<'_>,
    case: &mut Case,
    answer: &GatewayStatus,
    surplus: Rupiah,
    late: bool,
) -> Result<Vec<Event>, sqlx::Error> {
    if !confirm_payment(scene, case, answer).await? {
        return Ok(Vec::new());
    }
    let (id, now) = (case.order.order.id.clone(), scene.now);
    let reason = late.then_some("late payment");
    moves::write(scene, &case.order, OrderStatus::Paid, &By::System, reason).await?;
    let paid_by = &case.payment.payment.id;
    store::orders::set_payment(scene.connection, &id, paid_by, now).await?;
    // Money that came by another code while the goods were gone has been promised back and stays so.
    store::payments::mark_others_surplus(scene.connection, &id, paid_by).await?;
    if late {
        let patch = serde_json::json!({ "called_off_by": null, "cancel_reason": null, "review": null });
        store::orders::merge_extra(scene.connection, &id, &patch, now).await?;
    }
    sale::sell(scene, &case.order.order, std::mem::take(&mut case.look)).await?;
    let amount = case.payment.payment.amount;
    store::customers::count_order(scene.connection, &case.order.customer, amount, true, now).await?;
    if case.order.customer == scene.customer.id {
        scene.customer.order_count = scene.customer.order_count.saturating_add(1);
    }
    for kind in moves::TIMERS {
        scene.cancelled_timers.push((kind.to_owned(), id.to_string()));
    }
    news::tell_staff(scene, "staff.order_paid", Some(&id), id.as_str(), news::facts([])).await?;
    scene.timers.push(("seen".to_owned(), id.to_string(), scene.now + super::SEEN_AFTER));
    if late {
        problem(scene, &case.order, &case.payment, "late-paid", answer.received).await?;
    }
    let name = if late { "payment.late_paid" } else { "payment.paid" };
    let mut events: Vec<Event> =
        news::tell_buyer(scene, &case.order, name, id.as_str(), news::facts([])).await?.into_iter().collect();
    if surplus > Rupiah::ZERO {
        book_surplus(scene, case, surplus).await?;
        problem(scene, &case.order, &case.payment, "over", answer.received).await?;
        let occasion = format!("{}:{}", case.payment.payment.id, answer.received.whole());
        let facts = news::facts([("received", answer.received.into()), ("surplus", surplus.into())]);
        events.extend(news::tell_buyer(scene, &case.order, "payment.over", &occasion, facts).await?);
    }
    Ok(events)
}

async fn review(scene: &mut Scene<'_>, case: &Case, word: &str) -> Result<(), sqlx::Error> {
    let patch = serde_json::json!({ "review": word });
    store::orders::merge_extra(scene.connection, &case.order.order.id, &patch, scene.now).await
}

/// The money is there, the goods are not: the order stays as it is and everything goes back.
async fn unserved(
    scene: &mut Scene<'_>,
    case: &Case,
    answer: &GatewayStatus,
    called_off: bool,
    surplus: Rupiah,
) -> Result<Vec<Event>, sqlx::Error> {
    if !confirm_payment(scene, case, answer).await? {
        return Ok(Vec::new());
    }
    let (order, payment) = (&case.order.order.id, &case.payment.payment.id);
    store::payments::mark_surplus_if_second(scene.connection, order, payment).await?;
    if case.order.order.status != OrderStatus::Cancelled {
        // Another program took the goods away from under an order that was still open.
        moves::call_off(scene, &case.order, By::System, None).await?;
    }
    let (word, reason) =
        if called_off { ("after_cancel", "customer_request") } else { ("late_sold_out", "out_of_stock") };
    review(scene, case, word).await?;
    give_back(scene, case, &case.payment.payment.id, case.payment.payment.amount, reason).await?;
    if surplus > Rupiah::ZERO {
        book_surplus(scene, case, surplus).await?;
    }
    let received = answer.received;
    let id = case.payment.payment.id.to_string();
    let event = if called_off {
        problem(scene, &case.order, &case.payment, "after-cancel", received).await?;
        let facts = news::facts([("received", received.into()), ("surplus", received.into())]);
        news::tell_buyer(scene, &case.order, "payment.surplus", &id, facts).await?
    } else {
        problem(scene, &case.order, &case.payment, "late-sold-out", received).await?;
        let facts = news::facts([("amount", received.into())]);
        news::tell_buyer(scene, &case.order, "payment.late_sold_out", &id, facts).await?
    };
    Ok(event.into_iter().collect())
}

async fn short(
    scene: &mut Scene<'_>,
    case: &Case,
    received: Rupiah,
    missing: Rupiah,
) -> Result<Vec<Event>, sqlx::Error> {
    problem(scene, &case.order, &case.payment, "short", received).await?;
    review(scene, case, "short").await?;
    if case.payment.payment.status == PaymentStatus::Pending {
        later(scene, &case.order, &case.payment, &case.why);
    }
    let occasion = format!("{}:{}", case.payment.payment.id, received.whole());
    let facts = news::facts([("received", received.into()), ("missing", missing.into())]);
    let event = news::tell_buyer(scene, &case.order, "payment.short", &occasion, facts).await?;
    Ok(event.into_iter().collect())
}

/// The time is over and the gateway says that nothing came.
async fn expire(scene: &mut Scene<'_>, case: &Case) -> Result<Vec<Event>, sqlx::Error> {
    if !case.order.order.status.is_unpaid() {
        let action = Action { name: "expired", source: "system", details: serde_json::Value::Null };
        let (old, to) = (&case.payment.payment, PaymentStatus::Expired);
        store::payments::move_to(scene.connection, scene.clock, old, to, &action, scene.now).await?;
        first_look(scene, &case.payment);
        return Ok(Vec::new());
    }
    lapse(scene, &case.order).await
}
