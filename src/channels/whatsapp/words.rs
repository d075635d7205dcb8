//! Texts within the platform's bounds: cut, split, and told apart.
//!
//! Meta does not say whether it counts characters or UTF-16 units. Units are never fewer, so they are what is counted.

use std::collections::BTreeSet;

use crate::channels::fit::{clean, clip};

/// Letters that belong to the one before them: no text is cut before these, nor after the first.
const JOINERS: [char; 2] = ['\u{200d}', '\u{fe0f}'];
/// Ends of sentences, where a long text is best divided, with the space that follows them.
const SENTENCE_ENDS: [&str; 4] = [". ", "! ", "? ", "… "];

/// The length of a text as it is counted here.
pub(super) fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

/// A text of at most `max` units, cut where it hurts least.
pub(super) fn cut(text: &str, max: usize) -> String {
    let mut chars = max;
    loop {
        let clipped = clip(text, chars);
        // Few letters take two units, so a few steps are enough; the bound falls with every one.
        let over = units(&clipped).saturating_sub(max);
        if over == 0 {
            return clipped;
        }
        chars = chars.saturating_sub(over.div_ceil(2).max(1));
    }
}

/// A label in one line, of 1 to `max` units.
pub(super) fn label(text: &str, max: usize) -> String {
    let line = clean(text).split_whitespace().collect::<Vec<_>>().join(" ");
    let label = cut(&line, max);
    if label.trim().is_empty() { "…".to_owned() } else { label }
}

/// Labels of at most `max` units, no two alike: the platform refuses doubles.
pub(super) fn labels<'a>(texts: impl Iterator<Item = &'a str>, max: usize) -> Vec<String> {
    let mut seen = BTreeSet::new();
    texts
        .map(|text| {
            let mut unique = label(text, max);
            let mut number = 1;
            while !seen.insert(unique.to_lowercase()) {
                number += 1;
                let suffix = format!(" {number}");
                unique = format!("{}{suffix}", label(text, max.saturating_sub(units(&suffix))));
            }
            unique
        })
        .collect()
}

/// The longest beginning of at most `max` units that does not tear a letter, as a place in bytes.
fn reach(text: &str, max: usize) -> usize {
    let mut taken = 0;
    let mut end = text.len();
    for (at, c) in text.char_indices() {
        taken += c.len_utf16();
        if taken > max {
            end = at;
            break;
        }
    }
    let torn = |end: usize| {
        text[end..].starts_with(JOINERS) || (end < text.len() && text[..end].ends_with(JOINERS[0]))
    };
    let mut whole = end;
    while whole > 0 && torn(whole) {
        whole = text[..whole].char_indices().next_back().map_or(0, |(at, _)| at);
    }
    if whole == 0 { end } else { whole }
}

/// The place of the best division in a stretch: `last` of its kind, or the first.
fn division(text: &str, last: bool) -> Option<usize> {
    let find = |wanted: &str| {
        let at = if last { text.rfind(wanted) } else { text.find(wanted) };
        at.map(|at| at + wanted.len())
    };
    let best = |found: &mut dyn Iterator<Item = usize>| if last { found.max() } else { found.min() };
    find("\n\n")
        .or_else(|| find("\n"))
        .or_else(|| best(&mut SENTENCE_ENDS.iter().filter_map(|end| find(end))))
        .or_else(|| find(" "))
}

/// A text in pieces of at most `max` units, divided at paragraphs, lines, sentences or words; no piece is blank.
pub(super) fn split(text: &str, max: usize) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut rest = text.trim();
    while units(rest) > max {
        let end = reach(rest, max).max(rest.chars().next().map_or(0, char::len_utf8));
        // A division in the first half would leave a stump.
        let half = rest.floor_char_boundary(end / 2);
        let at = division(&rest[half..end], true).map_or(end, |at| half + at);
        pieces.push(rest[..at].trim().to_owned());
        rest = rest[at..].trim_start();
    }
    pieces.push(rest.to_owned());
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

/// A text in two: what goes before, and an end of at most `max` units that is not blank unless the whole is.
pub(super) fn split_end(text: &str, max: usize) -> (&str, &str) {
    let text = text.trim();
    let mut over = units(text).saturating_sub(max);
    if over == 0 {
        return ("", text);
    }
    let mut start = text.len();
    for (at, c) in text.char_indices() {
        if over == 0 && !JOINERS.contains(&c) {
            start = at;
            break;
        }
        over = over.saturating_sub(c.len_utf16());
    }
    // The end keeps at least half of what it may hold.
    let half = text.floor_char_boundary(start + (text.len() - start) / 2);
    let at = division(&text[start..half], false).map_or(start, |at| start + at);
    (text[..at].trim_end(), text[at..].trim_start())
}
