//! Labels and pieces of texts, as WhatsApp takes them.

use std::collections::BTreeSet;

use crate::channels::measure::{first_division, head, last_division, line, tail, units};

/// A label in one line, of 1 to `max` units.
pub(super) fn label(text: &str, max: usize) -> String {
    let label = line(text, max);
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

/// A text in pieces of at most `max` units, divided at paragraphs, lines, sentences or words; no piece is blank.
pub(super) fn split(text: &str, max: usize) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut rest = text.trim();
    while units(rest) > max {
        // One character at least, so that every round gets further.
        let at = last_division(head(rest, max)).max(rest.chars().next().map_or(0, char::len_utf8));
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
    let over = units(text).saturating_sub(max);
    if over == 0 {
        return ("", text);
    }
    let end = tail(text, over);
    // The end keeps at least half of what it may hold.
    let at = text.len() - end.len() + first_division(end).unwrap_or(0);
    (text[..at].trim_end(), text[at..].trim_start())
}
