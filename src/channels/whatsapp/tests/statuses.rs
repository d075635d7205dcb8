//! What the platform reports of our messages.

use rstest::rstest;
use serde_json::{Value, json};

use super::*;
use crate::domain::message::{DeliveryFailure, DeliveryState};

#[rstest]
#[case("sent", Some(DeliveryState::Sent))]
#[case("delivered", Some(DeliveryState::Delivered))]
#[case("read", Some(DeliveryState::Read))]
#[case("played", Some(DeliveryState::Read))]
#[case("failed", Some(DeliveryState::Failed))]
#[case("deleted", None)]
#[case("hologram", None)]
fn statuses_become_reports(#[case] status: &str, #[case] expected: Option<DeliveryState>) {
    let status = json!({"id": "wamid.B", "status": status, "biz_opaque_callback_data": "w:41"});
    let found = events(&change("messages", json!({"statuses": [status]})));
    let reports: Vec<_> = found
        .into_iter()
        .map(|event| match event {
            ChannelEvent::Delivery(delivery) => delivery,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(reports.first().map(|report| report.state), expected);
    for report in reports {
        assert_eq!((report.outbox_id, report.channel_message_id.as_str()), (Some(41), "wamid.B"));
    }
}

#[rstest]
#[case(json!([{"code": 131047, "title": "Re-engagement message"}]), "131047", DeliveryFailure::WindowShut)]
#[case(json!([{"code": "131026"}]), "131026", DeliveryFailure::Unreachable)]
#[case(json!([{"code": 131049}]), "131049", DeliveryFailure::Unreachable)]
#[case(json!([{"code": 131050}]), "131050", DeliveryFailure::Unreachable)]
#[case(json!([{"code": 131030}]), "131030", DeliveryFailure::Unreachable)]
#[case(json!([{"code": 131000}]), "131000", DeliveryFailure::Retry { after_ms: None })]
#[case(json!([{"code": 131042}]), "131042", DeliveryFailure::Stopped)]
#[case(json!([{"code": 131053, "error_data": {"details": "Ayu 0812"}}]), "131053", DeliveryFailure::Final)]
#[case(json!([]), "no code", DeliveryFailure::Final)]
#[case(json!("x"), "no code", DeliveryFailure::Final)]
fn a_failure_says_what_is_to_be_done(
    #[case] errors: Value,
    #[case] words: &str,
    #[case] failure: DeliveryFailure,
) {
    let status =
        json!({"id": "wamid.B", "status": "failed", "errors": errors, "biz_opaque_callback_data": "w:9.0"});
    let ChannelEvent::Delivery(report) = events(&change("messages", json!({"statuses": [status]}))).remove(0)
    else {
        panic!("it is a report")
    };
    let error = report.error.unwrap();
    assert!(error.contains(words) && !error.contains("Ayu"), "{error}");
    assert_eq!((report.failure, report.outbox_id, report.is_part), (Some(failure), Some(9), true));
}
