//! Values that flows pass around: what a path of the world yields, what a slot holds, what a reply is given.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::customer::Localized;
use crate::domain::money::Rupiah;

/// A value. The renderer turns it into words; guards compare it; slots keep it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// Nothing: an attribute that is not known.
    None,
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// An amount.
    Money(Rupiah),
    /// A moment; rendered in the shop's zone.
    Time(DateTime<Utc>),
    /// Words of a person or an id: rendered as they are.
    Text(String),
    /// One word of a closed set (`paid`, `courier`): rendered by the locale's message `<set>-<word>`, the set being
    /// the name before the dot (`order-status.paid` renders `order-status-paid`).
    Word(String),
    /// A text of the shop in both languages.
    Localized(Localized),
    /// A list; each row has named values. Rendered line by line by the message that the reply names for it.
    Rows(Vec<Row>),
    /// A QRIS string with what is printed under it.
    Qris {
        /// The EMVCo string.
        payload: String,
        /// The shop's name.
        title: String,
        /// The amount.
        amount: Rupiah,
    },
    /// A picture of the words of the message that it stands in, to be kept and shown.
    Paper,
    /// Structured data that flows only carry from one effect to the next.
    Data(serde_json::Value),
}

/// A row of a list.
pub type Row = BTreeMap<String, Value>;

/// The type of a [`Value`], for checking flows when they are loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Type {
    /// [`Value::Bool`].
    Bool,
    /// [`Value::Int`].
    Int,
    /// [`Value::Money`]; guards may compare it with a whole number.
    Money,
    /// [`Value::Time`].
    Time,
    /// [`Value::Text`].
    Text,
    /// [`Value::Word`].
    Word,
    /// [`Value::Localized`].
    Localized,
    /// [`Value::Rows`].
    Rows,
    /// [`Value::Qris`].
    Qris,
    /// [`Value::Paper`].
    Paper,
    /// [`Value::Data`].
    Data,
}

impl Value {
    /// Whether there is nothing: [`Value::None`], no, zero, an empty text or an empty list. A guard that is a lone path
    /// holds when this is false.
    pub fn is_empty(&self) -> bool {
        match self {
            Value::None | Value::Bool(false) | Value::Int(0) => true,
            Value::Money(amount) => *amount == Rupiah::ZERO,
            Value::Text(text) | Value::Word(text) => text.is_empty(),
            Value::Localized(text) => text.id.is_empty(),
            Value::Rows(rows) => rows.is_empty(),
            Value::Data(data) => data.is_null() || data.as_array().is_some_and(Vec::is_empty),
            _ => false,
        }
    }

    /// The text of [`Value::Text`] and [`Value::Word`].
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Value::Text(text) | Value::Word(text) => Some(text),
            _ => None,
        }
    }

    /// The number of [`Value::Int`] or [`Value::Money`].
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Value::Int(number) => Some(*number),
            Value::Money(amount) => Some(amount.whole()),
            _ => None,
        }
    }

    /// The raw form that scripted conversations compare: digits for numbers and money, RFC 3339 for times, the last
    /// part of a word, Indonesian for texts in two languages, nothing for lists and data.
    pub fn raw(&self) -> String {
        match self {
            Value::None | Value::Rows(_) | Value::Data(_) | Value::Paper => String::new(),
            Value::Bool(value) => value.to_string(),
            Value::Int(number) => number.to_string(),
            Value::Money(amount) => amount.whole().to_string(),
            Value::Time(at) => at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
            Value::Text(text) => text.clone(),
            Value::Word(word) => word.rsplit('.').next().unwrap_or_default().to_owned(),
            Value::Localized(text) => text.id.clone(),
            Value::Qris { payload, .. } => payload.clone(),
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Value::Text(text)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Value::Bool(value)
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Value::Int(i64::from(number))
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Value::Int(number)
    }
}

impl From<Rupiah> for Value {
    fn from(amount: Rupiah) -> Self {
        Value::Money(amount)
    }
}

impl From<Localized> for Value {
    fn from(text: Localized) -> Self {
        Value::Localized(text)
    }
}

impl From<DateTime<Utc>> for Value {
    fn from(at: DateTime<Utc>) -> Self {
        Value::Time(at)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::None, Into::into)
    }
}
