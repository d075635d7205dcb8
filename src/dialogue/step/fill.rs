//! Reading answers: each slot type says what it takes, and what is simply something else.

use std::collections::BTreeMap;

use crate::dialogue::flow::model::{At, Entries, Slot, SlotKind};
use crate::dialogue::understand::{
    Detail, Intent, Understanding, address, is_only_place, name, normalise, phone,
};
use crate::dialogue::value::Value;
use crate::domain::goods::Price;

/// Characters of a text slot whose flow names no bound.
const MAX_TEXT_CHARS: i64 = 500;
/// Characters of a name.
const NAME_CHARS: std::ops::RangeInclusive<usize> = 2..=80;
/// Characters of an address: shorter is no address, longer is not printed on a parcel.
const ADDRESS_CHARS: std::ops::RangeInclusive<usize> = 8..=300;

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
        SlotKind::Name if given(heard, Detail::Name).is_some() => given(heard, Detail::Name),
        SlotKind::Address if given(heard, Detail::Address).is_some() => given(heard, Detail::Address),
        SlotKind::Name | SlotKind::Address if asks_of_shop(text, heard) => None,
        SlotKind::Name | SlotKind::Address if heard.order_number.is_some() => None,
        SlotKind::Text if !slot.pictures && heard.question && asks_of_shop(text, heard) => None,
        SlotKind::Text => (chars >= 1 && chars <= max).then(|| text.to_owned()),
        SlotKind::Name if heard.question && heard.intent == Intent::None => None,
        SlotKind::Address if asks(text, heard) => None,
        SlotKind::Name if is_no_answer(slot.kind, text, heard) => None,
        SlotKind::Name => name(text, heard.names_goods()),
        SlotKind::Address if is_no_answer(slot.kind, text, heard) => None,
        SlotKind::Address => address(text, heard.names_goods()),
        SlotKind::Phone => given(heard, Detail::Phone).or_else(|| phone(text)),
        SlotKind::Word => {
            let typed = normalise(text);
            slot.values.iter().find(|value| normalise(value) == typed).cloned()
        }
        SlotKind::Money => {
            // Words that name goods, ask, or want something else are no price.
            let names = heard.names_goods();
            let price =
                (!names && heard.order_number.is_none() && says_how_many(heard)).then(|| Price::find(text));
            return price
                .flatten()
                .map_or(Filled::Wrong, |price| Filled::Value(Value::Money(price.amount())));
        }
        // "Teh putihnya jadi 3" is about the cart, whatever is asked here.
        SlotKind::Integer if heard.intent == Intent::Change && heard.names_goods() => return Filled::Nothing,
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

/// The whole value that was given of a detail.
fn given(heard: &Understanding, kind: Detail) -> Option<String> {
    let found = heard.given.iter().find(|given| given.kind == kind && !given.adds);
    found.map(|given| given.value.clone())
}

/// Whether a message that any words could answer says nothing but what it wants of the shop: "keranjang" is no name, and
/// "2 teh hijau" no address.
pub(super) fn is_no_answer(kind: SlotKind, text: &str, heard: &Understanding) -> bool {
    use Intent::{
        Affirm, AskPrice, AskStock, Browse, Cancel, Change, Chitchat, ClaimsPaid, Clear, Deny, Greet, Help,
        Human, Language, Order, OrderStatus, Remove, Thanks, ViewCart,
    };
    // A note may ask something of the shop.
    if !heard.whole || (heard.question && kind == SlotKind::Text) {
        return false;
    }
    let names_goods = heard.names_goods();
    if kind == SlotKind::Address && names_goods && is_only_place(text) {
        return false;
    }
    let says_how_many = heard.items.iter().any(|item| item.quantity_said);
    let of_another = |own: Detail| heard.told.as_ref().is_some_and(|told| told.asked || told.kind != own);
    match heard.intent {
        ViewCart | OrderStatus | Help | Clear | Human | Language | Cancel => true,
        Browse => !names_goods,
        // A yes or a no is none of either.
        Affirm | Deny if kind == SlotKind::Text => true,
        // A note may thank, agree, and speak of goods.
        _ if kind == SlotKind::Text => false,
        ClaimsPaid | AskPrice | AskStock | Greet | Thanks | Chitchat | Affirm | Deny => true,
        Change if kind == SlotKind::Name && heard.told.is_some() => of_another(Detail::Name),
        Change if heard.told.is_some() => of_another(Detail::Address),
        Order | Change => says_how_many || (names_goods && heard.intent == Change),
        Remove => names_goods,
        _ => false,
    }
}

/// Whether a number in some words may answer "how many": not one in a question, or beside words that want something else.
fn says_how_many(heard: &Understanding) -> bool {
    use Intent::{Affirm, AskStock, Change, Choose, None, Order, Thanks};
    !heard.question && matches!(heard.intent, None | Order | Change | Choose | Affirm | Thanks | AskStock)
}

/// Words of a question about the shop; more of them are an answer with such words in it.
const MAX_TOPIC_WORDS: usize = 10;

/// Whether words without a number ask about the shop ("bisa COD?", "where are you"), and are no name, place or note.
fn asks_of_shop(text: &str, heard: &Understanding) -> bool {
    heard.topic.is_some()
        && matches!(heard.intent, Intent::Help | Intent::None)
        && text.split_whitespace().count() <= MAX_TOPIC_WORDS
        && !text.chars().any(|letter| letter.is_ascii_digit())
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

/// Values as the slots of a flow take them: what a pattern cut out of a text is a number or an amount where the slot is one.
pub(super) fn typed(slots: &Entries<At<Slot>>, values: BTreeMap<String, Value>) -> BTreeMap<String, Value> {
    let number = |name: &str, value: &Value| match slots.get(name)?.kind {
        SlotKind::Integer => value.as_text()?.trim().parse().ok().map(Value::Int),
        SlotKind::Money => Price::read(value.as_text()?).ok().map(|price| Value::Money(price.amount())),
        _ => None,
    };
    values
        .into_iter()
        .map(|(name, value)| match number(&name, &value) {
            Some(number) => (name, number),
            None => (name, value),
        })
        .collect()
}
