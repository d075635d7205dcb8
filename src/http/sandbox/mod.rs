//! The page on which a charge of the sandbox is "paid": what a customer's banking app would be. It books the payment in the
//! sandbox's ledger and sends the signed notice over HTTP to `/webhooks/sandbox`, the door that real gateways use.
//!
//! Mounted only where the sandbox is a gateway of this process: `router.merge(sandbox::router(Pages::new(..)))`.

mod page;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Form, Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;
use chrono_tz::Tz;
use serde::Deserialize;
use sqlx::PgPool;

use crate::domain::customer::Language;
use crate::domain::money::Rupiah;
use crate::edge::webhook::WebhookRequest;
use crate::payments::qris;
use crate::payments::sandbox::{Entry, PayError, Sandbox};
use crate::store;

/// Milliseconds that the shop has for answering a notice.
const NOTICE_TIMEOUT_MS: u64 = 10_000;
/// Tries of one notice while the shop does not take it.
const NOTICE_TRIES: u32 = 3;
/// Characters of a reference that are looked at.
const MAX_REFERENCE_CHARS: usize = 64;

/// What the pages need.
pub struct Pages {
    sandbox: Arc<Sandbox>,
    client: reqwest::Client,
    webhook_url: String,
    zone: Tz,
    unasked: Option<PgPool>,
}

impl Pages {
    /// Pages over a sandbox. `base_url` is an address at which this process reaches its own server
    /// (`http://127.0.0.1:8080`); times are shown in `zone`. Where nobody asked for the sandbox by name, `unasked` is the database:
    /// as soon as an account is connected in it, strangers can come, and nothing is paid here any more.
    ///
    /// # Errors
    /// [`reqwest::Error`] when the client cannot be made.
    pub fn new(
        sandbox: Arc<Sandbox>,
        base_url: &str,
        zone: Tz,
        unasked: Option<PgPool>,
    ) -> Result<Self, reqwest::Error> {
        let client = reqwest::Client::builder()
            .timeout(Duration::from_millis(NOTICE_TIMEOUT_MS))
            // The server is our own: a proxy of the machine must not stand between.
            .no_proxy()
            .build()?;
        let webhook_url = format!("{}/webhooks/sandbox", base_url.trim_end_matches('/'));
        Ok(Self { sandbox, client, webhook_url, zone, unasked })
    }

    /// Whether "pay" still pays.
    async fn is_open(&self) -> Result<bool, StatusCode> {
        let Some(pool) = &self.unasked else { return Ok(true) };
        let any = async { store::accounts::is_any_active(&mut *pool.acquire().await?).await };
        any.await.map(|any| !any).map_err(|_| StatusCode::SERVICE_UNAVAILABLE)
    }

    /// Sends a notice as gateways do: again after a moment when it is not taken.
    async fn deliver(&self, notice: &WebhookRequest) -> bool {
        for attempt in 0..NOTICE_TRIES {
            if attempt > 0 {
                tokio::time::sleep(Duration::from_millis(300 << attempt)).await;
            }
            let request = self.client.post(&self.webhook_url).body(notice.body.clone());
            let request =
                notice.headers.iter().fold(request, |request, (name, value)| request.header(name, value));
            if request.send().await.is_ok_and(|response| response.status().is_success()) {
                return true;
            }
        }
        false
    }
}

/// The routes `/sandbox/pay/{reference}` and `/sandbox/qr/{file}`.
pub fn router(pages: Pages) -> Router {
    Router::new()
        .route("/sandbox/pay/{reference}", get(show).post(pay))
        .route("/sandbox/qr/{file}", get(picture))
        .with_state(Arc::new(pages))
}

/// What came of the last press, handed over by the redirect.
#[derive(Debug, Default, Deserialize)]
struct Said {
    said: Option<String>,
    /// The language that was chosen in the chat.
    lang: Option<String>,
}

impl Said {
    /// The language of the chat that the link stood in, or else of the browser.
    fn language(&self, headers: &HeaderMap) -> Language {
        self.lang.as_deref().and_then(Language::parse).unwrap_or_else(|| language(headers))
    }
}

async fn show(
    State(pages): State<Arc<Pages>>,
    Path(reference): Path<String>,
    Query(said): Query<Said>,
    headers: HeaderMap,
) -> Response {
    let language = said.language(&headers);
    match find(&pages, &reference).await {
        Ok(Some((entry, now))) => {
            let state = entry.state(now);
            let view =
                page::View { entry: &entry, state, said: said.said.as_deref(), zone: pages.zone, language };
            html(StatusCode::OK, view.render())
        }
        Ok(None) => html(StatusCode::NOT_FOUND, page::unknown(language)),
        Err(busy) => busy.into_response(),
    }
}

