//! Which products are named, how many of each, and with what wish.

use super::canonical::Kind;
use super::index::{CatalogIndex, Fit, Reading, Verdict};
use super::intents::Hit;
use super::lexicon::Lexicon;
use super::numbers::{Amount, ONE};
use super::words::{Tag, Word};
use super::{Ambiguous, Item, attach, evidence};
use crate::domain::catalog::Catalog;
use crate::domain::customer::Language;
use crate::domain::ids::ProductId;

/// Words of one name.
const MAX_WINDOW: usize = 6;
/// Words of one group that are looked at together; longer groups are cut.
const MAX_RUN: usize = 16;
/// What naming one more product costs, so that one long name beats two short ones.
const WINDOW_COST: f32 = 0.3;
/// What leaving out a word costs.
const SKIP_COST: f32 = 0.25;
/// What a part of a name costs when other words stand beside it: "teh hijau premium" is not two products.
const FRAGMENT_COST: f32 = 0.6;
/// From this score a name is sure although words beside it fit nothing.
const SURE: f32 = 0.8;
/// Items of one message; what follows is not read.
const MAX_ITEMS: usize = 30;
/// Characters of words that are asked about or not known.
const MAX_TEXT_CHARS: usize = 60;

/// What a group of words came to, for people who ask why.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Window {
    pub(super) words: std::ops::Range<usize>,
    pub(super) verdict: Verdict,
}

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) items: Vec<Item>,
    pub(super) ambiguous: Vec<Ambiguous>,
    pub(super) unknown: Vec<String>,
    pub(super) refused: Vec<Item>,
    /// Words of goods that are refused and fit several products, or none.
    pub(super) refused_ambiguous: Vec<Ambiguous>,
    pub(super) refused_unknown: Vec<String>,
    pub(super) note: Option<String>,
    /// The first number that no product took, in hundredths.
    pub(super) number: Option<i64>,
    pub(super) windows: Vec<Window>,
    pub(super) category: Option<String>,
    pub(super) remarks: Vec<String>,
    /// Products of `items` with a number that is no number of pieces (0, a half), and the words they came in.
    pub(super) odd: Vec<(ProductId, String)>,
    /// Whether a number goes with a product.
    pub(super) counted: bool,
    /// Whether a number goes with words that fit no product.
    pub(super) counted_unknown: bool,
    /// Whether there are words that fit no product at all.
    pub(super) has_unknown_words: bool,
}

/// The parts of a message in their order.
#[derive(Debug)]
pub(super) enum Part {
    Product(Product),
    Quantity { hundredths: i64, unit: Option<(String, i64)>, taken: bool },
    Note(std::ops::Range<usize>),
    Each,
    Break,
}

#[derive(Debug)]
pub(super) struct Product {
    pub(super) window: Window,
    pub(super) quantity: Option<i64>,
    pub(super) unit: Option<String>,
    pub(super) note: Option<String>,
    pub(super) refused: bool,
    /// Whether no word of it is said as the catalogue has it.
    pub(super) alike: bool,
    /// Whether it only looks like an order.
    pub(super) dropped: bool,
    pub(super) variant: Option<crate::domain::ids::VariantId>,
}

/// Finds the products of a tagged message.
pub(super) fn find(
    text: &str,
    words: &[Word],
    amounts: &[Option<Amount>],
    hits: &[Hit],
    (lexicon, index, catalog): (&Lexicon, &CatalogIndex, &Catalog),
) -> Found {
    let mut found = Found::default();
    let mut parts = parts(words, amounts, lexicon, index, &mut found);
    for part in &mut parts {
        if let Part::Product(product) = part {
            let name = &words[product.window.words.clone()];
            product.refused = name.first().is_some_and(|word| word.refused);
            let texts: Vec<&str> = name.iter().map(|word| word.text.as_str()).collect();
            if let Verdict::Accept(fit) = &product.window.verdict
                && fit.variant.is_none()
            {
                product.variant = index.variant_told(lexicon, &fit.product, &texts);
            }
            let plain: Vec<&str> = texts.iter().map(|text| lexicon.synonym(text)).collect();
            product.alike = !is_said(name)
                && !matches!(&product.window.verdict, Verdict::Accept(fit) if fit.exact)
                && index.category(&plain).is_none();
        }
    }
    attach::variants(&mut parts, words, lexicon, index);
    attach::notes(&mut parts, text, words, &mut found);
    attach::quantities(&mut parts);
    found.remarks.extend(evidence::gate(&mut parts, words, hits, lexicon));
    for part in parts {
        match part {
            Part::Product(product) if product.dropped => {}
            Part::Product(product) => settle(product, text, words, catalog, &mut found),
            Part::Quantity { hundredths, unit, taken: false } if found.number.is_none() => {
                let pieces = unit.map_or(1, |(_, pieces)| pieces);
                found.number = Some(hundredths.saturating_mul(pieces));
            }
            _ => {}
        }
    }
    found
}

