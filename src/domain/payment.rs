//! Payments: their states, what a gateway can say about one, and the one pure decision of what that means.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::ids::{OrderId, PaymentId};
use super::money::Rupiah;

/// Where a payment stands (`payments.status`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentStatus {
    /// Asked for; unknown words of a gateway count as this.
    Pending,
    /// Evidence says that the exact amount, or more, is there.
    Confirmed,
    /// The gateway refused to make it, or reported a failure.
    Failed,
    /// Its time ran out unpaid.
    Expired,
    /// Called off before it was paid.
    Cancelled,
    /// All of it went back.
    Refunded,
}

impl PaymentStatus {
    /// The word in the column.
    pub fn code(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Confirmed => "confirmed",
            Self::Failed => "failed",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
            Self::Refunded => "refunded",
        }
    }

    /// Reads the word of the column.
    pub fn parse(code: &str) -> Option<Self> {
        [Self::Pending, Self::Confirmed, Self::Failed, Self::Expired, Self::Cancelled, Self::Refunded]
            .into_iter()
            .find(|status| status.code() == code)
    }
}

/// A payment as people and the dialogue see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// The row's id.
    pub id: PaymentId,
    /// The order that it pays.
    pub order: OrderId,
    /// Our reference at the gateway: `ORD-2026-0001-1`.
    pub reference: String,
    /// The amount asked for.
    pub amount: Rupiah,
    /// Where it stands.
    pub status: PaymentStatus,
    /// The QRIS string, once the gateway has answered.
    pub qris: Option<String>,
    /// Where to pay in a browser, for gateways that have such a page.
    pub url: Option<String>,
    /// When it lapses.
    pub expires_at: Option<DateTime<Utc>>,
}

/// What a gateway answers when it is asked about a payment. Only such an answer, never a notice alone, is evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GatewayStatus {
    /// Our reference.
    pub reference: String,
    /// The gateway's own id of the charge.
    pub external_id: Option<String>,
    /// What it says.
    pub state: GatewayState,
    /// The sum of what was received, zero while nothing was.
    pub received: Rupiah,
    /// How many payments make up that sum.
    pub receipts: u32,
    /// ISO 4217 currency of the money received.
    pub currency: String,
}

/// The states of a charge that gateways share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GatewayState {
    /// Not paid yet, or a word that we do not know.
    Pending,
    /// Paid.
    Paid,
    /// Its time ran out unpaid.
    Expired,
    /// Failed or was called off.
    Failed,
}
