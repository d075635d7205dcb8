//! One-time codes that people read out or type: how they are made, and the form in which they are kept.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use sqlx::PgConnection;

use crate::domain::ids::StoreId;

/// Letters of a code: no vowels and nothing that looks like something else, so that it can be read out.
const LETTERS: &[u8; 20] = b"BCDFGHJKMNPQRTVWXY34";
/// Groups of a short code and letters of each: 20 to the power of 8 is 34 bits, each code works once and for minutes.
const SHORT: (usize, usize) = (2, 4);
/// The same of a long one: 64 bits, for what is worth more than a cart.
const LONG: (usize, usize) = (3, 5);

/// A code to show once, out of a secret of `Clock::secret`: `BCDF-GHJK`.
pub fn draw(secret: &str) -> String {
    grouped(secret, SHORT)
}

/// A code that nobody guesses, out of a secret of `Clock::secret`: `BCDFG-HJKMN-PQRTV`.
pub fn draw_long(secret: &str) -> String {
    grouped(secret, LONG)
}

fn grouped(secret: &str, (groups, letters): (usize, usize)) -> String {
    let digest = Sha256::digest(secret.as_bytes());
    let drawn = digest.iter().take(groups * letters).enumerate().flat_map(|(index, byte)| {
        let letter = char::from(LETTERS[usize::from(*byte) % LETTERS.len()]);
        (index > 0 && index % letters == 0).then_some('-').into_iter().chain([letter])
    });
    drawn.collect()
}

/// Voids the codes of a shop's people and of its customers among these words. Returns how many there were.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn void(
    connection: &mut PgConnection,
    store: &StoreId,
    words: &[String],
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
        assert_eq!((code.len(), draw_long("secret").len()), (9, 17), "{code}");
        assert_eq!(hash(&code), hash(&code.to_lowercase().replace('-', " ")));
        assert_ne!(hash(&code), hash(&draw("another")));
    }

    #[test]
    fn a_long_code_has_more_than_sixty_bits_and_reads_as_three_words() {
        // A byte modulo 20 makes sixteen letters likelier, by 13 in 256 to 12: the likeliest code of all is what counts.
        let bits_per_letter = (256.0_f64 / 13.0).log2();
        let code = draw_long("secret");
        let letters = code.chars().filter(char::is_ascii_alphanumeric).count();
        assert!(bits_per_letter * f64::from(u32::try_from(letters).unwrap()) > 60.0, "{code}");
        assert_eq!(code.split('-').map(str::len).collect::<Vec<_>>(), [5, 5, 5]);
    }
}
