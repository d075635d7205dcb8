//! Xendit on loopback: QR codes of 2022-07-31, their payments and refunds, and notices in both shapes.
//!
//! Rules and magic amounts: docs.xendit.co, "QR Codes", "Test scenarios", "Webhooks".

mod rules;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};
use tokio_util::sync::DropGuard;

use super::Recorded;
use super::company::{Booked, BookedRefund, Company, CompanyFault};
use super::counter::{self, Books, Entry, Paid};
use crate::domain::money::Rupiah;
use crate::edge::webhook::WebhookRequest;

/// The secret key of the fake's one account.
pub const SECRET_KEY: &str = "xnd_development_fake";
/// The callback token of the fake's one account.
pub const CALLBACK_TOKEN: &str = "fake-callback-token";

/// The company.
pub struct Fake {
    desk: Arc<Desk>,
    url: String,
    _stop: DropGuard,
}

/// Its books and rules.
pub(super) struct Desk {
    books: Books,
    /// Whether notices have the shape before 2022.
    older: AtomicBool,
    /// Whether refunds succeed at once instead of waiting to be decided.
    prompt: AtomicBool,
}

impl Fake {
    /// Opens it on a free port of loopback. Its clock stands at the beginning of time until it is set.
    ///
    /// # Errors
    /// [`std::io::Error`] when there is no port.
    pub async fn open() -> Result<Arc<Self>, std::io::Error> {
        let desk = Arc::new(Desk {
            books: Books::default(),
            older: AtomicBool::new(false),
            prompt: AtomicBool::new(false),
        });
        let (url, stop) = counter::open(Arc::clone(&desk)).await?;
        Ok(Arc::new(Self { desk, url, _stop: stop }))
    }

    /// The next call with a method and such an end of its path breaks in this way.
    pub fn fault_at(&self, method: &'static str, path_end: &'static str, fault: CompanyFault) {
        self.desk.books.fault_at(method, path_end, fault);
    }

    /// From now on the charge `told` is answered where `asked` is asked for.
    pub fn mix_up(&self, asked: &str, told: &str) {
        self.desk.books.mix_up(asked, told);
    }

    /// The shop's people send money of a charge back in the company's own pages, under a key of the company's.
    ///
    /// # Errors
    /// One line when there is no such charge, or nobody has paid it.
    pub fn send_back(&self, reference: &str, key: &str, amount: Rupiah) -> Result<(), String> {
        self.desk.books.send_back(reference, key, amount.whole())
    }

    /// From now on refunds succeed as soon as they are asked for.
    pub fn refund_promptly(&self) {
        self.desk.prompt.store(true, Ordering::Relaxed);
    }

    /// From now on notices have the shape before 2022.
    pub fn speak_older(&self) {
        self.desk.older.store(true, Ordering::Relaxed);
    }
}

