//! What each word does in its message: numbers first, then wishes, then what may name a product.

use super::canonical::Kind;
use super::index::{CatalogIndex, Verdict};
use super::intents::Hit;
use super::lexicon::Lexicon;
use super::negation;
use super::numbers::{Amount, ONE, amount, is_phone};
use super::words::{Tag, Word};

/// Words that a wish may have.
const MAX_NOTE_WORDS: usize = 10;
/// A typed word that is at least this like a word of the catalogue may name a product.
const CONTENT: f32 = 0.7;
/// From this amount a number may be a price.
const SMALLEST_PRICE: i64 = 100;
/// From this amount a number beside a smaller one is a price, whatever the catalogue asks.
const SURE_PRICE: i64 = 1_000;
/// Numbers up to this are quantities unless the whole name around them is said.
const SMALL_NUMBER: &str = "12";

/// The numbers of a message, each at its first word; digits inside of names are left to the names.
pub(super) fn amounts(words: &mut [Word], lexicon: &Lexicon, index: &CatalogIndex) -> Vec<Option<Amount>> {
    let mut amounts = vec![None; words.len()];
    let mut at = 0;
    while at < words.len() {
        if words[at].tag == Tag::Open
            && words[at].kind == Kind::Number
            && is_part_of_a_name(words, at, lexicon, index)
        {
            words[at].tag = Tag::Content;
            at += 1;
            continue;
        }
        let Some(found) = number(words, at, lexicon) else {
            at += 1;
            continue;
        };
        // "2-3 porsi": somebody has not decided yet.
        let next = words.get(found.end).filter(|next| next.kind == Kind::Number && next.dashed);
        let other = next.and_then(|_| number(words, found.end, lexicon));
        let found = match other {
            Some(other) if words[at].kind == Kind::Number && other.hundredths > found.hundredths => {
                Amount { end: other.end, range: true, ..found }
            }
            _ => found,
        };
        amounts[at] = Some(found);
        at = found.end.max(at + 1);
    }
    amounts
}

fn number(words: &[Word], at: usize, lexicon: &Lexicon) -> Option<Amount> {
    let word = &words[at];
    if word.tag != Tag::Open {
        return None;
    }
    if let Some(found) = amount(words, at, lexicon) {
        return Some(found);
    }
    // "a dozen", "an order of": the article counts before a unit.
    let one = matches!(word.text.as_str(), "a" | "an")
        && words.get(at + 1).is_some_and(|next| lexicon.units.contains_key(&next.text));
    one.then_some(Amount {
        end: at + 1,
        hundredths: super::numbers::ONE,
        thousands: false,
        street: false,
        range: false,
    })
}

/// "Aqua 600 ml", "Kopi 3in1": the number stands beside the same word in a name.
fn is_part_of_a_name(words: &[Word], at: usize, lexicon: &Lexicon, index: &CatalogIndex) -> bool {
    let word = &words[at];
    if word.readings.is_empty() {
        return false;
    }
    let plain = |at: usize| lexicon.synonym(&words[at].text);
    let after = at > 0 && index.are_neighbours(plain(at - 1), &word.text);
    let before = at + 1 < words.len() && index.are_neighbours(&word.text, plain(at + 1));
    let is_small =
        word.text.len() < SMALL_NUMBER.len() || (word.text.len() == 2 && word.text.as_str() <= SMALL_NUMBER);
    if !is_small {
        return after || before;
    }
    // A small number is more often a quantity: it needs its words on both sides, or the full name.
    let from = at.saturating_sub(3);
    // "Sate 10 tusuk 2 porsi": the unit of the name, and another number that counts.
    let next_is_unit = words.get(at + 1).is_some_and(|next| lexicon.units.contains_key(&next.text));
    let counts_after = words[at + 1..]
        .iter()
        .take(2)
        .any(|word| word.kind == Kind::Number || lexicon.numbers.words.contains_key(&word.text));
    (after && before)
        || (before && next_is_unit && counts_after)
        || (from..=at).any(|from| {
            (at + 1..=(at + 4).min(words.len())).any(|to| {
                let name: Vec<&str> = (from..to).map(plain).collect();
                name.len() > 1 && index.is_name(&name)
            })
        })
}

/// Decides what each word does. `amounts` are the numbers by their first word.
pub(super) fn tag(
    words: &mut [Word],
    amounts: &[Option<Amount>],
    hits: &[Hit],
    lexicon: &Lexicon,
    index: &CatalogIndex,
) {
    tag_numbers(words, amounts, lexicon, index);
    tag_units(words, lexicon);
    tag_plain(words, hits, lexicon, index);
    negation::tag(words, lexicon, index);
    tag_wishes(words, amounts, hits, lexicon, index);
}

