//! Who a message in a group is meant for.
//!
//! A bot in a group hears its own commands and the replies to it, and everything else too when its owner has switched
//! privacy mode off (core.telegram.org/bots/features, "Privacy mode"). The shop speaks only when spoken to.

use serde_json::Value;

use super::wire::{field, number, text};

/// Who we are.
#[derive(Debug, Clone, Default)]
pub(super) struct Bot {
    /// The bot's id.
    pub(super) id: String,
    /// Its user name without the `@`, once Telegram has told it.
    pub(super) username: Option<String>,
}

impl Bot {
    fn is_named(&self, name: &str) -> bool {
        self.username.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(name))
    }
}

/// Whether a message of a group is meant for the bot: a command, a reply to it, or words with its name.
pub(super) fn is_addressed(bot: &Bot, message: &Value) -> bool {
    let replied = field(message, "reply_to_message").and_then(|reply| number(field(reply, "from")?, "id"));
    if replied.is_some_and(|replied| replied.to_string() == bot.id) {
        return true;
    }
    let words = text(message, "text").or_else(|| text(message, "caption")).unwrap_or_default();
    if let Some((_, at)) = command(words) {
        // While the own name is not known, a command with a name counts: in privacy mode only ours arrive.
        return at.is_none_or(|name| bot.username.is_none() || bot.is_named(name));
    }
    mention(bot, words).is_some() || names_by_id(bot, message)
}

/// Whether an entity of the message names the bot by its id (`text_mention`).
fn names_by_id(bot: &Bot, message: &Value) -> bool {
    ["entities", "caption_entities"]
        .iter()
        .filter_map(|name| field(message, name)?.as_array())
        .flatten()
        .filter_map(|entity| number(field(entity, "user")?, "id"))
        .any(|id| id.to_string() == bot.id)
}

/// The command that a text starts with, and the bot that it names: `/menu@warung_bot` is `menu` for `warung_bot`.
fn command(words: &str) -> Option<(&str, Option<&str>)> {
    let first = words.strip_prefix('/')?.split_whitespace().next()?;
    let (name, at) = match first.split_once('@') {
        Some((name, at)) => (name, Some(at)),
        None => (first, None),
    };
    (!words[1..].starts_with(char::is_whitespace) && is_word(name)).then_some((name, at))
}

fn is_word(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// A command without the name of the bot; other words as they are.
pub(super) fn plain_command(words: &str) -> String {
    match command(words) {
        Some((name, Some(at))) => {
            let rest = words.get(1 + name.len() + 1 + at.len()..).unwrap_or_default();
            format!("/{name}{rest}")
        }
        _ => words.to_owned(),
    }
}

/// The words without the bot's name, by which they were addressed.
pub(super) fn strip(bot: &Bot, words: &str) -> String {
    let words = plain_command(words);
    let Some((start, end)) = mention(bot, &words) else { return words };
    let (before, after) = (words[..start].trim_end(), words[end..].trim_start());
    let after = after.trim_start_matches([',', ':']).trim_start();
    if before.is_empty() || after.is_empty() {
        format!("{before}{after}")
    } else {
        format!("{before} {after}")
    }
}

/// Where the bot's name stands in a text.
fn mention(bot: &Bot, words: &str) -> Option<(usize, usize)> {
    let mut before = None;
    for (at, c) in words.char_indices() {
        let opens = c == '@' && before.is_none_or(|c: char| !c.is_alphanumeric() && c != '_');
        if opens {
            let name = words[at + 1..].split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next();
            if let Some(name) = name.filter(|name| bot.is_named(name)) {
                return Some((at, at + 1 + name.len()));
            }
        }
        before = Some(c);
    }
    None
}
