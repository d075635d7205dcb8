//! Our gateway against the company on loopback: what each call comes to, also when the company breaks.

use std::sync::Arc;

use chrono::{DateTime, Duration};
use rstest::rstest;

use super::*;
use crate::clock::Clock;
use crate::domain::payment::GatewayState;
use crate::edge::CallError;
use crate::payments::xendit::Xendit;
use crate::payments::{ChargeRef, ChargeRequest, Gateway, RefundProblem, RefundRequest, RefundState};

const REFERENCE: &str = "ORD-2026-0001-1";

async fn open() -> (Arc<Fake>, Xendit, Arc<Clock>) {
    let fake = Fake::open().await.unwrap();
    let clock = Arc::new(Clock::fixed(DateTime::from_timestamp(1_790_000_000, 0).unwrap(), 1));
    fake.set_now(clock.now());
    let gateway = Xendit::new(
        &fake.url(),
        (SECRET_KEY.into(), CALLBACK_TOKEN.into()),
        "https://shop.example/webhooks/xendit",
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
        gateway.refund(&back(key, 20_000)).await.unwrap();
    }
    assert_eq!(fake.charges()[0].refunded, rp(40_000));
}

#[tokio::test]
async fn two_parts_of_a_price_go_back_one_payment_at_a_time_and_the_shop_hears_how_much_fits() {
    let (fake, gateway, clock) = open().await;
    gateway.charge(&request(&clock, 50_000)).await.unwrap();
    fake.pay(REFERENCE, rp(30_000)).unwrap();
    fake.pay(REFERENCE, rp(20_000)).unwrap();
    let RefundState::Failed { problem, reason } = gateway.refund(&back("a", 50_000)).await.unwrap().state
    else {
        panic!("no payment is that large");
    };
    assert!(reason.contains("30000"), "{reason}");
    assert_eq!(problem, RefundProblem::Parts { most: rp(30_000) });
    for (key, whole) in [("b", 30_000), ("c", 20_000)] {
        gateway.refund(&back(key, whole)).await.unwrap();
    }
    assert_eq!(fake.charges()[0].refunded, rp(50_000));
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
async fn a_refund_is_under_way_until_the_company_decides() {
    let (fake, gateway, clock) = open().await;
    gateway.charge(&request(&clock, 50_000)).await.unwrap();
    fake.speak_older();
    let notices = fake.pay(REFERENCE, rp(50_000)).unwrap();
    assert_eq!(gateway.receive(&notices[0]).unwrap().reference.as_deref(), Some(REFERENCE));
    assert_eq!(gateway.refund(&back("a", 20_300)).await.unwrap().state, RefundState::Pending);
    assert_eq!(gateway.refund(&back("b", 10_000)).await.unwrap().state, RefundState::Pending);
    let told = fake.decide_refund("a", true).unwrap();
    let notice = gateway.receive(&told[0]).unwrap();
    assert_eq!(notice.external_id, Some(fake.charges()[0].external_id.clone()), "it names the code");
    fake.decide_refund("b", true).unwrap();
    let failed = gateway.refund_status(&back("a", 20_300)).await.unwrap().state;
    assert!(matches!(failed, RefundState::Failed { .. }), "{failed:?}");
    assert_eq!(gateway.refund_status(&back("b", 10_000)).await.unwrap().state, RefundState::Succeeded);
}

#[tokio::test]
async fn two_payments_of_one_code_are_both_seen_and_each_can_go_back() {
    let (fake, gateway, clock) = open().await;
    gateway.charge(&request(&clock, 50_000)).await.unwrap();
    fake.pay(REFERENCE, rp(50_000)).unwrap();
    fake.pay(REFERENCE, rp(50_000)).unwrap();
    let status = gateway.status(&named()).await.unwrap();
    assert_eq!((status.received, status.receipts), (rp(100_000), 2));
    for key in ["a", "b"] {
        gateway.refund(&back(key, 50_000)).await.unwrap();
    }
    assert_eq!(fake.charges()[0].refunded, rp(100_000));
}

#[rstest]
#[case(10_303, RefundState::Unsupported)]
#[case(10_304, RefundState::Pending)]
#[tokio::test]
async fn test_amounts_are_answered_as_documented(#[case] whole: i64, #[case] state: RefundState) {
    let (fake, gateway, clock) = open().await;
    gateway.charge(&request(&clock, 50_000)).await.unwrap();
    fake.pay(REFERENCE, rp(50_000)).unwrap();
    assert_eq!(gateway.refund(&back("a", whole)).await.unwrap().state, state);
}

#[tokio::test]
async fn a_wrong_key_stops_the_account() {
    let (fake, _, clock) = open().await;
    let gateway = Xendit::new(&fake.url(), ("wrong".into(), CALLBACK_TOKEN.into()), "", clock).unwrap();
    assert!(matches!(gateway.test().await, Err(CallError::Stopped { .. })));
}

#[tokio::test]
async fn an_answer_about_another_code_is_no_answer() {
    let (fake, gateway, clock) = open().await;
    let charge = gateway.charge(&request(&clock, 50_000)).await.unwrap();
    let other = ChargeRequest { reference: "ORD-2026-0002-1".to_owned(), ..request(&clock, 50_000) };
    gateway.charge(&other).await.unwrap();
    fake.pay(&other.reference, rp(50_000)).unwrap();
    let known =
        ChargeRef { external_id: Some(charge.external_id.clone()), account: charge.account, ..named() };
    // The code itself, by either name; then only the payments that are listed for it.
    for (asked, name) in [(named(), REFERENCE), (known, charge.external_id.as_str())] {
        fake.mix_up(name, &other.reference);
        assert!(matches!(gateway.status(&asked).await, Err(CallError::Fail { .. })));
    }
    fake.mix_up(&charge.external_id, &other.reference);
    assert!(
        matches!(gateway.status(&named()).await, Err(CallError::Fail { .. })),
        "payments of another code"
    );
}

#[tokio::test]
async fn what_goes_back_in_the_companys_pages_is_told() {
    let (fake, gateway, clock) = open().await;
    fake.refund_promptly();
    gateway.charge(&request(&clock, 50_000)).await.unwrap();
    fake.pay(REFERENCE, rp(50_000)).unwrap();
    gateway.refund(&back("ours", 10_000)).await.unwrap();
    fake.send_back(REFERENCE, "dashboard-1", rp(20_000)).unwrap();
    let status = gateway.status(&named()).await.unwrap();
    let told: Vec<_> = status.returned.iter().map(|one| (one.name.as_str(), one.amount)).collect();
    assert_eq!(told, [("ours", rp(10_000)), ("dashboard-1", rp(20_000))]);
    assert_eq!((status.received, status.transactions.len()), (rp(50_000), 1));
}
