//! Telegram's HTML (Bot API, "HTML style"): what it takes, what it refuses, and what a person reads.

/// Tags that may stand in a message (Bot API 10.x, "HTML style").
const TAGS: &[&str] = &[
    "a",
    "b",
    "blockquote",
    "code",
    "del",
    "em",
    "i",
    "ins",
    "pre",
    "s",
    "span",
    "strike",
    "strong",
    "tg-emoji",
    "tg-spoiler",
    "tg-time",
    "u",
];

/// What a text becomes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Parsed {
    /// The words that are counted and shown.
    pub(super) plain: String,
    /// The same with bold as `*bold*`.
    pub(super) marked: String,
}

/// A text without mark-up.
pub(super) fn unmarked(text: &str) -> Parsed {
    Parsed { plain: text.to_owned(), marked: text.to_owned() }
}

/// Reads a text with mark-up.
///
/// # Errors
/// The words behind "can't parse entities: ".
pub(super) fn parse(text: &str) -> Result<Parsed, String> {
    let mut parsed = Parsed::default();
    let mut open: Vec<String> = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        match c {
            '<' => at = tag(text, at, &mut open, &mut parsed)?,
            '&' => {
                let (c, next) = entity(text, at);
                parsed.plain.push(c);
                parsed.marked.push(c);
                at = next;
            }
            c => {
                parsed.plain.push(c);
                parsed.marked.push(c);
                at += c.len_utf8();
            }
        }
    }
    match open.pop() {
        None => Ok(parsed),
        Some(name) => Err(format!("Can't find end tag corresponding to start tag \"{name}\"")),
    }
}

/// Reads the tag at a byte; the byte behind it.
fn tag(text: &str, at: usize, open: &mut Vec<String>, parsed: &mut Parsed) -> Result<usize, String> {
    let Some(length) = text[at..].find('>') else {
        return Err(format!("Unclosed start tag at byte offset {at}"));
    };
    let inside = &text[at + 1..at + length];
    let next = at + length + 1;
    if let Some(name) = inside.strip_prefix('/') {
        let name = name.trim().to_ascii_lowercase();
        match open.pop() {
            None => return Err(format!("Unexpected end tag at byte offset {at}")),
            Some(expected) if !name.is_empty() && name != expected => {
                return Err(format!(
                    "Unmatched end tag at byte offset {at}, expected \"</{expected}>\", found \"</{name}>\""
                ));
            }
            Some(expected) => bold(&expected, parsed),
        }
        return Ok(next);
    }
    let name = inside.split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
    let is_supported = TAGS.contains(&name.as_str()) && !inside.starts_with(char::is_whitespace);
    if !is_supported {
        return Err(format!("Unsupported start tag \"{name}\" at byte offset {at}"));
    }
    if name == "span" && !inside.contains("tg-spoiler") {
        return Err(format!("Tag \"span\" must have class \"tg-spoiler\" at byte offset {at}"));
    }
    bold(&name, parsed);
    open.push(name);
    Ok(next)
}

fn bold(name: &str, parsed: &mut Parsed) {
    if matches!(name, "b" | "strong") {
        parsed.marked.push('*');
    }
}

/// Reads the escape at a byte, where there is one; the character and the byte behind it.
fn entity(text: &str, at: usize) -> (char, usize) {
    /// Characters of an escape: `&#1114111;`.
    const MAX_CHARS: usize = 10;
    let rest = &text[at + 1..];
    let end = rest.bytes().take(MAX_CHARS).position(|b| b == b';');
    let found = end.and_then(|end| {
        let name = &rest[..end];
        let c = match name {
            "lt" => '<',
            "gt" => '>',
            "amp" => '&',
            "quot" => '"',
            _ => {
                let number = name.strip_prefix('#')?;
                let code = match number.strip_prefix(['x', 'X']) {
                    Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                    None => number.parse().ok()?,
                };
                char::from_u32(code).filter(|c| *c != '\0')?
            }
        };
        Some((c, at + 1 + end + 1))
    });
    found.unwrap_or(('&', at + 1))
}
