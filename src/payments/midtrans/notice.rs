//! What Midtrans tells by itself, signed over the texts as they came: `50000`, `50000.0` and `50000.00` are three amounts
//! to the signature and one to the shop.

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256, Sha512};
use subtle::ConstantTimeEq;

use super::wire::{self, text};
use crate::edge::json;
use crate::edge::webhook::{WebhookError, WebhookRequest};
use crate::payments::Notice;

/// Bytes of a key or a name that are kept as they are.
const MAX_KEY_BYTES: usize = 200;

/// The fields that the signature covers, each as the very text that came, in the order of the signature.
const SIGNED: [&str; 3] = ["order_id", "status_code", "gross_amount"];
/// The field with the signature.
const SIGNATURE: &str = "signature_key";

/// The text of a value: what stands between the quotes of a string, a number as it was written.
fn written(raw: &RawValue) -> String {
    serde_json::from_str::<String>(raw.get()).unwrap_or_else(|_| raw.get().to_owned())
}

/// Whether the body is signed: `sha512(order_id + status_code + gross_amount + server key)` in hex
/// (docs.midtrans.com, "HTTP(S) Notification").
fn is_signed(server_key: &SecretString, body: &[u8]) -> bool {
    let Ok(fields) = json::fields_as_written(body) else { return false };
    let field = |name: &str| fields.get(name).map(|raw| written(raw));
    let key = server_key.expose_secret();
    let (Some(text), Some(given)) =
        (SIGNED.map(field).into_iter().collect::<Option<String>>(), field(SIGNATURE))
    else {
        return false;
    };
    if key.is_empty() {
        return false;
    }
    let expected = hex::encode(Sha512::digest(format!("{text}{key}")));
    let given = given.to_ascii_lowercase();
    expected.as_bytes().ct_eq(given.as_bytes()).into()
}

pub(super) fn receive(server_key: &SecretString, request: &WebhookRequest) -> Result<Notice, WebhookError> {
    if !is_signed(server_key, &request.body) {
        return Err(WebhookError::Unsigned);
    }
    let body = json::parse(&request.body)?;
    let part = |name: &str| text(&body, name).unwrap_or("-");
    // Real notices about refunds name the key of each in a list, the newest last; two of one charge are two events.
    let listed = body.get("refunds").and_then(Value::as_array).and_then(|refunds| refunds.last());
    let refund = text(&body, "refund_key").or_else(|| text(listed?, "refund_key")).unwrap_or("-");
    let code = wire::code(&body).map_or_else(|| "-".to_owned(), |code| code.to_string());
    let mut parts = vec![part("transaction_id"), part("transaction_status"), &code, refund];
    // What does not say which event it is, is known by its very bytes: two events are never one, and a repeat is asked about
    // once.
    let is_refund = part("transaction_status").contains("refund");
    let digest = hex::encode(Sha256::digest(&request.body));
    if parts[..2].contains(&"-") || (is_refund && refund == "-") {
        parts.push(&digest);
    }
    let order_id = body.get("order_id").and_then(|id| match id {
        Value::String(id) => Some(id.clone()),
        Value::Number(id) => Some(id.to_string()),
        _ => None,
    });
    Ok(Notice {
        event_key: bounded(&parts.join(":")),
        event_type: bounded(part("transaction_status")),
        reference: order_id.map(|id| bounded(&id)),
        // Not covered by the signature, so nothing is looked up by it.
        external_id: None,
    })
}

/// A name as a column takes it, or its digest: cut names could be those of two events, and a NUL is refused by the
/// database for ever.
fn bounded(name: &str) -> String {
    let fits = name.len() <= MAX_KEY_BYTES && !name.chars().any(char::is_control);
    if fits { name.to_owned() } else { hex::encode(Sha256::digest(name.as_bytes())) }
}
