//! What Xendit's answers hold, read liberally: fields may be missing, numbers may be texts, words may be new.

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::domain::money::Rupiah;
use crate::payments::Told;

/// A text of an object.
pub(super) fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// An amount of whole rupiah; a fraction is none, because it would be another amount.
pub(super) fn whole(value: &Value, name: &str) -> Option<Rupiah> {
    let number = value.get(name)?;
    let words = match number {
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

/// A moment in RFC 3339.
pub(super) fn moment(value: &Value, name: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text(value, name)?).ok().map(|at| at.with_timezone(&Utc))
}

/// One payment of a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Receipt {
    /// Xendit's id of it (`qrpy_…`).
    pub(super) id: String,
    /// How much.
    pub(super) amount: Rupiah,
    /// ISO 4217.
    pub(super) currency: String,
    /// Whether the money is there. Unknown words mean that it is not.
    pub(super) is_paid: bool,
    /// The number by which the payer finds it.
    pub(super) receipt_id: Option<String>,
    /// The wallet or bank.
    pub(super) payer_app: Option<String>,
    /// Our reference, where the payment names one.
    reference: Option<String>,
    /// The code that was paid, where the payment names it.
    code: Option<String>,
    /// The account, where the payment names it.
    account: Option<String>,
}

impl Receipt {
    /// Whose payment it says that it is.
    pub(super) fn told(&self) -> Told<'_> {
        Told {
            reference: self.reference.as_deref(),
            external_id: self.code.as_deref(),
            account: self.account.as_deref(),
        }
    }
}

/// Whose a code says that it is.
pub(super) fn told(code: &Value) -> Told<'_> {
    Told {
        reference: text(code, "reference_id").or_else(|| text(code, "external_id")),
        external_id: text(code, "id"),
        account: text(code, "business_id"),
    }
}

/// The payments in a listing: `{"data": […]}`, or a bare list as older versions answer. What cannot be read is left out.
pub(super) fn receipts(listed: &Value) -> impl Iterator<Item = Receipt> {
    let rows = listed.get("data").unwrap_or(listed).as_array().cloned().unwrap_or_default();
    rows.into_iter().filter_map(|row| receipt(&row))
}

fn receipt(row: &Value) -> Option<Receipt> {
    let detail = row.get("payment_detail").or_else(|| row.get("payment_details")).unwrap_or(&Value::Null);
    let code = row.get("qr_code").unwrap_or(&Value::Null);
    let own = |name: &str| text(row, name).map(str::to_owned);
    let of_code = |name: &str| text(code, name).map(str::to_owned);
    let inner = |name: &str| text(detail, name).map(str::to_owned);
    Some(Receipt {
        id: own("id")?,
        amount: whole(row, "amount")?,
        currency: own("currency").unwrap_or_else(|| "IDR".to_owned()),
        is_paid: matches!(text(row, "status"), Some("SUCCEEDED" | "COMPLETED")),
        receipt_id: inner("receipt_id").or_else(|| own("receipt_id")),
        payer_app: inner("source").or_else(|| own("channel_code")),
        reference: own("reference_id").or_else(|| of_code("external_id")).or_else(|| of_code("reference_id")),
        code: own("qr_id").or_else(|| own("qr_code_id")).or_else(|| of_code("id")),
        account: own("business_id"),
    })
}
