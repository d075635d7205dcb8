//! Sends, to a fake over real HTTP.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use proptest::prelude::*;
use rstest::rstest;
use serde_json::json;

use super::plan::message;
use super::*;
use crate::channels::Send;
use crate::domain::customer::Language;
use crate::domain::message::{
    Ask, AskKind, Content, DeliveryFailure, DeliveryState, Document, DocumentContent, Link, MediaKind,
    Outbound, OutboundChoice, Picture, ReplyTrace,
};
use crate::fakes::Fault;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\nrest";

fn at(hour: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_780_000_000 + hour * 3_600, 0).unwrap()
}

fn png() -> Image {
    Image { mime: "image/png".to_owned(), bytes: PNG.to_vec(), uploaded_id: None }
}

fn with_picture(text: &str, labels: &[&str]) -> Outbound {
    Outbound { image: Some(Picture::Stored { path: "/media/1".to_owned() }), ..message(text, labels) }
}

/// The platform's messages that were sent so far, each as it was written.
fn sent(fake: &Fake) -> Vec<Value> {
    let posts = fake.recorded().into_iter().filter(|recorded| recorded.path.ends_with("/messages"));
    posts.map(|recorded| recorded.body).collect()
}

async fn send(channel: &WhatsApp, message: &Outbound) -> Result<Receipt, CallError> {
    channel.send(Send::plain(&to(CHAT), 1, message)).await
}