fn tag_numbers(words: &mut [Word], amounts: &[Option<Amount>], lexicon: &Lexicon, index: &CatalogIndex) {
    for at in 0..words.len() {
        let Some(amount) = amounts[at] else { continue };
        let before = at.checked_sub(1).map(|before| &words[before]);
        let after = words.get(amount.end);
        let has_unit = after.is_some_and(|word| lexicon.units.contains_key(&word.text));
        let is_money = amount.street
            || (amount.thousands && !has_unit)
            || is_price(words, amounts, at, amount, has_unit, index);
        // "isi 5" is a size, unless the word belongs to a name.
        let is_measured = before
            .is_some_and(|word| lexicon.numbers.not_before.contains(&word.text) && word.likeness() < 1.0)
            || after.is_some_and(|word| lexicon.numbers.not_after.contains(&word.text));
        let measure = after.filter(|word| lexicon.numbers.not_after.contains(&word.text)).map(|_| amount.end);
        let is_list_mark = is_list_mark(words, at, amount.end);
        let is_other = is_money
            || is_measured
            || is_list_mark
            || is_phone(&words[at].text)
            || is_pronoun(words, at, lexicon)
            || is_ordinal(words, at, amount.end, lexicon);
        let tag = if is_other { Tag::OtherNumber } else { Tag::Quantity };
        for word in &mut words[at..amount.end] {
            word.tag = tag;
        }
        if let Some(measure) = measure {
            words[measure].tag = Tag::Common;
        }
    }
}

/// "@30000", "500 per biji", "12000 x2": what a piece costs, by the mark or word beside it, by a price of the catalogue, or
/// because another number of the same part counts the pieces.
fn is_price(
    words: &[Word],
    amounts: &[Option<Amount>],
    at: usize,
    amount: Amount,
    has_unit: bool,
    index: &CatalogIndex,
) -> bool {
    let value = amount.hundredths / ONE;
    if value < SMALLEST_PRICE || amount.hundredths % ONE != 0 {
        return false;
    }
    let is_part_end = |word: &Word| matches!(word.kind, Kind::Mark(',' | ';' | '\n' | '.'));
    let before = at.checked_sub(1).map(|before| &words[before]);
    let after = words.get(amount.end);
    let marked = before
        .is_some_and(|word| word.is_mark('@') || matches!(word.base.as_str(), "harga" | "seharga"))
        || after.is_some_and(|word| {
            word.is_mark('/')
                || matches!(
                    word.base.as_str(),
                    "per" | "an" | "perak" | "rupiah" | "satuan" | "apiece" | "each"
                )
        });
    if marked || has_unit {
        return marked;
    }
    let from = words[..at].iter().rposition(is_part_end).map_or(0, |mark| mark + 1);
    let to = words[at..].iter().position(is_part_end).map_or(words.len(), |mark| at + mark);
    let counts_beside = (from..to).any(|other| {
        other != at
            && words[other].tag != Tag::Content
            && amounts[other]
                .is_some_and(|other| other.hundredths >= ONE && other.hundredths < SMALLEST_PRICE * ONE)
    });
    counts_beside && (value >= SURE_PRICE || index.has_price(value))
}

/// "the second one", "that one".
fn is_pronoun(words: &[Word], at: usize, lexicon: &Lexicon) -> bool {
    let before = at.checked_sub(1).map(|before| &words[before]);
    words[at].text == "one"
        && before.is_some_and(|word| {
            matches!(word.text.as_str(), "the" | "this" | "that" | "which")
                || lexicon.numbers.ordinals.contains_key(&word.text)
                || lexicon.size(&word.base).is_some()
        })
}

/// "1." or "2)" where a line begins.
fn is_list_mark(words: &[Word], at: usize, end: usize) -> bool {
    let begins = at == 0 || words[at - 1].is_mark('\n');
    begins
        && words.get(end).is_some_and(|word| (word.is_mark('.') || word.is_mark(')')) && word.glued)
        && words.get(end + 1).is_some_and(|word| word.kind != Kind::Mark('\n'))
}

