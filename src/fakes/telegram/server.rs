//! The HTTP side: paths, bodies, faults, long polls, and the record of it all.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, FromRequest, Multipart, Request, State as Shared};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Json, Response};
use serde_json::{Map, Value, json};
use tokio::sync::Notify;

use crate::fakes::{Fault, Recorded};

use super::methods::{Call, File, Refused};
use super::rules::{self, Kind};
use super::state::State;
use super::wire::Cut;

/// Bytes of a request (Bot API, "Sending files": 50 MB).
const MAX_BODY_BYTES: usize = 50 * 1024 * 1024;
/// Seconds that a poll may ask to wait, and updates that it may ask for.
const MAX_POLL_SECONDS: i64 = 50;
const MAX_POLL_UPDATES: i64 = 100;

/// What the handlers share.
#[derive(Debug)]
pub(super) struct Desk {
    pub(super) token: String,
    pub(super) bot_id: i64,
    pub(super) state: Mutex<State>,
    pub(super) changed: Notify,
    /// Connections that are still open say nothing any more.
    pub(super) is_stopped: AtomicBool,
}

impl Desk {
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) fn router(desk: Arc<Desk>) -> Router {
    Router::new().fallback(handle).with_state(desk)
}

/// A body as it was read.
#[derive(Default)]
struct Read {
    fields: Map<String, Value>,
    files: Vec<File>,
}

async fn handle(
    Shared(desk): Shared<Arc<Desk>>,
    ConnectInfo(cut): ConnectInfo<Cut>,
    request: Request,
) -> Response {
    if desk.is_stopped.load(Ordering::SeqCst) {
        cut.now();
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let path = request.uri().path().to_owned();
    let http_method = request.method().as_str().to_owned();
    let known = path.replace(&desk.token, "***");
    if let Some(rest) = path.strip_prefix("/file/bot") {
        let slow = desk.lock().slow_files;
        tokio::time::sleep(slow).await;
        return serve_file(&desk, rest, http_method, known);
    }
    let called = path.strip_prefix("/bot").and_then(|rest| rest.split_once('/'));
    let outcome = match called {
        Some((token, _)) if token != desk.token => {
            // Whatever stood there instead may be somebody's real token.
            let refused = Refused { is_our_fault: true, ..Refused::state(401, "Unauthorized") };
            return finish(&desk, http_method, "/bot***".to_owned(), Value::Null, Err(refused));
        }
        Some((_, name)) => rules::method(name),
        None => None,
    };
    let Some(method) = outcome else {
        let refused = Refused { is_our_fault: true, ..Refused::state(404, "Not Found") };
        return finish(&desk, http_method, known, Value::Null, Err(refused));
    };
    let read = match read(request).await {
        Ok(read) => read,
        Err(words) => return finish(&desk, http_method, known, Value::Null, Err(words.into())),
    };
    let recorded = record(&read);
    let names: Vec<&str> = read.files.iter().map(|file| file.part.as_str()).collect();
    if let Err(words) = method.check(&read.fields, &names) {
        return finish(&desk, http_method, known, recorded, Err(words.into()));
    }
    let call = Call { method: method.name, fields: &read.fields, files: &read.files, bot_id: desk.bot_id };
    if call.method == "getUpdates" {
        let polled = poll(&desk, &call).await;
        if let Some(bytes) = polled.as_ref().ok().and_then(|updates| garbled(&desk, updates)) {
            desk.lock().recorded.push(Recorded {
                method: http_method,
                path: known,
                body: recorded,
                status: 200,
                refusal: None,
            });
            return ([(header::CONTENT_TYPE, "application/json")], bytes).into_response();
        }
        return finish(&desk, http_method, known, recorded, polled);
    }
    let fault = (call.method == "answerCallbackQuery").then(|| desk.lock().answer_faults.pop_front());
    if let Some(fault) = fault.flatten() {
        return finish(&desk, http_method, known, recorded, Err(broken(&fault)));
    }
    let chat = call.chat().filter(|_| call.is_send());
    if let Some(words) = chat.and_then(|chat| desk.lock().refusals.get_mut(&chat)?.pop_front()) {
        return finish(&desk, http_method, known, recorded, Err(Refused::state(400, &words)));
    }
    let fault = chat.and_then(|chat| desk.lock().fault(chat));
    let (mut is_lost, mut is_swallowed) = (false, false);
    match fault {
        None | Some(Fault::FailsLater(_)) => {}
        Some(Fault::LostAnswer) => is_lost = true,
        Some(Fault::Swallowed) => is_swallowed = true,
        Some(Fault::Slow(wait)) => tokio::time::sleep(wait).await,
        Some(fault) => return finish(&desk, http_method, known, recorded, Err(broken(&fault))),
    }
    let done = call.carry_out(&mut desk.lock());
    if is_swallowed && let Some(chat) = chat {
        desk.lock().swallow(chat);
    }
    let response = finish(&desk, http_method, known, recorded, done);
    if is_lost {
        cut.now();
    }
    response
}

/// A fault as the platform words it.
fn broken(fault: &Fault) -> Refused {
    match fault {
        Fault::TooMany { retry_after_seconds } => {
            let seconds = retry_after_seconds.map(|seconds| json!({ "retry_after": seconds }));
            let words = match retry_after_seconds {
                Some(seconds) => format!("Too Many Requests: retry after {seconds}"),
                None => "Too Many Requests".to_owned(),
            };
            Refused { parameters: seconds, ..Refused::state(429, &words) }
        }
        Fault::Code(code) => {
            let words = match code {
                400 => "Bad Request: chat not found",
                401 => "Unauthorized",
                403 => "Forbidden: bot was blocked by the user",
                404 => "Not Found",
                409 => {
                    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
                }
                _ => "Internal Server Error",
            };
            Refused::state(
                u16::try_from(*code).ok().filter(|code| (400..600).contains(code)).unwrap_or(500),
                words,
            )
        }
        _ => Refused::state(502, "Bad Gateway"),
    }
}

/// Writes the answer down and gives it.
fn finish(desk: &Desk, method: String, path: String, body: Value, done: Result<Value, Refused>) -> Response {
    let (status, answer, refusal) = match done {
        Ok(result) => (200, json!({ "ok": true, "result": result }), None),
        Err(refused) => {
            let mut answer =
                json!({ "ok": false, "error_code": refused.code, "description": refused.description });
            if let Some(parameters) = refused.parameters {
                answer["parameters"] = parameters;
            }
            (refused.code, answer, refused.is_our_fault.then_some(refused.description))
        }
    };
    desk.lock().recorded.push(Recorded { method, path, body, status, refusal });
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, Json(answer)).into_response()
}

