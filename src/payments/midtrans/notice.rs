//! What Midtrans tells by itself, signed over the texts as they came: `50000`, `50000.0` and `50000.00` are three amounts
//! to the signature and one to the shop.

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use sha2::{Digest, Sha512};
use subtle::ConstantTimeEq;

use super::wire::text;
use crate::edge::webhook::{WebhookError, WebhookRequest};
use crate::payments::Notice;

/// Characters of a key or a name that are kept.
const MAX_KEY_CHARS: usize = 200;

/// The fields that the signature covers, each as the very text that came.
#[derive(Debug, Deserialize)]
struct Signed<'a> {
    #[serde(borrow)]
    order_id: &'a RawValue,
    #[serde(borrow)]
    status_code: &'a RawValue,
    #[serde(borrow)]
    gross_amount: &'a RawValue,
    #[serde(borrow)]
    signature_key: &'a RawValue,
}

/// The text of a value: what stands between the quotes of a string, a number as it was written.
fn written(raw: &RawValue) -> String {
    serde_json::from_str::<String>(raw.get()).unwrap_or_else(|_| raw.get().to_owned())
}

/// Whether the body is signed: `sha512(order_id + status_code + gross_amount + server key)` in hex
/// (docs.midtrans.com, "HTTP(S) Notification").
fn is_signed(server_key: &SecretString, body: &[u8]) -> bool {
    let Ok(signed) = serde_json::from_slice::<Signed<'_>>(body) else { return false };
    let key = server_key.expose_secret();
    if key.is_empty() {
        return false;
    }
    let text = [signed.order_id, signed.status_code, signed.gross_amount].map(written).concat();
    let expected = hex::encode(Sha512::digest(format!("{text}{key}")));
    let given = written(signed.signature_key).to_ascii_lowercase();
    expected.as_bytes().ct_eq(given.as_bytes()).into()
}

pub(super) fn receive(server_key: &SecretString, request: &WebhookRequest) -> Result<Notice, WebhookError> {
    if !is_signed(server_key, &request.body) {
        return Err(WebhookError::Unsigned);
    }
    let body: Value = serde_json::from_slice(&request.body).map_err(|error| {
        WebhookError::Malformed(format!("line {}, column {}", error.line(), error.column()))
    })?;
    let part = |name: &str| text(&body, name).unwrap_or("-");
    let bounded = |text: &str| text.chars().take(MAX_KEY_CHARS).collect::<String>();
    let event_key = format!(
        "{}:{}:{}:{}",
        part("transaction_id"),
        part("transaction_status"),
        part("status_code"),
        part("refund_key"),
    );
    Ok(Notice {
        event_key: bounded(&event_key),
        event_type: bounded(part("transaction_status")),
        reference: text(&body, "order_id").map(bounded),
        // Not covered by the signature, so nothing is looked up by it.
        external_id: None,
    })
}
