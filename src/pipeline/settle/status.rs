//! The gateway's answer: the pure decision of `domain::payment`, carried out.

use std::collections::BTreeMap;

use chrono::Duration;

use super::{LATE_POLLS_MINUTES, fail, lapse, later, poll_at, problem, still_pending};
use crate::dialogue::event::Event;
use crate::dialogue::value::Value;
use crate::dialogue::world::row;
use crate::domain::ids::{PaymentId, ProductId, VariantId};
use crate::domain::money::Rupiah;
use crate::domain::order::{Order, OrderStatus};
use crate::domain::payment::{
    Decision, GatewayState, GatewayStatus, Goods, OrderStanding, Payment, PaymentStatus, Standing, decide,
    is_reported,
};
use crate::pipeline::effects::moves::{self, By};
use crate::pipeline::effects::{Scene, news};
use crate::store;
use crate::store::orders::Locked as LockedOrder;
use crate::store::payments::{Action, Locked as LockedPayment, NewPayment, NewRefund};
use crate::store::stock::{Cause, Change, Pieces, Shelf};

/// Everything that an answer is about.
struct Case {
    order: LockedOrder,
    payment: LockedPayment,
    shelves: Vec<Shelf>,
    held: Vec<Pieces>,
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
    let goods_matter =
        answer.state == GatewayState::Paid && payment.payment.status != PaymentStatus::Confirmed;
    let (shelves, held) = if goods_matter { look(scene, &order).await? } else { Default::default() };
    let case = Case { order, payment, shelves, held, why: why.to_owned() };
    let standing = Standing {
        payment: case.payment.payment.status,
        amount: case.payment.payment.amount,
        order: order_standing(&case.order),
        goods: goods(&case),
        seen: case.payment.received,
        surplus: case.payment.surplus,
        currency_reported: case.payment.currency_reported,
        disputed: case.payment.disputed,
        asked_after_deadline: why == "expire"
            && case.payment.payment.expires_at.is_none_or(|at| scene.now > at),
    };
    let decision = decide(&standing, answer);
    note(scene, &case, answer, decision).await?;
    carry_out(scene, case, answer, decision).await
}

