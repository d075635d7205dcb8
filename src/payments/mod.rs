//! Gateways: one folder each, translating between a payment company and `domain::payment`. Nothing else.
//!
//! To add one: a folder with a type that implements [`Gateway`], one line in `app.rs`, one page in `docs/`.
//! Unknown words of a gateway mean pending; only an explicit success is one.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::money::Rupiah;
use crate::domain::payment::GatewayStatus;
use crate::edge::CallError;
use crate::edge::webhook::{WebhookError, WebhookRequest};

pub mod midtrans;
pub mod qris;
pub mod sandbox;
pub mod static_qris;
pub mod xendit;

/// What to ask a gateway for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChargeRequest {
    /// Our unique reference (`ORD-2026-0001-1-K3X9QD`), also the idempotency key: asking twice gives the same charge.
    pub reference: String,
    /// The exact amount.
    pub amount: Rupiah,
    /// The shop's name, for the code.
    pub merchant: String,
    /// The shop's city, for the code.
    pub city: String,
    /// When the charge lapses.
    pub expires_at: DateTime<Utc>,
    /// The shop's own printed code, where it has one: what [`static_qris`] puts the amount into.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

/// What names a charge that was asked for: gateways find it by their own id where they have given one, and by our
/// reference else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChargeRef {
    /// Our reference.
    pub reference: String,
    /// The gateway's id; nothing when its answer to the charge was lost.
    #[serde(default)]
    pub external_id: Option<String>,
    /// What was asked for.
    pub amount: Rupiah,
    /// The account of the shop's at the gateway that the charge was made in, as the gateway names it; nothing where it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
}

/// Whose an answer says that it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Told<'a> {
    /// Our reference.
    pub reference: Option<&'a str>,
    /// The gateway's id of the charge.
    pub external_id: Option<&'a str>,
    /// The account at the gateway.
    pub account: Option<&'a str>,
}

impl ChargeRef {
    /// Checks that an answer is about this charge: everything by which it names one is this one's, and it names one.
    ///
    /// # Errors
    /// [`CallError::Fail`] with what differs. Such an answer is no evidence of anything.
    pub fn check(&self, told: Told<'_>) -> Result<(), CallError> {
        let fail = |what: &str| {
            Err(CallError::Fail { reason: format!("the answer {what}; nothing is concluded from it") })
        };
        let differs = |known: Option<&str>, told: Option<&str>| matches!((known, told), (Some(known), Some(told)) if known != told);
        if differs(Some(&self.reference), told.reference) {
            return fail("names another reference");
        }
        if differs(self.external_id.as_deref(), told.external_id) {
            return fail("names another charge");
        }
        if differs(self.account.as_deref(), told.account) {
            return fail("names another account");
        }
        let is_named = told.reference.is_some() || (self.external_id.is_some() && told.external_id.is_some());
        if is_named { Ok(()) } else { fail("does not say which charge it is about") }
    }
}

/// A charge that a gateway has made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charge {
    /// The gateway's id of it.
    pub external_id: String,
    /// The QRIS string, checked before it is shown: CRC, dynamic, amount, currency.
    pub qris: String,
    /// A page to pay on, where the gateway has one.
    pub url: Option<String>,
    /// The account that it was made in, as the gateway names it; nothing where it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
}

/// Money to be sent back by the gateway that took it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundRequest {
    /// The payment that it came in by.
    pub charge: ChargeRef,
    /// Ours, unique and the same at every try: the idempotency key.
    pub refund_key: String,
    /// The gateway's id of the refund; nothing before it has answered.
    #[serde(default)]
    pub external_id: Option<String>,
    /// How much, never more than was paid and has not gone back yet.
    pub amount: Rupiah,
    /// `customer_request`, `product_defective` or `out_of_stock`.
    pub reason: String,
}

/// What has become of a refund at its gateway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundAnswer {
    /// The gateway's id of it.
    pub external_id: Option<String>,
    /// How far it is.
    pub state: RefundState,
}

