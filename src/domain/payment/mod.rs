//! Payments: their states, what a gateway can say about one, and the one pure decision of what that means.

pub mod refund;

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

/// The gateway whose payments nobody reports: the shop's own printed code.
pub const UNREPORTED: &str = "static";

/// Who stands behind a payment, in the words of `payments.gateway` that every program of the platform knows. The rest are QRIS by
/// somebody whom only `details` names.
pub fn gateway_word(provider: &str) -> &'static str {
    match provider {
        "xendit" => "xendit",
        "stripe" => "stripe",
        _ => "qris",
    }
}

/// Whether a gateway knows what was paid. The payments of one that does not are confirmed by a person of the shop, or by
/// a notice of the shop's bank; it is never asked.
pub fn is_reported(gateway: &str) -> bool {
    gateway != UNREPORTED
}

/// A payment as people and the dialogue see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// The row's id.
    pub id: PaymentId,
    /// The order that it pays.
    pub order: OrderId,
    /// Our reference at the gateway: `ORD-2026-0001-1-K3X9QD`.
    pub reference: String,
    /// The amount asked for.
    pub amount: Rupiah,
    /// The gateway that it was asked for at (`payments.details ->> 'provider'`).
    pub gateway: String,
    /// Where it stands.
    pub status: PaymentStatus,
    /// The QRIS string, once the gateway has answered.
    pub qris: Option<String>,
    /// Where to pay in a browser, for gateways that have such a page.
    pub url: Option<String>,
    /// When it lapses.
    pub expires_at: Option<DateTime<Utc>>,
    /// The number by which payer and shop find it in their own apps, once the gateway has named it.
    pub receipt_id: Option<String>,
    /// What has come in for it and has not been taken out again to be sent back.
    #[serde(default)]
    pub received: Rupiah,
}

impl Payment {
    /// What is missing where some of the money has come in and not all of it.
    pub fn missing(&self) -> Option<Rupiah> {
        let waits = !matches!(self.status, PaymentStatus::Confirmed | PaymentStatus::Refunded);
        let missing = self.amount.minus(self.received).ok().filter(|missing| *missing > Rupiah::ZERO);
        missing.filter(|_| waits && self.received > Rupiah::ZERO)
    }
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
    /// The number by which the payer and the shop find the payment in their own apps (RRN, receipt id).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt_id: Option<String>,
    /// The wallet or bank that it came from, as the gateway names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payer_app: Option<String>,
    /// The gateway's id of each payment that makes up what was received. Each is money for one charge, once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub transactions: Vec<String>,
    /// What the gateway has sent back of it, or is sending back, whoever asked for that.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub returned: Vec<Returned>,
}

/// Money of a charge that its gateway has sent back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Returned {
    /// What it was asked for with, or else the gateway's id of it: by this it is known again.
    pub name: String,
    /// The gateway's own id of it, where it has one beside the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// How much.
    pub amount: Rupiah,
}

impl GatewayStatus {
    /// What the gateway has sent back, all in all.
    pub fn gone(&self) -> Rupiah {
        self.returned.iter().fold(Rupiah::ZERO, |sum, one| sum.plus(one.amount).unwrap_or(sum))
    }

    /// Whether the answer is about the payment with this reference and this id of the gateway's, as far as it has given one.
    pub fn is_about(&self, reference: &str, external_id: Option<&str>) -> bool {
        let same_id = match (external_id, self.external_id.as_deref()) {
            (Some(known), Some(told)) => known == told,
            _ => true,
        };
        self.reference == reference && same_id
    }
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
    /// Paid, and the payer's bank wants it back (chargeback), or the gateway has taken it back: a person must look.
    Disputed,
}

/// What an order stands for when money is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderStanding {
    /// It waits for its money.
    Unpaid,
    /// It has been paid, by this payment or by another.
    Paid,
    /// It was cancelled because its time ran out.
    Lapsed,
    /// A person called it off.
    CalledOff,
}

/// Whether the goods of an order can still be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goods {
    /// They are held for it.
    Held,
    /// They are not held any more, and free.
    Free,
    /// Somebody else has them.
    Gone,
}

/// What is known of a payment before an answer of the gateway is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Where the payment stands.
    pub payment: PaymentStatus,
    /// What was asked for.
    pub amount: Rupiah,
    /// Its order.
    pub order: OrderStanding,
    /// The goods of its order.
    pub goods: Goods,
    /// The sum of which people have been told.
    pub seen: Rupiah,
    /// Surplus that has been booked.
    pub surplus: Rupiah,
    /// Whether people have been told of money in another currency.
    pub currency_reported: bool,
    /// Whether people have been told that the money is disputed.
    pub disputed: bool,
    /// Whether the gateway was asked after the payment's time had run out. An answer to an earlier question proves
    /// nothing about the deadline.
    pub asked_after_deadline: bool,
}

