//! Moves of an order by people: each locks the order, happens once, and leaves history, audit and news behind.

use super::{Scene, news, text, word_arg};
use crate::dialogue::effect::{Effect, Outcome};
use crate::dialogue::value::Value;
use crate::domain::ids::OrderId;
use crate::domain::money::Rupiah;
use crate::domain::order::{Actor, OrderStatus};
use crate::domain::payment::PaymentStatus;
use crate::domain::staff::Staff;
use crate::pipeline::settle::unheard::LET_GO;
use crate::store;
use crate::store::orders::Locked;
use crate::store::payments::Action;
use crate::store::refunds::{NewRefund, Stage};
use crate::store::stock::{Cause, Change};

/// The deadlines of an order that waits for its money.
pub(in crate::pipeline) const TIMERS: [&str; 5] = ["reminder", "expire", "poll", "recheck", LET_GO];

/// Who moves an order.
#[derive(Debug, Clone)]
pub(in crate::pipeline) enum By {
    /// The buyer.
    Customer,
    /// A member of staff.
    Staff(Staff),
    /// The server.
    System,
}

impl By {
    fn column(&self) -> &str {
        match self {
            By::Customer => "customer",
            By::Staff(staff) => staff.id.as_str(),
            By::System => "system",
        }
    }

    fn word(&self) -> &'static str {
        match self {
            By::Customer => "customer",
            By::Staff(_) => "staff",
            By::System => "system",
        }
    }
}

/// Writes a move: status, time, history and audit.
pub(in crate::pipeline) async fn write(
    scene: &mut Scene<'_>,
    locked: &Locked,
    to: OrderStatus,
    by: &By,
    reason: Option<&str>,
) -> Result<(), sqlx::Error> {
    let (order, now) = (&locked.order, scene.now);
    store::orders::set_status(scene.connection, scene.clock, order, to, by.column(), reason, now).await?;
    let event = store::audit::Event {
        name: &format!("order:{}", to.code()),
        entity: "order",
        id: order.id.as_str(),
        payload: serde_json::json!({ "from": order.status.code(), "by": by.word() }),
        by: match by {
            By::Staff(staff) => Some(&staff.id),
            _ => None,
        },
    };
    store::audit::insert(scene.connection, scene.clock, event, now).await
}

/// Ends an order without a sale: what it holds is let go, what it took comes back, an open payment is called off, and
/// money that is there becomes a refund. Returns what must go back to the customer.
pub(in crate::pipeline) async fn call_off(
    scene: &mut Scene<'_>,
    locked: &Locked,
    by: By,
    reason: Option<&str>,
) -> Result<Rupiah, sqlx::Error> {
    let (order, now) = (&locked.order, scene.now);
    store::stock::release(scene.connection, &order.id, now).await?;
    give_back(scene, &order.id).await?;
    let refund_due = settle_payment(scene, locked, &by).await?;
    write(scene, locked, OrderStatus::Cancelled, &by, reason).await?;
    let patch = serde_json::json!({ "cancel_reason": reason, "called_off_by": by.word() });
    store::orders::merge_extra(scene.connection, &order.id, &patch, now).await?;
    for kind in TIMERS {
        scene.cancelled_timers.push((kind.to_owned(), order.id.as_str().to_owned()));
    }
    scene.catalog_changed = true;
    Ok(refund_due)
}

/// Brings what an order took out of stock back into it.
async fn give_back(scene: &mut Scene<'_>, order: &OrderId) -> Result<(), sqlx::Error> {
    let taken = store::stock::taken(scene.connection, order).await?;
    if taken.is_empty() {
        return Ok(());
    }
    let products: Vec<_> = taken.iter().map(|pieces| pieces.product.clone()).collect();
    let mut shelves = store::stock::lock(scene.connection, &scene.store.id, &products).await?;
    let changes: Vec<Change> = taken
        .into_iter()
        .map(|pieces| Change {
            product: pieces.product,
            variant: pieces.variant,
            by: i64::from(pieces.quantity),
        })
        .collect();
    let cause = Cause {
        kind: "return",
        reference_type: "order",
        reference: order.as_str(),
        reason: "order cancelled",
    };
    store::stock::apply(scene.connection, scene.clock, &mut shelves, &changes, cause, scene.now).await
}

