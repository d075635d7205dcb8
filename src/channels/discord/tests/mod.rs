//! Tests of the channel against the fake, over loopback.

mod gateway;
mod reading;
mod sending;

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use secrecy::SecretString;
use serde_json::Value;

use crate::channels::discord::{Account, Discord};
use crate::channels::{Attend, Channel, Fetch, LastHeard, Listen, NotStored, Probe, Send, Sink};
use crate::domain::message::{
    Address, ChannelEvent, ChannelName, Content, Inbound, Outbound, OutboundChoice,
};
use crate::fakes::discord::Fake;
use crate::fakes::{Person, Platform, Recorded};

/// The bot 123456789012345678.
const TOKEN: &str = "MTIzNDU2Nzg5MDEyMzQ1Njc4.secret.words";
const USER: &str = "200000000000000001";

fn person() -> Person {
    Person {
        chat: USER.to_owned(),
        name: Some("Ayu".to_owned()),
        phone: None,
        language: Some("id".to_owned()),
    }
}

fn text(words: &str) -> Content {
    Content::Text { text: words.to_owned() }
}

fn press(data: &str) -> Content {
    Content::Press { data: data.to_owned() }
}

fn to() -> Address {
    Address { channel: "discord".into(), chat: USER.to_owned() }
}

fn says(words: &str) -> Outbound {
    Outbound { text: words.to_owned(), ..Outbound::default() }
}

fn offers(words: &str, data: &[&str]) -> Outbound {
    let choices =
        data.iter().map(|data| OutboundChoice { label: format!("Pilih {data}"), data: (*data).to_owned() });
    Outbound { choices: choices.collect(), ..says(words) }
}

/// A channel with one account at a fake.
fn channel(fake: &Fake) -> Discord {
    channel_in(fake, None)
}

fn channel_in(fake: &Fake, guild: Option<&str>) -> Discord {
    let account = Account::new(SecretString::from(TOKEN), guild.map(str::to_owned)).unwrap();
    Discord::new(vec![account], &fake.url()).unwrap()
}

async fn start() -> (Arc<Fake>, Discord) {
    let fake = Fake::start(TOKEN).await.unwrap();
    let discord = channel(&fake);
    (fake, discord)
}

/// What the channel hears when a person sends something.
fn heard(fake: &Fake, discord: &Discord, id: &str, content: &Content) -> Inbound {
    let events = discord.receive(&fake.told(&person(), id, content)).unwrap();
    said(&events[0]).clone()
}

fn said(event: &ChannelEvent) -> &Inbound {
    match event {
        ChannelEvent::Said(inbound) => inbound,
        other => panic!("not said: {other:?}"),
    }
}

/// A send at the fake's time, in answer to an event where there is one.
fn sending<'a>(
    fake: &Fake,
    to: &'a Address,
    id: i64,
    message: &'a Outbound,
    thread: Option<&'a Value>,
) -> Send<'a> {
    Send { thread, now: fake.now(), ..Send::plain(to, id, message) }
}

/// Holds that the platform refused nothing that was sent.
fn nothing_was_refused(fake: &Fake) {
    let refused: Vec<Recorded> =
        fake.recorded().into_iter().filter(|recorded| recorded.refusal.is_some()).collect();
    assert_eq!(refused, []);
}

/// A store in memory.
#[derive(Default)]
struct Kept {
    inner: Mutex<KeptInner>,
}

#[derive(Default)]
struct KeptInner {
    /// What was stored, once per key.
    events: Vec<(String, Content)>,
    /// How often something was stored again.
    repeats: usize,
    note: Option<Value>,
    /// The chats that were heard from.
    heard: Vec<LastHeard>,
    /// How often storing fails from now on.
    failures: usize,
    /// Whether storing takes for ever.
    hangs: bool,
}

impl Kept {
    fn lock(&self) -> std::sync::MutexGuard<'_, KeptInner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn contents(&self) -> Vec<Content> {
        self.lock().events.iter().map(|(_, content)| content.clone()).collect()
    }
}

#[async_trait]
impl Sink for Kept {
    async fn accept(&self, _channel: &ChannelName, event: ChannelEvent) -> Result<(), NotStored> {
        if self.lock().hangs {
            std::future::pending::<()>().await;
        }
        let mut inner = self.lock();
        if inner.failures > 0 {
            inner.failures -= 1;
            return Err(NotStored("no".to_owned()));
        }
        let inbound = said(&event).clone();
        if inner.events.iter().any(|(id, _)| *id == inbound.external_id) {
            inner.repeats += 1;
        } else {
            inner.events.push((inbound.external_id, inbound.content));
        }
        Ok(())
    }

    async fn keep(&self, _channel: &ChannelName, _account: &str, note: &Value) -> Result<(), NotStored> {
        self.lock().note = Some(note.clone());
        Ok(())
    }

    async fn last_heard(&self, _channel: &ChannelName, _account: &str) -> Vec<LastHeard> {
        self.lock().heard.clone()
    }

    async fn kept(&self, _channel: &ChannelName, _account: &str) -> Option<Value> {
        self.lock().note.clone()
    }
}