async fn look(scene: &mut Scene<'_>, order: &LockedOrder) -> Result<(Vec<Shelf>, Vec<Pieces>), sqlx::Error> {
    let products: Vec<ProductId> = order.order.lines.iter().map(|line| line.product.clone()).collect();
    let shelves = store::stock::lock(scene.connection, &scene.store.id, &products).await?;
    let held = store::stock::held(scene.connection, &order.order.id).await?;
    Ok((shelves, held))
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

/// The pieces of an order, summed per product and variant.
fn wanted(order: &Order) -> BTreeMap<(ProductId, Option<VariantId>), u32> {
    let mut wanted = BTreeMap::new();
    for line in &order.lines {
        let sum: &mut u32 = wanted.entry((line.product.clone(), line.variant.clone())).or_default();
        *sum = sum.saturating_add(line.quantity);
    }
    wanted
}

fn goods(case: &Case) -> Goods {
    if !case.held.is_empty() {
        return Goods::Held;
    }
    let free = wanted(&case.order.order).into_iter().all(|((product, variant), quantity)| {
        let shelf = case.shelves.iter().find(|shelf| shelf.product == product);
        shelf.is_some_and(|shelf| shelf.free(variant.as_ref()) >= quantity)
    });
    if free { Goods::Free } else { Goods::Gone }
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
        Decision::Surplus { more } => case.payment.surplus.plus(more).unwrap_or(case.payment.surplus),
        _ => case.payment.surplus,
    };
    let wrong = decision == Decision::WrongCurrency;
    let disputed = case.payment.disputed || decision == Decision::Dispute;
    let received = if wrong || disputed || case.payment.currency_reported {
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
            if case.why == "recheck" { still_pending(scene, &case.order).await } else { Ok(Vec::new()) }
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
            give_back(scene, &case, &case.payment.payment.id, received, "customer_request").await?;
            tell_surplus(scene, &case, received, received).await
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

/// Nothing new. A lapsed payment is asked about a few more times, because a notice of late money may be lost.
async fn nothing(scene: &mut Scene<'_>, case: &Case) -> Result<Vec<Event>, sqlx::Error> {
    let payment = &case.payment.payment;
    if payment.status == PaymentStatus::Expired
        && is_reported(&payment.gateway)
        && case.order.order.status == OrderStatus::Cancelled
        && let Some(deadline) = payment.expires_at
    {
        let next = LATE_POLLS_MINUTES
            .iter()
            .map(|minutes| deadline + Duration::minutes(*minutes))
            .find(|at| *at > scene.now);
        if let Some(at) = next {
            scene.timers.push(("poll".to_owned(), case.order.order.id.to_string(), at));
        }
    }
    if case.why == "recheck" && payment.status != PaymentStatus::Confirmed {
        return still_pending(scene, &case.order).await;
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
        "poll" | "expire" => "system",
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
    store::orders::set_payment(scene.connection, &id, &case.payment.payment.id, now).await?;
    if late {
        let patch = serde_json::json!({ "called_off_by": null, "cancel_reason": null, "review": null });
        store::orders::merge_extra(scene.connection, &id, &patch, now).await?;
    }
    let low = take_out(scene, case).await?;
    let amount = case.payment.payment.amount;
    store::customers::count_order(scene.connection, &case.order.customer, amount, true, now).await?;
    if case.order.customer == scene.customer.id {
        scene.customer.order_count = scene.customer.order_count.saturating_add(1);
    }
    for kind in ["reminder", "expire", "poll", "recheck"] {
        scene.cancelled_timers.push((kind.to_owned(), id.to_string()));
    }
    scene.catalog_changed = true;
    news::tell_staff(scene, "staff.order_paid", Some(&id), id.as_str(), news::facts([])).await?;
    scene.timers.push(("seen".to_owned(), id.to_string(), scene.now + super::SEEN_AFTER));
    if late {
        problem(scene, &case.order, &case.payment, "late-paid", answer.received).await?;
    }
    tell_low(scene, low).await?;
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

/// Turns the holds of an order into a sale, or takes a revived order straight from what is free. Returns the products
/// that have come down to their warning level by it.
async fn take_out(
    scene: &mut Scene<'_>,
    case: &mut Case,
) -> Result<Vec<crate::dialogue::value::Row>, sqlx::Error> {
    let id = case.order.order.id.clone();
    let held = store::stock::commit(scene.connection, &id, scene.now).await?;
    let changes: Vec<Change> = if held.is_empty() {
        // The hold is gone with the deadline. A reservation that begins and ends now keeps its story complete.
        let pieces: Vec<Pieces> = wanted(&case.order.order)
            .into_iter()
            .map(|((product, variant), quantity)| Pieces { product, variant, quantity })
            .collect();
        store::stock::hold(scene.connection, scene.clock, &id, &pieces, scene.now, scene.now).await?;
        store::stock::commit(scene.connection, &id, scene.now).await?
    } else {
        held
    }
    .into_iter()
    .map(|pieces| Change {
        product: pieces.product,
        variant: pieces.variant,
        by: -i64::from(pieces.quantity),
    })
    .collect();
    let before: Vec<i32> = case.shelves.iter().map(|shelf| shelf.stock).collect();
    let cause = Cause { kind: "outbound", reference_type: "order", reference: id.as_str(), reason: "sold" };
    let shelves = &mut case.shelves;
    store::stock::apply(scene.connection, scene.clock, shelves, &changes, cause, scene.now).await?;
    Ok(shelves
        .iter()
        .zip(before)
        .filter(|(shelf, before)| *before > shelf.reorder_level && shelf.stock <= shelf.reorder_level)
        .map(|(shelf, _)| {
            row([
                ("product", shelf.product.as_str().into()),
                ("name", shelf.name.clone().into()),
                ("free", Value::Int(i64::from(shelf.stock.max(0)))),
            ])
        })
        .collect())
}

async fn tell_low(scene: &mut Scene<'_>, low: Vec<crate::dialogue::value::Row>) -> Result<(), sqlx::Error> {
    let Some(first) = low.first() else { return Ok(()) };
    let facts = news::facts([
        ("product", first.get("name").cloned().unwrap_or(Value::None)),
        ("free", first.get("free").cloned().unwrap_or(Value::None)),
        ("products", Value::Rows(low)),
    ]);
    let occasion = scene.clock.id();
    news::tell_staff(scene, "staff.low_stock", None, &occasion, facts).await?;
    Ok(())
}

/// Opens a refund of a payment and notes on the order what is due.
async fn give_back(
    scene: &mut Scene<'_>,
    case: &Case,
    payment: &PaymentId,
    amount: Rupiah,
    reason: &str,
) -> Result<(), sqlx::Error> {
    let order = &case.order.order.id;
    let refund = NewRefund { payment, order, amount, reason, description: None };
    store::payments::insert_refund(scene.connection, scene.clock, &refund, scene.now).await?;
    store::orders::add_refund_due(scene.connection, order, amount, scene.now).await
}

/// Money on top becomes a confirmed payment of its own with an open refund; it never touches stock.
async fn book_surplus(scene: &mut Scene<'_>, case: &Case, more: Rupiah) -> Result<(), sqlx::Error> {
    let total = case.payment.surplus.plus(more).unwrap_or(more);
    let payment = Payment {
        id: PaymentId::from(scene.clock.id()),
        order: case.order.order.id.clone(),
        reference: format!("{}-S{}", case.payment.payment.reference, total.whole()),
        amount: more,
        gateway: case.payment.gateway.clone(),
        status: PaymentStatus::Confirmed,
        qris: None,
        url: None,
        expires_at: None,
    };
    let new = NewPayment { store: &scene.store.id, payment: &payment, gateway: &case.payment.gateway };
    store::payments::insert_surplus(scene.connection, scene.clock, &new, scene.now).await?;
    give_back(scene, case, &payment.id, more, "customer_request").await
}

async fn tell_surplus(
    scene: &mut Scene<'_>,
    case: &Case,
    received: Rupiah,
    surplus: Rupiah,
) -> Result<Vec<Event>, sqlx::Error> {
    problem(scene, &case.order, &case.payment, "surplus", received).await?;
    let occasion = format!("{}:{}", case.payment.payment.id, received.whole());
    let facts = news::facts([("received", received.into()), ("surplus", surplus.into())]);
    let event = news::tell_buyer(scene, &case.order, "payment.surplus", &occasion, facts).await?;
    Ok(event.into_iter().collect())
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
    if case.order.order.status != OrderStatus::Cancelled {
        // Another program took the goods away from under an order that was still open.
        moves::call_off(scene, &case.order, By::System, Some("sold out")).await?;
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
        return Ok(Vec::new());
    }
    let events = lapse(scene, &case.order).await?;
    poll_at(scene, &case.order.order.id, Duration::minutes(LATE_POLLS_MINUTES[0]));
    Ok(events)
}
