//! What a customer's words mean: language, intent, products and quantities, by rules over the shop's own catalogue.

mod attach;
mod canonical;
mod details;
mod evidence;
mod index;
mod instead;
mod intents;
mod items;
mod ledger;
mod lexicon;
mod names;
mod negation;
mod numbers;
mod similar;
mod sizes;
mod spans;
mod tags;
mod talk;
mod trace;
mod values;
mod words;

#[cfg(test)]
mod details_tests;
#[cfg(test)]
mod gates_tests;
#[cfg(test)]
mod ledger_tests;
#[cfg(test)]
pub(crate) mod shops;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use canonical::{MAX_CHARS, MAX_TOKENS, normalise};
pub use details::{address, is_only_place, name};
pub use index::CatalogIndex;
pub use ledger::{Book, Doubt, Entry, Step, Way, entry};
pub use lexicon::{Lexicon, LexiconError};
pub use names::{ASK_SHOP, Errand, Period, Topic, filled_by, is_name, plain_words};
pub use spans::{Phone, phone, phones};
pub use trace::{Trace, explain, understand};

use crate::domain::customer::Language;
use crate::domain::ids::{ProductId, VariantId};

/// What is understood of one message.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Understanding {
    /// The language of the message, where it says so clearly; see [`Understanding::language_cues`].
    pub lang: Option<Language>,
    /// How many words of the message speak for `lang`.
    pub language_cues: u8,
    /// What the person wants.
    pub intent: Intent,
    /// Products with quantities that are taken without a question.
    pub items: Vec<Item>,
    /// Words that fit several products.
    pub ambiguous: Vec<Ambiguous>,
    /// Words that look like a product but fit none.
    pub unknown: Vec<String>,
    /// For [`Intent::Change`]: whether the number is the new quantity or a difference. The items' `quantity` holds
    /// the same number without its sign; without items it is meant for the line that was spoken of last.
    #[serde(default)]
    pub change: Option<Change>,
    /// A number that stands alone or with its unit, where no product took it.
    pub number: Option<i64>,
    /// The place in a list that is named: "nomor 2", "yang kedua", "the second one"; from 1.
    pub ordinal: Option<u32>,
    /// An order number that is named (`ORD-2026-0001`).
    pub order_number: Option<String>,
    /// A language that is asked for ("english please", "bahasa indonesia").
    pub language_wanted: Option<Language>,
    /// Products that are named as not wanted: "bukan teh hijau tapi teh putih". An order that has some replaces them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<Item>,
    /// Whether something is asked, by a question mark: no number in a question answers one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub question: bool,
    /// Whether the numbers are meant as they stand, also of what the cart holds already ("teh putih 1 aja").
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub only: bool,
    /// A wish that belongs to no item of the message ("jangan pakai gula" by itself).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// What is said of the order besides its goods: an address, a phone number, a name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<Told>,
    /// Every detail of which the message gives a value, that of `told` among them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub given: Vec<Given>,
    /// Whether nothing in the message speaks of anything else than its intent: no other cue, no word that nothing explains.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub whole: bool,
    /// What is asked about the shop itself ("jam buka", "can I pay by card").
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<Topic>,
    /// What a person of the shop may want with such words ("omzet hari ini").
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub errand: Option<Errand>,
    /// The time that is spoken of, for errands that ask for figures ("omzet kemarin").
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
    /// What a person of the shop writes down of a stock or a price; of nobody else's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<Entry>,
    /// What speaks for the intent and the items, for people who ask why.
    pub evidence: Vec<String>,
}

/// What is said of an order besides its goods.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// Of what.
    pub kind: Detail,
    /// What it is to be, in the form in which it is kept; nothing where it was not said.
    pub value: Option<String>,
    /// Whether a change of it is asked for by a verb; if not, it was only given.
    #[serde(default)]
    pub asked: bool,
    /// Whether a word says what it is ("nomor saya 0812…"); if not, it stands for itself ("0812…").
    #[serde(default)]
    pub named: bool,
}

/// A detail with the value that a message gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    /// Of what.
    pub kind: Detail,
    /// In the form in which it is kept; of the delivery `pickup` or `courier`.
    pub value: String,
    /// Whether it completes what is known ("RT 03 RW 02") and does not replace it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub adds: bool,
}

/// What an order has besides its goods.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Detail {
    /// Where it goes.
    Address,
    /// Whom to ring up.
    Phone,
    /// Who gets it.
    Name,
    /// How it gets there.
    Delivery,
    /// A wish for all of it.
    Note,
}

impl Detail {
    /// As flows write it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Phone => "phone",
            Self::Name => "name",
            Self::Delivery => "delivery",
            Self::Note => "note",
        }
    }
}

/// A product with a quantity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// The product.
    pub product: ProductId,
    /// The variant, where one was named.
    pub variant: Option<VariantId>,
    /// The full name in Indonesian.
    pub name: String,
    /// Pieces; at least 1.
    pub quantity: u32,
    /// Whether the person said how many; if not, `quantity` is 1.
    #[serde(default)]
    pub quantity_said: bool,
    /// The unit that was named (`pcs`, `bungkus`).
    pub unit: Option<String>,
    /// A wish for this item ("jangan pake gula").
    pub note: Option<String>,
    /// How sure the match is, in thousandths.
    pub score: u32,
}

/// How a quantity changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// To this many pieces ("jadi 3"); 0 takes the line out.
    Set(u32),
    /// By this many pieces ("tambah 1 lagi", "kurangi satu").
    By(i32),
}

/// What the conversation waits for, which decides how a short answer is read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Expectation {
    /// Nothing in particular.
    #[default]
    None,
    /// One of these labels, in the order in which they were shown.
    Choices(Vec<String>),
    /// A number.
    Number,
    /// Any words: a name, an address, a note.
    FreeText,
}

/// Words that fit several products.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ambiguous {
    /// The words.
    pub text: String,
    /// The products, best first, at most 5; of a category that was named, as many as fit its shelf, at most 30.
    pub candidates: Vec<ProductId>,
    /// Pieces.
    pub quantity: u32,
}

/// What a message wants of the shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the words of the contract speak for themselves")]
pub enum Intent {
    Order,
    Change,
    Remove,
    Clear,
    ViewCart,
    Checkout,
    AskPrice,
    AskStock,
    Browse,
    OrderStatus,
    ClaimsPaid,
    Cancel,
    Affirm,
    Deny,
    Choose,
    Greet,
    Thanks,
    Human,
    Help,
    Language,
    Chitchat,
    #[default]
    None,
}
