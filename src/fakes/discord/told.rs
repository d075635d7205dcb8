//! What the gateway tells, as the platform documents it: `resources/message.mdx`, `events/gateway-events.mdx`,
//! `interactions/receiving-and-responding.mdx`.

use serde_json::{Value, json};

use super::state::{Interaction, State};
use crate::domain::message::{Content, MediaKind};
use crate::fakes::Person;

/// The dispatch of an event, without its place in a session.
pub(super) fn dispatch(state: &mut State, base: &str, person: &Person, content: &Content) -> Value {
    let (name, data) = match content {
        Content::Text { text } => match command(state, text) {
            Some(data) => ("INTERACTION_CREATE", interaction(state, person, 2, data, None)),
            None => ("MESSAGE_CREATE", message(state, person, text)),
        },
        Content::Press { data } => ("INTERACTION_CREATE", press(state, person, data)),
        Content::Media { media, caption, file } => {
            let mut message = message(state, person, caption.as_deref().unwrap_or_default());
            let kept = file.as_ref().filter(|file| state.files.contains_key(&file.id));
            let id = kept.map_or_else(|| state.next_id(), |file| file.id.clone());
            let size = state.files.get(&id).map_or(super::FILE.len(), |(_, bytes)| bytes.len());
            let (filename, mime) = match media {
                MediaKind::Image => ("bukti.png", "image/png"),
                MediaKind::Audio => ("voice-message.ogg", "audio/ogg"),
                MediaKind::Video => ("film.mp4", "video/mp4"),
                MediaKind::Sticker | MediaKind::Document | MediaKind::Contact => {
                    ("berkas.pdf", "application/pdf")
                }
            };
            if *media == MediaKind::Sticker {
                message["sticker_items"] = json!([{ "id": id, "name": "Wave", "format_type": 1 }]);
            } else {
                let mime = file.as_ref().and_then(|file| file.mime.as_deref()).unwrap_or(mime);
                let url = format!("{base}/attachments/{id}/{filename}");
                message["attachments"] = json!([{
                    "id": id, "filename": filename, "size": size, "url": url, "proxy_url": url,
                    "content_type": mime, "content_scan_version": 1,
                }]);
            }
            ("MESSAGE_CREATE", message)
        }
        Content::Location { latitude, longitude, name } => {
            // The platform has no places; people type them.
            let place = name.clone().unwrap_or_else(|| format!("{latitude}, {longitude}"));
            ("MESSAGE_CREATE", message(state, person, &place))
        }
        Content::Phone { phone } => ("MESSAGE_CREATE", message(state, person, phone)),
        Content::Order { note, .. } => {
            ("MESSAGE_CREATE", message(state, person, note.as_deref().unwrap_or_default()))
        }
        Content::Edited { text } => {
            let mut message = message(state, person, text);
            message["edited_timestamp"] = json!(state.now.to_rfc3339());
            ("MESSAGE_UPDATE", message)
        }
        Content::Silent => {
            let channel_id = state.channel_of(&person.chat);
            ("MESSAGE_DELETE", json!({ "id": state.next_id(), "channel_id": channel_id }))
        }
        Content::Unknown => {
            let mut message = message(state, person, "");
            message["poll"] = json!({
                "question": { "text": "?" }, "answers": [], "expiry": null, "allow_multiselect": false, "layout_type": 1,
            });
            ("MESSAGE_CREATE", message)
        }
    };
    json!({ "op": 0, "t": name, "s": 1, "d": data })
}

fn user(person: &Person) -> Value {
    let name = person.name.clone();
    json!({
        "id": person.chat, "username": format!("user{}", person.chat), "discriminator": "0", "global_name": name,
        "avatar": null, "avatar_decoration_data": null, "collectibles": null, "public_flags": 0, "bot": false,
    })
}

fn member() -> Value {
    json!({
        "roles": [], "nick": null, "avatar": null, "joined_at": "2025-01-01T00:00:00.000000+00:00",
        "premium_since": null, "deaf": false, "mute": false, "flags": 0, "pending": false,
        "communication_disabled_until": null, "permissions": "2248473465835073",
    })
}

