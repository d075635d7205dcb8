//! What may be written of a product, its price and its stock, whoever writes it: a person in a chat, an operator, a sheet,
//! the demo's seed, a script. [`plan()`] says what a [`Draft`] would change of what is there, or which rules forbid it; nothing
//! is ever half planned.

mod plan;
mod price;

use super::ids::{ProductId, VariantId};
use super::money::Rupiah;

pub use plan::plan;
pub use price::{
    NoPrice, ODD_PRICE_FACTOR, ODD_STEP_PART, Price, THOUSAND, is_odd as is_odd_price,
    is_odd_new as is_odd_new_price, is_odd_step, meant as meant_price,
};

/// Pieces of one product or variant on the shelf.
pub const MAX_PIECES: i64 = 1_000_000;
/// Variants of one product.
pub const MAX_VARIANTS: usize = 100;
/// Characters of a name, of a product, a variant or a category.
pub const MAX_NAME_CHARS: usize = 120;
/// Characters of a description.
pub const MAX_DESCRIPTION_CHARS: usize = 700;
/// Characters of a shop's code for a product.
pub const MAX_SKU_CHARS: usize = 60;
/// Characters of the address of a picture.
pub const MAX_IMAGE_CHARS: usize = 500;
/// Other words for one product.
pub const MAX_ALIASES: usize = 40;

/// A stock of more than this many times the usual is odd.
pub const ODD_STOCK_FACTOR: i64 = 10;
/// A product is usually there in at least so many pieces, as far as oddness goes: a first delivery is not odd.
pub const USUAL_PIECES_MIN: i64 = 20;

/// Whether somebody should be asked before a stock is set to so many pieces. `usual` is the most that has been there.
pub fn is_odd_stock(usual: i64, to: i64) -> bool {
    to > usual.max(USUAL_PIECES_MIN).saturating_mul(ODD_STOCK_FACTOR)
}

/// What tells two names apart, of products and of variants alike: not the case of their letters, and no spaces. "Teh  Hijau"
/// is "teh hijau", and "100gram" is "100 gram".
pub fn name_key(name: &str) -> String {
    name.split_whitespace().flat_map(str::chars).flat_map(char::to_lowercase).collect()
}

/// A name as it is kept: its words with one space between them.
pub fn tidy_name(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// How a stock is to change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    /// So many pieces were counted.
    To(i64),
    /// So many came in, or went when it is negative.
    By(i64),
}

impl Count {
    /// The pieces that it leads to.
    pub fn from(self, pieces: i64) -> i64 {
        match self {
            Count::To(to) => to,
            Count::By(by) => pieces.saturating_add(by),
        }
    }
}

/// What is known of a product besides name, price and stock. In a [`Draft`], what is not said stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Details {
    /// Its name in English.
    pub name_en: Option<String>,
    /// The name of its category; one that is new is made.
    pub category: Option<String>,
    /// Its description in Indonesian.
    pub description: Option<String>,
    /// Its description in English.
    pub description_en: Option<String>,
    /// Other words for it.
    pub aliases: Option<Vec<String>>,
    /// Rupiah that the shop pays for a piece.
    pub cost: Option<i32>,
    /// At this many pieces the owner is warned.
    pub reorder_level: Option<i32>,
    /// An `https` address or a path below `/media/`.
    pub image: Option<String>,
    /// Its place among the others.
    pub position: Option<i32>,
}

/// What somebody wants to write of a product. What it does not say stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Draft {
    /// The product, where it is known by its id; the id that it gets, where it is new.
    pub id: Option<ProductId>,
    /// The shop's code: it names a product that is there, and is kept by one that is new.
    pub sku: Option<String>,
    /// Whether a product or a variant that is not there may be made.
    pub may_add: bool,
    /// Its name in Indonesian.
    pub name: Option<String>,
    /// What a piece costs; where there are variants, of those without a price of their own.
    pub price: Option<Price>,
    /// Whoever writes it stands for a price that is far from what it was, or is next to nothing.
    pub is_sure: bool,
    /// Every variant is to cost that, also those with a price of their own.
    pub is_price_of_all: bool,
    /// Its stock; only of a product without variants.
    pub stock: Option<Count>,
    /// The rest.
    pub details: Details,
    /// Variants that are spoken of; the others stay as they are.
    pub variants: Vec<VariantDraft>,
}

/// What somebody wants to write of a variant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VariantDraft {
    /// The variant, where it is known by its id; the id that it gets, where it is new.
    pub id: Option<VariantId>,
    /// Its name in Indonesian, which names it within its product.
    pub name: Option<String>,
    /// Its name in English.
    pub name_en: Option<String>,
    /// The shop's code for it.
    pub sku: Option<String>,
    /// What a piece of it costs.
    pub price: Option<Price>,
    /// Its stock.
    pub stock: Option<Count>,
    /// Its place among the others.
    pub position: Option<i32>,
}

