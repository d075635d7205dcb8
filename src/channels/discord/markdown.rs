//! Our `*bold*` as the platform's mark-up, with everything else shown as it was written.
//!
//! Names and words of strangers must not become links, headings, mentions or lists, so every character that the
//! platform would read as mark-up is escaped with a backslash. Addresses of the web stand in angle brackets, where
//! nothing in them is mark-up and no preview is drawn. Source: `reference.mdx`, "Message Formatting".

use crate::channels::fit::runs;
use crate::channels::measure::{head, last_division, units};

/// Characters that are mark-up wherever they stand.
const ALWAYS: &[char] = &['\\', '*', '_', '~', '|', '`', '[', ']', '<', '@'];
/// Characters that are mark-up where a line begins: headings, quotes, lists, small print.
const AT_LINE_START: &[char] = &['#', '>', '-', '+'];
/// Characters of addresses beside letters and digits.
const IN_ADDRESS: &str = "-._~:/?#@!$&'()+,;=%";
/// Characters that end a sentence after an address rather than the address.
const AFTER_ADDRESS: &[char] = &['.', ',', ':', ';', '\'', '!', '?', ')'];

/// A text in the platform's mark-up.
pub fn render(text: &str) -> String {
    let mut shown = String::with_capacity(text.len() + text.len() / 8);
    for run in runs(text) {
        let at_line_start = shown.is_empty() || shown.ends_with('\n');
        if run.bold {
            shown.push_str("**");
            // The marks stand before it, so nothing in it begins a line.
            escape(run.text, false, &mut shown);
            shown.push_str("**");
        } else {
            escape(run.text, at_line_start, &mut shown);
        }
    }
    shown
}

fn escape(text: &str, mut at_line_start: bool, shown: &mut String) {
    let mut rest = text;
    let mut digits_at_start = 0;
    while let Some(c) = rest.chars().next() {
        if let Some(length) = address(rest) {
            shown.push('<');
            shown.push_str(&rest[..length]);
            shown.push('>');
            rest = &rest[length..];
            at_line_start = false;
            digits_at_start = 0;
            continue;
        }
        let is_numbered = digits_at_start > 0 && matches!(c, '.' | ')');
        if ALWAYS.contains(&c) || is_numbered || (at_line_start && AT_LINE_START.contains(&c)) {
            shown.push('\\');
        }
        shown.push(c);
        digits_at_start = match c {
            _ if !c.is_ascii_digit() => 0,
            _ if at_line_start || digits_at_start > 0 => digits_at_start + 1,
            _ => 0,
        };
        at_line_start = c == '\n' || (at_line_start && c.is_whitespace());
        rest = &rest[c.len_utf8()..];
    }
}

/// Bytes of the address with which a text begins.
fn address(text: &str) -> Option<usize> {
    let scheme = ["https://", "http://"].into_iter().find(|scheme| text.starts_with(scheme))?;
    let length =
        text.find(|c: char| !c.is_ascii_alphanumeric() && !IN_ADDRESS.contains(c)).unwrap_or(text.len());
    let length = text[..length].trim_end_matches(AFTER_ADDRESS).len();
    (length > scheme.len()).then_some(length)
}

/// Splits a text into pieces that are at most so many UTF-16 units long in the platform's mark-up, between
/// paragraphs, lines, sentences or words where it can. The first piece may be longer than the others. What is left
/// after `max_pieces` is cut.
pub fn split(text: &str, first_units: usize, other_units: usize, max_pieces: usize) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() && pieces.len() < max_pieces {
        let max_units = if pieces.is_empty() { first_units } else { other_units };
        let is_last = pieces.len() + 1 == max_pieces;
        let end = piece(rest, max_units.saturating_sub(usize::from(is_last)));
        let mut shown = render(rest[..end].trim_end());
        rest = rest[end..].trim_start();
        if is_last && !rest.is_empty() {
            shown.push('…');
        }
        pieces.push(shown);
    }
    pieces
}

/// Bytes of the longest good beginning that fits.
fn piece(text: &str, max_units: usize) -> usize {
    let mut raw_units = max_units;
    loop {
        let head = head(text, raw_units);
        let end = if head.len() == text.len() { text.len() } else { last_division(head) };
        let shown = units(&render(text[..end].trim_end()));
        if shown <= max_units || raw_units <= 1 {
            // One character always fits, so that every round gets further.
            return end.max(text.chars().next().map_or(0, char::len_utf8));
        }
        raw_units = (raw_units * max_units / shown).min(raw_units - 1).max(1);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("Total *Rp 50.000*, ya", "Total **Rp 50.000**, ya")]
    #[case("2 * 3 * 4", "2 \\* 3 \\* 4")]
    #[case("# Judul\n> kutip\n- satu\n-# kecil", "\\# Judul\n\\> kutip\n\\- satu\n\\-# kecil")]
    #[case("1. Teh\n12. Kopi 2.5", "1\\. Teh\n12\\. Kopi 2.5")]
    #[case("[klik](https://x.id)", "\\[klik\\](<https://x.id>)")]
    #[case("<@1> <#2> @everyone", "\\<\\@1> \\<#2> \\@everyone")]
    #[case("a_b_c ~~d~~ ||e|| `f`", "a\\_b\\_c \\~\\~d\\~\\~ \\|\\|e\\|\\| \\`f\\`")]
    #[case("lihat https://a.id/x_y_z?q=1.", "lihat <https://a.id/x_y_z?q=1>.")]
    #[case("*https://a.id*", "**<https://a.id>**")]
    #[case("https:// dan http", "https:// dan http")]
    #[case("C:\\toko", "C:\\\\toko")]
    fn what_was_written_is_what_is_shown(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(render(text), expected);
    }

    #[test]
    fn long_texts_break_where_a_reader_would() {
        let pieces = split("Satu dua. Tiga empat. Lima enam tujuh", 24, 24, 9);
        assert_eq!(pieces, ["Satu dua. Tiga empat.", "Lima enam tujuh"]);
        assert_eq!(split("satu\ndua tiga empat", 8, 30, 9), ["satu", "dua tiga empat"]);
        assert_eq!(split("  ", 10, 10, 3), Vec::<String>::new());
        let cut = split("satu dua tiga empat", 10, 10, 1);
        assert_eq!(cut, ["satu dua…"]);
    }

    proptest! {
        #[test]
        fn no_piece_is_too_long_and_nothing_is_lost(text in "(\\PC|[*_\\\\\n ]|https://[a-z*]{0,9}){0,400}") {
            let pieces = split(&text, 60, 40, 10_000);
            for (index, piece) in pieces.iter().enumerate() {
                let max = if index == 0 { 60 } else { 40 };
                prop_assert!(units(piece) <= max);
            }
            let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
            prop_assert_eq!(letters(&pieces.concat()), letters(&text));
        }
    }
}
