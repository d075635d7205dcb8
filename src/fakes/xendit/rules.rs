//! What Xendit accepts and refuses.

use std::sync::atomic::Ordering;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{Desk, SECRET_KEY, at, payment};
use crate::fakes::counter::{Asked, Back, Books, Entry, Inner, Reply, Rules, code};

/// Fields of a new QR code (docs.xendit.co, "Create QR code").
const FIELDS: [&str; 8] =
    ["reference_id", "type", "currency", "amount", "channel_code", "expires_at", "basket", "metadata"];
/// Characters of a reference.
const MAX_REFERENCE_CHARS: usize = 255;
/// Rupiah of one transaction.
const MAX_AMOUNT: i64 = 10_000_000;

fn error(status: u16, code: &str, message: &str) -> Reply {
    let body = json!({ "error_code": code, "message": message });
    let is_broken_rule = matches!(status, 400 | 401 | 404 | 405 | 415);
    if is_broken_rule {
        Reply::Refused(status, body, format!("{code}: {message}"))
    } else {
        Reply::Json(status, body)
    }
}

impl Rules for Desk {
    fn books(&self) -> &Books {
        &self.books
    }

    fn failure(&self, status: u16) -> Value {
        let code = if status == 429 { "RATE_LIMIT_EXCEEDED" } else { "SERVER_ERROR" };
        json!({ "error_code": code, "message": "An error has occurred" })
    }

    fn answer(&self, asked: &Asked) -> Reply {
        if asked.user.as_deref() != Some(SECRET_KEY) {
            let body = json!({ "error_code": "INVALID_API_KEY", "message": "API key is not valid" });
            return Reply::Json(401, body);
        }
        let mut books = self.books.lock();
        match asked.route() {
            ("GET", path) if path == ["balance"] => Reply::Json(200, json!({ "balance": 1_000_000 })),
            ("POST", path) if path == ["qr_codes"] => create(&mut books, asked),
            ("GET", path) if matches!(path[..], ["qr_codes", _]) => match find(&books, path[1]) {
                Some(charge) => Reply::Json(200, qr(charge, books.now)),
                None => Reply::Json(
                    404,
                    json!({ "error_code": "DATA_NOT_FOUND", "message": "QR code not found" }),
                ),
            },
            ("GET", path) if matches!(path[..], ["qr_codes", _, "payments"]) => match find(&books, path[1]) {
                Some(charge) => {
                    let data: Vec<Value> = charge.receipts.iter().map(|paid| payment(charge, paid)).collect();
                    Reply::Json(200, json!({ "data": data, "has_more": false }))
                }
                None => Reply::Json(
                    404,
                    json!({ "error_code": "DATA_NOT_FOUND", "message": "QR code not found" }),
                ),
            },
            ("GET", path) if matches!(path[..], ["qr_codes", "payments", _, "refunds"]) => {
                let paid =
                    books.charges.iter().flat_map(|charge| &charge.receipts).find(|paid| paid.id == path[2]);
                let refunds = paid
                    .map(|paid| paid.refunds.iter().map(|back| refund(path[2], back)).collect::<Vec<_>>());
                Reply::Json(200, json!({ "data": refunds.unwrap_or_default(), "has_more": false }))
            }
            ("POST", path) if matches!(path[..], ["qr_codes", "payments", _, "refunds"]) => {
                give_back(&mut books, path[2], asked, self.prompt.load(Ordering::Relaxed))
            }
            _ => error(404, "NOT_FOUND", "no such path"),
        }
    }
}

fn find<'a>(books: &'a Inner, name: &str) -> Option<&'a Entry> {
    let name =
        books.mixed_up.as_ref().filter(|(asked, _)| asked == name).map_or(name, |(_, told)| told.as_str());
    books.charges.iter().find(|charge| charge.external_id == name || charge.reference == name)
}

