//! The cart, one line at a time: adding, setting, removing, noting. Orders of several things at once are `basket`'s.

use crate::dialogue::effect::{Effect, Outcome};
use crate::dialogue::value::{Row, Value};
use crate::dialogue::world::{cart_row, row, variant_rows};
use crate::domain::cart::{Cart, MAX_LINES, MAX_NOTE_CHARS, MAX_QUANTITY};
use crate::domain::catalog::Product;
use crate::domain::ids::{ProductId, VariantId};

use super::{Scene, basket};

/// Carries out `cart.*`.
///
/// # Errors
/// [`sqlx::Error`] for a name that is not here.
pub async fn run(scene: &mut Scene<'_>, effect: &Effect) -> Result<Outcome, sqlx::Error> {
    Ok(match effect.name.as_str() {
        "cart.add_items" => basket::add_items(scene, effect),
        "cart.change_items" => basket::change_items(scene, effect),
        "cart.add" => add(scene, effect),
        "cart.set" => set(scene, effect),
        "cart.remove" => remove(scene, effect),
        "cart.clear" => {
            let count = scene.cart.count();
            *scene.cart = Cart::default();
            Outcome::new(if count == 0 { "empty" } else { "cleared" }).with("count", count)
        }
        "cart.note" => {
            note(scene, effect);
            Outcome::new("saved")
        }
        _ => return Err(super::unknown(effect)),
    })
}

/// What stands in the way of a quantity of one line.
pub(super) enum Refusal {
    /// So many are free, counting nothing in the cart.
    Short(u32),
    /// The product has variants and none was named.
    Variant,
    /// A limit of the cart would be passed.
    Full(usize),
    /// The product, or the variant, is not for sale.
    NotFound,
}

/// Sets a line to a quantity, checking variants, limits and what is free. Nothing changes when it is refused.
pub(super) fn put(
    scene: &mut Scene<'_>,
    product: &ProductId,
    variant: Option<&VariantId>,
    quantity: u32,
) -> Result<(), Refusal> {
    let found = scene.catalog.product(product).ok_or(Refusal::NotFound)?;
    match variant {
        Some(variant) if found.variant(variant).is_none() => return Err(Refusal::NotFound),
        None if !found.variants.is_empty() => return Err(Refusal::Variant),
        _ => {}
    }
    let free = found.free_of(variant);
    if quantity > free {
        return Err(Refusal::Short(free));
    }
    if quantity > MAX_QUANTITY {
        return Err(Refusal::Full(MAX_QUANTITY as usize));
    }
    if scene.cart.set(&scene.catalog, product, variant, quantity) {
        Ok(())
    } else {
        Err(Refusal::Full(MAX_LINES))
    }
}

fn add(scene: &mut Scene<'_>, effect: &Effect) -> Outcome {
    let Some((product, variant)) = named(effect) else { return Outcome::new("not_found") };
    let quantity = quantity(effect).unwrap_or(1).max(1);
    let before = scene.cart.line(&product, variant.as_ref()).map_or(0, |line| line.quantity);
    match put(scene, &product, variant.as_ref(), before.saturating_add(quantity)) {
        Ok(()) => Outcome::new("added").with("items", rows(scene, &[(product, variant, quantity)])),
        Err(Refusal::Short(0)) => Outcome::new("sold_out"),
        Err(Refusal::Short(free)) => {
            short(scene, &product, variant.as_ref(), quantity, free.saturating_sub(before))
        }
        Err(Refusal::Variant) => variants(scene, &product, quantity),
        Err(Refusal::Full(limit)) => full(limit),
        Err(Refusal::NotFound) => Outcome::new("not_found"),
    }
}

