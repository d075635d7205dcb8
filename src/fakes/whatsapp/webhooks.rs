//! What the platform tells the shop: messages, echoes, moves and statuses, signed as it signs them.

use std::fmt::Write as _;

use base64::Engine;
use serde_json::{Value, json};

use super::chats::Pressable;
use super::rules::{Message, is_user_id};
use super::{DISPLAY_NUMBER, Fake, chat_key, files, refusal};
use crate::domain::message::{Content, FileRef, MediaKind};
use crate::edge::webhook::{WebhookRequest, hmac_sha256_hex};
use crate::fakes::Person;

/// The smallest picture that is one: what people send when nobody has kept anything for them.
const DOT_PNG: &[u8] = &[
    0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, b'I', b'H', b'D', b'R', 0, 0, 0, 1, 0, 0, 0,
    1, 8, 6, 0, 0, 0, 0x1f, 0x15, 0xc4, 0x89, 0, 0, 0, 13, b'I', b'D', b'A', b'T', 0x78, 0x9c, 0x63, 0, 1, 0,
    0, 5, 0, 1, 0x0d, 0x0a, 0x2d, 0xb4, 0, 0, 0, 0, b'I', b'E', b'N', b'D', 0xae, 0x42, 0x60, 0x82,
];
/// The business account that the number belongs to.
const BUSINESS_ACCOUNT: &str = "102290129340398";

/// The platform's id of a message, the same for the same event.
pub(super) fn wamid_of(id: &str) -> String {
    let inner = format!("fake:{id}");
    format!("wamid.{}", base64::engine::general_purpose::STANDARD.encode(inner))
}

/// Names of a person, of which the platform tells some.
struct Names {
    user_id: Option<String>,
    phone: Option<String>,
}

impl Names {
    fn of(person: &Person) -> Self {
        let chat = chat_key(&person.chat);
        if is_user_id(&chat) {
            Self { user_id: Some(chat), phone: person.phone.as_deref().map(chat_key) }
        } else {
            Self { user_id: None, phone: Some(chat) }
        }
    }

    /// Writes the names that there are under their fields.
    fn write(&self, value: &mut Value, phone_field: &str, id_field: &str) {
        for (field, name) in [(phone_field, &self.phone), (id_field, &self.user_id)] {
            if let Some(name) = name {
                value[field] = json!(name);
            }
        }
    }
}

impl Fake {
    pub(super) fn tell(&self, person: &Person, id: &str, content: &Content) -> WebhookRequest {
        let wamid = wamid_of(id);
        let chat = chat_key(&person.chat);
        let at = {
            let mut state = self.lock();
            let now = state.moment();
            // What comes again keeps its moment.
            let at = *state.heard.entry(wamid.clone()).or_insert(now);
            let last = state.last_heard.entry(chat.clone()).or_insert(at);
            *last = at.max(*last);
            at
        };
        let names = Names::of(person);
        let mut contact = json!({"profile": {"name": person.name.clone().unwrap_or_default()}});
        names.write(&mut contact, "wa_id", "user_id");
        let mut message = json!({"id": wamid, "timestamp": at.timestamp().to_string()});
        names.write(&mut message, "from", "from_user_id");
        self.write_content(&mut message, &chat, id, content);
        self.signed("messages", &json!({"contacts": [contact], "messages": [message]}))
    }