fn message(state: &mut State, person: &Person, text: &str) -> Value {
    let id = state.next_id();
    let mut message = json!({
        "id": id, "author": user(person), "content": text, "timestamp": state.now.to_rfc3339(),
        "edited_timestamp": null, "tts": false, "mention_everyone": false, "mentions": [], "mention_roles": [],
        "attachments": [], "embeds": [], "pinned": false, "type": 0, "flags": 0, "components": [],
    });
    if state.in_guild.contains(&person.chat) {
        message["channel_id"] = json!(super::GUILD_CHANNEL);
        message["guild_id"] = json!(super::GUILD);
        message["member"] = member();
        message["channel_type"] = json!(0);
        message["content"] = json!(format!("<@{}> {text}", state.bot_id));
        message["mentions"] =
            json!([{ "id": state.bot_id, "username": "warung", "discriminator": "0", "bot": true }]);
    } else {
        message["channel_id"] = json!(state.channel_of(&person.chat));
        message["channel_type"] = json!(1);
    }
    message
}

/// A typed command that is registered.
fn command(state: &mut State, text: &str) -> Option<Value> {
    let (name, words) = text.strip_prefix('/')?.split_once(' ').unwrap_or((text.strip_prefix('/')?, ""));
    let command = state.commands.iter().find(|command| command["name"] == name)?.clone();
    let option = command["options"][0]["name"].as_str();
    let options = match option.filter(|_| !words.is_empty()) {
        Some(option) => json!([{ "name": option, "type": 3, "value": words }]),
        None => json!([]),
    };
    Some(json!({ "id": command["id"], "name": name, "type": 1, "options": options }))
}

/// A press of what a message of the chat shows; of a message that nobody knows any more, when none shows it.
fn press(state: &mut State, person: &Person, data: &str) -> Value {
    let shown = state.messages.iter().rev().find(|(_, message)| {
        message.chat == person.chat && message.choices().iter().any(|choice| choice.data == data)
    });
    let (message_id, select) = match shown {
        Some((id, message)) => (id.clone(), message.select_of(data)),
        None => (state.next_id(), None),
    };
    let pressed = match select {
        Some(select) => json!({ "component_type": 3, "custom_id": select, "values": [data], "id": 2 }),
        None => json!({ "component_type": 2, "custom_id": data, "id": 2 }),
    };
    interaction(state, person, 3, pressed, Some(message_id))
}

/// What is known when a form is sent in.
pub(super) fn submit(state: &mut State, person: &Person, custom_id: &str, text: &str) -> Value {
    let field = json!({ "type": 4, "custom_id": "text", "value": text, "id": 2 });
    let data =
        json!({ "custom_id": custom_id, "components": [{ "type": 1, "id": 1, "components": [field] }] });
    let data = interaction(state, person, 5, data, None);
    json!({ "op": 0, "t": "INTERACTION_CREATE", "s": 1, "d": data })
}

fn interaction(
    state: &mut State,
    person: &Person,
    kind: u8,
    data: Value,
    message_id: Option<String>,
) -> Value {
    let id = state.next_id();
    let token = format!("aW50ZXJhY3Rpb246{id}");
    let is_in_guild = state.in_guild.contains(&person.chat);
    let locale = match person.language.as_deref() {
        Some(language) if language.starts_with("en") => "en-US",
        Some(language) => language,
        None => "id",
    };
    let channel_id =
        if is_in_guild { super::GUILD_CHANNEL.to_owned() } else { state.channel_of(&person.chat) };
    let mut event = json!({
        "id": id, "application_id": state.bot_id, "type": kind, "token": token, "version": 1,
        "channel_id": channel_id, "channel": { "id": channel_id, "type": u8::from(!is_in_guild) },
        "locale": locale, "data": data, "entitlements": [], "attachment_size_limit": 10_485_760,
        "app_permissions": "180224", "context": u8::from(!is_in_guild),
        "authorizing_integration_owners": { "0": if is_in_guild { super::GUILD } else { "0" } },
    });
    if is_in_guild {
        let mut member = member();
        member["user"] = user(person);
        event["member"] = member;
        event["guild_id"] = json!(super::GUILD);
        event["guild"] = json!({ "id": super::GUILD, "locale": "id", "features": [] });
        event["guild_locale"] = json!("id");
    } else {
        event["user"] = user(person);
    }
    if let Some(message_id) = &message_id {
        let shown = state.messages.get(message_id);
        let components = shown.map_or(json!([]), |message| message.body["components"].clone());
        let content = shown.map_or(json!(""), |message| message.body["content"].clone());
        event["message"] = json!({
            "id": message_id, "channel_id": channel_id, "type": 0, "content": content, "components": components,
            "author": { "id": state.bot_id, "username": "warung", "bot": true, "discriminator": "0" },
            "timestamp": state.now.to_rfc3339(), "edited_timestamp": null, "embeds": [], "attachments": [],
        });
    }
    let created = Interaction {
        chat: person.chat.clone(),
        token,
        kind,
        at: state.now,
        response: None,
        original: message_id,
        modal: None,
    };
    state.interactions.insert(id, created);
    event
}
