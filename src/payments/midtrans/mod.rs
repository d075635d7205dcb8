//! Midtrans: Core API (docs.midtrans.com, "Core API" and "QRIS"), one QRIS per charge.
//!
//! Midtrans says in the body what became of a call, whatever the status of HTTP is, so the body decides here. The
//! signature of a notice covers the order id, a status code and the amount, and neither the transaction's status nor its
//! id: a notice is a reason to ask, and `GET /v2/{order_id}/status` is the evidence.

mod client;
mod notice;
mod refund;
mod wire;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde_json::{Value, json};

use super::{Charge, ChargeRef, ChargeRequest, Gateway, Notice, RefundAnswer, RefundRequest, qris};
use crate::clock::Clock;
use crate::domain::money::Rupiah;
use crate::domain::payment::{GatewayState, GatewayStatus};
use crate::edge::CallError;
use crate::edge::webhook::{WebhookError, WebhookRequest};
use client::{Answer, Client};
use wire::{text, whole};

/// The gateway's name.
pub const NAME: &str = "midtrans";
/// The company that issues the code; the other one, `airpay shopee`, takes no refunds at night.
const ACQUIRER: &str = "gopay";
/// Minutes that a code may live, by Midtrans' own bound of 24 hours for this kind of payment; less than one is refused.
const EXPIRY_MINUTES: std::ops::RangeInclusive<i64> = 1..=1_440;
/// Bytes of a picture of a code that are read.
const MAX_PICTURE_BYTES: usize = 1024 * 1024;

/// An account at Midtrans.
pub struct Midtrans {
    client: Client,
    server_key: SecretString,
    webhook_url: Option<String>,
    clock: Arc<Clock>,
}

impl Midtrans {
    /// The account with this server key. Notices go to `webhook_url` where that is an https address, else to what is set
    /// in Midtrans' dashboard.
    ///
    /// # Errors
    /// [`CallError::Fail`] when the address is none.
    pub fn new(
        api_url: &str,
        server_key: SecretString,
        webhook_url: &str,
        clock: Arc<Clock>,
    ) -> Result<Self, CallError> {
        let webhook_url = webhook_url.starts_with("https://").then(|| webhook_url.to_owned());
        Ok(Self { client: Client::new(api_url, server_key.clone())?, server_key, webhook_url, clock })
    }

    /// What Midtrans says of an order id; nothing when it knows none.
    async fn transaction(&self, reference: &str) -> Result<Option<Value>, CallError> {
        match self.client.get(&["v2", reference, "status"]).await? {
            Answer { code: 404, .. } => Ok(None),
            // 200 and 201 are transactions as they stand, 202 a denied one, 407 a lapsed one.
            Answer { code: 200..=202 | 407, body } => Ok(Some(body)),
            other => Err(other.refusal("the status cannot be read")),
        }
    }

    /// The code of a charge that was made before, when the answer to it was lost.
    async fn made_before(&self, request: &ChargeRequest) -> Result<Value, CallError> {
        let before = self.transaction(&request.reference).await?;
        match before.ok_or_else(|| fail("the reference is taken and cannot be found"))? {
            ended if wire::has_ended(&ended) => {
                Err(fail("the charge with this reference has ended, so its code must not be shown"))
            }
            before => Ok(before),
        }
    }

    /// The QR string of a transaction: as it was answered, or else read out of the picture that Midtrans keeps.
    async fn code(&self, transaction: &Value) -> Result<String, CallError> {
        if let Some(payload) = text(transaction, "qr_string") {
            return Ok(payload.to_owned());
        }
        let id =
            text(transaction, "transaction_id").ok_or_else(|| fail("the answer names no transaction"))?;
        let picture = self.client.bytes(&["v2", "qris", id, "qr-code"], MAX_PICTURE_BYTES).await?;
        let read = qris::in_turn(move || qris::read_picture(&picture)).await;
        let codes = read.and_then(Result::ok).unwrap_or_default();
        codes.into_iter().next().ok_or_else(|| fail("the answer holds no QR string, and no picture of one"))
    }

    fn status_of(&self, charge: &ChargeRef, transaction: &Value) -> Result<GatewayStatus, CallError> {
        charge.check(wire::told(transaction))?;
        let word = text(transaction, "transaction_status").unwrap_or_default();
        let is_accepted = text(transaction, "fraud_status").is_none_or(|fraud| fraud == "accept");
        // Money that has gone back came in before: refunds are booked where they are made.
        let is_paid = matches!(word, "settlement" | "capture" | "refund" | "partial_refund")
            && wire::code(transaction) == Some(200)
            && is_accepted;
        let state = match word {
            _ if is_paid => GatewayState::Paid,
            "chargeback" | "partial_chargeback" => GatewayState::Disputed,
            // After a settlement any of these is its reversal; Midtrans keeps the moment of the settlement.
            "deny" | "cancel" | "failure" if text(transaction, "settlement_time").is_some() => {
                GatewayState::Disputed
            }
            "expire" => GatewayState::Expired,
            "cancel" | "deny" | "failure" => GatewayState::Failed,
            _ => GatewayState::Pending,
        };
        let received = match state {
            GatewayState::Paid | GatewayState::Disputed => wire::received(transaction).unwrap_or_default(),
            _ => Rupiah::ZERO,
        };
        let own = |name: &str| text(transaction, name).map(str::to_owned);
        let transactions = own("transaction_id").filter(|_| received > Rupiah::ZERO);
        Ok(GatewayStatus {
            reference: charge.reference.clone(),
            external_id: own("transaction_id"),
            state,
            received,
            receipts: u32::from(received > Rupiah::ZERO),
            currency: own("currency").unwrap_or_else(|| "IDR".to_owned()),
            receipt_id: own("reference_id").or_else(|| own("transaction_id")).filter(|_| is_paid),
            payer_app: own("issuer").filter(|_| is_paid),
            transactions: transactions.into_iter().collect(),
            returned: refund::returned(transaction),
        })
    }
}

