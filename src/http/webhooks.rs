//! Webhooks: raw bytes in, stored before the answer.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};

use crate::edge::webhook::WebhookRequest;
use crate::pipeline::Pipeline;

use super::error::Error;

/// A gateway's notice. 200 means stored, and nothing more.
///
/// # Errors
/// [`Error`].
pub async fn gateway(
    State(pipeline): State<Arc<Pipeline>>,
    Path(gateway): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Error> {
    pipeline.accept_notice(&gateway, request(&headers, &body)).await?;
    Ok(StatusCode::OK)
}

/// A request as adapters take it. Header values that are no text cannot be a signature and are left out.
fn request(headers: &HeaderMap, body: &Bytes) -> WebhookRequest {
    let headers = headers
        .iter()
        .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
        .collect();
    WebhookRequest { headers, body: body.to_vec() }
}
