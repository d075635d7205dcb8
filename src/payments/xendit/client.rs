//! Calls to Xendit: basic auth, one idempotency key per charge and refund, answers read up to a bound.

use std::time::Duration;

use reqwest::{Method, StatusCode, Url};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::wire::text;
use crate::edge::{CallError, client, json};

/// How long a whole call may take: codes have been seen to take many seconds to make.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Bytes of an answer that are read.
const MAX_ANSWER_BYTES: usize = 512 * 1024;
/// The version of the QR Codes API that is spoken.
const API_VERSION: &str = "2022-07-31";
/// What keys of the test mode begin with.
const TEST_PREFIX: &str = "xnd_development";

/// What Xendit answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    /// 2xx with JSON.
    Ok(Value),
    /// A refusal in Xendit's form.
    Refused {
        /// The status.
        status: u16,
        /// `error_code`.
        code: String,
        /// `message`: for operators, without names of people.
        message: String,
    },
}

impl Answer {
    /// The body of an answer that is none of the known refusals.
    ///
    /// # Errors
    /// [`CallError::Fail`] with Xendit's own code.
    pub(super) fn found(self, what: &str) -> Result<Value, CallError> {
        match self {
            Self::Ok(value) => Ok(value),
            Self::Refused { status, code, .. } => {
                Err(CallError::Fail { reason: format!("{what}: {status} {code}") })
            }
        }
    }
}

/// The client.
pub(super) struct Client {
    http: reqwest::Client,
    base: Url,
    secret_key: SecretString,
}

impl Client {
    pub(super) fn new(api_url: &str, secret_key: SecretString) -> Result<Self, CallError> {
        let base = client::base(api_url).ok_or_else(|| CallError::Fail {
            reason: "XENDIT_API_URL is not an http or https address".to_owned(),
        })?;
        let http = client::http(&base, |builder| builder.timeout(TIMEOUT))?;
        Ok(Self { http, base, secret_key })
    }

    /// Whether the key is one of the test mode.
    pub(super) fn is_test(&self) -> bool {
        self.secret_key.expose_secret().starts_with(TEST_PREFIX)
    }

    pub(super) async fn get(&self, path: &[&str], query: &[(&str, &str)]) -> Result<Answer, CallError> {
        self.call(Method::GET, path, |request| request.query(query)).await
    }

    /// A call that makes something, once per key: the same key again gives the same answer.
    pub(super) async fn post(&self, path: &[&str], key: &str, body: &Value) -> Result<Answer, CallError> {
        self.call(Method::POST, path, |request| {
            request.header("idempotency-key", key).header("x-idempotency-key", key).json(body)
        })
        .await
    }

    async fn call(
        &self,
        method: Method,
        path: &[&str],
        with: impl FnOnce(reqwest::RequestBuilder) -> reqwest::RequestBuilder,
    ) -> Result<Answer, CallError> {
        let mut url = self.base.clone();
        url.path_segments_mut()
            .map_err(|()| CallError::Fail { reason: "the address has no path".to_owned() })?
            .pop_if_empty()
            .extend(path);
        let request = self
            .http
            .request(method, url)
            .basic_auth(self.secret_key.expose_secret(), Some(""))
            .header("api-version", API_VERSION);
        let mut response = with(request).send().await.map_err(|error| lost(&error))?;
        let status = response.status();
        let after_ms = retry_after_ms(&response);
        let body = client::read(&mut response, MAX_ANSWER_BYTES).await.map_err(|error| lost(&error))?;
        let body = body.and_then(|bytes| json::parse(&bytes).ok());
        judge(status, body, after_ms)
    }
}

/// What an answer means. Only an answer in Xendit's own form is a refusal; a page of something in between is no answer.
fn judge(status: StatusCode, body: Option<Value>, after_ms: Option<u64>) -> Result<Answer, CallError> {
    let retry = |reason: String| CallError::Retry { reason, after_ms };
    let code = body.as_ref().and_then(|body| text(body, "error_code")).unwrap_or_default().to_owned();
    match status.as_u16() {
        200..=299 => match body {
            Some(body) if body.is_object() || body.is_array() => Ok(Answer::Ok(body)),
            _ => Err(retry("the answer cannot be read".to_owned())),
        },
        401 => Err(CallError::Stopped { reason: format!("XENDIT_SECRET_KEY is refused (401 {code})") }),
        403 if code == "REQUEST_FORBIDDEN_ERROR" => {
            Err(CallError::Stopped { reason: format!("the key may not do this (403 {code})") })
        }
        429 => Err(retry("too many requests".to_owned())),
        500..=599 => Err(retry(format!("Xendit fails ({status} {code})"))),
        _ if body.is_none() => Err(retry(format!("an answer that is not Xendit's ({status})"))),
        status => {
            let message = body.as_ref().and_then(|body| text(body, "message")).unwrap_or_default().to_owned();
            Ok(Answer::Refused { status, code, message })
        }
    }
}

/// A call without an answer. Its address is taken out: it names what was asked about.
fn lost(error: &reqwest::Error) -> CallError {
    let reason = if error.is_timeout() {
        "no answer in time"
    } else if error.is_connect() {
        "Xendit cannot be reached"
    } else {
        "the answer broke off"
    };
    CallError::Retry { reason: reason.to_owned(), after_ms: None }
}

fn retry_after_ms(response: &reqwest::Response) -> Option<u64> {
    let header = response.headers().get(reqwest::header::RETRY_AFTER)?.to_str().ok()?;
    header.trim().parse::<u64>().ok().map(|seconds| seconds.min(3_600) * 1_000)
}
