//! A notice cut into words, pauses and sums of money. Templates are cut by the same rules, so that the two meet.

use unicode_normalization::UnicodeNormalization as _;

use crate::domain::money::Rupiah;

/// A piece of a notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// A word in lower case. A question mark and a minus before a sum are words of their own.
    Word(String),
    /// The end of a sentence or of a part of one, or of a line.
    Pause,
    /// A sum with its currency; nothing in it where it is no whole amount of rupiah.
    Money(Option<Rupiah>),
}

/// What stands before or behind a sum.
const CURRENCIES: &[&str] = &["rp", "idr"];
/// What may stand behind a sum only.
const CURRENCIES_BEHIND: &[&str] = &["rupiah", "idr"];
/// Words for thousands and millions.
const UNITS: &[&str] = &["rb", "ribu", "jt", "juta"];
/// What ends a part of a sentence at the end of a word.
const PAUSES: &[char] = &['.', ',', ':', ';', '!', '…'];

/// Cuts a text. `abbreviations` are words whose full stop ends no sentence.
pub(super) fn cut(text: &str, abbreviations: &[String]) -> Vec<Token> {
    let clean: String =
        text.nfkc().flat_map(char::to_lowercase).filter(|c| *c == '\n' || !is_invisible(*c)).collect();
    let mut tokens = Vec::new();
    for line in clean.lines() {
        for chunk in line.split_whitespace() {
            cut_chunk(chunk, abbreviations, &mut tokens);
        }
        pause(&mut tokens);
    }
    while tokens.last() == Some(&Token::Pause) {
        tokens.pop();
    }
    join_money(tokens)
}

/// Marks of direction and joining, which nobody sees, and control characters.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

fn pause(tokens: &mut Vec<Token>) {
    if !matches!(tokens.last(), None | Some(Token::Pause)) {
        tokens.push(Token::Pause);
    }
}

fn cut_chunk(chunk: &str, abbreviations: &[String], tokens: &mut Vec<Token>) {
    let is_minus = |c: char| matches!(c, '-' | '−' | '–' | '—');
    let mut chunk = chunk.trim_start_matches(|c: char| !c.is_alphanumeric() && !is_minus(c) && c != '?');
    if let Some(rest) = chunk.strip_prefix(is_minus) {
        let rest = rest.trim_start_matches(|c: char| !c.is_alphanumeric());
        if rest.is_empty() || !(starts_with_digit(rest) || currency(rest).is_some()) {
            pause(tokens);
        } else {
            tokens.push(Token::Word("-".to_owned()));
        }
        chunk = rest;
    } else if chunk.is_empty() {
        pause(tokens);
    }
    let word = chunk.trim_end_matches(|c: char| !c.is_alphanumeric());
    let behind = &chunk[word.len()..];
    if !word.is_empty() {
        tokens.push(Token::Word(word.replace('’', "'")));
    }
    // "Rp49.999,-" is how whole rupiah are written.
    if matches!(behind, ",-" | ".-") && word.ends_with(|c: char| c.is_ascii_digit()) {
        return;
    }
    if behind.contains('?') {
        tokens.push(Token::Word("?".to_owned()));
    } else if behind.contains(PAUSES) && !(behind == "." && abbreviations.iter().any(|known| known == word)) {
        pause(tokens);
    }
}

fn starts_with_digit(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit())
}

/// What stands behind the currency that a word begins with.
fn currency(word: &str) -> Option<&str> {
    CURRENCIES.iter().find_map(|mark| word.strip_prefix(mark)).map(|rest| rest.trim_start_matches(['.', ':']))
}

/// Makes sums out of the words that tell one: `rp49.999`, `rp 49.999`, `idr 50 ribu`, `49.999 rupiah`.
fn join_money(tokens: Vec<Token>) -> Vec<Token> {
    let word = |at: usize| match tokens.get(at) {
        Some(Token::Word(word)) => Some(word.as_str()),
        _ => None,
    };
    let mut joined = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let Token::Word(first) = token else {
            joined.push(token.clone());
            at += 1;
            continue;
        };
        // "Rp. 49.999" and "Rp: 49.999" have a pause in between that means nothing.
        let pause = usize::from(tokens.get(at + 1) == Some(&Token::Pause));
        let (number, mut next) = match currency(first) {
            Some(rest) if starts_with_digit(rest) => (rest, at + 1),
            Some("") => match word(at + 1 + pause) {
                Some(number) if starts_with_digit(number) => (number, at + 2 + pause),
                _ => ("", at + 1),
            },
            _ if starts_with_digit(first)
                && word(at + 1).is_some_and(|mark| CURRENCIES_BEHIND.contains(&mark)) =>
            {
                (first.as_str(), at + 2)
            }
            _ => ("", at + 1),
        };
        if number.is_empty() {
            joined.push(token.clone());
            at += 1;
            continue;
        }
        let unit = word(next).filter(|unit| UNITS.contains(unit));
        next += usize::from(unit.is_some());
        let amount = Rupiah::read(&format!("{number} {}", unit.unwrap_or_default()));
        joined.push(Token::Money(amount.filter(|amount| *amount > Rupiah::ZERO)));
        at = next;
    }
    joined
}
