//! What Xendit tells by itself. Every signed JSON is taken: an event that this version does not know leads to a question
//! like any other, and the question decides.

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::wire::text;
use crate::edge::json;
use crate::edge::webhook::{WebhookError, WebhookRequest};
use crate::payments::Notice;

/// The header with the account's token (docs.xendit.co, "Handling webhooks").
const TOKEN_HEADER: &str = "x-callback-token";
/// The header with the event's own id, the same at every repeat.
const ID_HEADER: &str = "webhook-id";
/// Characters of a key or a name that are kept.
const MAX_KEY_CHARS: usize = 200;

pub(super) fn receive(token: &SecretString, request: &WebhookRequest) -> Result<Notice, WebhookError> {
    let given = request.header(TOKEN_HEADER).ok_or(WebhookError::Unsigned)?;
    let expected = token.expose_secret();
    // Hashes are compared, so that not even the length of the token shows in the time that it takes.
    let (given, expected) = (Sha256::digest(given), Sha256::digest(expected));
    if token.expose_secret().is_empty() || !bool::from(given.ct_eq(&expected)) {
        return Err(WebhookError::Unsigned);
    }
    let body = json::parse(&request.body)?;
    // Notices of refunds have been seen with the event once more inside of the event.
    let data = body.get("data").filter(|data| data.is_object()).unwrap_or(&body);
    let data = data.get("data").filter(|data| data.is_object()).unwrap_or(data);
    let code = body.get("qr_code").unwrap_or(&Value::Null);
    let event_type = text(&body, "event").unwrap_or("unknown");
    // Newest shape first: payment requests, QR codes of 2022, QR codes before.
    let reference = text(data, "reference_id")
        .or_else(|| text(code, "external_id"))
        .or_else(|| text(code, "reference_id"))
        .or_else(|| text(data, "external_id"));
    let external_id = text(data, "qr_id")
        .or_else(|| text(data, "qr_code_id"))
        .or_else(|| text(code, "id"))
        .or_else(|| text(data, "payment_request_id"));
    let own_key = || {
        let status = text(data, "status").unwrap_or("-");
        match text(data, "id").or_else(|| text(data, "payment_id")) {
            Some(id) if event_type != "unknown" => format!("{event_type}:{id}:{status}"),
            // What does not say which event it is, is known by its very bytes: two events are never one.
            _ => format!("{event_type}:{status}:{}", hex::encode(Sha256::digest(&request.body))),
        }
    };
    let event_key = request.header(ID_HEADER).filter(|id| !id.is_empty()).map_or_else(own_key, str::to_owned);
    let bounded = |text: &str| text.chars().take(MAX_KEY_CHARS).collect::<String>();
    Ok(Notice {
        event_key: bounded(&event_key),
        event_type: bounded(event_type),
        reference: reference.map(bounded),
        external_id: external_id.map(bounded),
    })
}
