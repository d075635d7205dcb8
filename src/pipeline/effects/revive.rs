//! Orders that were paid when their goods were gone: the shop chooses what becomes of them.

use super::moves::{self, By};
use super::sale;
use super::{Scene, exchange, news, text, word_arg};
use crate::dialogue::effect::{Effect, Outcome};
use crate::dialogue::value::Value;
use crate::domain::ids::OrderId;
use crate::domain::order::OrderStatus;
use crate::domain::payment::{Goods, PaymentStatus};
use crate::store;
use crate::store::orders::Locked;
use crate::store::refunds::{End, Stage};

/// The order, when the shop still has to choose what becomes of it.
pub(super) async fn unserved(scene: &mut Scene<'_>, effect: &Effect) -> Result<Option<Locked>, sqlx::Error> {
    let Some(id) = text(effect, "order").map(OrderId::from) else { return Ok(None) };
    let locked = store::orders::lock(scene.connection, &scene.store.id, &id).await?;
    Ok(locked.filter(|locked| locked.order.unserved))
}

/// `order.resolve`.
pub(super) async fn resolve(scene: &mut Scene<'_>, effect: &Effect) -> Result<Outcome, sqlx::Error> {
    let review = match word_arg(effect, "choice") {
        Some("wait") => "waiting",
        Some("replace") => "replacing",
        _ => return Ok(Outcome::new("not_possible")),
    };
    let Some(locked) = unserved(scene, effect).await? else { return Ok(Outcome::new("not_possible")) };
    let id = &locked.order.id;
    let patch = serde_json::json!({ "review": review });
    store::orders::merge_extra(scene.connection, id, &patch, scene.now).await?;
    audit(scene, &locked, &format!("order:{review}"), serde_json::json!({})).await?;
    if review == "waiting" {
        let _ =
            news::tell_buyer(scene, &locked, "payment.waits_for_stock", id.as_str(), news::facts([])).await?;
    }
    let chats = store::customers::conversations(scene.connection, &locked.customer).await?;
    let chat =
        locked.extra.conversation.clone().filter(|chat| chats.contains(chat)).or(chats.first().cloned());
    Ok(Outcome::new("ok")
        .with("conversation", chat.map_or(Value::None, |chat| chat.as_str().into()))
        .with("customer", locked.order.delivery.name.clone()))
}

/// `order.serve`.
pub(super) async fn serve(scene: &mut Scene<'_>, effect: &Effect) -> Result<Outcome, sqlx::Error> {
    let (Some(mut locked), Some(staff)) = (unserved(scene, effect).await?, scene.staff.clone()) else {
        return Ok(Outcome::new("not_possible"));
    };
    let pending = effect.arg("pending");
    let exchange = exchange::agreed(scene, &locked.order, pending);
    if exchange.is_none() && *pending != Value::None {
        return Ok(Outcome::new("changed"));
    }
    let before = locked.order.lines.clone();
    if let Some(exchange) = &exchange {
        locked.order.lines.clone_from(&exchange.lines);
        locked.order.totals = exchange.totals;
    }
    let (id, now) = (locked.order.id.clone(), scene.now);
    let pending = store::refunds::pending_of(scene.connection, &id).await?;
    let received = store::refunds::received_of(scene.connection, &id).await?;
    let paid = store::payments::last_of_order(scene.connection, &id).await?;
    let Some(paid) = paid.filter(|paid| paid.status == PaymentStatus::Confirmed) else {
        return Ok(Outcome::new("not_possible"));
    };
    // Only money that is still here can pay for the goods: all of the payment, promised back and not carried out.
    let gone = received.iter().any(|money| money.payment == paid.id && money.gone.whole() > 0);
    let promises: Vec<_> = pending.iter().filter(|refund| refund.payment == paid.id).collect();
    if gone || promises.iter().any(|refund| refund.stage != Stage::Open) {
        return Ok(Outcome::new("not_possible"));
    }
    let look = sale::look(scene, &locked.order).await?;
    if look.goods(&locked.order) == Goods::Gone {
        return Ok(Outcome::new("sold_out"));
    }
    for refund in promises {
        let end = End::Failed { reason: "withdrawn: the order is served after all" };
        store::refunds::finish(scene.connection, &refund.id, end, now).await?;
    }
    if let Some(exchange) = &exchange {
        exchange::write(scene, &locked.order, exchange, &paid.id).await?;
        let payload = serde_json::json!({ "from": before, "to": exchange.lines });
        audit(scene, &locked, "order:exchanged", payload).await?;
    }
    let reason = if exchange.is_some() { "other goods instead" } else { "the goods are there after all" };
    moves::write(scene, &locked, OrderStatus::Paid, &By::Staff(staff), Some(reason)).await?;
    let patch = serde_json::json!({ "called_off_by": null, "cancel_reason": null, "review": null });
    store::orders::merge_extra(scene.connection, &id, &patch, now).await?;
    sale::sell(scene, &locked.order, look).await?;
    let total = locked.order.totals.total;
    store::customers::count_order(scene.connection, &locked.customer, total, true, now).await?;
    let (name, facts) = match &exchange {
        Some(exchange) => ("payment.exchanged", news::facts([("back", exchange.back())])),
        None => ("payment.late_paid", news::facts([])),
    };
    let _ = news::tell_buyer(scene, &locked, name, &format!("{id}:served"), facts).await?;
    news::tell_staff(scene, "staff.order_paid", Some(&id), &format!("{id}:served"), news::facts([])).await?;
    let back = exchange.map_or(Value::None, |exchange| exchange.back());
    Ok(Outcome::new("ok").with("status", Value::Word("order-status.paid".to_owned())).with("back", back))
}

async fn audit(
    scene: &mut Scene<'_>,
    locked: &Locked,
    name: &str,
    payload: serde_json::Value,
) -> Result<(), sqlx::Error> {
    let by = scene.staff.as_ref().map(|staff| staff.id.clone());
    let event =
        store::audit::Event { name, entity: "order", id: locked.order.id.as_str(), payload, by: by.as_ref() };
    store::audit::insert(scene.connection, scene.clock, event, scene.now).await
}
