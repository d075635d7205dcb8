//! The fake's gateway. Source: `events/gateway.mdx`.

use std::sync::{Arc, PoisonError};

use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Query, State as FromState};
use axum::response::Response;
use serde_json::{Value, json};

use super::Fake;
use super::state::Session;

/// Bytes of what a bot may send.
const MAX_PAYLOAD_BYTES: usize = 4_096;
/// Intents that must be allowed in the portal first: members, presences, content of messages.
const PRIVILEGED: u64 = 1 << 1 | 1 << 8 | 1 << 15;
/// All intents that are documented.
const ALL: u64 = ((1 << 17) - 1) | (1 << 20) | (1 << 21) | (1 << 24) | (1 << 25);

/// What happens to connections by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Command {
    /// They break.
    Drop,
    /// They are asked to come again.
    Reconnect,
    /// Their sessions are over.
    Invalidate,
}

impl Session {
    /// Numbers a dispatch and keeps it.
    pub fn tell(&mut self, mut dispatch: Value) {
        dispatch["op"] = json!(0);
        dispatch["s"] = json!(self.log.len() + 1);
        self.log.push(dispatch);
    }
}

pub(super) async fn upgrade(
    FromState(fake): FromState<Arc<Fake>>,
    Query(query): Query<Vec<(String, String)>>,
    upgrade: WebSocketUpgrade,
) -> Response {
    let has = |name: &str, value: &str| query.iter().any(|(key, given)| key == name && given == value);
    let is_known = has("v", "10") && has("encoding", "json");
    upgrade.on_upgrade(async move |mut socket| {
        if !is_known {
            close(&mut socket, 4012).await;
            return;
        }
        connected(&fake, 1);
        serve(&fake, &mut socket).await;
        connected(&fake, -1);
    })
}

fn connected(fake: &Fake, by: isize) {
    let mut state = fake.lock();
    state.connections = state.connections.saturating_add_signed(by);
    drop(state);
    fake.note();
}

async fn close(socket: &mut WebSocket, code: u16) {
    // The other side may be gone.
    let _ = socket.send(Message::Close(Some(CloseFrame { code, reason: "".into() }))).await;
}

async fn say(socket: &mut WebSocket, value: &Value) -> bool {
    socket.send(Message::Text(value.to_string().into())).await.is_ok()
}

async fn serve(fake: &Fake, socket: &mut WebSocket) {
    let mut commands = fake.commands.subscribe();
    let mut changes = fake.changed.subscribe();
    let every = *fake.heartbeat.lock().unwrap_or_else(PoisonError::into_inner);
    let hello = json!({ "op": 10, "d": { "heartbeat_interval": every.as_millis() }, "s": null, "t": null });
    if !say(socket, &hello).await {
        return;
    }
    // The session of this connection, and how much of it was told here.
    let mut heard: Option<(String, usize)> = None;
    loop {
        if let Some((id, told)) = heard.as_mut() {
            let fresh: Vec<Value> = {
                let state = fake.lock();
                state.sessions.get(id).map(|session| session.log[*told..].to_vec()).unwrap_or_default()
            };
            for dispatch in fresh {
                if !say(socket, &dispatch).await {
                    return;
                }
                *told += 1;
            }
        }
        let message = tokio::select! {
            command = commands.recv() => match command {
                Ok(Command::Reconnect) => {
                    say(socket, &json!({ "op": 7, "d": null })).await;
                    return;
                }
                Ok(Command::Invalidate) => {
                    say(socket, &json!({ "op": 9, "d": false })).await;
                    return;
                }
                Ok(Command::Drop) | Err(_) => return,
            },
            _ = changes.changed() => continue,
            message = socket.recv() => message,
        };
        let text = match message {
            Some(Ok(Message::Text(text))) => text.to_string(),
            Some(Ok(Message::Close(_)) | Err(_)) | None => return,
            Some(Ok(_)) => continue,
        };
        let value: Value = match serde_json::from_str(&text) {
            Ok(value) if text.len() <= MAX_PAYLOAD_BYTES => value,
            _ => return close(socket, 4002).await,
        };
        let data = value.get("d").unwrap_or(&Value::Null);
        match (value.get("op").and_then(Value::as_u64), &heard) {
            (Some(1), _) if data.is_null() || data.is_u64() => {
                say(socket, &json!({ "op": 11 })).await;
                fake.lock().heartbeats += 1;
                fake.note();
            }
            (Some(2), None) => match identify(fake, data) {
                Ok(id) => heard = Some((id, 0)),
                Err(code) => return close(socket, code).await,
            },
            (Some(6), None) => match resume(fake, data) {
                Ok(found) => heard = Some(found),
                Err(0) => {
                    say(socket, &json!({ "op": 9, "d": false })).await;
                    return;
                }
                Err(code) => return close(socket, code).await,
            },
            (Some(2), Some(_)) => return close(socket, 4005).await,
            (Some(1), _) => return close(socket, 4002).await,
            (_, None) => return close(socket, 4003).await,
            _ => return close(socket, 4001).await,
        }
    }
}

/// Begins a session, or the code of the refusal.
fn identify(fake: &Fake, data: &Value) -> Result<String, u16> {
    if data["token"] != fake.token.as_str() {
        return Err(4004);
    }
    let intents = data["intents"].as_u64().ok_or(4013_u16)?;
    if intents & !ALL != 0 {
        return Err(4013);
    }
    if intents & PRIVILEGED != 0 {
        return Err(4014);
    }
    let properties = &data["properties"];
    if ["os", "browser", "device"].iter().any(|name| !properties[name].is_string()) {
        return Err(4002);
    }
    if data.get("shard").is_some_and(|shard| *shard != json!([0, 1])) {
        return Err(4010);
    }
    let mut state = fake.lock();
    state.identified += 1;
    let id = format!("session{}", state.identified);
    let bot_id = state.bot_id.clone();
    let mut session = Session::default();
    session.tell(json!({ "t": "READY", "d": {
        "v": 10, "user": { "id": bot_id, "username": "warung", "discriminator": "0", "bot": true, "flags": 0 },
        "guilds": [], "session_id": id, "resume_gateway_url": format!("ws://127.0.0.1:{}/gw", fake.port),
        "shard": [0, 1], "application": { "id": bot_id, "flags": 0 },
    }}));
    state.sessions.insert(id.clone(), session);
    drop(state);
    fake.note();
    Ok(id)
}

/// Takes a session up again at a place; `0` when there is none.
fn resume(fake: &Fake, data: &Value) -> Result<(String, usize), u16> {
    if data["token"] != fake.token.as_str() {
        return Err(4004);
    }
    let (Some(id), Some(seq)) = (data["session_id"].as_str(), data["seq"].as_u64()) else { return Err(4002) };
    let seq = usize::try_from(seq).map_err(|_| 4007_u16)?;
    let mut state = fake.lock();
    let session = state.sessions.get_mut(id).ok_or(0_u16)?;
    if seq > session.log.len() {
        return Err(4007);
    }
    session.tell(json!({ "t": "RESUMED", "d": {} }));
    state.resumed += 1;
    drop(state);
    fake.note();
    Ok((id.to_owned(), seq))
}
