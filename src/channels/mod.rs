//! Channels: one folder each, translating between a platform and `domain::message`. Nothing else.
//!
//! To add one: a folder with a [`ChannelSpec`], a type that implements [`Channel`] and a [`registry::Platform`], one line in
//! [`registry`], one page in `docs/`.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::domain::message::{Address, ChannelEvent, ChannelName, Outbound};
use crate::edge::CallError;
use crate::edge::webhook::{WebhookError, WebhookRequest};

pub mod abilities;
pub mod adapters;
pub mod console;
pub mod discord;
pub mod fit;
pub mod measure;
pub mod posted;
pub mod registry;
pub mod spec;
pub mod telegram;
pub mod web;
pub mod whatsapp;

pub use self::abilities::{Abilities, Announce, Attend, Fetch, Handshake, Listen, Point, Pointer, Probe};
pub use self::spec::{ChannelSpec, PeoplesFiles};

/// What a platform allows. The fitting of a message to its channel and the lint of the locales read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Characters of a text.
    pub text_chars: usize,
    /// Characters of the words under a picture.
    pub caption_chars: usize,
    /// Choices that can be shown as buttons.
    pub buttons: usize,
    /// Characters on a button.
    pub button_chars: usize,
    /// Choices that can be shown as a list, where there are more than `buttons`.
    pub list_rows: usize,
    /// Characters of a row of a list.
    pub list_row_chars: usize,
    /// Bytes of button data.
    pub data_bytes: usize,
}

/// The limits of every platform that the shop is for, taken together: what the flows and locales must fit. WhatsApp: 3
/// buttons of 20 characters or 10 rows of 24, body 1.024 with choices. Telegram: 64 bytes of button data, caption 1.024.
/// Discord: text 2.000, label 80.
pub const TIGHTEST: Limits = Limits {
    text_chars: 1_024,
    caption_chars: 1_024,
    buttons: 3,
    button_chars: 20,
    list_rows: 10,
    list_row_chars: 24,
    data_bytes: 64,
};

/// What came of a send.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Receipt {
    /// The platform's id of the message, where it gives one.
    pub channel_message_id: Option<String>,
    /// The platform's id of the file, where one was uploaded for this message, and until when it may be used again.
    pub uploaded: Option<Upload>,
}

/// A picture that the platform keeps for us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// The platform's id of it.
    pub id: String,
    /// Until when; nothing where the platform keeps it for good.
    pub expires_at: Option<DateTime<Utc>>,
}

/// A file as bytes: a picture, or a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// Its kind: `image/png`, `image/jpeg`, `application/pdf` …
    pub mime: String,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// The platform's id of the same bytes, uploaded before by the same account.
    pub uploaded_id: Option<String>,
}

/// Where a channel notes how far it got with a message that its platform takes in several parts, so that whoever goes on
/// with it after a crash repeats none.
#[async_trait]
pub trait Parts: std::fmt::Debug + Sync + std::marker::Send {
    /// The platform has this many parts of a row of the outbox, from the first.
    async fn note(&self, outbox_id: i64, sent: usize);
}

/// A message with what a channel needs to send it.
#[derive(Debug, Clone)]
pub struct Send<'a> {
    /// Where to.
    pub to: &'a Address,
    /// The account of the shop to send from; empty where the channel has no accounts.
    pub account: &'a str,
    /// The row's id in the outbox: the idempotency key, the same at every try.
    pub outbox_id: i64,
    /// What.
    pub message: &'a Outbound,
    /// The bytes of the message's picture, for channels that [upload](ChannelSpec::uploads_files) files.
    pub image: Option<&'a Image>,
    /// The bytes of the message's document, in the same way.
    pub document: Option<&'a Image>,
    /// How many of its parts the platform has, from the first, by what earlier tries noted.
    pub parts_sent: usize,
    /// Where to note more of them; nothing where notes are not kept.
    pub parts: Option<&'a dyn Parts>,
    /// `Inbound::thread` of the event that the message answers.
    pub thread: Option<&'a serde_json::Value>,
    /// When the person last wrote, for platforms that let a shop write only for a time after that.
    pub last_inbound_at: Option<DateTime<Utc>>,
    /// The moment, by the clock of the line of data.
    pub now: DateTime<Utc>,
    /// Whether that clock only moves by hand, so that no time passes while a message is sent.
    pub is_clock_fixed: bool,
}