fn parts(
    words: &[Word],
    amounts: &[Option<Amount>],
    lexicon: &Lexicon,
    index: &CatalogIndex,
    found: &mut Found,
) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let word = &words[at];
        let begins = at;
        at += 1;
        match word.tag {
            Tag::Content | Tag::Weak => {
                while at < words.len()
                    && at - begins < MAX_RUN
                    && matches!(words[at].tag, Tag::Content | Tag::Weak)
                {
                    at += 1;
                }
                run(words, begins..at, lexicon, index, &mut parts, found);
            }
            Tag::Quantity => {
                let Some(amount) = amounts[begins] else { continue };
                at = amount.end;
                // "satu-satu": one of each.
                if words.get(at).is_some_and(|next| next.tag == Tag::Quantity && next.text == word.text) {
                    at += 1;
                    parts.push(Part::Each);
                }
                if words.get(at).is_some_and(|word| word.text == "x") {
                    at += 1;
                }
                // "half a dozen"
                let article = usize::from(words.get(at).is_some_and(|word| word.text == "a"));
                let unit = words.get(at + article).filter(|word| {
                    word.tag == Tag::Unit || (article == 1 && lexicon.units.contains_key(&word.text))
                });
                let unit = unit.and_then(|word| lexicon.units.get(&word.text));
                if unit.is_some() {
                    at += 1 + article;
                }
                let sold_so = unit.is_some_and(|unit| index.has_word(lexicon, &unit.name));
                let unit = unit.map(|unit| (unit.name.clone(), if sold_so { 1 } else { unit.pieces }));
                // A number that is not decided is asked about as one that cannot be sold.
                let hundredths = if amount.range { ONE / 2 } else { amount.hundredths };
                parts.push(Part::Quantity { hundredths, unit, taken: false });
            }
            Tag::Note => {
                while words.get(at).is_some_and(|word| word.tag == Tag::Note) {
                    at += 1;
                }
                parts.push(Part::Note(begins..at));
            }
            Tag::Each => parts.push(Part::Each),
            Tag::Separator | Tag::Negation | Tag::Span => parts.push(Part::Break),
            // "@30000" is a price, "@2" so many of each.
            _ if word.is_mark('@') && words.get(at).is_some_and(|next| next.tag == Tag::Quantity) => {
                parts.push(Part::Each);
            }
            _ if word.is_mark('@') => {}
            _ if matches!(word.kind, Kind::Mark(mark) if !matches!(mark, '(' | ')')) => {
                parts.push(Part::Break)
            }
            _ => {}
        }
    }
    parts
}

/// Cuts a group of words into names: the dearest way to read it, by dynamic programming over windows.
fn run(
    words: &[Word],
    range: std::ops::Range<usize>,
    lexicon: &Lexicon,
    index: &CatalogIndex,
    parts: &mut Vec<Part>,
    found: &mut Found,
) {
    let has_strong = range.clone().any(|at| words[at].tag == Tag::Content);
    let plain: Vec<&str> = range.clone().map(|at| lexicon.synonym(&words[at].text)).collect();
    let counts = |word: Option<&Word>| word.is_some_and(|word| word.tag == Tag::Quantity);
    let is_counted = counts(words.get(range.end))
        || counts(range.start.checked_sub(1).and_then(|before| words.get(before)));
    let may_name = range.len() > 1 && is_counted;
    if !has_strong && !may_name && !index.is_name(&plain) {
        // Words that also mean something else name a product only with their whole name.
        return;
    }
    if let Some(fits) = index.category(&plain).filter(|_| !index.is_name(&plain)) {
        found.category = Some(plain.join(" "));
        if !fits.is_empty() {
            // "1 kopi" where the shop has several: which of them is a question, not a visit to the shelf.
            let window = Window { words: range, verdict: Verdict::Ask(fits) };
            parts.push(Part::Product(Product::new(window)));
        }
        return;
    }
    let length = range.len();
    // best[i]: the value of reading everything from i on, and the window that begins there.
    let mut best: Vec<(f32, usize, Option<Window>)> = vec![(0.0, 0, None); length + 1];
    for from in (0..length).rev() {
        let skipped = if words[range.start + from].tag == Tag::Weak { 0.0 } else { SKIP_COST };
        best[from] = (best[from + 1].0 - skipped, 1, None);
        for to in from + 1..=(from + MAX_WINDOW).min(length) {
            let window = range.start + from..range.start + to;
            let Some((value, window)) = worth(words, window, length, index) else { continue };
            let value = value + best[to].0;
            if value > best[from].0 {
                best[from] = (value, to - from, Some(window));
            }
        }
    }
    doubt(&mut best, words, &range);
    let mut at = 0;
    let mut unknown: Option<std::ops::Range<usize>> = None;
    while at < length {
        let (_, step, window) = &best[at];
        let begins = range.start + at;
        if let Some(window) = window {
            flush(&mut unknown, parts);
            parts.push(Part::Product(Product::new(window.clone())));
        } else if words[begins].tag == Tag::Content {
            let from = unknown.take().map_or(begins, |open| open.start);
            unknown = Some(from..begins + 1);
        }
        at += (*step).max(1);
    }
    flush(&mut unknown, parts);
}

