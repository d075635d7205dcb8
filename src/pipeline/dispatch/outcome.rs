//! What came of a send: the schedule of retries, its end, and who hears of it.

use chrono::{DateTime, Duration, Utc};

use super::stopped::STOPPED_WAIT;
use crate::edge::CallError;
use crate::pipeline::channel_events::undelivered;
use crate::pipeline::{Pipeline, PipelineError};
use crate::store::outbox::{self, Route, SendResult};

/// Waits before the second, third … try of a row, in milliseconds; after the last it is given up, and said so.
const RETRY_MS: [i64; 9] = [500, 2_000, 8_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000];
/// Tries of a row of whose outcomes nothing is ever heard. More of them would say the same thing to somebody who may have
/// heard it every time.
const UNKNOWN_TRIES: i32 = 3;

/// When a row is tried again that has been tried so often; nothing when it has been often enough. `asked_ms` is what the
/// platform asked for.
pub(in crate::pipeline) fn retry_at(
    attempts: i32,
    asked_ms: Option<u64>,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let wait_ms = RETRY_MS.get(usize::try_from(attempts - 1).unwrap_or(0))?;
    let asked_ms = asked_ms.and_then(|ms| i64::try_from(ms).ok()).unwrap_or(0);
    Some(now + Duration::milliseconds((*wait_ms).max(asked_ms)))
}

impl Pipeline {
    /// What a failure means for a row that has been tried so often.
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
            CallError::Retry { reason, after_ms } => match retry_at(attempts, after_ms, now) {
                Some(at) => SendResult::Retry { at, error: reason },
                None => {
                    tracing::error!(outbox.id = id, reason, attempts, "a send was given up");
                    SendResult::Dead { error: reason }
                }
            },
        }
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
