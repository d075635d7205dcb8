//! What people wrote while the bot was away for longer than its session lasts: the platform does not tell it again, so
//! it is read from the direct messages of those who wrote to the bot lately. Source: `resources/message.mdx`, "Get
//! Channel Messages".
//!
//! What was read before comes again and is known by its id. People who wrote for the first time meanwhile are not
//! found: a bot may not list its direct messages.
//!
//! Reading takes as long as the platform lets it. Meanwhile everybody else is heard; what comes from a chat that is being
//! read waits for what was said there before. Which chats are not read yet is part of the note by which the next process
//! goes on, so that one that dies meanwhile leaves nothing out.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::channels::LastHeard;
use crate::domain::message::ChannelEvent;
use crate::edge::CallError;

use super::gateway::pause;
use super::limiter::Route;
use super::problem::Problem;
use super::rest::Body;
use super::send::Sender;
use super::{Bot, receive, wire};

/// Messages of one page, the most that the platform gives.
const PAGE: usize = 100;
/// Messages of one chat.
const MAX_MESSAGES: usize = 500;
/// Chats that are read at the same time.
const AT_ONCE: usize = 8;
/// Chats in a note.
const MAX_NOTED: usize = 200;
/// Tries of one call.
const TRIES: u32 = 6;
/// The wait after the first failure; it doubles.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// How far our clock and the platform's may differ.
const CLOCK_DIFFERENCE: TimeDelta = TimeDelta::minutes(10);

/// The chats that are being read again.
pub struct Missed {
    bot: Arc<Bot>,
    sender: Arc<Sender>,
    stop: CancellationToken,
    slots: Arc<Semaphore>,
    tasks: JoinSet<(String, Vec<ChannelEvent>)>,
    /// Since when each of them is read.
    unread: BTreeMap<String, DateTime<Utc>>,
}

impl Missed {
    /// Nothing is read yet.
    pub fn new(bot: Arc<Bot>, sender: Arc<Sender>, stop: CancellationToken) -> Self {
        let slots = Arc::new(Semaphore::new(AT_ONCE));
        Self { bot, sender, stop, slots, tasks: JoinSet::new(), unread: BTreeMap::new() }
    }

    /// Begins to read chats, besides those that are being read already.
    pub fn begin(&mut self, chats: Vec<LastHeard>) {
        let chats: Vec<LastHeard> = chats
            .into_iter()
            .filter(|chat| wire::is_snowflake(&chat.chat) && !self.unread.contains_key(&chat.chat))
            .collect();
        if !chats.is_empty() {
            let account = self.bot.account.id();
            tracing::info!(account, chats = chats.len(), "direct messages at Discord are read again");
        }
        for chat in chats {
            self.unread.insert(chat.chat.clone(), chat.at);
            let (bot, sender) = (Arc::clone(&self.bot), Arc::clone(&self.sender));
            let (stop, slots) = (self.stop.clone(), Arc::clone(&self.slots));
            self.tasks.spawn(async move {
                // The slots are never closed.
                let _slot = slots.acquire().await;
                let events = read(&bot, &sender, &chat, &stop).await;
                (chat.chat, events)
            });
        }
    }

    /// Whether a chat is being read.
    pub fn holds(&self, chat: &str) -> bool {
        self.unread.contains_key(chat)
    }

    /// Whether any is.
    pub fn is_reading(&self) -> bool {
        !self.unread.is_empty()
    }

    /// The next chat that has been read, with what was written there, in order. It is held until [`Missed::is_stored`].
    pub async fn next(&mut self) -> (String, Vec<ChannelEvent>) {
        loop {
            match self.tasks.join_next().await {
                Some(Ok(read)) => return read,
                Some(Err(error)) => tracing::error!(%error, "a chat at Discord could not be read again"),
                None => std::future::pending().await,
            }
        }
    }

    /// What was written in a chat is stored.
    pub fn is_stored(&mut self, chat: &str) {
        self.unread.remove(chat);
    }

    /// The chats that are not read yet, for the next process.
    pub fn write(&self) -> Value {
        let chat = |(chat, at): (&String, &DateTime<Utc>)| json!([chat, at.timestamp()]);
        Value::Array(self.unread.iter().take(MAX_NOTED).map(chat).collect())
    }

