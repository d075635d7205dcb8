//! From tokens to words with their readings: slang, affixes, joined words and typos resolved, the typed form kept.

use std::ops::Range;

use super::canonical::{Kind, Token, tokens};
use super::index::{CatalogIndex, Reading, SAID};
use super::lexicon::{Lexicon, NumberWord};
use super::similar::likeness;

/// Words of one message that are looked up with typos allowed.
const MAX_FUZZY: usize = 32;
/// Letters that a word needs before a cue is made out of a typo.
const MIN_MENDED_CHARS: usize = 5;
/// How alike a typo and a cue must be.
const MENDED: f32 = 0.835;

/// What a word does in its message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tag {
    /// Not decided yet.
    Open,
    /// Politeness and particles.
    Filler,
    /// A cue or a plain word of a language.
    Common,
    /// Stands between two items.
    Separator,
    /// Part of a quantity.
    Quantity,
    /// Part of a number that is no quantity: money, a time, an ordinal.
    OtherNumber,
    /// A unit after or before a quantity.
    Unit,
    /// "Masing-masing", "each".
    Each,
    /// Part of a wish.
    Note,
    /// "Bukan", "jangan" before a product that is not wanted.
    Negation,
    /// Part of a phone number, an address, or a person's name: no order, whatever stands in it.
    Span,
    /// May name a product.
    Content,
    /// May name a product together with other words only.
    Weak,
}

/// A word of the message.
#[derive(Debug, Clone)]
pub(super) struct Word {
    /// Canonical text.
    pub(super) text: String,
    /// The plain spelling by which cues are compared.
    pub(super) base: String,
    /// Bytes of the original text.
    pub(super) span: Range<usize>,
    pub(super) kind: Kind,
    pub(super) glued: bool,
    pub(super) negative: bool,
    pub(super) dashed: bool,
    /// Catalogue words for which it may stand.
    pub(super) readings: Vec<Reading>,
    pub(super) tag: Tag,
    /// Whether it stands in a part of the sentence that says what is not wanted.
    pub(super) refused: bool,
}

impl Word {
    fn new(token: &Token, text: &str) -> Self {
        Self {
            text: text.to_owned(),
            base: text.to_owned(),
            span: token.span.clone(),
            kind: token.kind,
            glued: token.glued,
            negative: token.negative,
            dashed: token.dashed,
            readings: Vec::new(),
            tag: Tag::Open,
            refused: false,
        }
    }

    pub(super) fn is_mark(&self, mark: char) -> bool {
        self.kind == Kind::Mark(mark)
    }

    /// How well its best reading fits.
    pub(super) fn likeness(&self) -> f32 {
        self.readings.first().map_or(0.0, |reading| reading.likeness)
    }
}

/// Reads a text into words.
pub(super) fn read(text: &str, lexicon: &Lexicon, index: &CatalogIndex) -> Vec<Word> {
    let mut words = Vec::new();
    let tokens = tokens(text);
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        at += 1;
        if token.kind != Kind::Word {
            words.push(Word::new(token, &token.text));
            continue;
        }
        // "masing2", "liat2", "1st": a word and a number that are one word.
        if let Some(next) = tokens.get(at).filter(|next| next.glued && next.kind == Kind::Number) {
            let joined = format!("{}{}", token.text, next.text);
            if lexicon.resolve(&joined) != joined && !index.has_word(lexicon, &joined) {
                let whole = Token { span: token.span.start..next.span.end, ..token.clone() };
                words.push(Word::new(&whole, &joined));
                at += 1;
                continue;
            }
        }
        push_parts(&mut words, token, lexicon, index);
    }
    resolve(&mut words, lexicon, index);
    words
}

/// The words of a text in plain spelling, whatever the shop sells.
pub(super) fn plain(text: &str, lexicon: &Lexicon) -> Vec<Word> {
    let with_base = |token: &Token| {
        let mut word = Word::new(token, &token.text);
        word.base = lexicon.resolve(&token.text).to_owned();
        word
    };
    tokens(text).iter().map(with_base).collect()
}

/// Pushes a word, or the two words that were typed as one.
fn push_parts(words: &mut Vec<Word>, token: &Token, lexicon: &Lexicon, index: &CatalogIndex) {
    let text = token.text.as_str();
    let known = index.has_word(lexicon, text) || lexicon.is_common(lexicon.resolve(text));
    let parts = if known || lexicon.numbers.words.contains_key(text) || lexicon.units.contains_key(text) {
        None
    } else {
        one_of_a_unit(text, lexicon)
            .or_else(|| joined_number(text, lexicon))
            .or_else(|| joined_names(text, lexicon, index))
    };
    match parts {
        Some((left, right)) => {
            words.push(Word::new(token, &left));
            words.push(Word::new(token, &right));
        }
        None => words.push(Word::new(token, text)),
    }
}

/// "sebungkus" is one bungkus; only before a listed unit, so that "sepatu" and "sekarang" stay whole.
fn one_of_a_unit(text: &str, lexicon: &Lexicon) -> Option<(String, String)> {
    let unit = text.strip_prefix("se")?;
    (unit.len() > 1 && lexicon.units.contains_key(unit)).then(|| ("satu".to_owned(), unit.to_owned()))
}

