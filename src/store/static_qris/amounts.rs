//! Amounts that name an order: of a printed code's payments nothing else is known.

use chrono::{DateTime, Duration, Utc};
use sqlx::PgConnection;

use crate::domain::ids::{OrderId, StoreId};
use crate::domain::money::Rupiah;

/// Days for which an amount rests after its order was paid or called off: weekends delay statements, and people pay
/// pictures of old codes.
pub const QUARANTINE_DAYS: i64 = 3;
/// Rupiah that an order is made cheaper by at most, so that its amount is nobody else's.
pub const MAX_DISCOUNT_RUPIAH: i32 = 999;

/// An amount that an order has for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    /// What its customer is asked for.
    pub amount: Rupiah,
    /// How much less that is than the order came to.
    pub discount: Rupiah,
}

/// The amount that an order has, or had.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn of_order(connection: &mut PgConnection, order: &OrderId) -> Result<Option<Taken>, sqlx::Error> {
    let row = sqlx::query!("select amount, discount from unique_amounts where order_id = $1", order.as_str())
        .fetch_optional(connection)
        .await?;
    row.map(|row| taken(row.amount, row.discount)).transpose()
}

fn taken(amount: i32, discount: i32) -> Result<Taken, sqlx::Error> {
    let read = |value| Rupiah::try_from(value).map_err(|error| sqlx::Error::Decode(Box::new(error)));
    Ok(Taken { amount: read(amount)?, discount: read(discount)? })
}

/// Gives a locked, unpaid order of `total` an amount of its own, and makes the order cheaper by the difference; an order that
/// has one keeps it. Nothing when every amount near the total is taken or rests.
///
/// Whoever had an order of the same total called off, or let it lapse, and has paid nothing of it, gets its amount again: they
/// know no other code than that, and one person cannot use up the amounts near a price. `most` is the largest discount.
///
/// The discount is never nothing: round amounts are what the people at the counter pay by the same printed code.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn take(
    connection: &mut PgConnection,
    store: &StoreId,
    order: &OrderId,
    (total, most): (Rupiah, i32),
    now: DateTime<Utc>,
) -> Result<Option<Taken>, sqlx::Error> {
    if let Some(taken) = of_order(connection, order).await? {
        return Ok(Some(taken));
    }
    // One order of a shop at a time looks for an amount; the index would refuse a second one, and end its turn.
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended('unique amount ' || $1, 0))", store.as_str())
        .execute(&mut *connection)
        .await?;
    free(connection, store, now).await?;
    let again = again(connection, store, order, total, now).await?;
    let discount = match again {
        Some(discount) => Some(discount),
        None => first_free(connection, store, total, most).await?,
    };
    let Some(discount) = discount else { return Ok(None) };
    let amount = total.column() - discount;
    sqlx::query!(
        "insert into unique_amounts (order_id, store_id, amount, discount, taken_at) values ($1, $2, $3, $4, $5)",
        order.as_str(),
        store.as_str(),
        amount,
        discount,
        now.naive_utc(),
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "update orders set discount_amount = coalesce(discount_amount, 0) + $2, total_amount = total_amount - $2,
           updated_at = $3
         where id = $1",
        order.as_str(),
        discount,
        now.naive_utc(),
    )
    .execute(connection)
    .await?;
    taken(amount, discount).map(Some)
}

/// The smallest discount, at most `most`, by which an amount is nobody's.
async fn first_free(
    connection: &mut PgConnection,
    store: &StoreId,
    total: Rupiah,
    most: i32,
) -> Result<Option<i32>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select d.discount as "discount!" from generate_series(1, least($3, $2 - 1)) as d (discount)
           where not exists (
             select 1 from unique_amounts u where u.store_id = $1 and u.amount = $2 - d.discount and u.freed_at is null)
           order by d.discount limit 1"#,
        store.as_str(),
        total.column(),
        most,
    )
    .fetch_optional(connection)
    .await
}

