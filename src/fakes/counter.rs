//! What the fakes of the payment companies share: a door over HTTP that records and breaks, and books of charges.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use chrono::{DateTime, Utc};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::Recorded;
use super::company::CompanyFault;
use crate::edge::webhook::WebhookRequest;
use crate::payments::qris::{Acquirer, Additional, Merchant, build};

/// Requests that are remembered.
const MAX_RECORDED: usize = 10_000;
/// Bytes of an answer that is far too long.
const HUGE_BYTES: usize = 2 * 1024 * 1024;

/// A request as a company sees it.
pub(super) struct Asked {
    /// `GET`, `POST` …
    pub(super) method: String,
    /// The parts of the path.
    pub(super) path: Vec<String>,
    /// The user of basic auth.
    pub(super) user: Option<String>,
    headers: HeaderMap,
    /// The body, where it is JSON.
    pub(super) body: Value,
}

impl Asked {
    /// A header as text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Method and path for a match.
    pub(super) fn route(&self) -> (&str, Vec<&str>) {
        (self.method.as_str(), self.path.iter().map(String::as_str).collect())
    }
}

/// What a company answers.
pub(super) enum Reply {
    /// JSON with a status.
    Json(u16, Value),
    /// A refusal that breaks a rule of the company's documentation: recorded as such.
    Refused(u16, Value, String),
    /// A picture.
    Png(Vec<u8>),
}

/// The rules of one company.
pub(super) trait Rules: Send + Sync + 'static {
    /// Answers a request.
    fn answer(&self, asked: &Asked) -> Reply;
    /// An answer of a company that fails with a status.
    fn failure(&self, status: u16) -> Value;
    /// Its books.
    fn books(&self) -> &Books;
}

/// Books, faults and records of a company.
#[derive(Default)]
pub(super) struct Books {
    inner: Mutex<Inner>,
}

/// What stands in the books.
#[derive(Default)]
pub(super) struct Inner {
    /// The company's clock.
    pub(super) now: DateTime<Utc>,
    /// Charges, oldest first.
    pub(super) charges: Vec<Entry>,
    /// Answers by idempotency key, with the body that they were the answer to.
    pub(super) answers: Vec<(String, Value, Value)>,
    /// Notices that nobody has fetched.
    pub(super) news: Vec<WebhookRequest>,
    /// Numbers for ids.
    pub(super) last_id: u64,
    /// A name by which another charge is found, as when a company mixes its answers up.
    pub(super) mixed_up: Option<(String, String)>,
    /// How calls break, and the method and the end of the path of the calls that are meant.
    faults: VecDeque<(&'static str, &'static str, CompanyFault)>,
    recorded: Vec<Recorded>,
}

impl Inner {
    /// A fresh id with a prefix.
    pub(super) fn id(&mut self, prefix: &str) -> String {
        self.last_id += 1;
        format!("{prefix}{:012}", self.last_id)
    }

    /// The charge with a reference of the shop's, or an id of the company's.
    pub(super) fn charge(&mut self, name: &str) -> Option<&mut Entry> {
        let name =
            self.mixed_up.as_ref().filter(|(asked, _)| asked == name).map_or(name, |(_, told)| told.as_str());
        self.charges.iter_mut().find(|charge| charge.reference == name || charge.external_id == name)
    }
}

/// A charge.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) reference: String,
    pub(super) external_id: String,
    pub(super) amount: i64,
    pub(super) qris: String,
    pub(super) created_at: DateTime<Utc>,
    pub(super) expires_at: DateTime<Utc>,
    pub(super) is_cancelled: bool,
    /// What the company adds for the payer and keeps.
    pub(super) fee: i64,
    /// Whether the payer's bank has taken the money back.
    pub(super) is_charged_back: bool,
    pub(super) lapse_is_told: bool,
    pub(super) receipts: Vec<Paid>,
}

impl Entry {
    /// Whether its time is over.
    pub(super) fn is_lapsed(&self, now: DateTime<Utc>) -> bool {
        now >= self.expires_at
    }

    /// What has come in.
    pub(super) fn received(&self) -> i64 {
        self.receipts.iter().map(|receipt| receipt.amount).sum()
    }

    /// What has gone back, or is on its way.
    pub(super) fn refunded(&self) -> i64 {
        self.receipts.iter().map(Paid::refunded).sum()
    }
}

/// A payment of a charge.
#[derive(Debug, Clone)]
pub(super) struct Paid {
    pub(super) id: String,
    pub(super) amount: i64,
    pub(super) at: DateTime<Utc>,
    pub(super) refunds: Vec<Back>,
}

impl Paid {
    /// What has gone back of it, or is on its way.
    pub(super) fn refunded(&self) -> i64 {
        self.refunds.iter().filter(|refund| !refund.state.contains("FAIL")).map(|refund| refund.amount).sum()
    }
}

/// A refund.
#[derive(Debug, Clone)]
pub(super) struct Back {
    pub(super) id: String,
    pub(super) key: String,
    pub(super) amount: i64,
    /// `PENDING`, `SUCCEEDED` or `FAILED`.
    pub(super) state: String,
}

impl Books {
    pub(super) fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn fault(&self, fault: CompanyFault) {
        self.fault_at("", "", fault);
    }

    /// The next call with a method and such an end of its path breaks in this way; nothing stands for all of them.
    pub(super) fn fault_at(&self, method: &'static str, path_end: &'static str, fault: CompanyFault) {
        self.lock().faults.push_back((method, path_end, fault));
    }

