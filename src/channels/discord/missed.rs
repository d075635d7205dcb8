//! What people wrote while the bot was away for longer than its session lasts: the platform does not tell it again, so
//! it is read from the direct messages of those who wrote to the bot lately. Source: `resources/message.mdx`, "Get
//! Channel Messages".
//!
//! What was read before comes again and is known by its id. People who wrote for the first time meanwhile are not
//! found: a bot may not list its direct messages.

use std::time::Duration;

use chrono::TimeDelta;
use futures::StreamExt as _;
use reqwest::Method;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::channels::{LastHeard, Sink};
use crate::domain::message::{ChannelEvent, ChannelName};
use crate::edge::CallError;

use super::gateway::pause;
use super::limiter::Route;
use super::rest::Body;
use super::send::Sender;
use super::{Bot, receive, wire};

/// Messages of one page, the most that the platform gives.
const PAGE: usize = 100;
/// Pages of one chat.
const MAX_PAGES: usize = 5;
/// Chats that are read at the same time.
const AT_ONCE: usize = 8;
/// Tries of one call.
const TRIES: u32 = 6;
/// The wait after the first failure; it doubles.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// How far our clock and the platform's may differ.
const CLOCK_DIFFERENCE: TimeDelta = TimeDelta::minutes(10);

/// The events that were missed, those of one chat in their order.
pub async fn events(
    bot: &Bot,
    sender: &Sender,
    sink: &dyn Sink,
    name: &ChannelName,
    stop: &CancellationToken,
) -> Vec<ChannelEvent> {
    let chats = sink.last_heard(name, bot.account.id()).await;
    let count = chats.len();
    let reads = chats.into_iter().map(|chat| read(bot, sender, chat, stop));
    let missed: Vec<ChannelEvent> = futures::stream::iter(reads).buffered(AT_ONCE).concat().await;
    if count > 0 {
        tracing::info!(
            account = bot.account.id(),
            chats = count,
            events = missed.len(),
            "a new session at Discord: direct messages were read again"
        );
    }
    missed
}

/// What one person wrote since the shop last heard from them.
async fn read(bot: &Bot, sender: &Sender, chat: LastHeard, stop: &CancellationToken) -> Vec<ChannelEvent> {
    if !wire::is_snowflake(&chat.chat) {
        return Vec::new();
    }
    let channel_id = patiently(stop, || sender.channel(&bot.account, &chat.chat)).await;
    let Some(channel_id) = channel_id else { return Vec::new() };
    let mut after = wire::id_at(chat.at - CLOCK_DIFFERENCE);
    let mut events = Vec::new();
    for _ in 0..MAX_PAGES {
        let page = patiently(stop, || messages(bot, sender, &channel_id, &after)).await.unwrap_or_default();
        let Some((last, _)) = page.last() else { break };
        after = last.to_string();
        let is_last = page.len() < PAGE;
        for (_, message) in page {
            let dispatch = json!({ "t": "MESSAGE_CREATE", "d": message });
            events.extend(receive::dispatch(&bot.hearer(), &dispatch).events);
        }
        if is_last {
            break;
        }
    }
    events
}

/// A page of messages after an id, by their ids, oldest first.
async fn messages(
    bot: &Bot,
    sender: &Sender,
    channel_id: &str,
    after: &str,
) -> Result<Vec<(u64, Value)>, CallError> {
    let path = format!("/channels/{channel_id}/messages?after={after}&limit={PAGE}");
    let route = Route::of("/channels/messages", channel_id, path);
    let answer = sender.rest().call(Some(&bot.account), Method::GET, route, Body::Empty).await?;
    let numbered = |message: &Value| Some((wire::id(message.get("id"))?.parse().ok()?, message.clone()));
    let mut page: Vec<(u64, Value)> = wire::list(Some(&answer)).iter().filter_map(numbered).collect();
    page.sort_by_key(|(id, _)| *id);
    Ok(page)
}

/// Makes a call until it works, it never will, or too often. A person who cannot be reached has nothing to be read.
async fn patiently<T, F: Future<Output = Result<T, CallError>>>(
    stop: &CancellationToken,
    call: impl Fn() -> F,
) -> Option<T> {
    let mut wait = FIRST_WAIT;
    for _ in 0..TRIES {
        let asked_ms = match call().await {
            Ok(found) => return Some(found),
            Err(CallError::Retry { after_ms, .. }) => after_ms,
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
