//! Reading dispatches of the gateway: messages here, interactions in their own file.
//!
//! Dispatches are read as plain JSON and not as serenity's types: those refuse a whole event for one field that is
//! newer than they are, and an event that nobody can read would be an interaction that nobody acknowledges.

use serde_json::{Value, json};

use crate::domain::message::{Address, ChannelEvent, Content, FileRef, Inbound, MAX_TEXT_CHARS, MediaKind};

use super::NAME;
use super::interaction::{self, Heard};
use super::wire;

/// Attachments of one message that are read; the platform allows ten.
const MAX_ATTACHMENTS: usize = 10;
/// Characters of a file's address.
const MAX_URL_CHARS: usize = 2_048;

/// Kinds of messages that people write: plain ones and replies. Others are notes of the platform (somebody joined, a
/// message was pinned). Source: `resources/message.mdx`, "Message Types".
const WRITTEN: [i64; 2] = [0, 19];

/// What is known of the bot that hears.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hearer {
    /// The account, as in `Inbound::account`.
    pub account: String,
    /// The bot's user id, once the platform told it.
    pub user_id: Option<String>,
}

impl Hearer {
    fn is(&self, user_id: &str) -> bool {
        self.account == user_id || self.user_id.as_deref() == Some(user_id)
    }
}

/// Reads one dispatch (`{"t", "s", "d"}`). Whatever is not for the shop gives nothing.
pub fn dispatch(hearer: &Hearer, dispatch: &Value) -> Heard {
    let Some(data) = dispatch.get("d").filter(|data| data.is_object()) else { return Heard::default() };
    match dispatch.get("t").and_then(Value::as_str).unwrap_or_default() {
        "MESSAGE_CREATE" => Heard::only(message(hearer, data)),
        "MESSAGE_UPDATE" => Heard::only(edited(hearer, data).into_iter().collect()),
        "INTERACTION_CREATE" => interaction::read(&hearer.account, data),
        _ => Heard::default(),
    }
}

/// A message's place, author and words, when it is a person's and meant for the shop.
struct Written {
    inbound: Inbound,
    words: Option<String>,
}

fn written(hearer: &Hearer, data: &Value) -> Option<Written> {
    let author = data.get("author")?;
    let user_id = wire::id(author.get("id"))?;
    let is_machine =
        flag(author, "bot") || flag(author, "system") || wire::id(data.get("webhook_id")).is_some();
    if is_machine || hearer.is(&user_id) {
        return None;
    }
    let id = wire::id(data.get("id"))?;
    let channel_id = wire::id(data.get("channel_id"));
    let is_direct = wire::id(data.get("guild_id")).is_none();
    let words = wire::text(data.get("content"));
    let words = if is_direct { words } else { addressed(hearer, data, words.as_deref())? };
    // A mention in a server is answered in private, so the thread of it names no channel to answer in.
    let mut thread = if is_direct {
        json!({ "kind": "message", "channel_id": channel_id, "message_id": id })
    } else {
        json!({ "kind": "mention", "message_id": id })
    };
    let quoted = data.get("message_reference").and_then(|quoted| wire::id(quoted.get("message_id")));
    if let Some(quoted) = quoted {
        thread["quotes"] = quoted.into();
    }
    let mut inbound = Inbound::new(address(user_id), id, Content::Unknown);
    inbound.sender_name = name(author);
    inbound.account.clone_from(&hearer.account);
    inbound.is_in_group = !is_direct;
    inbound.thread = Some(thread);
    Some(Written { inbound, words })
}

/// What was said to the bot in a server, without its mention; nothing when it was not mentioned.
fn addressed(hearer: &Hearer, data: &Value, words: Option<&str>) -> Option<Option<String>> {
    let mentioned: Vec<String> =
        wire::list(data.get("mentions")).iter().filter_map(|user| wire::id(user.get("id"))).collect();
    let bot = mentioned.iter().find(|id| hearer.is(id))?;
    let words =
        words.unwrap_or_default().replace(&format!("<@{bot}>"), " ").replace(&format!("<@!{bot}>"), " ");
    let words = words.trim();
    Some((!words.is_empty()).then(|| words.to_owned()))
}

