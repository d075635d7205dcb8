//! What is no order whatever stands in it, found before anything is counted: phone numbers, addresses, names of people, and
//! the labelled lines of a form.

use std::ops::Range;

use super::canonical::{Kind, MAX_CHARS, as_dash, as_digit, is_ignorable};
use super::index::CatalogIndex;
use super::lexicon::Lexicon;
use super::words::{Tag, Word};

/// Digits of a phone number with its country code, after E.164.
const PHONE_DIGITS: Range<usize> = 9..16;
/// Digits of an Indonesian number that begins with its 0.
const LOCAL_DIGITS: Range<usize> = 9..14;
/// Digits that are looked at from one place on, so that a row of them is read once and not from each of its digits.
const MAX_DIGITS: usize = 24;
/// From this many digits a number that begins with 08 or 628 is whole, so that a digit that stands apart is no part of it.
const WHOLE_DIGITS: usize = 10;
/// Phone numbers of one message that are looked for.
const MAX_PHONES: usize = 4;
/// Marks and spaces that may stand between two digits of one phone number.
const MAX_GAP: usize = 3;
/// Words of a name that is given.
const MAX_NAME_WORDS: usize = 4;

/// A phone number in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phone {
    /// In the form `+62812…`.
    pub number: String,
    /// Bytes of the text.
    pub span: Range<usize>,
}

/// The phone numbers of a text, wherever they stand and however they are written: with direction marks, spaces, dots, any
/// dash, full-width digits, or as a `wa.me` link.
pub fn phones(text: &str) -> Vec<Phone> {
    let plain = plain(text);
    let mut found = Vec::new();
    let mut at = 0;
    while at < plain.len() && found.len() < MAX_PHONES {
        let (letter, _) = plain[at];
        let inside = at > 0 && (plain[at - 1].0.is_alphanumeric() || plain[at - 1].0 == '+');
        if inside || !(letter.is_ascii_digit() || matches!(letter, '+' | '(')) {
            at += 1;
            continue;
        }
        match phone_at(&plain, at, text.len()) {
            Some((phone, end)) => {
                found.push(phone);
                at = end;
            }
            None => {
                // The rest of this number begins no other one.
                at += 1;
                while at < plain.len() && (plain[at].0.is_ascii_digit() || plain[at - 1].0 == '+') {
                    at += 1;
                }
            }
        }
    }
    found
}

/// The characters of a text as a phone number has them, each with its byte: plain digits, one dash, one space.
fn plain(text: &str) -> Vec<(char, usize)> {
    text.char_indices()
        .take(MAX_CHARS)
        .filter(|(_, typed)| !is_ignorable(*typed) && *typed != '\u{20e3}')
        .map(|(at, typed)| match typed {
            '\u{ff0b}' => ('+', at),
            '\n' => ('\n', at),
            _ if typed.is_whitespace() => (' ', at),
            _ => (as_dash(typed).or_else(|| as_digit(typed)).unwrap_or(typed), at),
        })
        .collect()
}

/// The phone number that begins here, and the character after it.
fn phone_at(plain: &[(char, usize)], from: usize, end_of_text: usize) -> Option<(Phone, usize)> {
    // Groups of digits with what parts them from the group before.
    let mut groups: Vec<(String, bool, usize)> = Vec::new();
    let (mut at, mut gap, mut apart) = (from, 0, false);
    let (mut plus, mut count) = (false, 0);
    while at < plain.len() && count <= MAX_DIGITS {
        let letter = plain[at].0;
        match letter {
            '0'..='9' => {
                let begins = groups.is_empty() || gap > 0;
                if begins {
                    groups.push((String::new(), apart, at));
                }
                if let Some((digits, _, end)) = groups.last_mut() {
                    digits.push(letter);
                    *end = at + 1;
                }
                (gap, apart) = (0, false);
                count += 1;
            }
            '+' if at == from => plus = true,
            ' ' | '-' | '.' | '(' | ')' if gap < MAX_GAP => {
                gap += 1;
                apart |= letter == ' ';
            }
            _ => break,
        }
        at += 1;
    }
    let follows_word = plain.get(at).is_some_and(|(letter, _)| letter.is_alphabetic());
    // The longest row of groups that makes a number, where a short group that stands apart behind a whole number is none of it.
    let mut digits = String::new();
    let mut best = None;
    for (position, (group, apart, end)) in groups.iter().enumerate() {
        let is_whole = digits.len() >= WHOLE_DIGITS && best.is_some();
        let is_last = position + 1 == groups.len();
        let tail = group.len() >= 3 || (group.len() == 2 && is_last && !follows_word);
        if is_whole && *apart && !tail {
            break;
        }
        digits.push_str(group);
        if let Some(number) = international(&digits, plus) {
            best = Some((number, *end));
        }
    }
    let (number, end) = best?;
    // Digits that go on right away make it something else.
    if plain.get(end).is_some_and(|(letter, _)| letter.is_ascii_digit()) {
        return None;
    }
    let to = plain.get(end).map_or(end_of_text, |(_, byte)| *byte);
    Some((Phone { number, span: plain[from].1..to }, end))
}

