//! The bounds of a person, kept where orders are placed: the cart and the shelves are locked by then, so that two chats of one
//! person do not pass them together.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};

use super::{Scene, news};
use crate::dialogue::effect::Outcome;
use crate::dialogue::value::{Row, Value};
use crate::dialogue::world::row;
use crate::domain::fair::{Bound, Held};
use crate::domain::ids::{ProductId, VariantId};
use crate::store;
use crate::store::static_qris::QUARANTINE_DAYS;
use crate::store::stock::Shelf;

/// Says what is in the way of the order that is in the cart, where anything is; the shop hears of it.
pub(super) async fn check(scene: &mut Scene<'_>, shelves: &[Shelf]) -> Result<Option<Outcome>, sqlx::Error> {
    let (resting, now) = (Duration::days(QUARANTINE_DAYS), scene.now);
    let (shop, customer) = (&scene.store.id, &scene.customer.id);
    let standing = store::fair::standing(scene.connection, shop, customer, resting, now).await?;
    match standing.bound(now, resting) {
        Some(Bound::Unpaid { .. }) => return refuse(scene, "unpaid", None, Vec::new()).await.map(Some),
        Some(Bound::Ended { until }) => {
            return refuse(scene, "ended", Some(until), Vec::new()).await.map(Some);
        }
        None => {}
    }
    let products: Vec<ProductId> = shelves.iter().map(|shelf| shelf.product.clone()).collect();
    let held = store::fair::held(scene.connection, customer, &products).await?;
    let mut wanted: BTreeMap<(&ProductId, Option<&VariantId>), i64> = BTreeMap::new();
    for line in &scene.cart.lines {
        *wanted.entry((&line.product, line.variant.as_ref())).or_default() += i64::from(line.quantity);
    }
    let over: Vec<Row> = wanted
        .into_iter()
        .filter_map(|((product, variant), wanted)| {
            let shelf = shelves.iter().find(|shelf| &shelf.product == product)?;
            let of = |thing: &store::fair::Thing| &thing.0 == product && thing.1.as_ref() == variant;
            let held = held.iter().find(|(thing, _)| of(thing)).map_or(Held::default(), |(_, held)| *held);
            let most = standing.most(shelf.pieces(variant), held, now)?;
            (wanted > most).then(|| {
                row([
                    ("product", product.as_str().into()),
                    ("name", shelf.full_name(variant).into()),
                    ("wanted", Value::Int(wanted)),
                    ("free", Value::Int(most)),
                ])
            })
        })
        .collect();
    if over.is_empty() {
        return Ok(None);
    }
    refuse(scene, "held", None, over).await.map(Some)
}

async fn refuse(
    scene: &mut Scene<'_>,
    word: &'static str,
    until: Option<DateTime<Utc>>,
    over: Vec<Row>,
) -> Result<Outcome, sqlx::Error> {
    let problem = Value::Word(format!("order-limit.{word}"));
    let facts = news::facts([("customer", scene.customer.name.clone().into()), ("problem", problem.clone())]);
    // One who tries again and again is news once a day.
    let occasion = format!("{}:{word}:{}", scene.customer.id, scene.now.date_naive());
    news::tell_staff(scene, "staff.order_limit", None, &occasion, facts).await?;
    metrics::counter!("warung_orders_limited_total", "bound" => word).increment(1);
    Ok(Outcome::new("limited").with("problem", problem).with("until", until).with("short", Value::Rows(over)))
}
