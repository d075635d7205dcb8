//! Notices of Midtrans: what the signature covers, what it does not, and what comes of each.

use chrono::DateTime;
use rstest::rstest;
use serde_json::json;
use sha2::{Digest, Sha512};

use super::*;
use crate::payments::{RefundProblem, RefundState};

const KEY: &str = "SB-Mid-server-geheim";

fn midtrans() -> Midtrans {
    let clock = Arc::new(Clock::fixed(DateTime::from_timestamp(1_790_000_000, 0).unwrap(), 1));
    Midtrans::new("http://127.0.0.1:9", KEY.into(), "https://shop.example/webhooks/midtrans", clock).unwrap()
}

fn sign(order_id: &str, code: &str, amount: &str, key: &str) -> String {
    hex::encode(Sha512::digest(format!("{order_id}{code}{amount}{key}")))
}

fn request(body: &str) -> WebhookRequest {
    WebhookRequest { headers: Vec::new(), body: body.as_bytes().to_vec() }
}

#[test]
fn the_signature_is_that_of_the_public_vector() {
    let signature = "edc076b21793ebe3e17926350f5b8ae67d902fe657b3d0aa31b932d5c127e2375d308a2bc94f3265ac2d80a1f181a79b997ac178a236fcff35af263fc4d4c231";
    let key = "askvnoibnosifnboseofinbofinfgbiufglnbfg";
    assert_eq!(sign("1111", "200", "100000.00", key), signature);
    let body = json!({ "order_id": "1111", "status_code": "200", "gross_amount": "100000.00",
        "signature_key": signature });
    let clock = Arc::new(Clock::fixed(DateTime::from_timestamp(1_790_000_000, 0).unwrap(), 1));
    let account = Midtrans::new("http://127.0.0.1:9", key.into(), "", clock).unwrap();
    assert_eq!(account.receive(&request(&body.to_string())).unwrap().reference.as_deref(), Some("1111"));
}

#[rstest]
#[case("\"50000.00\"", "50000.00")]
#[case("\"50000\"", "50000")]
#[case("\"50000.0\"", "50000.0")]
#[case("50000.00", "50000.00")]
fn amounts_are_signed_as_they_are_written(#[case] json: &str, #[case] text: &str) {
    let signature = sign("ORD-2026-0001-1", "200", text, KEY);
    let body = format!(
        r#"{{"order_id":"ORD-2026-0001-1","status_code":"200","gross_amount":{json},"signature_key":"{signature}",
            "transaction_id":"t-1","transaction_status":"settlement","neu":{{"x":[1]}}}}"#
    );
    let notice = midtrans().receive(&request(&body)).unwrap();
    assert_eq!(notice.reference.as_deref(), Some("ORD-2026-0001-1"));
    assert_eq!((notice.event_key.as_str(), notice.external_id), ("t-1:settlement:200:-", None));
}

#[rstest]
#[case::another_amount("ORD-1", "200", "50001.00")]
#[case::another_order("ORD-2", "200", "50000.00")]
#[case::another_code("ORD-1", "201", "50000.00")]
fn what_the_signature_covers_cannot_be_changed(
    #[case] order: &str,
    #[case] code: &str,
    #[case] amount: &str,
) {
    let signature = sign("ORD-1", "200", "50000.00", KEY);
    let body =
        json!({ "order_id": order, "status_code": code, "gross_amount": amount, "signature_key": signature });
    assert_eq!(midtrans().receive(&request(&body.to_string())), Err(WebhookError::Unsigned));
}

#[rstest]
#[case(json!({ "order_id": "ORD-1", "status_code": "200", "gross_amount": "50000.00" }))]
#[case(json!({ "order_id": "ORD-1", "status_code": "200", "gross_amount": "50000.00", "signature_key": "" }))]
#[case(json!({ "order_id": "ORD-1", "status_code": "200", "gross_amount": "50000.00", "signature_key": "ab" }))]
#[case(json!({ "order_id": "ORD-1", "status_code": "200", "gross_amount": "50000.00", "signature_key": null }))]
#[case(json!([]))]
fn a_notice_without_its_signature_is_refused(#[case] body: Value) {
    assert_eq!(midtrans().receive(&request(&body.to_string())), Err(WebhookError::Unsigned));
}

