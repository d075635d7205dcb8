//! What came of a send: the schedules of retries, their ends, and who hears of it.

use chrono::{DateTime, Duration, Utc};

use super::stopped::STOPPED_WAIT;
use crate::edge::CallError;
use crate::pipeline::channel_events::undelivered;
use crate::pipeline::{Pipeline, PipelineError};
use crate::store::outbox::{self, PutOff, Route, SendResult};

/// Waits before the second, third … try of a call, in milliseconds; after the last it is given up, and said so.
const RETRY_MS: [i64; 9] = [500, 2_000, 8_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000];
/// The same for messages that are refused for a while (too many at once): four hours in all.
const MESSAGE_RETRY_MS: [i64; 12] =
    [500, 2_000, 8_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000, 1_800_000, 3_600_000, 7_200_000];
/// Tries of a call of whose outcomes nothing is ever heard.
const UNKNOWN_TRIES: i32 = 3;
/// Waits before the second, third … try of a message after outcomes of which nothing was heard, besides the wait for the
/// report. More tries would say the same thing to somebody who may have heard it every time; fewer would lose what a platform
/// swallows in a bad hour.
const UNKNOWN_WAITS: [Duration; 3] = [Duration::zero(), Duration::minutes(10), Duration::hours(1)];
/// For how long a message is tried that an ill platform does not take: as long as WhatsApp lets a shop answer freely.
const MESSAGE_LIFE: Duration = Duration::hours(24);
/// How much later than others a message goes again that found its platform ill. One that makes the platform fail by itself
/// would be the first to try for ever.
const BEHIND_OTHERS: Duration = Duration::seconds(20);

/// What is known of the tries of a message, this one included.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tries {
    /// How many there were.
    pub attempts: i32,
    /// Those of whose outcomes nothing was heard, this one not included.
    pub unknown: i32,
    /// Messages of the platform that earlier ones have sent.
    pub parts_sent: i32,
    /// When the message was written.
    pub since: DateTime<Utc>,
}

/// When a row is tried again that has been tried so often; nothing when it has been often enough. `asked_ms` is what the
/// platform asked for.
fn at(schedule: &[i64], attempts: i32, asked_ms: Option<u64>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let wait_ms = schedule.get(usize::try_from(attempts - 1).unwrap_or(0))?;
    Some(now + Duration::milliseconds((*wait_ms).max(whole_ms(asked_ms))))
}

/// When a message is tried again that was refused so often.
pub(in crate::pipeline) fn retry_at(
    attempts: i32,
    asked_ms: Option<u64>,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    at(&MESSAGE_RETRY_MS, attempts, asked_ms, now)
}

fn whole_ms(asked_ms: Option<u64>) -> i64 {
    asked_ms.and_then(|ms| i64::try_from(ms).ok()).unwrap_or(0)
}

impl Pipeline {
    /// What a failure means for a call that has been tried so often.
    pub(super) fn after_failure(&self, id: i64, attempts: i32, error: CallError) -> SendResult {
        let now = self.clock.now();
        match error {
            CallError::Fail { reason } | CallError::Unreachable { reason } => {
                tracing::error!(outbox.id = id, reason, "a send failed for good");
                SendResult::Dead { error: reason }
            }
            CallError::Stopped { reason } => {
                tracing::error!(outbox.id = id, reason, "an account does not work; what it sends waits");
                SendResult::Stopped { at: now + STOPPED_WAIT, error: reason }
            }
            CallError::Unknown { reason, .. } if attempts >= UNKNOWN_TRIES => {
                tracing::error!(outbox.id = id, reason, attempts, "a send was given up without an answer");
                SendResult::Dead { error: reason }
            }
            CallError::Unknown { reason, after_ms } => {
                let wait = Duration::milliseconds(i64::try_from(after_ms).unwrap_or(i64::MAX));
                SendResult::Retry { at: now + wait, error: reason }
            }
            CallError::Retry { reason, after_ms } | CallError::Down { reason, after_ms, .. } => {
                match at(&RETRY_MS, attempts, after_ms, now) {
                    Some(at) => SendResult::Retry { at, error: reason },
                    None => {
                        tracing::error!(outbox.id = id, reason, attempts, "a send was given up");
                        SendResult::Dead { error: reason }
                    }
                }
            }
        }
    }

