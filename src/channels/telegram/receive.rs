//! Updates read into events (Bot API, `Update` and `Message`; limits of 10.x and older kinds alike).
//!
//! Updates are read field by field out of raw JSON. teloxide's types know the Bot API up to 9.1 and turn a whole message
//! into nothing over one field that they do not expect; here an unknown kind of message becomes [`Content::Unknown`],
//! which is answered, and an unknown kind of update nothing.

use std::borrow::Cow;

use serde_json::{Value, json};

use crate::channels::fit::bounded;
use crate::domain::message::{
    Address, ChannelEvent, Content, FileRef, Inbound, MAX_TEXT_CHARS, MediaKind, WAITS,
};

use super::NAME;
use super::addressed::{self, Bot};
use super::wire::{degrees, field, id, is_true, number, text};

/// Bytes of a file that the Bot API hands out (`getFile`: 20 MB).
pub(super) const MAX_DOWNLOAD_BYTES: u64 = 20 * 1024 * 1024;
/// Bytes of button data (Bot API, `InlineKeyboardButton`: `callback_data`, 1-64 bytes).
const MAX_DATA_BYTES: usize = 64;
/// Characters of a name that is kept.
const MAX_NAME_CHARS: usize = 128;
/// Characters of a language tag.
const MAX_LANG_CHARS: usize = 35;
/// Characters of an id of a file or a query.
const MAX_ID_CHARS: usize = 512;

/// Messages that a chat's own events make. Nobody said anything, so nobody is answered.
const SERVICE: &[&str] = &[
    "boost_added",
    "channel_chat_created",
    "chat_background_set",
    "chat_owner_changed",
    "chat_owner_left",
    "chat_shared",
    "checklist_tasks_added",
    "checklist_tasks_done",
    "connected_website",
    "delete_chat_photo",
    "direct_message_price_changed",
    "forum_topic_closed",
    "forum_topic_created",
    "forum_topic_edited",
    "forum_topic_reopened",
    "general_forum_topic_hidden",
    "general_forum_topic_unhidden",
    "giveaway_completed",
    "giveaway_created",
    "group_chat_created",
    "left_chat_member",
    "left_chat_participant",
    "message_auto_delete_timer_changed",
    "migrate_from_chat_id",
    "new_chat_member",
    "new_chat_members",
    "new_chat_participant",
    "new_chat_photo",
    "new_chat_title",
    "paid_message_price_changed",
    "pinned_message",
    "proximity_alert_triggered",
    "suggested_post_approval_failed",
    "suggested_post_approved",
    "suggested_post_declined",
    "suggested_post_paid",
    "suggested_post_refunded",
    "supergroup_chat_created",
    "users_shared",
    "video_chat_ended",
    "video_chat_participants_invited",
    "video_chat_scheduled",
    "video_chat_started",
    "voice_chat_ended",
    "voice_chat_participants_invited",
    "voice_chat_scheduled",
    "voice_chat_started",
    "write_access_allowed",
];

/// Reads one update. An update of which nothing is to be answered gives nothing.
pub(super) fn read(bot: &Bot, update: &Value) -> Option<ChannelEvent> {
    let key = number(update, "update_id").map(|update_id| format!("u{update_id}"));
    if let Some(message) = field(update, "message") {
        let key = key.or_else(|| Some(format!("m{}", number(message, "message_id")?)))?;
        return said(bot, message, key);
    }
    if let Some(message) = field(update, "edited_message") {
        let key = key.or_else(|| {
            Some(format!("e{}.{}", number(message, "message_id")?, number(message, "edit_date")?))
        })?;
        return edited(bot, message, key);
    }
    let query = field(update, "callback_query")?;
    let key = key.or_else(|| Some(format!("c{}", id(query, "id")?)))?;
    pressed(bot, query, key)
}

fn said(bot: &Bot, message: &Value, key: String) -> Option<ChannelEvent> {
    let chat = Chat::of(message)?;
    if let Some(to) = number(message, "migrate_to_chat_id") {
        let from = Address { channel: NAME.into(), chat: chat.id };
        return Some(ChannelEvent::Moved {
            account: bot.id.clone(),
            from,
            to: to.to_string(),
            aliases: Vec::new(),
            phone: None,
        });
    }
    let is_service = SERVICE.iter().any(|kind| field(message, kind).is_some());
    if is_service || !is_for_us(bot, &chat, message) {
        return None;
    }
    Some(event(bot, &chat, message, key, content(bot, &chat, message)))
}

