//! The one reader of JSON that others wrote: platforms, gateways, phones that pass notices on, the chat page.
//!
//! A strict reader refuses a whole body over one odd place in it: half an emoji that somebody's phone cut, a byte that is no
//! UTF-8, a line end in a text that was pasted into a template. With it everybody else's messages in the same body would be
//! lost, and a platform that is asked for news would bring the same body again for ever. What only the odd place is about
//! becomes a mark (U+FFFD) or `null`; where braces and quotes do not match, nothing is guessed. Of two fields of one name the
//! last one counts, as it does for the programs that write such bodies.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;

/// How deep lists and objects may stand in each other when a body is mended; deeper ones become `null`. The strict reader
/// takes 127, and nothing that is read here stands deeper than a dozen.
const MAX_DEPTH: usize = 64;
/// What some programs put before their text to say how it is encoded.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// The same before text in units of two bytes, the lesser byte first or last.
const UNITS_LITTLE: [u8; 2] = [0xff, 0xfe];
const UNITS_BIG: [u8; 2] = [0xfe, 0xff];
/// The one character that JSON allows and the database does not take.
const NUL: &[u8] = b"\\u0000";

/// A body that cannot be read. The place says nothing of what stands there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the JSON that is expected, line {line} column {column}")]
pub struct Unreadable {
    /// The line, from 1; 0 where the whole is not of the form that is wanted.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
}

impl From<serde_json::Error> for Unreadable {
    fn from(error: serde_json::Error) -> Self {
        Self { line: error.line(), column: error.column() }
    }
}

/// A body as JSON. Halves of surrogate pairs and broken UTF-8 become replacement characters; numbers that no machine can
/// hold, words that are no JSON (`NaN`) and what is nested too deeply become `null`; line ends and escapes that a text may not
/// hold are taken for what they are; U+0000 is left out.
///
/// # Errors
/// [`Unreadable`], with the place of the first fault of the body as it came.
pub fn parse(body: &[u8]) -> Result<Value, Unreadable> {
    let text = decoded(body);
    let value = match serde_json::from_slice(&text) {
        Ok(value) => value,
        Err(first) => serde_json::from_str(&mend(&String::from_utf8_lossy(&text))).map_err(|_| first)?,
    };
    let may_hold_nul = text.contains(&0) || text.windows(NUL.len()).any(|at| at == NUL);
    Ok(if may_hold_nul { without_nul(value) } else { value })
}

/// A body as a value of ours, read as [`parse`] reads it.
///
/// # Errors
/// [`Unreadable`]; its place is 0 where the body is JSON and has another form than is wanted.
pub fn parse_as<T: DeserializeOwned>(body: &[u8]) -> Result<T, Unreadable> {
    serde_json::from_value(parse(body)?).map_err(|_| Unreadable { line: 0, column: 0 })
}

/// The fields of the object that a body is, each as the very text that came, for signatures over such texts.
///
/// # Errors
/// [`Unreadable`] when the body is no object.
pub fn fields_as_written(body: &[u8]) -> Result<BTreeMap<String, Box<RawValue>>, Unreadable> {
    let text = decoded(body);
    let first = match serde_json::from_slice(&text) {
        Ok(fields) => return Ok(fields),
        Err(first) => first,
    };
    serde_json::from_str(&mend(&String::from_utf8_lossy(&text))).map_err(|_| first.into())
}

/// A body in UTF-8 without a mark before it.
fn decoded(body: &[u8]) -> Cow<'_, [u8]> {
    let units = |rest: &[u8], unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = rest.chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
        Cow::Owned(String::from_utf16_lossy(&units).into_bytes())
    };
    if let Some(rest) = body.strip_prefix(&UNITS_LITTLE) {
        return units(rest, u16::from_le_bytes);
    }
    if let Some(rest) = body.strip_prefix(&UNITS_BIG) {
        return units(rest, u16::from_be_bytes);
    }
    Cow::Borrowed(body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body))
}

/// The database keeps texts and JSON without U+0000, and one such character must not keep the rest from being stored.
fn without_nul(value: Value) -> Value {
    let clean = |text: String| if text.contains('\0') { text.replace('\0', "") } else { text };
    match value {
        Value::String(text) => Value::String(clean(text)),
        Value::Array(items) => Value::Array(items.into_iter().map(without_nul).collect()),
        Value::Object(fields) => {
            Value::Object(fields.into_iter().map(|(name, value)| (clean(name), without_nul(value))).collect())
        }
        other => other,
    }
}

