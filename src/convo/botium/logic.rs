//! What Botium's asserters mean, on one message.

use regex::RegexBuilder;
use serde_json::Value as Json;

use super::Logic;
use crate::domain::message::Outbound;

/// Bytes that a compiled pattern may take.
const MAX_PATTERN_BYTES: usize = 1 << 20;

/// Text as Botium compares it: without tags, white space in single spaces.
pub(super) fn normal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut depth = false;
    for letter in text.chars() {
        match letter {
            '<' => depth = true,
            '>' if depth => {
                depth = false;
                out.push(' ');
            }
            _ if !depth => out.push(letter),
            _ => {}
        }
    }
    // An open bracket that nothing closes is text.
    let out = if depth { text } else { &out };
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// How words are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// `*` stands for anything; contained in the text.
    Wildcard,
    /// `*` stands for anything; the whole text.
    WildcardExact,
    /// Contained.
    Contains,
    /// The whole text.
    Equals,
    /// A regular expression, found anywhere.
    Regexp,
}

/// Whether words agree with a text. `Err` holds what is wrong with a pattern.
pub(super) fn agrees(how: How, want: &str, got: &str, ignore_case: bool) -> Result<bool, String> {
    let (want, got) =
        if how == How::Regexp { (want.to_owned(), normal(got)) } else { (normal(want), normal(got)) };
    let pattern = match how {
        How::Regexp => want,
        How::Wildcard | How::WildcardExact => {
            want.split('*').map(regex::escape).collect::<Vec<_>>().join(".*")
        }
        How::Contains | How::Equals => regex::escape(&want),
    };
    let pattern = match how {
        How::WildcardExact | How::Equals => format!("^(?:{pattern})$"),
        _ => pattern,
    };
    RegexBuilder::new(&pattern)
        .case_insensitive(ignore_case)
        .dot_matches_new_line(true)
        .size_limit(MAX_PATTERN_BYTES)
        .build()
        .map(|pattern| pattern.is_match(&got))
        .map_err(|_| format!("`{pattern}` is no pattern"))
}

/// Whether the text of a section agrees with a message. Words that are JSON are compared as data.
pub(super) fn text_agrees(want: &str, got: &str) -> Result<bool, String> {
    let as_data = |text: &str| {
        let text = text.trim();
        (text.starts_with('{') || text.starts_with('['))
            .then(|| serde_json::from_str::<Json>(text).ok())
            .flatten()
    };
    match as_data(want) {
        Some(want) => Ok(as_data(got).is_some_and(|got| got == want)),
        None => agrees(How::Wildcard, want, got, true),
    }
}

/// Whether one asserter holds on a message. `Err` says what is not supported or not right.
pub(super) fn holds(logic: &Logic, message: &Outbound, heard: &[String]) -> Result<bool, String> {
    let held = match logic.word.as_str() {
        "TEXT" | "TEXT_EQUALS" => all(&logic.args, |want| agrees(How::Equals, want, &message.text, false))?,
        word if word.starts_with("TEXT_") && word != "TEXT_WER" => texts(word, &logic.args, &message.text)?,
        "BUTTONS" if logic.args.is_empty() => !message.choices.is_empty(),
        "BUTTONS" => logic.args.iter().all(|want| {
            message.choices.iter().any(|choice| {
                normal(&choice.label).to_lowercase() == normal(want).to_lowercase() || choice.data == *want
            })
        }),
        "BUTTONS_COUNT" => counts(&logic.args, message.choices.len())?,
        "JSON_PATH" => json_path(&logic.args, message)?,
        "INTENT" => heard.iter().any(|line| {
            line.strip_prefix("intent ").is_some_and(|intent| {
                let plain = |word: &str| word.to_lowercase().replace(['_', '-'], "");
                logic.args.iter().any(|want| plain(want) == plain(intent))
            })
        }),
        "ENTITIES" => logic.args.iter().all(|want| {
            let (name, open) = want.strip_suffix("...").map_or((want.as_str(), false), |name| (name, true));
            (open && name.is_empty())
                || heard.iter().any(|line| line.split_whitespace().next() == Some(name.trim()))
        }),
        word => return Err(format!("unsupported: {word}")),
    };
    Ok(held != logic.not)
}

fn all(wants: &[String], mut one: impl FnMut(&str) -> Result<bool, String>) -> Result<bool, String> {
    for want in wants {
        if !one(want)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// `TEXT_<how>_<ANY|ALL>[_IC]`.
fn texts(word: &str, args: &[String], got: &str) -> Result<bool, String> {
    let (plain, ignore_case) = word.strip_suffix("_IC").map_or((word, false), |word| (word, true));
    let (kind, any) = match (plain.strip_suffix("_ANY"), plain.strip_suffix("_ALL")) {
        (Some(kind), _) => (kind, true),
        (_, Some(kind)) => (kind, false),
        _ => return Err(format!("unsupported: {word}")),
    };
    let how = match kind {
        "TEXT_CONTAINS" => How::Contains,
        "TEXT_WILDCARD" => How::Wildcard,
        "TEXT_WILDCARDEXACT" => How::WildcardExact,
        "TEXT_REGEXP" => How::Regexp,
        _ => return Err(format!("unsupported: {word}")),
    };
    let mut held = 0;
    for want in args {
        held += usize::from(agrees(how, want, got, ignore_case)?);
    }
    Ok(if any { held > 0 } else { held == args.len() })
}

/// `N`, `=N`, `>N`, `>=N`, `<N`, `<=N`.
fn counts(args: &[String], count: usize) -> Result<bool, String> {
    let raw = args.first().map_or(">0", String::as_str);
    let digits = raw.trim_start_matches(['<', '>', '=', ' ']);
    let want: usize = digits.trim().parse().map_err(|_| format!("`{raw}` is no count"))?;
    Ok(match raw.trim_end_matches(|letter: char| letter.is_ascii_digit() || letter == ' ') {
        ">" => count > want,
        ">=" => count >= want,
        "<" => count < want,
        "<=" => count <= want,
        "" | "=" | "==" => count == want,
        sign => return Err(format!("`{sign}` compares nothing")),
    })
}

/// `JSON_PATH $.choices[0].label|Checkout`: the message as JSON, names and places only.
fn json_path(args: &[String], message: &Outbound) -> Result<bool, String> {
    let path = args.first().ok_or("JSON_PATH needs a path")?;
    let data = serde_json::to_value(message).unwrap_or_default();
    let mut at = &data;
    for part in path.trim_start_matches('$').split(['.', '[']).filter(|part| !part.is_empty()) {
        let part = part.trim_end_matches(']').trim_matches(['\'', '"']);
        let next = match part.parse::<usize>() {
            Ok(place) => at.get(place),
            Err(_) if part.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '-')) => {
                at.get(part)
            }
            Err(_) => return Err(format!("unsupported: JSON_PATH {path}")),
        };
        match next {
            Some(next) => at = next,
            None => return Ok(false),
        }
    }
    let got = at.as_str().map_or_else(|| at.to_string(), str::to_owned);
    all(args.get(1..).unwrap_or_default(), |want| agrees(How::Wildcard, want, &got, true))
}
