//! What people do, as the platform tells of it (Bot API, `Update`).

use serde_json::{Value, json};

use crate::domain::message::{Content, MediaKind};
use crate::fakes::Person;

use super::state::{State, chat_id, date, describe_chat};

/// A picture of one pixel: what a file holds that nobody gave bytes to.
pub(super) const PIXEL: &[u8] = &[
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, 0x49, 0x48, 0x44, 0x52, 0, 0, 0, 1, 0, 0,
    0, 1, 8, 6, 0, 0, 0, 0x1f, 0x15, 0xc4, 0x89, 0, 0, 0, 0x0d, 0x49, 0x44, 0x41, 0x54, 0x78, 0x9c, 0x62, 0,
    1, 0, 0, 5, 0, 1, 0x0d, 0x0a, 0x2d, 0xb4, 0, 0, 0, 0, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82,
];

/// The person behind a chat: a private chat has their id, members of groups have their own.
fn sender(chat: i64, person: &Person) -> Value {
    let id = if chat > 0 { chat } else { chat_id(&format!("{chat} {:?}", person.name)) };
    let name = person.name.clone().unwrap_or_else(|| "Pelanggan".to_owned());
    let mut names = name.splitn(2, ' ');
    let mut sender = json!({ "id": id, "is_bot": false, "first_name": names.next().unwrap_or_default() });
    if let Some(last) = names.next() {
        sender["last_name"] = last.into();
    }
    if let Some(language) = &person.language {
        sender["language_code"] = language.as_str().into();
    }
    sender
}

/// The update by which the platform tells of what a person does. The same `id` gives the same update.
pub(super) fn update(state: &mut State, bot_id: i64, person: &Person, id: &str, content: &Content) -> Value {
    let chat = chat_id(&person.chat);
    let key = (chat, id.to_owned());
    if let Some(told) = state.told.get(&key) {
        return told.clone();
    }
    let update_id = state.next_update_id();
    let message_id = state.next_message_id();
    let from = sender(chat, person);
    let mut message = json!({
        "message_id": message_id,
        "from": from,
        "chat": describe_chat(chat, person.name.as_deref()),
        "date": date(message_id),
    });
    let mut kind = "message";
    match content {
        Content::Text { text } => put_text(&mut message, text),
        Content::Edited { text } => {
            put_text(&mut message, text);
            message["edit_date"] = (date(message_id) + 1).into();
            kind = "edited_message";
        }
        Content::Press { data } => {
            message = press(state, bot_id, chat, &from, data);
            kind = "callback_query";
        }
        Content::Location { latitude, longitude, name } => {
            let place = json!({ "latitude": degrees(latitude), "longitude": degrees(longitude) });
            if let Some(name) = name {
                message["venue"] = json!({ "location": place, "title": name, "address": "" });
            }
            message["location"] = place;
        }
        Content::Phone { phone } => {
            message["contact"] = json!({
                "phone_number": phone,
                "first_name": from["first_name"],
                "user_id": from["id"],
            });
        }
        Content::Media { media, caption, file } => {
            let file = file.as_ref().map(|file| (file.id.clone(), file.mime.clone()));
            let (name, value) = media_of(state, *media, file);
            message[name] = value;
            if let Some(caption) = caption {
                message["caption"] = caption.as_str().into();
            }
        }
        Content::Silent => {
            message = json!({
                "chat": describe_chat(chat, person.name.as_deref()),
                "message_id": message_id,
                "user": from,
                "date": date(message_id),
                "old_reaction": [],
                "new_reaction": [{ "type": "emoji", "emoji": "👍" }],
            });
            kind = "message_reaction";
        }
        // Telegram has no carts of its own.
        Content::Order { .. } | Content::Unknown => message["dice"] = json!({ "emoji": "🎲", "value": 4 }),
    }
    let update = json!({ "update_id": update_id, kind: message });
    state.told.insert(key, update.clone());
    update
}

fn put_text(message: &mut Value, text: &str) {
    message["text"] = text.into();
    let command = text.split_whitespace().next().filter(|first| first.starts_with('/') && first.len() > 1);
    if let Some(command) = command.filter(|command| text.starts_with(command)) {
        let length = command.encode_utf16().count();
        message["entities"] = json!([{ "offset": 0, "length": length, "type": "bot_command" }]);
    }
}

/// A press of a button, with the message that the button stands under, or what is left of it.
fn press(state: &mut State, bot_id: i64, chat: i64, from: &Value, data: &str) -> Value {
    let query = format!("{}", 4_382_000_000_000_000_i64 + state.next_message_id());
    state.queries.insert(query.clone());
    let messages = state.chats.get(&chat);
    let pressed = messages.and_then(|messages| {
        messages.values().rev().find(|message| message.keys.choices.iter().any(|choice| choice.data == data))
    });
    let message = match pressed {
        Some(message) => state.describe(chat, message, bot_id),
        None => json!({ "chat": describe_chat(chat, None), "message_id": 1, "date": 0 }),
    };
    json!({
        "id": query,
        "from": from,
        "message": message,
        "chat_instance": "-3812345678901234567",
        "data": data,
    })
}

fn degrees(text: &str) -> Value {
    let number = text.parse::<f64>().ok().and_then(serde_json::Number::from_f64);
    number.map_or(Value::Null, Value::Number)
}

fn media_of(
    state: &mut State,
    media: MediaKind,
    file: Option<(String, Option<String>)>,
) -> (&'static str, Value) {
    let (id, mime) = file.unwrap_or_else(|| (state.keep(PIXEL.to_vec()), None));
    let size = state.files.entry(id.clone()).or_insert_with(|| PIXEL.to_vec()).len();
    let mut described = json!({ "file_id": id, "file_unique_id": format!("q{id}"), "file_size": size });
    let mut with = |fields: Value, default_mime: Option<&str>| {
        for (name, value) in fields.as_object().into_iter().flatten() {
            described[name] = value.clone();
        }
        if let Some(mime) = mime.as_deref().or(default_mime) {
            described["mime_type"] = mime.into();
        }
        described.clone()
    };
    match media {
        MediaKind::Image => {
            let large = json!({ "file_id": id, "file_unique_id": format!("q{id}"), "file_size": size, "width": 960, "height": 1280 });
            let small = json!({ "file_id": format!("{id}s"), "file_unique_id": format!("q{id}s"), "file_size": 1200, "width": 67, "height": 90 });
            ("photo", json!([small, large]))
        }
        MediaKind::Audio => ("voice", with(json!({ "duration": 3 }), Some("audio/ogg"))),
        MediaKind::Video => {
            ("video", with(json!({ "width": 640, "height": 360, "duration": 5 }), Some("video/mp4")))
        }
        MediaKind::Sticker => (
            "sticker",
            with(
                json!({ "type": "regular", "width": 512, "height": 512, "is_animated": false, "is_video": false }),
                None,
            ),
        ),
        MediaKind::Document => {
            ("document", with(json!({ "file_name": "berkas.pdf" }), Some("application/pdf")))
        }
        MediaKind::Contact => {
            ("contact", json!({ "phone_number": "+6281100000000", "first_name": "Teman", "user_id": 42 }))
        }
    }
}
