//! What comes in.

use proptest::prelude::*;
use rstest::rstest;
use serde_json::{Value, json};

use super::*;
use crate::domain::message::{Content, FileRef, MAX_TEXT_CHARS, MediaKind, OrderedItem};

fn content(message: Value) -> Content {
    let mut message = message;
    message["from"] = json!(CHAT);
    message["id"] = json!("wamid.A");
    match events(&change("messages", json!({"messages": [message]}))).remove(0) {
        ChannelEvent::Said(inbound) => inbound.content,
        other => panic!("{other:?}"),
    }
}

fn text(text: &str) -> Content {
    Content::Text { text: text.to_owned() }
}

fn press(data: &str) -> Content {
    Content::Press { data: data.to_owned() }
}

fn file(id: &str, mime: &str) -> Option<FileRef> {
    Some(FileRef { id: id.to_owned(), mime: Some(mime.to_owned()), size_bytes: None })
}

#[rstest]
#[case::text(json!({"type": "text", "text": {"body": "halo \u{1f375}"}}), text("halo \u{1f375}"))]
#[case::text_without_a_type(json!({"text": {"body": "halo"}}), text("halo"))]
#[case::plain_text(json!({"type": "text", "text": "halo"}), text("halo"))]
#[case::empty_text(json!({"type": "text", "text": {}}), text(""))]
#[case::advertised(json!({"type": "text", "text": {"body": "mau"}, "referral": {"source_type": "ad"}}), text("mau"))]
#[case::reply(json!({"type": "interactive", "interactive": {"type": "button_reply", "button_reply": {"id": "tok.0", "title": "Ya"}}}), press("tok.0"))]
#[case::row(json!({"type": "interactive", "interactive": {"list_reply": {"id": "tok.7", "title": "Teh", "description": "x"}}}), press("tok.7"))]
#[case::reply_without_id(json!({"type": "interactive", "interactive": {"button_reply": {"title": "Ya"}}}), text("Ya"))]
#[case::unknown_interactive(json!({"type": "interactive", "interactive": {"type": "hologram"}}), Content::Unknown)]
#[case::call_permission(json!({"type": "interactive", "interactive": {"type": "call_permission_reply", "call_permission_reply": {"response": "accept"}}}), Content::Silent)]
#[case::form(
    json!({"type": "interactive", "interactive": {"nfm_reply": {"name": "flow", "body": "Sent", "response_json": "{\"flow_token\":\"x\",\"alamat\":\"Jl. Mawar 1\",\"jumlah\":2}"}}}),
    text("Jl. Mawar 1, 2")
)]
#[case::address_form(
    json!({"type": "interactive", "interactive": {"nfm_reply": {"name": "address_message", "response_json": "{\"values\":{\"address\":\"Jl. Mawar 1\",\"city\":\"Jakarta\"}}"}}}),
    text("Jl. Mawar 1, Jakarta")
)]
#[case::broken_form(json!({"type": "interactive", "interactive": {"nfm_reply": {"response_json": "{"}}}), Content::Unknown)]
#[case::our_template_button(json!({"type": "button", "button": {"payload": "tok.1", "text": "Lihat"}}), press("tok.1"))]
#[case::other_template_button(json!({"type": "button", "button": {"payload": "STOP-PROMO", "text": "Stop"}}), text("Stop"))]
#[case::location(
    json!({"type": "location", "location": {"latitude": -6.2, "longitude": "106.816", "name": "Monas", "address": "Jakarta"}}),
    Content::Location { latitude: "-6.2".to_owned(), longitude: "106.816".to_owned(), name: Some("Monas, Jakarta".to_owned()) }
)]
#[case::off_the_map(json!({"type": "location", "location": {"latitude": 91, "longitude": 0}}), Content::Unknown)]
#[case::image(
    json!({"type": "image", "image": {"id": "123", "mime_type": "image/jpeg", "sha256": "x", "caption": "bukti"}}),
    Content::Media { media: MediaKind::Image, caption: Some("bukti".to_owned()), file: file("123", "image/jpeg") }
)]
#[case::document(
    json!({"type": "document", "document": {"id": 123, "mime_type": "application/pdf", "filename": "a.pdf"}}),
    Content::Media { media: MediaKind::Document, caption: None, file: file("123", "application/pdf") }
)]
#[case::voice(json!({"type": "audio", "audio": {"voice": true}}), Content::Media { media: MediaKind::Audio, caption: None, file: None })]
#[case::video(json!({"type": "video", "video": []}), Content::Media { media: MediaKind::Video, caption: None, file: None })]
#[case::sticker(json!({"type": "sticker"}), Content::Media { media: MediaKind::Sticker, caption: None, file: None })]
#[case::card(
    json!({"type": "contacts", "contacts": [{"phones": [{"phone": "+62 899-0000-0002"}]}]}),
    Content::Media { media: MediaKind::Contact, caption: None, file: None }
)]
#[case::own_card(
    json!({"type": "contacts", "contacts": [{"phones": [{"phone": "+62 812-3456-7890", "wa_id": CHAT}]}]}),
    Content::Phone { phone: "+6281234567890".to_owned() }
)]
#[case::given_phone(
    json!({"type": "contacts", "origin": "contact_request/other", "contacts": [{"phones": [{"phone": "+62 899-0000-0002"}]}]}),
    Content::Phone { phone: "+6289900000002".to_owned() }
)]
#[case::reaction(json!({"type": "reaction", "reaction": {"message_id": "x", "emoji": "\u{1f44d}"}}), Content::Silent)]
#[case::taken_back(json!({"type": "revoke", "revoke": {"original_message_id": "x"}}), Content::Silent)]
#[case::edited(
    json!({"type": "edit", "edit": {"original_message_id": "x", "message": {"type": "text", "text": {"body": "3 teh"}}}}),
    Content::Edited { text: "3 teh".to_owned() }
)]
#[case::edited_caption(
    json!({"type": "edit", "edit": {"message": {"type": "image", "image": {"caption": "lunas"}}}}),
    Content::Edited { text: "lunas".to_owned() }
)]
#[case::unsupported(json!({"type": "unsupported", "errors": [{"code": 131051, "title": "x"}]}), Content::Unknown)]
#[case::new_kind(json!({"type": "hologram", "hologram": {}}), Content::Unknown)]
#[case::product(json!({"type": "interactive", "interactive": {"type": "product", "product": {"catalog_id": "1", "product_retailer_id": "TEH-01"}}}), text(""))]
#[case::product_with_words(json!({"type": "interactive", "interactive": {"type": "product", "body": {"text": "ada kak?"}, "action": {"product_retailer_id": "TEH-01"}}}), text("ada kak?"))]
#[case::no_kind(json!({}), Content::Unknown)]
#[case::kind_is_a_list(json!({"type": [], "text": {"body": "x"}}), text("x"))]
#[case::kind_is_null(json!({"type": null, "text": {"body": "x"}}), text("x"))]
#[case::kind_is_empty(json!({"type": "", "interactive": {"button_reply": {"id": "tok.0", "title": "Ya"}}}), press("tok.0"))]
#[case::kind_is_new_and_the_content_is_known(json!({"type": "hologram", "text": {"body": "x"}}), text("x"))]
#[case::image_without_a_type(
    json!({"image": {"id": "123", "mime_type": "image/jpeg"}}),
    Content::Media { media: MediaKind::Image, caption: None, file: file("123", "image/jpeg") }
)]
#[case::two_contents_without_a_type(json!({"text": {"body": "x"}, "image": {"id": "1"}}), Content::Unknown)]
#[case::opened_for_the_first_time(json!({"type": "request_welcome"}), text("/start"))]
#[case::button_of_another_program(json!({"type": "interactive", "interactive": {"button_reply": {"id": "MENU_7", "title": "Teh Hijau"}}}), text("Teh Hijau"))]
#[case::button_of_another_program_without_words(json!({"type": "interactive", "interactive": {"button_reply": {"id": "MENU_7"}}}), press("MENU_7"))]
#[case::form_with_lists_and_ticks(
    json!({"type": "interactive", "interactive": {"nfm_reply": {"response_json": {
        "flow_token": "x", "a": ["Teh Hijau", "Kopi"], "b": {"jalan": "Mawar 1"}, "c": true, "d": null}}}}),
    text("Teh Hijau, Kopi, Mawar 1, c: true")
)]
#[case::place_without_degrees(json!({"type": "location", "location": {"name": "Monas", "address": "Jakarta"}}), text("Monas, Jakarta"))]
#[case::group(json!({"type": "text", "group_id": "g", "text": {"body": "x"}}), Content::Silent)]
fn every_kind_of_message_is_read(#[case] message: Value, #[case] expected: Content) {
    assert_eq!(content(message), expected);
}

