//! Reads one line of a script piece by piece, always knowing the column.

use chrono::Duration;

use super::script::{Part, Text};

/// Letters that one `\{words*N}` may make.
const MAX_REPEATED_CHARS: usize = 100_000;

/// Why a piece cannot be read: column from 1, and what to do.
pub(super) type Bad = (usize, String);

/// One word of a line: `value`, `name=value` or `"value with spaces"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    /// Column from 1.
    pub column: usize,
    /// What stands before `=`.
    pub name: Option<String>,
    /// What stands after it, unread.
    pub value: String,
    /// Column of the value.
    pub value_column: usize,
}

/// A line with a place in it.
#[derive(Debug)]
pub(super) struct Cursor<'a> {
    line: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    /// A cursor at a byte of a line.
    pub fn new(line: &'a str, at: usize) -> Self {
        Self { line, at }
    }

    /// The column of the next letter.
    pub fn column(&self) -> usize {
        column_of(self.line, self.at)
    }

    /// What is left.
    pub fn rest(&self) -> &'a str {
        self.line.get(self.at..).unwrap_or_default()
    }

    /// Skips bytes, which must end at a letter.
    pub fn skip(&mut self, bytes: usize) {
        self.at += bytes;
    }

    /// Skips white space; true when nothing but a comment is left.
    pub fn is_done(&mut self) -> bool {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
        self.rest().is_empty() || self.rest().starts_with('#')
    }

    /// The next word, or nothing at the end of the line or at a comment.
    pub fn token(&mut self) -> Result<Option<Token>, Bad> {
        if self.is_done() {
            return Ok(None);
        }
        let column = self.column();
        let rest = self.rest();
        let mut token = Token { column, name: None, value: String::new(), value_column: column };
        let name_len = rest
            .char_indices()
            .find(|(_, letter)| !(letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.')))
            .map_or(rest.len(), |(at, _)| at);
        if name_len > 0 && rest[name_len..].starts_with('=') {
            token.name = Some(rest[..name_len].to_owned());
            self.at += name_len + 1;
            token.value_column = self.column();
        }
        let rest = self.rest();
        if let Some(quoted) = rest.strip_prefix('"') {
            let end = closing(quoted, '"')
                .ok_or_else(|| (token.value_column, "the quote is not closed: add `\"`".to_owned()))?;
            token.value = quoted[..end].to_owned();
            token.value_column += 1;
            self.at += end + 2;
        } else {
            let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
            token.value = rest[..end].to_owned();
            self.at += end;
        }
        Ok(Some(token))
    }

    /// The next word, which must be there.
    pub fn expect(&mut self, what: &str) -> Result<Token, Bad> {
        let column = self.column();
        self.token()?.ok_or_else(|| (column, format!("something is missing here: {what}")))
    }

    /// The next `[…]`, or nothing where none begins.
    pub fn bracket(&mut self) -> Result<Option<(usize, String)>, Bad> {
        if self.is_done() || !self.rest().starts_with('[') {
            return Ok(None);
        }
        let column = self.column() + 1;
        let inside = &self.rest()[1..];
        let end = closing(inside, ']')
            .ok_or_else(|| (column - 1, "the bracket is not closed: add `]`".to_owned()))?;
        self.at += end + 2;
        Ok(Some((column, inside[..end].trim().to_owned())))
    }

    /// Fails when something other than a comment is left.
    pub fn end(&mut self) -> Result<(), Bad> {
        if self.is_done() {
            return Ok(());
        }
        Err((
            self.column(),
            format!("`{}` is too much here: take it away, or put `#` before it", self.rest().trim()),
        ))
    }
}

/// The column of a byte of a line, in letters from 1.
pub(super) fn column_of(line: &str, at: usize) -> usize {
    line.get(..at).unwrap_or(line).chars().count() + 1
}

/// The byte of the first `end` that no backslash stands before.
fn closing(text: &str, end: char) -> Option<usize> {
    let mut escaped = false;
    for (at, letter) in text.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if letter == end => return Some(at),
            _ => {}
        }
    }
    None
}

