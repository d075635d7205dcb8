//! Midtrans on loopback: charges by QRIS, their status, cancellation, refunds, and signed notices.
//!
//! Rules: docs.midtrans.com, "Core API", "QRIS", "HTTP(S) Notification", "Status codes".

mod rules;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, FixedOffset, Utc};
use serde_json::{Value, json};
use sha2::{Digest, Sha512};
use tokio_util::sync::DropGuard;

use super::Recorded;
use super::company::{Booked, BookedRefund, Company, CompanyFault};
use super::counter::{self, Books, Entry, Paid};
use crate::domain::money::Rupiah;
use crate::edge::webhook::WebhookRequest;

/// The server key of the fake's one account.
pub const SERVER_KEY: &str = "SB-Mid-server-fake";

/// The company.
pub struct Fake {
    desk: Arc<Desk>,
    url: String,
    _stop: DropGuard,
}

/// Its books and rules.
pub(super) struct Desk {
    books: Books,
}

impl Fake {
    /// Opens it on a free port of loopback. Its clock stands at the beginning of time until it is set.
    ///
    /// # Errors
    /// [`std::io::Error`] when there is no port.
    pub async fn open() -> Result<Arc<Self>, std::io::Error> {
        let desk = Arc::new(Desk { books: Books::default() });
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

    /// The company adds a fee for the payer to a charge ("Automatic Fee Imposition"), which it keeps.
    ///
    /// # Errors
    /// One line when there is no such charge.
    pub fn impose_fee(&self, reference: &str, fee: Rupiah) -> Result<(), String> {
        let mut books = self.desk.books.lock();
        books.charge(reference).ok_or("there is no such charge")?.fee = fee.whole();
        Ok(())
    }

    /// The payer's bank takes the money of a charge back.
    ///
    /// # Errors
    /// One line when there is no such charge.
    pub fn charge_back(&self, reference: &str) -> Result<WebhookRequest, String> {
        let mut books = self.desk.books.lock();
        let now = books.now;
        let charge = books.charge(reference).ok_or("there is no such charge")?;
        charge.is_charged_back = true;
        Ok(notice(&transaction(charge, now)))
    }

    /// The notice that a charge is waiting, which Midtrans sends when it is made, and which may come late.
    ///
    /// # Errors
    /// One line when there is no such charge.
    pub fn pending_notice(&self, reference: &str) -> Result<WebhookRequest, String> {
        let mut books = self.desk.books.lock();
        let charge = books.charge(reference).ok_or("there is no such charge")?;
        let unpaid = Entry { receipts: Vec::new(), is_cancelled: false, ..charge.clone() };
        Ok(notice(&transaction(&unpaid, unpaid.created_at)))
    }
}

/// A moment as Midtrans writes it: WIB, without a zone.
fn wib(at: DateTime<Utc>) -> String {
    let zone = FixedOffset::east_opt(7 * 3_600);
    zone.map_or_else(String::new, |zone| at.with_timezone(&zone).format("%Y-%m-%d %H:%M:%S").to_string())
}

fn gross(amount: i64) -> String {
    format!("{amount}.00")
}

/// A transaction as the status answers it. Midtrans takes one payment per code; what comes on top stays with the payer.
fn transaction(charge: &Entry, now: DateTime<Utc>) -> Value {
    let paid = charge.receipts.first();
    let refunded = charge.refunded();
    let (status, code, message) = match paid {
        Some(_) if charge.is_charged_back => ("chargeback", "200", "Success, transaction is found"),
        Some(paid) if refunded >= paid.amount => ("refund", "200", "Success, transaction is found"),
        Some(_) if refunded > 0 => ("partial_refund", "200", "Success, transaction is found"),
        Some(_) => ("settlement", "200", "Success, transaction is found"),
        None if charge.is_cancelled => ("cancel", "200", "Success, transaction is found"),
        None if charge.is_lapsed(now) => ("expire", "407", "Success, transaction is found"),
        None => ("pending", "201", "Success, transaction is found"),
    };
    let original = paid.map_or(charge.amount, |paid| paid.amount);
    let amount = gross(original + charge.fee);
    let mut body = json!({
        "status_code": code,
        "status_message": message,
        "transaction_id": charge.external_id,
        "order_id": charge.reference,
        "gross_amount": amount,
        "currency": "IDR",
        "payment_type": "qris",
        "merchant_id": "M000001",
        "transaction_time": wib(charge.created_at),
        "transaction_status": status,
        "fraud_status": "accept",
        "acquirer": "gopay",
        "expiry_time": wib(charge.expires_at),
        "signature_key": sign(&charge.reference, code, &amount),
    });
    if charge.fee > 0 {
        body["metadata"] = json!({ "extra_info": { "gross_amount_info": {
            "original_amount": original.to_string(),
            "gross_amount": (original + charge.fee).to_string(),
            "customer_imposed_payment_fee": charge.fee.to_string(),
        } } });
    }
    if let Some(paid) = paid {
        body["settlement_time"] = wib(paid.at).into();
        body["issuer"] = "gopay".into();
        body["reference_id"] = format!("RRN{}", &paid.id[paid.id.len().saturating_sub(9)..]).into();
    }
    let refunds: Vec<Value> =
        charge.receipts.iter().flat_map(|paid| &paid.refunds).map(rules::refund).collect();
    if !refunds.is_empty() {
        body["refund_amount"] = gross(refunded).into();
        body["refunds"] = refunds.into();
    }
    body
}

/// `sha512(order_id + status_code + gross_amount + server key)` in hex.
fn sign(order_id: &str, code: &str, amount: &str) -> String {
    hex::encode(Sha512::digest(format!("{order_id}{code}{amount}{SERVER_KEY}")))
}

fn notice(transaction: &Value) -> WebhookRequest {
    WebhookRequest {
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: transaction.to_string().into_bytes(),
    }
}

#[async_trait]
impl Company for Fake {
    fn name(&self) -> &'static str {
        "midtrans"
    }