impl<'a> Send<'a> {
    /// A send of which nothing but its place, its id and its message matters.
    pub fn plain(to: &'a Address, outbox_id: i64, message: &'a Outbound) -> Self {
        Self {
            to,
            account: "",
            outbox_id,
            message,
            image: None,
            document: None,
            parts_sent: 0,
            parts: None,
            thread: None,
            last_inbound_at: None,
            now: DateTime::UNIX_EPOCH,
            is_clock_fixed: true,
        }
    }
}

impl Send<'_> {
    /// Notes that the platform has this many parts and not yet all.
    pub async fn note_parts(&self, sent: usize) {
        if let Some(parts) = self.parts {
            parts.note(self.outbox_id, sent).await;
        }
    }
}

/// Where the events of a listener go: stored when it returns.
#[async_trait]
pub trait Sink: std::marker::Send + Sync {
    /// Stores one event of a channel. The listener tells its platform that it has it only after this.
    ///
    /// # Errors
    /// [`NotStored`]: nothing was stored, and the same event should come again.
    async fn accept(&self, channel: &ChannelName, event: ChannelEvent) -> Result<(), NotStored>;

    /// Keeps a listener's note of where it stands in what its platform tells, in the place of the note before, so that
    /// the next process goes on from there. Everything that the note covers was accepted before. May hold secrets.
    ///
    /// # Errors
    /// [`NotStored`]: the note before is still there, which makes the platform repeat itself and nothing worse.
    async fn keep(
        &self,
        channel: &ChannelName,
        account: &str,
        note: &serde_json::Value,
    ) -> Result<(), NotStored> {
        let _ = (channel, account, note);
        Ok(())
    }

    /// The chats that an account heard from lately, for a listener that finds out that it was away for longer than its
    /// platform remembers; none where that is not known.
    async fn last_heard(&self, channel: &ChannelName, account: &str) -> Vec<LastHeard> {
        let _ = (channel, account);
        Vec::new()
    }

    /// The note that was kept last; nothing where there is none or where notes are not kept.
    async fn kept(&self, channel: &ChannelName, account: &str) -> Option<serde_json::Value> {
        let _ = (channel, account);
        None
    }
}

/// A chat that was heard from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastHeard {
    /// The platform's name of the chat.
    pub chat: String,
    /// When something of it was stored last, or the earliest moment from which anything still matters.
    pub at: DateTime<Utc>,
}

/// An event could not be stored now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not stored: {0}")]
pub struct NotStored(pub String);

/// A platform with the accounts that this process has there, or one of our own clients.
///
/// What a platform *is* stands in its [`ChannelSpec`], one constant per folder; what it *does* beside receiving and sending
/// stands in its [`Abilities`]. Nothing here has a default, so that whoever implements this trait says everything.
#[async_trait]
pub trait Channel: std::marker::Send + Sync {
    /// What the platform is. The same for every account, and for a process that has none.
    fn spec(&self) -> &'static ChannelSpec;

    /// The accounts that this process has: their ids at the platform, as in `Inbound::account`.
    fn accounts(&self) -> Vec<String>;

    /// The only chat that this process can send to; nothing where it can send to all. Dispatch leaves rows that it cannot
    /// send to the process that can: a terminal chat belongs to the process with the terminal.
    fn only_chat(&self) -> Option<String>;

    /// What the channel can do besides.
    fn abilities(&self) -> Abilities<'_>;

    /// Reads what the platform sent: zero or more events, in order. The request's signature or session has been or is
    /// checked here, over the raw bytes. An element that cannot be read never loses the others.
    ///
    /// # Errors
    /// [`WebhookError`] when it is unsigned or unreadable; then nothing is stored.
    fn receive(&self, request: &WebhookRequest) -> Result<Vec<ChannelEvent>, WebhookError>;

    /// Sends one message, fitted to the platform.
    ///
    /// # Errors
    /// [`CallError`], saying whether another try makes sense.
    async fn send(&self, send: Send<'_>) -> Result<Receipt, CallError>;
}

impl dyn Channel {
    /// Its name.
    pub fn name(&self) -> ChannelName {
        self.spec().name.into()
    }

    /// Whether this process can send to a chat.
    pub fn serves(&self, chat: &str) -> bool {
        self.only_chat().is_none_or(|only| only == chat)
    }
}
