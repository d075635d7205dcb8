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
    // The column is JSON: a body in another form (a query string) is kept as a text in it.
    let payload = serde_json::from_slice(body).unwrap_or_else(|_| {
        serde_json::Value::String(String::from_utf8_lossy(body).replace('\0', "").to_owned())
    });
    let payload = without_nul(payload);
    sqlx::query_scalar!(
        "insert into payment_webhook_logs
           (id, gateway, event_type, payload, signature_valid, processed, created_at, event_key)
         values ($1, $2, $3, $4, true, false, $5, $6)
         on conflict (gateway, event_key) do update set event_key = excluded.event_key
         returning id",
        clock.id(),
        gateway,
        event_type.replace('\0', ""),
        payload,
        now.naive_utc(),
        event_key.replace('\0', ""),
    )
    .fetch_one(connection)
    .await
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
