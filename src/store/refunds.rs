//! Refunds: promises to send money back, and how far each has got. Whoever writes here has locked the order.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::clock::Clock;
use crate::domain::ids::{OrderId, PaymentId, StoreId, UserId};
use crate::domain::money::Rupiah;
use crate::store::journal::{self, Line};

/// Rows of one order that are read.
const MAX_ROWS: i64 = 200;

/// How far a pending refund is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Promised; nobody has carried it out.
    Open,
    /// The gateway is sending it back.
    Asked,
    /// A person of the shop is sending it back.
    ByHand,
}

impl Stage {
    fn code(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Asked => "asked",
            Self::ByHand => "by_hand",
        }
    }

    fn read(code: Option<&str>) -> Self {
        match code {
            Some("asked") => Self::Asked,
            Some("by_hand") => Self::ByHand,
            // Programs that know of no stages have carried nothing out.
            _ => Self::Open,
        }
    }
}

/// A refund that has not come to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// The row.
    pub id: String,
    /// The payment that it goes back from.
    pub payment: PaymentId,
    /// How much.
    pub amount: Rupiah,
    /// `customer_request`, `product_defective` or `out_of_stock`.
    pub reason: String,
    /// How far it is.
    pub stage: Stage,
    /// The gateway's id of it.
    pub external_id: Option<String>,
    /// When it was promised.
    pub created_at: DateTime<Utc>,
}

/// Money of an order that came in, and what has become of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The payment.
    pub payment: PaymentId,
    /// How much.
    pub amount: Rupiah,
    /// What has gone back for good.
    pub gone: Rupiah,
    /// What has neither gone back nor been promised.
    pub left: Rupiah,
    /// The gateway that took it.
    pub gateway: String,
    /// Our reference of the charge that it was paid by.
    pub reference: String,
    /// The gateway's id of that charge.
    pub external_id: Option<String>,
    /// What that charge was over.
    pub charged: Rupiah,
    /// Whether it is a part of a charge that was never paid in full: no gateway sends that back.
    pub is_part: bool,
    /// The account at the gateway that the charge was made in, where it names one.
    pub account: Option<String>,
    /// Whether the payer's bank wants it back, or the gateway has taken it back.
    pub is_disputed: bool,
}

fn rupiah(whole: i64) -> Rupiah {
    Rupiah::new(whole.max(0)).unwrap_or_default()
}

/// The refunds of an order that are pending, oldest first.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn pending_of(connection: &mut PgConnection, order: &OrderId) -> Result<Vec<Pending>, sqlx::Error> {
    let rows = sqlx::query!(
        "select id, payment_id, amount, reason, stage, external_id, created_at from refunds
         where order_id = $1 and status = 'pending' order by created_at, id limit $2",
        order.as_str(),
        MAX_ROWS,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Pending {
            id: row.id,
            payment: row.payment_id.into(),
            amount: rupiah(row.amount.into()),
            reason: row.reason,
            stage: Stage::read(row.stage.as_deref()),
            external_id: row.external_id,
            created_at: row.created_at.and_utc(),
        })
        .collect())
}

/// The order of a refund, read without a lock, so that the order can be locked first.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn order_of(connection: &mut PgConnection, id: &str) -> Result<Option<OrderId>, sqlx::Error> {
    let order = sqlx::query_scalar!("select order_id from refunds where id = $1", id)
        .fetch_optional(connection)
        .await?;
    Ok(order.map(OrderId::from))
}

