//! What Midtrans accepts and refuses. The status of HTTP is 200 for most of it; the body says what became of the call.

use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};

use super::{Desk, SERVER_KEY, gross, notice, transaction};
use crate::fakes::counter::{Asked, Back, Books, Entry, Inner, Reply, Rules, code};
use crate::payments::qris;

/// Characters of an order id (docs.midtrans.com, "Transaction details").
const MAX_ORDER_ID_CHARS: usize = 50;
/// Rupiah of one transaction by QRIS.
const MAX_AMOUNT: i64 = 10_000_000;
/// Minutes for which a code lives when nothing is said.
const DEFAULT_EXPIRY_MINUTES: i64 = 15;

fn said(code: u16, message: &str) -> Value {
    json!({ "status_code": code.to_string(), "status_message": message, "id": "fake" })
}

fn refused(code: u16, message: &str) -> Reply {
    Reply::Refused(200, said(code, message), message.to_owned())
}

impl Rules for Desk {
    fn books(&self) -> &Books {
        &self.books
    }

    fn failure(&self, status: u16) -> Value {
        let message = match status {
            500.. => "Sorry, we encountered internal server error. We will fix this soon.",
            _ => "The request is refused.",
        };
        said(status, message)
    }

    fn answer(&self, asked: &Asked) -> Reply {
        if asked.user.as_deref() != Some(SERVER_KEY) {
            return Reply::Json(401, said(401, "Unknown Merchant server_key/id"));
        }
        let mut books = self.books.lock();
        match asked.route() {
            ("POST", path) if path == ["v2", "charge"] => charge(&mut books, asked),
            ("GET", path) if matches!(path[..], ["v2", "qris", _, "qr-code"]) => {
                let known = books.charges.iter().find(|charge| charge.external_id == path[2]);
                match known.and_then(|charge| qris::png(&charge.qris, "", "").ok()) {
                    Some(picture) => Reply::Png(picture),
                    None => Reply::Json(404, said(404, "no such code")),
                }
            }
            ("GET", path) if matches!(path[..], ["v2", _, "status"]) => {
                let now = books.now;
                match books.charge(path[1]) {
                    Some(charge) => Reply::Json(200, transaction(charge, now)),
                    None => Reply::Json(404, said(404, "Transaction doesn't exist.")),
                }
            }
            ("POST", path) if matches!(path[..], ["v2", _, "cancel"]) => cancel(&mut books, path[1]),
            ("POST", path) if matches!(path[..], ["v2", _, "expire"]) => expire(&mut books, path[1]),
            ("POST", path)
                if matches!(path[..], ["v2", _, "refund"] | ["v2", _, "refund", "online", "direct"]) =>
            {
                give_back(&mut books, path[1], asked)
            }
            _ => Reply::Refused(404, said(404, "no such path"), "no such path".to_owned()),
        }
    }
}

fn charge(books: &mut Inner, asked: &Asked) -> Reply {
    let body = &asked.body;
    let details = &body["transaction_details"];
    let order_id = details["order_id"].as_str().unwrap_or_default();
    let is_id = |c: char| c.is_ascii_alphanumeric() || "-_~.".contains(c);
    if order_id.is_empty() || order_id.chars().count() > MAX_ORDER_ID_CHARS || !order_id.chars().all(is_id) {
        return refused(400, "transaction_details.order_id: letters, digits, -_~. and at most 50");
    }
    let Some(amount) = details["gross_amount"].as_i64().filter(|amount| (1..=MAX_AMOUNT).contains(amount))
    else {
        return refused(400, "transaction_details.gross_amount: a whole number");
    };
    if body["payment_type"] != "qris"
        || !matches!(body["qris"]["acquirer"].as_str(), Some("gopay" | "airpay shopee"))
    {
        return refused(400, "payment_type: qris with an acquirer");
    }
    let known =
        ["payment_type", "transaction_details", "qris", "custom_expiry", "item_details", "customer_details"];
    if let Some(odd) =
        body.as_object().and_then(|body| body.keys().find(|name| !known.contains(&name.as_str())))
    {
        return refused(400, &format!("{odd}: unknown"));
    }
    let mut expires_at = books.now + Duration::minutes(DEFAULT_EXPIRY_MINUTES);
    if let Some(expiry) = body.get("custom_expiry") {
        let from = expiry["order_time"]
            .as_str()
            .and_then(|at| DateTime::parse_from_str(at, "%Y-%m-%d %H:%M:%S %z").ok());
        let minutes = expiry["expiry_duration"].as_i64().filter(|minutes| *minutes > 0);
        match (from, minutes, expiry["unit"].as_str()) {
            (Some(from), Some(minutes), Some("minute")) => {
                expires_at = from.with_timezone(&Utc) + Duration::minutes(minutes);
            }
            _ => return refused(400, "custom_expiry: order_time with a zone, expiry_duration and unit"),
        }
    }
    let key = asked.header("idempotency-key").unwrap_or_default().to_owned();
    if let Some((_, before, answer)) =
        books.answers.iter().find(|(known, ..)| !key.is_empty() && *known == key)
        && before["transaction_details"] == body["transaction_details"]
    {
        return Reply::Json(200, answer.clone());
    }
    if books.charge(order_id).is_some() {
        return Reply::Json(
            200,
            said(
                406,
                "The request could not be completed due to a conflict: order_id has been utilized previously",
            ),
        );
    }
    let made = Entry {
        reference: order_id.to_owned(),
        external_id: books.id("0d8178e1-c6c7-4ab4-81a6-"),
        amount,
        qris: code("COM.GO-JEK.WWW", order_id, amount),
        created_at: books.now,
        expires_at,
        is_cancelled: false,
        fee: 0,
        is_charged_back: false,
        lapse_is_told: false,
        receipts: Vec::new(),
    };
    let mut answer = transaction(&made, books.now);
    answer["status_message"] = "QRIS transaction is created".into();
    answer["qr_string"] = made.qris.clone().into();
    answer["actions"] = json!([{ "name": "generate-qr-code", "method": "GET",
        "url": format!("https://api.midtrans.com/v2/qris/{}/qr-code", made.external_id) }]);
    books.charges.push(made);
    books.answers.push((key, body.clone(), answer.clone()));
    Reply::Json(200, answer)
}

