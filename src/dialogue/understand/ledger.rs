//! What a person of the shop says of a stock or a price: of which goods, what it becomes or by how much it changes, and whether
//! the sentence says so plainly. Nothing is taken that the words of `lexicon/ledger.yaml` and the product's name do not explain.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::canonical::{Kind, normalise};
use super::index::CatalogIndex;
use super::lexicon::{Lexicon, Said};
use super::numbers::{Amount, ONE};
use super::words::{self, Word};
use super::{Expectation, spans, tags, trace};
use crate::dialogue::value::Value;
use crate::domain::catalog::Catalog;
use crate::domain::customer::Language;
use crate::domain::money::Rupiah;

/// From this number on, what goods "become" without a word for stock or price is a price.
const MIN_BARE_PRICE: i64 = 1_000;
/// What stands before an amount of money.
const CURRENCIES: [&str; 2] = ["rp", "idr"];

/// Which book of the shop an entry belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Book {
    /// Pieces on the shelf.
    Stock,
    /// What a piece costs.
    Price,
}

/// Which way something changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// It becomes more.
    Up,
    /// It becomes less.
    Down,
}

/// What a number says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// It becomes so much.
    To(i64),
    /// It changes by so much.
    By(i64),
    /// It costs nothing.
    Free,
}

/// Why an entry is not simply written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Doubt {
    /// Some words are explained by nothing: it is asked about first.
    Asks,
    /// The sentence says no, or speaks of another time, place or shop: nothing is written.
    Denied,
}

/// An entry as it was said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Where it belongs.
    pub book: Book,
    /// The words that name the goods.
    pub goods: String,
    /// What is to be written; nothing where no single number says it, so that it is asked for.
    pub step: Option<Step>,
    /// Which way it is said to go.
    pub way: Option<Way>,
    /// Why it is not simply written.
    pub doubt: Option<Doubt>,
}

impl Entry {
    /// The names under which flows hear entries.
    pub const NAMES: [&str; 2] = ["write_stock", "write_price"];

    /// Under which of them this one is heard.
    pub fn name(&self) -> &'static str {
        match self.book {
            Book::Stock => Self::NAMES[0],
            Book::Price => Self::NAMES[1],
        }
    }

    /// The slots that it fills.
    pub fn slots(&self) -> BTreeMap<String, Value> {
        let word = |word: &str| Value::Word(word.to_owned());
        let mut slots = BTreeMap::from([("query".to_owned(), Value::Text(self.goods.clone()))]);
        let value = match self.book {
            Book::Stock => "quantity",
            Book::Price => "price",
        };
        match self.step {
            Some(Step::To(to)) => drop(slots.insert(value.to_owned(), Value::Text(to.to_string()))),
            Some(Step::By(by)) => drop(slots.insert("by".to_owned(), Value::Text(by.to_string()))),
            Some(Step::Free) => drop(slots.insert(value.to_owned(), Value::Money(Rupiah::ZERO))),
            None => {}
        }
        if let Some(way) = self.way {
            slots.insert("way".to_owned(), word(if way == Way::Up { "up" } else { "down" }));
        }
        if let Some(doubt) = self.doubt {
            slots.insert("doubt".to_owned(), word(if doubt == Doubt::Asks { "asks" } else { "denied" }));
        }
        slots
    }
}

/// A number that is no part of a name.
#[derive(Debug, Clone, Copy)]
struct Figure {
    /// The first of its words.
    at: usize,
    whole: i64,
    /// Whether it can only be money.
    money: bool,
    /// Whether it is a number of pieces.
    counted: bool,
    /// Whether it is a part, in hundredths of a whole, of what was.
    percent: bool,
    /// Whether a part of a piece, or of a rupiah, is left over.
    broken: bool,
    /// A sign before it.
    sign: Option<Way>,
}

/// A sentence with what each word does in it.
struct Sentence<'a> {
    text: &'a str,
    words: Vec<Word>,
    says: Vec<Option<Said>>,
    figures: Vec<Figure>,
    /// Places of the words that name goods, or that nothing explains.
    names: Vec<usize>,
}

