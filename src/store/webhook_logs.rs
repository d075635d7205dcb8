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
/// Unsigned notices of one gateway that are kept in an hour.
const MAX_REFUSED_PER_HOUR: i64 = 100;
/// Unsigned notices of one gateway that are kept at all; the oldest go.
const MAX_REFUSED: i64 = 1_000;

/// Keeps a refused notice. Of those that anybody may have sent a bounded number is kept; those that are signed come from the
/// gateway, and no flood of others takes their room.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn insert_refused(
    connection: &mut PgConnection,
    clock: &Clock,
    refused: &Refused<'_>,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let head = refused.body.get(..MAX_REFUSED_BYTES).unwrap_or(refused.body);
    // Whoever sends the words of a signed notice without its signature must not be there in its place.
    let kind = if refused.is_signed { "unreadable" } else { "refused" };
    let kept = sqlx::query!(
        "insert into payment_webhook_logs
           (id, gateway, event_type, payload, signature_valid, processed, error, created_at, event_key)
         select $1, $2, 'refused', $3, $4, false, $5, $6, $7
         where $4 or (select count(*) from payment_webhook_logs
                where gateway = $2 and signature_valid = false and created_at > $8) < $9
         on conflict (gateway, event_key) do nothing",
        clock.id(),
        refused.gateway,
        as_json(head),
        refused.is_signed,
        refused.reason,
        now.naive_utc(),
        format!("{kind}:{}", refused.digest),
        (now - chrono::Duration::hours(1)).naive_utc(),
        MAX_REFUSED_PER_HOUR,
    )
    .execute(&mut *connection)
    .await?;
    if kept.rows_affected() > 0 && !refused.is_signed {
        sqlx::query!(
            "delete from payment_webhook_logs where id in (
               select id from payment_webhook_logs where gateway = $1 and signature_valid = false
               order by created_at desc offset $2
             )",
            refused.gateway,
            MAX_REFUSED,
        )
        .execute(connection)
        .await?;
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::testing::throw_away_database;

    #[tokio::test]
    async fn a_flood_of_refused_notices_keeps_its_own_room_and_hides_no_signed_one() {
        let database = throw_away_database(&crate::store::MIGRATOR).await.unwrap();
        let mut connection = database.pool.acquire().await.unwrap();
        let clock = Clock::system();
        let start = DateTime::from_timestamp(1_795_400_000, 0).unwrap();
        let refuse = async |connection: &mut PgConnection, body: &str, is_signed, now| {
            let (gateway, reason) = ("xendit", "no");
            let refused = Refused { gateway, is_signed, digest: body, reason, body: body.as_bytes() };
            insert_refused(connection, &clock, &refused, now).await.unwrap();
        };
        insert(&mut connection, &clock, "xendit", "paid", "real", b"{}", start).await.unwrap();
        let count = async |connection: &mut PgConnection, kind: &str| -> i64 {
            sqlx::query_scalar("select count(*) from payment_webhook_logs where event_key like $1")
                .bind(kind)
                .fetch_one(connection)
                .await
                .unwrap()
        };
        for number in 0..150 {
            refuse(&mut connection, &format!("{number}"), false, start).await;
        }
        assert_eq!(count(&mut connection, "refused:%").await, MAX_REFUSED_PER_HOUR);
        // The gateway's own is kept in the same hour, also where somebody has sent its words before.
        refuse(&mut connection, "7", true, start).await;
        assert_eq!(count(&mut connection, "unreadable:7").await, 1);
        for hour in 1..14 {
            let now = start + chrono::Duration::hours(hour);
            for number in 0..MAX_REFUSED_PER_HOUR {
                refuse(&mut connection, &format!("{hour}-{number}"), false, now).await;
            }
        }
        assert_eq!(count(&mut connection, "refused:%").await, MAX_REFUSED);
        assert_eq!(count(&mut connection, "refused:13-99").await, 1, "the newest are there");
        assert_eq!(count(&mut connection, "refused:99").await, 0, "the oldest are gone");
        assert_eq!(count(&mut connection, "unreadable:7").await, 1);
        assert_eq!(count(&mut connection, "real").await, 1);
    }
}
