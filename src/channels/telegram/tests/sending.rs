//! What messages become on the wire, and what a person sees of them.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::domain::message::{
    Ask, AskKind, Document, DocumentContent, Link, Outbound, OutboundChoice, Picture,
};
use crate::fakes::{Fault, Shown, ShownChoice};

const CHAT: &str = "77";

/// The first bytes of a picture of one pixel, and the rest of it as far as anybody looks.
pub(super) fn png() -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
    bytes.extend([0, 0, 1, 0, 0, 0, 1, 0, 8, 6, 0, 0, 0]);
    bytes
}

pub(super) fn image(uploaded_id: Option<&str>) -> Image {
    Image { mime: "image/png".to_owned(), bytes: png(), uploaded_id: uploaded_id.map(str::to_owned) }
}

pub(super) fn words(text: &str) -> Outbound {
    Outbound { text: text.to_owned(), ..Outbound::default() }
}

pub(super) fn choices(labels: &[&str]) -> Vec<OutboundChoice> {
    let choice = |(index, label): (usize, &&str)| OutboundChoice {
        label: (*label).to_owned(),
        data: format!("tok.{index}"),
    };
    labels.iter().enumerate().map(choice).collect()
}

pub(super) fn card(text: &str) -> Outbound {
    let picture = Picture::Stored { path: "/media/teh.png".to_owned() };
    Outbound { image: Some(picture), choices: choices(&["Tambah"]), ..words(text) }
}

async fn show(fake: &Fake, channel: &Telegram, message: &Outbound) -> Vec<Shown> {
    channel.send(Send::plain(&address(CHAT), 1, message)).await.unwrap();
    assert_obedient(fake);
    fake.take_shown(CHAT)
}

#[tokio::test]
async fn words_arrive_as_they_were_meant() {
    let (fake, channel) = both().await;
    for text in [
        "halo",
        "Total *Rp 50.000*, ya",
        "a < b && c > d &amp; <b>bukan tebal</b>",
        "<script>alert('1')</script> \"x\"",
        "*R&D <teh>* dan 2 * 3",
        "baris\nkedua 🍵 مرحبا",
    ] {
        let shown = show(&fake, &channel, &words(text)).await;
        assert_eq!(shown.iter().map(|shown| shown.text.as_str()).collect::<Vec<_>>(), [text]);
    }
    let body = &bodies(&fake, "sendMessage")[1];
    assert_eq!(body["text"], "Total <b>Rp 50.000</b>, ya");
    assert_eq!(body["parse_mode"], "HTML");
    assert_eq!(body["chat_id"], 77);
}

#[tokio::test]
async fn choices_are_buttons_two_to_a_row_when_both_are_short() {
    let (fake, channel) = both().await;
    let long = "Teh Hijau Pegunungan";
    let link = Link { label: "Bayar".to_owned(), url: "https://toko.example/p?a=1&b=2".to_owned() };
    let message =
        Outbound { choices: choices(&["Ya", "Tidak", long, "Batal"]), link: Some(link), ..words("Apa?") };
    let shown = show(&fake, &channel, &message).await;
    let labels: Vec<_> = shown[0].choices.iter().map(|choice| choice.label.as_str()).collect();
    assert_eq!(labels, ["Ya", "Tidak", long, "Batal"]);
    assert_eq!(shown[0].choices[2], ShownChoice { label: long.to_owned(), data: "tok.2".to_owned() });
    assert_eq!(shown[0].link.as_deref(), Some("https://toko.example/p?a=1&b=2"));
    let rows = bodies(&fake, "sendMessage")[0]["reply_markup"]["inline_keyboard"].clone();
    let lengths: Vec<_> = rows.as_array().unwrap().iter().map(|row| row.as_array().unwrap().len()).collect();
    assert_eq!(lengths, [2, 1, 1, 1]);
}

#[tokio::test]
async fn an_address_that_is_no_button_is_written_out() {
    let (fake, channel) = both().await;
    let link = Link { label: "Bayar".to_owned(), url: "http://localhost:8080/p".to_owned() };
    let shown = show(&fake, &channel, &Outbound { link: Some(link), ..words("Silakan") }).await;
    assert_eq!((shown[0].text.as_str(), &shown[0].link), ("Silakan\nBayar\nhttp://localhost:8080/p", &None));
}

