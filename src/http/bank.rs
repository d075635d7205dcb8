//! `POST /webhooks/bank`: notices of the shop's bank, sent on by a phone or a mail reader of the shop. The route is there
//! only where a token is set; `docs/static-qris.md` says how to use it.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::post;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::error::Error;
use crate::edge::json;
use crate::edge::webhook::{check_hmac_sha256, hmac_sha256_hex};
use crate::pipeline::Pipeline;
use crate::pipeline::bank::BankNotice;

/// What tokens are compared by: their signatures under these words, so that the time of a comparison tells nothing.
const COMPARED: &[u8] = b"warung bank notices";

/// What the route needs.
struct Bank {
    pipeline: Arc<Pipeline>,
    token: SecretString,
}

/// A notice as senders of JSON write it. Ids and texts may be anything; what else they send is not read.
#[derive(Deserialize)]
struct Posted {
    text: String,
    store: Option<String>,
    id: Option<serde_json::Value>,
}

/// The route.
pub fn router(pipeline: Arc<Pipeline>, token: SecretString) -> Router {
    Router::new().route("/webhooks/bank", post(receive)).with_state(Arc::new(Bank { pipeline, token }))
}

async fn receive(
    State(bank): State<Arc<Bank>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Error> {
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let given = given.and_then(|value| value.strip_prefix("Bearer ")).map(str::trim).unwrap_or_default();
    let signature = hmac_sha256_hex(given.as_bytes(), COMPARED);
    check_hmac_sha256(bank.token.expose_secret().as_bytes(), COMPARED, &signature).map_err(|_| {
        tracing::warn!("a bank notice came with a wrong token or none");
        Error::Unsigned
    })?;
    let is_json = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|kind| kind.to_ascii_lowercase().starts_with("application/json"));
    let notice = read(is_json, &body)?;
    bank.pipeline.accept_bank(&notice, &body).await?;
    Ok(StatusCode::OK)
}

fn read(is_json: bool, body: &[u8]) -> Result<BankNotice, Error> {
    if !is_json {
        let text = String::from_utf8_lossy(body).into_owned();
        return Ok(BankNotice { text, ..BankNotice::default() });
    }
    let posted: Posted = json::parse_as(body)
        .map_err(|_| Error::Malformed("The body is no JSON object with a `text`.".to_owned()))?;
    let id = posted.id.and_then(|id| match id {
        serde_json::Value::String(id) => Some(id),
        serde_json::Value::Number(id) => Some(id.to_string()),
        _ => None,
    });
    Ok(BankNotice { store: posted.store, id, text: posted.text })
}