fn at(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// A payment as the listing shows it.
fn payment(charge: &Entry, paid: &Paid) -> Value {
    json!({
        "id": paid.id,
        "business_id": "5f27a14a9bf05c73dd040bc8",
        "currency": "IDR",
        "amount": paid.amount,
        "status": "SUCCEEDED",
        "created": at(paid.at),
        "qr_id": charge.external_id,
        "qr_string": charge.qris,
        "reference_id": charge.reference,
        "type": "DYNAMIC",
        "channel_code": "ID_DANA",
        "expires_at": at(charge.expires_at),
        "basket": null,
        "metadata": null,
        "payment_detail": { "receipt_id": format!("r{}", paid.id), "source": "DANA", "name": null, "account_details": null },
    })
}

impl Desk {
    fn notice(&self, event: &str, id: &str, body: &Value) -> WebhookRequest {
        WebhookRequest {
            headers: vec![
                ("content-type".to_owned(), "application/json".to_owned()),
                ("x-callback-token".to_owned(), CALLBACK_TOKEN.to_owned()),
                ("webhook-id".to_owned(), format!("{event}-{id}")),
            ],
            body: body.to_string().into_bytes(),
        }
    }

    fn paid_notice(&self, charge: &Entry, paid: &Paid) -> WebhookRequest {
        let body = if self.older.load(Ordering::Relaxed) {
            json!({
                "event": "qr.payment", "id": paid.id, "amount": paid.amount, "created": at(paid.at),
                "qr_code": { "id": charge.external_id, "external_id": charge.reference, "qr_string": charge.qris, "type": "DYNAMIC" },
                "status": "COMPLETED",
                "payment_details": { "receipt_id": format!("r{}", paid.id), "source": "DANA" },
            })
        } else {
            json!({
                "event": "qr.payment", "api_version": "v1", "business_id": "5f27a14a9bf05c73dd040bc8", "created": at(paid.at),
                "data": payment(charge, paid),
            })
        };
        self.notice("qr.payment", &paid.id, &body)
    }
}

#[async_trait]
impl Company for Fake {
    fn name(&self) -> &'static str {
        "xendit"
    }

    fn url(&self) -> String {
        self.url.clone()
    }

    fn settings(&self) -> Vec<(&'static str, String)> {
        vec![
            ("XENDIT_SECRET_KEY", SECRET_KEY.to_owned()),
            ("XENDIT_CALLBACK_TOKEN", CALLBACK_TOKEN.to_owned()),
            ("XENDIT_API_URL", self.url()),
        ]
    }

    fn set_now(&self, now: DateTime<Utc>) {
        self.desk.books.lock().now = now;
    }

    fn charges(&self) -> Vec<Booked> {
        let books = self.desk.books.lock();
        let rupiah = |whole| Rupiah::new(whole).unwrap_or_default();
        let charges = books.charges.iter().map(|charge| Booked {
            reference: charge.reference.clone(),
            external_id: charge.external_id.clone(),
            amount: rupiah(charge.amount),
            qris: charge.qris.clone(),
            received: rupiah(charge.received()),
            refunded: rupiah(charge.refunded()),
            state: if charge.is_lapsed(books.now) { "INACTIVE" } else { "ACTIVE" }.to_owned(),
        });
        charges.collect()
    }

    fn pay(&self, reference: &str, amount: Rupiah) -> Result<Vec<WebhookRequest>, String> {
        let mut books = self.desk.books.lock();
        let (id, now) = (books.id("qrpy_"), books.now);
        let charge = books.charge(reference).ok_or("there is no such charge")?;
        let paid = Paid { id, amount: amount.whole(), at: now, refunds: Vec::new() };
        charge.receipts.push(paid.clone());
        Ok(vec![self.desk.paid_notice(charge, &paid)])
    }

    fn news(&self) -> Vec<WebhookRequest> {
        self.desk.books.news()
    }

    fn refunds(&self) -> Vec<BookedRefund> {
        let books = self.desk.books.lock();
        let all = books.charges.iter().flat_map(|charge| {
            charge.receipts.iter().flat_map(|paid| &paid.refunds).map(|refund| BookedRefund {
                key: refund.key.clone(),
                reference: charge.reference.clone(),
                amount: Rupiah::new(refund.amount).unwrap_or_default(),
                state: refund.state.clone(),
            })
        });
        all.collect()
    }

    fn decide_refund(&self, key: &str, succeeds: bool) -> Result<Vec<WebhookRequest>, String> {
        let mut books = self.desk.books.lock();
        let decided = rules::decide(&mut books, key, succeeds).ok_or("no refund with this key waits")?;
        Ok(vec![self.desk.notice("refund", &decided.0, &decided.1)])
    }

    fn forge(&self, reference: &str, amount: Rupiah) -> WebhookRequest {
        let body = json!({ "event": "qr.payment", "data": { "id": "qrpy_forged", "reference_id": reference,
            "amount": amount.whole(), "currency": "IDR", "status": "SUCCEEDED" } });
        let mut forged = self.desk.notice("qr.payment", "forged", &body);
        for (name, value) in &mut forged.headers {
            if name == "x-callback-token" {
                *value = "somebody-elses-token".to_owned();
            }
        }
        forged
    }

    fn fault(&self, fault: CompanyFault) {
        self.desk.books.fault(fault);
    }

    fn recorded(&self) -> Vec<Recorded> {
        self.desk.books.recorded()
    }
}
