//! Calls to Midtrans: basic auth, the code in the body instead of the status of HTTP, answers read up to a bound.

use std::time::Duration;

use reqwest::{Method, RequestBuilder, StatusCode, Url};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::wire::{self, text};
use crate::edge::{CallError, client, json};

/// How long a whole call may take: codes have been seen to take many seconds to make.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Bytes of an answer that are read.
const MAX_ANSWER_BYTES: usize = 512 * 1024;
/// What keys of the sandbox begin with.
const SANDBOX_PREFIX: &str = "SB-";

/// What Midtrans answered, by the code in its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    /// `status_code`.
    pub(super) code: u16,
    /// The whole body.
    pub(super) body: Value,
}

impl Answer {
    /// A refusal that another try would not change.
    pub(super) fn refusal(self, what: &str) -> CallError {
        CallError::Fail { reason: format!("{what}: {}{}", self.code, message(&self.body)) }
    }
}

/// Midtrans' own words, for operators.
pub(super) fn message(body: &Value) -> String {
    text(body, "status_message")
        .map_or_else(String::new, |message| format!(" {}", message.chars().take(200).collect::<String>()))
}

/// The client.
pub(super) struct Client {
    http: reqwest::Client,
    base: Url,
    server_key: SecretString,
}

impl Client {
    pub(super) fn new(api_url: &str, server_key: SecretString) -> Result<Self, CallError> {
        let base = client::base(api_url).ok_or_else(|| CallError::Fail {
            reason: "MIDTRANS_API_URL is not an http or https address".to_owned(),
        })?;
        let http = client::http(&base, |builder| builder.timeout(TIMEOUT))?;
        Ok(Self { http, base, server_key })
    }

    /// Whether the key is one of the sandbox.
    pub(super) fn is_sandbox(&self) -> bool {
        self.server_key.expose_secret().starts_with(SANDBOX_PREFIX)
    }

    pub(super) async fn get(&self, path: &[&str]) -> Result<Answer, CallError> {
        self.call(self.request(Method::GET, path)?).await
    }

    /// A call that does something. `key` makes it once, where there is one; `notify` is where notices about it go.
    pub(super) async fn post(
        &self,
        path: &[&str],
        key: &str,
        notify: Option<&str>,
        body: &Value,
    ) -> Result<Answer, CallError> {
        let mut request = self.request(Method::POST, path)?;
        if !key.is_empty() {
            request = request.header("idempotency-key", key);
        }
        if let Some(url) = notify {
            request = request.header("x-override-notification", url);
        }
        if !body.is_null() {
            request = request.json(body);
        }
        self.call(request).await
    }

    /// The bytes of a picture.
    pub(super) async fn bytes(&self, path: &[&str], max_bytes: usize) -> Result<Vec<u8>, CallError> {
        let mut response = self.request(Method::GET, path)?.send().await.map_err(|error| lost(&error))?;
        if !response.status().is_success() {
            return Err(retry(format!("the picture of the code cannot be had ({})", response.status())));
        }
        let bytes = client::read(&mut response, max_bytes).await.map_err(|error| lost(&error))?;
        bytes.ok_or_else(|| retry("the picture of the code is too long".to_owned()))
    }

    fn request(&self, method: Method, path: &[&str]) -> Result<RequestBuilder, CallError> {
        let mut url = self.base.clone();
        url.path_segments_mut()
            .map_err(|()| CallError::Fail { reason: "the address has no path".to_owned() })?
            .pop_if_empty()
            .extend(path);
        let request = self.http.request(method, url);
        Ok(request
            .basic_auth(self.server_key.expose_secret(), Some(""))
            .header(reqwest::header::ACCEPT, "application/json"))
    }

    async fn call(&self, request: RequestBuilder) -> Result<Answer, CallError> {
        let mut response = request.send().await.map_err(|error| lost(&error))?;
        let status = response.status();
        let body = client::read(&mut response, MAX_ANSWER_BYTES).await.map_err(|error| lost(&error))?;
        let body = body.and_then(|bytes| json::parse(&bytes).ok());
        judge(status, body)
    }
}

/// What an answer means. Only a body with a code is Midtrans'; a page of something in between is no answer.
fn judge(status: StatusCode, body: Option<Value>) -> Result<Answer, CallError> {
    let code = match body.as_ref().and_then(wire::code) {
        Some(code) => code,
        None if status == StatusCode::UNAUTHORIZED => 401,
        None => return Err(retry(format!("an answer that is not Midtrans' ({status})"))),
    };
    match code {
        401 => Err(CallError::Stopped { reason: "MIDTRANS_SERVER_KEY is refused (401)".to_owned() }),
        402 | 403 => Err(CallError::Stopped { reason: format!("the account may not do this ({code})") }),
        // The same call is still under way there, or too many are.
        409 | 429 => Err(retry(format!("too many requests at once ({code})"))),
        500..=599 => Err(retry(format!("Midtrans fails ({code})"))),
        code => Ok(Answer { code, body: body.unwrap_or_default() }),
    }
}

fn retry(reason: String) -> CallError {
    CallError::Retry { reason, after_ms: None }
}

/// A call without an answer. Its address is taken out: it names what was asked about.
fn lost(error: &reqwest::Error) -> CallError {
    let reason = if error.is_timeout() {
        "no answer in time"
    } else if error.is_connect() {
        "Midtrans cannot be reached"
    } else {
        "the answer broke off"
    };
    retry(reason.to_owned())
}
