//! The bodies of requests, as Meta's OpenAPI for the Cloud API has them.

use serde_json::{Value, json};

use super::identity::{is_user_id, phone_digits};
use super::plan::{Media, Part, Row};

/// A message to a chat. `opaque` comes back with every status of it.
pub(super) fn message(chat: &str, opaque: &str, part: &Part) -> Value {
    let (kind, content) = match part {
        Part::Text { body } => ("text", json!({"body": body, "preview_url": false})),
        Part::Image { media, caption } => {
            let mut image = picture(media);
            if let Some(caption) = caption {
                image["caption"] = json!(caption);
            }
            ("image", image)
        }
        Part::Document { media, name, caption } => {
            let mut document = picture(media);
            document["filename"] = json!(name);
            if let Some(caption) = caption {
                document["caption"] = json!(caption);
            }
            ("document", document)
        }
        Part::Buttons { header, body, buttons } => {
            let reply = |row: &Row| json!({"type": "reply", "reply": {"id": row.id, "title": row.title}});
            let action = json!({"buttons": buttons.iter().map(reply).collect::<Vec<_>>()});
            ("interactive", interactive("button", header.as_ref(), body, action))
        }
        Part::List { body, button, rows } => {
            let rows: Vec<Value> = rows.iter().map(list_row).collect();
            let action = json!({"button": button, "sections": [{"rows": rows}]});
            ("interactive", interactive("list", None, body, action))
        }
        Part::Link { header, body, label, url } => {
            let action = json!({"name": "cta_url", "parameters": {"display_text": label, "url": url}});
            ("interactive", interactive("cta_url", header.as_ref(), body, action))
        }
        Part::AskPlace { body } => {
            let action = json!({"name": "send_location"});
            ("interactive", interactive("location_request_message", None, body, action))
        }
        Part::Template { name, language, parameters, payloads } => {
            let mut template =
                json!({"name": name, "language": {"policy": "deterministic", "code": language}});
            let components = components(parameters, payloads);
            if !components.is_empty() {
                template["components"] = Value::Array(components);
            }
            ("template", template)
        }
    };
    let mut request = json!({
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "type": kind,
        "biz_opaque_callback_data": opaque,
    });
    request[kind] = content;
    // Ids go into a field of their own; if `to` were there too, it would win.
    if is_user_id(chat) {
        request["recipient"] = json!(chat);
    } else {
        // Meta asks for the plus sign, because without it the country may be guessed.
        request["to"] =
            json!(phone_digits(chat).map_or_else(|| chat.to_owned(), |digits| format!("+{digits}")));
    }
    request
}

/// The request that marks a message as read and shows that an answer is being written, for up to 25 seconds.
pub(super) fn reading(message_id: &str) -> Value {
    json!({
        "messaging_product": "whatsapp",
        "status": "read",
        "message_id": message_id,
        "typing_indicator": {"type": "text"},
    })
}

fn interactive(kind: &str, header: Option<&Media>, body: &str, action: Value) -> Value {
    let mut interactive = json!({"type": kind, "body": {"text": body}, "action": action});
    if let Some(media) = header {
        interactive["header"] = json!({"type": "image", "image": picture(media)});
    }
    interactive
}

/// What fills a template: the parameters of its body, and the data of its quick replies.
fn components(parameters: &[String], payloads: &[String]) -> Vec<Value> {
    let text = |text: &String| json!({"type": "text", "text": text});
    let body = json!({"type": "body", "parameters": parameters.iter().map(text).collect::<Vec<_>>()});
    let button = |(index, payload): (usize, &String)| {
        json!({
            "type": "button",
            "sub_type": "quick_reply",
            "index": index.to_string(),
            "parameters": [{"type": "payload", "payload": payload}],
        })
    };
    let body = (!parameters.is_empty()).then_some(body);
    body.into_iter().chain(payloads.iter().enumerate().map(button)).collect()
}

fn list_row(row: &Row) -> Value {
    let mut value = json!({"id": row.id, "title": row.title});
    if let Some(detail) = &row.detail {
        value["description"] = json!(detail);
    }
    value
}

fn picture(media: &Media) -> Value {
    match media {
        Media::Id(id) => json!({"id": id}),
        Media::Link(link) => json!({"link": link}),
    }
}
