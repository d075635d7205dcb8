//! Calls of the Bot API: one request, one answer, no tries of its own.

use std::time::Duration;

use reqwest::multipart::{Form, Part};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use crate::channels::fit::file_name;
use crate::edge::{client, json};

use super::wire::{field, number, text};

/// Time for a whole call that is not a long poll.
pub(super) const CALL_TIMEOUT: Duration = Duration::from_secs(15);
/// Time for the bytes of a file of at most 20 MB.
const DOWNLOAD_TIMEOUT: Duration = Duration::from_secs(60);
/// Bytes of an answer: a hundred updates with everything in them.
const MAX_ANSWER_BYTES: usize = 16 * 1024 * 1024;
/// The status of a server that is in trouble.
const FIRST_SERVER_ERROR: u16 = 500;

/// A file that goes out as bytes.
#[derive(Clone, Copy)]
pub(super) struct Bytes<'a> {
    /// The part of the form that holds it, which is what `attach://` names.
    pub(super) part: &'static str,
    /// Its name, where it has one of its own.
    pub(super) name: Option<&'a str>,
    pub(super) mime: &'a str,
    pub(super) bytes: &'a [u8],
}

/// What the platform says against a call. The description may quote what we sent, so it is never shown.
pub(super) struct Refusal {
    pub(super) code: i64,
    pub(super) description: String,
    pub(super) retry_after_seconds: Option<u64>,
    pub(super) migrate_to: Option<i64>,
}

/// Why a call has no result.
pub(super) enum Trouble {
    /// The platform understood it and said no.
    Refused(Refusal),
    /// No connection came about.
    Away,
    /// Nobody knows what became of it.
    Lost(&'static str),
}

/// What a question for updates gave.
pub(super) enum Polled {
    /// Updates.
    Updates(Vec<Value>),
    /// An answer that is no JSON, as it came; empty when it was too long to be taken.
    Unread(Vec<u8>),
}

/// A bot's line to the platform.
pub(super) struct Client {
    http: reqwest::Client,
    base: String,
    token: SecretString,
}

impl Client {
    pub(super) fn new(http: reqwest::Client, base: &str, token: SecretString) -> Self {
        Self { http, base: base.trim_end_matches('/').to_owned(), token }
    }

    /// Calls a method and gives its `result`.
    pub(super) async fn call(&self, method: &str, fields: &Value) -> Result<Value, Trouble> {
        self.call_within(method, fields, None, CALL_TIMEOUT).await
    }

    /// Calls a method with a file in a part of a form.
    pub(super) async fn upload(
        &self,
        method: &str,
        fields: &Value,
        file: Option<Bytes<'_>>,
    ) -> Result<Value, Trouble> {
        self.call_within(method, fields, file, CALL_TIMEOUT).await
    }

    /// Calls a method that may take this long.
    pub(super) async fn call_within(
        &self,
        method: &str,
        fields: &Value,
        file: Option<Bytes<'_>>,
        timeout: Duration,
    ) -> Result<Value, Trouble> {
        let (status, body) = self.answer(method, fields, file, timeout).await?;
        let Ok(Some(body)) = body else {
            // The status arrived, so it is known what became of the call, but not its result.
            return if status == 200 { Ok(Value::Null) } else { Err(Trouble::Lost("the answer broke off")) };
        };
        result(status, json::parse(&body).unwrap_or(Value::Null))
    }

    /// Asks for updates, at most as long as this.
    pub(super) async fn poll(&self, fields: &Value, timeout: Duration) -> Result<Polled, Trouble> {
        let (status, body) = self.answer("getUpdates", fields, None, timeout).await?;
        let body = match body {
            Ok(Some(body)) => body,
            Ok(None) if status == 200 => return Ok(Polled::Unread(Vec::new())),
            _ => return Err(Trouble::Lost("the answer broke off")),
        };
        match json::parse(&body) {
            Ok(answer) => match result(status, answer)? {
                Value::Array(updates) => Ok(Polled::Updates(updates)),
                _ => Err(Trouble::Lost("the answer is no list of updates")),
            },
            Err(_) if status == 200 => Ok(Polled::Unread(body)),
            Err(_) => Err(Trouble::Refused(refusal(status, &Value::Null))),
        }
    }