/// The money that came in for an order: what came on top first, because it is what goes back first.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn received_of(
    connection: &mut PgConnection,
    order: &OrderId,
) -> Result<Vec<Received>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select p.id, p.amount, p.provider as "gateway!",
             coalesce(parent.details ->> 'account', p.details ->> 'account') as account,
             coalesce((coalesce(parent.metadata, p.metadata) -> 'disputed') = 'true', false) as "disputed!",
             coalesce(parent.reference_number, p.reference_number) as reference,
             coalesce(parent.external_id, p.external_id) as external_id,
             coalesce(parent.amount, p.amount) as "charged!",
             coalesce(p.details -> 'part' = 'true', false) as "is_part!",
             coalesce(sum(r.amount) filter (where r.status = 'processed'), 0) as "gone!",
             coalesce(sum(r.amount) filter (where r.status in ('pending', 'processed')), 0) as "promised!"
           from payments p
           left join payments parent on parent.id = p.details ->> 'of'
           left join refunds r on r.payment_id = p.id
           where p.order_id = $1 and p.status in ('confirmed', 'refunded')
           group by p.id, parent.id
           order by p.details -> 'surplus' = 'true' desc nulls last, p.confirmed_at, p.id
           limit $2"#,
        order.as_str(),
        MAX_ROWS,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            Some(Received {
                payment: row.id.into(),
                amount: rupiah(row.amount.into()),
                gone: rupiah(row.gone),
                left: rupiah(i64::from(row.amount) - row.promised),
                gateway: row.gateway,
                reference: row.reference?,
                external_id: row.external_id,
                charged: rupiah(row.charged.into()),
                is_part: row.is_part,
                account: row.account,
                is_disputed: row.disputed,
            })
        })
        .collect())
}

/// A refund by everything that it may be known by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The row, which is also the key that gateways are asked with.
    pub id: String,
    /// The gateway's name of it, or what it was found by there.
    pub external_id: Option<String>,
    /// The payment that it goes back from.
    pub payment: PaymentId,
    /// How much.
    pub amount: Rupiah,
    /// Whether a person has sent it back and it is not known at a gateway.
    pub is_by_hand: bool,
}

/// The refunds of an order that have not failed.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn known_of(connection: &mut PgConnection, order: &OrderId) -> Result<Vec<Known>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select id, external_id, payment_id, amount,
             status = 'processed' and stage = 'by_hand' and external_id is null as "is_by_hand?"
           from refunds where order_id = $1 and status <> 'failed' order by created_at, id limit $2"#,
        order.as_str(),
        MAX_ROWS,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Known {
            id: row.id,
            external_id: row.external_id,
            payment: row.payment_id.into(),
            amount: rupiah(row.amount.into()),
            is_by_hand: row.is_by_hand.unwrap_or_default(),
        })
        .collect())
}

/// Names a refund by what the gateway calls it, where it has no such name yet.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn set_name(
    connection: &mut PgConnection,
    id: &str,
    name: &str,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update refunds set external_id = coalesce(external_id, $2), updated_at = $3 where id = $1",
        id,
        name,
        now.naive_utc(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A promise to send money back.
#[derive(Debug)]
pub struct NewRefund<'a> {
    /// The payment that it came in by.
    pub payment: &'a PaymentId,
    /// The order.
    pub order: &'a OrderId,
    /// How much.
    pub amount: Rupiah,
    /// `customer_request`, `product_defective` or `out_of_stock`.
    pub reason: &'a str,
    /// For the shop's books.
    pub description: Option<&'a str>,
}

/// Promises to send money back. Returns the row's id.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn promise(
    connection: &mut PgConnection,
    clock: &Clock,
    new: &NewRefund<'_>,
    now: DateTime<Utc>,
) -> Result<String, sqlx::Error> {
    let id = clock.id();
    let row = sqlx::query!(
        "with promised as (
           insert into refunds
             (id, payment_id, order_id, amount, reason, description, status, stage, created_at, updated_at)
           values ($1, $2, $3, $4, $5, $6, 'pending', 'open', $7, $7)
         )
         select o.order_number, s.slug from orders o join stores s on s.id = o.store_id where o.id = $3",
        id,
        new.payment.as_str(),
        new.order.as_str(),
        new.amount.column(),
        new.reason,
        new.description,
        now.naive_utc(),
    )
    .fetch_one(connection)
    .await?;
    let amount = new.amount.whole();
    let what = "refund promised".to_owned();
    journal::note(Line { what, number: row.order_number, shop: row.slug, amount });
    Ok(id)
}

