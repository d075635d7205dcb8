//! The way out: messages to channels and calls to gateways, in the order of each conversation, with a written schedule
//! of retries. Answers of gateways come back through the inbox.

mod calls;
mod files;
mod lease;
mod outage;
mod outcome;
mod reports;
mod stopped;
mod unmade;

#[cfg(test)]
mod tests;

use async_trait::async_trait;
use sqlx::PgPool;

pub use self::outage::Outages;
use self::outcome::Tries;
pub(super) use self::outcome::retry_at;
pub use self::reports::ReportWaits;
pub(super) use self::stopped::STOPPED_WAIT;
pub use self::stopped::Stopped;
use super::{Pipeline, PipelineError};
use crate::channels::{Channel, Parts, Receipt, Send};
use crate::domain::message::{Address, Outbound};
use crate::edge::CallError;
use crate::store::outbox::{self, Lane, Leased, Route, SendResult};
use crate::store::{deliveries, leases};

/// Rows that [`Pipeline::dispatch_due`] handles at once.
const BATCH: i64 = 64;

/// Notes in the outbox how far a message of several parts got.
#[derive(Debug)]
struct Noted {
    pool: PgPool,
}

#[async_trait]
impl Parts for Noted {
    async fn note(&self, outbox_id: i64, sent: usize) {
        let note = async {
            let sent = i32::try_from(sent).unwrap_or(i32::MAX);
            outbox::note_parts(&mut *self.pool.acquire().await?, outbox_id, sent).await
        };
        // Without the note a crash before the next part repeats this one, which is no reason to send no more of them.
        if let Err(error) = note.await {
            tracing::warn!(outbox.id = outbox_id, %error, "a part that was sent could not be noted");
        }
    }
}

impl Pipeline {
    /// Sends the messages that a turn has just leased to this process. What cannot be sent now is put off.
    ///
    /// # Errors
    /// [`PipelineError`] when the database fails or a test killed the process.
    pub async fn send_now(&self, route: &Route, messages: Vec<(i64, Outbound)>) -> Result<(), PipelineError> {
        let ids: Vec<i64> = messages.iter().map(|(id, _)| *id).collect();
        self.held(&ids, self.send_in_order(route, messages)).await
    }

    async fn send_in_order(
        &self,
        route: &Route,
        messages: Vec<(i64, Outbound)>,
    ) -> Result<(), PipelineError> {
        let mut rest = messages.into_iter();
        if self.serves(&route.to) && self.may_send(route) {
            for (id, message) in rest.by_ref() {
                let tries = Tries { attempts: 1, unknown: 0, parts_sent: 0, since: self.clock.now() };
                let result = self.send_one(route, id, &message, tries).await?;
                let is_sent = matches!(result, SendResult::Sent { .. });
                self.mark(id, result, Some(route)).await?;
                if !is_sent {
                    break;
                }
            }
        }
        // What follows in this conversation waits behind what failed.
        let behind: Vec<i64> = rest.map(|(id, _)| id).collect();
        if !behind.is_empty() {
            leases::release(&mut *self.pool.acquire().await?, &behind).await?;
        }
        Ok(())
    }

    /// Leases what is due, sends one row after the other, and marks each. Returns how many rows were handled.
    ///
    /// # Errors
    /// [`PipelineError`] when the database fails or a test killed the process.
    pub async fn dispatch_due(&self) -> Result<usize, PipelineError> {
        let mut handled = 0;
        for lane in Lane::ALL {
            for row in self.lease(lane, BATCH).await? {
                handled += usize::from(self.dispatch(&row).await?);
            }
        }
        Ok(handled)
    }

    /// Sends one leased row and marks it. False when it was given back.
    ///
    /// # Errors
    /// [`PipelineError`] when the database fails or a test killed the process.
    pub async fn dispatch(&self, row: &Leased) -> Result<bool, PipelineError> {
        self.held(&[row.id], async {
            let is_message = row.lane == outbox::MESSAGES;
            let result =
                if is_message { self.dispatch_message(row).await? } else { self.dispatch_call(row).await? };
            let Some(result) = result else {
                leases::release(&mut *self.pool.acquire().await?, &[row.id]).await?;
                return Ok(false);
            };
            self.mark(row.id, result, is_message.then_some(&row.route)).await?;
            Ok(true)
        })
        .await
    }

