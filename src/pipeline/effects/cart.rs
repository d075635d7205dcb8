//! Effects on single lines of the cart.

use super::{Scene, count, product_arg, text, variant_arg};
use crate::dialogue::effect::{Effect, Outcome};
use crate::dialogue::value::{Row, Value};
use crate::dialogue::world::{cart_row, row, variant_rows};
use crate::domain::cart::{MAX_LINES, MAX_NOTE_CHARS, MAX_QUANTITY};
use crate::domain::customer::Localized;
use crate::domain::ids::{ProductId, VariantId};

/// What came of setting a line.
pub(super) enum Put {
    /// The line holds the quantity.
    Done,
    /// There are not so many.
    Short {
        /// How many there are.
        free: u32,
    },
    /// The cart or the line takes no more.
    Full {
        /// How many it takes.
        limit: i64,
    },
    /// It is not for sale.
    Unknown,
}

/// Sets the quantity of a line, if there are as many.
pub(super) fn put(
    scene: &mut Scene<'_>,
    product: &ProductId,
    variant: Option<&VariantId>,
    quantity: u32,
) -> Put {
    let Some(found) = scene.catalog.product(product) else { return Put::Unknown };
    let complete = match variant {
        Some(id) => found.variant(id).is_some(),
        None => found.variants.is_empty(),
    };
    if !complete {
        return Put::Unknown;
    }
    let free = found.free_of(variant);
    if quantity > free {
        return Put::Short { free };
    }
    if scene.cart.set(&scene.catalog, product, variant, quantity) {
        return Put::Done;
    }
    let limit = if quantity > MAX_QUANTITY {
        i64::from(MAX_QUANTITY)
    } else {
        i64::try_from(MAX_LINES).unwrap_or(i64::MAX)
    };
    Put::Full { limit }
}

/// A row of `short`.
pub(super) fn short_row(
    product: &ProductId,
    variant: Option<&VariantId>,
    name: Localized,
    wanted: u32,
    free: u32,
) -> Row {
    row([
        ("product", product.as_str().into()),
        ("variant", variant.map(|id| id.as_str().to_owned()).into()),
        ("name", name.into()),
        ("wanted", wanted.into()),
        ("free", free.into()),
    ])
}

/// The only variant of a product that has just one, else what was asked for.
pub(super) fn only_variant(
    scene: &Scene<'_>,
    product: &ProductId,
    variant: Option<VariantId>,
) -> Option<VariantId> {
    variant.or_else(|| match scene.catalog.product(product).map(|found| found.variants.as_slice()) {
        Some([only]) => Some(only.id.clone()),
        _ => None,
    })
}

fn name(scene: &Scene<'_>, product: &ProductId, variant: Option<&VariantId>) -> Value {
    scene.catalog.product(product).map(|found| found.full_name(variant)).into()
}

fn item_rows(scene: &Scene<'_>, product: &ProductId, variant: Option<&VariantId>) -> Value {
    let line = scene.cart.line(product, variant);
    Value::Rows(line.map(|line| cart_row(&scene.catalog, line)).into_iter().collect())
}

fn describe(
    outcome: Outcome,
    scene: &Scene<'_>,
    product: &ProductId,
    variant: Option<&VariantId>,
    quantity: u32,
    from: u32,
) -> Outcome {
    outcome
        .with("name", name(scene, product, variant))
        .with("quantity", quantity)
        .with("from", from)
        .with("items", item_rows(scene, product, variant))
}

