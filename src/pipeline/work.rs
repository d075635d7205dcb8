//! What stands in the inbox and in the call lane of the outbox. Stored as JSON, so variants are only ever added.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::reading::{Purpose, Reading};
use crate::dialogue::value::Value;
use crate::domain::ids::{OrderId, PaymentId};
use crate::domain::message::{ChannelName, FileRef, Inbound, Outbound};
use crate::domain::money::Rupiah;
use crate::domain::payment::GatewayStatus;
use crate::payments::{Charge, ChargeRef, ChargeRequest, RefundAnswer, RefundRequest};
use crate::store::outbox::CallKind;

/// One row of the inbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "work", rename_all = "snake_case")]
pub enum Work {
    /// A person sent something.
    Inbound {
        /// What.
        inbound: Inbound,
    },
    /// Something that another conversation, a timer or a service has to tell this one; see `dialogue::event::SIGNALS`.
    Signal {
        /// The signal's name.
        name: String,
        /// What comes with it; `order` is an order id.
        #[serde(default)]
        facts: BTreeMap<String, Value>,
    },
    /// A deadline of the dialogue's state.
    StateTimer {
        /// The deadline's name in the flow.
        name: String,
        /// The revision of the state that set it.
        revision: i64,
    },
    /// A deadline of an order has come.
    OrderTimer {
        /// Which: `reminder`, `expire`, `poll`.
        kind: String,
        /// The order.
        order: OrderId,
    },
    /// A verified notice of a gateway: it leads to a question, never to a conclusion.
    Notice {
        /// The gateway.
        gateway: String,
        /// The row of `payment_webhook_logs`.
        log: String,
        /// Our reference of the payment that it is about.
        reference: String,
    },
    /// The shop's owner wrote to the customer with the platform's own app.
    Echo {
        /// What.
        text: String,
    },
    /// A message of this conversation was given up.
    Undelivered {
        /// Its row in the outbox.
        outbox_id: i64,
    },
    /// A message that could not be delivered in another chat of the same customer.
    Forward {
        /// What.
        message: Outbound,
        /// The order that it is about.
        order: Option<OrderId>,
    },
    /// The bytes of a file that a person sent are here, or cannot be had.
    Fetched {
        /// The row of `attachments`.
        attachment: String,
        /// The hash under which they are kept, or why they are not.
        result: Result<String, String>,
        /// What was wanted of the file.
        #[serde(default)]
        purpose: Purpose,
        /// What was made out of it, where something was wanted.
        #[serde(default)]
        reading: Reading,
    },
    /// A gateway has made a charge, or will not.
    Charged {
        /// The payment.
        payment: PaymentId,
        /// The charge, or why there is none.
        result: Result<Charge, String>,
    },
    /// A gateway has said what became of a charge: evidence.
    Status {
        /// The payment.
        payment: PaymentId,
        /// Why it was asked: `notice`, `poll`, `expire`, `recheck`, `sweep`, `cancel`.
        why: String,
        /// The answer, or why there is none.
        result: Result<GatewayStatus, String>,
    },
    /// A look at a payment of which nothing has been heard: daily, and soon after it has ended unpaid.
    Sweep {
        /// The payment.
        payment: PaymentId,
    },
    /// A notice of the shop's bank names the amount of an open order.
    Statement {
        /// The payment.
        payment: PaymentId,
        /// The row of `payment_webhook_logs`.
        log: String,
        /// What came in.
        amount: Rupiah,
    },
    /// A gateway would not call a charge off: perhaps because its money has come.
    CancelRefused {
        /// The payment.
        payment: PaymentId,
    },
    /// A gateway has said what became of a refund.
    Refunded {
        /// The row of `refunds`.
        refund: String,
        /// The answer, or why there is none.
        result: Result<RefundAnswer, String>,
    },
}

/// One row of the call lane of the outbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "call", rename_all = "snake_case")]
pub enum Call {
    /// Make a charge; the answer is [`Work::Charged`].
    Charge {
        /// The payment.
        payment: PaymentId,
        /// The gateway.
        gateway: String,
        /// What to ask for.
        request: ChargeRequest,
    },
    /// Ask for the status; the answer is [`Work::Status`].
    Status {
        /// The payment.
        payment: PaymentId,
        /// The gateway.
        gateway: String,
        /// The charge.
        charge: ChargeRef,
        /// Why; handed through to the answer.
        why: String,
    },
    /// Fetch the bytes of a file that a person sent; the answer is [`Work::Fetched`].
    Fetch {
        /// The row of `attachments`.
        attachment: String,
        /// The channel that it came by.
        channel: ChannelName,
        /// The account that it came to.
        account: String,
        /// The file.
        file: FileRef,
        /// What is wanted of it.
        #[serde(default)]
        purpose: Purpose,
    },
    /// Call a charge off; no answer is needed.
    Cancel {
        /// The payment.
        payment: PaymentId,
        /// The gateway.
        gateway: String,
        /// The charge.
        charge: ChargeRef,
    },
    /// Send money back; the answer is [`Work::Refunded`].
    Refund {
        /// The row of `refunds`.
        refund: String,
        /// The gateway.
        gateway: String,
        /// What to send back.
        request: RefundRequest,
    },
    /// Ask what became of a refund; the answer is [`Work::Refunded`].
    RefundStatus {
        /// The row of `refunds`.
        refund: String,
        /// The gateway.
        gateway: String,
        /// The refund as it was asked for.
        request: RefundRequest,
    },
}

impl Call {
    /// Who is to be called: a gateway, or a channel.
    pub fn callee(&self) -> &str {
        match self {
            Call::Fetch { channel, .. } => channel.as_str(),
            Call::Charge { gateway, .. }
            | Call::Status { gateway, .. }
            | Call::Cancel { gateway, .. }
            | Call::Refund { gateway, .. }
            | Call::RefundStatus { gateway, .. } => gateway,
        }
    }

    /// What it does, by which calls are given their slots. Somebody waits for a code, for money that goes back and for the
    /// answer to a question; nobody waits for a look.
    pub fn kind(&self) -> CallKind {
        match self {
            Call::Charge { .. } => CallKind::Charge,
            Call::Refund { .. } => CallKind::Refund,
            Call::Status { why, .. } if ROUTINE.contains(&why.as_str()) => CallKind::Look,
            Call::Status { .. } => CallKind::Question,
            Call::RefundStatus { .. } => CallKind::Look,
            Call::Cancel { .. } => CallKind::Cancel,
            Call::Fetch { .. } => CallKind::File,
        }
    }

    /// The payment, refund or file that it is about: what it waits for are earlier calls about the same.
    pub fn about(&self) -> &str {
        match self {
            Call::Charge { payment, .. } | Call::Status { payment, .. } | Call::Cancel { payment, .. } => {
                payment.as_str()
            }
            Call::Refund { refund, .. } | Call::RefundStatus { refund, .. } => refund,
            Call::Fetch { attachment, .. } => attachment,
        }
    }
}

/// Reasons of questions for whose answers nobody waits.
const ROUTINE: [&str; 2] = ["poll", "sweep"];
