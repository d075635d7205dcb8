//! Calls to the Graph API: one account's token, bounded answers, and failures told apart by what may have happened.

use std::time::Duration;

use reqwest::{Method, Response, Url};
use secrecy::ExposeSecret;
use serde_json::Value;

use super::account::Account;
use super::errors::{self, REPORT_WAIT_MS};
use super::lenient::{each, whole};
use crate::edge::{CallError, client, json};

/// How long a whole call may take.
const TIMEOUT: Duration = Duration::from_secs(15);
/// Bytes of an answer that are read; the platform's are a few hundred.
const MAX_ANSWER_BYTES: usize = 256 * 1024;
/// The longest wait that is believed, in seconds.
const MAX_RETRY_AFTER_SECONDS: u64 = 24 * 60 * 60;
/// Meta: with code 100, the object of the address is unknown, or the token may not see it.
const UNKNOWN_OBJECT: i64 = 33;

/// Why a call failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    /// The platform's code, where it named one. Then it has refused, and nothing has been sent.
    pub code: Option<i64>,
    /// What it means.
    pub error: CallError,
}

impl Failure {
    /// A failure of ours.
    pub(super) fn fail(reason: impl Into<String>) -> Self {
        Self { code: None, error: CallError::Fail { reason: reason.into() } }
    }

    /// The failure of a call that may be repeated without harm: not knowing what happened is a reason to repeat it.
    pub(super) fn harmless(self) -> CallError {
        match self.error {
            CallError::Unknown { reason, .. } => CallError::Retry { reason, after_ms: None },
            error => error,
        }
    }
}

/// The platform's door.
#[derive(Debug, Clone)]
pub(super) struct Client {
    http: reqwest::Client,
    base: Url,
}

impl Client {
    /// A client for `https://graph.facebook.com/v23.0` or what stands in its place.
    ///
    /// # Errors
    /// [`CallError::Fail`] when the address is none.
    pub(super) fn new(api_url: &str) -> Result<Self, CallError> {
        let base = client::base(api_url).ok_or_else(|| CallError::Fail {
            reason: "the address of the Graph API is not an http or https address".to_owned(),
        })?;
        let http = client::http(&base, |builder| builder.timeout(TIMEOUT))?;
        Ok(Self { http, base })
    }

    /// The address of an object or of one of its edges.
    fn url(&self, path: &[&str]) -> Result<Url, Failure> {
        let mut url = self.base.clone();
        url.path_segments_mut()
            .map_err(|()| Failure::fail("the address has no path"))?
            .pop_if_empty()
            .extend(path);
        Ok(url)
    }

    /// Posts JSON to an edge of the account's number.
    pub(super) async fn post(&self, account: &Account, edge: &str, body: &Value) -> Result<Value, Failure> {
        let url = self.url(&[account.id(), edge])?;
        self.call(account, Method::POST, url, |request| request.json(body)).await
    }

    /// Asks for an object.
    pub(super) async fn get(
        &self,
        account: &Account,
        object: &str,
        query: &[(&str, &str)],
    ) -> Result<Value, Failure> {
        let url = self.url(&[object])?;
        self.call(account, Method::GET, url, |request| request.query(query)).await
    }

    /// Uploads a file and gives its id (Meta, "Upload media": `messaging_product`, `type`, `file`).
    pub(super) async fn upload(
        &self,
        account: &Account,
        name: &str,
        mime: &str,
        bytes: &[u8],
    ) -> Result<String, Failure> {
        let url = self.url(&[account.id(), "media"])?;
        let file = reqwest::multipart::Part::bytes(bytes.to_vec())
            .file_name(name.to_owned())
            .mime_str(mime)
            .map_err(|_| Failure::fail("the kind of the file is none"))?;
        let form = reqwest::multipart::Form::new()
            .text("messaging_product", "whatsapp")
            .text("type", mime.to_owned())
            .part("file", file);
        let answer = self.call(account, Method::POST, url, |request| request.multipart(form)).await?;
        super::lenient::code(&answer, "id").ok_or_else(|| Failure {
            code: None,
            error: CallError::Retry {
                reason: "an upload was answered without an id".to_owned(),
                after_ms: None,
            },
        })
    }

