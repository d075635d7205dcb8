//! From what was typed to tokens: one plain spelling per character, words, numbers and marks with their place in the text.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// Characters of a message that are read; the rest is as if it had not been typed.
pub const MAX_CHARS: usize = 4_000;
/// Tokens of a message that are read.
pub const MAX_TOKENS: usize = 160;
/// Letters of a word that are kept; nothing that anybody sells is longer.
const MAX_WORD_CHARS: usize = 32;
/// From this many equal letters in a row somebody is drawing a word out ("maauuu").
const DRAWN_OUT: usize = 3;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Letters.
    Word,
    /// Digits, with the dots, commas and fraction bars inside of them.
    Number,
    /// One mark: a comma, a line's end, a question mark.
    Mark(char),
    /// A picture character.
    Emoji,
}

/// One token with its place in the text as typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Canonical text: decomposed, without accents, lower case, drawn-out letters cut.
    pub text: String,
    /// Bytes of the original text.
    pub span: Range<usize>,
    /// What it is.
    pub kind: Kind,
    /// Whether it follows the token before without a gap (`2pcs`, `x2`).
    pub glued: bool,
    /// Whether a number has a minus right before it.
    pub negative: bool,
    /// Whether a dash alone stands between it and the token before ("2-3").
    pub dashed: bool,
}

/// The token that is being read.
#[derive(Default)]
struct Reader {
    tokens: Vec<Token>,
    text: String,
    start: usize,
    kind: Option<Kind>,
    negative: bool,
    dashed: bool,
    /// Where the last token ended, to see whether the next one is glued to it.
    end: usize,
}

impl Reader {
    fn finish(&mut self, end: usize) {
        let Some(kind) = self.kind.take() else { return };
        let text = std::mem::take(&mut self.text);
        if self.tokens.len() < MAX_TOKENS {
            let text = if kind == Kind::Word { cut_drawn_out(&text) } else { text };
            let glued = !self.tokens.is_empty() && self.end == self.start;
            let span = self.start..end;
            let (negative, dashed) = (std::mem::take(&mut self.negative), std::mem::take(&mut self.dashed));
            self.tokens.push(Token { text, span, kind, glued, negative, dashed });
        }
        self.end = end;
    }

    fn push(&mut self, kind: Kind, letter: char, at: usize) {
        if self.kind != Some(kind) {
            self.finish(at);
            self.kind = Some(kind);
            self.start = at;
        }
        if self.text.len() < MAX_WORD_CHARS {
            self.text.push(letter);
        }
    }

    fn mark(&mut self, mark: char, at: usize, len: usize) {
        self.finish(at);
        // A row of the same mark ("???", blank lines) says no more than one of it.
        if self.tokens.last().is_some_and(|last| last.kind == Kind::Mark(mark)) {
            return;
        }
        self.kind = Some(Kind::Mark(mark));
        self.start = at;
        self.text.push(mark);
        self.finish(at + len);
    }
}

/// Splits a text into tokens.
pub fn tokens(text: &str) -> Vec<Token> {
    let mut reader = Reader::default();
    let mut previous = ' ';
    let mut chars = text.char_indices().take(MAX_CHARS).peekable();
    let mut last_end = 0;
    while let Some((at, typed)) = chars.next() {
        let next = chars.peek().map_or(' ', |(_, next)| *next);
        last_end = at + typed.len_utf8();
        if reader.tokens.len() >= MAX_TOKENS {
            break;
        }
        read(&mut reader, typed, at, previous, next);
        previous = typed;
    }
    reader.finish(last_end);
    reader.tokens
}

fn read(reader: &mut Reader, typed: char, at: usize, previous: char, next: char) {
    if is_ignorable(typed) {
        return;
    }
    if matches!(typed, '×' | '✕' | '✖') {
        return reader.push(Kind::Word, 'x', at);
    }
    if matches!(typed, '¼' | '½' | '¾') {
        // "2½" is two numbers, not 21/2.
        reader.finish(at);
    }
    if !is_plain_or_letter(typed) {
        reader.finish(at);
        reader.kind = Some(Kind::Emoji);
        reader.start = at;
        reader.text.push(typed);
        return reader.finish(at + typed.len_utf8());
    }
    let typed_plain = as_dash(typed).or_else(|| as_digit(typed)).unwrap_or(typed);
    for letter in std::iter::once(typed_plain).nfkd().flat_map(char::to_lowercase) {
        let in_number = reader.kind == Some(Kind::Number);
        match letter {
            _ if is_combining_mark(letter) => {}
            '0'..='9' => {
                if !in_number && previous == '-' {
                    reader.negative = reader.tokens.last().is_none_or(|last| last.span.end + 1 < at);
                    reader.dashed = !reader.negative;
                }
                reader.push(Kind::Number, letter, at);
            }
            '.' | ',' | '/' if in_number && next.is_ascii_digit() => reader.push(Kind::Number, letter, at),
            '\u{2044}' if in_number => reader.push(Kind::Number, '/', at),
            '\'' | '\u{2019}' | '`' if reader.kind == Some(Kind::Word) => {}
            '-' | '_' | '"' | '*' | '\u{201c}' | '\u{201d}' => reader.finish(at),
            '\n' => reader.mark('\n', at, typed.len_utf8()),
            _ if letter.is_whitespace() || letter.is_control() => reader.finish(at),
            _ if letter.is_alphanumeric() => reader.push(Kind::Word, letter, at),
            _ => reader.mark(letter, at, typed.len_utf8()),
        }
    }
}

