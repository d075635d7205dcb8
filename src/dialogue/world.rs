//! What a step may know: the facts of one moment, loaded before the step and never changed by it.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::conversation::Conversation;
use super::understand::CatalogIndex;
use super::value::{Row, Type, Value};
use crate::domain::cart::Cart;
use crate::domain::catalog::Catalog;
use crate::domain::customer::{Customer, Language, Localized};
use crate::domain::ids::{ProductId, StoreId, VariantId};
use crate::domain::order::Order;
use crate::domain::payment::Payment;
use crate::domain::staff::Staff;

/// Everything that a step may look at.
#[derive(Debug, Clone, Copy)]
pub struct World<'a> {
    /// The moment of the turn.
    pub now: DateTime<Utc>,
    /// The shop.
    pub store: &'a Store,
    /// Its catalogue.
    pub catalog: &'a Catalog,
    /// The same, prepared for matching words.
    pub index: &'a CatalogIndex,
    /// The person, in customers' conversations.
    pub customer: &'a Customer,
    /// Whether the person has talked to the shop before this turn.
    pub returning: bool,
    /// The member of staff, in staff's conversations.
    pub staff: Option<&'a Staff>,
    /// The person's cart.
    pub cart: &'a Cart,
    /// The order that the slot `order` of the top frame, or the signal, names.
    pub order: Option<&'a Order>,
    /// The last payment of that order.
    pub payment: Option<&'a Payment>,
    /// Who ordered, for staff.
    pub buyer: Option<&'a Customer>,
}

/// What a turn knows of the shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Store {
    /// The row's id.
    pub id: StoreId,
    /// Its name.
    pub name: String,
    /// Its name in addresses and commands.
    pub slug: String,
    /// Street and city, where customers pick up.
    pub address: Option<String>,
    /// Phone for people.
    pub phone: String,
    /// Its time zone.
    pub zone: Tz,
    /// The language in which it greets people of whom nothing is known.
    pub language: Language,
    /// `stores.tax_rate`, in percent.
    pub tax_percent: u32,
    /// Whether prices already include the tax.
    pub prices_include_tax: bool,
    /// Minutes for which the stock of an unpaid order is held.
    pub hold_minutes: u32,
    /// Ways of delivery.
    pub shipping: Vec<ShippingMethod>,
    /// The shop's own greeting, where it has one (`stores.auto_reply_message`).
    pub greeting: Option<String>,
}

/// A way of delivery.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ShippingMethod {
    /// Its code in `orders.shipping_method`.
    pub code: String,
    /// Its name.
    pub name: Localized,
    /// Whether the customer fetches the order, so that no address is needed.
    #[serde(default)]
    pub pickup: bool,
    /// What it costs.
    pub cost: crate::domain::money::Rupiah,
    /// From this subtotal on it costs nothing.
    #[serde(default)]
    pub free_from: Option<crate::domain::money::Rupiah>,
}

