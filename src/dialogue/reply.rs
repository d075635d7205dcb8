//! What the dialogue wants to say, before any words: keys, arguments and choices.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::value::Value;
use crate::domain::message::AskKind;

/// One reply. `i18n` renders it, `pipeline` merges it with its neighbours into messages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Say {
    /// The key in `locales/`.
    pub key: String,
    /// The arguments of the message.
    #[serde(default)]
    pub args: BTreeMap<String, Value>,
    /// For each argument that is a list, the key that renders one row.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub rows: BTreeMap<String, String>,
    /// What may be chosen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<Choice>,
    /// A picture: [`Value::Text`] holds a path or an address, [`Value::Qris`] a code to draw.
    #[serde(default = "none", skip_serializing_if = "is_none")]
    pub image: Value,
    /// A link: the key of its label and its address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<(String, String)>,
    /// What it shows, as its flow says: `cart`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<String>,
    /// What kind of words it asks for, where a channel may have a form for them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ask: Option<AskKind>,
}

fn none() -> Value {
    Value::None
}

fn is_none(value: &Value) -> bool {
    *value == Value::None
}

impl Say {
    /// A reply of words alone.
    pub fn new(key: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            args: BTreeMap::new(),
            rows: BTreeMap::new(),
            choices: Vec::new(),
            image: Value::None,
            link: None,
            card: None,
            ask: None,
        }
    }

    /// The same with one more argument.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.args.insert(name.to_owned(), value.into());
        self
    }
}

/// Something that the reader may press, type by number, or say in its own words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// What stands on it.
    pub label: Label,
    /// What choosing it means.
    pub action: Action,
    /// How long a press of it stays valid.
    pub class: Class,
}

/// The words on a choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Label {
    /// A message of the locales with its arguments.
    Key {
        /// The key.
        key: String,
        /// Its arguments.
        args: BTreeMap<String, Value>,
    },
    /// Words that were rendered before.
    Text(String),
}

/// What a choice does, apart from where it was shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Action {
    /// The flow that offered it.
    pub flow: String,
    /// The state that offered it.
    pub state: String,
    /// Slots to set before anything else.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub set: BTreeMap<String, Value>,
    /// The intent that it stands for (`affirm`, `view_cart`): heard as if the person had said it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intent: Option<String>,
    /// The state to go to, within the flow that offered it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goto: Option<String>,
    /// Turns the page of the list that offered it, to this page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<u32>,
}

/// How long a press stays valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Always: it only shows or adds something and is right at any time (view the cart, open a product).
    Safe,
    /// While its prompt is the open one; later it explains itself and the current prompt is repeated.
    Current,
    /// Once: the first press acts, later ones are told what came of it (place the order, pay, cancel, owner's moves).
    Once,
}
