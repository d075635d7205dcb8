//! The other side, on loopback: what scripted conversations and tests talk to instead of WhatsApp, Telegram, Discord and
//! the payment companies.
//!
//! A fake answers as its platform does. It records every request, **refuses what the platform would refuse**, with the
//! platform's own error body, and breaks in the ways in which the platform breaks. It knows nothing of how the shop
//! builds its requests: rules come from the platforms' documentation, so that a mistake of ours is found and not
//! repeated.

pub mod company;
mod counter;
pub mod desk;
pub mod discord;
pub mod midtrans;

use std::time::Duration;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use crate::domain::message::{Content, FileRef};
use crate::edge::webhook::WebhookRequest;

pub mod telegram;
pub mod whatsapp;
pub mod xendit;

/// Opens a platform on a port of its own, with one account of a shop.
type Open = fn() -> Pin<Box<dyn Future<Output = std::io::Result<Arc<dyn Platform>>> + Send>>;

/// The platforms that there are fakes of, by the channel's name.
const PLATFORMS: [(&str, Open); 3] = [
    ("whatsapp", || Box::pin(async { Ok(whatsapp::Fake::open().await? as Arc<dyn Platform>) })),
    ("telegram", || Box::pin(async { Ok(telegram::Fake::open().await? as Arc<dyn Platform>) })),
    ("discord", || Box::pin(async { Ok(discord::Fake::open().await? as Arc<dyn Platform>) })),
];

/// Opens the platform of a name, with one account of a shop; nothing where there is no fake of it.
///
/// # Errors
/// When no port of loopback can be had.
pub async fn open(name: &str) -> std::io::Result<Option<Arc<dyn Platform>>> {
    match PLATFORMS.iter().find(|(known, _)| *known == name) {
        Some((_, open)) => open().await.map(Some),
        None => Ok(None),
    }
}

/// The number that a platform of numbers has for somebody: their own where they are called by one, else one that is the same
/// at every run.
fn number_of(name: &str) -> String {
    if !name.is_empty() && name.bytes().all(|b| b.is_ascii_digit()) {
        return name.to_owned();
    }
    let digest = hex::encode(Sha256::digest(name.as_bytes()));
    let number = u64::from_str_radix(&digest[..12], 16).unwrap_or(1);
    (100_000_000_000_000_000 + number).to_string()
}

/// A person at the far end of a platform.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Person {
    /// The platform's name of their chat, as it will stand in `Address::chat`.
    pub chat: String,
    /// The name that the platform shows.
    pub name: Option<String>,
    /// Their phone number in international form (`+62812…`), where the platform tells.
    pub phone: Option<String>,
    /// The language of their client, an IETF tag.
    pub language: Option<String>,
}

/// A message as the person sees it: one bubble of the platform.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shown {
    /// The platform's id of the message.
    pub id: String,
    /// Its words as they are read: escapes undone, bold as `*bold*`.
    pub text: String,
    /// Buttons, rows of a list and options of a select, in order: the words and the data that a press sends.
    pub choices: Vec<ShownChoice>,
    /// Whether a picture is shown, and its bytes.
    pub image: Option<Vec<u8>>,
    /// A file that can be opened.
    pub document: Option<ShownDocument>,
    /// The address of a link button.
    pub link: Option<String>,
    /// Whether it took the place of an earlier message with the same id.
    pub is_edit: bool,
}

/// A file as the person sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownDocument {
    /// Its name.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// Something to press.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownChoice {
    /// The words on it.
    pub label: String,
    /// The data that a press sends.
    pub data: String,
}

/// A request that the fake received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// `GET`, `POST` …
    pub method: String,
    /// The path without host, credentials in it replaced by `***`.
    pub path: String,
    /// The body: JSON as JSON, the fields of a form as an object in which files are `{"file": name, "bytes": length}`.
    pub body: serde_json::Value,
    /// The status that the fake answered.
    pub status: u16,
    /// Why the request broke a rule of the platform, where it did. Tests hold that there is none.
    pub refusal: Option<String>,
}

/// How a platform breaks. Each is used up by one send to the chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Too many requests, with the wait in seconds where the platform names one.
    TooMany {
        /// The wait.
        retry_after_seconds: Option<u64>,
    },
    /// A failure of the platform before it has done anything.
    Down,
    /// Something in front of the platform answers with a status and none of the platform's words (WhatsApp; elsewhere as
    /// [`Fault::Down`]).
    Bare(u16),
    /// The platform has done it, and the answer is lost.
    LostAnswer,
    /// The platform's own code of an error (WhatsApp 131047, Telegram 403 as `403`, Discord 50007).
    Code(i64),
    /// The send is accepted and fails later, as a report of delivery says (WhatsApp).
    FailsLater(i64),
    /// The platform says that it has done it, and nobody ever sees or hears of it.
    Swallowed,
    /// The answer comes after this long.
    Slow(Duration),
    /// The connection over which the platform tells of events breaks (Discord).
    Disconnect,
}

/// A platform. The channel under test is given [`Platform::url`] instead of the real address.
#[async_trait]
pub trait Platform: Send + Sync {
    /// The channel's name.
    fn name(&self) -> &'static str;

    /// What stands in the channel's `*_API_URL`.
    fn url(&self) -> String;

    /// The settings with which a shop is this platform's customer: the account that it knows, and its address.
    fn settings(&self) -> Vec<(&'static str, String)>;

    /// The name that the platform has for the chat of somebody.
    fn chat_of(&self, name: &str, phone: Option<&str>) -> String;

    /// Puts a file where people can send it from, by [`Platform::told`].
    fn keep(&self, mime: &str, bytes: Vec<u8>) -> FileRef;

    /// The request, signed as the platform signs, by which the platform tells of what a person sends. The same `id`
    /// gives the same event: a platform that comes again.
    fn told(&self, person: &Person, id: &str, content: &Content) -> WebhookRequest;

    /// What chats show since this was asked last, oldest first.
    fn take_shown(&self, chat: &str) -> Vec<Shown>;

    /// Requests by which the platform tells of deliveries (sent, delivered, read, failed) since this was asked last;
    /// none where the platform does not report them.
    fn take_reports(&self) -> Vec<WebhookRequest> {
        Vec::new()
    }

    /// Sets the platform's clock, for rules about time.
    fn set_now(&self, now: DateTime<Utc>) {
        let _ = now;
    }

    /// Makes sends to a chat fail.
    fn arm(&self, chat: &str, fault: Fault);

    /// Everything that was received, oldest first.
    fn recorded(&self) -> Vec<Recorded>;

    /// Ends it.
    async fn stop(&self);
}
