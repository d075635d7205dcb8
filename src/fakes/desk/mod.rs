//! The counter of a payment company that moves no money: a page on which a tester pays codes, and the delivery of the
//! company's notices to a shop that runs beside it. Made over [`Company`], so that it serves every one of them.

mod deliver;
mod page;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::{Form, Path, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::company::{Booked, Company, CompanyFault};
use crate::domain::money::Rupiah;
use crate::edge::webhook::WebhookRequest;
use crate::payments::qris;

pub use deliver::{Delivery, RETRY_SECONDS};

/// What "less" and "more" differ by from what was asked for, in rupiah.
const OFF_BY_RUPIAH: i64 = 1_000;
/// Deliveries that the page remembers.
const MAX_DELIVERIES: usize = 50;
/// How often the company is asked for what has happened by itself, in seconds.
const NEWS_EVERY_SECONDS: u64 = 1;
/// How long a slow answer takes.
const SLOW: Duration = Duration::from_secs(20);

/// Where the time comes from.
pub type Now = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// The counter.
pub struct Desk {
    company: Arc<dyn Company>,
    client: reqwest::Client,
    webhook: String,
    now: Now,
    state: Mutex<Book>,
}

/// What the counter remembers.
#[derive(Default)]
struct Book {
    /// The last notices about each charge, to be sent again.
    last: BTreeMap<String, Vec<WebhookRequest>>,
    /// How many of the next notices are lost on their way.
    to_drop: u32,
    /// What was delivered, newest first.
    deliveries: VecDeque<Delivery>,
    /// What came of the last press, in words.
    said: String,
}

/// What a button of the page asks for.
#[derive(Debug, Deserialize)]
struct Press {
    #[serde(default)]
    what: String,
    #[serde(default)]
    reference: String,
    #[serde(default)]
    amount: String,
}

impl Desk {
    /// A counter of a company for the shop at an address (`http://127.0.0.1:8080`).
    ///
    /// # Errors
    /// One line when the address is none.
    pub fn new(company: Arc<dyn Company>, shop_url: &str, now: Now) -> Result<Arc<Self>, String> {
        let base =
            crate::edge::client::base(shop_url).ok_or("the shop's address must be http:// or https://")?;
        let client = crate::edge::client::http(&base, |builder| builder.timeout(deliver::TIMEOUT))
            .map_err(|error| error.to_string())?;
        let webhook = format!("{}/webhooks/{}", shop_url.trim().trim_end_matches('/'), company.name());
        Ok(Arc::new(Self { company, client, webhook, now, state: Mutex::default() }))
    }

    /// The page and what its buttons lead to.
    pub fn router(self: &Arc<Self>) -> Router {
        Router::new()
            .route("/", get(show))
            .route("/qr/{reference}", get(picture))
            .route("/press", post(press))
            .with_state(Arc::clone(self))
    }

    /// Keeps the company's clock and delivers what happens there by itself, until it is dropped.
    pub async fn run(self: Arc<Self>) {
        let mut ticks = tokio::time::interval(Duration::from_secs(NEWS_EVERY_SECONDS));
        loop {
            ticks.tick().await;
            self.tick();
        }
    }

