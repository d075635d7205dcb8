//! What the platform refuses in messages, components and forms.
//!
//! Sources: `resources/message.mdx`, `components/reference.mdx`, `interactions/receiving-and-responding.mdx`.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

/// A refusal, as the platform words it.
#[derive(Debug, Clone)]
pub struct Refusal {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: Value,
    /// Which rule was broken, for those who read tests.
    pub why: String,
}

impl Refusal {
    /// A refusal with the platform's code.
    pub fn new(status: u16, code: i64, message: &str) -> Self {
        Self { status, body: json!({ "message": message, "code": code }), why: format!("{code} {message}") }
    }

    /// A form with a wrong field.
    pub fn form(field: &str, why: &str) -> Self {
        let errors = json!({ field: { "_errors": [{ "code": "BASE_TYPE_INVALID", "message": why }] } });
        Self {
            status: 400,
            body: json!({ "code": 50_035, "message": "Invalid Form Body", "errors": errors }),
            why: format!("50035 {field}: {why}"),
        }
    }
}

type Check = Result<(), Refusal>;

/// Fields of a message in a channel.
pub const MESSAGE: &[&str] = &[
    "content",
    "nonce",
    "enforce_nonce",
    "tts",
    "embeds",
    "allowed_mentions",
    "message_reference",
    "components",
    "sticker_ids",
    "attachments",
    "flags",
    "poll",
];
/// Fields of a webhook's message.
pub const WEBHOOK: &[&str] = &[
    "content",
    "username",
    "avatar_url",
    "tts",
    "embeds",
    "allowed_mentions",
    "components",
    "attachments",
    "flags",
    "thread_name",
    "applied_tags",
    "poll",
];
/// Fields of a change of a message.
pub const EDIT: &[&str] =
    &["content", "embeds", "flags", "allowed_mentions", "components", "attachments", "poll"];
/// Fields of a message as a first response.
pub const RESPONSE: &[&str] =
    &["tts", "content", "embeds", "allowed_mentions", "flags", "components", "attachments", "poll"];

/// Length as the strictest reader counts.
pub fn length(text: &str) -> usize {
    text.encode_utf16().count()
}

/// An object with no other fields than these.
pub fn object<'a>(value: &'a Value, field: &str, known: &[&str]) -> Result<&'a Map<String, Value>, Refusal> {
    let object = value.as_object().ok_or_else(|| Refusal::form(field, "Must be an object"))?;
    match object.keys().find(|key| !known.contains(&key.as_str())) {
        Some(key) => Err(Refusal::form(key, "Unknown field")),
        None => Ok(object),
    }
}

/// A text within bounds; nothing where it may be missing and is.
pub fn text<'a>(
    object: &'a Map<String, Value>,
    field: &str,
    min: usize,
    max: usize,
    is_required: bool,
) -> Result<Option<&'a str>, Refusal> {
    match object.get(field) {
        None | Some(Value::Null) if !is_required => Ok(None),
        Some(Value::String(text)) if (min..=max).contains(&length(text)) => Ok(Some(text)),
        Some(Value::String(_)) => {
            Err(Refusal::form(field, &format!("Must be between {min} and {max} in length.")))
        }
        _ => Err(Refusal::form(field, "This field is required")),
    }
}

fn flag(object: &Map<String, Value>, field: &str) -> Check {
    match object.get(field) {
        None | Some(Value::Null | Value::Bool(_)) => Ok(()),
        Some(_) => Err(Refusal::form(field, "Must be either true or false.")),
    }
}

/// A list of at most `max`; empty where it is missing.
pub fn list<'a>(object: &'a Map<String, Value>, field: &str, max: usize) -> Result<&'a [Value], Refusal> {
    match object.get(field) {
        None | Some(Value::Null) => Ok(&[]),
        Some(Value::Array(list)) if list.len() <= max => Ok(list),
        Some(_) => Err(Refusal::form(field, &format!("Must be {max} or fewer in length."))),
    }
}

/// A message's body, with the names of the files that come with it.
pub fn message<'a>(
    body: &'a Value,
    known: &[&str],
    files: &[String],
) -> Result<&'a Map<String, Value>, Refusal> {
    let object = object(body, "message", known)?;
    text(object, "content", 0, 2_000, false)?;
    flag(object, "tts")?;
    flag(object, "enforce_nonce")?;
    match object.get("nonce") {
        None | Some(Value::Null | Value::Number(_)) => {}
        Some(Value::String(nonce)) if length(nonce) <= 25 => {}
        Some(_) => return Err(Refusal::form("nonce", "Must be 25 or fewer in length.")),
    }
    if let Some(flags) = object.get("flags").filter(|flags| !flags.is_null()) {
        // SUPPRESS_EMBEDS, EPHEMERAL, SUPPRESS_NOTIFICATIONS.
        let allowed = 1 << 2 | 1 << 6 | 1 << 12;
        if flags.as_u64().is_none_or(|flags| flags & !allowed != 0) {
            return Err(Refusal::form("flags", "Invalid flags"));
        }
    }
    if let Some(mentions) = object.get("allowed_mentions").filter(|mentions| !mentions.is_null()) {
        allowed_mentions(mentions)?;
    }
    attachments(object, files)?;
    embeds(object, files)?;
    components(object)?;
    Ok(object)
}

