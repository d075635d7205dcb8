//! Pictures and documents of the shop, by the hash of their bytes.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use sqlx::PgConnection;

/// Bytes of a picture or a document.
pub const MAX_BYTES: usize = 1_000_000;
/// Characters of a hash in a path.
const MAX_HASH_CHARS: usize = 64;

/// A file with what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Media {
    /// Its media type.
    pub mime: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// The path under which a PNG is served: `/media/<hash>.png`.
pub fn path(bytes: &[u8]) -> String {
    format!("/media/{}.png", hash(bytes))
}

/// The hash in a path below `/media/`, whatever its ending is.
pub fn hash_of(path: &str) -> Option<&str> {
    let (hash, _) = path.strip_prefix("/media/")?.rsplit_once('.')?;
    (1..=MAX_HASH_CHARS).contains(&hash.len()).then_some(hash).filter(|hash| is_hex(hash))
}

fn is_hex(hash: &str) -> bool {
    hash.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The hash by which a picture is known.
pub fn hash(bytes: &[u8]) -> String {
    let mut hex = hex::encode(Sha256::digest(bytes));
    // Half of it is plenty to tell pictures apart, and the addresses stay readable.
    hex.truncate(32);
    hex
}

/// Keeps a PNG and returns its path. The same picture is kept once.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn insert_png(
    connection: &mut PgConnection,
    bytes: &[u8],
    now: DateTime<Utc>,
) -> Result<String, sqlx::Error> {
    sqlx::query!(
        "insert into media (hash, mime, bytes, created_at) values ($1, 'image/png', $2, $3) on conflict (hash) do nothing",
        hash(bytes),
        bytes,
        now.naive_utc(),
    )
    .execute(connection)
    .await?;
    Ok(path(bytes))
}

/// The file with a hash.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn find(connection: &mut PgConnection, hash: &str) -> Result<Option<Media>, sqlx::Error> {
    sqlx::query_as!(Media, "select mime, bytes from media where hash = $1", hash)
        .fetch_optional(connection)
        .await
}
