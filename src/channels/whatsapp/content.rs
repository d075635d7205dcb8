//! What a person sent: one message of a webhook, by its type.
//!
//! Types and their fields: Meta, "Messages webhook reference". Everything is optional here, because fields come and go
//! by version, by the sender's device and by who relays.

use serde_json::Value;

use super::identity::phone_digits;
use super::lenient::{as_text, bounded, each, id, text, whole, words};
use crate::domain::message::{Content, FileRef, MAX_ORDERED_ITEMS, MAX_TEXT_CHARS, MediaKind, OrderedItem};

/// Characters of a text that are kept: one more than is read, so that the cut is noticed.
const KEPT_CHARS: usize = MAX_TEXT_CHARS + 1;
/// Characters of the id of a button or a row (Meta: 256 and 200).
const MAX_PRESS_CHARS: usize = 256;
/// Characters of a token in the data of our own buttons.
const MAX_TOKEN_CHARS: usize = 64;
/// Digits of the index in the data of our own buttons.
const MAX_INDEX_DIGITS: usize = 3;
/// Characters of a degree: sign, three digits, point, and more places than a map has.
const MAX_DEGREE_CHARS: usize = 24;
/// Answers of a form that are read.
const MAX_FORM_ANSWERS: usize = 30;

/// What a message says. `own_phone` is the sender's phone number in digits, where the platform told it.
pub(super) fn content(message: &Value, own_phone: Option<&str>) -> Content {
    // What is written into a group is not written to the shop, and an answer in private would surprise.
    if message.get("group_id").is_some_and(|group| as_text(group).is_some()) {
        return Content::Silent;
    }
    let kind = text(message, "type").unwrap_or_default();
    let part = |field: &str| each(message, field).first();
    match kind.as_str() {
        // Words without a type are still words.
        kind if kind == "text" || message.get("type").is_none() && message.get("text").is_some() => {
            Content::Text {
                // Nearly every text has its words in an object; some relays write them plainly.
                text: part("text")
                    .and_then(|part| text(part, "body"))
                    .or_else(|| text(message, "text"))
                    .map(|text| bounded(&text, KEPT_CHARS))
                    .unwrap_or_default(),
            }
        }
        "button" => part("button").map_or(Content::Unknown, template_button),
        "interactive" => part("interactive").map_or(Content::Unknown, interactive),
        "order" => part("order").map_or(Content::Unknown, order),
        "location" => part("location").and_then(location).unwrap_or(Content::Unknown),
        "image" => media(MediaKind::Image, part("image")),
        "document" => media(MediaKind::Document, part("document")),
        "audio" => media(MediaKind::Audio, part("audio")),
        "voice" => media(MediaKind::Audio, part("voice")),
        "video" => media(MediaKind::Video, part("video")),
        "sticker" => media(MediaKind::Sticker, part("sticker")),
        "contacts" => contacts(message, own_phone),
        "reaction" | "revoke" => Content::Silent,
        "edit" => part("edit").map_or(Content::Unknown, edit),
        _ => Content::Unknown,
    }
}

/// The quick reply of a template. Templates that somebody else made have payloads of their own: then the words count.
fn template_button(button: &Value) -> Content {
    let payload = text(button, "payload");
    match (payload, words(button, "text", KEPT_CHARS)) {
        (Some(data), _) if is_ours(&data) => Content::Press { data },
        (_, Some(text)) => Content::Text { text },
        (Some(payload), None) => Content::Text { text: bounded(&payload, KEPT_CHARS) },
        (None, None) => Content::Unknown,
    }
}

/// Whether data has the form that we give our buttons: `token.index`.
fn is_ours(data: &str) -> bool {
    data.rsplit_once('.').is_some_and(|(token, index)| {
        (1..=MAX_TOKEN_CHARS).contains(&token.len())
            && token.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
            && (1..=MAX_INDEX_DIGITS).contains(&index.len())
            && index.bytes().all(|b| b.is_ascii_digit())
    })
}

fn interactive(interactive: &Value) -> Content {
    let part = |field: &str| each(interactive, field).first();
    // Which part is there says more than `type`, which some versions leave out.
    if let Some(reply) = part("button_reply").or_else(|| part("list_reply")) {
        let data = text(reply, "id").filter(|data| data.chars().count() <= MAX_PRESS_CHARS);
        return match (data, words(reply, "title", KEPT_CHARS)) {
            (Some(data), _) => Content::Press { data },
            (None, Some(text)) => Content::Text { text },
            (None, None) => Content::Unknown,
        };
    }
    if let Some(form) = part("nfm_reply") {
        return form_answers(form).map_or(Content::Unknown, |text| Content::Text { text });
    }
    // Whether the shop may call them: this shop never does.
    if part("call_permission_reply").is_some() { Content::Silent } else { Content::Unknown }
}

