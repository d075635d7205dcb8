//! The fake's HTTP interface. Sources: `resources/channel.mdx`, `resources/message.mdx`, `resources/webhook.mdx`,
//! `interactions/receiving-and-responding.mdx`, `topics/rate-limits.mdx`.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest as _, Multipart, Request, State as FromState};
use axum::http::{HeaderMap, Response, StatusCode};
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::rules::{self, Refusal};
use super::state::{File, Posted, State};
use super::{FILE, Fake, command_rules, gateway_json, history};
use crate::fakes::{Fault, Recorded, ShownDocument};

/// Bytes of one file.
const MAX_FILE_BYTES: usize = 10 * 1024 * 1024;
/// How long a nonce is remembered; the platform says "the past few minutes".
const NONCE_LIFE: TimeDelta = TimeDelta::minutes(5);
/// How long an interaction waits for its first response.
const FIRST_RESPONSE: TimeDelta = TimeDelta::seconds(3);
/// How long a token is good.
const TOKEN_LIFE: TimeDelta = TimeDelta::minutes(15);

/// A request, read.
struct Asked {
    method: String,
    path: String,
    query: String,
    headers: HeaderMap,
    body: Value,
    files: Vec<(String, Bytes)>,
    /// What is wrong with the body as a whole.
    unread: Option<Refusal>,
}

impl Asked {
    fn names(&self) -> Vec<String> {
        self.files.iter().map(|(name, _)| name.clone()).collect()
    }

    /// The first file: a picture where a card shows it, else a document below the words.
    fn file(&self) -> Option<File> {
        let (name, bytes) = self.files.first()?;
        let address = format!("attachment://{name}");
        // The message stands in `data` where it is a response to an interaction.
        let message = self.body.get("data").unwrap_or(&self.body);
        let embeds = message["embeds"].as_array().map_or(&[][..], Vec::as_slice);
        let is_picture = embeds.iter().any(|embed| embed["image"]["url"] == address.as_str());
        let bytes = bytes.to_vec();
        Some(match is_picture {
            true => File::Picture(bytes),
            false => File::Document(ShownDocument { name: name.clone(), bytes }),
        })
    }
}

/// What is answered.
type Answer = Result<Value, Refusal>;

pub(super) async fn handle(FromState(fake): FromState<Arc<Fake>>, request: Request) -> Response<Body> {
    if let Some(rest) = request.uri().path().strip_prefix("/attachments/") {
        let id = rest.split('/').next().unwrap_or_default();
        let kept = fake.lock().files.get(id).cloned();
        let (mime, bytes) = kept.unwrap_or_else(|| ("image/png".to_owned(), FILE.to_vec()));
        return Response::builder().header("content-type", mime).body(Body::from(bytes)).unwrap_or_default();
    }
    let asked = read(request).await;
    let segments: Vec<&str> = asked.path.strip_prefix("/api/v10/").unwrap_or_default().split('/').collect();
    let (chat, fault) = {
        let mut state = fake.lock();
        let chat = chat_of(&state, &asked.method, &segments);
        let fault = chat.as_ref().and_then(|chat| state.fault(chat));
        (chat, fault)
    };
    if let Some(Fault::Slow(wait)) = &fault {
        tokio::time::sleep(*wait).await;
    }
    let mut headers = vec![("x-ratelimit-limit", "5".to_owned())];
    let (answer, is_fault) = match &fault {
        Some(Fault::TooMany { retry_after_seconds }) => {
            let mut body = json!({ "message": "You are being rate limited.", "global": false });
            headers.push(("x-ratelimit-remaining", "0".to_owned()));
            headers.push(("x-ratelimit-scope", "user".to_owned()));
            if let Some(seconds) = retry_after_seconds {
                body["retry_after"] = json!(seconds);
                headers.push(("retry-after", seconds.to_string()));
                headers.push(("x-ratelimit-reset-after", format!("{seconds}.000")));
            }
            (Err(Refusal { status: 429, body, why: String::new() }), true)
        }
        Some(Fault::Down) => (
            Err(Refusal { status: 503, body: json!({ "message": "no", "code": 0 }), why: String::new() }),
            true,
        ),
        Some(Fault::Code(code)) => (Err(refusal_of(*code)), true),
        _ => (answer(&fake, &asked, &segments), false),
    };
    let status = match &answer {
        Ok(Value::Null) => 204,
        Ok(_) => 200,
        Err(refusal) => refusal.status,
    };
    let refusal = answer.as_ref().err().filter(|_| !is_fault).map(|refusal| refusal.why.clone());
    record(&fake, &asked, status, refusal);
    if let (Some(Fault::Swallowed), Some(chat)) = (&fault, &chat) {
        fake.lock().swallow(chat);
    }
    fake.note();
    if fault == Some(Fault::LostAnswer) {
        let lost = futures::stream::iter([Err::<Bytes, _>(std::io::Error::other("lost"))]);
        return Response::new(Body::from_stream(lost));
    }
    let mut response = Response::builder()
        .status(StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR))
        .header("content-type", "application/json");
    for (name, value) in headers {
        response = response.header(name, value);
    }
    let body = match answer {
        Ok(Value::Null) => Body::empty(),
        Ok(body) => Body::from(body.to_string()),
        Err(refusal) => Body::from(refusal.body.to_string()),
    };
    response.body(body).unwrap_or_default()
}

