//! What updates mean.

use proptest::prelude::*;
use rstest::rstest;
use serde_json::json;

use super::*;
use crate::domain::message::{FileRef, MAX_TEXT_CHARS, MediaKind};

/// A channel that never calls anybody.
fn deaf() -> Telegram {
    let channel = channel("http://127.0.0.1:9");
    let line = channel.line(BOT).unwrap();
    *line.username.write().unwrap() = Some("Warung_bot".to_owned());
    channel
}

fn private(fields: Value) -> Value {
    message_in(&json!({"id": 77, "first_name": "Ayu", "type": "private"}), fields)
}

fn grouped(fields: Value) -> Value {
    message_in(&json!({"id": -100_123, "title": "Arisan", "type": "supergroup"}), fields)
}

fn message_in(chat: &Value, fields: Value) -> Value {
    let mut message = json!({
        "message_id": 5,
        "date": 1_795_305_600,
        "chat": chat,
        "from": {"id": 77, "is_bot": false, "first_name": "Ayu", "last_name": "Lestari", "language_code": "id"},
    });
    for (name, value) in fields.as_object().unwrap() {
        message[name] = value.clone();
    }
    json!({"update_id": 9_000_000_000_i64, "message": message})
}

fn content_of(update: &Value) -> Option<Content> {
    match deaf().receive(&request(update)).unwrap().pop()? {
        ChannelEvent::Said(inbound) => Some(inbound.content),
        other => panic!("{other:?}"),
    }
}

fn media(media: MediaKind, file: Option<FileRef>) -> Content {
    Content::Media { media, caption: None, file }
}

fn file(id: &str, mime: Option<&str>, size_bytes: Option<u64>) -> Option<FileRef> {
    Some(FileRef { id: id.to_owned(), mime: mime.map(str::to_owned), size_bytes })
}

#[rstest]
#[case::text(json!({"text": "halo"}), text("halo"))]
#[case::deep_link(json!({"text": "/start p_TEH-01"}), text("/start p_TEH-01"))]
#[case::command_with_name(json!({"text": "/menu@warung_bot"}), text("/menu"))]
#[case::command_with_name_and_words(json!({"text": "/start@Any_bot p_1"}), text("/start p_1"))]
#[case::no_command(json!({"text": "/ dan @warung_bot"}), text("/ dan @warung_bot"))]
#[case::location(json!({"location": {"latitude": -6.2, "longitude": 106.816_666}}),
    Content::Location { latitude: "-6.2".to_owned(), longitude: "106.816666".to_owned(), name: None })]
#[case::venue(json!({"location": {"latitude": -6.2, "longitude": 106.8},
    "venue": {"location": {"latitude": -6.2, "longitude": 106.8}, "title": "Monas", "address": "Gambir"}}),
    Content::Location { latitude: "-6.2".to_owned(), longitude: "106.8".to_owned(), name: Some("Monas, Gambir".to_owned()) })]
#[case::venue_without_place(json!({"location": {"latitude": 1, "longitude": "2"}, "venue": {"title": "Monas"}}),
    Content::Location { latitude: "1".to_owned(), longitude: "2".to_owned(), name: None })]
#[case::off_the_map(json!({"location": {"latitude": 95, "longitude": 0}}), Content::Unknown)]
#[case::own_contact(json!({"contact": {"phone_number": "628123", "user_id": 77}}),
    Content::Phone { phone: "628123".to_owned() })]
#[case::somebody_elses_contact(json!({"contact": {"phone_number": "628123", "user_id": 78}}),
    media(MediaKind::Contact, None))]
#[case::contact_of_nobody(json!({"contact": {"phone_number": "628123"}}), media(MediaKind::Contact, None))]
#[case::photo(json!({"photo": [
    {"file_id": "large", "width": 800, "height": 600, "file_size": 90_000},
    {"file_id": "huge", "width": 9000, "height": 600, "file_size": 21_000_000},
    {"file_id": "small", "width": 90, "height": 60}]}),
    media(MediaKind::Image, file("large", Some("image/jpeg"), Some(90_000))))]
#[case::photo_of_nothing(json!({"photo": []}), media(MediaKind::Image, None))]
#[case::document(json!({"document": {"file_id": "d", "mime_type": "application/pdf", "file_size": "1200"}}),
    media(MediaKind::Document, file("d", Some("application/pdf"), Some(1200))))]
