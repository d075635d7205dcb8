//! One thing in the place of another: which of the two that are named goes, and which comes.

use super::items::Found;
use super::words::{Tag, Word};

/// "ga jadi teh hijau, teh putih aja 2": what has no number goes, what has one comes.
pub(super) fn replaces(found: &mut Found) -> bool {
    let wanted = found.items.iter().position(|item| item.quantity_said);
    let Some(wanted @ 1..) = wanted else { return false };
    found.refused.extend(found.items.drain(..wanted));
    true
}

/// Words that ask for one thing in the place of another, and those between the two.
const EXCHANGE: &[&str] = &["ganti", "diganti", "tukar", "ditukar", "change", "swap", "replace", "switch"];
const INSTEAD: &[&str] = &["jadi", "dengan", "sama", "ke", "pakai", "to", "with", "for", "into", "by"];

/// "ganti teh hijau jadi teh putih": the first goes, the second comes.
pub(super) fn exchanges(words: &[Word], found: &mut Found) -> bool {
    let is_one_of = |word: &Word, list: &[&str]| list.contains(&word.base.as_str());
    let Some(verb) = words.iter().position(|word| is_one_of(word, EXCHANGE)) else { return false };
    let is_whole = found.ambiguous.is_empty() && found.unknown.is_empty() && found.refused.is_empty();
    // "Ganti 3 teh putih": a number between the two belongs to what comes.
    if let ([goes, comes], [first, second]) = (found.items.as_mut_slice(), found.windows.as_slice())
        && goes.quantity_said
        && !comes.quantity_said
        && (first.words.end..second.words.start).any(|at| words[at].tag == Tag::Quantity)
    {
        (comes.quantity, comes.quantity_said) = (goes.quantity, true);
        (goes.quantity, goes.quantity_said) = (1, false);
    }
    if !is_whole || found.items.len() != 2 || found.items[0].quantity_said {
        return false;
    }
    // "Teh hijau ditukar teh putih": a verb between the two needs no other word.
    let stands_between =
        found.windows.len() == 2 && found.windows[0].words.end <= verb && verb < found.windows[1].words.start;
    if !stands_between && !words[verb + 1..].iter().any(|word| is_one_of(word, INSTEAD)) {
        return false;
    }
    found.refused.push(found.items.remove(0));
    true
}
