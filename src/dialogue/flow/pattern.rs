//! Patterns over texts and waits, as they stand in flow files.

use std::borrow::Cow;
use std::sync::Arc;

use chrono::Duration;
use regex::Regex;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer};

/// Bytes that a compiled pattern may take.
const MAX_PATTERN_BYTES: usize = 1 << 20;

/// Texts that are tried for one pattern.
const MAX_SAMPLES: usize = 64;
/// Times that a part is repeated in such a text.
const MAX_REPEATS: usize = 32;

/// A regular expression over a whole text; the engine runs in linear time whatever the text. Copies share what the engine has
/// learned: a clone of a [`Regex`] begins with empty caches, which costs more than most matches do.
#[derive(Debug, Clone)]
pub struct Pattern(pub Arc<Regex>);

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

impl Eq for Pattern {}

impl Pattern {
    /// A few texts that the pattern matches, one for each of its alternatives, to see whether another pattern takes
    /// all of them. Nothing where none could be made.
    pub fn samples(&self) -> Vec<String> {
        let Ok(tree) = regex_syntax::parse(self.0.as_str()) else { return Vec::new() };
        let mut samples = texts(&tree);
        samples.retain(|sample| self.0.is_match(sample));
        samples
    }
}

/// Texts of a part of a pattern.
fn texts(tree: &regex_syntax::hir::Hir) -> Vec<String> {
    use regex_syntax::hir::{Class, HirKind};
    match tree.kind() {
        HirKind::Empty | HirKind::Look(_) => vec![String::new()],
        HirKind::Literal(literal) => vec![String::from_utf8_lossy(&literal.0).into_owned()],
        HirKind::Class(Class::Unicode(class)) => {
            // The last range of a class that ignores case holds the small letters.
            class.ranges().iter().rev().take(1).map(|range| range.start().to_string()).collect()
        }
        HirKind::Class(Class::Bytes(_)) => Vec::new(),
        HirKind::Repetition(repetition) => {
            let times = usize::try_from(repetition.min.max(1)).unwrap_or(1).min(MAX_REPEATS);
            let mut found: Vec<String> =
                texts(&repetition.sub).iter().map(|text| text.repeat(times)).collect();
            if repetition.min == 0 {
                found.insert(0, String::new());
            }
            found.truncate(MAX_SAMPLES);
            found
        }
        HirKind::Capture(capture) => texts(&capture.sub),
        HirKind::Concat(parts) => parts.iter().fold(vec![String::new()], |before, part| {
            let after = texts(part);
            let mut joined: Vec<String> = before
                .iter()
                .flat_map(|left| after.iter().map(move |right| format!("{left}{right}")))
                .collect();
            joined.truncate(MAX_SAMPLES);
            joined
        }),
        HirKind::Alternation(parts) => {
            let mut found: Vec<String> = parts.iter().flat_map(texts).collect();
            found.truncate(MAX_SAMPLES);
            found
        }
    }
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let regex =
            regex::RegexBuilder::new(&text).size_limit(MAX_PATTERN_BYTES).build().map_err(|error| {
                serde::de::Error::custom(format!("the pattern is not a regular expression: {error}"))
            })?;
        Ok(Self(Arc::new(regex)))
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