/// "nomor 2", "no. 2", "#2", "yang 2".
pub(super) fn is_ordinal(words: &[Word], at: usize, end: usize, lexicon: &Lexicon) -> bool {
    let mut before = at;
    while before > 0 && words[before - 1].is_mark('.') {
        before -= 1;
    }
    let Some(word) = before.checked_sub(1).map(|before| &words[before]) else { return false };
    if lexicon.numbers.ordinal_before.contains(&word.base)
        || lexicon.numbers.ordinal_before.contains(&word.text)
    {
        return true;
    }
    let ends = words.get(end).is_none_or(|next| next.kind != Kind::Word || lexicon.is_filler(&next.base));
    word.base == "yang" && ends
}

fn tag_units(words: &mut [Word], lexicon: &Lexicon) {
    for at in 0..words.len() {
        if words[at].tag != Tag::Open || !lexicon.units.contains_key(&words[at].text) {
            continue;
        }
        // A unit counts beside its number; elsewhere it is a word like any other.
        let beside =
            |at: Option<usize>| at.and_then(|at| words.get(at)).is_some_and(|word| word.tag == Tag::Quantity);
        let is_multiplied = |at: usize| words.get(at).is_some_and(|word| word.text == "x");
        if beside(at.checked_sub(1)) || (is_multiplied(at + 1) && beside(Some(at + 2))) {
            words[at].tag = Tag::Unit;
        }
    }
}

fn tag_plain(words: &mut [Word], hits: &[Hit], lexicon: &Lexicon, index: &CatalogIndex) {
    // A word of daily life beside a number is what somebody asks for and we may not have ("2 buku").
    let is_counted: Vec<bool> = (0..words.len())
        .map(|at| {
            let counts =
                |word: Option<&Word>| word.is_some_and(|word| matches!(word.tag, Tag::Quantity | Tag::Unit));
            counts(words.get(at + 1)) || counts(at.checked_sub(1).and_then(|before| words.get(before)))
        })
        .collect();
    for (at, word) in words.iter_mut().enumerate() {
        if word.tag != Tag::Open || word.kind != Kind::Word {
            continue;
        }
        let in_phrase = hits.iter().any(|hit| hit.words.len() > 1 && hit.words.contains(&at));
        let either =
            |set: &std::collections::HashSet<String>| set.contains(&word.base) || set.contains(&word.text);
        let is_exact = word.likeness() >= 1.0;
        let is_known = lexicon.is_common(&word.base)
            || lexicon.is_common(&word.text)
            || lexicon.units.contains_key(&word.text);
        let tag = if in_phrase {
            Tag::Common
        } else if is_exact && is_known {
            Tag::Weak
        } else if is_exact {
            Tag::Content
        } else if either(&lexicon.each) {
            Tag::Each
        } else if either(&lexicon.separators) {
            Tag::Separator
        } else if lexicon.is_filler(&word.base) || lexicon.is_filler(&word.text) {
            Tag::Filler
        } else if is_known
            || (!is_counted[at]
                && word.readings.is_empty()
                && lexicon.is_everyday(&word.text)
                && !index.names_category(lexicon.synonym(&word.text)))
        {
            Tag::Common
        } else {
            Tag::Content
        };
        word.tag = tag;
    }
    // "teh yang hijau", "cup of tea": the joint belongs to the name on both sides.
    for at in 1..words.len().saturating_sub(1) {
        let joint = matches!(words[at].base.as_str(), "yang" | "of") && words[at].tag == Tag::Common;
        if joint && words[at - 1].tag == Tag::Content && words[at + 1].tag == Tag::Content {
            words[at].tag = Tag::Weak;
        }
    }
}

fn tag_wishes(
    words: &mut [Word],
    amounts: &[Option<Amount>],
    hits: &[Hit],
    lexicon: &Lexicon,
    index: &CatalogIndex,
) {
    let mut at = 0;
    while at < words.len() {
        let Some(opener) = opener(words, at, hits, lexicon, index) else {
            at += 1;
            continue;
        };
        let after = at + opener;
        // "ayam geprek pakai es teh": one more product. "jangan pakai gula" and "tanpa es" are wishes, whatever else the
        // shop sells; what refuses a product was found before.
        let always_wish = matches!(
            words[at].base.as_str(),
            "tanpa" | "without" | "less" | "tidak" | "jangan" | "no" | "not"
        );
        if !always_wish && names_a_product(words, after, 1, index) {
            for word in &mut words[at..after] {
                word.tag = Tag::Separator;
            }
            at = after;
            continue;
        }
        let end = wish_end(words, amounts, after, index);
        if end == after && words[at].base != "pedas" {
            at += 1;
            continue;
        }
        for word in &mut words[at..end] {
            word.tag = Tag::Note;
        }
        at = end;
    }
    tag_lone_wishes(words, lexicon);
}

