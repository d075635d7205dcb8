//! HTTP: the router and its layers. Handlers translate and call the pipeline; they decide nothing.

pub mod bank;
pub mod chat;
pub mod error;
pub mod health;
mod local;
pub mod media;
pub mod peers;
pub mod sandbox;
pub mod serve;
pub mod webhooks;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request};
use axum::http::{HeaderName, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use metrics_exporter_prometheus::PrometheusHandle;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::TraceLayer;

use crate::pipeline::Pipeline;

use self::error::Error;

/// Bytes of a body; the largest webhook of any platform has 3 MB.
pub const MAX_BODY_BYTES: usize = 3 * 1024 * 1024;
/// Characters of a request's id that its sender chose; longer ones get one of ours.
const MAX_REQUEST_ID_CHARS: usize = 64;
/// How long a request may take, in seconds. Streams answer at once and go on as long as they like.
const TIMEOUT_SECONDS: u64 = 10;

/// The routes that every server has, with everything in front of them. `more` adds those of the web chat, the pictures
/// and the sandbox.
pub fn router(pipeline: Arc<Pipeline>, metrics: Option<PrometheusHandle>, more: Router) -> Router {
    let metrics = get(health::metrics).with_state((Arc::clone(&pipeline), metrics));
    let router = Router::new()
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .route("/metrics", metrics)
        .route("/webhooks/{name}", get(webhooks::handshake).post(webhooks::receive))
        .with_state(pipeline)
        .merge(more)
        .fallback(|| async { Error::NotFound })
        .method_not_allowed_fallback(|| async { Error::MethodNotAllowed })
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(middleware::from_fn(in_our_words))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::GATEWAY_TIMEOUT,
            Duration::from_secs(TIMEOUT_SECONDS),
        ))
        .layer(CatchPanicLayer::custom(|_| Error::Internal.into_response()))
        .layer(TraceLayer::new_for_http().make_span_with(span));
    with_ids(router)
}

/// Gives every request an id, or keeps that of its sender where it can stand in a log.
fn with_ids(router: Router) -> Router {
    let request_id = HeaderName::from_static("x-request-id");
    router
        .layer(PropagateRequestIdLayer::new(request_id.clone()))
        .layer(SetRequestIdLayer::new(request_id, MakeRequestUuid))
        .layer(middleware::from_fn(with_known_id))
}

/// An id goes into every line of the log and into the answer: it is short and plain, or it is ours.
async fn with_known_id(mut request: Request, next: Next) -> Response {
    let ids: Vec<_> = request.headers().get_all("x-request-id").iter().collect();
    let is_plain = |id: &&axum::http::HeaderValue| {
        let bytes = id.as_bytes();
        (1..=MAX_REQUEST_ID_CHARS).contains(&bytes.len())
            && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(byte))
    };
    if ids.len() != 1 || !ids.iter().all(is_plain) {
        request.headers_mut().remove("x-request-id");
    }
    next.run(request).await
}

/// A request's span names the route, never the address that was asked for: that may hold somebody's secret.
fn span(request: &Request) -> tracing::Span {
    let path = request.extensions().get::<MatchedPath>().map_or("-", MatchedPath::as_str);
    let id = request.headers().get("x-request-id").and_then(|id| id.to_str().ok()).unwrap_or("-");
    tracing::info_span!("http.request", method = %request.method(), path, request.id = id)
}

/// Errors that libraries answer in their own words are said in ours.
pub(crate) async fn in_our_words(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let plain = response
        .headers()
        .get(axum::http::header::CONTENT_TYPE)
        .is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain"));
    if !plain {
        return response;
    }
    match response.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Error::TooLarge.into_response(),
        StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY | StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            Error::Malformed("The request cannot be read.".to_owned()).into_response()
        }
        StatusCode::GATEWAY_TIMEOUT => Error::TimedOut.into_response(),
        _ => response,
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use rstest::rstest;
    use tower::ServiceExt as _;

    use super::*;

    #[rstest]
    #[case::of_a_proxy(&[("8f2c-1.a_B:3", 1)], true)]
    #[case::none(&[], false)]
    #[case::empty(&[("", 1)], false)]
    #[case::long(&[("a", 380_000)], false)]
    #[case::a_little_long(&[("a", 65)], false)]
    #[case::a_line_of_its_own(&[("x level=ERROR\tfake", 1)], false)]
    #[case::two(&[("a", 1), ("b", 1)], false)]
    #[tokio::test]
    async fn an_id_of_a_request_is_short_and_plain_or_ours(
        #[case] given: &[(&str, usize)],
        #[case] kept: bool,
    ) {
        let router = with_ids(Router::new().route("/", get(|| async {})));
        let mut request = Request::get("/").body(Body::empty()).unwrap();
        for (id, times) in given {
            let id = id.repeat(*times);
            request.headers_mut().append("x-request-id", id.parse().unwrap());
        }
        let response = router.oneshot(request).await.unwrap();
        let id = response.headers()["x-request-id"].to_str().unwrap();
        match kept {
            true => assert_eq!(id, given[0].0),
            false => assert_eq!(id.len(), 36, "{id}"),
        }
    }
}
