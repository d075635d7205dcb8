//! Payments written. Every change of status has exactly one row in `payment_audit_log`.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use sqlx::types::Json;

use crate::clock::Clock;
use crate::domain::ids::{OrderId, PaymentId, StoreId};
use crate::domain::payment::{GatewayStatus, Payment, PaymentStatus, gateway_word};
use crate::store::journal::{self, Line};

/// The number of the next attempt to pay an order, from 1.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn next_attempt(connection: &mut PgConnection, order: &OrderId) -> Result<i64, sqlx::Error> {
    let made = sqlx::query_scalar!(
        r#"select count(*) as "made!" from payments
           where order_id = $1 and (details ->> 'surplus') is distinct from 'true'"#,
        order.as_str(),
    )
    .fetch_one(connection)
    .await?;
    Ok(made + 1)
}

/// An attempt to pay that is to be written before the gateway is asked.
#[derive(Debug)]
pub struct NewPayment<'a> {
    /// The shop.
    pub store: &'a StoreId,
    /// The payment, pending.
    pub payment: &'a Payment,
    /// The gateway.
    pub gateway: &'a str,
}

/// Writes an attempt to pay.
///
/// # Errors
/// [`sqlx::Error`] when the database fails, or another payment of the order is pending.
pub async fn insert(
    connection: &mut PgConnection,
    clock: &Clock,
    new: &NewPayment<'_>,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let payment = new.payment;
    sqlx::query!(
        "insert into payments
           (id, store_id, order_id, reference_number, amount, gateway, method, details, status, attempt_count,
            last_attempt_at, expires_at, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, 'qris', jsonb_build_object('provider', $10::text), $7, 1, $8, $9, $8, $8)",
        payment.id.as_str(),
        new.store.as_str(),
        payment.order.as_str(),
        payment.reference,
        payment.amount.column(),
        gateway_word(new.gateway),
        payment.status.code(),
        now.naive_utc(),
        payment.expires_at.map(|at| at.naive_utc()),
        new.gateway,
    )
    .execute(&mut *connection)
    .await?;
    let action = Action { name: "created", source: "system", details: serde_json::Value::Null };
    insert_audit(connection, clock, &payment.id, None, payment.status, &action, now).await
}

/// Why a payment changes.
#[derive(Debug, Clone)]
pub struct Action {
    /// `created`, `confirmed`, `failed`, `expired`, `cancelled`, `surplus`.
    pub name: &'static str,
    /// `webhook`, `api`, `system`.
    pub source: &'static str,
    /// What it rests on.
    pub details: serde_json::Value,
}

async fn insert_audit(
    connection: &mut PgConnection,
    clock: &Clock,
    payment: &PaymentId,
    from: Option<PaymentStatus>,
    to: PaymentStatus,
    action: &Action,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let row = sqlx::query!(
        "with audit as (
           insert into payment_audit_log
             (id, payment_id, action, previous_status, new_status, details, source, created_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8)
         )
         select o.order_number, p.amount, s.slug
         from payments p join orders o on o.id = p.order_id join stores s on s.id = o.store_id
         where p.id = $2",
        clock.id(),
        payment.as_str(),
        action.name,
        from.map(PaymentStatus::code),
        to.code(),
        (!action.details.is_null()).then_some(&action.details),
        action.source,
        now.naive_utc(),
    )
    .fetch_one(connection)
    .await?;
    journal::note(Line {
        what: format!("payment {}", action.name),
        number: row.order_number,
        shop: row.slug,
        amount: row.amount.into(),
    });
    Ok(())
}

/// Moves a locked payment to another status, only if it is still in the one that it was read in. Returns whether it
/// moved; what depends on it is done only then.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn move_to(
    connection: &mut PgConnection,
    clock: &Clock,
    payment: &Payment,
    to: PaymentStatus,
    action: &Action,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let moved = sqlx::query!(
        "update payments set status = $3, updated_at = $4,
           confirmed_at = case when $3 = 'confirmed' then $4 else confirmed_at end,
           failed_at = case when $3 = 'failed' then $4 else failed_at end
         where id = $1 and status = $2",
        payment.id.as_str(),
        payment.status.code(),
        to.code(),
        now.naive_utc(),
    )
    .execute(&mut *connection)
    .await?;
    if moved.rows_affected() == 0 {
        return Ok(false);
    }
    insert_audit(connection, clock, &payment.id, Some(payment.status), to, action, now).await?;
    Ok(true)
}

/// Keeps the charge that a gateway made: its id, and exactly what is shown.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn set_charge(
    connection: &mut PgConnection,
    payment: &PaymentId,
    external_id: &str,
    (qris, url): (&str, Option<&str>),
    account: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let mut shown = serde_json::json!({ "qrCode": qris, "url": url });
    if let Some(account) = account {
        shown["account"] = account.into();
    }
    let row = sqlx::query!(
        "with charged as (
           update payments set external_id = $2, updated_at = $4,
             details = coalesce(details, '{}') || $3::jsonb
           where id = $1 returning order_id, amount
         )
         select o.order_number, c.amount, s.slug
         from charged c join orders o on o.id = c.order_id join stores s on s.id = o.store_id",
        payment.as_str(),
        external_id,
        shown,
        now.naive_utc(),
    )
    .fetch_optional(connection)
    .await?;
    if let Some(row) = row {
        journal::note(Line {
            what: "payment code shown".to_owned(),
            number: row.order_number,
            shop: row.slug,
            amount: row.amount.into(),
        });
    }
    Ok(())
}

