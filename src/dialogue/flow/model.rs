//! The shape of a flow file, as serde reads it and as the JSON Schema for editors describes it.
//!
//! Unknown and duplicate keys are errors. Everything that a finding may point at carries its place in the file.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::guard::{Guard, Operand};
use super::pattern::{Pattern, Wait};
pub use super::place::{At, Cases, Entries};

/// Arguments by name.
pub type Args = Entries<At<Operand>>;

/// A flow file.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "A flow of Warung")]
pub struct FlowFile {
    /// The file's name without `.yaml`.
    pub flow: At<String>,
    /// Raise it when the content changes.
    pub version: i32,
    /// Whom the flow is for.
    #[serde(default)]
    pub role: RoleName,
    /// Where the flow begins, and what begins it.
    #[serde(default)]
    pub start: Option<Start>,
    /// What the flow remembers.
    #[serde(default)]
    pub slots: Entries<At<Slot>>,
    /// Heard in any state of this flow.
    #[serde(default)]
    pub interrupts: Entries<At<Cases<Target>>>,
    /// `/name` in any state; global files only.
    #[serde(default)]
    pub commands: Entries<At<Cases<Target>>>,
    /// What is said when something happens from outside; global files only.
    #[serde(default)]
    pub signals: Entries<At<Cases<Notice>>>,
    /// The flow at the bottom of the stack; global files only.
    #[serde(default)]
    pub home: Option<At<String>>,
    /// What is said to what is not understood; global files only.
    #[serde(default)]
    pub fallback: Option<Fallback>,
    /// What the flow's messages show. A press on one of them that leads to another of the same card changes it where it
    /// stands, on platforms that can.
    #[serde(default)]
    pub card: Option<At<String>>,
    /// Said to a press whose prompt is not open any more.
    #[serde(default)]
    pub stale: Option<At<String>>,
    /// Said to the second press of a button of class `once`.
    #[serde(default)]
    pub used: Option<At<String>>,
    /// Said to a press of a button that is not known.
    #[serde(default)]
    pub unknown_press: Option<At<String>>,
    /// Said to pictures, voice notes and other things that cannot be read.
    #[serde(default)]
    pub media: Option<At<String>>,
    /// Said when a text is too long for what it answers.
    #[serde(default)]
    pub too_long: Option<At<String>>,
    /// Said when a conversation no longer fits its flow and begins anew.
    #[serde(default)]
    pub restarted: Option<At<String>>,
    /// The states, by name.
    #[serde(default)]
    pub states: Entries<At<State>>,
}

/// Whom a flow is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RoleName {
    /// Buyers.
    #[default]
    Customer,
    /// People of the shop.
    Staff,
}

/// Where a flow begins.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Start {
    /// The first state.
    pub at: At<String>,
    /// Intents that begin the flow, heard anywhere.
    #[serde(default)]
    pub intents: Vec<At<String>>,
    /// Commands that begin it: `/name`.
    #[serde(default)]
    pub commands: Vec<At<String>>,
    /// When this does not hold the flow begins at `else`.
    #[serde(default, rename = "if")]
    pub guard: Option<At<Guard>>,
    /// The first state when the guard does not hold.
    #[serde(default, rename = "else")]
    pub otherwise: Option<At<String>>,
    /// Where the flow goes on, with its slots, when it is called while it stands on the stack; without it, it begins anew.
    /// Slots of type `word` say how it was begun and are forgotten.
    #[serde(default)]
    pub again: Option<At<String>>,
}

/// The fallback ladder.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fallback {
    /// Said at the first miss.
    pub hint: At<String>,
    /// Said at the second, with the open choices.
    pub choices: At<String>,
    /// The words of a choice that leads to the menu, added to the open choices at the second miss.
    #[serde(default)]
    pub menu: Option<At<String>>,
    /// The words of a choice that calls a person, added likewise.
    #[serde(default)]
    pub person: Option<At<String>>,
    /// Said at the third, before the flow `human` begins.
    pub stuck: At<String>,
    /// The flow that calls a person.
    #[serde(default)]
    pub human: Option<At<String>>,
}

/// The type of a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SlotKind {
    /// Free words.
    Text,
    /// A person's name.
    Name,
    /// A phone number, kept in the +62 form.
    Phone,
    /// A street address.
    Address,
    /// A whole number.
    Integer,
    /// An amount of rupiah, as people write it; a word for free is nothing.
    Money,
    /// One of `values`.
    Word,
    /// An id; set by choices only.
    Id,
    /// Structured data; set by facts only.
    Data,
}

/// What a slot holds when a picture was the answer: a word that people read as "photo".
pub const PICTURE: &str = "evidence.picture";

