//! Our gateway against the company on loopback: what each call comes to, also when the company breaks.

use std::sync::Arc;

use chrono::{DateTime, Duration};
use rstest::rstest;

use super::*;
use crate::clock::Clock;
use crate::domain::payment::GatewayState;
use crate::edge::CallError;
use crate::payments::midtrans::Midtrans;
use crate::payments::{ChargeRef, ChargeRequest, Gateway, RefundProblem, RefundRequest, RefundState};

const REFERENCE: &str = "ORD-2026-0001-1";

async fn open() -> (Arc<Fake>, Midtrans, Arc<Clock>) {
    let fake = Fake::open().await.unwrap();
    let clock = Arc::new(Clock::fixed(DateTime::from_timestamp(1_790_000_000, 0).unwrap(), 1));
    fake.set_now(clock.now());
    let gateway = Midtrans::new(
        &fake.url(),
        SERVER_KEY.into(),
        "https://shop.example/webhooks/midtrans",
        clock.clone(),
    )
    .unwrap();
    (fake, gateway, clock)
}

fn rp(whole: i64) -> Rupiah {
    Rupiah::new(whole).unwrap()
}

fn request(clock: &Clock, whole: i64) -> ChargeRequest {
    ChargeRequest {
        reference: REFERENCE.to_owned(),
        amount: rp(whole),
        merchant: "Bella Teh Indonesia".to_owned(),
        city: "Bandung".to_owned(),
        expires_at: clock.now() + Duration::minutes(15),
        code: None,
    }
}

fn named() -> ChargeRef {
    ChargeRef { reference: REFERENCE.to_owned(), external_id: None, amount: rp(50_000), account: None }
}

fn back(key: &str, whole: i64) -> RefundRequest {
    RefundRequest {
        charge: named(),
        refund_key: key.to_owned(),
        external_id: None,
        amount: rp(whole),
        reason: "customer_request".to_owned(),
    }
}

fn refusals(fake: &Fake) -> Vec<String> {
    fake.recorded().into_iter().filter_map(|request| request.refusal).collect()
}

#[tokio::test]
async fn an_order_is_charged_paid_and_seen_and_its_notice_is_taken() {
    let (fake, gateway, clock) = open().await;
    gateway.test().await.unwrap();
    let charge = gateway.charge(&request(&clock, 50_000)).await.unwrap();
    assert_eq!(
        gateway.charge(&request(&clock, 50_000)).await,
        Ok(charge),
        "asking twice gives the same charge"
    );
    assert!(matches!(gateway.charge(&request(&clock, 50_001)).await, Err(CallError::Fail { .. })));
    assert_eq!(gateway.status(&named()).await.unwrap().state, GatewayState::Pending);
    let notices = fake.pay(REFERENCE, rp(50_000)).unwrap();
    let notice = gateway.receive(&notices[0]).unwrap();
    assert_eq!(notice.reference.as_deref(), Some(REFERENCE));
    assert_eq!(
        gateway.receive(&fake.forge(REFERENCE, rp(50_000))),
        Err(crate::edge::webhook::WebhookError::Unsigned)
    );
    let status = gateway.status(&named()).await.unwrap();
    assert_eq!((status.state, status.received, status.receipts), (GatewayState::Paid, rp(50_000), 1));
    assert_eq!(status.currency, "IDR");
    assert!(status.receipt_id.is_some() && status.payer_app.is_some());
    assert_eq!(refusals(&fake), Vec::<String>::new());
}

