//! What scripted conversations ask of the store, and the making of databases that they throw away.

use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, PgConnection};

use crate::domain::ids::{ConversationId, StoreId};
use crate::domain::message::Address;

/// Products and variants of a shop that are looked at.
const MAX_ROWS: i64 = 10_000;

/// What an order shows to a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderFact {
    /// `orders.order_number`.
    pub number: String,
    /// `orders.status`.
    pub status: String,
    /// Whole rupiah.
    pub total: i64,
    /// Payments of it that are confirmed.
    pub confirmed: i64,
    /// The reference of its newest payment.
    pub reference: Option<String>,
    /// The chat that placed it.
    pub chat: Option<ConversationId>,
}

/// The orders of a shop, oldest first.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn orders(connection: &mut PgConnection, store: &StoreId) -> Result<Vec<OrderFact>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select o.order_number, o.status, o.total_amount, o.metadata ->> 'conversation' as conversation,
             (select count(*) from payments p where p.order_id = o.id and p.status = 'confirmed'
                and p.details -> 'surplus' is distinct from 'true') as "confirmed!",
             (select p.reference_number from payments p where p.order_id = o.id
                and p.details -> 'surplus' is distinct from 'true'
              order by p.created_at desc, p.reference_number desc limit 1) as reference
           from orders o where o.store_id = $1 order by o.created_at, o.order_number limit $2"#,
        store.as_str(),
        MAX_ROWS,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| OrderFact {
            number: row.order_number,
            status: row.status,
            total: i64::from(row.total_amount),
            confirmed: row.confirmed,
            reference: row.reference,
            chat: row.conversation.map(ConversationId::from),
        })
        .collect())
}

/// A stock beside its ledger and its holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StockFact {
    /// The full Indonesian name, the variant's after the product's.
    pub name: String,
    /// The name of the product alone.
    pub product: String,
    /// Pieces on the shelf.
    pub stock: i64,
    /// Pieces held for unpaid orders.
    pub held: i64,
    /// The sum of its movements.
    pub ledger: i64,
}

/// Every stock of a shop.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn stocks(connection: &mut PgConnection, store: &StoreId) -> Result<Vec<StockFact>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select p.name as product, v.name as "variant?", l.stock as "stock!", l.ledger as "ledger!",
             coalesce((select sum(r.quantity) from inventory_reservations r
               where r.product_id = p.id and r.status = 'reserved'
                 and coalesce(r.variant_id, '') = coalesce(l.variant_id, '')), 0)::bigint as "held!"
           from stock_ledger l
           join products p on p.id = l.product_id
           left join product_variants v on v.id = l.variant_id
           where l.store_id = $1 order by p.name, v.name limit $2"#,
        store.as_str(),
        MAX_ROWS,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| StockFact {
            name: row
                .variant
                .map_or_else(|| row.product.clone(), |variant| format!("{} {variant}", row.product)),
            product: row.product,
            stock: i64::from(row.stock),
            held: row.held,
            ledger: row.ledger,
        })
        .collect())
}

/// Rows of the outbox that wait.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn queued(connection: &mut PgConnection) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(r#"select count(*) as "count!" from outbox where state = 'queued'"#)
        .fetch_one(connection)
        .await
}

/// The conversation of an address and its state, with its customer.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn conversation(
    connection: &mut PgConnection,
    store: &StoreId,
    address: &Address,
) -> Result<Option<(ConversationId, String, serde_json::Value)>, sqlx::Error> {
    let row = sqlx::query!(
        "select id, customer_id, state from conversations where store_id = $1 and channel = $2 and chat = $3",
        store.as_str(),
        address.channel.as_str(),
        address.chat,
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| (row.id.into(), row.customer_id, row.state)))
}

/// The next moment after `now` at which something becomes due: a deadline, a retry, a send, a lease that runs out.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn next_due(
    connection: &mut PgConnection,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, sqlx::Error> {
    let next = sqlx::query_scalar!(
        "select min(due) from (
           select min(timer_at) as due from conversations where timer_at > $1
           union all select min(due_at) from timers where due_at > $1
           union all select min(due_at) from inbox where handled_at is null and due_at > $1
           union all select min(due_at) from outbox where state = 'queued' and due_at > $1
           union all select min(leased_until) from outbox where state = 'queued' and leased_until > $1
         ) as dues",
        now.naive_utc(),
    )
    .fetch_one(connection)
    .await?;
    Ok(next.map(|due| due.and_utc()))
}

/// Makes a database, empty or as a copy of another one, which nobody may be connected to.
///
/// # Errors
/// [`sqlx::Error`] when the server refuses.
pub async fn create_database(
    connection: &mut PgConnection,
    name: &str,
    template: Option<&str>,
) -> Result<(), sqlx::Error> {
    let template = template.map(|template| format!(" template {}", quoted(template))).unwrap_or_default();
    let statement = format!("create database {}{template}", quoted(name));
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(connection).await.map(drop)
}

/// Drops a database, whoever is connected to it.
///
/// # Errors
/// [`sqlx::Error`] when the server refuses.
pub async fn drop_database(connection: &mut PgConnection, name: &str) -> Result<(), sqlx::Error> {
    let statement = format!("drop database if exists {} with (force)", quoted(name));
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(connection).await.map(drop)
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A shop to be made for scripts, whole.
#[derive(Debug, Clone)]
pub struct NewShop<'a> {
    /// `stores.id`.
    pub id: &'a str,
    /// `stores.name`.
    pub name: &'a str,
    /// `stores.slug`.
    pub slug: &'a str,
    /// `stores.city`.
    pub city: &'a str,
    /// `stores.tax_rate`, in percent.
    pub tax_percent: i32,
    /// `stores.metadata`.
    pub settings: serde_json::Value,
}

/// Makes a shop with its owner.
///
/// # Errors
/// [`sqlx::Error`] when the database fails or the shop is there already.
pub async fn insert_shop(
    connection: &mut PgConnection,
    shop: &NewShop<'_>,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let owner = format!("{}-owner", shop.id);
    let email = format!("owner@{}.example", shop.slug);
    sqlx::query!(
        "insert into users (id, email, name, password_hash, role, created_at, updated_at)
         values ($1, $2, $3, '', 'owner', $4, $4)",
        owner,
        email,
        shop.name,
        now.naive_utc(),
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "insert into stores (id, owner_id, name, slug, email, phone, city, tax_rate, metadata, created_at, updated_at)
         values ($1, $2, $3, $4, $5, '', $6, $7, $8, $9, $9)",
        shop.id,
        owner,
        shop.name,
        shop.slug,
        email,
        shop.city,
        shop.tax_percent,
        shop.settings,
        now.naive_utc(),
    )
    .execute(connection)
    .await
    .map(drop)
}

/// Makes a category of a shop.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn insert_category(
    connection: &mut PgConnection,
    store: &str,
    id: &str,
    name: &str,
    names: &serde_json::Value,
    position: i32,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into categories (id, store_id, name, names, position) values ($1, $2, $3, $4, $5)",
        id,
        store,
        name,
        names,
        position,
    )
    .execute(connection)
    .await
    .map(drop)
}