/// A slot.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Slot {
    /// What it holds.
    #[serde(rename = "type")]
    pub kind: SlotKind,
    /// The words of a `word` slot.
    #[serde(default)]
    pub values: Vec<String>,
    /// Characters of a text, at most.
    #[serde(default)]
    pub max: Option<i64>,
    /// Whether a picture or a document answers as well as words. It then holds [`PICTURE`].
    #[serde(default)]
    pub pictures: bool,
    /// The smallest number.
    #[serde(default)]
    pub min: Option<i64>,
    /// Whether it may stay empty when the flow ends.
    #[serde(default)]
    pub optional: bool,
}

/// Where to go, with what to say and to set on the way.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// In `hears` and `interrupts`: a regular expression over the whole text; named groups fill slots.
    #[serde(default, rename = "match")]
    pub pattern: Option<At<Pattern>>,
    /// In `interrupts`: heard before the answer to a question.
    #[serde(default)]
    pub strong: bool,
    /// Taken only when this holds.
    #[serde(default, rename = "if")]
    pub guard: Option<At<Guard>>,
    /// Said on the way.
    #[serde(default)]
    pub say: Option<At<String>>,
    /// Arguments of what is said.
    #[serde(default)]
    pub args: Args,
    /// For list arguments: the message of one row.
    #[serde(default)]
    pub rows: Entries<At<String>>,
    /// Slots to set.
    #[serde(default)]
    pub set: Args,
    /// The next state of this flow.
    #[serde(default)]
    pub goto: Option<At<String>>,
    /// A flow to put on the stack.
    #[serde(default)]
    pub call: Option<At<String>>,
    /// Slots of the called flow.
    #[serde(default)]
    pub with: Args,
    /// A flow that replaces the stack above home.
    #[serde(default)]
    pub transfer: Option<At<String>>,
    /// Leave the flow and repeat what was asked below it.
    #[serde(default)]
    pub back: bool,
    /// Remain in the state.
    #[serde(default)]
    pub stay: bool,
    /// With `stay`: show the open choices again.
    #[serde(default)]
    pub choices: bool,
    /// Leave the flow.
    #[serde(default)]
    pub end: Option<At<String>>,
    /// With `call`: where to go on when the called flow ends.
    #[serde(default)]
    pub then: Option<At<String>>,
}

impl From<String> for Target {
    fn from(state: String) -> Self {
        Self { goto: Some(At { value: state, line: 0, column: 0 }), ..Self::default() }
    }
}

/// Where to go: one target, or a guarded list of them.
pub type Targets = At<Cases<Target>>;

/// What is said when something happens from outside; the conversation stays where it is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    /// Taken only when this holds.
    #[serde(default, rename = "if")]
    pub guard: Option<At<Guard>>,
    /// Said.
    #[serde(default)]
    pub say: Option<At<String>>,
    /// Arguments of what is said.
    #[serde(default)]
    pub args: Args,
    /// For list arguments: the message of one row.
    #[serde(default)]
    pub rows: Entries<At<String>>,
    /// A picture.
    #[serde(default)]
    pub image: Option<At<Operand>>,
    /// A link.
    #[serde(default)]
    pub link: Option<LinkTo>,
    /// Choices, of class `safe` or `once`.
    #[serde(default)]
    pub buttons: Vec<At<Button>>,
    /// What the message shows, as `card` of a flow says it.
    #[serde(default)]
    pub card: Option<At<String>>,
}

impl From<String> for Notice {
    fn from(key: String) -> Self {
        Self { say: Some(At { value: key, line: 0, column: 0 }), ..Self::default() }
    }
}