/// Characters that nobody sees: joiners, direction marks, variation selectors, skin tones.
pub(super) fn is_ignorable(typed: char) -> bool {
    matches!(typed, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{ad}' | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0000}'..='\u{e0fff}')
}

/// Any dash as the plain one.
pub(super) fn as_dash(typed: char) -> Option<char> {
    let is_dash = matches!(
        typed,
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}' | '\u{2043}'
    );
    is_dash.then_some('-')
}

/// A full-width or Arabic digit as the plain one.
pub(super) fn as_digit(typed: char) -> Option<char> {
    let zero = match typed {
        '\u{ff10}'..='\u{ff19}' => 0xff10,
        '\u{660}'..='\u{669}' => 0x660,
        '\u{6f0}'..='\u{6f9}' => 0x6f0,
        _ => return None,
    };
    char::from_digit(u32::from(typed) - zero, 10)
}

fn is_plain_or_letter(typed: char) -> bool {
    !matches!(typed, '\u{2190}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}')
}

/// Cuts letters that are repeated three times or more to one: "maauuu" becomes "maau".
fn cut_drawn_out(word: &str) -> String {
    let letters: Vec<char> = word.chars().collect();
    let mut out = String::with_capacity(word.len());
    for run in letters.chunk_by(|a, b| a == b) {
        let keep = if run.len() >= DRAWN_OUT { 1 } else { run.len() };
        out.extend(&run[..keep]);
    }
    out
}

/// The canonical form in which a typed answer is compared with a rendered label: decomposed, lower case, letters and
/// digits only, repeated letters folded to one, gaps folded to one space.
pub fn normalise(text: &str) -> String {
    let mut out = String::new();
    let mut gap = false;
    for typed in text.chars().take(MAX_CHARS).filter(|typed| !is_ignorable(*typed)) {
        for letter in std::iter::once(typed).nfkd().flat_map(char::to_lowercase) {
            if is_combining_mark(letter) || matches!(letter, '\'' | '\u{2019}') {
                continue;
            }
            if !letter.is_alphanumeric() {
                gap = true;
                continue;
            }
            if gap && !out.is_empty() {
                out.push(' ');
            }
            if gap || !letter.is_alphabetic() || !out.ends_with(letter) {
                out.push(letter);
            }
            gap = false;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<String> {
        tokens(text).into_iter().map(|token| token.text).collect()
    }

    #[test]
    fn letters_and_digits_part_and_drawn_out_words_are_cut() {
        assert_eq!(texts("Mauuuu 2pcs"), ["mau", "2", "pcs"]);
        assert_eq!(texts("teh x2"), ["teh", "x", "2"]);
        assert_eq!(texts("Ｔｅｈ　２"), ["teh", "2"]);
        assert_eq!(texts("50.000,- ya??"), ["50.000", ",", "ya", "?"]);
        assert_eq!(texts("½ kg"), ["1/2", "kg"]);
        assert_eq!(texts("that's it"), ["thats", "it"]);
    }

    #[test]
    fn spans_point_into_the_text_as_typed() {
        let text = "🍵 Teh Hijàu, 2";
        for token in tokens(text) {
            assert!(!text[token.span.clone()].is_empty());
        }
        let found: Vec<_> = tokens(text).into_iter().map(|token| text[token.span].to_owned()).collect();
        assert_eq!(found, ["🍵", "Teh", "Hijàu", ",", "2"]);
    }

    #[test]
    fn a_minus_counts_only_right_before_a_number() {
        assert!(tokens("pesan -1 teh").iter().any(|token| token.negative));
        assert!(!tokens("- 2 teh\nkode a-1").iter().any(|token| token.negative));
    }

    #[test]
    fn a_typed_answer_equals_its_label_whatever_dresses_it() {
        assert_eq!(normalise("🛒 Lihat Keranjang!"), normalise("lihaat   keranjang"));
        assert_eq!(normalise("Rp25.000"), "rp25 000");
        assert_eq!(normalise(" \u{202e}"), "");
    }
}
