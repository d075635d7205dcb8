//! Buttons below a message, and the keyboard that shares a phone number or a place.

use reqwest::Url;
use teloxide::types::{
    ButtonRequest, InlineKeyboardButton, InlineKeyboardMarkup, KeyboardButton, KeyboardMarkup,
    KeyboardRemove, ReplyMarkup,
};

use crate::channels::fit::is_web_address;
use crate::channels::measure::line;
use crate::domain::message::{Ask, AskKind, Link, MAX_CHOICES, OutboundChoice};

use super::words::is_blank;

/// Bytes of button data (Bot API, `InlineKeyboardButton`: `callback_data`, 1-64 bytes).
const MAX_DATA_BYTES: usize = 64;
/// Characters on a button. The Bot API names no bound; clients show about this much at most.
pub(super) const MAX_LABEL_CHARS: usize = 64;
/// Characters of a label that leaves room for a second one beside it on a telephone.
const SHORT_LABEL_CHARS: usize = 14;
/// Characters of the address of a link button. The Bot API names no bound; browsers agree on this one.
const MAX_URL_CHARS: usize = 2_048;
/// What stands on a button that has no words.
const NO_WORDS: &str = "…";

/// The buttons of a message, where it has any: choices two to a row when both are short, the link in a row of its own.
pub(super) fn inline(
    choices: &[OutboundChoice],
    link: Option<&(String, Url)>,
) -> Option<InlineKeyboardMarkup> {
    let mut rows: Vec<Vec<InlineKeyboardButton>> = Vec::new();
    let mut has_room = false;
    let sendable = choices.iter().filter(|choice| (1..=MAX_DATA_BYTES).contains(&choice.data.len()));
    for choice in sendable.take(MAX_CHOICES) {
        let label = label(&choice.label);
        let is_short = label.chars().count() <= SHORT_LABEL_CHARS;
        let button = InlineKeyboardButton::callback(label, choice.data.clone());
        match rows.last_mut() {
            Some(row) if has_room && is_short => {
                row.push(button);
                has_room = false;
            }
            _ => {
                rows.push(vec![button]);
                has_room = is_short;
            }
        }
    }
    if let Some((label, url)) = link {
        rows.push(vec![InlineKeyboardButton::url(label.clone(), url.clone())]);
    }
    (!rows.is_empty()).then(|| InlineKeyboardMarkup::new(rows))
}

fn label(words: &str) -> String {
    let label = line(words, MAX_LABEL_CHARS);
    if is_blank(&label) { NO_WORDS.to_owned() } else { label }
}

/// A link as a button, where Telegram takes its address for one: the host must have a dot or be an IPv6 address
/// (tdlib/td, `LinkManager`: "Wrong HTTP URL").
pub(super) fn link(link: &Link) -> Option<(String, Url)> {
    if !is_web_address(&link.url) || link.url.len() > MAX_URL_CHARS {
        return None;
    }
    let url = Url::parse(&link.url).ok()?;
    let host = url.host_str()?;
    let is_public = host.contains('.') || host.starts_with('[');
    let has_login = !url.username().is_empty() || url.password().is_some();
    (is_public && !has_login).then(|| (label(&link.label), url))
}

/// The keyboard with the one button that shares what is asked for. Telegram offers it in private chats only.
pub(super) fn ask(ask: &Ask) -> Option<ReplyMarkup> {
    let request = match ask.kind {
        AskKind::Phone => ButtonRequest::Contact,
        AskKind::Address => ButtonRequest::Location,
        AskKind::Name => return None,
    };
    let words = line(&ask.button, MAX_LABEL_CHARS);
    if is_blank(&words) {
        return None;
    }
    let keyboard = KeyboardMarkup::new([[KeyboardButton::new(words).request(request)]]);
    Some(keyboard.one_time_keyboard().resize_keyboard().into())
}

/// Takes that keyboard away.
pub(super) fn remove() -> ReplyMarkup {
    KeyboardRemove::new().into()
}