    fn url(&self) -> String {
        self.url.clone()
    }

    fn settings(&self) -> Vec<(&'static str, String)> {
        vec![("MIDTRANS_SERVER_KEY", SERVER_KEY.to_owned()), ("MIDTRANS_API_URL", self.url())]
    }

    fn set_now(&self, now: DateTime<Utc>) {
        let mut books = self.desk.books.lock();
        books.now = now;
        let lapsed: Vec<WebhookRequest> = books
            .charges
            .iter_mut()
            .filter(|charge| {
                charge.is_lapsed(now)
                    && !charge.lapse_is_told
                    && !charge.is_cancelled
                    && charge.receipts.is_empty()
            })
            .map(|charge| {
                charge.lapse_is_told = true;
                notice(&transaction(charge, now))
            })
            .collect();
        books.news.extend(lapsed);
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
            state: transaction(charge, books.now)["transaction_status"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
        });
        charges.collect()
    }

    fn pay(&self, reference: &str, amount: Rupiah) -> Result<Vec<WebhookRequest>, String> {
        let mut books = self.desk.books.lock();
        let (id, now) = (books.id("pay-"), books.now);
        let charge = books.charge(reference).ok_or("there is no such charge")?;
        if !charge.receipts.is_empty() {
            return Err("Midtrans takes one payment for a code; the wallet refuses the second".to_owned());
        }
        charge.receipts.push(Paid { id, amount: amount.whole(), at: now, refunds: Vec::new() });
        Ok(vec![notice(&transaction(charge, now))])
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

    fn forge(&self, reference: &str, amount: Rupiah) -> WebhookRequest {
        let amount = gross(amount.whole());
        notice(&json!({
            "status_code": "200", "transaction_id": "forged", "order_id": reference, "gross_amount": amount,
            "transaction_status": "settlement", "fraud_status": "accept",
            "signature_key": hex::encode(Sha512::digest(format!("{reference}200{amount}somebody-elses-key"))),
        }))
    }

    fn fault(&self, fault: CompanyFault) {
        self.desk.books.fault(fault);
    }

    fn recorded(&self) -> Vec<Recorded> {
        self.desk.books.recorded()
    }
}