fn serve_file(desk: &Desk, rest: &str, method: String, path: String) -> Response {
    let file = rest.split_once('/').filter(|(token, _)| *token == desk.token).and_then(|(_, path)| {
        let id = path.strip_prefix("photos/")?.strip_suffix(".jpg")?;
        desk.lock().files.get(id).cloned()
    });
    match file {
        Some(bytes) => {
            desk.lock().recorded.push(Recorded {
                method,
                path,
                body: Value::Null,
                status: 200,
                refusal: None,
            });
            ([(header::CONTENT_TYPE, "application/octet-stream")], bytes).into_response()
        }
        None => {
            let refused = Refused::state(404, "Not Found");
            finish(desk, method, "/file/bot***".to_owned(), Value::Null, Err(refused))
        }
    }
}

/// The answer with updates, when one of them is told of in bytes of its own.
fn garbled(desk: &Desk, updates: &Value) -> Option<Vec<u8>> {
    let state = desk.lock();
    let of = |update: &Value| state.garbled.get(&update.get("update_id")?.as_i64()?).cloned();
    let updates = updates.as_array()?;
    updates.iter().find_map(of)?;
    let told: Vec<Vec<u8>> =
        updates.iter().map(|update| of(update).unwrap_or_else(|| update.to_string().into_bytes())).collect();
    Some([&b"{\"ok\":true,\"result\":["[..], &told.join(&b","[..]), b"]}"].concat())
}