/// Digits as `+62812…`, where they begin as a phone number does: `+`, `00`, `62` and an 8 or a trunk 0, or 0 and an area.
fn international(digits: &str, plus: bool) -> Option<String> {
    let full = if plus {
        digits.to_owned()
    } else if let Some(rest) = digits.strip_prefix("00") {
        rest.to_owned()
    } else if digits.starts_with("628") || digits.starts_with("6208") {
        digits.to_owned()
    } else if digits.starts_with('0') && LOCAL_DIGITS.contains(&digits.len()) {
        format!("62{}", &digits[1..])
    } else {
        return None;
    };
    // After 62 a zero is the trunk prefix that people leave in: +62 0812…
    let full = full.strip_prefix("620").map_or(full.clone(), |rest| format!("62{rest}"));
    (PHONE_DIGITS.contains(&full.len()) && !full.starts_with('0')).then(|| format!("+{full}"))
}

/// The phone number that answers the question for one: the one that the text holds, or all of its digits where the text has
/// nothing else, also without the 0 ("812 3456 7890").
pub fn phone(text: &str) -> Option<String> {
    if let Some(found) = phones(text).into_iter().next() {
        return Some(found.number);
    }
    let plain = plain(text);
    let digits: String = plain.iter().map(|(letter, _)| *letter).filter(char::is_ascii_digit).collect();
    let has_other = plain.iter().any(|(letter, _)| !letter.is_ascii_digit() && !" -.()".contains(*letter));
    if has_other || !digits.starts_with('8') {
        return None;
    }
    international(&format!("62{digits}"), false)
}

/// Marks the words that are part of a phone number, an address, or a person's name.
pub(super) fn mark(words: &mut [Word], phones: &[Phone], lexicon: &Lexicon, index: &CatalogIndex) {
    for word in words.iter_mut() {
        if phones.iter().any(|phone| word.span.start >= phone.span.start && word.span.start < phone.span.end)
        {
            word.tag = Tag::Span;
        }
    }
    let mut at = 0;
    while at < words.len() {
        let end = match begins(words, at, lexicon, index) {
            Some(Begins::Line(from)) => line_end(words, from),
            Some(Begins::Address) => address_end(words, at, lexicon),
            Some(Begins::Name(from)) => name_end(words, from, lexicon),
            None => {
                at += 1;
                continue;
            }
        };
        for word in &mut words[at..end] {
            word.tag = Tag::Span;
        }
        at = end.max(at + 1);
    }
}

enum Begins {
    /// The labelled line of a form; what it says begins at this word.
    Line(usize),
    Address,
    /// A person's name begins at this word.
    Name(usize),
}

fn begins(words: &[Word], at: usize, lexicon: &Lexicon, index: &CatalogIndex) -> Option<Begins> {
    let word = &words[at];
    if word.kind != Kind::Word || word.tag != Tag::Open {
        return None;
    }
    let starts_line = at == 0 || words[at - 1].is_mark('\n');
    if starts_line
        && let Some(end) = lexicon.spans.labels.said(words, at)
        && words.get(end).is_some_and(|word| word.is_mark(':') || word.is_mark('='))
    {
        return Some(Begins::Line(end + 1));
    }
    if let Some(end) = lexicon.spans.names.said(words, at) {
        let end = end + usize::from(words.get(end).is_some_and(|word| word.is_mark(':')));
        let next = words.get(end)?;
        return (next.kind == Kind::Word).then_some(Begins::Name(end));
    }
    let is_address = lexicon.begins_address(&word.text);
    if !is_address {
        return None;
    }
    let plain = |at: usize| lexicon.synonym(&words[at].text);
    let in_name = (at > 0 && index.are_neighbours(plain(at - 1), plain(at)))
        || (at + 1 < words.len() && index.are_neighbours(plain(at), plain(at + 1)));
    // "masih di jalan kak" names no street.
    let next = words[at + 1..].iter().find(|word| !word.is_mark('.'))?;
    let names_place = match next.kind {
        Kind::Word => !lexicon.is_common(&next.base) || next.likeness() >= 1.0,
        Kind::Number => true,
        _ => false,
    };
    (!in_name && names_place).then_some(Begins::Address)
}

