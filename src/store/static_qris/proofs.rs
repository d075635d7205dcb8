//! Receipts that customers send, and which of them were seen before.

use chrono::{DateTime, Duration, Utc};
use sqlx::PgConnection;

use crate::domain::ids::{CustomerId, OrderId, StoreId};
use crate::domain::payment::UNREPORTED;
use crate::store::static_qris::QUARANTINE_DAYS;

/// Days for which a proof is compared with new ones.
const COMPARED_DAYS: i64 = 180;
/// Proofs that a new one is compared with, the newest ones.
const MAX_COMPARED: i64 = 5_000;
/// Bits of 64 by which pictures may differ and still look the same: the same picture made smaller or sent once more.
const MAX_DIFFERENT_BITS: i64 = 4;

/// A proof.
#[derive(Debug)]
pub struct NewProof<'a> {
    /// The file.
    pub attachment: &'a str,
    /// The shop.
    pub store: &'a StoreId,
    /// The order that it is for.
    pub order: &'a OrderId,
    /// The hash of its bytes, where they could be had.
    pub hash: Option<&'a str>,
    /// Its dHash, where it is a picture.
    pub picture_hash: Option<i64>,
}

/// Notes a proof. Returns false when it was noted before.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn insert_proof(
    connection: &mut PgConnection,
    new: &NewProof<'_>,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let written = sqlx::query!(
        "insert into payment_proofs (attachment_id, store_id, order_id, hash, picture_hash, created_at)
         values ($1, $2, $3, $4, $5, $6) on conflict (attachment_id) do nothing",
        new.attachment,
        new.store.as_str(),
        new.order.as_str(),
        new.hash,
        new.picture_hash,
        now.naive_utc(),
    )
    .execute(connection)
    .await?;
    Ok(written.rows_affected() > 0)
}

/// Another order's proof that is the same or looks the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alike {
    /// The number of the other order.
    pub number: String,
    /// Whether it is the very same file; else it only looks the same.
    pub is_same: bool,
}

/// The proof of another order of the shop that a new one repeats; the same file before one that looks like it.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn alike(
    connection: &mut PgConnection,
    new: &NewProof<'_>,
    now: DateTime<Utc>,
) -> Result<Option<Alike>, sqlx::Error> {
    let since = now - Duration::days(COMPARED_DAYS);
    let row = sqlx::query!(
        r#"select o.order_number, coalesce(p.hash = $3, false) as "is_same!"
           from (
             select order_id, hash, picture_hash, created_at from payment_proofs
             where store_id = $1 and created_at > $5 order by created_at desc limit $6
           ) p
           join orders o on o.id = p.order_id
           where p.order_id <> $2
             and (p.hash = $3 or bit_count((p.picture_hash # $4)::bit(64)) <= $7)
           order by p.hash is not distinct from $3 desc, p.created_at desc limit 1"#,
        new.store.as_str(),
        new.order.as_str(),
        new.hash,
        new.picture_hash,
        since.naive_utc(),
        MAX_COMPARED,
        MAX_DIFFERENT_BITS,
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| Alike { number: row.order_number, is_same: row.is_same }))
}

/// Proofs of an order so far.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn count_of_order(connection: &mut PgConnection, order: &OrderId) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select count(*) as "count!" from payment_proofs where order_id = $1"#,
        order.as_str()
    )
    .fetch_one(connection)
    .await
}

/// The order that a picture of a customer is for: the named one or the newest that waits for its money; else one whose time
/// ran out lately and whose payments nobody reports, because the money may be there all the same.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn waiting_order(
    connection: &mut PgConnection,
    customer: &CustomerId,
    named: Option<&OrderId>,
    now: DateTime<Utc>,
) -> Result<Option<OrderId>, sqlx::Error> {
    let lately = now - Duration::days(QUARANTINE_DAYS);
    let id = sqlx::query_scalar!(
        "select o.id from orders o
         where o.customer_id = $1 and (
           (o.status in ('created', 'payment_initiated')
             and exists (select 1 from payments p where p.order_id = o.id and p.status = 'pending'))
           or (o.status = 'cancelled' and o.cancelled_at > $3 and o.metadata ->> 'called_off_by' = 'system'
             and exists (select 1 from payments p where p.order_id = o.id and p.provider = $4)))
         order by o.status = 'cancelled', o.id = $2 desc nulls last, o.created_at desc limit 1",
        customer.as_str(),
        named.map(OrderId::as_str),
        lately.naive_utc(),
        UNREPORTED,
    )
    .fetch_optional(connection)
    .await?;
    Ok(id.map(OrderId::from))
}

/// The order that a file was noted for.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn order_of_attachment(
    connection: &mut PgConnection,
    attachment: &str,
) -> Result<Option<OrderId>, sqlx::Error> {
    let id = sqlx::query_scalar!("select order_id from attachments where id = $1", attachment)
        .fetch_optional(connection)
        .await?;
    Ok(id.flatten().map(OrderId::from))
}

/// What a member of staff last said of the money of an order, and who and when.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn last_said(
    connection: &mut PgConnection,
    order: &OrderId,
) -> Result<Option<(Option<String>, DateTime<Utc>)>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select u.name as "name?", e.created_at
           from event_audit_log e left join users u on u.id = e.user_id
           where e.entity_type = 'order' and e.entity_id = $1
             and e.event_type in ('payment:received', 'payment:given_up')
           order by e.created_at desc limit 1"#,
        order.as_str(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| (row.name, row.created_at.and_utc())))
}
