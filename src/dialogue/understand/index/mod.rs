//! A catalogue prepared for matching, and how well words fit a name in it.

mod twins;
mod variants;

use std::collections::{HashMap, HashSet};

use super::canonical::{Kind, tokens};
use super::lexicon::Lexicon;
use super::similar::{jaccard, likeness, trigrams};
use crate::domain::catalog::{Catalog, Product};
use crate::domain::customer::Language;
use crate::domain::ids::{ProductId, VariantId};

/// Words of a name that are looked at.
const MAX_NAME_WORDS: usize = 10;
/// Below this likeness two words have nothing to do with each other.
const MIN_LIKENESS: f32 = 0.6;
/// From this likeness a word is taken as said.
pub(super) const SAID: f32 = 0.8;
/// Names that are scored for one group of words, those with most of their weight matched first.
const MAX_SCORED: usize = 48;
/// Vocabulary words that one typed word may stand for.
const MAX_READINGS: usize = 12;
/// What an unused word of the message costs, as a share of its weight.
const UNUSED_TYPED: f32 = 0.8;
/// What an unused word of the name costs.
const UNUSED_NAME: f32 = 0.35;
/// Share of the trigrams in a score.
const TRIGRAM_SHARE: f32 = 0.25;
/// What a group of words scores at least when all of them are said of one product only.
const TELLING: f32 = 0.72;
/// What a name gains whose first word is the first that was typed: "teh" is a tea before it is a strainer for tea.
const HEAD: f32 = 0.03;
/// From this score a product is taken.
pub(super) const ACCEPT: f32 = 0.60;
/// The lead over the next product that taking it needs.
pub(super) const MARGIN: f32 = 0.10;
/// From this score a product is asked about.
pub(super) const ASK: f32 = 0.50;
/// Products that are asked about at once.
const MAX_CANDIDATES: usize = 5;
/// Products that the name of a category asks about; the person chose none of them, so they are shown as on a shelf.
const MAX_OF_CATEGORY: usize = 30;

/// A catalogue prepared for matching; built once per change of the catalogue and shared by all turns.
#[derive(Debug)]
pub struct CatalogIndex {
    words: Vec<Word>,
    lookup: HashMap<String, u32>,
    names: Vec<Name>,
    products: Vec<Entry>,
    /// Canonical names of categories, each with the numbers of its products.
    categories: Vec<(Vec<String>, Vec<u32>)>,
    /// What single pieces cost, in whole rupiah.
    prices: HashSet<i64>,
    /// Weight of a word that no name has.
    unknown_weight: f32,
}

#[derive(Debug)]
struct Word {
    letters: Vec<char>,
    /// Other spellings of it that stand in names ("keripik", "kripik"), and how alike they are.
    twins: Vec<Reading>,
    /// One bit per letter that occurs, to skip hopeless comparisons.
    letter_set: u32,
    weight: f32,
    names: Vec<u32>,
}

/// One way to name a product or one of its variants.
#[derive(Debug)]
struct Name {
    product: u32,
    variant: Option<u32>,
    words: Vec<u32>,
    trigrams: Vec<u64>,
}

#[derive(Debug)]
struct Entry {
    id: ProductId,
    /// The words of its own names, which tell no variant from another.
    words: HashSet<String>,
    variants: Vec<VariantEntry>,
}

#[derive(Debug)]
struct VariantEntry {
    id: VariantId,
    names: Vec<Vec<String>>,
}

/// A vocabulary word for which a typed word may stand, and how alike they are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Reading {
    word: u32,
    pub(super) likeness: f32,
}

/// A product that some words fit.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Fit {
    pub(super) product: ProductId,
    pub(super) variant: Option<VariantId>,
    pub(super) score: f32,
    pub(super) exact: bool,
    /// Whether every typed word is said in the name.
    pub(super) all_said: bool,
}

/// What a group of words comes to.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Verdict {
    Accept(Fit),
    Ask(Vec<Fit>),
    Nothing,
}

impl CatalogIndex {
    /// Prepares a catalogue.
    pub fn new(catalog: &Catalog) -> Self {
        let mut index = Self {
            words: Vec::new(),
            lookup: HashMap::new(),
            names: Vec::new(),
            products: Vec::new(),
            categories: Vec::new(),
            prices: HashSet::new(),
            unknown_weight: 1.0,
        };
        let Ok(lexicon) = Lexicon::shipped() else { return index };
        for product in &catalog.products {
            index.add(lexicon, product);
        }
        for category in &catalog.categories {
            let numbered = (0u32..).zip(&catalog.products);
            let of_it = numbered.filter(|(_, product)| product.category.as_ref() == Some(&category.id));
            let products: Vec<u32> = of_it.map(|(number, _)| number).take(MAX_OF_CATEGORY).collect();
            for text in Language::ALL.map(|language| category.name.get(language)) {
                index.categories.push((canonical_words(lexicon, text), products.clone()));
            }
        }
        index.pair();
        index.weigh();
        index
    }

