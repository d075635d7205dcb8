//! How long a platform's report of a message is waited for: by what has been seen of the account.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Duration, Utc};

use crate::domain::message::ChannelName;
use crate::pipeline::{Pipeline, PipelineError};
use crate::store::deliveries;
use crate::store::leases::Reports;

/// The longest wait, and the one for accounts of which little has been seen.
const LONGEST: Duration = Duration::seconds(120);
/// The shortest, whatever ends a wait.
const SHORTEST: Duration = Duration::seconds(5);
/// The wait is so many times what nine in ten of an account's reports took.
const TIMES: i32 = 4;
/// How many reports say enough of an account.
const MIN_SEEN: i64 = 5;
/// How long what was seen is believed.
const FRESH_FOR: Duration = Duration::minutes(1);
/// Accounts that are remembered.
const MAX_ACCOUNTS: usize = 1_024;

/// When something was seen of an account, and the wait that follows from it.
type Seen = (DateTime<Utc>, Duration);

/// The waits of accounts, as they followed from what was seen of each.
#[derive(Debug, Default)]
pub struct ReportWaits {
    known: Mutex<BTreeMap<(ChannelName, String), Seen>>,
}

/// How long the next report is waited for when `seen` reports came, nine in ten of them within so many milliseconds.
fn wait(seen: i64, most_within_ms: Option<i32>) -> Duration {
    match most_within_ms.filter(|_| seen >= MIN_SEEN) {
        Some(ms) => (Duration::milliseconds(i64::from(ms)) * TIMES).clamp(SHORTEST, LONGEST),
        None => LONGEST,
    }
}

impl Pipeline {
    /// How long a report of an account's message is waited for before the message goes again.
    ///
    /// # Errors
    /// [`PipelineError`] when the database fails.
    pub(super) async fn report_wait(
        &self,
        channel: &ChannelName,
        account: &str,
    ) -> Result<Duration, PipelineError> {
        let (now, key) = (self.clock.now(), (channel.clone(), account.to_owned()));
        let known = || self.report_waits.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, wait)) = known().get(&key).filter(|(at, _)| now - *at < FRESH_FOR) {
            return Ok(*wait);
        }
        let mut connection = self.pool.acquire().await?;
        let (seen, most_within_ms) = deliveries::report_times(&mut connection, channel, account).await?;
        let wait = wait(seen, most_within_ms);
        let mut known = known();
        if known.len() < MAX_ACCOUNTS || known.contains_key(&key) {
            known.insert(key, (now, wait));
        }
        Ok(wait)
    }

    /// What of the waits for reports holds for every row.
    pub(super) fn reports(&self) -> Reports {
        Reports { started_at: self.started_at, shortest: SHORTEST, longest: LONGEST }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_follows_what_was_seen_within_bounds() {
        for (seen, ms, expected_ms) in [
            (0, None, 120_000),
            (4, Some(800), 120_000),
            (5, Some(0), 5_000),
            (50, Some(800), 5_000),
            (50, Some(2_500), 10_000),
            (50, Some(3_600_000), 120_000),
            (50, Some(i32::MAX), 120_000),
        ] {
            assert_eq!(wait(seen, ms), Duration::milliseconds(expected_ms), "{seen} {ms:?}");
        }
    }
}