/// Every path that flows may read, with its type. `slot.<name>`, `fact.<name>`, `signal.<name>` and `item.<name>` are
/// typed by the flow's slots, the effect, the signal and the list that they come from.
pub const PATHS: &[(&str, Type)] = &[
    ("store.name", Type::Text),
    ("store.address", Type::Text),
    ("store.phone", Type::Text),
    ("store.greeting", Type::Text),
    ("store.hold_minutes", Type::Int),
    ("store.tax_percent", Type::Int),
    ("store.prices_include_tax", Type::Bool),
    ("store.methods", Type::Rows),
    ("store.delivers", Type::Bool),
    ("store.pickup", Type::Bool),
    ("customer.name", Type::Text),
    ("customer.phone", Type::Text),
    ("customer.address", Type::Text),
    ("customer.orders", Type::Int),
    ("customer.returning", Type::Bool),
    ("conversation.language", Type::Word),
    ("conversation.human", Type::Bool),
    ("conversation.kept", Type::Bool),
    ("conversation.waits_below", Type::Bool),
    ("staff.name", Type::Text),
    ("cart.lines", Type::Rows),
    ("cart.count", Type::Int),
    ("cart.line_count", Type::Int),
    ("cart.subtotal", Type::Money),
    ("cart.note", Type::Text),
    ("catalog.categories", Type::Rows),
    ("catalog.products", Type::Rows),
    ("category.name", Type::Localized),
    ("category.products", Type::Rows),
    ("product.name", Type::Localized),
    ("product.description", Type::Localized),
    ("product.price", Type::Money),
    ("product.free", Type::Int),
    ("product.low", Type::Bool),
    ("product.image", Type::Text),
    ("product.variants", Type::Rows),
    ("order.id", Type::Text),
    ("order.number", Type::Text),
    ("order.status", Type::Word),
    ("order.lines", Type::Rows),
    ("order.count", Type::Int),
    ("order.subtotal", Type::Money),
    ("order.tax", Type::Money),
    ("order.tax_included", Type::Money),
    ("order.shipping", Type::Money),
    ("order.discount", Type::Money),
    ("order.total", Type::Money),
    ("order.pickup", Type::Bool),
    ("order.method", Type::Localized),
    ("order.name", Type::Text),
    ("order.phone", Type::Text),
    ("order.address", Type::Text),
    ("order.note", Type::Text),
    ("order.courier", Type::Text),
    ("order.tracking", Type::Text),
    ("order.held_until", Type::Time),
    ("order.created_at", Type::Time),
    ("order.cancel_reason", Type::Text),
    ("order.accepted_by", Type::Text),
    ("order.paid_at", Type::Time),
    ("order.unserved", Type::Bool),
    ("order.paper", Type::Paper),
    ("payment.qr", Type::Qris),
    ("payment.receipt_id", Type::Text),
    ("payment.reference", Type::Text),
    ("payment.url", Type::Text),
    ("payment.manual", Type::Bool),
    ("payment.amount", Type::Money),
    ("payment.received", Type::Money),
    ("payment.missing", Type::Money),
    ("payment.status", Type::Word),
    ("payment.expires_at", Type::Time),
    ("heard.text", Type::Text),
    ("heard.number", Type::Int),
    ("heard.order_number", Type::Text),
    ("heard.language", Type::Word),
    ("heard.about", Type::Word),
    ("heard.value", Type::Text),
    ("heard.way", Type::Word),
    ("heard.adds", Type::Bool),
    ("heard.products", Type::Int),
    ("heard.topic", Type::Word),
];

/// The names of the columns of the lists among [`PATHS`], with their types.
pub const ROWS: &[(&str, &[(&str, Type)])] = {
    use Type::{Bool, Int, Localized, Money, Text};
    &[
        (
            "cart.lines",
            &[
                ("product", Text),
                ("variant", Text),
                ("name", Localized),
                ("quantity", Int),
                ("price", Money),
                ("subtotal", Money),
                ("note", Text),
            ],
        ),
        ("store.methods", &[("name", Localized), ("pickup", Bool), ("cost", Money), ("free_from", Money)]),
        ("catalog.categories", &[("id", Text), ("name", Localized), ("count", Int)]),
        ("catalog.products", PRODUCT_ROW),
        ("category.products", PRODUCT_ROW),
        (
            "product.variants",
            &[
                ("product", Text),
                ("variant", Text),
                ("name", Localized),
                ("price", Money),
                ("free", Int),
                ("sold_out", Bool),
            ],
        ),
        (
            "order.lines",
            &[
                ("product", Text),
                ("name", Localized),
                ("quantity", Int),
                ("price", Money),
                ("subtotal", Money),
                ("note", Text),
            ],
        ),
    ]
};

/// The columns of a list of products, also of `fact.products` and `fact.candidates`.
pub const PRODUCT_ROW: &[(&str, Type)] = &[
    ("product", Type::Text),
    ("name", Type::Localized),
    ("price", Type::Money),
    ("free", Type::Int),
    ("sold_out", Type::Bool),
];

