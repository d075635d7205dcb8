//! Placing an order: prices and stock under lock, holds, rows, deadlines and news, all in the turn's transaction.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Duration, Utc};

use super::{Scene, checkout, fair, news, text, word_arg};
use crate::dialogue::effect::{Effect, Outcome};
use crate::dialogue::value::{Row, Value};
use crate::dialogue::world::{ShippingMethod, row};
use crate::domain::ids::{OrderId, ProductId, VariantId};
use crate::domain::money::{OutOfRange, Rupiah};
use crate::domain::order::{Delivery, Order, OrderLine, OrderStatus, Totals};
use crate::store;
use crate::store::orders::{Extra, NewOrder};
use crate::store::stock::{Pieces, Shelf};

/// Minutes before the end of a hold at which the customer is reminded; half of the hold where it is shorter.
const REMINDER_MINUTES: i64 = 5;
/// The deadline of an order is looked at this long after its hold has ended: what ends at a second is not over in it.
const EXPIRE_AFTER: Duration = Duration::seconds(1);

/// `order.place`.
pub(super) async fn place(scene: &mut Scene<'_>, effect: &Effect) -> Result<Outcome, sqlx::Error> {
    let stored = store::carts::lock(scene.connection, &scene.customer.id, scene.cart, scene.now).await?;
    if stored.lines.is_empty() {
        // Another chat of the same customer has placed it in this very moment.
        *scene.cart = stored;
    }
    if scene.cart.lines.is_empty() {
        return Ok(Outcome::new("empty"));
    }
    if scene.gone.lines > 0 {
        // The yes was to a summary that still had them.
        return Ok(Outcome::new("gone"));
    }
    let products: Vec<ProductId> = scene.cart.lines.iter().map(|line| line.product.clone()).collect();
    let shelves = store::stock::lock(scene.connection, &scene.store.id, &products).await?;
    if let Some(refused) = short_lines(scene, &shelves) {
        return Ok(refused);
    }
    if let Some(refused) = changed_prices(scene, &shelves) {
        return Ok(refused);
    }
    if let Some(refused) = fair::check(scene, &shelves).await? {
        return Ok(refused);
    }
    let code = word_arg(effect, "method").unwrap_or_default();
    let Some(method) = scene.store.shipping.iter().find(|method| method.code == code).cloned() else {
        // The shop took the way of delivery away since the summary: the costs are not those that were shown.
        return Ok(Outcome::new("price_changed").with("changed", Value::Rows(Vec::new())));
    };
    let Ok((lines, totals)) = add_up(scene, &shelves, &method) else {
        return Ok(Outcome::new("too_large"));
    };
    // There is no code over nothing: the shop gives it away itself.
    if totals.total == Rupiah::ZERO {
        return Ok(Outcome::new("free"));
    }
    let delivery = delivery(scene, effect, &method);
    write(scene, effect, lines, totals, delivery).await
}

fn shelf<'a>(shelves: &'a [Shelf], product: &ProductId) -> Option<&'a Shelf> {
    shelves.iter().find(|shelf| &shelf.product == product)
}

/// The lines of which there are not enough, summed per product and variant.
fn short_lines(scene: &Scene<'_>, shelves: &[Shelf]) -> Option<Outcome> {
    let mut wanted: BTreeMap<(&ProductId, Option<&VariantId>), u32> = BTreeMap::new();
    for line in &scene.cart.lines {
        let sum = wanted.entry((&line.product, line.variant.as_ref())).or_default();
        *sum = sum.saturating_add(line.quantity);
    }
    let rows: Vec<Row> = wanted
        .into_iter()
        .filter_map(|((product, variant), wanted)| {
            let shelf = shelf(shelves, product);
            let sold = shelf.is_some_and(|shelf| shelf.price_of(variant).is_some());
            let free = shelf.filter(|_| sold).map_or(0, |shelf| shelf.free(variant));
            (wanted > free).then(|| {
                let kept = scene.cart.line(product, variant).and_then(|line| line.name.clone());
                let name = kept.or_else(|| shelf.map(|shelf| shelf.full_name(variant))).unwrap_or_default();
                row([
                    ("product", product.as_str().into()),
                    ("name", name.into()),
                    ("wanted", wanted.into()),
                    ("free", free.into()),
                ])
            })
        })
        .collect();
    (!rows.is_empty()).then(|| Outcome::new("out_of_stock").with("short", Value::Rows(rows)))
}

/// The lines whose price is not the one that the customer was shown. The cart is brought up to date, so that a second
/// yes is a yes to the new price.
fn changed_prices(scene: &mut Scene<'_>, shelves: &[Shelf]) -> Option<Outcome> {
    let mut rows = Vec::new();
    for line in &mut scene.cart.lines {
        let Some(shelf) = shelf(shelves, &line.product) else { continue };
        let Some(price) = shelf.price_of(line.variant.as_ref()) else { continue };
        if price != line.price {
            rows.push(row([
                ("product", line.product.as_str().into()),
                ("name", shelf.full_name(line.variant.as_ref()).into()),
                ("from", line.price.into()),
                ("to", price.into()),
            ]));
            line.price = price;
        }
    }
    (!rows.is_empty()).then(|| Outcome::new("price_changed").with("changed", Value::Rows(rows)))
}