fn line_end(words: &[Word], from: usize) -> usize {
    words[from..].iter().position(|word| word.is_mark('\n')).map_or(words.len(), |at| from + at)
}

/// An address goes on to the end of its line, or to a comma behind which something is ordered.
fn address_end(words: &[Word], from: usize, lexicon: &Lexicon) -> usize {
    let end = line_end(words, from);
    let mut at = from;
    while at < end {
        let parts = matches!(words[at].kind, Kind::Mark(',' | ';' | '.'));
        if parts
            && let Some(next) = words[at + 1..end].iter().find(|word| word.kind == Kind::Word)
            && (lexicon.spans.orders.contains(&next.base) || lexicon.spans.orders.contains(&next.text))
        {
            return at;
        }
        // "jl mawar 3 pesan 2 teh": the verb of ordering ends it too.
        if at > from && lexicon.spans.orders.contains(&words[at].base) {
            return at;
        }
        at += 1;
    }
    end
}

/// A name goes on until a word that no name has.
fn name_end(words: &[Word], from: usize, lexicon: &Lexicon) -> usize {
    let mut at = from;
    let mut named = 0;
    while at < words.len() && named < MAX_NAME_WORDS {
        let word = &words[at];
        let is_title = lexicon.vocatives.contains(&word.text) && named == 0;
        let is_plain = lexicon.is_common(&word.base) || lexicon.spans.orders.contains(&word.base);
        if word.kind != Kind::Word || (is_plain && !is_title) {
            break;
        }
        named += usize::from(!is_title);
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("081234567890", Some("+6281234567890"))]
    #[case("+62 812-3456-7890", Some("+6281234567890"))]
    #[case("62 0812 3456 7890", Some("+6281234567890"))]
    #[case("81234567890", Some("+6281234567890"))]
    #[case("812 3456 7890", Some("+6281234567890"))]
    #[case("(0251) 831 2345", Some("+622518312345"))]
    #[case("+65 8123 4567", Some("+6581234567"))]
    #[case("0065 8123 4567", Some("+6581234567"))]
    #[case("\u{202a}+62 812\u{2011}3456\u{2011}7890\u{202c}", Some("+6281234567890"))]
    #[case("\u{2066}0812\u{a0}3456\u{a0}7890\u{2069}", Some("+6281234567890"))]
    #[case("08\u{200b}12\u{200e}34567890", Some("+6281234567890"))]
    #[case("０８１２３４５６７８９０", Some("+6281234567890"))]
    #[case("0812–3456—7890", Some("+6281234567890"))]
    #[case("081234567899 ya kak", Some("+6281234567899"))]
    #[case("wa 081234567899", Some("+6281234567899"))]
    #[case("wa.me/6281234567899", Some("+6281234567899"))]
    #[case("https://wa.me/6281234567899?text=halo", Some("+6281234567899"))]
    #[case("ini nomornya 0812-3456-7899", Some("+6281234567899"))]
    #[case("hp: 0812.3456.7899, rumah di Bogor", Some("+6281234567899"))]
    #[case("0812 3456 78 90", Some("+6281234567890"))]
    #[case("123", None)]
    #[case("halo", None)]
    #[case("08123456789012345", None)]
    #[case("0812abc7890", None)]
    #[case("2 teh hijau", None)]
    #[case("12345678901", None)]
    #[case("ORD-2026-0001", None)]
    #[case("", None)]
    fn phones_are_kept_in_one_form(#[case] typed: &str, #[case] kept: Option<&str>) {
        assert_eq!(phone(typed).as_deref(), kept, "{typed}");
    }

    #[test]
    fn a_number_beside_a_phone_stays_a_number_of_its_own() {
        for text in ["081234567890 2 teh hijau", "2 teh hijau 081234567890", "+62 812 3456 7890 2 teh"] {
            let found = phones(text);
            assert_eq!(found.len(), 1, "{text}");
            assert_eq!(found[0].number, "+6281234567890", "{text}");
        }
        let two = phones("0812-3456-7890 atau 0813 9876 5432");
        assert_eq!(
            two.iter().map(|phone| phone.number.as_str()).collect::<Vec<_>>(),
            ["+6281234567890", "+6281398765432"]
        );
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read(text in ".{0,80}", digits in "[0-9 +().\\-]{0,60}") {
            for text in [text, digits] {
                for found in phones(&text) {
                    proptest::prop_assert!(text.get(found.span).is_some());
                }
                let _ = phone(&text);
            }
        }
    }
}
