//! Reads Botium's text files.

use std::collections::BTreeMap;
use std::path::Path;

use super::{Convo, Logic, Section, Tag};
use crate::convo::script::Problem;

/// Asserters, hooks and inputs, supported or not: a line that begins with one of them is not text.
const WORDS: &[&str] = &[
    "BUTTONS",
    "BUTTONS_COUNT",
    "BUTTONS_COUNT_REC",
    "MEDIA",
    "MEDIA_COUNT",
    "MEDIA_COUNT_REC",
    "CARDS",
    "CARDS_COUNT",
    "CARDS_COUNT_REC",
    "FORMS",
    "JSON_PATH",
    "JSON_PATH_COUNT",
    "RESPONSE_LENGTH",
    "INTENT",
    "INTENT_UNIQUE",
    "INTENT_CONFIDENCE",
    "ENTITIES",
    "ENTITY_VALUES",
    "ENTITY_CONTENT",
    "TEXT",
    "TEXT_EQUALS",
    "TEXT_CONTAINS_ANY",
    "TEXT_CONTAINS_ALL",
    "TEXT_CONTAINS_ANY_IC",
    "TEXT_CONTAINS_ALL_IC",
    "TEXT_WILDCARD_ANY",
    "TEXT_WILDCARD_ALL",
    "TEXT_WILDCARD_ANY_IC",
    "TEXT_WILDCARD_ALL_IC",
    "TEXT_WILDCARDEXACT_ANY",
    "TEXT_WILDCARDEXACT_ALL",
    "TEXT_WILDCARDEXACT_ANY_IC",
    "TEXT_WILDCARDEXACT_ALL_IC",
    "TEXT_REGEXP_ANY",
    "TEXT_REGEXP_ALL",
    "TEXT_REGEXP_ANY_IC",
    "TEXT_REGEXP_ALL_IC",
    "TEXT_WER",
    "BOT_CONSUMED",
    "BOT_UNCONSUMED_COUNT",
    "PAUSE",
    "WAITFORBOT",
    "INCLUDE",
    "SET_SCRIPTING_MEMORY",
    "CLEAR_SCRIPTING_MEMORY",
    "ASSIGN_SCRIPTING_MEMORY",
    "UPDATE_CUSTOM",
    "SKIP_BOT_UNCONSUMED",
    "CONDITIONAL_STEP_TIME_BASED",
    "CONDITIONAL_STEP_BUSINESS_HOURS",
    "CONDITIONAL_STEP_CAPABILITY_VALUE_BASED",
    "CONDITIONAL_STEP_JSON_PATH_BASED",
    "CONDITIONAL_STEP_GROUP",
    "BUTTON",
    "FORM",
];
/// The tags; any other line that begins with `#` is text.
const TAGS: [(&str, Tag); 5] = [
    ("#begin", Tag::Frame),
    ("#me", Tag::Me),
    ("#bot", Tag::Bot),
    ("#include", Tag::Include),
    ("#end", Tag::Frame),
];

/// Reads a conversation and what lies beside it.
pub(super) fn read(path: &Path) -> Result<Convo, Vec<Problem>> {
    let mut problems = Vec::new();
    let text = load(path, &mut problems);
    let (name, sections) = sections(path, &text, &mut problems);
    let mut convo = Convo {
        path: path.to_owned(),
        name,
        lines: text.lines().map(str::to_owned).collect(),
        sections,
        utterances: BTreeMap::new(),
        partials: BTreeMap::new(),
        cases: Vec::new(),
    };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut beside: Vec<_> = std::fs::read_dir(folder)
        .map(|entries| entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect())
        .unwrap_or_default();
    beside.sort();
    for path in beside {
        let file = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if super::is_skipped(&file) {
            continue;
        }
        if file.ends_with(".utterances.txt") {
            let text = load(&path, &mut problems);
            let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
            if let Some(name) = lines.next() {
                convo.utterances.insert(name.to_owned(), lines.map(str::to_owned).collect());
            }
        } else if file.ends_with(".pconvo.txt") {
            let text = load(&path, &mut problems);
            let (name, sections) = self::sections(&path, &text, &mut problems);
            convo.partials.insert(name, sections);
        } else if file.ends_with(".scriptingmemory.txt") {
            convo.cases.extend(memory(&load(&path, &mut problems)));
        }
    }
    if problems.is_empty() { Ok(convo) } else { Err(problems) }
}