/// Reads variables (`$order`, `$$`) and escapes (`\n`, `\t`, `\\`, `\"`, `\]`, `\u{200f}`, `\{halo*2000}`).
pub(super) fn text(raw: &str, column: usize) -> Result<Text, Bad> {
    let mut parts = Vec::new();
    let mut words = String::new();
    let mut letters = raw.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        let here = || column + column_of(raw, at) - 1;
        match letter {
            '$' if raw[at + 1..].starts_with('$') => {
                words.push('$');
                letters.next();
            }
            '$' if raw[at + 1..].starts_with(|next: char| next.is_ascii_lowercase()) => {
                let name: String = raw[at + 1..]
                    .chars()
                    .take_while(|next| next.is_ascii_alphanumeric() || *next == '_')
                    .collect();
                for _ in name.chars() {
                    letters.next();
                }
                if !words.is_empty() {
                    parts.push(Part::Words(std::mem::take(&mut words)));
                }
                parts.push(Part::Variable(name));
            }
            '\\' => {
                let (made, used) = escape(&raw[at + 1..]).map_err(|message| (here(), message))?;
                words.push_str(&made);
                for _ in raw[at + 1..at + 1 + used].chars() {
                    letters.next();
                }
            }
            _ => words.push(letter),
        }
    }
    if !words.is_empty() {
        parts.push(Part::Words(words));
    }
    Ok(Text(parts))
}

/// What stands after a backslash: the words that it makes and the bytes that it takes.
fn escape(after: &str) -> Result<(String, usize), String> {
    let letter = after.chars().next().ok_or("a backslash at the end of the line: double it")?;
    let plain = |made: &str| Ok((made.to_owned(), letter.len_utf8()));
    match letter {
        'n' => plain("\n"),
        't' => plain("\t"),
        '\\' | '"' | ']' | '[' | '$' | '#' => plain(&letter.to_string()),
        'u' => {
            let inside = after[1..].strip_prefix('{').and_then(|rest| rest.split_once('}'));
            let made = inside
                .and_then(|(hex, _)| u32::from_str_radix(hex, 16).ok())
                .and_then(char::from_u32)
                .ok_or("write a letter by its code like this: \\u{200f}")?;
            Ok((made.to_string(), 3 + inside.map_or(0, |(hex, _)| hex.len())))
        }
        '{' => {
            let advice = "write repeated words like this: \\{halo *2000}";
            let (inside, _) = after[1..].split_once('}').ok_or(advice)?;
            let (words, count) = inside.rsplit_once('*').ok_or(advice)?;
            let count: usize = count.trim().parse().map_err(|_| advice)?;
            if words.len().saturating_mul(count) > MAX_REPEATED_CHARS {
                return Err(format!("more than {MAX_REPEATED_CHARS} letters: repeat less often"));
            }
            Ok((words.repeat(count), inside.len() + 2))
        }
        other => Err(format!("`\\{other}` means nothing: write `\\\\` for a backslash")),
    }
}

/// Reads `3s`, `16m`, `1h30m`, `2d`; a bare number counts seconds.
pub(super) fn duration(raw: &str) -> Option<Duration> {
    let mut seconds: i64 = 0;
    let mut digits = String::new();
    for letter in raw.chars() {
        if letter.is_ascii_digit() {
            digits.push(letter);
            continue;
        }
        let unit: i64 = match letter {
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            _ => return None,
        };
        seconds = digits.parse::<i64>().ok()?.checked_mul(unit)?.checked_add(seconds)?;
        digits.clear();
    }
    if !digits.is_empty() {
        seconds = seconds.checked_add(digits.parse().ok()?)?;
    }
    (!raw.is_empty()).then(|| Duration::try_seconds(seconds)).flatten()
}
