//! What a request to send must be like.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::interactive;
use super::refusal::Refusal;

/// The longest text message.
const TEXT: usize = 4_096;
/// The longest words under a picture or a document.
const CAPTION: usize = 1_024;
/// The longest name of a file that every system keeps.
const FILE_NAME: usize = 240;
/// The longest data that comes back with statuses.
const OPAQUE: usize = 512;
/// The longest name of a template.
const TEMPLATE_NAME: usize = 512;
/// The longest parameter of a template.
const TEMPLATE_PARAMETER: usize = 1_024;
/// The longest data of a quick reply of a template.
const TEMPLATE_PAYLOAD: usize = 128;
/// Spaces in a row that a parameter of a template may have.
const TEMPLATE_SPACES: &str = "     ";

/// Fields of every message.
const COMMON: [&str; 6] =
    ["messaging_product", "recipient_type", "to", "recipient", "type", "biz_opaque_callback_data"];

pub(super) type Checked<T> = Result<T, Refusal>;

/// The fields of an object, of which only these may be there.
pub(super) fn object<'a>(value: &'a Value, at: &str, allowed: &[&str]) -> Checked<&'a Map<String, Value>> {
    let object = value.as_object().ok_or_else(|| Refusal::parameter(format!("{at} must be an object")))?;
    match object.keys().find(|key| !allowed.contains(&key.as_str())) {
        Some(unknown) => Err(Refusal::parameter(format!("{at} has an unexpected key `{unknown}`"))),
        None => Ok(object),
    }
}

pub(super) fn field<'a>(object: &'a Map<String, Value>, at: &str, name: &str) -> Checked<&'a Value> {
    object.get(name).ok_or_else(|| Refusal::missing(format!("{at}.{name} is required")))
}

/// A text of 1 to `max`, counted in UTF-16 units, that is not blank.
pub(super) fn words<'a>(
    object: &'a Map<String, Value>,
    at: &str,
    name: &str,
    max: usize,
) -> Checked<&'a str> {
    let text = field(object, at, name)?
        .as_str()
        .ok_or_else(|| Refusal::parameter(format!("{at}.{name} must be text")))?;
    let length = text.encode_utf16().count();
    if length > max {
        return Err(Refusal::value(format!("{at}.{name} has {length} characters, {max} are allowed")));
    }
    if text.trim().is_empty() {
        return Err(Refusal::value(format!("{at}.{name} is blank")));
    }
    Ok(text)
}

/// A text that must be this one.
pub(super) fn exactly(object: &Map<String, Value>, at: &str, name: &str, expected: &str) -> Checked<()> {
    if field(object, at, name)?.as_str() == Some(expected) {
        Ok(())
    } else {
        Err(Refusal::value(format!("{at}.{name} must be `{expected}`")))
    }
}

/// A picture: an id or an address, not both.
pub(super) fn picture(value: &Value, at: &str, allowed: &[&str]) -> Checked<Option<String>> {
    let picture = object(value, at, allowed)?;
    match (picture.get("id"), picture.get("link")) {
        (Some(_), None) => words(picture, at, "id", 64).map(|id| Some(id.to_owned())),
        (None, Some(_)) => web_address(words(picture, at, "link", 2_048)?, at).map(|()| None),
        _ => Err(Refusal::parameter(format!("{at} needs an id or a link, and not both"))),
    }
}

pub(super) fn web_address(url: &str, at: &str) -> Checked<()> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let host = rest.map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
    if host.is_some_and(|host| !host.is_empty()) && !url.contains(char::is_whitespace) {
        Ok(())
    } else {
        Err(Refusal::value(format!("{at}: not a web address")))
    }
}

/// A message that is well-formed.
#[derive(Debug)]
pub(super) struct Message {
    /// Where to, as it was written.
    pub to: String,
    /// Whether `to` is a user id.
    pub is_user_id: bool,
    /// `text`, `image`, `document`, `interactive` or `template`.
    pub kind: String,
    /// What comes back with statuses.
    pub opaque: Option<String>,
    /// The id of its picture or document.
    pub picture: Option<String>,
}

