//! Goods that change hands: whether an order's can still be given, and taking them out of the shelf.

use std::collections::BTreeMap;

use super::{Scene, news};
use crate::dialogue::value::{Row, Value};
use crate::dialogue::world::row;
use crate::domain::ids::{ProductId, VariantId};
use crate::domain::order::Order;
use crate::domain::payment::Goods;
use crate::store;
use crate::store::stock::{Cause, Change, Pieces, Shelf};

/// What an order needs, with its shelves under lock.
#[derive(Debug, Default)]
pub(in crate::pipeline) struct Look {
    shelves: Vec<Shelf>,
    held: Vec<Pieces>,
}

/// Locks the shelves of an order and looks at what is held for it.
pub(in crate::pipeline) async fn look(scene: &mut Scene<'_>, order: &Order) -> Result<Look, sqlx::Error> {
    let products: Vec<ProductId> = order.lines.iter().map(|line| line.product.clone()).collect();
    let shelves = store::stock::lock(scene.connection, &scene.store.id, &products).await?;
    let held = store::stock::held(scene.connection, &order.id).await?;
    Ok(Look { shelves, held })
}

impl Look {
    /// Whether the goods can be given.
    pub(in crate::pipeline) fn goods(&self, order: &Order) -> Goods {
        if !self.held.is_empty() {
            return Goods::Held;
        }
        let free = wanted(order).into_iter().all(|((product, variant), quantity)| {
            let shelf = self.shelves.iter().find(|shelf| shelf.product == product);
            shelf.is_some_and(|shelf| shelf.free(variant.as_ref()) >= quantity)
        });
        if free { Goods::Free } else { Goods::Gone }
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

/// Turns the holds of an order into a sale, or takes a revived order straight from what is free. The staff hear of
/// products that have come down to their warning level by it.
pub(in crate::pipeline) async fn sell(
    scene: &mut Scene<'_>,
    order: &Order,
    mut look: Look,
) -> Result<(), sqlx::Error> {
    let held = store::stock::commit(scene.connection, &order.id, scene.now).await?;
    let taken = if held.is_empty() {
        // The hold is gone with the deadline. A reservation that begins and ends now keeps its story complete.
        let pieces: Vec<Pieces> = wanted(order)
            .into_iter()
            .map(|((product, variant), quantity)| Pieces { product, variant, quantity })
            .collect();
        store::stock::hold(scene.connection, scene.clock, &order.id, &pieces, scene.now, scene.now).await?;
        store::stock::commit(scene.connection, &order.id, scene.now).await?
    } else {
        held
    };
    let changes: Vec<Change> = taken
        .into_iter()
        .map(|pieces| Change {
            product: pieces.product,
            variant: pieces.variant,
            by: -i64::from(pieces.quantity),
        })
        .collect();
    let before: Vec<i32> = look.shelves.iter().map(|shelf| shelf.stock).collect();
    let reference = order.id.as_str();
    let cause = Cause { kind: "outbound", reference_type: "order", reference, reason: "sold" };
    let shelves = &mut look.shelves;
    store::stock::apply(scene.connection, scene.clock, shelves, &changes, cause, scene.now).await?;
    scene.catalog_changed = true;
    let low = shelves
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
        .collect();
    tell_low(scene, low).await
}

async fn tell_low(scene: &mut Scene<'_>, low: Vec<Row>) -> Result<(), sqlx::Error> {
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
