//! Lint of the locales: what differs between the languages, what no flow says, and what no channel can show.
//!
//! The flows' side comes in as [`Use`]s, so that this file knows nothing of flow files and `dialogue` nothing of words.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::facts::base;
use super::samples::{self, Size};
use super::{KEYS_OF_RUST, Locales, SETS_OF_WORDS, SHELF};
use crate::dialogue::reply::Say;
use crate::dialogue::value::Value;
use crate::domain::customer::Language;

/// Characters of a text on the tightest channel.
pub const TEXT_CHARS: usize = 1_024;
/// Characters of a button on the tightest channel.
pub const BUTTON_CHARS: usize = 20;
/// Characters that never stand in a finished text: braces of an argument that was not given, and marks that turn text.
pub const FORBIDDEN: [char; 5] = ['{', '}', '\u{2068}', '\u{2069}', '\u{E000}'];

/// What a message is used as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A reply.
    Text,
    /// A row of a list inside a reply.
    Row,
    /// A button or the label of a link.
    Button,
    /// A choice of a list, which channels may cut.
    Choice,
}

/// One use of a message by a flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// The key.
    pub key: String,
    /// What it is used as.
    pub kind: Kind,
    /// The arguments that it is given; `None` when they are the columns of a list that is not known here.
    pub args: Option<BTreeSet<String>>,
    /// For arguments that are lists, the key of a row.
    pub rows: BTreeMap<String, String>,
    /// Where: `flows/checkout.yaml`.
    pub place: String,
}

/// Something that must be mended.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The file, the language or the flow.
    pub place: String,
    /// The line, where it is known.
    pub line: usize,
    /// What is wrong and what to do.
    pub message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.place, self.line.max(1), self.message)
    }
}

/// Every finding of the locales, alone and against their uses.
pub fn lint(locales: &Locales, uses: &[Use]) -> Vec<Finding> {
    let mut findings = Vec::new();
    languages_agree(locales, &mut findings);
    uses_are_served(locales, uses, &mut findings);
    keys_are_used(locales, uses, &mut findings);
    for usage in uses {
        fits(locales, usage, &mut findings);
    }
    findings.sort();
    findings.dedup();
    findings
}

fn at(locales: &Locales, language: Language, key: &str, message: String) -> Finding {
    let facts = locales.facts(language, key);
    Finding {
        place: facts.map_or_else(|| format!("locales/{}", language.code()), |facts| facts.path.clone()),
        line: facts.map_or(1, |facts| facts.line),
        message,
    }
}

/// Both languages hold the same keys, and each message reads the same arguments in both.
fn languages_agree(locales: &Locales, findings: &mut Vec<Finding>) {
    for (language, other) in [(Language::Id, Language::En), (Language::En, Language::Id)] {
        for key in locales.keys(language) {
            let Some(facts) = locales.facts(language, key) else { continue };
            let Some(there) = locales.facts(other, key) else {
                let message = format!("`{key}` is missing in `{}`; write it there too", other.code());
                findings.push(at(locales, language, key, message));
                continue;
            };
            for name in facts.variables.iter().map(|name| base(name)) {
                // English selects on numbers that Indonesian only writes, so the forms of an argument may differ.
                if !there.variables.iter().any(|variable| base(variable) == name) {
                    let message =
                        format!("`{key}` reads `${name}`, but not in `{}`; both must say it", other.code());
                    findings.push(at(locales, language, key, message));
                }
            }
        }
    }
}

/// Every key that a flow names exists in both languages and reads nothing that it is not given.
fn uses_are_served(locales: &Locales, uses: &[Use], findings: &mut Vec<Finding>) {
    for usage in uses {
        for language in Language::ALL {
            let Some(facts) = locales.facts(language, &usage.key) else {
                let message = format!("says `{}`, which `locales/{}` lacks", usage.key, language.code());
                findings.push(Finding { place: usage.place.clone(), line: 1, message });
                continue;
            };
            let Some(given) = &usage.args else { continue };
            let is_given = |variable: &str| given.contains(base(variable)) || SHELF.contains(&base(variable));
            for variable in facts.variables.iter().filter(|variable| !is_given(variable)) {
                let message = format!(
                    "`{}` reads `${variable}`, which {} does not pass in `args`",
                    usage.key, usage.place
                );
                findings.push(at(locales, language, &usage.key, message));
            }
        }
    }
}

/// Every key is said by a flow, by a row of one, by Rust, or as a word of a closed set.
fn keys_are_used(locales: &Locales, uses: &[Use], findings: &mut Vec<Finding>) {
    let said: BTreeSet<&str> = uses
        .iter()
        .flat_map(|usage| usage.rows.values().map(String::as_str).chain([usage.key.as_str()]))
        .chain(KEYS_OF_RUST.iter().copied())
        .collect();
    let included: BTreeSet<&str> = locales
        .keys(Language::Id)
        .filter_map(|key| locales.facts(Language::Id, key))
        .flat_map(|facts| facts.includes.iter().map(String::as_str))
        .collect();
    for key in locales.keys(Language::Id) {
        let word =
            SETS_OF_WORDS.iter().any(|set| key.strip_prefix(set).is_some_and(|rest| rest.starts_with('-')));
        if !word && !said.contains(key) && !included.contains(key) {
            findings.push(at(
                locales,
                Language::Id,
                key,
                format!("nothing says `{key}`; delete it or use it"),
            ));
        }
    }
}

/// A use with its longest realistic values fits the tightest channel and shows nothing that must not be seen.
fn fits(locales: &Locales, usage: &Use, findings: &mut Vec<Finding>) {
    for language in Language::ALL {
        let Some(facts) = locales.facts(language, &usage.key) else { continue };
        let say = sample(locales, usage, language, Size::Long);
        let text = locales.render(&say, language, &chrono_tz::Asia::Jakarta).text;
        let length = text.chars().count();
        let limit = if usage.kind == Kind::Button { BUTTON_CHARS } else { TEXT_CHARS };
        if length > limit {
            let message = format!("`{}` can grow to {length} characters, {limit} at most", usage.key);
            findings.push(at(locales, language, &usage.key, message));
        }
        if let Some(found) = text.chars().find(|character| FORBIDDEN.contains(character)) {
            findings.push(at(locales, language, &usage.key, format!("`{}` shows {found:?}", usage.key)));
        }
        if facts.multiline && matches!(usage.kind, Kind::Button | Kind::Choice) {
            findings.push(at(
                locales,
                language,
                &usage.key,
                format!("`{}` is a label: one line only", usage.key),
            ));
        }
    }
}

/// A reply of a use with realistic values; a row or a label is given what it reads.
pub fn sample(locales: &Locales, usage: &Use, language: Language, size: Size) -> Say {
    let read = |key: &str| -> BTreeSet<String> {
        locales
            .facts(language, key)
            .into_iter()
            .flat_map(|facts| &facts.variables)
            .map(|name| base(name).to_owned())
            .collect()
    };
    let mut say = Say::new(usage.key.clone());
    let names = usage.args.clone().unwrap_or_else(|| read(&usage.key));
    for name in names {
        let value = match usage.rows.get(&name) {
            Some(row_key) => {
                let row = read(row_key).into_iter().map(|column| {
                    let value = samples::cell(&column, size);
                    (column, value)
                });
                Value::Rows(vec![row.collect(); samples::rows(&name, size)])
            }
            None => samples::value(&name, size),
        };
        say.args.insert(name, value);
    }
    say.rows.clone_from(&usage.rows);
    if locales.reads_shelf(language, &usage.key) {
        say.args.extend(SHELF.map(|name| (name.to_owned(), samples::value(name, size))));
    }
    say
}
