//! Whether the process lives, whether it can work, and what it has counted.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use metrics_exporter_prometheus::PrometheusHandle;
use serde_json::json;

use crate::pipeline::Pipeline;
use crate::store;

use super::error::Error;

/// How long a look at the database may take, in milliseconds.
const LOOK_TIMEOUT_MS: u64 = 2_000;

/// The process lives.
pub async fn live() -> Response {
    Json(json!({ "status": "live" })).into_response()
}

/// The database answers and is migrated.
///
/// # Errors
/// [`Error::Unavailable`] when it is not.
pub async fn ready(State(pipeline): State<Arc<Pipeline>>) -> Result<Response, Error> {
    let look = async {
        let pending = store::migrations::pending(&pipeline.pool).await?;
        let mut connection = pipeline.pool.acquire().await?;
        let (inbox, failing) = store::inbox::backlog(&mut connection).await?;
        Ok::<_, sqlx::Error>((pending, inbox, failing))
    };
    match tokio::time::timeout(Duration::from_millis(LOOK_TIMEOUT_MS), look).await {
        Ok(Ok((0, inbox, failing))) => {
            Ok(Json(json!({ "status": "ready", "inbox": inbox, "failing": failing })).into_response())
        }
        _ => Err(Error::Unavailable),
    }
}

/// What was counted, as Prometheus reads it.
///
/// # Errors
/// [`Error::NotFound`] in a process that does not count.
pub async fn metrics(
    State((pipeline, handle)): State<(Arc<Pipeline>, Option<PrometheusHandle>)>,
) -> Result<Response, Error> {
    let handle = handle.ok_or(Error::NotFound)?;
    if let Ok(mut connection) = pipeline.pool.acquire().await {
        if let Ok((pending, failing)) = store::inbox::backlog(&mut connection).await {
            metrics::gauge!("warung_inbox_pending").set(pending as f64);
            metrics::gauge!("warung_inbox_failing").set(failing as f64);
        }
        if let Ok((queued, dead)) = store::outbox::backlog(&mut connection).await {
            metrics::gauge!("warung_outbox_queued").set(queued as f64);
            metrics::gauge!("warung_outbox_dead").set(dead as f64);
        }
    }
    let content_type = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    Ok((content_type, handle.render()).into_response())
}