#[case::large_document(json!({"document": {"file_id": "d", "file_size": 20_971_521}}), media(MediaKind::Document, None))]
#[case::animation(json!({"animation": {"file_id": "a"}, "document": {"file_id": "a"}}),
    media(MediaKind::Video, file("a", None, None)))]
#[case::voice(json!({"voice": {"file_id": "v", "mime_type": "audio/ogg"}}),
    media(MediaKind::Audio, file("v", Some("audio/ogg"), None)))]
#[case::video_note(json!({"video_note": {"file_id": "n"}}), media(MediaKind::Video, file("n", None, None)))]
#[case::sticker(json!({"sticker": {"file_id": "s", "emoji": "🍵"}}), media(MediaKind::Sticker, file("s", None, None)))]
#[case::poll(json!({"poll": {"id": "1"}}), Content::Unknown)]
#[case::dice(json!({"dice": {"emoji": "🎲", "value": 4}}), Content::Unknown)]
#[case::game(json!({"game": {}}), Content::Unknown)]
#[case::story(json!({"story": {"id": 1}}), Content::Unknown)]
#[case::gift(json!({"gift": {"gift": {}}}), Content::Unknown)]
#[case::of_the_year_2030(json!({"hologram": {"depth": 3}}), Content::Unknown)]
#[case::paid(json!({"successful_payment": {"order_info": null}}), Content::Unknown)]
fn each_kind_of_message_is_read(#[case] fields: Value, #[case] expected: Content) {
    assert_eq!(content_of(&private(fields)), Some(expected));
}

#[test]
fn a_caption_comes_with_its_picture() {
    let update = private(json!({"photo": [{"file_id": "p"}], "caption": "bukti"}));
    let Some(Content::Media { caption, .. }) = content_of(&update) else { panic!("a picture is media") };
    assert_eq!(caption.as_deref(), Some("bukti"));
}

#[rstest]
#[case::joined(json!({"new_chat_members": [{"id": 1}]}))]
#[case::pinned(json!({"pinned_message": {"message_id": 1}}))]
#[case::title(json!({"new_chat_title": "x"}))]
#[case::topic(json!({"forum_topic_created": {"name": "x"}}))]
#[case::timer(json!({"message_auto_delete_timer_changed": {}}))]
#[case::came_from(json!({"migrate_from_chat_id": -5}))]
fn what_a_chat_does_by_itself_is_not_answered(#[case] fields: Value) {
    assert_eq!(content_of(&private(fields.clone())), None);
    assert_eq!(content_of(&grouped(fields)), None);
}

#[rstest]
#[case::channel_post(json!({"update_id": 1, "channel_post": {"message_id": 1, "chat": {"id": -1, "type": "channel"}, "text": "x"}}))]
#[case::reaction(json!({"update_id": 1, "message_reaction": {"chat": {"id": 77}, "message_id": 3}}))]
#[case::blocked(json!({"update_id": 1, "my_chat_member": {"chat": {"id": 77}, "new_chat_member": {"status": "kicked"}}}))]
#[case::inline(json!({"update_id": 1, "inline_query": {"id": "1", "query": "teh"}}))]
#[case::shipping(json!({"update_id": 1, "pre_checkout_query": {"id": "1", "order_info": null}}))]
#[case::of_the_year_2030(json!({"update_id": 1, "thought": {"chat": {"id": 77}}}))]
#[case::without_a_chat(json!({"update_id": 1, "message": {"message_id": 1, "text": "x"}}))]
#[case::message_is_text(json!({"update_id": 1, "message": "x"}))]
#[case::from_a_bot(json!({"update_id": 1, "message": {"message_id": 1, "chat": {"id": 77, "type": "private"}, "from": {"id": 3, "is_bot": true}, "text": "x"}}))]
#[case::nothing(json!({}))]
fn updates_that_nobody_waits_for_say_nothing(#[case] update: Value) {
    assert_eq!(deaf().receive(&request(&update)), Ok(Vec::new()));
}