    /// Downloads a file of at most `max_bytes`, with its kind; nothing when it is not there (any more).
    pub(super) async fn download(
        &self,
        account: &Account,
        url: &str,
        max_bytes: usize,
    ) -> Result<Option<(Vec<u8>, Option<String>)>, Failure> {
        let url = Url::parse(url).map_err(|_| Failure::fail("the address of the file is none"))?;
        let is_ours = url.host_str() == self.base.host_str()
            && url.port_or_known_default() == self.base.port_or_known_default();
        // The token goes along: never in the clear to a stranger.
        if url.scheme() != "https" && !is_ours {
            return Err(Failure::fail("the address of the file is not an https address"));
        }
        let request = self.http.get(url).bearer_auth(account.access_token.expose_secret());
        let mut response = request.send().await.map_err(not_answered)?;
        let status = response.status();
        if status.as_u16() == 404 {
            return Ok(None);
        }
        if !status.is_success() {
            return Err(Failure { code: None, error: errors::of_status(status.as_u16(), None) });
        }
        let mime = response.headers().get(reqwest::header::CONTENT_TYPE);
        let mime = mime.and_then(|mime| mime.to_str().ok()).map(str::to_owned);
        let too_big = || Failure::fail(format!("the file is larger than {max_bytes} bytes"));
        let bytes =
            client::read(&mut response, max_bytes).await.map_err(not_answered)?.ok_or_else(too_big)?;
        Ok(Some((bytes, mime)))
    }

    async fn call(
        &self,
        account: &Account,
        method: Method,
        url: Url,
        with: impl FnOnce(reqwest::RequestBuilder) -> reqwest::RequestBuilder,
    ) -> Result<Value, Failure> {
        let request = self.http.request(method, url).bearer_auth(account.access_token.expose_secret());
        let mut response = with(request).send().await.map_err(not_answered)?;
        let status = response.status().as_u16();
        let asked_ms = retry_after_ms(&response);
        let body = match client::read(&mut response, MAX_ANSWER_BYTES).await {
            Ok(body) => body.unwrap_or_default(),
            Err(error) if response.status().is_success() => return Err(not_answered(error)),
            Err(_) => Vec::new(),
        };
        let answer: Option<Value> = json::parse(&body).ok().filter(Value::is_object);
        if let Some(failure) = answer.as_ref().and_then(|answer| refusal(answer, status, asked_ms)) {
            return Err(failure);
        }
        match answer {
            Some(answer) if response.status().is_success() => Ok(answer),
            // Whatever answered so was not the platform, or its answer was cut.
            None if response.status().is_success() => Err(Failure {
                code: None,
                error: CallError::Unknown {
                    reason: format!("HTTP {status} without an answer"),
                    after_ms: REPORT_WAIT_MS,
                },
            }),
            _ => Err(Failure { code: None, error: errors::of_status(status, asked_ms) }),
        }
    }
}

/// The platform's refusal, by its code.
fn refusal(answer: &Value, status: u16, asked_ms: Option<u64>) -> Option<Failure> {
    let error = each(answer, "error").first()?;
    let code = whole(error, "code")?;
    let subcode = whole(error, "error_subcode");
    let error = if code == 100 && subcode == Some(UNKNOWN_OBJECT) {
        CallError::Stopped {
            reason: "100/33: the platform does not know the phone number id, or the token may not use it"
                .to_owned(),
        }
    } else {
        let is_transient = error.get("is_transient").and_then(Value::as_bool).unwrap_or_default();
        errors::of_code(code, asked_ms, is_transient || matches!(status, 429 | 500..=599))
    };
    Some(Failure { code: Some(code), error })
}

/// A call without an answer. Only when no connection was made is it sure that nothing happened.
fn not_answered(error: reqwest::Error) -> Failure {
    let error = error.without_url();
    let error = if error.is_builder() {
        CallError::Fail { reason: "the request cannot be built".to_owned() }
    } else if error.is_connect() {
        let reason = "no connection to the platform".to_owned();
        CallError::Down { reason, after_ms: None, may_have_worked: false }
    } else {
        let why = if error.is_timeout() { "in time" } else { "before the connection broke" };
        CallError::Unknown { reason: format!("no answer {why}"), after_ms: REPORT_WAIT_MS }
    };
    Failure { code: None, error }
}

/// The wait that the platform asks for, in milliseconds. Meta names it in seconds, where it names it.
fn retry_after_ms(response: &Response) -> Option<u64> {
    let header = response.headers().get(reqwest::header::RETRY_AFTER)?.to_str().ok()?;
    let seconds: u64 = header.trim().parse().ok()?;
    Some(seconds.min(MAX_RETRY_AFTER_SECONDS) * 1_000)
}
