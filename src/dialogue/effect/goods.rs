//! What the shop's people do to goods: their prices and stocks.

use super::{EffectSpec, customer, staff};
use crate::dialogue::value::Type::{Int, Localized, Money, Rows, Text, Word};

/// Which goods are meant.
pub(super) const FIND_STOCK: EffectSpec = staff(customer(
    "stock.find",
    "Finds the product whose stock or price is asked for or set.",
    &[("query", Text, false)],
    &["one", "many", "none", "all"],
    &[
        ("products", Rows),
        ("product", Text),
        ("variant", Text),
        ("name", Localized),
        ("price", Money),
        ("stock", Int),
        ("held", Int),
        ("free", Int),
        ("query", Text),
        ("quantity", Int),
    ],
));

/// A stock as it was counted or as it moved.
pub(super) const SET_STOCK: EffectSpec = staff(customer(
    "stock.set",
    "Sets the counted stock of a product or variant, or changes it by so many pieces, up or down. What is far beyond the usual, goes another way than is said, or was said with some `doubt` is `odd` until it is said to be `sure`; `price` is the number as a price, where it may be one.",
    &[
        ("product", Text, true),
        ("variant", Text, false),
        ("quantity", Int, false),
        ("by", Int, false),
        ("way", Word, false),
        ("doubt", Word, false),
        ("sure", Word, false),
    ],
    &["ok", "same", "odd", "below_held", "out_of_range", "has_variants", "not_found"],
    &[
        ("product", Text),
        ("variant", Text),
        ("name", Localized),
        ("from", Int),
        ("to", Int),
        ("stock", Int),
        ("held", Int),
        ("free", Int),
        ("price", Money),
        ("limit", Int),
        ("variants", Rows),
        ("event", Text),
    ],
));

/// What goods cost.
pub(super) const SET_PRICE: EffectSpec = staff(customer(
    "price.set",
    "Sets what a product or variant costs, or changes it by an amount, up or down; `which: every` is all variants of a product. What more than doubles or halves, changes by next to nothing, goes another way than is said, or was said with some `doubt` is `odd` until it is said to be `sure`; `meant` is what may have been meant.",
    &[
        ("product", Text, true),
        ("variant", Text, false),
        ("which", Word, false),
        ("price", Money, false),
        ("by", Money, false),
        ("way", Word, false),
        ("doubt", Word, false),
        ("sure", Word, false),
    ],
    &["ok", "every", "same", "odd", "unreadable", "has_variants", "not_found"],
    &[
        ("product", Text),
        ("variant", Text),
        ("name", Localized),
        ("from", Money),
        ("to", Money),
        ("meant", Money),
        ("variants", Rows),
        ("event", Text),
    ],
));

/// The way back from both.
pub(super) const UNDO: EffectSpec = staff(customer(
    "goods.undo",
    "Takes back a change of a price or a stock, by its event or else the last one of this person, for some minutes after it.",
    &[("event", Text, false)],
    &["price", "prices", "stock", "already", "late", "changed", "below_held", "none"],
    &[
        ("name", Localized),
        ("from", Money),
        ("to", Money),
        ("before", Int),
        ("stock", Int),
        ("held", Int),
        ("minutes", Int),
    ],
));
