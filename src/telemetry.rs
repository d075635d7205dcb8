//! Logs and metrics. Neither ever holds words, names, phones or tokens of anybody.

use std::ffi::OsStr;
use std::io::IsTerminal as _;

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
    let colours = has_colours(std::io::stderr().is_terminal(), std::env::var_os("NO_COLOR").as_deref());
    let builder =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(colours);
    // Somebody may have started it before, as tests do; the first one stays.
    let _ = if settings.log_json { builder.json().try_init() } else { builder.try_init() };
}

/// Whether lines are painted: on a terminal only, and not for whoever asks for none (<https://no-color.org>).
fn has_colours(is_terminal: bool, no_color: Option<&OsStr>) -> bool {
    is_terminal && no_color.is_none_or(OsStr::is_empty)
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
    metrics::describe_counter!(
        "warung_conversations_paused_total",
        "Conversations in which the dialogue paused because they went in circles."
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
    metrics::describe_counter!(
        "warung_connections_refused_total",
        "Connections of addresses that had as many as one address may have."
    );
    metrics::describe_gauge!("warung_inbox_pending", "Rows of the inbox that wait for their turn.");
    metrics::describe_gauge!("warung_inbox_failing", "Of these, rows on which a turn has failed.");
    metrics::describe_gauge!("warung_outbox_queued", "Rows of the outbox that wait to be sent.");
    metrics::describe_gauge!("warung_outbox_dead", "Rows of the outbox that were given up.");
    Some(handle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_painted_for_a_terminal_that_does_not_say_no() {
        let no = |text: &'static str| Some(OsStr::new(text));
        assert!(has_colours(true, None) && has_colours(true, no("")));
        for (is_terminal, no_color) in [(false, None), (false, no("")), (false, no("1")), (true, no("1"))] {
            assert!(!has_colours(is_terminal, no_color), "{is_terminal} {no_color:?}");
        }
    }
}