    /// Reads chats as [`Missed::write`] wrote them.
    pub fn read(noted: Option<&Value>) -> Vec<LastHeard> {
        let chat = |noted: &Value| {
            let at = DateTime::from_timestamp(wire::number(noted.get(1))?, 0)?;
            Some(LastHeard { chat: wire::id(noted.get(0))?, at })
        };
        wire::list(noted).iter().filter_map(chat).take(MAX_NOTED).collect()
    }
}

/// What one person wrote since the shop last heard from them.
async fn read(bot: &Bot, sender: &Sender, chat: &LastHeard, stop: &CancellationToken) -> Vec<ChannelEvent> {
    let channel_id = patiently(stop, || channel_of(bot, sender, &chat.chat)).await;
    let Some(channel_id) = channel_id else { return Vec::new() };
    let mut after = wire::id_at(chat.at - CLOCK_DIFFERENCE);
    let (mut limit, mut count) = (PAGE, 0);
    let mut events = Vec::new();
    while count < MAX_MESSAGES {
        let page = patiently(stop, || messages(bot, sender, &channel_id, &after, limit)).await;
        let page = match page {
            Some(Some(page)) => page,
            // A hundred long messages may be more than is read of one answer.
            Some(None) if limit > 1 => {
                limit /= 2;
                continue;
            }
            Some(None) => {
                tracing::warn!(
                    "a message at Discord is too long to be read again; what follows it is not known"
                );
                break;
            }
            None => break,
        };
        let Some((last, _)) = page.last() else { break };
        after = last.to_string();
        count += page.len();
        let is_last = page.len() < limit;
        for (_, message) in page {
            let dispatch = json!({ "t": "MESSAGE_CREATE", "d": message });
            events.extend(receive::dispatch(&bot.hearer(), &dispatch).events);
        }
        if is_last {
            return events;
        }
        limit = (limit * 2).min(PAGE);
    }
    if count >= MAX_MESSAGES {
        tracing::warn!(count, "a chat at Discord holds more than is read again; the rest of it is not known");
    }
    events
}

async fn channel_of(bot: &Bot, sender: &Sender, chat: &str) -> Result<String, Problem> {
    Ok(sender.channel(&bot.account, chat).await?)
}

/// A page of messages after an id, by their ids, oldest first; nothing when it is too long.
async fn messages(
    bot: &Bot,
    sender: &Sender,
    channel_id: &str,
    after: &str,
    limit: usize,
) -> Result<Option<Vec<(u64, Value)>>, Problem> {
    let path = format!("/channels/{channel_id}/messages?after={after}&limit={limit}");
    let route = Route::of("/channels/messages", channel_id, path);
    let answer = match sender.rest().call(Some(&bot.account), Method::GET, route, Body::Empty).await {
        Err(problem) if problem.is_too_long() => return Ok(None),
        answer => answer?,
    };
    let numbered = |message: &Value| Some((wire::id(message.get("id"))?.parse().ok()?, message.clone()));
    let mut page: Vec<(u64, Value)> = wire::list(Some(&answer)).iter().filter_map(numbered).collect();
    page.sort_by_key(|(id, _)| *id);
    Ok(Some(page))
}

/// Makes a call until it works, it never will, or too often. A person who cannot be reached has nothing to be read.
async fn patiently<T, F: Future<Output = Result<T, Problem>>>(
    stop: &CancellationToken,
    call: impl Fn() -> F,
) -> Option<T> {
    let mut wait = FIRST_WAIT;
    for _ in 0..TRIES {
        let asked_ms = match call().await.map_err(CallError::from) {
            Ok(found) => return Some(found),
            Err(CallError::Retry { after_ms, .. } | CallError::Down { after_ms, .. }) => after_ms,
            Err(CallError::Unknown { after_ms, .. }) => Some(after_ms),
            Err(error) => {
                tracing::debug!(%error, "a chat at Discord cannot be read again");
                return None;
            }
        };
        pause(asked_ms.map_or(wait, Duration::from_millis), stop).await;
        if stop.is_cancelled() {
            return None;
        }
        wait *= 2;
    }
    tracing::warn!(
        "a chat at Discord could not be read again; what was written there meanwhile is not known"
    );
    None
}