fn load(path: &Path, problems: &mut Vec<Problem>) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| {
        problems.push(problem(path, 1, format!("cannot be read ({error}): check the path")));
        String::new()
    })
}

fn problem(path: &Path, line: usize, message: String) -> Problem {
    Problem { file: path.to_owned(), line, column: 1, message }
}

/// The name of a conversation and its sections.
pub(super) fn sections(path: &Path, text: &str, problems: &mut Vec<Problem>) -> (String, Vec<Section>) {
    let mut name = String::new();
    let mut sections: Vec<Section> = Vec::new();
    let mut words: Vec<String> = Vec::new();
    for (index, raw) in text.lines().enumerate() {
        let (number, line) = (index + 1, raw.trim_end_matches('\r'));
        let tag = TAGS.iter().find(|(tag, _)| {
            line.strip_prefix(tag)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace))
        });
        if let Some((_, tag)) = tag {
            close(&mut sections, &mut words);
            sections.push(Section {
                line: number,
                tag: *tag,
                text: String::new(),
                logic: Vec::new(),
                optional: false,
                not: false,
            });
            continue;
        }
        let Some(section) = sections.last_mut() else {
            if name.is_empty() {
                line.trim().clone_into(&mut name);
            }
            continue;
        };
        match logic(number, line) {
            Some((logic, optional)) => {
                section.optional |= optional;
                section.logic.push(logic);
            }
            None if section.tag == Tag::Include && !line.trim().is_empty() => {
                let args = vec![line.trim().to_owned()];
                section.logic.push(Logic { line: number, word: "INCLUDE".to_owned(), args, not: false });
            }
            None => words.push(line.to_owned()),
        }
    }
    close(&mut sections, &mut words);
    if sections.is_empty() {
        let advice = "no section in this file: begin one with #me or #bot".to_owned();
        problems.push(problem(path, 1, advice));
    }
    if name.is_empty() {
        name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    }
    (name, sections)
}

/// Puts the words into the section that they belong to, reading its prefix: `?` optional, `!` not, doubled ones are text.
fn close(sections: &mut [Section], words: &mut Vec<String>) {
    let text = std::mem::take(words).join("\n").trim().to_owned();
    let Some(section) = sections.last_mut() else { return };
    if section.tag != Tag::Bot {
        section.text = text;
        return;
    }
    let mut rest = text.as_str();
    if let Some(after) = rest.strip_prefix('?') {
        if after.starts_with('?') {
            section.text = after.to_owned();
            return;
        }
        section.optional = true;
        rest = after;
    }
    if let Some(after) = rest.strip_prefix('!') {
        if after.starts_with('!') {
            section.text = after.to_owned();
            return;
        }
        section.not = true;
        rest = after;
    }
    section.text = rest.trim().to_owned();
}

/// Reads a line of logic, and whether it is optional.
fn logic(line: usize, raw: &str) -> Option<(Logic, bool)> {
    let mut rest = raw.trim();
    let optional = rest.starts_with('?') && !rest.starts_with("??");
    if optional {
        rest = &rest[1..];
    }
    let not = rest.starts_with('!') && !rest.starts_with("!!");
    if not {
        rest = &rest[1..];
    }
    let word = rest.split_whitespace().next()?;
    if !WORDS.contains(&word) {
        return None;
    }
    let args = split(rest[word.len()..].trim());
    Some((Logic { line, word: word.to_owned(), args, not }, optional))
}

/// Splits arguments at `|`; `\|` is a letter.
fn split(raw: &str) -> Vec<String> {
    if raw.is_empty() {
        return Vec::new();
    }
    let mut args = vec![String::new()];
    let mut letters = raw.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' if letters.peek() == Some(&'|') => {
                letters.next();
                args.iter_mut().last().into_iter().for_each(|last| last.push('|'));
            }
            '|' => args.push(String::new()),
            other => args.iter_mut().last().into_iter().for_each(|last| last.push(other)),
        }
    }
    args.into_iter().map(|arg| arg.trim().to_owned()).collect()
}

/// Reads a table of scripting memory: a line of variables, then one case per line.
pub(super) fn memory(text: &str) -> Vec<BTreeMap<String, String>> {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let Some(head) = lines.next() else { return Vec::new() };
    let names: Vec<&str> = head.split('|').skip(1).map(|name| name.trim().trim_start_matches('$')).collect();
    lines
        .map(|line| {
            let values = line.split('|').skip(1).map(str::trim);
            names.iter().zip(values).map(|(name, value)| ((*name).to_owned(), value.to_owned())).collect()
        })
        .collect()
}
