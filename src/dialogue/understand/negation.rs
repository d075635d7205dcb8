//! What is not wanted: words of refusing and of taking out, and the part of the sentence that they govern.

use super::canonical::Kind;
use super::index::{CatalogIndex, Reading, Verdict};
use super::lexicon::Lexicon;
use super::tags::names_a_product;
use super::words::{Tag, Word};

/// Words between a word of refusing and the product that it refuses ("jangan masukin dulu ya yang teh hijau").
const MAX_BETWEEN: usize = 6;
/// Words that wish something away where a product stands before them, and refuse a product where none does.
const WISHES: [&str; 3] = ["tanpa", "without", "less"];

/// Marks the words of every product that is refused, and numbers that are ("2 bukan 3").
pub(super) fn tag(words: &mut [Word], lexicon: &Lexicon, index: &CatalogIndex) {
    let phrases = &lexicon.negations;
    let mut at = 0;
    while at < words.len() {
        if words[at].kind != Kind::Word || words[at].tag == Tag::Span {
            at += 1;
            continue;
        }
        let meant = phrases.not.said(words, at);
        let refuses = phrases.refuse.said(words, at).max(phrases.remove.said(words, at));
        let after = phrases.after.said(words, at);
        if let Some(end) = meant.filter(|meant| refuses.is_none_or(|refuses| refuses <= *meant)) {
            // "Jangan lupa": says nothing of its own.
            for word in &mut words[at..end] {
                if word.tag == Tag::Content && word.readings.is_empty() {
                    word.tag = Tag::Filler;
                }
            }
            at = end;
        } else if let Some(end) = refuses.filter(|end| refuse(words, at, *end, lexicon, index)) {
            at = end;
        } else if let Some(end) = after.filter(|end| refuse_before(words, at, *end)) {
            at = end;
        } else {
            at += 1;
        }
    }
}

fn ends_part(word: &Word) -> bool {
    matches!(word.kind, Kind::Mark(mark) if !matches!(mark, '(' | ')' | '\'' | ':'))
}

fn part_end(words: &[Word], from: usize) -> usize {
    words[from..].iter().position(ends_part).map_or(words.len(), |at| from + at)
}

fn is_number(word: &Word) -> bool {
    matches!(word.tag, Tag::Quantity | Tag::OtherNumber)
}

fn is_content(word: &Word) -> bool {
    matches!(word.tag, Tag::Content | Tag::Weak)
}

/// Whether a product, or words that several products share, stands here by its own words.
fn is_product(words: &[Word], at: usize, index: &CatalogIndex) -> bool {
    let run: Vec<&Word> = words[at..].iter().take_while(|word| is_content(word)).take(5).collect();
    (1..=run.len()).rev().any(|length| {
        let run = &run[..length];
        if !run.iter().any(|word| word.tag == Tag::Content && word.likeness() >= 1.0) {
            return false;
        }
        let texts: Vec<&str> = run.iter().map(|word| word.text.as_str()).collect();
        let readings: Vec<&[Reading]> = run.iter().map(|word| word.readings.as_slice()).collect();
        match index.verdict(&texts, &readings) {
            Verdict::Accept(fit) => fit.all_said || fit.exact,
            Verdict::Ask(fits) => fits.first().is_some_and(|fit| fit.all_said),
            Verdict::Nothing => false,
        }
    })
}

