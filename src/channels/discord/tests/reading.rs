//! Reading dispatches: every kind, and bodies that nobody would send.

use proptest::prelude::*;
use rstest::rstest;
use serde_json::json;

use super::*;
use crate::channels::discord::interaction::{self, Heard};
use crate::channels::discord::receive::{self, Hearer};
use crate::domain::message::MediaKind;
use crate::edge::webhook::{WebhookError, WebhookRequest};

const BOT: &str = "123456789012345678";

fn read(name: &str, data: Value) -> Heard {
    let hearer = Hearer { account: BOT.to_owned(), user_id: None };
    receive::dispatch(&hearer, &json!({ "t": name, "s": 1, "op": 0, "d": data }))
}

fn contents(heard: &Heard) -> Vec<Content> {
    heard.events.iter().map(|event| said(event).content.clone()).collect()
}

fn message(extra: Value) -> Value {
    let mut message = json!({
        "id": "1001", "channel_id": "55", "author": { "id": USER, "username": "ayu", "global_name": "Ayu" },
        "content": "teh 2", "type": 0,
    });
    for (key, value) in extra.as_object().unwrap() {
        message[key] = value.clone();
    }
    message
}

#[rstest]
#[case::plain(json!({}), vec![text("teh 2")])]
#[case::a_reply(json!({ "type": 19 }), vec![text("teh 2")])]
#[case::numbers_for_ids(json!({ "id": 1001, "channel_id": 55 }), vec![text("teh 2")])]
#[case::a_bot(json!({ "author": { "id": "9", "bot": true } }), vec![])]
#[case::a_webhook(json!({ "webhook_id": "7" }), vec![])]
#[case::our_own(json!({ "author": { "id": BOT } }), vec![])]
#[case::somebody_joined(json!({ "type": 7 }), vec![])]
#[case::talk_in_a_server(json!({ "guild_id": "3" }), vec![])]
#[case::a_mention(
    json!({ "guild_id": "3", "content": format!("<@!{BOT}> menu"), "mentions": [{ "id": BOT }] }),
    vec![text("menu")]
)]
#[case::a_bare_mention(
    json!({ "guild_id": "3", "content": format!("<@{BOT}>"), "mentions": [{ "id": BOT }] }),
    vec![Content::Unknown]
)]
#[case::a_poll(json!({ "content": "", "poll": {} }), vec![Content::Unknown])]
#[case::a_sticker(
    json!({ "content": "", "sticker_items": [{ "id": "1" }] }),
    vec![Content::Media { media: MediaKind::Sticker, caption: None, file: None }]
)]
#[case::forwarded(json!({ "content": "", "message_snapshots": [{ "message": { "content": "kopi" } }] }), vec![text("kopi")])]
#[case::control_characters(json!({ "content": "a\u{0}b\r\nc" }), vec![text("ab\nc")])]
#[case::nobody(json!({ "author": null }), vec![])]
fn messages_are_read(#[case] extra: Value, #[case] expected: Vec<Content>) {
    assert_eq!(contents(&read("MESSAGE_CREATE", message(extra))), expected);
}

#[test]
fn every_attachment_is_heard_and_a_bad_one_loses_no_other() {
    let heard = read(
        "MESSAGE_CREATE",
        message(json!({ "attachments": [
            { "url": "https://cdn.discordapp.com/a/1.png", "content_type": "image/png", "size": "12" },
            { "id": 5 },
            "nonsense",
            { "url": "https://cdn.discordapp.com/a/v.ogg", "filename": "v.ogg" },
        ] })),
    );
    let kinds: Vec<_> = contents(&heard)
        .into_iter()
        .map(|content| match content {
            Content::Media { media, caption, file } => {
                (media, caption, file.and_then(|file| file.size_bytes))
            }
            other => panic!("{other:?}"),
        })
        .collect();
    let first = (MediaKind::Image, Some("teh 2".to_owned()), Some(12));
    assert_eq!(kinds, [first, (MediaKind::Audio, None, None)]);
    assert_eq!(said(&heard.events[0]).external_id, "1001");
    assert_eq!(said(&heard.events[1]).external_id, "1001:1");
    assert_eq!(said(&heard.events[0]).sender_name.as_deref(), Some("Ayu"));
}

