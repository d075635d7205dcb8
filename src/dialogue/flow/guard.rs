//! Guards and operands: the tiny total language of conditions in flow files, read once when a flow is loaded.

use std::borrow::Cow;
use std::sync::LazyLock;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer};

use crate::dialogue::value::Value;

/// Brackets that a guard may nest.
const MAX_DEPTH: usize = 16;

/// A value in a flow file: a path of the world or a literal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operand {
    /// `noun.attribute`.
    Path(String),
    /// A word or words.
    Text(String),
    /// A whole number.
    Int(i64),
    /// `true` or `false`.
    Bool(bool),
}

impl Operand {
    /// Reads an operand: `cart.total`, `'words'`, `word`, `3`, `true`.
    pub fn parse(text: &str) -> Self {
        let text = text.trim();
        if let Some(inner) = text.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
            return Self::Text(inner.to_owned());
        }
        if let Ok(number) = text.parse() {
            return Self::Int(number);
        }
        match text {
            "true" => Self::Bool(true),
            "false" => Self::Bool(false),
            _ if is_path(text) => Self::Path(text.to_owned()),
            _ => Self::Text(text.to_owned()),
        }
    }

    /// The value of a literal; paths are looked up by `path`.
    pub fn value(&self, path: &dyn Fn(&str) -> Value) -> Value {
        match self {
            Self::Path(name) => path(name),
            Self::Text(text) => Value::Text(text.clone()),
            Self::Int(number) => Value::Int(*number),
            Self::Bool(value) => Value::Bool(*value),
        }
    }
}

fn is_path(text: &str) -> bool {
    let mut parts = text.split('.');
    let ok = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_lowercase())
            && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-')
    };
    matches!((parts.next(), parts.next(), parts.next()), (Some(noun), Some(attribute), None) if ok(noun) && ok(attribute))
}

impl<'de> Deserialize<'de> for Operand {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self::parse(&text))
    }
}

impl JsonSchema for Operand {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Operand".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({
            "type": ["string", "integer", "boolean"],
            "description": "A path of the world (cart.total), a word or 'words', a number, or true or false."
        })
    }
}

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

/// A condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// Something is there.
    Holds(Operand),
    /// Two values compare so.
    Compare(Operand, Comparison, Operand),
    /// A value is one of these.
    In(Operand, Vec<Operand>),
    /// The opposite.
    Not(Box<Condition>),
    /// All of them.
    And(Vec<Condition>),
    /// Any of them.
    Or(Vec<Condition>),
}

/// A condition as it stands in a flow file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guard {
    /// As written.
    pub text: String,
    /// As understood.
    pub condition: Condition,
}

impl Guard {
    /// Reads a guard.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let tokens = tokens(text)?;
        let mut parser = Parser { tokens: &tokens, position: 0 };
        let condition = parser.any(0)?;
        if let Some(rest) = parser.peek() {
            return Err(format!("`{rest}` is not expected here; join conditions with `and` or `or`"));
        }
        Ok(Self { text: text.to_owned(), condition })
    }

    /// Whether it holds, with paths looked up by `path`. Unknown values compare as nothing.
    pub fn holds(&self, path: &dyn Fn(&str) -> Value) -> bool {
        self.condition.holds(path)
    }
}

impl Condition {
    fn holds(&self, path: &dyn Fn(&str) -> Value) -> bool {
        match self {
            Self::Holds(operand) => !operand.value(path).is_empty(),
            Self::Compare(left, comparison, right) => {
                compare(&left.value(path), *comparison, &right.value(path))
            }
            Self::In(operand, set) => {
                let value = operand.value(path);
                set.iter().any(|entry| compare(&value, Comparison::Equal, &entry.value(path)))
            }
            Self::Not(condition) => !condition.holds(path),
            Self::And(all) => all.iter().all(|condition| condition.holds(path)),
            Self::Or(any) => any.iter().any(|condition| condition.holds(path)),
        }
    }

    /// Every operand, for checking.
    pub fn operands(&self) -> Vec<&Operand> {
        match self {
            Self::Holds(operand) => vec![operand],
            Self::Compare(left, _, right) => vec![left, right],
            Self::In(operand, set) => std::iter::once(operand).chain(set).collect(),
            Self::Not(condition) => condition.operands(),
            Self::And(all) | Self::Or(all) => all.iter().flat_map(Condition::operands).collect(),
        }
    }
}

fn compare(left: &Value, comparison: Comparison, right: &Value) -> bool {
    use std::cmp::Ordering;
    let ordering = match (left.as_int(), right.as_int()) {
        (Some(left), Some(right)) => Some(left.cmp(&right)),
        // A word is compared without its set, a text as it is.
        _ => match (left, right) {
            (Value::Bool(left), Value::Bool(right)) => Some(left.cmp(right)),
            (Value::Time(left), Value::Time(right)) => Some(left.cmp(right)),
            _ => Some(left.raw().cmp(&right.raw()))
                .filter(|_| !matches!(left, Value::Rows(_) | Value::Data(_))),
        },
    };
    match comparison {
        Comparison::Equal => ordering == Some(Ordering::Equal),
        Comparison::NotEqual => ordering != Some(Ordering::Equal),
        Comparison::Less => ordering == Some(Ordering::Less) && left.as_int().is_some(),
        Comparison::LessOrEqual => ordering.is_some_and(Ordering::is_le) && left.as_int().is_some(),
        Comparison::Greater => ordering == Some(Ordering::Greater) && left.as_int().is_some(),
        Comparison::GreaterOrEqual => ordering.is_some_and(Ordering::is_ge) && left.as_int().is_some(),
    }
}

