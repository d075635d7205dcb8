//! Compares what was sent with what a script expects. Keys and arguments hold in every language; recorded words in one.

use std::collections::BTreeMap;

use similar::{ChangeTag, TextDiff};

use super::script::{Expect, Recorded, Shows, Text};
use crate::domain::customer::Language;
use crate::domain::message::Outbound;

/// Stands for any lines in recorded words.
const ANY_LINES: [&str; 2] = ["…", "..."];
/// Waits to be recorded.
pub const TO_RECORD: &str = "?";

/// One reply that has reached an actor: a message may be made of several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// Which of the actor's messages, from 0.
    pub message: usize,
    /// Its key; empty for words that no key stands for.
    pub key: String,
    /// Its raw arguments.
    pub args: BTreeMap<String, String>,
    /// Whether its message shows a picture.
    pub has_image: bool,
}

/// The replies of a message.
pub fn replies(message: usize, outbound: &Outbound) -> Vec<Reply> {
    let has_image = outbound.image.is_some();
    if outbound.replies.is_empty() {
        return vec![Reply { message, key: String::new(), args: BTreeMap::new(), has_image }];
    }
    let trace = outbound.replies.iter();
    trace
        .map(|reply| Reply { message, key: reply.key.clone(), args: reply.args.clone(), has_image })
        .collect()
}

/// Whether a reply has the key and the arguments. A lone variable without a value agrees with anything that is there,
/// `*` with anything that is not empty. `lang` is the language of the conversation and `image` whether the message shows
/// a picture (`yes`, `no`), not arguments.
pub fn agrees(expect: &Expect, reply: &Reply, language: &str, variables: &BTreeMap<String, String>) -> bool {
    expect.key == reply.key
        && expect.args.iter().all(|(name, want)| {
            let got = reply.args.get(name).map(String::as_str).or(match name.as_str() {
                "lang" => Some(language),
                "image" if reply.has_image => Some("yes"),
                "image" => Some("no"),
                _ => None,
            });
            got.is_some_and(|got| value_agrees(want, got, variables))
        })
}

fn value_agrees(want: &Text, got: &str, variables: &BTreeMap<String, String>) -> bool {
    match want.as_variable() {
        Some(name) if !variables.contains_key(name) => true,
        _ => {
            let want = want.fill(variables);
            want == got || (want == "*" && !got.is_empty())
        }
    }
}

/// The lines of a message that differ from the recorded ones, as a diff; nothing when they agree. Lines of another
/// language do not count.
pub fn differs(record: &[Recorded], language: Language, message: &Outbound) -> Option<Vec<String>> {
    let counts = |line: &&Recorded| line.only.is_none_or(|only| only == language);
    let mut words: Vec<&str> = Vec::new();
    let mut buttons: Option<Vec<String>> = None;
    for line in record.iter().filter(counts) {
        match &line.shows {
            Shows::Line(line) => words.push(line),
            Shows::Buttons(more) => buttons.get_or_insert_default().extend(more.clone()),
        }
    }
    let got: Vec<&str> = message.text.lines().map(str::trim_end).collect();
    let mut lines = Vec::new();
    if !words.is_empty() && !lines_agree(&words, &got) {
        lines.extend(diff(&words, &got));
    }
    let labels: Vec<String> = message.choices.iter().map(|choice| choice.label.clone()).collect();
    if let Some(buttons) = buttons
        && !(buttons.len() == labels.len()
            && buttons.iter().zip(&labels).all(|(want, got)| label_agrees(want, got)))
    {
        lines.push(format!("- {}", bracketed(&buttons)));
        lines.push(format!("+ {}", bracketed(&labels)));
    }
    (!lines.is_empty()).then_some(lines)
}

/// Whether a button has the words, as far as its platform has room for them: cut words end with `…`.
pub fn label_agrees(want: &str, got: &str) -> bool {
    let (want, got) = (want.to_lowercase(), got.to_lowercase());
    want == got
        || got.strip_suffix('…').is_some_and(|head| !head.is_empty() && want.starts_with(head.trim_end()))
}

/// Whether the lines agree, `…` standing for any number of them.
fn lines_agree(want: &[&str], got: &[&str]) -> bool {
    match want.split_first() {
        None => got.is_empty(),
        Some((first, rest)) if ANY_LINES.contains(first) => {
            (0..=got.len()).any(|skip| lines_agree(rest, &got[skip..]))
        }
        Some((first, rest)) => {
            got.split_first().is_some_and(|(line, others)| first == line && lines_agree(rest, others))
        }
    }
}

/// A diff line by line: `-` recorded, `+` sent.
pub fn diff(want: &[&str], got: &[&str]) -> Vec<String> {
    TextDiff::from_slices(want, got)
        .iter_all_changes()
        .map(|change| {
            let sign = match change.tag() {
                ChangeTag::Delete => "- ",
                ChangeTag::Insert => "+ ",
                ChangeTag::Equal => "  ",
            };
            format!("{sign}{}", change.value())
        })
        .collect()
}

/// Labels as a script writes them.
pub fn bracketed(labels: &[String]) -> String {
    let labels: Vec<String> = labels.iter().map(|label| format!("[{}]", label.replace(']', "\\]"))).collect();
    if labels.is_empty() { "(no buttons)".to_owned() } else { labels.join(" ") }
}

/// A reply as a script would expect it.
pub fn shown(reply: &Reply) -> String {
    let mut line = if reply.key.is_empty() { "(words without a key)".to_owned() } else { reply.key.clone() };
    for (name, value) in reply.args.iter().filter(|(_, value)| !value.is_empty()) {
        line.push(' ');
        line.push_str(name);
        line.push('=');
        line.push_str(&quoted(value));
    }
    line
}

/// A value as it stands in a script.
pub fn quoted(value: &str) -> String {
    let is_plain = !value.is_empty()
        && !value.contains(|letter: char| letter.is_whitespace() || matches!(letter, '"' | '\\' | '$' | '#'));
    if is_plain {
        return value.to_owned();
    }
    let mut out = String::from("\"");
    for letter in value.chars() {
        match letter {
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '"' | '\\' => out.extend(['\\', letter]),
            '$' => out.push_str("$$"),
            _ => out.push(letter),
        }
    }
    out.push('"');
    out
}