/// Whether a message shows anything.
pub fn is_empty(body: &Map<String, Value>, has_files: bool) -> bool {
    let has_text = body.get("content").and_then(Value::as_str).is_some_and(|text| !text.trim().is_empty());
    let has = |field: &str| body.get(field).and_then(Value::as_array).is_some_and(|list| !list.is_empty());
    !(has_text || has_files || has("embeds") || has("components") || has("sticker_ids") || has("attachments"))
}

fn allowed_mentions(value: &Value) -> Check {
    let mentions = object(value, "allowed_mentions", &["parse", "roles", "users", "replied_user"])?;
    for kind in list(mentions, "parse", 3)? {
        if !matches!(kind.as_str(), Some("roles" | "users" | "everyone")) {
            return Err(Refusal::form("parse", "Value must be one of ('roles', 'users', 'everyone')."));
        }
    }
    Ok(())
}

fn attachments(body: &Map<String, Value>, files: &[String]) -> Check {
    let listed = list(body, "attachments", 10)?;
    for attachment in listed {
        let known =
            ["id", "filename", "title", "description", "duration_secs", "waveform", "flags", "is_spoiler"];
        let attachment = object(attachment, "attachments", &known)?;
        let id = match attachment.get("id") {
            Some(Value::Number(id)) => id.as_u64(),
            Some(Value::String(id)) => id.parse().ok(),
            _ => None,
        };
        let id = id.ok_or_else(|| Refusal::form("attachments", "id is required"))?;
        text(attachment, "description", 0, 1_024, false)?;
        // A small number refers to a file of this request, a large one to an attachment that stays.
        if id < 10 && usize::try_from(id).map_or(true, |id| id >= files.len()) {
            return Err(Refusal::form("attachments", "no such file in the request"));
        }
    }
    if files.len() > 10 {
        return Err(Refusal::new(400, 30_015, "Maximum number of attachments in a message reached (10)"));
    }
    Ok(())
}

fn embeds(body: &Map<String, Value>, files: &[String]) -> Check {
    let mut sum = 0;
    for embed in list(body, "embeds", 10)? {
        let known = [
            "title",
            "type",
            "description",
            "url",
            "timestamp",
            "color",
            "footer",
            "image",
            "thumbnail",
            "video",
            "provider",
            "author",
            "fields",
        ];
        let embed = object(embed, "embeds", &known)?;
        for (field, max) in [("title", 256), ("description", 4_096)] {
            sum += text(embed, field, 1, max, false)?.map_or(0, length);
        }
        for (outer, inner, max) in [("footer", "text", 2_048), ("author", "name", 256)] {
            if let Some(part) = embed.get(outer).and_then(Value::as_object) {
                sum += text(part, inner, 1, max, true)?.map_or(0, length);
            }
        }
        for field in list(embed, "fields", 25)? {
            let field = object(field, "fields", &["name", "value", "inline"])?;
            sum += text(field, "name", 1, 256, true)?.map_or(0, length);
            sum += text(field, "value", 1, 1_024, true)?.map_or(0, length);
        }
        for field in ["image", "thumbnail"] {
            let Some(part) = embed.get(field).and_then(Value::as_object) else { continue };
            let url = text(part, "url", 1, 2_048, true)?.unwrap_or_default();
            if let Some(name) = url.strip_prefix("attachment://") {
                if !files.iter().any(|file| file == name) {
                    return Err(Refusal::form(field, "the attachment is not in the request"));
                }
            } else if !url.starts_with("https://") && !url.starts_with("http://") {
                return Err(Refusal::form(field, "Scheme must be one of ('http', 'https')."));
            }
        }
        if ["title", "description", "image", "thumbnail", "fields", "footer", "author"]
            .iter()
            .all(|field| !embed.contains_key(*field))
        {
            return Err(Refusal::form("embeds", "an embed must show something"));
        }
    }
    if sum > 6_000 {
        return Err(Refusal::form("embeds", "Embed size exceeds maximum size of 6000"));
    }
    Ok(())
}

fn components(body: &Map<String, Value>) -> Check {
    let mut ids = BTreeSet::new();
    for row in list(body, "components", 5)? {
        let row = object(row, "components", &["type", "id", "components"])?;
        if row.get("type").and_then(Value::as_u64) != Some(1) {
            return Err(Refusal::form("components", "the top level holds action rows"));
        }
        let parts = list(row, "components", 5)?;
        let kinds: Vec<u64> =
            parts.iter().filter_map(|part| part.get("type").and_then(Value::as_u64)).collect();
        let is_buttons = !kinds.is_empty() && kinds.iter().all(|kind| *kind == 2);
        if kinds.len() != parts.len() || !(is_buttons || kinds == [3]) {
            return Err(Refusal::form("components", "a row holds one to five buttons or one select"));
        }
        for part in parts {
            let id = if is_buttons { button(part)? } else { Some(select(part)?) };
            if id.is_some_and(|id| !ids.insert(id)) {
                return Err(Refusal::form("custom_id", "Component custom id cannot be duplicated"));
            }
        }
    }
    Ok(())
}