/// `cart.add`.
pub(super) fn add(scene: &mut Scene<'_>, effect: &Effect) -> Outcome {
    let Some(product) = product_arg(effect) else { return Outcome::new("not_found") };
    let variant = only_variant(scene, &product, variant_arg(effect));
    let Some(found) = scene.catalog.product(&product) else { return Outcome::new("not_found") };
    if variant.is_none() && !found.variants.is_empty() {
        return Outcome::new("variant")
            .with("variants", Value::Rows(variant_rows(found)))
            .with("name", found.name.clone());
    }
    let wanted = effect.arg("quantity").as_int().unwrap_or(1).max(1);
    let wanted = u32::try_from(wanted).unwrap_or(u32::MAX);
    let variant = variant.as_ref();
    let from = scene.cart.line(&product, variant).map_or(0, |line| line.quantity);
    let outcome = match put(scene, &product, variant, from.saturating_add(wanted)) {
        Put::Done => "added",
        Put::Unknown => return Outcome::new("not_found"),
        Put::Full { limit } => return Outcome::new("full").with("limit", limit),
        Put::Short { free: 0 } => "sold_out",
        Put::Short { free } => return short(scene, &product, variant, wanted, from, free),
    };
    describe(Outcome::new(outcome), scene, &product, variant, wanted, from)
}

fn short(
    scene: &Scene<'_>,
    product: &ProductId,
    variant: Option<&VariantId>,
    wanted: u32,
    from: u32,
    free: u32,
) -> Outcome {
    let title =
        scene.catalog.product(product).map_or_else(Localized::default, |found| found.full_name(variant));
    let row = short_row(product, variant, title, from.saturating_add(wanted), free);
    describe(Outcome::new("short"), scene, product, variant, wanted, from)
        .with("short", Value::Rows(vec![row]))
        .with("limit", free)
}

/// `cart.set`.
pub(super) fn set(scene: &mut Scene<'_>, effect: &Effect) -> Outcome {
    let Some(product) = product_arg(effect) else { return Outcome::new("not_found") };
    let variant = only_variant(scene, &product, variant_arg(effect));
    let variant = variant.as_ref();
    let from = scene.cart.line(&product, variant).map_or(0, |line| line.quantity);
    let wanted = u32::try_from(effect.arg("quantity").as_int().unwrap_or(0).max(0)).unwrap_or(u32::MAX);
    if wanted == 0 {
        let title = name(scene, &product, variant);
        scene.cart.set(&scene.catalog, &product, variant, 0);
        return Outcome::new("removed").with("name", title).with("from", from);
    }
    match put(scene, &product, variant, wanted) {
        Put::Done => describe(Outcome::new("changed"), scene, &product, variant, wanted, from),
        Put::Unknown => Outcome::new("not_found"),
        Put::Full { limit } => Outcome::new("full").with("limit", limit),
        Put::Short { free } => short(scene, &product, variant, wanted, 0, free).with("from", from),
    }
}

/// `cart.remove`.
pub(super) fn remove(scene: &mut Scene<'_>, effect: &Effect) -> Outcome {
    let Some(product) = product_arg(effect) else { return Outcome::new("not_in_cart") };
    let variant = only_variant(scene, &product, variant_arg(effect));
    let Some(line) = scene.cart.line(&product, variant.as_ref()) else { return Outcome::new("not_in_cart") };
    let (items, from) = (cart_row(&scene.catalog, line), line.quantity);
    scene.cart.lines.retain(|line| !line.is_of(&product, variant.as_ref()));
    Outcome::new("removed")
        .with("name", name(scene, &product, variant.as_ref()))
        .with("items", Value::Rows(vec![items]))
        .with("from", from)
}

/// `cart.clear`.
pub(super) fn clear(scene: &mut Scene<'_>) -> Outcome {
    if scene.cart.lines.is_empty() {
        scene.cart.note = None;
        return Outcome::new("empty").with("count", 0_i64);
    }
    let lines = std::mem::take(scene.cart).lines;
    Outcome::new("cleared").with("count", count(lines.len()))
}

/// `cart.note`.
pub(super) fn note(scene: &mut Scene<'_>, effect: &Effect) -> Outcome {
    let note = text(effect, "note").map(|note| note.chars().take(MAX_NOTE_CHARS).collect::<String>());
    match product_arg(effect) {
        None => scene.cart.note = note,
        Some(product) => {
            let variant = only_variant(scene, &product, variant_arg(effect));
            let line = scene.cart.lines.iter_mut().find(|line| line.is_of(&product, variant.as_ref()));
            if let Some(line) = line {
                line.note = note;
            }
        }
    }
    Outcome::new("saved")
}