    /// One look at what has happened by itself.
    fn tick(self: &Arc<Self>) {
        self.company.set_now((self.now)());
        for notice in self.company.news() {
            self.send(notice);
        }
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn charge(&self, reference: &str) -> Option<Booked> {
        self.company.charges().into_iter().find(|charge| charge.reference == reference)
    }

    /// Does what a button asks for. Returns what came of it in words.
    fn act(self: &Arc<Self>, press: &Press) -> Result<String, String> {
        self.company.set_now((self.now)());
        let charge = || self.charge(&press.reference).ok_or_else(|| "there is no such charge".to_owned());
        let due = |off: i64| charge().and_then(|it| rupiah(it.amount.whole() + off));
        match press.what.as_str() {
            "pay" => self.pay(&press.reference, due(0)?),
            "less" => self.pay(&press.reference, due(-OFF_BY_RUPIAH)?),
            "more" => self.pay(&press.reference, due(OFF_BY_RUPIAH)?),
            "amount" => {
                let digits: String = press.amount.chars().filter(char::is_ascii_digit).collect();
                self.pay(&press.reference, rupiah(digits.parse().map_err(|_| "write an amount in rupiah")?)?)
            }
            "repeat" => {
                let again = self.book().last.get(&press.reference).cloned().unwrap_or_default();
                if again.is_empty() {
                    return Err("no notice about this charge has been made yet".to_owned());
                }
                let count = again.len();
                again.into_iter().for_each(|notice| self.send(notice));
                Ok(format!("sent again: {count}"))
            }
            "forge" => {
                let notice = self.company.forge(&press.reference, due(0)?);
                self.send(notice);
                Ok("a forged notice is on its way; the shop must refuse it".to_owned())
            }
            "drop" => {
                let mut book = self.book();
                book.to_drop = book.to_drop.saturating_add(1);
                Ok(format!("the next {} notices are lost on their way", book.to_drop))
            }
            "refund-done" => self.decide(&press.reference, true),
            "refund-failed" => self.decide(&press.reference, false),
            word => {
                let fault = fault(word).ok_or("the page has no such button")?;
                self.company.fault(fault);
                Ok(format!("the next call of the shop breaks: {word}"))
            }
        }
    }

    fn pay(self: &Arc<Self>, reference: &str, amount: Rupiah) -> Result<String, String> {
        let notices = self.company.pay(reference, amount)?;
        self.book().last.insert(reference.to_owned(), notices.clone());
        notices.into_iter().for_each(|notice| self.send(notice));
        Ok(format!("{} has paid {}", reference, money(amount)))
    }

    fn decide(self: &Arc<Self>, refund: &str, succeeds: bool) -> Result<String, String> {
        let notices = self.company.decide_refund(refund, succeeds)?;
        notices.into_iter().for_each(|notice| self.send(notice));
        Ok(format!("the refund {refund} {}", if succeeds { "is done" } else { "has failed" }))
    }
}

fn rupiah(whole: i64) -> Result<Rupiah, String> {
    Rupiah::new(whole)
        .ok()
        .filter(|amount| *amount > Rupiah::ZERO)
        .ok_or_else(|| "that is no amount".to_owned())
}

/// An amount as people in Indonesia write it.
fn money(amount: Rupiah) -> String {
    let digits = amount.whole().to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push('.');
        }
        grouped.push(digit);
    }
    format!("Rp {grouped}")
}

/// Ways in which the page lets the company break, by the words on its buttons.
const FAULTS: [&str; 8] = ["down", "broken", "too-many", "lost-answer", "html", "empty", "huge", "slow"];

fn fault(word: &str) -> Option<CompanyFault> {
    Some(match word {
        "down" => CompanyFault::Down,
        "broken" => CompanyFault::Broken,
        "too-many" => CompanyFault::TooMany,
        "lost-answer" => CompanyFault::LostAnswer,
        "html" => CompanyFault::Html,
        "empty" => CompanyFault::Empty,
        "huge" => CompanyFault::Huge,
        "slow" => CompanyFault::Slow(SLOW),
        _ => return None,
    })
}

async fn show(State(desk): State<Arc<Desk>>) -> Html<String> {
    desk.tick();
    Html(page::render(&desk))
}

async fn picture(State(desk): State<Arc<Desk>>, Path(reference): Path<String>) -> Response {
    let reference = reference.trim_end_matches(".png");
    let drawn =
        desk.charge(reference).map(|charge| qris::png(&charge.qris, reference, &money(charge.amount)));
    match drawn {
        Some(Ok(bytes)) => ([(header::CONTENT_TYPE, "image/png")], bytes).into_response(),
        Some(Err(error)) => (StatusCode::UNPROCESSABLE_ENTITY, error.to_string()).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn press(State(desk): State<Arc<Desk>>, Form(press): Form<Press>) -> Redirect {
    let said = desk.act(&press).unwrap_or_else(|problem| format!("not done: {problem}"));
    desk.book().said = said;
    Redirect::to("/")
}
