//! Where a person is in the dialogue. A plain value that is stored as one JSON column and reads back the same.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::brake::Pulse;
use super::reply::{Action, Class, Say};
use super::understand::Understanding;
use super::value::{Row, Value};
use crate::domain::customer::Language;

/// Frames that may be stacked; one more restarts the conversation at the menu with its cart intact.
pub const MAX_FRAMES: usize = 8;

/// Whom the conversation is with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// A buyer.
    #[default]
    Customer,
    /// A member of staff.
    Staff,
}

/// Who answers.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Mode {
    /// The dialogue.
    #[default]
    Bot,
    /// A person of the shop; the dialogue is silent but for news of payments and orders.
    Human {
        /// When the dialogue takes over again by itself.
        until: DateTime<Utc>,
    },
}

/// The state of one conversation.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Conversation {
    /// Whom it is with.
    #[serde(default)]
    pub role: Role,
    /// The language of the answers.
    pub language: Language,
    /// Whether the person chose the language; if so, only another choice changes it.
    #[serde(default)]
    pub language_chosen: bool,
    /// Messages in a row that spoke clearly in the other language.
    #[serde(default)]
    pub other_language_run: u8,
    /// Who answers.
    #[serde(default)]
    pub mode: Mode,
    /// The stack: the last frame is the one that listens. Empty before the first turn.
    #[serde(default)]
    pub frames: Vec<Frame>,
    /// Rises by one whenever another state is entered; timers and prompts carry it.
    #[serde(default)]
    pub revision: i64,
    /// The choices that are open now.
    #[serde(default)]
    pub prompt: Option<Prompt>,
    /// Choices that were open before a notice showed others: their words still choose, their numbers do not.
    #[serde(default)]
    pub earlier: Option<Prompt>,
    /// Messages in a row that were not understood.
    #[serde(default)]
    pub misses: u8,
    /// What was understood of the last message, for effects that act on it.
    #[serde(default)]
    pub heard: Option<Understanding>,
    /// Deadlines of the current state.
    #[serde(default)]
    pub timers: Vec<Deadline>,
    /// The button that was pressed last, until the person says something else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pressed: Option<Pressed>,
    /// What goes in circles, and whether the dialogue pauses because of it.
    #[serde(default)]
    pub pulse: Pulse,
}

/// A press that was handled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pressed {
    /// The button's data.
    pub data: String,
    /// When it was handled.
    pub at: DateTime<Utc>,
}

/// One level of the stack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// The flow.
    pub flow: String,
    /// The content hash of the flow's version that the frame runs on until it is left.
    pub hash: String,
    /// The state.
    pub state: String,
    /// The slots of the frame.
    #[serde(default)]
    pub slots: BTreeMap<String, Value>,
    /// Wrong answers to the question of the state.
    #[serde(default)]
    pub retries: u8,
    /// The page of the list of the state.
    #[serde(default)]
    pub page: u32,
    /// The rows of the list of the state, where the facts of an effect gave them: its pages need them later.
    #[serde(default)]
    pub rows: Vec<Row>,
    /// The last state of the frame that waited for the person: where a called flow without `then` comes back to.
    #[serde(default)]
    pub rest: Option<String>,
    /// The state of the frame below that goes on when this frame ends, where the call named one.
    #[serde(default)]
    pub resume: Option<String>,
    /// What the state last said, repeated after a digression.
    #[serde(default)]
    pub prompt: Option<Say>,
}

/// The open choices, as they were rendered, so that typed words and numbers can choose too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prompt {
    /// The prompt's token: the part of the button data before the dot.
    pub token: String,
    /// The choices, numbered from 1 as shown.
    pub choices: Vec<PromptChoice>,
}

/// One open choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromptChoice {
    /// The words on it, rendered.
    pub label: String,
    /// What it does.
    pub action: Action,
    /// How long it is valid.
    pub class: Class,
}

/// A deadline of a state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deadline {
    /// As written in the flow: `30m`.
    pub name: String,
    /// When.
    pub at: DateTime<Utc>,
}

impl Conversation {
    /// The same chat with somebody of another role: nothing of what was under way goes on, and no button of before is current.
    #[must_use]
    pub fn begun_anew_with(self, role: Role) -> Self {
        Self {
            role,
            language: self.language,
            language_chosen: self.language_chosen,
            revision: self.revision.saturating_add(1),
            pulse: self.pulse,
            ..Self::default()
        }
    }

    /// The frame that listens.
    pub fn top(&self) -> Option<&Frame> {
        self.frames.last()
    }

    /// A slot of the frame that listens.
    pub fn slot(&self, name: &str) -> &Value {
        self.top().and_then(|frame| frame.slots.get(name)).unwrap_or(&Value::None)
    }

    /// The earliest deadline.
    pub fn next_deadline(&self) -> Option<DateTime<Utc>> {
        self.timers.iter().map(|deadline| deadline.at).min()
    }
}