/// What a code of an error looks like on the wire.
fn refusal_of(code: i64) -> Refusal {
    let status = match code {
        400..=599 => u16::try_from(code).unwrap_or(400),
        10_000..=19_999 => 404,
        50_007 | 50_278 | 50_001 | 50_013 | 40_001 | 40_002 | 40_003 => 403,
        50_027 => 401,
        _ => 400,
    };
    let code = if (400..=599).contains(&code) { 0 } else { code };
    Refusal::new(status, code, "as asked")
}

async fn read(request: Request) -> Asked {
    let (parts, body) = request.into_parts();
    let mut asked = Asked {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers.clone(),
        body: Value::Null,
        files: Vec::new(),
        unread: None,
    };
    let kind =
        parts.headers.get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default().to_owned();
    let request = Request::from_parts(parts, body);
    if kind.starts_with("multipart/form-data") {
        if let Err(refusal) = form(request, &mut asked).await {
            asked.unread = Some(refusal);
        }
        return asked;
    }
    match Bytes::from_request(request, &()).await {
        Ok(bytes) if bytes.is_empty() => {}
        Ok(bytes) => match serde_json::from_slice(&bytes) {
            Ok(body) if kind.starts_with("application/json") => asked.body = body,
            _ => asked.unread = Some(Refusal::new(400, 50_109, "The request body contains invalid JSON.")),
        },
        Err(_) => asked.unread = Some(too_large()),
    }
    asked
}

fn too_large() -> Refusal {
    Refusal::new(413, 40_005, "Request entity too large")
}

async fn form(request: Request, asked: &mut Asked) -> Result<(), Refusal> {
    let unread = |_| Refusal::new(400, 50_035, "Invalid Form Body");
    let mut form = Multipart::from_request(request, &()).await.map_err(|_| too_large())?;
    while let Some(field) = form.next_field().await.map_err(unread)? {
        let name = field.name().unwrap_or_default().to_owned();
        let file = field.file_name().map(str::to_owned);
        let bytes = field.bytes().await.map_err(|_| too_large())?;
        if name == "payload_json" {
            asked.body = serde_json::from_slice(&bytes)
                .map_err(|_| Refusal::new(400, 50_109, "The request body contains invalid JSON."))?;
        } else if name == format!("files[{}]", asked.files.len()) {
            if bytes.len() > MAX_FILE_BYTES {
                return Err(too_large());
            }
            asked.files.push((file.unwrap_or_default(), bytes));
        } else {
            return Err(Refusal::form(&name, "Unknown part of the form"));
        }
    }
    Ok(())
}

