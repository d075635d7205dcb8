//! Stub.
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
pub async fn insert(
    _: &mut PgConnection,
    _: &crate::clock::Clock,
    _: &str,
    _: &str,
    _: &str,
    _: &[u8],
    _: DateTime<Utc>,
) -> Result<String, sqlx::Error> {
    Ok(String::new())
}
