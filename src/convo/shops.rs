//! The shops that scripts play in: those that are shipped, and catalogues in YAML beside the scripts.

use std::path::Path;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use sqlx::{Connection, PgConnection};

use super::script::{DEFAULT_SHOP, slug};
use super::world::WorldError;
use crate::domain::ids::StoreId;
use crate::store;
use crate::store::facts::{NewGoods, NewShop};

/// A shop in YAML.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Shop {
    store: StoreSpec,
    #[serde(default)]
    categories: Vec<Named>,
    products: Vec<ProductSpec>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoreSpec {
    name: String,
    #[serde(default)]
    city: String,
    /// Percent.
    #[serde(default)]
    tax: i32,
    /// `stores.metadata`: zone, language, prices_include_tax, hold_minutes, shipping.
    #[serde(default)]
    settings: serde_json::Map<String, serde_json::Value>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    name: String,
    #[serde(default)]
    en: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProductSpec {
    name: String,
    #[serde(default)]
    en: Option<String>,
    #[serde(default)]
    category: Option<String>,
    price: i32,
    #[serde(default)]
    stock: i32,
    #[serde(default)]
    reorder_level: i32,
    #[serde(default)]
    aliases: Vec<String>,
    #[serde(default)]
    variants: Vec<VariantSpec>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct VariantSpec {
    name: String,
    #[serde(default)]
    en: Option<String>,
    #[serde(default)]
    price: Option<i32>,
    #[serde(default)]
    stock: i32,
}

fn broken(error: impl std::fmt::Display) -> WorldError {
    WorldError::new(format!("the shop cannot be made: {error}"))
}

/// Fills a migrated database with a shop and returns its id.
///
/// # Errors
/// [`WorldError`] when there is no such shop, its file is malformed, or the database fails.
pub(super) async fn fill(
    connection: &mut PgConnection,
    shop: &str,
    now: DateTime<Utc>,
) -> Result<StoreId, WorldError> {
    if shop.ends_with(".yaml") || shop.ends_with(".yml") {
        return from_yaml(connection, Path::new(shop), now).await;
    }
    if shop != DEFAULT_SHOP {
        return Err(WorldError::new(format!(
            "there is no shop `{shop}`: write {DEFAULT_SHOP}, or the path of a catalogue that ends in .yaml"
        )));
    }
    let found = store::stores::by_slug(connection, shop).await.map_err(broken)?;
    found.map(|store| store.id).ok_or_else(|| WorldError::new("the demo shop is not in the database"))
}

async fn from_yaml(
    connection: &mut PgConnection,
    path: &Path,
    now: DateTime<Utc>,
) -> Result<StoreId, WorldError> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| WorldError::new(format!("{} cannot be read: {error}", path.display())))?;
    // The error names line and column.
    let shop: Shop = serde_saphyr::from_str(&text)
        .map_err(|error| WorldError::new(format!("{}: {error}", path.display())))?;
    let mut transaction = connection.begin().await.map_err(broken)?;
    let id = format!("store-{}", slug(&shop.store.name));
    let new = NewShop {
        id: &id,
        name: &shop.store.name,
        slug: &slug(&shop.store.name),
        city: &shop.store.city,
        tax_percent: shop.store.tax,
        settings: shop.store.settings.into(),
    };
    store::facts::insert_shop(&mut transaction, &new, now).await.map_err(broken)?;
    for (position, category) in (0..).zip(&shop.categories) {
        let names = serde_json::json!({ "en": category.en });
        let id = slug(&category.name);
        store::facts::insert_category(&mut transaction, new.id, &id, &category.name, &names, position)
            .await
            .map_err(broken)?;
    }
    for (position, product) in (0..).zip(&shop.products) {
        insert_product(&mut transaction, &id, product, position, now).await?;
    }
    transaction.commit().await.map_err(broken)?;
    Ok(StoreId::from(id))
}

async fn insert_product(
    connection: &mut PgConnection,
    store: &str,
    product: &ProductSpec,
    position: i32,
    now: DateTime<Utc>,
) -> Result<(), WorldError> {
    let id = slug(&product.name);
    let category = product.category.as_deref().map(slug);
    let sum: i32 = product.variants.iter().map(|variant| variant.stock).sum();
    let goods = NewGoods {
        id: &id,
        of: None,
        category: category.as_deref(),
        name: &product.name,
        price: Some(product.price),
        stock: if product.variants.is_empty() { product.stock } else { sum },
        reorder_level: product.reorder_level,
        has_variants: !product.variants.is_empty(),
        texts: serde_json::json!({
            "names": { "en": product.en }, "aliases": product.aliases, "position": position
        }),
    };
    store::facts::insert_goods(connection, store, &goods, now).await.map_err(broken)?;
    for variant in &product.variants {
        let goods = NewGoods {
            id: &format!("{id}-{}", slug(&variant.name)),
            of: Some(&id),
            category: None,
            name: &variant.name,
            price: variant.price,
            stock: variant.stock,
            reorder_level: 0,
            has_variants: false,
            texts: serde_json::json!({ "names": { "en": variant.en } }),
        };
        store::facts::insert_goods(connection, store, &goods, now).await.map_err(broken)?;
    }
    Ok(())
}