    fn write_content(&self, message: &mut Value, chat: &str, id: &str, content: &Content) {
        let (kind, part) = match content {
            Content::Text { text } => ("text", json!({"body": text})),
            Content::Press { data } => {
                message["context"] = json!({"from": chat_key(DISPLAY_NUMBER), "id": wamid_of("prompt")});
                self.pressed(chat, data)
            }
            Content::Location { latitude, longitude, name } => {
                let degrees = |text: &str| text.parse::<f64>().map_or(json!(text), |number| json!(number));
                let mut place = json!({"latitude": degrees(latitude), "longitude": degrees(longitude)});
                if let Some(name) = name {
                    place["name"] = json!(name);
                }
                ("location", place)
            }
            Content::Media { media: MediaKind::Contact, .. } => {
                message["contacts"] = json!([{
                    "name": {"formatted_name": "Somebody Else", "first_name": "Somebody"},
                    "phones": [{"phone": "+62 899-0000-0002", "wa_id": "6289900000002", "type": "CELL"}],
                }]);
                message["type"] = json!("contacts");
                return;
            }
            Content::Media { media, caption, file } => {
                self.file_part(id, *media, caption.as_ref(), file.as_ref())
            }
            Content::Order { items, note } => {
                let item = |item: &crate::domain::message::OrderedItem| {
                    json!({
                        "product_retailer_id": item.code,
                        "quantity": item.unclear.as_ref().map_or_else(|| json!(item.quantity), |written| json!(written)),
                        "item_price": 1,
                        "currency": "IDR",
                    })
                };
                let items: Vec<Value> = items.iter().map(item).collect();
                ("order", json!({"catalog_id": "194836987003835", "text": note, "product_items": items}))
            }
            Content::Phone { phone } => {
                message["origin"] = json!("contact_request/other");
                message["contacts"] = json!([{"phones": [{"phone": phone}]}]);
                message["type"] = json!("contacts");
                return;
            }
            Content::Edited { text } => {
                let inner = json!({"type": "text", "text": {"body": text}});
                ("edit", json!({"original_message_id": wamid_of("original"), "message": inner}))
            }
            Content::Silent => ("reaction", json!({"message_id": wamid_of("prompt"), "emoji": "\u{1f44d}"})),
            Content::Unknown => {
                message["errors"] = json!([{
                    "code": 131_051,
                    "title": "Message type unknown",
                    "message": "Message type unknown",
                    "error_data": {"details": "Message type is currently not supported."},
                }]);
                ("unsupported", json!({"type": "poll_creation"}))
            }
        };
        message["type"] = json!(kind);
        message[kind] = part;
    }

    /// A press of what the chat shows: a button, a row of a list, a quick reply of a template.
    fn pressed(&self, chat: &str, data: &str) -> (&'static str, Value) {
        let state = self.lock();
        let pressed = state.pressable.get(&(chat.to_owned(), data.to_owned()));
        let (kind, title) = pressed.cloned().unwrap_or((Pressable::Reply, "?".to_owned()));
        let reply = json!({"id": data, "title": title});
        match kind {
            Pressable::Reply => ("interactive", json!({"type": "button_reply", "button_reply": reply})),
            Pressable::Row => ("interactive", json!({"type": "list_reply", "list_reply": reply})),
            Pressable::Template => ("button", json!({"payload": data, "text": title})),
        }
    }

    fn file_part(
        &self,
        id: &str,
        media: MediaKind,
        caption: Option<&String>,
        file: Option<&FileRef>,
    ) -> (&'static str, Value) {
        let (kind, usual) = match media {
            MediaKind::Image => ("image", "image/png"),
            MediaKind::Audio => ("audio", "audio/ogg; codecs=opus"),
            MediaKind::Video => ("video", "video/mp4"),
            MediaKind::Sticker => ("sticker", "image/webp"),
            MediaKind::Document | MediaKind::Contact => ("document", "application/pdf"),
        };
        let mime = file.and_then(|file| file.mime.clone()).unwrap_or_else(|| usual.to_owned());
        // Ids of files are digits; the event's id makes them the same at every telling.
        let digits = id.bytes().fold(0_u64, |sum, byte| sum.wrapping_mul(257).wrapping_add(u64::from(byte)));
        let file_id = file.map_or_else(|| format!("7{digits}"), |file| file.id.clone());
        let kept = {
            let mut state = self.lock();
            let now = state.moment();
            let new = || files::File::new(&mime, DOT_PNG.to_vec(), now, false);
            state.files.entry(file_id.clone()).or_insert_with(new).clone()
        };
        let mut part = json!({"id": file_id, "mime_type": kept.mime, "sha256": kept.sha256()});
        if let Some(caption) = caption {
            part["caption"] = json!(caption);
        }
        match kind {
            "audio" => part["voice"] = json!(true),
            "sticker" => part["animated"] = json!(false),
            "document" => part["filename"] = json!("berkas.pdf"),
            _ => {}
        }
        (kind, part)
    }