fn edited(bot: &Bot, message: &Value, key: String) -> Option<ChannelEvent> {
    let chat = Chat::of(message)?;
    if !is_for_us(bot, &chat, message) {
        return None;
    }
    // A live location is edited every few seconds, and nobody wants an answer to that.
    let content = if field(message, "location").is_some() {
        Content::Silent
    } else {
        let words = text(message, "text").or_else(|| text(message, "caption")).unwrap_or_default();
        Content::Edited { text: bounded(&addressed::strip(bot, words), MAX_TEXT_CHARS + 1) }
    };
    Some(event(bot, &chat, message, key, content))
}

fn event(bot: &Bot, chat: &Chat, message: &Value, key: String, content: Content) -> ChannelEvent {
    let topic = is_true(message, "is_topic_message").then(|| number(message, "message_thread_id")).flatten();
    let mut thread = json!({ "message_id": number(message, "message_id"), "topic": topic });
    if let Some(quoted) = field(message, "reply_to_message").and_then(|quoted| id(quoted, "message_id")) {
        thread["quotes"] = quoted.into();
    }
    ChannelEvent::Said(Inbound {
        account: bot.id.clone(),
        thread: Some(thread),
        ..from_person(chat, field(message, "from"), key, content)
    })
}

fn pressed(bot: &Bot, query: &Value, key: String) -> Option<ChannelEvent> {
    let from = field(query, "from");
    let message = field(query, "message");
    // A message that is gone, one of another chat that was sent by way of the bot, and one of a broadcast leave the person's
    // own chat: the press is to be acknowledged wherever it was.
    let chat = message.and_then(Chat::of).filter(|chat| !chat.is_channel).or_else(|| {
        let chat = number(from?, "id")?;
        Some(Chat { id: chat.to_string(), is_private: true, is_channel: false })
    })?;
    let content = match text(query, "data") {
        Some(data) if data.len() <= MAX_DATA_BYTES => Content::Press { data: data.to_owned() },
        _ => Content::Unknown,
    };
    // `date` 0 marks a message that the bot can no longer change (Bot API, `InaccessibleMessage`).
    let is_here = |message: &&Value| Chat::of(message).is_some_and(|at| at.id == chat.id);
    let reachable = message.filter(|message| number(message, "date") != Some(0)).filter(is_here);
    let topic = reachable
        .filter(|message| is_true(message, "is_topic_message"))
        .and_then(|message| number(message, "message_thread_id"));
    let callback_id = id(query, "id").filter(|id| id.len() <= MAX_ID_CHARS);
    let thread = json!({
        WAITS: callback_id.is_some(),
        "callback_id": callback_id,
        "message_id": reachable.and_then(|message| number(message, "message_id")),
        "has_photo": reachable.is_some_and(|message| field(message, "photo").is_some()),
        "topic": topic,
    });
    Some(ChannelEvent::Said(Inbound {
        account: bot.id.clone(),
        thread: Some(thread),
        ..from_person(&chat, from, key, content)
    }))
}

/// A chat as far as it matters.
struct Chat {
    id: String,
    is_private: bool,
    is_channel: bool,
}

impl Chat {
    fn of(message: &Value) -> Option<Self> {
        let chat = field(message, "chat")?;
        let chat_id = number(chat, "id")?;
        let kind = text(chat, "type");
        Some(Self {
            id: chat_id.to_string(),
            // Ids of people are positive and those of groups and channels negative.
            is_private: kind.map_or(chat_id > 0, |kind| kind == "private"),
            is_channel: kind == Some("channel"),
        })
    }
}

/// Whether a message is meant for the shop: everything in a private chat, and in a group what is addressed to the bot.
/// Other bots are not answered, so that two bots never talk for ever.
fn is_for_us(bot: &Bot, chat: &Chat, message: &Value) -> bool {
    let by_bot = field(message, "from").is_some_and(|from| is_true(from, "is_bot"));
    // An administrator who hides behind the group writes as a bot of Telegram's own.
    let is_hidden_person = field(message, "sender_chat").is_some();
    if chat.is_channel || is_true(message, "is_automatic_forward") || (by_bot && !is_hidden_person) {
        return false;
    }
    chat.is_private || addressed::is_addressed(bot, message)
}

