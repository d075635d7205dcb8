//! Orders: their states, who may move them where, and totals that always add up.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::customer::Localized;
use super::ids::{OrderId, ProductId, VariantId};
use super::money::{OutOfRange, Rupiah};

/// Where an order stands (`orders.status`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderStatus {
    /// Placed, its stock held, no payment asked for yet.
    Created,
    /// The customer has been given a way to pay.
    PaymentInitiated,
    /// The money is there.
    Paid,
    /// The shop has packed it.
    Packed,
    /// It is on its way.
    Shipped,
    /// It has arrived, or was picked up.
    Delivered,
    /// Closed for good.
    Completed,
    /// Ended without a sale.
    Cancelled,
}

/// Who moves an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// The buyer.
    Customer,
    /// A member of staff.
    Staff,
    /// The server: timers and verified payments.
    System,
}

impl OrderStatus {
    /// The word in the column.
    pub fn code(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::PaymentInitiated => "payment_initiated",
            Self::Paid => "paid",
            Self::Packed => "packed",
            Self::Shipped => "shipped",
            Self::Delivered => "delivered",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Reads the word of the column; other services write it too, so an unknown word is nothing, never a guess.
    pub fn parse(code: &str) -> Option<Self> {
        [
            Self::Created,
            Self::PaymentInitiated,
            Self::Paid,
            Self::Packed,
            Self::Shipped,
            Self::Delivered,
            Self::Completed,
            Self::Cancelled,
        ]
        .into_iter()
        .find(|status| status.code() == code)
    }

    /// Whether the order waits for its money.
    pub fn is_unpaid(self) -> bool {
        matches!(self, Self::Created | Self::PaymentInitiated)
    }

    /// Whether an actor may move an order from this state to another.
    pub fn may_move(self, to: OrderStatus, actor: Actor) -> bool {
        use OrderStatus::{
            Cancelled, Completed, Created, Delivered, Packed, Paid, PaymentInitiated, Shipped,
        };
        match (self, to) {
            (Created, PaymentInitiated) => actor == Actor::System,
            // Late money revives a lapsed order when its stock can be held again.
            (Created | PaymentInitiated | Cancelled, Paid) => actor == Actor::System,
            (Paid, Packed) | (Packed, Shipped) => actor == Actor::Staff,
            // Pick-up orders are handed over without being shipped.
            (Packed, Delivered) => matches!(actor, Actor::Staff | Actor::Customer),
            (Shipped, Delivered) | (Delivered, Completed) => true,
            // A customer may call off what is not paid; paid orders are the shop's to cancel, because money goes back.
            (Created | PaymentInitiated, Cancelled) => true,
            (Paid | Packed, Cancelled) => actor == Actor::Staff,
            _ => false,
        }
    }
}

/// The amounts of an order. `total = subtotal + tax + shipping - discount`, always.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Totals {
    /// Sum of the lines.
    pub subtotal: Rupiah,
    /// Tax on top of the subtotal; zero where prices already include it.
    pub tax: Rupiah,
    /// Tax that the prices already include, for the receipt only; never part of the sum.
    pub tax_included: Rupiah,
    /// Cost of delivery.
    pub shipping: Rupiah,
    /// Taken off.
    pub discount: Rupiah,
    /// What the customer pays.
    pub total: Rupiah,
}

impl Totals {
    /// Adds up an order. Tax is computed once, on the subtotal, half a rupiah rounded up.
    ///
    /// # Errors
    /// [`OutOfRange`] when an amount passes what the schema can hold, or the discount is larger than the rest.
    pub fn of(
        subtotal: Rupiah,
        tax_percent: u32,
        prices_include_tax: bool,
        shipping: Rupiah,
        discount: Rupiah,
    ) -> Result<Self, OutOfRange> {
        let tax = if prices_include_tax { Rupiah::ZERO } else { subtotal.percent(tax_percent)? };
        let tax_included =
            if prices_include_tax { subtotal.included_percent(tax_percent) } else { Rupiah::ZERO };
        let total = subtotal.plus(tax)?.plus(shipping)?.minus(discount)?;
        Ok(Self { subtotal, tax, tax_included, shipping, discount, total })
    }
}

