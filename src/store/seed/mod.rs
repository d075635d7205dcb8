//! The demo shop: the shared seed's owner, shop, buyers and two teas, and the rest of a catalogue worth browsing.
//!
//! Seeding is repeatable. A row that is there keeps what it holds, whoever wrote it: prices that the owner changed and
//! stock that was sold stay as they are. A shop that the platform's own seed program made is filled up.

mod catalog;

use chrono::{DateTime, Utc};
use serde_json::json;
use sha2::{Digest, Sha256};
use sqlx::{PgConnection, PgPool};

use self::catalog::{Category, Demo, Product, Variant};
use super::media;
use crate::clock::Clock;

/// What seeding has added; all zero when everything was there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SeedReport {
    /// Shops, 0 or 1.
    pub stores: u64,
    /// Customers.
    pub customers: u64,
    /// Categories.
    pub categories: u64,
    /// Products.
    pub products: u64,
    /// Variants.
    pub variants: u64,
    /// Opening movements of stock.
    pub movements: u64,
}

impl std::fmt::Display for SeedReport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if *self == Self::default() {
            return f.write_str("the demo shop is there already");
        }
        write!(
            f,
            "seeded the demo shop: {} categories, {} products with {} variants, {} customers",
            self.categories, self.products, self.variants, self.customers
        )
    }
}

/// Adds what is missing of the demo shop, in one transaction.
///
/// # Errors
/// [`sqlx::Error`] when the database fails; nothing has been added then.
pub async fn demo(pool: &PgPool, clock: &Clock) -> Result<SeedReport, sqlx::Error> {
    let demo = catalog::read().map_err(|error| sqlx::Error::Configuration(error.into()))?;
    let mut transaction = pool.begin().await?;
    let report = add(&mut transaction, &demo, clock.now()).await?;
    transaction.commit().await?;
    Ok(report)
}

/// An id in the form of the shared schema that is always the same for a key: the rows of the demo have one name for good.
fn id(key: &str) -> String {
    let digest = Sha256::digest(format!("warung demo {key}").as_bytes());
    let letters =
        digest.iter().map(|byte| char::from(b"0123456789abcdefghijklmnopqrstuvwxyz"[usize::from(byte % 36)]));
    // cuid2 begins with a letter and has 24 characters.
    std::iter::once('d').chain(letters).take(24).collect()
}

async fn add(
    connection: &mut PgConnection,
    demo: &Demo,
    now: DateTime<Utc>,
) -> Result<SeedReport, sqlx::Error> {
    // Two processes that start at once on one database: the second waits, then finds everything there.
    sqlx::query!("select pg_advisory_xact_lock(hashtext('warung demo seed'))")
        .execute(&mut *connection)
        .await?;
    let mut report = SeedReport::default();
    let owner = add_owner(connection, demo, now).await?;
    let store = add_store(connection, demo, &owner, now, &mut report).await?;
    for buyer in &demo.customers {
        report.customers += sqlx::query!(
            "insert into customers (id, store_id, name, phone, segment, created_at, updated_at)
             select $1, $2, $3, $4, $5, $6, $6
             where not exists (select 1 from customers where store_id = $2 and phone = $4)
             on conflict (id) do nothing",
            id(&buyer.key),
            store,
            buyer.name,
            buyer.phone,
            buyer.segment,
            now.naive_utc(),
        )
        .execute(&mut *connection)
        .await?
        .rows_affected();
    }
    let mut position = 0;
    for (shelf, category) in demo.categories.iter().enumerate() {
        let category_id = add_category(connection, &store, category, shelf, now, &mut report).await?;
        for product in &category.products {
            position += 1;
            add_product(connection, &store, &category_id, product, position, now, &mut report).await?;
        }
    }
    Ok(report)
}

async fn add_owner(
    connection: &mut PgConnection,
    demo: &Demo,
    now: DateTime<Utc>,
) -> Result<String, sqlx::Error> {
    // No password has this hash, so nobody can sign in with it elsewhere.
    sqlx::query!(
        "insert into users (id, email, phone, name, password_hash, email_verified, created_at, updated_at)
         values ($1, $2, $3, $4, 'hashed_password', true, $5, $5)
         on conflict (email) do nothing",
        id("owner"),
        demo.owner.email,
        demo.owner.phone,
        demo.owner.name,
        now.naive_utc(),
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query_scalar!("select id from users where email = $1", demo.owner.email).fetch_one(connection).await
}

async fn add_store(
    connection: &mut PgConnection,
    demo: &Demo,
    owner: &str,
    now: DateTime<Utc>,
    report: &mut SeedReport,
) -> Result<String, sqlx::Error> {
    let shop = &demo.store;
    report.stores += sqlx::query!(
        "insert into stores (id, owner_id, name, description, slug, email, phone, business_type, whatsapp_number,
           created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, 'food', $7, $8, $8)
         on conflict (slug) do nothing",
        id("store"),
        owner,
        shop.name,
        shop.description,
        shop.slug,
        shop.email,
        shop.phone,
        now.naive_utc(),
    )
    .execute(&mut *connection)
    .await?
    .rows_affected();
    // Settings and address belong to us; the platform's own seed program leaves them empty.
    sqlx::query!(
        "update stores set metadata = $2, address = coalesce(address, $3), city = coalesce(city, $4),
           province = coalesce(province, $5), zip_code = coalesce(zip_code, $6), updated_at = $7
         where slug = $1 and metadata is null",
        shop.slug,
        shop.metadata,
        shop.address,
        shop.city,
        shop.province,
        shop.zip_code,
        now.naive_utc(),
    )
    .execute(&mut *connection)
    .await?;
    let store = sqlx::query_scalar!("select id from stores where slug = $1", shop.slug)
        .fetch_one(&mut *connection)
        .await?;
    sqlx::query!(
        "update users set store_id = $2, updated_at = $3 where id = $1 and store_id is null",
        owner,
        store,
        now.naive_utc(),
    )
    .execute(connection)
    .await?;
    Ok(store)
}

