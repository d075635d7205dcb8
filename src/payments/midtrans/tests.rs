//! Notices of Midtrans: what the signature covers, what it does not, and what comes of each.

use chrono::DateTime;
use rstest::rstest;
use serde_json::json;
use sha2::{Digest, Sha512};

use super::*;

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
    assert_eq!(sign("1111", "200", "100000.00", "askvnoibnosifnboseofinbofinfgbiufglnbfg"), signature);
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
    let charge =
        ChargeRef { reference: "ORD-1".into(), external_id: None, amount: Rupiah::new(50_000).unwrap() };
    let transaction = json!({ "transaction_status": word, "status_code": code, "fraud_status": fraud,
        "gross_amount": "50000.00", "currency": "IDR", "transaction_id": "t-1" });
    let status = midtrans().status_of(&charge, &transaction);
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

proptest::proptest! {
    #[test]
    fn no_body_makes_it_panic(body in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300)) {
        let refused = midtrans().receive(&WebhookRequest { headers: Vec::new(), body });
        proptest::prop_assert_eq!(refused, Err(WebhookError::Unsigned));
    }
}
