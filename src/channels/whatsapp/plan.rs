//! From a neutral message to the platform's messages, within its limits, in order.
//!
//! Limits: Meta's pages on text, image, interactive reply buttons, interactive lists, call-to-action buttons and location
//! requests; where page and OpenAPI differ, the lower.

use super::words::{label, labels, split, split_end};
use crate::channels::fit::{clean, file_name, is_web_address};
use crate::channels::measure::{cut, units};
use crate::domain::message::{AskKind, MAX_CHOICES, Outbound, OutboundChoice};

/// UTF-16 units of a text message.
pub(super) const TEXT_UNITS: usize = 4_096;
/// Units of the body of an interactive message. The page on lists says 4.096, the OpenAPI 1.024.
pub(super) const BODY_UNITS: usize = 1_024;
/// Units of the words under a picture.
pub(super) const CAPTION_UNITS: usize = 1_024;
/// Reply buttons of a message.
pub(super) const BUTTONS: usize = 3;
/// Units on a reply button, on the button of a list and on a link.
pub(super) const BUTTON_UNITS: usize = 20;
/// Rows of a list, in all its sections.
pub(super) const ROWS: usize = 10;
/// Units of the title of a row.
pub(super) const ROW_UNITS: usize = 24;
/// Units of the line below the title of a row.
pub(super) const ROW_DETAIL_UNITS: usize = 72;
/// Units of the id of a row; a button's may have 256.
pub(super) const DATA_UNITS: usize = 200;
/// Bytes of an address behind a link button.
const URL_BYTES: usize = 2_000;
/// Text messages that one message may become before its last part.
const MAX_TEXTS: usize = 8;

/// On the button that opens a list: a sign that needs no language.
const LIST_LABEL: &str = "☰";
/// On a link without words.
const LINK_LABEL: &str = "↗";
/// The body of a message that has choices and no words: the platform demands one.
const BLANK_BODY: &str = "…";

/// A picture or a document as the platform takes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Media {
    /// Uploaded before.
    Id(String),
    /// To be fetched by the platform.
    Link(String),
}

/// One message of the platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    Text { body: String },
    Image { media: Media, caption: Option<String> },
    Document { media: Media, name: String, caption: Option<String> },
    Buttons { header: Option<Media>, body: String, buttons: Vec<Row> },
    List { body: String, button: &'static str, rows: Vec<Row> },
    Link { header: Option<Media>, body: String, label: String, url: String },
    AskPlace { body: String },
    Template { name: String, language: String, parameters: Vec<String>, payloads: Vec<String> },
}

/// A button, or a row of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    /// The data that comes back.
    pub id: String,
    /// The words on it.
    pub title: String,
    /// The whole words, where the title had to be cut; for rows only.
    pub detail: Option<String>,
}

/// The platform's messages for a neutral one, with its picture or its document as the platform takes it. Nothing where there is nothing
/// to show.
pub(super) fn plan(message: &Outbound, media: Option<Media>) -> Vec<Part> {
    let choices = choices(&message.choices);
    let link = message.link.as_ref().filter(|link| is_address(&link.url));
    let button_link = link.filter(|link| choices.is_empty() && link.url.len() <= URL_BYTES);
    let mut text = clean(&message.text).trim().to_owned();
    if let Some(link) = link.filter(|link| button_link.is_none() && !text.contains(&link.url)) {
        let lead = label(&link.label, BODY_UNITS);
        text = format!("{text}\n\n{lead}\n{}", link.url).trim().to_owned();
    }
    let mut parts = Vec::new();
    let has_own_form = !choices.is_empty() || button_link.is_some() || message.ask.is_some();
    let media = match (media, &message.document) {
        (Some(media), Some(document)) => {
            let is_caption = !has_own_form && (1..=CAPTION_UNITS).contains(&units(&text));
            let caption = is_caption.then(|| std::mem::take(&mut text));
            parts.push(Part::Document { media, name: file_name(&document.name), caption });
            if text.is_empty() && !has_own_form {
                return parts;
            }
            None
        }
        (media, _) => media,
    };
    if !choices.is_empty() {
        plan_choices(&mut parts, &text, choices, media);
    } else if let Some(link) = button_link {
        let body = body(&mut parts, &text);
        let words = if link.label.trim().is_empty() { LINK_LABEL } else { &link.label };
        let label = label(words, BUTTON_UNITS);
        parts.push(Part::Link { header: media, body, label, url: link.url.clone() });
    } else if message.ask.as_ref().is_some_and(|ask| ask.kind == AskKind::Address) {
        parts.extend(media.map(|media| Part::Image { media, caption: None }));
        let body = body(&mut parts, &text);
        parts.push(Part::AskPlace { body });
    } else if let Some(media) = media {
        if units(&text) <= CAPTION_UNITS {
            parts.push(Part::Image { media, caption: (!text.is_empty()).then_some(text) });
        } else {
            parts.push(Part::Image { media, caption: None });
            texts(&mut parts, &text);
        }
    } else {
        texts(&mut parts, &text);
    }
    parts
}

