//! One order read back: columns, lines and what the chat keeps in `orders.metadata`.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

use crate::domain::customer::{Customer, Localized};
use crate::domain::ids::{ConversationId, CustomerId, OrderId, PaymentId, StoreId};
use crate::domain::money::{OutOfRange, Rupiah};
use crate::domain::order::{Delivery, Order, OrderLine, OrderStatus, Totals};

/// What a person of the shop has to look at when the money came and the goods were gone, in each of its steps.
pub const SOLD_OUT: [&str; 3] = ["late_sold_out", "waiting", "replacing"];
/// Lines of one order that are read.
const MAX_LINES: i64 = 500;

/// `orders.metadata`, as far as Warung reads and writes it. Keys of other programs stay untouched.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Extra {
    /// The chat in which it was placed and that is told of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conversation: Option<ConversationId>,
    /// Until when the customer was promised the stock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held_until: Option<DateTime<Utc>>,
    /// Tax that the prices include.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_included: Option<Rupiah>,
    /// Name of the way of delivery at the time of the order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method_name: Option<Localized>,
    /// Name of the member of staff who said that the shop will make it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepted_by: Option<String>,
    /// When they said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepted_at: Option<DateTime<Utc>>,
    /// Name of the courier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub courier: Option<String>,
    /// Why it was cancelled, in the words of whoever did it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cancel_reason: Option<String>,
    /// `customer` or `staff` when a person called it off, `system` when it lapsed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub called_off_by: Option<String>,
    /// What a person of the shop must look at: `late_sold_out`, `after_cancel`, `short`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review: Option<String>,
}

/// A line as it stands in `orders.items`; programs of the platform write the first four.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ItemJson {
    pub(super) product_id: String,
    pub(super) name: String,
    pub(super) price: Rupiah,
    pub(super) quantity: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) variant_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) name_en: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) note: Option<String>,
}

/// `orders.shipping_address`.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct AddressJson {
    pub(super) street: String,
    pub(super) city: String,
    pub(super) zip: String,
    pub(super) name: String,
    pub(super) phone: String,
}

/// An order that stays as it is until the transaction ends.
#[derive(Debug, Clone)]
pub struct Locked {
    /// The order.
    pub order: Order,
    /// Whose it is.
    pub customer: CustomerId,
    /// What the chat keeps.
    pub extra: Extra,
    /// When the money was there.
    pub paid_at: Option<DateTime<Utc>>,
    /// The payment that paid it, or the latest attempt.
    pub payment: Option<PaymentId>,
}

/// A row of `orders` as the queries below return it.
struct Row {
    id: String,
    customer_id: String,
    order_number: String,
    subtotal: i32,
    tax_amount: i32,
    discount_amount: Option<i32>,
    shipping_cost: Option<i32>,
    total_amount: i32,
    status: String,
    payment_id: Option<String>,
    shipping_address: serde_json::Value,
    shipping_method: Option<String>,
    tracking_number: Option<String>,
    customer_note: Option<String>,
    items: Option<serde_json::Value>,
    metadata: Option<serde_json::Value>,
    created_at: chrono::NaiveDateTime,
    paid_at: Option<chrono::NaiveDateTime>,
}

fn unreadable(id: &str, column: &str) -> sqlx::Error {
    sqlx::Error::Decode(format!("orders.{column} of {id} cannot be read").into())
}

fn amount(id: &str, column: &str, value: i32) -> Result<Rupiah, sqlx::Error> {
    Rupiah::try_from(value).map_err(|OutOfRange| unreadable(id, column))
}