/// Marks every other payment of an order that has been confirmed as surplus: `paid_by` is the one that pays it.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn mark_others_surplus(
    connection: &mut PgConnection,
    order: &OrderId,
    paid_by: &PaymentId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update payments
         set details = coalesce(details, '{}') || '{\"surplus\": true}'
         where order_id = $1 and id <> $2 and status in ('confirmed', 'refunded')
           and details -> 'surplus' is distinct from 'true'",
        order.as_str(),
        paid_by.as_str(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Marks a confirmed payment as surplus where another one of its order is confirmed already: an order is paid once.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn mark_surplus_if_second(
    connection: &mut PgConnection,
    order: &OrderId,
    payment: &PaymentId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update payments
         set details = coalesce(details, '{}') || '{\"surplus\": true}'
         where id = $2 and exists (
           select from payments
           where order_id = $1 and id <> $2 and status in ('confirmed', 'refunded')
             and details -> 'surplus' is distinct from 'true'
         )",
        order.as_str(),
        payment.as_str(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Notes that the gateway is asked once more, or why it could not be asked.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn attempt(
    connection: &mut PgConnection,
    payment: &PaymentId,
    error: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update payments set attempt_count = coalesce(attempt_count, 0) + 1, last_attempt_at = $3,
           last_attempt_error = $2, updated_at = $3
         where id = $1",
        payment.as_str(),
        error,
        now.naive_utc(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Notes that a verified notice about a payment came in.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn note_notice(
    connection: &mut PgConnection,
    payment: &PaymentId,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update payments set webhook_received = true, webhook_received_at = coalesce(webhook_received_at, $2),
           updated_at = $2
         where id = $1",
        payment.as_str(),
        now.naive_utc(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Notes the transactions that make up what a payment received, each of which belongs to one payment for ever. False when one
/// of them is another payment's: then none is noted. A transaction that is being noted elsewhere is waited for.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn claim(
    connection: &mut PgConnection,
    provider: &str,
    payment: &PaymentId,
    transactions: &[String],
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let mut transactions = transactions.to_vec();
    // One order for all, so that two claims never wait for each other.
    transactions.sort_unstable();
    transactions.dedup();
    let mut noted: Vec<String> = Vec::new();
    for transaction in &transactions {
        let is_new = sqlx::query!(
            "insert into payment_receipts (provider, transaction_id, payment_id, noted_at) values ($1, $2, $3, $4)
             on conflict do nothing",
            provider,
            transaction,
            payment.as_str(),
            now.naive_utc(),
        )
        .execute(&mut *connection)
        .await?;
        if is_new.rows_affected() == 1 {
            noted.push(transaction.clone());
        }
    }
    let is_foreign = sqlx::query_scalar!(
        r#"select exists (
             select from payment_receipts where provider = $1 and transaction_id = any($2) and payment_id <> $3
           ) as "foreign!""#,
        provider,
        &transactions,
        payment.as_str(),
    )
    .fetch_one(&mut *connection)
    .await?;
    if is_foreign && !noted.is_empty() {
        sqlx::query!(
            "delete from payment_receipts where provider = $1 and transaction_id = any($2) and payment_id = $3",
            provider,
            &noted,
            payment.as_str(),
        )
        .execute(connection)
        .await?;
    }
    Ok(!is_foreign)
}

/// Keeps the last answer of the gateway and what it says has come in.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn note_received(
    connection: &mut PgConnection,
    payment: &PaymentId,
    status: &GatewayStatus,
    notes: &serde_json::Value,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update payments set gateway_response = $2, updated_at = $4,
           external_id = coalesce(external_id, $5),
           metadata = coalesce(metadata, '{}') || $3::jsonb
         where id = $1",
        payment.as_str(),
        Json(status) as _,
        notes,
        now.naive_utc(),
        status.external_id,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Takes money that came for a payment, and was not enough, out of it: it becomes a confirmed payment of its own, which pays
/// for nothing and goes back.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn take_out(
    connection: &mut PgConnection,
    clock: &Clock,
    new: &NewPayment<'_>,
    of: &PaymentId,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update payments set updated_at = $3, metadata = coalesce(metadata, '{}') ||
           jsonb_build_object('returned', coalesce((metadata ->> 'returned')::bigint, 0) + $2::bigint)
         where id = $1",
        of.as_str(),
        new.payment.amount.whole(),
        now.naive_utc(),
    )
    .execute(&mut *connection)
    .await?;
    insert_surplus(connection, clock, new, of, now).await?;
    sqlx::query!(
        "update payments set details = details || '{\"part\": true}' where id = $1",
        new.payment.id.as_str(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Books money that came on top of the payment `of` as a confirmed payment of its own.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn insert_surplus(
    connection: &mut PgConnection,
    clock: &Clock,
    new: &NewPayment<'_>,
    of: &PaymentId,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let payment = new.payment;
    sqlx::query!(
        r#"insert into payments
             (id, store_id, order_id, reference_number, amount, gateway, method, status, details, confirmed_at,
              created_at, updated_at)
           values ($1, $2, $3, $4, $5, $6, 'qris', 'confirmed',
             jsonb_build_object('provider', $9::text, 'surplus', true, 'of', $8::text), $7, $7, $7)"#,
        payment.id.as_str(),
        new.store.as_str(),
        payment.order.as_str(),
        payment.reference,
        payment.amount.column(),
        gateway_word(new.gateway),
        now.naive_utc(),
        of.as_str(),
        new.gateway,
    )
    .execute(&mut *connection)
    .await?;
    let action = Action { name: "surplus", source: "api", details: serde_json::Value::Null };
    insert_audit(connection, clock, &payment.id, None, PaymentStatus::Confirmed, &action, now).await
}
