//! Messages as the shop sees them, neutral to every platform. Adapters translate to and from these and nothing else.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::customer::Language;
use super::ids::ConversationId;

/// Characters of an inbound text that are read; what follows is cut, and the turn says so.
pub const MAX_TEXT_CHARS: usize = 4_000;
/// Choices that one outgoing message may carry; longer lists are paged by the dialogue.
pub const MAX_CHOICES: usize = 10;
/// Lines of a cart out of a platform's own shop window that are read.
pub const MAX_ORDERED_ITEMS: usize = 50;

/// The name of a channel: `web`, `console`, `whatsapp`, `telegram`, `discord`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ChannelName(pub String);

impl ChannelName {
    /// The name as it stands in columns and settings.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for ChannelName {
    fn from(name: &str) -> Self {
        Self(name.to_owned())
    }
}

impl std::fmt::Display for ChannelName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a chat is: a channel and the platform's opaque address in it (a chat id, a user id, a browser session).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Address {
    /// The channel.
    pub channel: ChannelName,
    /// The platform's own name of the chat.
    pub chat: String,
}

/// Something that a person sent, normalised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inbound {
    /// Who and where.
    pub from: Address,
    /// The platform's id of the event: with the channel it is the key under which the event is handled once.
    pub external_id: String,
    /// The name that the platform gives the sender, where it gives one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender_name: Option<String>,
    /// The sender's phone, where the platform gives one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender_phone: Option<String>,
    /// The platform's hint of the sender's language, an IETF tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language_hint: Option<String>,
    /// The account of the shop that it reached: a phone number id, a bot, an application; empty where the channel has
    /// no accounts.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub account: String,
    /// Other names that the platform has for the same chat (a phone number beside a user id). Whoever is known by one
    /// of them is the same person.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// What the channel wants back with the answers to this event: the message that was pressed, an interaction's
    /// token. Opaque to everybody else, but for what all channels call by one name: `product` and `quotes` (what the words
    /// point to), and [`WAITS`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<serde_json::Value>,
    /// When the person sent it, as their platform says, where it says so believably.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<DateTime<Utc>>,
    /// Whether others read it too: it was written into a group, and not to the shop alone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_in_group: bool,
    /// What was sent.
    pub content: Content,
}

/// In `Inbound::thread`: the platform shows the person that it waits for a word from us, and goes on showing it until it has
/// one, whoever answers the person: a pressed button that spins.
pub const WAITS: &str = "waits";

impl Inbound {
    /// Whether the platform waits for a word from us; see [`WAITS`].
    pub fn waits(&self) -> bool {
        let waits = self.thread.as_ref().and_then(|thread| thread.get(WAITS));
        waits.and_then(serde_json::Value::as_bool).unwrap_or_default()
    }

    /// An event of which nothing but its place, its id and its content is known.
    pub fn new(from: Address, external_id: impl Into<String>, content: Content) -> Self {
        Self {
            from,
            external_id: external_id.into(),
            sender_name: None,
            sender_phone: None,
            language_hint: None,
            account: String::new(),
            aliases: Vec::new(),
            thread: None,
            sent_at: None,
            is_in_group: false,
            content,
        }
    }

    /// Since when the person can be answered freely, on platforms that let a shop write only for a time after they wrote to
    /// it: not since a late delivery, and not at all since something that was said in a group.
    pub fn answerable_since(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        (!self.is_in_group).then(|| self.sent_at.map_or(now, |at| at.min(now)))
    }
}

/// Something that a platform told of, normalised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChannelEvent {
    /// A person sent something.
    Said(Inbound),
    /// What became of a message of ours.
    Delivery(Delivery),
    /// The shop's owner wrote to a customer with the platform's own app: the dialogue steps aside.
    Echo {
        /// The account of the shop.
        account: String,
        /// The customer's chat.
        chat: Address,
        /// The platform's id of the message.
        external_id: String,
        /// What the owner wrote; empty for a picture and the like.
        text: String,
        /// Other names of the chat, as in [`Inbound::aliases`].
        aliases: Vec<String>,
    },
    /// A chat has another name from now on.
    Moved {
        /// The account of the shop.
        account: String,
        /// The chat as it was called.
        from: Address,
        /// Its new name on the same channel.
        to: String,
        /// Other names that it has from now on, as in [`Inbound::aliases`].
        aliases: Vec<String>,
        /// The person's new phone number, where the platform tells one.
        phone: Option<String>,
    },
}