    /// What a failure means for a message.
    ///
    /// # Errors
    /// [`PipelineError`] when the database fails.
    pub(super) async fn after_send(
        &self,
        id: i64,
        route: &Route,
        tries: Tries,
        error: CallError,
    ) -> Result<SendResult, PipelineError> {
        let now = self.clock.now();
        let (channel, account) = (&route.to.channel, route.account.as_str());
        let chat = route.to.chat.as_str();
        let is_old = now - tries.since >= MESSAGE_LIFE;
        let given_up = |reason: String| {
            tracing::error!(outbox.id = id, reason, ?tries, "a message was given up");
            SendResult::Dead { error: reason }
        };
        let is_reported = self.channels.spec(channel).is_some_and(|spec| spec.reports_deliveries);
        Ok(match error {
            CallError::Down { reason, after_ms, may_have_worked } => {
                let (until, was_well) = self.outages.fail(channel, account, chat, now);
                // One that fails while others come through fails by itself.
                if is_old || (was_well && retry_at(tries.attempts, None, now).is_none()) {
                    return Ok(given_up(reason));
                }
                let again = (until + BEHIND_OTHERS).max(now + Duration::milliseconds(whole_ms(after_ms)));
                let awaited_until = match may_have_worked && is_reported {
                    true => Some(now + self.report_wait(channel, account).await?),
                    false => None,
                };
                // The first wait is short: most failures are over at once.
                let at =
                    if was_well { retry_at(tries.attempts, after_ms, now).unwrap_or(again) } else { again };
                SendResult::PutOff(PutOff {
                    at,
                    awaited_until,
                    is_unknown: false,
                    is_try: was_well,
                    error: reason,
                })
            }
            CallError::Unknown { reason, after_ms } => {
                self.outages.fail(channel, account, chat, now);
                let wait = UNKNOWN_WAITS.get(usize::try_from(tries.unknown).unwrap_or(usize::MAX));
                let Some(wait) = wait.copied() else { return Ok(given_up(reason)) };
                let (at, awaited_until) = match is_reported {
                    // What is seen of the platform may end the wait at any time.
                    true => (now, Some(now + wait.max(self.report_wait(channel, account).await?))),
                    false => (now + wait.max(Duration::milliseconds(whole_ms(Some(after_ms)))), None),
                };
                SendResult::PutOff(PutOff {
                    at,
                    awaited_until,
                    is_unknown: true,
                    is_try: true,
                    error: reason,
                })
            }
            CallError::Retry { reason, after_ms } => {
                self.outages.works(channel, account);
                match retry_at(tries.attempts, after_ms, now) {
                    Some(at) => SendResult::Retry { at, error: reason },
                    None => given_up(reason),
                }
            }
            CallError::Stopped { reason } => {
                self.outages.works(channel, account);
                tracing::error!(outbox.id = id, reason, "an account does not work; what it sends waits");
                SendResult::Stopped { at: now + STOPPED_WAIT, error: reason }
            }
            CallError::Fail { reason } | CallError::Unreachable { reason } => {
                self.outages.works(channel, account);
                tracing::error!(outbox.id = id, reason, "a send failed for good");
                SendResult::Dead { error: reason }
            }
        })
    }

    /// Writes what came of a row. A message that is given up is news for its conversation, which looks for another way.
    /// `message` is where it was to go; nothing for a call.
    pub(super) async fn mark(
        &self,
        id: i64,
        result: SendResult,
        message: Option<&Route>,
    ) -> Result<(), PipelineError> {
        let now = self.clock.now();
        let mut connection = self.pool.acquire().await?;
        match result {
            SendResult::Sent { channel_message_id } => {
                outbox::mark_sent(&mut connection, id, channel_message_id.as_deref(), now).await?;
            }
            SendResult::Retry { at, error } => {
                outbox::mark_failed(&mut connection, id, Some(at), &error).await?;
            }
            SendResult::PutOff(put_off) => outbox::put_off(&mut connection, id, &put_off, now).await?,
            SendResult::Stopped { at, error } => {
                outbox::mark_failed(&mut connection, id, Some(at), &error).await?;
                outbox::uncount_attempt(&mut connection, id).await?;
                if let Some(Route { to, account, conversation, .. }) = message {
                    self.stop_account(&mut connection, &to.channel, account, conversation).await?;
                }
            }
            SendResult::Dead { error } => {
                outbox::mark_failed(&mut connection, id, None, &error).await?;
                if let Some(Route { conversation, .. }) = message {
                    undelivered(&mut connection, conversation, id, now).await?;
                    self.schedule.wake(conversation);
                }
            }
        }
        Ok(())
    }
}
