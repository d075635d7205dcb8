//! The gateway: one connection at a time, over which the platform tells what happens.
//!
//! Source: `events/gateway.mdx`, `events/gateway-events.mdx`, `topics/opcodes-and-status-codes.mdx`. A connection that
//! ends is resumed with its session and the last sequence number, and the platform sends what was missed. Reading
//! stops while the shop cannot keep up; heartbeats go on.

use std::sync::Arc;
use std::time::Duration;

use futures::{SinkExt as _, StreamExt as _};
use reqwest::{Method, Url};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use serenity::all::{GatewayIntents, Opcode};
use serenity::constants::close_codes;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

use crate::edge::{self, CallError};

use super::limiter::Route;
use super::rest::{Body, Rest};
use super::{Bot, Told, wire};

/// How long a connection and its first message may take.
const HELLO_TIMEOUT: Duration = Duration::from_secs(15);
/// How long a close may take.
const CLOSE_TIMEOUT: Duration = Duration::from_millis(500);
/// Heartbeats that are believed.
const MIN_HEARTBEAT: Duration = Duration::from_millis(20);
const MAX_HEARTBEAT: Duration = Duration::from_secs(120);
/// Bytes of one message.
const MAX_MESSAGE_BYTES: usize = 16 * 1024 * 1024;
/// Close codes after which nothing that a program does helps.
const FATAL: [u16; 6] = [
    close_codes::AUTHENTICATION_FAILED,
    close_codes::INVALID_SHARD,
    close_codes::SHARDING_REQUIRED,
    4012,
    close_codes::INVALID_GATEWAY_INTENTS,
    close_codes::DISALLOWED_GATEWAY_INTENTS,
];
/// Close codes after which the session is over.
const OVER: [u16; 2] = [close_codes::INVALID_SEQUENCE, close_codes::SESSION_TIMEOUT];
/// Milliseconds of the longest wait for another day's connections.
const MAX_START_WAIT_MS: u64 = 24 * 60 * 60 * 1000;

/// What the bot hears of: messages in direct messages and in servers. Interactions come without being asked for, and
/// the content of direct messages and of mentions without the privileged intent. Source: `events/gateway.mdx`.
pub const INTENTS: GatewayIntents = GatewayIntents::GUILD_MESSAGES.union(GatewayIntents::DIRECT_MESSAGES);

/// A session that can be taken up again.
#[derive(Clone, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: Arc<str>,
    /// Where it is taken up.
    pub resume_url: Option<Arc<str>>,
    /// The last message that was heard.
    pub seq: u64,
}

impl Session {
    /// Reads a session as [`Session::write`] wrote it.
    pub fn read(note: &Value) -> Option<Self> {
        Some(Self {
            id: wire::field(note.get("session_id"))?.into(),
            resume_url: wire::field(note.get("resume_url")).map(Into::into),
            seq: note.get("seq").and_then(Value::as_u64)?,
        })
    }

    /// The session, to be kept for the next process.
    pub fn write(&self) -> Value {
        json!({ "session_id": &*self.id, "resume_url": self.resume_url.as_deref(), "seq": self.seq })
    }
}

/// A dispatch with the place in its session up to which everything has been heard.
#[derive(Clone)]
pub struct Dispatch {
    /// `{"t", "s", "d"}`.
    pub value: Value,
    /// The session after it.
    pub session: Option<Session>,
}

/// How a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// We were told to stop.
    Stopped,
    /// It broke or was ended; the session goes on.
    Resume,
    /// The session is over; a new one begins after a while.
    New,
    /// The platform will not have this bot.
    Refused(u16),
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// A connection.
pub struct Connection<'a> {
    bot: &'a Bot,
    queue: &'a mpsc::Sender<Dispatch>,
    session: &'a mut Option<Session>,
    /// Whether the platform let the bot in on this connection.
    pub is_live: bool,
}

