//! One language: its Fluent bundle, set up so that nothing but our own words and values comes out of it.

use std::collections::BTreeMap;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentError, FluentResource, FluentValue};
use fluent_syntax::ast::Entry;
use unic_langid::LanguageIdentifier;

use super::facts::{MessageFacts, read_pattern};
use super::{LocaleError, LocaleFile, format};
use crate::domain::customer::Language;

/// Stands for a value that is not known; the line that holds it vanishes. A private code point that people's words
/// are cleaned of.
pub const DROP_MARK: char = '\u{E000}';

/// The messages of one language.
pub struct Bundle {
    fluent: FluentBundle<FluentResource>,
    facts: BTreeMap<String, MessageFacts>,
}

impl Bundle {
    /// An empty bundle.
    pub fn new(language: Language) -> Self {
        let tag: LanguageIdentifier = language.code().parse().unwrap_or_default();
        let mut fluent = FluentBundle::new_concurrent(vec![tag]);
        // Isolation marks would stand in amounts and codes that people copy.
        fluent.set_use_isolating(false);
        fluent.set_formatter(Some(match language {
            Language::Id => |value, _| whole(value, Language::Id),
            Language::En => |value, _| whole(value, Language::En),
        }));
        let added = fluent.add_function("DROP", |_, _| FluentValue::from(DROP_MARK.to_string()));
        debug_assert!(added.is_ok(), "the only function of a new bundle");
        Self { fluent, facts: BTreeMap::new() }
    }

    /// Adds the messages of a file, and to `errors` what is wrong with it.
    pub fn add(&mut self, file: LocaleFile, errors: &mut Vec<LocaleError>) {
        let path = file.path;
        let text = file.text.into_owned();
        let error_at = |offset: usize, message: String| {
            let (line, column) = position(&text, offset);
            LocaleError { path: path.clone(), line, column, message }
        };
        let resource = match FluentResource::try_new(text.clone()) {
            Ok(resource) => resource,
            Err((_, found)) => {
                errors.extend(found.iter().map(|error| error_at(error.pos.start, error.kind.to_string())));
                return;
            }
        };
        for entry in resource.entries() {
            let Entry::Message(message) = entry else { continue };
            let key = message.id.name;
            let offset = offset_in(resource.source(), key);
            let mut facts =
                MessageFacts { path: path.clone(), line: position(&text, offset).0, ..Default::default() };
            if let Some(pattern) = &message.value {
                read_pattern(pattern, &mut facts);
            }
            if let Some(earlier) = self.facts.get(key) {
                let place = format!("{}:{}", earlier.path, earlier.line);
                errors.push(error_at(offset, format!("the message `{key}` stands already in {place}")));
            } else {
                self.facts.insert(key.to_owned(), facts);
            }
        }
        if let Err(found) = self.fluent.add_resource(resource) {
            let messages = found.iter().filter_map(|error| match error {
                FluentError::Overriding { id, .. } if self.facts.contains_key(id) => None,
                other => Some(error_at(0, other.to_string())),
            });
            errors.extend(messages);
        }
    }

    /// Renders a message; nothing when it is missing or lacks an argument.
    pub fn message(&self, key: &str, args: &FluentArgs<'_>) -> Option<String> {
        let pattern = self.fluent.get_message(key)?.value()?;
        let mut errors = Vec::new();
        let text = self.fluent.format_pattern(pattern, Some(args), &mut errors);
        errors.is_empty().then(|| text.into_owned())
    }

    /// What is known of a message.
    pub fn facts(&self, key: &str) -> Option<&MessageFacts> {
        self.facts.get(key)
    }

    /// The keys, in order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.facts.keys().map(String::as_str)
    }

    /// How many messages there are.
    pub fn len(&self) -> usize {
        self.facts.len()
    }
}

/// Whole numbers as the language writes them; everything else as Fluent does.
fn whole(value: &FluentValue<'_>, language: Language) -> Option<String> {
    let FluentValue::Number(number) = value else { return None };
    number.as_string().parse().ok().map(|whole| format::number(whole, language))
}

/// Line and column, from 1, of a byte of a text.
fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}

/// Where a slice of a text begins in it.
fn offset_in(text: &str, part: &str) -> usize {
    (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize)
}
