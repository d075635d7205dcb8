//! What a shop sells, read as a whole. Foreign programs write these rows too, so every column is read with care.

use std::collections::{HashMap, HashSet};

use serde::Deserialize;
use sqlx::PgConnection;

use crate::domain::catalog::{Catalog, Category, Product, Variant};
use crate::domain::customer::Localized;
use crate::domain::ids::{CategoryId, StoreId};
use crate::domain::money::Rupiah;

/// Products of one shop that are read; a shop with more shows the first ones.
pub const MAX_PRODUCTS: i64 = 5_000;
/// Variants of one shop that are read.
pub const MAX_VARIANTS: i64 = 20_000;
/// Categories of one shop that are read.
pub const MAX_CATEGORIES: i64 = 200;

/// Texts of `products.metadata` and `product_variants.attributes` in other languages.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Texts {
    pub(super) names: Translations,
    pub(super) descriptions: Translations,
    pub(super) aliases: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Translations {
    pub(super) en: Option<String>,
}

pub(super) fn texts(metadata: Option<&serde_json::Value>) -> Texts {
    metadata.and_then(|value| Texts::deserialize(value).ok()).unwrap_or_default()
}

/// A name in both languages out of its column and the JSON beside it.
pub(super) fn localized(name: String, metadata: Option<&serde_json::Value>) -> Localized {
    Localized { id: name, en: texts(metadata).names.en.filter(|text| !text.is_empty()) }
}

/// The catalogue of a shop: active products with their live holds.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn load(connection: &mut PgConnection, store: &StoreId) -> Result<Catalog, sqlx::Error> {
    let categories = load_categories(connection, store).await?;
    let known: HashSet<&str> = categories.iter().map(|category| category.id.as_str()).collect();
    let mut variants = load_variants(connection, store).await?;
    let rows = sqlx::query!(
        r#"select p.id, p.name, p.description, p.sku, p.price, p.stock, p.reorder_level, p.category_id,
                  p.image_url, p.metadata, coalesce(h.held, 0) as "held!"
           from products p
           left join categories c on c.id = p.category_id and c.store_id = p.store_id
           left join (
             select r.product_id, sum(r.quantity) as held
             from inventory_reservations r
             join products hp on hp.id = r.product_id
             where r.status = 'reserved' and hp.store_id = $1
             group by r.product_id
           ) h on h.product_id = p.id
           where p.store_id = $1 and coalesce(p.status, 'active') = 'active'
           order by c.position nulls last, c.id,
             case when jsonb_typeof(p.metadata -> 'position') = 'number' then (p.metadata ->> 'position')::numeric end
               nulls last,
             p.name, p.id
           limit $2"#,
        store.as_str(),
        MAX_PRODUCTS,
    )
    .fetch_all(connection)
    .await?;
    let products = rows
        .into_iter()
        .filter_map(|row| {
            let texts = texts(row.metadata.as_ref());
            let variants = variants.remove(&row.id).unwrap_or_default();
            let stock = if variants.is_empty() {
                row.stock
            } else {
                variants.iter().fold(0_i32, |sum, variant| sum.saturating_add(variant.stock))
            };
            Some(Product {
                id: row.id.into(),
                category: row.category_id.filter(|id| known.contains(id.as_str())).map(CategoryId::from),
                name: Localized { id: row.name, en: texts.names.en },
                description: Localized { id: row.description.unwrap_or_default(), en: texts.descriptions.en },
                aliases: texts.aliases,
                sku: row.sku,
                // A negative price is a mistake of whoever wrote it; such a product is not for sale.
                price: Rupiah::try_from(row.price).ok()?,
                image: row.image_url.filter(|image| !image.is_empty()),
                stock,
                held: i32::try_from(row.held).unwrap_or(i32::MAX),
                reorder_level: row.reorder_level.unwrap_or(0),
                variants,
            })
        })
        .collect();
    Ok(Catalog { store: store.clone(), categories, products })
}

async fn load_categories(
    connection: &mut PgConnection,
    store: &StoreId,
) -> Result<Vec<Category>, sqlx::Error> {
    let rows = sqlx::query!(
        "select id, name, names from categories where store_id = $1 order by position, id limit $2",
        store.as_str(),
        MAX_CATEGORIES,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let names = row.names.and_then(|names| Translations::deserialize(names).ok()).unwrap_or_default();
            Category { id: row.id.into(), name: Localized { id: row.name, en: names.en } }
        })
        .collect())
}

async fn load_variants(
    connection: &mut PgConnection,
    store: &StoreId,
) -> Result<HashMap<String, Vec<Variant>>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select v.id, v.product_id, v.name, v.sku, v.price, v.stock, v.attributes, coalesce(h.held, 0) as "held!"
           from product_variants v
           join products p on p.id = v.product_id
           left join (
             select r.variant_id, sum(r.quantity) as held
             from inventory_reservations r
             join products hp on hp.id = r.product_id
             where r.status = 'reserved' and hp.store_id = $1
             group by r.variant_id
           ) h on h.variant_id = v.id
           where p.store_id = $1
           order by v.product_id,
             case when jsonb_typeof(v.attributes -> 'position') = 'number'
               then (v.attributes ->> 'position')::numeric end nulls last,
             v.created_at, v.id
           limit $2"#,
        store.as_str(),
        MAX_VARIANTS,
    )
    .fetch_all(connection)
    .await?;
    let mut variants: HashMap<String, Vec<Variant>> = HashMap::new();
    for row in rows {
        let variant = Variant {
            id: row.id.into(),
            name: localized(row.name, row.attributes.as_ref()),
            sku: row.sku,
            price: row.price.and_then(|price| Rupiah::try_from(price).ok()),
            stock: row.stock,
            held: i32::try_from(row.held).unwrap_or(i32::MAX),
        };
        variants.entry(row.product_id).or_default().push(variant);
    }
    Ok(variants)
}

/// A number that changes whenever any program changes what the shop sells, holds or is set to.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn fingerprint(connection: &mut PgConnection, store: &StoreId) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(r#"select catalog_fingerprint($1) as "fingerprint!""#, store.as_str())
        .fetch_one(connection)
        .await
}
