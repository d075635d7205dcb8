//! Payments read back.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::domain::ids::{ConversationId, OrderId, PaymentId, StoreId};
use crate::domain::money::Rupiah;
use crate::domain::payment::{LOOKED_AFTER_HOURS, Payment, PaymentStatus};

/// Attempts to pay one order that are read.
const MAX_ATTEMPTS: i64 = 200;

/// A payment that stays as it is until the transaction ends.
#[derive(Debug, Clone)]
pub struct Locked {
    /// The payment.
    pub payment: Payment,
    /// The gateway.
    pub gateway: String,
    /// The gateway's id of the charge, once it has answered.
    pub external_id: Option<String>,
    /// The account at the gateway that the charge was made in, where it names one.
    pub account: Option<String>,
    /// The sum that the gateway was last known to have received.
    pub received: Rupiah,
    /// What of that sum was taken out to be sent back: it is booked in rows of its own.
    pub returned: Rupiah,
    /// Surplus that has been booked in rows of its own.
    pub surplus: Rupiah,
    /// Whether an answer with a wrong currency has been reported.
    pub currency_reported: bool,
    /// Whether people have been told that the gateway takes the money back.
    pub disputed: bool,
    /// When the gateway was last asked.
    pub asked_at: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// A row of `payments` as the queries below return it.
struct Row {
    id: String,
    external_id: Option<String>,
    order_id: String,
    reference_number: Option<String>,
    amount: i32,
    status: String,
    gateway: String,
    details: Option<serde_json::Value>,
    metadata: Option<serde_json::Value>,
    expires_at: Option<chrono::NaiveDateTime>,
    last_attempt_at: Option<chrono::NaiveDateTime>,
    created_at: chrono::NaiveDateTime,
    gateway_response: Option<serde_json::Value>,
}

impl Row {
    fn into_locked(self) -> Option<Locked> {
        let text = |value: &Option<serde_json::Value>, name: &str| {
            value.as_ref().and_then(|it| it.get(name)).and_then(|it| it.as_str()).map(str::to_owned)
        };
        let money = |value: &Option<serde_json::Value>, name: &str| {
            let whole = value.as_ref().and_then(|it| it.get(name)).and_then(serde_json::Value::as_i64);
            whole.and_then(|whole| Rupiah::new(whole).ok()).unwrap_or_default()
        };
        let (received, returned) = (money(&self.metadata, "received"), money(&self.metadata, "returned"));
        Some(Locked {
            received,
            returned,
            surplus: money(&self.metadata, "surplus"),
            currency_reported: self
                .metadata
                .as_ref()
                .and_then(|it| it.get("wrong_currency"))
                .is_some_and(|it| !it.is_null()),
            disputed: self
                .metadata
                .as_ref()
                .and_then(|it| it.get("disputed"))
                .is_some_and(|it| it.as_bool() == Some(true)),
            gateway: self.gateway.clone(),
            external_id: self.external_id,
            account: text(&self.details, "account"),
            asked_at: self.last_attempt_at.map(|at| at.and_utc()),
            created_at: self.created_at.and_utc(),
            payment: Payment {
                id: self.id.into(),
                order: self.order_id.into(),
                reference: self.reference_number?,
                amount: Rupiah::try_from(self.amount).ok()?,
                gateway: self.gateway,
                status: PaymentStatus::parse(&self.status)?,
                qris: text(&self.details, "qrCode"),
                url: text(&self.details, "url"),
                expires_at: self.expires_at.map(|at| at.and_utc()),
                receipt_id: text(&self.gateway_response, "receipt_id"),
                received: received.minus(returned).unwrap_or_default(),
            },
        })
    }
}

/// The last attempt to pay an order. Surplus money has rows of its own that are not attempts.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn last_of_order(
    connection: &mut PgConnection,
    order: &OrderId,
) -> Result<Option<Payment>, sqlx::Error> {
    let row = sqlx::query_as!(
        Row,
        "select id, external_id, order_id, reference_number, amount, status, provider as \"gateway!\", details, metadata, expires_at,
           last_attempt_at, created_at, gateway_response
         from payments
         where order_id = $1 and (details ->> 'surplus') is distinct from 'true'
         order by status in ('confirmed', 'refunded') desc, created_at desc, reference_number desc limit 1",
        order.as_str(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.and_then(Row::into_locked).map(|locked| locked.payment))
}

/// The payment with an id, locked. Whoever locks a payment has locked its order before.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn lock(connection: &mut PgConnection, id: &PaymentId) -> Result<Option<Locked>, sqlx::Error> {
    let row = sqlx::query_as!(
        Row,
        "select id, external_id, order_id, reference_number, amount, status, provider as \"gateway!\", details, metadata, expires_at,
           last_attempt_at, created_at, gateway_response
         from payments where id = $1 for no key update",
        id.as_str(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.and_then(Row::into_locked))
}

/// The payments of an order that some money came for and that it did not pay, locked, oldest first.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn lock_short(connection: &mut PgConnection, order: &OrderId) -> Result<Vec<Locked>, sqlx::Error> {
    let rows = sqlx::query_as!(
        Row,
        "select id, external_id, order_id, reference_number, amount, status, provider as \"gateway!\", details, metadata, expires_at,
           last_attempt_at, created_at, gateway_response
         from payments
         where order_id = $1 and status not in ('confirmed', 'refunded')
           and (metadata ->> 'received')::bigint > coalesce((metadata ->> 'returned')::bigint, 0)
         order by created_at, id limit $2
         for no key update",
        order.as_str(),
        MAX_ATTEMPTS,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().filter_map(Row::into_locked).collect())
}