/// What becomes of the money of an order that is called off.
async fn settle_payment(scene: &mut Scene<'_>, locked: &Locked, by: &By) -> Result<Rupiah, sqlx::Error> {
    let (order, now) = (&locked.order, scene.now);
    if let Some(pending) = store::payments::lock_pending(scene.connection, &order.id).await? {
        let to = if matches!(by, By::System) { PaymentStatus::Expired } else { PaymentStatus::Cancelled };
        let action =
            Action { name: to.code(), source: "system", details: serde_json::json!({ "by": by.word() }) };
        store::payments::move_to(scene.connection, scene.clock, &pending.payment, to, &action, now).await?;
        super::payment::call_charge_off(scene, &pending);
    }
    if locked.paid_at.is_none() {
        // A part that came is not promised back by itself: the rest may be on its way, and then the order lives again.
        let short = store::payments::lock_short(scene.connection, &order.id).await?;
        return Ok(sum(short.iter().map(|payment| payment.payment.received)));
    }
    for money in store::refunds::received_of(scene.connection, &order.id).await? {
        if money.left == Rupiah::ZERO {
            continue;
        }
        let refund = NewRefund {
            payment: &money.payment,
            order: &order.id,
            amount: money.left,
            reason: "customer_request",
            description: Some("the shop cancelled a paid order"),
        };
        store::refunds::promise(scene.connection, scene.clock, &refund, now).await?;
    }
    store::customers::count_order(scene.connection, &locked.customer, order.totals.total, false, now).await?;
    if locked.customer == scene.customer.id {
        scene.customer.order_count = scene.customer.order_count.saturating_sub(1);
    }
    // With what had been promised before, for money on top of the price, as far as it is not on its way.
    let pending = store::refunds::pending_of(scene.connection, &order.id).await?;
    Ok(sum(pending.iter().filter(|refund| refund.stage != Stage::Asked).map(|refund| refund.amount)))
}

fn sum(amounts: impl Iterator<Item = Rupiah>) -> Rupiah {
    amounts.fold(Rupiah::ZERO, |sum, amount| sum.plus(amount).unwrap_or(sum))
}

/// An order of the shop, locked.
async fn shop_order(scene: &mut Scene<'_>, effect: &Effect) -> Result<Option<Locked>, sqlx::Error> {
    let Some(id) = text(effect, "order").map(OrderId::from) else { return Ok(None) };
    store::orders::lock(scene.connection, &scene.store.id, &id).await
}

fn status_word(status: OrderStatus) -> Value {
    Value::Word(format!("order-status.{}", status.code()))
}

fn not_possible(status: OrderStatus) -> Outcome {
    Outcome::new("not_possible").with("status", status_word(status))
}

/// Somebody was faster, or this is a second press: who did it, and when.
async fn already(scene: &mut Scene<'_>, locked: &Locked, step: OrderStatus) -> Result<Outcome, sqlx::Error> {
    let last = store::orders::last_move(scene.connection, &locked.order.id, step).await?;
    let (by, at) = last.map_or((None, None), |(by, at)| (by, Some(at)));
    Ok(Outcome::new("already").with("by", by).with("at", at).with("status", status_word(locked.order.status)))
}

fn me(scene: &Scene<'_>) -> Option<Staff> {
    scene.staff.clone()
}

/// Tells the buyer and the other staff chats of a move.
async fn announce(
    scene: &mut Scene<'_>,
    locked: &Locked,
    staff: &Staff,
    to_buyer: (&str, news::Facts),
    status: &str,
) -> Result<(), sqlx::Error> {
    let occasion = format!("{}:{status}", locked.order.id);
    let (name, facts) = to_buyer;
    // A buyer who works for the shop and moves their own order reads the outcome, not the news.
    let _ = news::tell_buyer(scene, locked, name, &occasion, facts).await?;
    let facts = news::facts([
        ("by", staff.name.clone().into()),
        ("status", Value::Word(format!("order-status.{status}"))),
    ]);
    news::tell_staff(scene, "staff.order_moved", Some(&locked.order.id), &occasion, facts).await?;
    Ok(())
}

