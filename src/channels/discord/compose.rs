//! A neutral message as messages of the platform. Components and embeds are built with serenity's builders.
//!
//! Sources: `resources/message.mdx` (content, embeds, attachments), `components/reference.mdx` (buttons, selects).

use serde_json::{Map, Value, json};
use serenity::all::{
    ButtonStyle, CreateActionRow, CreateButton, CreateEmbed, CreateSelectMenu, CreateSelectMenuKind,
    CreateSelectMenuOption,
};

use crate::channels::Image;
use crate::channels::fit::{file_name, is_web_address, plain};
use crate::channels::measure;
use crate::domain::message::{Document, Outbound, OutboundChoice, Picture};

use super::interaction::{EPHEMERAL, form_data};
use super::markdown;

/// Characters of a message's content.
pub const CONTENT_UNITS: usize = 2_000;
/// Characters of an embed's description, where the words under a picture stand.
pub const DESCRIPTION_UNITS: usize = 4_096;
/// Messages that one neutral message becomes at most.
const MAX_PARTS: usize = 4;
/// Characters on a button.
pub const LABEL_UNITS: usize = 80;
/// Characters that a button shows on a telephone; choices with longer words become a select when they are many.
const SHOWN_LABEL_UNITS: usize = 38;
/// Characters of a row of a select.
const OPTION_UNITS: usize = 100;
/// Buttons in one row.
const ROW: usize = 5;
/// Choices that are buttons; more of them are a select.
const MAX_BUTTONS: usize = 10;
/// Rows of a select.
const MAX_OPTIONS: usize = 25;
/// Characters of a button's data.
pub const DATA_UNITS: usize = 100;
/// Characters of the address of a link button.
const URL_UNITS: usize = 512;
/// Bytes of a file that every server takes.
const MAX_FILE_BYTES: usize = 10 * 1024 * 1024;
/// The data of a select; what is chosen in it is data of its own.
const SELECT_ID: &str = "choices";

/// A file that goes with a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its name, as `attachment://` names it.
    pub name: String,
    /// Its kind.
    pub mime: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// One message of the platform.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Part {
    /// Words in the platform's mark-up.
    pub content: Option<String>,
    /// Cards.
    pub embeds: Vec<Value>,
    /// Rows of buttons or a select.
    pub components: Vec<Value>,
    /// The picture or the document.
    pub file: Option<File>,
}

impl Part {
    fn common(&self) -> Map<String, Value> {
        let mut body = Map::new();
        // Whoever is named in a text is never called by it.
        body.insert("allowed_mentions".to_owned(), json!({ "parse": [] }));
        if let Some(file) = &self.file {
            body.insert("attachments".to_owned(), json!([{ "id": 0, "filename": file.name }]));
        }
        body
    }

    fn new_message(&self) -> Map<String, Value> {
        let mut body = self.common();
        if let Some(content) = &self.content {
            body.insert("content".to_owned(), json!(content));
        }
        if !self.embeds.is_empty() {
            body.insert("embeds".to_owned(), json!(self.embeds));
        }
        if !self.components.is_empty() {
            body.insert("components".to_owned(), json!(self.components));
        }
        body
    }

    /// The body of a message in a channel. The same `nonce` within minutes gives the first message again.
    pub fn message(&self, nonce: &str) -> Value {
        let mut body = self.new_message();
        body.insert("nonce".to_owned(), json!(nonce));
        body.insert("enforce_nonce".to_owned(), json!(true));
        Value::Object(body)
    }

    /// The body of a further answer to an interaction.
    pub fn follow_up(&self, is_ephemeral: bool) -> Value {
        let mut body = self.new_message();
        if is_ephemeral {
            body.insert("flags".to_owned(), json!(EPHEMERAL));
        }
        Value::Object(body)
    }

    /// The body that makes an existing message this one: what it had and this has not is taken away.
    pub fn edit(&self) -> Value {
        let mut body = self.common();
        body.insert("content".to_owned(), json!(self.content));
        body.insert("embeds".to_owned(), json!(self.embeds));
        body.insert("components".to_owned(), json!(self.components));
        body.entry("attachments").or_insert_with(|| json!([]));
        Value::Object(body)
    }
}

/// The messages that a neutral one becomes: the file with the first, what may be pressed with the last. None when there
/// is nothing to show. `bytes` are those of its document where it has one, else of its picture.
pub fn parts(message: &Outbound, bytes: Option<&Image>) -> Vec<Part> {
    let document = message.document.as_ref().zip(bytes).and_then(|(document, bytes)| file(document, bytes));
    let (picture, address) = if message.document.is_some() { (None, None) } else { picture(message, bytes) };
    let has_picture = picture.is_some() || address.is_some();
    let mut text = message.text.clone();
    let link = message.link.as_ref().filter(|link| is_link(&link.url));
    let button = link.filter(|link| measure::units(&link.url) <= URL_UNITS && !link.label.trim().is_empty());
    if let (Some(link), None) = (link, button) {
        // Too long for a button, or one without words: it stands below the text.
        text = format!("{text}\n{}", link.url);
    }
    let first_units = if has_picture { DESCRIPTION_UNITS } else { CONTENT_UNITS };
    let mut parts: Vec<Part> = markdown::split(&text, first_units, CONTENT_UNITS, MAX_PARTS)
        .into_iter()
        .map(|content| Part { content: Some(content), ..Part::default() })
        .collect();
    let components = components(message, button.map(|link| (link.label.as_str(), link.url.as_str())));
    if parts.is_empty() && (has_picture || document.is_some() || !components.is_empty()) {
        parts.push(Part::default());
    }
    if let Some(first) = parts.first_mut()
        && has_picture
    {
        let source = picture.as_ref().map(|file| format!("attachment://{}", file.name)).or(address);
        let mut embed = CreateEmbed::new();
        if let Some(words) = first.content.take() {
            embed = embed.description(words);
        }
        if let Some(source) = source {
            embed = embed.image(source);
        }
        first.embeds.extend(serde_json::to_value(embed));
        first.file = picture;
    }
    if let Some(first) = parts.first_mut().filter(|_| document.is_some()) {
        first.file = document;
    }
    if let Some(last) = parts.last_mut() {
        last.components = components;
    }
    parts
}