/// The states of a refund that gateways share. Unknown words mean pending.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum RefundState {
    /// Under way; the gateway is asked again.
    Pending,
    /// The money has gone back.
    Succeeded,
    /// The gateway tried and failed, or refuses this one refund; the shop may try again or pay back by hand.
    Failed {
        /// For the shop, in its own language.
        #[serde(default)]
        problem: RefundProblem,
        /// For operators and the books, in the gateway's words.
        reason: String,
    },
    /// This gateway cannot send back this kind of payment: the shop pays back by hand.
    Unsupported,
}

/// Why a refund has failed, as the shop is told it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "problem")]
pub enum RefundProblem {
    /// The gateway refuses it, for a reason that has no word here.
    #[default]
    Refused,
    /// The payer's bank has denied it.
    Denied,
    /// The shop's balance at the gateway is too small, or the amount is not one that can go back.
    Funds,
    /// More would go back than is left.
    TooMuch,
    /// The charge was paid in parts, and this much of one of them can go back at once.
    Parts {
        /// At most.
        most: Rupiah,
    },
    /// A refund with the same key is over another amount.
    OtherAmount,
}

impl RefundProblem {
    /// The word of `refund-problem-*`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Denied => "denied",
            Self::Funds => "funds",
            Self::TooMuch => "too-much",
            Self::Parts { .. } => "parts",
            Self::OtherAmount => "other-amount",
        }
    }
}

/// A notice that a gateway sent. It is never believed by itself: it leads to [`Gateway::status`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Unique for the event at this gateway, so that repeats are known.
    pub event_key: String,
    /// The gateway's name of the event.
    pub event_type: String,
    /// Our reference, where the notice names one.
    pub reference: Option<String>,
    /// The gateway's id of the charge, where the notice names one.
    pub external_id: Option<String>,
}

/// A payment company.
#[async_trait]
pub trait Gateway: Send + Sync {
    /// Its name in `payments.details ->> 'provider'` and in `/webhooks/<name>`.
    fn name(&self) -> &'static str;

    /// Makes a charge. Idempotent by reference; the same reference with another amount is refused.
    ///
    /// # Errors
    /// [`CallError`], saying whether another try makes sense. A time-out is a retry with the same reference.
    async fn charge(&self, request: &ChargeRequest) -> Result<Charge, CallError>;

    /// Asks what has become of a charge: the evidence that payments are confirmed by.
    ///
    /// # Errors
    /// [`CallError`]; a charge that the gateway does not know is [`CallError::Fail`].
    async fn status(&self, charge: &ChargeRef) -> Result<GatewayStatus, CallError>;

    /// Calls off an unpaid charge, as far as the gateway can.
    ///
    /// # Errors
    /// [`CallError`].
    async fn cancel(&self, charge: &ChargeRef) -> Result<(), CallError>;

    /// Sends money back. Idempotent by [`RefundRequest::refund_key`].
    ///
    /// # Errors
    /// [`CallError`]. A time-out is a retry with the same key; a refusal is an answer, [`RefundState::Failed`] or
    /// [`RefundState::Unsupported`].
    async fn refund(&self, request: &RefundRequest) -> Result<RefundAnswer, CallError>;

    /// Asks what has become of a refund.
    ///
    /// # Errors
    /// [`CallError`]; a refund that the gateway does not know is [`CallError::Fail`].
    async fn refund_status(&self, request: &RefundRequest) -> Result<RefundAnswer, CallError>;

    /// Asks whether the account works. Returns its name at the gateway, or what it answered, for operators.
    ///
    /// # Errors
    /// [`CallError`] saying what is wrong.
    async fn test(&self) -> Result<String, CallError>;

    /// Reads a notice, checking its signature over the raw bytes.
    ///
    /// # Errors
    /// [`WebhookError`].
    fn receive(&self, request: &WebhookRequest) -> Result<Notice, WebhookError>;
}
