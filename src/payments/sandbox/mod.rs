//! The sandbox: a gateway that behaves like a real one and moves no money. Its books are a [`Ledger`], its notices are
//! signed and go through the same door as those of real gateways, and it is asked for evidence like they are.
//!
//! Like many real codes, a code of the sandbox can be paid more than once, with another amount, and after its charge has
//! lapsed or was called off: such money is what the shop has to cope with.

mod merchant;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::qris::{self, Additional};
use super::{
    Charge, ChargeRef, ChargeRequest, Gateway, Notice, RefundAnswer, RefundProblem, RefundRequest,
    RefundState, Told,
};
use crate::clock::Clock;
use crate::domain::money::Rupiah;
use crate::domain::payment::{GatewayState, GatewayStatus};
use crate::edge::CallError;
use crate::edge::webhook::{WebhookError, WebhookRequest, check_hmac_sha256, hmac_sha256_hex};

/// The gateway's name.
pub const NAME: &str = "sandbox";
/// The header that carries `hex(HMAC-SHA256(secret, body))`.
pub const SIGNATURE_HEADER: &str = "x-sandbox-signature";
/// Payments that one charge may receive; past that somebody is playing.
pub const MAX_RECEIPTS: u32 = 20;
/// Event of a payment.
const SUCCEEDED: &str = "payment.succeeded";

/// One charge in the books of the sandbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The shop's reference.
    pub reference: String,
    /// The sandbox's own id of it.
    pub external_id: String,
    /// The amount asked for.
    pub amount: Rupiah,
    /// The code.
    pub qris: String,
    /// Whether the shop has called it off.
    pub cancelled: bool,
    /// The sum of the payments.
    pub received: Rupiah,
    /// How many payments there were.
    pub receipts: u32,
    /// When the charge lapses.
    pub expires_at: DateTime<Utc>,
}

impl Entry {
    /// What the gateway says of it: money that came counts, whatever else happened.
    pub fn state(&self, now: DateTime<Utc>) -> GatewayState {
        if self.receipts > 0 {
            GatewayState::Paid
        } else if self.cancelled {
            GatewayState::Failed
        } else if now >= self.expires_at {
            GatewayState::Expired
        } else {
            GatewayState::Pending
        }
    }
}

/// The books of the sandbox, kept by whoever builds it: payments know no database.
#[async_trait]
pub trait Ledger: Send + Sync {
    /// Adds an entry, unless there is one with its reference. Returns the one that stands there afterwards.
    ///
    /// # Errors
    /// [`CallError::Retry`] when the books cannot be reached.
    async fn add(&self, entry: &Entry, now: DateTime<Utc>) -> Result<Entry, CallError>;

    /// The entry with a reference.
    ///
    /// # Errors
    /// [`CallError::Retry`] when the books cannot be reached.
    async fn find(&self, reference: &str) -> Result<Option<Entry>, CallError>;

    /// Books one payment, unless there are [`MAX_RECEIPTS`] already. Returns the entry afterwards.
    ///
    /// # Errors
    /// [`CallError::Retry`] when the books cannot be reached.
    async fn receive(
        &self,
        reference: &str,
        amount: Rupiah,
        now: DateTime<Utc>,
    ) -> Result<Option<Entry>, CallError>;

    /// Books a refund under its key, unless that would send back more than has come in. Returns whether it is booked;
    /// the same key again is booked already.
    ///
    /// # Errors
    /// [`CallError::Retry`] when the books cannot be reached.
    async fn refund(
        &self,
        reference: &str,
        refund_key: &str,
        amount: Rupiah,
        now: DateTime<Utc>,
    ) -> Result<bool, CallError>;

    /// Marks an unpaid entry as called off. Returns the entry afterwards.
    ///
    /// # Errors
    /// [`CallError::Retry`] when the books cannot be reached.
    async fn cancel(&self, reference: &str, now: DateTime<Utc>) -> Result<Option<Entry>, CallError>;
}

/// The sandbox.
pub struct Sandbox {
    ledger: Arc<dyn Ledger>,
    clock: Arc<Clock>,
    secret: Vec<u8>,
    public_url: String,
}

