//! What the platform refuses in slash commands. Source: `interactions/application-commands.mdx`.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::rules::{Refusal, length, list, object, text};

/// Locales of the platform. Source: `reference.mdx`, "Locales".
const LOCALES: &[&str] = &[
    "id", "da", "de", "en-GB", "en-US", "es-ES", "es-419", "fr", "hr", "it", "lt", "hu", "nl", "no", "pl",
    "pt-BR", "ro", "fi", "sv-SE", "vi", "tr", "cs", "el", "bg", "ru", "uk", "hi", "th", "zh-CN", "ja",
    "zh-TW", "ko",
];

/// A whole set of commands; `is_global` says whether they are of a server or of all.
pub fn commands(body: &Value, is_global: bool) -> Result<Vec<String>, Refusal> {
    let commands = body.as_array().ok_or_else(|| Refusal::form("commands", "Must be a list"))?;
    if commands.len() > 100 {
        return Err(Refusal::new(400, 30_032, "Maximum number of application commands reached (100)"));
    }
    let mut names = BTreeSet::new();
    for command in commands {
        let known = [
            "id",
            "name",
            "name_localizations",
            "description",
            "description_localizations",
            "options",
            "default_member_permissions",
            "dm_permission",
            "default_permission",
            "integration_types",
            "contexts",
            "type",
            "nsfw",
            "handler",
        ];
        let command = object(command, "commands", &known)?;
        let kind = command.get("type").map_or(Some(1), Value::as_u64);
        if kind != Some(1) {
            return Err(Refusal::form("type", "only chat input commands are known here"));
        }
        let mut characters = named(command)?;
        if !is_global && (command.contains_key("contexts") || command.contains_key("integration_types")) {
            return Err(Refusal::form("contexts", "only for globally-scoped commands"));
        }
        numbers(command, "contexts", 2)?;
        numbers(command, "integration_types", 1)?;
        let mut has_optional = false;
        for option in list(command, "options", 25)? {
            let known = [
                "type",
                "name",
                "name_localizations",
                "description",
                "description_localizations",
                "required",
                "choices",
                "options",
                "channel_types",
                "min_value",
                "max_value",
                "min_length",
                "max_length",
                "autocomplete",
            ];
            let option = object(option, "options", &known)?;
            if !option.get("type").and_then(Value::as_u64).is_some_and(|kind| (1..=11).contains(&kind)) {
                return Err(Refusal::form("type", "Value must be one of 1 to 11."));
            }
            characters += named(option)?;
            list(option, "choices", 25)?;
            let is_required = option.get("required").and_then(Value::as_bool).unwrap_or_default();
            if is_required && has_optional {
                return Err(Refusal::form(
                    "options",
                    "Required options must be placed before non-required options",
                ));
            }
            has_optional |= !is_required;
        }
        if characters > 8_000 {
            return Err(Refusal::form("commands", "Command exceeds maximum size (8000)"));
        }
        let name = text(command, "name", 1, 32, true)?.unwrap_or_default().to_owned();
        if !names.insert(name) {
            return Err(Refusal::form("name", "Application command names must be unique"));
        }
    }
    Ok(names.into_iter().collect())
}

/// Names and descriptions: how many characters they have.
fn named(object: &Map<String, Value>) -> Result<usize, Refusal> {
    let name = text(object, "name", 1, 32, true)?.unwrap_or_default();
    let description = text(object, "description", 1, 100, true)?.unwrap_or_default();
    check_name(name)?;
    let mut characters = length(name) + length(description);
    for (field, max) in [("name_localizations", 32), ("description_localizations", 100)] {
        let Some(words) = object.get(field).filter(|words| !words.is_null()) else { continue };
        let words = words.as_object().ok_or_else(|| Refusal::form(field, "Must be an object"))?;
        for (locale, _) in words {
            if !LOCALES.contains(&locale.as_str()) {
                return Err(Refusal::form(field, "Unknown locale"));
            }
            let word = text(words, locale, 1, max, true)?.unwrap_or_default();
            if field == "name_localizations" {
                check_name(word)?;
            }
            characters += length(word);
        }
    }
    Ok(characters)
}

fn check_name(name: &str) -> Result<(), Refusal> {
    let is_plain = name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '\''));
    if is_plain && name == name.to_lowercase() {
        return Ok(());
    }
    Err(Refusal::form("name", "String value did not match validation regex."))
}

fn numbers(command: &Map<String, Value>, field: &str, max: u64) -> Result<(), Refusal> {
    let mut seen = BTreeSet::new();
    for number in list(command, field, 3)? {
        if !number.as_u64().is_some_and(|number| number <= max && seen.insert(number)) {
            return Err(Refusal::form(field, "an unknown value, or one twice"));
        }
    }
    Ok(())
}