/// One line of a placed order, at the price of that moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderLine {
    /// The product.
    pub product: ProductId,
    /// The variant, where the product has any.
    pub variant: Option<VariantId>,
    /// Full name at the time of the order, variant included.
    pub name: Localized,
    /// Pieces.
    pub quantity: u32,
    /// Price of one piece.
    pub price: Rupiah,
    /// `quantity * price`.
    pub subtotal: Rupiah,
    /// The customer's note for the line.
    pub note: Option<String>,
}

/// Where and how an order goes to its buyer.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Delivery {
    /// Name on the parcel.
    pub name: String,
    /// Phone of the receiver.
    pub phone: String,
    /// Code of the shipping method (`pickup`, `local`, `jne`).
    pub method: String,
    /// Name of the shipping method in both languages.
    pub method_name: Localized,
    /// Street address; empty for pick-up.
    pub address: String,
    /// City; empty for pick-up or when the address holds it.
    pub city: String,
}

/// An order as people see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// The row's id.
    pub id: OrderId,
    /// `ORD-2026-0001`, unique within a shop.
    pub number: String,
    /// Where it stands.
    pub status: OrderStatus,
    /// Its lines.
    pub lines: Vec<OrderLine>,
    /// Its amounts.
    pub totals: Totals,
    /// Where it goes.
    pub delivery: Delivery,
    /// The customer's note.
    pub note: Option<String>,
    /// Name of the courier, once shipped.
    pub courier: Option<String>,
    /// The courier's tracking number, once shipped.
    pub tracking: Option<String>,
    /// Until when its stock is held, while it is unpaid.
    pub held_until: Option<DateTime<Utc>>,
    /// When it was placed.
    pub created_at: DateTime<Utc>,
    /// Why it was cancelled.
    pub cancel_reason: Option<String>,
    /// Whether a member of staff has said that the shop will make it.
    pub accepted_by: Option<String>,
    /// When its money was there.
    #[serde(default)]
    pub paid_at: Option<DateTime<Utc>>,
    /// Whether its money came when its goods were gone, and the shop has not sent it back or served it yet.
    #[serde(default)]
    pub unserved: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_system_marks_an_order_as_paid() {
        for from in [OrderStatus::Created, OrderStatus::PaymentInitiated, OrderStatus::Cancelled] {
            assert!(from.may_move(OrderStatus::Paid, Actor::System));
            assert!(!from.may_move(OrderStatus::Paid, Actor::Customer));
            assert!(!from.may_move(OrderStatus::Paid, Actor::Staff));
        }
    }

    #[test]
    fn a_customer_cannot_cancel_what_is_paid() {
        assert!(OrderStatus::PaymentInitiated.may_move(OrderStatus::Cancelled, Actor::Customer));
        for from in [OrderStatus::Paid, OrderStatus::Packed, OrderStatus::Shipped, OrderStatus::Completed] {
            assert!(!from.may_move(OrderStatus::Cancelled, Actor::Customer), "{from:?}");
        }
    }

    #[test]
    fn totals_add_up() {
        let rp = |whole| Rupiah::new(whole).unwrap();
        let totals = Totals::of(rp(100_000), 12, false, rp(10_000), rp(5_000)).unwrap();
        assert_eq!((totals.tax, totals.total), (rp(12_000), rp(117_000)));
        let inclusive = Totals::of(rp(112_000), 12, true, rp(0), rp(0)).unwrap();
        assert_eq!(
            (inclusive.tax, inclusive.tax_included, inclusive.total),
            (rp(0), rp(12_000), rp(112_000))
        );
        assert!(Totals::of(rp(1_000), 0, false, rp(0), rp(1_001)).is_err());
    }
}