/// Where the gateway is, and how long to wait before a new session may begin.
///
/// # Errors
/// [`CallError`].
pub async fn find(rest: &Rest, bot: &Bot) -> Result<(String, Duration), CallError> {
    let route = Route::plain("/gateway/bot");
    let answer = rest.call(Some(&bot.account), Method::GET, route, Body::Empty).await?;
    let url = wire::field(answer.get("url"))
        .ok_or_else(|| CallError::Fail { reason: "Discord names no gateway".to_owned() })?;
    let limit = answer.get("session_start_limit");
    let left = limit.and_then(|limit| wire::number(limit.get("remaining")));
    let reset_ms = limit.and_then(|limit| wire::number(limit.get("reset_after"))).unwrap_or_default();
    let wait = if left == Some(0) { u64::try_from(reset_ms).unwrap_or_default() } else { 0 };
    Ok((url, Duration::from_millis(wait.min(MAX_START_WAIT_MS))))
}

/// An address of the gateway with what we speak. Plain text only towards a stand-in that is reached in plain text.
fn address(url: &str, rest: &Rest) -> Option<String> {
    let mut url = Url::parse(url).ok()?;
    let is_allowed = url.scheme() == "wss" || (url.scheme() == "ws" && rest.base().scheme() == "http");
    if !is_allowed {
        return None;
    }
    url.set_query(Some("v=10&encoding=json"));
    Some(url.to_string())
}

impl<'a> Connection<'a> {
    /// A connection that is not open yet.
    pub fn new(bot: &'a Bot, queue: &'a mpsc::Sender<Dispatch>, session: &'a mut Option<Session>) -> Self {
        Self { bot, queue, session, is_live: false }
    }

    /// Opens the connection and hears until it ends.
    pub async fn run(&mut self, rest: &Rest, url: &str, stop: &tokio_util::sync::CancellationToken) -> End {
        let Some(url) = address(url, rest) else { return End::Resume };
        let config = WebSocketConfig {
            max_message_size: Some(MAX_MESSAGE_BYTES),
            max_frame_size: Some(MAX_MESSAGE_BYTES),
            ..WebSocketConfig::default()
        };
        let opened = tokio::select! {
            () = stop.cancelled() => return End::Stopped,
            opened = timeout(HELLO_TIMEOUT, connect_async_with_config(url, Some(config), false)) => opened,
        };
        let Ok(Ok((mut socket, _))) = opened else { return End::Resume };
        let end = self.hear(&mut socket, stop).await;
        if matches!(end, End::Stopped | End::Resume) {
            // Any code but 1000 and 1001 leaves the session to be taken up again.
            let frame = CloseFrame { code: CloseCode::Library(4_000), reason: "".into() };
            let _ = timeout(CLOSE_TIMEOUT, socket.close(Some(frame))).await;
        }
        end
    }

    async fn hear(&mut self, socket: &mut Socket, stop: &tokio_util::sync::CancellationToken) -> End {
        let mut beat_every = MAX_HEARTBEAT;
        let mut next_beat = Instant::now() + HELLO_TIMEOUT;
        let mut is_greeted = false;
        let mut is_beat_heard = true;
        let mut pending: Option<Dispatch> = None;
        loop {
            let message = tokio::select! {
                () = stop.cancelled() => return End::Stopped,
                () = sleep_until(next_beat) => {
                    // No greeting, or no answer to the last heartbeat: the connection is dead.
                    if !is_greeted || !is_beat_heard || !self.beat(socket).await {
                        return End::Resume;
                    }
                    is_beat_heard = false;
                    next_beat = Instant::now() + beat_every;
                    continue;
                }
                permit = self.queue.reserve(), if pending.is_some() => {
                    let (Ok(permit), Some(dispatch)) = (permit, pending.take()) else { return End::Stopped };
                    // Only what is handed on counts as heard; anything else is to be told again.
                    self.session.clone_from(&dispatch.session);
                    permit.send(dispatch);
                    continue;
                }
                message = socket.next(), if pending.is_none() => message,
            };
            let text = match message {
                Some(Ok(Message::Text(text))) => text.into_bytes(),
                Some(Ok(Message::Binary(bytes))) => bytes,
                Some(Ok(Message::Close(frame))) => return closed(frame.map(|frame| frame.code.into())),
                Some(Ok(_)) => continue,
                Some(Err(_)) | None => return End::Resume,
            };
            // What cannot be read is no reason to hear nothing more.
            let Ok(value) = edge::json::parse(&text).inspect_err(|error| {
                tracing::warn!(account = self.bot.account.id(), %error, "a message of Discord's gateway cannot be read");
            }) else {
                continue;
            };
            match opcode(&value) {
                Some(Opcode::Hello) => {
                    beat_every = interval(&value);
                    // The first heartbeat comes at a random time, so that not all bots beat together.
                    next_beat = Instant::now() + beat_every.mul_f64(rand::random::<f64>());
                    is_greeted = true;
                    if !self.introduce(socket).await {
                        return End::Resume;
                    }
                }
                Some(Opcode::Heartbeat) => {
                    let is_sent = self.beat(socket).await;
                    if !is_sent {
                        return End::Resume;
                    }
                }
                Some(Opcode::HeartbeatAck) => is_beat_heard = true,
                Some(Opcode::Reconnect) => return End::Resume,
                Some(Opcode::InvalidSession) => {
                    let can_resume = value.get("d").and_then(Value::as_bool).unwrap_or_default();
                    return if can_resume { End::Resume } else { End::New };
                }
                Some(Opcode::Dispatch) => {
                    let session = self.learn(&value);
                    pending = Some(Dispatch { value, session });
                }
                _ => {}
            }
        }
    }