fn cancel(books: &mut Inner, order_id: &str) -> Reply {
    let now = books.now;
    let Some(charge) = books.charge(order_id) else {
        return Reply::Json(200, said(404, "Transaction doesn't exist."));
    };
    if !charge.receipts.is_empty() || charge.is_cancelled {
        return Reply::Json(200, said(412, "Transaction status cannot be updated."));
    }
    if charge.is_lapsed(now) {
        return Reply::Json(200, said(407, "Transaction is expired."));
    }
    charge.is_cancelled = true;
    let mut answer = transaction(charge, now);
    answer["status_message"] = "Success, transaction is canceled".into();
    Reply::Json(200, answer)
}

/// `POST /v2/{order_id}/expire`: an unpaid charge has lapsed from now on, which the body says by 407.
fn expire(books: &mut Inner, order_id: &str) -> Reply {
    let now = books.now;
    let Some(charge) = books.charge(order_id) else {
        return Reply::Json(200, said(404, "Transaction doesn't exist."));
    };
    if !charge.receipts.is_empty() || charge.is_cancelled || charge.is_lapsed(now) {
        return Reply::Json(200, said(412, "Transaction status cannot be updated."));
    }
    charge.expires_at = now;
    let mut answer = transaction(charge, now);
    answer["status_message"] = "Success, transaction has expired".into();
    Reply::Json(200, answer)
}

/// A refund as a transaction lists it.
pub(super) fn refund(back: &Back) -> Value {
    json!({
        "refund_key": back.key,
        "refund_amount": gross(back.amount),
        "refund_chargeback_id": back.id.rsplit('-').next().and_then(|id| id.parse::<u64>().ok()),
        "reason": "as asked",
        "bank_confirmed_at": "2026-11-23 10:00:00",
    })
}

fn give_back(books: &mut Inner, order_id: &str, asked: &Asked) -> Reply {
    let key = asked.body["refund_key"].as_str().unwrap_or_default().to_owned();
    let Some(amount) = asked.body["amount"].as_i64().filter(|amount| *amount > 0) else {
        return refused(400, "amount: a whole number");
    };
    if key.is_empty() {
        return refused(400, "refund_key is required");
    }
    let (id, now) = (books.id("rf-"), books.now);
    let Some(charge) = books.charge(order_id) else {
        return Reply::Json(200, said(404, "Transaction doesn't exist."));
    };
    let Some(paid) = charge.receipts.first_mut() else {
        return Reply::Json(200, said(412, "Transaction status cannot be updated."));
    };
    if paid.refunds.iter().any(|back| back.key == key) {
        return Reply::Json(200, said(406, "refund_key has been utilized previously"));
    }
    if paid.refunded() + amount > paid.amount {
        return Reply::Json(200, said(414, "Refund amount is more than the amount of the transaction."));
    }
    paid.refunds.push(Back { id, key: key.clone(), amount, state: "SUCCEEDED".to_owned() });
    let mut answer = transaction(charge, now);
    let news = notice(&answer);
    answer["status_message"] = "Success, refund request is approved".into();
    answer["refund_amount"] = gross(amount).into();
    answer["refund_key"] = key.into();
    books.news.push(news);
    Reply::Json(200, answer)
}
