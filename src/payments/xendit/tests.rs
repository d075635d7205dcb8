//! Notices of Xendit in each of its shapes, and who may send them.

use chrono::DateTime;
use rstest::rstest;
use serde_json::json;

use super::*;

const TOKEN: &str = "geheim-token";

fn xendit() -> Xendit {
    let clock = Arc::new(Clock::fixed(DateTime::from_timestamp(1_790_000_000, 0).unwrap(), 1));
    Xendit::new("http://127.0.0.1:9", ("xnd_development_k".into(), TOKEN.into()), "", clock).unwrap()
}

fn request(token: Option<&str>, id: Option<&str>, body: &Value) -> WebhookRequest {
    let header = |name: &str, value: Option<&str>| value.map(|value| (name.to_owned(), value.to_owned()));
    WebhookRequest {
        headers: [header("x-callback-token", token), header("webhook-id", id)]
            .into_iter()
            .flatten()
            .collect(),
        body: body.to_string().into_bytes(),
    }
}

#[rstest]
#[case::of_2022(json!({ "event": "qr.payment", "api_version": "v1", "data": {
    "id": "qrpy_1", "qr_id": "qr_1", "reference_id": "ORD-2026-0001-1", "amount": 50_000, "status": "SUCCEEDED" } }), Some("qr_1"))]
#[case::older(json!({ "event": "qr.payment", "id": "qrpy_1", "amount": 50_000, "status": "COMPLETED",
    "qr_code": { "id": "qr_1", "external_id": "ORD-2026-0001-1", "qr_string": "0002", "type": "DYNAMIC" } }), Some("qr_1"))]
#[case::payment_request(json!({ "event": "payment.capture", "data": {
    "payment_request_id": "pr-1", "reference_id": "ORD-2026-0001-1", "request_amount": 50_000, "status": "SUCCEEDED" } }), Some("pr-1"))]
#[case::unknown(json!({ "event": "qr.something_new", "data": { "reference_id": "ORD-2026-0001-1", "x": [1] } }), None)]
fn every_shape_names_what_it_is_about(#[case] body: Value, #[case] external_id: Option<&str>) {
    let notice = xendit().receive(&request(Some(TOKEN), None, &body)).unwrap();
    assert_eq!(notice.reference.as_deref(), Some("ORD-2026-0001-1"));
    assert_eq!(notice.external_id.as_deref(), external_id);
    let again = xendit().receive(&request(Some(TOKEN), None, &body)).unwrap();
    assert_eq!(notice.event_key, again.event_key, "a repeat is known again");
    let named = xendit().receive(&request(Some(TOKEN), Some("wh-7"), &body)).unwrap();
    assert_eq!(named.event_key, "wh-7");
}

#[rstest]
#[case(None)]
#[case(Some(""))]
#[case(Some("geheim-toke"))]
#[case(Some("geheim-token2"))]
#[case(Some("GEHEIM-TOKEN"))]
fn nobody_else_is_heard(#[case] token: Option<&str>) {
    let body = json!({ "event": "qr.payment", "data": { "reference_id": "ORD-2026-0001-1" } });
    assert_eq!(xendit().receive(&request(token, None, &body)), Err(WebhookError::Unsigned));
}

#[test]
fn an_account_without_a_token_hears_nobody() {
    let clock = Arc::new(Clock::system());
    let xendit = Xendit::new("http://127.0.0.1:9", ("k".into(), "".into()), "", clock).unwrap();
    assert_eq!(xendit.receive(&request(Some(""), None, &json!({}))), Err(WebhookError::Unsigned));
}

#[test]
fn payments_are_read_in_both_shapes_and_only_words_of_success_count() {
    let listed = json!({ "data": [
        { "id": "qrpy_1", "amount": 50_000, "status": "SUCCEEDED", "currency": "IDR",
          "payment_detail": { "receipt_id": "r-1", "source": "DANA" } },
        { "id": "qrpy_2", "amount": "50000.00", "status": "COMPLETED", "payment_details": { "receipt_id": "r-2" } },
        { "id": "qrpy_3", "amount": 50_000, "status": "BESOK" },
        { "id": "qrpy_4", "amount": 0.5, "status": "SUCCEEDED" },
        "x",
    ] });
    let receipts: Vec<_> = wire::receipts(&listed).collect();
    let paid: Vec<_> =
        receipts.iter().filter(|receipt| receipt.is_paid).map(|receipt| receipt.id.as_str()).collect();
    assert_eq!(paid, ["qrpy_1", "qrpy_2"]);
    assert_eq!(receipts[0].payer_app.as_deref(), Some("DANA"));
    assert_eq!(receipts.len(), 3, "half a rupiah is no payment of ours");
}

proptest::proptest! {
    #[test]
    fn no_body_makes_it_panic(body in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300)) {
        let headers = vec![("x-callback-token".to_owned(), TOKEN.to_owned())];
        let _ = xendit().receive(&WebhookRequest { headers, body });
    }
}

#[test]
fn two_events_without_ids_are_two_events() {
    let key = |body: Value| xendit().receive(&request(Some(TOKEN), None, &body)).unwrap().event_key;
    let one = json!({ "event": "qr.payment", "data": { "reference_id": "ORD-1", "amount": 1 } });
    let two = json!({ "event": "qr.payment", "data": { "reference_id": "ORD-2", "amount": 1 } });
    assert_ne!(key(one.clone()), key(two));
    assert_ne!(key(json!({ "hello": 1 })), key(json!({ "hello": 2 })));
    assert_eq!(key(one.clone()), key(one), "a repeat is known");
}

#[test]
fn a_payment_says_which_code_it_was_made_for() {
    let rows = json!([{ "id": "qrpy_1", "amount": 1, "qr_id": "qr_1", "reference_id": "ORD-1", "business_id": "b" },
        { "id": "qrpy_2", "amount": 1, "qr_code": { "id": "qr_2", "external_id": "ORD-2" } }, { "id": "qrpy_3", "amount": 1 }]);
    let receipts: Vec<_> = wire::receipts(&rows).collect();
    let told: Vec<_> =
        receipts.iter().map(|receipt| (receipt.told().reference, receipt.told().external_id)).collect();
    assert_eq!(told, [(Some("ORD-1"), Some("qr_1")), (Some("ORD-2"), Some("qr_2")), (None, None)]);
}
