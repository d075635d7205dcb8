//! Reading JSON of strangers: every field may be missing, of another type, or too long.

use serde_json::Value;

use crate::channels::fit::clean;

/// Characters of an id that is kept: platform ids are shorter.
pub(super) const MAX_ID_CHARS: usize = 512;

/// A field as text, be it text or a number; nothing when it is absent, empty or something else.
pub(super) fn text(value: &Value, field: &str) -> Option<String> {
    as_text(value.get(field)?)
}

/// A value as text, be it text or a number; nothing when it is empty or something else.
pub(super) fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A field as an id: without white space around it, and bounded.
pub(super) fn id(value: &Value, field: &str) -> Option<String> {
    let id = text(value, field)?;
    let id = id.trim();
    (id.chars().count() <= MAX_ID_CHARS && !id.chars().any(char::is_control)).then(|| id.to_owned())
}

/// A field as words of a person: cleaned and bounded.
pub(super) fn words(value: &Value, field: &str, max_chars: usize) -> Option<String> {
    text(value, field).map(|text| bounded(&text, max_chars)).filter(|text| !text.trim().is_empty())
}

/// A field as a whole number, be it a number or text.
pub(super) fn whole(value: &Value, field: &str) -> Option<i64> {
    match value.get(field)? {
        // Whole numbers are sometimes written with a point: 2.0.
        Value::Number(number) => number.as_i64().or_else(|| as_whole(&number.to_string())),
        Value::String(text) => as_whole(text.trim()),
        _ => None,
    }
}

fn as_whole(text: &str) -> Option<i64> {
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    rest.bytes().all(|b| b == b'0').then(|| whole.parse().ok())?
}

/// The elements of a field that is a list; a lone object counts as a list of one.
pub(super) fn each<'a>(value: &'a Value, field: &str) -> &'a [Value] {
    match value.get(field) {
        Some(Value::Array(list)) => list,
        Some(lone @ Value::Object(_)) => std::slice::from_ref(lone),
        _ => &[],
    }
}

/// Cleaned text of at most this many characters.
pub(super) fn bounded(text: &str, max_chars: usize) -> String {
    let mut text = clean(text);
    if let Some((end, _)) = text.char_indices().nth(max_chars) {
        text.truncate(end);
    }
    text
}

/// A body as JSON. Halves of surrogate pairs and broken UTF-8 in one person's words must not lose the messages of
/// everybody else in the same body, so they become replacement characters.
///
/// # Errors
/// Line and column of what cannot be read.
pub(super) fn parse(body: &[u8]) -> Result<Value, String> {
    let place = |error: serde_json::Error| format!("line {} column {}", error.line(), error.column());
    serde_json::from_slice(body).or_else(|first| {
        let mended = mend(&String::from_utf8_lossy(body));
        serde_json::from_str(&mended).map_err(|_| place(first))
    })
}

/// `\ud83d` without its other half, and the other half alone, become `\ufffd`.
fn mend(text: &str) -> String {
    let mut mended = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        mended.push_str(&rest[..at]);
        rest = &rest[at..];
        let taken = match surrogate(rest) {
            Some(high) if high < 0xdc00 && surrogate(&rest[6..]).is_some_and(|low| low >= 0xdc00) => {
                mended.push_str(&rest[..12]);
                12
            }
            Some(_) => {
                mended.push_str("\\ufffd");
                6
            }
            None => {
                // The backslash and what it escapes, so that an escaped backslash does not escape again.
                let taken = 1 + rest[1..].chars().next().map_or(0, char::len_utf8);
                mended.push_str(&rest[..taken]);
                taken
            }
        };
        rest = &rest[taken..];
    }
    mended.push_str(rest);
    mended
}

/// The half of a pair that a text begins with: `\ud800` to `\udfff`.
fn surrogate(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    u16::from_str_radix(digits, 16).ok().filter(|unit| (0xd800..0xe000).contains(unit))
}
