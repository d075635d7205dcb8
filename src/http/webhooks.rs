//! Webhooks: raw bytes in, stored before the answer.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::domain::message::ChannelName;
use crate::edge::webhook::WebhookRequest;
use crate::pipeline::Pipeline;

use super::error::Error;

/// What a platform or a gateway tells. 200 means stored, and nothing more.
///
/// # Errors
/// [`Error`].
pub async fn receive(
    State(pipeline): State<Arc<Pipeline>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Error> {
    let request = request(&headers, &body);
    if is_platform(&pipeline, &name) {
        pipeline.accept_webhook(&name, &request).await?;
    } else {
        pipeline.accept_notice(&name, request).await?;
    }
    Ok(StatusCode::OK)
}

/// A platform asks who owns this address, before it sends anything: the bare answer, or a refusal.
///
/// # Errors
/// [`Error`].
pub async fn handshake(
    State(pipeline): State<Arc<Pipeline>>,
    Path(name): Path<String>,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Response, Error> {
    let channel = pipeline.channels.get(&ChannelName::from(name.as_str()));
    match channel {
        Some(channel) if is_platform(&pipeline, &name) => {
            let answer = channel.abilities().handshake.and_then(|handshake| handshake.handshake(&query));
            let answer = answer.ok_or(Error::Unsigned)?;
            Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], answer).into_response())
        }
        _ if pipeline.gateways.contains_key(&name) => Err(Error::MethodNotAllowed),
        _ => Err(Error::NotFound),
    }
}

fn is_platform(pipeline: &Pipeline, name: &str) -> bool {
    pipeline.channels.get(&ChannelName::from(name)).is_some_and(|channel| channel.spec().takes_webhooks)
}

/// A request as adapters take it. Header values that are no text cannot be a signature and are left out.
fn request(headers: &HeaderMap, body: &Bytes) -> WebhookRequest {
    let headers = headers
        .iter()
        .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
        .collect();
    WebhookRequest { headers, body: body.to_vec() }
}
