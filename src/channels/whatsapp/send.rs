//! Sending: the window, the picture, the parts in order, and what a failure means for the row.

use chrono::Duration;
use serde_json::Value;

use super::account::Account;
use super::client::{Client, Failure};
use super::errors;
use super::identity::{is_user_id, phone_digits};
use super::lenient::{each, id};
use super::memory::Memory;
use super::plan::{Media, Part, plan};
use super::statuses::opaque;
use super::template::template;
use super::wire;
use crate::channels::fit::file_name;
use crate::channels::{Image, Receipt, Send, Upload};
use crate::domain::message::{Outbound, Picture};
use crate::edge::CallError;

/// How long after somebody wrote they may be written to freely (Meta: 24 hours, counted from their clock's moment; half a
/// minute less, so that what is on its way arrives in time).
const WINDOW: Duration = Duration::seconds(24 * 60 * 60 - 30);
/// How long an uploaded picture may be used (Meta: 30 days; a day less, so that a message on its way still has it).
const UPLOAD_LIFE: Duration = Duration::days(29);
/// Bytes of a picture (Meta: 5 MB).
const MAX_IMAGE_BYTES: usize = 5_000_000;
/// Bytes of a document (Meta: 100 MB; the shop keeps much less).
const MAX_DOCUMENT_BYTES: usize = 100_000_000;
/// Kinds of documents that the platform takes, of those that a shop sends (Meta, "Supported media types").
const DOCUMENT_KINDS: [&str; 2] = ["application/pdf", "text/plain"];
/// Codes by which a file's id is refused that has gone: the platform has several for it.
const MEDIA_REFUSED: [i64; 5] = [100, 131_008, 131_009, 131_052, 131_053];

/// A send under way.
pub(super) struct Sending<'a> {
    pub client: &'a Client,
    pub memory: &'a Memory,
    pub account: &'a Account,
    pub send: &'a Send<'a>,
}

/// The picture of a message as the platform takes it, and the upload that it took.
#[derive(Default)]
struct Prepared {
    media: Option<Media>,
    upload: Option<Upload>,
}

