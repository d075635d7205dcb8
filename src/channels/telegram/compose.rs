//! A neutral message made into what Telegram is to show: parts of words, a picture, buttons.

use reqwest::Url;
use serde_json::{Map, Value, json};
use teloxide::types::{InlineKeyboardMarkup, ParseMode, ReplyMarkup};

use crate::channels::Send;
use crate::channels::fit::is_web_address;
use crate::domain::message::{OutboundChoice, Picture};

use super::client::Bytes;
use super::keys;
use super::words::{MAX_CAPTION_UNITS, MAX_TEXT_UNITS, Words};

/// Bytes of a picture (Bot API, `sendPhoto`: at most 10 MB).
const MAX_PHOTO_BYTES: usize = 10 * 1024 * 1024;
/// Bytes of a document (Bot API, `sendDocument`: at most 50 MB).
const MAX_DOCUMENT_BYTES: usize = 50 * 1024 * 1024;

/// What a file is shown as: the platform has a method, a field and ids of their own for each.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Photo,
    Document,
}

impl Kind {
    /// The field of the method, and the part of the form.
    fn field(self) -> &'static str {
        match self {
            Self::Photo => "photo",
            Self::Document => "document",
        }
    }

    fn method(self) -> &'static str {
        match self {
            Self::Photo => "sendPhoto",
            Self::Document => "sendDocument",
        }
    }

    fn max_bytes(self) -> usize {
        match self {
            Self::Photo => MAX_PHOTO_BYTES,
            Self::Document => MAX_DOCUMENT_BYTES,
        }
    }
}

/// Where a file comes from, from the cheapest to send to the dearest.
#[derive(Clone, Copy)]
enum Source<'a> {
    /// One that the platform has; the bytes are for when it has it no more.
    Kept(&'a str, Option<Bytes<'a>>),
    /// Bytes.
    Bytes(Bytes<'a>),
    /// An address from which the platform fetches it.
    Address(&'a str),
}

/// The picture or the document of a message.
#[derive(Clone, Copy)]
pub(super) struct Attached<'a> {
    pub(super) kind: Kind,
    source: Source<'a>,
}

impl<'a> Attached<'a> {
    fn of(send: &Send<'a>) -> Option<Self> {
        let (kind, file, name) = match &send.message.document {
            Some(document) => (Kind::Document, send.document, Some(document.name.as_str())),
            None => (Kind::Photo, send.image, None),
        };
        let Some(file) = file else {
            // Without bytes, a public address still serves.
            return match &send.message.image {
                Some(Picture::Stored { path }) if kind == Kind::Photo && is_web_address(path) => {
                    Some(Self { kind, source: Source::Address(path) })
                }
                _ => None,
            };
        };
        let is_sendable = (1..=kind.max_bytes()).contains(&file.bytes.len());
        let bytes = Bytes { part: kind.field(), name, mime: &file.mime, bytes: &file.bytes };
        let bytes = is_sendable.then_some(bytes);
        let source = match (&file.uploaded_id, bytes) {
            (Some(kept), bytes) if !kept.is_empty() => Source::Kept(kept, bytes),
            (_, bytes) => Source::Bytes(bytes?),
        };
        Some(Self { kind, source })
    }

    /// What to try when the platform does not take this one.
    pub(super) fn next(self) -> Option<Self> {
        match self.source {
            Source::Kept(_, bytes) => bytes.map(|bytes| Self { source: Source::Bytes(bytes), ..self }),
            Source::Bytes(_) | Source::Address(_) => None,
        }
    }

    /// The part of the form that carries it.
    pub(super) fn file(&self) -> Option<Bytes<'a>> {
        match self.source {
            Source::Bytes(bytes) => Some(bytes),
            Source::Kept(..) | Source::Address(_) => None,
        }
    }

    fn name(&self) -> String {
        match self.source {
            Source::Kept(name, _) | Source::Address(name) => name.to_owned(),
            Source::Bytes(bytes) => format!("attach://{}", bytes.part),
        }
    }
}

/// A whole message.
pub(super) struct Composed<'a> {
    /// Its words in parts; the first stands under the file where there is one. At least one part, unless there is
    /// nothing to say and nothing to show.
    pub(super) parts: Vec<Words>,
    /// The file of the first part.
    pub(super) attached: Option<Attached<'a>>,
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
            attached: Attached::of(send),
            choices,
            link,
            ask: ask.and_then(keys::ask),
            words,
        };
        composed.split();
        composed
    }

    /// Goes on without the file.
    pub(super) fn drop_attached(&mut self) {
        self.attached = None;
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
        let first_max = if self.attached.is_some() { MAX_CAPTION_UNITS } else { MAX_TEXT_UNITS };
        self.parts = self.words.parts(first_max);
        if self.parts.is_empty() {
            // A link or a button can stand for words, a picture needs none.
            let label = self.link.iter().map(|(label, _)| label).chain(self.choices.iter().map(|c| &c.label));
            let stand_in = label.map(|label| Words::marked(label)).find(|words| !words.is_blank());
            if self.attached.is_some() {
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
    attached: Option<&Attached<'_>>,
    markup: Option<&ReplyMarkup>,
    style: Style,
) -> (&'static str, Value) {
    let mut fields = Map::new();
    fields.insert("chat_id".to_owned(), to.chat.into());
    if let Some(topic) = to.topic {
        fields.insert("message_thread_id".to_owned(), topic.into());
    }
    put_markup(&mut fields, markup);
    let Some(attached) = attached else {
        put_words(&mut fields, "text", words, style);
        put_no_preview(&mut fields);
        return ("sendMessage", fields.into());
    };
    // The part of the form is the file itself and needs no name.
    if attached.file().is_none() {
        fields.insert(attached.kind.field().to_owned(), attached.name().into());
    }
    put_words(&mut fields, "caption", words, style);
    (attached.kind.method(), fields.into())
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
    photo: Option<&Attached<'_>>,
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