fn tokens(text: &str) -> Result<Vec<String>, String> {
    static TOKEN: LazyLock<Option<regex::Regex>> =
        LazyLock::new(|| regex::Regex::new(r"^\s*(==|!=|<=|>=|<|>|\(|\)|\[|\]|,|'[^']*'|[\w.\-]+)").ok());
    let pattern = TOKEN.as_ref().ok_or("the pattern of tokens is broken")?;
    let mut found = Vec::new();
    let mut rest = text;
    while !rest.trim().is_empty() {
        let Some(captures) = pattern.captures(rest) else {
            return Err(format!("`{}` cannot be read as a condition", rest.trim()));
        };
        found.push(captures[1].to_owned());
        rest = &rest[captures[0].len()..];
    }
    if found.is_empty() { Err("the condition is empty".to_owned()) } else { Ok(found) }
}

struct Parser<'a> {
    tokens: &'a [String],
    position: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&str> {
        self.tokens.get(self.position).map(String::as_str)
    }

    fn take(&mut self, token: &str) -> bool {
        let found = self.peek() == Some(token);
        self.position += usize::from(found);
        found
    }

    fn any(&mut self, depth: usize) -> Result<Condition, String> {
        let mut parts = vec![self.all(depth)?];
        while self.take("or") {
            parts.push(self.all(depth)?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Condition::Or(parts) })
    }

    fn all(&mut self, depth: usize) -> Result<Condition, String> {
        let mut parts = vec![self.one(depth)?];
        while self.take("and") {
            parts.push(self.one(depth)?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Condition::And(parts) })
    }

    fn one(&mut self, depth: usize) -> Result<Condition, String> {
        if depth > MAX_DEPTH {
            return Err("the condition is nested too deeply".to_owned());
        }
        if self.take("not") {
            return Ok(Condition::Not(Box::new(self.one(depth + 1)?)));
        }
        if self.take("(") {
            let inner = self.any(depth + 1)?;
            return if self.take(")") { Ok(inner) } else { Err("a `)` is missing".to_owned()) };
        }
        let left = self.operand()?;
        let comparison = match self.peek() {
            Some("==") => Comparison::Equal,
            Some("!=") => Comparison::NotEqual,
            Some("<") => Comparison::Less,
            Some("<=") => Comparison::LessOrEqual,
            Some(">") => Comparison::Greater,
            Some(">=") => Comparison::GreaterOrEqual,
            Some("in") => {
                self.position += 1;
                return Ok(Condition::In(left, self.set()?));
            }
            _ => return Ok(Condition::Holds(left)),
        };
        self.position += 1;
        Ok(Condition::Compare(left, comparison, self.operand()?))
    }

    fn set(&mut self) -> Result<Vec<Operand>, String> {
        if !self.take("[") {
            return Err("`in` wants a list: `path in [a, b]`".to_owned());
        }
        let mut set = Vec::new();
        while !self.take("]") {
            set.push(self.operand()?);
            if !self.take(",") && self.peek() != Some("]") {
                return Err("a `]` is missing".to_owned());
            }
        }
        Ok(set)
    }

    fn operand(&mut self) -> Result<Operand, String> {
        let Some(token) = self.peek() else { return Err("the condition ends too early".to_owned()) };
        if matches!(
            token,
            "and" | "or" | "in" | ")" | "]" | "," | "==" | "!=" | "<" | "<=" | ">" | ">=" | "(" | "["
        ) {
            return Err(format!("a path or a value is expected before `{token}`"));
        }
        let operand = Operand::parse(token);
        self.position += 1;
        Ok(operand)
    }
}

impl<'de> Deserialize<'de> for Guard {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Guard {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Guard".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "path, not path, path == value, !=, <, <=, >, >=, path in [a, b]; joined by and, or, and brackets."
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn world(path: &str) -> Value {
        match path {
            "cart.count" => Value::Int(3),
            "order.status" => Value::Word("order-status.paid".into()),
            "order.total" => Value::Money(crate::domain::money::Rupiah::new(50_000).unwrap()),
            "customer.name" => Value::Text("Ayu".into()),
            _ => Value::None,
        }
    }

    #[test]
    fn conditions_hold_as_they_read() {
        for (text, expected) in [
            ("cart.count", true),
            ("cart.note", false),
            ("not cart.note", true),
            ("cart.count > 2 and cart.count <= 3", true),
            ("cart.count < 3 or customer.name == 'Ayu'", true),
            ("order.status == paid", true),
            ("order.status in [created, payment_initiated]", false),
            ("order.total >= 50000", true),
            ("cart.note > 0", false),
            ("not (cart.count == 3 and order.status != paid)", true),
        ] {
            assert_eq!(Guard::parse(text).unwrap().holds(&world), expected, "{text}");
        }
    }

    #[test]
    fn malformed_conditions_say_what_is_wrong() {
        for text in [
            "",
            "cart.count >",
            "and",
            "(cart.count",
            "cart.count in x",
            "a.b c.d",
            "cart.count == ;",
            "in [a",
        ] {
            assert!(Guard::parse(text).is_err(), "{text}");
        }
    }
}