/// The entry that a text of the shop's staff makes, if it makes one. Pure and linear, as [`super::understand`] is.
pub fn entry(text: &str, language: Language, index: &CatalogIndex, catalog: &Catalog) -> Option<Entry> {
    let lexicon = Lexicon::shipped().ok()?;
    let text = text.trim().trim_start_matches('/');
    let is_other = text.contains(['?', '\u{ff1f}']) || text.to_lowercase().contains("ord-");
    if is_other || !spans::phones(text).is_empty() {
        return None;
    }
    let sentence = Sentence::read(text, lexicon, index);
    let is_said = |said: Said| sentence.says.contains(&Some(said));
    if is_said(Said::Asks) || is_said(Said::Cost) {
        return None;
    }
    let step = sentence.step(lexicon);
    let is_out = is_said(Said::Out) && sentence.figures.is_empty();
    if sentence.figures.is_empty() && !is_out && step != Some(Step::Free) {
        return None;
    }
    let (book, is_sure) = sentence.book(lexicon)?;
    let (goods, is_explained) = sentence.goods(lexicon, language, index, catalog);
    let has_noun = is_said(Said::Stock) || is_said(Said::Price);
    let goods = match goods {
        Some(goods) => goods,
        None if has_noun && !sentence.names.is_empty() => sentence.named(),
        None => return None,
    };
    let figure = sentence.figures.first();
    let is_odd_kind = figure.is_some_and(|figure| match book {
        Book::Stock => figure.money,
        Book::Price => figure.counted,
    });
    let step = if is_out && book == Book::Stock { Some(Step::To(0)) } else { step }.filter(|_| !is_odd_kind);
    let way = sentence.way();
    // "Kombucha habis, harga 30rb" says two things, of which only one is written.
    let is_two = book == Book::Price && is_said(Said::Out);
    let is_plain =
        !is_two && is_explained && is_sure && sentence.is_one_way() && !sentence.tells_what_was(lexicon);
    let doubt = if is_said(Said::Denies) || is_said(Said::Elsewhere) {
        Some(Doubt::Denied)
    } else {
        (!is_plain).then_some(Doubt::Asks)
    };
    Some(Entry { book, goods, step, way, doubt })
}

impl<'a> Sentence<'a> {
    fn read(text: &'a str, lexicon: &Lexicon, index: &CatalogIndex) -> Self {
        let mut words = words::read(text, lexicon, index);
        let amounts = tags::amounts(&mut words, lexicon, index);
        let mut sentence =
            Self { text, says: vec![None; words.len()], figures: Vec::new(), names: Vec::new(), words };
        let mut at = 0;
        while at < sentence.words.len() {
            at = match amounts[at] {
                Some(amount) => sentence.number(at, amount, lexicon),
                None => sentence.word(at, lexicon, index),
            };
        }
        sentence
    }

    /// Takes a number in, as a figure or as a part of a name ("isi 25", "100 gram").
    fn number(&mut self, at: usize, amount: Amount, lexicon: &Lexicon) -> usize {
        let base = |at: usize| self.words.get(at).map(|word| word.base.as_str());
        let before = at.checked_sub(1).and_then(base).filter(|word| !CURRENCIES.contains(word));
        let unit = base(amount.end);
        let percent = self
            .words
            .get(amount.end)
            .is_some_and(|word| word.is_mark('%') || lexicon.ledger.is(Said::Percent, word));
        let is_size = before.is_some_and(|word| lexicon.numbers.not_before.contains(word));
        let is_measure = !percent && unit.is_some_and(|unit| lexicon.numbers.not_after.contains(unit));
        if is_size || is_measure {
            let end = amount.end + usize::from(is_measure);
            self.names.extend(at..end);
            return end;
        }
        let span = self.words[at].span.start..self.words[amount.end - 1].span.end;
        let typed = self.text.get(span.clone()).unwrap_or_default();
        let currency = at.checked_sub(1).is_some_and(|before| self.is_currency(before));
        let read = Rupiah::read(typed).map(Rupiah::whole);
        let pieces = unit.and_then(|unit| lexicon.units.get(unit)).map(|unit| unit.pieces);
        let whole = read.unwrap_or(amount.hundredths.abs() / ONE).saturating_mul(pieces.unwrap_or(1));
        let is_grouped = typed.contains(['.', ',']) && whole >= MIN_BARE_PRICE;
        let is_scaled = typed.contains(char::is_alphabetic) && whole >= MIN_BARE_PRICE && pieces.is_none();
        let sign = match self.text.get(..span.start).unwrap_or_default().chars().next_back() {
            Some('+') => Some(Way::Up),
            _ if self.words[at].negative || amount.hundredths < 0 => Some(Way::Down),
            _ => None,
        };
        let broken = read.is_none() && amount.hundredths % ONE != 0;
        let money = currency || amount.street || is_grouped || is_scaled;
        self.figures.push(Figure { at, whole, money, counted: pieces.is_some(), percent, broken, sign });
        amount.end + usize::from(percent || pieces.is_some())
    }

