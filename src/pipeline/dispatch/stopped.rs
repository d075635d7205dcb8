//! Accounts that do not work (a token that has expired, a bill that is not paid): nothing more is tried with them for a
//! while, and the shop's people are told once in their other chats.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Duration, Utc};

use crate::dialogue::value::Value;
use crate::domain::ids::ConversationId;
use crate::domain::message::ChannelName;
use crate::pipeline::accept::json;
use crate::pipeline::work::Work;
use crate::pipeline::{Pipeline, PipelineError};
use crate::store;

/// The wait before an account that does not work is tried again.
pub(in crate::pipeline) const STOPPED_WAIT: Duration = Duration::minutes(5);

/// The accounts that did not work when they were last tried, each with the moment of its next try.
#[derive(Debug, Default)]
pub struct Stopped {
    until: Mutex<BTreeMap<(ChannelName, String), DateTime<Utc>>>,
}

impl Stopped {
    /// An account does not work. Returns whether that is news.
    fn stop(&self, channel: &ChannelName, account: &str, until: DateTime<Utc>) -> bool {
        let mut known = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert((channel.clone(), account.to_owned()), until).is_none()
    }

    /// An account works. Most of the time nothing was known to the contrary.
    pub(super) fn works(&self, channel: &ChannelName, account: &str) {
        let mut known = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        if !known.is_empty() && known.remove(&(channel.clone(), account.to_owned())).is_some() {
            tracing::info!(%channel, account, "an account works again");
        }
    }

    /// Whether nothing should be tried with an account now.
    pub fn holds(&self, channel: &ChannelName, account: &str, now: DateTime<Utc>) -> bool {
        let known = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        !known.is_empty()
            && known.get(&(channel.clone(), account.to_owned())).is_some_and(|until| *until > now)
    }

    /// Channels and accounts with which nothing should be tried now.
    pub(super) fn at(&self, now: DateTime<Utc>) -> Vec<(String, String)> {
        let known = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        let held = known.iter().filter(|(_, until)| **until > now);
        held.map(|((channel, account), _)| (channel.to_string(), account.clone())).collect()
    }
}

impl Pipeline {
    /// An account does not work: what it should send waits, and the shop's people hear of it once, wherever else they can
    /// be reached. `conversation` is one that the account was to write to.
    ///
    /// # Errors
    /// [`PipelineError`] when the database fails.
    pub(in crate::pipeline) async fn stop_account(
        &self,
        connection: &mut sqlx::PgConnection,
        channel: &ChannelName,
        account: &str,
        conversation: &ConversationId,
    ) -> Result<(), PipelineError> {
        let now = self.clock.now();
        if !self.stopped.stop(channel, account, now + STOPPED_WAIT) {
            return Ok(());
        }
        metrics::counter!("warung_accounts_stopped_total", "channel" => channel.to_string()).increment(1);
        let facts = [("channel".to_owned(), Value::from(channel.as_str()))];
        let work = json(&Work::Signal { name: "staff.channel_stopped".into(), facts: facts.into() });
        let elsewhere =
            store::staff::conversations_elsewhere(connection, conversation, channel, account).await?;
        for to in elsewhere {
            let key = format!("stopped:{channel}:{account}:{}:{to}", now.timestamp_millis());
            store::inbox::insert(connection, &to, "signal", &key, &work, now).await?;
            self.schedule.wake(&to);
        }
        Ok(())
    }
}