#[test]
fn a_cart_is_read_line_by_line() {
    let cart =
        content(json!({"type": "order", "order": {"catalog_id": "1", "text": "cepat ya", "product_items": [
            {"product_retailer_id": "TEH-1", "quantity": 2, "item_price": 5000, "currency": "IDR"},
            {"product_retailer_id": 77, "quantity": "3.0", "item_price": "1"},
            {"quantity": 3},
            "what",
            {"product_retailer_id": "KOPI", "quantity": 0},
            {"product_retailer_id": "ROTI"},
            {"product_retailer_id": "GULA", "quantity": 1.5},
            {"product_retailer_id": "SUSU", "quantity": "dua"},
            {"product_retailer_id": "MADU", "quantity": []},
        ]}}));
    let item = |code: &str, quantity| OrderedItem { code: code.to_owned(), quantity, unclear: None };
    let odd = |code: &str, written: &str| OrderedItem { unclear: Some(written.to_owned()), ..item(code, 0) };
    let items = vec![
        item("TEH-1", 2),
        item("77", 3),
        odd("KOPI", "0"),
        item("ROTI", 1),
        odd("GULA", "1.5"),
        odd("SUSU", "dua"),
        odd("MADU", "?"),
    ];
    assert_eq!(cart, Content::Order { items, note: Some("cepat ya".to_owned()) });
    assert_eq!(content(json!({"type": "order", "order": {"product_items": []}})), Content::Unknown);
}