/// Checks a message. What depends on the state of the platform is checked later.
pub(super) fn message(body: &Value) -> Checked<Message> {
    let object_ = body.as_object().ok_or_else(|| Refusal::parameter("the body must be an object"))?;
    let kind = words(object_, "message", "type", 32)?.to_owned();
    if !["text", "image", "document", "interactive", "template"].contains(&kind.as_str()) {
        return Err(Refusal::new(131_051, format!("type `{kind}` is not known")));
    }
    let allowed: Vec<&str> = COMMON.into_iter().chain(["context", kind.as_str()]).collect();
    let message = object(body, "message", &allowed)?;
    exactly(message, "message", "messaging_product", "whatsapp")?;
    if message.contains_key("recipient_type") {
        exactly(message, "message", "recipient_type", "individual")?;
    }
    let (to, is_user_id) = recipient(message)?;
    let opaque = match message.get("biz_opaque_callback_data") {
        None => None,
        Some(_) => Some(words(message, "message", "biz_opaque_callback_data", OPAQUE)?.to_owned()),
    };
    if let Some(context) = message.get("context") {
        words(object(context, "context", &["message_id"])?, "context", "message_id", 512)?;
    }
    let content = field(message, "message", &kind)?;
    let picture = match kind.as_str() {
        "text" => text(content).map(|()| None)?,
        "image" => image(content)?,
        "document" => document(content)?,
        "interactive" => interactive::check(content)?,
        _ => template(content).map(|()| None)?,
    };
    Ok(Message { to, is_user_id, kind, opaque, picture })
}

/// `to` is a phone number with its country; `recipient` is a user id; when both are there `to` wins, so a sender that
/// gives both means something else than what happens.
fn recipient(message: &Map<String, Value>) -> Checked<(String, bool)> {
    match (message.get("to"), message.get("recipient")) {
        (Some(_), Some(_)) => Err(Refusal::parameter("`to` and `recipient` are both there")),
        (None, None) => Err(Refusal::missing("`to` or `recipient` is required")),
        (Some(_), None) => {
            let to = words(message, "message", "to", 32)?;
            let digits = to.strip_prefix('+').unwrap_or(to);
            let is_number = (5..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
            if is_number {
                Ok((to.to_owned(), false))
            } else {
                Err(Refusal::parameter("`to` is no phone number"))
            }
        }
        (None, Some(_)) => {
            let id = words(message, "message", "recipient", 160)?;
            if is_user_id(id) {
                Ok((id.to_owned(), true))
            } else {
                Err(Refusal::parameter("`recipient` is no user id"))
            }
        }
    }
}

/// A business-scoped user id: a country of two letters, a point, letters and digits; `ENT.` between for parents.
pub(super) fn is_user_id(text: &str) -> bool {
    let mut parts = text.splitn(2, '.');
    let (country, rest) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let rest = rest.strip_prefix("ENT.").unwrap_or(rest);
    country.len() == 2
        && country.bytes().all(|b| b.is_ascii_uppercase())
        && !rest.is_empty()
        && rest.len() <= 128
        && rest.bytes().all(|b| b.is_ascii_alphanumeric())
}

fn text(value: &Value) -> Checked<()> {
    let text = object(value, "text", &["body", "preview_url"])?;
    words(text, "text", "body", TEXT)?;
    match text.get("preview_url") {
        None | Some(Value::Bool(_)) => Ok(()),
        Some(_) => Err(Refusal::parameter("text.preview_url must be a boolean")),
    }
}

fn image(value: &Value) -> Checked<Option<String>> {
    let id = picture(value, "image", &["id", "link", "caption"])?;
    if let Some(image) = value.as_object().filter(|image| image.contains_key("caption")) {
        words(image, "image", "caption", CAPTION)?;
    }
    Ok(id)
}

fn document(value: &Value) -> Checked<Option<String>> {
    let id = picture(value, "document", &["id", "link", "caption", "filename"])?;
    let document = object(value, "document", &["id", "link", "caption", "filename"])?;
    if document.contains_key("caption") {
        words(document, "document", "caption", CAPTION)?;
    }
    // The platform shows the kind of a file by the ending of its name.
    let name = words(document, "document", "filename", FILE_NAME)?;
    if name.contains(['/', '\\']) || !name.contains('.') {
        return Err(Refusal::value("document.filename is a name with an ending"));
    }
    Ok(id)
}

fn template(value: &Value) -> Checked<()> {
    let template = object(value, "template", &["name", "language", "components"])?;
    let name = words(template, "template", "name", TEMPLATE_NAME)?;
    if !name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_') {
        return Err(Refusal::value("template.name has lower-case letters, digits and underscores only"));
    }
    let language =
        object(field(template, "template", "language")?, "template.language", &["code", "policy"])?;
    words(language, "template.language", "code", 10)?;
    let Some(components) = template.get("components") else { return Ok(()) };
    let components =
        components.as_array().ok_or_else(|| Refusal::parameter("template.components: a list"))?;
    for component in components {
        match component["type"].as_str() {
            Some("button") => button_component(component)?,
            _ => body_component(component)?,
        }
    }
    Ok(())
}

