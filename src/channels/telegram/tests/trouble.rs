//! How the platform breaks, and what comes of it.

use std::time::{Duration, Instant};

use rstest::rstest;
use serde_json::json;

use super::sending::{card, choices, image, png, words};
use super::*;
use crate::domain::message::{FileRef, Link, Outbound};
use crate::fakes::Fault;

const CHAT: &str = "77";

async fn send(channel: &Telegram, chat: &str, message: &Outbound) -> Result<Receipt, CallError> {
    channel.send(Send::plain(&address(chat), 1, message)).await
}

fn kind(outcome: &Result<Receipt, CallError>) -> &'static str {
    match outcome {
        Ok(_) => "sent",
        Err(CallError::Retry { .. }) => "retry",
        Err(CallError::Unknown { .. }) => "unknown",
        Err(CallError::Down { .. }) => "down",
        Err(CallError::Unreachable { .. }) => "unreachable",
        Err(CallError::Stopped { .. }) => "stopped",
        Err(CallError::Fail { .. }) => "fail",
    }
}

#[rstest]
#[case::blocked(Fault::Code(403), "unreachable")]
#[case::no_chat(Fault::Code(400), "unreachable")]
#[case::token(Fault::Code(401), "stopped")]
#[case::no_bot(Fault::Code(404), "stopped")]
#[case::server(Fault::Code(500), "down")]
#[case::down(Fault::Down, "down")]
#[case::lost(Fault::LostAnswer, "unknown")]
#[case::too_many(Fault::TooMany { retry_after_seconds: None }, "retry")]
#[case::slow(Fault::Slow(Duration::from_millis(20)), "sent")]
#[tokio::test]
async fn each_failure_says_what_to_do(#[case] fault: Fault, #[case] expected: &str) {
    let (fake, channel) = both().await;
    fake.arm(CHAT, fault.clone());
    let outcome = send(&channel, CHAT, &words("rahasia")).await;
    assert_eq!(kind(&outcome), expected, "{outcome:?}");
    let said = format!("{outcome:?}");
    assert!(!said.contains("TOKEN") && !said.contains("rahasia") && !said.contains("127.0.0.1"), "{said}");
    // An answer that was lost came after the message.
    assert_eq!(fake.take_shown(CHAT).len(), usize::from(matches!(fault, Fault::LostAnswer | Fault::Slow(_))));
}

#[tokio::test]
async fn who_presses_in_a_group_is_led_to_a_chat_of_two() {
    let (fake, channel) = both().await;
    let pointer = crate::channels::Pointer { text: "Lanjut di chat pribadi".into(), label: "Buka".into() };
    let point = async |thread: serde_json::Value| {
        let ability = channel.abilities().point.unwrap();
        ability.point("", &address("-100"), &thread, &pointer).await;
        fake.recorded().pop().unwrap()
    };
    let nameless = point(json!({ "callback_id": "55" })).await;
    assert_eq!(nameless.body["text"], "Lanjut di chat pribadi");
    channel.abilities().probe.unwrap().test("").await.unwrap();
    let own = format!("https://t.me/{}?start=chat", crate::fakes::telegram::USERNAME);
    let pressed = point(json!({ "callback_id": "55", "message_id": 3 })).await;
    assert!(pressed.path.ends_with("/answerCallbackQuery"), "{pressed:?}");
    assert_eq!(pressed.body["url"], own);
    assert_eq!(fake.take_shown("-100"), [], "nobody else is told");
    let said = point(json!({ "message_id": 3, "topic": null })).await;
    let button = &said.body["reply_markup"]["inline_keyboard"][0][0];
    assert_eq!((&button["text"], &button["url"]), (&json!("Buka"), &json!(own)));
    assert_eq!(fake.take_shown("-100").len(), 1);
}

#[tokio::test]
async fn a_platform_that_goes_away_is_tried_again_later() {
    let (fake, channel) = both().await;
    assert_eq!(kind(&send(&channel, CHAT, &words("halo")).await), "sent");
    fake.stop().await;
    // Whether the connection of before breaks first is a matter of moments.
    let outcome = send(&channel, CHAT, &words("halo")).await;
    assert!(matches!(kind(&outcome), "down" | "unknown"), "{outcome:?}");
}

#[tokio::test]
async fn a_platform_that_is_not_there_is_tried_again_later() {
    let channel = channel("http://127.0.0.1:9");
    let outcome = send(&channel, CHAT, &words("halo")).await;
    assert_eq!(kind(&outcome), "down");
    assert!(!format!("{outcome:?}").contains("TOKEN"));
}