/// The discount of an order of the same customer and total that ended without any money, which gives its amount up for it.
async fn again(
    connection: &mut PgConnection,
    store: &StoreId,
    order: &OrderId,
    total: Rupiah,
    now: DateTime<Utc>,
) -> Result<Option<i32>, sqlx::Error> {
    sqlx::query_scalar!(
        "update unique_amounts set freed_at = $4
         where order_id = (
           select u.order_id from unique_amounts u
           join orders old on old.id = u.order_id
           join orders own on own.id = $2 and own.customer_id = old.customer_id
           where u.store_id = $1 and u.freed_at is null and u.released_at is not null
             and u.amount between $3::integer - $5::integer and $3 - 1
               and u.amount + u.discount = $3
             and old.status = 'cancelled' and old.paid_at is null
             and not exists (
               select from payments p where p.order_id = old.id
                 and (p.status in ('confirmed', 'refunded') or (p.metadata ->> 'received')::bigint > 0)
             )
           order by u.released_at, u.order_id limit 1
         )
         returning discount",
        store.as_str(),
        order.as_str(),
        total.column(),
        now.naive_utc(),
        MAX_DISCOUNT_RUPIAH,
    )
    .fetch_optional(connection)
    .await
}

/// Notes which orders wait for their money no more, whoever ended the wait, and frees the amounts that have rested.
async fn free(connection: &mut PgConnection, store: &StoreId, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update unique_amounts u set released_at = least(coalesce(o.cancelled_at, o.paid_at, $2), $2)
         from orders o
         where o.id = u.order_id and u.store_id = $1 and u.freed_at is null and u.released_at is null
           and o.status not in ('created', 'payment_initiated')",
        store.as_str(),
        now.naive_utc(),
    )
    .execute(&mut *connection)
    .await?;
    // An amount that nobody was shown names nothing.
    sqlx::query!(
        "update unique_amounts u set freed_at = $2
         where u.store_id = $1 and u.freed_at is null and u.released_at is not null and not exists (
           select from payments p where p.order_id = u.order_id and p.details ->> 'qrCode' is not null
         )",
        store.as_str(),
        now.naive_utc(),
    )
    .execute(&mut *connection)
    .await?;
    let rested = now - Duration::days(QUARANTINE_DAYS);
    sqlx::query!(
        "update unique_amounts set freed_at = $3 where store_id = $1 and freed_at is null and released_at <= $2",
        store.as_str(),
        rested.naive_utc(),
        now.naive_utc(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// An order whose amount a statement names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// The order.
    pub order: OrderId,
    /// Its number.
    pub number: String,
    /// Whether it waits for its money; else its amount rests.
    pub is_open: bool,
}

/// Whether any order of a shop ever asked for money at its printed code. Such a code has no end: its money may come whenever
/// somebody scans it.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn was_any_taken(connection: &mut PgConnection, store: &StoreId) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists (select from unique_amounts where store_id = $1) as "taken!""#,
        store.as_str(),
    )
    .fetch_one(connection)
    .await
}

/// The order of a shop that an amount belongs to now, if any: one that waits for it, or one whose amount rests.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn matching(
    connection: &mut PgConnection,
    store: &StoreId,
    amount: Rupiah,
) -> Result<Option<Match>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select o.id, o.order_number, o.status in ('created', 'payment_initiated') as "is_open!"
           from unique_amounts u join orders o on o.id = u.order_id
           where u.store_id = $1 and u.amount = $2 and u.freed_at is null"#,
        store.as_str(),
        amount.column(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| Match { order: row.id.into(), number: row.order_number, is_open: row.is_open }))
}

/// An order that waits for its money at the printed code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Its number.
    pub number: String,
    /// What its customer is asked for.
    pub amount: Rupiah,
    /// The customer's name.
    pub name: String,
}

/// The orders of a shop that wait for money at its printed code: those next to an amount first, or the newest.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn waiting(
    connection: &mut PgConnection,
    store: &StoreId,
    near: Option<Rupiah>,
    limit: i64,
) -> Result<Vec<Waiting>, sqlx::Error> {
    let rows = sqlx::query!(
        "select o.order_number, u.amount, c.name
         from unique_amounts u
         join orders o on o.id = u.order_id
         join customers c on c.id = o.customer_id
         where u.store_id = $1 and u.freed_at is null and o.status in ('created', 'payment_initiated')
         order by abs(u.amount - $2::integer) nulls last, u.taken_at desc limit $3",
        store.as_str(),
        near.map(Rupiah::column),
        limit,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Waiting { number: row.order_number, amount: taken(row.amount, 0)?.amount, name: row.name })
        })
        .collect()
}