/// What an answer of the gateway means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Nothing that is not known already.
    Nothing,
    /// Not paid yet: ask again later.
    Wait,
    /// The money is there in time.
    Confirm {
        /// Money on top of it.
        surplus: Rupiah,
    },
    /// The money is there after the order lapsed, and the goods can still be given.
    Revive {
        /// Money on top of it.
        surplus: Rupiah,
    },
    /// The money is there and the goods cannot be given: it goes back.
    Unserved {
        /// Whether a person called the order off; else the goods are sold out.
        called_off: bool,
        /// Money on top of it.
        surplus: Rupiah,
    },
    /// The order has been paid by another payment: all of this one goes back.
    Second {
        /// All of it.
        received: Rupiah,
    },
    /// More money on a confirmed payment.
    Surplus {
        /// How much more than is booked.
        more: Rupiah,
    },
    /// Less than was asked for.
    Short {
        /// What is there.
        received: Rupiah,
        /// What is missing.
        missing: Rupiah,
    },
    /// Money in another currency.
    WrongCurrency,
    /// The time is over and the gateway says that nothing came.
    Expire,
    /// The gateway says that the charge cannot be paid any more.
    Fail,
    /// The gateway says that money which was there is being taken back: a person decides what becomes of the order.
    Dispute,
}

/// The currency of every shop.
pub const CURRENCY: &str = "IDR";

/// Decides what an answer of the gateway means for a payment: the one place where money becomes a fact. Nothing here
/// depends on the order in which answers come, because each says what the gateway holds, not what has just happened.
pub fn decide(standing: &Standing, answer: &GatewayStatus) -> Decision {
    if answer.state == GatewayState::Disputed {
        return if standing.disputed { Decision::Nothing } else { Decision::Dispute };
    }
    let wrong = answer.received > Rupiah::ZERO && answer.currency != CURRENCY;
    if wrong && !standing.currency_reported {
        return Decision::WrongCurrency;
    }
    let received = if wrong { Rupiah::ZERO } else { answer.received };
    let paid = answer.state == GatewayState::Paid && !wrong;
    if let Ok(surplus) = received.minus(standing.amount) {
        // Money without the word, or a word without money, is no evidence either way.
        if !paid || received == Rupiah::ZERO {
            return waiting(standing);
        }
        return decide_paid(standing, received, surplus);
    }
    if received > standing.seen {
        let missing = standing.amount.minus(received).unwrap_or_default();
        return Decision::Short { received, missing };
    }
    if paid && received == Rupiah::ZERO {
        return waiting(standing);
    }
    match standing.payment {
        PaymentStatus::Pending if standing.asked_after_deadline => Decision::Expire,
        PaymentStatus::Pending if answer.state == GatewayState::Failed => Decision::Fail,
        _ => waiting(standing),
    }
}

fn waiting(standing: &Standing) -> Decision {
    if standing.payment == PaymentStatus::Pending { Decision::Wait } else { Decision::Nothing }
}

fn decide_paid(standing: &Standing, received: Rupiah, surplus: Rupiah) -> Decision {
    // A code whose money has gone back may be paid once more.
    if matches!(standing.payment, PaymentStatus::Confirmed | PaymentStatus::Refunded) {
        return match surplus.minus(standing.surplus) {
            Ok(more) if more > Rupiah::ZERO => Decision::Surplus { more },
            _ => Decision::Nothing,
        };
    }
    match (standing.order, standing.goods) {
        (OrderStanding::Paid, _) => Decision::Second { received },
        (OrderStanding::CalledOff, _) => Decision::Unserved { called_off: true, surplus },
        (_, Goods::Gone) => Decision::Unserved { called_off: false, surplus },
        (OrderStanding::Unpaid, _) => Decision::Confirm { surplus },
        (OrderStanding::Lapsed, _) => Decision::Revive { surplus },
    }
}

/// Seconds until a pending payment is asked about again, by its age: half a minute at first, a quarter of its age
/// later, five minutes at most. Never less than ten seconds, which is what gateways ask for.
pub fn next_poll_seconds(age_seconds: i64) -> i64 {
    (age_seconds / 4).clamp(30, 300)
}

/// For how long a payment is asked about by itself, in hours: gateways repeat their notices for a day, and codes can be paid
/// for two.
pub const LOOKED_AFTER_HOURS: i64 = 72;

/// Seconds until a payment that has ended unpaid is looked at again, by its age: half of its age, two minutes at least and
/// half a day at most, as long as payments are looked after. Its notice may be lost, and its code may still be paid.
pub fn next_look_seconds(age_seconds: i64) -> Option<i64> {
    let wait_seconds = (age_seconds / 2).clamp(FIRST_LOOK_SECONDS, 43_200);
    (age_seconds + wait_seconds <= LOOKED_AFTER_HOURS * 3_600).then_some(wait_seconds)
}

/// Seconds after its end at which a payment is looked at for the first time: it may be paid in the same moment.
pub const FIRST_LOOK_SECONDS: i64 = 120;

/// Seconds until a gateway that could not say at the deadline of an order whether it was paid is asked again, by what has passed
/// since: half of it, half a minute at least and a quarter of an hour at most.
pub fn next_ask_seconds(past_seconds: i64) -> i64 {
    (past_seconds / 2).clamp(30, 900)
}

/// Minutes past its deadline for which an order keeps its goods while its gateway does not say whether it was paid. After
/// them it lapses, and the shop is told by what it can be looked up; money that comes later is late money.
pub const KEPT_MINUTES: i64 = 60;

#[cfg(test)]
mod tests;
