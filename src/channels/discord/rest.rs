//! Calls of the platform's HTTP interface, by a thin client of our own.
//!
//! serenity's client is not used for calls: with its rate limiter on it ignores the configured address, with the
//! limiter off it loses `Retry-After`, and it knows nothing of enforced nonces. Sources: `reference.mdx` (headers),
//! `topics/rate-limits.mdx`, `topics/opcodes-and-status-codes.mdx`.

use std::time::Duration;

use reqwest::header::{AUTHORIZATION, HeaderMap};
use reqwest::multipart::{Form, Part as FormPart};
use reqwest::{Method, StatusCode};
use secrecy::ExposeSecret as _;
use serde_json::Value;

use crate::edge::pulse::{Pulse, SHORT_WAIT};
use crate::edge::{CallError, client, json};

use super::account::Account;
use super::compose::File;
use super::limiter::{Limiter, Route};
use super::problem::{Problem, refused};

/// How long a whole call may take.
const CALL_TIMEOUT: Duration = Duration::from_secs(15);
/// Bytes of an answer that are read.
const MAX_ANSWER_BYTES: usize = 1024 * 1024;
/// The form that the platform demands of bots' clients: `DiscordBot ($url, $version)`.
const USER_AGENT: &str = concat!("DiscordBot (https://warung.example, ", env!("CARGO_PKG_VERSION"), ")");

/// What a call sends.
#[derive(Debug)]
pub enum Body<'a> {
    /// Nothing.
    Empty,
    /// JSON.
    Json(&'a Value),
    /// JSON with a file.
    Files(&'a Value, &'a File),
}

impl<'a> Body<'a> {
    /// JSON, with a file where there is one.
    pub fn with(body: &'a Value, file: Option<&'a File>) -> Self {
        file.map_or(Self::Json(body), |file| Self::Files(body, file))
    }
}

/// The client.
#[derive(Debug)]
pub struct Rest {
    http: reqwest::Client,
    base: reqwest::Url,
    limiter: Limiter,
    pulse: Pulse,
}

impl Rest {
    /// A client of the interface at an address.
    ///
    /// # Errors
    /// [`CallError::Fail`] when the address is none.
    pub fn new(api_url: &str) -> Result<Self, CallError> {
        let fail = |reason: &str| CallError::Fail { reason: reason.to_owned() };
        let base =
            client::base(api_url).ok_or_else(|| fail("DISCORD_API_URL is not an http or https address"))?;
        let http = client::http(&base, |builder| builder.timeout(CALL_TIMEOUT).user_agent(USER_AGENT))?;
        Ok(Self { http, base, limiter: Limiter::default(), pulse: Pulse::default() })
    }

    /// What time it is, for pauses.
    pub fn pulse(&self) -> &Pulse {
        &self.pulse
    }

    /// The address of the interface.
    pub fn base(&self) -> &reqwest::Url {
        &self.base
    }

    /// The HTTP client itself, for files outside the interface.
    pub fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// Makes a call as a bot, or, without an account, by the token that stands in the path.
    ///
    /// # Errors
    /// [`Problem`].
    pub async fn call(
        &self,
        account: Option<&Account>,
        method: Method,
        route: Route,
        body: Body<'_>,
    ) -> Result<Value, Problem> {
        let whose = account.map(Account::id).unwrap_or_default();
        let key = route.key(whose, method.as_str());
        if let Some(wait) = self.limiter.wait(whose, &key, self.pulse.now()) {
            if wait > SHORT_WAIT {
                return Err(Problem::waiting(wait));
            }
            tokio::time::sleep(wait).await;
        }
        let url = format!("{}{}", self.base.as_str().trim_end_matches('/'), route.path);
        let mut request = self.http.request(method, url);
        if let Some(account) = account {
            request = request.header(AUTHORIZATION, format!("Bot {}", account.token().expose_secret()));
        }
        request = match body {
            Body::Empty => request,
            Body::Json(json) => request.json(json),
            Body::Files(json, file) => request.multipart(form(json, file)?),
        };
        let response = request.send().await.map_err(|error| Problem::transport(&error))?;
        let status = response.status();
        let headers = response.headers().clone();
        let answer = read(response).await;
        if status == StatusCode::TOO_MANY_REQUESTS {
            let wait = self.limiter.refused(whose, &key, &headers, answer.as_ref().ok(), self.pulse.now());
            return Err(refused(status, answer.as_ref().ok(), Some(wait)));
        }
        self.limiter.learn(&key, &headers, self.pulse.now());
        if !status.is_success() {
            return Err(refused(status, answer.as_ref().ok(), retry_after(&headers)));
        }
        answer
    }
}

/// A wait that a gateway in front of the platform asks for.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds: f64 = headers.get("retry-after")?.to_str().ok()?.trim().parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}

fn form(json: &Value, file: &File) -> Result<Form, Problem> {
    let fail =
        |_| Problem::of(CallError::Fail { reason: "a form for the platform cannot be built".to_owned() });
    let payload = FormPart::text(json.to_string()).mime_str("application/json").map_err(fail)?;
    let bytes = FormPart::bytes(file.bytes.clone())
        .file_name(file.name.clone())
        .mime_str(&file.mime)
        .map_err(fail)?;
    Ok(Form::new().part("payload_json", payload).part("files[0]", bytes))
}

/// Reads an answer; an empty one is `null`.
async fn read(mut response: reqwest::Response) -> Result<Value, Problem> {
    let bytes =
        client::read(&mut response, MAX_ANSWER_BYTES).await.map_err(|error| Problem::transport(&error))?;
    let bytes = bytes.ok_or_else(Problem::too_long)?;
    if bytes.is_empty() {
        return Ok(Value::Null);
    }
    json::parse(&bytes).map_err(|_| Problem::unread("the platform's answer is not JSON"))
}