fn qr(charge: &Entry, now: DateTime<Utc>) -> Value {
    json!({
        "id": charge.external_id,
        "reference_id": charge.reference,
        "business_id": "5f27a14a9bf05c73dd040bc8",
        "type": "DYNAMIC",
        "currency": "IDR",
        "amount": charge.amount,
        "channel_code": "ID_DANA",
        "status": if charge.is_lapsed(now) { "INACTIVE" } else { "ACTIVE" },
        "qr_string": charge.qris,
        "expires_at": at(charge.expires_at),
        "created": at(charge.created_at),
        "updated": at(charge.created_at),
        "basket": null,
        "metadata": null,
    })
}

fn create(books: &mut Inner, asked: &Asked) -> Reply {
    let body = &asked.body;
    if asked.header("api-version") != Some("2022-07-31") {
        return error(400, "API_VALIDATION_ERROR", "header api-version must be 2022-07-31");
    }
    let Some(fields) = body.as_object() else {
        return error(400, "API_VALIDATION_ERROR", "body must be JSON");
    };
    if let Some(odd) = fields.keys().find(|name| !FIELDS.contains(&name.as_str())) {
        return error(400, "API_VALIDATION_ERROR", &format!("\"{odd}\" is not allowed"));
    }
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    let Some(reference) =
        text("reference_id").filter(|it| !it.is_empty() && it.chars().count() <= MAX_REFERENCE_CHARS)
    else {
        return error(400, "API_VALIDATION_ERROR", "\"reference_id\" is required");
    };
    if text("type") != Some("DYNAMIC") || text("currency") != Some("IDR") {
        return error(400, "API_VALIDATION_ERROR", "\"type\" and \"currency\" must be DYNAMIC and IDR here");
    }
    let Some(amount) =
        body.get("amount").and_then(Value::as_i64).filter(|amount| (1..=MAX_AMOUNT).contains(amount))
    else {
        return error(400, "API_VALIDATION_ERROR", "\"amount\" must be a whole number from 1 to 10000000");
    };
    let expires_at = text("expires_at").and_then(|moment| DateTime::parse_from_rfc3339(moment).ok());
    let Some(expires_at) =
        expires_at.map(|moment| moment.with_timezone(&Utc)).filter(|moment| *moment > books.now)
    else {
        return error(400, "API_VALIDATION_ERROR", "\"expires_at\" must be in the future");
    };
    match amount {
        10_100 => {
            return Reply::Json(
                403,
                json!({ "error_code": "CHANNEL_NOT_ACTIVATED", "message": "not activated" }),
            );
        }
        10_101 => {
            return Reply::Json(
                503,
                json!({ "error_code": "CHANNEL_UNAVAILABLE", "message": "unavailable" }),
            );
        }
        10_102 => return Reply::Json(500, json!({ "error_code": "SERVER_ERROR", "message": "error" })),
        _ => {}
    }
    let key = asked.header("idempotency-key").unwrap_or_default().to_owned();
    if let Some((_, before, answer)) =
        books.answers.iter().find(|(known, ..)| !key.is_empty() && *known == key)
    {
        return if before == body {
            Reply::Json(201, answer.clone())
        } else {
            Reply::Json(
                409,
                json!({ "error_code": "IDEMPOTENCY_ERROR", "message": "another body under the same key" }),
            )
        };
    }
    if books.charge(reference).is_some() {
        return Reply::Json(
            409,
            json!({ "error_code": "DUPLICATE_ERROR", "message": "reference_id is taken" }),
        );
    }
    let charge = Entry {
        reference: reference.to_owned(),
        external_id: books.id("qr_"),
        amount,
        qris: code("COM.XENDIT.WWW", reference, amount),
        created_at: books.now,
        expires_at,
        is_cancelled: false,
        fee: 0,
        is_charged_back: false,
        lapse_is_told: false,
        receipts: Vec::new(),
    };
    let answer = qr(&charge, books.now);
    books.charges.push(charge);
    books.answers.push((key, body.clone(), answer.clone()));
    Reply::Json(201, answer)
}

