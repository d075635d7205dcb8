//! Writes recorded lines back: `bot>`, `|` and `[..]` in place. No other line of a script is ever touched.

use std::collections::BTreeMap;

use super::matching::{self, Reply};
use super::play::Inbox;
use super::script::{At, Expect, Script, Shows};
use crate::domain::customer::Language;
use crate::domain::message::Outbound;

/// What to write instead of lines of a file, by line from 1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edits {
    lines: BTreeMap<usize, Vec<String>>,
    /// Actors whose answers changed in the open batch: the last line that speaks of them, and how it begins.
    open: BTreeMap<String, (usize, String)>,
}

impl Edits {
    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Takes over what another run of the same file recorded.
    pub fn merge(&mut self, other: Edits) {
        self.lines.extend(other.lines);
    }

    /// The file with its new lines.
    pub fn apply(&self, script: &Script) -> String {
        let mut out = String::new();
        for (index, line) in script.lines.iter().enumerate() {
            match self.lines.get(&(index + 1)) {
                None => {
                    out.push_str(line);
                    out.push('\n');
                }
                Some(new) => new.iter().for_each(|line| {
                    out.push_str(line);
                    out.push('\n');
                }),
            }
        }
        out
    }

    /// Records what was sent instead of what a line expects; returns the reply that the line stands for now.
    pub(super) fn expectation(
        &mut self,
        script: &Script,
        at: At,
        who: &str,
        expect: &Expect,
        inbox: &Inbox,
        (anywhere, count): (bool, usize),
    ) -> Option<usize> {
        let old = script.lines.get(at.line - 1).map(String::as_str).unwrap_or_default();
        let (start, rest) = old.split_at(old.find('>').map_or(0, |end| end + 1));
        self.open.insert(who.to_owned(), (at.line, start.to_owned()));
        if expect.times.is_some() && count > 0 {
            let times = format!("times={}", expect.times.unwrap_or_default());
            self.lines.insert(at.line, vec![old.replacen(&times, &format!("times={count}"), 1)]);
            return None;
        }
        let position = |reply: &Reply| inbox.replies.iter().position(|other| std::ptr::eq(other, reply));
        // Where the order matters, the line stands for what came next.
        let same_key = inbox.unread().find(|reply| anywhere && reply.key == expect.key);
        let Some(reply) = same_key.or_else(|| inbox.unread().next()) else {
            self.lines.insert(at.line, Vec::new());
            for line in expect.record.iter().filter(|line| line.at.file == 0) {
                self.lines.insert(line.at.line, Vec::new());
            }
            return None;
        };
        let comment = rest.find(" #").map_or("", |at| &rest[at..]);
        let mut line = format!("{start} {}", reply.key);
        for (name, text) in &expect.args {
            if let Some(value) = reply.args.get(name) {
                let value =
                    if text.as_variable().is_some() { text.to_string() } else { matching::quoted(value) };
                line.push_str(&format!(" {name}={value}"));
            }
        }
        if let Some(variable) = &expect.bind {
            line.push_str(&format!(" as ${variable}"));
        }
        line.push_str(comment);
        self.lines.insert(at.line, vec![line]);
        position(reply)
    }

    /// Records the words and buttons of a message.
    pub(super) fn record(
        &mut self,
        script: &Script,
        expect: &Expect,
        language: Language,
        message: &Outbound,
    ) {
        let counts = expect.record.iter().filter(|line| line.only.is_none_or(|only| only == language));
        let (mut words_done, mut buttons_done) = (false, false);
        for line in counts.filter(|line| line.at.file == 0) {
            let old = script.lines.get(line.at.line - 1).map(String::as_str).unwrap_or_default();
            let (sign, done) = match line.shows {
                Shows::Line(_) => ('|', &mut words_done),
                Shows::Buttons(_) => ('[', &mut buttons_done),
            };
            let start = &old[..old.find(sign).unwrap_or(0)];
            let new = match (&line.shows, std::mem::replace(done, true)) {
                (_, true) => Vec::new(),
                (Shows::Line(_), false) => message
                    .text
                    .lines()
                    .map(|line| format!("{start}| {line}").trim_end().to_owned())
                    .collect(),
                (Shows::Buttons(_), false) if message.choices.is_empty() => Vec::new(),
                (Shows::Buttons(_), false) => {
                    let labels: Vec<String> = message.choices.iter().map(|c| c.label.clone()).collect();
                    vec![format!("{start}{}", matching::bracketed(&labels))]
                }
            };
            self.lines.insert(line.at.line, new);
        }
    }

    /// Ends a batch: where some of its answers were recorded, the rest is too.
    pub(super) fn close(&mut self, unread: impl Fn(&str) -> Vec<String>) {
        for (actor, (line, start)) in std::mem::take(&mut self.open) {
            let rest = unread(&actor);
            let lines = self.lines.entry(line).or_default();
            lines.extend(rest.into_iter().filter(|key| !key.is_empty()).map(|key| format!("{start} {key}")));
        }
    }
}
