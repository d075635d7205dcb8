//! The one error of the server and how it reads: `{"error":{"code","message"}}`, with no internals in it.

use std::time::Duration;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::chat::DoorError;
use crate::pipeline::accept::AcceptError;

/// Seconds after which a sender may come again when the database is down.
const RETRY_AFTER_SECONDS: u64 = 5;
/// Seconds after which a page may come again when too many are open.
const BUSY_SECONDS: u64 = 2;

/// Characters that an answer says of what could not be read: a place, never the whole of what came.
const MAX_PLACE_CHARS: usize = 200;

/// What a request may come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// There is nothing at the path.
    NotFound,
    /// The path has no such method.
    MethodNotAllowed,
    /// The signature is missing or wrong.
    Unsigned,
    /// The chat page has no session.
    NoSession,
    /// The body is not JSON, which pages of other sites could not send unasked.
    NotJson,
    /// The body is no file that the shop takes.
    NotAFile,
    /// Too much came from there; it may go on after this.
    TooFast(Duration),
    /// As many streams are open as there may be.
    TooBusy,
    /// The request cannot be read; the text says where.
    Malformed(String),
    /// The body is larger than is taken.
    TooLarge,
    /// It took too long.
    TimedOut,
    /// The database does not answer.
    Unavailable,
    /// A fault of ours.
    Internal,
}

impl Error {
    fn parts(&self) -> (StatusCode, &'static str, &str) {
        match self {
            Self::NotFound => (StatusCode::NOT_FOUND, "not_found", "There is nothing here."),
            Self::MethodNotAllowed => {
                (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "This path does not take that method.")
            }
            Self::Unsigned => (StatusCode::UNAUTHORIZED, "unsigned", "The signature is missing or wrong."),
            Self::NoSession => (StatusCode::UNAUTHORIZED, "no_session", "Start a session first."),
            Self::NotJson => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_json", "Send application/json."),
            Self::NotAFile => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "not_a_file",
                "Send a picture (JPEG, PNG, WebP) or a PDF.",
            ),
            Self::TooFast(_) => (StatusCode::TOO_MANY_REQUESTS, "too_fast", "Slow down."),
            Self::TooBusy => {
                (StatusCode::SERVICE_UNAVAILABLE, "too_many_streams", "Too many pages are open.")
            }
            Self::Malformed(place) => (StatusCode::BAD_REQUEST, "malformed", place),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too_large", "The body is too large."),
            Self::TimedOut => (StatusCode::GATEWAY_TIMEOUT, "timed_out", "The request took too long."),
            Self::Unavailable => (
                StatusCode::SERVICE_UNAVAILABLE,
                "unavailable",
                "The database does not answer; try again soon.",
            ),
            Self::Internal => {
                (StatusCode::INTERNAL_SERVER_ERROR, "internal", "Something went wrong on our side.")
            }
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let (status, code, message) = self.parts();
        let message: String = message.chars().take(MAX_PLACE_CHARS).collect();
        let body = Json(json!({ "error": { "code": code, "message": message } }));
        let mut response = (status, body).into_response();
        let wait_s = match self {
            Self::Unavailable => Some(RETRY_AFTER_SECONDS),
            Self::TooBusy => Some(BUSY_SECONDS),
            Self::TooFast(wait) => Some(wait.as_secs() + u64::from(wait.subsec_nanos() > 0)),
            _ => None,
        };
        if let Some(wait_s) = wait_s {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait_s));
        }
        response
    }
}

impl From<DoorError> for Error {
    fn from(error: DoorError) -> Self {
        tracing::warn!(%error, "the web chat cannot reach the shop");
        Self::Unavailable
    }
}

impl From<AcceptError> for Error {
    fn from(error: AcceptError) -> Self {
        match error {
            AcceptError::Unknown => Self::NotFound,
            AcceptError::Unsigned => Self::Unsigned,
            AcceptError::Malformed(place) => Self::Malformed(place),
            AcceptError::Pipeline(error) => {
                tracing::error!(%error, "a webhook could not be stored");
                Self::Unavailable
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;

    use super::*;

    #[tokio::test]
    async fn an_answer_says_little_of_what_could_not_be_read() {
        let response = Error::Malformed("é".repeat(100_000)).into_response();
        let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        assert!(body.len() < 500, "{}", body.len());
    }
}
