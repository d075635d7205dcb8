//! What messages with something to press must be like.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::refusal::Refusal;
use super::rules::{Checked, exactly, field, object, picture, web_address, words};

const BODY: usize = 1_024;
const HEADER: usize = 60;
const FOOTER: usize = 60;
const BUTTONS: std::ops::RangeInclusive<usize> = 1..=3;
const BUTTON_TITLE: usize = 20;
const BUTTON_ID: usize = 256;
const SECTIONS: std::ops::RangeInclusive<usize> = 1..=10;
const ROWS: std::ops::RangeInclusive<usize> = 1..=10;
const ROW_TITLE: usize = 24;
const ROW_DESCRIPTION: usize = 72;
const ROW_ID: usize = 200;
const SECTION_TITLE: usize = 24;

/// Checks an interactive message and gives the id of the picture in its header.
pub(super) fn check(value: &Value) -> Checked<Option<String>> {
    let message = object(value, "interactive", &["type", "header", "body", "footer", "action"])?;
    let kind = words(message, "interactive", "type", 64)?;
    let body = object(field(message, "interactive", "body")?, "body", &["text"])?;
    words(body, "body", "text", BODY)?;
    if let Some(footer) = message.get("footer") {
        words(object(footer, "footer", &["text"])?, "footer", "text", FOOTER)?;
    }
    let action = field(message, "interactive", "action")?;
    match kind {
        "button" => buttons(action)?,
        "list" => list(action)?,
        "cta_url" => link(action)?,
        "location_request_message" => {
            exactly(object(action, "action", &["name"])?, "action", "name", "send_location")?;
        }
        other => return Err(Refusal::value(format!("interactive.type `{other}` is not known"))),
    }
    match (message.get("header"), kind) {
        (None, _) => Ok(None),
        (Some(_), "location_request_message") => {
            Err(Refusal::parameter("a request of a place has no header"))
        }
        (Some(header), kind) => self::header(header, kind == "list"),
    }
}

fn header(value: &Value, text_only: bool) -> Checked<Option<String>> {
    let header = object(value, "header", &["type", "text", "image"])?;
    let kind = words(header, "header", "type", 16)?;
    match kind {
        "text" if header.len() == 2 => words(header, "header", "text", HEADER).map(|_| None),
        "image" if !text_only && header.len() == 2 => {
            picture(field(header, "header", "image")?, "header.image", &["id", "link"])
        }
        _ => Err(Refusal::value(format!("header.type `{kind}` is not allowed here"))),
    }
}

/// Elements of a list, of which there are as many as allowed.
fn elements<'a>(
    object: &'a Map<String, Value>,
    name: &str,
    count: std::ops::RangeInclusive<usize>,
) -> Checked<&'a Vec<Value>> {
    let list = field(object, "action", name)?;
    let list = list.as_array().ok_or_else(|| Refusal::parameter(format!("{name} must be a list")))?;
    if count.contains(&list.len()) {
        Ok(list)
    } else {
        Err(Refusal::value(format!("{} {name}, {count:?} are allowed", list.len())))
    }
}

/// An id: unique, without white space around it.
fn id(object: &Map<String, Value>, max: usize, seen: &mut BTreeSet<String>) -> Checked<()> {
    let id = words(object, "choice", "id", max)?;
    if id.trim() != id {
        return Err(Refusal::value("an id has white space around it"));
    }
    if seen.insert(id.to_owned()) {
        Ok(())
    } else {
        Err(Refusal::value(format!("the id `{id}` is there twice")))
    }
}

fn buttons(action: &Value) -> Checked<()> {
    let action = object(action, "action", &["buttons"])?;
    let (mut ids, mut titles) = (BTreeSet::new(), BTreeSet::new());
    for button in elements(action, "buttons", BUTTONS)? {
        let button = object(button, "button", &["type", "reply"])?;
        exactly(button, "button", "type", "reply")?;
        let reply = object(field(button, "button", "reply")?, "reply", &["id", "title"])?;
        id(reply, BUTTON_ID, &mut ids)?;
        let title = words(reply, "reply", "title", BUTTON_TITLE)?;
        if !titles.insert(title.to_owned()) {
            return Err(Refusal::value("two buttons have the same title"));
        }
    }
    Ok(())
}

fn list(action: &Value) -> Checked<()> {
    let action = object(action, "action", &["button", "sections"])?;
    words(action, "action", "button", BUTTON_TITLE)?;
    let sections = elements(action, "sections", SECTIONS)?;
    let mut ids = BTreeSet::new();
    for section in sections {
        let section = object(section, "section", &["title", "rows"])?;
        if sections.len() > 1 || section.contains_key("title") {
            words(section, "section", "title", SECTION_TITLE)?;
        }
        for row in elements(section, "rows", ROWS)? {
            let row = object(row, "row", &["id", "title", "description"])?;
            id(row, ROW_ID, &mut ids)?;
            words(row, "row", "title", ROW_TITLE)?;
            if row.contains_key("description") {
                words(row, "row", "description", ROW_DESCRIPTION)?;
            }
        }
    }
    if ROWS.contains(&ids.len()) {
        Ok(())
    } else {
        Err(Refusal::value(format!("{} rows in all sections, {ROWS:?} are allowed", ids.len())))
    }
}

fn link(action: &Value) -> Checked<()> {
    let action = object(action, "action", &["name", "parameters"])?;
    exactly(action, "action", "name", "cta_url")?;
    let parameters = object(field(action, "action", "parameters")?, "parameters", &["display_text", "url"])?;
    words(parameters, "parameters", "display_text", BUTTON_TITLE)?;
    web_address(words(parameters, "parameters", "url", 2_048)?, "parameters.url")
}
