//! What a person holds and has let go, for the bounds of `domain::fair`.

use chrono::{DateTime, Duration, Utc};
use sqlx::PgConnection;

use crate::domain::fair::{Held, MAX_ENDED_RESTING, MAX_NEWCOMERS_ENDED, MAX_WAITING, Standing};
use crate::domain::ids::{CustomerId, ProductId, StoreId, VariantId};

/// Channels on which anybody can be somebody new at will: a browser's session, a terminal's name.
const UNKNOWN: [&str; 2] = ["web", "console"];

/// Whether a customer is a newcomer: they have paid nothing yet, and are known on no channel that knows people.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn is_newcomer(connection: &mut PgConnection, customer: &CustomerId) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists (select from customers where id = $1 and coalesce(order_count, 0) = 0) and not exists (
             select from conversations where customer_id = $1 and channel <> all($2)
           ) as "newcomer!""#,
        customer.as_str(),
        &UNKNOWN.map(str::to_owned),
    )
    .fetch_one(connection)
    .await
}

/// What is known of a customer of a shop who is about to order. `resting` is how long ended orders count.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn standing(
    connection: &mut PgConnection,
    store: &StoreId,
    customer: &CustomerId,
    resting: Duration,
    now: DateTime<Utc>,
) -> Result<Standing, sqlx::Error> {
    let unpaid = sqlx::query_scalar!(
        r#"select (metadata ->> 'held_until')::timestamptz as held_until from orders
           where store_id = $1 and customer_id = $2 and status in ('created', 'payment_initiated') limit $3"#,
        store.as_str(),
        customer.as_str(),
        rows(MAX_WAITING),
    )
    .fetch_all(&mut *connection)
    .await?;
    // What the shop called off is not the person's doing.
    let ended = sqlx::query_scalar!(
        r#"select cancelled_at as "ended_at!" from orders
           where store_id = $1 and customer_id = $2 and status = 'cancelled' and cancelled_at > $3 and paid_at is null
             and metadata ->> 'called_off_by' in ('customer', 'system')
           order by cancelled_at desc limit $4"#,
        store.as_str(),
        customer.as_str(),
        (now - resting).naive_utc(),
        rows(MAX_ENDED_RESTING),
    )
    .fetch_all(&mut *connection)
    .await?;
    let is_newcomer = is_newcomer(connection, customer).await?;
    let newcomers_ended = if is_newcomer { newcomers_ended(connection, store, now).await? } else { 0 };
    Ok(Standing {
        unpaid,
        ended: ended.into_iter().map(|at| at.and_utc()).collect(),
        is_newcomer,
        newcomers_ended,
    })
}

fn rows(most: usize) -> i64 {
    i64::try_from(most).unwrap_or(i64::MAX)
}

/// Orders of a shop's newcomers that ended unpaid within the last hour, as far as it matters how many.
async fn newcomers_ended(
    connection: &mut PgConnection,
    store: &StoreId,
    now: DateTime<Utc>,
) -> Result<usize, sqlx::Error> {
    let ended = sqlx::query_scalar!(
        r#"select count(*) as "ended!" from (
             select from orders o join customers c on c.id = o.customer_id
             where o.store_id = $1 and o.status = 'cancelled' and o.cancelled_at > $2 and o.paid_at is null
               and o.metadata ->> 'called_off_by' in ('customer', 'system') and coalesce(c.order_count, 0) = 0
               and not exists (
                 select from conversations v where v.customer_id = c.id and v.channel <> all($3)
               )
             limit $4
           ) as ended"#,
        store.as_str(),
        (now - Duration::hours(1)).naive_utc(),
        &UNKNOWN.map(str::to_owned),
        rows(MAX_NEWCOMERS_ENDED),
    )
    .fetch_one(connection)
    .await?;
    Ok(usize::try_from(ended).unwrap_or(0))
}

/// One thing on a shelf.
pub type Thing = (ProductId, Option<VariantId>);

/// What is held of some products, which are locked, for orders that nobody has paid yet: by a customer, and by newcomers.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn held(
    connection: &mut PgConnection,
    customer: &CustomerId,
    products: &[ProductId],
) -> Result<Vec<(Thing, Held)>, sqlx::Error> {
    let products: Vec<String> = products.iter().map(|id| id.as_str().to_owned()).collect();
    let rows = sqlx::query!(
        r#"select r.product_id, r.variant_id,
             coalesce(sum(r.quantity) filter (where o.customer_id = $1), 0) as "own!",
             coalesce(sum(r.quantity) filter (where coalesce(c.order_count, 0) = 0 and not exists (
               select from conversations v where v.customer_id = c.id and v.channel <> all($3)
             )), 0) as "newcomers!"
           from inventory_reservations r
           join orders o on o.id = r.order_id
           join customers c on c.id = o.customer_id
           where r.product_id = any($2) and r.status = 'reserved'
           group by r.product_id, r.variant_id"#,
        customer.as_str(),
        &products,
        &UNKNOWN.map(str::to_owned),
    )
    .fetch_all(connection)
    .await?;
    let held = rows.into_iter().map(|row| {
        let thing = (row.product_id.into(), row.variant_id.map(VariantId::from));
        (thing, Held { own: row.own, newcomers: row.newcomers })
    });
    Ok(held.collect())
}
