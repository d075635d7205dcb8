//! The counter over a tiny company: what its buttons do, and what reaches the shop.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::Bytes;
use axum::http::HeaderMap;
use tokio::sync::mpsc;

use super::*;
use crate::fakes::Recorded;
use crate::fakes::company::BookedRefund;

/// A company with one charge that can be paid twice at most.
#[derive(Default)]
struct Corner {
    paid: Mutex<Vec<i64>>,
    faults: Mutex<Vec<CompanyFault>>,
    decided: Mutex<Vec<bool>>,
    news: Mutex<Vec<WebhookRequest>>,
}

fn notice(body: &str) -> WebhookRequest {
    let headers = vec![("x-corner-signature".to_owned(), format!("signed {}", body.len()))];
    WebhookRequest { headers, body: body.as_bytes().to_vec() }
}

#[async_trait::async_trait]
impl Company for Corner {
    fn name(&self) -> &'static str {
        "corner"
    }

    fn settings(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    fn url(&self) -> String {
        "http://127.0.0.1:1".to_owned()
    }

    fn set_now(&self, _now: DateTime<Utc>) {}

    fn charges(&self) -> Vec<Booked> {
        let received: i64 = self.paid.lock().unwrap().iter().sum();
        vec![Booked {
            reference: "ORD-2026-0001-1".to_owned(),
            external_id: "<script>alert(1)</script>".to_owned(),
            amount: Rupiah::new(1_250_000).unwrap(),
            qris: "00020101".to_owned(),
            received: Rupiah::new(received).unwrap(),
            refunded: Rupiah::ZERO,
            state: if received > 0 { "PAID" } else { "ACTIVE" }.to_owned(),
        }]
    }

    fn refunds(&self) -> Vec<BookedRefund> {
        vec![BookedRefund {
            key: "r-1".to_owned(),
            reference: "ORD-2026-0001-1".to_owned(),
            amount: Rupiah::new(500).unwrap(),
            state: "PENDING".to_owned(),
        }]
    }

    fn decide_refund(&self, key: &str, succeeds: bool) -> Result<Vec<WebhookRequest>, String> {
        self.decided.lock().unwrap().push(succeeds);
        if key == "r-1" { Ok(vec![notice("refund")]) } else { Err("no such refund".to_owned()) }
    }

    fn pay(&self, reference: &str, amount: Rupiah) -> Result<Vec<WebhookRequest>, String> {
        let mut paid = self.paid.lock().unwrap();
        if reference != "ORD-2026-0001-1" || paid.len() == 2 {
            return Err("this cannot be paid".to_owned());
        }
        paid.push(amount.whole());
        Ok(vec![notice(&format!("paid {}", amount.whole()))])
    }

    fn news(&self) -> Vec<WebhookRequest> {
        std::mem::take(&mut *self.news.lock().unwrap())
    }

    fn forge(&self, _reference: &str, _amount: Rupiah) -> WebhookRequest {
        WebhookRequest { headers: Vec::new(), body: b"forged".to_vec() }
    }

    fn fault(&self, fault: CompanyFault) {
        self.faults.lock().unwrap().push(fault);
    }

    fn recorded(&self) -> Vec<Recorded> {
        Vec::new()
    }
}

/// Serves a router on loopback and returns its address.
async fn serve(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    url
}

/// A counter, its address, and the notices that reach the shop with their signatures. The shop answers the first
/// `refusals` of them with 503.
async fn open(refusals: usize) -> (Arc<Corner>, String, mpsc::UnboundedReceiver<(String, String)>) {
    let (tell, told) = mpsc::unbounded_channel();
    let left = Arc::new(AtomicUsize::new(refusals));
    let hook = post(move |headers: HeaderMap, body: Bytes| {
        let (tell, left) = (tell.clone(), Arc::clone(&left));
        async move {
            let signature = headers.get("x-corner-signature").and_then(|value| value.to_str().ok());
            let body = String::from_utf8_lossy(&body).into_owned();
            tell.send((body, signature.unwrap_or_default().to_owned())).unwrap();
            let refuse =
                left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |it| it.checked_sub(1)).is_ok();
            if refuse { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK }
        }
    });
    let shop = serve(Router::new().route("/webhooks/corner", hook)).await;
    let company = Arc::new(Corner::default());
    let now: Now = Arc::new(|| DateTime::UNIX_EPOCH);
    let desk = Desk::new(Arc::clone(&company) as _, &format!("{shop}/"), now).unwrap();
    let url = serve(desk.router()).await;
    (company, url, told)
}