#[rstest]
#[case("settlement", "200", "accept", GatewayState::Paid)]
#[case("capture", "200", "accept", GatewayState::Paid)]
#[case("partial_refund", "200", "accept", GatewayState::Paid)]
#[case("settlement", "200", "challenge", GatewayState::Pending)]
#[case("settlement", "201", "accept", GatewayState::Pending)]
#[case("pending", "201", "accept", GatewayState::Pending)]
#[case("expire", "407", "accept", GatewayState::Expired)]
#[case("cancel", "200", "accept", GatewayState::Failed)]
#[case("deny", "202", "accept", GatewayState::Failed)]
#[case("chargeback", "200", "accept", GatewayState::Disputed)]
#[case("besok", "200", "accept", GatewayState::Pending)]
fn every_word_has_one_meaning(
    #[case] word: &str,
    #[case] code: &str,
    #[case] fraud: &str,
    #[case] state: GatewayState,
) {
    let charge = ChargeRef {
        reference: "ORD-1".into(),
        external_id: None,
        amount: Rupiah::new(50_000).unwrap(),
        account: None,
    };
    let transaction = json!({ "transaction_status": word, "status_code": code, "fraud_status": fraud,
        "gross_amount": "50000.00", "currency": "IDR", "transaction_id": "t-1", "order_id": "ORD-1" });
    let status = midtrans().status_of(&charge, &transaction).unwrap();
    assert_eq!(status.state, state);
    let is_there = matches!(state, GatewayState::Paid | GatewayState::Disputed);
    assert_eq!(status.received.whole(), if is_there { 50_000 } else { 0 });
}

#[test]
fn an_amount_with_a_fraction_is_no_amount_of_the_shop() {
    assert_eq!(wire::whole(&json!({ "a": "50000.50" }), "a"), None);
    assert_eq!(wire::whole(&json!({ "a": "50000.00" }), "a"), Rupiah::new(50_000).ok());
    assert_eq!(wire::wib(DateTime::from_timestamp(1_624_431_762, 0).unwrap()), "2021-06-23 14:02:42 +0700");
}

#[test]
fn a_number_in_place_of_a_text_means_the_same_and_a_reversal_is_a_dispute() {
    let charge = ChargeRef {
        reference: "ORD-1".into(),
        external_id: None,
        amount: Rupiah::new(50_000).unwrap(),
        account: None,
    };
    let state = |mut transaction: Value| {
        transaction["order_id"] = "ORD-1".into();
        midtrans().status_of(&charge, &transaction).unwrap().state
    };
    let settled = json!({ "transaction_status": "settlement", "status_code": 200, "gross_amount": 50_000 });
    assert_eq!(
        state(settled),
        GatewayState::Paid,
        "without the fraud detection's word, which is about cards"
    );
    for word in ["deny", "cancel", "failure"] {
        let reversed = json!({ "transaction_status": word, "status_code": "202", "gross_amount": "50000.00",
            "settlement_time": "2021-06-23 14:02:42" });
        assert_eq!(state(reversed), GatewayState::Disputed, "{word}");
    }
}

#[test]
fn a_charge_that_has_ended_is_told_from_one_that_can_be_paid() {
    for (word, ended) in
        [("pending", false), ("settlement", false), ("expire", true), ("cancel", true), ("deny", true)]
    {
        assert_eq!(wire::has_ended(&json!({ "transaction_status": word })), ended, "{word}");
    }
    assert!(wire::has_ended(&json!({ "status_code": "407" })));
}

fn asked_back() -> RefundRequest {
    let amount = Rupiah::new(5_000).unwrap();
    RefundRequest {
        charge: ChargeRef { reference: "ORD-1".into(), external_id: None, amount, account: None },
        refund_key: "r-1".into(),
        external_id: None,
        amount,
        reason: "customer_request".into(),
    }
}

const DENIED: &str = "Midtrans lists the refund over nothing: the bank has denied it";

fn failed(reason: &str) -> RefundState {
    let problem = match reason {
        "202 denied" | DENIED => RefundProblem::Denied,
        "414 insufficient" => RefundProblem::Funds,
        _ => RefundProblem::Refused,
    };
    RefundState::Failed { problem, reason: reason.to_owned() }
}

#[rstest]
#[case::done(200, json!({ "refund_amount": "5000.00" }), RefundState::Succeeded)]
#[case::done_in_part(200, json!({ "refund_amount": "4000.00" }), RefundState::Pending)]
#[case::accepted(201, json!({}), RefundState::Pending)]
#[case::the_bank_says_no(202, json!({ "status_message": "denied", "refund_amount": "0.00" }), failed("202 denied"))]
#[case::known_key(406, json!({}), RefundState::Pending)]
#[case::not_to_be_changed(412, json!({}), failed("412"))]
#[case::syntax(413, json!({}), failed("413"))]
#[case::too_little_money(414, json!({ "status_message": "insufficient" }), failed("414 insufficient"))]
#[case::not_this_kind(418, json!({}), RefundState::Unsupported)]
fn an_answer_to_a_refund_has_one_meaning(#[case] code: u16, #[case] body: Value, #[case] state: RefundState) {
    assert_eq!(refund::outcome(&asked_back(), &Answer { code, body }).state, state);
}

#[rstest]
#[case::listed(json!({ "refund_key": "r-1", "refund_amount": "5000.00" }), Some(RefundState::Succeeded))]
#[case::waits(
    json!({ "refund_key": "r-1", "refund_amount": "5000.00", "bank_confirmed_at": null }),
    Some(RefundState::Pending)
)]
#[case::denied(
    json!({ "refund_key": "r-1", "refund_amount": "0.00" }),
    Some(failed(DENIED))
)]
#[case::another(json!({ "refund_key": "r-2", "refund_amount": "5000.00" }), None)]
fn a_refund_is_found_by_its_key_and_has_to_be_over_its_amount(
    #[case] listed: Value,
    #[case] state: Option<RefundState>,
) {
    let found = refund::known(&json!({ "refunds": [listed] }), &asked_back());
    assert_eq!(found.map(|answer| answer.state), state);
}