impl World<'_> {
    /// The value of a path of [`PATHS`] for a conversation; nothing where it is not known now.
    pub fn get(&self, path: &str, conversation: &Conversation) -> Value {
        let Some((noun, attribute)) = path.split_once('.') else { return Value::None };
        match noun {
            "store" => self.store_value(attribute),
            "customer" => self.customer_value(attribute),
            "conversation" => match attribute {
                "language" => Value::Word(format!("language.{}", conversation.language.code())),
                "human" => Value::Bool(conversation.mode != super::conversation::Mode::Bot),
                _ => Value::None,
            },
            "staff" => self.staff.map(|staff| staff.name.clone()).into(),
            "cart" => self.cart_value(attribute),
            "catalog" | "category" => self.catalog_value(path, conversation),
            "product" => self.product_value(attribute, conversation),
            "order" => self.order.map_or(Value::None, |order| self.order_value(order, attribute)),
            "payment" => self.payment.map_or(Value::None, |payment| self.payment_value(payment, attribute)),
            "heard" => {
                conversation.heard.as_ref().map_or(Value::None, |heard| super::heard::value(heard, attribute))
            }
            _ => Value::None,
        }
    }

    fn store_value(&self, attribute: &str) -> Value {
        match attribute {
            "name" => self.store.name.clone().into(),
            "address" => self.store.address.clone().into(),
            "phone" => self.store.phone.clone().into(),
            "greeting" => self.store.greeting.clone().into(),
            "hold_minutes" => self.store.hold_minutes.into(),
            "tax_percent" => self.store.tax_percent.into(),
            "prices_include_tax" => self.store.prices_include_tax.into(),
            "methods" => Value::Rows(self.store.shipping.iter().map(method_row).collect()),
            "delivers" => self.store.shipping.iter().any(|method| !method.pickup).into(),
            "pickup" => self.store.shipping.iter().any(|method| method.pickup).into(),
            _ => Value::None,
        }
    }

    fn customer_value(&self, attribute: &str) -> Value {
        match attribute {
            "name" => self.customer.name.clone().into(),
            "phone" => self.customer.phone.clone().into(),
            "address" => self.customer.address.clone().into(),
            "orders" => self.customer.order_count.into(),
            "returning" => self.returning.into(),
            _ => Value::None,
        }
    }

    fn cart_value(&self, attribute: &str) -> Value {
        match attribute {
            "lines" => Value::Rows(self.cart.lines.iter().map(|line| cart_row(self.catalog, line)).collect()),
            "count" => self.cart.count().into(),
            "line_count" => Value::Int(i64::try_from(self.cart.lines.len()).unwrap_or(i64::MAX)),
            "subtotal" => self.cart.subtotal().ok().into(),
            "note" => self.cart.note.clone().into(),
            _ => Value::None,
        }
    }

    fn catalog_value(&self, path: &str, conversation: &Conversation) -> Value {
        let category = || {
            let id = conversation.slot("category").as_text()?.into();
            self.catalog.category(&id)
        };
        match path {
            "catalog.categories" => Value::Rows(
                self.catalog
                    .categories
                    .iter()
                    .map(|category| {
                        let count = self.catalog.in_category(&category.id).count();
                        row([
                            ("id", category.id.as_str().into()),
                            ("name", category.name.clone().into()),
                            ("count", Value::Int(i64::try_from(count).unwrap_or(i64::MAX))),
                        ])
                    })
                    .filter(|row| row.get("count") != Some(&Value::Int(0)))
                    .collect(),
            ),
            "catalog.products" => Value::Rows(self.catalog.products.iter().map(product_row).collect()),
            "category.name" => category().map(|category| category.name.clone()).into(),
            "category.products" => category().map_or(Value::None, |category| {
                Value::Rows(self.catalog.in_category(&category.id).map(product_row).collect())
            }),
            _ => Value::None,
        }
    }

    fn product_value(&self, attribute: &str, conversation: &Conversation) -> Value {
        let id = conversation.slot("product").as_text().map(ProductId::from);
        let Some(product) = id.and_then(|id| self.catalog.product(&id)) else { return Value::None };
        let variant = conversation.slot("variant").as_text().map(VariantId::from);
        let variant = variant.as_ref();
        match attribute {
            "name" => product.full_name(variant).into(),
            "description" => product.description.clone().into(),
            "price" => product.price_of(variant).into(),
            "free" => product.free_of(variant).into(),
            "low" => Value::Bool(i64::from(product.free_of(variant)) <= i64::from(product.reorder_level)),
            "image" => product.image.clone().into(),
            "variants" => Value::Rows(variant_rows(product)),
            _ => Value::None,
        }
    }

    fn order_value(&self, order: &Order, attribute: &str) -> Value {
        let totals = &order.totals;
        match attribute {
            "id" => order.id.as_str().into(),
            "number" => order.number.clone().into(),
            "status" => Value::Word(format!("order-status.{}", order.status.code())),
            "lines" => Value::Rows(
                order
                    .lines
                    .iter()
                    .map(|line| {
                        row([
                            ("product", line.product.as_str().into()),
                            ("name", line.name.clone().into()),
                            ("quantity", line.quantity.into()),
                            ("price", line.price.into()),
                            ("subtotal", line.subtotal.into()),
                            ("note", line.note.clone().into()),
                        ])
                    })
                    .collect(),
            ),
            "count" => order.lines.iter().map(|line| line.quantity).sum::<u32>().into(),
            "subtotal" => totals.subtotal.into(),
            "tax" => totals.tax.into(),
            "tax_included" => totals.tax_included.into(),
            "shipping" => totals.shipping.into(),
            "discount" => totals.discount.into(),
            "total" => totals.total.into(),
            "pickup" => order.delivery.address.is_empty().into(),
            "method" => order.delivery.method_name.clone().into(),
            "name" => order.delivery.name.clone().into(),
            "phone" => order.delivery.phone.clone().into(),
            "address" => order.delivery.address.clone().into(),
            "note" => order.note.clone().into(),
            "courier" => order.courier.clone().into(),
            "tracking" => order.tracking.clone().into(),
            "held_until" => order.held_until.into(),
            "created_at" => order.created_at.into(),
            "cancel_reason" => order.cancel_reason.clone().into(),
            "accepted_by" => order.accepted_by.clone().into(),
            "paid_at" => order.paid_at.into(),
            "unserved" => order.unserved.into(),
            "paper" => Value::Paper,
            _ => Value::None,
        }
    }

    fn payment_value(&self, payment: &Payment, attribute: &str) -> Value {
        match attribute {
            "qr" => payment.qris.clone().map_or(Value::None, |payload| Value::Qris {
                payload,
                title: self.store.name.clone(),
                amount: payment.amount,
            }),
            "url" => payment.url.clone().into(),
            // Nobody reports it: a person of the shop looks.
            "manual" => (!crate::domain::payment::is_reported(&payment.gateway)).into(),
            "amount" => payment.amount.into(),
            // Of a payment that waits: what is there, and what is not.
            "received" => payment.missing().map(|_| payment.received).into(),
            "missing" => payment.missing().into(),
            "receipt_id" => payment.receipt_id.clone().into(),
            "reference" => payment.reference.clone().into(),
            "status" => Value::Word(format!("payment-status.{}", payment.status.code())),
            "expires_at" => payment.expires_at.into(),
            _ => Value::None,
        }
    }
}

