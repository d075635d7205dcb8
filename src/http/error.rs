//! The one error of the server and how it reads: `{"error":{"code","message"}}`, with no internals in it.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::pipeline::accept::AcceptError;

/// Seconds after which a sender may come again when the database is down.
const RETRY_AFTER_SECONDS: &str = "5";

/// What a request may come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// There is nothing at the path.
    NotFound,
    /// The path has no such method.
    MethodNotAllowed,
    /// The signature is missing or wrong.
    Unsigned,
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
        let body = Json(json!({ "error": { "code": code, "message": message } }));
        let mut response = (status, body).into_response();
        if self == Self::Unavailable {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER_SECONDS));
        }
        response
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