    fn add(&mut self, lexicon: &Lexicon, product: &Product) {
        let number = u32::try_from(self.products.len()).unwrap_or(u32::MAX);
        self.prices.insert(product.price.whole());
        self.prices
            .extend(product.variants.iter().filter_map(|variant| variant.price).map(|price| price.whole()));
        let mut base: Vec<Vec<String>> = Language::ALL
            .iter()
            .map(|language| canonical_words(lexicon, product.name.get(*language)))
            .collect();
        let words = base.iter().flatten().cloned().collect();
        base.extend(product.aliases.iter().map(|alias| canonical_words(lexicon, alias)));
        base.sort();
        base.dedup();
        let mut variants = Vec::new();
        for words in &base {
            self.name(number, None, words);
        }
        if let Some(sku) = &product.sku {
            self.name(number, None, &canonical_words(lexicon, sku));
        }
        for (position, variant) in (0..).zip(&product.variants) {
            let names = variants::names(lexicon, variant);
            for words in &names {
                for words_of_product in &base {
                    let full: Vec<String> = words_of_product.iter().chain(words).cloned().collect();
                    self.name(number, Some(position), &full);
                }
            }
            if let Some(sku) = &variant.sku {
                self.name(number, Some(position), &canonical_words(lexicon, sku));
            }
            variants.push(VariantEntry { id: variant.id.clone(), names });
        }
        self.products.push(Entry { id: product.id.clone(), words, variants });
    }

    fn name(&mut self, product: u32, variant: Option<u32>, words: &[String]) {
        if words.is_empty() {
            return;
        }
        let name = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        let mut ids = Vec::new();
        for text in words.iter().take(MAX_NAME_WORDS) {
            let id = *self.lookup.entry(text.clone()).or_insert_with(|| {
                let letters: Vec<char> = text.chars().collect();
                let letter_set = letter_set(&letters);
                self.words.push(Word {
                    letters,
                    twins: Vec::new(),
                    letter_set,
                    weight: 1.0,
                    names: Vec::new(),
                });
                u32::try_from(self.words.len() - 1).unwrap_or(u32::MAX)
            });
            if !ids.contains(&id) {
                ids.push(id);
                self.words[id as usize].names.push(name);
            }
        }
        self.names.push(Name { product, variant, words: ids, trigrams: trigrams(&words.concat()) });
    }

    /// Rare words weigh more: they tell products apart.
    fn weigh(&mut self) {
        let all = self.products.len().max(1) as f32;
        for word in &mut self.words {
            let mut products: Vec<u32> =
                word.names.iter().map(|name| self.names[*name as usize].product).collect();
            products.sort_unstable();
            products.dedup();
            word.weight = 1.0 + (all / products.len().max(1) as f32).ln();
        }
        self.unknown_weight = 1.0 + all.ln() / 2.0;
    }

    /// Whether a word stands in a name.
    pub(super) fn has_word(&self, lexicon: &Lexicon, text: &str) -> bool {
        self.lookup.contains_key(lexicon.synonym(text))
    }

    /// Whether a word stands in the name of a category.
    pub(super) fn names_category(&self, word: &str) -> bool {
        self.categories.iter().any(|(name, _)| name.iter().any(|part| part == word))
    }

    /// Whether something costs so many whole rupiah.
    pub(super) fn has_price(&self, whole: i64) -> bool {
        self.prices.contains(&whole)
    }

    /// The products of the category that the words name, in the order of the shelf.
    pub(super) fn category(&self, words: &[&str]) -> Option<Vec<Fit>> {
        let is_named = |(name, _): &&(Vec<String>, _)| name.iter().eq(words);
        let (_, products) = self.categories.iter().find(is_named)?;
        let fit = |number: &u32| Fit {
            product: self.products[*number as usize].id.clone(),
            variant: None,
            score: ASK,
            exact: false,
            all_said: true,
        };
        Some(products.iter().map(fit).collect())
    }

    /// Whether two words stand side by side in a name.
    pub(super) fn are_neighbours(&self, left: &str, right: &str) -> bool {
        let (Some(left), Some(right)) = (self.lookup.get(left), self.lookup.get(right)) else { return false };
        self.words[*left as usize]
            .names
            .iter()
            .any(|name| self.names[*name as usize].words.windows(2).any(|pair| pair == [*left, *right]))
    }

