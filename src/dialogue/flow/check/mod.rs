//! The checks of flow files: everything that would strand a customer is found before anybody meets it.
//!
//! Each code has its file: `names` and `dead_ends` F01 F02, `loops` F03 F11, `effects` F04 F12, `guards` F05, `hearing`
//! F06 F07, `words` F08 F09, `slots` F10.

mod dead_ends;
mod effects;
mod guards;
mod hearing;
mod loops;
mod names;
mod scan;
mod slots;
mod types;
mod words;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use super::{Finding, Flow, Flows};
use crate::domain::customer::Language;

pub use scan::{KeyKind, KeyUse};
pub use words::{BUTTON_CHARS, key_uses};

/// What the checks must know of the locales. `i18n` stands above the dialogue, so it is given as plain data.
#[derive(Debug, Clone, Default)]
pub struct LocaleFacts {
    /// The messages of each language, by key.
    pub messages: BTreeMap<Language, BTreeMap<String, KeyFacts>>,
}

/// What the checks must know of one message in one language.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyFacts {
    /// The arguments that it reads, those of messages that it includes too.
    pub arguments: BTreeSet<String>,
    /// Characters that it grows to with the longest realistic values.
    pub longest_chars: usize,
}

/// Every finding in the current versions of the flows, in the order of files and lines. Without `locales` the findings
/// about words are left out.
pub fn check(flows: &Flows, locales: Option<&LocaleFacts>) -> Vec<Finding> {
    let mut notes = Notes::default();
    names::check(flows, &mut notes);
    dead_ends::check(flows, &mut notes);
    loops::check(flows, &mut notes);
    effects::check(flows, &mut notes);
    guards::check(flows, &mut notes);
    hearing::check(flows, &mut notes);
    slots::check(flows, &mut notes);
    words::check(flows, locales, &mut notes);
    notes.0.sort();
    notes.0.dedup();
    notes.0
}

/// Findings as they come.
#[derive(Default)]
struct Notes(Vec<Finding>);

impl Notes {
    fn add(&mut self, flow: &Flow, place: (u32, u32), code: &'static str, message: impl Into<String>) {
        self.0.push(Finding {
            file: flow.path.clone(),
            line: place.0.max(1),
            column: place.1.max(1),
            code,
            message: message.into(),
        });
    }
}

/// Whether a file holds what is heard everywhere instead of a flow of its own.
fn is_global(flow: &Flow) -> bool {
    flow.name == super::GLOBAL || flow.name == super::STAFF
}

/// The file of what is heard everywhere by the people whom a flow is for.
fn global_of<'a>(flows: &'a Flows, flow: &Flow) -> Option<&'a Flow> {
    flows.global(flow.role()).map(std::sync::Arc::as_ref)
}
