//! Everything that can happen to a conversation.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::reply::{Action, Class};
use super::understand::Understanding;
use super::value::Value;
use crate::domain::message::MediaKind;

/// What a turn is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    /// The person typed something.
    Heard {
        /// The words, cut at `message::MAX_TEXT_CHARS`.
        text: String,
    },
    /// The person put an order together without words, in a platform's own shop window: what they want is known and not
    /// read out of a text.
    Ordered {
        /// What they want, as if they had said it.
        heard: Understanding,
    },
    /// The person pressed one of our buttons and its token was found.
    Press {
        /// What the button does.
        action: Action,
        /// How long it is valid.
        class: Class,
        /// Whether its prompt is still open, or the button was used before.
        freshness: Freshness,
    },
    /// A button that is not ours, or of another chat.
    UnknownPress,
    /// A picture, voice note, sticker or the like.
    Media {
        /// What it was.
        media: MediaKind,
        /// Words that came with it.
        caption: Option<String>,
    },
    /// A place on the map.
    Location {
        /// The place in words, or its coordinates: something that can stand as an address.
        place: String,
    },
    /// Something that did not come from this person: a payment changed, an order moved, a colleague acted.
    Signal {
        /// One of [`SIGNALS`].
        name: String,
        /// What it is about; `order` holds an order id where there is one. Flows read it as `signal.<name>`.
        facts: BTreeMap<String, Value>,
    },
    /// A deadline of the state that the conversation is in has passed.
    Timer {
        /// The state's own name for it, as written in the flow (`30m`).
        name: String,
        /// The revision of the state that set it; a timer of an older state does nothing.
        revision: i64,
    },
    /// The effect that the last step asked for has been carried out.
    Outcome {
        /// One of the effect's outcome words.
        outcome: String,
        /// What it found out. Flows read it as `fact.<name>` until the turn ends.
        facts: BTreeMap<String, Value>,
    },
}

/// Whether a press comes in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Freshness {
    /// Its prompt is the open one.
    Current,
    /// Another prompt has been shown since.
    Stale,
    /// Another prompt has been shown since, in answer to this very button: it is pressed once more.
    Again,
    /// The button is of class `once` and has been used.
    Used,
}

/// Every signal with the facts that come with it, so that flows can be checked. All but the last group also have
/// `order` (id) and the world's `order.*` filled.
pub const SIGNALS: &[(&str, &[(&str, super::value::Type)])] = {
    use super::value::Type::{Bool, Int, Localized, Money, Rows, Text, Time, Word};
    &[
        // To the customer.
        ("payment.ready", &[]),
        ("payment.unavailable", &[]),
        ("payment.paid", &[]),
        ("payment.late_paid", &[]),
        ("payment.late_sold_out", &[("amount", Money)]),
        ("payment.short", &[("received", Money), ("missing", Money)]),
        ("payment.over", &[("received", Money), ("surplus", Money)]),
        ("payment.surplus", &[("received", Money), ("surplus", Money)]),
        ("payment.refunded", &[("amount", Money)]),
        ("payment.waits_for_stock", &[]),
        ("payment.exchanged", &[("back", Money)]),
        ("payment.reminder", &[]),
        ("payment.still_pending", &[]),
        // The shop's own printed code: nobody reports, so the shop looks.
        ("payment.proof_received", &[("seen", Int)]),
        ("payment.proof_checked", &[]),
        ("payment.proof_unread", &[("problem", Word)]),
        ("payment.not_received", &[]),
        ("payment.given_up", &[]),
        ("order.expired", &[]),
        ("order.accepted", &[("by", Text)]),
        ("order.packed", &[]),
        ("order.shipped", &[]),
        ("order.delivered", &[]),
        ("order.completed", &[]),
        ("order.cancelled_by_store", &[("reason", Text), ("due", Money)]),
        ("order.not_seen", &[]),
        // Not about an order.
        ("cart.gone", &[("items", Rows)]),
        ("human.reply", &[("text", Text), ("picture", Text)]),
        ("human.released", &[]),
        ("join.asked", &[("channel", Word), ("person", Text), ("since", Time)]),
        ("join.refused", &[]),
        (
            "join.done",
            &[("channel", Word), ("person", Text), ("since", Time), ("orders", Int), ("count", Int)],
        ),
        ("join.undone", &[]),
        // To staff.
        ("staff.order_created", &[]),
        ("staff.order_paid", &[]),
        ("staff.order_cancelled", &[("reason", Text), ("actor", Word)]),
        ("staff.order_expired", &[]),
        ("staff.order_moved", &[("by", Text), ("status", Word)]),
        ("staff.order_received", &[]),
        (
            "staff.payment_problem",
            &[("problem", Word), ("received", Money), ("due", Money), ("sold_out", Bool)],
        ),
        ("staff.payment_unchecked", &[("company", Text), ("reference", Text), ("until", Time)]),
        ("staff.refund_done", &[("amount", Money), ("by", Text)]),
        ("staff.refund_failed", &[("amount", Money), ("problem", Word), ("most", Money)]),
        ("staff.refund_by_hand", &[("amount", Money)]),
        ("staff.refund_unknown", &[("amount", Money)]),
        ("staff.refund_waits", &[("amount", Money)]),
        (
            "staff.payment_said",
            &[("why", Text), ("picture", Text), ("same", Text), ("alike", Text), ("problem", Word)],
        ),
        // To staff, without an order.
        ("staff.order_limit", &[("customer", Text), ("problem", Word)]),
        ("staff.code_guesses", &[("customer", Text)]),
        ("staff.question", &[("customer", Text), ("conversation", Text), ("text", Text)]),
        (
            "staff.auto_replies",
            &[("customer", Text), ("conversation", Text), ("text", Text), ("until", Time)],
        ),
        ("staff.undelivered", &[("customer", Text), ("number", Text)]),
        ("staff.delivered_late", &[("customer", Text), ("number", Text)]),
        ("staff.channel_stopped", &[("channel", Text)]),
        ("staff.qris_refused", &[("problem", Word)]),
        ("staff.qris_changed", &[("by", Text), ("merchant", Text), ("city", Text), ("nmid", Text)]),
        (
            "staff.bank_notice",
            &[("amount", Money), ("problem", Word), ("number", Text), ("words", Text), ("orders", Rows)],
        ),
        ("staff.low_stock", &[("product", Localized), ("free", Int), ("products", Rows)]),
        ("staff.human_wanted", &[("customer", Text), ("conversation", Text), ("text", Text)]),
        ("staff.many_wanted", &[]),
        ("staff.customer_said", &[("customer", Text), ("conversation", Text), ("text", Text)]),
        ("staff.answer_sent", &[("customer", Text), ("conversation", Text)]),
        ("staff.answer_unsent", &[("customer", Text), ("conversation", Text)]),
        (
            "staff.customer_sent",
            &[("customer", Text), ("conversation", Text), ("kind", Word), ("text", Text), ("picture", Text)],
        ),
    ]
};