impl Row {
    async fn into_locked(self, connection: &mut PgConnection) -> Result<Option<Locked>, sqlx::Error> {
        // A word that this version does not know belongs to another program's order: not ours to judge.
        let Some(status) = OrderStatus::parse(&self.status) else { return Ok(None) };
        let lines = match self.items.and_then(|items| serde_json::from_value::<Vec<ItemJson>>(items).ok()) {
            Some(items) if !items.is_empty() => lines_of(&self.id, items)?,
            _ => lines_of(&self.id, load_lines(connection, &self.id).await?)?,
        };
        let extra: Extra =
            self.metadata.and_then(|metadata| serde_json::from_value(metadata).ok()).unwrap_or_default();
        let address: AddressJson = serde_json::from_value(self.shipping_address).unwrap_or_default();
        let method = self.shipping_method.unwrap_or_default();
        let order = Order {
            number: self.order_number,
            status,
            lines,
            totals: Totals {
                subtotal: amount(&self.id, "subtotal", self.subtotal)?,
                tax: amount(&self.id, "tax_amount", self.tax_amount)?,
                tax_included: extra.tax_included.unwrap_or_default(),
                shipping: amount(&self.id, "shipping_cost", self.shipping_cost.unwrap_or(0))?,
                discount: amount(&self.id, "discount_amount", self.discount_amount.unwrap_or(0))?,
                total: amount(&self.id, "total_amount", self.total_amount)?,
            },
            delivery: Delivery {
                name: address.name,
                phone: address.phone,
                method_name: extra.method_name.clone().unwrap_or_else(|| Localized::plain(method.clone())),
                method,
                address: address.street,
                city: address.city,
            },
            note: self.customer_note.filter(|note| !note.is_empty()),
            courier: extra.courier.clone(),
            tracking: self.tracking_number,
            held_until: extra.held_until.filter(|_| status.is_unpaid()),
            created_at: self.created_at.and_utc(),
            cancel_reason: extra.cancel_reason.clone(),
            accepted_by: extra.accepted_by.clone(),
            paid_at: self.paid_at.map(|at| at.and_utc()),
            unserved: status == OrderStatus::Cancelled
                && extra.review.as_deref().is_some_and(|review| SOLD_OUT.contains(&review)),
            id: self.id.into(),
        };
        Ok(Some(Locked {
            order,
            customer: self.customer_id.into(),
            extra,
            paid_at: self.paid_at.map(|at| at.and_utc()),
            payment: self.payment_id.map(PaymentId::from),
        }))
    }
}

fn lines_of(id: &str, items: Vec<ItemJson>) -> Result<Vec<OrderLine>, sqlx::Error> {
    items
        .into_iter()
        .map(|item| {
            let subtotal = item.price.times(item.quantity).map_err(|OutOfRange| unreadable(id, "items"))?;
            Ok(OrderLine {
                product: item.product_id.into(),
                variant: item.variant_id.map(Into::into),
                name: Localized { id: item.name, en: item.name_en },
                quantity: item.quantity,
                price: item.price,
                subtotal,
                note: item.note,
            })
        })
        .collect()
}

/// The lines of an order of a program that does not write `orders.items`.
async fn load_lines(connection: &mut PgConnection, order: &str) -> Result<Vec<ItemJson>, sqlx::Error> {
    let rows = sqlx::query!(
        "select i.product_id, i.variant_id, i.variant_name, i.quantity, i.price, p.name, p.metadata
         from order_items i join products p on p.id = i.product_id
         where i.order_id = $1 order by i.created_at, i.id limit $2",
        order,
        MAX_LINES,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let name = crate::store::catalog::localized(row.name, row.metadata.as_ref());
            let full = |name: &str| match &row.variant_name {
                Some(variant) => format!("{name} {variant}"),
                None => name.to_owned(),
            };
            Ok(ItemJson {
                name_en: name.en.as_deref().map(full),
                name: full(&name.id),
                product_id: row.product_id,
                variant_id: row.variant_id,
                price: amount(order, "price", row.price)?,
                quantity: u32::try_from(row.quantity).map_err(|_| unreadable(order, "quantity"))?,
                note: None,
            })
        })
        .collect()
}

/// An order of a shop with its buyer.
///
/// # Errors
/// [`sqlx::Error`] when the database fails or an amount of the row cannot be read.
pub async fn load(
    connection: &mut PgConnection,
    store: &StoreId,
    id: &OrderId,
) -> Result<Option<(Order, Customer)>, sqlx::Error> {
    let row = sqlx::query_as!(
        Row,
        "select id, customer_id, order_number, subtotal, tax_amount, discount_amount, shipping_cost, total_amount,
           status, payment_id, shipping_address, shipping_method, tracking_number, customer_note, items, metadata,
           created_at, paid_at
         from orders where id = $1 and store_id = $2",
        id.as_str(),
        store.as_str(),
    )
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let Some(locked) = row.into_locked(connection).await? else { return Ok(None) };
    let buyer = crate::store::customers::load(connection, &locked.customer).await?;
    Ok(buyer.map(|buyer| (locked.order, buyer)))
}

/// Locks an order of a shop until the transaction ends and reads it as it is then.
///
/// # Errors
/// [`sqlx::Error`] when the database fails or an amount of the row cannot be read.
pub async fn lock(
    connection: &mut PgConnection,
    store: &StoreId,
    id: &OrderId,
) -> Result<Option<Locked>, sqlx::Error> {
    let row = sqlx::query_as!(
        Row,
        "select id, customer_id, order_number, subtotal, tax_amount, discount_amount, shipping_cost, total_amount,
           status, payment_id, shipping_address, shipping_method, tracking_number, customer_note, items, metadata,
           created_at, paid_at
         from orders where id = $1 and store_id = $2
         for no key update",
        id.as_str(),
        store.as_str(),
    )
    .fetch_optional(&mut *connection)
    .await?;
    match row {
        Some(row) => row.into_locked(connection).await,
        None => Ok(None),
    }
}