async fn add_category(
    connection: &mut PgConnection,
    store: &str,
    category: &Category,
    shelf: usize,
    now: DateTime<Utc>,
    report: &mut SeedReport,
) -> Result<String, sqlx::Error> {
    let id = id(&format!("category {}", category.key));
    report.categories += sqlx::query!(
        "insert into categories (id, store_id, name, names, position, created_at) values ($1, $2, $3, $4, $5, $6)
         on conflict (id) do nothing",
        id,
        store,
        category.name.id,
        json!({ "en": category.name.en }),
        i32::try_from(shelf).unwrap_or(i32::MAX),
        now.naive_utc(),
    )
    .execute(connection)
    .await?
    .rows_affected();
    Ok(id)
}

async fn add_product(
    connection: &mut PgConnection,
    store: &str,
    category: &str,
    product: &Product,
    position: i32,
    now: DateTime<Utc>,
    report: &mut SeedReport,
) -> Result<(), sqlx::Error> {
    let image = match catalog::picture(&product.key) {
        Some(png) => Some(media::insert_png(connection, png, now).await?),
        None => None,
    };
    let metadata = json!({
        "names": { "en": product.name.en },
        "descriptions": { "en": product.description.en },
        "aliases": product.aliases,
        "position": position,
    });
    let stock = product.stock + product.variants.iter().map(|variant| variant.stock).sum::<i32>();
    // The platform's own seed program writes its two teas without code, category or picture: they are the same products.
    let known = sqlx::query_scalar!(
        "update products set sku = coalesce(sku, $3), category_id = coalesce(category_id, $4),
           description = coalesce(description, $5), image_url = coalesce(image_url, $6), metadata = $7, updated_at = $8
         where store_id = $1 and name = $2 and sku is null and metadata is null
         returning id",
        store,
        product.name.id,
        product.sku,
        category,
        product.description.id,
        image,
        metadata,
        now.naive_utc(),
    )
    .fetch_optional(&mut *connection)
    .await?;
    let known =
        match known {
            Some(known) => Some(known),
            None => sqlx::query_scalar!(
                "select id from products where store_id = $1 and (sku = $2 or id = $3) order by id limit 1",
                store,
                product.sku,
                id(&product.key),
            )
            .fetch_optional(&mut *connection)
            .await?,
        };
    if let Some(known) = known {
        return open_ledger(connection, &known, now, report).await;
    }
    let product_id = id(&product.key);
    report.products += sqlx::query!(
        "insert into products (id, store_id, name, description, sku, price, cost_price, stock, reorder_level,
           category_id, image_url, has_variants, metadata, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14)",
        product_id,
        store,
        product.name.id,
        product.description.id,
        product.sku,
        product.price,
        product.cost,
        stock,
        product.reorder,
        category,
        image,
        !product.variants.is_empty(),
        metadata,
        now.naive_utc(),
    )
    .execute(&mut *connection)
    .await?
    .rows_affected();
    for (place, variant) in product.variants.iter().enumerate() {
        add_variant(connection, product, &product_id, variant, place, now, report).await?;
    }
    open_ledger(connection, &product_id, now, report).await
}

async fn add_variant(
    connection: &mut PgConnection,
    product: &Product,
    product_id: &str,
    variant: &Variant,
    place: usize,
    now: DateTime<Utc>,
    report: &mut SeedReport,
) -> Result<(), sqlx::Error> {
    report.variants += sqlx::query!(
        "insert into product_variants (id, product_id, name, sku, price, stock, attributes, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $8)",
        id(&format!("{} {}", product.key, variant.key)),
        product_id,
        variant.name.id,
        format!("{}-{}", product.sku, variant.key.to_uppercase()),
        variant.price,
        variant.stock,
        json!({ "names": { "en": variant.name.en }, "position": place }),
        now.naive_utc(),
    )
    .execute(connection)
    .await?
    .rows_affected();
    Ok(())
}

/// Gives stock that has no history its opening movement, so that it equals the sum of its movements from the start.
async fn open_ledger(
    connection: &mut PgConnection,
    product: &str,
    now: DateTime<Utc>,
    report: &mut SeedReport,
) -> Result<(), sqlx::Error> {
    let shelves = sqlx::query!(
        r#"select v.id as "variant?", coalesce(v.stock, p.stock) as "stock!"
           from products p left join product_variants v on v.product_id = p.id
           where p.id = $1 and coalesce(v.stock, p.stock) <> 0
             and not exists (select 1 from inventory_movements m where m.product_id = p.id)
           order by v.id
           limit 100"#,
        product,
    )
    .fetch_all(&mut *connection)
    .await?;
    for shelf in shelves {
        let name = format!("opening {product} {}", shelf.variant.as_deref().unwrap_or_default());
        report.movements += sqlx::query!(
            "insert into inventory_movements (id, product_id, variant_id, type, quantity, reference_type, reason,
               stock_before, stock_after, created_at)
             values ($1, $2, $3, 'inbound', $4, 'adjustment', 'opening stock', 0, $4, $5)
             on conflict (id) do nothing",
            id(&name),
            product,
            shelf.variant,
            shelf.stock,
            now.naive_utc(),
        )
        .execute(&mut *connection)
        .await?
        .rows_affected();
    }
    Ok(())
}