/// "kopi luwak" where the shop has another coffee: a part of a name beside words that fit nothing is asked about.
fn doubt(best: &mut [(f32, usize, Option<Window>)], words: &[Word], range: &std::ops::Range<usize>) {
    let is_unknown = |at: usize| words[range.start + at].tag == Tag::Content;
    let mut steps: Vec<usize> = Vec::new();
    let mut at = 0;
    while at < range.len() {
        steps.push(at);
        at += best[at].1.max(1);
    }
    for (position, &at) in steps.iter().enumerate() {
        let stray =
            |step: Option<&usize>| step.is_some_and(|step| best[*step].2.is_none() && is_unknown(*step));
        let beside = stray(position.checked_sub(1).and_then(|before| steps.get(before)))
            || stray(steps.get(position + 1));
        let Some(Window { words: window, verdict: Verdict::Accept(fit) }) = &best[at].2 else { continue };
        if !beside || fit.exact || (window.len() > 1 && fit.score >= SURE) {
            continue;
        }
        let asked = Window { words: window.clone(), verdict: Verdict::Ask(vec![fit.clone()]) };
        let next = steps.get(position + 1).copied();
        best[at].2 = Some(asked);
        // The words after it are part of the question, not a product of their own.
        if let Some(next) = next.filter(|next| best[*next].2.is_none()) {
            let end = range.start + next + 1;
            if let Some(window) = &mut best[at].2 {
                window.words.end = end;
            }
            best[at].1 = next + 1 - at;
        }
    }
}

fn flush(unknown: &mut Option<std::ops::Range<usize>>, parts: &mut Vec<Part>) {
    if let Some(words) = unknown.take() {
        parts.push(Part::Product(Product::new(Window { words, verdict: Verdict::Nothing })));
    }
}

/// What reading a window as one name is worth.
fn worth(
    words: &[Word],
    window: std::ops::Range<usize>,
    run: usize,
    index: &CatalogIndex,
) -> Option<(f32, Window)> {
    let group = &words[window.clone()];
    let edges = [group.first()?, group.last()?];
    if edges.iter().any(|word| word.readings.is_empty()) {
        return None;
    }
    let only_weak = group.iter().all(|word| word.tag == Tag::Weak);
    let named: Vec<&Word> =
        group.iter().filter(|word| word.tag != Tag::Weak || !word.readings.is_empty()).collect();
    let texts: Vec<&str> = named.iter().map(|word| word.text.as_str()).collect();
    let readings: Vec<&[Reading]> = named.iter().map(|word| word.readings.as_slice()).collect();
    let verdict = index.verdict(&texts, &readings);
    // A word that is only like a name is no name: it may be asked about, by the words around it.
    let verdict = match verdict {
        Verdict::Accept(fit) if !is_said(group) && !fit.exact => Verdict::Ask(vec![fit]),
        verdict => verdict,
    };
    let top = match &verdict {
        Verdict::Accept(fit) => fit,
        Verdict::Ask(fits) => fits.first()?,
        Verdict::Nothing => return None,
    };
    if only_weak && !top.exact && !(named.len() > 1 && top.all_said) {
        return None;
    }
    let is_fragment = group.len() == 1 && run > 1 && !top.exact;
    let size = f32::from(u8::try_from(named.len()).unwrap_or(u8::MAX));
    let value = top.score * size - WINDOW_COST - if is_fragment { FRAGMENT_COST } else { 0.0 };
    Some((value, Window { words: window, verdict }))
}