fn record(fake: &Fake, asked: &Asked, status: u16, refusal: Option<String>) {
    let mut body = asked.body.clone();
    if !asked.files.is_empty() {
        let mut form = json!({ "payload_json": body });
        for (index, (name, bytes)) in asked.files.iter().enumerate() {
            form[format!("files[{index}]")] = json!({ "file": name, "bytes": bytes.len() });
        }
        body = form;
    }
    let mut state = fake.lock();
    let mut path = asked.path.clone();
    let hidden: Vec<String> = state
        .interactions
        .values()
        .map(|interaction| interaction.token.clone())
        .filter(|token| path.contains(token))
        .collect();
    for token in hidden {
        path = path.replace(&token, "***");
    }
    state.recorded.push(Recorded { method: asked.method.clone(), path, body, status, refusal });
}

/// Whose calls fail: the chat that a message goes to, or that is read.
fn chat_of(state: &State, method: &str, segments: &[&str]) -> Option<String> {
    match (method, segments) {
        ("POST" | "GET", ["channels", channel, "messages"]) => state.user_of(channel),
        ("POST", ["webhooks", _, token]) | ("PATCH", ["webhooks", _, token, "messages", _]) => {
            let found = state.interactions.values().find(|interaction| interaction.token == *token);
            found.map(|interaction| interaction.chat.clone())
        }
        _ => None,
    }
}

fn answer(fake: &Fake, asked: &Asked, segments: &[&str]) -> Answer {
    let agent = asked.headers.get("user-agent").and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    if !agent.starts_with("DiscordBot (") {
        return Err(Refusal::new(403, 40_333, "internal network error"));
    }
    if let Some(refusal) = &asked.unread {
        return Err(refusal.clone());
    }
    let mut state = fake.lock();
    match (asked.method.as_str(), segments) {
        ("POST", ["interactions", id, token, "callback"]) => {
            return first_response(&mut state, asked, id, token);
        }
        ("POST", ["webhooks", application, token]) => {
            return follow_up(&mut state, asked, application, token);
        }
        ("GET" | "PATCH", ["webhooks", application, token, "messages", message]) => {
            return webhook_message(&mut state, asked, application, token, message);
        }
        _ => {}
    }
    let is_bot = asked.headers.get("authorization").and_then(|value| value.to_str().ok())
        == Some(&format!("Bot {}", fake.token));
    if !is_bot {
        return Err(Refusal::new(401, 0, "401: Unauthorized"));
    }
    let bot_id = state.bot_id.clone();
    match (asked.method.as_str(), segments) {
        ("GET", ["gateway", "bot"]) => Ok(gateway_json(fake.port)),
        ("GET", ["users", "@me"]) => {
            Ok(json!({ "id": bot_id, "username": "warung", "discriminator": "0", "bot": true }))
        }
        ("POST", ["users", "@me", "channels"]) => {
            let body = rules::object(&asked.body, "channel", &["recipient_id"])?;
            let chat = rules::text(body, "recipient_id", 1, 20, true)?.unwrap_or_default().to_owned();
            if !chat.bytes().all(|byte| byte.is_ascii_digit()) || chat == bot_id {
                return Err(Refusal::new(400, 50_033, "Invalid Recipient(s)"));
            }
            let id = state.channel_of(&chat);
            Ok(
                json!({ "id": id, "type": 1, "last_message_id": null, "flags": 0, "recipients": [{ "id": chat }] }),
            )
        }
        ("POST", ["channels", channel, "typing"]) => {
            state.user_of(channel).ok_or_else(unknown_channel)?;
            Ok(Value::Null)
        }
        ("GET", ["channels", channel, "messages"]) => history::page(&state, &asked.query, channel),
        ("POST", ["channels", channel, "messages"]) => create(&mut state, asked, channel),
        ("PUT", ["applications", application, "commands"]) if *application == bot_id => {
            set_commands(&mut state, &asked.body, true)
        }
        ("PUT", ["applications", application, "guilds", super::GUILD, "commands"])
            if *application == bot_id =>
        {
            set_commands(&mut state, &asked.body, false)
        }
        ("PUT", ["applications", _, "guilds", _, "commands"]) => {
            Err(Refusal::new(403, 50_001, "Missing Access"))
        }
        _ => Err(Refusal::new(404, 0, "404: Not Found")),
    }
}

