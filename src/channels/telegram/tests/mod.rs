//! Tests of the channel: what it reads, what it writes to a platform on loopback, how it listens.

use std::sync::Arc;

use super::*;
use crate::domain::message::{Content, Inbound};
use crate::fakes::telegram::{Fake, WEBHOOK_SECRET};
use crate::fakes::{Person, Platform};

mod listening;
mod reading;
mod sending;
mod trouble;

const TOKEN: &str = "731000:AAtestTOKENtestTOKEN";
const BOT: &str = "731000";

fn address(chat: &str) -> Address {
    Address { channel: NAME.into(), chat: chat.to_owned() }
}

fn person(chat: &str) -> Person {
    Person {
        chat: chat.to_owned(),
        name: Some("Ayu Lestari".to_owned()),
        language: Some("id".to_owned()),
        ..Person::default()
    }
}

fn channel(api_url: &str) -> Telegram {
    let account = Account::new(TOKEN, Some(WEBHOOK_SECRET)).unwrap();
    Telegram::new(vec![account], api_url).unwrap()
}

/// A platform and the channel that talks to it.
async fn both() -> (Arc<Fake>, Telegram) {
    let fake = Fake::start(TOKEN).await.unwrap();
    let channel = channel(&fake.url());
    (fake, channel)
}

/// Reads one request that gives one message.
fn said(channel: &Telegram, request: &WebhookRequest) -> Inbound {
    match channel.receive(request).unwrap().as_slice() {
        [ChannelEvent::Said(inbound)] => inbound.clone(),
        other => panic!("one message is expected: {other:?}"),
    }
}

fn request(update: &Value) -> WebhookRequest {
    WebhookRequest {
        headers: vec![(SECRET_HEADER.to_owned(), WEBHOOK_SECRET.to_owned())],
        body: update.to_string().into_bytes(),
    }
}

/// Fails when the platform refused a request because it broke a rule.
fn assert_obedient(fake: &Fake) {
    let refused: Vec<_> = fake.recorded().into_iter().filter(|request| request.refusal.is_some()).collect();
    assert!(refused.is_empty(), "{refused:#?}");
}

/// The bodies of the requests of one method.
fn bodies(fake: &Fake, method: &str) -> Vec<Value> {
    let calls = fake.recorded().into_iter().filter(|request| request.path.ends_with(method));
    calls.map(|request| request.body).collect()
}

fn text(words: &str) -> Content {
    Content::Text { text: words.to_owned() }
}