    /// From now on the charge `told` is answered where `asked` is asked for.
    pub(super) fn mix_up(&self, asked: &str, told: &str) {
        self.lock().mixed_up = Some((asked.to_owned(), told.to_owned()));
    }

    /// The shop's people send money of a charge back in the company's own pages.
    pub(super) fn send_back(&self, reference: &str, key: &str, amount: i64) -> Result<(), String> {
        let mut books = self.lock();
        let id = books.id("rf-");
        let charge = books.charge(reference).ok_or("there is no such charge")?;
        let paid = charge.receipts.first_mut().ok_or("nobody has paid it")?;
        paid.refunds.push(Back { id, key: key.to_owned(), amount, state: "SUCCEEDED".to_owned() });
        Ok(())
    }

    /// How a call breaks.
    fn fault_of(&self, method: &str, path: &str) -> Option<CompanyFault> {
        let faults = &mut self.lock().faults;
        let is_meant = |of: &str, end: &str| (of.is_empty() || of == method) && path.ends_with(end);
        let place = faults.iter().position(|(of, end, _)| is_meant(of, end))?;
        faults.remove(place).map(|(.., fault)| fault)
    }

    pub(super) fn recorded(&self) -> Vec<Recorded> {
        self.lock().recorded.clone()
    }

    pub(super) fn news(&self) -> Vec<WebhookRequest> {
        std::mem::take(&mut self.lock().news)
    }
}

/// Opens a company on a free port of loopback. Returns its address; it closes when the guard is dropped.
pub(super) async fn open<R: Rules>(rules: Arc<R>) -> Result<(String, DropGuard), std::io::Error> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    let stop = CancellationToken::new();
    let stopped = stop.clone();
    let router = Router::new().fallback(handle::<R>).with_state(rules);
    tokio::spawn(async move {
        let serving = axum::serve(listener, router).with_graceful_shutdown(stopped.cancelled_owned());
        let _ = serving.await;
    });
    Ok((url, stop.drop_guard()))
}

async fn handle<R: Rules>(
    State(rules): State<Arc<R>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let fault = rules.books().fault_of(method.as_str(), uri.path());
    let early = match fault {
        Some(CompanyFault::Down) => Some(503),
        Some(CompanyFault::Broken) => Some(500),
        Some(CompanyFault::TooMany) => Some(429),
        Some(CompanyFault::Says(code)) => Some(code),
        _ => None,
    };
    let asked = Asked {
        method: method.to_string(),
        path: uri.path().split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect(),
        user: user(&headers),
        headers,
        body: serde_json::from_slice(&body).unwrap_or_default(),
    };
    let reply = match early {
        Some(status) => Reply::Json(status, rules.failure(status)),
        None => rules.answer(&asked),
    };
    let (status, refusal) = match &reply {
        Reply::Json(status, _) => (*status, None),
        Reply::Refused(status, _, why) => (*status, Some(why.clone())),
        Reply::Png(_) => (200, None),
    };
    {
        let mut books = rules.books().lock();
        if books.recorded.len() < MAX_RECORDED {
            let path = uri.path().to_owned();
            books.recorded.push(Recorded { method: asked.method, path, body: asked.body, status, refusal });
        }
    }
    match fault {
        Some(CompanyFault::LostAnswer) => broken_off(),
        Some(CompanyFault::Html) => {
            ([(header::CONTENT_TYPE, "text/html")], "<html><body>Bad gateway</body></html>").into_response()
        }
        Some(CompanyFault::Empty) => StatusCode::OK.into_response(),
        Some(CompanyFault::Huge) => {
            ([(header::CONTENT_TYPE, "application/json")], "1".repeat(HUGE_BYTES)).into_response()
        }
        Some(CompanyFault::Slow(wait)) => {
            tokio::time::sleep(wait).await;
            said(&reply)
        }
        _ => said(&reply),
    }
}

fn said(reply: &Reply) -> Response {
    match reply {
        Reply::Json(status, body) | Reply::Refused(status, body, _) => json(*status, body),
        Reply::Png(bytes) => ([(header::CONTENT_TYPE, "image/png")], bytes.clone()).into_response(),
    }
}

fn json(status: u16, body: &Value) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, axum::Json(body.clone())).into_response()
}

/// An answer whose connection breaks before its end.
fn broken_off() -> Response {
    let parts = futures::stream::iter([
        Ok(Bytes::from_static(b"{\"id\":")),
        Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset)),
    ]);
    Response::new(Body::from_stream(parts))
}

/// The user of basic auth; both companies want an empty password.
fn user(headers: &HeaderMap) -> Option<String> {
    let given = headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Basic ")?;
    let decoded = base64::engine::general_purpose::STANDARD.decode(given).ok()?;
    String::from_utf8(decoded).ok()?.strip_suffix(':').map(str::to_owned)
}

/// A valid dynamic code over an amount, in the name of nobody.
pub(super) fn code(domain: &str, reference: &str, amount: i64) -> String {
    let merchant = Merchant {
        name: "TOKO PERCOBAAN".to_owned(),
        city: "JAKARTA".to_owned(),
        postal_code: "10110".to_owned(),
        category: "5499".to_owned(),
        acquirer: Acquirer {
            domain: domain.to_owned(),
            pan: "936009990000000018".to_owned(),
            merchant_id: "TEST00000000001".to_owned(),
            criteria: "UMI".to_owned(),
        },
        nmid: "ID1020000000018".to_owned(),
    };
    let reference = reference.chars().take(25).collect();
    let additional = Additional { reference: Some(reference), ..Additional::default() };
    let amount = crate::domain::money::Rupiah::new(amount).ok();
    build(&merchant, amount, &additional).unwrap_or_default()
}