fn refund(payment: &str, back: &Back) -> Value {
    json!({
        "id": back.id,
        "reference_id": back.key,
        "qr_payment_id": payment,
        "currency": "IDR",
        "amount": back.amount,
        "status": back.state,
        "failure_code": if back.state == "FAILED" { json!("ACCOUNT_NOT_FOUND") } else { Value::Null },
        "channel_code": "ID_DANA",
    })
}

fn give_back(books: &mut Inner, payment: &str, asked: &Asked, is_prompt: bool) -> Reply {
    let key = asked.header("idempotency-key").unwrap_or_default().to_owned();
    let amount = asked.body.get("amount").and_then(Value::as_i64).unwrap_or_default();
    let reference = asked.body.get("reference_id").and_then(Value::as_str).unwrap_or_default().to_owned();
    if amount < 1 || reference.is_empty() {
        return error(400, "API_VALIDATION_ERROR", "\"amount\" and \"reference_id\" are required");
    }
    let refusal = match amount {
        10_300 => Some((400, "MAXIMUM_REFUND_AMOUNT_REACHED")),
        10_301 => Some((400, "PARTIAL_REFUND_NOT_SUPPORTED")),
        10_303 => Some((400, "REFUND_NOT_SUPPORTED")),
        10_304 => Some((409, "REFUND_IN_PROGRESS")),
        10_305 => Some((400, "INELIGIBLE_TRANSACTION")),
        _ => None,
    };
    if let Some((status, code)) = refusal {
        return Reply::Json(status, json!({ "error_code": code, "message": "a test amount" }));
    }
    if let Some((_, _, answer)) = books.answers.iter().find(|(known, ..)| !key.is_empty() && *known == key) {
        return Reply::Json(200, answer.clone());
    }
    let id = books.id("qrrf_");
    let paid =
        books.charges.iter_mut().flat_map(|charge| &mut charge.receipts).find(|paid| paid.id == payment);
    let Some(paid) = paid else { return error(404, "DATA_NOT_FOUND", "no such payment") };
    if paid.refunded() + amount > paid.amount {
        let body = json!({ "error_code": "MAXIMUM_REFUND_AMOUNT_REACHED", "message": "more than was paid" });
        return Reply::Json(400, body);
    }
    let back = Back {
        id,
        key: reference,
        amount,
        state: if is_prompt { "SUCCEEDED" } else { "PENDING" }.to_owned(),
    };
    paid.refunds.push(back.clone());
    let answer = refund(payment, &back);
    books.answers.push((key, asked.body.clone(), answer.clone()));
    Reply::Json(200, answer)
}

/// Decides a refund that waits. Returns its id and the body of the notice.
pub(super) fn decide(books: &mut Inner, key: &str, succeeds: bool) -> Option<(String, Value)> {
    let reference = books
        .charges
        .iter()
        .find(|charge| charge.receipts.iter().flat_map(|paid| &paid.refunds).any(|back| back.key == key));
    let (reference, qr_id) =
        reference.map(|charge| (charge.reference.clone(), charge.external_id.clone()))?;
    let paid = books.charges.iter_mut().flat_map(|charge| &mut charge.receipts);
    let (payment, back) = paid
        .flat_map(|paid| {
            let id = paid.id.clone();
            paid.refunds.iter_mut().map(move |back| (id.clone(), back))
        })
        .find(|(_, back)| back.key == key && back.state == "PENDING")?;
    // Amounts of which the documentation says that they fail later.
    let fails = !succeeds || (20_300..=20_304).contains(&back.amount);
    back.state = if fails { "FAILED" } else { "SUCCEEDED" }.to_owned();
    let mut data = refund(&payment, back);
    data["qr_id"] = qr_id.into();
    data["payment_reference_id"] = reference.into();
    let event = if fails { "qr.refund.failed" } else { "qr.refund.succeeded" };
    Some((back.id.clone(), json!({ "event": event, "data": data })))
}