#[rstest]
#[case(CompanyFault::LostAnswer)]
#[case(CompanyFault::Html)]
#[case(CompanyFault::Empty)]
#[case(CompanyFault::Huge)]
#[case(CompanyFault::Down)]
#[case(CompanyFault::Broken)]
#[case(CompanyFault::TooMany)]
#[tokio::test]
async fn whatever_becomes_of_an_answer_there_is_one_charge_and_one_refund(#[case] fault: CompanyFault) {
    let (fake, gateway, clock) = open().await;
    fake.fault(fault.clone());
    let lost = gateway.charge(&request(&clock, 50_000)).await;
    assert!(matches!(lost, Err(CallError::Retry { .. })), "{lost:?}");
    assert!(!format!("{lost:?}").contains("fake"), "no secret and no address in an error");
    gateway.charge(&request(&clock, 50_000)).await.unwrap();
    assert_eq!(fake.charges().len(), 1);
    fake.fault(fault.clone());
    assert!(matches!(gateway.status(&named()).await, Err(CallError::Retry { .. })));
    fake.pay(REFERENCE, rp(50_000)).unwrap();
    for (key, method) in [("r-1", "GET"), ("r-2", "POST")] {
        fake.fault_at(method, "", fault.clone());
        let lost = gateway.refund(&back(key, 20_000)).await;
        assert!(matches!(lost, Err(CallError::Retry { .. })), "{lost:?}");
        assert_eq!(gateway.refund(&back(key, 20_000)).await.unwrap().state, RefundState::Succeeded);
    }
    assert_eq!(fake.charges()[0].refunded, rp(40_000));
}

/// The calls that sent money back, or were to.
fn refund_calls(fake: &Fake) -> Vec<(String, u16)> {
    let recorded = fake.recorded().into_iter().filter(|request| request.path.contains("/refund"));
    recorded.map(|request| (request.path, request.status)).collect()
}

#[rstest]
#[case(405)]
#[case(412)]
#[case(418)]
#[tokio::test]
async fn a_refund_that_the_direct_way_refuses_goes_the_slower_way_once(#[case] code: u16) {
    let (fake, gateway, clock) = open().await;
    gateway.charge(&request(&clock, 50_000)).await.unwrap();
    fake.pay(REFERENCE, rp(50_000)).unwrap();
    fake.fault_at("POST", "/direct", CompanyFault::Says(code));
    assert_eq!(gateway.refund(&back("a", 20_000)).await.unwrap().state, RefundState::Succeeded);
    let direct = format!("/v2/{REFERENCE}/refund/online/direct");
    let slower = format!("/v2/{REFERENCE}/refund");
    assert_eq!(refund_calls(&fake), [(direct, code), (slower, 200)]);
    assert_eq!(gateway.refund(&back("a", 20_000)).await.unwrap().state, RefundState::Succeeded);
    assert_eq!(fake.charges()[0].refunded, rp(20_000), "asking again sends nothing back");
}

#[rstest]
#[case(405, RefundState::Unsupported)]
#[case(418, RefundState::Unsupported)]
#[case(412, RefundState::Failed { problem: RefundProblem::Refused, reason: "412 The request is refused.".to_owned() })]
#[tokio::test]
async fn a_refund_that_both_ways_refuse_is_left_to_the_shop(#[case] code: u16, #[case] state: RefundState) {
    let (fake, gateway, clock) = open().await;
    gateway.charge(&request(&clock, 50_000)).await.unwrap();
    fake.pay(REFERENCE, rp(50_000)).unwrap();
    for way in ["/direct", "/refund"] {
        fake.fault_at("POST", way, CompanyFault::Says(code));
    }
    assert_eq!(gateway.refund(&back("a", 20_000)).await.unwrap().state, state);
    assert_eq!((refund_calls(&fake).len(), fake.charges()[0].refunded), (2, rp(0)));
}

#[rstest]
#[case("/direct")]
#[case("/refund")]
#[tokio::test]
async fn a_refund_that_midtrans_is_busy_with_is_asked_for_again_and_goes_back_once(
    #[case] way: &'static str,
) {
    let (fake, gateway, clock) = open().await;
    gateway.charge(&request(&clock, 50_000)).await.unwrap();
    fake.pay(REFERENCE, rp(50_000)).unwrap();
    if way == "/refund" {
        fake.fault_at("POST", "/direct", CompanyFault::Says(412));
    }
    fake.fault_at("POST", way, CompanyFault::Says(409));
    let busy = gateway.refund(&back("a", 20_000)).await;
    assert!(matches!(busy, Err(CallError::Retry { .. })), "{busy:?}");
    assert_eq!(gateway.refund(&back("a", 20_000)).await.unwrap().state, RefundState::Succeeded);
    assert_eq!(fake.charges()[0].refunded, rp(20_000));
}

