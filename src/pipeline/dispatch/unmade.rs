//! Calls that nobody can make: their gateway is not configured any more, or their channel has no account. They end like calls
//! that failed, so that whoever waits for the answer hears of it.

use chrono::{DateTime, Duration, Utc};

use super::calls::unanswered;
use super::unreadable;
use crate::pipeline::work::Call;
use crate::pipeline::{Pipeline, PipelineError};
use crate::store::leases;
use crate::store::outbox::{CallKind, Leased, SendResult};

/// For how long a call waits for a process that can make it; another one may have the settings for it, and be starting.
const GATEWAY_WAIT: Duration = Duration::minutes(2);
/// For how long a file waits for an account of its channel: accounts come back.
const FILE_WAIT: Duration = Duration::hours(6);
/// How often such calls are looked for.
const LOOK_EVERY: Duration = Duration::minutes(1);
/// Calls that are given up at once; the next look finds the others.
const BATCH: i64 = 100;

impl Pipeline {
    /// Gives up the calls that nobody can make, when it has not been done for a minute (`LOOK_EVERY`). Returns how many.
    ///
    /// # Errors
    /// [`PipelineError`] when the database fails.
    pub async fn give_up_unmade_if_due(&self) -> Result<usize, PipelineError> {
        let now = self.clock.now();
        {
            let mut last = self.unmade_at.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            if last.is_some_and(|last| now < last + LOOK_EVERY) {
                return Ok(0);
            }
            *last = Some(now);
        }
        let mut given_up = 0;
        for (kinds, wait) in [(&NOT_FILES[..], GATEWAY_WAIT), (&[CallKind::File][..], FILE_WAIT)] {
            given_up += self.give_up_unmade(kinds, now - wait).await?;
        }
        Ok(given_up)
    }

    async fn give_up_unmade(
        &self,
        kinds: &[CallKind],
        due_before: DateTime<Utc>,
    ) -> Result<usize, PipelineError> {
        let rows = {
            let mut connection = self.pool.acquire().await?;
            let (callees, moments) = (self.callees(), self.moments());
            leases::take_unmade(&mut connection, kinds, &callees, due_before, moments, BATCH).await?
        };
        for row in &rows {
            let result = self.unmade(row).await?;
            self.mark(row.id, result, None).await?;
        }
        Ok(rows.len())
    }

    async fn unmade(&self, row: &Leased) -> Result<SendResult, PipelineError> {
        let callee = row.route.to.channel.as_str();
        let reason = format!("{callee} is not configured here");
        tracing::error!(outbox.id = row.id, callee, "a call is given up: nobody here can make it");
        match serde_json::from_value::<Call>(row.payload.clone()) {
            Ok(Call::Fetch { attachment, purpose, .. }) => {
                self.not_fetched(row, attachment, purpose, reason.clone()).await?;
            }
            Ok(call) => {
                if let Some(answer) = unanswered(call, &reason) {
                    self.answered(row, &answer).await?;
                }
            }
            Err(error) => return Ok(unreadable(&error)),
        }
        Ok(SendResult::Dead { error: reason })
    }
}

/// The calls that gateways are made for.
const NOT_FILES: [CallKind; 5] =
    [CallKind::Charge, CallKind::Refund, CallKind::Question, CallKind::Cancel, CallKind::Look];