/// What became of a message of ours, as far as its platform tells. Reports come late, twice and out of order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The account of the shop that tells it. What another account sent is none of its business.
    pub account: String,
    /// The row of the outbox, where the platform hands back what we sent with the message.
    pub outbox_id: Option<i64>,
    /// The platform's id of the message.
    pub channel_message_id: String,
    /// How far it got.
    pub state: DeliveryState,
    /// Why it failed, for operators; no words and no addresses of people.
    pub error: Option<String>,
    /// What its failing asks for; nothing when it did not fail.
    pub failure: Option<DeliveryFailure>,
    /// Whether it is about a part of the message that is not its last one.
    pub is_part: bool,
}

/// What is to be done about a message that its platform took and could not deliver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryFailure {
    /// It may go again, not before so many milliseconds where the platform says so.
    Retry {
        /// Milliseconds.
        after_ms: Option<u64>,
    },
    /// The account does not work.
    Stopped,
    /// The person wrote too long ago: only an approved template may go.
    WindowShut,
    /// The person cannot be reached here now: another way may help.
    Unreachable,
    /// It will not arrive.
    Final,
}

/// How far a message got. Later states are greater; a report never takes a message back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// The platform has it.
    Sent,
    /// The person's device has it.
    Delivered,
    /// The person has seen it.
    Read,
    /// It will not arrive.
    Failed,
}

/// A file at the platform. Its bytes are fetched later, by the channel that named it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRef {
    /// The platform's id of the file, or its address.
    pub id: String,
    /// Its kind as the platform says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mime: Option<String>,
    /// Its size in bytes as the platform says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size_bytes: Option<u64>,
}

/// One line of a cart that was put together in the platform's own shop window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderedItem {
    /// The shop's own code of the product (SKU or id), as it stands in the platform's catalogue.
    pub code: String,
    /// Pieces.
    pub quantity: i64,
    /// The quantity as the platform wrote it, where it is no positive whole number; `quantity` is 0 then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unclear: Option<String>,
}

/// The kinds of things that people send.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Content {
    /// Typed words, commands included (`/menu`).
    Text {
        /// As typed.
        text: String,
    },
    /// A press of one of our buttons: the opaque data that we gave the button.
    Press {
        /// `<token>.<index>`, see `store::prompts`.
        data: String,
    },
    /// A place on the map.
    Location {
        /// Degrees north, as text so that no float is stored.
        latitude: String,
        /// Degrees east.
        longitude: String,
        /// The place's name or address, where the platform knows it.
        name: Option<String>,
    },
    /// A picture, voice note, sticker or file. The shop cannot read it; the dialogue answers kindly.
    Media {
        /// What it is.
        media: MediaKind,
        /// Words that came with it.
        caption: Option<String>,
        /// Where its bytes are, when the channel can fetch them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        file: Option<FileRef>,
    },
    /// A cart out of the platform's own shop window. Prices in it are not believed: ours are asked again.
    Order {
        /// Its lines.
        items: Vec<OrderedItem>,
        /// Words that came with it.
        note: Option<String>,
    },
    /// The sender's own phone number, shared on purpose.
    Phone {
        /// As the platform writes it.
        phone: String,
    },
    /// An earlier message was changed. It has been acted upon already, so the dialogue says that only new ones count.
    Edited {
        /// The new words.
        text: String,
    },
    /// A reaction, an edit's undoing, a message taken back: kept, and answered by nothing.
    Silent,
    /// Something that this version does not know; answered kindly.
    Unknown,
}

/// Kinds of media that people send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MediaKind {
    /// A picture.
    Image,
    /// A voice note or a sound.
    Audio,
    /// A film.
    Video,
    /// A sticker.
    Sticker,
    /// Any other file.
    Document,
    /// Somebody's contact card.
    Contact,
}

impl MediaKind {
    /// The kind as it stands in columns.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Audio => "audio",
            Self::Video => "video",
            Self::Sticker => "sticker",
            Self::Document => "document",
            Self::Contact => "contact",
        }
    }
}