/// Whether an address can stand behind a button: of the web, and with a host, which the platform checks.
fn is_address(url: &str) -> bool {
    is_web_address(url) && reqwest::Url::parse(url).is_ok_and(|url| url.has_host())
}

/// The choices that the platform can carry: with data that has no white space around it, each once.
fn choices(choices: &[OutboundChoice]) -> Vec<&OutboundChoice> {
    let mut kept: Vec<&OutboundChoice> = Vec::new();
    for choice in choices {
        let fits = (1..=DATA_UNITS).contains(&units(&choice.data)) && choice.data.trim() == choice.data;
        let is_new = !kept.iter().any(|other| other.data == choice.data);
        if fits && is_new && kept.len() < ROWS.min(MAX_CHOICES) {
            kept.push(choice);
        }
    }
    kept
}

fn plan_choices(parts: &mut Vec<Part>, text: &str, choices: Vec<&OutboundChoice>, media: Option<Media>) {
    let words = || choices.iter().map(|choice| choice.label.as_str());
    let row =
        |(choice, title): (&&OutboundChoice, String)| Row { id: choice.data.clone(), title, detail: None };
    // Words that a button would cut stand whole in the rows of a list; with a picture the buttons stay below it.
    let fit = words().all(|words| label(words, BUTTON_UNITS) == label(words, usize::MAX));
    if choices.len() <= BUTTONS && (fit || media.is_some()) {
        let body = body(parts, text);
        let buttons = choices.iter().zip(labels(words(), BUTTON_UNITS)).map(row).collect();
        parts.push(Part::Buttons { header: media, body, buttons });
        return;
    }
    // A list has no picture above it (Meta: its header is text only).
    parts.extend(media.map(|media| Part::Image { media, caption: None }));
    let body = body(parts, text);
    let rows = choices.iter().zip(labels(words(), ROW_UNITS)).map(row);
    let rows = rows.zip(words()).map(|(row, whole)| {
        let is_cut = row.title != label(whole, usize::MAX);
        Row { detail: is_cut.then(|| label(whole, ROW_DETAIL_UNITS)), ..row }
    });
    parts.push(Part::List { body, button: LIST_LABEL, rows: rows.collect() });
}

/// The end of a text as the body of an interactive message; what goes before it becomes messages of its own.
fn body(parts: &mut Vec<Part>, text: &str) -> String {
    let (before, end) = split_end(text, BODY_UNITS);
    texts(parts, before);
    if end.is_empty() { BLANK_BODY.to_owned() } else { end.to_owned() }
}

fn texts(parts: &mut Vec<Part>, text: &str) {
    let mut pieces = split(text, TEXT_UNITS);
    if pieces.len() > MAX_TEXTS {
        pieces.truncate(MAX_TEXTS);
        if let Some(last) = pieces.last_mut() {
            *last = cut(&format!("{last} …"), TEXT_UNITS);
        }
    }
    parts.extend(pieces.into_iter().map(|body| Part::Text { body }));
}
