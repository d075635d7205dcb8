//! What operators do from the command line: shops, and products as a sheet.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::PgConnection;

use super::stock::{self, Cause, Change};
use crate::clock::Clock;
use crate::domain::ids::{ProductId, StoreId, UserId, VariantId};

/// Shops that are listed.
pub const MAX_STORES: i64 = 500;

/// A shop in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its name in addresses and commands.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// `active`, `suspended`.
    pub status: String,
    /// Products for sale.
    pub products: i64,
    /// Orders ever placed.
    pub orders: i64,
}

/// Every shop that is not deleted, by name.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn stores(connection: &mut PgConnection) -> Result<Vec<Listed>, sqlx::Error> {
    sqlx::query_as!(
        Listed,
        r#"select s.slug, s.name, coalesce(s.status, 'active') as "status!",
             (select count(*) from products p where p.store_id = s.id and coalesce(p.status, 'active') = 'active') as "products!",
             (select count(*) from orders o where o.store_id = s.id) as "orders!"
           from stores s where s.status is distinct from 'deleted'
           order by s.name, s.slug limit $1"#,
        MAX_STORES,
    )
    .fetch_all(connection)
    .await
}

/// A shop to be made.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields are the columns of stores and users")]
pub struct NewStore {
    pub slug: String,
    pub name: String,
    pub email: String,
    pub phone: String,
    pub address: Option<String>,
    pub city: Option<String>,
    pub owner_name: String,
    pub owner_email: String,
    pub tax_rate: i32,
    pub metadata: serde_json::Value,
}

/// Makes a shop, and its owner where nobody has the address yet. Nothing when the slug is taken.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn create_store(
    connection: &mut PgConnection,
    clock: &Clock,
    new: &NewStore,
) -> Result<Option<StoreId>, sqlx::Error> {
    let now = clock.now().naive_utc();
    sqlx::query!(
        "insert into users (id, email, name, password_hash, created_at, updated_at) values ($1, $2, $3, '', $4, $4)
         on conflict (email) do nothing",
        clock.id(),
        new.owner_email,
        new.owner_name,
        now,
    )
    .execute(&mut *connection)
    .await?;
    let made = sqlx::query_scalar!(
        "insert into stores (id, owner_id, name, slug, email, phone, address, city, tax_rate, metadata, created_at, updated_at)
         select $1, id, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10 from users where email = $11
         on conflict (slug) do nothing
         returning id",
        clock.id(),
        new.name,
        new.slug,
        new.email,
        new.phone,
        new.address,
        new.city,
        new.tax_rate,
        new.metadata,
        now,
        new.owner_email,
    )
    .fetch_optional(&mut *connection)
    .await?;
    let Some(store) = made else { return Ok(None) };
    sqlx::query!(
        "update users set store_id = $2, updated_at = $3 where email = $1 and store_id is null",
        new.owner_email,
        store,
        now,
    )
    .execute(connection)
    .await?;
    Ok(Some(store.into()))
}

/// One line of a sheet: a product, or one variant of a product whose lines follow each other or not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SheetLine {
    /// The shop's code; it names the product for good.
    pub sku: String,
    /// Name in Indonesian.
    pub name: String,
    /// Name in English.
    pub name_en: Option<String>,
    /// Rupiah.
    pub price: i32,
    /// Category in Indonesian.
    pub category: Option<String>,
    /// Description in Indonesian.
    pub description: Option<String>,
    /// Description in English.
    pub description_en: Option<String>,
    /// Other words for it.
    pub aliases: Vec<String>,
    /// Rupiah that the shop pays.
    pub cost: Option<i32>,
    /// Reorder level.
    pub reorder_level: Option<i32>,
    /// An `https` address or a path below `/media/`.
    pub image: Option<String>,
    /// Variant in Indonesian.
    pub variant: Option<String>,
    /// Variant in English.
    pub variant_en: Option<String>,
    /// Pieces on the shelf; left as it is when the line does not say.
    pub stock: Option<i32>,
}

/// What an import has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Imported {
    /// Products that are new.
    pub added: u64,
    /// Products that were there.
    pub updated: u64,
    /// Stocks that have changed.
    pub stocks: u64,
}

