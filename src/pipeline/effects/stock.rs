//! Finding a product for staff, with its price and what is there of it.

use super::{Scene, search};
use crate::dialogue::effect::{Effect, Outcome};
use crate::dialogue::value::{Row, Value};
use crate::dialogue::world::product_row;
use crate::domain::catalog::Product;
use crate::domain::ids::VariantId;

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
        .with("price", product.price_of(variant))
        .with("stock", i64::from(stock))
        .with("held", i64::from(held))
        .with("free", product.free_of(variant))
}
