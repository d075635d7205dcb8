//! Calls to gateways, and files that are fetched from channels: their answers come back through the inbox.

use super::unreadable;
use crate::channels::{Image, PeoplesFiles};
use crate::domain::message::{ChannelName, FileRef};
use crate::edge::CallError;
use crate::payments::RefundAnswer;
use crate::pipeline::accept::json;
use crate::pipeline::reading::{self, Purpose, Reading};
use crate::pipeline::work::{Call, Work};
use crate::pipeline::{Pipeline, PipelineError};
use crate::store::outbox::{Leased, SendResult};
use crate::store::{self, attachments};

impl Pipeline {
    /// Calls a gateway and puts its answer into the inbox of the conversation, under a key of this outbox row, so that
    /// a repeated call gives one answer.
    pub(super) async fn dispatch_call(&self, row: &Leased) -> Result<Option<SendResult>, PipelineError> {
        let call: Call = match serde_json::from_value(row.payload.clone()) {
            Ok(call) => call,
            Err(error) => return Ok(Some(unreadable(&error))),
        };
        let call = match call {
            Call::Fetch { attachment, channel, account, file, purpose } => {
                return self.fetch(row, (attachment, purpose), &channel, &account, &file).await;
            }
            call => call,
        };
        let Some(gateway) = self.gateways.get(call.callee()) else { return Ok(None) };
        let (answer, failure) = match call {
            Call::Fetch { .. } => (None, None),
            // A code that is dead when it is born is shown to nobody; the order has ended by now.
            Call::Charge { payment, request, .. } if request.expires_at <= self.clock.now() => {
                let error = CallError::Fail { reason: "its time is over".to_owned() };
                (Some(Work::Charged { payment, result: Err(error.to_string()) }), Some(error))
            }
            Call::Charge { payment, request, .. } => match gateway.charge(&request).await {
                Ok(charge) => (Some(Work::Charged { payment, result: Ok(charge) }), None),
                Err(error) => {
                    let reason = error.to_string();
                    (Some(Work::Charged { payment, result: Err(reason) }), Some(error))
                }
            },
            Call::Status { payment, charge, why, .. } => match gateway.status(&charge).await {
                Ok(status) => (Some(Work::Status { payment, why, result: Ok(status) }), None),
                Err(error) => {
                    let reason = error.to_string();
                    (Some(Work::Status { payment, why, result: Err(reason) }), Some(error))
                }
            },
            Call::Cancel { payment, charge, .. } => match gateway.cancel(&charge).await {
                Ok(()) => (None, None),
                // A charge that may not be called off any more may have been paid: the gateway is asked.
                Err(error @ CallError::Fail { .. }) => (Some(Work::CancelRefused { payment }), Some(error)),
                Err(error) => (None, Some(error)),
            },
            Call::Refund { refund, request, .. } => refunded(refund, gateway.refund(&request).await),
            Call::RefundStatus { refund, request, .. } => {
                refunded(refund, gateway.refund_status(&request).await)
            }
        };
        self.faults.pass("call.after_answer")?;
        let result = match failure {
            None => SendResult::Sent { channel_message_id: None },
            Some(error) => match self.after_failure(row.id, row.attempts, error) {
                // Whoever is told that it did not work must not have it done later all the same.
                SendResult::Stopped { error, .. } if answer.is_some() => SendResult::Dead { error },
                result => result,
            },
        };
        // While the call will be tried again its failure is nobody's news.
        if let Some(answer) = answer.filter(|_| !matches!(result, SendResult::Retry { .. })) {
            self.answered(row, &answer).await?;
        }
        Ok(Some(result))
    }

    /// Puts the answer to a call into the inbox of the conversation that asked.
    pub(super) async fn answered(&self, row: &Leased, answer: &Work) -> Result<(), PipelineError> {
        let now = self.clock.now();
        let mut connection = self.pool.acquire().await?;
        let (conversation, key) = (&row.route.conversation, format!("call:{}", row.id));
        store::inbox::insert(&mut connection, conversation, "call", &key, &json(answer), now).await?;
        self.schedule.wake(conversation);
        Ok(())
    }

