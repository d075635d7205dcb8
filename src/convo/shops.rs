//! The shops that scripts play in: those that are shipped, and catalogues in YAML beside the scripts.

use std::path::Path;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use sqlx::{Connection, PgConnection};

use super::script::{DEFAULT_SHOP, slug};
use super::world::WorldError;
use crate::clock::Clock;
use crate::domain::goods::{Count, Details, Draft, Price, VariantDraft};
use crate::domain::ids::StoreId;
use crate::domain::money::Rupiah;
use crate::store;
use crate::store::facts::NewShop;
use crate::store::goods::{Door, Writer};

/// What the ids of a script's shop are drawn from: no script's own seed, so that none comes up again.
pub(super) const IDS: u64 = u64::MAX;

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
    let id = StoreId::from(id);
    insert_products(&mut transaction, &id, &shop.products, now).await?;
    transaction.commit().await.map_err(broken)?;
    Ok(id)
}

fn price(whole: i32) -> Result<Price, WorldError> {
    let amount = Rupiah::try_from(whole).map_err(broken)?;
    Price::new(amount).map_err(|error| broken(format!("the price {whole} {error}")))
}

async fn insert_products(
    connection: &mut PgConnection,
    store: &StoreId,
    products: &[ProductSpec],
    now: DateTime<Utc>,
) -> Result<(), WorldError> {
    let mut drafts = Vec::new();
    for (position, product) in (0..).zip(products) {
        let id = slug(&product.name);
        let mut draft = Draft {
            id: Some(id.as_str().into()),
            may_add: true,
            name: Some(product.name.clone()),
            price: Some(price(product.price)?),
            stock: product.variants.is_empty().then(|| Count::To(product.stock.into())),
            details: Details {
                name_en: product.en.clone(),
                category: product.category.clone(),
                aliases: Some(product.aliases.clone()),
                reorder_level: Some(product.reorder_level),
                position: Some(position),
                ..Details::default()
            },
            ..Draft::default()
        };
        for variant in &product.variants {
            draft.variants.push(VariantDraft {
                id: Some(format!("{id}-{}", slug(&variant.name)).into()),
                name: Some(variant.name.clone()),
                name_en: variant.en.clone(),
                price: variant.price.map(price).transpose()?,
                stock: Some(Count::To(variant.stock.into())),
                ..VariantDraft::default()
            });
        }
        drafts.push(draft);
    }
    let writer = Writer::of(Door::Script);
    let written = store::goods::write(connection, &Clock::fixed(now, IDS), store, &drafts, writer, now)
        .await
        .map_err(broken)?;
    written.map(drop).map_err(|refused| {
        let lines = refused.iter().map(|it| {
            let name = drafts.get(it.draft).and_then(|draft| draft.name.as_deref()).unwrap_or_default();
            format!("{name}: {} {}", it.refusal.column, it.refusal.rule)
        });
        broken(lines.collect::<Vec<_>>().join("; "))
    })
}
