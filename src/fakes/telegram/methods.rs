//! What the methods do.

use serde_json::{Map, Value, json};

use super::rules::{self, Keys};
use super::state::{Message, State};

/// Bytes of a document (`sendDocument`: at most 50 MB).
const MAX_DOCUMENT_BYTES: usize = 50 * 1024 * 1024;
/// Bytes of a photo (`sendPhoto`: at most 10 MB).
const MAX_PHOTO_BYTES: usize = 10 * 1024 * 1024;
/// Width and height of a photo together, and how many times one may be the other (`sendPhoto`).
const MAX_SIDES: u32 = 10_000;
const MAX_RATIO: u32 = 20;
/// Characters of an answer to a query (`answerCallbackQuery`: 0-200).
const MAX_ANSWER: usize = 200;
/// Bytes of a file that is handed out (`getFile`: at most 20 MB).
const MAX_DOWNLOAD_BYTES: usize = 20 * 1024 * 1024;
/// What a chat can be seen doing (`sendChatAction`).
const ACTIONS: &[&str] = &[
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
];

/// Why a call is refused.
#[derive(Debug, Clone)]
pub(super) struct Refused {
    pub(super) code: u16,
    pub(super) description: String,
    pub(super) parameters: Option<Value>,
    /// Whether the call broke a rule, rather than met a state that it could not know.
    pub(super) is_our_fault: bool,
}

impl Refused {
    pub(super) fn state(code: u16, description: &str) -> Self {
        Self { code, description: description.to_owned(), parameters: None, is_our_fault: false }
    }

    fn bad(description: impl Into<String>) -> Self {
        Self { code: 400, description: description.into(), parameters: None, is_our_fault: true }
    }
}

impl From<String> for Refused {
    fn from(description: String) -> Self {
        Self::bad(description)
    }
}

/// A file of a form.
#[derive(Debug, Clone)]
pub(super) struct File {
    pub(super) part: String,
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
}

/// A call whose method is known.
pub(super) struct Call<'a> {
    pub(super) method: &'static str,
    pub(super) fields: &'a Map<String, Value>,
    pub(super) files: &'a [File],
    pub(super) bot_id: i64,
}

