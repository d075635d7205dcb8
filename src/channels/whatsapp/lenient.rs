//! Reading JSON of strangers: every field may be missing, of another type, or too long.

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::channels::fit::bounded;

/// Characters of an id that is kept: platform ids are shorter.
pub(super) const MAX_ID_CHARS: usize = 512;
/// Bytes of an id that is kept as it is. Ids become keys of indexes, whose rows the database bounds, and one element that
/// does not fit must not keep the platform from delivering the others.
const MAX_ID_BYTES: usize = 200;
/// What the hash of an id begins with.
const HASHED: &str = "sha256:";

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

/// A field as an id: without white space around it, and bounded. One that is too long for an index is known by its hash.
pub(super) fn id(value: &Value, field: &str) -> Option<String> {
    let id = code(value, field)?;
    if id.len() <= MAX_ID_BYTES {
        return Some(id);
    }
    Some(format!("{HASHED}{}", hex::encode(Sha256::digest(id.as_bytes()))))
}

/// A field as a code that people may see again: without white space around it, bounded, never hashed.
pub(super) fn code(value: &Value, field: &str) -> Option<String> {
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