/// How many words open a wish here, or none.
fn opener(words: &[Word], at: usize, hits: &[Hit], lexicon: &Lexicon, index: &CatalogIndex) -> Option<usize> {
    if words[at].kind != Kind::Word
        || !matches!(words[at].tag, Tag::Common | Tag::Content | Tag::Weak | Tag::Filler | Tag::Separator)
    {
        return None;
    }
    let phrase = lexicon.note_openers.iter().find(|phrase| {
        phrase.len() <= words.len() - at
            && phrase.iter().zip(&words[at..]).all(|(part, word)| part == &word.base || part == &word.text)
    })?;
    let in_cue = hits.iter().any(|hit| {
        hit.words.start == at && hit.words.len() > 1 && hit.words.len() >= phrase.len() && !hit.numbered
    });
    let after = at + phrase.len();
    let in_name = after < words.len()
        && index.are_neighbours(lexicon.synonym(&words[after - 1].text), lexicon.synonym(&words[after].text));
    let has_item_before =
        words[..at].iter().any(|word| matches!(word.tag, Tag::Content | Tag::Weak | Tag::Quantity));
    let refuses = matches!(
        phrase[0].as_str(),
        "jangan" | "tanpa" | "no" | "without" | "tidak" | "less" | "not" | "hold"
    );
    let is_ordinal = words.get(after).is_some_and(|word| word.tag == Tag::OtherNumber) && phrase[0] == "no";
    // "Not 3 but 2 teas", "rather not the 2 teas": a number or goods are refused, and nothing is wished.
    let next = if words.get(after).is_some_and(|word| word.base == "the") { after + 1 } else { after };
    let is_number = phrase.len() == 1
        && phrase[0] == "not"
        && words.get(next).is_some_and(|word| matches!(word.tag, Tag::Quantity | Tag::OtherNumber));
    (!in_cue && !in_name && !is_ordinal && !is_number && (refuses || has_item_before)).then_some(phrase.len())
}

/// Whether a product stands here that would be taken without a question.
pub(super) fn names_a_product(words: &[Word], at: usize, shortest: usize, index: &CatalogIndex) -> bool {
    let run: Vec<&Word> = words[at.min(words.len())..]
        .iter()
        .take_while(|word| matches!(word.tag, Tag::Content | Tag::Weak))
        .take(5)
        .collect();
    (shortest..=run.len()).rev().any(|length| {
        let run = &run[..length];
        if length == 1 && run[0].tag == Tag::Weak || run[0].likeness() < CONTENT {
            return false;
        }
        let texts: Vec<&str> = run.iter().map(|word| word.text.as_str()).collect();
        let readings: Vec<&[super::index::Reading]> = run.iter().map(|word| word.readings.as_slice()).collect();
        matches!(index.verdict(&texts, &readings), Verdict::Accept(fit) if fit.exact || (length > 1 && fit.score >= 0.75))
    })
}

fn wish_end(words: &[Word], amounts: &[Option<Amount>], from: usize, index: &CatalogIndex) -> usize {
    let mut at = from;
    while at < words.len() && at < from + MAX_NOTE_WORDS {
        let word = &words[at];
        let is_level = at > 0 && words[at - 1].base == "level";
        let stops = match word.tag {
            Tag::Quantity => !is_level,
            Tag::Separator => {
                let next = at + 1;
                next >= words.len() || amounts[next].is_some() || names_a_product(words, next, 1, index)
            }
            Tag::Content | Tag::Weak => at > from && names_a_product(words, at, 1, index),
            Tag::Filler => at == from,
            Tag::Span | Tag::Negation => true,
            _ => matches!(word.kind, Kind::Mark(_) | Kind::Emoji),
        };
        if stops {
            break;
        }
        at += 1;
    }
    while at > from && matches!(words[at - 1].tag, Tag::Filler | Tag::Separator) {
        at -= 1;
    }
    at
}

/// "ayam geprek pedas", "es teh 2 manis": a taste after an item, where no name has the word.
fn tag_lone_wishes(words: &mut [Word], lexicon: &Lexicon) {
    for at in 1..words.len() {
        let word = &words[at];
        let is_taste =
            lexicon.note_alone.contains(&word.text) && word.tag == Tag::Content && word.readings.is_empty();
        let follows =
            matches!(words[at - 1].tag, Tag::Content | Tag::Weak | Tag::Quantity | Tag::Unit | Tag::Note);
        if is_taste && follows {
            words[at].tag = Tag::Note;
        }
    }
}