    /// Takes up the session, or begins one.
    async fn introduce(&self, socket: &mut Socket) -> bool {
        let token = self.bot.account.token().expose_secret();
        let payload = match &*self.session {
            Some(session) => json!({
                "op": u8::from(Opcode::Resume),
                "d": { "token": token, "session_id": &*session.id, "seq": session.seq },
            }),
            None => json!({
                "op": u8::from(Opcode::Identify),
                "d": {
                    "token": token,
                    "intents": INTENTS.bits(),
                    "properties": { "os": std::env::consts::OS, "browser": "warung", "device": "warung" },
                    "compress": false,
                    "shard": [0, 1],
                },
            }),
        };
        socket.send(Message::Text(payload.to_string())).await.is_ok()
    }

    async fn beat(&self, socket: &mut Socket) -> bool {
        let seq = self.session.as_ref().map(|session| session.seq);
        let payload = json!({ "op": u8::from(Opcode::Heartbeat), "d": seq });
        socket.send(Message::Text(payload.to_string())).await.is_ok()
    }

    /// Reads what a dispatch says of the session: the session after it.
    fn learn(&mut self, value: &Value) -> Option<Session> {
        let seq = value.get("s").and_then(Value::as_u64);
        let data = value.get("d").unwrap_or(&Value::Null);
        let mut session = self.session.clone();
        match value.get("t").and_then(Value::as_str) {
            Some("READY") => {
                self.is_live = true;
                session = wire::field(data.get("session_id")).map(|id| Session {
                    id: id.into(),
                    resume_url: wire::field(data.get("resume_gateway_url")).map(Into::into),
                    seq: seq.unwrap_or_default(),
                });
                self.bot.tell(Told {
                    user_id: data.get("user").and_then(|user| wire::id(user.get("id"))),
                    application_id: data.get("application").and_then(|own| wire::id(own.get("id"))),
                });
            }
            Some("RESUMED") => self.is_live = true,
            _ => {}
        }
        if let (Some(session), Some(seq)) = (session.as_mut(), seq) {
            session.seq = seq;
        }
        session
    }
}

fn opcode(value: &Value) -> Option<Opcode> {
    let number = value.get("op").and_then(Value::as_u64)?;
    Some(Opcode::from(u8::try_from(number).ok()?))
}

fn interval(hello: &Value) -> Duration {
    let ms = hello.get("d").and_then(|data| wire::number(data.get("heartbeat_interval"))).unwrap_or_default();
    Duration::from_millis(u64::try_from(ms).unwrap_or_default()).clamp(MIN_HEARTBEAT, MAX_HEARTBEAT)
}

fn closed(code: Option<u16>) -> End {
    match code {
        Some(code) if FATAL.contains(&code) => End::Refused(code),
        Some(code) if OVER.contains(&code) => End::New,
        _ => End::Resume,
    }
}

/// Waits, unless told to stop.
pub async fn pause(wait: Duration, stop: &tokio_util::sync::CancellationToken) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = sleep(wait) => {}
    }
}
