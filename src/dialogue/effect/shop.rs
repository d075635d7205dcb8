//! Effects about the shop itself.

use super::{EffectSpec, customer};
use crate::dialogue::value::Type::{Text, Word};

/// A question that the shop's data do not answer.
pub(super) const ASK: EffectSpec = customer(
    "shop.ask",
    "Passes a question that the shop's data do not answer on to its people, once.",
    &[("text", Text, false), ("topic", Word, false)],
    &["asked", "again", "nobody"],
    &[],
);