/// One message to a person, rendered, before a channel fits it to its platform.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outbound {
    /// The words, in the reader's language. `*bold*` is the only mark-up and channels translate or drop it.
    pub text: String,
    /// What may be chosen, at most [`MAX_CHOICES`], each also answerable by its number or its words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<OutboundChoice>,
    /// A picture shown above the words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<Picture>,
    /// A file that goes with the words. A message has a picture or a document: where both are given, the document goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<Document>,
    /// A link offered below the words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<Link>,
    /// What kind of words the message asks for, where it asks: channels that have a form for it offer it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ask: Option<Ask>,
    /// The message takes the place of the one whose button was pressed, where the platform can change messages.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub replaces_pressed: bool,
    /// It could not be delivered in another chat of the same person.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_forwarded: bool,
    /// Which replies of the dialogue the message is made of, with their raw arguments: what scripted
    /// conversations compare, and what a channel never shows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replies: Vec<ReplyTrace>,
    /// The reader's language, for platforms on which somebody has approved the words beforehand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
}

/// A button.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboundChoice {
    /// The words on it.
    pub label: String,
    /// The opaque data that comes back with a press; see [`Content::Press`].
    pub data: String,
}

/// A question for words, as a form shows it. The words are optional help: typing the answer always works.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// What is asked for.
    pub kind: AskKind,
    /// The words on the button that opens the form, at most 20 characters.
    pub button: String,
    /// The title of the form, at most 45 characters.
    pub title: String,
}

/// What a question asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AskKind {
    /// The person's name.
    Name,
    /// Their phone number.
    Phone,
    /// Where to deliver.
    Address,
}

impl AskKind {
    /// The kind as it stands in keys.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Phone => "phone",
            Self::Address => "address",
        }
    }
}

/// A picture to send.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Picture {
    /// A picture of the shop: a path below `/media/` or an `https` address.
    Stored {
        /// Path or address.
        path: String,
    },
    /// Words on paper, drawn by `edge::ink` when it is sent.
    Paper {
        /// The words, line by line; `*bold*` is the only mark-up.
        text: String,
    },
    /// A QRIS code, drawn by `payments::qris::png` when it is sent.
    Qris {
        /// The EMVCo string.
        payload: String,
        /// The shop's name, printed under the code.
        title: String,
        /// The amount as people read it, printed under the name.
        amount: String,
    },
    /// A picture that a person sent to the shop (`attachments`). Only the chat that the message is for may see it.
    Kept {
        /// The row.
        id: String,
    },
}

impl Picture {
    /// How a kept picture is named where paths of pictures are.
    const KEPT: &'static str = "kept:";

    /// The path of a kept picture, for flows that show it.
    pub fn kept_path(id: &str) -> String {
        format!("{}{id}", Self::KEPT)
    }

    /// The picture with a path: one of the shop, or a kept one.
    pub fn of_path(path: &str) -> Self {
        match path.strip_prefix(Self::KEPT) {
            Some(id) => Self::Kept { id: id.to_owned() },
            None => Self::Stored { path: path.to_owned() },
        }
    }
}

/// A file to send, which a person opens outside of the chat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Its name with its ending, as the person keeps it.
    pub name: String,
    /// What it holds.
    pub content: DocumentContent,
}

/// Where the bytes of a document are. They are fetched when it is sent, so a message that waits stays small.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum DocumentContent {
    /// A file of the shop: a path below `/media/`. Whoever knows the path can fetch it.
    Stored {
        /// The path, `/media/<hash>.pdf`.
        path: String,
    },
    /// A file that somebody sent to the shop; it is served to nobody but the chat that it is sent to.
    Attachment {
        /// Its id in `attachments`.
        id: String,
    },
    /// Everything that is known of the person of a chat. It is written when it is sent, and kept nowhere.
    Person {
        /// The chat's row in `conversations`.
        conversation: ConversationId,
    },
}

/// A link with a label.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The words on it.
    pub label: String,
    /// An absolute `http` or `https` address.
    pub url: String,
}

/// One reply of the dialogue inside a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplyTrace {
    /// The reply's key in `locales/`.
    pub key: String,
    /// Its arguments, raw: money and numbers as digits, times in RFC 3339, texts as they are.
    pub args: std::collections::BTreeMap<String, String>,
    /// Those of them that people read differently, as the words of the message have them: for templates, which are filled
    /// with arguments instead of words.
    #[serde(default, skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub shown: std::collections::BTreeMap<String, String>,
}
