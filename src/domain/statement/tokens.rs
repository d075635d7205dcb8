//! A notice cut into words, pauses and sums of money. Templates are cut by the same rules, so that the two meet.

use unicode_normalization::UnicodeNormalization as _;

use crate::domain::money::Rupiah;

/// A piece of a notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// A word. A question mark and a minus before a sum are words of their own.
    Word(Word),
    /// The end of a part of a sentence, of a sentence or of a line.
    Pause(End),
    /// A sum with its currency; nothing in it where it is no whole amount of rupiah.
    Money(Option<Rupiah>),
}

/// A word of a notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// In lower case.
    pub(super) text: String,
    /// Written as names are: with a capital letter, or in a script that has none.
    pub(super) is_capital: bool,
}

impl Word {
    fn new(written: &str) -> Self {
        let is_capital = written.chars().any(char::is_uppercase) || !written.chars().any(char::is_lowercase);
        Self { text: written.to_lowercase(), is_capital }
    }
}

/// What a pause ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum End {
    /// A part of a sentence: a comma, a colon, a dash, a bracket.
    Part,
    /// A sentence or a line: who speaks after it may be another.
    Sentence,
}

/// What stands before or behind a sum.
const CURRENCIES: &[&str] = &["rp", "idr"];
/// What may stand behind a sum only.
const CURRENCIES_BEHIND: &[&str] = &["rupiah", "idr"];
/// Words for thousands and millions.
const UNITS: &[&str] = &["rb", "ribu", "jt", "juta"];
/// What ends a part of a sentence at the end of a word.
const PART_ENDS: &[char] = &[',', ':', ')', ']', '}'];
/// What ends a sentence at the end of a word.
const SENTENCE_ENDS: &[char] = &['.', ';', '!', '?', '…'];
/// What begins a remark: what stands in brackets belongs to no name.
const BRACKETS: &[char] = &['(', '[', '{'];
/// Signs at a sum that is no sum that came in: about so much, less than so much, struck through.
const NO_SUM: &[char] = &['±', '~', '≈', '<', '>', '≤', '≥', '×'];
/// Signs of money that is no rupiah.
const FOREIGN: &[char] = &['$', '€', '£', '¥', '₹', '₩'];

/// Cuts a text. `abbreviations` are words whose full stop ends no sentence.
pub(super) fn cut(text: &str, abbreviations: &[String]) -> Vec<Token> {
    let clean: String = text.nfkc().filter(|c| *c == '\n' || !is_invisible(*c)).collect();
    let mut tokens = Vec::new();
    for line in clean.lines() {
        for chunk in line.split_whitespace() {
            cut_chunk(chunk, abbreviations, &mut tokens);
        }
        pause(&mut tokens, End::Sentence);
    }
    while let Some(Token::Pause(_)) = tokens.last() {
        tokens.pop();
    }
    let mut tokens = join_money(tokens);
    // "Rp49.999 x 2" is another sum.
    for at in 1..tokens.len() {
        if matches!(&tokens[at], Token::Word(word) if word.text == "x")
            && matches!(tokens[at - 1], Token::Money(_))
        {
            tokens[at] = Token::Word(Word::new("-"));
        }
    }
    tokens
}

/// Marks of direction and joining, which nobody sees, and control characters.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

/// Adds a pause. Of two in a row the one that ends more stays.
fn pause(tokens: &mut Vec<Token>, end: End) {
    match tokens.last_mut() {
        None => {}
        Some(Token::Pause(before)) => *before = (*before).max(end),
        Some(_) => tokens.push(Token::Pause(end)),
    }
}

fn cut_chunk(chunk: &str, abbreviations: &[String], tokens: &mut Vec<Token>) {
    if chunk == "&" {
        tokens.push(Token::Word(Word::new(chunk)));
        return;
    }
    if chunk.contains(FOREIGN) {
        tokens.push(Token::Money(None));
        return;
    }
    if chunk.starts_with(BRACKETS) {
        pause(tokens, End::Part);
    }
    let is_minus = |c: char| matches!(c, '-' | '−' | '–' | '—');
    let whole = chunk;
    let is_bracketed = chunk.starts_with(BRACKETS);
    let sum = chunk.trim_start_matches(|c: char| !c.is_alphanumeric() && !is_minus(c));
    let is_sum = starts_with_digit(sum) || currency(&sum.to_lowercase()).is_some_and(starts_with_digit);
    let is_marked = is_sum && chunk[..chunk.len() - sum.len()].contains(NO_SUM);
    let mut chunk = chunk.trim_start_matches(|c: char| !c.is_alphanumeric() && !is_minus(c) && c != '?');
    if let Some(rest) = chunk.strip_prefix(is_minus) {
        let rest = rest.trim_start_matches(|c: char| !c.is_alphanumeric());
        if rest.is_empty() || !(starts_with_digit(rest) || currency(&rest.to_lowercase()).is_some()) {
            pause(tokens, End::Part);
        } else {
            tokens.push(Token::Word(Word::new("-")));
        }
        chunk = rest;
    } else if chunk.is_empty() && whole.contains(NO_SUM) {
        tokens.push(Token::Word(Word::new("-")));
    } else if chunk.is_empty() {
        pause(tokens, End::Part);
    }
    let word = chunk.trim_end_matches(|c: char| !c.is_alphanumeric());
    let behind = &chunk[word.len()..];
    if !word.is_empty() {
        tokens.push(Token::Word(Word::new(&word.replace('’', "'"))));
    }
    // "Rp49.999,-" is how whole rupiah are written.
    if matches!(behind, ",-" | ".-") && word.ends_with(|c: char| c.is_ascii_digit()) {
        return;
    }
    // "Rp49.999-" and "(Rp49.999)" are how books write what went out.
    let is_out = behind.starts_with(is_minus) || (is_bracketed && behind.contains(PART_ENDS));
    if is_sum && (is_out || is_marked || behind.contains(NO_SUM)) {
        tokens.push(Token::Word(Word::new("-")));
    }
    if behind.contains('?') {
        tokens.push(Token::Word(Word::new("?")));
    }
    let is_abbreviated = behind == "." && abbreviations.iter().any(|known| *known == word.to_lowercase());
    if behind.contains(SENTENCE_ENDS) && !is_abbreviated {
        pause(tokens, End::Sentence);
    } else if behind.contains(PART_ENDS) {
        pause(tokens, End::Part);
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
        Some(Token::Word(word)) => Some(word.text.as_str()),
        _ => None,
    };
    let mut joined = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let Token::Word(Word { text: first, .. }) = token else {
            joined.push(token.clone());
            at += 1;
            continue;
        };
        // "Rp. 49.999" and "Rp: 49.999" have a pause in between that means nothing.
        let pause = usize::from(matches!(tokens.get(at + 1), Some(Token::Pause(_))));
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