/// The document as the platform takes it: a file below the words.
fn file(document: &Document, bytes: &Image) -> Option<File> {
    let is_sendable = (1..=MAX_FILE_BYTES).contains(&bytes.bytes.len());
    is_sendable.then(|| File {
        name: file_name(&document.name),
        mime: bytes.mime.clone(),
        bytes: bytes.bytes.clone(),
    })
}

/// The picture: its bytes where there are some, else its address where the platform can fetch it.
fn picture(message: &Outbound, image: Option<&Image>) -> (Option<File>, Option<String>) {
    let Some(picture) = &message.image else { return (None, None) };
    if let Some(image) = image.filter(|image| !image.bytes.is_empty() && image.bytes.len() <= MAX_FILE_BYTES)
    {
        let (name, mime) = match image.mime.split(';').next().unwrap_or_default().trim() {
            "image/jpeg" => ("image.jpg", "image/jpeg"),
            "image/gif" => ("image.gif", "image/gif"),
            "image/webp" => ("image.webp", "image/webp"),
            _ => ("image.png", "image/png"),
        };
        let (name, mime) = (name.to_owned(), mime.to_owned());
        return (Some(File { name, mime, bytes: image.bytes.clone() }), None);
    }
    match picture {
        Picture::Stored { path } if path.starts_with("https://") && is_link(path) => {
            (None, Some(path.clone()).filter(|path| measure::units(path) <= URL_UNITS))
        }
        _ => (None, None),
    }
}

/// Whether the platform takes an address: of the web, with a host, without spaces.
fn is_link(url: &str) -> bool {
    is_web_address(url) && reqwest::Url::parse(url).is_ok_and(|url| url.has_host())
}

fn components(message: &Outbound, link: Option<(&str, &str)>) -> Vec<Value> {
    let choices = choices(&message.choices);
    let is_select = choices.len() > MAX_BUTTONS
        || (choices.len() > ROW
            && choices.iter().any(|choice| measure::units(&choice.label) > SHOWN_LABEL_UNITS));
    let mut rows = if is_select {
        vec![select(&choices)]
    } else {
        let buttons: Vec<CreateButton> = choices
            .iter()
            .map(|choice| {
                CreateButton::new(&choice.data)
                    .style(ButtonStyle::Secondary)
                    .label(measure::line(&choice.label, LABEL_UNITS))
            })
            .collect();
        buttons.chunks(ROW).map(|row| CreateActionRow::Buttons(row.to_vec())).collect()
    };
    let mut extra = Vec::new();
    if let Some(ask) = &message.ask
        && !ask.button.trim().is_empty()
    {
        let form = CreateButton::new(form_data(ask.kind, &ask.title)).style(ButtonStyle::Primary);
        extra.push(form.label(measure::line(&ask.button, LABEL_UNITS)));
    }
    if let Some((label, url)) = link {
        extra.push(CreateButton::new_link(url).label(measure::line(&plain(label), LABEL_UNITS)));
    }
    if !extra.is_empty() {
        rows.push(CreateActionRow::Buttons(extra));
    }
    rows.iter().filter_map(|row| serde_json::to_value(row).ok()).collect()
}

fn select(choices: &[OutboundChoice]) -> CreateActionRow {
    let options = choices
        .iter()
        .map(|choice| CreateSelectMenuOption::new(measure::line(&choice.label, OPTION_UNITS), &choice.data))
        .collect();
    CreateActionRow::SelectMenu(CreateSelectMenu::new(SELECT_ID, CreateSelectMenuKind::String { options }))
}

/// The choices that can be shown: the platform takes each data once and no button without words. A choice without
/// words is called by its number, by which it can be chosen too.
fn choices(choices: &[OutboundChoice]) -> Vec<OutboundChoice> {
    let mut shown: Vec<OutboundChoice> = Vec::new();
    for (index, choice) in choices.iter().enumerate() {
        let length = measure::units(&choice.data);
        let is_new = shown.iter().all(|other| other.data != choice.data) && choice.data != SELECT_ID;
        if choice.data.trim().is_empty() || length > DATA_UNITS || !is_new || shown.len() == MAX_OPTIONS {
            continue;
        }
        let label = plain(&choice.label).split_whitespace().collect::<Vec<_>>().join(" ");
        let label = if label.is_empty() { (index + 1).to_string() } else { label };
        shown.push(OutboundChoice { label, data: choice.data.clone() });
    }
    shown
}
