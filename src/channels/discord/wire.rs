//! Reading the platform's JSON without believing it: numbers or strings, missing fields, unknown kinds.

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::channels::fit::clean;

/// Digits of the largest 64-bit id.
const MAX_ID_DIGITS: usize = 20;
/// Milliseconds from 1970 to the first second of 2015, from which ids count.
/// Source: `reference.mdx`, "Snowflakes".
const EPOCH_MS: i64 = 1_420_070_400_000;
/// Bits of an id below its time.
const TIME_SHIFT: u32 = 22;
/// Characters of a field that is not a message's text.
const MAX_FIELD_CHARS: usize = 256;

/// Whether a text is an id that may stand in a path.
pub fn is_snowflake(text: &str) -> bool {
    !text.is_empty() && text.len() <= MAX_ID_DIGITS && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// An id, given as a string or a number.
pub fn id(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| is_snowflake(text)),
        Value::Number(number) => number.as_u64().map(|number| number.to_string()),
        _ => None,
    }
}

/// A number, given as a number or a string.
pub fn number(value: Option<&Value>) -> Option<i64> {
    match value? {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// A text that says something, without control characters.
pub fn text(value: Option<&Value>) -> Option<String> {
    let text = match value? {
        Value::String(text) => clean(text),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        _ => return None,
    };
    Some(text).filter(|text| !text.trim().is_empty())
}

/// A short text: a name, a locale, a file's kind.
pub fn field(value: Option<&Value>) -> Option<String> {
    text(value).map(|text| text.trim().chars().take(MAX_FIELD_CHARS).collect())
}

/// The elements of a list; none when it is missing or no list.
pub fn list(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The first id of a moment.
pub fn id_at(at: DateTime<Utc>) -> String {
    let ms = u64::try_from(at.timestamp_millis() - EPOCH_MS).unwrap_or_default();
    (ms << TIME_SHIFT).to_string()
}

/// When an id was drawn.
pub fn drawn_at(id: &str) -> Option<DateTime<Utc>> {
    let number: u64 = id.parse().ok()?;
    let ms = i64::try_from(number >> TIME_SHIFT).ok()?;
    DateTime::from_timestamp_millis(ms.checked_add(EPOCH_MS)?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ids_and_numbers_are_read_in_both_forms_and_nothing_else_is() {
        assert_eq!(id(Some(&json!("80351110224678912"))), Some("80351110224678912".to_owned()));
        assert_eq!(id(Some(&json!(80_351_110_224_678_912_u64))), Some("80351110224678912".to_owned()));
        for odd in [json!("../users"), json!(""), json!("1".repeat(21)), json!(-5), json!(1.5), json!(null)] {
            assert_eq!(id(Some(&odd)), None, "{odd}");
        }
        assert_eq!(number(Some(&json!("3"))), Some(3));
        let drawn = drawn_at("175928847299117063").unwrap();
        assert_eq!(drawn.timestamp_millis(), 1_462_015_105_796);
        assert_eq!(drawn_at(&id_at(drawn)), Some(drawn));
        assert_eq!(id_at(DateTime::UNIX_EPOCH), "0");
    }
}
