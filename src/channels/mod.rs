//! Channels: one folder each, translating between a platform and `domain::message`. Nothing else.
//!
//! To add one: a folder with a type that implements [`Channel`], one line in `app.rs`, one page in `docs/`.

use async_trait::async_trait;

use crate::domain::message::{Address, ChannelName, Inbound, Outbound};
use crate::edge::CallError;

pub mod console;
pub mod fit;
pub mod posted;
pub mod web;

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

/// The limits of every platform that the shop is for, also of those that are not built yet: what the flows and
/// locales must fit. WhatsApp: 3 buttons of 20 characters or 10 rows of 24, body 1.024 with choices. Telegram: 64
/// bytes of button data, caption 1.024. Discord: text 2.000, label 80.
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
}

/// A message with what a channel needs to send it.
#[derive(Debug, Clone)]
pub struct Send<'a> {
    /// Where to.
    pub to: &'a Address,
    /// The row's id in the outbox: the idempotency key, the same at every try.
    pub outbox_id: i64,
    /// What.
    pub message: &'a Outbound,
}

/// A platform.
#[async_trait]
pub trait Channel: std::marker::Send + Sync {
    /// Its name.
    fn name(&self) -> ChannelName;

    /// What it allows.
    fn limits(&self) -> Limits;

    /// Whether this process can send to a chat. Dispatch leaves rows that it cannot send to the process that can:
    /// a terminal chat belongs to the process with the terminal.
    fn serves(&self, chat: &str) -> bool {
        let _ = chat;
        true
    }

    /// Reads what the platform sent: zero or more events, in order. The request's signature or session has been or is
    /// checked here, over the raw bytes.
    ///
    /// # Errors
    /// [`crate::edge::webhook::WebhookError`] when it is unsigned or unreadable; then nothing is stored.
    fn receive(
        &self,
        request: &crate::edge::webhook::WebhookRequest,
    ) -> Result<Vec<Inbound>, crate::edge::webhook::WebhookError>;

    /// Sends one message, fitted to the platform.
    ///
    /// # Errors
    /// [`CallError`], saying whether another try makes sense.
    async fn send(&self, send: Send<'_>) -> Result<Receipt, CallError>;
}
