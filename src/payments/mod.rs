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

pub mod qris;
pub mod sandbox;

/// What to ask a gateway for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChargeRequest {
    /// Our unique reference (`ORD-2026-0001-1`), also the idempotency key: asking twice gives the same charge.
    pub reference: String,
    /// The exact amount.
    pub amount: Rupiah,
    /// The shop's name, for the code.
    pub merchant: String,
    /// The shop's city, for the code.
    pub city: String,
    /// When the charge lapses.
    pub expires_at: DateTime<Utc>,
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
}

/// A payment company.
#[async_trait]
pub trait Gateway: Send + Sync {
    /// Its name in `payments.gateway` and in `/webhooks/<name>`.
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
    async fn status(&self, reference: &str) -> Result<GatewayStatus, CallError>;

    /// Calls off an unpaid charge, as far as the gateway can.
    ///
    /// # Errors
    /// [`CallError`].
    async fn cancel(&self, reference: &str) -> Result<(), CallError>;

    /// Reads a notice, checking its signature over the raw bytes.
    ///
    /// # Errors
    /// [`WebhookError`].
    fn receive(&self, request: &WebhookRequest) -> Result<Notice, WebhookError>;
}