fn from_person(chat: &Chat, from: Option<&Value>, key: String, content: Content) -> Inbound {
    let address = Address { channel: NAME.into(), chat: chat.id.clone() };
    let name = from.map(|from| {
        let names = [text(from, "first_name"), text(from, "last_name")];
        let whole = names.into_iter().flatten().collect::<Vec<_>>().join(" ");
        bounded(&whole.replace('\n', " "), MAX_NAME_CHARS).trim().to_owned()
    });
    let language = from.and_then(|from| text(from, "language_code")).filter(|tag| {
        tag.len() <= MAX_LANG_CHARS
            && tag.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    });
    Inbound {
        sender_name: name.filter(|name| !name.is_empty()),
        language_hint: language.map(str::to_owned),
        is_in_group: !chat.is_private,
        ..Inbound::new(address, key, content)
    }
}

fn content(bot: &Bot, chat: &Chat, message: &Value) -> Content {
    if let Some(words) = text(message, "text") {
        let words =
            if chat.is_private { addressed::plain_command(words) } else { addressed::strip(bot, words) };
        return Content::Text { text: bounded(&words, MAX_TEXT_CHARS + 1) };
    }
    // A venue comes with its place as a location too.
    if let Some(place) =
        field(message, "venue").and_then(venue).or_else(|| place(field(message, "location")?, None))
    {
        return place;
    }
    if let Some(contact) = field(message, "contact") {
        return card(contact, field(message, "from"));
    }
    media(bot, chat, message).unwrap_or(Content::Unknown)
}

fn venue(venue: &Value) -> Option<Content> {
    let words = [text(venue, "title"), text(venue, "address")];
    let name = words.into_iter().flatten().collect::<Vec<_>>().join(", ");
    place(field(venue, "location")?, Some(name).filter(|name| !name.is_empty()))
}

fn place(location: &Value, name: Option<String>) -> Option<Content> {
    Some(Content::Location {
        latitude: degrees(location, "latitude", 90.0)?,
        longitude: degrees(location, "longitude", 180.0)?,
        name: name.map(|name| bounded(&name, MAX_TEXT_CHARS)),
    })
}

/// A contact card is the sender's own phone number only when Telegram says whose it is.
fn card(contact: &Value, from: Option<&Value>) -> Content {
    let owner = number(contact, "user_id");
    let is_own = owner.is_some() && owner == from.and_then(|from| number(from, "id"));
    match id(contact, "phone_number") {
        Some(phone) if is_own => Content::Phone { phone: bounded(&phone, MAX_NAME_CHARS) },
        _ => Content::Media { media: MediaKind::Contact, caption: None, file: None },
    }
}

fn media(bot: &Bot, chat: &Chat, message: &Value) -> Option<Content> {
    let (media, file) = if let Some(sizes) = field(message, "photo").and_then(Value::as_array) {
        (MediaKind::Image, largest(sizes))
    } else {
        // An animation comes with a document of the same file, so it stands in front.
        let kinds = [
            ("voice", MediaKind::Audio),
            ("audio", MediaKind::Audio),
            ("animation", MediaKind::Video),
            ("video", MediaKind::Video),
            ("video_note", MediaKind::Video),
            ("sticker", MediaKind::Sticker),
            ("document", MediaKind::Document),
        ];
        let (found, media) =
            kinds.into_iter().find_map(|(name, media)| Some((field(message, name)?, media)))?;
        (media, file(found, None))
    };
    let said = |caption| match chat.is_private {
        true => Cow::Borrowed(caption),
        false => Cow::Owned(addressed::strip(bot, caption)),
    };
    let caption = text(message, "caption").map(|caption| bounded(&said(caption), MAX_TEXT_CHARS + 1));
    Some(Content::Media { media, caption, file })
}

/// The largest size of a picture that can be fetched.
fn largest(sizes: &[Value]) -> Option<FileRef> {
    let area = |size: &Value| {
        let side = |name| number(size, name).unwrap_or(0).clamp(0, 1 << 20);
        side("width") * side("height")
    };
    let fetchable = sizes.iter().filter_map(|size| Some((area(size), file(size, Some("image/jpeg"))?)));
    fetchable.max_by_key(|(area, _)| *area).map(|(_, file)| file)
}

/// A file, unless it is larger than what the Bot API hands out.
fn file(found: &Value, mime: Option<&str>) -> Option<FileRef> {
    let file_id = id(found, "file_id").filter(|id| id.len() <= MAX_ID_CHARS)?;
    let size_bytes = number(found, "file_size").and_then(|size| u64::try_from(size).ok());
    let mime = text(found, "mime_type").or(mime).filter(|mime| mime.len() <= MAX_NAME_CHARS);
    let fits = size_bytes.is_none_or(|size| size <= MAX_DOWNLOAD_BYTES);
    fits.then(|| FileRef { id: file_id, mime: mime.map(str::to_owned), size_bytes })
}
