//! Credentials at rest: sealed with a key that is not in the database, so that a stolen copy of it opens nothing.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead, AeadCore, KeyInit, OsRng, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Nonce};
use secrecy::{ExposeSecret, SecretString};

/// Bytes of a nonce, which stand before what is sealed.
const NONCE_BYTES: usize = 12;

/// A key that seals and opens.
pub struct Seal {
    cipher: ChaCha20Poly1305,
}

/// Why something cannot be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The text is no key.
    #[error("the key is not 64 hex digits")]
    Key,
    /// It was sealed with another key or for another place, or somebody changed it.
    #[error("it was sealed with another key, or was changed")]
    Broken,
}

impl Seal {
    /// A seal out of a key in hex.
    ///
    /// # Errors
    /// [`SealError::Key`] when it is not 64 hex digits.
    pub fn new(key_hex: &SecretString) -> Result<Self, SealError> {
        let key = hex::decode(key_hex.expose_secret().trim()).map_err(|_| SealError::Key)?;
        let cipher = ChaCha20Poly1305::new_from_slice(&key).map_err(|_| SealError::Key)?;
        Ok(Self { cipher })
    }

    /// A fresh key in hex.
    pub fn fresh_key() -> String {
        hex::encode(ChaCha20Poly1305::generate_key(&mut OsRng))
    }

    /// Seals a text for a place: it opens nowhere else, so that rows cannot be swapped.
    ///
    /// # Errors
    /// [`SealError::Broken`] when the text is too long for the cipher.
    pub fn seal(&self, place: &str, text: &str) -> Result<String, SealError> {
        let nonce = ChaCha20Poly1305::generate_nonce(&mut OsRng);
        let payload = Payload { msg: text.as_bytes(), aad: place.as_bytes() };
        let sealed = self.cipher.encrypt(&nonce, payload).map_err(|_| SealError::Broken)?;
        Ok(STANDARD.encode([&nonce[..], &sealed].concat()))
    }

    /// Opens what was sealed for a place.
    ///
    /// # Errors
    /// [`SealError::Broken`].
    pub fn open(&self, place: &str, sealed: &str) -> Result<String, SealError> {
        let bytes = STANDARD.decode(sealed).map_err(|_| SealError::Broken)?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE_BYTES).ok_or(SealError::Broken)?;
        let payload = Payload { msg: sealed, aad: place.as_bytes() };
        let nonce: [u8; NONCE_BYTES] = nonce.try_into().map_err(|_| SealError::Broken)?;
        let text = self.cipher.decrypt(&Nonce::from(nonce), payload).map_err(|_| SealError::Broken)?;
        String::from_utf8(text).map_err(|_| SealError::Broken)
    }
}

/// Seals of which the first seals and every one opens, so that a key can be replaced while what it sealed is still there.
#[derive(Debug)]
pub struct Ring {
    first: Seal,
    others: Vec<Seal>,
}

/// What a ring has opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// The text.
    pub text: String,
    /// Whether the key that seals now has opened it, and not one of before.
    pub is_current: bool,
}

impl Ring {
    /// A ring out of keys in hex: the one that seals, and those of before.
    ///
    /// # Errors
    /// [`SealError::Key`] when one is not 64 hex digits.
    pub fn new(first: &SecretString, others: &[SecretString]) -> Result<Self, SealError> {
        let others = others.iter().map(Seal::new).collect::<Result<_, _>>()?;
        Ok(Self { first: Seal::new(first)?, others })
    }

    /// As [`Seal::seal`], with the first key.
    ///
    /// # Errors
    /// As [`Seal::seal`].
    pub fn seal(&self, place: &str, text: &str) -> Result<String, SealError> {
        self.first.seal(place, text)
    }

    /// As [`Seal::open`], with whichever key opens it.
    ///
    /// # Errors
    /// [`SealError::Broken`] when none does.
    pub fn open(&self, place: &str, sealed: &str) -> Result<Opened, SealError> {
        if let Ok(text) = self.first.open(place, sealed) {
            return Ok(Opened { text, is_current: true });
        }
        let found = self.others.iter().find_map(|seal| seal.open(place, sealed).ok());
        found.map(|text| Opened { text, is_current: false }).ok_or(SealError::Broken)
    }
}

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seal(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seal() -> Seal {
        Seal::new(&Seal::fresh_key().into()).unwrap()
    }

    #[test]
    fn what_is_sealed_opens_with_the_same_key_at_the_same_place_only() {
        let (one, other) = (seal(), seal());
        let sealed = one.seal("telegram:7", "a token").unwrap();
        assert!(!sealed.contains("token"));
        assert_eq!(one.open("telegram:7", &sealed).as_deref(), Ok("a token"));
        assert_eq!(one.open("telegram:8", &sealed), Err(SealError::Broken));
        assert_eq!(other.open("telegram:7", &sealed), Err(SealError::Broken));
    }

    #[test]
    fn a_key_of_before_opens_and_the_first_key_seals() {
        let (new, old, lost) = (Seal::fresh_key(), Seal::fresh_key(), Seal::fresh_key());
        let key = |key: &str| SecretString::from(key.to_owned());
        let sealed = |by: &str| Seal::new(&key(by)).unwrap().seal("telegram:7", "a token").unwrap();
        let ring = Ring::new(&key(&new), &[key(&old)]).unwrap();
        let opened = |sealed: &str| ring.open("telegram:7", sealed).map(|opened| opened.is_current);
        assert_eq!(opened(&sealed(&new)), Ok(true));
        assert_eq!(opened(&sealed(&old)), Ok(false));
        assert_eq!(opened(&sealed(&lost)), Err(SealError::Broken));
        assert_eq!(ring.open("telegram:8", &sealed(&old)), Err(SealError::Broken), "nor at another place");
        assert_eq!(opened(&ring.seal("telegram:7", "a token").unwrap()), Ok(true));
    }

    #[test]
    fn a_changed_or_cut_text_does_not_open() {
        let seal = seal();
        let sealed = seal.seal("x", "a token").unwrap();
        for broken in
            ["", "!", &sealed[..8], &sealed[..sealed.len() - 4], &sealed.replacen(&sealed[20..21], "_", 1)]
        {
            assert_eq!(seal.open("x", broken), Err(SealError::Broken), "{broken}");
        }
    }

    #[test]
    fn only_64_hex_digits_are_a_key() {
        for wrong in ["", "geheim", &"a".repeat(63), &"g".repeat(64), &"a".repeat(66)] {
            assert!(matches!(Seal::new(&wrong.to_owned().into()), Err(SealError::Key)), "{wrong}");
        }
    }
}