#[test]
fn a_message_keeps_what_goes_back_with_its_answer() {
    let body = change(
        "messages",
        json!({"messages": [{
            "id": "wamid.A", "from": CHAT, "type": "text", "text": {"body": "mau ini"},
            "referral": {"source_type": "ad", "source_id": 42, "ctwa_clid": "c", "image_url": "x"},
            "context": {"referred_product": {"catalog_id": "1", "product_retailer_id": "TEH-1"}},
        }]}),
    );
    let ChannelEvent::Said(inbound) = events(&body).remove(0) else { panic!("it is said") };
    assert_eq!(inbound.external_id, "wamid.A");
    assert_eq!(inbound.account, NUMBER);
    let expected = json!({
        "message_id": "wamid.A",
        "product": "TEH-1",
        "referral": {"source_type": "ad", "source_id": "42", "ctwa_clid": "c"},
    });
    assert_eq!(inbound.thread, Some(expected));
}

#[test]
fn a_long_text_is_cut_so_that_the_cut_can_be_noticed() {
    let Content::Text { text } = content(json!({"type": "text", "text": {"body": "é".repeat(9_000)}}))
    else {
        panic!("it is a text")
    };
    assert_eq!(text.chars().count(), MAX_TEXT_CHARS + 1);
}

#[test]
fn an_edit_under_the_id_of_its_original_is_no_repetition() {
    let edit = json!({"id": "wamid.A", "from": CHAT, "timestamp": "7", "type": "edit",
        "edit": {"original_message_id": "wamid.A", "message": {"text": {"body": "x"}}}});
    let ChannelEvent::Said(inbound) = events(&change("messages", json!({"messages": [edit]}))).remove(0)
    else {
        panic!("it is said")
    };
    assert_eq!(inbound.external_id, "wamid.A:edit:7");
}

#[rstest]
#[case::no_header(vec![])]
#[case::empty(vec![("x-hub-signature-256", "")])]
#[case::no_prefix(vec![("x-hub-signature-256", "00")])]
#[case::old_algorithm(vec![("x-hub-signature", "sha1=00"), ("x-hub-signature-256", "sha1=00")])]
#[case::wrong(vec![("x-hub-signature-256", "sha256=0000000000000000000000000000000000000000000000000000000000000000")])]
#[case::not_hex(vec![("x-hub-signature-256", "sha256=zz")])]
fn what_is_not_signed_is_refused(#[case] headers: Vec<(&str, &str)>) {
    let headers = headers.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let body = change("messages", json!({"messages": [{"id": "a", "from": CHAT}]})).to_string().into_bytes();
    assert_eq!(deaf().receive(&WebhookRequest { headers, body }), Err(WebhookError::Unsigned));
}

