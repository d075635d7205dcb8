//! What was heard of the last message, as flows read it.

use super::event::Event;
use super::understand::{Detail, Understanding};
use super::value::Value;

/// An attribute of what was heard.
pub(super) fn value(heard: &Understanding, attribute: &str) -> Value {
    match attribute {
        "topic" => heard.topic.map_or(Value::None, |topic| Value::Word(format!("topic.{}", topic.as_str()))),
        "number" => heard.number.into(),
        "order_number" => heard.order_number.clone().into(),
        "about" => heard
            .told
            .as_ref()
            .map_or(Value::None, |told| Value::Word(format!("detail.{}", told.kind.code()))),
        "value" => heard.told.as_ref().and_then(|told| told.value.clone()).into(),
        "way" => {
            let way = heard.given.iter().find(|given| given.kind == Detail::Delivery);
            way.map_or(Value::None, |given| Value::Word(format!("way.{}", given.value)))
        }
        "adds" => {
            let about = heard.told.as_ref().map(|told| told.kind);
            heard.given.iter().any(|given| Some(given.kind) == about && given.adds).into()
        }
        "products" => {
            Value::Int(i64::try_from(heard.items.len() + heard.ambiguous.len()).unwrap_or(i64::MAX))
        }
        "language" => heard
            .language_wanted
            .map_or(Value::None, |language| Value::Word(format!("language.{}", language.code()))),
        _ => Value::None,
    }
}

/// The words of an event, for `heard.text`.
pub fn heard_text(event: &Event) -> Option<&str> {
    match event {
        Event::Heard { text } => Some(text),
        Event::Media { caption, .. } => caption.as_deref(),
        Event::Location { place } => Some(place),
        _ => None,
    }
}
