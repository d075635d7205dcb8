//! One-time codes that people read out or type: how they are made, and the form in which they are kept.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use sqlx::PgConnection;

use crate::domain::ids::StoreId;

/// Letters of a code: no vowels and nothing that looks like something else, so that it can be read out.
const LETTERS: &[u8; 20] = b"BCDFGHJKMNPQRTVWXY34";
/// Letters in a code: 20 to the power of 8 is 34 bits, each code works once and for minutes.
const LENGTH: usize = 8;

/// A code to show once, out of a secret of `Clock::secret`: `BCDF-GHJK`.
pub fn draw(secret: &str) -> String {
    let digest = Sha256::digest(secret.as_bytes());
    let letters = digest.iter().take(LENGTH).enumerate().flat_map(|(index, byte)| {
        let letter = char::from(LETTERS[usize::from(*byte) % LETTERS.len()]);
        (index == LENGTH / 2).then_some('-').into_iter().chain([letter])
    });
    letters.collect()
}

/// Voids the codes of a shop's people and of its customers among these words. Returns how many there were.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn void(
    connection: &mut PgConnection,
    store: &StoreId,
    words: &[&str],
    now: DateTime<Utc>,
) -> Result<i64, sqlx::Error> {
    let hashes: Vec<String> = words.iter().map(|word| hash(word)).collect();
    sqlx::query_scalar!(
        r#"with staffs as (
             update staff_codes set used_at = $3
             where code_hash = any($2) and store_id = $1 and used_at is null returning 1
           ), customers as (
             update join_codes j set used_at = $3 from customers k
             where j.code_hash = any($2) and k.id = j.customer_id and k.store_id = $1 and j.used_at is null returning 1
           )
           select (select count(*) from staffs) + (select count(*) from customers) as "voided!""#,
        store.as_str(),
        &hashes,
        now.naive_utc(),
    )
    .fetch_one(connection)
    .await
}

/// The form in which a code is kept. Case, spaces and dashes do not matter.
pub(super) fn hash(code: &str) -> String {
    let plain: String =
        code.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect();
    hex::encode(Sha256::digest(plain.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_the_same_however_it_is_typed() {
        let code = draw("secret");
        assert_eq!(code.len(), LENGTH + 1, "{code}");
        assert_eq!(hash(&code), hash(&code.to_lowercase().replace('-', " ")));
        assert_ne!(hash(&code), hash(&draw("another")));
    }
}