#[tokio::test]
async fn a_long_text_comes_in_parts_with_the_buttons_below_the_last() {
    let (fake, channel) = both().await;
    let sentence = "Teh *hijau* ini enak sekali. ";
    let text = sentence.repeat(400);
    let message = Outbound { choices: choices(&["Ya"]), ..words(&text) };
    let shown = show(&fake, &channel, &message).await;
    assert!(shown.len() > 2);
    let (last, others) = shown.split_last().unwrap();
    assert_eq!(last.choices.len(), 1);
    assert!(others.iter().all(|part| part.choices.is_empty() && part.text.ends_with("sekali.")));
    let whole: String = shown.iter().map(|part| format!("{} ", part.text)).collect();
    assert_eq!(whole, text);
}

#[tokio::test]
async fn a_text_without_end_ends_in_an_ellipsis() {
    let (fake, channel) = both().await;
    let shown = show(&fake, &channel, &words(&"🍵".repeat(60_000))).await;
    assert_eq!(shown.len(), 8);
    assert!(shown.iter().all(|part| part.text.encode_utf16().count() <= 4_096));
    assert!(shown[7].text.ends_with('…') && !shown[6].text.ends_with('…'));
}

#[tokio::test]
async fn a_picture_is_uploaded_once_and_then_named() {
    let (fake, channel) = both().await;
    let (to, message, new) = (address(CHAT), card("*Teh Hijau*\nRp 25.000"), image(None));
    let first = Send { image: Some(&new), ..Send::plain(&to, 1, &message) };
    let receipt = channel.send(first).await.unwrap();
    let upload = receipt.uploaded.unwrap();
    assert_eq!(upload.expires_at, None);
    let kept = image(Some(&upload.id));
    let receipt = channel.send(Send { image: Some(&kept), ..Send::plain(&to, 2, &message) }).await.unwrap();
    assert_eq!(receipt.uploaded, None);
    let shown = fake.take_shown(CHAT);
    assert_eq!(shown.len(), 2);
    for shown in &shown {
        assert_eq!((shown.text.as_str(), shown.image.as_ref()), ("*Teh Hijau*\nRp 25.000", Some(&png())));
        assert_eq!(shown.choices.len(), 1);
    }
    let bodies = bodies(&fake, "sendPhoto");
    assert_eq!(bodies[0]["photo"], json!({"file": "photo.png", "bytes": png().len()}));
    assert_eq!(bodies[1]["photo"], upload.id.as_str());
    // An id that the platform has forgotten is mended with the bytes.
    fake.forget_file(&upload.id);
    let receipt = channel.send(Send { image: Some(&kept), ..Send::plain(&to, 3, &message) }).await.unwrap();
    assert!(receipt.uploaded.is_some_and(|again| again.id != upload.id));
    assert_obedient(&fake);
}

#[tokio::test]
async fn words_that_are_too_long_for_a_caption_go_on_below_the_picture() {
    let (fake, channel) = both().await;
    let text = "Teh hijau ini enak. ".repeat(100);
    let (to, message, new) = (address(CHAT), card(&text), image(None));
    channel.send(Send { image: Some(&new), ..Send::plain(&to, 1, &message) }).await.unwrap();
    assert_obedient(&fake);
    let shown = fake.take_shown(CHAT);
    assert_eq!(shown.len(), 2);
    assert!(shown[0].image.is_some() && shown[0].choices.is_empty());
    assert!(shown[1].image.is_none() && shown[1].choices.len() == 1);
    assert_eq!(format!("{} {} ", shown[0].text, shown[1].text), text);
}

