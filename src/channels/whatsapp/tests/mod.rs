//! Tests of the channel: its webhooks, its plans, and its sends to a fake on loopback.

use std::sync::Arc;

use serde_json::{Value, json};

use super::*;
use crate::edge::webhook::hmac_sha256_hex;
use crate::fakes::whatsapp::Fake;
use crate::fakes::{Person, Platform};

mod identity;
mod plan;
mod receive;
mod send;
mod statuses;
mod wire;

pub(super) const SECRET: &str = "app-secret-of-tests";
pub(super) const VERIFY: &str = "verify-token-of-tests";
pub(super) const TOKEN: &str = "access-token-of-tests";
pub(super) const NUMBER: &str = "106540352242922";
pub(super) const CHAT: &str = "6281234567890";
pub(super) const USER_ID: &str = "ID.13491208655302741918";

pub(super) fn account() -> Account {
    Account::new(NUMBER, TOKEN, SECRET, VERIFY).unwrap()
}

/// A channel that nobody can be reached by: for what comes in.
pub(super) fn deaf() -> WhatsApp {
    WhatsApp::new(vec![account()], "http://127.0.0.1:9/v23.0").unwrap()
}

pub(super) fn sign(secret: &str, body: &[u8]) -> WebhookRequest {
    let signature = format!("sha256={}", hmac_sha256_hex(secret.as_bytes(), body));
    WebhookRequest { headers: vec![("x-hub-signature-256".to_owned(), signature)], body: body.to_vec() }
}

/// A webhook of one change of our number.
pub(super) fn change(field: &str, mut value: Value) -> Value {
    value["messaging_product"] = json!("whatsapp");
    value["metadata"] = json!({"display_phone_number": "6281100000001", "phone_number_id": NUMBER});
    json!({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [{"field": field, "value": value}]}]})
}

pub(super) fn events(body: &Value) -> Vec<ChannelEvent> {
    deaf().receive(&sign(SECRET, body.to_string().as_bytes())).unwrap()
}

pub(super) fn person(chat: &str) -> Person {
    Person { chat: chat.to_owned(), name: Some("Ayu".to_owned()), ..Person::default() }
}

pub(super) fn to(chat: &str) -> Address {
    Address { channel: NAME.into(), chat: chat.to_owned() }
}

/// A fake and the channel that talks to it.
pub(super) async fn pair() -> (Arc<Fake>, WhatsApp) {
    pair_with(account()).await
}

pub(super) async fn pair_with(account: Account) -> (Arc<Fake>, WhatsApp) {
    let fake = Fake::start(SECRET, VERIFY, TOKEN, NUMBER).await.unwrap();
    let channel = WhatsApp::new(vec![account], &fake.url()).unwrap();
    (fake, channel)
}

/// What the platform refused so far.
pub(super) fn refusals(fake: &Fake) -> Vec<String> {
    fake.recorded().into_iter().filter_map(|recorded| recorded.refusal).collect()
}

#[test]
fn an_account_is_read_as_it_was_written() {
    let mut stored = account().write();
    stored["templates"] = json!({
        "news-shipped": {"name": "order_shipped", "languages": {"en": "en_US"}, "parameters": ["number"], "buttons": 1},
    });
    let read = Account::read(&stored).unwrap();
    assert_eq!(read.write(), stored);
    assert_eq!(read.id(), NUMBER);
    let debug = format!("{read:?}");
    assert!(![TOKEN, SECRET, VERIFY].iter().any(|secret| debug.contains(secret)), "{debug}");
}

#[rstest::rstest]
#[case::nothing(json!({}))]
#[case::no_object(json!("x"))]
#[case::empty_secret(json!({"phone_number_id": "1", "access_token": "x", "app_secret": " ", "verify_token": "x"}))]
#[case::path_for_id(json!({"phone_number_id": "../1", "access_token": "x", "app_secret": "x", "verify_token": "x"}))]
#[case::line_in_token(json!({"phone_number_id": "1", "access_token": "x\ny", "app_secret": "x", "verify_token": "x"}))]
#[case::secret_as_number(json!({"phone_number_id": 1, "access_token": 4242, "app_secret": "x", "verify_token": "x"}))]
fn what_is_no_account_is_refused_without_repeating_it(#[case] stored: Value) {
    let error = Account::read(&stored).unwrap_err();
    assert!(!error.contains("4242") && !error.contains(".."), "{error}");
}

#[test]
fn the_handshake_gives_the_challenge_back_to_who_knows_the_word() {
    let channel = deaf();
    let query = |mode: &str, token: &str, challenge: &str| {
        [("hub.mode", mode), ("hub.verify_token", token), ("hub.challenge", challenge)]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
    };
    assert_eq!(channel.handshake(&query("subscribe", VERIFY, "1158201444")), Some("1158201444".to_owned()));
    for query in [
        query("subscribe", "wrong", "1"),
        query("subscribe", "", "1"),
        query("unsubscribe", VERIFY, "1"),
        query("subscribe", VERIFY, ""),
        query("subscribe", VERIFY, "a\nb"),
    ] {
        assert_eq!(channel.handshake(&query), None);
    }
    assert_eq!(channel.handshake(&[]), None);
}

#[test]
fn an_address_that_is_none_is_refused() {
    for url in ["", "graph.facebook.com", "ftp://x", "file:///etc/passwd", "mailto:a@b"] {
        assert!(matches!(WhatsApp::new(Vec::new(), url), Err(CallError::Fail { .. })), "{url}");
    }
}
