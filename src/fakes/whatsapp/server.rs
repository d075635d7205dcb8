//! The door: paths, tokens, records and faults.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Path, Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::files::Form;
use super::refusal::Refusal;
use super::rules::{self, Checked, Message};
use super::{DISPLAY_NUMBER, Fake, VERIFIED_NAME, VERSION};
use crate::fakes::{Fault, Recorded};

/// Bytes of a request that are read: a picture that is too large must be refused by its rule.
const MAX_REQUEST_BYTES: usize = 8 * 1024 * 1024;

type Fakes = State<Arc<Fake>>;

pub(super) async fn serve(fake: Arc<Fake>, listener: TcpListener) {
    let stop = fake.stop.clone();
    let router = Router::new()
        .route(&format!("/{VERSION}/{{object}}"), get(object))
        .route(&format!("/{VERSION}/{{object}}/messages"), post(messages))
        .route(&format!("/{VERSION}/{{object}}/media"), post(media))
        .route(&format!("/{VERSION}/files/{{id}}/{{key}}"), get(file))
        .fallback(unknown)
        .layer(DefaultBodyLimit::max(MAX_REQUEST_BYTES))
        .with_state(fake);
    let served = axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned()).await;
    if let Err(error) = served {
        tracing::warn!(error = %error, "the fake ended");
    }
}

/// What the fake does with a request.
enum Outcome {
    /// It is answered.
    Answer(u16, Value),
    /// It broke a rule.
    Refused(Refusal),
    /// It is answered as by a platform that breaks.
    Broken(Fault, Value),
}

impl From<Checked<Value>> for Outcome {
    fn from(checked: Checked<Value>) -> Self {
        match checked {
            Ok(answer) => Self::Answer(200, answer),
            Err(refusal) => Self::Refused(refusal),
        }
    }
}

impl Fake {
    /// Records what came of a request, and answers it.
    async fn answer(&self, method: &Method, path: &str, body: Value, outcome: Outcome) -> Response {
        let (status, refusal) = match &outcome {
            Outcome::Answer(status, _) => (*status, None),
            Outcome::Refused(refusal) => {
                (refusal.status(), Some(format!("{}: {}", refusal.code, refusal.details)))
            }
            Outcome::Broken(fault, _) => (fault_status(fault), None),
        };
        let recorded = Recorded { method: method.to_string(), path: path.to_owned(), body, status, refusal };
        self.lock().recorded.push(recorded);
        match outcome {
            Outcome::Answer(status, answer) => reply(status, &answer),
            Outcome::Refused(refusal) => reply(refusal.status(), &refusal.body()),
            Outcome::Broken(fault, answer) => broken(fault, answer).await,
        }
    }

    /// Checks token and number.
    fn admit(&self, headers: &HeaderMap, number: &str) -> Checked<()> {
        let token = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        if token != Some(&format!("Bearer {}", self.access_token)) {
            return Err(Refusal::new(190, "the token is missing or wrong"));
        }
        if number == self.phone_number_id {
            return Ok(());
        }
        let details = "the object does not exist, or the token may not use it";
        Err(Refusal { subcode: Some(33), ..Refusal::new(100, details) })
    }

    /// What comes of a request to send or to mark as read.
    fn take_message(&self, headers: &HeaderMap, number: &str, body: &Value) -> Outcome {
        if let Err(refusal) = self.admit(headers, number).and_then(|()| json_only(headers)) {
            return Outcome::Refused(refusal);
        }
        if body.get("status").is_some() {
            let marked = rules::reading(body).and_then(|id| self.mark_read(&id));
            return Outcome::from(marked.map(|()| json!({"success": true})));
        }
        match rules::message(body).and_then(|message| self.admit_message(&message, body).map(|()| message)) {
            Ok(message) => self.break_or_accept(&message, body),
            Err(refusal) => Outcome::Refused(refusal),
        }
    }

    fn break_or_accept(&self, message: &Message, body: &Value) -> Outcome {
        let fault = self.lock().take_fault(&super::chat_key(&message.to));
        match fault {
            None | Some(Fault::Disconnect) => Outcome::Answer(200, self.accept(message, body, None)),
            Some(Fault::Swallowed) => Outcome::Answer(200, self.swallow(message)),
            Some(Fault::FailsLater(code)) => Outcome::Answer(200, self.accept(message, body, Some(code))),
            Some(fault @ (Fault::LostAnswer | Fault::Slow(_))) => {
                Outcome::Broken(fault, self.accept(message, body, None))
            }
            Some(fault) => Outcome::Broken(fault, Value::Null),
        }
    }
}

fn json_only(headers: &HeaderMap) -> Checked<()> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if kind.starts_with("application/json") { Ok(()) } else { Err(Refusal::parameter("JSON is expected")) }
}

/// The code that a fault answers with.
fn fault_code(fault: &Fault) -> Option<i64> {
    match fault {
        Fault::TooMany { .. } => Some(130_429),
        Fault::Down => Some(2),
        Fault::Code(code) => Some(*code),
        _ => None,
    }
}