/// Whether some word of a name is said as the catalogue has it: one of its own, or all of several.
fn is_said(name: &[Word]) -> bool {
    let exact = |word: &Word| word.likeness() >= 1.0;
    name.iter().any(|word| word.tag == Tag::Content && exact(word))
        || (name.len() > 1 && name.iter().all(exact))
}

impl Product {
    fn new(window: Window) -> Self {
        Self {
            window,
            quantity: None,
            unit: None,
            note: None,
            refused: false,
            alike: false,
            dropped: false,
            variant: None,
        }
    }

    pub(super) fn accepted(&self) -> Option<&Fit> {
        match &self.window.verdict {
            Verdict::Accept(fit) => Some(fit),
            _ => None,
        }
    }
}

/// Whole pieces, where the number is some.
pub(super) fn pieces(hundredths: i64) -> Option<u32> {
    let whole = (hundredths >= ONE && hundredths % ONE == 0).then_some(hundredths / ONE)?;
    // A number past all sense stays past all sense; the cart says how many there can be.
    Some(u32::try_from(whole).unwrap_or(u32::MAX).min(999_999_999))
}

fn settle(product: Product, text: &str, words: &[Word], catalog: &Catalog, found: &mut Found) {
    let range = product.window.words.clone();
    let said: String = match (words.get(range.start), words.get(range.end.wrapping_sub(1))) {
        (Some(first), Some(last)) => text.get(first.span.start..last.span.end).unwrap_or_default(),
        _ => "",
    }
    .chars()
    .take(MAX_TEXT_CHARS)
    .collect();
    found.windows.push(product.window.clone());
    let whole = product.quantity.and_then(pieces);
    if let (Some(hundredths), None) = (product.quantity, whole) {
        found.remarks.push(format!("no number of pieces: {}", decimal(hundredths)));
    }
    if found.items.len() + found.ambiguous.len() + found.unknown.len() >= MAX_ITEMS {
        return;
    }
    let is_unknown = product.window.verdict == Verdict::Nothing;
    found.has_unknown_words |= is_unknown;
    found.counted |= whole.is_some() && !product.refused;
    found.counted_unknown |= is_unknown && whole.is_some() && !product.refused;
    match &product.window.verdict {
        Verdict::Accept(fit) => {
            let Some(entry) = catalog.product(&fit.product) else { return };
            let variant = fit.variant.clone().or(product.variant).filter(|id| entry.variant(id).is_some());
            let item = Item {
                product: fit.product.clone(),
                name: entry.full_name(variant.as_ref()).get(Language::Id).to_owned(),
                variant,
                quantity: whole.unwrap_or(1),
                quantity_said: whole.is_some(),
                unit: product.unit,
                note: product.note,
                score: thousandths(fit.score),
            };
            if product.quantity.is_some() && whole.is_none() {
                found.odd.push((item.product.clone(), said));
            }
            if product.refused { found.refused.push(item) } else { add(&mut found.items, item) }
        }
        Verdict::Ask(fits) => {
            let candidates: Vec<_> = fits
                .iter()
                .map(|fit| fit.product.clone())
                .filter(|id| catalog.product(id).is_some())
                .collect();
            if !candidates.is_empty() {
                let asked = Ambiguous { text: said, candidates, quantity: whole.unwrap_or(1) };
                let list = if product.refused { &mut found.refused_ambiguous } else { &mut found.ambiguous };
                list.push(asked);
            }
        }
        Verdict::Nothing if product.refused => found.refused_unknown.push(said),
        Verdict::Nothing => found.unknown.push(said),
    }
}

/// The same thing named twice with the same wish is one item.
fn add(items: &mut Vec<Item>, item: Item) {
    let same = items.iter_mut().find(|other| {
        other.product == item.product && other.variant == item.variant && other.note == item.note
    });
    match same {
        Some(other) if other.quantity_said && item.quantity_said => {
            other.quantity = other.quantity.saturating_add(item.quantity);
        }
        Some(other) if item.quantity_said => *other = item,
        Some(_) => {}
        None => items.push(item),
    }
}

fn thousandths(score: f32) -> u32 {
    // Scores lie between 0 and 1.
    (score.clamp(0.0, 1.0) * 1000.0).round() as u32
}

/// Hundredths as people write them.
pub(super) fn decimal(hundredths: i64) -> String {
    if hundredths % ONE == 0 {
        (hundredths / ONE).to_string()
    } else {
        format!("{}.{:02}", hundredths / ONE, hundredths.abs() % ONE)
    }
}
