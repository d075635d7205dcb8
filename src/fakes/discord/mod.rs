//! Discord on loopback: its HTTP interface and its gateway.
//!
//! Sources are pages of `discord/discord-api-docs`, named by file. Time stands still until it is moved by hand.

mod command_rules;
mod decode;
mod gateway;
mod history;
mod rest;
mod rules;
mod state;
#[cfg(test)]
mod tests;
mod told;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{any, get};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use tokio::sync::{broadcast, watch};
use tokio_util::sync::CancellationToken;

use self::gateway::Command;
use self::state::State;
use super::{Fault, Person, Platform, Recorded, Shown};
use crate::domain::message::{Content, FileRef};
use crate::edge::webhook::WebhookRequest;

/// The token of the shop's bot, where nobody says another: its first part says 700000000000000001.
const TOKEN: &str = "NzAwMDAwMDAwMDAwMDAwMDAx.scripted.conversations-only";
/// The bot's id where its token does not tell it.
const BOT_ID: &str = "1190000000000000001";
/// A server and a channel in it.
pub const GUILD: &str = "1190000000000000002";
/// See [`GUILD`].
pub const GUILD_CHANNEL: &str = "1190000000000000003";
/// What an attachment holds that nobody has [kept](Platform::keep).
pub const FILE: &[u8] = b"\x89PNG\r\n\x1a\nfile";
/// The first second of the fake's time: 2026-01-01T00:00:00Z.
const START: i64 = 1_767_225_600;
/// Bytes of a request. Source: `reference.mdx`, "Uploading Files".
const MAX_REQUEST_BYTES: usize = 25 * 1024 * 1024;
/// Commands to connections that are kept for slow ones.
const COMMANDS: usize = 16;
/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(5);

/// The platform.
#[derive(Debug)]
pub struct Fake {
    port: u16,
    token: String,
    state: Mutex<State>,
    /// Counts changes of the sessions, for connections and for those who wait.
    changed: watch::Sender<u64>,
    commands: broadcast::Sender<Command>,
    heartbeat: Mutex<Duration>,
    stop: CancellationToken,
}

impl Fake {
    /// Starts with a bot of its own.
    ///
    /// # Errors
    /// When no port can be bound.
    pub async fn open() -> Result<Arc<Self>, std::io::Error> {
        Self::start(TOKEN).await
    }