/// Takes a part out of an open promise; the part is promised in a row of its own.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn reduce(
    connection: &mut PgConnection,
    id: &str,
    by: Rupiah,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update refunds set amount = amount - $2, updated_at = $3
         where id = $1 and status = 'pending' and amount > $2",
        id,
        by.column(),
        now.naive_utc(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Says who carries a pending refund out: `by` is the member of staff who decided it.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn set_stage(
    connection: &mut PgConnection,
    id: &str,
    stage: Stage,
    by: Option<&UserId>,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update refunds set stage = $2, carried_out_by = coalesce($3, carried_out_by), updated_at = $4
         where id = $1 and status = 'pending'",
        id,
        stage.code(),
        by.map(UserId::as_str),
        now.naive_utc(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Keeps what the gateway has answered about a refund that goes on.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn note(
    connection: &mut PgConnection,
    id: &str,
    external_id: Option<&str>,
    error: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update refunds set external_id = coalesce($2, external_id), last_error = $3, updated_at = $4
         where id = $1 and status = 'pending'",
        id,
        external_id,
        error,
        now.naive_utc(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// How a refund ends.
#[derive(Debug, Clone, Copy)]
pub enum End<'a> {
    /// The money has gone back; with what a person said of it, where one carried it out.
    Processed {
        /// A number or words by which the transfer is found.
        evidence: Option<&'a str>,
    },
    /// It did not go back, and why.
    Failed {
        /// The gateway's words, or ours.
        reason: &'a str,
    },
}

/// Ends a pending refund. Returns whether it was pending; what depends on its end is done only then.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn finish(
    connection: &mut PgConnection,
    id: &str,
    end: End<'_>,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let (status, evidence, error) = match end {
        End::Processed { evidence } => ("processed", evidence, None),
        End::Failed { reason } => ("failed", None, Some(reason)),
    };
    let ended = sqlx::query!(
        "with ended as (
           update refunds set status = $2, evidence = coalesce($3, evidence), last_error = $4, processed_at = $5,
             updated_at = $5
           where id = $1 and status = 'pending' returning order_id, amount
         )
         select o.order_number, e.amount, s.slug
         from ended e join orders o on o.id = e.order_id join stores s on s.id = o.store_id",
        id,
        status,
        evidence,
        error,
        now.naive_utc(),
    )
    .fetch_optional(connection)
    .await?;
    let Some(row) = ended else { return Ok(false) };
    journal::note(Line {
        what: format!("refund {status}"),
        number: row.order_number,
        shop: row.slug,
        amount: row.amount.into(),
    });
    Ok(true)
}

/// What has gone back on a day, and what is still to go back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    /// Sent back between the two moments.
    pub processed: Rupiah,
    /// Promised and not sent back, whenever it was promised.
    pub pending: Rupiah,
}

/// The refunds of a shop between two moments.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn of_day(
    connection: &mut PgConnection,
    store: &StoreId,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<Day, sqlx::Error> {
    let row = sqlx::query!(
        r#"select
             (select coalesce(sum(r.amount), 0) from refunds r join orders o on o.id = r.order_id
              where o.store_id = $1 and r.status = 'processed' and r.processed_at >= $2 and r.processed_at < $3)
               as "processed!",
             (select coalesce(sum(r.amount), 0) from refunds r join orders o on o.id = r.order_id
              where o.store_id = $1 and r.status = 'pending') as "pending!""#,
        store.as_str(),
        from.naive_utc(),
        to.naive_utc(),
    )
    .fetch_one(connection)
    .await?;
    Ok(Day { processed: rupiah(row.processed), pending: rupiah(row.pending) })
}
