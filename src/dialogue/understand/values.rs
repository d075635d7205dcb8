//! What can be the value of a detail: a name, an address, or what completes one. Everything else that stands where a value
//! could ("nanti saya kabari", "sama kayak kemarin", "yang biasa") is none.

use std::ops::Range;

use super::canonical::Kind;
use super::lexicon::Lexicon;
use super::spans::Phone;
use super::words::Word;

/// Characters of a name.
const NAME_CHARS: std::ops::RangeInclusive<usize> = 2..=80;
/// Characters of an address.
const ADDRESS_CHARS: std::ops::RangeInclusive<usize> = 8..=300;
/// Characters of what completes an address.
const ADDITION_CHARS: std::ops::RangeInclusive<usize> = 4..=120;
/// Words of a name.
const MAX_NAME_WORDS: usize = 5;
/// Particles that are names of places as well ("Kali Besar"), and end no address.
const PLACE_PARTICLES: &[&str] = &["kali", "x"];

/// The words of a message with what is needed to read values out of them.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    pub(super) text: &'a str,
    pub(super) words: &'a [Word],
    pub(super) phones: &'a [Phone],
    pub(super) lexicon: &'a Lexicon,
}

/// An address, or what completes one.
pub(super) struct Place {
    pub(super) value: String,
    pub(super) adds: bool,
}