/// Goes through a text once, string by string, number by number and word by word, without understanding more of it.
fn mend(text: &str) -> String {
    let mut mended = String::with_capacity(text.len());
    let mut depth = 0_usize;
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (taken, kept) = match first {
            '"' => {
                let taken = string_bytes(rest);
                (taken, Cow::Owned(mend_string(&rest[..taken])))
            }
            '-' | '0'..='9' => mend_number(rest),
            'a'..='z' | 'A'..='Z' => mend_word(rest),
            '[' | '{' if depth == MAX_DEPTH => (closed_bytes(rest), "null".into()),
            _ => {
                match first {
                    '[' | '{' => depth += 1,
                    ']' | '}' => depth = depth.saturating_sub(1),
                    _ => {}
                }
                (first.len_utf8(), Cow::Borrowed(&rest[..first.len_utf8()]))
            }
        };
        mended.push_str(&kept);
        rest = &rest[taken..];
    }
    mended
}

/// The number that a text begins with; `null` for one that no machine can hold.
fn mend_number(text: &str) -> (usize, Cow<'_, str>) {
    let in_number = |c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | 'e' | 'E');
    let taken = text.find(|c| !in_number(c)).unwrap_or(text.len());
    let number = &text[..taken];
    if number == "-" {
        // `-Infinity`, as some programs write it.
        let (word, kept) = mend_word(&text[taken..]);
        return if kept == "null" { (taken + word, kept) } else { (taken, number.into()) };
    }
    let is_too_large = number.parse().is_ok_and(|number: f64| number.is_infinite());
    (taken, if is_too_large { "null".into() } else { number.into() })
}

/// The word that a text begins with; `null` for the names of numbers that are none.
fn mend_word(text: &str) -> (usize, Cow<'_, str>) {
    let taken = text.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(text.len());
    let word = &text[..taken];
    (taken, if matches!(word, "NaN" | "Infinity") { "null".into() } else { word.into() })
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

/// `\ud83d` without its other half, and the other half alone, become `\ufffd`; a backslash that escapes nothing is one; a
/// line end that stands in the string as it is becomes an escaped one.
fn mend_string(text: &str) -> String {
    let mut mended = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c == '\\' || c < ' ') {
        mended.push_str(&rest[..at]);
        rest = &rest[at..];
        let taken = match (rest.as_bytes()[0], surrogate(rest)) {
            (b'\\', Some(high))
                if high < 0xdc00 && surrogate(&rest[6..]).is_some_and(|low| low >= 0xdc00) =>
            {
                mended.push_str(&rest[..12]);
                12
            }
            (b'\\', Some(_)) => {
                mended.push_str("\\ufffd");
                6
            }
            (b'\\', None) => {
                // The backslash and what it escapes, so that an escaped backslash does not escape again.
                let taken = 1 + rest[1..].chars().next().map_or(0, char::len_utf8);
                if !is_escape(rest) {
                    mended.push('\\');
                }
                let is_control = taken == 2 && rest.as_bytes()[1] < b' ';
                let taken = if is_control { 1 } else { taken };
                mended.push_str(&rest[..taken]);
                taken
            }
            (control, _) => {
                mended.push_str(&format!("\\u{control:04x}"));
                1
            }
        };
        rest = &rest[taken..];
    }
    mended.push_str(rest);
    mended
}

/// Whether a text begins with one of the escapes that JSON has.
fn is_escape(text: &str) -> bool {
    match text.as_bytes().get(1) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => true,
        Some(b'u') => text.get(2..6).is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit())),
        _ => false,
    }
}