#[test]
fn two_refunds_of_one_charge_are_two_events_and_no_name_breaks_a_column() {
    let key = |status: &str, refunds: Value| {
        let body = json!({ "order_id": "ORD-1", "status_code": "200", "gross_amount": "1.00",
            "signature_key": sign("ORD-1", "200", "1.00", KEY), "transaction_id": "t-1",
            "transaction_status": status, "refunds": refunds });
        midtrans().receive(&request(&body.to_string())).unwrap().event_key
    };
    let (first, second) =
        (json!([{ "refund_key": "a" }]), json!([{ "refund_key": "a" }, { "refund_key": "b" }]));
    assert_eq!(key("partial_refund", first), "t-1:partial_refund:200:a");
    assert_eq!(key("partial_refund", second), "t-1:partial_refund:200:b");
    let long = "x".repeat(5_000);
    assert_ne!(key(&format!("{long}a"), json!([])), key(&format!("{long}b"), json!([])));
    assert!(!key("a\0b", json!([])).contains('\0'));
}

proptest::proptest! {
    #[test]
    fn no_body_makes_it_panic(body in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300)) {
        let refused = midtrans().receive(&WebhookRequest { headers: Vec::new(), body });
        proptest::prop_assert_eq!(refused, Err(WebhookError::Unsigned));
    }
}

#[rstest]
#[case::plain(json!({ "gross_amount": "112000.00" }), 112_000)]
#[case::beside(json!({ "gross_amount": "112071.00", "original_amount": "112000" }), 112_000)]
#[case::nested(json!({ "gross_amount": "10071.00", "metadata": { "extra_info": { "gross_amount_info": {
    "original_amount": "10000", "gross_amount": "10071", "customer_imposed_payment_fee": "71" } } } }), 10_000)]
#[case::by_the_fee_alone(json!({ "gross_amount": "10071.00", "gross_amount_info": { "customer_imposed_payment_fee": "71" } }), 10_000)]
#[case::a_discount_of_the_companys(json!({ "gross_amount": "90000.00", "original_amount": "100000" }), 90_000)]
#[case::a_fee_that_eats_all(json!({ "gross_amount": "50.00", "customer_imposed_payment_fee": "71" }), 0)]
fn what_the_shop_never_got_is_not_received(#[case] transaction: Value, #[case] received: i64) {
    assert_eq!(wire::received(&transaction), Rupiah::new(received).ok());
}

#[rstest]
#[case::ours(json!({ "order_id": "ORD-1", "transaction_id": "t-1", "merchant_id": "M1" }), true)]
#[case::only_the_transaction(json!({ "transaction_id": "t-1" }), true)]
#[case::the_order_id_is_the_transactions(json!({ "order_id": "t-1", "transaction_id": "t-1" }), true)]
#[case::another_order(json!({ "order_id": "ORD-2", "transaction_id": "t-1" }), false)]
#[case::another_transaction(json!({ "order_id": "ORD-1", "transaction_id": "t-2" }), false)]
#[case::another_account(json!({ "order_id": "ORD-1", "transaction_id": "t-1", "merchant_id": "M2" }), false)]
#[case::nobodys(json!({ "transaction_status": "settlement" }), false)]
fn an_answer_counts_only_for_the_charge_that_it_names(#[case] told: Value, #[case] is_ours: bool) {
    let charge = ChargeRef {
        reference: "ORD-1".into(),
        external_id: Some("t-1".into()),
        amount: Rupiah::new(50_000).unwrap(),
        account: Some("M1".into()),
    };
    let mut transaction =
        json!({ "transaction_status": "settlement", "status_code": "200", "gross_amount": "50000.00" });
    for (name, value) in told.as_object().unwrap() {
        transaction[name] = value.clone();
    }
    assert_eq!(midtrans().status_of(&charge, &transaction).is_ok(), is_ours);
}

#[test]
fn two_events_without_names_are_two_events() {
    let key = |more: &str| {
        let signature = sign("ORD-1", "200", "50000.00", KEY);
        let body = format!(
            r#"{{"order_id":"ORD-1","status_code":"200","gross_amount":"50000.00","signature_key":"{signature}"{more}}}"#
        );
        midtrans().receive(&request(&body)).unwrap().event_key
    };
    assert_ne!(key(""), key(r#","fraud_status":"accept""#));
    let partial = |amount: &str| {
        key(&format!(
            r#","transaction_id":"t-1","transaction_status":"partial_refund","refund_amount":"{amount}""#
        ))
    };
    assert_ne!(partial("1000.00"), partial("2000.00"), "two refunds that name no key");
    assert_eq!(partial("1000.00"), partial("1000.00"), "a repeat is known");
}
