//! What is said of an order besides its goods: an address, a phone number, a name, the way of delivery, a note. Asked to be
//! changed ("ganti alamat dong"), or given ("nomor saya 0812…").

use super::canonical::Kind;
use super::lexicon::Lexicon;
use super::spans::Phone;
use super::words::{Tag, Word};
use super::{Detail, Told};

/// Words between the verb of changing and what is to change.
const MAX_BETWEEN: usize = 3;
/// Characters of a name that is given.
const NAME_CHARS: std::ops::RangeInclusive<usize> = 2..=80;
/// Characters of an address that is given.
const ADDRESS_CHARS: std::ops::RangeInclusive<usize> = 8..=300;
/// Words of a name that is given.
const MAX_NAME_WORDS: usize = 5;
/// Digits of a place in a list; a phone number has more.
const PLACE_DIGITS: usize = 2;
/// Characters of a note that is given.
const NOTE_CHARS: std::ops::RangeInclusive<usize> = 2..=200;

/// What was said of a detail, and whether it is asked to be changed.
pub(super) fn find(text: &str, words: &[Word], phones: &[Phone], lexicon: &Lexicon) -> Option<Told> {
    let mut best: Option<(Detail, usize, usize)> = None;
    for at in 0..words.len() {
        if words[at].kind != Kind::Word {
            continue;
        }
        for (kind, phrases) in &lexicon.details.kinds {
            if let Some(end) = phrases.said(words, at) {
                // "Ganti nomor 1 jadi 2" is about a line of a list.
                let is_place = *kind == Detail::Phone
                    && words
                        .get(end)
                        .is_some_and(|word| word.kind == Kind::Number && word.text.len() <= PLACE_DIGITS);
                if is_place {
                    continue;
                }
                let is_longer = best.is_none_or(|(_, from, to)| from == at && end > to);
                if is_longer {
                    best = Some((*kind, at, end));
                }
            }
        }
    }
    let Some((kind, at, end)) = best else { return given(phones) };
    let verb = verb(words, at, end, lexicon);
    let from = verb.map_or(end, |(_, verb_end)| verb_end.max(end));
    // "Ganti teh hijau, alamatnya sama": goods are to be changed, not the address.
    let value = value(kind, text, words, from, phones, lexicon);
    match (verb.is_some(), value) {
        (false, None) => None,
        // "Nama menunya apa": only what can be told from anything else is given without a verb.
        (false, Some(value)) if matches!(kind, Detail::Phone | Detail::Address) || is_span(words, from) => {
            Some(Told { kind, value: Some(value), asked: false, named: true })
        }
        (false, Some(_)) => None,
        (true, value) => Some(Told { kind, value, asked: true, named: true }),
    }
}

/// A phone number that stands for itself.
fn given(phones: &[Phone]) -> Option<Told> {
    if let Some(phone) = phones.first() {
        return Some(Told {
            kind: Detail::Phone,
            value: Some(phone.number.clone()),
            asked: false,
            named: false,
        });
    }
    None
}

fn is_span(words: &[Word], from: usize) -> bool {
    words.get(from).is_some_and(|word| word.tag == Tag::Span)
}

/// The verb of changing beside what is to change: before it, or after it.
fn verb(words: &[Word], at: usize, end: usize, lexicon: &Lexicon) -> Option<(usize, usize)> {
    let is_light =
        |word: &Word| matches!(word.tag, Tag::Filler | Tag::Common | Tag::Open | Tag::Separator | Tag::Weak);
    let before = (at.saturating_sub(MAX_BETWEEN + 1)..at).rev().find_map(|verb| {
        let verb_end = lexicon.details.verbs.said(words, verb)?;
        (verb_end <= at && words[verb_end..at].iter().all(is_light)).then_some((verb, verb_end))
    });
    before.or_else(|| {
        (end..(end + MAX_BETWEEN + 1).min(words.len())).find_map(|verb| {
            let verb_end = lexicon.details.verbs.said(words, verb)?;
            words[end..verb].iter().all(is_light).then_some((verb, verb_end))
        })
    })
}

fn value(
    kind: Detail,
    text: &str,
    words: &[Word],
    from: usize,
    phones: &[Phone],
    lexicon: &Lexicon,
) -> Option<String> {
    if kind == Detail::Phone {
        return phones.first().map(|phone| phone.number.clone());
    }
    if kind == Detail::Delivery || words.iter().any(|word| word.is_mark('?')) {
        return None;
    }
    let is_lead = |word: &&Word| {
        lexicon.details.joints.contains(&word.base)
            || (lexicon.is_filler(&word.base)
                && !(kind == Detail::Name && lexicon.vocatives.contains(&word.text)))
            || matches!(word.base.as_str(), "saya" | "kamu" | "nya" | "my" | "the")
            || word.is_mark(':')
            || word.is_mark('=')
            || word.is_mark('.')
    };
    let lead = words[from..].iter().take_while(is_lead).count();
    let rest = &words[(from + lead).min(words.len())..];
    let first = rest.first()?;
    let last = match kind {
        // "… jadi Ibu Ratna ya kak": politeness at the end is no part of a name.
        Detail::Name => {
            rest.iter().rfind(|word| !lexicon.is_filler(&word.base) && word.kind == Kind::Word)?
        }
        _ => rest.last()?,
    };
    let value = text.get(first.span.start..last.span.end)?.split_whitespace().collect::<Vec<_>>().join(" ");
    let chars = value.chars().count();
    let has_letters = value.chars().any(char::is_alphabetic);
    let fits = match kind {
        Detail::Name => {
            NAME_CHARS.contains(&chars)
                && !value.chars().any(|letter| letter.is_ascii_digit())
                && value.split(' ').count() <= MAX_NAME_WORDS
        }
        Detail::Address => {
            let is_place = value.chars().any(|letter| letter.is_ascii_digit())
                || rest.iter().any(|word| lexicon.begins_address(&word.text));
            ADDRESS_CHARS.contains(&chars) && is_place
        }
        Detail::Note => NOTE_CHARS.contains(&chars),
        Detail::Phone | Detail::Delivery => false,
    };
    (fits && has_letters).then_some(value)
}