#[test]
fn a_signature_covers_the_bytes_and_not_what_they_mean() {
    let request = sign(SECRET, br#"{"entry":[]}"#);
    assert_eq!(deaf().receive(&request), Ok(Vec::new()));
    let rewritten = WebhookRequest { body: br#"{"entry": []}"#.to_vec(), ..request };
    assert_eq!(deaf().receive(&rewritten), Err(WebhookError::Unsigned));
    let nobody = WhatsApp::new(Vec::new(), "http://127.0.0.1:9").unwrap();
    assert_eq!(nobody.receive(&sign("", b"{}")), Err(WebhookError::Unsigned));
}

#[rstest]
#[case(b"")]
#[case(b"halo")]
#[case(b"[]")]
#[case(b"null")]
#[case(b"{\"entry\":")]
fn a_signed_body_that_is_no_webhook_is_malformed(#[case] body: &[u8]) {
    assert!(matches!(deaf().receive(&sign(SECRET, body)), Err(WebhookError::Malformed(_))));
}

fn lone_message(id: &str, body: &str) -> Value {
    json!({"messages": [{"id": id, "from": CHAT, "type": "text", "text": {"body": body}}]})
}

#[rstest]
#[case::change_alone(json!({"field": "messages", "value": lone_message("a", "x")}))]
#[case::changes_without_an_entry(json!({"changes": [{"value": lone_message("a", "x")}]}))]
#[case::value_alone(lone_message("a", "x"))]
#[case::value_in_an_entry(json!({"entry": [lone_message("a", "x")]}))]
#[case::list_of_bodies(json!([4, {"entry": [{"changes": [{"value": lone_message("a", "x")}]}]}]))]
#[case::no_entry(json!({"entry": null, "messages": lone_message("a", "x")["messages"]}))]
fn a_body_without_its_shells_is_heard(#[case] body: Value) {
    let found = events(&body);
    assert!(
        matches!(found.as_slice(), [ChannelEvent::Said(inbound)] if inbound.content == text("x")),
        "{found:?}"
    );
}

#[test]
fn statuses_and_echoes_without_their_shells_are_heard() {
    let body = json!({"statuses": [{"id": "wamid.B", "status": "sent"}]});
    assert!(matches!(events(&body).as_slice(), [ChannelEvent::Delivery(_)]));
    let body = json!({"message_echoes": [{"id": "e", "to": CHAT, "type": "text", "text": {"body": "x"}}]});
    assert!(matches!(events(&body).as_slice(), [ChannelEvent::Echo { .. }]));
    let news = json!({"field": "account_update", "value": lone_message("a", "x")});
    assert_eq!(events(&news), []);
}

#[test]
fn a_mark_of_the_encoding_does_not_matter() {
    let mut body = vec![0xef, 0xbb, 0xbf];
    body.extend(lone_message("a", "x").to_string().bytes());
    assert_eq!(deaf().receive(&sign(SECRET, &body)).unwrap().len(), 1);
}

#[rstest]
#[case::number("1e999".to_owned())]
#[case::long_number("7".repeat(400))]
#[case::deep_list(format!("{}\"]\"{}", "[".repeat(400), "]".repeat(400)))]
#[case::deep_object(format!("{}1{}", "{\"a\":".repeat(400), "}".repeat(400)))]
fn a_field_that_no_reader_holds_loses_no_message(#[case] odd: String) {
    let body = format!(
        r#"{{"messages":[{{"id":"a","from":"{CHAT}","x":{odd},"type":"text","text":{{"body":"\"[ 1e999"}}}},
        {{"id":"b","from":"{CHAT}","type":"text","text":{{"body":"y"}}}}]}}"#
    );
    let found = deaf().receive(&sign(SECRET, body.as_bytes())).unwrap();
    let said = |event: &ChannelEvent| match event {
        ChannelEvent::Said(inbound) => inbound.content.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(found.iter().map(said).collect::<Vec<_>>(), [text("\"[ 1e999"), text("y")]);
}