    fn is_currency(&self, at: usize) -> bool {
        let before = if self.words[at].is_mark('.') { at.checked_sub(1) } else { Some(at) };
        before.is_some_and(|at| CURRENCIES.contains(&self.words[at].text.as_str()))
    }

    /// Takes a word or a mark in; where it begins a phrase, all of it.
    fn word(&mut self, at: usize, lexicon: &Lexicon, index: &CatalogIndex) -> usize {
        let word = &self.words[at];
        let is_named = self.is_in_a_name(at, lexicon, index);
        match word.kind {
            Kind::Mark('=' | ':') => self.says[at] = Some(Said::To),
            Kind::Mark('+') if !self.words.get(at + 1).is_some_and(|next| next.glued) => {
                self.says[at] = Some(Said::Up);
            }
            Kind::Mark(_) | Kind::Emoji => {}
            _ if CURRENCIES.contains(&word.text.as_str()) => {}
            Kind::Word if !is_named => {
                if let Some((said, end)) = lexicon.ledger.said(&self.words, at) {
                    if said == Said::Doubts {
                        self.names.push(at);
                    }
                    self.says[at..end].fill(Some(said));
                    return end;
                }
                let is_light = lexicon.is_filler(&word.base) || lexicon.units.contains_key(&word.text);
                if !is_light {
                    self.names.push(at);
                }
            }
            _ => self.names.push(at),
        }
        at + 1
    }

    /// Whether a word stands beside one that stands beside it in the name of something that is sold: "Kopi Tambah Gula".
    fn is_in_a_name(&self, at: usize, lexicon: &Lexicon, index: &CatalogIndex) -> bool {
        let plain = |at: usize| self.words.get(at).map(|word| lexicon.synonym(&word.text));
        let Some(word) = plain(at) else { return false };
        let after = at.checked_sub(1).and_then(plain).is_some_and(|left| index.are_neighbours(left, word));
        after || plain(at + 1).is_some_and(|right| index.are_neighbours(word, right))
    }

    fn text_of(&self, places: impl Iterator<Item = usize>) -> String {
        let words: Vec<&str> = places.filter_map(|at| self.text.get(self.words[at].span.clone())).collect();
        words.join(" ")
    }

    /// All words that might name goods.
    fn named(&self) -> String {
        self.text_of(self.names.iter().copied())
    }

