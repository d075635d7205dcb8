//! Every version of every flow that a conversation may still be in. A row is written once and never changed.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// Stores a version, if it is new.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn insert(
    connection: &mut PgConnection,
    hash: &str,
    flow: &str,
    version: i32,
    source: &str,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into flow_versions (hash, flow, version, source, created_at) values ($1, $2, $3, $4, $5)
         on conflict (hash) do nothing",
        hash,
        flow,
        version,
        source,
        now.naive_utc(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Versions that are not among `current`: hash, flow and source of each, at most `limit`.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn older(
    connection: &mut PgConnection,
    current: &[String],
    limit: i64,
) -> Result<Vec<(String, String, String)>, sqlx::Error> {
    let rows = sqlx::query!(
        "select hash, flow, source from flow_versions where hash <> all($1) order by created_at desc, hash limit $2",
        current,
        limit,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.hash, row.flow, row.source)).collect())
}
