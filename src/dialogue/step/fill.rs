//! Reading answers: each slot type says what it takes, and what is simply something else.

use std::collections::BTreeMap;

use crate::dialogue::flow::model::{At, Entries, Slot, SlotKind};
use crate::dialogue::understand::{Intent, Understanding, normalise};
use crate::dialogue::value::Value;

/// Characters of a text slot whose flow names no bound.
const MAX_TEXT_CHARS: i64 = 500;
/// Characters of a name.
const NAME_CHARS: std::ops::RangeInclusive<usize> = 2..=80;
/// Characters of an address: shorter is no address, longer is not printed on a parcel.
const ADDRESS_CHARS: std::ops::RangeInclusive<usize> = 8..=300;
/// Digits of a phone number with its country code, after E.164.
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 9..=15;

/// What an answer is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Filled {
    /// A value for the slot.
    Value(Value),
    /// An answer, but not one that the slot can take.
    Wrong,
    /// More characters than the slot takes.
    TooLong {
        /// Characters that it takes.
        limit: usize,
    },
    /// The slot takes no typed answers.
    Nothing,
}

/// Reads an answer.
pub(super) fn fill(slot: &Slot, text: &str, heard: &Understanding) -> Filled {
    let text = text.trim();
    let chars = text.chars().count();
    let letters = text.chars().any(char::is_alphabetic);
    let max = usize::try_from(slot.max.unwrap_or(MAX_TEXT_CHARS)).unwrap_or(usize::MAX);
    let longest = match slot.kind {
        SlotKind::Text => max,
        SlotKind::Name => *NAME_CHARS.end(),
        SlotKind::Address => *ADDRESS_CHARS.end(),
        _ => usize::MAX,
    };
    if chars > longest {
        return Filled::TooLong { limit: longest };
    }
    let value = match slot.kind {
        SlotKind::Id | SlotKind::Data => return Filled::Nothing,
        SlotKind::Text => (chars >= 1 && chars <= max).then(|| text.to_owned()),
        SlotKind::Name if heard.question && heard.intent == Intent::None => None,
        SlotKind::Address if asks(text, heard) => None,
        SlotKind::Name => (letters && NAME_CHARS.contains(&chars)).then(|| one_line(text)),
        SlotKind::Address => (letters && ADDRESS_CHARS.contains(&chars)).then(|| one_line(text)),
        SlotKind::Phone => phone(text),
        SlotKind::Word => {
            let typed = normalise(text);
            slot.values.iter().find(|value| normalise(value) == typed).cloned()
        }
        SlotKind::Integer => {
            // The sign counts: "-1" is a wrong answer, not one.
            // An order's number and a sum of money hold digits, and neither says how many.
            let counts = heard.order_number.is_none() && !names_money(text) && says_how_many(heard);
            let read = heard.number.filter(|_| counts && !text.starts_with('-'));
            let number = text.parse::<i64>().ok().or(read);
            let fits = |number: &i64| {
                *number >= slot.min.unwrap_or(i64::MIN) && *number <= slot.max.unwrap_or(i64::MAX)
            };
            return number.filter(fits).map_or(Filled::Wrong, |number| Filled::Value(Value::Int(number)));
        }
    };
    value.map_or(Filled::Wrong, |value| Filled::Value(Value::Text(value)))
}

/// Whether a number in some words may answer "how many": not one in a question, or beside words that want something else.
fn says_how_many(heard: &Understanding) -> bool {
    use Intent::{Affirm, AskStock, Change, Choose, None, Order, Thanks};
    !heard.question && matches!(heard.intent, None | Order | Change | Choose | Affirm | Thanks | AskStock)
}

/// Words of a question without its mark, where any words could be an address.
const MAX_ASKING_WORDS: usize = 6;

/// Whether short words without a number ask for something of the shop ("berapa ongkirnya"), and are no address.
fn asks(text: &str, heard: &Understanding) -> bool {
    let is_short = text.split_whitespace().count() <= MAX_ASKING_WORDS;
    let is_about_shop = match heard.intent {
        Intent::AskPrice | Intent::AskStock | Intent::Help | Intent::ViewCart | Intent::OrderStatus => true,
        Intent::None => heard.question,
        Intent::Browse => heard.items.is_empty() && heard.ambiguous.is_empty(),
        _ => false,
    };
    is_short && is_about_shop && !text.chars().any(|letter| letter.is_ascii_digit())
}

fn names_money(text: &str) -> bool {
    let text = text.to_lowercase();
    let mut words = text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty());
    words.any(|word| matches!(word, "rp" | "idr" | "rupiah" | "rb" | "ribu" | "jt" | "juta"))
}

/// Values as the slots of a flow take them: what a pattern cut out of a text is a number where the slot is one.
pub(super) fn typed(slots: &Entries<At<Slot>>, values: BTreeMap<String, Value>) -> BTreeMap<String, Value> {
    let number = |name: &str, value: &Value| {
        let integer = slots.get(name).is_some_and(|slot| slot.kind == SlotKind::Integer);
        integer.then(|| value.as_text()?.trim().parse().ok().map(Value::Int)).flatten()
    };
    values
        .into_iter()
        .map(|(name, value)| match number(&name, &value) {
            Some(number) => (name, number),
            None => (name, value),
        })
        .collect()
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A phone number in the form `+62812…`: Indonesian numbers may begin with 0, 62 or 8, others with `+`.
fn phone(text: &str) -> Option<String> {
    let foreign = text.starts_with('+') || text.starts_with("00");
    let allowed = |c: char| c.is_ascii_digit() || " +-().".contains(c);
    if !text.chars().all(allowed) {
        return None;
    }
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let digits = match digits.strip_prefix("00") {
        Some(rest) if foreign => rest.to_owned(),
        _ => digits,
    };
    let full = if digits.starts_with("62") || (foreign && !digits.starts_with('0')) {
        digits
    } else if let Some(rest) = digits.strip_prefix('0') {
        format!("62{rest}")
    } else if digits.starts_with('8') {
        format!("62{digits}")
    } else {
        return None;
    };
    // After 62 a zero is the trunk prefix that people leave in: +62 0812…
    let full = full.strip_prefix("620").map_or(full.clone(), |rest| format!("62{rest}"));
    PHONE_DIGITS.contains(&full.len()).then(|| format!("+{full}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phones_are_kept_in_one_form() {
        for (typed, kept) in [
            ("081234567890", Some("+6281234567890")),
            ("+62 812-3456-7890", Some("+6281234567890")),
            ("62 0812 3456 7890", Some("+6281234567890")),
            ("81234567890", Some("+6281234567890")),
            ("(0251) 831 2345", Some("+622518312345")),
            ("+65 8123 4567", Some("+6581234567")),
            ("0065 8123 4567", Some("+6581234567")),
            ("123", None),
            ("halo", None),
            ("08123456789012345", None),
            ("0812abc7890", None),
            ("", None),
        ] {
            assert_eq!(phone(typed).as_deref(), kept, "{typed}");
        }
    }
}