pub(super) fn unknown_channel() -> Refusal {
    Refusal::new(404, 10_003, "Unknown Channel")
}

fn empty() -> Refusal {
    Refusal::new(400, 50_006, "Cannot send an empty message")
}

fn set_commands(state: &mut State, body: &Value, is_global: bool) -> Answer {
    command_rules::commands(body, is_global)?;
    let mut commands = body.as_array().cloned().unwrap_or_default();
    for command in &mut commands {
        command["id"] = json!(state.next_id());
    }
    state.commands.clone_from(&commands);
    Ok(Value::Array(commands))
}

fn create(state: &mut State, asked: &Asked, channel: &str) -> Answer {
    let chat = state.user_of(channel).ok_or_else(unknown_channel)?;
    let body = rules::message(&asked.body, rules::MESSAGE, &asked.names())?;
    if rules::is_empty(body, !asked.files.is_empty()) {
        return Err(empty());
    }
    let nonce = body.get("nonce").filter(|nonce| !nonce.is_null()).map(|nonce| match nonce {
        Value::String(nonce) => nonce.clone(),
        nonce => nonce.to_string(),
    });
    let is_enforced = body.get("enforce_nonce").and_then(Value::as_bool).unwrap_or_default();
    let key = nonce.filter(|_| is_enforced).map(|nonce| (channel.to_owned(), nonce));
    if let Some((id, at)) = key.as_ref().and_then(|key| state.nonces.get(key))
        && state.now - *at < NONCE_LIFE
    {
        return Ok(state.message_json(id));
    }
    if body.get("flags").and_then(Value::as_u64).unwrap_or_default() & 1 << 6 != 0 {
        return Err(Refusal::form("flags", "EPHEMERAL is for answers to interactions"));
    }
    let id = state.post(Posted { chat, body: asked.body.clone(), file: asked.file(), ..Posted::default() });
    let now = state.now;
    if let Some(key) = key {
        state.nonces.insert(key, (id.clone(), now));
    }
    Ok(state.message_json(&id))
}

fn first_response(state: &mut State, asked: &Asked, id: &str, token: &str) -> Answer {
    let now = state.now;
    let unknown = || Refusal::new(404, 10_062, "Unknown interaction");
    let found = state.interactions.get(id).filter(|interaction| interaction.token == token);
    let interaction = found.cloned().ok_or_else(unknown)?;
    if interaction.response.is_some() {
        return Err(Refusal::new(400, 40_060, "Interaction has already been acknowledged."));
    }
    if now - interaction.at > FIRST_RESPONSE {
        return Err(unknown());
    }
    let body = rules::object(&asked.body, "response", &["type", "data"])?;
    let kind = body.get("type").and_then(Value::as_u64).unwrap_or_default();
    let data = body.get("data").unwrap_or(&Value::Null);
    let allowed: &[u64] = match interaction.kind {
        1 => &[1],
        2 => &[4, 5, 9],
        3 => &[4, 5, 6, 7, 9],
        4 => &[8],
        _ if interaction.original.is_some() => &[4, 5, 6, 7],
        _ => &[4, 5],
    };
    if !allowed.contains(&kind) {
        return Err(Refusal::form("type", "not a response to this kind of interaction"));
    }
    let mut original = interaction.original.clone();
    match kind {
        4 => {
            let message = rules::message(data, rules::RESPONSE, &asked.names())?;
            if rules::is_empty(message, !asked.files.is_empty()) {
                return Err(empty());
            }
            let chat = interaction.chat.clone();
            original = Some(state.post(Posted { chat, body: data.clone(), ..Posted::default() }));
        }
        5 => {
            let flags = match data {
                Value::Null => 0,
                data => {
                    let data = rules::object(data, "data", &["flags"])?;
                    data.get("flags").and_then(Value::as_u64).unwrap_or_default()
                }
            };
            if flags & !(1 << 6) != 0 {
                return Err(Refusal::form("flags", "a deferred reply takes EPHEMERAL only"));
            }
            let posted = Posted {
                chat: interaction.chat.clone(),
                body: json!({}),
                is_loading: true,
                is_ephemeral: flags != 0,
                ..Posted::default()
            };
            original = Some(state.post(posted));
        }
        7 => {
            rules::message(data, rules::RESPONSE, &asked.names())?;
            if let Some(id) = &original {
                state.edit(id, data, asked.file());
            }
        }
        8 => {
            let data = rules::object(data, "data", &["choices"])?;
            rules::list(data, "choices", 25)?;
        }
        9 => rules::modal(data)?,
        _ => {}
    }
    if let Some(interaction) = state.interactions.get_mut(id) {
        interaction.response = Some(kind);
        interaction.original = original;
        interaction.modal = (kind == 9).then(|| data.clone());
    }
    Ok(Value::Null)
}