/// A way of delivery as a row, whatever is in the cart.
fn method_row(method: &ShippingMethod) -> Row {
    row([
        ("name", method.name.clone().into()),
        ("pickup", method.pickup.into()),
        ("cost", method.cost.into()),
        ("free_from", method.free_from.filter(|_| method.cost != crate::domain::money::Rupiah::ZERO).into()),
    ])
}

/// A row out of names and values.
pub fn row<const N: usize>(columns: [(&str, Value); N]) -> Row {
    columns.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// A cart line as a row.
pub fn cart_row(catalog: &Catalog, line: &crate::domain::cart::CartLine) -> Row {
    let name = match catalog.product(&line.product) {
        Some(product) => product.full_name(line.variant.as_ref()),
        None => line.name.clone().unwrap_or_else(|| Localized::plain("-")),
    };
    row([
        ("product", line.product.as_str().into()),
        ("variant", line.variant.as_ref().map(|id| id.as_str().to_owned()).into()),
        ("name", name.into()),
        ("quantity", line.quantity.into()),
        ("price", line.price.into()),
        ("subtotal", line.price.times(line.quantity).ok().into()),
        ("note", line.note.clone().into()),
    ])
}

/// A product as a row of [`PRODUCT_ROW`].
pub fn product_row(product: &crate::domain::catalog::Product) -> Row {
    row([
        ("product", product.id.as_str().into()),
        ("name", product.name.clone().into()),
        ("price", product.price.into()),
        ("free", product.free().into()),
        ("sold_out", (product.free() == 0).into()),
    ])
}

/// The variants of a product as rows.
pub fn variant_rows(product: &crate::domain::catalog::Product) -> Vec<Row> {
    product
        .variants
        .iter()
        .map(|variant| {
            row([
                ("product", product.id.as_str().into()),
                ("variant", variant.id.as_str().into()),
                ("name", variant.name.clone().into()),
                ("price", product.price_of(Some(&variant.id)).into()),
                ("free", variant.free().into()),
                ("sold_out", (variant.free() == 0).into()),
            ])
        })
        .collect()
}