#[tokio::test]
async fn a_chat_that_is_to_be_left_alone_is_left_alone_and_others_are_not() {
    // Minutes, so that no slow machine sits one out while it plays this.
    let (fake, channel) = both().await;
    fake.arm(CHAT, Fault::TooMany { retry_after_seconds: Some(600) });
    let wait = |outcome: Result<Receipt, CallError>| match outcome {
        Err(CallError::Retry { after_ms: Some(ms), .. }) => ms,
        other => panic!("{other:?}"),
    };
    assert_eq!(wait(send(&channel, CHAT, &words("a")).await), 600_000);
    let left = wait(send(&channel, CHAT, &words("a")).await);
    assert!((1..=600_000).contains(&left), "{left}");
    assert_eq!(fake.recorded().len(), 1, "the second try is not made");
    assert_eq!(kind(&send(&channel, "78", &words("b")).await), "sent");
    for chat in ["79", "80"] {
        fake.arm(chat, Fault::TooMany { retry_after_seconds: Some(600) });
        wait(send(&channel, chat, &words("c")).await);
    }
    assert_eq!(kind(&send(&channel, "78", &words("d")).await), "retry", "now it is the bot that is too fast");
}

#[test]
fn messages_keep_the_pace_after_a_burst() {
    let (pace, now) = (Pace::default(), Instant::now());
    let waits: Vec<_> = (0..200).map(|_| pace.turn(now)).collect();
    assert!(waits[..30].iter().all(|wait| *wait == Ok(Duration::ZERO)));
    assert_eq!(waits[60], Ok(Duration::from_millis(60 * 34 - 1_000)));
    // What would wait too long goes back, and takes no turn.
    assert_eq!(
        (waits[80], waits[150].is_err(), waits[199]),
        (Ok(Duration::from_millis(1_720)), true, waits[150])
    );
    assert_eq!(pace.turn(now + Duration::from_secs(10)), Ok(Duration::ZERO));
}

#[test]
fn a_pause_ends() {
    let (pace, now) = (Pace::default(), Instant::now());
    pace.pause("77", 5, now);
    assert_eq!(pace.left("77", now), Some(Duration::from_secs(5)));
    assert_eq!(pace.left("78", now), None);
    assert_eq!(pace.left("77", now + Duration::from_secs(5)), None);
    pace.pause_all(9, now);
    assert_eq!(pace.left("78", now + Duration::from_secs(8)), Some(Duration::from_secs(1)));
}

#[tokio::test]
async fn a_group_that_moved_is_written_to_at_its_new_id() {
    let (fake, channel) = both().await;
    fake.migrate(-5, -100_005);
    let message = Outbound { choices: choices(&["Ya"]), ..words("Halo semua") };
    assert_eq!(kind(&send(&channel, "-5", &message).await), "sent");
    assert_eq!(fake.take_shown("-100005")[0].choices.len(), 1);
    let thread = json!({"callback_id": "1", "message_id": 3});
    let changed = Outbound { replaces_pressed: true, ..message };
    let to = address("-5");
    channel.send(Send { thread: Some(&thread), ..Send::plain(&to, 2, &changed) }).await.unwrap();
    assert!(!fake.take_shown("-100005")[0].is_edit);
}

#[tokio::test]
async fn what_is_refused_about_a_message_is_mended() {
    let (fake, channel) = both().await;
    let link = Link { label: "Bayar".to_owned(), url: "https://toko.example/p".to_owned() };
    let message = Outbound { link: Some(link), choices: choices(&["Ya"]), ..words("*Halo* & <teh>") };
    let thread = json!({"message_id": 1, "topic": 4});
    let to = address("-77");
    for description in [
        "Bad Request: can't parse entities: Unsupported start tag \"x\" at byte offset 3",
        "Bad Request: message thread not found",
        "Bad Request: BUTTON_URL_INVALID",
    ] {
        fake.refuse("-77", description);
    }
    channel.send(Send { thread: Some(&thread), ..Send::plain(&to, 1, &message) }).await.unwrap();
    let sent = bodies(&fake, "sendMessage");
    assert_eq!(
        (sent.len(), &sent[0]["message_thread_id"], &sent[0]["parse_mode"]),
        (4, &json!(4), &json!("HTML"))
    );
    assert_eq!((&sent[1]["text"], sent[1].get("parse_mode")), (&json!("Halo & <teh>"), None));
    assert_eq!(sent[2].get("message_thread_id"), None);
    assert_eq!(sent[3]["text"], "Halo & <teh>\nBayar\nhttps://toko.example/p");
    assert_eq!(sent[3]["reply_markup"]["inline_keyboard"].as_array().map(Vec::len), Some(1));
    assert_obedient(&fake);
}

#[rstest]
#[case("Bad Request: message can't be edited")]
#[case("Bad Request: MESSAGE_ID_INVALID")]
#[case("Bad Request: something that nobody has seen yet")]
#[tokio::test]
async fn an_edit_that_is_refused_becomes_a_new_message(#[case] description: &str) {
    let (fake, channel) = both().await;
    assert_eq!(kind(&send(&channel, CHAT, &words("satu")).await), "sent");
    fake.refuse(CHAT, description);
    let (to, thread) = (address(CHAT), json!({"callback_id": "1", "message_id": 1}));
    let message = Outbound { replaces_pressed: true, ..words("dua") };
    channel.send(Send { thread: Some(&thread), ..Send::plain(&to, 2, &message) }).await.unwrap();
    let shown = fake.take_shown(CHAT);
    assert!(shown[1].text == "dua" && !shown[1].is_edit);
}