fn message(hearer: &Hearer, data: &Value) -> Vec<ChannelEvent> {
    if !WRITTEN.contains(&wire::number(data.get("type")).unwrap_or_default()) {
        return Vec::new();
    }
    let Some(Written { inbound, words }) = written(hearer, data) else { return Vec::new() };
    // A forwarded message is empty and holds what was forwarded.
    let forwarded = wire::list(data.get("message_snapshots")).first().and_then(|first| first.get("message"));
    let words = words.or_else(|| wire::text(forwarded?.get("content")));
    let mut contents = Vec::new();
    for source in [Some(data), forwarded].into_iter().flatten() {
        let files = wire::list(source.get("attachments"));
        contents.extend(files.iter().take(MAX_ATTACHMENTS).filter_map(attachment));
        let stickers = [source.get("sticker_items"), source.get("stickers")];
        if contents.is_empty() && stickers.into_iter().any(|list| !wire::list(list).is_empty()) {
            contents.push(Content::Media { media: MediaKind::Sticker, caption: None, file: None });
        }
    }
    let words = words.map(bounded);
    match (contents.first_mut(), words) {
        (Some(Content::Media { caption, .. }), words) => *caption = words,
        (_, Some(text)) => contents.push(Content::Text { text }),
        // A poll, a card, a mention and nothing else.
        (_, None) => contents.push(Content::Unknown),
    }
    let id = inbound.external_id.clone();
    let events = contents.into_iter().enumerate().map(|(index, content)| {
        let external_id = if index == 0 { id.clone() } else { format!("{id}:{index}") };
        ChannelEvent::Said(Inbound { external_id, content, ..inbound.clone() })
    });
    events.collect()
}

/// A message that its author changed. The platform also updates messages by itself, when it has looked a link up;
/// those carry no time of editing.
fn edited(hearer: &Hearer, data: &Value) -> Option<ChannelEvent> {
    let at = wire::field(data.get("edited_timestamp"))?;
    let Written { mut inbound, words } = written(hearer, data)?;
    let text = bounded(words?);
    inbound.external_id = format!("{}:edited:{at}", inbound.external_id);
    inbound.content = Content::Edited { text };
    Some(ChannelEvent::Said(inbound))
}

fn attachment(file: &Value) -> Option<Content> {
    let url = wire::text(file.get("url")).or_else(|| wire::text(file.get("proxy_url")))?;
    let mime = wire::field(file.get("content_type"));
    let name = wire::field(file.get("filename")).unwrap_or_default();
    let file = (url.chars().count() <= MAX_URL_CHARS).then(|| FileRef {
        id: url,
        mime: mime.clone(),
        size_bytes: wire::number(file.get("size")).and_then(|size| u64::try_from(size).ok()),
    });
    Some(Content::Media { media: kind(mime.as_deref(), &name), caption: None, file })
}

/// What a file is, by its kind or, where the platform names none, by its name.
fn kind(mime: Option<&str>, name: &str) -> MediaKind {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
    match (mime.and_then(|mime| mime.split('/').next()).unwrap_or_default(), ending.as_str()) {
        ("image", _) | ("", "png" | "jpg" | "jpeg" | "gif" | "webp") => MediaKind::Image,
        ("audio", _) | ("", "ogg" | "mp3" | "m4a" | "wav") => MediaKind::Audio,
        ("video", _) | ("", "mp4" | "mov" | "webm") => MediaKind::Video,
        _ => MediaKind::Document,
    }
}

/// Where a person is found: by their user id, in servers as in direct messages, so that they have one cart.
pub fn address(user_id: String) -> Address {
    Address { channel: NAME.into(), chat: user_id }
}

/// The name that the platform shows for a user.
pub fn name(user: &Value) -> Option<String> {
    wire::field(user.get("global_name")).or_else(|| wire::field(user.get("username")))
}

/// One character more than is read, so that the cut is noticed.
pub fn bounded(text: String) -> String {
    match text.char_indices().nth(MAX_TEXT_CHARS + 1) {
        Some((end, _)) => text[..end].to_owned(),
        None => text,
    }
}

fn flag(value: &Value, name: &str) -> bool {
    value.get(name).and_then(Value::as_bool).unwrap_or_default()
}
