//! Reading of JSON that somebody else shaped: every field may be missing, numbers may come as texts, and nothing of
//! it is an error.

use serde_json::Value;

/// The field of an object, unless it is missing or `null`.
pub(super) fn field<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    value.get(name).filter(|found| !found.is_null())
}

/// A text that is not empty.
pub(super) fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name)?.as_str().filter(|text| !text.is_empty())
}

/// A whole number, also one written as a text or with `.0` behind it.
pub(super) fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64().or_else(|| {
            let float = number.as_f64().filter(|float| float.fract() == 0.0)?;
            // Past 2^53 a float no longer names one whole number.
            format!("{float}").parse().ok().filter(|whole: &i64| whole.unsigned_abs() <= 1 << 53)
        }),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// The whole number in a field.
pub(super) fn number(value: &Value, name: &str) -> Option<i64> {
    whole(value.get(name)?)
}

/// Whether a field says yes.
pub(super) fn is_true(value: &Value, name: &str) -> bool {
    value.get(name).and_then(Value::as_bool).unwrap_or(false)
}

/// An id as text: ids are numbers in the documentation and texts here and there.
pub(super) fn id(value: &Value, name: &str) -> Option<String> {
    match value.get(name)? {
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        _ => None,
    }
}

/// Degrees of at most `max` either way, as they were written.
pub(super) fn degrees(value: &Value, name: &str, max: f64) -> Option<String> {
    let text = match value.get(name)? {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.trim().to_owned(),
        _ => return None,
    };
    let number: f64 = text.parse().ok()?;
    (number.abs() <= max).then_some(text)
}