#[rstest]
#[case::command(json!({"text": "/menu"}), Some("/menu"))]
#[case::own_command(json!({"text": "/menu@WARUNG_bot teh"}), Some("/menu teh"))]
#[case::command_of_another(json!({"text": "/menu@other_bot"}), None)]
#[case::talk(json!({"text": "besok jadi?"}), None)]
#[case::mention(json!({"text": "@warung_bot, pesan 2 teh"}), Some("pesan 2 teh"))]
#[case::mention_inside(json!({"text": "coba @warung_bot menu"}), Some("coba menu"))]
#[case::longer_name(json!({"text": "@warung_bot2 menu"}), None)]
#[case::mail(json!({"text": "a@warung_bot menu"}), None)]
#[case::reply(json!({"text": "dua", "reply_to_message": {"message_id": 1, "from": {"id": 731_000}}}), Some("dua"))]
#[case::reply_to_another(json!({"text": "dua", "reply_to_message": {"message_id": 1, "from": {"id": 5}}}), None)]
#[case::by_id(json!({"text": "Toko menu", "entities": [{"type": "text_mention", "user": {"id": 731_000}}]}), Some("Toko menu"))]
fn in_a_group_only_what_is_addressed_to_the_bot_is_heard(
    #[case] fields: Value,
    #[case] expected: Option<&str>,
) {
    assert_eq!(content_of(&grouped(fields)), expected.map(text));
}

#[test]
fn a_message_brings_who_and_where_and_never_a_phone() {
    let inbound = said(&deaf(), &request(&private(json!({"text": "halo"}))));
    assert_eq!(inbound.from, address("77"));
    assert_eq!(inbound.external_id, "u9000000000");
    assert_eq!(inbound.account, BOT);
    assert_eq!(inbound.sender_name.as_deref(), Some("Ayu Lestari"));
    assert_eq!(inbound.language_hint.as_deref(), Some("id"));
    assert_eq!(inbound.sender_phone, None);
}

#[test]
fn a_reply_names_the_message_that_it_quotes() {
    let quoting = private(json!({"text": "2 yang ini", "reply_to_message": {"message_id": 41}}));
    assert_eq!(said(&deaf(), &request(&quoting)).thread.unwrap()["quotes"], "41");
    let plain = private(json!({"text": "2 yang ini"}));
    assert!(said(&deaf(), &request(&plain)).thread.unwrap().get("quotes").is_none());
}

#[test]
fn numbers_may_be_texts_and_fields_may_be_missing() {
    let update = json!({"update_id": "12", "message": {"chat": {"id": "77"}, "text": "halo", "from": null}});
    let inbound = said(&deaf(), &request(&update));
    assert_eq!((inbound.external_id.as_str(), inbound.from.chat.as_str()), ("u12", "77"));
    assert_eq!(inbound.content, text("halo"));
    let update = json!({"message": {"message_id": 4, "chat": {"id": 77}, "text": "halo"}});
    assert_eq!(said(&deaf(), &request(&update)).external_id, "m4");
}

#[test]
fn edits_are_told_apart_and_a_moving_place_is_silent() {
    let edited = |fields| {
        let mut update = private(fields);
        let message = update["message"].take();
        content_of(&json!({"update_id": 3, "edited_message": message}))
    };
    assert_eq!(edited(json!({"text": "tiga"})), Some(Content::Edited { text: "tiga".to_owned() }));
    assert_eq!(edited(json!({"caption": "c", "photo": []})), Some(Content::Edited { text: "c".to_owned() }));
    let place = json!({"location": {"latitude": 1, "longitude": 2, "live_period": 60}});
    assert_eq!(edited(place), Some(Content::Silent));
}

#[rstest]
#[case::with_message(json!({"message": {"message_id": 8, "date": 5, "chat": {"id": -100, "type": "group"}, "photo": []}}), "-100", json!(8), true)]
#[case::inaccessible(json!({"message": {"message_id": 8, "date": 0, "chat": {"id": 77, "type": "private"}}}), "77", json!(null), false)]
#[case::broadcast(json!({"message": {"message_id": 8, "date": 5, "chat": {"id": -100, "type": "channel"}, "photo": []}}), "77", json!(null), false)]
#[case::without_message(json!({"inline_message_id": "x"}), "77", json!(null), false)]
fn a_press_says_what_was_pressed(
    #[case] fields: Value,
    #[case] chat: &str,
    #[case] message_id: Value,
    #[case] has_photo: bool,
) {
    let mut query = json!({"id": "4382", "from": {"id": 77, "first_name": "Ayu"}, "data": "tok.1"});
    for (name, value) in fields.as_object().unwrap() {
        query[name] = value.clone();
    }
    let inbound = said(&deaf(), &request(&json!({"update_id": 4, "callback_query": query})));
    assert_eq!(inbound.content, Content::Press { data: "tok.1".to_owned() });
    assert_eq!(inbound.from.chat, chat);
    let thread = inbound.thread.unwrap();
    assert_eq!(thread["callback_id"], "4382");
    assert_eq!((&thread["message_id"], &thread["has_photo"]), (&message_id, &json!(has_photo)));
}

