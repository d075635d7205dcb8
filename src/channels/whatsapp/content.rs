//! What a person sent: one message of a webhook, by its type.
//!
//! Types and their fields: Meta, "Messages webhook reference". Everything is optional here, because fields come and go
//! by version, by the sender's device and by who relays.

use serde_json::Value;

use super::identity::phone_digits;
use super::lenient::{as_text, code, each, text, whole, words};
use crate::channels::fit::bounded;
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
/// The types of messages that are known; their content stands in a field of the same name.
const KINDS: [&str; 16] = [
    "text",
    "button",
    "interactive",
    "order",
    "location",
    "image",
    "document",
    "audio",
    "voice",
    "video",
    "sticker",
    "contacts",
    "reaction",
    "revoke",
    "edit",
    "system",
];
/// Characters of a quantity that is no number.
const MAX_QUANTITY_CHARS: usize = 20;
/// Stands for a quantity that is neither number nor words.
const UNREADABLE: &str = "?";
/// What opens a chat on every platform that has a command for it.
const OPENED: &str = "/start";

/// The type of a message. Where it names none that is known and exactly one content stands in it, that one says it.
pub(super) fn kind(message: &Value) -> String {
    let named = text(message, "type").unwrap_or_default();
    if KINDS.contains(&named.as_str()) || named == "request_welcome" {
        return named;
    }
    let mut found = KINDS.iter().filter(|kind| message.get(kind).is_some_and(|part| !part.is_null()));
    match (found.next(), found.next()) {
        (Some(only), None) => (*only).to_owned(),
        _ => named,
    }
}

/// Whether a message was written into a group.
pub(super) fn is_in_group(message: &Value) -> bool {
    message.get("group_id").is_some_and(|group| as_text(group).is_some())
}

/// What a message says. `own_phone` is the sender's phone number in digits, where the platform told it.
pub(super) fn content(message: &Value, own_phone: Option<&str>) -> Content {
    // What is written into a group is not written to the shop, and an answer in private would surprise.
    if is_in_group(message) {
        return Content::Silent;
    }
    let part = |field: &str| each(message, field).first();
    match kind(message).as_str() {
        "text" => Content::Text {
            // Nearly every text has its words in an object; some relays write them plainly.
            text: part("text")
                .and_then(|part| text(part, "body"))
                .or_else(|| text(message, "text"))
                .map(|text| bounded(&text, KEPT_CHARS))
                .unwrap_or_default(),
        },
        // The chat was opened for the first time and nothing is written yet.
        "request_welcome" => Content::Text { text: OPENED.to_owned() },
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
            (Some(data), _) if is_ours(&data) => Content::Press { data },
            // Another program's button: what stood on it is what the person said.
            (_, Some(text)) => Content::Text { text },
            (Some(data), None) => Content::Press { data },
            (None, None) => Content::Unknown,
        };
    }
    if let Some(form) = part("nfm_reply") {
        return form_answers(form).map_or(Content::Unknown, |text| Content::Text { text });
    }
    // A product that they have picked out of the shop's window: `thread` tells which one, and words may stand beside it.
    if product(interactive).is_some() {
        let said = part("body").and_then(|body| words(body, "text", KEPT_CHARS));
        return Content::Text { text: said.unwrap_or_default() };
    }
    // Whether the shop may call them: this shop never does.
    if part("call_permission_reply").is_some() { Content::Silent } else { Content::Unknown }
}

/// The code of the product that somebody sends out of the shop's window (Meta, "Interactive messages webhook reference": type
/// `product`). Some senders leave it where it stands in messages of a shop, below `action`.
pub(super) fn product(interactive: &Value) -> Option<String> {
    let places = ["product", "product_list_reply", "action"];
    let mut found = places.iter().filter_map(|place| each(interactive, place).first());
    found.find_map(|part| code(part, "product_retailer_id"))
}

/// The answers of a form as one text: the shop has no forms of its own here, but words that a person gave are not lost.
fn form_answers(form: &Value) -> Option<String> {
    let json = match form.get("response_json")? {
        Value::String(json) => crate::edge::json::parse(json.as_bytes()).ok()?,
        other => other.clone(),
    };
    // An address form has its answers one level deeper.
    let answers =
        json.get("values").filter(|values| values.is_object() || values.is_array()).unwrap_or(&json);
    let mut given = Vec::new();
    flatten(answers, "", &mut given);
    let text = given.join(", ");
    Some(bounded(&text, KEPT_CHARS)).filter(|text| !text.trim().is_empty())
}

/// The words of a form's answer, however deep they stand. A tick has no words of its own and is named.
fn flatten(answer: &Value, name: &str, given: &mut Vec<String>) {
    if given.len() >= MAX_FORM_ANSWERS {
        return;
    }
    match answer {
        Value::Array(list) => list.iter().for_each(|answer| flatten(answer, name, given)),
        Value::Object(fields) => {
            let fields = fields.iter().filter(|(name, _)| *name != "flow_token");
            fields.for_each(|(name, answer)| flatten(answer, name, given));
        }
        Value::Bool(is_so) if !name.is_empty() => given.push(format!("{name}: {is_so}")),
        other => given.extend(as_text(other)),
    }
}

/// A cart out of the platform's own shop window. Its prices are left there: ours count.
fn order(order: &Value) -> Content {
    let items: Vec<OrderedItem> = each(order, "product_items")
        .iter()
        .filter_map(|item| {
            let code = code(item, "product_retailer_id")?;
            let (quantity, unclear) = match item.get("quantity").filter(|quantity| !quantity.is_null()) {
                None => (1, None),
                Some(given) => match whole(item, "quantity").filter(|quantity| *quantity > 0) {
                    Some(quantity) => (quantity, None),
                    None => {
                        let given = as_text(given).unwrap_or_else(|| UNREADABLE.to_owned());
                        (0, Some(bounded(&given, MAX_QUANTITY_CHARS)))
                    }
                },
            };
            Some(OrderedItem { code, quantity, unclear })
        })
        .take(MAX_ORDERED_ITEMS)
        .collect();
    let note = words(order, "text", KEPT_CHARS);
    match (items.is_empty(), note) {
        (false, note) => Content::Order { items, note },
        (true, Some(text)) => Content::Text { text },
        (true, None) => Content::Unknown,
    }
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
    match (degrees(place, "latitude", 90.0), degrees(place, "longitude", 180.0)) {
        (Some(latitude), Some(longitude)) => Some(Content::Location { latitude, longitude, name }),
        // A place that is only named is words, as if they had been typed.
        _ => name.map(|text| Content::Text { text }),
    }
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
            id: code(part, "id")?,
            mime: code(part, "mime_type"),
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
