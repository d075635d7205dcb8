//! What a message wants: the weighted rules of the lexicon, with the evidence for the outcome.

use std::collections::BTreeMap;
use std::ops::Range;

use super::canonical::Kind;
use super::lexicon::{Condition, Lexicon, Rule};
use super::numbers::Amount;
use super::words::{Tag, Word};
use super::{Expectation, Intent};

/// From this weight an intent is taken.
const TAKEN: i32 = 10;
/// Weight of a product with a number.
const ITEM_WITH_QUANTITY: i32 = 20;
/// Weight of several products, or of a wish for one, without a cue.
const ITEMS_LISTED: i32 = 18;
/// Weight of a lone product name: the person looks for it.
const ITEM_ALONE: i32 = 15;
/// Weight of a place in a list.
const ORDINAL: i32 = 50;
/// Weight of an order number.
const ORDER_NUMBER: i32 = 55;
/// Words of politeness that may stand inside of a phrase.
const MAX_FILLERS_INSIDE: usize = 2;

/// A phrase of a rule that was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hit {
    pub(super) rule: usize,
    pub(super) words: Range<usize>,
    /// Whether the phrase holds a number.
    pub(super) numbered: bool,
}

/// What of the message the rules' conditions look at.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// Products found, asked about or not known.
    pub(super) items: usize,
    /// Products found or asked about.
    pub(super) known_items: usize,
    pub(super) with_quantity: bool,
    pub(super) with_note: bool,
    pub(super) number: bool,
    pub(super) ordinal: bool,
    pub(super) unknown_words: bool,
    pub(super) order_number: bool,
    pub(super) question: bool,
    pub(super) category: bool,
}

/// Every phrase that is said, whatever the conditions of its rule.
pub(super) fn hits(words: &[Word], amounts: &[Option<Amount>], lexicon: &Lexicon) -> Vec<Hit> {
    let mut hits = Vec::new();
    for at in 0..words.len() {
        if words[at].tag == Tag::Span {
            continue;
        }
        let mut keys = vec![words[at].base.as_str()];
        if words[at].text != words[at].base {
            keys.push(words[at].text.as_str());
        }
        if amounts[at].is_some() {
            keys.push("NUMBER");
        }
        for (rule, phrase) in keys.iter().filter_map(|key| lexicon.starts.get(*key)).flatten() {
            let phrase = &lexicon.rules[*rule].phrases[*phrase];
            if let Some(end) = said(phrase, words, amounts, at, lexicon) {
                let numbered = phrase.iter().any(|word| word == "NUMBER");
                hits.push(Hit { rule: *rule, words: at..end, numbered });
            }
        }
    }
    hits
}

/// Where a phrase that begins at a word ends, if it is said there.
pub(super) fn said(
    phrase: &[String],
    words: &[Word],
    amounts: &[Option<Amount>],
    at: usize,
    lexicon: &Lexicon,
) -> Option<usize> {
    let mut here = at;
    for (position, part) in phrase.iter().enumerate() {
        let mut fillers = 0;
        loop {
            let word = words.get(here).filter(|word| word.tag != Tag::Span)?;
            if part == "NUMBER" {
                if let Some(amount) = amounts[here] {
                    here = amount.end;
                    break;
                }
            } else if &word.base == part || &word.text == part {
                here += 1;
                break;
            }
            // "eh salah, 3": a comma may stand before the number.
            let passes = lexicon.is_filler(&word.base) || (part == "NUMBER" && word.is_mark(','));
            if position == 0 || fillers == MAX_FILLERS_INSIDE || !passes {
                return None;
            }
            fillers += 1;
            here += 1;
        }
    }
    Some(here)
}