#[tokio::test]
async fn a_message_arrives_and_its_reports_come_back() {
    let (fake, channel) = pair().await;
    let receipt = send(&channel, &message("Halo *Ayu*", &["Pesan", "Menu"])).await.unwrap();
    let shown = fake.take_shown(CHAT).remove(0);
    assert_eq!(Some(&shown.id), receipt.channel_message_id.as_ref());
    assert_eq!(shown.text, "Halo *Ayu*");
    let pressed = channel
        .receive(&fake.told(&person(CHAT), "e1", &Content::Press { data: shown.choices[1].data.clone() }))
        .unwrap()
        .remove(0);
    let ChannelEvent::Said(inbound) = pressed else { panic!("it is said") };
    assert_eq!(inbound.content, Content::Press { data: "token.1".to_owned() });
    assert_eq!((inbound.from, inbound.sender_name.as_deref()), (to(CHAT), Some("Ayu")));
    let states: Vec<(Option<i64>, DeliveryState)> = fake
        .take_reports()
        .iter()
        .flat_map(|report| channel.receive(report).unwrap())
        .map(|event| match event {
            ChannelEvent::Delivery(delivery) => (delivery.outbox_id, delivery.state),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        states,
        [DeliveryState::Sent, DeliveryState::Delivered, DeliveryState::Read].map(|state| (Some(1), state))
    );
    assert_eq!(refusals(&fake), [""; 0]);
    fake.stop().await;
}

#[tokio::test]
async fn somebody_without_a_number_is_served_by_their_id() {
    let (fake, channel) = pair().await;
    channel.send(Send::plain(&to(USER_ID), 1, &message("halo", &[]))).await.unwrap();
    assert_eq!(fake.take_shown(USER_ID)[0].text, "halo");
    let told = fake.told(&person(USER_ID), "e1", &Content::Text { text: "1".to_owned() });
    let ChannelEvent::Said(inbound) = channel.receive(&told).unwrap().remove(0) else { panic!("it is said") };
    assert_eq!((inbound.from, inbound.sender_phone), (to(USER_ID), None));
    assert_eq!(refusals(&fake), [""; 0]);
}

#[tokio::test]
async fn everything_that_the_fake_tells_is_heard_as_it_was_meant() {
    let (fake, channel) = pair().await;
    let caption = Some("bukti \u{1f4b8}".to_owned());
    for (index, content) in [
        Content::Text { text: "dua teh / \u{1f375}".to_owned() },
        Content::Location {
            latitude: "-6.2".to_owned(),
            longitude: "106.8".to_owned(),
            name: Some("Monas".to_owned()),
        },
        Content::Media { media: MediaKind::Contact, caption: None, file: None },
        Content::Phone { phone: "+628999999999".to_owned() },
        Content::Edited { text: "tiga".to_owned() },
        Content::Silent,
        Content::Unknown,
    ]
    .into_iter()
    .enumerate()
    {
        let told = fake.told(&person(CHAT), &format!("e{index}"), &content);
        let ChannelEvent::Said(inbound) = channel.receive(&told).unwrap().remove(0) else {
            panic!("it is said")
        };
        assert_eq!(inbound.content, content);
    }
    let told =
        fake.told(&person(CHAT), "m", &Content::Media { media: MediaKind::Image, caption, file: None });
    let ChannelEvent::Said(inbound) = channel.receive(&told).unwrap().remove(0) else { panic!("it is said") };
    let Content::Media { file: Some(file), caption: Some(_), .. } = inbound.content else {
        panic!("it is a picture")
    };
    let image = channel.fetch(NUMBER, &file, 1_000).await.unwrap();
    assert!(image.mime == "image/png" && image.bytes.starts_with(b"\x89PNG"), "{image:?}");
    fake.lapse_next_address();
    assert_eq!(channel.fetch(NUMBER, &file, 1_000).await.unwrap(), image);
    for (id, max) in [(file.id.as_str(), 10), ("404", 1_000), ("../x", 1_000), ("", 1_000)] {
        let wanted = FileRef { id: id.to_owned(), mime: None, size_bytes: None };
        assert!(channel.fetch(NUMBER, &wanted, max).await.is_err(), "{id}");
    }
    let echo = channel.receive(&fake.echoed(&person(CHAT), "o", "sebentar")).unwrap();
    assert!(matches!(&echo[..], [ChannelEvent::Echo { chat, .. }] if *chat == to(CHAT)), "{echo:?}");
    let moved = channel.receive(&fake.moved(&person(CHAT), &person("628999999999"), "s")).unwrap();
    assert!(matches!(&moved[..], [ChannelEvent::Moved { to, .. }] if to == "628999999999"), "{moved:?}");
}

#[tokio::test]
async fn a_picture_is_uploaded_once_and_then_named() {
    let (fake, channel) = pair().await;
    let outbound = with_picture("Teh Hijau", &["Pesan"]);
    let (to, image) = (to(CHAT), png());
    let first = Send { image: Some(&image), now: at(0), ..Send::plain(&to, 1, &outbound) };
    let upload = channel.send(first.clone()).await.unwrap().uploaded.unwrap();
    assert!(upload.expires_at.unwrap() <= at(30 * 24));
    let image = Image { uploaded_id: Some(upload.id), ..png() };
    let again = Send { image: Some(&image), outbox_id: 2, ..first.clone() };
    assert_eq!(channel.send(again).await.unwrap().uploaded, None);
    assert!(fake.take_shown(CHAT).iter().all(|shown| shown.image.as_deref() == Some(PNG)));
    assert_eq!(fake.recorded().iter().filter(|recorded| recorded.path.ends_with("/media")).count(), 1);
    assert_eq!(refusals(&fake), [""; 0]);
    // An id that has gone is replaced by a fresh one.
    let image = Image { uploaded_id: Some("999".to_owned()), ..png() };
    let stale = Send { image: Some(&image), outbox_id: 3, ..first };
    assert!(channel.send(stale).await.unwrap().uploaded.is_some());
    assert_eq!(fake.take_shown(CHAT).len(), 1);
}

fn with_document(text: &str, labels: &[&str]) -> Outbound {
    let content = DocumentContent::Stored { path: "/media/1.pdf".to_owned() };
    let document = Document { name: "Struk WRG/12.pdf".to_owned(), content };
    Outbound { document: Some(document), ..message(text, labels) }
}

fn pdf() -> Image {
    Image { mime: "application/pdf".to_owned(), bytes: b"%PDF-1.7 receipt".to_vec(), uploaded_id: None }
}

#[tokio::test]
async fn a_document_is_uploaded_once_and_named_and_its_words_stand_below_it_where_they_can() {
    let (fake, channel) = pair().await;
    let (to, file) = (to(CHAT), pdf());
    let outbound = with_document("Struk Kakak", &[]);
    let first = Send { document: Some(&file), now: at(0), ..Send::plain(&to, 1, &outbound) };
    let upload = channel.send(first.clone()).await.unwrap().uploaded.unwrap();
    let shown = fake.take_shown(CHAT).remove(0);
    let document = shown.document.unwrap();
    assert_eq!((document.name.as_str(), document.bytes), ("Struk WRG-12.pdf", pdf().bytes));
    assert_eq!(shown.text, "Struk Kakak");
    // With choices, or with more words than a caption holds, the words are a message of their own.
    let kept = Image { uploaded_id: Some(upload.id), ..pdf() };
    for (row, outbound) in
        [(2, with_document("Struk Kakak", &["Menu"])), (3, with_document(&"kata ".repeat(300), &[]))]
    {
        let send = Send { document: Some(&kept), outbox_id: row, message: &outbound, ..first.clone() };
        assert_eq!(channel.send(send).await.unwrap().uploaded, None);
        let shown = fake.take_shown(CHAT);
        assert_eq!(shown.len(), 2, "{shown:?}");
        assert!(shown[0].document.is_some() && shown[0].text.is_empty());
        assert!(shown[1].document.is_none() && shown[1].choices.len() == outbound.choices.len());
    }
    assert_eq!(refusals(&fake), [""; 0]);
}

#[tokio::test]
async fn a_message_never_goes_without_the_document_that_it_promises_and_a_picture_goes_as_a_picture() {
    let (fake, channel) = pair().await;
    let (to, outbound) = (to(CHAT), with_document("Bukti bayar", &[]));
    let broken = Image { bytes: b"no document".to_vec(), ..pdf() };
    let program = Image { mime: "application/x-sh".to_owned(), ..pdf() };
    for (row, document) in [(1, None), (2, Some(&broken)), (3, Some(&program))] {
        let result = channel.send(Send { document, ..Send::plain(&to, row, &outbound) }).await;
        assert!(matches!(result, Err(CallError::Fail { .. })), "{result:?}");
    }
    assert_eq!(fake.take_shown(CHAT), []);
    let image = png();
    channel.send(Send { document: Some(&image), ..Send::plain(&to, 4, &outbound) }).await.unwrap();
    let shown = fake.take_shown(CHAT).remove(0);
    assert_eq!((shown.image.as_deref(), shown.text.as_str()), (Some(PNG), "Bukti bayar"));
}

#[tokio::test]
async fn a_picture_that_the_platform_does_not_take_leaves_the_words_but_never_a_payment_without_its_code() {
    let (fake, channel) = pair().await;
    let to = to(CHAT);
    let gif = Image { mime: "image/gif".to_owned(), ..png() };
    let broken = Image { bytes: b"no picture".to_vec(), ..png() };
    let large = Image { bytes: vec![0; 5_000_001], ..png() };
    for image in [&gif, &broken, &large] {
        let outbound = with_picture("Teh", &[]);
        channel.send(Send { image: Some(image), ..Send::plain(&to, 1, &outbound) }).await.unwrap();
        let qris =
            Picture::Qris { payload: "0002".to_owned(), title: "x".to_owned(), amount: "x".to_owned() };
        let outbound = Outbound { image: Some(qris), ..message("Bayar", &[]) };
        let result = channel.send(Send { image: Some(image), ..Send::plain(&to, 2, &outbound) }).await;
        assert!(matches!(result, Err(CallError::Fail { .. })), "{result:?}");
    }
    let shown = fake.take_shown(CHAT);
    assert!(
        shown.len() == 3 && shown.iter().all(|shown| shown.image.is_none() && shown.text == "Teh"),
        "{shown:?}"
    );
}

#[rstest]
#[case(Fault::Code(131_047), "unreachable")]
#[case(Fault::Code(131_026), "unreachable")]
#[case(Fault::Code(131_030), "unreachable")]
#[case(Fault::Code(131_049), "unreachable")]
#[case(Fault::Code(131_050), "unreachable")]
#[case(Fault::Code(132_001), "unreachable")]
#[case(Fault::Code(0), "stopped")]
#[case(Fault::Code(190), "stopped")]
#[case(Fault::Code(3), "stopped")]
#[case(Fault::Code(10), "stopped")]
#[case(Fault::Code(200), "stopped")]
#[case(Fault::Code(299), "stopped")]
#[case(Fault::Code(131_005), "stopped")]
#[case(Fault::Code(131_031), "stopped")]
#[case(Fault::Code(131_042), "stopped")]
#[case(Fault::Code(133_010), "stopped")]
#[case(Fault::Code(100), "fail")]
#[case(Fault::Code(131_009), "fail")]
#[case(Fault::Code(999_999), "fail")]
#[case(Fault::Code(131_000), "down")]
#[case(Fault::Code(131_016), "down")]
#[case(Fault::Code(80_007), "retry after 5000")]
#[case(Fault::Code(4), "retry after 5000")]
#[case(Fault::Down, "down")]
#[case(Fault::Bare(500), "down, perhaps done")]
#[case(Fault::Bare(429), "retry after 5000")]
#[case(Fault::TooMany { retry_after_seconds: Some(30) }, "retry after 30000")]
#[case(Fault::TooMany { retry_after_seconds: None }, "retry after 5000")]
#[case(Fault::Code(131_056), "retry after 1000")]
#[case(Fault::LostAnswer, "unknown after 120000")]
#[tokio::test]
async fn each_failure_is_told_apart(#[case] fault: Fault, #[case] expected: &str) {
    let (fake, channel) = pair().await;
    fake.arm(CHAT, fault);
    let error = send(&channel, &message("rahasia", &[])).await.unwrap_err();
    let found = match &error {
        CallError::Retry { after_ms: None, .. } => "retry".to_owned(),
        CallError::Retry { after_ms: Some(wait), .. } => format!("retry after {wait}"),
        CallError::Unknown { after_ms, .. } => format!("unknown after {after_ms}"),
        CallError::Down { may_have_worked: true, .. } => "down, perhaps done".to_owned(),
        CallError::Down { .. } => "down".to_owned(),
        CallError::Unreachable { .. } => "unreachable".to_owned(),
        CallError::Stopped { .. } => "stopped".to_owned(),
        CallError::Fail { .. } => "fail".to_owned(),
    };
    assert_eq!(found, expected, "{error}");
    let words = error.to_string();
    assert!(![TOKEN, CHAT, "rahasia", "127.0.0.1"].iter().any(|secret| words.contains(secret)), "{words}");
    send(&channel, &message("lagi", &[])).await.unwrap();
}

#[tokio::test]
async fn too_many_messages_to_one_person_wait_longer_and_longer() {
    let (fake, channel) = pair().await;
    for _ in 0..3 {
        fake.arm(CHAT, Fault::Code(131_056));
    }
    let mut waits = Vec::new();
    while let Err(CallError::Retry { after_ms: Some(wait), .. }) = send(&channel, &message("x", &[])).await {
        waits.push(wait);
    }
    assert_eq!(waits, [1_000, 4_000, 16_000]);
    fake.arm(CHAT, Fault::Code(131_056));
    let again = send(&channel, &message("x", &[])).await.unwrap_err();
    assert!(matches!(again, CallError::Retry { after_ms: Some(1_000), .. }), "{again}");
}

#[tokio::test]
async fn who_is_not_there_or_knows_no_token_is_told_so() {
    let to = to(CHAT);
    let outbound = message("x", &[]);
    let nobody = WhatsApp::new(vec![account()], "http://127.0.0.1:1/v23.0").unwrap();
    let error = nobody.send(Send::plain(&to, 1, &outbound)).await.unwrap_err();
    assert!(
        matches!(error, CallError::Down { may_have_worked: false, .. }) && !error.to_string().contains("127"),
        "{error}"
    );
    let (fake, channel) = pair_with(Account::new(NUMBER, "wrong", SECRET, VERIFY).unwrap()).await;
    assert!(matches!(channel.send(Send::plain(&to, 1, &outbound)).await, Err(CallError::Stopped { .. })));
    assert!(matches!(channel.test(NUMBER).await, Err(CallError::Stopped { .. })));
    let other = WhatsApp::new(vec![Account::new("77", TOKEN, SECRET, VERIFY).unwrap()], &fake.url()).unwrap();
    assert!(matches!(other.send(Send::plain(&to, 1, &outbound)).await, Err(CallError::Stopped { .. })));
    let unknown = Send { account: "78", ..Send::plain(&to, 1, &outbound) };
    assert!(matches!(other.send(unknown).await, Err(CallError::Fail { .. })));
    let empty = other.send(Send::plain(&to, 1, &message(" ", &[]))).await;
    assert!(matches!(empty, Err(CallError::Fail { .. })), "{empty:?}");
}

#[tokio::test]
async fn an_account_that_works_says_its_name() {
    let (fake, channel) = pair().await;
    assert_eq!(channel.test("").await.unwrap(), "Warung (+62 811-0000-0001)");
    assert_eq!(refusals(&fake), [""; 0]);
    assert!(channel.handshake(&fake.handshake("42")) == Some("42".to_owned()));
}

#[tokio::test]
async fn an_event_that_is_attended_to_is_marked_as_read_while_an_answer_is_written() {
    let (fake, channel) = pair().await;
    let told = fake.told(&person(CHAT), "e1", &Content::Text { text: "halo".to_owned() });
    let ChannelEvent::Said(inbound) = channel.receive(&told).unwrap().remove(0) else { panic!("it is said") };
    channel.attend(&inbound.account, &inbound.from, &inbound.thread.unwrap()).await;
    assert!(fake.is_read("e1"));
    assert_eq!(sent(&fake)[0]["typing_indicator"], json!({"type": "text"}));
    for nonsense in [json!(null), json!({"message_id": 7}), json!({"message_id": "wamid.unknown"})] {
        channel.attend(NUMBER, &to(CHAT), &nonsense).await;
    }
}

fn shipped() -> Outbound {
    let args = [("number", "A-1\n\n (lekas)     ya"), ("total", "50000")];
    let args = args.map(|(name, raw)| (name.to_owned(), raw.to_owned())).into();
    let shown = BTreeMap::from([("total".to_owned(), "Rp 50,000".to_owned())]);
    Outbound {
        language: Some(Language::En),
        replies: vec![ReplyTrace { key: "news-shipped".to_owned(), args, shown }],
        ..message("On its way", &["Thanks"])
    }
}

fn with_template() -> Account {
    let parameters = ["number", "courier", "total"].map(str::to_owned).to_vec();
    let languages =
        [("id", "id"), ("en", "en_US")].map(|(ours, theirs)| (ours.to_owned(), theirs.to_owned()));
    let template =
        Template { name: "order_shipped".to_owned(), languages: languages.into(), parameters, buttons: 1 };
    Account { templates: BTreeMap::from([("news-shipped".to_owned(), template)]), ..account() }
}

#[rstest]
#[case::shut(Some(0), 24)]
#[case::not_known_to_us_to_be_shut(None, 24)]
#[case::our_clock_differs(Some(23), 24)]
#[tokio::test]
async fn outside_of_the_window_the_template_speaks(#[case] last: Option<i64>, #[case] now: i64) {
    let (fake, channel) = pair_with(with_template()).await;
    fake.set_now(at(0));
    fake.told(&person(CHAT), "e1", &Content::Text { text: "halo".to_owned() });
    fake.set_now(at(now));
    fake.approve("order_shipped", "en_US", "Order {{1}} is on its way by {{2}} for {{3}}.", &["Received"]);
    let (to, outbound) = (to(CHAT), shipped());
    let last_inbound_at = last.map(at);
    channel.send(Send { last_inbound_at, now: at(now), ..Send::plain(&to, 1, &outbound) }).await.unwrap();
    let shown = fake.take_shown(CHAT).remove(0);
    assert_eq!(shown.text, "Order A-1; (lekas) ya is on its way by - for Rp 50,000.");
    let press = Content::Press { data: shown.choices[0].data.clone() };
    let pressed = channel.receive(&fake.told(&person(CHAT), "e2", &press)).unwrap().remove(0);
    let ChannelEvent::Said(inbound) = pressed else { panic!("it is said") };
    assert_eq!(inbound.content, Content::Press { data: "token.0".to_owned() });
    if last == Some(0) {
        assert_eq!(refusals(&fake), [""; 0]);
    }
}

#[tokio::test]
async fn outside_of_the_window_without_a_template_the_person_is_out_of_reach() {
    let (fake, channel) = pair().await;
    let (to, outbound) = (to(CHAT), shipped());
    let shut = Send { last_inbound_at: Some(at(0)), now: at(24), ..Send::plain(&to, 1, &outbound) };
    assert!(matches!(channel.send(shut.clone()).await, Err(CallError::Unreachable { .. })));
    assert_eq!(sent(&fake).len(), 0);
    channel.send(Send { now: at(23), ..shut }).await.unwrap();
    assert_eq!(fake.take_shown(CHAT)[0].text, "On its way");
}

#[tokio::test]
async fn a_retry_goes_on_after_the_parts_that_arrived() {
    let (fake, channel) = pair().await;
    let (to, image) = (to(CHAT), png());
    let outbound = with_picture("pilih", &["a", "b", "c", "d"]);
    let send = || Send { image: Some(&image), ..Send::plain(&to, 5, &outbound) };
    // The picture arrives and the list does not.
    fake.arm(CHAT, Fault::Slow(std::time::Duration::ZERO));
    fake.arm(CHAT, Fault::Down);
    assert!(matches!(channel.send(send()).await, Err(CallError::Down { .. })));
    let receipt = channel.send(send()).await.unwrap();
    assert!(receipt.uploaded.is_some());
    let shown = fake.take_shown(CHAT);
    assert_eq!(shown.iter().map(|shown| shown.image.is_some()).collect::<Vec<_>>(), [true, false]);
    assert_eq!(fake.recorded().iter().filter(|recorded| recorded.path.ends_with("/media")).count(), 1);
    // Only the last part stands for the row.
    let opaque: Vec<Value> =
        sent(&fake).iter().map(|body| body["biz_opaque_callback_data"].clone()).collect();
    assert_eq!(opaque, [json!("w:5.0"), json!("w:5"), json!("w:5")]);
    let rows: Vec<Option<i64>> = fake
        .take_reports()
        .iter()
        .flat_map(|report| channel.receive(report).unwrap())
        .map(|event| match event {
            ChannelEvent::Delivery(delivery) => delivery.outbox_id,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(rows, [None, None, None, Some(5), Some(5), Some(5)]);
}

#[tokio::test]
async fn a_part_of_which_only_a_report_came_is_not_repeated() {
    let (fake, channel) = pair().await;
    let (to, image) = (to(CHAT), png());
    let outbound = with_picture("pilih", &["a", "b", "c", "d"]);
    let send = || Send { image: Some(&image), ..Send::plain(&to, 5, &outbound) };
    fake.arm(CHAT, Fault::LostAnswer);
    assert!(matches!(channel.send(send()).await, Err(CallError::Unknown { .. })));
    for report in fake.take_reports() {
        channel.receive(&report).unwrap();
    }
    channel.send(send()).await.unwrap();
    assert_eq!(fake.take_shown(CHAT).len(), 2);
}

#[tokio::test]
async fn a_send_that_fails_later_says_so() {
    let (fake, channel) = pair().await;
    fake.arm(CHAT, Fault::FailsLater(131_047));
    send(&channel, &message("x", &[])).await.unwrap();
    assert_eq!(fake.take_shown(CHAT), []);
    let found = channel.receive(&fake.batched(&fake.take_reports())).unwrap();
    let [ChannelEvent::Delivery(report)] = &found[..] else { panic!("{found:?}") };
    assert_eq!(
        (report.outbox_id, report.state, report.failure),
        (Some(1), DeliveryState::Failed, Some(DeliveryFailure::WindowShut))
    );
}

#[tokio::test]
async fn reports_come_doubled_and_backwards_when_they_are_told_to() {
    let (fake, channel) = pair().await;
    fake.disorder_reports();
    send(&channel, &message("x", &[])).await.unwrap();
    let reports = fake.take_reports();
    assert_eq!(reports.len(), 6);
    assert_eq!(channel.receive(&fake.batched(&reports)).unwrap().len(), 6);
}

fn any_outbound() -> impl Strategy<Value = Outbound> {
    let words = prop_oneof!["\\PC{0,40}", "(\\PC|\n){0,1500}", "[a-z .🍵*]{3900,9000}", Just(String::new())];
    let choices = prop::collection::vec(("\\PC{0,40}", "(t\\.[0-9]|\\PC{0,6}|x{190,300})"), 0..13);
    let link =
        proptest::option::of(("\\PC{0,40}", "(https://a\\.b/[a-z]{0,40}|javascript:x|http://|\\PC{0,9})"));
    let image = proptest::option::of(prop_oneof![
        Just(Picture::Stored { path: "/media/1".to_owned() }),
        Just(Picture::Stored { path: "https://a.b/c.png".to_owned() }),
    ]);
    (words, choices, link, image, any::<bool>()).prop_map(|(text, choices, link, image, asks)| Outbound {
        text,
        choices: choices.into_iter().map(|(label, data)| OutboundChoice { label, data }).collect(),
        link: link.map(|(label, url)| Link { label, url }),
        image,
        ask: asks.then(|| Ask { kind: AskKind::Address, button: "x".to_owned(), title: "x".to_owned() }),
        ..Outbound::default()
    })
}

#[test]
fn no_message_is_refused_by_the_platform() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (fake, channel) = runtime.block_on(pair());
    let image = png();
    proptest!(ProptestConfig::with_cases(200), |(outbound in any_outbound(), bytes in any::<bool>(), row in 1i64..)| {
        let (to, image) = (to(CHAT), bytes.then_some(&image));
        let before = refusals(&fake).len();
        let result = runtime.block_on(channel.send(Send { image, ..Send::plain(&to, row, &outbound) }));
        let refused = refusals(&fake).split_off(before);
        prop_assert!(refused.is_empty(), "{:?}", refused);
        prop_assert!(matches!(result, Ok(_) | Err(CallError::Fail { .. })), "{:?}", result);
        let shown = fake.take_shown(CHAT);
        prop_assert_eq!(result.is_ok(), !shown.is_empty());
    });
}
