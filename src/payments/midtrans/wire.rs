//! What Midtrans' answers hold, read liberally, and how it writes moments.

use chrono::{DateTime, FixedOffset, Utc};
use serde_json::Value;

use crate::domain::money::Rupiah;
use crate::payments::Told;

/// Western Indonesian Time, in which Midtrans writes moments without a zone.
const WIB_SECONDS: i32 = 7 * 3_600;

/// A text of an object.
pub(super) fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// `status_code`, a text or a number.
pub(super) fn code(value: &Value) -> Option<u16> {
    match value.get("status_code")? {
        Value::String(code) => code.parse().ok(),
        Value::Number(code) => code.as_u64().and_then(|code| u16::try_from(code).ok()),
        _ => None,
    }
}

/// Whether a transaction has ended unpaid, so that its code pays nothing any more.
pub(super) fn has_ended(value: &Value) -> bool {
    let word = text(value, "transaction_status");
    matches!(word, Some("expire" | "cancel" | "deny" | "failure")) || code(value) == Some(407)
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

/// Whose an answer says that it is. For some wallets the order id of an answer is the transaction's own id; then it says nothing
/// that the transaction's id does not say.
pub(super) fn told(value: &Value) -> Told<'_> {
    let external_id = text(value, "transaction_id");
    Told {
        reference: text(value, "order_id").filter(|order_id| Some(*order_id) != external_id),
        external_id,
        account: text(value, "merchant_id"),
    }
}

/// What the shop got of a transaction. `gross_amount` is what the payer paid, and with "Automatic Fee Imposition" that
/// holds a fee which Midtrans keeps: `gross_amount_info` (in `metadata.extra_info`, or beside the amount) then tells what was
/// asked for as `original_amount`, and the fee as `customer_imposed_payment_fee`. Money that the shop never got is not
/// counted, so the smallest of them is what came in.
pub(super) fn received(value: &Value) -> Option<Rupiah> {
    let gross = whole(value, "gross_amount")?;
    let nested = value.pointer("/metadata/extra_info/gross_amount_info");
    let places = [Some(value), value.get("gross_amount_info"), nested];
    let mut received = gross;
    for place in places.into_iter().flatten() {
        if let Some(original) = whole(place, "original_amount") {
            received = received.min(original);
        }
        if let Some(fee) = whole(place, "customer_imposed_payment_fee") {
            received = received.min(gross.minus(fee).unwrap_or_default());
        }
    }
    Some(received)
}

/// A moment as `custom_expiry.order_time` wants it: `2021-06-23 14:02:42 +0700`.
pub(super) fn wib(at: DateTime<Utc>) -> String {
    match FixedOffset::east_opt(WIB_SECONDS) {
        Some(zone) => at.with_timezone(&zone).format("%Y-%m-%d %H:%M:%S %z").to_string(),
        None => at.format("%Y-%m-%d %H:%M:%S +0000").to_string(),
    }
}
