//! Stock for staff: what is there, and the counted truth.

use super::{Scene, product_arg, search, variant_arg};
use crate::dialogue::effect::{Effect, Outcome};
use crate::dialogue::value::{Row, Value};
use crate::dialogue::world::{product_row, row};
use crate::domain::catalog::Product;
use crate::domain::ids::VariantId;
use crate::store;
use crate::store::stock::{Cause, Change, Shelf};

fn stock_row(product: &Product) -> Row {
    let mut row = product_row(product);
    row.insert("stock".to_owned(), Value::Int(i64::from(product.stock)));
    row.insert("held".to_owned(), Value::Int(i64::from(product.held)));
    row
}

/// `stock.find`.
pub(super) fn find(scene: &Scene<'_>, effect: &Effect) -> Outcome {
    let found = search::find(scene, effect);
    let products: Vec<&Product> = found.products.iter().filter_map(|id| scene.catalog.product(id)).collect();
    let rows = |products: &[&Product]| Value::Rows(products.iter().map(|it| stock_row(it)).collect());
    match (products.as_slice(), &found.query) {
        ([product], _) => one(product, found.variant.as_ref())
            .with("products", rows(&products))
            .with("query", found.query.clone())
            .with("quantity", found.quantity),
        ([], None) => {
            // Nothing was named: everything, the scarcest first.
            let mut all: Vec<&Product> = scene.catalog.products.iter().collect();
            all.sort_by_key(|product| product.free());
            Outcome::new("all").with("products", rows(&all))
        }
        ([], Some(query)) => Outcome::new("none").with("query", query.clone()),
        (many, _) => Outcome::new("many").with("products", rows(many)).with("query", found.query.clone()),
    }
}

fn one(product: &Product, variant: Option<&VariantId>) -> Outcome {
    let (stock, held) = match variant.and_then(|id| product.variant(id)) {
        Some(variant) => (variant.stock, variant.held),
        None => (product.stock, product.held),
    };
    Outcome::new("one")
        .with("product", product.id.as_str())
        .with("variant", variant.map(|id| id.as_str().to_owned()))
        .with("name", product.full_name(variant))
        .with("stock", i64::from(stock))
        .with("held", i64::from(held))
        .with("free", product.free_of(variant))
}

/// `stock.set`.
pub(super) async fn set(scene: &mut Scene<'_>, effect: &Effect) -> Result<Outcome, sqlx::Error> {
    let Some(product) = product_arg(effect) else { return Ok(Outcome::new("not_found")) };
    let mut variant = variant_arg(effect);
    let mut shelves =
        store::stock::lock(scene.connection, &scene.store.id, std::slice::from_ref(&product)).await?;
    let Some(shelf) = shelves.first() else { return Ok(Outcome::new("not_found")) };
    if let ([only], None) = (shelf.variants.as_slice(), &variant) {
        variant = Some(only.id.clone());
    }
    let (from, held) = match &variant {
        Some(id) => match shelf.variant(id) {
            Some(variant) => (variant.stock, variant.held),
            None => return Ok(Outcome::new("not_found")),
        },
        None if !shelf.variants.is_empty() => {
            return Ok(Outcome::new("has_variants")
                .with("name", shelf.name.clone())
                .with("variants", variants(shelf)));
        }
        None => (shelf.stock, shelf.held),
    };
    let by = effect.arg("by").as_int().map(|by| i64::from(from).saturating_add(by));
    let wanted = by.or_else(|| effect.arg("quantity").as_int()).unwrap_or(-1);
    let facts = Outcome::new("ok")
        .with("name", shelf.full_name(variant.as_ref()))
        .with("from", i64::from(from))
        .with("held", held);
    // What is promised to customers who are about to pay cannot be counted away.
    let Some(stock) = i32::try_from(wanted).ok().filter(|stock| i64::from(*stock) >= held.max(0)) else {
        return Ok(Outcome { word: "below_held", ..facts }
            .with("stock", i64::from(from))
            .with("free", shelf.free(variant.as_ref())));
    };
    let change =
        Change { product: product.clone(), variant: variant.clone(), by: i64::from(stock) - i64::from(from) };
    if change.by != 0 {
        let by = scene.staff.as_ref().map(|staff| staff.id.clone());
        let cause = Cause {
            kind: "adjustment",
            reference_type: "adjustment",
            reference: by.as_ref().map_or("", |id| id.as_str()),
            reason: "counted",
        };
        store::stock::apply(
            scene.connection,
            scene.clock,
            &mut shelves,
            std::slice::from_ref(&change),
            cause,
            scene.now,
        )
        .await?;
        let event = store::audit::Event {
            name: "inventory:adjusted",
            entity: "product",
            id: product.as_str(),
            payload: serde_json::json!({ "variant": variant, "from": from, "to": stock }),
            by: by.as_ref(),
        };
        store::audit::insert(scene.connection, scene.clock, event, scene.now).await?;
        scene.catalog_changed = true;
    }
    let free = shelves.first().map_or(0, |shelf| shelf.free(variant.as_ref()));
    Ok(facts.with("stock", i64::from(stock)).with("free", free))
}

fn variants(shelf: &Shelf) -> Value {
    let rows = shelf.variants.iter().map(|variant| {
        row([
            ("product", shelf.product.as_str().into()),
            ("variant", variant.id.as_str().into()),
            ("name", variant.name.clone().into()),
            ("free", shelf.free(Some(&variant.id)).into()),
            ("stock", Value::Int(i64::from(variant.stock))),
        ])
    });
    Value::Rows(rows.collect())
}
