//! What in a message speaks for its meaning and what nothing explains: the gates before anything is ordered.

use std::ops::Range;

use super::Intent;
use super::canonical::Kind;
use super::index::{SAID, Verdict};
use super::intents::Hit;
use super::items::Part;
use super::lexicon::Lexicon;
use super::words::{Tag, Word};

/// Takes back what only looks like an order: products of a part of the sentence in which the words that nothing explains
/// outnumber the others, and words that are only like a name where nothing else orders. Returns why, for people who ask.
pub(super) fn gate(parts: &mut [Part], words: &[Word], hits: &[Hit], lexicon: &Lexicon) -> Vec<String> {
    let named: Vec<Range<usize>> = parts
        .iter()
        .filter_map(|part| match part {
            Part::Product(product) if product.window.verdict != Verdict::Nothing => {
                Some(product.window.words.clone())
            }
            _ => None,
        })
        .collect();
    let mut remarks = Vec::new();
    for part in parts.iter_mut() {
        let Part::Product(product) = part else { continue };
        if product.window.verdict == Verdict::Nothing {
            continue;
        }
        let range = part_of(words, product.window.words.start);
        let weight = weigh(words, &range, &named, hits, lexicon);
        let window = product.window.words.clone();
        let is_counted = product.quantity.is_some();
        let says_all = weight.unknown == 0;
        let likeness = words[window.clone()].iter().map(Word::likeness).fold(1.0, f32::min);
        let is_exact = matches!(&product.window.verdict, Verdict::Accept(fit) if fit.exact);
        // "How many matcha cookies are left?" puts nothing into a cart, whatever stands beside the name.
        let is_asked = is_exact
            && !is_counted
            && hits.iter().any(|hit| {
                range.contains(&hit.words.start)
                    && matches!(lexicon.rules[hit.rule].intent, Intent::AskStock | Intent::AskPrice)
            });
        let why = if weight.unknown > weight.known && !is_asked {
            "words that nothing explains outnumber the others"
        } else if product.alike && !(says_all && (is_counted || (weight.orders && likeness >= SAID))) {
            "only like a name"
        } else if window.len() == 1
            && !is_exact
            && !is_counted
            && weight.unknown > 0
            && product.note.is_none()
        {
            "one word of a name beside words that nothing explains"
        } else {
            continue;
        };
        // Where nothing else is said, the word is asked for and not had: "ada obeng?" is about a screwdriver.
        if product.alike && says_all {
            product.window.verdict = Verdict::Nothing;
        } else {
            product.dropped = true;
        }
        remarks.push(why.to_owned());
    }
    remarks
}

/// The part of the sentence around a word: between marks.
pub(super) fn part_of(words: &[Word], at: usize) -> Range<usize> {
    let ends = |word: &Word| matches!(word.kind, Kind::Mark(',' | '.' | ';' | '?' | '!' | '\n' | ':'));
    let from = words[..at].iter().rposition(ends).map_or(0, |mark| mark + 1);
    let to = words[at..].iter().position(ends).map_or(words.len(), |mark| at + mark);
    from..to
}

#[derive(Debug, Default)]
struct Weight {
    /// Words of names, numbers, units, wishes, and of verbs of ordering.
    known: usize,
    /// Words that nothing explains.
    unknown: usize,
    /// Whether a verb of ordering is said.
    orders: bool,
}

fn weigh(
    words: &[Word],
    range: &Range<usize>,
    named: &[Range<usize>],
    hits: &[Hit],
    lexicon: &Lexicon,
) -> Weight {
    let mut weight = Weight::default();
    for at in range.clone() {
        let word = &words[at];
        if !matches!(word.kind, Kind::Word | Kind::Number) {
            continue;
        }
        let orders = hits.iter().any(|hit| {
            hit.words.contains(&at)
                && matches!(lexicon.rules[hit.rule].intent, Intent::Order)
                && lexicon.rules[hit.rule].weight >= ORDER_VERB
        });
        weight.orders |= orders;
        let is_named = named.iter().any(|name| name.contains(&at));
        match word.tag {
            _ if is_named || orders => weight.known += 1,
            Tag::Quantity | Tag::Unit | Tag::Note | Tag::Each | Tag::Negation => weight.known += 1,
            Tag::Filler | Tag::Separator | Tag::Span | Tag::OtherNumber => {}
            _ if lexicon.is_light(&word.base) || lexicon.is_light(&word.text) => {}
            _ => weight.unknown += 1,
        }
    }
    weight
}

/// Rules of this weight have a verb of ordering.
const ORDER_VERB: i32 = 30;

/// Whether nothing in the message speaks of anything else than its intent.
pub(super) fn is_whole(
    words: &[Word],
    intent: Intent,
    hits: &[Hit],
    named: &[Range<usize>],
    lexicon: &Lexicon,
) -> bool {
    words.iter().enumerate().all(|(at, word)| {
        if !matches!(word.kind, Kind::Word | Kind::Number) {
            return true;
        }
        let by_cue = hits.iter().any(|hit| {
            let of = lexicon.rules[hit.rule].intent;
            hit.words.contains(&at)
                && (of == intent || matches!(of, Intent::Greet | Intent::Thanks | Intent::Affirm))
        });
        let takes_items = matches!(
            intent,
            Intent::Order
                | Intent::Change
                | Intent::Remove
                | Intent::Browse
                | Intent::AskPrice
                | Intent::AskStock
        );
        let is_place = intent == Intent::Choose
            && (word.tag == Tag::OtherNumber
                || lexicon.numbers.ordinals.contains_key(&word.text)
                || lexicon.numbers.ordinal_before.contains(&word.base)
                || word.tag == Tag::Quantity
                || matches!(
                    word.base.as_str(),
                    "one"
                        | "pilih"
                        | "ambil"
                        | "mau"
                        | "pick"
                        | "choose"
                        | "take"
                        | "st"
                        | "nd"
                        | "rd"
                        | "th"
                ));
        let is_item = takes_items
            && (named.iter().any(|name| name.contains(&at))
                || matches!(
                    word.tag,
                    Tag::Quantity | Tag::Unit | Tag::Note | Tag::Each | Tag::Negation | Tag::OtherNumber
                ));
        by_cue
            || is_place
            || is_item
            || matches!(word.tag, Tag::Filler | Tag::Separator)
            || lexicon.is_light(&word.base)
            || lexicon.is_light(&word.text)
    })
}