#[tokio::test]
async fn the_platforms_own_words_reach_no_operator() {
    let (fake, channel) = both().await;
    for (description, expected) in [
        ("Bad Request: MEDIA_CAPTION_ODD", "telegram sendMessage 400: MEDIA_CAPTION_ODD"),
        ("Bad Request: \"Ayu 0812\" is odd", "telegram sendMessage 400: refused"),
    ] {
        fake.refuse(CHAT, description);
        let outcome = send(&channel, CHAT, &words("halo")).await;
        assert_eq!(outcome, Err(CallError::Fail { reason: expected.to_owned() }));
    }
}

#[tokio::test]
async fn another_try_sends_only_the_parts_that_are_missing() {
    let (fake, channel) = both().await;
    let text = "Teh hijau ini enak. ".repeat(400);
    // The first part passes; the second meets a platform that is down.
    fake.arm(CHAT, Fault::Slow(Duration::ZERO));
    fake.arm(CHAT, Fault::Down);
    assert_eq!(kind(&send(&channel, CHAT, &words(&text)).await), "down");
    assert_eq!(fake.take_shown(CHAT).len(), 1);
    assert_eq!(kind(&send(&channel, CHAT, &words(&text)).await), "sent");
    assert_eq!(fake.take_shown(CHAT).len(), 1);
    // The next message of the same chat is whole again.
    assert_eq!(kind(&send(&channel, CHAT, &words(&text)).await), "sent");
    assert_eq!(fake.take_shown(CHAT).len(), 2);
}

#[tokio::test]
async fn an_account_that_is_not_here_cannot_send() {
    let (fake, channel) = both().await;
    let (to, message) = (address(CHAT), words("halo"));
    let outcome = channel.send(Send { account: "5", ..Send::plain(&to, 1, &message) }).await;
    assert_eq!(kind(&outcome), "fail");
    assert_eq!(kind(&send(&channel, "abc", &message).await), "fail");
    assert!(fake.recorded().is_empty());
    assert!(Telegram::new(Vec::new(), "kein Ort").is_err());
}

#[tokio::test]
async fn the_platform_tells_the_bots_name_and_a_wrong_token_is_told_plainly() {
    let (fake, channel) = both().await;
    assert_eq!(channel.test(BOT).await.as_deref(), Ok("@warung_fake_bot"));
    let other = Telegram::new(vec![Account::new("5:wrong", None).unwrap()], &fake.url()).unwrap();
    let refused = other.test("5").await;
    assert!(
        matches!(&refused, Err(CallError::Stopped { reason }) if !reason.contains("wrong")),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_webhook_is_set_with_its_secret_and_taken_away() {
    let (fake, channel) = both().await;
    channel.set_webhook(BOT, "https://toko.example/webhooks/telegram").await.unwrap();
    assert_obedient(&fake);
    assert_eq!(fake.webhook().as_deref(), Some("https://toko.example/webhooks/telegram"));
    let body = &bodies(&fake, "setWebhook")[0];
    assert_eq!(body["secret_token"], WEBHOOK_SECRET);
    assert_eq!(body["allowed_updates"], json!(["message", "edited_message", "callback_query"]));
    channel.delete_webhook(BOT).await.unwrap();
    assert_eq!(fake.webhook(), None);
    assert!(channel.set_webhook(BOT, "http://toko.example").await.is_err());
    let polled = Telegram::new(vec![Account::new(TOKEN, None).unwrap()], &fake.url()).unwrap();
    assert!(polled.set_webhook(BOT, "https://toko.example").await.is_err());
}

#[tokio::test]
async fn a_file_is_fetched_within_bounds() {
    let (fake, channel) = both().await;
    let (to, message, new) = (address(CHAT), card("Teh"), image(None));
    let receipt = channel.send(Send { image: Some(&new), ..Send::plain(&to, 1, &message) }).await.unwrap();
    let file = FileRef { id: receipt.uploaded.unwrap().id, mime: None, size_bytes: None };
    let fetched = channel.fetch(BOT, &file, 1_000).await.unwrap();
    assert_eq!((fetched.mime.as_str(), &fetched.bytes), ("image/png", &png()));
    assert!(matches!(channel.fetch(BOT, &file, 5).await, Err(CallError::Fail { .. })));
    let gone = FileRef { id: "gone".to_owned(), ..file };
    assert!(matches!(channel.fetch(BOT, &gone, 1_000).await, Err(CallError::Fail { .. })));
    assert_obedient(&fake);
}