    /// A file that the chat page has sent ahead.
    async fn uploaded(&self, file: &FileRef) -> Result<Result<Image, CallError>, PipelineError> {
        let mut connection = self.pool.acquire().await?;
        let found = store::uploads::find(&mut connection, &file.id).await?;
        let gone = || CallError::Fail { reason: "the file was sent ahead too long ago".to_owned() };
        Ok(found.map(|file| Image { mime: file.mime, bytes: file.bytes, uploaded_id: None }).ok_or_else(gone))
    }

    /// A file that a person sent cannot be had, and its conversation hears so.
    pub(super) async fn not_fetched(
        &self,
        row: &Leased,
        attachment: String,
        purpose: Purpose,
        reason: String,
    ) -> Result<(), PipelineError> {
        attachments::fail(&mut *self.pool.acquire().await?, &attachment, &reason).await?;
        let (result, reading) = (Err(reason), Reading::default());
        self.answered(row, &Work::Fetched { attachment, result, purpose, reading }).await
    }

    /// A file that is at the platform.
    async fn fetched(
        &self,
        channel: &ChannelName,
        account: &str,
        file: &FileRef,
    ) -> Result<Image, CallError> {
        let adapter = self.channels.connected(channel)?;
        let fetch = adapter.abilities().fetch;
        let fetch = fetch.ok_or_else(|| CallError::Fail { reason: format!("{channel} has no files") })?;
        fetch.fetch(account, file, attachments::MAX_BYTES).await
    }

    /// Fetches the bytes of a file that a person sent and keeps them.
    async fn fetch(
        &self,
        row: &Leased,
        (attachment, purpose): (String, Purpose),
        channel: &ChannelName,
        account: &str,
        file: &FileRef,
    ) -> Result<Option<SendResult>, PipelineError> {
        let is_kept_here =
            self.channels.spec(channel).is_some_and(|spec| spec.peoples_files == PeoplesFiles::KeptHere);
        let fetched = if is_kept_here {
            self.uploaded(file).await?
        } else {
            self.fetched(channel, account, file).await
        };
        let reading = match &fetched {
            Ok(image) => reading::read(purpose.clone(), image.bytes.clone()).await,
            Err(_) => Reading::default(),
        };
        let mut connection = self.pool.acquire().await?;
        let (result, send_result) = match fetched {
            Ok(image) => {
                let hash = attachments::keep(&mut connection, &attachment, &image.mime, &image.bytes).await?;
                if is_kept_here {
                    store::uploads::forget(&mut connection, &file.id).await?;
                }
                (Ok(hash), SendResult::Sent { channel_message_id: None })
            }
            Err(error) => {
                let reason = error.to_string();
                let result = self.after_failure(row.id, row.attempts, error);
                if !matches!(result, SendResult::Dead { .. }) {
                    return Ok(Some(result));
                }
                attachments::fail(&mut connection, &attachment, &reason).await?;
                (Err(reason), result)
            }
        };
        drop(connection);
        self.answered(row, &Work::Fetched { attachment, result, purpose, reading }).await?;
        Ok(Some(send_result))
    }
}

/// What whoever waits for the answer to a call is told when nobody can make it.
pub(super) fn unanswered(call: Call, reason: &str) -> Option<Work> {
    let reason = reason.to_owned();
    match call {
        Call::Charge { payment, .. } => Some(Work::Charged { payment, result: Err(reason) }),
        Call::Status { payment, why, .. } => Some(Work::Status { payment, why, result: Err(reason) }),
        Call::Refund { refund, .. } | Call::RefundStatus { refund, .. } => {
            Some(Work::Refunded { refund, result: Err(reason) })
        }
        Call::Cancel { .. } | Call::Fetch { .. } => None,
    }
}

/// The answer about a refund, and why there is none where there is none.
fn refunded(refund: String, answer: Result<RefundAnswer, CallError>) -> (Option<Work>, Option<CallError>) {
    match answer {
        Ok(answer) => (Some(Work::Refunded { refund, result: Ok(answer) }), None),
        Err(error) => (Some(Work::Refunded { refund, result: Err(error.to_string()) }), Some(error)),
    }
}
