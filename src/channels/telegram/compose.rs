//! A neutral message made into what Telegram is to show: parts of words, a picture, buttons.

use reqwest::Url;
use serde_json::{Map, Value, json};
use teloxide::types::{InlineKeyboardMarkup, ParseMode, ReplyMarkup};

use crate::channels::Send;
use crate::channels::fit::is_web_address;
use crate::domain::message::{OutboundChoice, Picture};

use super::client::{Bytes, FILE_PART};
use super::keys;
use super::words::{MAX_CAPTION_UNITS, MAX_TEXT_UNITS, Words};

/// Bytes of a picture (Bot API, `sendPhoto`: at most 10 MB).
const MAX_PHOTO_BYTES: usize = 10 * 1024 * 1024;

/// A picture, from the cheapest to send to the dearest.
#[derive(Clone, Copy)]
pub(super) enum Photo<'a> {
    /// One that the platform has; the bytes are for when it has it no more.
    Kept(&'a str, Option<Bytes<'a>>),
    /// Bytes.
    Bytes(Bytes<'a>),
    /// An address from which the platform fetches it.
    Address(&'a str),
}

impl<'a> Photo<'a> {
    fn of(send: &Send<'a>) -> Option<Self> {
        let Some(image) = send.image else {
            // Without bytes, a public address still serves.
            return match &send.message.image {
                Some(Picture::Stored { path }) if is_web_address(path) => Some(Self::Address(path)),
                _ => None,
            };
        };
        let is_sendable = (1..=MAX_PHOTO_BYTES).contains(&image.bytes.len());
        let bytes = is_sendable.then_some(Bytes { mime: &image.mime, bytes: &image.bytes });
        match (&image.uploaded_id, bytes) {
            (Some(kept), bytes) if !kept.is_empty() => Some(Self::Kept(kept, bytes)),
            (_, bytes) => bytes.map(Self::Bytes),
        }
    }

    /// What to try when the platform does not take this one.
    pub(super) fn next(self) -> Option<Self> {
        match self {
            Self::Kept(_, bytes) => bytes.map(Self::Bytes),
            Self::Bytes(_) | Self::Address(_) => None,
        }
    }

    /// The part of the form that carries it.
    pub(super) fn file(&self) -> Option<Bytes<'a>> {
        match self {
            Self::Bytes(bytes) => Some(*bytes),
            Self::Kept(..) | Self::Address(_) => None,
        }
    }

    fn name(&self) -> String {
        match self {
            Self::Kept(name, _) | Self::Address(name) => (*name).to_owned(),
            Self::Bytes(_) => format!("attach://{FILE_PART}"),
        }
    }
}

/// A whole message.
pub(super) struct Composed<'a> {
    /// Its words in parts; the first stands under the picture where there is one. At least one part, unless there is
    /// nothing to say and nothing to show.
    pub(super) parts: Vec<Words>,
    /// The picture of the first part.
    pub(super) photo: Option<Photo<'a>>,
    /// The choices below the last part.
    choices: &'a [OutboundChoice],
    /// The link below them.
    pub(super) link: Option<(String, Url)>,
    /// The keyboard that the message opens.
    pub(super) ask: Option<ReplyMarkup>,
    words: Words,
}

impl<'a> Composed<'a> {
    pub(super) fn new(send: &Send<'a>, is_private: bool) -> Self {
        let message = send.message;
        let mut words = Words::marked(&message.text);
        let mut link = None;
        if let Some(offered) = message.link.as_ref().filter(|link| is_web_address(&link.url)) {
            link = keys::link(offered);
            if link.is_none() {
                words.push_line(&offered.label);
                words.push_line(&offered.url);
            }
        }
        let choices = message.choices.as_slice();
        let ask = message.ask.as_ref().filter(|_| is_private && choices.is_empty() && link.is_none());
        let mut composed = Self {
            parts: Vec::new(),
            photo: Photo::of(send),
            choices,
            link,
            ask: ask.and_then(keys::ask),
            words,
        };
        composed.split();
        composed
    }

    /// Goes on without the picture.
    pub(super) fn drop_photo(&mut self) {
        self.photo = None;
        self.split();
    }

