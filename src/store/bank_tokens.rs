//! The tokens with which shops' phones send the notices of their banks: one per shop, kept as hashes.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use sqlx::PgConnection;

use crate::domain::ids::StoreId;

/// What every token begins with, so that one that strays is known for what it is.
const PREFIX: &str = "wbt_";

/// A token to show once, out of a secret of `Clock::secret`.
pub fn new_token(secret: &str) -> String {
    format!("{PREFIX}{secret}")
}

/// The form in which a token is kept.
fn hash(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}

/// Puts a token in use for a shop; the one before ends.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn put_in_use(
    connection: &mut PgConnection,
    store: &StoreId,
    token: &str,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    end(connection, store, now).await?;
    sqlx::query!(
        "insert into bank_tokens (token_hash, store_id, created_at) values ($1, $2, $3)",
        hash(token),
        store.as_str(),
        now.naive_utc(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Ends the token of a shop. Returns whether there was one.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn end(
    connection: &mut PgConnection,
    store: &StoreId,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let ended = sqlx::query!(
        "update bank_tokens set ended_at = $2 where store_id = $1 and ended_at is null",
        store.as_str(),
        now.naive_utc(),
    )
    .execute(connection)
    .await?;
    Ok(ended.rows_affected() > 0)
}

/// The shop of a token that is in use.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn store_of(connection: &mut PgConnection, token: &str) -> Result<Option<StoreId>, sqlx::Error> {
    let store = sqlx::query_scalar!(
        "select store_id from bank_tokens where token_hash = $1 and ended_at is null",
        hash(token),
    )
    .fetch_optional(connection)
    .await?;
    Ok(store.map(StoreId::from))
}