#[tokio::test]
async fn a_code_lapses_and_money_that_comes_later_is_seen() {
    let (fake, gateway, clock) = open().await;
    gateway.charge(&request(&clock, 50_000)).await.unwrap();
    clock.advance(Duration::minutes(16));
    fake.set_now(clock.now());
    assert_eq!(gateway.status(&named()).await.unwrap().state, GatewayState::Expired);
    gateway.cancel(&named()).await.unwrap();
    fake.pay(REFERENCE, rp(49_999)).unwrap();
    let status = gateway.status(&named()).await.unwrap();
    assert_eq!((status.state, status.received), (GatewayState::Paid, rp(49_999)));
    let unknown = ChargeRef { reference: "ORD-2026-0009-1".to_owned(), ..named() };
    assert!(matches!(gateway.status(&unknown).await, Err(CallError::Fail { .. })));
}

#[tokio::test]
async fn a_charge_is_called_off_once_however_often_and_never_after_it_is_paid() {
    let (fake, gateway, clock) = open().await;
    gateway.charge(&request(&clock, 50_000)).await.unwrap();
    gateway.cancel(&named()).await.unwrap();
    gateway.cancel(&named()).await.unwrap();
    assert_eq!(gateway.status(&named()).await.unwrap().state, GatewayState::Failed);
    fake.pay(REFERENCE, rp(50_000)).unwrap();
    assert!(matches!(gateway.cancel(&named()).await, Err(CallError::Fail { .. })));
}

#[tokio::test]
async fn no_more_goes_back_than_came_in() {
    let (fake, gateway, clock) = open().await;
    gateway.charge(&request(&clock, 50_000)).await.unwrap();
    fake.pay(REFERENCE, rp(50_000)).unwrap();
    gateway.refund(&back("a", 30_000)).await.unwrap();
    gateway.refund(&back("a", 30_000)).await.unwrap();
    let state = gateway.refund(&back("b", 20_001)).await.unwrap().state;
    assert!(matches!(state, RefundState::Failed { .. } | RefundState::Unsupported), "{state:?}");
    gateway.refund(&back("c", 20_000)).await.unwrap();
    assert_eq!(fake.charges()[0].refunded, rp(50_000));
    assert!(matches!(gateway.refund_status(&back("z", 1)).await, Err(CallError::Fail { .. })));
    assert_eq!(refusals(&fake), Vec::<String>::new());
}

#[tokio::test]
async fn a_changed_word_under_a_valid_signature_is_taken_and_the_status_says_no() {
    let (fake, gateway, clock) = open().await;
    gateway.charge(&request(&clock, 50_000)).await.unwrap();
    let mut pending = fake.pending_notice(REFERENCE).unwrap();
    let changed = String::from_utf8(pending.body).unwrap().replace("\"pending\"", "\"settlement\"");
    pending.body = changed.into_bytes();
    assert_eq!(gateway.receive(&pending).unwrap().event_type, "settlement");
    assert_eq!(gateway.status(&named()).await.unwrap().state, GatewayState::Pending);
}

#[tokio::test]
async fn a_refund_is_done_and_told() {
    let (fake, gateway, clock) = open().await;
    gateway.charge(&request(&clock, 50_000)).await.unwrap();
    fake.pay(REFERENCE, rp(50_000)).unwrap();
    assert_eq!(gateway.refund(&back("a", 20_000)).await.unwrap().state, RefundState::Succeeded);
    assert_eq!(gateway.refund_status(&back("a", 20_000)).await.unwrap().state, RefundState::Succeeded);
    let told = fake.news();
    assert_eq!(gateway.receive(&told[0]).unwrap().event_type, "partial_refund");
    let status = gateway.status(&named()).await.unwrap();
    assert_eq!(
        (status.state, status.received),
        (GatewayState::Paid, rp(50_000)),
        "refunds are booked where they are made"
    );
}

