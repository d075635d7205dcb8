//! Effects by which chats become one customer's, and part again.

use super::{EffectSpec, customer};
use crate::dialogue::value::Type::{self, Int, Text, Time, Word};

/// What a side reads before it says yes or no: the wish, the other chat, and what of its own would be seen there.
const FACTS: &[(&str, Type)] = &[
    ("request", Text),
    ("channel", Word),
    ("person", Text),
    ("since", Time),
    ("minutes", Int),
    ("orders", Int),
    ("has_name", Type::Bool),
    ("has_phone", Type::Bool),
    ("has_address", Type::Bool),
    ("count", Int),
];

pub(super) const CODE: EffectSpec = customer(
    "customer.join_code",
    "Makes a one-time code with which another chat asks to be joined to this one; `asked` where another chat's question is open here.",
    &[],
    &["ok", "asked"],
    &[("code", Text), ("minutes", Int)],
);

pub(super) const LOOK: EffectSpec = customer(
    "customer.join_look",
    "What it would mean to join this chat and the one that the code comes from.",
    &[("code", Text, true)],
    &["ok", "unknown", "expired", "self", "too_many"],
    FACTS,
);

pub(super) const QUESTION: EffectSpec = customer(
    "customer.join_question",
    "What another chat asks of this one, and has not been answered yet.",
    &[],
    &["ok", "none"],
    FACTS,
);

pub(super) const AGREE: EffectSpec = customer(
    "customer.join_agree",
    "Says yes for this chat; `asked` where the other side has to say it too, `joined` where both have.",
    &[("request", Text, true)],
    &["joined", "asked", "gone", "too_many"],
    &[("orders", Int), ("count", Int), ("channel", Word), ("minutes", Int)],
);

pub(super) const REFUSE: EffectSpec = customer(
    "customer.join_refuse",
    "Says no for this chat; the other side hears that nothing comes of it.",
    &[("request", Text, true)],
    &["ok", "gone"],
    &[],
);

pub(super) const SPLIT_LOOK: EffectSpec = customer(
    "customer.split_look",
    "With which chat this one was joined last.",
    &[],
    &["joined", "none"],
    &[("channel", Word), ("at", Time)],
);

pub(super) const SPLIT: EffectSpec = customer(
    "customer.split",
    "Makes the chats that were joined last two customers again.",
    &[],
    &["ok", "none"],
    &[("orders", Int)],
);