    /// Writes the link's address out instead of offering it as a button.
    pub(super) fn write_link_out(&mut self) {
        if let Some((label, url)) = self.link.take() {
            self.words.push_line(&label);
            self.words.push_line(url.as_str());
            self.split();
        }
    }

    fn split(&mut self) {
        let first_max = if self.photo.is_some() { MAX_CAPTION_UNITS } else { MAX_TEXT_UNITS };
        self.parts = self.words.parts(first_max);
        if self.parts.is_empty() {
            // A link or a button can stand for words, a picture needs none.
            let label = self.link.iter().map(|(label, _)| label).chain(self.choices.iter().map(|c| &c.label));
            let stand_in = label.map(|label| Words::marked(label)).find(|words| !words.is_blank());
            if self.photo.is_some() {
                self.parts.push(Words::default());
            } else if let Some(words) = stand_in {
                self.parts = words.parts(first_max);
                self.parts.truncate(1);
            }
        }
    }

    /// The buttons, which stand below the last part.
    pub(super) fn buttons(&self) -> Option<InlineKeyboardMarkup> {
        keys::inline(self.choices, self.link.as_ref())
    }
}

/// Where a call goes.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) chat: i64,
    /// The topic of a group that is divided into topics.
    pub(super) topic: Option<i64>,
}

/// How the words of a call are written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Html,
    Plain,
}

/// The fields by which words are given, under the name that the method has for them.
fn put_words(fields: &mut Map<String, Value>, name: &str, words: &Words, style: Style) {
    if words.is_blank() {
        return;
    }
    match style {
        Style::Html => {
            fields.insert(name.to_owned(), words.html().into());
            fields.insert("parse_mode".to_owned(), json!(ParseMode::Html));
        }
        Style::Plain => {
            fields.insert(name.to_owned(), words.plain.clone().into());
        }
    }
}

fn put_markup(fields: &mut Map<String, Value>, markup: Option<&ReplyMarkup>) {
    if let Some(markup) = markup {
        fields.insert("reply_markup".to_owned(), json!(markup));
    }
}

/// A new message: the method and its fields.
pub(super) fn new_message(
    to: Place,
    words: &Words,
    photo: Option<&Photo<'_>>,
    markup: Option<&ReplyMarkup>,
    style: Style,
) -> (&'static str, Value) {
    let mut fields = Map::new();
    fields.insert("chat_id".to_owned(), to.chat.into());
    if let Some(topic) = to.topic {
        fields.insert("message_thread_id".to_owned(), topic.into());
    }
    put_markup(&mut fields, markup);
    let Some(photo) = photo else {
        put_words(&mut fields, "text", words, style);
        put_no_preview(&mut fields);
        return ("sendMessage", fields.into());
    };
    fields.insert("photo".to_owned(), photo.name().into());
    if photo.file().is_some() {
        // The part of the form is the picture itself and needs no name.
        fields.remove("photo");
    }
    put_words(&mut fields, "caption", words, style);
    ("sendPhoto", fields.into())
}

/// Pictures of pages behind links would stand between the words and their buttons.
fn put_no_preview(fields: &mut Map<String, Value>) {
    fields.insert("link_preview_options".to_owned(), json!({ "is_disabled": true }));
}

/// What a message becomes in place: the method and its fields. `had_photo` says what it is now.
pub(super) fn changed_message(
    chat: i64,
    message_id: i64,
    had_photo: bool,
    words: &Words,
    photo: Option<&Photo<'_>>,
    markup: Option<&ReplyMarkup>,
    style: Style,
) -> (&'static str, Value) {
    let mut fields = Map::new();
    fields.insert("chat_id".to_owned(), chat.into());
    fields.insert("message_id".to_owned(), message_id.into());
    put_markup(&mut fields, markup);
    let method = match photo {
        Some(photo) => {
            let mut media = Map::new();
            media.insert("type".to_owned(), "photo".into());
            media.insert("media".to_owned(), photo.name().into());
            put_words(&mut media, "caption", words, style);
            fields.insert("media".to_owned(), media.into());
            "editMessageMedia"
        }
        None if had_photo => {
            put_words(&mut fields, "caption", words, style);
            "editMessageCaption"
        }
        None => {
            put_words(&mut fields, "text", words, style);
            put_no_preview(&mut fields);
            "editMessageText"
        }
    };
    (method, fields.into())
}
