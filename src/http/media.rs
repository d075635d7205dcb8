//! `GET /media/<hash>.png` and `.pdf`: pictures and documents of the shop. A hash names its bytes for good, so they may be kept for ever.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use sqlx::PgPool;

use crate::store;

/// Endings with the kind that each is served as: the ending of a path never says something else than its bytes are.
const ENDINGS: [(&str, &str); 2] = [(".png", "image/png"), (".pdf", "application/pdf")];

/// The route of the files.
pub fn router(pool: PgPool) -> Router {
    Router::new().route("/media/{file}", get(show)).with_state(pool)
}

async fn show(State(pool): State<PgPool>, Path(file): Path<String>, headers: HeaderMap) -> Response {
    let named = ENDINGS.iter().find_map(|(ending, mime)| Some((file.strip_suffix(ending)?, *mime)));
    let (hash, mime) = named.unwrap_or_default();
    if hash.is_empty() || hash.len() > 64 || !hash.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let tag = format!("\"{hash}\"");
    if headers.get(header::IF_NONE_MATCH).is_some_and(|value| value.as_bytes() == tag.as_bytes()) {
        return StatusCode::NOT_MODIFIED.into_response();
    }
    let found = match pool.acquire().await {
        Ok(mut connection) => store::media::find(&mut connection, hash).await,
        Err(error) => Err(error),
    };
    match found {
        Ok(Some(media)) if media.mime == mime => {
            let cache = "public, max-age=31536000, immutable".to_owned();
            let headers = [
                (header::CONTENT_TYPE, media.mime),
                (header::CACHE_CONTROL, cache),
                (header::ETAG, tag),
                (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
            ];
            (headers, media.bytes).into_response()
        }
        Ok(_) => StatusCode::NOT_FOUND.into_response(),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "5")]).into_response(),
    }
}
