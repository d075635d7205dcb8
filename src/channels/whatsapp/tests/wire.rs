//! Requests as they are written.

use rstest::rstest;
use serde_json::{Value, json};

use super::{CHAT, USER_ID};
use crate::channels::whatsapp::plan::{Media, Part, Row};
use crate::channels::whatsapp::wire;

fn row(id: &str, title: &str, detail: Option<&str>) -> Row {
    Row { id: id.to_owned(), title: title.to_owned(), detail: detail.map(str::to_owned) }
}

#[rstest]
#[case::text(
    Part::Text { body: "halo".to_owned() },
    json!({"type": "text", "text": {"body": "halo", "preview_url": false}})
)]
#[case::image(
    Part::Image { media: Media::Id("7".to_owned()), caption: Some("teh".to_owned()) },
    json!({"type": "image", "image": {"id": "7", "caption": "teh"}})
)]
#[case::buttons(
    Part::Buttons {
        header: Some(Media::Id("7".to_owned())),
        body: "mau?".to_owned(),
        buttons: vec![row("t.0", "Ya", None)],
    },
    json!({"type": "interactive", "interactive": {
        "type": "button",
        "header": {"type": "image", "image": {"id": "7"}},
        "body": {"text": "mau?"},
        "action": {"buttons": [{"type": "reply", "reply": {"id": "t.0", "title": "Ya"}}]},
    }})
)]
#[case::list(
    Part::List { body: "pilih".to_owned(), button: "x", rows: vec![row("t.0", "Teh…", Some("Teh hijau"))] },
    json!({"type": "interactive", "interactive": {
        "type": "list",
        "body": {"text": "pilih"},
        "action": {"button": "x", "sections": [{"rows": [
            {"id": "t.0", "title": "Teh…", "description": "Teh hijau"},
        ]}]},
    }})
)]
#[case::link(
    Part::Link { header: None, body: "bayar".to_owned(), label: "Buka".to_owned(), url: "https://a.b/".to_owned() },
    json!({"type": "interactive", "interactive": {
        "type": "cta_url",
        "body": {"text": "bayar"},
        "action": {"name": "cta_url", "parameters": {"display_text": "Buka", "url": "https://a.b/"}},
    }})
)]
#[case::place(
    Part::AskPlace { body: "di mana?".to_owned() },
    json!({"type": "interactive", "interactive": {
        "type": "location_request_message",
        "body": {"text": "di mana?"},
        "action": {"name": "send_location"},
    }})
)]
#[case::template(
    Part::Template { name: "x".to_owned(), language: "id".to_owned(), parameters: vec!["A-1".to_owned()], payloads: vec!["t.0".to_owned()] },
    json!({"type": "template", "template": {
        "name": "x",
        "language": {"policy": "deterministic", "code": "id"},
        "components": [
            {"type": "body", "parameters": [{"type": "text", "text": "A-1"}]},
            {"type": "button", "sub_type": "quick_reply", "index": "0", "parameters": [
                {"type": "payload", "payload": "t.0"},
            ]},
        ],
    }})
)]
fn each_part_is_written_as_the_platform_reads_it(#[case] part: Part, #[case] expected: Value) {
    let mut expected = expected;
    expected["messaging_product"] = json!("whatsapp");
    expected["recipient_type"] = json!("individual");
    expected["biz_opaque_callback_data"] = json!("w:1");
    expected["to"] = json!("+6281234567890");
    assert_eq!(wire::message(CHAT, "w:1", &part), expected);
}

#[test]
fn an_id_is_a_recipient_and_no_number() {
    let request = wire::message(USER_ID, "w:1", &Part::Text { body: "x".to_owned() });
    assert_eq!(request["recipient"], json!(USER_ID));
    assert_eq!(request.get("to"), None);
}
