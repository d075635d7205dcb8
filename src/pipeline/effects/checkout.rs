//! Ways of delivery and what an order comes to.

use super::{Scene, word_arg};
use crate::dialogue::effect::{Effect, Outcome};
use crate::dialogue::understand::plain_words;
use crate::dialogue::value::{Row, Value};
use crate::dialogue::world::{ShippingMethod, Store, row};
use crate::domain::money::{OutOfRange, Rupiah};
use crate::domain::order::Totals;

/// What a way of delivery costs for a subtotal.
pub(super) fn cost(method: &ShippingMethod, subtotal: Rupiah) -> Rupiah {
    match method.free_from {
        Some(from) if subtotal >= from => Rupiah::ZERO,
        _ => method.cost,
    }
}

/// Adds up an order with a way of delivery.
pub(super) fn totals(store: &Store, method: &ShippingMethod, subtotal: Rupiah) -> Result<Totals, OutOfRange> {
    let shipping = cost(method, subtotal);
    Totals::of(subtotal, store.tax_percent, store.prices_include_tax, shipping, Rupiah::ZERO)
}

/// `shipping.methods`.
pub(super) fn methods(scene: &Scene<'_>) -> Outcome {
    let rows = method_rows(scene, |_| true);
    let word = if rows.is_empty() { "none" } else { "some" };
    Outcome::new(word).with("methods", Value::Rows(rows))
}

/// `shipping.choose`.
pub(super) fn choose(scene: &Scene<'_>, effect: &Effect) -> Outcome {
    let kind = word_arg(effect, "kind");
    let is_meant = |method: &ShippingMethod| match kind {
        Some("pickup") => method.pickup,
        Some("courier") => !method.pickup,
        _ => true,
    };
    let rows = method_rows(scene, is_meant);
    let mut of_kind: Vec<&ShippingMethod> =
        scene.store.shipping.iter().filter(|method| is_meant(method)).collect();
    let said = plain_words(word_arg(effect, "words").unwrap_or_default());
    let named: Vec<&ShippingMethod> =
        of_kind.iter().copied().filter(|method| is_named(method, &said)).collect();
    if let [only] = named.as_slice() {
        of_kind = vec![only];
    }
    match of_kind.as_slice() {
        [] => Outcome::new("none"),
        [only] => Outcome::new("one").with("method", only.code.as_str()).with("pickup", only.pickup),
        _ => Outcome::new("many").with("methods", Value::Rows(rows)),
    }
}

/// Whether words name a way of delivery: its code ("jne"), or all that it is called in one language.
fn is_named(method: &ShippingMethod, said: &[String]) -> bool {
    let is_said = |name: &str| {
        let name = plain_words(name);
        !name.is_empty() && name.iter().all(|word| said.contains(word))
    };
    is_said(&method.code) || is_said(&method.name.id) || method.name.en.as_deref().is_some_and(is_said)
}

fn method_rows(scene: &Scene<'_>, is_meant: impl Fn(&ShippingMethod) -> bool) -> Vec<Row> {
    let subtotal = scene.cart.subtotal().unwrap_or_default();
    let row_of = |method: &ShippingMethod| {
        row([
            ("code", Value::Text(method.code.clone())),
            ("method", Value::Text(method.code.clone())),
            ("name", method.name.clone().into()),
            ("cost", cost(method, subtotal).into()),
            ("pickup", method.pickup.into()),
        ])
    };
    scene.store.shipping.iter().filter(|method| is_meant(method)).map(row_of).collect()
}

/// `shipping.quote`.
pub(super) fn quote(scene: &Scene<'_>, effect: &Effect) -> Outcome {
    let code = word_arg(effect, "method").unwrap_or_default();
    let Some(method) = scene.store.shipping.iter().find(|method| method.code == code) else {
        return Outcome::new("unknown");
    };
    let totals = scene.cart.subtotal().and_then(|subtotal| totals(scene.store, method, subtotal));
    let Ok(totals) = totals else { return Outcome::new("too_large") };
    Outcome::new("ok")
        .with("subtotal", totals.subtotal)
        .with("tax", totals.tax)
        .with("tax_percent", scene.store.tax_percent)
        .with("tax_included", totals.tax_included)
        .with("shipping", totals.shipping)
        .with("total", totals.total)
        .with("method", method.name.clone())
}