impl Sending<'_> {
    /// Sends the message: freely within the window, by template outside of it.
    pub(super) async fn run(&self) -> Result<Receipt, CallError> {
        let send = self.send;
        if !is_user_id(&send.to.chat) && phone_digits(&send.to.chat).is_none() {
            // Whatever stood where a sender stands is kept as their name and is nothing that the platform delivers to.
            return Err(CallError::Unreachable {
                reason: "the chat has neither a number nor an id".to_owned(),
            });
        }
        let is_shut = send.last_inbound_at.is_some_and(|at| send.now.signed_duration_since(at) >= WINDOW);
        if is_shut {
            return self.by_template().await;
        }
        let mut prepared = self.prepare(true).await?;
        let mut result = self.send_parts(self.plan(prepared.media.clone())).await;
        let is_media_refused =
            |failure: &Failure| failure.code.is_some_and(|code| MEDIA_REFUSED.contains(&code));
        if let Err(failure) = &result
            && is_media_refused(failure)
            && prepared.media.is_some()
            && send
                .document
                .or(send.image)
                .is_some_and(|file| file.uploaded_id.is_some() && !file.bytes.is_empty())
        {
            // The id that was kept may have gone; a fresh one is worth one more try, as nothing was sent.
            prepared = self.prepare(false).await?;
            result = self.send_parts(self.plan(prepared.media.clone())).await;
        }
        match result {
            Ok(channel_message_id) => {
                self.memory.finish(send.outbox_id);
                Ok(Receipt { channel_message_id, uploaded: prepared.upload })
            }
            // Its clock decides, not ours.
            Err(failure) if failure.code == Some(errors::WINDOW_SHUT) => self.by_template().await,
            Err(failure) => Err(failure.error),
        }
    }

    /// The platform's messages. It takes no pictures as documents, so one that somebody attached goes as a picture.
    fn plan(&self, media: Option<Media>) -> Vec<Part> {
        let message = self.send.message;
        if self.send.document.is_some_and(|file| file.mime.starts_with("image/")) {
            return plan(&Outbound { document: None, ..message.clone() }, media);
        }
        plan(message, media)
    }

    async fn by_template(&self) -> Result<Receipt, CallError> {
        let part = template(self.account, self.send.message).ok_or_else(|| CallError::Unreachable {
            reason: "more than 24 hours since the person wrote, and no template for this message".to_owned(),
        })?;
        let channel_message_id = self.send_parts(vec![part]).await.map_err(|failure| failure.error)?;
        self.memory.finish(self.send.outbox_id);
        Ok(Receipt { channel_message_id, uploaded: None })
    }

    /// The message's document or picture, uploaded if need be.
    async fn prepare(&self, may_reuse: bool) -> Result<Prepared, CallError> {
        let send = self.send;
        if send.message.document.is_some() {
            let prepared = match send.document {
                Some(file) => self.prepare_bytes(file, may_reuse).await?,
                None => None,
            };
            // A message that promises a document is none without it.
            return prepared.ok_or_else(|| CallError::Fail {
                reason: "the document of the message is missing or not taken".to_owned(),
            });
        }
        let Some(picture) = &send.message.image else { return Ok(Prepared::default()) };
        if let Some(image) = send.image {
            if let Some(prepared) = self.prepare_bytes(image, may_reuse).await? {
                return Ok(prepared);
            }
        } else if let Picture::Stored { path } = picture
            && path.starts_with("https://")
        {
            return Ok(Prepared { media: Some(Media::Link(path.clone())), upload: None });
        }
        match picture {
            // A message without its picture of a product is a message; one without its code for paying is none.
            Picture::Stored { .. } | Picture::Paper { .. } | Picture::Kept { .. } => Ok(Prepared::default()),
            Picture::Qris { .. } => {
                Err(CallError::Fail { reason: "the picture of a QRIS is missing".to_owned() })
            }
        }
    }

    /// A file of which there are bytes, or an id; nothing when the platform does not take it.
    async fn prepare_bytes(&self, file: &Image, may_reuse: bool) -> Result<Option<Prepared>, CallError> {
        let row = self.send.outbox_id;
        if may_reuse {
            if let Some(upload) = self.memory.uploaded(row) {
                return Ok(Some(Prepared {
                    media: Some(Media::Id(upload.id.clone())),
                    upload: Some(upload),
                }));
            }
            if let Some(id) = file.uploaded_id.as_ref().filter(|id| !id.is_empty()) {
                return Ok(Some(Prepared { media: Some(Media::Id(id.clone())), upload: None }));
            }
        }
        let mime = file.mime.split(';').next().unwrap_or_default().trim();
        let (max_bytes, name) = match &self.send.message.document {
            Some(document) if DOCUMENT_KINDS.contains(&mime) => {
                (MAX_DOCUMENT_BYTES, file_name(&document.name))
            }
            _ if mime == "image/png" => (MAX_IMAGE_BYTES, "picture.png".to_owned()),
            _ if mime == "image/jpeg" => (MAX_IMAGE_BYTES, "picture.jpg".to_owned()),
            _ => return Ok(None),
        };
        if !(1..=max_bytes).contains(&file.bytes.len()) {
            return Ok(None);
        }
        match self.client.upload(self.account, &name, mime, &file.bytes).await {
            Ok(id) => {
                let upload = Upload { id: id.clone(), expires_at: Some(self.send.now + UPLOAD_LIFE) };
                self.memory.keep_upload(row, Some(upload.clone()));
                Ok(Some(Prepared { media: Some(Media::Id(id)), upload: Some(upload) }))
            }
            // Two uploads do no harm. A picture that is refused for good leaves the words.
            Err(failure) => match failure.harmless() {
                CallError::Fail { reason } => {
                    tracing::warn!(outbox.id = row, reason, "the platform refuses a file");
                    Ok(None)
                }
                error => Err(error),
            },
        }
    }

    /// Sends the parts that the platform does not have yet, in order, and gives the last one's id.
    async fn send_parts(&self, parts: Vec<Part>) -> Result<Option<String>, Failure> {
        let send = self.send;
        let (row, count) = (send.outbox_id, parts.len());
        if count == 0 {
            return Err(Failure::fail("the message is empty"));
        }
        let mut last = None;
        let start = self.memory.start(row, count).max(send.parts_sent).min(count - 1);
        for (index, part) in parts.iter().enumerate().skip(start) {
            let body = wire::message(&send.to.chat, &opaque(row, index, count), part);
            let answer = self.client.post(self.account, "messages", &body).await;
            let answer = answer.map_err(|failure| self.slowed(failure))?;
            self.memory.pair_is_free(self.account.id(), &send.to.chat);
            if index + 1 < count {
                self.memory.note_sent(row, index, Some(count));
                send.note_parts(index + 1).await;
            }
            last = message_id(&answer);
        }
        Ok(last)
    }

    /// Too many messages to one person: the waits grow by the power of four.
    fn slowed(&self, failure: Failure) -> Failure {
        match failure.error {
            CallError::Retry { reason, after_ms } if failure.code == Some(errors::PAIR_RATE) => {
                let wait_ms = self.memory.pair_wait_ms(self.account.id(), &self.send.to.chat);
                Failure {
                    code: failure.code,
                    error: CallError::Retry { reason, after_ms: after_ms.max(Some(wait_ms)) },
                }
            }
            error => Failure { code: failure.code, error },
        }
    }
}

/// The platform's id of what was sent: `{"messages": [{"id": "wamid.…"}]}`.
fn message_id(answer: &Value) -> Option<String> {
    each(answer, "messages").iter().find_map(|message| id(message, "id"))
}