/// Refuses the products after a word of refusing, to the end of their part of the sentence. False when none follows.
fn refuse(words: &mut [Word], at: usize, end: usize, lexicon: &Lexicon, index: &CatalogIndex) -> bool {
    let stop = part_end(words, end);
    let item_before = words[..at].iter().any(|word| matches!(word.tag, Tag::Content | Tag::Quantity));
    let is_wish = item_before && end == at + 1 && WISHES.contains(&words[at].base.as_str());
    let mut first = end;
    // "The 2 oolong": an article before a number is part of no name.
    let is_article = |at: usize| words[at].tag == Tag::Weak && words.get(at + 1).is_some_and(is_number);
    while first < stop && first - end < MAX_BETWEEN && (!is_content(&words[first]) || is_article(first)) {
        // "Bukan 3 tapi 2 teh hijau" refuses the number alone.
        if lexicon.negations.turns.said(words, first).is_some() && words[end..first].iter().any(is_number) {
            return drop_number(words, at, end, first);
        }
        first += 1;
    }
    // Articles that could be part of a name ("the") stand before it.
    while first < stop && words[first].tag == Tag::Weak && words.get(first + 1).is_some_and(is_content) {
        first += 1;
    }
    if first >= stop || !is_content(words.get(first).unwrap_or(&words[at])) {
        return drop_number(words, at, end, stop);
    }
    // "2 teas, no sugar" wishes, "2 teas, not the matcha cookies" refuses: beside an item it takes a name of several words.
    let is_close = item_before && end == at + 1;
    let named = if is_wish {
        false
    } else if is_close && matches!(words[at].base.as_str(), "jangan" | "no" | "not") {
        names_a_product(words, first, 2, index)
    } else {
        // Whoever counts it means goods, also by a part of their name.
        let is_counted = words[end..first].iter().any(is_number);
        is_product(words, first, index) || (is_counted && names_a_product(words, first, 1, index))
    };
    if !named {
        return false;
    }
    let mut scope = first;
    let mut seen = false;
    while scope < stop {
        let word = &words[scope];
        let turns = lexicon.negations.turns.said(words, scope).is_some();
        if seen && turns && !is_content(word) {
            break;
        }
        seen |= is_content(word);
        scope += 1;
    }
    for word in &mut words[at..end] {
        word.tag = Tag::Negation;
    }
    for word in &mut words[end..scope] {
        word.refused = true;
    }
    true
}

/// "Lele 2 bukan 3": a number that is refused counts nothing.
fn drop_number(words: &mut [Word], at: usize, end: usize, stop: usize) -> bool {
    let counts = words[at].base == "bukan" || words[at].base == "not";
    let mut here = end;
    while counts && here < stop && words[here].tag == Tag::Quantity {
        words[here].tag = Tag::OtherNumber;
        here += 1;
    }
    here > end
}

/// Whether one number is refused for another: "bukan 3 tapi 2 teh hijau".
pub(super) fn corrects_number(words: &[Word], lexicon: &Lexicon) -> bool {
    let refused = |at: usize| {
        matches!(words[at].base.as_str(), "bukan" | "not")
            && words.get(at + 1).is_some_and(|next| next.tag == Tag::OtherNumber)
    };
    (0..words.len()).filter(|at| refused(*at)).any(|at| {
        let stop = part_end(words, at);
        (at + 2..stop).any(|turn| lexicon.negations.turns.said(words, turn).is_some())
    })
}

/// "Teh hijaunya ga jadi": refuses the product before, where nothing but particles follows in the same part of the sentence.
fn refuse_before(words: &mut [Word], at: usize, end: usize) -> bool {
    let stop = part_end(words, end);
    let is_last = words[end..stop].iter().all(|word| word.tag == Tag::Filler || word.kind != Kind::Word);
    if !is_last {
        return false;
    }
    let mut from = at;
    let mut found = false;
    while from > 0 && !ends_part(&words[from - 1]) {
        let word = &words[from - 1];
        let joins = word.tag == Tag::Separator && matches!(word.base.as_str(), "dan" | "sama" | "and");
        let passes = match word.tag {
            Tag::Content | Tag::Weak => true,
            // Numbers and units beside it; behind it they belong to what stands before.
            Tag::Quantity | Tag::Unit => true,
            Tag::Filler | Tag::Common => !found || word.base == "yang",
            Tag::Separator => joins,
            _ => false,
        };
        if !passes {
            break;
        }
        found |= is_content(word);
        from -= 1;
    }
    if !found {
        return false;
    }
    // "Soto 2 es teh ga jadi": of several products without a joint only the last one goes.
    let from = last_name(words, from, at);
    for word in &mut words[from..at] {
        word.refused = true;
    }
    for word in &mut words[at..end] {
        word.tag = Tag::Negation;
    }
    true
}

/// Where the last product before a word begins, taking in what a joint ties to it.
fn last_name(words: &[Word], from: usize, at: usize) -> usize {
    let mut here = at;
    let mut named = false;
    while here > from {
        let word = &words[here - 1];
        let ends_other = named && matches!(word.tag, Tag::Quantity | Tag::Unit);
        let is_leading = ends_other && (here - 1 == from || words[here - 2].tag == Tag::Separator);
        if ends_other && !is_leading {
            break;
        }
        named |= is_content(word);
        if word.tag == Tag::Separator {
            named = false;
        }
        here -= 1;
    }
    here
}
