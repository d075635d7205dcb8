//! What our own clients (the chat page, the terminal) post: one JSON object per event.

use serde::{Deserialize, Serialize};

use crate::domain::message::{Address, Content, FileRef, Inbound, MAX_TEXT_CHARS, MediaKind};
use crate::edge::json;
use crate::edge::webhook::{WebhookError, WebhookRequest};

use super::Limits;
use super::fit::bounded;

/// Bytes of a posted body. Ten thousand characters, each written as an escaped pair, still fit.
pub const MAX_BODY_BYTES: usize = 128 * 1024;
/// Characters of the client's own id of a message.
pub const MAX_ID_CHARS: usize = 64;
/// Characters of a name that a client gives.
const MAX_NAME_CHARS: usize = 80;
/// Characters of button data.
const MAX_PRESS_CHARS: usize = 64;
/// Characters of a language tag.
const MAX_LANG_CHARS: usize = 35;
/// Characters of a degree: sign, three digits, point, and more places than a map has.
const MAX_DEGREE_CHARS: usize = 24;

/// What our own clients show.
pub const LIMITS: Limits = Limits {
    text_chars: 4_096,
    caption_chars: 4_096,
    buttons: 10,
    button_chars: 80,
    list_rows: 10,
    list_row_chars: 80,
    data_bytes: 64,
};

/// The request with which a client posts an event; the header says whose it is.
pub fn request(header: &str, whose: &str, posted: &Posted) -> WebhookRequest {
    WebhookRequest {
        headers: vec![(header.to_owned(), whose.to_owned())],
        body: serde_json::to_vec(posted).unwrap_or_default(),
    }
}

/// One event of a client. Exactly one of `text`, `press`, `location` and `media` is there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Posted {
    /// The client's own id: the same at every try, so that a message sent again over a bad network is one message.
    pub id: String,
    /// Typed words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The data of a button.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub press: Option<String>,
    /// A place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Place>,
    /// A picture, a recording, a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media: Option<Media>,
    /// The person's name, where the client knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The language of the client, an IETF tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lang: Option<String>,
}

/// A place on the map. Degrees are text or JSON numbers; they are kept as written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// Degrees north.
    pub latitude: serde_json::Value,
    /// Degrees east.
    pub longitude: serde_json::Value,
    /// Its name or address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// A file, named by its kind. The page has sent its bytes ahead; other clients have none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Media {
    /// What it is.
    pub kind: MediaKind,
    /// What the file was called when it was sent ahead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upload: Option<String>,
    /// Words that came with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
}

/// Reads a posted body of a chat.
///
/// # Errors
/// [`WebhookError::Malformed`], naming what is wrong and never what was written.
pub fn parse(body: &[u8], from: Address) -> Result<Inbound, WebhookError> {
    if body.len() > MAX_BODY_BYTES {
        return Err(malformed("the body is too long"));
    }
    let posted: Posted = json::parse_as(body)?;
    if !is_id(&posted.id) {
        return Err(malformed("`id` must be 1 to 64 letters, digits, `-` or `_`"));
    }
    let content = content(&posted)?;
    let name = posted.name.as_deref().map(|name| bounded(name, MAX_NAME_CHARS));
    let lang = posted.lang.filter(|lang| {
        lang.chars().count() <= MAX_LANG_CHARS
            && lang.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
    });
    Ok(Inbound {
        sender_name: name.filter(|name| !name.trim().is_empty()),
        language_hint: lang.filter(|lang| !lang.is_empty()),
        ..Inbound::new(from, posted.id, content)
    })
}

fn content(posted: &Posted) -> Result<Content, WebhookError> {
    match (&posted.text, &posted.press, &posted.location, &posted.media) {
        // One character more than is read, so that the cut is noticed.
        (Some(text), None, None, None) => Ok(Content::Text { text: bounded(text, MAX_TEXT_CHARS + 1) }),
        (None, Some(data), None, None) if is_press(data) => Ok(Content::Press { data: data.clone() }),
        (None, Some(_), None, None) => Err(malformed("`press` is not the data of a button")),
        (None, None, Some(place), None) => Ok(Content::Location {
            latitude: degrees(&place.latitude, 90.0)
                .ok_or_else(|| malformed("`latitude` is not a latitude"))?,
            longitude: degrees(&place.longitude, 180.0)
                .ok_or_else(|| malformed("`longitude` is not a longitude"))?,
            name: place.name.as_deref().map(|name| bounded(name, MAX_TEXT_CHARS)),
        }),
        (None, None, None, Some(media)) => {
            if media.upload.as_deref().is_some_and(|id| !is_id(id)) {
                return Err(malformed("`upload` is not the name of a file that was sent ahead"));
            }
            let file = |id: &String| FileRef { id: id.clone(), mime: None, size_bytes: None };
            Ok(Content::Media {
                media: media.kind,
                caption: media.caption.as_deref().map(|caption| bounded(caption, MAX_TEXT_CHARS + 1)),
                file: media.upload.as_ref().map(file),
            })
        }
        _ => Err(malformed("exactly one of `text`, `press`, `location` and `media` is expected")),
    }
}

fn malformed(what: &str) -> WebhookError {
    WebhookError::Malformed(what.to_owned())
}

fn is_id(id: &str) -> bool {
    !id.is_empty() && id.len() <= MAX_ID_CHARS && id.bytes().all(is_word)
}

