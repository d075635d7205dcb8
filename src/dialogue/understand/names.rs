//! What is heard besides the intents: questions about the shop, and errands of its people.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::canonical::{Kind, tokens};
use super::intents::{self, Facts, Hit};
use super::lexicon::Lexicon;
use super::numbers::Amount;
use super::words::{Tag, Word};
use super::{Entry, Intent, Understanding};
use crate::dialogue::value::Value;

/// Under which name flows hear a question about the shop; what it is about is `heard.topic`.
pub const ASK_SHOP: &str = "ask_shop";

/// What a question about the shop is about. Of most of it the shop's data speak; the rest is asked of its people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// When it is open.
    Hours,
    /// Where it is.
    Address,
    /// Its phone.
    Phone,
    /// What delivery costs.
    Fee,
    /// Whether it delivers somewhere.
    Area,
    /// Whether orders can be fetched.
    Pickup,
    /// How one pays.
    Payment,
    /// Whether a wallet or a bank's app will do.
    Wallet,
    /// A way of paying that is none of QRIS: cash, a card, a transfer by hand.
    OtherPayment,
    /// How much one has to order.
    Minimum,
    /// Whether tax comes on top.
    Tax,
    /// For how long goods are held.
    Hold,
    /// Something else that only people know.
    Other,
    /// Whatever is plainly a question and nothing else that is understood.
    Unknown,
}

impl Topic {
    /// As flows write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hours => "hours",
            Self::Address => "address",
            Self::Phone => "phone",
            Self::Fee => "fee",
            Self::Area => "area",
            Self::Pickup => "pickup",
            Self::Payment => "payment",
            Self::Wallet => "wallet",
            Self::OtherPayment => "other_payment",
            Self::Minimum => "minimum",
            Self::Tax => "tax",
            Self::Hold => "hold",
            Self::Other => "other",
            Self::Unknown => "unknown",
        }
    }
}

/// What a person of the shop wants to see or do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Errand {
    /// The day in short.
    Today,
    /// Orders that need something.
    Orders,
    /// All stock.
    Stock,
}

impl Errand {
    /// Every errand.
    pub const ALL: [Self; 3] = [Self::Today, Self::Orders, Self::Stock];

    /// Under which name flows hear it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Today => "see_today",
            Self::Orders => "see_orders",
            Self::Stock => "see_stock",
        }
    }
}

/// The time of which somebody of the shop wants the figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// The day before today.
    Yesterday,
    /// From Monday on.
    ThisWeek,
    /// The seven days before this week.
    LastWeek,
    /// From the first of the month on.
    ThisMonth,
    /// The month before this one.
    LastMonth,
    /// A time of which no figures are kept together.
    Other,
}

impl Period {
    /// Every period.
    pub const ALL: [Self; 6] =
        [Self::Yesterday, Self::ThisWeek, Self::LastWeek, Self::ThisMonth, Self::LastMonth, Self::Other];

    /// As flows write it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Yesterday => "yesterday",
            Self::ThisWeek => "this_week",
            Self::LastWeek => "last_week",
            Self::ThisMonth => "this_month",
            Self::LastMonth => "last_month",
            Self::Other => "other",
        }
    }
}

impl Understanding {
    /// Whether goods are named, for sure or as one of several.
    pub fn names_goods(&self) -> bool {
        !self.items.is_empty() || !self.ambiguous.is_empty()
    }

    /// The slots that an errand of the shop's people fills.
    pub fn errand_slots(&self) -> BTreeMap<String, Value> {
        let period = self.period.filter(|_| self.errand == Some(Errand::Today));
        period
            .map(|period| ("period".to_owned(), Value::Word(period.code().to_owned())))
            .into_iter()
            .collect()
    }
}

/// Words of a question that is only known to be one.
const MIN_QUESTION_WORDS: usize = 2;

/// What is asked about the shop: what a rule names, or anything else that is plainly a question and means nothing else.
pub(super) fn topic(
    intent: Intent,
    words: &[Word],
    counted: &[Hit],
    facts: &Facts,
    language_cues: u8,
    lexicon: &Lexicon,
) -> Option<Topic> {
    let named = counted.iter().filter_map(|hit| Some((hit.words.len(), lexicon.rules[hit.rule].topic?)));
    if let Some((_, topic)) = named.max_by_key(|(length, _)| *length) {
        return Some(topic);
    }
    let spoken = words.iter().filter(|word| word.kind == Kind::Word).count();
    let is_open = intent == Intent::None && facts.question && facts.known_items == 0;
    (is_open && language_cues > 0 && spoken >= MIN_QUESTION_WORDS).then_some(Topic::Unknown)
}

/// The errand that the longest phrase names. Beside goods it is none, unless it is all that is said: "sales" is no "Pisang Sale".
pub(super) fn errand(
    words: &[Word],
    amounts: &[Option<Amount>],
    lexicon: &Lexicon,
    known_items: usize,
) -> Option<Errand> {
    let said = lexicon.errands.iter().filter_map(|(errand, phrase)| {
        let end =
            (0..words.len()).find_map(|at| Some((at, intents::said(phrase, words, amounts, at, lexicon)?)));
        end.map(|(at, end)| (at..end, *errand))
    });
    let (said, errand) = said.max_by_key(|(said, _)| said.len())?;
    let is_else = |(at, word): (usize, &Word)| {
        word.kind == Kind::Word && word.tag != Tag::Filler && !said.contains(&at)
    };
    (known_items == 0 || !words.iter().enumerate().any(is_else)).then_some(errand)
}

/// The time that the longest phrase names; where two are as long, the one that no figures are kept of, so that nobody is
/// shown another one.
pub(super) fn period(words: &[Word], amounts: &[Option<Amount>], lexicon: &Lexicon) -> Option<Period> {
    let said = lexicon.periods.iter().filter_map(|(period, phrase)| {
        let is_said = |at: usize| intents::said(phrase, words, amounts, at, lexicon).is_some();
        (0..words.len()).any(is_said).then_some((phrase.len(), *period))
    });
    said.max().map(|(_, period)| period)
}

/// The words of a text in plain spelling, for comparing what was typed with what a button says.
pub fn plain_words(text: &str) -> Vec<String> {
    let Ok(lexicon) = Lexicon::shipped() else { return Vec::new() };
    let words = tokens(text).into_iter();
    let said = words.filter(|token| matches!(token.kind, Kind::Word | Kind::Number));
    said.map(|token| lexicon.resolve(&token.text).to_owned()).collect()
}

/// Whether something is heard under a name that is no intent.
pub fn is_name(name: &str) -> bool {
    name == ASK_SHOP || Entry::NAMES.contains(&name) || Errand::ALL.iter().any(|errand| errand.name() == name)
}

/// The slots that are filled by what is heard under a name.
pub fn filled_by(name: &str) -> &'static [&'static str] {
    match name {
        "write_stock" => &["query", "quantity", "by", "way", "doubt"],
        "write_price" => &["query", "price", "by", "way", "doubt"],
        "see_today" => &["period"],
        _ => &[],
    }
}