/// The body of a notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Body {
    /// The event's own id, the same at every repeat of the notice.
    id: String,
    event: String,
    reference: Option<String>,
    #[serde(default)]
    external_id: Option<String>,
    /// Whole rupiah of this payment.
    #[serde(default)]
    amount: Option<i64>,
    #[serde(default)]
    currency: Option<String>,
    #[serde(default)]
    paid_at: Option<DateTime<Utc>>,
}

/// Why a payment at the sandbox did not happen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PayError {
    /// There is no such charge.
    #[error("the sandbox knows no charge with this reference")]
    Unknown,
    /// Zero, or past what the books can hold.
    #[error("this amount cannot be paid")]
    Amount,
    /// [`MAX_RECEIPTS`] payments are enough.
    #[error("the code has been paid too many times")]
    TooMany,
    /// The books cannot be reached.
    #[error("{0}")]
    Ledger(#[from] CallError),
}

impl Sandbox {
    /// A sandbox over its books. `secret` signs the notices; `public_url` is the address of this server, without a slash
    /// at its end, where the page to pay on stands.
    pub fn new(
        ledger: Arc<dyn Ledger>,
        clock: Arc<Clock>,
        secret: impl Into<Vec<u8>>,
        public_url: impl Into<String>,
    ) -> Self {
        let public_url = public_url.into().trim_end_matches('/').to_owned();
        Self { ledger, clock, secret: secret.into(), public_url }
    }

    /// The charge with a reference, and the moment, for the page to pay on.
    ///
    /// # Errors
    /// [`CallError::Retry`] when the books cannot be reached.
    pub async fn find(&self, reference: &str) -> Result<Option<(Entry, DateTime<Utc>)>, CallError> {
        Ok(self.ledger.find(reference).await?.map(|entry| (entry, self.clock.now())))
    }

    /// Pays a charge: books the payment and returns the signed notice that is to be sent to `/webhooks/sandbox`.
    ///
    /// # Errors
    /// [`PayError`].
    pub async fn pay(&self, reference: &str, amount: Rupiah) -> Result<WebhookRequest, PayError> {
        if amount == Rupiah::ZERO {
            return Err(PayError::Amount);
        }
        let before = self.ledger.find(reference).await?.ok_or(PayError::Unknown)?;
        before.received.plus(amount).map_err(|_| PayError::Amount)?;
        let now = self.clock.now();
        let entry = self.ledger.receive(reference, amount, now).await?.ok_or(PayError::TooMany)?;
        Ok(self.sign(&Body {
            id: event_id(&entry),
            event: SUCCEEDED.to_owned(),
            reference: Some(entry.reference.clone()),
            external_id: Some(entry.external_id.clone()),
            amount: Some(amount.whole()),
            currency: Some("IDR".to_owned()),
            paid_at: Some(now),
        }))
    }

    /// The notice of the last payment once more, as gateways send it when they got no answer. Nothing when the charge
    /// has not been paid.
    ///
    /// # Errors
    /// [`PayError`].
    pub async fn repeat(&self, reference: &str) -> Result<Option<WebhookRequest>, PayError> {
        let entry = self.ledger.find(reference).await?.ok_or(PayError::Unknown)?;
        Ok((entry.receipts > 0).then(|| {
            self.sign(&Body {
                id: event_id(&entry),
                event: SUCCEEDED.to_owned(),
                reference: Some(entry.reference.clone()),
                external_id: Some(entry.external_id.clone()),
                amount: None,
                currency: Some("IDR".to_owned()),
                paid_at: None,
            })
        }))
    }

    fn sign(&self, body: &Body) -> WebhookRequest {
        // Plain texts and numbers always become JSON; an empty body would be refused by its signature.
        let body = serde_json::to_vec(body).unwrap_or_default();
        let signature = hmac_sha256_hex(&self.secret, &body);
        let headers = vec![
            ("content-type".to_owned(), "application/json".to_owned()),
            (SIGNATURE_HEADER.to_owned(), signature),
        ];
        WebhookRequest { headers, body }
    }
}