async fn page(url: &str) -> String {
    reqwest::get(url).await.unwrap().text().await.unwrap()
}

async fn press(url: &str, what: &str, reference: &str) -> String {
    let form = [("what", what), ("reference", reference), ("amount", "Rp 7.500")];
    let client = reqwest::Client::new();
    let body: Vec<String> =
        form.iter().map(|(name, value)| format!("{name}={}", value.replace(' ', "+"))).collect();
    let request = client
        .post(format!("{url}/press"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body.join("&"));
    request.send().await.unwrap().text().await.unwrap()
}

const ORDER: &str = "ORD-2026-0001-1";

#[tokio::test]
async fn a_charge_is_paid_exactly_and_its_notice_reaches_the_shop_as_it_was_signed() {
    let (company, url, mut told) = open(0).await;
    let shown = press(&url, "pay", ORDER).await;
    assert!(shown.contains("has paid Rp 1.250.000"), "{shown}");
    assert_eq!(told.recv().await.unwrap(), ("paid 1250000".to_owned(), "signed 12".to_owned()));
    assert_eq!(*company.paid.lock().unwrap(), [1_250_000]);
}

#[tokio::test]
async fn less_more_any_amount_and_too_often_are_what_they_say() {
    let (company, url, mut told) = open(0).await;
    press(&url, "less", ORDER).await;
    press(&url, "amount", ORDER).await;
    let refused = press(&url, "more", ORDER).await;
    assert!(refused.contains("not done: this cannot be paid"), "{refused}");
    assert!(press(&url, "pay", "ORD-unknown").await.contains("not done: there is no such charge"));
    assert_eq!(*company.paid.lock().unwrap(), [1_249_000, 7_500]);
    let bodies = BTreeSet::from([told.recv().await.unwrap().0, told.recv().await.unwrap().0]);
    assert_eq!(bodies, BTreeSet::from(["paid 1249000".to_owned(), "paid 7500".to_owned()]));
}

#[tokio::test]
async fn a_lost_notice_does_not_arrive_and_can_be_sent_again() {
    let (_company, url, mut told) = open(0).await;
    press(&url, "drop", "").await;
    press(&url, "pay", ORDER).await;
    assert!(page(&url).await.contains("lost on its way"));
    assert!(told.try_recv().is_err(), "it was to be lost");
    press(&url, "repeat", ORDER).await;
    assert_eq!(told.recv().await.unwrap().0, "paid 1250000");
}

#[tokio::test]
async fn a_shop_that_answers_503_is_told_again() {
    let (_company, url, mut told) = open(1).await;
    press(&url, "pay", ORDER).await;
    assert_eq!(told.recv().await.unwrap(), told.recv().await.unwrap());
}

#[tokio::test]
async fn forged_notices_refunds_faults_and_news_go_their_ways() {
    let (company, url, mut told) = open(0).await;
    press(&url, "forge", ORDER).await;
    assert_eq!(told.recv().await.unwrap(), ("forged".to_owned(), String::new()));
    press(&url, "refund-failed", "r-1").await;
    assert_eq!(told.recv().await.unwrap().0, "refund");
    assert_eq!(*company.decided.lock().unwrap(), [false]);
    for word in FAULTS {
        assert!(press(&url, word, "").await.contains("the next call of the shop breaks"), "{word}");
    }
    assert_eq!(company.faults.lock().unwrap().len(), FAULTS.len());
    assert!(press(&url, "explode", "").await.contains("not done: the page has no such button"));
    company.news.lock().unwrap().push(notice("expired"));
    page(&url).await;
    assert_eq!(told.recv().await.unwrap().0, "expired");
}

#[tokio::test]
async fn the_page_shows_charges_with_their_codes_and_nothing_of_them_as_markup() {
    let (_company, url, _told) = open(0).await;
    let shown = page(&url).await;
    assert!(shown.contains("Rp 1.250.000") && shown.contains("ACTIVE") && shown.contains("r-1"), "{shown}");
    assert!(!shown.contains("<script"), "{shown}");
    let drawn = reqwest::get(format!("{url}/qr/{ORDER}")).await.unwrap();
    assert_eq!(drawn.headers()["content-type"], "image/png");
    assert!(image::load_from_memory(&drawn.bytes().await.unwrap()).is_ok());
    assert_eq!(reqwest::get(format!("{url}/qr/nothing")).await.unwrap().status(), 404);
}