/// A state.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// What is said on entering.
    #[serde(default)]
    pub say: Option<At<Cases<Line>>>,
    /// Arguments of what is said.
    #[serde(default)]
    pub args: Args,
    /// For list arguments: the message of one row.
    #[serde(default)]
    pub rows: Entries<At<String>>,
    /// A picture.
    #[serde(default)]
    pub image: Option<At<Operand>>,
    /// A link.
    #[serde(default)]
    pub link: Option<LinkTo>,
    /// Choices out of a list, paged.
    #[serde(default)]
    pub list: Option<At<ListOf>>,
    /// Choices.
    #[serde(default)]
    pub buttons: Vec<At<Button>>,
    /// What the message shows, where it is something else than the flow's `card`.
    #[serde(default)]
    pub card: Option<At<String>>,
    /// The slot that is asked for.
    #[serde(default)]
    pub ask: Option<At<String>>,
    /// Where a filled slot, or a choice without a target, leads.
    #[serde(default)]
    pub filled: Option<Targets>,
    /// What becomes of wrong answers.
    #[serde(default)]
    pub retry: Option<At<Retry>>,
    /// What is understood here: intents, or any names for patterns.
    #[serde(default)]
    pub hears: Entries<Targets>,
    /// Signals that move this state on.
    #[serde(default)]
    pub wait: Entries<Targets>,
    /// An effect.
    #[serde(default, rename = "do")]
    pub effect: Option<At<String>>,
    /// Arguments of the effect, or slots of the called flow.
    #[serde(default)]
    pub with: Args,
    /// The idempotency key of the effect, for readers: effects of money are idempotent by their order.
    #[serde(default)]
    pub once: Option<At<Operand>>,
    /// Where each outcome of the effect leads.
    #[serde(default)]
    pub outcomes: Entries<Targets>,
    /// A branch.
    #[serde(default)]
    pub when: Option<Targets>,
    /// A flow to put on the stack.
    #[serde(default)]
    pub call: Option<At<String>>,
    /// Where to go on when the called flow ends; its own prompt again when left out.
    #[serde(default)]
    pub then: Option<Targets>,
    /// A flow that replaces the stack above home.
    #[serde(default)]
    pub transfer: Option<At<String>>,
    /// Deadlines while the state waits.
    #[serde(default)]
    pub after: BTreeMap<Wait, Targets>,
    /// Go on at once.
    #[serde(default)]
    pub goto: Option<At<String>>,
    /// Leave the flow and repeat what was asked below it.
    #[serde(default)]
    pub back: bool,
    /// Leave the flow.
    #[serde(default)]
    pub end: Option<At<String>>,
    /// Whether losing the place would lose something: what comes in between is answered and comes back here
    /// (`conversation.kept`).
    #[serde(default)]
    pub keep: bool,
    /// The state that is entered when a digression comes back to this one, where repeating its words would say what is not
    /// true any more.
    #[serde(default)]
    pub again: Option<At<String>>,
}

/// A reply with a guard.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// Taken only when this holds.
    #[serde(default, rename = "if")]
    pub guard: Option<At<Guard>>,
    /// The key in `locales/`.
    pub key: At<String>,
    /// Arguments beside those of the state.
    #[serde(default)]
    pub args: Args,
}

impl From<String> for Line {
    fn from(key: String) -> Self {
        Self { guard: None, key: At { value: key, line: 0, column: 0 }, args: Args::default() }
    }
}

/// A link.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkTo {
    /// The key of its words.
    pub label: At<String>,
    /// Its address; without one nothing is shown.
    pub url: At<Operand>,
}

/// How long a press stays valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClassName {
    /// Always.
    Safe,
    /// While its prompt is open.
    #[default]
    Current,
    /// Once.
    Once,
}

impl ClassName {
    /// The same, as replies carry it.
    pub fn class(self) -> crate::dialogue::reply::Class {
        use crate::dialogue::reply::Class;
        match self {
            Self::Safe => Class::Safe,
            Self::Current => Class::Current,
            Self::Once => Class::Once,
        }
    }
}

/// A choice.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Button {
    /// Shown only when this holds.
    #[serde(default, rename = "if")]
    pub guard: Option<At<Guard>>,
    /// The key of its words.
    pub label: At<String>,
    /// Arguments of its words.
    #[serde(default)]
    pub args: Args,
    /// Slots to set.
    #[serde(default)]
    pub set: Args,
    /// The intent that it stands for.
    #[serde(default, rename = "as")]
    pub intent: Option<At<String>>,
    /// The state to go to.
    #[serde(default)]
    pub goto: Option<At<String>>,
    /// How long a press stays valid.
    #[serde(default)]
    pub class: ClassName,
}

/// Choices out of a list.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListOf {
    /// The list.
    pub from: At<Operand>,
    /// The key of the words of a choice; it gets the columns of the row.
    pub label: At<String>,
    /// Slots to set, out of `item.<column>`.
    #[serde(default)]
    pub set: Args,
    /// The intent that a choice stands for.
    #[serde(default, rename = "as")]
    pub intent: Option<At<String>>,
    /// The state to go to.
    #[serde(default)]
    pub goto: Option<At<String>>,
    /// Choices on one page.
    #[serde(default)]
    pub page: Option<u32>,
    /// How long a press stays valid.
    #[serde(default)]
    pub class: ClassName,
}

/// What becomes of wrong answers.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Retry {
    /// How many are answered with a hint.
    pub max: u8,
    /// The hint.
    pub say: At<String>,
    /// Where the next one leads; the fallback ladder when left out.
    #[serde(default)]
    pub then: Option<Targets>,
}