    async fn dispatch_message(&self, row: &Leased) -> Result<Option<SendResult>, PipelineError> {
        let to = &row.route.to;
        // The account may have stopped since the row was leased, or another message tries whether the platform is well.
        if !self.serves(to) || !self.may_send(&row.route) {
            return Ok(None);
        }
        let message = match serde_json::from_value::<Outbound>(row.payload.clone()) {
            Ok(message) => message,
            Err(error) => return Ok(Some(unreadable(&error))),
        };
        let tries = Tries {
            attempts: row.attempts,
            unknown: row.unknown_tries,
            parts_sent: row.parts_sent,
            since: row.created_at,
        };
        let result = self.send_one(&row.route, row.id, &message, tries).await?;
        let _ = self.outgoing.send((to.channel.clone(), to.chat.clone()));
        Ok(Some(result))
    }

    /// Whether this process can send to a chat.
    pub fn serves(&self, to: &Address) -> bool {
        self.channels.serves(to)
    }

    /// Whether the account works and its platform is well, as far as is known; else nothing is tried now.
    fn may_send(&self, route: &Route) -> bool {
        let (channel, account, now) = (&route.to.channel, route.account.as_str(), self.clock.now());
        !self.stopped.holds(channel, account, now) && self.outages.may_try(channel, account, now)
    }

    async fn send_one(
        &self,
        route: &Route,
        id: i64,
        message: &Outbound,
        tries: Tries,
    ) -> Result<SendResult, PipelineError> {
        let to = &route.to;
        // Its account may have gone since the row was leased; then it waits for the next one.
        let channel = match self.channels.connected(&to.channel) {
            Ok(channel) => channel,
            Err(error) => return self.after_send(id, route, tries, error).await,
        };
        self.faults.pass("dispatch.before_send")?;
        let file = if channel.spec().uploads_files { self.file(message, route).await? } else { None };
        let bytes = file.as_ref().map(|(_, bytes)| bytes);
        let noted = Noted { pool: self.pool.clone() };
        let send = Send {
            to,
            account: &route.account,
            outbox_id: id,
            message,
            image: bytes.filter(|_| message.document.is_none()),
            parts_sent: usize::try_from(tries.parts_sent).unwrap_or(0),
            parts: Some(&noted),
            document: bytes.filter(|_| message.document.is_some()),
            thread: route.thread.as_ref(),
            last_inbound_at: route.last_inbound_at,
            now: self.clock.now(),
            is_clock_fixed: self.clock.is_fixed(),
        };
        if channel.spec().reports_deliveries {
            let (now, wait) = (self.clock.now(), self.report_wait(&to.channel, &route.account).await?);
            leases::note_call(&mut *self.pool.acquire().await?, id, now, now + wait).await?;
        }
        let result = self.send_watched(channel.as_ref(), send).await;
        self.faults.pass("dispatch.after_send")?;
        let label = to.channel.to_string();
        Ok(match result {
            Ok(receipt) => {
                self.stopped.works(&to.channel, &route.account);
                self.outages.works(&to.channel, &route.account);
                if let (Some(upload), Some((hash, _))) = (receipt.uploaded, &file)
                    && !hash.is_empty()
                {
                    let mut connection = self.pool.acquire().await?;
                    let (channel, account) = (&to.channel, &route.account);
                    let (id, expires_at) = (&upload.id, upload.expires_at);
                    deliveries::remember_upload(&mut connection, channel, account, hash, id, expires_at)
                        .await?;
                }
                metrics::counter!("warung_messages_sent_total", "channel" => label).increment(1);
                SendResult::Sent { channel_message_id: receipt.channel_message_id }
            }
            Err(error) => {
                metrics::counter!("warung_sends_failed_total", "channel" => label).increment(1);
                self.after_send(id, route, tries, error).await?
            }
        })
    }
}

impl Pipeline {
    /// Sends by an adapter, before the eyes of the witness where there is one.
    async fn send_watched(&self, channel: &dyn Channel, send: Send<'_>) -> Result<Receipt, CallError> {
        let Some(witness) = &self.witness else { return channel.send(send).await };
        if let Some(instead) = witness.before(&send) {
            return instead;
        }
        let result = channel.send(send.clone()).await;
        witness.after(&send, &result);
        result
    }
}

/// A row that another version wrote, or a stranger.
fn unreadable(error: &serde_json::Error) -> SendResult {
    SendResult::Dead { error: format!("the row cannot be read: {error}") }
}