impl Call<'_> {
    fn text(&self, name: &str) -> &str {
        self.fields.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    fn whole(&self, name: &str) -> Option<i64> {
        self.fields.get(name)?.as_i64()
    }

    /// The chat that the call is about.
    pub(super) fn chat(&self) -> Option<i64> {
        let value = self.fields.get("chat_id")?;
        value.as_i64().or_else(|| value.as_str()?.parse().ok())
    }

    /// Whether the call shows something in a chat, and so uses up a fault.
    pub(super) fn is_send(&self) -> bool {
        self.method.starts_with("send") && self.method != "sendChatAction"
            || self.method.starts_with("editMessage")
    }

    /// Carries it out.
    pub(super) fn carry_out(&self, state: &mut State) -> Result<Value, Refused> {
        match self.method {
            "getMe" => Ok(json!({
                "id": self.bot_id,
                "is_bot": true,
                "first_name": "Warung",
                "username": state.username,
                "can_join_groups": true,
                "can_read_all_group_messages": false,
                "supports_inline_queries": false,
            })),
            "setWebhook" => self.set_webhook(state),
            "deleteWebhook" => {
                state.webhook = None;
                if self.fields.get("drop_pending_updates") == Some(&Value::Bool(true)) {
                    state.updates.clear();
                }
                Ok(Value::Bool(true))
            }
            "getWebhookInfo" => Ok(json!({
                "url": state.webhook.clone().unwrap_or_default(),
                "has_custom_certificate": false,
                "pending_update_count": state.updates.len(),
            })),
            "sendMessage" | "sendPhoto" | "sendDocument" => self.send(state),
            "editMessageText" | "editMessageCaption" | "editMessageMedia" => self.edit(state),
            "answerCallbackQuery" => self.answer(state),
            "sendChatAction" => {
                self.place(state)?;
                if ACTIONS.contains(&self.text("action")) {
                    Ok(Value::Bool(true))
                } else {
                    Err(Refused::bad("Bad Request: wrong parameter action in request"))
                }
            }
            "setMyCommands" => {
                rules::commands(self.fields)?;
                let list = self.fields.get("commands").cloned().unwrap_or_default();
                state.commands.insert(self.text("language_code").to_owned(), list);
                Ok(Value::Bool(true))
            }
            "getFile" => self.file(state),
            _ => Err(Refused::state(404, "Not Found")),
        }
    }

    fn set_webhook(&self, state: &mut State) -> Result<Value, Refused> {
        let url = self.text("url");
        let secret = self.text("secret_token");
        let is_secret = secret.len() <= 256
            && secret.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
        if !is_secret {
            return Err(Refused::bad("Bad Request: secret token contains unallowed characters"));
        }
        let ports = ["", ":443", ":80", ":88", ":8443"];
        let host = url.strip_prefix("https://").and_then(|rest| rest.split('/').next());
        let port = host.map(|host| host.find(':').map_or("", |at| &host[at..]));
        if !url.is_empty() && !port.is_some_and(|port| ports.contains(&port)) {
            return Err(Refused::bad(
                "Bad Request: bad webhook: an HTTPS URL on port 443, 80, 88 or 8443 is needed",
            ));
        }
        if self.whole("max_connections").is_some_and(|count| !(1..=100).contains(&count)) {
            return Err(Refused::bad("Bad Request: max_connections must be 1 to 100"));
        }
        state.webhook = Some(url.to_owned()).filter(|url| !url.is_empty());
        if !secret.is_empty() {
            secret.clone_into(&mut state.secret);
        }
        Ok(Value::Bool(true))
    }

    /// The chat, when there is such a one.
    fn place(&self, state: &State) -> Result<i64, Refused> {
        let chat = self.chat().filter(|chat| *chat != 0);
        let chat = chat.ok_or_else(|| Refused::bad("Bad Request: chat not found"))?;
        match state.moved.get(&chat) {
            None => Ok(chat),
            Some(to) => Err(Refused {
                parameters: Some(json!({ "migrate_to_chat_id": to })),
                ..Refused::state(400, "Bad Request: group chat was upgraded to a supergroup chat")
            }),
        }
    }

    fn send(&self, state: &mut State) -> Result<Value, Refused> {
        let chat = self.place(state)?;
        let has_photo = self.method == "sendPhoto";
        let has_file = has_photo || self.method == "sendDocument";
        let words = rules::words(self.fields, if has_file { "caption" } else { "text" }, has_file)?;
        let markup = self.fields.get("reply_markup");
        let keys = rules::markup(markup, chat > 0, false)?;
        let photo = if has_photo {
            let named = self.fields.get("photo").and_then(Value::as_str);
            Some(self.photo(state, named.unwrap_or("attach://photo"))?)
        } else {
            None
        };
        let document = if self.method == "sendDocument" { Some(self.document(state)?) } else { None };
        let id = state.next_message_id();
        let topic = self.whole("message_thread_id");
        let message = Message { id, words, photo, document, keys, markup: markup.cloned(), topic };
        Ok(self.put(state, chat, message, false))
    }

    fn put(&self, state: &mut State, chat: i64, message: Message, is_edit: bool) -> Value {
        state.show(chat, &message, is_edit);
        let described = state.describe(chat, &message, self.bot_id);
        state.chats.entry(chat).or_default().insert(message.id, message);
        described
    }

    /// The id of a document that was uploaded with the call, or is kept.
    fn document(&self, state: &mut State) -> Result<String, Refused> {
        let named = self.fields.get("document").and_then(Value::as_str).unwrap_or("attach://document");
        let Some(part) = named.strip_prefix("attach://") else {
            let is_document = state.names.contains_key(named) && state.files.contains_key(named);
            let words = "Bad Request: wrong file identifier/HTTP URL specified";
            return is_document.then(|| named.to_owned()).ok_or_else(|| Refused::state(400, words));
        };
        let file = self.files.iter().find(|file| file.part == part);
        let file = file.ok_or_else(|| Refused::bad("Bad Request: there is no document in the request"))?;
        if file.bytes.is_empty() {
            return Err(Refused::bad("Bad Request: file must be non-empty"));
        }
        if file.bytes.len() > MAX_DOCUMENT_BYTES {
            return Err(Refused { code: 413, ..Refused::bad("Request Entity Too Large") });
        }
        let id = state.keep(file.bytes.clone());
        state.names.insert(id.clone(), file.name.clone());
        Ok(id)
    }

    /// The id of a photo that was uploaded with the call, or is kept, or is fetched from an address.
    fn photo(&self, state: &mut State, named: &str) -> Result<String, Refused> {
        if let Some(part) = named.strip_prefix("attach://") {
            let file = self.files.iter().find(|file| file.part == part);
            let file = file.ok_or_else(|| Refused::bad("Bad Request: there is no photo in the request"))?;
            if file.bytes.is_empty() {
                return Err(Refused::bad("Bad Request: file must be non-empty"));
            }
            if file.bytes.len() > MAX_PHOTO_BYTES {
                return Err(Refused { code: 413, ..Refused::bad("Request Entity Too Large") });
            }
            check_sides(&file.bytes)?;
            return Ok(state.keep(file.bytes.clone()));
        }
        if state.files.contains_key(named) && !state.names.contains_key(named) {
            return Ok(named.to_owned());
        }
        if named.starts_with("https://") || named.starts_with("http://") {
            return Ok(state.keep(Vec::new()));
        }
        let words = "Bad Request: wrong file identifier/HTTP URL specified";
        Err(Refused::state(400, words))
    }

    fn edit(&self, state: &mut State) -> Result<Value, Refused> {
        let chat = self.place(state)?;
        let id = self.whole("message_id").unwrap_or_default();
        let old = state.chats.get(&chat).and_then(|messages| messages.get(&id)).cloned();
        let old = old.ok_or_else(|| Refused::state(400, "Bad Request: message to edit not found"))?;
        let markup = self.fields.get("reply_markup");
        let keys: Keys = rules::markup(markup, chat > 0, true)?;
        let (words, photo) = match self.method {
            "editMessageText" => {
                let words = rules::words(self.fields, "text", false)?;
                if old.photo.is_some() || old.document.is_some() {
                    return Err(Refused::bad("Bad Request: there is no text in the message to edit"));
                }
                (words, None)
            }
            "editMessageCaption" => {
                let words = rules::words(self.fields, "caption", true)?;
                if old.photo.is_none() {
                    return Err(Refused::bad("Bad Request: there is no caption in the message to edit"));
                }
                (words, old.photo.clone())
            }
            _ => {
                let none = Map::new();
                let media = self.fields.get("media").and_then(Value::as_object).unwrap_or(&none);
                let known = ["type", "media", "caption", "parse_mode", "caption_entities", "has_spoiler"];
                if let Some(name) = media.keys().find(|name| !known.contains(&name.as_str())) {
                    return Err(Refused::bad(format!("Bad Request: unknown field {name}")));
                }
                let text = |name| media.get(name).and_then(Value::as_str).unwrap_or_default();
                if text("type") != "photo" {
                    return Err(Refused::bad("Bad Request: type of the media is not played here"));
                }
                (rules::words(media, "caption", true)?, Some(self.photo(state, text("media"))?))
            }
        };
        let is_same = words.plain.trim() == old.words.plain.trim()
            && words.marked.trim() == old.words.marked.trim()
            && keys == old.keys
            && photo == old.photo;
        if is_same {
            let words = "Bad Request: message is not modified: specified new message content and reply markup are \
                         exactly the same as a current content and reply markup of the message";
            return Err(Refused::state(400, words));
        }
        let message = Message { words, photo, keys, markup: markup.cloned(), ..old };
        Ok(self.put(state, chat, message, true))
    }

    fn answer(&self, state: &mut State) -> Result<Value, Refused> {
        if self.text("text").encode_utf16().count() > MAX_ANSWER {
            return Err(Refused::bad("Bad Request: MESSAGE_TOO_LONG"));
        }
        let id = self.text("callback_query_id");
        if state.queries.remove(id) {
            state.answered.push(id.to_owned());
            return Ok(Value::Bool(true));
        }
        let words = "Bad Request: query is too old and response timeout expired or query ID is invalid";
        Err(Refused::state(400, words))
    }

    fn file(&self, state: &State) -> Result<Value, Refused> {
        let id = self.text("file_id");
        let bytes = state.files.get(id).ok_or_else(|| Refused::state(400, "Bad Request: invalid file_id"))?;
        if bytes.len() > MAX_DOWNLOAD_BYTES {
            return Err(Refused::state(400, "Bad Request: file is too big"));
        }
        Ok(json!({
            "file_id": id,
            "file_unique_id": format!("q{id}"),
            "file_size": bytes.len(),
            "file_path": format!("photos/{id}.jpg"),
        }))
    }
}

/// Checks what a picture is and how large it is drawn.
fn check_sides(bytes: &[u8]) -> Result<(), Refused> {
    let is_jpeg = bytes.starts_with(&[0xff, 0xd8, 0xff]);
    let is_png = bytes.starts_with(b"\x89PNG\r\n\x1a\n");
    if !is_jpeg && !is_png {
        return Err(Refused::bad("Bad Request: IMAGE_PROCESS_FAILED"));
    }
    let side = |at: usize| Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    // The sides of a PNG stand in its first chunk; those of a JPEG would have to be searched for.
    if let (true, Some(width), Some(height)) = (is_png, side(16), side(20)) {
        let (short, long) = (width.min(height), width.max(height));
        let is_fine =
            short > 0 && width.saturating_add(height) <= MAX_SIDES && long <= short.saturating_mul(MAX_RATIO);
        if !is_fine {
            return Err(Refused::bad("Bad Request: PHOTO_INVALID_DIMENSIONS"));
        }
    }
    Ok(())
}
