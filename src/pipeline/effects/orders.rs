//! The customer's own orders: list, open, cancel, received, order again.

use chrono::Datelike;

use super::cart::{Refusal, put};
use super::payment::own_order;
use super::{Scene, count, moves, news, text};
use crate::dialogue::effect::{Effect, Outcome};
use crate::dialogue::value::{Row, Value};
use crate::dialogue::world::{cart_row, row};
use crate::domain::ids::OrderId;
use crate::domain::order::{Actor, OrderStatus};
use crate::store;
use crate::store::orders::Listed;

/// What an order waits for, as a word of `order-next-*`.
pub(super) fn next_word(listed: &Listed) -> &'static str {
    match listed.status {
        OrderStatus::Created | OrderStatus::PaymentInitiated => "pay",
        OrderStatus::Paid if !listed.accepted => "accept",
        OrderStatus::Paid => "pack",
        OrderStatus::Packed if listed.pickup => "hand-over",
        OrderStatus::Packed => "ship",
        OrderStatus::Shipped => "deliver",
        OrderStatus::Delivered | OrderStatus::Completed | OrderStatus::Cancelled => "none",
    }
}

/// Orders as rows.
pub(super) fn rows(listed: &[Listed]) -> Value {
    let rows = listed.iter().map(|order| {
        row([
            ("order", order.id.as_str().into()),
            ("number", order.number.clone().into()),
            ("status", Value::Word(format!("order-status.{}", order.status.code()))),
            ("total", order.total.into()),
            ("created", order.created_at.into()),
            ("count", order.count.into()),
            ("customer", order.customer.clone().into()),
            ("next", Value::Word(format!("order-next.{}", next_word(order)))),
        ])
    });
    Value::Rows(rows.collect())
}

/// A list as an outcome.
pub(super) fn listing(listed: &[Listed]) -> Outcome {
    let word = if listed.is_empty() { "none" } else { "some" };
    Outcome::new(word).with("orders", rows(listed)).with("count", count(listed.len()))
}

/// `order.list`.
pub(super) async fn list(scene: &mut Scene<'_>, effect: &Effect) -> Result<Outcome, sqlx::Error> {
    let open_only = effect.arg("open_only") == &Value::Bool(true);
    let listed = store::orders::for_customer(scene.connection, &scene.customer.id, open_only).await?;
    Ok(listing(&listed))
}

/// `order.unpaid`.
pub(super) async fn unpaid(scene: &mut Scene<'_>) -> Result<Outcome, sqlx::Error> {
    let mut listed = store::orders::for_customer(scene.connection, &scene.customer.id, true).await?;
    listed.retain(|order| matches!(order.status, OrderStatus::Created | OrderStatus::PaymentInitiated));
    let word = match listed.len() {
        0 => "none",
        1 => "one",
        _ => "many",
    };
    let only = listed.first().filter(|_| word == "one").map(|order| order.id.as_str().to_owned());
    Ok(Outcome { word, ..listing(&listed) }.with("order", only))
}

/// The order that the arguments name: by id, by number, or the newest of `newest_of`.
pub(super) async fn named(scene: &mut Scene<'_>, effect: &Effect) -> Result<Option<OrderId>, sqlx::Error> {
    if let Some(id) = text(effect, "order") {
        return Ok(Some(OrderId::from(id)));
    }
    let Some(number) = text(effect, "number") else { return Ok(None) };
    let year = scene.now.with_timezone(&scene.store.zone).year();
    store::orders::number_to_id(scene.connection, &scene.store.id, number, year).await
}

/// `order.open`.
pub(super) async fn open(scene: &mut Scene<'_>, effect: &Effect) -> Result<Outcome, sqlx::Error> {
    let asked = text(effect, "order").or(text(effect, "number")).is_some();
    let id = if asked {
        named(scene, effect).await?
    } else {
        store::orders::newest_of_customer(scene.connection, &scene.customer.id).await?
    };
    let Some(id) = id else { return Ok(Outcome::new("not_found")) };
    let found = store::orders::load(scene.connection, &scene.store.id, &id).await?;
    let own = found.is_some_and(|(_, buyer)| buyer.id == scene.customer.id);
    Ok(if own { Outcome::new("ok").with("order", id.as_str()) } else { Outcome::new("not_found") })
}

