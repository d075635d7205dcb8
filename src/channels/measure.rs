//! Lengths of texts as platforms count them, and the places where a text that is too long is best divided.
//!
//! Telegram counts UTF-16 units (Bot API, `MessageEntity`); Meta and Discord do not say whether they count those or
//! characters. Units are never fewer, so they are what is counted everywhere.

use super::fit::{clean, clip};

/// Letters that belong to the one before them: no text is cut before these, nor after the first.
const JOINERS: [char; 2] = ['\u{200d}', '\u{fe0f}'];
/// Ends of sentences, with the space that follows them where one does.
const SENTENCE_ENDS: [&str; 5] = [". ", "! ", "? ", "… ", "。"];

/// The length of a text.
pub fn units(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// The longest beginning of at most `max_units` that does not tear a letter. A letter that alone is longer is torn
/// rather than lost, but never within a character.
pub fn head(text: &str, max_units: usize) -> &str {
    let mut taken = 0;
    let mut end = text.len();
    for (at, c) in text.char_indices() {
        taken += c.len_utf16();
        if taken > max_units {
            end = at;
            break;
        }
    }
    let mut whole = end;
    while whole > 0 && is_torn(text, whole) {
        whole = text[..whole].char_indices().next_back().map_or(0, |(at, _)| at);
    }
    &text[..if whole == 0 { end } else { whole }]
}

/// Whether a cut at a place in bytes parts what is shown as one letter.
fn is_torn(text: &str, at: usize) -> bool {
    text[at..].starts_with(JOINERS) || (at < text.len() && text[..at].ends_with(JOINERS[0]))
}

/// The shortest end that leaves out at least `over_units` and does not tear a letter.
pub fn tail(text: &str, over_units: usize) -> &str {
    let mut left_out = 0;
    for (at, c) in text.char_indices() {
        if left_out >= over_units && !is_torn(text, at) {
            return &text[at..];
        }
        left_out += c.len_utf16();
    }
    ""
}

/// A text of at most `max_units`, cut where it hurts least, with an ellipsis where it was cut.
pub fn cut(text: &str, max_units: usize) -> String {
    let mut max_chars = max_units;
    loop {
        let clipped = clip(text, max_chars);
        let over = units(&clipped).saturating_sub(max_units);
        if over == 0 {
            return clipped;
        }
        // Few letters take two units, so a few steps are enough; the bound falls with every one.
        max_chars = max_chars.saturating_sub(over.div_ceil(2).max(1));
    }
}

/// A text in one line of at most `max_units`, cut as by [`cut`].
pub fn line(text: &str, max_units: usize) -> String {
    cut(&clean(text).split_whitespace().collect::<Vec<_>>().join(" "), max_units)
}

/// The place in bytes where a stretch of text is divided best, as near to its end as a reader can bear: behind a
/// paragraph, a line, a sentence or a word of its later half, for an earlier one would leave a stump; else its end.
pub fn last_division(stretch: &str) -> usize {
    let half = &stretch[stretch.floor_char_boundary(stretch.len() / 2)..];
    let behind = |mark: &str| half.rfind(mark).map(|at| at + mark.len());
    let sentence = || SENTENCE_ENDS.iter().filter_map(|mark| behind(mark)).max();
    let found = behind("\n\n").or_else(|| behind("\n")).or_else(sentence).or_else(|| behind(" "));
    found.map_or(stretch.len(), |at| stretch.len() - half.len() + at)
}

/// As [`last_division`], but as near to the beginning as can be; nothing where the first half has no place for it.
pub fn first_division(stretch: &str) -> Option<usize> {
    let half = &stretch[..stretch.floor_char_boundary(stretch.len() / 2)];
    let behind = |mark: &str| half.find(mark).map(|at| at + mark.len());
    let sentence = || SENTENCE_ENDS.iter().filter_map(|mark| behind(mark)).min();
    behind("\n\n").or_else(|| behind("\n")).or_else(sentence).or_else(|| behind(" "))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("a🍵", 3, "a🍵")]
    #[case("🍵🍵", 3, "🍵")]
    #[case("🍵", 1, "")]
    #[case("a👩\u{200d}🍳", 4, "a")]
    #[case("a👩\u{200d}🍳", 6, "a👩\u{200d}🍳")]
    #[case("❤\u{fe0f}", 1, "❤")]
    fn a_beginning_ends_between_letters(#[case] text: &str, #[case] max: usize, #[case] expected: &str) {
        assert_eq!(head(text, max), expected);
    }

    #[rstest]
    #[case("🍵🍵🍵", 4, "🍵…")]
    #[case("  teh\n hijau ", 9, "teh hijau")]
    #[case("teh hijau wangi", 11, "teh hijau…")]
    fn a_line_is_cut_between_words(#[case] text: &str, #[case] max: usize, #[case] expected: &str) {
        assert_eq!(line(text, max), expected);
    }

    #[rstest]
    #[case("satu dua tiga lagi\n\nempat\na. b", "satu dua tiga lagi\n\n")]
    #[case("a\n\nsatu dua\ntiga. empat", "a\n\nsatu dua\n")]
    #[case("satu dua. Dua. Tiga empat", "satu dua. Dua. ")]
    #[case("satu dua tiga empat", "satu dua tiga ")]
    #[case("a satuduatigaempat", "a satuduatigaempat")]
    #[case("", "")]
    fn a_text_is_divided_late_and_where_a_reader_would(#[case] text: &str, #[case] first: &str) {
        assert_eq!(&text[..last_division(text)], first);
    }

    #[rstest]
    #[case("satu dua tiga empat", Some("satu "))]
    #[case("satu. dua tiga empat lima", Some("satu. "))]
    #[case("satuduatiga empat", None)]
    fn an_end_begins_early_and_where_a_reader_would(#[case] text: &str, #[case] first: Option<&str>) {
        assert_eq!(first_division(text).map(|at| &text[..at]), first);
    }

    proptest! {
        #[test]
        fn nothing_is_longer_than_asked(text in "(\\PC|[👩🍳\u{200d}\u{fe0f}\n ]){0,60}", max in 0usize..80) {
            prop_assert!(units(head(&text, max)) <= max);
            prop_assert!(units(&cut(&text, max)) <= max);
            prop_assert!(units(&line(&text, max)) <= max);
            prop_assert!(!line(&text, max).contains('\n'));
            prop_assert!(units(tail(&text, max)) <= units(&text).saturating_sub(max));
            prop_assert!(text.starts_with(head(&text, max)) && text.ends_with(tail(&text, max)));
        }

        #[test]
        fn a_division_goes_forward(text in "[a. \n👩。]{1,40}") {
            let at = last_division(&text);
            prop_assert!(at > 0 && text.is_char_boundary(at));
            prop_assert!(first_division(&text).is_none_or(|at| at > 0 && text.is_char_boundary(at)));
        }
    }
}