impl Reader<'_> {
    /// Where words that set aside what follows ("jangan", "bukan") end, if they begin here.
    pub(super) fn contrary(&self, at: usize) -> Option<usize> {
        self.lexicon.details.contrary.said(self.words, at)
    }

    pub(super) fn is_turn(&self, at: usize) -> bool {
        let turns = &self.lexicon.details.turns;
        turns.contains(&self.words[at].base) || turns.contains(&self.words[at].text)
    }

    /// Whether a word stands before a value and is no part of it.
    pub(super) fn is_lead(&self, at: usize) -> bool {
        let (details, word) = (&self.lexicon.details, &self.words[at]);
        let is_in = |words: &std::collections::HashSet<String>| {
            words.contains(&word.base) || words.contains(&word.text)
        };
        is_in(&details.leads)
            || is_in(&details.joints)
            || self.lexicon.particles.contains(&word.text)
            || matches!(word.kind, Kind::Mark(':' | '=' | '.' | ',' | '-' | '"'))
    }

    fn is_phone(&self, at: usize) -> bool {
        let start = self.words[at].span.start;
        self.phones.iter().any(|phone| phone.span.contains(&start))
    }

    /// What is meant of a part of the message: behind a turn ("bukan Budi tapi Rina"), else before what is set aside ("Rina
    /// bukan Rani"). Nothing where all of it is set aside.
    fn meant(&self, part: Range<usize>) -> Option<Range<usize>> {
        let turn = part.clone().rev().find(|at| self.is_turn(*at));
        let set_aside = part.clone().find(|at| self.contrary(*at).is_some());
        match (turn, set_aside) {
            (Some(turn), Some(contrary)) if contrary < turn => Some(turn + 1..part.end),
            (_, Some(contrary)) => (contrary > part.start).then_some(part.start..contrary),
            (Some(turn), None) => Some(turn + 1..part.end),
            (None, None) => Some(part),
        }
    }

    fn slice(&self, part: Range<usize>) -> Option<String> {
        let (first, last) = (self.words.get(part.start)?, self.words.get(part.end.checked_sub(1)?)?);
        let text = self.text.get(first.span.start..last.span.end)?;
        Some(text.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    fn is_given_name(&self, at: usize) -> bool {
        self.lexicon.details.names.contains(&self.words[at].text)
    }

    /// Whether a word means something in a sentence, and is no name.
    fn is_plain(&self, at: usize) -> bool {
        let word = &self.words[at];
        let is_letter = word.text.len() == 1;
        !is_letter
            && !self.is_given_name(at)
            && (self.lexicon.is_common(&word.base) || self.lexicon.is_common(&word.text))
    }

    fn is_title(&self, at: usize) -> bool {
        self.lexicon.vocatives.contains(&self.words[at].text)
    }

    /// The name that a part of the message holds. `ends_with_number` tells a name before a number ("Budi 3") from none.
    pub(super) fn name(&self, part: Range<usize>, before_number: bool) -> Option<String> {
        let part = self.meant(part)?;
        let is_lead = |at: &usize| self.is_lead(*at) && !self.is_title(*at) && !self.is_given_name(*at);
        let from = part.start + part.clone().take_while(is_lead).count();
        let mut end = from;
        while end < part.end {
            let word = &self.words[end];
            let is_title = self.is_title(end) && end == from;
            // Initials and doubled names: "Budi S. Santoso".
            let is_dot = word.is_mark('.') && end > from;
            let goes_on = word.kind == Kind::Word && (is_title || !self.is_plain(end));
            if !(goes_on || is_dot) || self.is_phone(end) {
                break;
            }
            end += 1;
        }
        let stops_at_number = (end..part.end)
            .next()
            .is_some_and(|at| self.words[at].kind == Kind::Number && !self.is_phone(at));
        if stops_at_number && !before_number {
            return None;
        }
        while end > from && (self.words[end - 1].is_mark('.') || (self.is_title(end - 1) && end - 1 > from)) {
            end -= 1;
        }
        let names = (from..end).filter(|at| self.words[*at].kind == Kind::Word && !self.is_title(*at));
        // "I will tell you": a word that is a name as well is one only where no sentence goes on behind it.
        let goes_on = (end..part.end).any(|at| {
            let word = &self.words[at];
            word.kind == Kind::Word
                && !self.is_title(at)
                && !self.lexicon.is_filler(&word.text)
                && !self.is_turn(at)
        });
        let is_proper = |at: usize| {
            let word = &self.words[at];
            let is_given = self.is_given_name(at) && !goes_on;
            word.text.len() > 1 && (is_given || !self.lexicon.is_everyday(&word.text))
        };
        // The first word tells: "tokonya Rina" names a shop.
        let mut names = names.peekable();
        let begins_well = names.peek().is_some_and(|at| self.words[*at].text.len() == 1 || is_proper(*at));
        if !begins_well || !names.any(is_proper) {
            return None;
        }
        let value = self.slice(from..end)?;
        let fits =
            NAME_CHARS.contains(&value.chars().count()) && value.split(' ').count() <= MAX_NAME_WORDS + 1;
        fits.then_some(value)
    }

    fn is_place_word(&self, at: usize) -> bool {
        self.lexicon.details.places.contains(&self.words[at].text)
    }

    /// The end of an address without the politeness that follows it. A word with a capital is a name ("Jl. Ibu").
    fn polite_end(&self, part: &Range<usize>) -> usize {
        let mut end = part.end;
        while end > part.start + 1 {
            let word = &self.words[end - 1];
            let typed = self.text.get(word.span.clone()).unwrap_or_default();
            let is_polite = word.kind == Kind::Word
                && (self.lexicon.particles.contains(&word.text)
                    || self.lexicon.vocatives.contains(&word.text)
                    || matches!(
                        word.base.as_str(),
                        "makasih"
                            | "terima"
                            | "kasih"
                            | "saja"
                            | "ya"
                            | "oke"
                            | "dan"
                            | "and"
                            | "oh"
                            | "oiya"
                    ))
                && !PLACE_PARTICLES.contains(&word.text.as_str())
                && !typed.starts_with(char::is_uppercase);
            let is_mark = matches!(word.kind, Kind::Mark(',' | '.' | ';' | '\n' | '!' | '(') | Kind::Emoji);
            if !is_polite && !is_mark {
                break;
            }
            end -= 1;
        }
        end
    }

    /// The address that a part of the message holds, or what completes one.
    pub(super) fn place(&self, part: Range<usize>) -> Option<Place> {
        let part = self.meant(part)?;
        let begins = |at: usize| {
            let details = &self.lexicon.details;
            self.is_place_word(at) || details.additions.contains(&self.words[at].text)
        };
        let is_lead = |at: &usize| self.is_lead(*at) && !begins(*at);
        let from = part.start + part.clone().take_while(is_lead).count();
        let to = (from..part.end).find(|at| self.is_phone(*at)).unwrap_or(part.end);
        let part = from..self.polite_end(&(from..to.max(from)));
        let first = part.clone().next()?;
        let value = self.slice(part.clone())?;
        let has_street = part.clone().any(|at| self.is_place_word(at) && !self.is_addition(at));
        if self.is_addition(first) && !has_street {
            let says = part.len() > 1 && ADDITION_CHARS.contains(&value.chars().count());
            return says.then_some(Place { value, adds: true });
        }
        let fits = ADDRESS_CHARS.contains(&value.chars().count()) && self.names_place(&part);
        fits.then_some(Place { value, adds: false })
    }

    fn is_addition(&self, at: usize) -> bool {
        let word = &self.words[at];
        let additions = &self.lexicon.details.additions;
        additions.contains(&word.text) || additions.contains(&word.base)
    }

    /// Whether words can be a place: a street with its name or number, or proper names that are not lost in a sentence.
    fn names_place(&self, part: &Range<usize>) -> bool {
        let count = |is: &dyn Fn(usize) -> bool| part.clone().filter(|at| is(*at)).count();
        let is_word = |at: usize| self.words[at].kind == Kind::Word;
        let is_proper = |at: usize| {
            let word = &self.words[at];
            is_word(at)
                && word.text.len() > 2
                && !self.is_place_word(at)
                && !self.is_plain(at)
                && !self.lexicon.is_everyday(&word.text)
        };
        let streets = count(&|at| self.is_place_word(at));
        let digits = count(&|at| self.words[at].kind == Kind::Number);
        let proper = count(&is_proper);
        let plain = count(&|at| is_word(at) && self.is_plain(at) && !self.is_place_word(at));
        if streets > 0 {
            // "Jl. Bunga 3": names of streets are words of daily life.
            return digits > 0 || proper > 0 || count(&is_word) > streets + 1;
        }
        proper > 0 && (digits > 0 || proper >= plain)
    }
}