    /// The words that the name of something sold explains, and whether none is left over.
    fn goods(
        &self,
        lexicon: &Lexicon,
        language: Language,
        index: &CatalogIndex,
        catalog: &Catalog,
    ) -> (Option<String>, bool) {
        let query = self.named();
        let traced = trace::explain(&query, language, index, catalog, &Expectation::None);
        let variant = match traced.understanding.items.as_slice() {
            [item] => item.variant.as_ref().and_then(|id| catalog.product(&item.product)?.variant(id)),
            _ => None,
        };
        // A variant is told by words that stand beside its product's name.
        let of_variant: Vec<String> = variant
            .into_iter()
            .flat_map(|variant| Language::ALL.map(|language| normalise(variant.name.get(language))))
            .flat_map(|name| name.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
            .collect();
        let mut start = 0;
        let mut explained = Vec::new();
        for place in &self.names {
            let word = &self.words[*place];
            let end = start + word.span.len();
            let within = |named: &Range<usize>| named.start <= start && end <= named.end;
            let is_known = !word.readings.is_empty() || index.names_category(lexicon.synonym(&word.text));
            let tells_variant = of_variant.contains(&normalise(&word.text));
            if tells_variant || (is_known && traced.named.iter().any(within)) {
                explained.push(*place);
            }
            start = end + 1;
        }
        let is_all = explained.len() == self.names.len();
        (Some(self.text_of(explained.into_iter())).filter(|goods| !goods.is_empty()), is_all)
    }

    fn count(&self, said: Said) -> usize {
        self.says.iter().filter(|says| **says == Some(said)).count()
    }

    /// The way that it goes, where the sentence says one.
    fn way(&self) -> Option<Way> {
        let sign = self.figures.first().and_then(|figure| figure.sign);
        let (up, down) = (self.count(Said::Up) > 0, self.count(Said::Down) > 0);
        sign.or(match (up, down) {
            (true, false) => Some(Way::Up),
            (false, true) => Some(Way::Down),
            _ => None,
        })
    }

    fn is_one_way(&self) -> bool {
        let both = self.count(Said::Up) > 0 && self.count(Said::Down) > 0;
        let nowhere = self.count(Said::By) > 0 && self.way().is_none();
        !both && !nowhere
    }

    /// Whether a figure says what something was until now.
    fn tells_what_was(&self, lexicon: &Lexicon) -> bool {
        self.figures.iter().any(|figure| self.was(figure, lexicon))
    }

    fn was(&self, figure: &Figure, lexicon: &Lexicon) -> bool {
        figure.at.checked_sub(1).is_some_and(|before| {
            let currency = usize::from(CURRENCIES.contains(&self.words[before].text.as_str()));
            let word = before.checked_sub(currency).map(|before| &self.words[before]);
            word.is_some_and(|word| lexicon.ledger.is(Said::From, word))
        })
    }

    /// What the last word of weight before a figure says.
    fn before(&self, figure: &Figure) -> Option<Said> {
        let weighs = |at: &usize| match self.says[*at] {
            Some(Said::Plain) => false,
            Some(_) => true,
            None => self.names.contains(at),
        };
        (0..figure.at).rev().find(weighs).and_then(|at| self.says[at])
    }

    /// What the one figure of the sentence says, where there is one.
    fn step(&self, lexicon: &Lexicon) -> Option<Step> {
        let of_now: Vec<&Figure> = self.figures.iter().filter(|figure| !self.was(figure, lexicon)).collect();
        let [figure] = of_now.as_slice() else {
            let free = self.words.iter().any(|word| lexicon.ledger.is(Said::Free, word));
            return (free && self.figures.is_empty()).then_some(Step::Free);
        };
        if figure.percent || figure.broken {
            return None;
        }
        let moves = figure.sign.is_some() || self.count(Said::Up) + self.count(Said::Down) > 0;
        Some(match self.before(figure) {
            Some(Said::To | Said::Left) if figure.sign.is_none() => Step::To(figure.whole),
            Some(Said::By) => Step::By(figure.whole),
            _ if moves => Step::By(figure.whole),
            _ => Step::To(figure.whole),
        })
    }

    /// Stock or price, and whether the words leave no doubt which. Nothing where they say neither.
    fn book(&self, lexicon: &Lexicon) -> Option<(Book, bool)> {
        let (stock, price) = (
            self.says.iter().position(|it| *it == Some(Said::Stock)),
            self.says.iter().position(|it| *it == Some(Said::Price)),
        );
        match (stock, price) {
            (Some(_), None) => return Some((Book::Stock, true)),
            (None, Some(_)) => return Some((Book::Price, true)),
            // Both are spoken of: the first, and never without a question.
            (Some(stock), Some(price)) => {
                return Some((if stock < price { Book::Stock } else { Book::Price }, false));
            }
            (None, None) => {}
        }
        let Some(figure) = self.figures.first() else {
            return (self.count(Said::Out) > 0).then_some((Book::Stock, true));
        };
        let moves = self.count(Said::Up) + self.count(Said::Down) > 0;
        let of_price = self.words.iter().any(|word| lexicon.ledger.is(Said::OfPrice, word));
        let said = self.before(figure);
        let becomes = matches!(said, Some(Said::To));
        if figure.money {
            return (moves || becomes).then_some((Book::Price, of_price || becomes));
        }
        match said {
            Some(Said::Left) => Some((Book::Stock, true)),
            _ if becomes && figure.whole >= MIN_BARE_PRICE => Some((Book::Price, true)),
            _ if moves && of_price => Some((Book::Price, true)),
            _ if moves && !becomes => Some((Book::Stock, true)),
            _ if self.count(Said::Out) > 0 => Some((Book::Stock, false)),
            _ => None,
        }
    }
}
