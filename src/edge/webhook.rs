//! A webhook request as it came, before anything is believed.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Method-independent parts of a webhook request. Signatures are checked over `body`, never over a re-written one.
#[derive(Debug, Clone, Default)]
pub struct WebhookRequest {
    /// Header names in lower case, values as text.
    pub headers: Vec<(String, String)>,
    /// The raw bytes.
    pub body: Vec<u8>,
}

impl WebhookRequest {
    /// The first value of a header, by its lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// Why a webhook request is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    /// No signature, or a wrong one: 401, and nothing changes.
    #[error("the signature is missing or wrong")]
    Unsigned,
    /// Signed but unreadable: 400. The text names the place, never the content.
    #[error("the body cannot be read: {0}")]
    Malformed(String),
}

impl From<super::json::Unreadable> for WebhookError {
    fn from(unreadable: super::json::Unreadable) -> Self {
        Self::Malformed(unreadable.to_string())
    }
}

/// Checks `hex(HMAC-SHA256(secret, body))` in constant time. An empty secret or signature is never right.
///
/// # Errors
/// [`WebhookError::Unsigned`] when it does not match.
pub fn check_hmac_sha256(secret: &[u8], body: &[u8], signature_hex: &str) -> Result<(), WebhookError> {
    let signature = hex::decode(signature_hex).map_err(|_| WebhookError::Unsigned)?;
    if secret.is_empty() || signature.is_empty() {
        return Err(WebhookError::Unsigned);
    }
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).map_err(|_| WebhookError::Unsigned)?;
    mac.update(body);
    mac.verify_slice(&signature).map_err(|_| WebhookError::Unsigned)
}

/// `hex(HMAC-SHA256(secret, body))`, for the sides that sign.
pub fn hmac_sha256_hex(secret: &[u8], body: &[u8]) -> String {
    // HMAC takes keys of any length, so this cannot fail; an empty text would never verify.
    Hmac::<Sha256>::new_from_slice(secret).map_or_else(
        |_| String::new(),
        |mut mac| {
            mac.update(body);
            hex::encode(mac.finalize().into_bytes())
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_exact_signature_passes() {
        let signature = hmac_sha256_hex(b"secret", b"body");
        assert_eq!(check_hmac_sha256(b"secret", b"body", &signature), Ok(()));
        for (secret, body, signature) in [
            (&b"secret"[..], &b"body2"[..], signature.as_str()),
            (b"other", b"body", &signature),
            (b"secret", b"body", ""),
            (b"secret", b"body", "zz"),
            (b"secret", b"body", &signature[..62]),
            (b"", b"body", &hmac_sha256_hex(b"", b"body")),
        ] {
            assert_eq!(check_hmac_sha256(secret, body, signature), Err(WebhookError::Unsigned));
        }
    }
}