fn button(part: &Value) -> Result<Option<String>, Refusal> {
    let known = ["type", "id", "style", "label", "emoji", "custom_id", "sku_id", "url", "disabled"];
    let button = object(part, "components", &known)?;
    flag(button, "disabled")?;
    let label = text(button, "label", 1, 80, false)?;
    if label.is_none_or(|label| label.trim().is_empty()) && !button.get("emoji").is_some_and(Value::is_object)
    {
        return Err(Refusal::form("label", "A button needs a label or an emoji"));
    }
    match button.get("style").and_then(Value::as_u64) {
        Some(1..=4) if !button.contains_key("url") => {
            Ok(text(button, "custom_id", 1, 100, true)?.map(str::to_owned))
        }
        Some(5) if !button.contains_key("custom_id") => {
            let url = text(button, "url", 1, 512, true)?.unwrap_or_default();
            let has_host = reqwest::Url::parse(url)
                .is_ok_and(|url| matches!(url.scheme(), "http" | "https" | "discord") && url.has_host());
            if has_host { Ok(None) } else { Err(Refusal::form("url", "Not a well formed URL.")) }
        }
        _ => Err(Refusal::form("style", "the style does not go with the other fields")),
    }
}

fn select(part: &Value) -> Result<String, Refusal> {
    let known = [
        "type",
        "id",
        "custom_id",
        "options",
        "placeholder",
        "min_values",
        "max_values",
        "disabled",
        "required",
    ];
    let select = object(part, "components", &known)?;
    text(select, "placeholder", 0, 150, false)?;
    let options = list(select, "options", 25)?;
    if options.is_empty() {
        return Err(Refusal::form("options", "Must be between 1 and 25 in length."));
    }
    let mut values = BTreeSet::new();
    for option in options {
        let option = object(option, "options", &["label", "value", "description", "emoji", "default"])?;
        text(option, "label", 1, 100, true)?;
        text(option, "description", 1, 100, false)?;
        let value = text(option, "value", 1, 100, true)?.unwrap_or_default();
        if !values.insert(value) {
            return Err(Refusal::form("options", "The specified option value is already used"));
        }
    }
    Ok(text(select, "custom_id", 1, 100, true)?.unwrap_or_default().to_owned())
}

/// A form.
pub fn modal(data: &Value) -> Check {
    let modal = object(data, "data", &["custom_id", "title", "components"])?;
    text(modal, "custom_id", 1, 100, true)?;
    text(modal, "title", 1, 45, true)?;
    let parts = list(modal, "components", 5)?;
    if parts.is_empty() {
        return Err(Refusal::form("components", "Must be between 1 and 5 in length."));
    }
    let mut ids = BTreeSet::new();
    for part in parts {
        let (input, has_own_label) = match part.get("type").and_then(Value::as_u64) {
            Some(1) => {
                let row = object(part, "components", &["type", "id", "components"])?;
                let [input] = list(row, "components", 5)? else {
                    return Err(Refusal::form("components", "a row of a form holds one text input"));
                };
                (input, true)
            }
            Some(18) => {
                let label = object(part, "components", &["type", "id", "label", "description", "component"])?;
                text(label, "label", 1, 45, true)?;
                text(label, "description", 0, 100, false)?;
                (label.get("component").unwrap_or(&Value::Null), false)
            }
            _ => return Err(Refusal::form("components", "a form holds rows and labels")),
        };
        let known = [
            "type",
            "id",
            "custom_id",
            "style",
            "label",
            "min_length",
            "max_length",
            "required",
            "value",
            "placeholder",
        ];
        let input = object(input, "components", &known)?;
        if input.get("type").and_then(Value::as_u64) != Some(4) {
            return Err(Refusal::form("components", "a form holds text inputs"));
        }
        if !matches!(input.get("style").and_then(Value::as_u64), Some(1 | 2)) {
            return Err(Refusal::form("style", "Value must be one of {1, 2}."));
        }
        text(input, "label", 1, 45, has_own_label)?;
        text(input, "placeholder", 0, 100, false)?;
        text(input, "value", 0, 4_000, false)?;
        flag(input, "required")?;
        for (field, min) in [("min_length", 0), ("max_length", 1)] {
            if input.get(field).is_some_and(|n| n.as_u64().is_none_or(|n| !(min..=4_000).contains(&n))) {
                return Err(Refusal::form(field, "out of range"));
            }
        }
        if !ids.insert(text(input, "custom_id", 1, 100, true)?) {
            return Err(Refusal::form("custom_id", "Component custom id cannot be duplicated"));
        }
    }
    Ok(())
}
