//! Who is who: a user's id in the shop's own scope first, their phone number second.
//!
//! Since spring 2026 webhooks carry a business-scoped user id, and people with a user name may have no phone number in
//! them (Meta: "Business-scoped user IDs"). Some senders write that id where the phone number used to stand.

use serde_json::Value;

use super::lenient::{each, id, words};

/// Letters and digits of a business-scoped id after its country and the point.
const MAX_SCOPED_CHARS: usize = 128;
/// Digits of a phone number: E.164 allows 15; test numbers are short.
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 5..=15;
/// Characters of a name that is kept.
const MAX_NAME_CHARS: usize = 80;

/// Whether a text is a business-scoped user id: `^[A-Z]{2}\.(ENT\.)?[0-9A-Za-z]{1,128}$`.
pub(super) fn is_user_id(text: &str) -> bool {
    let Some((country, rest)) = text.split_once('.') else { return false };
    let rest = rest.strip_prefix("ENT.").unwrap_or(rest);
    country.len() == 2
        && country.bytes().all(|b| b.is_ascii_uppercase())
        && (1..=MAX_SCOPED_CHARS).contains(&rest.len())
        && rest.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// The digits of a phone number, however it is written; nothing when it is none.
pub(super) fn phone_digits(text: &str) -> Option<String> {
    let is_written_so = text.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | ' ' | '-' | '(' | ')'));
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    (is_written_so && PHONE_DIGITS.contains(&digits.len())).then_some(digits)
}

/// The old and the new name out of the words of a system message, "… changed from 628… to ID.…" (Meta, "System messages webhook
/// reference"). Between them and before them stand words and the person's own name, which may hold anything: what is no id and
/// no number is passed over, and of several the last two count, because the person's name comes first.
pub(super) fn names_in_words(words: &str) -> [Option<String>; 2] {
    let is_mark = |c: char| matches!(c, ',' | '.' | ';' | ':' | '!' | '"' | '\'' | '(' | ')' | '<' | '>');
    let named = |word: &&str| is_user_id(word) || phone_digits(word).is_some();
    let found: Vec<&str> =
        words.split_whitespace().map(|word| word.trim_matches(is_mark)).filter(named).collect();
    match found.as_slice() {
        [.., old, new] => [Some((*old).to_owned()), Some((*new).to_owned())],
        [new] => [None, Some((*new).to_owned())],
        [] => [None, None],
    }
}

/// The names that the platform has for one person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Names {
    /// The business-scoped id.
    pub user_id: Option<String>,
    /// The phone number, digits only.
    pub phone: Option<String>,
    /// What stands where a phone number is expected and is none.
    pub other: Option<String>,
}

impl Names {
    /// The names out of fields that hold ids and fields that hold phone numbers; which is which is believed only
    /// after a look.
    pub(super) fn of<'a>(found: impl IntoIterator<Item = Option<&'a str>>) -> Self {
        let mut names = Self::default();
        for text in found.into_iter().flatten().map(str::trim).filter(|text| !text.is_empty()) {
            let place = if is_user_id(text) {
                names.user_id.get_or_insert_with(|| text.to_owned());
                continue;
            } else if let Some(digits) = phone_digits(text) {
                names.phone.get_or_insert(digits);
                continue;
            } else {
                &mut names.other
            };
            place.get_or_insert_with(|| text.to_owned());
        }
        names
    }

    /// The name by which the chat is known here.
    pub(super) fn chat(&self) -> Option<&str> {
        self.user_id.as_deref().or(self.phone.as_deref()).or(self.other.as_deref())
    }

    /// The other names of the same chat.
    pub(super) fn aliases(&self) -> Vec<String> {
        let chat = self.chat();
        let phone = self.phone.iter().filter(|phone| Some(phone.as_str()) != chat);
        phone.cloned().collect()
    }

    /// The phone number as people write it.
    pub(super) fn international(&self) -> Option<String> {
        self.phone.as_ref().map(|digits| format!("+{digits}"))
    }
}

/// Who a message is from, and their name: out of the message, and out of the contact that belongs to it.
pub(super) fn sender(message: &Value, contacts: &[Value], alone: bool) -> (Names, Option<String>) {
    let own = [id(message, "from_user_id"), id(message, "from"), id(message, "from_parent_user_id")];
    let names = Names::of(own.iter().map(Option::as_deref));
    let of = |contact: &Value| {
        let found = [id(contact, "user_id"), id(contact, "wa_id"), id(contact, "parent_user_id")];
        Names::of(found.iter().map(Option::as_deref))
    };
    let same = |other: &Names| {
        (names.user_id.is_some() && names.user_id == other.user_id)
            || (names.phone.is_some() && names.phone == other.phone)
            || (names.other.is_some() && names.other == other.other)
    };
    // A lone contact beside a lone message is its sender, even where one has a phone number only and the other an id;
    // with two different ids of the same kind it is somebody else.
    let may_be = |other: &Names| {
        let differs = |a: &Option<String>, b: &Option<String>| a.is_some() && b.is_some() && a != b;
        !differs(&names.user_id, &other.user_id) && !differs(&names.phone, &other.phone)
    };
    let matching = contacts.iter().find(|contact| same(&of(contact)));
    let contact = matching.or_else(|| match contacts {
        [lone] if alone && may_be(&of(lone)) => Some(lone),
        _ => None,
    });
    let Some(contact) = contact else { return (names, None) };
    let theirs = of(contact);
    let names = Names {
        user_id: names.user_id.or(theirs.user_id),
        phone: names.phone.or(theirs.phone),
        other: names.other.or(theirs.other),
    };
    let profile = each(contact, "profile").first();
    let name = profile.and_then(|profile| {
        words(profile, "name", MAX_NAME_CHARS).or_else(|| words(profile, "username", MAX_NAME_CHARS))
    });
    (names, name)
}