#[tokio::test]
async fn a_document_is_uploaded_once_and_never_left_out() {
    let (fake, channel) = both().await;
    let content = DocumentContent::Stored { path: "/media/a.pdf".to_owned() };
    let document = Document { name: "Struk WRG/12.pdf".to_owned(), content };
    let message = Outbound { document: Some(document), ..card("*Struk* Kakak") };
    let (to, bytes) = (address(CHAT), b"%PDF-1.7 receipt".to_vec());
    let file = |uploaded_id: Option<&str>| Image {
        mime: "application/pdf".to_owned(),
        bytes: bytes.clone(),
        uploaded_id: uploaded_id.map(str::to_owned),
    };
    let new = file(None);
    let send = Send { document: Some(&new), ..Send::plain(&to, 1, &message) };
    let upload = channel.send(send).await.unwrap().uploaded.unwrap();
    let kept = file(Some(&upload.id));
    let send = Send { document: Some(&kept), ..Send::plain(&to, 2, &message) };
    assert_eq!(channel.send(send).await.unwrap().uploaded, None);
    fake.forget_file(&upload.id);
    let send = Send { document: Some(&kept), ..Send::plain(&to, 3, &message) };
    assert!(channel.send(send).await.unwrap().uploaded.is_some());
    let shown = fake.take_shown(CHAT);
    assert_eq!(shown.len(), 3);
    for shown in &shown {
        let document = shown.document.as_ref().unwrap();
        assert_eq!((document.name.as_str(), &document.bytes), ("Struk WRG-12.pdf", &bytes));
        assert_eq!((shown.text.as_str(), shown.choices.len()), ("*Struk* Kakak", 1));
    }
    let file = json!({"file": "Struk WRG-12.pdf", "bytes": bytes.len()});
    assert_eq!(bodies(&fake, "sendDocument")[0]["document"], file);
    assert_obedient(&fake);
    // Without its bytes it is no message, and neither is one whose bytes the platform refuses.
    let empty = Image { bytes: Vec::new(), ..new };
    for (id, document) in [(4, None), (5, Some(&empty))] {
        let sent = channel.send(Send { document, ..Send::plain(&to, id, &message) }).await;
        assert!(matches!(sent, Err(CallError::Fail { .. })), "{sent:?}");
    }
    assert_eq!(fake.take_shown(CHAT), []);
}

#[tokio::test]
async fn a_picture_that_is_refused_leaves_the_words() {
    let (fake, channel) = both().await;
    let (to, message) = (address(CHAT), card("Teh"));
    let broken = Image { bytes: b"no picture".to_vec(), ..image(None) };
    channel.send(Send { image: Some(&broken), ..Send::plain(&to, 1, &message) }).await.unwrap();
    let shown = fake.take_shown(CHAT);
    assert_eq!((shown[0].text.as_str(), &shown[0].image), ("Teh", &None));
    assert_eq!(shown[0].choices.len(), 1);
}

#[tokio::test]
async fn a_question_for_a_phone_opens_the_keyboard_that_shares_it_and_the_next_words_take_it_away() {
    let (fake, channel) = both().await;
    let ask = |kind| Ask { kind, button: "Bagikan nomor".to_owned(), title: String::new() };
    let question = Outbound { ask: Some(ask(AskKind::Phone)), ..words("Nomor?") };
    show(&fake, &channel, &question).await;
    show(&fake, &channel, &words("Baik")).await;
    show(&fake, &channel, &words("Lagi")).await;
    let place = Outbound { ask: Some(ask(AskKind::Address)), ..words("Alamat?") };
    show(&fake, &channel, &place).await;
    let with_choice = Outbound { choices: choices(&["Batal"]), ..question.clone() };
    show(&fake, &channel, &with_choice).await;
    let markups: Vec<_> =
        bodies(&fake, "sendMessage").iter().map(|body| body["reply_markup"].clone()).collect();
    assert_eq!(
        markups[0],
        json!({
            "keyboard": [[{"text": "Bagikan nomor", "request_contact": true}]],
            "one_time_keyboard": true,
            "resize_keyboard": true,
        })
    );
    assert_eq!(markups[1], json!({"remove_keyboard": true}));
    assert_eq!(markups[2], json!(null));
    assert_eq!(markups[3]["keyboard"][0][0]["request_location"], true);
    assert!(markups[4]["inline_keyboard"].is_array());
    // In a group Telegram offers no such keyboard.
    channel.send(Send::plain(&address("-100"), 9, &question)).await.unwrap();
    assert_obedient(&fake);
}

/// Presses the first button that the chat shows; the thread of the press.
async fn press(fake: &Fake, channel: &Telegram, id: &str) -> Value {
    let pressed = fake.told(&person(CHAT), id, &Content::Press { data: "tok.0".to_owned() });
    let thread = said(channel, &pressed).thread.unwrap();
    channel.attend(BOT, &address(CHAT), &thread).await;
    thread
}

#[tokio::test]
async fn a_press_is_acknowledged_also_when_the_platform_is_out_of_order_for_a_moment() {
    let (fake, channel) = both().await;
    show(&fake, &channel, &Outbound { choices: choices(&["Ya"]), ..words("Mau?") }).await;
    fake.arm_answer(Fault::Down);
    fake.arm_answer(Fault::TooMany { retry_after_seconds: Some(1) });
    let thread = press(&fake, &channel, "p1").await;
    assert_eq!(fake.answered(), [thread["callback_id"].as_str().unwrap()]);
    assert_eq!(bodies(&fake, "answerCallbackQuery").len(), 3);
}