/// Minutes for which a code is asked to live: rounded up, so that no code dies before its order does. Money that comes in the
/// rest of the last minute is late money, which is a normal case.
fn minutes_until(expires_at: DateTime<Utc>, now: DateTime<Utc>) -> i64 {
    const MINUTE_MILLISECONDS: i64 = 60_000;
    let milliseconds = (expires_at - now).num_milliseconds().max(0);
    let minutes = milliseconds.saturating_add(MINUTE_MILLISECONDS - 1) / MINUTE_MILLISECONDS;
    minutes.clamp(*EXPIRY_MINUTES.start(), *EXPIRY_MINUTES.end())
}

/// A refusal that another try would not change.
fn fail(reason: &str) -> CallError {
    CallError::Fail { reason: reason.to_owned() }
}

#[async_trait]
impl Gateway for Midtrans {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn charge(&self, request: &ChargeRequest) -> Result<Charge, CallError> {
        let now = self.clock.now();
        let minutes = minutes_until(request.expires_at, now);
        let body = json!({
            "payment_type": "qris",
            "transaction_details": { "order_id": request.reference, "gross_amount": request.amount.whole() },
            "qris": { "acquirer": ACQUIRER },
            "custom_expiry": {
                "order_time": wire::wib(now),
                "expiry_duration": minutes,
                "unit": "minute",
            },
        });
        let answer = self
            .client
            .post(&["v2", "charge"], &request.reference, self.webhook_url.as_deref(), &body)
            .await?;
        let transaction = match answer {
            Answer { code: 200 | 201, body } => body,
            // The order id is taken: by ourselves, when the answer to an earlier try was lost.
            Answer { code: 406, .. } => self.made_before(request).await?,
            other => return Err(other.refusal("the code is not made")),
        };
        let charge = ChargeRef {
            reference: request.reference.clone(),
            external_id: None,
            amount: request.amount,
            account: None,
        };
        let told = wire::told(&transaction);
        charge.check(told)?;
        let account = told.account.map(str::to_owned);
        if whole(&transaction, "gross_amount") != Some(request.amount) {
            return Err(fail(match wire::received(&transaction) == Some(request.amount) {
                true => {
                    "the account adds a fee for the buyer, which QRIS forbids; switch it off in Midtrans' dashboard"
                }
                false => "the reference is taken by a charge over another amount",
            }));
        }
        let external_id = text(&transaction, "transaction_id")
            .ok_or_else(|| fail("the answer names no transaction"))?
            .to_owned();
        let payload = self.code(&transaction).await?;
        qris::check_dynamic(&payload, request.amount)
            .map_err(|error| fail(&format!("the QR string is not right: {error}")))?;
        Ok(Charge { external_id, qris: payload, url: None, account })
    }

    async fn status(&self, charge: &ChargeRef) -> Result<GatewayStatus, CallError> {
        // Asked by our own reference and never by what a notice said; of what comes back only what we must know is read.
        let transaction = self.transaction(&charge.reference).await?;
        let transaction = transaction.ok_or_else(|| fail("no charge has this reference"))?;
        self.status_of(charge, &transaction)
    }

    async fn cancel(&self, charge: &ChargeRef) -> Result<(), CallError> {
        match self.client.post(&["v2", &charge.reference, "cancel"], "", None, &Value::Null).await? {
            // A charge that is not there, or has lapsed, cannot be paid any more.
            Answer { code: 200 | 404 | 407, .. } => Ok(()),
            // It may not change any more: because it is paid, or because an earlier try of ours was done.
            Answer { code: 412, body } => match self.status(charge).await?.state {
                GatewayState::Expired | GatewayState::Failed => Ok(()),
                _ => Err(Answer { code: 412, body }.refusal("the charge cannot be called off")),
            },
            other => Err(other.refusal("the charge cannot be called off")),
        }
    }

    async fn refund(&self, request: &RefundRequest) -> Result<RefundAnswer, CallError> {
        refund::refund(self, request).await
    }

    async fn refund_status(&self, request: &RefundRequest) -> Result<RefundAnswer, CallError> {
        let transaction = self.transaction(&request.charge.reference).await?;
        if let Some(transaction) = &transaction {
            request.charge.check(wire::told(transaction))?;
        }
        let known = transaction.as_ref().and_then(|transaction| refund::known(transaction, request));
        known.ok_or_else(|| fail("no refund has this key"))
    }

    async fn test(&self) -> Result<String, CallError> {
        // An order id that nobody can have: a right key is told that there is none, a wrong one that it is wrong.
        self.transaction("warung-doctor").await?;
        Ok(format!("the key works ({})", if self.client.is_sandbox() { "sandbox" } else { "production" }))
    }

    fn receive(&self, request: &WebhookRequest) -> Result<Notice, WebhookError> {
        notice::receive(&self.server_key, request)
    }
}