/// "duapuluh", "limabelas", "duaratus".
fn joined_number(text: &str, lexicon: &Lexicon) -> Option<(String, String)> {
    let numbers = &lexicon.numbers.words;
    splits(text).find_map(|(left, right)| {
        let digit = matches!(numbers.get(left), Some(NumberWord::Digit(1..)));
        let raises = matches!(numbers.get(right), Some(NumberWord::Teen | NumberWord::Multiplier(_)));
        (digit && raises && right.len() > 2).then(|| (left.to_owned(), right.to_owned()))
    })
}

/// "tehijo", "minyakgoreng": two words of the catalogue without a gap.
fn joined_names(text: &str, lexicon: &Lexicon, index: &CatalogIndex) -> Option<(String, String)> {
    if text.len() < 5 {
        return None;
    }
    splits(text).filter(|(left, right)| left.len() > 1 && right.len() > 1).find_map(|(left, right)| {
        let (plain_left, plain_right) = (lexicon.synonym(left), lexicon.synonym(right));
        index.are_neighbours(plain_left, plain_right).then(|| (left.to_owned(), right.to_owned()))
    })
}

fn splits(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.char_indices().skip(1).map(|(at, _)| text.split_at(at))
}

fn resolve(words: &mut [Word], lexicon: &Lexicon, index: &CatalogIndex) {
    let mut fuzzy_left = MAX_FUZZY;
    for word in words {
        if matches!(word.kind, Kind::Number) {
            word.readings = index.readings(lexicon, &word.text, false);
            continue;
        }
        if word.kind != Kind::Word {
            continue;
        }
        word.base = lexicon.resolve(&word.text).to_owned();
        word.readings = index.readings(lexicon, &word.text, false);
        let known = |text: &str| {
            lexicon.is_common(text)
                || lexicon.numbers.words.contains_key(text)
                || lexicon.units.contains_key(text)
        };
        if !word.readings.is_empty() || known(&word.base) || known(&word.text) || word.base != word.text {
            continue;
        }
        if lexicon.is_spared(&word.text) {
            continue;
        }
        if let Some(base) = undressed(&word.text, lexicon, index) {
            word.readings = index.readings(lexicon, &base, false);
            word.base = lexicon.resolve(&base).to_owned();
            continue;
        }
        // A word of daily life means itself, however much it looks like something that is sold.
        if fuzzy_left == 0 || lexicon.is_everyday(&word.text) {
            continue;
        }
        fuzzy_left -= 1;
        word.readings = index.readings(lexicon, &word.text, true);
        mend(word, lexicon);
    }
}

/// A word without its chat affixes, where what remains is known.
fn undressed(text: &str, lexicon: &Lexicon, index: &CatalogIndex) -> Option<String> {
    let affixes = &lexicon.affixes;
    let known = |rest: &str| {
        rest.len() >= affixes.minimum && (lexicon.is_base(rest) || index.has_word(lexicon, rest))
            || lexicon.numbers.words.contains_key(rest) && rest.len() > affixes.minimum
    };
    let undouble = folded(text);
    if undouble != text && known(&undouble) {
        return Some(undouble);
    }
    let mut singulars = affixes.plurals.iter().filter_map(|ending| text.strip_suffix(ending.as_str()));
    if let Some(singular) =
        singulars.find(|rest| rest.len() >= affixes.minimum && index.has_word(lexicon, rest))
    {
        return Some(singular.to_owned());
    }
    let stems = affixes.suffixes.iter().filter_map(|suffix| text.strip_suffix(suffix.as_str()));
    for stem in stems.chain([text]) {
        if stem != text && known(stem) {
            return Some(stem.to_owned());
        }
        for prefix in &affixes.prefixes {
            if let Some(rest) = stem.strip_prefix(prefix.as_str()).filter(|rest| known(rest)) {
                return Some(rest.to_owned());
            }
        }
    }
    None
}

/// A word with doubled letters folded: "halloo", "maau".
fn folded(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    letters.chunk_by(|a, b| a == b).filter_map(|run| run.first()).collect()
}

/// Makes a cue out of a typo ("pesna"), where no word of the catalogue is as near.
fn mend(word: &mut Word, lexicon: &Lexicon) {
    if word.text.len() < MIN_MENDED_CHARS || word.likeness() >= SAID {
        return;
    }
    let letters: Vec<char> = word.text.chars().collect();
    let near = lexicon
        .mendable
        .iter()
        .filter(|cue| cue.first() == letters.first() && cue.len().abs_diff(letters.len()) <= 2)
        .map(|cue| (likeness(&letters, cue), cue))
        .filter(|(likeness, _)| *likeness >= MENDED)
        .max_by(|a, b| a.0.total_cmp(&b.0));
    if let Some((_, cue)) = near.filter(|(likeness, _)| *likeness > word.likeness()) {
        word.base = cue.iter().collect();
        word.readings.clear();
    }
}