async fn poll(desk: &Desk, call: &Call<'_>) -> Result<Value, Refused> {
    let whole = |name: &str| call.fields.get(name).and_then(Value::as_i64);
    let seconds = u64::try_from(whole("timeout").unwrap_or(0).clamp(0, MAX_POLL_SECONDS)).unwrap_or(0);
    let limit = whole("limit").unwrap_or(MAX_POLL_UPDATES);
    if !(1..=MAX_POLL_UPDATES).contains(&limit) {
        return Err("Bad Request: limit must be 1 to 100".to_owned().into());
    }
    let limit = usize::try_from(limit).unwrap_or(1);
    let own = {
        let mut state = desk.lock();
        if state.webhook.is_some() {
            let words = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete \
                         the webhook first";
            return Err(Refused::state(409, words));
        }
        if let Some(offset) = whole("offset") {
            state.updates = state.updates.split_off(&offset);
        }
        state.poll += 1;
        state.polls_waiting += 1;
        state.poll
    };
    desk.changed.notify_waiters();
    let deadline = tokio::time::Instant::now() + Duration::from_secs(seconds);
    let answer = loop {
        let changed = desk.changed.notified();
        tokio::pin!(changed);
        // From here on no change is missed, whether it comes before or after the look.
        changed.as_mut().enable();
        {
            let state = desk.lock();
            if state.poll != own {
                let words = "Conflict: terminated by other getUpdates request; make sure that only one bot instance \
                             is running";
                break Err(Refused::state(409, words));
            }
            if !state.updates.is_empty() {
                break Ok(state.updates.values().take(limit).cloned().collect());
            }
        }
        if tokio::time::timeout_at(deadline, changed).await.is_err() {
            break Ok(Value::Array(Vec::new()));
        }
    };
    desk.lock().polls_waiting -= 1;
    answer
}

async fn read(request: Request) -> Result<Read, String> {
    let unreadable = || "Bad Request: the body cannot be read".to_owned();
    let kind =
        request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if kind.starts_with("multipart/form-data") {
        return read_form(request).await;
    }
    let is_json = kind.starts_with("application/json");
    let body = to_bytes(Body::new(request.into_body()), MAX_BODY_BYTES).await.map_err(|_| unreadable())?;
    if body.is_empty() {
        return Ok(Read::default());
    }
    match serde_json::from_slice(&body) {
        Ok(Value::Object(fields)) if is_json => Ok(Read { fields, files: Vec::new() }),
        _ => Err(unreadable()),
    }
}

async fn read_form(request: Request) -> Result<Read, String> {
    let unreadable = |_| "Bad Request: the form cannot be read".to_owned();
    // The extractor's own bound is lower than the platform's.
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, MAX_BODY_BYTES).await.map_err(|_| "Request Entity Too Large".to_owned())?;
    let mut request = Request::from_parts(parts, Body::from(body));
    axum::extract::DefaultBodyLimit::apply(axum::extract::DefaultBodyLimit::disable(), &mut request);
    let mut form =
        Multipart::from_request(request, &()).await.map_err(|_| "Bad Request: no form".to_owned())?;
    let mut read = Read::default();
    while let Some(field) = form.next_field().await.map_err(unreadable)? {
        let part = field.name().unwrap_or_default().to_owned();
        let file_name = field.file_name().map(str::to_owned);
        let bytes = field.bytes().await.map_err(unreadable)?;
        if let Some(name) = file_name {
            read.files.push(File { part, name, bytes: bytes.to_vec() });
            continue;
        }
        let text =
            String::from_utf8(bytes.to_vec()).map_err(|_| "Bad Request: strings must be UTF-8".to_owned())?;
        let value = if rules::kind(&part) == Kind::Text {
            Value::String(text)
        } else {
            serde_json::from_str(&text).map_err(|_| format!("Bad Request: can't parse {part} as JSON"))?
        };
        read.fields.insert(part, value);
    }
    Ok(read)
}

fn record(read: &Read) -> Value {
    let mut body = read.fields.clone();
    for file in &read.files {
        body.insert(file.part.clone(), json!({ "file": file.name, "bytes": file.bytes.len() }));
    }
    Value::Object(body)
}