    /// The owner writes to somebody with the platform's app.
    pub fn echoed(&self, person: &Person, id: &str, text: &str) -> WebhookRequest {
        let at = self.lock().moment().timestamp().to_string();
        let mut echo = json!({
            "from": chat_key(DISPLAY_NUMBER),
            "id": wamid_of(id),
            "timestamp": at,
            "type": "text",
            "text": {"body": text},
        });
        Names::of(person).write(&mut echo, "to", "to_user_id");
        self.signed("smb_message_echoes", &json!({"message_echoes": [echo]}))
    }

    /// Somebody has another number, and with it another id.
    pub fn moved(&self, before: &Person, after: &Person, id: &str) -> WebhookRequest {
        let (old, new) = (Names::of(before), Names::of(after));
        let changed = if new.phone.is_some() { "user_changed_number" } else { "user_changed_user_id" };
        let mut system = json!({"type": changed, "body": "User changed"});
        new.write(&mut system, "wa_id", "user_id");
        if let Some(user_id) = &old.user_id {
            system["previous_user_id"] = json!(user_id);
        }
        let at = self.lock().moment().timestamp().to_string();
        let mut message = json!({"id": wamid_of(id), "timestamp": at, "type": "system", "system": system});
        old.write(&mut message, "from", "from_user_id");
        self.signed("messages", &json!({"messages": [message]}))
    }

    /// What became of a message of the shop.
    pub(super) fn report(
        &self,
        message: &Message,
        id: &str,
        state: &str,
        fails: Option<i64>,
    ) -> WebhookRequest {
        let at = self.lock().moment().timestamp().to_string();
        let mut status = json!({"id": id, "status": state, "timestamp": at});
        let field = if message.is_user_id { "recipient_user_id" } else { "recipient_id" };
        status[field] = json!(chat_key(&message.to));
        if let Some(opaque) = &message.opaque {
            status["biz_opaque_callback_data"] = json!(opaque);
        }
        if let Some(code) = fails {
            status["errors"] = json!([{
                "code": code,
                "title": refusal::title(code),
                "message": refusal::title(code),
                "error_data": {"details": "as it was asked to"},
                "href": "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/",
            }]);
        } else {
            status["conversation"] = json!({"id": "fake", "origin": {"type": "service"}});
            status["pricing"] = json!({"billable": false, "pricing_model": "PMP", "category": "service", "type": "free_customer_service"});
        }
        self.signed("messages", &json!({"statuses": [status]}))
    }

    /// One request with everything that several tell, as the platform batches.
    pub fn batched(&self, requests: &[WebhookRequest]) -> WebhookRequest {
        let bodies =
            requests.iter().filter_map(|request| serde_json::from_slice::<Value>(&request.body).ok());
        let entries: Vec<Value> =
            bodies.filter_map(|body| body["entry"].as_array().cloned()).flatten().collect();
        self.sign(&json!({"object": "whatsapp_business_account", "entry": entries}))
    }

    fn signed(&self, field: &str, news: &Value) -> WebhookRequest {
        let mut value = json!({
            "messaging_product": "whatsapp",
            "metadata": {
                "display_phone_number": chat_key(DISPLAY_NUMBER),
                "phone_number_id": self.phone_number_id,
            },
        });
        for (name, part) in news.as_object().into_iter().flatten() {
            value[name] = part.clone();
        }
        let change = json!({"value": value, "field": field});
        let entry = json!({"id": BUSINESS_ACCOUNT, "changes": [change]});
        self.sign(&json!({"object": "whatsapp_business_account", "entry": [entry]}))
    }

    /// A body as the platform writes and signs it: everything beyond ASCII escaped, slashes too.
    pub fn sign(&self, body: &Value) -> WebhookRequest {
        let body = escape(&body.to_string()).into_bytes();
        let signature = format!("sha256={}", hmac_sha256_hex(self.app_secret.as_bytes(), &body));
        WebhookRequest {
            headers: vec![
                ("content-type".to_owned(), "application/json".to_owned()),
                ("x-hub-signature-256".to_owned(), signature),
            ],
            body,
        }
    }
}

/// JSON in ASCII. Outside of texts JSON has neither slashes nor letters beyond ASCII, so all of them may be escaped.
fn escape(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '/' => escaped.push_str("\\/"),
            c if c.is_ascii() => escaped.push(c),
            c => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    // Writing to a text cannot fail.
                    let _ = write!(escaped, "\\u{unit:04x}");
                }
            }
        }
    }
    escaped
}