/// The interaction whose token a webhook's route holds.
fn by_token(state: &State, application: &str, token: &str) -> Result<String, Refusal> {
    let found = state.interactions.iter().find(|(_, interaction)| interaction.token == token);
    let (id, interaction) = found
        .filter(|(_, interaction)| interaction.response.is_some() && application == state.bot_id)
        .ok_or_else(|| Refusal::new(404, 10_015, "Unknown Webhook"))?;
    if state.now - interaction.at > TOKEN_LIFE {
        return Err(Refusal::new(401, 50_027, "Invalid Webhook Token"));
    }
    Ok(id.clone())
}

fn follow_up(state: &mut State, asked: &Asked, application: &str, token: &str) -> Answer {
    let id = by_token(state, application, token)?;
    let body = rules::message(&asked.body, rules::WEBHOOK, &asked.names())?;
    if rules::is_empty(body, !asked.files.is_empty()) {
        return Err(empty());
    }
    let is_ephemeral = body.get("flags").and_then(Value::as_u64).unwrap_or_default() & 1 << 6 != 0;
    let interaction = state.interactions.get(&id).cloned();
    let Some(interaction) = interaction else { return Err(Refusal::new(404, 10_015, "Unknown Webhook")) };
    // Right after a deferred reply a follow-up takes its place.
    let loading =
        interaction.original.filter(|id| state.messages.get(id).is_some_and(|message| message.is_loading));
    let message_id = match loading {
        Some(id) => {
            state.edit(&id, &asked.body, asked.file());
            id
        }
        None => {
            let posted = Posted {
                chat: interaction.chat,
                body: asked.body.clone(),
                file: asked.file(),
                is_ephemeral,
                ..Posted::default()
            };
            state.post(posted)
        }
    };
    Ok(state.message_json(&message_id))
}

fn webhook_message(
    state: &mut State,
    asked: &Asked,
    application: &str,
    token: &str,
    message: &str,
) -> Answer {
    let id = by_token(state, application, token)?;
    let unknown = || Refusal::new(404, 10_008, "Unknown Message");
    let original = state.interactions.get(&id).and_then(|interaction| interaction.original.clone());
    let message_id = if message == "@original" { original.ok_or_else(unknown)? } else { message.to_owned() };
    let shown = state.messages.get(&message_id).ok_or_else(unknown)?;
    if asked.method == "GET" {
        return Ok(state.message_json(&message_id));
    }
    let body = rules::message(&asked.body, rules::EDIT, &asked.names())?;
    let mut after = shown.body.as_object().cloned().unwrap_or_default();
    after.extend(body.clone());
    if rules::is_empty(&after, !asked.files.is_empty()) {
        return Err(empty());
    }
    state.edit(&message_id, &asked.body, asked.file());
    Ok(state.message_json(&message_id))
}