/// Writes a sheet: products by their codes, variants by their names, stock as movements of the ledger. What a line does
/// not say stays as it is. The caller owns the transaction.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn import(
    connection: &mut PgConnection,
    clock: &Clock,
    store: &StoreId,
    lines: &[SheetLine],
) -> Result<Imported, sqlx::Error> {
    let now = clock.now();
    let mut done = Imported::default();
    let mut products: BTreeMap<&str, Vec<&SheetLine>> = BTreeMap::new();
    for line in lines {
        products.entry(&line.sku).or_default().push(line);
    }
    for lines in products.values() {
        let Some(first) = lines.first() else { continue };
        let category = match &first.category {
            Some(name) => Some(find_category(connection, clock, store, name, now).await?),
            None => None,
        };
        let (product, is_new) = write_product(connection, clock, store, first, category, now).await?;
        if is_new {
            done.added += 1
        } else {
            done.updated += 1
        }
        let mut targets = Vec::new();
        for line in lines {
            let variant = match &line.variant {
                Some(_) => Some(write_variant(connection, clock, &product, first, line, now).await?),
                None => None,
            };
            targets.extend(line.stock.map(|stock| (variant, stock)));
        }
        done.stocks += set_stock(connection, clock, store, &product, &targets, now).await?;
    }
    Ok(done)
}

async fn find_category(
    connection: &mut PgConnection,
    clock: &Clock,
    store: &StoreId,
    name: &str,
    now: DateTime<Utc>,
) -> Result<String, sqlx::Error> {
    let found = sqlx::query_scalar!(
        "select id from categories where store_id = $1 and lower(name) = lower($2) order by position, id limit 1",
        store.as_str(),
        name,
    )
    .fetch_optional(&mut *connection)
    .await?;
    if let Some(found) = found {
        return Ok(found);
    }
    sqlx::query_scalar!(
        "insert into categories (id, store_id, name, position, created_at)
         values ($1, $2, $3, (select coalesce(max(position) + 1, 0) from categories where store_id = $2), $4)
         returning id",
        clock.id(),
        store.as_str(),
        name,
        now.naive_utc(),
    )
    .fetch_one(connection)
    .await
}

async fn write_product(
    connection: &mut PgConnection,
    clock: &Clock,
    store: &StoreId,
    line: &SheetLine,
    category: Option<String>,
    now: DateTime<Utc>,
) -> Result<(ProductId, bool), sqlx::Error> {
    let mut texts = serde_json::Map::new();
    if let Some(name) = &line.name_en {
        texts.insert("names".to_owned(), json!({ "en": name }));
    }
    if let Some(description) = &line.description_en {
        texts.insert("descriptions".to_owned(), json!({ "en": description }));
    }
    if !line.aliases.is_empty() {
        texts.insert("aliases".to_owned(), json!(line.aliases));
    }
    let texts = serde_json::Value::Object(texts);
    let known = sqlx::query_scalar!(
        "update products set name = $3, price = $4, description = coalesce($5, description),
           cost_price = coalesce($6, cost_price), reorder_level = coalesce($7, reorder_level),
           category_id = coalesce($8, category_id), image_url = coalesce($9, image_url),
           has_variants = has_variants or $10, status = 'active',
           metadata = case when jsonb_typeof(metadata) = 'object' then metadata else '{}' end || $11::jsonb,
           updated_at = $12
         where id = (select id from products where store_id = $1 and sku = $2 order by created_at, id limit 1)
         returning id",
        store.as_str(),
        line.sku,
        line.name,
        line.price,
        line.description,
        line.cost,
        line.reorder_level,
        category,
        line.image,
        line.variant.is_some(),
        texts,
        now.naive_utc(),
    )
    .fetch_optional(&mut *connection)
    .await?;
    if let Some(known) = known {
        return Ok((known.into(), false));
    }
    let id = clock.id();
    sqlx::query!(
        "insert into products (id, store_id, sku, name, price, description, cost_price, reorder_level, category_id, image_url,
           has_variants, metadata, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, coalesce($8, 10), $9, $10, $11, $12, $13, $13)",
        id,
        store.as_str(),
        line.sku,
        line.name,
        line.price,
        line.description,
        line.cost,
        line.reorder_level,
        category,
        line.image,
        line.variant.is_some(),
        texts,
        now.naive_utc(),
    )
    .execute(connection)
    .await?;
    Ok((id.into(), true))
}