#[tokio::test]
async fn a_press_is_acknowledged_also_when_it_is_stale() {
    let (fake, channel) = both().await;
    show(&fake, &channel, &Outbound { choices: choices(&["Ya"]), ..words("Mau?") }).await;
    let thread = press(&fake, &channel, "p1").await;
    assert_eq!(fake.answered(), [thread["callback_id"].as_str().unwrap()]);
    channel.attend(BOT, &address(CHAT), &thread).await;
    assert_eq!(bodies(&fake, "answerCallbackQuery").len(), 2);
    let inbound = said(&channel, &fake.told(&person(CHAT), "m1", &text("halo")));
    channel.attend(BOT, &inbound.from, &inbound.thread.unwrap()).await;
    assert_eq!(bodies(&fake, "sendChatAction"), [json!({"chat_id": 77, "action": "typing"})]);
    assert_obedient(&fake);
}

#[tokio::test]
async fn a_message_takes_the_place_of_the_one_that_was_pressed() {
    let (fake, channel) = both().await;
    let cart = Outbound { choices: choices(&["Tambah"]), ..words("Keranjang: 1") };
    let id = show(&fake, &channel, &cart).await[0].id.clone();
    let thread = press(&fake, &channel, "p1").await;
    let changed = Outbound { replaces_pressed: true, ..words("Keranjang: *2*") };
    let to = address(CHAT);
    let again = Send { thread: Some(&thread), ..Send::plain(&to, 2, &changed) };
    let receipt = channel.send(again.clone()).await.unwrap();
    assert_eq!(receipt.channel_message_id.as_deref(), Some(id.as_str()));
    let shown = fake.take_shown(CHAT);
    assert_eq!((shown[0].text.as_str(), shown[0].is_edit, &shown[0].id), ("Keranjang: *2*", true, &id));
    // The same once more is no change, and no failure.
    assert_eq!(channel.send(again).await.unwrap().channel_message_id, Some(id));
    assert_eq!(fake.take_shown(CHAT), []);
    assert_obedient(&fake);
}

#[tokio::test]
async fn a_picture_takes_the_place_of_words_and_of_pictures() {
    let (fake, channel) = both().await;
    let to = address(CHAT);
    show(&fake, &channel, &Outbound { choices: choices(&["Lihat"]), ..words("Menu") }).await;
    let new = image(None);
    for (id, outbox_id) in [("p1", 2), ("p2", 3)] {
        let thread = press(&fake, &channel, id).await;
        assert_eq!(thread["has_photo"], outbox_id == 3);
        let message = Outbound { replaces_pressed: true, ..card(&format!("Teh {outbox_id}")) };
        let send = Send { thread: Some(&thread), image: Some(&new), ..Send::plain(&to, outbox_id, &message) };
        assert!(channel.send(send).await.unwrap().uploaded.is_some());
        let shown = fake.take_shown(CHAT);
        assert!(shown[0].is_edit && shown[0].image.is_some(), "{shown:?}");
    }
    // The bytes are not at hand, the picture is: only the words below it change.
    let thread = press(&fake, &channel, "p3").await;
    let message = Outbound { replaces_pressed: true, ..card("Teh 4") };
    channel.send(Send { thread: Some(&thread), ..Send::plain(&to, 4, &message) }).await.unwrap();
    let shown = fake.take_shown(CHAT);
    assert!(shown[0].is_edit && shown[0].image.is_some() && shown[0].text == "Teh 4", "{shown:?}");
    // Words alone cannot take a picture's place.
    let thread = press(&fake, &channel, "p4").await;
    let message = Outbound { replaces_pressed: true, ..words("Lunas") };
    channel.send(Send { thread: Some(&thread), ..Send::plain(&to, 5, &message) }).await.unwrap();
    let shown = fake.take_shown(CHAT);
    assert!(!shown[0].is_edit && shown[0].image.is_none(), "{shown:?}");
    assert_obedient(&fake);
}

