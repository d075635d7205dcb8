//! The web chat: the page, its sessions, what it posts, and the stream of what is said.
//!
//! Mount it with [`router`]. It needs nothing but a [`Door`]; `door.rs` makes one of a pipeline.

mod door;
mod feed;
mod handlers;
mod page;
mod rate;
mod session;
mod streams;
mod view;

#[cfg(test)]
mod attacks;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderName, HeaderValue, header};
use axum::routing::{get, post};
use tokio_util::sync::CancellationToken;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::channels::posted::MAX_BODY_BYTES;

pub use door::{Door, DoorError, PipelineDoor, owner_code};
pub use page::words_of;
pub use session::Signer;
pub use streams::MAX_STREAMS;
pub use view::{Line, Said};

/// What the page may load and do: its own files and pictures, and nothing else of anybody. No inline script, no frame.
const CONTENT_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' https: data:; \
     connect-src 'self'; manifest-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

/// Whoever came over TLS once comes over TLS for a year.
const ONLY_TLS: &str = "max-age=31536000";

/// How a web chat is set up.
#[derive(Debug, Clone)]
pub struct Options {
    /// The shop's name, for the head of the page.
    pub shop: String,
    /// The shop's zone (`Asia/Jakarta`), in which times are shown.
    pub zone: Option<String>,
    /// Whether this is the demo, which lets a visitor on this machine be the owner too.
    pub demo: bool,
    /// Whether the page is served over TLS, so that its cookies may be bound to it.
    pub secure: bool,
    /// What sessions are signed with.
    pub signer: Signer,
    /// Connections that the process may have.
    pub connections: usize,
    /// Ends the streams, so that a shutdown need not wait for them.
    pub shutdown: CancellationToken,
}

/// What the handlers share.
pub(crate) struct Chat {
    door: Arc<dyn Door>,
    options: Options,
    /// What each chat posts.
    rate: rate::Rate,
    /// What each address posts, whatever sessions it has.
    addresses: rate::Rate,
    /// The files that each address sends.
    uploads: rate::Rate,
    streams: streams::Streams,
}

/// The routes of the web chat: `/`, `/owner` (in the demo), `/chat/…` and, in the demo, `/chat/demo/owner-code`.
pub fn router(door: Arc<dyn Door>, options: Options) -> Router {
    let (is_demo, is_secure) = (options.demo, options.secure);
    let streams = streams::Streams::new(options.connections);
    let chat = Arc::new(Chat {
        door,
        options,
        rate: rate::Rate::new(rate::OF_CHAT),
        addresses: rate::Rate::new(rate::OF_ADDRESS),
        uploads: rate::Rate::new(rate::UPLOADS_OF_ADDRESS),
        streams,
    });
    let mut router = Router::new()
        .route("/", get(page::customer))
        .route("/owner", get(page::owner))
        .route("/chat/assets/{version}/{file}", get(page::asset))
        .route("/chat/worker.js", get(page::worker))
        .route("/chat/session", post(handlers::session))
        .route("/chat/messages", post(handlers::messages))
        .route(
            "/chat/uploads",
            post(handlers::upload).layer(DefaultBodyLimit::max(crate::store::attachments::MAX_BYTES)),
        )
        .route("/chat/events", get(handlers::events))
        .route("/chat/lines", get(handlers::lines))
        .route("/chat/qris/{file}", get(handlers::qris))
        .route("/chat/kept/{file}", get(handlers::kept))
        .route("/chat/files/{id}", get(handlers::document));
    if is_demo {
        router = router.route("/chat/demo/owner-code", post(handlers::owner_code));
    }
    let set = |name: HeaderName, value: &'static str| {
        SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
    };
    if is_secure {
        router = router.layer(set(header::STRICT_TRANSPORT_SECURITY, ONLY_TLS));
    }
    router
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(set(header::CONTENT_SECURITY_POLICY, CONTENT_POLICY))
        .layer(set(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(set(header::REFERRER_POLICY, "no-referrer"))
        .layer(set(header::X_FRAME_OPTIONS, "DENY"))
        .layer(set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin"))
        .layer(set(HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=()"))
        .layer(set(header::CACHE_CONTROL, "no-store"))
        .with_state(chat)
}