async fn find(
    pages: &Pages,
    reference: &str,
) -> Result<Option<(Entry, chrono::DateTime<chrono::Utc>)>, StatusCode> {
    if reference.chars().count() > MAX_REFERENCE_CHARS {
        return Ok(None);
    }
    pages.sandbox.find(reference).await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)
}

/// Which button was pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Exact,
    Twice,
    Less,
    More,
    Repeat,
}

#[derive(Debug, Deserialize)]
struct Press {
    kind: Kind,
}

async fn pay(
    State(pages): State<Arc<Pages>>,
    Path(reference): Path<String>,
    Query(asked): Query<Said>,
    headers: HeaderMap,
    Form(press): Form<Press>,
) -> Response {
    // Browsers say where a form comes from; pages of others cannot press our buttons.
    let from = headers.get("sec-fetch-site").and_then(|value| value.to_str().ok());
    if from.is_some_and(|from| !matches!(from, "same-origin" | "none")) {
        return StatusCode::FORBIDDEN.into_response();
    }
    match pages.is_open().await {
        Ok(true) => {}
        Ok(false) => {
            tracing::error!(
                "a payment in the sandbox was refused: an account is connected; set WARUNG_PAYMENT"
            );
            return StatusCode::FORBIDDEN.into_response();
        }
        Err(busy) => return busy.into_response(),
    }
    let entry = match find(&pages, &reference).await {
        Ok(Some((entry, _))) => entry,
        Ok(None) => return html(StatusCode::NOT_FOUND, page::unknown(asked.language(&headers))),
        Err(busy) => return busy.into_response(),
    };
    let said = match notices(&pages.sandbox, &entry, press.kind).await {
        Err(PayError::Ledger(_)) => return StatusCode::SERVICE_UNAVAILABLE.into_response(),
        Err(_) => "refused",
        Ok(notices) => {
            let mut delivered = true;
            for notice in &notices {
                delivered &= pages.deliver(notice).await;
            }
            if delivered { "delivered" } else { "undelivered" }
        }
    };
    // The reference stands in our books, so it has the form of an address already.
    let language = asked.lang.as_deref().and_then(Language::parse);
    let language = language.map(|language| format!("&lang={}", language.code())).unwrap_or_default();
    Redirect::to(&format!("/sandbox/pay/{}?said={said}{language}", entry.reference)).into_response()
}

/// Books what a button stands for and returns the notices, in order.
async fn notices(sandbox: &Sandbox, entry: &Entry, kind: Kind) -> Result<Vec<WebhookRequest>, PayError> {
    let one = Rupiah::new(1).map_err(|_| PayError::Amount)?;
    let amounts = match kind {
        Kind::Exact => vec![entry.amount],
        Kind::Twice => vec![entry.amount, entry.amount],
        Kind::Less => vec![entry.amount.minus(one).map_err(|_| PayError::Amount)?],
        Kind::More => vec![entry.amount.plus(one).map_err(|_| PayError::Amount)?],
        Kind::Repeat => {
            return sandbox
                .repeat(&entry.reference)
                .await?
                .map(|notice| vec![notice])
                .ok_or(PayError::Unknown);
        }
    };
    let mut notices = Vec::new();
    for amount in amounts {
        notices.push(sandbox.pay(&entry.reference, amount).await?);
    }
    Ok(notices)
}

async fn picture(State(pages): State<Arc<Pages>>, Path(file): Path<String>, headers: HeaderMap) -> Response {
    let Some(reference) = file.strip_suffix(".png") else { return StatusCode::NOT_FOUND.into_response() };
    let entry = match find(&pages, reference).await {
        Ok(Some((entry, _))) => entry,
        Ok(None) => return StatusCode::NOT_FOUND.into_response(),
        Err(busy) => return busy.into_response(),
    };
    let language = language(&headers);
    let drawn = tokio::task::spawn_blocking(move || {
        let title = page::merchant(&entry);
        qris::png(&entry.qris, &title, &page::money(entry.amount, language))
    });
    match drawn.await {
        Ok(Ok(png)) => {
            ([(header::CONTENT_TYPE, "image/png"), (header::CACHE_CONTROL, "no-store")], png).into_response()
        }
        _ => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// The first language of the browser that the page speaks.
fn language(headers: &HeaderMap) -> Language {
    headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok())
        .into_iter()
        .flat_map(|value| value.split(','))
        .take(10)
        .find_map(|tag| Language::parse(tag.split(';').next().unwrap_or_default().trim()))
        .unwrap_or_default()
}

fn html(status: StatusCode, body: String) -> Response {
    let policy = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; form-action 'self'; frame-ancestors 'none'";
    let headers = [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "same-origin"),
    ];
    (status, headers, Html(body)).into_response()
}