    /// Starts a platform that knows one bot by its token.
    ///
    /// # Errors
    /// When no port can be bound.
    pub async fn start(token: &str) -> Result<Arc<Self>, std::io::Error> {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
        let first = token.split('.').next().unwrap_or_default();
        let told = STANDARD_NO_PAD.decode(first).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let bot_id = told.filter(|id| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit()));
        let start = DateTime::from_timestamp(START, 0).unwrap_or_default();
        let fake = Arc::new(Self {
            port: listener.local_addr()?.port(),
            token: token.to_owned(),
            state: Mutex::new(State::new(start, bot_id.unwrap_or_else(|| BOT_ID.to_owned()))),
            changed: watch::Sender::new(0),
            commands: broadcast::Sender::new(COMMANDS),
            heartbeat: Mutex::new(Duration::from_millis(41_250)),
            stop: CancellationToken::new(),
        });
        let router = Router::new()
            .route("/gw/", get(gateway::upgrade))
            .route("/gw", get(gateway::upgrade))
            .fallback(any(rest::handle))
            .layer(DefaultBodyLimit::max(MAX_REQUEST_BYTES))
            .with_state(Arc::clone(&fake));
        let stop = fake.stop.clone();
        tokio::spawn(async move {
            // A fake that ends early is noticed by everybody who talks to it.
            let _ = axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned()).await;
        });
        Ok(fake)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn base(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// A user id for a name: the chat that a scripted person has.
    pub fn chat_of(name: &str) -> String {
        // FNV-1a, so that the same name is the same person in every run.
        let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        format!("{}", 100_000_000_000_000_000 + hash % 900_000_000_000_000_000)
    }

    /// Sets the time.
    pub fn set_now(&self, now: DateTime<Utc>) {
        self.lock().now = now;
    }

    /// The time.
    pub fn now(&self) -> DateTime<Utc> {
        self.lock().now
    }

    /// Moves the time on.
    pub fn advance(&self, by: TimeDelta) {
        let mut state = self.lock();
        state.now += by;
    }

    /// The bot's user id, which is also the application's.
    pub fn bot_id(&self) -> String {
        self.lock().bot_id.clone()
    }

    /// Lets a person act in a server instead of in direct messages.
    pub fn set_in_guild(&self, chat: &str, is_in_guild: bool) {
        let mut state = self.lock();
        if is_in_guild {
            state.in_guild.insert(chat.to_owned());
        } else {
            state.in_guild.remove(chat);
        }
    }

    /// How often connections from now on have to send heartbeats.
    pub fn set_heartbeat(&self, every: Duration) {
        *self.heartbeat.lock().unwrap_or_else(PoisonError::into_inner) = every;
    }

    /// Tells the bot over the gateway what a person sends. Sessions that have no connection hear it when they are
    /// taken up again; without a session nobody does.
    pub fn push(&self, person: &Person, id: &str, content: &Content) {
        let dispatch = self.dispatch(person, id, content);
        self.push_raw(dispatch);
    }

    /// Tells the bot that a person sent a form in.
    pub fn push_form(&self, person: &Person, custom_id: &str, text: &str) {
        let dispatch = told::submit(&mut self.lock(), person, custom_id, text);
        self.push_raw(dispatch);
    }

    /// Tells the bot anything, as `{"t", "d"}`.
    pub fn push_raw(&self, dispatch: Value) {
        let mut state = self.lock();
        for session in state.sessions.values_mut() {
            session.tell(dispatch.clone());
        }
        drop(state);
        self.note();
    }

    fn dispatch(&self, person: &Person, id: &str, content: &Content) -> Value {
        let base = self.base();
        let mut state = self.lock();
        if let Some(told) = state.told.get(id) {
            return told.clone();
        }
        let told = told::dispatch(&mut state, &base, person, content);
        state.told.insert(id.to_owned(), told.clone());
        told
    }

    fn note(&self) {
        self.changed.send_modify(|changes| *changes = changes.wrapping_add(1));
    }

    /// Waits until something holds; the answer says whether it did while there was patience.
    pub async fn until(&self, holds: impl Fn(&Self) -> bool) -> bool {
        let mut changes = self.changed.subscribe();
        let wait = async {
            while !holds(self) {
                if changes.changed().await.is_err() {
                    return false;
                }
            }
            true
        };
        tokio::time::timeout(PATIENCE, wait).await.unwrap_or(false)
    }

    /// Sessions begun, sessions taken up again, and connections that are open.
    pub fn gateway(&self) -> (usize, usize, usize) {
        let state = self.lock();
        (state.identified, state.resumed, state.connections)
    }

    /// Heartbeats that were heard.
    pub fn heartbeats(&self) -> usize {
        self.lock().heartbeats
    }

    /// Asks every connection to come again.
    pub fn reconnect(&self) {
        // Nobody may be connected.
        let _ = self.commands.send(Command::Reconnect);
    }

    /// Ends every session for good.
    pub fn invalidate(&self) {
        self.lock().sessions.clear();
        let _ = self.commands.send(Command::Invalidate);
    }

    /// The first response of an interaction: its kind, and the form that it opened.
    pub fn response(&self, interaction_id: &str) -> Option<(u64, Option<Value>)> {
        let state = self.lock();
        let interaction = state.interactions.get(interaction_id)?;
        Some((interaction.response?, interaction.modal.clone()))
    }

    /// Interactions that nobody has answered.
    pub fn unanswered(&self) -> usize {
        self.lock().interactions.values().filter(|interaction| interaction.response.is_none()).count()
    }
}

#[async_trait]
impl Platform for Fake {
    fn name(&self) -> &'static str {
        "discord"
    }

    fn url(&self) -> String {
        format!("{}/api/v10", self.base())
    }

    fn settings(&self) -> Vec<(&'static str, String)> {
        vec![("DISCORD_BOT_TOKEN", self.token.clone()), ("DISCORD_API_URL", self.url())]
    }

    fn chat_of(&self, name: &str, _phone: Option<&str>) -> String {
        super::number_of(name)
    }

    fn keep(&self, mime: &str, bytes: Vec<u8>) -> FileRef {
        let mut state = self.lock();
        let id = state.next_id();
        state.files.insert(id.clone(), (mime.to_owned(), bytes));
        FileRef { id, mime: Some(mime.to_owned()), size_bytes: None }
    }

    fn told(&self, person: &Person, id: &str, content: &Content) -> WebhookRequest {
        let body = serde_json::to_vec(&self.dispatch(person, id, content)).unwrap_or_default();
        WebhookRequest { headers: Vec::new(), body }
    }

    fn take_shown(&self, chat: &str) -> Vec<Shown> {
        self.lock().take_shown(chat)
    }

    fn arm(&self, chat: &str, fault: Fault) {
        if fault == Fault::Disconnect {
            let _ = self.commands.send(Command::Drop);
            return;
        }
        self.lock().faults.entry(chat.to_owned()).or_default().push_back(fault);
    }

    fn recorded(&self) -> Vec<Recorded> {
        self.lock().recorded.clone()
    }

    async fn stop(&self) {
        self.stop.cancel();
        let _ = self.commands.send(Command::Drop);
    }
}

/// What `GET /gateway/bot` answers. Source: `events/gateway.mdx`.
fn gateway_json(port: u16) -> Value {
    json!({
        "url": format!("ws://127.0.0.1:{port}/gw"), "shards": 1,
        "session_start_limit": { "total": 1000, "remaining": 999, "reset_after": 14_400_000, "max_concurrency": 1 },
    })
}