/// The id of the event of the last payment.
fn event_id(entry: &Entry) -> String {
    format!("evt_{}_{}", entry.external_id, entry.receipts)
}

fn fail(reason: impl Into<String>) -> CallError {
    CallError::Fail { reason: reason.into() }
}

#[async_trait]
impl Gateway for Sandbox {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn charge(&self, request: &ChargeRequest) -> Result<Charge, CallError> {
        let merchant = merchant::of(&request.merchant, &request.city);
        let reference = qris::fit(&request.reference, 25, "-");
        let additional = Additional {
            reference: Some(reference),
            terminal: Some("A01".to_owned()),
            ..Additional::default()
        };
        let code = qris::build(&merchant, Some(request.amount), &additional)
            .map_err(|error| fail(error.to_string()))?;
        let asked = Entry {
            reference: request.reference.clone(),
            external_id: format!("sbx_{}", self.clock.id()),
            amount: request.amount,
            qris: code,
            cancelled: false,
            received: Rupiah::ZERO,
            receipts: 0,
            expires_at: request.expires_at,
        };
        let entry = self.ledger.add(&asked, self.clock.now()).await?;
        if entry.amount != request.amount {
            return Err(fail("the reference is taken by a charge over another amount"));
        }
        let url = format!("{}/sandbox/pay/{}", self.public_url, entry.reference);
        Ok(Charge { external_id: entry.external_id, qris: entry.qris, url: Some(url), account: None })
    }

    async fn status(&self, charge: &ChargeRef) -> Result<GatewayStatus, CallError> {
        let entry =
            self.ledger.find(&charge.reference).await?.ok_or_else(|| fail("no charge has this reference"))?;
        let told =
            Told { reference: Some(&entry.reference), external_id: Some(&entry.external_id), account: None };
        charge.check(told)?;
        Ok(GatewayStatus {
            reference: entry.reference.clone(),
            external_id: Some(entry.external_id.clone()),
            state: entry.state(self.clock.now()),
            received: entry.received,
            receipts: entry.receipts,
            currency: "IDR".to_owned(),
            receipt_id: (entry.receipts > 0).then(|| event_id(&entry)),
            payer_app: None,
            transactions: (1..=entry.receipts)
                .map(|number| format!("{}_{number}", entry.external_id))
                .collect(),
            returned: Vec::new(),
        })
    }

    async fn cancel(&self, charge: &ChargeRef) -> Result<(), CallError> {
        let entry = self.ledger.cancel(&charge.reference, self.clock.now()).await?;
        match entry.ok_or_else(|| fail("no charge has this reference"))? {
            entry if entry.receipts > 0 => Err(fail("the charge is paid already")),
            _ => Ok(()),
        }
    }

    async fn refund(&self, request: &RefundRequest) -> Result<RefundAnswer, CallError> {
        let booked = self
            .ledger
            .refund(&request.charge.reference, &request.refund_key, request.amount, self.clock.now())
            .await?;
        Ok(RefundAnswer {
            external_id: booked.then(|| format!("sbxr_{}", request.refund_key)),
            state: match booked {
                true => RefundState::Succeeded,
                false => RefundState::Failed {
                    problem: RefundProblem::TooMuch,
                    reason: "more than was paid would go back".to_owned(),
                },
            },
        })
    }

    async fn refund_status(&self, request: &RefundRequest) -> Result<RefundAnswer, CallError> {
        // The sandbox sends money back at once, and the same key never twice.
        self.refund(request).await
    }

    async fn test(&self) -> Result<String, CallError> {
        Ok("the sandbox: no money moves".to_owned())
    }

    fn receive(&self, request: &WebhookRequest) -> Result<Notice, WebhookError> {
        let signature = request.header(SIGNATURE_HEADER).ok_or(WebhookError::Unsigned)?;
        check_hmac_sha256(&self.secret, &request.body, signature)?;
        let body: Body = crate::edge::json::parse_as(&request.body)?;
        Ok(Notice {
            event_key: body.id,
            event_type: body.event,
            reference: body.reference,
            external_id: body.external_id,
        })
    }
}