    /// The status of an answer and its body, nothing where that is too long.
    async fn answer(
        &self,
        method: &str,
        fields: &Value,
        file: Option<Bytes<'_>>,
        timeout: Duration,
    ) -> Result<(u16, Result<Option<Vec<u8>>, reqwest::Error>), Trouble> {
        let url = format!("{}/bot{}/{method}", self.base, self.token.expose_secret());
        let request = self.http.post(url).timeout(timeout);
        let request = match file {
            None => request.json(fields),
            Some(file) => request.multipart(form(fields, file)?),
        };
        let mut response = request.send().await.map_err(|error| lost(&error))?;
        let body = client::read(&mut response, MAX_ANSWER_BYTES).await;
        Ok((response.status().as_u16(), body))
    }

    /// Fetches a file by the path that `getFile` gave.
    pub(super) async fn download(&self, path: &str, max_bytes: usize) -> Result<Vec<u8>, Trouble> {
        let url = format!("{}/file/bot{}/{path}", self.base, self.token.expose_secret());
        let mut response =
            self.http.get(url).timeout(DOWNLOAD_TIMEOUT).send().await.map_err(|error| lost(&error))?;
        let status = response.status().as_u16();
        if status != 200 {
            return Err(Trouble::Refused(refusal(status, &Value::Null)));
        }
        let body = client::read(&mut response, max_bytes).await;
        body.map_err(|_| Trouble::Lost("the file broke off"))?.ok_or_else(|| {
            Trouble::Refused(Refusal {
                code: 400,
                description: "file is too big".to_owned(),
                retry_after_seconds: None,
                migrate_to: None,
            })
        })
    }
}

/// The result in an answer, or the refusal that it is.
fn result(status: u16, answer: Value) -> Result<Value, Trouble> {
    if status == 200 && answer.get("ok").and_then(Value::as_bool) != Some(false) {
        return Ok(answer.get("result").cloned().unwrap_or_default());
    }
    Err(Trouble::Refused(refusal(status, &answer)))
}

fn refusal(status: u16, answer: &Value) -> Refusal {
    // Errors of proxies on the way have a status and no words of the platform's.
    let code = number(answer, "error_code").filter(|_| status < FIRST_SERVER_ERROR);
    let parameters = field(answer, "parameters");
    Refusal {
        code: code.unwrap_or_else(|| i64::from(status)),
        description: text(answer, "description").unwrap_or_default().to_owned(),
        retry_after_seconds: parameters
            .and_then(|parameters| number(parameters, "retry_after"))
            .and_then(|seconds| u64::try_from(seconds).ok()),
        migrate_to: parameters.and_then(|parameters| number(parameters, "migrate_to_chat_id")),
    }
}

/// Why no answer came. The error itself holds the address and with it the token, so it goes no further.
fn lost(error: &reqwest::Error) -> Trouble {
    if error.is_connect() {
        return Trouble::Away;
    }
    Trouble::Lost(if error.is_timeout() { "no answer in time" } else { "the connection broke" })
}

/// Fields as a form: texts as they are, everything else as JSON (Bot API, "Making requests").
fn form(fields: &Value, file: Bytes<'_>) -> Result<Form, Trouble> {
    let extension = if file.mime == "image/png" { "png" } else { "jpg" };
    let name = file.name.map_or_else(|| format!("{}.{extension}", file.part), file_name);
    let part = Part::bytes(file.bytes.to_vec())
        .file_name(name)
        .mime_str(file.mime)
        .map_err(|_| Trouble::Lost("the file's kind cannot be written"))?;
    let mut form = Form::new();
    for (name, value) in fields.as_object().into_iter().flatten() {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        form = form.text(name.clone(), text);
    }
    Ok(form.part(file.part, part))
}