#[tokio::test]
async fn what_cannot_be_changed_is_sent_anew() {
    let (fake, channel) = both().await;
    let to = address(CHAT);
    let message = Outbound { replaces_pressed: true, ..words("Keranjang") };
    for thread in [
        json!({"callback_id": "1", "message_id": 999, "has_photo": false}),
        json!({"callback_id": "1", "message_id": null}),
        json!({"message_id": 1}),
        json!("?"),
    ] {
        channel.send(Send { thread: Some(&thread), ..Send::plain(&to, 1, &message) }).await.unwrap();
        assert!(!fake.take_shown(CHAT)[0].is_edit);
    }
    assert_obedient(&fake);
}

#[tokio::test]
async fn a_message_of_nothing_is_refused_here() {
    let (fake, channel) = both().await;
    for text in ["", " \n\t", "\u{200b}\u{feff}"] {
        let outcome = channel.send(Send::plain(&address(CHAT), 1, &words(text))).await;
        assert!(matches!(outcome, Err(CallError::Fail { .. })), "{outcome:?}");
    }
    let button = Outbound { choices: choices(&["Ya"]), ..words("") };
    assert_eq!(show(&fake, &channel, &button).await[0].text, "Ya");
    assert_eq!(fake.recorded().len(), 1);
}

#[tokio::test]
async fn commands_are_registered_for_each_language_and_for_all() {
    let (fake, channel) = both().await;
    let list = |description: &str| {
        vec![("/menu".to_owned(), description.to_owned()), ("Salah-Nama".to_owned(), "x".to_owned())]
    };
    let commands = [("id".to_owned(), list("Lihat menu")), ("en-GB".to_owned(), list(&"x".repeat(300)))];
    channel.register_commands(BOT, &commands).await.unwrap();
    assert_obedient(&fake);
    assert_eq!(fake.commands("id"), Some(json!([{"command": "menu", "description": "Lihat menu"}])));
    assert_eq!(fake.commands(""), fake.commands("id"));
    assert_eq!(fake.commands("en").unwrap()[0]["description"].as_str().unwrap().chars().count(), 256);
}

fn outbound() -> impl Strategy<Value = Outbound> {
    let word = prop_oneof![
        "\\PC{0,60}",
        "[a-z*<>&. \\n🍵]{0,400}",
        any::<String>(),
        ("[a-z .🍵*&<\\n]{1,40}", 1_usize..400).prop_map(|(words, times)| words.repeat(times)),
    ];
    let choice = ("\\PC{0,90}", "[a-z.]{0,70}").prop_map(|(label, data)| OutboundChoice { label, data });
    let urls = proptest::sample::select(vec![
        "https://toko.example/a?b=c&d=<e>",
        "http://localhost:1/x",
        "http://127.0.0.1:8080/x",
        "https://a:b@toko.example/",
        "https://",
        "javascript:alert(1)",
        "http://[::1]/",
        "https://toko.example/\u{202e}é",
    ]);
    let link = ("\\PC{0,90}", urls).prop_map(|(label, url)| Link { label, url: url.to_owned() });
    let ask = (proptest::sample::select(vec![AskKind::Name, AskKind::Phone, AskKind::Address]), "\\PC{0,30}")
        .prop_map(|(kind, button)| Ask { kind, button, title: String::new() });
    let has_image = any::<bool>();
    (
        word,
        proptest::collection::vec(choice, 0..14),
        proptest::option::of(link),
        proptest::option::of(ask),
        has_image,
    )
        .prop_map(|(text, choices, link, ask, has_image)| Outbound {
            text,
            choices,
            link,
            ask,
            image: has_image.then(|| Picture::Stored { path: "/media/x".to_owned() }),
            ..Outbound::default()
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn the_platform_refuses_nothing_that_is_sent(message in outbound(), is_group in any::<bool>(), edits in any::<bool>()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (fake, channel) = both().await;
            let to = address(if is_group { "-100" } else { CHAT });
            let first = Outbound { choices: choices(&["Ya"]), ..words("x") };
            channel.send(Send::plain(&to, 1, &first)).await.unwrap();
            let thread = json!({"callback_id": "1", "message_id": 1, "has_photo": false});
            let message = Outbound { replaces_pressed: edits, ..message };
            let new = image(None);
            let send = Send {
                thread: Some(&thread),
                image: message.image.as_ref().map(|_| &new),
                ..Send::plain(&to, 2, &message)
            };
            let outcome = channel.send(send).await;
            assert!(matches!(outcome, Ok(_) | Err(CallError::Fail { .. })), "{outcome:?}");
            assert_obedient(&fake);
        });
    }
}
