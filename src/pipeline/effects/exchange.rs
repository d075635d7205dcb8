//! Other goods in place of those that were gone when the money of an order came, and what that does to its price: dearer
//! goods are the shop's loss, because the buyer has paid what was asked; for cheaper ones the difference goes back.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::cart::short_row;
use super::{Scene, revive};
use crate::dialogue::effect::{Effect, Outcome};
use crate::dialogue::value::{Row, Value};
use crate::dialogue::world::row;
use crate::domain::ids::{PaymentId, ProductId, VariantId};
use crate::domain::money::{OutOfRange, Rupiah};
use crate::domain::order::{Order, OrderLine, Totals};
use crate::store;
use crate::store::refunds::NewRefund;

/// Pieces that somebody gets instead, as they travel through the flow.
#[derive(Debug, Serialize, Deserialize)]
struct Pick {
    product: ProductId,
    variant: Option<VariantId>,
    quantity: u32,
}

/// What was shown and waits for a yes.
#[derive(Debug, Serialize, Deserialize)]
struct Shown {
    picks: Vec<Pick>,
    total: Rupiah,
}

/// What an order becomes.
#[derive(Debug)]
pub(super) struct Exchange {
    /// Its lines, at the prices of now.
    pub lines: Vec<OrderLine>,
    /// Its amounts; the total is never more than before.
    pub totals: Totals,
    /// What the buyer gets back.
    pub back: Rupiah,
}

impl Exchange {
    /// What the buyer gets back, where it is anything.
    pub(super) fn back(&self) -> Value {
        some(self.back)
    }
}

/// `order.exchange`: what the message named, and what the order would come to with it. Nothing changes.
pub(super) async fn look(scene: &mut Scene<'_>, effect: &Effect) -> Result<Outcome, sqlx::Error> {
    let Some(locked) = revive::unserved(scene, effect).await? else {
        return Ok(Outcome::new("not_possible"));
    };
    let heard = scene.conversation.heard.clone().unwrap_or_default();
    let mut unclear: Vec<String> = heard.ambiguous.into_iter().map(|ambiguous| ambiguous.text).collect();
    unclear.extend(heard.unknown);
    let mut wanted: BTreeMap<(ProductId, Option<VariantId>), u32> = BTreeMap::new();
    for item in heard.items {
        let Some(product) = scene.catalog.product(&item.product) else { continue };
        let variant = match (product.variants.as_slice(), item.variant) {
            ([only], None) => Some(only.id.clone()),
            ([], _) => None,
            (_, variant) => variant,
        };
        if variant.is_none() && !product.variants.is_empty() {
            unclear.push(item.name);
            continue;
        }
        let sum = wanted.entry((item.product, variant)).or_default();
        *sum = sum.saturating_add(item.quantity);
    }
    if wanted.is_empty() || !unclear.is_empty() {
        return Ok(Outcome::new("unclear").with("text", unclear.join(", ")));
    }
    let picks: Vec<Pick> = wanted
        .into_iter()
        .map(|((product, variant), quantity)| Pick { product, variant, quantity })
        .collect();
    let short = short(scene, &picks);
    if !short.is_empty() {
        return Ok(Outcome::new("short").with("short", Value::Rows(short)));
    }
    let Ok(exchange) = of(scene, &locked.order, &picks) else { return Ok(Outcome::new("too_large")) };
    let shown = Shown { picks, total: exchange.totals.total };
    Ok(Outcome::new("ok")
        .with("lines", rows(&exchange.lines))
        .with("total", exchange.totals.total)
        .with("back", exchange.back())
        .with("given", some(exchange.totals.discount))
        .with("pending", Value::Data(serde_json::to_value(shown).unwrap_or_default())))
}

/// What an order becomes by what was shown and agreed to; nothing when that cannot be sold any more, or has another price
/// by now.
pub(super) fn agreed(scene: &Scene<'_>, order: &Order, pending: &Value) -> Option<Exchange> {
    let Value::Data(data) = pending else { return None };
    let Shown { picks, total } = serde_json::from_value(data.clone()).ok()?;
    let is_sold = |pick: &Pick| scene.catalog.product(&pick.product).is_some();
    if picks.is_empty() || !picks.iter().all(is_sold) {
        return None;
    }
    of(scene, order, &picks).ok().filter(|exchange| exchange.totals.total == total)
}

/// Writes what an order has become, and promises back what it costs less than was paid.
pub(super) async fn write(
    scene: &mut Scene<'_>,
    order: &Order,
    exchange: &Exchange,
    payment: &PaymentId,
) -> Result<(), sqlx::Error> {
    store::orders::exchange(scene.connection, scene.clock, order, scene.now).await?;
    if exchange.back > Rupiah::ZERO {
        let refund = NewRefund {
            payment,
            order: &order.id,
            amount: exchange.back,
            reason: "out_of_stock",
            description: Some("what the buyer gets instead costs less"),
        };
        store::refunds::promise(scene.connection, scene.clock, &refund, scene.now).await?;
    }
    Ok(())
}

/// What there is too little of.
fn short(scene: &Scene<'_>, picks: &[Pick]) -> Vec<Row> {
    let rows = picks.iter().filter_map(|pick| {
        let product = scene.catalog.product(&pick.product)?;
        let free = product.free_of(pick.variant.as_ref());
        (pick.quantity > free).then(|| short_row(product, pick.variant.as_ref(), pick.quantity, free))
    });
    rows.collect()
}

fn of(scene: &Scene<'_>, order: &Order, picks: &[Pick]) -> Result<Exchange, OutOfRange> {
    let mut lines = Vec::with_capacity(picks.len());
    let mut subtotal = Rupiah::ZERO;
    for pick in picks {
        let Some(product) = scene.catalog.product(&pick.product) else { continue };
        let variant = pick.variant.as_ref();
        let price = product.price_of(variant);
        let sum = price.times(pick.quantity)?;
        subtotal = subtotal.plus(sum)?;
        lines.push(OrderLine {
            product: pick.product.clone(),
            variant: pick.variant.clone(),
            name: product.full_name(variant),
            quantity: pick.quantity,
            price,
            subtotal: sum,
            note: None,
        });
    }
    let (percent, is_included) = (scene.store.tax_percent, scene.store.prices_include_tax);
    let add_up = |discount| Totals::of(subtotal, percent, is_included, order.totals.shipping, discount);
    let full = add_up(Rupiah::ZERO)?;
    let paid = order.totals.total;
    let (discount, back) = match full.total.minus(paid) {
        Ok(dearer) => (dearer, Rupiah::ZERO),
        Err(_) => (Rupiah::ZERO, paid.minus(full.total)?),
    };
    Ok(Exchange { lines, totals: add_up(discount)?, back })
}

/// An amount where there is one.
fn some(amount: Rupiah) -> Value {
    if amount == Rupiah::ZERO { Value::None } else { amount.into() }
}

fn rows(lines: &[OrderLine]) -> Value {
    let rows = lines.iter().map(|line| {
        row([
            ("name", line.name.clone().into()),
            ("quantity", line.quantity.into()),
            ("subtotal", line.subtotal.into()),
            ("note", Value::None),
        ])
    });
    Value::Rows(rows.collect())
}
