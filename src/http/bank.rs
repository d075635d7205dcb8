//! `POST /webhooks/bank`: notices of a shop's bank, sent on by a phone or a mail reader of the shop. The token says which shop;
//! `docs/static-qris.md` says how to use it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::post;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::error::Error;
use crate::config::MIN_TOKEN_CHARS;
use crate::domain::ids::StoreId;
use crate::edge::json;
use crate::edge::webhook::{check_hmac_sha256, hmac_sha256_hex};
use crate::pipeline::Pipeline;
use crate::pipeline::accept::AcceptError;
use crate::pipeline::bank::BankNotice;

/// Bytes of a token that are looked at.
const MAX_TOKEN_CHARS: usize = 512;
/// What tokens are compared by: their signatures under these words, so that the time of a comparison tells nothing.
const COMPARED: &[u8] = b"warung bank notices";

/// How often the log is told of tokens that are nobody's.
const TELL_EVERY: Duration = Duration::from_secs(60);

/// What the route needs.
struct Bank {
    pipeline: Arc<Pipeline>,
    /// The token of the settings, which is that of the settings' shop.
    token: Option<SecretString>,
    /// When the log was told last of a token that is nobody's.
    told: Mutex<Option<Instant>>,
}

/// A notice as senders of JSON write it. Ids and texts may be anything; what else they send is not read.
#[derive(Deserialize)]
struct Posted {
    text: String,
    /// The shop's slug, for senders that say it: it must be the shop of the token.
    store: Option<String>,
    id: Option<serde_json::Value>,
}

/// The route. `token` is the one of the settings, for the settings' shop; every shop may have one of its own besides.
pub fn router(pipeline: Arc<Pipeline>, token: Option<SecretString>) -> Router {
    Router::new().route("/webhooks/bank", post(receive)).with_state(Arc::new(Bank {
        pipeline,
        token,
        told: Mutex::default(),
    }))
}

async fn receive(
    State(bank): State<Arc<Bank>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Error> {
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let given = given.and_then(|value| value.strip_prefix("Bearer ")).map(str::trim).unwrap_or_default();
    let Some(store) = bank.store_of(given).await? else {
        metrics::counter!("warung_notices_refused_total", "gateway" => "bank").increment(1);
        if bank.is_to_tell(Instant::now()) {
            tracing::warn!("bank notices come with a wrong token or none");
        }
        return Err(Error::Unsigned);
    };
    let is_json = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|kind| kind.to_ascii_lowercase().starts_with("application/json"));
    let notice = read(is_json, &body)?;
    bank.pipeline.accept_bank(&store, &notice, &body).await?;
    Ok(StatusCode::OK)
}

impl Bank {
    /// Whether the log is to be told of a refused notice: once in a while, because anybody can send as many as they like.
    fn is_to_tell(&self, now: Instant) -> bool {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = told.is_none_or(|told| now.duration_since(told) >= TELL_EVERY);
        if is_due {
            *told = Some(now);
        }
        is_due
    }

    /// The shop whose notices a token sends in; nothing where it is nobody's. A token opens one shop and no other.
    async fn store_of(&self, given: &str) -> Result<Option<StoreId>, Error> {
        if given.len() < MIN_TOKEN_CHARS || given.len() > MAX_TOKEN_CHARS {
            return Ok(None);
        }
        if let Some(token) = &self.token {
            let signature = hmac_sha256_hex(given.as_bytes(), COMPARED);
            if check_hmac_sha256(token.expose_secret().as_bytes(), COMPARED, &signature).is_ok() {
                return Ok(Some(self.pipeline.store_id.clone()));
            }
        }
        Ok(self.pipeline.store_of_bank_token(given).await.map_err(AcceptError::from)?)
    }
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
