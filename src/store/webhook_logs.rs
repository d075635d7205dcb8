//! Notices of gateways, kept as they came in, once each under the event's key.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::clock::Clock;

/// Stores a notice whose signature has been checked. The caller commits it before anything acts on it. Returns the
/// row's id: that of the first time where the event came before.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn insert(
    connection: &mut PgConnection,
    clock: &Clock,
    gateway: &str,
    event_type: &str,
    event_key: &str,
    body: &[u8],
    now: DateTime<Utc>,
) -> Result<String, sqlx::Error> {
    sqlx::query_scalar!(
        "insert into payment_webhook_logs
           (id, gateway, event_type, payload, signature_valid, processed, created_at, event_key)
         values ($1, $2, $3, $4, true, false, $5, $6)
         on conflict (gateway, event_key) do update set event_key = excluded.event_key
         returning id",
        clock.id(),
        gateway,
        event_type.replace('\0', ""),
        as_json(body),
        now.naive_utc(),
        event_key.replace('\0', ""),
    )
    .fetch_one(connection)
    .await
}

/// Whether an event has been stored.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn is_known(
    connection: &mut PgConnection,
    gateway: &str,
    event_key: &str,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists (select 1 from payment_webhook_logs where gateway = $1 and event_key = $2) as "known!""#,
        gateway,
        event_key,
    )
    .fetch_one(connection)
    .await
}

/// A notice that is refused.
#[derive(Debug)]
pub struct Refused<'a> {
    /// The gateway that it claims to come from.
    pub gateway: &'a str,
    /// Whether its signature was right and only its body could not be read.
    pub is_signed: bool,
    /// The hash of its body: the same refused body is kept once.
    pub digest: &'a str,
    /// Why it is refused.
    pub reason: &'a str,
    /// The raw bytes.
    pub body: &'a [u8],
}

/// Bytes of a refused notice that are kept: enough to see what it was.
const MAX_REFUSED_BYTES: usize = 4_096;
/// Refused notices of one gateway that are kept in an hour.
const MAX_REFUSED_PER_HOUR: i64 = 100;

/// Keeps a refused notice, unless many have been kept in this hour.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn insert_refused(
    connection: &mut PgConnection,
    clock: &Clock,
    refused: &Refused<'_>,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let head = &refused.body[..refused.body.len().min(MAX_REFUSED_BYTES)];
    sqlx::query!(
        "insert into payment_webhook_logs
           (id, gateway, event_type, payload, signature_valid, processed, error, created_at, event_key)
         select $1, $2, 'refused', $3, $4, false, $5, $6, $7
         where (select count(*) from payment_webhook_logs
                where gateway = $2 and signature_valid = false and created_at > $8) < $9
         on conflict (gateway, event_key) do nothing",
        clock.id(),
        refused.gateway,
        as_json(head),
        refused.is_signed,
        refused.reason,
        now.naive_utc(),
        format!("refused:{}", refused.digest),
        (now - chrono::Duration::hours(1)).naive_utc(),
        MAX_REFUSED_PER_HOUR,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The column is JSON: a body in another form (a query string) is kept as a text in it.
fn as_json(body: &[u8]) -> serde_json::Value {
    without_nul(
        serde_json::from_slice(body)
            .unwrap_or_else(|_| serde_json::Value::String(String::from_utf8_lossy(body).into_owned())),
    )
}

/// Notes what came of a notice.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn mark_processed(
    connection: &mut PgConnection,
    id: &str,
    error: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update payment_webhook_logs set processed = $2, processed_at = $3, error = $4
         where id = $1 and processed is not true",
        id,
        error.is_none(),
        now.naive_utc(),
        error,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// PostgreSQL's jsonb refuses the character U+0000, which JSON allows; a notice must not fail on it.
fn without_nul(value: serde_json::Value) -> serde_json::Value {
    use serde_json::Value;
    match value {
        Value::String(text) => Value::String(text.replace('\0', "")),
        Value::Array(items) => Value::Array(items.into_iter().map(without_nul).collect()),
        Value::Object(fields) => Value::Object(
            fields.into_iter().map(|(name, value)| (name.replace('\0', ""), without_nul(value))).collect(),
        ),
        other => other,
    }
}
