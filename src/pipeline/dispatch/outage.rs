//! Platforms that are ill: while one answers nothing or with its own failures, one message at a time finds out whether it is
//! well again, and everything else waits without being tried.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Duration, Utc};

use crate::domain::message::ChannelName;

/// Waits after the first, second … failure in a row of an account's platform, in milliseconds; the last one goes on.
const WAITS_MS: [i64; 6] = [500, 2_000, 8_000, 30_000, 60_000, 120_000];
/// For how long one message tries while the others wait: longer than a call may take.
const PROBE: Duration = Duration::seconds(20);

/// An account whose platform failed when it was last asked.
#[derive(Debug, Clone)]
struct Ill {
    /// The chat that it failed for at first. As long as it fails for no other one, the fault may be that chat's own, and
    /// nobody else waits for it.
    chat: String,
    is_general: bool,
    failures: usize,
    until: DateTime<Utc>,
    /// Whether a message is finding out whether it is well again.
    is_probed: bool,
}

/// The accounts whose platforms failed when they were last asked, as far as this process knows.
#[derive(Debug, Default)]
pub struct Outages {
    ill: Mutex<BTreeMap<(ChannelName, String), Ill>>,
}

impl Outages {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<(ChannelName, String), Ill>> {
        self.ill.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The platform failed for a chat. Returns until when nothing is tried, and whether it had worked when it was asked
    /// before, as far as other chats can tell.
    pub(super) fn fail(
        &self,
        channel: &ChannelName,
        account: &str,
        chat: &str,
        now: DateTime<Utc>,
    ) -> (DateTime<Utc>, bool) {
        let mut known = self.lock();
        let entry = known.entry((channel.clone(), account.to_owned()));
        let ill = entry.or_insert_with(|| Ill {
            chat: chat.to_owned(),
            is_general: false,
            failures: 0,
            until: now,
            is_probed: false,
        });
        if !ill.is_general && ill.chat == chat {
            return (now, true);
        }
        ill.is_general = true;
        let was_well = ill.failures == 0;
        // What was under way when the platform fell ill fails too, and says nothing new.
        if !ill.is_probed && ill.until > now {
            return (ill.until, false);
        }
        ill.is_probed = false;
        let wait_ms = WAITS_MS[ill.failures.min(WAITS_MS.len() - 1)];
        ill.until = now + Duration::milliseconds(wait_ms);
        ill.failures = ill.failures.saturating_add(1);
        if ill.failures == WAITS_MS.len() {
            tracing::error!(%channel, account, "the platform is out of order; what goes to it waits");
        }
        (ill.until, was_well)
    }

    /// The platform answered, whatever it said. Most of the time nothing was known to the contrary.
    pub(super) fn works(&self, channel: &ChannelName, account: &str) {
        let mut known = self.lock();
        if !known.is_empty()
            && let Some(ill) = known.remove(&(channel.clone(), account.to_owned()))
            && ill.failures >= WAITS_MS.len()
        {
            tracing::info!(%channel, account, "the platform is well again");
        }
    }

    /// Whether a message may be tried now. Of those that wait for an ill platform, one may at a time.
    pub(super) fn may_try(&self, channel: &ChannelName, account: &str, now: DateTime<Utc>) -> bool {
        let mut known = self.lock();
        if known.is_empty() {
            return true;
        }
        match known.get_mut(&(channel.clone(), account.to_owned())) {
            None => true,
            Some(ill) if !ill.is_general => true,
            Some(ill) if ill.until > now => false,
            Some(ill) => {
                ill.until = now + PROBE;
                ill.is_probed = true;
                true
            }
        }
    }

    /// Channels and accounts with which nothing is tried now.
    pub(super) fn at(&self, now: DateTime<Utc>) -> Vec<(String, String)> {
        let known = self.lock();
        let held = known.iter().filter(|(_, ill)| ill.is_general && ill.until > now);
        held.map(|((channel, account), _)| (channel.to_string(), account.clone())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_message_at_a_time_finds_out_whether_an_ill_platform_is_well_again() {
        let (outages, channel) = (Outages::default(), ChannelName::from("whatsapp"));
        let start = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        let at = |seconds: i64| start + Duration::seconds(seconds);
        let may = |seconds: i64| outages.may_try(&channel, "n1", at(seconds));
        let fail = |chat: &str, now| outages.fail(&channel, "n1", chat, now);
        assert!(may(0) && may(0));
        for _ in 0..20 {
            assert_eq!(fail("budi", at(0)), (at(0), true), "one chat alone may be at fault itself");
            assert!(may(0));
            assert_eq!(outages.at(at(0)), []);
        }
        assert_eq!(fail("ayu", at(0)), (at(0) + Duration::milliseconds(500), true));
        assert!(!may(0));
        assert_eq!(outages.at(at(0)), [("whatsapp".to_owned(), "n1".to_owned())]);
        assert!(outages.may_try(&channel, "n2", at(0)), "the other number is well");
        for _ in 0..20 {
            let known = (at(0) + Duration::milliseconds(500), false);
            assert_eq!(fail("budi", at(0)), known, "they were under way");
        }
        assert!(may(1) && !may(1), "one at a time");
        assert_eq!(fail("ayu", at(2)), (at(4), false));
        let mut now = 4;
        for _ in 0..40 {
            let (until, _) = fail("ayu", at(now));
            now = (until - start).num_seconds();
        }
        let (until, _) = fail("ayu", at(now));
        assert_eq!(until, at(now + 120), "however long it lasts");
        outages.works(&channel, "n1");
        assert!(may(now) && may(now));
    }
}