    /// Whether some product is named so, in full.
    pub(super) fn is_name(&self, words: &[&str]) -> bool {
        let Some(ids) =
            words.iter().map(|word| self.lookup.get(*word).copied()).collect::<Option<Vec<u32>>>()
        else {
            return false;
        };
        ids.first().is_some_and(|first| {
            self.words[*first as usize].names.iter().any(|name| self.names[*name as usize].words == ids)
        })
    }

    /// The vocabulary words for which a typed word may stand, the likest first. `fuzzy` also looks for typos.
    pub(super) fn readings(&self, lexicon: &Lexicon, text: &str, fuzzy: bool) -> Vec<Reading> {
        let text = lexicon.synonym(text);
        if let Some(word) = self.lookup.get(text) {
            let own = Reading { word: *word, likeness: 1.0 };
            let twins = self.words[*word as usize].twins.iter().copied();
            return std::iter::once(own).chain(twins).collect();
        }
        if !fuzzy {
            return Vec::new();
        }
        let letters: Vec<char> = text.chars().collect();
        let set = letter_set(&letters);
        let mut readings: Vec<Reading> = (0u32..)
            .zip(&self.words)
            .filter(|(_, word)| {
                consonants_apart(set, word.letter_set) <= 3 || word.letters.starts_with(&letters)
            })
            .map(|(id, word)| Reading { word: id, likeness: likeness(&letters, &word.letters) })
            .filter(|reading| reading.likeness >= MIN_LIKENESS)
            .collect();
        readings.sort_by(|a, b| b.likeness.total_cmp(&a.likeness));
        readings.truncate(MAX_READINGS);
        readings
    }

    /// Decides what a group of words, each with its readings, names.
    pub(super) fn verdict(&self, texts: &[&str], readings: &[&[Reading]]) -> Verdict {
        let fits = self.fits(texts, readings);
        let Some(top) = fits.first() else { return Verdict::Nothing };
        let next = fits.get(1);
        let lead = next.map_or(1.0, |next| top.score - next.score);
        let alone_exact = top.exact && next.is_none_or(|next| !next.exact);
        // Words that several products share name none of them, however much shorter one of the names is.
        let is_shared = top.all_said && fits.iter().skip(1).any(|fit| fit.all_said);
        if alone_exact || (top.score >= ACCEPT && lead >= MARGIN && !is_shared) {
            return Verdict::Accept(top.clone());
        }
        if top.score < ASK && !is_shared {
            return Verdict::Nothing;
        }
        let floor = (top.score - 0.2).max(ASK * 0.8);
        // A word that several names share ("teh") asks about all of them, however long their names are.
        let shared = top.all_said;
        let mut candidates: Vec<Fit> =
            fits.into_iter().filter(|fit| fit.score >= floor || (shared && fit.all_said)).collect();
        candidates.truncate(MAX_CANDIDATES);
        Verdict::Ask(candidates)
    }