#[test]
fn a_reply_names_the_message_that_it_quotes() {
    let thread = |extra: Value| match read("MESSAGE_CREATE", message(extra)).events.remove(0) {
        ChannelEvent::Said(inbound) => inbound.thread.unwrap(),
        other => panic!("{other:?}"),
    };
    let quoting =
        json!({"content": "2 yang ini", "message_reference": {"message_id": "41", "channel_id": "9"}});
    assert_eq!(thread(quoting)["quotes"], "41");
    assert!(thread(json!({"content": "2 yang ini"})).get("quotes").is_none());
}

#[test]
fn only_changes_by_the_author_are_edits() {
    assert!(read("MESSAGE_UPDATE", message(json!({}))).events.is_empty());
    let heard = read("MESSAGE_UPDATE", message(json!({ "edited_timestamp": "2026-01-01T00:00:00Z" })));
    assert_eq!(contents(&heard), [Content::Edited { text: "teh 2".to_owned() }]);
    assert_ne!(said(&heard.events[0]).external_id, "1001");
}

fn interaction_of(kind: i64, data: Value, extra: Value) -> Value {
    let mut event = json!({
        "id": "1450000000000000000", "application_id": BOT, "type": kind, "token": "tok", "data": data,
        "user": { "id": USER, "username": "ayu" }, "channel_id": "55", "context": 1, "locale": "id",
    });
    for (key, value) in extra.as_object().unwrap() {
        event[key] = value.clone();
    }
    event
}

#[rstest]
#[case::menu(2, json!({ "name": "menu", "type": 1 }), Some(text("/menu")), 5)]
#[case::an_order(2, json!({ "name": "order", "options": [{ "name": "items", "type": 3, "value": "2 teh" }] }), Some(text("2 teh")), 5)]
#[case::an_empty_order(2, json!({ "name": "order" }), Some(text("/order")), 5)]
#[case::language(2, json!({ "name": "language", "options": [{ "type": 3, "value": "en" }] }), Some(text("/language en")), 5)]
#[case::numbers(2, json!({ "name": "orders", "options": [{ "type": 4, "value": 7 }] }), Some(text("/orders 7")), 5)]
#[case::a_user_menu(2, json!({ "name": "Report", "type": 2 }), Some(Content::Unknown), 5)]
#[case::a_button(3, json!({ "component_type": 2, "custom_id": "k.0" }), Some(press("k.0")), 6)]
#[case::a_select(3, json!({ "component_type": 3, "custom_id": "c", "values": ["k.1"] }), Some(press("k.1")), 6)]
#[case::nothing_selected(3, json!({ "component_type": 3, "custom_id": "c", "values": [] }), Some(Content::Unknown), 6)]
#[case::people(3, json!({ "component_type": 5, "custom_id": "c", "values": ["1"] }), Some(Content::Unknown), 6)]
#[case::a_form(
    5,
    json!({ "custom_id": "form:address:x", "components": [{ "type": 1, "components": [{ "type": 4, "value": " Jl. A " }] }] }),
    Some(text("Jl. A")),
    5
)]
#[case::a_form_with_labels(
    5,
    json!({ "components": [{ "type": 18, "component": { "type": 4, "value": "Jl. B" } }] }),
    Some(text("Jl. B")),
    5
)]
#[case::suggestions(4, json!({ "name": "order" }), None, 8)]
#[case::a_question_whether_we_live(1, json!(null), None, 1)]
#[case::the_button_of_a_form(3, json!({ "component_type": 2, "custom_id": "form:address:Alamat" }), None, 9)]
#[case::tomorrow(77, json!({ "x": [] }), Some(Content::Unknown), 5)]
fn interactions_are_read_and_all_are_acknowledged(
    #[case] kind: i64,
    #[case] data: Value,
    #[case] expected: Option<Content>,
    #[case] first: i64,
) {
    let heard = read("INTERACTION_CREATE", interaction_of(kind, data, json!({})));
    assert_eq!(contents(&heard), Vec::from_iter(expected));
    let waiting = heard.waiting.unwrap();
    assert_eq!((waiting.id.as_str(), &waiting.response["type"]), ("1450000000000000000", &json!(first)));
    assert!(!format!("{waiting:?}").contains("tok"));
}