/// The answers of a form as one text: the shop has no forms of its own here, but words that a person gave are not lost.
fn form_answers(form: &Value) -> Option<String> {
    let json = match form.get("response_json")? {
        Value::String(json) => serde_json::from_str(json).ok()?,
        other => other.clone(),
    };
    // An address form has its answers one level deeper.
    let answers = json.get("values").unwrap_or(&json).as_object()?;
    let given =
        answers.iter().filter(|(name, _)| *name != "flow_token").filter_map(|(_, value)| as_text(value));
    let text = given.take(MAX_FORM_ANSWERS).collect::<Vec<_>>().join(", ");
    Some(bounded(&text, KEPT_CHARS)).filter(|text| !text.trim().is_empty())
}

/// A cart out of the platform's own shop window. Its prices are left there: ours count.
fn order(order: &Value) -> Content {
    let items: Vec<OrderedItem> = each(order, "product_items")
        .iter()
        .filter_map(|item| {
            let code = id(item, "product_retailer_id")?;
            let quantity = whole(item, "quantity").unwrap_or(1);
            (quantity > 0).then_some(OrderedItem { code, quantity })
        })
        .take(MAX_ORDERED_ITEMS)
        .collect();
    let note = words(order, "text", KEPT_CHARS);
    if items.is_empty() { Content::Unknown } else { Content::Order { items, note } }
}

fn location(place: &Value) -> Option<Content> {
    let name = words(place, "name", KEPT_CHARS);
    let address = words(place, "address", KEPT_CHARS);
    let name = match (name, address) {
        (Some(name), Some(address)) if !address.contains(&name) => {
            Some(bounded(&format!("{name}, {address}"), KEPT_CHARS))
        }
        (name, address) => address.or(name),
    };
    Some(Content::Location {
        latitude: degrees(place, "latitude", 90.0)?,
        longitude: degrees(place, "longitude", 180.0)?,
        name,
    })
}

/// Degrees as they were written, when they are a decimal number of at most `max` either way.
fn degrees(place: &Value, field: &str, max: f64) -> Option<String> {
    let text = text(place, field)?.trim().to_owned();
    let is_plain = text.len() <= MAX_DEGREE_CHARS
        && text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'e' | b'E'));
    let number: f64 = text.parse().ok()?;
    (is_plain && number.abs() <= max).then_some(text)
}

fn media(media: MediaKind, part: Option<&Value>) -> Content {
    let file = part.and_then(|part| {
        Some(FileRef {
            id: id(part, "id")?,
            mime: id(part, "mime_type"),
            size_bytes: whole(part, "file_size").and_then(|size| u64::try_from(size).ok()),
        })
    });
    let caption = part.and_then(|part| words(part, "caption", KEPT_CHARS));
    Content::Media { media, caption, file }
}

/// Somebody's card; or the sender's own number: given at the button that asks for it (Meta: `origin` is then
/// `contact_request/…`), or the card of the number that they write from. Any other card proves nothing about its sender.
fn contacts(message: &Value, own_phone: Option<&str>) -> Content {
    let is_asked = text(message, "origin").is_some_and(|origin| origin.starts_with("contact_request"));
    let phones = each(message, "contacts").iter().flat_map(|card| each(card, "phones"));
    let mut numbers = phones.filter_map(|phone| {
        text(phone, "wa_id").or_else(|| text(phone, "phone")).and_then(|phone| phone_digits(&phone))
    });
    match numbers.find(|digits| is_asked || Some(digits.as_str()) == own_phone) {
        Some(digits) => Content::Phone { phone: format!("+{digits}") },
        None => Content::Media { media: MediaKind::Contact, caption: None, file: None },
    }
}

/// The new words of an earlier message; of a picture, the words below it.
fn edit(edit: &Value) -> Content {
    let inner = each(edit, "message").first().unwrap_or(edit);
    let of = |field: &str, words: &str| each(inner, field).first().and_then(|part| text(part, words));
    let new = of("text", "body")
        .or_else(|| ["image", "video", "document"].iter().find_map(|kind| of(kind, "caption")))
        .unwrap_or_default();
    Content::Edited { text: bounded(&new, KEPT_CHARS) }
}