fn set(scene: &mut Scene<'_>, effect: &Effect) -> Outcome {
    let Some((product, variant)) = named(effect) else { return Outcome::new("not_found") };
    let quantity = quantity(effect).unwrap_or(0);
    if quantity == 0 {
        scene.cart.lines.retain(|line| !line.is_of(&product, variant.as_ref()));
        return Outcome::new("removed");
    }
    let from = scene.cart.line(&product, variant.as_ref()).map_or(0, |line| line.quantity);
    match put(scene, &product, variant.as_ref(), quantity) {
        Ok(()) => Outcome::new("changed")
            .with("from", from)
            .with("items", rows(scene, &[(product, variant, quantity)])),
        Err(Refusal::Short(free)) => short(scene, &product, variant.as_ref(), quantity, free),
        Err(Refusal::Full(limit)) => full(limit),
        Err(Refusal::Variant | Refusal::NotFound) => Outcome::new("not_found"),
    }
}

fn remove(scene: &mut Scene<'_>, effect: &Effect) -> Outcome {
    let Some((product, variant)) = named(effect) else { return Outcome::new("not_in_cart") };
    let before = scene.cart.lines.len();
    let name = scene.catalog.product(&product).map(|found| found.full_name(variant.as_ref()));
    scene.cart.lines.retain(|line| !line.is_of(&product, variant.as_ref()));
    let word = if scene.cart.lines.len() < before { "removed" } else { "not_in_cart" };
    Outcome::new(word).with("name", name)
}

fn note(scene: &mut Scene<'_>, effect: &Effect) {
    let text = effect.arg("note").as_text().map(str::trim).filter(|text| !text.is_empty());
    let text = text.map(|text| text.chars().take(MAX_NOTE_CHARS).collect::<String>());
    match named(effect) {
        None => scene.cart.note = text,
        Some((product, variant)) => {
            if let Some(line) =
                scene.cart.lines.iter_mut().find(|line| line.is_of(&product, variant.as_ref()))
            {
                line.note = text;
            }
        }
    }
}

fn named(effect: &Effect) -> Option<(ProductId, Option<VariantId>)> {
    let given = |name: &str| effect.arg(name).as_text().filter(|id| !id.is_empty());
    Some((given("product")?.into(), given("variant").map(VariantId::from)))
}

/// A quantity, at most one more than any limit, so that no arithmetic on it can pass its bounds.
fn quantity(effect: &Effect) -> Option<u32> {
    let number = effect.arg("quantity").as_int()?;
    Some(u32::try_from(number.clamp(0, 1_000_000_000)).unwrap_or(0))
}

/// Rows of what was put into the cart just now: so many pieces of each, at the price of the cart.
pub(super) fn rows(scene: &Scene<'_>, put: &[(ProductId, Option<VariantId>, u32)]) -> Value {
    let rows = put.iter().filter_map(|(product, variant, quantity)| {
        let line = scene.cart.line(product, variant.as_ref())?;
        let shown = crate::domain::cart::CartLine { quantity: *quantity, ..line.clone() };
        Some(cart_row(&scene.catalog, &shown))
    });
    Value::Rows(rows.collect())
}

pub(super) fn short_row(product: &Product, variant: Option<&VariantId>, wanted: u32, free: u32) -> Row {
    row([("name", product.full_name(variant).into()), ("wanted", wanted.into()), ("free", free.into())])
}

fn short(
    scene: &Scene<'_>,
    product: &ProductId,
    variant: Option<&VariantId>,
    wanted: u32,
    free: u32,
) -> Outcome {
    let rows = scene.catalog.product(product).map(|found| short_row(found, variant, wanted, free));
    Outcome::new("short").with("short", Value::Rows(rows.into_iter().collect())).with("quantity", free)
}

pub(super) fn variants(scene: &Scene<'_>, product: &ProductId, quantity: u32) -> Outcome {
    let Some(found) = scene.catalog.product(product) else { return Outcome::new("not_found") };
    Outcome::new("variant")
        .with("variants", Value::Rows(variant_rows(found)))
        .with("name", found.name.clone())
        .with("quantity", quantity)
}

pub(super) fn full(limit: usize) -> Outcome {
    Outcome::new("full").with("limit", i64::try_from(limit).unwrap_or(i64::MAX))
}
