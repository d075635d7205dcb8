//! Messages as the shop sees them, neutral to every platform. Adapters translate to and from these and nothing else.

use serde::{Deserialize, Serialize};

/// Characters of an inbound text that are read; what follows is cut, and the turn says so.
pub const MAX_TEXT_CHARS: usize = 4_000;
/// Choices that one outgoing message may carry; longer lists are paged by the dialogue.
pub const MAX_CHOICES: usize = 10;

/// The name of a channel: `web`, `console`, later `whatsapp`, `telegram`, `discord`.
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
    /// What was sent.
    pub content: Content,
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
    },
    /// Something that this version does not know.
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

/// One message to a person, rendered, before a channel fits it to its platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outbound {
    /// The words, in the reader's language. `*bold*` is the only mark-up and channels translate or drop it.
    pub text: String,
    /// What may be chosen, at most [`MAX_CHOICES`], each also answerable by its number or its words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<OutboundChoice>,
    /// A picture shown above the words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<Picture>,
    /// A link offered below the words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<Link>,
    /// Which replies of the dialogue the message is made of, with their raw arguments: what scripted
    /// conversations compare, and what a channel never shows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replies: Vec<ReplyTrace>,
}

/// A button.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboundChoice {
    /// The words on it.
    pub label: String,
    /// The opaque data that comes back with a press; see [`Content::Press`].
    pub data: String,
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
    /// A QRIS code, drawn by `payments::qris::png` when it is sent.
    Qris {
        /// The EMVCo string.
        payload: String,
        /// The shop's name, printed under the code.
        title: String,
        /// The amount as people read it, printed under the name.
        amount: String,
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
}
