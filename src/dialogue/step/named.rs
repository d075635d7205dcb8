//! Under which names flows hear what was said: commands, intents, errands, and what patterns cut out of a text.

use std::collections::BTreeMap;

use crate::dialogue::understand::{ASK_SHOP, Intent, Understanding};
use crate::dialogue::value::Value;

/// Whether an intent only answers a question, and means nothing where none was asked.
pub(super) fn is_answer(intent: &str) -> bool {
    matches!(intent, "affirm" | "deny")
}

/// The name of a command: `/cart@shop now` is `cart`.
pub(super) fn command_of(text: &str) -> Option<String> {
    let rest = text.trim().strip_prefix('/')?;
    let name = rest.split(|c: char| c.is_whitespace() || c == '@').next().unwrap_or_default();
    name.starts_with(char::is_alphabetic).then(|| name.to_lowercase())
}

/// The named groups of a pattern that the whole text matches, as slots.
pub(super) fn groups(pattern: &regex::Regex, text: &str) -> Option<BTreeMap<String, Value>> {
    let text = text.trim();
    let captures = pattern.captures(text)?;
    if captures.get(0)?.as_str() != text {
        return None;
    }
    Some(
        pattern
            .capture_names()
            .flatten()
            .filter_map(|name| Some((name.to_owned(), Value::from(captures.name(name)?.as_str()))))
            .collect(),
    )
}

/// What was heard, as flows write it: an errand of the shop's people, a question about the shop, or the intent.
pub(super) fn name_of(heard: &Understanding) -> String {
    match (heard.errand, heard.topic) {
        (Some(errand), _) if !matches!(heard.intent, Intent::Cancel | Intent::Language) => {
            errand.name().to_owned()
        }
        (_, Some(_)) if matches!(heard.intent, Intent::Help | Intent::None) => ASK_SHOP.to_owned(),
        _ => intent_name(heard.intent),
    }
}

/// An intent as flows write it.
pub(super) fn intent_name(intent: Intent) -> String {
    serde_json::to_value(intent).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
}
