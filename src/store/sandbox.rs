//! The books of the sandbox gateway (`sandbox_charges`) and the secret that signs its notices.

use chrono::{DateTime, NaiveDateTime, Utc};
use sqlx::PgConnection;

/// One charge as its row holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChargeRow {
    /// The shop's reference.
    pub reference: String,
    /// The sandbox's id of it.
    pub external_id: String,
    /// Rupiah asked for.
    pub amount: i32,
    /// The code.
    pub qris: String,
    /// `pending`, `paid` or `cancelled`.
    pub status: String,
    /// Rupiah received.
    pub received: i32,
    /// Payments received.
    pub receipts: i32,
    /// When the charge lapses, UTC.
    pub expires_at: NaiveDateTime,
}

/// Adds a charge unless its reference is taken, and returns the one that stands there.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn add(
    connection: &mut PgConnection,
    row: &ChargeRow,
    now: DateTime<Utc>,
) -> Result<ChargeRow, sqlx::Error> {
    sqlx::query!(
        "insert into sandbox_charges (reference, external_id, amount, qris, expires_at, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $6)
         on conflict (reference) do nothing",
        row.reference,
        row.external_id,
        row.amount,
        row.qris,
        row.expires_at,
        now.naive_utc(),
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query_as!(
        ChargeRow,
        "select reference, external_id, amount, qris, status, received, receipts, expires_at
         from sandbox_charges where reference = $1",
        row.reference,
    )
    .fetch_one(connection)
    .await
}

/// The charge with a reference.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn find(connection: &mut PgConnection, reference: &str) -> Result<Option<ChargeRow>, sqlx::Error> {
    sqlx::query_as!(
        ChargeRow,
        "select reference, external_id, amount, qris, status, received, receipts, expires_at
         from sandbox_charges where reference = $1",
        reference,
    )
    .fetch_optional(connection)
    .await
}

/// Books a payment unless there are `max_receipts`, and returns the charge afterwards.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn receive(
    connection: &mut PgConnection,
    reference: &str,
    amount: i32,
    max_receipts: i32,
    now: DateTime<Utc>,
) -> Result<Option<ChargeRow>, sqlx::Error> {
    sqlx::query_as!(
        ChargeRow,
        "update sandbox_charges
         set status = 'paid', received = received + $2, receipts = receipts + 1, updated_at = $4
         where reference = $1 and receipts < $3
         returning reference, external_id, amount, qris, status, received, receipts, expires_at",
        reference,
        amount,
        max_receipts,
        now.naive_utc(),
    )
    .fetch_optional(connection)
    .await
}

/// Marks an unpaid charge as called off, and returns the charge afterwards.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn cancel(
    connection: &mut PgConnection,
    reference: &str,
    now: DateTime<Utc>,
) -> Result<Option<ChargeRow>, sqlx::Error> {
    sqlx::query_as!(
        ChargeRow,
        "update sandbox_charges
         set status = case when receipts = 0 then 'cancelled' else status end, updated_at = $2
         where reference = $1
         returning reference, external_id, amount, qris, status, received, receipts, expires_at",
        reference,
        now.naive_utc(),
    )
    .fetch_optional(connection)
    .await
}

/// Books a refund under its key, unless more would go back than has come in. Returns whether it is booked.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn refund(
    connection: &mut PgConnection,
    reference: &str,
    refund_key: &str,
    amount: i32,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    // Refunds of one charge wait for each other here, so that two at once cannot both fit.
    let received = sqlx::query_scalar!(
        "select received from sandbox_charges where reference = $1 for update",
        reference
    )
    .fetch_optional(&mut *connection)
    .await?;
    let booked = sqlx::query!(
        r#"select amount as "amount!", refund_key = $2 as "same!" from sandbox_refunds where reference = $1"#,
        reference,
        refund_key,
    )
    .fetch_all(&mut *connection)
    .await?;
    if booked.iter().any(|row| row.same) {
        return Ok(true);
    }
    let gone: i64 = booked.iter().map(|row| i64::from(row.amount)).sum();
    if gone + i64::from(amount) > received.map_or(0, i64::from) {
        return Ok(false);
    }
    sqlx::query!(
        "insert into sandbox_refunds (refund_key, reference, amount, created_at) values ($1, $2, $3, $4)",
        refund_key,
        reference,
        amount,
        now.naive_utc(),
    )
    .execute(connection)
    .await?;
    Ok(true)
}

/// The secret of this database; `fresh` becomes it when there is none yet.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn secret(connection: &mut PgConnection, fresh: &str) -> Result<String, sqlx::Error> {
    sqlx::query!("insert into sandbox_secret (secret) values ($1) on conflict (id) do nothing", fresh)
        .execute(&mut *connection)
        .await?;
    sqlx::query_scalar!("select secret from sandbox_secret").fetch_one(connection).await
}
