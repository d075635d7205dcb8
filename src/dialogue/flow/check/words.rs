//! F08: keys that a locale lacks or that read what they are not given. F09: choices that no channel can show.

use std::collections::BTreeSet;

use super::scan::{KeyKind, KeyUse, scan};
use super::{LocaleFacts, Notes};
use crate::dialogue::flow::model::ClassName;
use crate::dialogue::flow::{Finding, Flow, Flows};
use crate::domain::message::MAX_CHOICES;

/// Characters of a button on the tightest channel.
pub const BUTTON_CHARS: usize = 20;
/// Choices that turn the pages of a list.
const PAGE_CHOICES: usize = 2;

/// Every use of a message by the current flows.
pub fn key_uses(flows: &Flows) -> Vec<KeyUse> {
    flows.current().flat_map(|flow| scan(flow).keys).collect()
}

pub fn check(flows: &Flows, locales: Option<&LocaleFacts>, notes: &mut Notes) {
    for flow in flows.current() {
        too_many(flow, notes);
        classes(flow, notes);
    }
    let Some(locales) = locales else { return };
    for usage in key_uses(flows) {
        for (language, messages) in &locales.messages {
            let mut add = |code: &'static str, message: String| {
                notes.0.push(Finding {
                    file: usage.file.clone(),
                    line: usage.place.0.max(1),
                    column: usage.place.1.max(1),
                    code,
                    message,
                });
            };
            let Some(facts) = messages.get(&usage.key) else {
                let near = super::types::nearest(&usage.key, messages.keys().map(String::as_str));
                add(
                    "F08",
                    format!("`locales/{}` has no `{}`{near}; write it there", language.code(), usage.key),
                );
                continue;
            };
            if let Some(given) = &usage.args {
                let lacking: BTreeSet<&String> = facts.arguments.difference(given).collect();
                for argument in lacking {
                    let message = format!(
                        "`{}` reads `${argument}` in `locales/{}`, which is not passed; add it to `args`",
                        usage.key,
                        language.code()
                    );
                    add("F08", message);
                }
            }
            // Texts are held against their channels with their rows by the lint of the locales.
            if usage.kind == KeyKind::Button && facts.longest_chars > BUTTON_CHARS {
                let message = format!(
                    "`{}` grows to {} characters in `locales/{}`, {BUTTON_CHARS} at most fit on a button; shorten it",
                    usage.key,
                    facts.longest_chars,
                    language.code()
                );
                add("F09", message);
            }
        }
    }
}

fn too_many(flow: &Flow, notes: &mut Notes) {
    for (name, state) in flow.file.states.placed() {
        let paging = if state.list.is_some() { PAGE_CHOICES + 1 } else { 0 };
        // Buttons whose guards exclude each other never stand together; the longest run of them is not worked out,
        // so only what cannot fit in any case is a finding.
        let always = state.buttons.iter().filter(|button| button.guard.is_none()).count();
        if always + paging > MAX_CHOICES {
            let message = format!(
                "{always} buttons{} do not fit into the {MAX_CHOICES} choices of a message; split the state",
                if paging > 0 { " beside a list" } else { "" }
            );
            notes.add(flow, name.place(), "F09", message);
        }
    }
    for (_, notices) in flow.file.signals.placed() {
        for notice in notices.0.iter().filter(|notice| notice.buttons.len() > MAX_CHOICES) {
            let place = notice.buttons.first().map_or((1, 1), crate::dialogue::flow::model::At::place);
            notes.add(
                flow,
                place,
                "F09",
                format!("a notice has {} buttons, {MAX_CHOICES} at most fit", notice.buttons.len()),
            );
        }
    }
}

/// A notice outlives the prompt that is open, and so must its buttons.
fn classes(flow: &Flow, notes: &mut Notes) {
    for notices in flow.file.signals.values() {
        for button in notices.0.iter().flat_map(|notice| &notice.buttons) {
            if button.class == ClassName::Current {
                let message =
                    "a button of a notice would soon be stale; give it `class: safe` or `class: once`";
                notes.add(flow, button.label.place(), "F09", message);
            }
        }
    }
}