#[test]
fn names_that_no_index_holds_are_known_by_their_hash() {
    let long = "\u{8336}".repeat(500);
    let body = json!({"messages": [{"id": long, "from": long, "type": "text", "text": {"body": "x"}}]});
    let ChannelEvent::Said(inbound) = events(&body).remove(0) else { panic!("it is said") };
    assert!(inbound.external_id.len() <= 100 && inbound.from.chat.len() <= 100);
    let other = json!({"messages": [{"id": format!("{long}."), "from": CHAT, "text": {"body": "x"}}]});
    let ChannelEvent::Said(other) = events(&other).remove(0) else { panic!("it is said") };
    assert!(inbound.external_id != other.external_id);
}

#[test]
fn torn_letters_of_one_person_lose_nobody_elses_words() {
    let mut body = br#"{"entry":[{"changes":[{"field":"messages","value":{"messages":[
        {"id":"1","from":"628111111","type":"text","text":{"body":"\ud83d \\ud83d \ud83c\udf75 \udf75"}},
        {"id":"2","from":"628222222","type":"text","text":{"body":""#
        .to_vec();
    body.push(0xff);
    body.extend_from_slice(br#" halo"}}]}}]}]}"#);
    let heard: Vec<Content> = deaf()
        .receive(&sign(SECRET, &body))
        .unwrap()
        .into_iter()
        .map(|event| match event {
            ChannelEvent::Said(inbound) => inbound.content,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(heard, [text("\u{fffd} \\ud83d \u{1f375} \u{fffd}"), text("\u{fffd} halo")]);
}

#[test]
fn numbers_of_several_shops_are_told_apart_and_strangers_are_not_heard() {
    let other = Account::new("222", TOKEN, "another-secret-of-tests", VERIFY).unwrap();
    let third = Account::new("333", TOKEN, SECRET, VERIFY).unwrap();
    let channel = WhatsApp::new(vec![account(), other, third], "http://127.0.0.1:9").unwrap();
    let entry = |number: Value| {
        json!({"changes": [{"field": "messages", "value": {
            "metadata": {"phone_number_id": number},
            "messages": [{"id": number.to_string(), "from": CHAT, "type": "text", "text": {"body": "x"}}],
        }}]})
    };
    let numbers = [json!(NUMBER), json!("222"), json!(333), json!("444"), Value::Null];
    let body = json!({"entry": numbers.map(entry)}).to_string();
    let heard = |secret: &str| -> Vec<String> {
        let events = channel.receive(&sign(secret, body.as_bytes())).unwrap();
        let accounts = events.into_iter().map(|event| match event {
            ChannelEvent::Said(inbound) => inbound.account,
            other => panic!("{other:?}"),
        });
        accounts.collect()
    };
    assert_eq!(heard(SECRET), [NUMBER, "333"]);
    // Of the app with one number, what names no number can only be meant for it.
    assert_eq!(heard("another-secret-of-tests"), ["222", "222"]);
}

#[test]
fn a_thousand_updates_are_read_around_what_is_broken() {
    let message = |index: usize| json!({"id": format!("wamid.{index}"), "from": CHAT, "type": "text", "text": {"body": "x"}});
    let mut messages: Vec<Value> = (0..1_000).map(message).collect();
    for (at, broken) in
        [json!(null), json!(7), json!("x"), json!([]), json!({"id": 1})].into_iter().enumerate()
    {
        messages.insert(at * 200, broken);
    }
    let mut body = change("messages", json!({"messages": messages, "statuses": "none", "contacts": 4}));
    body["entry"]
        .as_array_mut()
        .unwrap()
        .insert(0, json!({"changes": [null, {"value": 4}, {"field": 4, "value": {}}]}));
    assert_eq!(events(&body).len(), 1_000);
}

#[rstest]
#[case("account_update")]
#[case("message_template_status_update")]
#[case("history")]
#[case("calls")]
#[case("standby")]
fn other_news_is_ignored(#[case] field: &str) {
    let body = change(
        field,
        json!({"messages": [{"id": "a", "from": CHAT, "type": "text", "text": {"body": "x"}}]}),
    );
    assert_eq!(events(&body), []);
}

#[test]
fn what_the_owner_writes_with_the_app_is_an_echo() {
    let echoes = json!([
        {"from": "6281100000001", "to": CHAT, "id": "wamid.E", "type": "text", "text": {"body": "sebentar ya"}},
        {"to": CHAT, "to_user_id": USER_ID, "id": "wamid.F", "type": "image", "image": {"id": "1"}},
        {"to": CHAT, "id": "wamid.G", "type": "revoke"},
        {"id": "wamid.H", "type": "text"},
    ]);
    let echo = |chat: &str, aliases: &[&str], id: &str, text: &str| ChannelEvent::Echo {
        account: NUMBER.to_owned(),
        chat: to(chat),
        external_id: id.to_owned(),
        text: text.to_owned(),
        aliases: aliases.iter().map(|name| (*name).to_owned()).collect(),
    };
    let found = events(&change("smb_message_echoes", json!({"message_echoes": echoes})));
    assert_eq!(found, [echo(CHAT, &[], "wamid.E", "sebentar ya"), echo(USER_ID, &[CHAT], "wamid.F", "")]);
}

/// JSON of any shape, with the names that we look for.
fn any_json() -> impl Strategy<Value = Value> {
    let names = [
        "entry",
        "changes",
        "field",
        "value",
        "messages",
        "statuses",
        "contacts",
        "metadata",
        "phone_number_id",
        "id",
        "from",
        "type",
        "text",
        "body",
        "interactive",
        "button_reply",
        "order",
        "product_items",
        "errors",
        "system",
        "edit",
        "status",
        "biz_opaque_callback_data",
        "message_echoes",
        "profile",
        "location",
    ];
    let words =
        ["messages", "text", "order", "system", "edit", "failed", "w:1", "w:1.2", NUMBER, "interactive"];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        proptest::sample::select(words.to_vec()).prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(8, 96, 6, move |inner| {
        let name = proptest::sample::select(names.to_vec()).prop_map(str::to_owned);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(name, inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(body in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = deaf().receive(&sign(SECRET, &body));
    }

    #[test]
    fn no_json_makes_it_panic(messages in any_json(), contacts in any_json(), statuses in any_json(), whole in any_json()) {
        let body = change("messages", json!({"messages": messages, "contacts": contacts, "statuses": statuses}));
        let _ = deaf().receive(&sign(SECRET, body.to_string().as_bytes()));
        let body = json!({"entry": whole});
        let _ = deaf().receive(&sign(SECRET, body.to_string().as_bytes()));
    }

    #[test]
    fn torn_json_never_panics(text in "(\\\\u[dD][89a-fA-F][0-9a-f]{2}|\\\\|\"|x){0,12}") {
        let body = format!("{{\"entry\":\"{text}\"}}");
        let _ = deaf().receive(&sign(SECRET, body.as_bytes()));
    }
}

#[test]
fn an_answer_names_the_message_that_it_quotes() {
    let thread = |context: Value| {
        let message = json!({"from": CHAT, "id": "wamid.A", "type": "text", "text": {"body": "2 yang ini"}, "context": context});
        match events(&change("messages", json!({"messages": [message]}))).remove(0) {
            ChannelEvent::Said(inbound) => inbound.thread.unwrap(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(thread(json!({"from": "628", "id": "wamid.CARD"}))["quotes"], "wamid.CARD");
    assert!(thread(json!({"forwarded": true})).get("quotes").is_none());
}

#[test]
fn a_product_out_of_the_shops_window_is_what_the_words_beside_it_are_about() {
    let sent = |interactive: Value| {
        let message = json!({
            "id": "wamid.P", "from": "6281234567890", "type": "interactive", "interactive": interactive,
            "context": {"referred_product": {"product_retailer_id": "TEH-99"}},
        });
        match events(&change("messages", json!({ "messages": [message] }))).remove(0) {
            ChannelEvent::Said(inbound) => inbound.thread.unwrap()["product"].clone(),
            other => panic!("{other:?}"),
        }
    };
    let product = json!({"type": "product", "product": {"product_retailer_id": "TEH-01"}});
    assert_eq!(sent(product), "TEH-01");
    assert_eq!(sent(json!({"type": "product", "action": {"product_retailer_id": 7}})), "7");
    assert_eq!(sent(json!({"type": "button_reply", "button_reply": {"id": "a.0", "title": "Ya"}})), "TEH-99");
}