fn is_press(data: &str) -> bool {
    !data.is_empty() && data.len() <= MAX_PRESS_CHARS && data.bytes().all(|b| is_word(b) || b == b'.')
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

/// Degrees as text, when they are a plain decimal number of at most `max` either way.
fn degrees(value: &serde_json::Value, max: f64) -> Option<String> {
    let text = match value {
        serde_json::Value::Number(number) => number.to_string(),
        serde_json::Value::String(text) => text.clone(),
        _ => return None,
    };
    let plain = text.len() <= MAX_DEGREE_CHARS
        && text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-'));
    let number: f64 = text.parse().ok()?;
    (plain && number.abs() <= max).then_some(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    fn from() -> Address {
        Address { channel: "web".into(), chat: "c".to_owned() }
    }

    fn read(body: &str) -> Result<Content, WebhookError> {
        parse(body.as_bytes(), from()).map(|inbound| inbound.content)
    }

    #[test]
    fn each_kind_of_event_is_read() {
        let text = |text: &str| Content::Text { text: text.to_owned() };
        for (body, expected) in [
            (r#"{"id":"a","text":"halo"}"#, text("halo")),
            (r#"{"id":"a","text":""}"#, text("")),
            (r#"{"id":"a","text":"makasih \ud83d"}"#, text("makasih \u{fffd}")),
            (r#"{"id":"a","text":"a\r\nb\u0000\u001b[31m"}"#, text("a\nb[31m")),
            (
                r#"{"id":"a","text":"<script>'; drop table orders; --"}"#,
                text("<script>'; drop table orders; --"),
            ),
            (r#"{"id":"a","text":"\u202eمرحبا 🍵"}"#, text("\u{202e}مرحبا 🍵")),
            (r#"{"id":"a","press":"k3x_-9.0"}"#, Content::Press { data: "k3x_-9.0".to_owned() }),
            (
                r#"{"id":"a","location":{"latitude":-6.2,"longitude":"106.816","name":"Monas"}}"#,
                Content::Location {
                    latitude: "-6.2".to_owned(),
                    longitude: "106.816".to_owned(),
                    name: Some("Monas".to_owned()),
                },
            ),
            (
                r#"{"id":"a","media":{"kind":"audio"}}"#,
                Content::Media { media: MediaKind::Audio, caption: None, file: None },
            ),
            (
                r#"{"id":"a","media":{"kind":"image","upload":"u7"}}"#,
                Content::Media {
                    media: MediaKind::Image,
                    caption: None,
                    file: Some(FileRef { id: "u7".to_owned(), mime: None, size_bytes: None }),
                },
            ),
        ] {
            assert_eq!(read(body), Ok(expected), "{body}");
        }
    }

    #[rstest]
    #[case::empty("")]
    #[case::not_json("halo")]
    #[case::a_list("[]")]
    #[case::nothing_said(r#"{"id":"a"}"#)]
    #[case::two_things_said(r#"{"id":"a","text":"x","press":"t.0"}"#)]
    #[case::no_id(r#"{"text":"x"}"#)]
    #[case::empty_id(r#"{"id":"","text":"x"}"#)]
    #[case::strange_id(r#"{"id":"a:b","text":"x"}"#)]
    #[case::unknown_field(r#"{"id":"a","text":"x","admin":true}"#)]
    #[case::number_for_text(r#"{"id":"a","text":1}"#)]
    #[case::empty_press(r#"{"id":"a","press":""}"#)]
    #[case::strange_press(r#"{"id":"a","press":"'; --"}"#)]
    #[case::off_the_map(r#"{"id":"a","location":{"latitude":91,"longitude":0}}"#)]
    #[case::not_a_number(r#"{"id":"a","location":{"latitude":"NaN","longitude":0}}"#)]
    #[case::no_degrees(r#"{"id":"a","location":{"latitude":null,"longitude":0}}"#)]
    #[case::strange_upload(r#"{"id":"a","media":{"kind":"image","upload":"../x"}}"#)]
    #[case::unknown_media(r#"{"id":"a","media":{"kind":"hologram"}}"#)]
    fn what_is_not_an_event_is_refused(#[case] body: &str) {
        assert!(matches!(read(body), Err(WebhookError::Malformed(_))), "{body}");
    }

    #[test]
    fn refusals_do_not_repeat_what_was_written() {
        let Err(WebhookError::Malformed(words)) = read(r#"{"id":"a","rahasia":"0812"}"#) else {
            panic!("unknown fields are refused");
        };
        assert!(!words.contains("rahasia") && !words.contains("0812"), "{words}");
    }

    #[test]
    fn ten_thousand_characters_are_cut_so_that_the_cut_can_be_noticed() {
        let body = serde_json::json!({"id": "a", "text": "é".repeat(10_000)}).to_string();
        let Ok(Content::Text { text }) = read(&body) else { panic!("long texts are read") };
        assert_eq!(text.chars().count(), MAX_TEXT_CHARS + 1);
    }

    #[test]
    fn a_body_past_the_bound_is_refused() {
        let body = serde_json::json!({"id": "a", "text": "a".repeat(MAX_BODY_BYTES)}).to_string();
        assert_eq!(read(&body), Err(malformed("the body is too long")));
    }

    #[rstest]
    #[case("id-ID", Some("id-ID"))]
    #[case("en", Some("en"))]
    #[case("", None)]
    #[case("en; drop", None)]
    fn the_language_is_only_a_hint(#[case] lang: &str, #[case] expected: Option<&str>) {
        let body = serde_json::json!({"id": "a", "text": "x", "lang": lang}).to_string();
        let inbound = parse(body.as_bytes(), from()).unwrap();
        assert_eq!(inbound.language_hint.as_deref(), expected);
    }

    proptest! {
        #[test]
        fn no_body_makes_it_panic(body in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = parse(&body, from());
        }

        #[test]
        fn words_survive_the_way_in(text in "\\PC{0,300}") {
            let body = serde_json::json!({"id": "a", "text": text}).to_string();
            prop_assert_eq!(read(&body), Ok(Content::Text { text }));
        }
    }
}