/// The half of a pair that a text begins with: `\ud800` to `\udfff`.
fn surrogate(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    u16::from_str_radix(digits, 16).ok().filter(|unit| (0xd800..0xe000).contains(unit))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_odd_in_a_body_loses_nothing_but_itself() {
        let deep = |depth: usize| format!(r#"{{"a":{}1{},"b":2}}"#, "[".repeat(depth), "]".repeat(depth));
        let table: Vec<(Vec<u8>, Value)> = vec![
            (br#"{"a":"\ud83d","b":1}"#.to_vec(), json!({"a": "\u{fffd}", "b": 1})),
            (br#"{"a":"x\ude00y"}"#.to_vec(), json!({"a": "x\u{fffd}y"})),
            (br#"{"a":"\ud83d\ude00"}"#.to_vec(), json!({"a": "😀"})),
            (br#"{"a":"\ud83d\ud83d\ude00"}"#.to_vec(), json!({"a": "\u{fffd}😀"})),
            (br#"{"a":"\\ud83d"}"#.to_vec(), json!({"a": "\\ud83d"})),
            (b"{\"a\":\"x\xff\xfe y\",\"b\":1}".to_vec(), json!({"a": "x\u{fffd}\u{fffd} y", "b": 1})),
            (b"\xef\xbb\xbf{\"a\":1}".to_vec(), json!({"a": 1})),
            (br#"{"a":1,"a":2}"#.to_vec(), json!({"a": 2})),
            (
                br#"{"a":1e999,"b":-1e999,"c":NaN,"d":-Infinity,"e":Infinity,"f":true}"#.to_vec(),
                json!({"a": null, "b": null, "c": null, "d": null, "e": null, "f": true}),
            ),
            (b"{\"a\":\"Dana masuk\nRp1\tdari BUDI\"}".to_vec(), json!({"a": "Dana masuk\nRp1\tdari BUDI"})),
            (br#"{"a":"C:\shop\q","b":"it\'s"}"#.to_vec(), json!({"a": "C:\\shop\\q", "b": "it\\'s"})),
            (br#"{"a":"\u12","b":"\ud83d\u12"}"#.to_vec(), json!({"a": "\\u12", "b": "\u{fffd}\\u12"})),
            (br#"{"a\u0000":"x\u0000y"}"#.to_vec(), json!({"a": "xy"})),
            (b"{\"a\":\"x\0y\"}".to_vec(), json!({"a": "x\0y".replace('\0', "")})),
        ];
        for (body, expected) in table {
            assert_eq!(parse(&body), Ok(expected), "{}", String::from_utf8_lossy(&body));
        }
        for depth in [200, 100_000] {
            assert_eq!(parse(deep(depth).as_bytes()).unwrap()["b"], 2, "{depth}");
        }
    }

    #[test]
    fn a_body_in_units_of_two_bytes_is_read_by_its_mark() {
        let text = r#"{"a":"Teh Hijau 🍵"}"#;
        let little: Vec<u8> =
            UNITS_LITTLE.into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
        let big: Vec<u8> =
            UNITS_BIG.into_iter().chain(text.encode_utf16().flat_map(u16::to_be_bytes)).collect();
        for body in [little, big] {
            assert_eq!(parse(&body), Ok(json!({"a": "Teh Hijau 🍵"})));
        }
    }

    #[test]
    fn what_is_no_json_is_guessed_at_nowhere() {
        let broken: [&[u8]; 9] = [
            b"",
            b"{",
            b"{\"a\":\"x",
            b"{\"a\":}",
            b"halo",
            b"{\"a\":1}}",
            b"{'a':1}",
            b"[1,]",
            b"\xff\xfe{",
        ];
        for body in broken {
            assert!(parse(body).is_err(), "{}", String::from_utf8_lossy(body));
            assert!(fields_as_written(body).is_err());
        }
        assert_eq!(
            parse(b"{\n \"a\": x}").unwrap_err().to_string(),
            "not the JSON that is expected, line 2 column 7"
        );
    }

    #[test]
    fn signed_texts_are_those_that_came_and_the_last_of_two_counts_for_both_readings() {
        let body = br#"{"amount":50000.00,"name":"\ud83d","amount":"50000.0"}"#;
        let fields = fields_as_written(body).unwrap();
        assert_eq!(fields["amount"].get(), r#""50000.0""#);
        assert_eq!(parse(body).unwrap()["amount"], "50000.0");
        assert_eq!(fields_as_written(br#"{"amount":50000.00}"#).unwrap()["amount"].get(), "50000.00");
    }

    proptest! {
        #[test]
        fn no_body_makes_it_panic(body in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(&body);
        }

        #[test]
        fn nothing_almost_like_json_makes_it_panic(body in r#"[\[\]{}":,\\udDfF08 \x00-\x1f🍵eNI-]{0,80}"#) {
            let _ = parse(body.as_bytes());
        }

        #[test]
        fn what_is_json_is_read_as_it_is(text in "[^\0]{0,60}", number in any::<i64>()) {
            let value = json!({"a": [text, number, null], "b": {"c": true}});
            prop_assert_eq!(parse(value.to_string().as_bytes()), Ok(value.clone()));
            // Also by whoever has to mend something else in the same body.
            let odd = format!(r#"[{value},"\ud83d"]"#);
            prop_assert_eq!(&parse(odd.as_bytes()).unwrap()[0], &value);
        }
    }
}