/// The payment that an order waits for, locked.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn lock_pending(
    connection: &mut PgConnection,
    order: &OrderId,
) -> Result<Option<Locked>, sqlx::Error> {
    let row = sqlx::query_as!(
        Row,
        "select id, external_id, order_id, reference_number, amount, status, provider as \"gateway!\", details, metadata, expires_at,
           last_attempt_at, created_at, gateway_response
         from payments where order_id = $1 and status = 'pending' for no key update",
        order.as_str(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.and_then(Row::into_locked))
}

/// The payment with one of our references at a gateway, locked.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn lock_reference(
    connection: &mut PgConnection,
    gateway: &str,
    reference: &str,
) -> Result<Option<Locked>, sqlx::Error> {
    let row = sqlx::query_as!(
        Row,
        "select id, external_id, order_id, reference_number, amount, status, provider as \"gateway!\", details, metadata, expires_at,
           last_attempt_at, created_at, gateway_response
         from payments where reference_number = $1 and provider = $2 for no key update",
        reference,
        gateway,
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.and_then(Row::into_locked))
}

/// The order of a payment, read without a lock, so that the order can be locked first.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn order_of(connection: &mut PgConnection, id: &PaymentId) -> Result<Option<OrderId>, sqlx::Error> {
    let order = sqlx::query_scalar!("select order_id from payments where id = $1", id.as_str())
        .fetch_optional(connection)
        .await?;
    Ok(order.map(OrderId::from))
}

/// A payment with the conversation that is told of it: the chat in which the order was placed, or else the buyer's
/// latest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The payment.
    pub id: PaymentId,
    /// Our reference.
    pub reference: String,
    /// The conversation.
    pub conversation: ConversationId,
}

/// The payment that a notice of a gateway names, by our reference or by the gateway's id; only of `owner`, where the
/// gateway's account is one shop's.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn named(
    connection: &mut PgConnection,
    gateway: &str,
    reference: Option<&str>,
    external_id: Option<&str>,
    owner: Option<&StoreId>,
) -> Result<Option<Told>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select p.id, p.reference_number as "reference!", c.id as conversation
           from payments p
           join orders o on o.id = p.order_id
           join conversations c on c.customer_id = o.customer_id and c.store_id = o.store_id and c.joined_into is null
           where p.provider = $1 and (p.reference_number = $2 or p.external_id = $3) and p.reference_number is not null
             and p.store_id = coalesce($4, p.store_id)
           order by p.reference_number = $2 desc nulls last, c.id = (o.metadata ->> 'conversation') desc nulls last,
             c.last_inbound_at desc nulls last, c.id
           limit 1"#,
        gateway,
        reference,
        external_id,
        owner.map(StoreId::as_str),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| Told {
        id: row.id.into(),
        reference: row.reference,
        conversation: row.conversation.into(),
    }))
}

/// After how long without a question a payment counts as silent, in hours.
const SILENT_HOURS: i64 = 20;
/// Payments of which one look asks; the next look finds the others.
const MAX_SILENT: i64 = 500;

/// Payments of the last days whose gateway has not been asked for most of a day, oldest question first.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn silent(
    connection: &mut PgConnection,
    gateways: &[String],
    now: DateTime<Utc>,
) -> Result<Vec<Told>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select p.id, p.reference_number as "reference!", told.id as conversation
           from payments p
           join orders o on o.id = p.order_id
           cross join lateral (
             select c.id from conversations c
             where c.customer_id = o.customer_id and c.store_id = o.store_id and c.joined_into is null
             order by c.id = (o.metadata ->> 'conversation') desc nulls last, c.last_inbound_at desc nulls last, c.id
             limit 1
           ) told
           where p.created_at > $1 and p.provider = any($2) and p.reference_number is not null
             and (p.details -> 'surplus' is distinct from 'true' or p.external_id is not null)
             and coalesce(p.last_attempt_at, p.created_at) < $3
           order by coalesce(p.last_attempt_at, p.created_at) limit $4"#,
        (now - chrono::Duration::hours(LOOKED_AFTER_HOURS)).naive_utc(),
        gateways,
        (now - chrono::Duration::hours(SILENT_HOURS)).naive_utc(),
        MAX_SILENT,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Told {
            id: row.id.into(),
            reference: row.reference,
            conversation: row.conversation.into(),
        })
        .collect())
}