/// `order.accept`.
pub(super) async fn accept(scene: &mut Scene<'_>, effect: &Effect) -> Result<Outcome, sqlx::Error> {
    let (Some(locked), Some(staff)) = (shop_order(scene, effect).await?, me(scene)) else {
        return Ok(Outcome::new("not_possible"));
    };
    let status = locked.order.status;
    if let Some(by) = locked.extra.accepted_by.clone() {
        return Ok(Outcome::new("already")
            .with("by", by)
            .with("at", locked.extra.accepted_at)
            .with("status", status_word(status)));
    }
    if status != OrderStatus::Paid {
        return Ok(not_possible(status));
    }
    let patch = serde_json::json!({ "accepted_by": staff.name, "accepted_at": scene.now });
    store::orders::merge_extra(scene.connection, &locked.order.id, &patch, scene.now).await?;
    let event = store::audit::Event {
        name: "order:accepted",
        entity: "order",
        id: locked.order.id.as_str(),
        payload: serde_json::json!({}),
        by: Some(&staff.id),
    };
    store::audit::insert(scene.connection, scene.clock, event, scene.now).await?;
    let facts = news::facts([("by", staff.name.clone().into())]);
    announce(scene, &locked, &staff, ("order.accepted", facts), "accepted").await?;
    Ok(Outcome::new("ok").with("by", staff.name).with("at", scene.now).with("status", status_word(status)))
}

/// `order.move`.
pub(super) async fn advance(scene: &mut Scene<'_>, effect: &Effect) -> Result<Outcome, sqlx::Error> {
    let to = word_arg(effect, "to").and_then(OrderStatus::parse);
    let (Some(locked), Some(staff), Some(to)) = (shop_order(scene, effect).await?, me(scene), to) else {
        return Ok(Outcome::new("not_possible"));
    };
    let (status, id) = (locked.order.status, locked.order.id.clone());
    if passed(status, to) {
        return already(scene, &locked, to).await;
    }
    if to == OrderStatus::Cancelled || !status.may_move(to, Actor::Staff) {
        return Ok(not_possible(status));
    }
    if to == OrderStatus::Shipped {
        let (courier, tracking) = (text(effect, "courier"), text(effect, "tracking"));
        store::orders::set_shipment(scene.connection, &id, tracking, scene.now).await?;
        if let Some(courier) = courier {
            let patch = serde_json::json!({ "courier": courier });
            store::orders::merge_extra(scene.connection, &id, &patch, scene.now).await?;
        }
    }
    write(scene, &locked, to, &By::Staff(staff.clone()), None).await?;
    let name = format!("order.{}", to.code());
    announce(scene, &locked, &staff, (&name, news::facts([])), to.code()).await?;
    Ok(Outcome::new("ok").with("by", staff.name).with("at", scene.now).with("status", status_word(to)))
}

/// Whether an order that goes on has been at a step, or past it, already.
fn passed(status: OrderStatus, step: OrderStatus) -> bool {
    use OrderStatus::{Completed, Delivered, Packed, Paid, Shipped};
    let path = [Paid, Packed, Shipped, Delivered, Completed];
    let place = |status| path.iter().position(|step| *step == status);
    matches!((place(status), place(step)), (Some(at), Some(step)) if at >= step)
}

/// Calls an order off by word of a member of staff and tells everybody. Returns what must go back to the customer.
pub(super) async fn end(
    scene: &mut Scene<'_>,
    locked: &Locked,
    staff: &Staff,
    reason: Option<&str>,
) -> Result<Rupiah, sqlx::Error> {
    let refund = call_off(scene, locked, By::Staff(staff.clone()), reason).await?;
    let due = Some(refund).filter(|refund| *refund > Rupiah::ZERO);
    let facts = news::facts([("reason", reason.map(str::to_owned).into()), ("due", due.into())]);
    let word = OrderStatus::Cancelled.code();
    announce(scene, locked, staff, ("order.cancelled_by_store", facts), word).await?;
    Ok(refund)
}

/// `order.cancel_by_staff`.
pub(super) async fn cancel(scene: &mut Scene<'_>, effect: &Effect) -> Result<Outcome, sqlx::Error> {
    let (Some(locked), Some(staff)) = (shop_order(scene, effect).await?, me(scene)) else {
        return Ok(Outcome::new("not_possible"));
    };
    let status = locked.order.status;
    if status == OrderStatus::Cancelled {
        return already(scene, &locked, status).await;
    }
    if !status.may_move(OrderStatus::Cancelled, Actor::Staff) {
        return Ok(not_possible(status));
    }
    let reason = text(effect, "reason").unwrap_or_default().to_owned();
    let refund = end(scene, &locked, &staff, Some(&reason)).await?;
    Ok(Outcome::new("ok")
        .with("by", staff.name)
        .with("at", scene.now)
        .with("status", status_word(OrderStatus::Cancelled))
        .with("refund_due", if refund > Rupiah::ZERO { refund.into() } else { Value::None }))
}
