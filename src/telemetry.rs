//! Logs and metrics. Neither ever holds words, names, phones or tokens of anybody.

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;

use crate::config::Settings;

/// What is logged when RUST_LOG says nothing.
const SERVER_FILTER: &str = "info,sqlx=warn,hyper=warn,reqwest=warn";
/// The same for commands that a person watches: their own words are on standard output.
const QUIET_FILTER: &str = "error";

/// Starts logging to standard error. `quiet` is for commands that a person watches.
pub fn start(settings: &Settings, quiet: bool) {
    let fallback = if quiet { QUIET_FILTER } else { SERVER_FILTER };
    let filter = settings.log_filter.as_deref().unwrap_or(fallback);
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new(fallback));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // Somebody may have started it before, as tests do; the first one stays.
    let _ = if settings.log_json { builder.json().try_init() } else { builder.try_init() };
}

/// Starts counting and describes what is counted. Returns nothing when somebody counts already.
pub fn metrics() -> Option<PrometheusHandle> {
    let handle = PrometheusBuilder::new().install_recorder().ok()?;
    metrics::describe_histogram!(
        "warung_turn_seconds",
        metrics::Unit::Seconds,
        "Time from taking a row of the inbox to its commit."
    );
    metrics::describe_counter!(
        "warung_turns_failed_total",
        "Turns that failed and were noted for another try."
    );
    metrics::describe_counter!("warung_messages_sent_total", "Messages that a channel took, by channel.");
    metrics::describe_counter!(
        "warung_sends_failed_total",
        "Sends that a channel refused or that did not reach it, by channel."
    );
    metrics::describe_counter!(
        "warung_notices_refused_total",
        "Notices of gateways that were unsigned or unreadable, by gateway."
    );
    metrics::describe_gauge!("warung_inbox_pending", "Rows of the inbox that wait for their turn.");
    metrics::describe_gauge!("warung_inbox_failing", "Of these, rows on which a turn has failed.");
    metrics::describe_gauge!("warung_outbox_queued", "Rows of the outbox that wait to be sent.");
    metrics::describe_gauge!("warung_outbox_dead", "Rows of the outbox that were given up.");
    Some(handle)
}