    /// The products that fit a group of words, best first, each once.
    fn fits(&self, texts: &[&str], readings: &[&[Reading]]) -> Vec<Fit> {
        let mut matched: HashMap<u32, f32> = HashMap::new();
        for reading in readings.iter().flat_map(|readings| readings.iter()) {
            let word = &self.words[reading.word as usize];
            for name in &word.names {
                *matched.entry(*name).or_default() += word.weight * reading.likeness;
            }
        }
        let mut names: Vec<(u32, f32)> = matched
            .into_iter()
            .map(|(name, weight)| {
                let words = &self.names[name as usize].words;
                (name, weight - 0.01 * words.len() as f32)
            })
            .collect();
        names.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        names.truncate(MAX_SCORED);
        let grams = trigrams(&texts.concat());
        let mut best: Vec<Scored> = Vec::new();
        for (number, _) in names {
            let scored = self.score(number, readings, &grams);
            match best.iter_mut().find(|fit| fit.product == scored.product) {
                // Two variants that fit equally well: the product is meant, the variant is not said.
                Some(fit) if scored.is_level_with(fit) => fit.variant = None,
                Some(fit) if scored.beats(fit) => *fit = scored,
                Some(_) => {}
                None => best.push(scored),
            }
        }
        self.tell_apart(&mut best);
        best.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.product.cmp(&b.product)));
        best.into_iter()
            .filter_map(|scored| {
                let entry = self.products.get(scored.product as usize)?;
                let variant = scored.variant.and_then(|variant| entry.variants.get(variant as usize));
                Some(Fit {
                    product: entry.id.clone(),
                    variant: variant.map(|variant| variant.id.clone()),
                    score: scored.score.clamp(0.0, 1.0),
                    exact: scored.exact,
                    all_said: scored.all_said,
                })
            })
            .collect()
    }

    /// Words that are all said of one product only tell it from the rest, however long its name is.
    fn tell_apart(&self, best: &mut [Scored]) {
        let mut said = best.iter_mut().filter(|fit| fit.all_said);
        let (Some(only), None) = (said.next(), said.next()) else { return };
        only.score = only.score.max(TELLING + (1.0 - TELLING) * only.score);
        let (ceiling, product) = (only.score - MARGIN, only.product);
        for other in best.iter_mut().filter(|fit| fit.product != product) {
            other.score = other.score.min(ceiling);
        }
    }

    fn score(&self, number: u32, readings: &[&[Reading]], grams: &[u64]) -> Scored {
        let name = &self.names[number as usize];
        // Every pair of a typed word and a word of the name, the weightiest first: short lists, so greedy is exact enough.
        let mut pairs: Vec<(usize, usize, f32)> = Vec::new();
        for (typed, readings) in readings.iter().enumerate() {
            for reading in *readings {
                if let Some(at) = name.words.iter().position(|word| *word == reading.word) {
                    pairs.push((typed, at, reading.likeness));
                }
            }
        }
        pairs.sort_by(|a, b| b.2.total_cmp(&a.2));
        let (mut typed_used, mut name_used) = (vec![false; readings.len()], vec![false; name.words.len()]);
        let (mut got, mut whole, mut worst, mut head) = (0.0, 0.0, 1.0f32, 0.0);
        for (typed, at, likeness) in pairs {
            if typed_used[typed] || name_used[at] {
                continue;
            }
            (typed_used[typed], name_used[at]) = (true, true);
            let weight = self.words[name.words[at] as usize].weight;
            got += weight * likeness;
            whole += weight;
            worst = worst.min(likeness);
            if (typed, at) == (0, 0) {
                head = HEAD;
            }
        }
        let mut cost = 0.0;
        for (used, readings) in typed_used.iter().zip(readings) {
            if !used {
                let weight =
                    readings.first().map_or(self.unknown_weight, |r| self.words[r.word as usize].weight);
                cost += UNUSED_TYPED * weight;
            }
        }
        for (used, word) in name_used.iter().zip(&name.words) {
            if !used {
                cost += UNUSED_NAME * self.words[*word as usize].weight;
            }
        }
        let aligned = if whole > 0.0 { got / (whole + cost) } else { 0.0 };
        let all_typed = typed_used.iter().all(|used| *used);
        let all_name = name_used.iter().all(|used| *used);
        let exact = all_typed && all_name && worst >= 1.0;
        let trigram = jaccard(grams, &name.trigrams);
        let score = if exact {
            1.0
        } else {
            aligned * (1.0 - TRIGRAM_SHARE) + trigram.max(aligned * 0.5) * TRIGRAM_SHARE + head
        };
        Scored {
            product: name.product,
            variant: name.variant,
            score,
            exact,
            all_said: all_typed && worst >= SAID,
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Scored {
    product: u32,
    variant: Option<u32>,
    score: f32,
    exact: bool,
    /// Whether every typed word is said in the name.
    all_said: bool,
}

impl Scored {
    fn is_level_with(&self, other: &Scored) -> bool {
        self.variant.is_some()
            && other.variant.is_some()
            && self.variant != other.variant
            && self.all_said == other.all_said
            && (self.score - other.score).abs() < 0.02
    }

    /// A name beats another of the same product by its score; without a clear lead the plain product beats a variant.
    fn beats(&self, other: &Scored) -> bool {
        if self.variant.is_some() != other.variant.is_some() && self.all_said == other.all_said {
            let lead = if self.variant.is_some() { 0.02 } else { -0.02 };
            return self.score > other.score + lead;
        }
        (self.all_said, self.score) > (other.all_said, other.score)
    }
}

/// The words of a name as messages are compared with them.
fn canonical_words(lexicon: &Lexicon, text: &str) -> Vec<String> {
    tokens(text)
        .into_iter()
        .filter(|token| matches!(token.kind, Kind::Word | Kind::Number))
        .map(|token| lexicon.synonym(&token.text).to_owned())
        .collect()
}

fn letter_set(letters: &[char]) -> u32 {
    letters
        .iter()
        .filter(|letter| letter.is_ascii_lowercase())
        .fold(0, |set, letter| set | 1 << (*letter as u32 - 'a' as u32))
}

/// How many consonants stand in one word only, which no likely typo explains when they are many.
fn consonants_apart(a: u32, b: u32) -> u32 {
    const VOWELS: u32 = 1 | 1 << 4 | 1 << 8 | 1 << 14 | 1 << 20;
    ((a ^ b) & !VOWELS).count_ones()
}