fn add_up(
    scene: &Scene<'_>,
    shelves: &[Shelf],
    method: &ShippingMethod,
) -> Result<(Vec<OrderLine>, Totals), OutOfRange> {
    let mut subtotal = Rupiah::ZERO;
    let mut lines = Vec::with_capacity(scene.cart.lines.len());
    for line in &scene.cart.lines {
        let sum = line.price.times(line.quantity)?;
        subtotal = subtotal.plus(sum)?;
        let name = shelf(shelves, &line.product).map(|shelf| shelf.full_name(line.variant.as_ref()));
        lines.push(OrderLine {
            product: line.product.clone(),
            variant: line.variant.clone(),
            name: name.unwrap_or_default(),
            quantity: line.quantity,
            price: line.price,
            subtotal: sum,
            note: line.note.clone(),
        });
    }
    Ok((lines, checkout::totals(scene.store, method, subtotal)?))
}

fn delivery(scene: &Scene<'_>, effect: &Effect, method: &ShippingMethod) -> Delivery {
    let given = |name: &str| text(effect, name).unwrap_or_default().to_owned();
    let (address, city) = if method.pickup {
        (String::new(), String::new())
    } else {
        (given("address"), scene.customer.city.clone().unwrap_or_default())
    };
    Delivery {
        name: given("name"),
        phone: given("phone"),
        method: method.code.clone(),
        method_name: method.name.clone(),
        address,
        city,
    }
}

async fn write(
    scene: &mut Scene<'_>,
    effect: &Effect,
    lines: Vec<OrderLine>,
    totals: Totals,
    delivery: Delivery,
) -> Result<Outcome, sqlx::Error> {
    let held_until = scene.now + Duration::minutes(i64::from(scene.store.hold_minutes));
    let year = scene.now.with_timezone(&scene.store.zone).year();
    let number = store::orders::next_number(scene.connection, &scene.store.id, year).await?;
    let order = Order {
        id: OrderId::from(scene.clock.id()),
        number,
        status: OrderStatus::Created,
        lines,
        totals,
        note: text(effect, "note").map(str::to_owned).or_else(|| scene.cart.note.clone()),
        courier: None,
        tracking: None,
        held_until: Some(held_until),
        created_at: scene.now,
        cancel_reason: None,
        accepted_by: None,
        paid_at: None,
        unserved: false,
        delivery,
    };
    let extra = Extra {
        conversation: Some(scene.conversation_id.clone()),
        held_until: Some(held_until),
        tax_included: (totals.tax_included > Rupiah::ZERO).then_some(totals.tax_included),
        method_name: Some(order.delivery.method_name.clone()),
        ..Extra::default()
    };
    let new = NewOrder { store: &scene.store.id, customer: &scene.customer.id, order: &order, extra: &extra };
    store::orders::insert(scene.connection, scene.clock, &new, scene.now).await?;
    let pieces: Vec<Pieces> = order
        .lines
        .iter()
        .map(|line| Pieces {
            product: line.product.clone(),
            variant: line.variant.clone(),
            quantity: line.quantity,
        })
        .collect();
    store::stock::hold(scene.connection, scene.clock, &order.id, &pieces, held_until, scene.now).await?;
    for name in ["order:created", "inventory:reserved"] {
        let event = store::audit::Event {
            name,
            entity: "order",
            id: order.id.as_str(),
            payload: serde_json::json!({ "number": order.number, "total": totals.total }),
            by: None,
        };
        store::audit::insert(scene.connection, scene.clock, event, scene.now).await?;
    }
    set_deadlines(scene, &order.id, held_until);
    *scene.cart = crate::domain::cart::Cart::default();
    scene.catalog_changed = true;
    news::tell_staff(scene, "staff.order_created", Some(&order.id), order.id.as_str(), news::facts([]))
        .await?;
    Ok(Outcome::new("ok")
        .with("order", order.id.as_str())
        .with("number", order.number)
        .with("held_until", held_until)
        .with("total", totals.total))
}

/// Sets the reminder and the end of an order that waits for its money.
pub(super) fn set_deadlines(scene: &mut Scene<'_>, order: &OrderId, held_until: DateTime<Utc>) {
    for (kind, at) in set_times(scene.now, held_until) {
        scene.timers.push((kind.to_owned(), order.as_str().to_owned(), at));
    }
}

/// When an order that waits for its money until a moment is looked at.
pub(super) fn set_times(now: DateTime<Utc>, held_until: DateTime<Utc>) -> [(&'static str, DateTime<Utc>); 2] {
    let before = Duration::minutes(REMINDER_MINUTES).min((held_until - now) / 2);
    [("reminder", held_until - before), ("expire", held_until + EXPIRE_AFTER)]
}