#[test]
fn a_caption_in_a_group_is_read_without_the_name_of_the_bot() {
    let update = grouped(json!({"photo": [], "caption": "@warung_bot pesan 1 teh hijau"}));
    let Some(Content::Media { caption, .. }) = content_of(&update) else { panic!("a picture") };
    assert_eq!(caption.as_deref(), Some("pesan 1 teh hijau"));
}

#[test]
fn data_that_we_cannot_have_given_is_unknown() {
    for data in [json!(null), json!(""), json!("x".repeat(65)), json!(5)] {
        let update = json!({"update_id": 4, "callback_query": {"id": "1", "from": {"id": 77}, "data": data}});
        assert_eq!(content_of(&update), Some(Content::Unknown));
    }
}

#[test]
fn a_group_that_moves_is_told() {
    let update = grouped(json!({"migrate_to_chat_id": -100_999}));
    let moved = ChannelEvent::Moved {
        account: BOT.to_owned(),
        from: address("-100123"),
        to: "-100999".to_owned(),
        aliases: Vec::new(),
        phone: None,
    };
    assert_eq!(deaf().receive(&request(&update)), Ok(vec![moved]));
}

#[test]
fn long_and_hostile_words_are_cut_and_cleaned() {
    let update = private(json!({"text": format!("\u{0}\u{1b}[31m{}", "é".repeat(10_000))}));
    let Some(Content::Text { text }) = content_of(&update) else { panic!("words are text") };
    assert!(text.starts_with("[31m"));
    assert_eq!(text.chars().count(), MAX_TEXT_CHARS + 1);
}

#[tokio::test]
async fn what_a_person_does_arrives_as_it_was_done() {
    let (fake, channel) = both().await;
    let place = |name: Option<&str>| Content::Location {
        latitude: "-6.175392".to_owned(),
        longitude: "106.827153".to_owned(),
        name: name.map(str::to_owned),
    };
    let said_and_heard = [
        text("halo"),
        text("/start p_TEH-01"),
        text(" 2 teh \u{202e}🍵"),
        Content::Press { data: "tok.3".to_owned() },
        place(None),
        place(Some("Monas, Gambir")),
        Content::Phone { phone: "+628123456789".to_owned() },
        Content::Edited { text: "tiga".to_owned() },
        Content::Unknown,
        Content::Media { media: MediaKind::Contact, caption: None, file: None },
    ];
    for (index, content) in said_and_heard.iter().enumerate() {
        for (id, repeat) in [(index, false), (index, true)] {
            let inbound = said(&channel, &fake.told(&person("77"), &format!("m{id}"), content));
            assert_eq!(&inbound.content, content, "{repeat}");
            assert_eq!(
                (&inbound.from, inbound.sender_name.as_deref()),
                (&address("77"), Some("Ayu Lestari"))
            );
        }
    }
    for media in
        [MediaKind::Image, MediaKind::Audio, MediaKind::Video, MediaKind::Sticker, MediaKind::Document]
    {
        let sent = Content::Media { media, caption: Some("ini".to_owned()), file: None };
        let inbound = said(&channel, &fake.told(&person("77"), &format!("{media:?}"), &sent));
        let Content::Media { media: heard, caption, file: Some(file) } = inbound.content else {
            panic!("media is expected")
        };
        assert_eq!((heard, caption.as_deref()), (media, Some("ini")));
        assert!(channel.fetch(BOT, &file, 1_000).await.is_ok());
    }
    assert_eq!(channel.receive(&fake.told(&person("77"), "s", &Content::Silent)), Ok(Vec::new()));
    let inbound = said(&channel, &fake.told(&person("-100"), "g", &text("/menu")));
    assert_eq!((inbound.from, inbound.content), (address("-100"), text("/menu")));
    assert_obedient(&fake);
}