fn fault_status(fault: &Fault) -> u16 {
    match (fault, fault_code(fault)) {
        (Fault::TooMany { .. }, _) => 429,
        (_, Some(code)) => Refusal::new(code, "").status(),
        _ => 200,
    }
}

fn reply(status: u16, answer: &Value) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, Json(answer)).into_response()
}

async fn broken(fault: Fault, answer: Value) -> Response {
    match fault {
        // The headers arrive and the rest does not: the sender cannot know what was said.
        Fault::LostAnswer => {
            let cut = futures::stream::iter([
                Ok(Bytes::from_static(b"{\"messaging_product\":")),
                Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset)),
            ]);
            Response::new(Body::from_stream(cut))
        }
        Fault::Bare(status) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
            (status, "<html><h1>It is not you, it is us</h1></html>").into_response()
        }
        Fault::Slow(wait) => {
            wait_for(wait).await;
            reply(200, &answer)
        }
        fault => {
            let refusal = Refusal::new(fault_code(&fault).unwrap_or(2), "as it was asked to");
            let mut response = reply(fault_status(&fault), &refusal.body());
            if let Fault::TooMany { retry_after_seconds: Some(seconds) } = fault {
                response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            }
            response
        }
    }
}

async fn wait_for(wait: Duration) {
    tokio::time::sleep(wait).await;
}

async fn messages(
    State(fake): Fakes,
    Path(number): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let (body, outcome) = match serde_json::from_slice::<Value>(&body) {
        Ok(body) => {
            let outcome = fake.take_message(&headers, &number, &body);
            (body, outcome)
        }
        Err(_) => (Value::Null, Outcome::Refused(Refusal::parameter("the body is no JSON"))),
    };
    fake.answer(&Method::POST, uri.path(), body, outcome).await
}

async fn media(State(fake): Fakes, Path(number): Path<String>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let admitted = fake.admit(request.headers(), &number);
    let form = match Multipart::from_request(request, &()).await {
        Ok(form) => Form::read(form).await,
        Err(_) => Err(Refusal::parameter("a form is expected")),
    };
    let (fields, checked) = match form {
        Ok(form) => {
            let checked = admitted.and_then(|()| form.check());
            (Value::Object(form.fields), checked)
        }
        Err(refusal) => (Value::Null, Err(refusal)),
    };
    let answer = checked.map(|(mime, bytes)| json!({"id": fake.keep_upload(&mime, bytes)}));
    fake.answer(&Method::POST, &path, fields, Outcome::from(answer)).await
}

/// The number itself, or a file.
async fn object(
    State(fake): Fakes,
    Path(object): Path<String>,
    Query(query): Query<Vec<(String, String)>>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let asked: serde_json::Map<String, Value> =
        query.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
    let answer = if object == fake.phone_number_id {
        fake.admit(&headers, &object).and_then(|()| describe_number(&object, &query))
    } else {
        let unknown = || Refusal { subcode: Some(33), ..Refusal::new(100, "the object does not exist") };
        let number = fake.phone_number_id.clone();
        fake.admit(&headers, &number).and_then(|()| fake.describe_file(&object).ok_or_else(unknown))
    };
    fake.answer(&Method::GET, uri.path(), Value::Object(asked), Outcome::from(answer)).await
}

fn describe_number(number: &str, query: &[(String, String)]) -> Checked<Value> {
    let fields = query.iter().find(|(name, _)| name == "fields").map_or("", |(_, value)| value.as_str());
    let mut described = json!({"id": number});
    for field in fields.split(',').filter(|field| !field.is_empty()) {
        described[field] = match field {
            "id" => json!(number),
            "display_phone_number" => json!(DISPLAY_NUMBER),
            "verified_name" => json!(VERIFIED_NAME),
            "quality_rating" => json!("GREEN"),
            unknown => return Err(Refusal::parameter(format!("the field `{unknown}` does not exist"))),
        };
    }
    Ok(described)
}

async fn file(
    State(fake): Fakes,
    Path((id, key)): Path<(String, String)>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let number = fake.phone_number_id.clone();
    let refused = fake.admit(&headers, &number).err();
    let found = {
        let state = fake.lock();
        let now = state.moment();
        state.files.get(&id).filter(|file| key == "good" && !file.has_lapsed(now)).cloned()
    };
    let status = match (&refused, &found) {
        (Some(refusal), _) => refusal.status(),
        (None, Some(_)) => 200,
        (None, None) => 404,
    };
    fake.lock().recorded.push(Recorded {
        method: "GET".to_owned(),
        path: uri.path().to_owned(),
        body: Value::Null,
        status,
        refusal: refused.as_ref().map(|refusal| refusal.details.clone()),
    });
    match (refused, found) {
        (None, Some(file)) => ([(header::CONTENT_TYPE, file.mime)], file.bytes).into_response(),
        _ => StatusCode::from_u16(status).unwrap_or(StatusCode::NOT_FOUND).into_response(),
    }
}

async fn unknown(State(fake): Fakes, method: Method, uri: Uri) -> Response {
    let refusal = Refusal::new(2_500, format!("nothing is at {} {}", method, uri.path()));
    fake.answer(&method, uri.path(), Value::Null, Outcome::Refused(refusal)).await
}
