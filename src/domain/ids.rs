//! Newtypes for the ids of rows. An id is opaque text (cuid2 in our own rows); it is drawn outside of the core.

use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            /// The id as text, as it stands in its column.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

ids! {
    /// A shop (`stores.id`).
    StoreId,
    /// A person who works for a shop (`users.id`).
    UserId,
    /// A buyer of one shop (`customers.id`).
    CustomerId,
    /// A product (`products.id`).
    ProductId,
    /// One variant of a product (`product_variants.id`).
    VariantId,
    /// A category of the catalogue (`categories.id`).
    CategoryId,
    /// An order (`orders.id`).
    OrderId,
    /// One attempt to pay an order (`payments.id`).
    PaymentId,
    /// One chat of one person with one shop (`conversations.id`).
    ConversationId,
}
