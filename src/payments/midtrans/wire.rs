//! What Midtrans' answers hold, read liberally, and how it writes moments.

use chrono::{DateTime, FixedOffset, Utc};
use serde_json::Value;

use crate::domain::money::Rupiah;

/// Western Indonesian Time, in which Midtrans writes moments without a zone.
const WIB_SECONDS: i32 = 7 * 3_600;

/// A text of an object.
pub(super) fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// An amount of whole rupiah: `"50000.00"`, `"50000"` or a number. A fraction is none, because it would be another amount.
pub(super) fn whole(value: &Value, name: &str) -> Option<Rupiah> {
    let words = match value.get(name)? {
        Value::Number(number) => number.to_string(),
        Value::String(words) => words.clone(),
        _ => return None,
    };
    let (whole, fraction) = words.split_once('.').unwrap_or((&words, ""));
    if !fraction.bytes().all(|digit| digit == b'0') {
        return None;
    }
    whole.parse().ok().and_then(|whole| Rupiah::new(whole).ok())
}

/// A moment as `custom_expiry.order_time` wants it: `2021-06-23 14:02:42 +0700`.
pub(super) fn wib(at: DateTime<Utc>) -> String {
    match FixedOffset::east_opt(WIB_SECONDS) {
        Some(zone) => at.with_timezone(&zone).format("%Y-%m-%d %H:%M:%S %z").to_string(),
        None => at.format("%Y-%m-%d %H:%M:%S +0000").to_string(),
    }
}
