//! Bodies that a strict reader of JSON refuses as a whole although one element of them is odd: they are mended, so that the
//! messages of everybody else in the same body are not lost.

use serde_json::Value;

/// How deep lists and objects may stand in each other; deeper ones become `null`. The reader refuses more than 128, and
/// nothing that is read here stands deeper than a dozen.
const MAX_DEPTH: usize = 64;
/// What some programs put before their text to say how it is encoded.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A body as JSON. Halves of surrogate pairs and broken UTF-8 become replacement characters; numbers that no machine can
/// hold and what is nested too deeply become `null`.
///
/// # Errors
/// Line and column of what cannot be read.
pub(super) fn parse(body: &[u8]) -> Result<Value, String> {
    let body = body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body);
    let place = |error: serde_json::Error| format!("line {} column {}", error.line(), error.column());
    serde_json::from_slice(body).or_else(|first| {
        let mended = mend(&String::from_utf8_lossy(body));
        serde_json::from_str(&mended).map_err(|_| place(first))
    })
}

/// Goes through a text once, string by string and number by number, without understanding more of it.
fn mend(text: &str) -> String {
    let mut mended = String::with_capacity(text.len());
    let mut depth = 0_usize;
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (taken, kept) = match first {
            '"' => {
                let taken = string_bytes(rest);
                (taken, mend_string(&rest[..taken]).into())
            }
            '-' | '0'..='9' => {
                let in_number = |c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | 'e' | 'E');
                let taken = rest.find(|c| !in_number(c)).unwrap_or(rest.len());
                let is_too_large = rest[..taken].parse().is_ok_and(|number: f64| number.is_infinite());
                (taken, if is_too_large { "null".into() } else { std::borrow::Cow::from(&rest[..taken]) })
            }
            '[' | '{' if depth == MAX_DEPTH => (closed_bytes(rest), "null".into()),
            _ => {
                match first {
                    '[' | '{' => depth += 1,
                    ']' | '}' => depth = depth.saturating_sub(1),
                    _ => {}
                }
                (first.len_utf8(), std::borrow::Cow::from(&rest[..first.len_utf8()]))
            }
        };
        mended.push_str(&kept);
        rest = &rest[taken..];
    }
    mended
}

/// The bytes of the string that a text begins with, quotes included; all of it when nothing closes it.
fn string_bytes(text: &str) -> usize {
    let mut is_escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// The bytes of the list or object that a text begins with; all of it when nothing closes it.
fn closed_bytes(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(byte) = text.as_bytes().get(at) {
        match byte {
            b'"' => {
                at += string_bytes(&text[at..]);
                continue;
            }
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += 1;
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

/// `\ud83d` without its other half, and the other half alone, become `\ufffd`.
fn mend_string(text: &str) -> String {
    let mut mended = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        mended.push_str(&rest[..at]);
        rest = &rest[at..];
        let taken = match surrogate(rest) {
            Some(high) if high < 0xdc00 && surrogate(&rest[6..]).is_some_and(|low| low >= 0xdc00) => {
                mended.push_str(&rest[..12]);
                12
            }
            Some(_) => {
                mended.push_str("\\ufffd");
                6
            }
            None => {
                // The backslash and what it escapes, so that an escaped backslash does not escape again.
                let taken = 1 + rest[1..].chars().next().map_or(0, char::len_utf8);
                mended.push_str(&rest[..taken]);
                taken
            }
        };
        rest = &rest[taken..];
    }
    mended.push_str(rest);
    mended
}

/// The half of a pair that a text begins with: `\ud800` to `\udfff`.
fn surrogate(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    u16::from_str_radix(digits, 16).ok().filter(|unit| (0xd800..0xe000).contains(unit))
}