/// The intent with what speaks for it, and the hits that counted.
pub(super) fn decide(
    words: &[Word],
    hits: &[Hit],
    facts: &Facts,
    expectation: &Expectation,
    lexicon: &Lexicon,
) -> (Intent, Vec<String>, Vec<Hit>) {
    let holding: Vec<&Hit> =
        hits.iter().filter(|hit| holds(&lexicon.rules[hit.rule], hit, words, hits, facts, lexicon)).collect();
    let mut weights: BTreeMap<Intent, i32> = BTreeMap::new();
    let mut reasons: Vec<(Intent, String)> = Vec::new();
    let mut counted: Vec<Hit> = Vec::new();
    for hit in &holding {
        let inside = |other: &&Hit| {
            other.words.len() > hit.words.len()
                && other.words.start <= hit.words.start
                && other.words.end >= hit.words.end
        };
        if holding.iter().any(inside) || counted.iter().any(|other| other.rule == hit.rule) {
            continue;
        }
        let rule = &lexicon.rules[hit.rule];
        *weights.entry(rule.intent).or_default() += rule.weight;
        let said: Vec<&str> = words[hit.words.clone()].iter().map(|word| word.text.as_str()).collect();
        reasons.push((rule.intent, format!("{}: \"{}\" +{}", rule.name, said.join(" "), rule.weight)));
        counted.push((*hit).clone());
    }
    for (intent, reason, weight) in features(facts, expectation) {
        *weights.entry(intent).or_default() += weight;
        reasons.push((intent, format!("{reason} +{weight}")));
    }
    let best = weights.iter().max_by(|a, b| a.1.cmp(b.1).then(b.0.cmp(a.0)));
    let intent = best.filter(|(_, weight)| **weight >= TAKEN).map_or(Intent::None, |(intent, _)| *intent);
    let evidence = reasons.into_iter().filter(|(of, _)| *of == intent).map(|(_, reason)| reason).collect();
    (intent, evidence, counted)
}

/// What speaks for an intent besides cue words.
fn features(facts: &Facts, expectation: &Expectation) -> Vec<(Intent, &'static str, i32)> {
    let mut features = Vec::new();
    if facts.items > 0 && facts.with_quantity {
        features.push((Intent::Order, "a product with a number", ITEM_WITH_QUANTITY));
    } else if facts.known_items > 1 {
        features.push((Intent::Order, "several products", ITEMS_LISTED));
    } else if facts.known_items == 1 && facts.with_note {
        features.push((Intent::Order, "a product with a wish", ITEMS_LISTED));
    } else if facts.known_items == 1 {
        features.push((Intent::Browse, "a product by its name", ITEM_ALONE));
    } else if facts.category {
        features.push((Intent::Browse, "a category by its name", ITEM_ALONE));
    }
    if facts.order_number {
        features.push((Intent::OrderStatus, "an order number", ORDER_NUMBER));
    }
    if facts.ordinal && facts.items == 0 && !facts.unknown_words {
        features.push((Intent::Choose, "a place in a list", ORDINAL));
    }
    if let Expectation::Choices(_) = expectation
        && facts.number
        && !facts.ordinal
        && facts.items == 0
        && !facts.unknown_words
    {
        features.push((Intent::Choose, "a number while choices are open", ITEM_ALONE));
    }
    features
}

fn holds(rule: &Rule, hit: &Hit, words: &[Word], hits: &[Hit], facts: &Facts, lexicon: &Lexicon) -> bool {
    rule.when.iter().all(|condition| match condition {
        Condition::Item => facts.items > 0,
        Condition::NoItem => facts.items == 0,
        Condition::Quantity => facts.with_quantity,
        Condition::NoQuantity => !facts.with_quantity,
        Condition::Number => facts.number,
        Condition::NoNumber => !facts.number,
        Condition::Question => facts.question,
        Condition::Ordinal => facts.ordinal,
        Condition::Alone => facts.items == 0 && !facts.number && is_alone(rule, hit, words, hits, lexicon),
        Condition::First => words[..hit.words.start].iter().all(|word| word.tag == Tag::Filler),
    })
}

/// Whether everything of substance in the message speaks for the rule's intent, greetings and thanks after it aside:
/// "boleh, makasih" is a yes, "makasih ya" is not.
fn is_alone(rule: &Rule, hit: &Hit, words: &[Word], hits: &[Hit], lexicon: &Lexicon) -> bool {
    let thanks_first = hits.iter().any(|other| {
        lexicon.rules[other.rule].intent == Intent::Thanks && other.words.start < hit.words.start
    });
    if thanks_first {
        return false;
    }
    words.iter().enumerate().all(|(at, word)| {
        let by = |hit: &Hit| {
            let intent = lexicon.rules[hit.rule].intent;
            hit.words.contains(&at)
                && (intent == rule.intent || matches!(intent, Intent::Greet | Intent::Thanks))
        };
        !matches!(word.kind, Kind::Word | Kind::Number) || word.tag == Tag::Filler || hits.iter().any(by)
    })
}