#[tokio::test]
async fn a_wrong_key_stops_the_account() {
    let (fake, _, clock) = open().await;
    let gateway = Midtrans::new(&fake.url(), "wrong".into(), "", clock).unwrap();
    assert!(matches!(gateway.test().await, Err(CallError::Stopped { .. })));
}

#[tokio::test]
async fn what_the_company_adds_for_itself_is_not_the_shops_money() {
    let (fake, gateway, clock) = open().await;
    gateway.charge(&request(&clock, 50_000)).await.unwrap();
    fake.impose_fee(REFERENCE, rp(71)).unwrap();
    fake.pay(REFERENCE, rp(50_000)).unwrap();
    let status = gateway.status(&named()).await.unwrap();
    assert_eq!((status.state, status.received), (GatewayState::Paid, rp(50_000)), "gross_amount is 50071.00");
}

#[tokio::test]
async fn an_answer_about_another_charge_is_no_answer() {
    let (fake, gateway, clock) = open().await;
    let charge = gateway.charge(&request(&clock, 50_000)).await.unwrap();
    let other = ChargeRequest { reference: "ORD-2026-0002-1".to_owned(), ..request(&clock, 50_000) };
    gateway.charge(&other).await.unwrap();
    fake.pay(&other.reference, rp(50_000)).unwrap();
    fake.mix_up(REFERENCE, &other.reference);
    let known = ChargeRef { external_id: Some(charge.external_id), account: charge.account, ..named() };
    for asked in [named(), known] {
        assert!(matches!(gateway.status(&asked).await, Err(CallError::Fail { .. })));
    }
    assert!(matches!(gateway.refund_status(&back("a", 1)).await, Err(CallError::Fail { .. })));
}

#[tokio::test]
async fn what_goes_back_in_the_companys_pages_is_told() {
    let (fake, gateway, clock) = open().await;
    gateway.charge(&request(&clock, 50_000)).await.unwrap();
    fake.pay(REFERENCE, rp(50_000)).unwrap();
    gateway.refund(&back("ours", 10_000)).await.unwrap();
    fake.send_back(REFERENCE, "dashboard-1", rp(20_000)).unwrap();
    let returned = gateway.status(&named()).await.unwrap().returned;
    let told: Vec<_> = returned.iter().map(|one| (one.name.as_str(), one.amount)).collect();
    assert_eq!(told, [("ours", rp(10_000)), ("dashboard-1", rp(20_000))]);
}

#[rstest]
#[case::whole(Duration::minutes(15), 15)]
#[case::a_second_later(Duration::seconds(899), 15)]
#[case::a_moment_more(Duration::milliseconds(840_001), 15)]
#[case::just_begun(Duration::milliseconds(1), 1)]
#[case::over(Duration::seconds(-5), 1)]
#[tokio::test]
async fn a_code_never_dies_before_its_order(#[case] life: Duration, #[case] minutes: i64) {
    let (fake, gateway, clock) = open().await;
    let asked = ChargeRequest { expires_at: clock.now() + life, ..request(&clock, 50_000) };
    gateway.charge(&asked).await.unwrap();
    let body = fake.recorded().into_iter().find(|call| call.path.ends_with("/charge")).unwrap().body;
    assert_eq!(body["custom_expiry"]["expiry_duration"], minutes);
}

#[tokio::test]
async fn what_is_expired_says_so_and_not_that_it_is_cancelled() {
    let (fake, gateway, clock) = open().await;
    gateway.charge(&request(&clock, 50_000)).await.unwrap();
    let url = format!("{}/v2/{REFERENCE}/expire", fake.url());
    let expire = || reqwest::Client::new().post(&url).basic_auth(super::SERVER_KEY, Some("")).send();
    let answer: serde_json::Value = expire().await.unwrap().json().await.unwrap();
    assert_eq!((&answer["status_code"], &answer["transaction_status"]), (&"407".into(), &"expire".into()));
    let again: serde_json::Value = expire().await.unwrap().json().await.unwrap();
    assert_eq!(again["status_code"], "412");
    assert_eq!(gateway.status(&named()).await.unwrap().state, GatewayState::Expired);
}
