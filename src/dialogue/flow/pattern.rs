//! Patterns over texts and waits, as they stand in flow files.

use std::borrow::Cow;

use chrono::Duration;
use regex::Regex;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer};

/// Bytes that a compiled pattern may take.
const MAX_PATTERN_BYTES: usize = 1 << 20;

/// A regular expression over a whole text; the engine runs in linear time whatever the text.
#[derive(Debug, Clone)]
pub struct Pattern(pub Regex);

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

impl Eq for Pattern {}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let regex =
            regex::RegexBuilder::new(&text).size_limit(MAX_PATTERN_BYTES).build().map_err(|error| {
                serde::de::Error::custom(format!("the pattern is not a regular expression: {error}"))
            })?;
        Ok(Self(regex))
    }
}

impl JsonSchema for Pattern {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Pattern".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({ "type": "string", "format": "regex" })
    }
}

/// A wait: `90s`, `30m`, `24h`, `7d`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wait {
    /// Seconds.
    pub seconds: i64,
    /// As written: the deadline's name.
    pub text: String,
}

impl Wait {
    /// Reads a wait; a year is the longest.
    pub fn parse(text: &str) -> Option<Self> {
        let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
        let unit = match unit {
            "s" => 1,
            "m" => 60,
            "h" => 3_600,
            "d" => 86_400,
            _ => return None,
        };
        let seconds = number.parse::<i64>().ok().filter(|number| *number > 0)?.checked_mul(unit)?;
        (seconds <= 366 * 86_400).then(|| Self { seconds, text: text.to_owned() })
    }

    /// Its length.
    pub fn duration(&self) -> Duration {
        Duration::seconds(self.seconds)
    }
}

impl<'de> Deserialize<'de> for Wait {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| {
            serde::de::Error::custom(format!("`{text}` is not a wait; write a number and s, m, h or d: 30m"))
        })
    }
}

impl JsonSchema for Wait {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Wait".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^[1-9][0-9]*[smhd]$" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_read_with_their_unit() {
        for (text, seconds) in
            [("90s", Some(90)), ("30m", Some(1_800)), ("24h", Some(86_400)), ("7d", Some(604_800))]
        {
            assert_eq!(Wait::parse(text).map(|wait| wait.seconds), seconds, "{text}");
        }
        for text in ["", "m", "0m", "-1m", "5", "5x", "9999999999999999999d", "400d", "é"] {
            assert_eq!(Wait::parse(text), None, "{text}");
        }
    }
}
