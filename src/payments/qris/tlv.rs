//! Tag, length, value: the grammar that EMVCo codes are written in, read strictly, with the place of every mistake.

use std::fmt;

/// Characters that are read at most; the specification stops at 512, codes in circulation are shorter.
pub const MAX_CHARS: usize = 1_024;
/// Characters of one value: a length has two digits.
pub const MAX_VALUE_CHARS: usize = 99;

/// What lengths count. The specification counts characters; some writers count bytes, which only shows outside of ASCII.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Characters, as specified.
    Characters,
    /// Bytes of UTF-8.
    Bytes,
}

/// One field: two digits that name it, two that count it, and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name, 0 to 99.
    pub tag: u8,
    /// What it says.
    pub value: String,
    /// The character of the whole text at which its tag stands, from 1.
    pub at: usize,
}

/// Why a text is not a row of fields. Positions count characters of the whole text from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlvError {
    /// Where.
    pub at: usize,
    /// The tag that it is about, with its parent's where it is inside one (`62.05`).
    pub tag: Option<String>,
    /// What is wrong.
    pub reason: TlvReason,
}

/// The ways in which a text can fail to be a row of fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TlvReason {
    /// There is nothing.
    Empty,
    /// Longer than [`MAX_CHARS`].
    TooLong,
    /// The two characters of a tag are not digits.
    Tag(String),
    /// The two characters of a length are not digits.
    Length(String),
    /// A length of 00.
    Zero,
    /// The text ends inside a field.
    Cut {
        /// What the length announces.
        announced: usize,
        /// What is there.
        left: usize,
    },
    /// The same tag twice on one level.
    Twice,
}

impl fmt::Display for TlvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "character {}: ", self.at)?;
        if let Some(tag) = &self.tag {
            write!(f, "tag {tag} ")?;
        }
        match &self.reason {
            TlvReason::Empty => f.write_str("there is no text"),
            TlvReason::TooLong => write!(f, "the text is longer than {MAX_CHARS} characters"),
            TlvReason::Tag(found) => write!(f, "a tag of two digits is expected, not {found:?}"),
            TlvReason::Length(found) => {
                write!(f, "must be followed by a length of two digits, not {found:?}")
            }
            TlvReason::Zero => f.write_str("has the length 00; empty fields are left out"),
            TlvReason::Cut { announced, left } => {
                write!(f, "announces {announced} characters, but {left} are left")
            }
            TlvReason::Twice => f.write_str("stands there a second time"),
        }
    }
}

impl std::error::Error for TlvError {}

/// Reads a row of fields. `parent` and `offset` place a row that is itself the value of a field.
///
/// # Errors
/// [`TlvError`] at the first mistake.
pub fn read(text: &str, unit: Unit, parent: Option<u8>, offset: usize) -> Result<Vec<Field>, TlvError> {
    let fail = |at: usize, tag: Option<u8>, reason| {
        let tag = match (parent, tag) {
            (Some(parent), Some(tag)) => Some(format!("{parent:02}.{tag:02}")),
            (one, other) => other.or(one).map(|tag| format!("{tag:02}")),
        };
        TlvError { at, tag, reason }
    };
    if text.is_empty() {
        return Err(fail(offset + 1, None, TlvReason::Empty));
    }
    if text.chars().count() > MAX_CHARS {
        return Err(fail(offset + MAX_CHARS + 1, None, TlvReason::TooLong));
    }
    let mut fields: Vec<Field> = Vec::new();
    let (mut rest, mut at) = (text, offset + 1);
    while !rest.is_empty() {
        let (tag, after) = digits(rest).map_err(|found| fail(at, None, TlvReason::Tag(found)))?;
        let (length, after) =
            digits(after).map_err(|found| fail(at + 2, Some(tag), TlvReason::Length(found)))?;
        let length = usize::from(length);
        if length == 0 {
            return Err(fail(at + 2, Some(tag), TlvReason::Zero));
        }
        let (value, after) = take(after, length, unit)
            .map_err(|left| fail(at + 4, Some(tag), TlvReason::Cut { announced: length, left }))?;
        if fields.iter().any(|field| field.tag == tag) {
            return Err(fail(at, Some(tag), TlvReason::Twice));
        }
        fields.push(Field { tag, value: value.to_owned(), at });
        at += 4 + value.chars().count();
        rest = after;
    }
    Ok(fields)
}

/// Two ASCII digits and what follows them, or what stands there instead.
fn digits(text: &str) -> Result<(u8, &str), String> {
    match text.as_bytes() {
        [tens @ b'0'..=b'9', ones @ b'0'..=b'9', ..] => Ok(((tens - b'0') * 10 + (ones - b'0'), &text[2..])),
        _ => Err(text.chars().take(2).collect()),
    }
}

/// The first `length` units of a text and what follows them, or how many units there are.
fn take(text: &str, length: usize, unit: Unit) -> Result<(&str, &str), usize> {
    let end = match unit {
        Unit::Characters if text.chars().count() == length => Some(text.len()),
        Unit::Characters => text.char_indices().nth(length).map(|(index, _)| index),
        Unit::Bytes => Some(length),
    };
    end.and_then(|end| text.split_at_checked(end)).ok_or(match unit {
        Unit::Characters => text.chars().count(),
        Unit::Bytes => text.len(),
    })
}

/// Appends a field. The caller has seen to it that the value is neither empty nor longer than [`MAX_VALUE_CHARS`].
pub fn write(text: &mut String, tag: u8, value: &str, unit: Unit) {
    use fmt::Write as _;
    let length = match unit {
        Unit::Characters => value.chars().count(),
        Unit::Bytes => value.len(),
    };
    // Writing into a text cannot fail.
    let _ = write!(text, "{tag:02}{length:02}{value}");
}