/// `order.cancel`.
pub(super) async fn cancel(scene: &mut Scene<'_>, effect: &Effect) -> Result<Outcome, sqlx::Error> {
    let Some(locked) = own_order(scene, effect).await? else { return Ok(Outcome::new("not_possible")) };
    let status = locked.order.status;
    if !status.may_move(OrderStatus::Cancelled, Actor::Customer) {
        let paid = locked.paid_at.is_some() && status != OrderStatus::Cancelled;
        return Ok(Outcome::new(if paid { "already_paid" } else { "not_possible" }));
    }
    let reason = text(effect, "reason").map(str::to_owned);
    moves::call_off(scene, &locked, moves::By::Customer, reason.as_deref()).await?;
    let facts = news::facts([("reason", reason.into()), ("actor", Value::Word("actor.customer".to_owned()))]);
    let id = &locked.order.id;
    news::tell_staff(scene, "staff.order_cancelled", Some(id), id.as_str(), facts).await?;
    Ok(Outcome::new("cancelled"))
}

/// `order.received`.
pub(super) async fn received(scene: &mut Scene<'_>, effect: &Effect) -> Result<Outcome, sqlx::Error> {
    let Some(locked) = own_order(scene, effect).await? else { return Ok(Outcome::new("not_possible")) };
    let order = &locked.order;
    let moves_on = order.status != OrderStatus::Delivered
        && order.status.may_move(OrderStatus::Delivered, Actor::Customer);
    let fetched = order.status != OrderStatus::Packed || order.delivery.address.is_empty();
    if !moves_on || !fetched {
        return Ok(Outcome::new("not_possible"));
    }
    let to = OrderStatus::Delivered;
    moves::write(scene, &locked, to, &moves::By::Customer, None).await?;
    let id = &order.id;
    news::tell_staff(scene, "staff.order_received", Some(id), id.as_str(), news::facts([])).await?;
    Ok(Outcome::new("ok"))
}

/// `order.reorder`.
pub(super) async fn reorder(scene: &mut Scene<'_>, effect: &Effect) -> Result<Outcome, sqlx::Error> {
    let Some(id) = text(effect, "order").map(OrderId::from) else { return Ok(Outcome::new("none")) };
    let found = store::orders::load(scene.connection, &scene.store.id, &id).await?;
    let Some((order, _)) = found.filter(|(_, buyer)| buyer.id == scene.customer.id) else {
        return Ok(Outcome::new("none"));
    };
    let (mut items, mut short, mut missing): (Vec<Row>, Vec<Row>, Vec<Row>) = Default::default();
    for line in &order.lines {
        let variant = line.variant.as_ref();
        let in_cart = scene.cart.line(&line.product, variant).map_or(0, |line| line.quantity);
        let wanted = in_cart.saturating_add(line.quantity);
        let mut result = put(scene, &line.product, variant, wanted);
        if let Err(Refusal::Short(free)) = result {
            short.push(row([
                ("name", line.name.clone().into()),
                ("wanted", line.quantity.into()),
                ("free", free.into()),
            ]));
            if free > in_cart {
                result = put(scene, &line.product, variant, free);
            }
        }
        match result {
            Ok(()) => {
                let line = scene.cart.line(&line.product, variant);
                items.extend(line.map(|line| cart_row(&scene.catalog, line)));
            }
            Err(Refusal::NotFound | Refusal::Variant) => {
                missing.push(row([("text", line.name.id.clone().into())]));
            }
            Err(Refusal::Short(_) | Refusal::Full(_)) => {}
        }
    }
    let word = match (items.is_empty(), short.is_empty() && missing.is_empty()) {
        (true, _) => "none",
        (false, true) => "added",
        (false, false) => "partly",
    };
    Ok(Outcome::new(word)
        .with("items", Value::Rows(items))
        .with("short", Value::Rows(short))
        .with("missing", Value::Rows(missing)))
}
