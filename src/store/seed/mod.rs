//! The demo shop: the shared seed's owner, shop, buyers and two teas, and the rest of a catalogue worth browsing.
//!
//! Seeding is repeatable. A row that is there keeps what it holds, whoever wrote it: prices that the owner changed and
//! stock that was sold stay as they are. A shop that the platform's own seed program made is filled up.

mod catalog;

use chrono::{DateTime, Utc};
use serde_json::json;
use sha2::{Digest, Sha256};
use sqlx::{PgConnection, PgPool};

use self::catalog::{Category, Demo, Product};
use super::goods::{self, Door, Writer};
use super::{media, stock};
use crate::clock::Clock;
use crate::dialogue::world::Store;
use crate::domain::goods::{Count, Details, Draft, NoPrice, Price, VariantDraft};
use crate::domain::ids::{ProductId, StoreId};
use crate::domain::money::Rupiah;

/// The slug of the demo shop.
pub const SLUG: &str = "bella-teh";

/// Whether a shop is the one that this seed has made, and nobody's own of the same name: ids of others are drawn.
pub fn is_demo(shop: &Store) -> bool {
    shop.slug == SLUG && shop.id.as_str() == id("store")
}

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
    let report = add(&mut transaction, &demo, clock).await?;
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

async fn add(connection: &mut PgConnection, demo: &Demo, clock: &Clock) -> Result<SeedReport, sqlx::Error> {
    let now = clock.now();
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
        add_category(connection, &store, category, shelf, now, &mut report).await?;
        let store = StoreId::from(store.as_str());
        for product in &category.products {
            position += 1;
            add_product(connection, clock, &store, category, product, position, &mut report).await?;
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
) -> Result<(), sqlx::Error> {
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
    Ok(())
}

async fn add_product(
    connection: &mut PgConnection,
    clock: &Clock,
    store: &StoreId,
    category: &Category,
    product: &Product,
    position: i32,
    report: &mut SeedReport,
) -> Result<(), sqlx::Error> {
    let now = clock.now();
    // The platform's own seed program writes its two teas without code, category or picture: they are the same products.
    let bare = sqlx::query_scalar!(
        "select id from products where store_id = $1 and name = $2 and sku is null and metadata is null order by id limit 1",
        store.as_str(),
        product.name.id,
    )
    .fetch_optional(&mut *connection)
    .await?;
    let known = sqlx::query_scalar!(
        "select id from products where store_id = $1 and (sku = $2 or id = $3) order by id limit 1",
        store.as_str(),
        product.sku,
        id(&product.key),
    )
    .fetch_optional(&mut *connection)
    .await?;
    if let Some(known) = known.filter(|_| bare.is_none()) {
        return explain(connection, clock, store, known.into(), report).await;
    }
    let image = match catalog::picture(&product.key) {
        Some(png) => Some(media::insert_png(connection, png, now).await?),
        None => None,
    };
    let is_new = bare.is_none();
    let product_id = ProductId::from(bare.unwrap_or_else(|| id(&product.key)));
    let mut draft = draft(product, &product_id, category, position);
    draft.details.image = image;
    if is_new {
        offer(&mut draft, product).map_err(broken)?;
    } else if let Some(kept) =
        goods::load(connection, store, std::slice::from_ref(&product_id)).await?.values().next()
    {
        // What the platform's program did say stays.
        draft.details.category = draft.details.category.filter(|_| kept.details.category.is_none());
        draft.details.description = draft.details.description.filter(|_| kept.details.description.is_none());
        draft.details.image = draft.details.image.filter(|_| kept.details.image.is_none());
    }
    let writer = Writer::of(Door::Seed);
    let written = goods::write(connection, clock, store, std::slice::from_ref(&draft), writer, now).await?;
    written.map_err(|refused| broken(format!("{}: {refused:?}", product.key)))?;
    if !is_new {
        return explain(connection, clock, store, product_id, report).await;
    }
    report.products += 1;
    report.variants += product.variants.len() as u64;
    let stocks = std::iter::once(product.stock).chain(product.variants.iter().map(|variant| variant.stock));
    report.movements += stocks.filter(|stock| *stock != 0).count() as u64;
    Ok(())
}

/// A mistake in the demo's own data.
fn broken(what: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> sqlx::Error {
    sqlx::Error::Configuration(what.into())
}

/// What the demo says of a product besides what it costs and how many there are.
fn draft(product: &Product, id: &ProductId, category: &Category, position: i32) -> Draft {
    Draft {
        id: Some(id.clone()),
        sku: Some(product.sku.clone()),
        may_add: true,
        name: Some(product.name.id.clone()),
        details: Details {
            name_en: product.name.en.clone(),
            category: Some(category.name.id.clone()),
            description: Some(product.description.id.clone()),
            description_en: product.description.en.clone(),
            aliases: Some(product.aliases.clone()),
            position: Some(position),
            ..Details::default()
        },
        ..Draft::default()
    }
}

/// What a new product costs, and how many there are.
fn offer(draft: &mut Draft, product: &Product) -> Result<(), NoPrice> {
    let price = |whole: i32| {
        let amount = Rupiah::try_from(whole).map_err(|_| NoPrice::Unreadable)?;
        Price::new(amount)
    };
    draft.price = Some(price(product.price)?);
    draft.details.cost = Some(product.cost);
    draft.details.reorder_level = Some(product.reorder);
    if product.variants.is_empty() {
        draft.stock = Some(Count::To(product.stock.into()));
    }
    for (place, variant) in (0..).zip(&product.variants) {
        draft.variants.push(VariantDraft {
            id: Some(id(&format!("{} {}", product.key, variant.key)).into()),
            name: Some(variant.name.id.clone()),
            name_en: variant.name.en.clone(),
            sku: Some(format!("{}-{}", product.sku, variant.key.to_uppercase())),
            price: variant.price.map(price).transpose()?,
            stock: Some(Count::To(variant.stock.into())),
            position: Some(place),
        });
    }
    Ok(())
}

/// Gives stock that has no history its opening movement, so that it equals the sum of its movements from the start.
async fn explain(
    connection: &mut PgConnection,
    clock: &Clock,
    store: &StoreId,
    product: ProductId,
    report: &mut SeedReport,
) -> Result<(), sqlx::Error> {
    let shelves = stock::lock(connection, store, std::slice::from_ref(&product)).await?;
    report.movements += stock::explain(connection, clock, &shelves, clock.now()).await?;
    Ok(())
}
