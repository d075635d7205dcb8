//! One-time codes that people read out or type: how they are made, and the form in which they are kept.

use sha2::{Digest, Sha256};

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