#[test]
fn answers_in_servers_are_for_one_person() {
    let member = json!({ "member": { "user": { "id": USER, "global_name": "Ayu" } }, "user": null, "guild_id": "3", "context": 0 });
    let heard = read("INTERACTION_CREATE", interaction_of(2, json!({ "name": "cart" }), member));
    let inbound = said(&heard.events[0]);
    assert_eq!((inbound.from.chat.as_str(), inbound.language_hint.as_deref()), (USER, Some("id")));
    assert_eq!(heard.waiting.unwrap().response, json!({ "type": 5, "data": { "flags": 64 } }));
    let thread = interaction::Thread::read(inbound.thread.as_ref().unwrap()).unwrap();
    assert!(thread.ephemeral && thread.channel_id.is_none() && thread.at.is_some());
}

#[test]
fn an_interaction_without_a_person_is_acknowledged_all_the_same() {
    let heard = read("INTERACTION_CREATE", json!({ "id": "5", "token": "t", "type": 3, "message": {} }));
    assert!(heard.events.is_empty());
    assert_eq!(heard.waiting.unwrap().response, json!({ "type": 6 }));
    let hostile = json!({ "id": "5", "token": "../../users", "type": 3 });
    assert!(read("INTERACTION_CREATE", hostile).waiting.is_none());
}

#[tokio::test]
async fn only_unreadable_bodies_are_errors() {
    let (fake, discord) = start().await;
    let receive = |body: &[u8]| discord.receive(&WebhookRequest { headers: Vec::new(), body: body.to_vec() });
    for body in [&b"{"[..], b"[]", b"", b"\xff"] {
        assert!(matches!(receive(body), Err(WebhookError::Malformed(_))));
    }
    for body in [r"{}", r#"{"t":"TYPING_START","d":{}}"#, r#"{"t":"MESSAGE_CREATE","d":[]}"#] {
        assert_eq!(receive(body.as_bytes()), Ok(Vec::new()));
    }
    let one = fake.told(&person(), "a", &text("halo"));
    assert_eq!(discord.receive(&one), discord.receive(&fake.told(&person(), "a", &text("halo"))));
    fake.stop().await;
}

/// Any JSON, with the platform's names in it here and there.
fn json_like() -> impl Strategy<Value = Value> {
    let names = "id|type|data|user|member|author|content|custom_id|values|components|options|message|token|attachments|mentions|url|guild_id";
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (0_i64..12).prop_map(Value::from),
        "\\PC{0,8}|[0-9]{1,22}|form:[a-z]{0,3}:?.{0,4}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::hash_map(names, inner, 0..6).prop_map(Value::from_iter),
        ]
    })
}

proptest! {
    #[test]
    fn no_body_makes_reading_panic(
        name in "MESSAGE_CREATE|MESSAGE_UPDATE|INTERACTION_CREATE",
        base in prop_oneof![
            Just(message(json!({}))),
            Just(interaction_of(3, json!({ "custom_id": "k" }), json!({}))),
            Just(json!({})),
        ],
        odd in prop::collection::hash_map("type|data|user|author|content|attachments|message|mentions|id|sticker_items|message_snapshots", json_like(), 0..5),
    ) {
        let mut data = base;
        for (key, value) in odd {
            data[key] = value;
        }
        let heard = read(&name, data);
        for event in &heard.events {
            prop_assert!(said(event).from.chat.bytes().all(|byte| byte.is_ascii_digit()));
        }
    }
}