#[rstest]
#[case::none(None)]
#[case::empty(Some(""))]
#[case::wrong(Some("fake-webhook-secreT"))]
#[case::beginning(Some("fake-webhook"))]
fn without_the_secret_nothing_is_read(#[case] secret: Option<&str>) {
    let headers = secret.map(|secret| (SECRET_HEADER.to_owned(), secret.to_owned()));
    let request = WebhookRequest {
        headers: headers.into_iter().collect(),
        body: private(json!({"text": "halo"})).to_string().into_bytes(),
    };
    assert_eq!(deaf().receive(&request), Err(WebhookError::Unsigned));
    let polled = Telegram::new(vec![Account::new(TOKEN, None).unwrap()], API_URL).unwrap();
    assert_eq!(polled.receive(&request), Err(WebhookError::Unsigned));
}

#[rstest]
#[case("")]
#[case("halo")]
#[case("[]")]
#[case("null")]
#[case("{\"update_id\":1")]
fn what_is_no_update_is_malformed(#[case] body: &str) {
    let request = WebhookRequest { body: body.as_bytes().to_vec(), ..request(&json!({})) };
    assert!(matches!(deaf().receive(&request), Err(WebhookError::Malformed(_))));
}

#[test]
fn a_webhook_is_read_as_kindly_as_a_poll() {
    let half = r#"{"update_id":1,"message":{"message_id":1,"chat":{"id":77,"type":"private"},"text":"makasih \ud83d"}}"#;
    let request = |body: String| WebhookRequest { body: body.into_bytes(), ..request(&json!({})) };
    assert_eq!(
        said(&deaf(), &request(half.to_owned())).content,
        Content::Text { text: "makasih \u{fffd}".into() }
    );
    // Nesting without end is passed over: refused, the platform would bring it again and again.
    let deep = format!(r#"{{"update_id":2,"thought":{}{}}}"#, "[".repeat(200), "]".repeat(200));
    assert_eq!(deaf().receive(&request(deep)), Ok(Vec::new()));
}

#[test]
fn the_secret_tells_the_shops_apart() {
    let other = Account::new("900:BBB", Some("another-shops-secret")).unwrap();
    let channel =
        Telegram::new(vec![Account::new(TOKEN, Some(WEBHOOK_SECRET)).unwrap(), other], API_URL).unwrap();
    let mut request = request(&private(json!({"text": "halo"})));
    assert_eq!(said(&channel, &request).account, BOT);
    request.headers[0].1 = "another-shops-secret".to_owned();
    assert_eq!(said(&channel, &request).account, "900");
}

#[test]
fn an_account_is_read_as_it_was_written_and_shows_no_secret() {
    let account = Account::new(TOKEN, Some("s-1-of-the-tests")).unwrap();
    let again = Account::read(&account.write()).unwrap();
    assert_eq!((again.id(), again.write()), (BOT.to_owned(), account.write()));
    let shown = format!("{account:?} {:?}", deaf());
    assert!(!shown.contains("TOKEN") && !shown.contains("s-1"), "{shown}");
    for (token, secret) in
        [("", None), ("abc", None), ("1:", None), (":x", None), ("1:a b", None), ("1:a", Some("ä"))]
    {
        assert!(Account::new(token, secret).is_err(), "{token}");
    }
}

/// JSON of any shape that uses the names which updates use.
fn shaped() -> impl Strategy<Value = Value> {
    let names = [
        "update_id",
        "message",
        "edited_message",
        "callback_query",
        "chat",
        "id",
        "from",
        "text",
        "photo",
        "file_id",
        "location",
        "latitude",
        "longitude",
        "venue",
        "contact",
        "user_id",
        "data",
        "date",
        "message_id",
        "entities",
        "reply_to_message",
        "type",
        "migrate_to_chat_id",
        "first_name",
        "language_code",
        "document",
        "file_size",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        Just(json!("/menu@")),
        Just(json!("@warung_bot")),
        Just(json!(77)),
    ];
    leaf.prop_recursive(5, 64, 8, move |inner| {
        let name = proptest::sample::select(names.to_vec());
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec((name, inner), 0..8).prop_map(|fields| fields
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect()),
        ]
    })
}

proptest! {
    #[test]
    fn no_update_breaks_the_reader(update in shaped()) {
        let _ = deaf().receive(&request(&update));
    }

    #[test]
    fn no_body_breaks_the_reader(body in any::<Vec<u8>>()) {
        let _ = deaf().receive(&WebhookRequest { body, ..request(&json!({})) });
    }

    #[test]
    fn no_words_break_the_reader(words in "\\PC{0,40}", tail in "[/@a-z_ é]{0,20}") {
        for update in [private(json!({"text": words})), grouped(json!({"text": tail}))] {
            let _ = deaf().receive(&request(&update));
        }
    }
}
