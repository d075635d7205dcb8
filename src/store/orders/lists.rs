//! Many orders at once: a customer's, those that need the shop, and the sums of a day.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::domain::ids::{CustomerId, OrderId, StoreId};
use crate::domain::money::Rupiah;
use crate::domain::order::OrderStatus;

/// Orders that one list shows.
pub const MAX_LISTED: i64 = 50;

/// An order in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its id.
    pub id: OrderId,
    /// Its number.
    pub number: String,
    /// Where it stands.
    pub status: OrderStatus,
    /// What the customer pays.
    pub total: Rupiah,
    /// When it was placed.
    pub created_at: DateTime<Utc>,
    /// Pieces.
    pub count: i64,
    /// The buyer's name; empty where it is not known.
    pub customer: String,
    /// Whether a member of staff has accepted it.
    pub accepted: bool,
    /// Whether the buyer fetches it.
    pub pickup: bool,
}

struct Row {
    id: String,
    order_number: String,
    status: String,
    total_amount: i32,
    created_at: chrono::NaiveDateTime,
    count: i64,
    customer: String,
    accepted: bool,
    pickup: bool,
}

impl Row {
    fn into_listed(self) -> Option<Listed> {
        Some(Listed {
            id: self.id.into(),
            number: self.order_number,
            status: OrderStatus::parse(&self.status)?,
            total: Rupiah::try_from(self.total_amount).ok()?,
            created_at: self.created_at.and_utc(),
            count: self.count,
            customer: self.customer,
            accepted: self.accepted,
            pickup: self.pickup,
        })
    }
}

/// A customer's orders, newest first.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn for_customer(
    connection: &mut PgConnection,
    customer: &CustomerId,
    open_only: bool,
) -> Result<Vec<Listed>, sqlx::Error> {
    let rows = sqlx::query_as!(
        Row,
        r#"select o.id, o.order_number, o.status, o.total_amount, o.created_at, cu.name as customer,
             coalesce((select sum(i.quantity) from order_items i where i.order_id = o.id), 0) as "count!",
             (o.metadata ->> 'accepted_by') is not null as "accepted!",
             coalesce(o.shipping_address ->> 'street', '') = '' as "pickup!"
           from orders o join customers cu on cu.id = o.customer_id
           where o.customer_id = $1
             and (not $2 or o.status in ('created', 'payment_initiated', 'paid', 'packed', 'shipped'))
           order by o.created_at desc, o.order_number desc limit $3"#,
        customer.as_str(),
        open_only,
        MAX_LISTED,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().filter_map(Row::into_listed).collect())
}

/// A shop's orders in these states, oldest first.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn for_staff(
    connection: &mut PgConnection,
    store: &StoreId,
    statuses: &[OrderStatus],
    newest_first: bool,
) -> Result<Vec<Listed>, sqlx::Error> {
    let words: Vec<String> = statuses.iter().map(|status| status.code().to_owned()).collect();
    let rows = sqlx::query_as!(
        Row,
        r#"select o.id, o.order_number, o.status, o.total_amount, o.created_at, cu.name as customer,
             coalesce((select sum(i.quantity) from order_items i where i.order_id = o.id), 0) as "count!",
             (o.metadata ->> 'accepted_by') is not null as "accepted!",
             coalesce(o.shipping_address ->> 'street', '') = '' as "pickup!"
           from orders o join customers cu on cu.id = o.customer_id
           where o.store_id = $1 and o.status = any($2)
           order by
             case when $3 then o.created_at end desc,
             case when not $3 then o.created_at end,
             o.order_number
           limit $4"#,
        store.as_str(),
        &words,
        newest_first,
        MAX_LISTED,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().filter_map(Row::into_listed).collect())
}

/// The newest order of a customer.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn newest_of_customer(
    connection: &mut PgConnection,
    customer: &CustomerId,
) -> Result<Option<OrderId>, sqlx::Error> {
    let id = sqlx::query_scalar!(
        "select id from orders where customer_id = $1 order by created_at desc, order_number desc limit 1",
        customer.as_str(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(id.map(OrderId::from))
}

/// The order of a shop with a number. People type the last digits too: `12` and `0012` find this year's
/// `ORD-2026-0012`.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn number_to_id(
    connection: &mut PgConnection,
    store: &StoreId,
    number: &str,
    year: i32,
) -> Result<Option<OrderId>, sqlx::Error> {
    let typed = number.trim().trim_start_matches('#').to_ascii_uppercase();
    let full = match typed.parse::<u32>() {
        Ok(digits) => format!("ORD-{year}-{digits:04}"),
        Err(_) => typed,
    };
    let id = sqlx::query_scalar!(
        "select id from orders where store_id = $1 and order_number = $2",
        store.as_str(),
        full,
    )
    .fetch_optional(connection)
    .await?;
    Ok(id.map(OrderId::from))
}

/// The sums of a shop's day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Today {
    /// Orders placed.
    pub new: i64,
    /// Orders that wait for their money, whenever they were placed.
    pub unpaid: i64,
    /// Paid orders that are not packed.
    pub to_pack: i64,
    /// Packed orders that have not left.
    pub to_ship: i64,
    /// Orders that left today.
    pub shipped: i64,
    /// Orders that were cancelled today.
    pub cancelled: i64,
    /// Orders that were paid today and stand.
    pub paid: i64,
    /// Their sum, in whole rupiah.
    pub takings: i64,
}

/// Sums up a day of a shop; `from` and `to` bound it in UTC.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn today(
    connection: &mut PgConnection,
    store: &StoreId,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<Today, sqlx::Error> {
    // One small index scan per figure: the day's orders, the day's payments, and the few that are under way.
    let row = sqlx::query!(
        r#"select
             (select count(*) from orders where store_id = $1 and created_at >= $2 and created_at < $3) as "new!",
             (select count(*) from orders where store_id = $1 and status in ('created', 'payment_initiated')) as "unpaid!",
             (select count(*) from orders where store_id = $1 and status = 'paid') as "to_pack!",
             (select count(*) from orders where store_id = $1 and status = 'packed') as "to_ship!",
             (select count(*) from orders where store_id = $1 and status in ('shipped', 'delivered', 'completed')
                and shipped_at >= $2 and shipped_at < $3) as "shipped!",
             (select count(*) from orders where store_id = $1 and status = 'cancelled'
                and cancelled_at >= $2 and cancelled_at < $3) as "cancelled!",
             (select count(*) from orders where store_id = $1 and status <> 'cancelled'
                and paid_at >= $2 and paid_at < $3) as "paid!",
             (select coalesce(sum(total_amount), 0) from orders where store_id = $1 and status <> 'cancelled'
                and paid_at >= $2 and paid_at < $3) as "takings!""#,
        store.as_str(),
        from.naive_utc(),
        to.naive_utc(),
    )
    .fetch_one(connection)
    .await?;
    Ok(Today {
        new: row.new,
        unpaid: row.unpaid,
        to_pack: row.to_pack,
        to_ship: row.to_ship,
        shipped: row.shipped,
        cancelled: row.cancelled,
        paid: row.paid,
        takings: row.takings,
    })
}
