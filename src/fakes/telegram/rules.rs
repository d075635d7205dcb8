//! What the Bot API takes: the methods that are played here with their fields (core.telegram.org/bots/api, "Available
//! methods"; bounds that the page does not name are those of python-telegram-bot's `constants.py`).

use reqwest::Url;
use serde_json::{Map, Value};

use crate::fakes::ShownChoice;

use super::html::{self, Parsed};

/// Characters of a text after its mark-up is taken out (`sendMessage`).
const MAX_TEXT: usize = 4_096;
/// Characters of a caption (`sendPhoto`).
const MAX_CAPTION: usize = 1_024;
/// Bytes of button data (`InlineKeyboardButton`).
const MAX_DATA_BYTES: usize = 64;
/// Buttons of a message, and in one row of it.
const MAX_BUTTONS: usize = 100;
const MAX_BUTTONS_PER_ROW: usize = 8;

/// A method: its name, the fields that it needs, those that it may have.
pub(super) struct Method {
    pub(super) name: &'static str,
    required: &'static [&'static str],
    optional: &'static [&'static str],
}

/// Fields that every method which sends a message may have.
const SENDING: &[&str] = &[
    "business_connection_id",
    "message_thread_id",
    "direct_messages_topic_id",
    "parse_mode",
    "disable_notification",
    "protect_content",
    "allow_paid_broadcast",
    "message_effect_id",
    "suggested_post_parameters",
    "reply_parameters",
    "reply_markup",
];

/// The methods that are played.
const METHODS: &[Method] = &[
    Method { name: "getMe", required: &[], optional: &[] },
    Method {
        name: "getUpdates",
        required: &[],
        optional: &["offset", "limit", "timeout", "allowed_updates"],
    },
    Method {
        name: "setWebhook",
        required: &["url"],
        optional: &[
            "certificate",
            "ip_address",
            "max_connections",
            "allowed_updates",
            "drop_pending_updates",
            "secret_token",
        ],
    },
    Method { name: "deleteWebhook", required: &[], optional: &["drop_pending_updates"] },
    Method { name: "getWebhookInfo", required: &[], optional: &[] },
    Method {
        name: "sendMessage",
        required: &["chat_id", "text"],
        optional: &["entities", "link_preview_options"],
    },
    Method {
        name: "sendPhoto",
        required: &["chat_id", "photo"],
        optional: &["caption", "caption_entities", "show_caption_above_media", "has_spoiler"],
    },
    Method {
        name: "sendDocument",
        required: &["chat_id", "document"],
        optional: &["caption", "caption_entities", "thumbnail", "disable_content_type_detection"],
    },
    Method {
        name: "editMessageText",
        required: &["chat_id", "message_id", "text"],
        optional: &[
            "business_connection_id",
            "parse_mode",
            "entities",
            "link_preview_options",
            "reply_markup",
        ],
    },
    Method {
        name: "editMessageCaption",
        required: &["chat_id", "message_id"],
        optional: &[
            "business_connection_id",
            "caption",
            "parse_mode",
            "caption_entities",
            "show_caption_above_media",
            "reply_markup",
        ],
    },
    Method {
        name: "editMessageMedia",
        required: &["chat_id", "message_id", "media"],
        optional: &["business_connection_id", "reply_markup"],
    },
    Method {
        name: "answerCallbackQuery",
        required: &["callback_query_id"],
        optional: &["text", "show_alert", "url", "cache_time"],
    },
    Method {
        name: "sendChatAction",
        required: &["chat_id", "action"],
        optional: &["business_connection_id", "message_thread_id"],
    },
    Method { name: "setMyCommands", required: &["commands"], optional: &["scope", "language_code"] },
    Method { name: "getFile", required: &["file_id"], optional: &[] },
];

/// A method by its name, in any case.
pub(super) fn method(name: &str) -> Option<&'static Method> {
    METHODS.iter().find(|method| method.name.eq_ignore_ascii_case(name))
}

/// How a field is written.
#[derive(PartialEq, Eq)]
pub(super) enum Kind {
    Whole,
    Bool,
    Text,
    Object,
    List,
}