fn body_component(component: &Value) -> Checked<()> {
    let component = object(component, "component", &["type", "parameters"])?;
    exactly(component, "component", "type", "body")?;
    let parameters = field(component, "component", "parameters")?.as_array();
    for parameter in parameters.ok_or_else(|| Refusal::parameter("component.parameters: a list"))? {
        let parameter = object(parameter, "parameter", &["type", "text", "parameter_name"])?;
        exactly(parameter, "parameter", "type", "text")?;
        let text = words(parameter, "parameter", "text", TEMPLATE_PARAMETER)?;
        if text.contains(['\n', '\r', '\t']) || text.contains(TEMPLATE_SPACES) {
            return Err(Refusal::new(132_012, "a parameter has line ends, tabs or more than four spaces"));
        }
    }
    Ok(())
}

fn button_component(component: &Value) -> Checked<()> {
    let component = object(component, "component", &["type", "sub_type", "index", "parameters"])?;
    exactly(component, "component", "sub_type", "quick_reply")?;
    let index = words(component, "component", "index", 1)?;
    if !index.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Refusal::value("component.index is a digit"));
    }
    let parameters = field(component, "component", "parameters")?;
    let [parameter] = parameters.as_array().map(Vec::as_slice).unwrap_or_default() else {
        return Err(Refusal::parameter("a quick reply has one parameter"));
    };
    let parameter = object(parameter, "parameter", &["type", "payload"])?;
    exactly(parameter, "parameter", "type", "payload")?;
    words(parameter, "parameter", "payload", TEMPLATE_PAYLOAD).map(|_| ())
}

/// The texts of a template's parameters.
pub(super) fn template_parameters(template: &Value) -> Vec<String> {
    let components = template["components"].as_array().into_iter().flatten();
    let bodies = components.filter(|component| component["type"] == "body");
    let texts = bodies
        .filter_map(|body| body["parameters"].as_array())
        .flatten()
        .filter_map(|parameter| parameter["text"].as_str());
    texts.map(str::to_owned).collect()
}

/// The data of a template's quick replies, by their places.
pub(super) fn template_payloads(template: &Value) -> BTreeMap<usize, String> {
    let components = template["components"].as_array().into_iter().flatten();
    let payload = |component: &Value| {
        let index = component["index"].as_str()?.parse().ok()?;
        Some((index, component["parameters"][0]["payload"].as_str()?.to_owned()))
    };
    components.filter_map(payload).collect()
}

/// Checks a mark of reading and gives the id of the message.
pub(super) fn reading(body: &Value) -> Checked<String> {
    let allowed = ["messaging_product", "status", "message_id", "typing_indicator"];
    let reading = object(body, "status", &allowed)?;
    exactly(reading, "status", "messaging_product", "whatsapp")?;
    exactly(reading, "status", "status", "read")?;
    if let Some(typing) = reading.get("typing_indicator") {
        exactly(object(typing, "typing_indicator", &["type"])?, "typing_indicator", "type", "text")?;
    }
    words(reading, "status", "message_id", 512).map(str::to_owned)
}