async fn write_variant(
    connection: &mut PgConnection,
    clock: &Clock,
    product: &ProductId,
    first: &SheetLine,
    line: &SheetLine,
    now: DateTime<Utc>,
) -> Result<VariantId, sqlx::Error> {
    let name = line.variant.as_deref().unwrap_or_default();
    let price = (line.price != first.price).then_some(line.price);
    let texts = line.variant_en.as_ref().map_or_else(|| json!({}), |name| json!({ "names": { "en": name } }));
    let known = sqlx::query_scalar!(
        "update product_variants set price = $3,
           attributes = case when jsonb_typeof(attributes) = 'object' then attributes else '{}' end || $4::jsonb,
           updated_at = $5
         where id = (select id from product_variants where product_id = $1 and lower(name) = lower($2) order by id limit 1)
         returning id",
        product.as_str(),
        name,
        price,
        texts,
        now.naive_utc(),
    )
    .fetch_optional(&mut *connection)
    .await?;
    if let Some(known) = known {
        return Ok(known.into());
    }
    let id = clock.id();
    sqlx::query!(
        "insert into product_variants (id, product_id, name, price, attributes, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $6)",
        id,
        product.as_str(),
        name,
        price,
        texts,
        now.naive_utc(),
    )
    .execute(connection)
    .await?;
    Ok(id.into())
}

/// Sets stocks of one product, each difference being a movement. Returns how many have changed.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn set_stock(
    connection: &mut PgConnection,
    clock: &Clock,
    store: &StoreId,
    product: &ProductId,
    targets: &[(Option<VariantId>, i32)],
    now: DateTime<Utc>,
) -> Result<u64, sqlx::Error> {
    let mut shelves = stock::lock(connection, store, std::slice::from_ref(product)).await?;
    let Some(shelf) = shelves.first() else { return Ok(0) };
    let mut changes = Vec::new();
    for (variant, target) in targets {
        let current = match variant {
            Some(id) => shelf.variant(id).map(|variant| variant.stock),
            None if shelf.variants.is_empty() => Some(shelf.stock),
            None => None,
        };
        let Some(current) = current else { continue };
        let by = i64::from(*target) - i64::from(current);
        if by != 0 {
            changes.push(Change { product: product.clone(), variant: variant.clone(), by });
        }
    }
    let cause =
        Cause { kind: "adjustment", reference_type: "adjustment", reference: "operator", reason: "counted" };
    stock::apply(connection, clock, &mut shelves, &changes, cause, now).await?;
    Ok(u64::try_from(changes.len()).unwrap_or(u64::MAX))
}

/// The person with an address who works for a shop: the owner when no address is given.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn person(
    connection: &mut PgConnection,
    store: &StoreId,
    email: Option<&str>,
) -> Result<Option<(UserId, String)>, sqlx::Error> {
    let row = sqlx::query!(
        "select u.id, u.name from users u join stores s on s.id = $1
         where coalesce(u.status, 'active') = 'active'
           and (u.id = s.owner_id or u.store_id = s.id)
           and (($2::text is null and u.id = s.owner_id) or lower(u.email) = lower($2))
         limit 1",
        store.as_str(),
        email,
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| (row.id.into(), row.name)))
}

/// Makes every chat of a person an ordinary chat again, and their open codes worthless. Returns the number of chats.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn unlink(
    connection: &mut PgConnection,
    store: &StoreId,
    user: &UserId,
    now: DateTime<Utc>,
) -> Result<u64, sqlx::Error> {
    sqlx::query!(
        "delete from staff_codes where store_id = $1 and user_id = $2 and used_at is null",
        store.as_str(),
        user.as_str(),
    )
    .execute(&mut *connection)
    .await?;
    let chats = sqlx::query!(
        "update conversations set staff_id = null, updated_at = $3 where store_id = $1 and staff_id = $2",
        store.as_str(),
        user.as_str(),
        now.naive_utc(),
    )
    .execute(connection)
    .await?;
    Ok(chats.rows_affected())
}