/// How a field is written in JSON; in a form everything is text, and what is no text is JSON in it.
pub(super) fn kind(field: &str) -> Kind {
    match field {
        "chat_id"
        | "message_id"
        | "message_thread_id"
        | "offset"
        | "limit"
        | "timeout"
        | "max_connections"
        | "cache_time"
        | "direct_messages_topic_id" => Kind::Whole,
        "disable_notification"
        | "protect_content"
        | "allow_paid_broadcast"
        | "show_caption_above_media"
        | "has_spoiler"
        | "show_alert"
        | "disable_content_type_detection"
        | "drop_pending_updates" => Kind::Bool,
        "reply_markup"
        | "link_preview_options"
        | "media"
        | "reply_parameters"
        | "scope"
        | "suggested_post_parameters" => Kind::Object,
        "commands" | "allowed_updates" | "entities" | "caption_entities" => Kind::List,
        _ => Kind::Text,
    }
}

impl Method {
    /// Checks the fields' names and kinds. `files` are the names of the form's files.
    pub(super) fn check(&self, fields: &Map<String, Value>, files: &[&str]) -> Result<(), String> {
        for name in self.required {
            if !fields.contains_key(*name) && !files.contains(name) {
                return Err(format!("Bad Request: {name} is missing"));
            }
        }
        let sends = matches!(self.name, "sendMessage" | "sendPhoto" | "sendDocument");
        for (name, value) in fields {
            let name = name.as_str();
            let known = self.required.contains(&name)
                || self.optional.contains(&name)
                || (sends && SENDING.contains(&name));
            if !known {
                return Err(format!("Bad Request: {} has no field {name}", self.name));
            }
            let fits = match kind(name) {
                Kind::Whole => value.is_i64() || (name == "chat_id" && value.is_string()),
                Kind::Bool => value.is_boolean(),
                Kind::Text => value.is_string(),
                Kind::Object => value.is_object(),
                Kind::List => value.is_array(),
            };
            if !fits {
                return Err(format!("Bad Request: field {name} is of the wrong kind"));
            }
        }
        Ok(())
    }
}

/// Reads words with their mark-up. `optional` words may be none, others may not.
pub(super) fn words(fields: &Map<String, Value>, name: &str, optional: bool) -> Result<Parsed, String> {
    let text = fields.get(name).and_then(Value::as_str).unwrap_or_default();
    let parsed =
        match fields.get("parse_mode").and_then(Value::as_str).map(str::to_ascii_lowercase).as_deref() {
            None | Some("") => html::unmarked(text),
            Some("html") => {
                html::parse(text).map_err(|error| format!("Bad Request: can't parse entities: {error}"))?
            }
            Some(_) => return Err("Bad Request: unsupported parse_mode".to_owned()),
        };
    // UTF-16 units, the sterner of the two readings of "characters".
    let length = parsed.plain.trim().encode_utf16().count();
    match (optional, length) {
        (false, 0) => Err("Bad Request: message text is empty".to_owned()),
        (false, length) if length > MAX_TEXT => Err("Bad Request: message is too long".to_owned()),
        (true, length) if length > MAX_CAPTION => Err("Bad Request: message caption is too long".to_owned()),
        _ => Ok(parsed),
    }
}

/// Buttons as they are shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Keys {
    pub(super) choices: Vec<ShownChoice>,
    pub(super) link: Option<String>,
}

/// Checks a keyboard. `is_inline` says that the method takes no other.
pub(super) fn markup(markup: Option<&Value>, is_private: bool, is_inline: bool) -> Result<Keys, String> {
    let Some(markup) = markup.and_then(Value::as_object) else { return Ok(Keys::default()) };
    if let Some(rows) = markup.get("inline_keyboard") {
        only(markup, &["inline_keyboard"])?;
        return inline(rows);
    }
    if is_inline {
        return Err("Bad Request: inline keyboard expected".to_owned());
    }
    if markup.get("remove_keyboard") == Some(&Value::Bool(true)) {
        only(markup, &["remove_keyboard", "selective"])?;
        return Ok(Keys::default());
    }
    let rows = markup.get("keyboard").ok_or("Bad Request: object expected as reply markup")?;
    only(
        markup,
        &[
            "keyboard",
            "is_persistent",
            "resize_keyboard",
            "one_time_keyboard",
            "input_field_placeholder",
            "selective",
        ],
    )?;
    for button in buttons(rows)? {
        only(button, &["text", "request_contact", "request_location"])?;
        label(button)?;
        for (field, words) in [
            ("request_contact", "phone number can be requested in private chats only"),
            ("request_location", "location can be requested in private chats only"),
        ] {
            if button.contains_key(field) && !is_private {
                return Err(format!("Bad Request: {words}"));
            }
        }
    }
    Ok(Keys::default())
}

