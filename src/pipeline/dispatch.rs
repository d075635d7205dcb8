//! The way out: messages to channels and calls to gateways, in the order of each conversation, with a written schedule
//! of retries. Answers of gateways come back through the inbox.

use async_trait::async_trait;
use chrono::Duration;
use sqlx::PgPool;

use crate::channels::{Image, Parts, Send};
use crate::domain::ids::ConversationId;
use crate::domain::message::{Address, ChannelName, Document, DocumentContent, FileRef, Outbound, Picture};
use crate::edge::{CallError, ink};
use crate::payments::{RefundAnswer, qris};
use crate::store::media::Media;
use crate::store::outbox::{self, Leased, Route, SendResult};
use crate::store::{self, attachments, deliveries};

use super::accept::json;
use super::reading::{self, Purpose, Reading};
use super::turn::LEASE;
use super::work::{Call, Work};
use super::{Pipeline, PipelineError};

/// Waits before the second, third … try of a row, in milliseconds; after the last it is given up, and said so.
const RETRY_MS: [i64; 9] = [500, 2_000, 8_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000];
/// Rows leased at once.
const BATCH: i64 = 64;
/// The wait of what an account that does not work should send; it does not count as a try.
const STOPPED_WAIT: Duration = Duration::minutes(5);

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
        if !self.serves(&route.to) {
            let ids: Vec<i64> = messages.iter().map(|(id, _)| *id).collect();
            outbox::release(&mut *self.pool.acquire().await?, &ids).await?;
            return Ok(());
        }
        let mut sent = Vec::with_capacity(messages.len());
        let mut rest = messages.into_iter();
        while let Some((id, message)) = rest.next() {
            match self.send_one(route, id, &message, (1, 0)).await? {
                SendResult::Sent { channel_message_id } => sent.push((id, channel_message_id)),
                failed => {
                    let mut connection = self.pool.acquire().await?;
                    self.mark(&mut connection, id, failed, Some(&route.conversation)).await?;
                    // What follows in this conversation waits behind it.
                    let behind: Vec<i64> = rest.by_ref().map(|(id, _)| id).collect();
                    outbox::release(&mut connection, &behind).await?;
                }
            }
        }
        if !sent.is_empty() {
            outbox::mark_sent(&mut *self.pool.acquire().await?, &sent, self.clock.now()).await?;
        }
        Ok(())
    }

    /// Leases what is due, sends it, and marks it. Returns how many rows were handled.
    ///
    /// # Errors
    /// [`PipelineError`] when the database fails or a test killed the process.
    pub async fn dispatch_due(&self) -> Result<usize, PipelineError> {
        let now = self.clock.now();
        let connected = self.channels.iter().filter(|(_, channel)| channel.is_connected());
        let channels: Vec<String> = connected.map(|(name, _)| name.to_string()).collect();
        let mut connection = self.pool.acquire().await?;
        let leased = outbox::lease_due(&mut connection, &channels, now, now + LEASE, BATCH).await?;
        let mut handled = 0;
        for row in leased {
            let result = match row.lane.as_str() {
                outbox::MESSAGES => self.dispatch_message(&row).await?,
                _ => self.dispatch_call(&row).await?,
            };
            match result {
                None => outbox::release(&mut connection, &[row.id]).await?,
                Some(result) => {
                    let is_message = row.lane == outbox::MESSAGES;
                    let conversation = is_message.then_some(&row.route.conversation);
                    self.mark(&mut connection, row.id, result, conversation).await?;
                    handled += 1;
                }
            }
        }
        Ok(handled)
    }

    async fn dispatch_message(&self, row: &Leased) -> Result<Option<SendResult>, PipelineError> {
        if !self.serves(&row.route.to) {
            return Ok(None);
        }
        match serde_json::from_value::<Outbound>(row.payload.clone()) {
            Ok(message) => {
                let result =
                    self.send_one(&row.route, row.id, &message, (row.attempts, row.parts_sent)).await?;
                let to = &row.route.to;
                let _ = self.outgoing.send((to.channel.clone(), to.chat.clone()));
                Ok(Some(result))
            }
            Err(error) => Ok(Some(SendResult::Dead { error: format!("the row cannot be read: {error}") })),
        }
    }

    /// The bytes of a picture with their hash, and the platform's own id of it where the account has uploaded it before.
    /// Nothing where it cannot be had: the words go without it.
    async fn image(
        &self,
        picture: &Picture,
        route: &Route,
    ) -> Result<Option<(String, Image)>, PipelineError> {
        let mut connection = self.pool.acquire().await?;
        let found = match picture {
            Picture::Stored { path } => match store::media::hash_of(path) {
                Some(hash) => store::media::find(&mut connection, hash).await?,
                None => None,
            },
            Picture::Paper { text } => ink::paper(text)
                .inspect_err(|error| tracing::error!(%error, "words cannot be drawn"))
                .ok()
                .map(|bytes| Media { mime: "image/png".to_owned(), bytes }),
            Picture::Kept { id } => {
                let bytes = attachments::bytes(&mut connection, &route.conversation, id).await?;
                reading::for_sending(bytes).await
            }
            Picture::Qris { payload, title, amount } => qris::png(payload, title, amount)
                .inspect_err(|error| tracing::error!(%error, "a QRIS code cannot be drawn"))
                .ok()
                .map(|bytes| Media { mime: "image/png".to_owned(), bytes }),
        };
        let Some(file) = found else { return Ok(None) };
        let hash = store::media::hash(&file.bytes);
        self.with_upload(&mut connection, route, hash, file).await.map(Some)
    }

    /// The bytes of a document; nothing where they are not kept (any more).
    ///
    /// # Errors
    /// [`PipelineError`] when the database fails.
    pub async fn document(&self, document: &Document) -> Result<Option<Media>, PipelineError> {
        let mut connection = self.pool.acquire().await?;
        Ok(match &document.content {
            DocumentContent::Stored { path } => match store::media::hash_of(path) {
                Some(hash) => store::media::find(&mut connection, hash).await?,
                None => None,
            },
            DocumentContent::Attachment { id } => attachments::find(&mut connection, id).await?,
        })
    }

    /// What a channel that uploads files needs for a message: its document, else its picture, with the name under which
    /// the platform's id of it is remembered.
    async fn file(
        &self,
        message: &Outbound,
        route: &Route,
    ) -> Result<Option<(String, Image)>, PipelineError> {
        let Some(document) = &message.document else {
            return match &message.image {
                Some(picture) => self.image(picture, route).await,
                None => Ok(None),
            };
        };
        let Some(file) = self.document(document).await? else { return Ok(None) };
        // Platforms tell pictures and documents apart by their ids, so the same bytes are remembered as each.
        let hash = format!("document:{}", store::media::hash(&file.bytes));
        let mut connection = self.pool.acquire().await?;
        self.with_upload(&mut connection, route, hash, file).await.map(Some)
    }

    async fn with_upload(
        &self,
        connection: &mut sqlx::PgConnection,
        route: &Route,
        hash: String,
        file: Media,
    ) -> Result<(String, Image), PipelineError> {
        let (channel, now) = (&route.to.channel, self.clock.now());
        let uploaded_id = deliveries::uploaded(connection, channel, &route.account, &hash, now).await?;
        Ok((hash, Image { mime: file.mime, bytes: file.bytes, uploaded_id }))
    }

    /// Whether this process can send to a chat.
    pub fn serves(&self, to: &Address) -> bool {
        self.channels.get(&to.channel).is_some_and(|channel| channel.serves(&to.chat))
    }

    async fn send_one(
        &self,
        route: &Route,
        id: i64,
        message: &Outbound,
        (attempts, parts_sent): (i32, i32),
    ) -> Result<SendResult, PipelineError> {
        let to = &route.to;
        let Some(channel) = self.channels.get(&to.channel) else {
            return Ok(SendResult::Dead { error: format!("there is no channel {}", to.channel) });
        };
        self.faults.pass("dispatch.before_send")?;
        let file = if channel.uploads_images() { self.file(message, route).await? } else { None };
        let bytes = file.as_ref().map(|(_, bytes)| bytes);
        let noted = Noted { pool: self.pool.clone() };
        let send = Send {
            to,
            account: &route.account,
            outbox_id: id,
            message,
            image: bytes.filter(|_| message.document.is_none()),
            parts_sent: usize::try_from(parts_sent).unwrap_or(0),
            parts: Some(&noted),
            document: bytes.filter(|_| message.document.is_some()),
            thread: route.thread.as_ref(),
            last_inbound_at: route.last_inbound_at,
            now: self.clock.now(),
        };
        let result = channel.send(send).await;
        self.faults.pass("dispatch.after_send")?;
        let label = to.channel.to_string();
        Ok(match result {
            Ok(receipt) => {
                if let (Some(upload), Some((hash, _))) = (receipt.uploaded, &file) {
                    let mut connection = self.pool.acquire().await?;
                    let (account, expires_at) = (&route.account, upload.expires_at);
                    deliveries::remember_upload(
                        &mut connection,
                        &to.channel,
                        account,
                        hash,
                        &upload.id,
                        expires_at,
                    )
                    .await?;
                }
                metrics::counter!("warung_messages_sent_total", "channel" => label).increment(1);
                SendResult::Sent { channel_message_id: receipt.channel_message_id }
            }
            Err(error) => {
                metrics::counter!("warung_sends_failed_total", "channel" => label).increment(1);
                self.after_failure(id, attempts, error)
            }
        })
    }

    /// The schedule: the platform's own wait where it named one, else ours, and an end to it.
    fn after_failure(&self, id: i64, attempts: i32, error: CallError) -> SendResult {
        match error {
            CallError::Fail { reason } | CallError::Unreachable { reason } => {
                tracing::error!(outbox.id = id, reason, "a send failed for good");
                SendResult::Dead { error: reason }
            }
            CallError::Stopped { reason } => {
                tracing::error!(outbox.id = id, reason, "an account does not work; what it sends waits");
                SendResult::Wait { at: self.clock.now() + STOPPED_WAIT, error: reason }
            }
            CallError::Unknown { reason, after_ms } => {
                let wait = Duration::milliseconds(i64::try_from(after_ms).unwrap_or(i64::MAX));
                SendResult::Retry { at: self.clock.now() + wait, error: reason }
            }
            CallError::Retry { reason, after_ms } => {
                let index = usize::try_from(attempts - 1).unwrap_or(0);
                let Some(wait_ms) = RETRY_MS.get(index) else {
                    tracing::error!(outbox.id = id, reason, attempts, "a send was given up");
                    return SendResult::Dead { error: reason };
                };
                let asked = after_ms.and_then(|ms| i64::try_from(ms).ok()).unwrap_or(0);
                let at = self.clock.now() + Duration::milliseconds((*wait_ms).max(asked));
                SendResult::Retry { at, error: reason }
            }
        }
    }

    /// Writes what came of a row. A message that is given up is news for its conversation, which looks for another way.
    async fn mark(
        &self,
        connection: &mut sqlx::PgConnection,
        id: i64,
        result: SendResult,
        conversation: Option<&ConversationId>,
    ) -> Result<(), PipelineError> {
        match result {
            SendResult::Sent { channel_message_id } => {
                outbox::mark_sent(connection, &[(id, channel_message_id)], self.clock.now()).await?;
            }
            SendResult::Retry { at, error } => outbox::mark_failed(connection, id, Some(at), &error).await?,
            SendResult::Wait { at, error } => {
                outbox::mark_failed(connection, id, Some(at), &error).await?;
                outbox::uncount_attempt(connection, id).await?;
            }
            SendResult::Dead { error } => {
                outbox::mark_failed(connection, id, None, &error).await?;
                if let Some(conversation) = conversation {
                    let now = self.clock.now();
                    super::channel_events::undelivered(connection, conversation, id, now).await?;
                    self.schedule.wake(conversation);
                }
            }
        }
        Ok(())
    }

    /// Calls a gateway and puts its answer into the inbox of the conversation, under a key of this outbox row, so that
    /// a repeated call gives one answer.
    async fn dispatch_call(&self, row: &Leased) -> Result<Option<SendResult>, PipelineError> {
        let call: Call = match serde_json::from_value(row.payload.clone()) {
            Ok(call) => call,
            Err(error) => {
                return Ok(Some(SendResult::Dead { error: format!("the row cannot be read: {error}") }));
            }
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
            Call::Cancel { charge, .. } => match gateway.cancel(&charge).await {
                Ok(()) => (None, None),
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
            Some(error) => self.after_failure(row.id, row.attempts, error),
        };
        // While the call will be tried again its failure is nobody's news.
        if let Some(answer) = answer.filter(|_| !matches!(result, SendResult::Retry { .. })) {
            self.answered(row, &answer).await?;
        }
        Ok(Some(result))
    }

    /// Puts the answer to a call into the inbox of the conversation that asked.
    async fn answered(&self, row: &Leased, answer: &Work) -> Result<(), PipelineError> {
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

    /// Fetches the bytes of a file that a person sent and keeps them.
    async fn fetch(
        &self,
        row: &Leased,
        (attachment, purpose): (String, Purpose),
        channel: &ChannelName,
        account: &str,
        file: &FileRef,
    ) -> Result<Option<SendResult>, PipelineError> {
        let Some(adapter) = self.channels.get(channel) else { return Ok(None) };
        let fetched = if adapter.keeps_uploads() {
            self.uploaded(file).await?
        } else {
            adapter.fetch(account, file, attachments::MAX_BYTES).await
        };
        let reading = match &fetched {
            Ok(image) => reading::read(purpose, image.bytes.clone()).await,
            Err(_) => Reading::default(),
        };
        let mut connection = self.pool.acquire().await?;
        let (result, send_result) = match fetched {
            Ok(image) => {
                let hash = attachments::keep(&mut connection, &attachment, &image.mime, &image.bytes).await?;
                if adapter.keeps_uploads() {
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

/// The answer about a refund, and why there is none where there is none.
fn refunded(refund: String, answer: Result<RefundAnswer, CallError>) -> (Option<Work>, Option<CallError>) {
    match answer {
        Ok(answer) => (Some(Work::Refunded { refund, result: Ok(answer) }), None),
        Err(error) => (Some(Work::Refunded { refund, result: Err(error.to_string()) }), Some(error)),
    }
}