/// A product as it is, or as it will be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Goods {
    /// Its row; nothing where it is still to be made.
    pub id: Option<ProductId>,
    /// The shop's code for it.
    pub sku: Option<String>,
    /// Its name in Indonesian.
    pub name: String,
    /// What a piece costs; nothing where the row holds no amount.
    pub price: Option<Rupiah>,
    /// Pieces on the shelf, the sum over its variants where it has any.
    pub stock: i64,
    /// Pieces that unpaid orders hold of the product itself, without a variant.
    pub held: i64,
    /// Whether it is for sale.
    pub is_active: bool,
    /// The rest.
    pub details: Details,
    /// Its variants.
    pub variants: Vec<Variant>,
}

/// A variant as it is, or as it will be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Variant {
    /// Its row; nothing where it is still to be made.
    pub id: Option<VariantId>,
    /// Its name in Indonesian.
    pub name: String,
    /// Its name in English.
    pub name_en: Option<String>,
    /// The shop's code for it.
    pub sku: Option<String>,
    /// Its own price, where it has one.
    pub price: Option<Rupiah>,
    /// Pieces on the shelf.
    pub stock: i64,
    /// Pieces that unpaid orders hold.
    pub held: i64,
    /// Its place among the others.
    pub position: Option<i32>,
}

/// What a draft comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The product as it is; nothing where it is new.
    pub before: Option<Goods>,
    /// The product as it will be.
    pub after: Goods,
    /// What differs, for people; empty where nothing does.
    pub changes: Vec<Change>,
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The place in [`Draft::variants`] of what spoke of it; nothing where it is of the product.
    pub of: Option<usize>,
    /// The name of the variant that it is about.
    pub variant: Option<String>,
    /// What.
    pub what: What,
}

/// What differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// It is new.
    Added,
    /// It is for sale again.
    OnSale,
    /// What a piece costs.
    Price {
        /// Before; nothing where it is new.
        from: Option<Rupiah>,
        /// After.
        to: Rupiah,
    },
    /// Pieces on the shelf.
    Stock {
        /// Before.
        from: i64,
        /// After.
        to: i64,
    },
    /// A text or a number of [`Details`], or a name, by its name.
    Detail(&'static str),
}

/// A rule that forbids a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The place in [`Draft::variants`] that it is about; nothing where it is about the product.
    pub of: Option<usize>,
    /// The column that is wrong, as sheets name it.
    pub column: &'static str,
    /// The rule.
    pub rule: Rule,
}

/// What forbids a draft. Its words are for operators.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rule {
    /// There is no such product, and none is to be made.
    #[error("the shop has no such product; `warung product list` shows what it has")]
    NoProduct,
    /// There is no such variant, and none is to be made.
    #[error("there is no such variant; `warung product list` shows them")]
    NoVariant,
    /// The stock of a product with variants is that of its variants.
    #[error("it has variants; say which of them")]
    HasVariants,
    /// A text that must be there is empty.
    #[error("is empty; write one")]
    Empty,
    /// A text is too long.
    #[error("is longer than {0} characters; shorten it")]
    TooLong(usize),
    /// A text holds what no chat can show.
    #[error("holds control characters; take them out")]
    Control,
    /// There is more than can be kept.
    #[error("there are more than {0}; take some out")]
    TooMany(usize),
    /// Two drafts speak of one product.
    #[error("the same product stands there twice")]
    ProductTwice,
    /// Two variants have one name.
    #[error("two variants have the same name; give each its own")]
    VariantTwice,
    /// Another product of the shop has the name, so that customers could not tell them apart.
    #[error(
        "another product ({0}) has the same name; name this one differently, or make them variants of one"
    )]
    NameTaken(String),
    /// A new product has no price.
    #[error("is missing; write whole rupiah, or \"gratis\"")]
    NoPrice,
    /// A price more than doubles, falls below half, or is next to nothing.
    #[error("{to} is far from {}; write it again as you mean it, or say that you are sure with --sure", old_price(*from))]
    OddPrice {
        /// What it was; nothing where it is new.
        from: Option<i64>,
        /// What it would be.
        to: i64,
    },
    /// A number is not one that can be kept.
    #[error("is no whole number from 0 to {0}")]
    OutOfRange(i64),
    /// What is promised to customers who are about to pay cannot be counted away.
    #[error("{held} pieces are held for orders that wait for their payment; the stock cannot be less")]
    BelowHeld {
        /// Pieces that are held.
        held: i64,
    },
    /// A plain product cannot get variants while unpaid orders hold pieces of it: these are of no variant.
    #[error(
        "{held} pieces of it are held for orders that wait for their payment, and they are of no variant; import it again when they \
         are paid or lapsed"
    )]
    HeldWithoutVariant {
        /// Pieces that are held.
        held: i64,
    },
    /// A plain product gets variants, and nobody says what its pieces become.
    #[error(
        "there are {pieces} pieces, and nothing says how many are of this variant; write its stock, 0 where there are none"
    )]
    PiecesWithoutVariant {
        /// Pieces on the shelf.
        pieces: i64,
    },
    /// A picture is not where anybody could fetch it.
    #[error("must be an address that begins with https://")]
    NoPicture,
}

/// What an odd price is far from, in words.
fn old_price(from: Option<i64>) -> String {
    from.map_or_else(|| "what anything costs".to_owned(), |from| format!("the old price {from}"))
}