fn inline(rows: &Value) -> Result<Keys, String> {
    let mut keys = Keys::default();
    for button in buttons(rows)? {
        only(button, &["text", "callback_data", "url", "icon_custom_emoji_id", "style"])?;
        let label = label(button)?.to_owned();
        match (button.get("callback_data"), button.get("url")) {
            (Some(Value::String(data)), None) => {
                if !(1..=MAX_DATA_BYTES).contains(&data.len()) {
                    return Err("Bad Request: BUTTON_DATA_INVALID".to_owned());
                }
                keys.choices.push(ShownChoice { label, data: data.clone() });
            }
            (None, Some(Value::String(url))) => {
                if !is_link(url) {
                    return Err(format!(
                        "Bad Request: inline keyboard button URL '{url}' is invalid: Wrong HTTP URL"
                    ));
                }
                keys.link = Some(url.clone());
            }
            _ => return Err("Bad Request: text buttons are unallowed in the inline keyboard".to_owned()),
        }
    }
    Ok(keys)
}

fn is_link(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.host_str().is_some_and(|host| host.contains('.') || host.starts_with('['))
    })
}

/// All buttons of a keyboard, in order.
fn buttons(rows: &Value) -> Result<Vec<&Map<String, Value>>, String> {
    let rows = rows.as_array().ok_or("Bad Request: field \"keyboard\" must be of type Array")?;
    let mut buttons = Vec::new();
    for row in rows {
        let row = row.as_array().ok_or("Bad Request: expected an Array of Arrays of buttons")?;
        if row.is_empty() || row.len() > MAX_BUTTONS_PER_ROW {
            return Err("Bad Request: a row must hold 1 to 8 buttons".to_owned());
        }
        for button in row {
            buttons.push(button.as_object().ok_or("Bad Request: a button must be an Object")?);
        }
    }
    if buttons.is_empty() || buttons.len() > MAX_BUTTONS {
        return Err("Bad Request: reply markup is too long".to_owned());
    }
    Ok(buttons)
}

fn label(button: &Map<String, Value>) -> Result<&str, String> {
    let label = button.get("text").and_then(Value::as_str).unwrap_or_default();
    if label.trim().is_empty() {
        return Err("Bad Request: keyboard button text must be non-empty".to_owned());
    }
    Ok(label)
}

fn only(object: &Map<String, Value>, known: &[&str]) -> Result<(), String> {
    match object.keys().find(|name| !known.contains(&name.as_str())) {
        Some(name) => Err(format!("Bad Request: unknown field {name}")),
        None => Ok(()),
    }
}

/// Checks a list of commands (`setMyCommands`, `BotCommand`).
pub(super) fn commands(fields: &Map<String, Value>) -> Result<(), String> {
    let list = fields.get("commands").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if list.len() > 100 {
        return Err("Bad Request: BOT_COMMANDS_TOO_MUCH".to_owned());
    }
    for command in list {
        let text = |name| command.get(name).and_then(Value::as_str).unwrap_or_default();
        let name = text("command");
        let is_name = (1..=32).contains(&name.len())
            && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if !is_name {
            return Err("Bad Request: BOT_COMMAND_INVALID".to_owned());
        }
        if !(1..=256).contains(&text("description").encode_utf16().count()) {
            return Err("Bad Request: BOT_COMMAND_DESCRIPTION_INVALID".to_owned());
        }
    }
    let language = fields.get("language_code").and_then(Value::as_str).unwrap_or_default();
    let is_language =
        language.is_empty() || (language.len() == 2 && language.bytes().all(|b| b.is_ascii_lowercase()));
    if is_language { Ok(()) } else { Err("Bad Request: invalid language code specified".to_owned()) }
}
