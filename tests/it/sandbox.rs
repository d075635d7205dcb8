//! The sandbox gateway over its books in the database.

use std::sync::Arc;

use chrono::Duration;
use warung::clock::Clock;
use warung::domain::money::Rupiah;
use warung::domain::payment::GatewayState;
use warung::payments::sandbox::{MAX_RECEIPTS, PayError};
use warung::payments::{ChargeRef, ChargeRequest, Gateway};
use warung::pipeline::sandbox;

use crate::support::database;

#[tokio::test]
async fn two_processes_agree_on_the_books_and_on_signatures() {
    let database = database().await;
    let clock = Arc::new(Clock::system());
    let open = async || sandbox::open(&database.pool, clock.clone(), "http://127.0.0.1:1").await.unwrap();
    let (one, two) = (open().await, open().await);
    let amount = Rupiah::new(117_500).unwrap();
    let request = ChargeRequest {
        reference: "ORD-2026-0001-1".to_owned(),
        amount,
        merchant: "Bella Teh Indonesia".to_owned(),
        city: "Bandung".to_owned(),
        expires_at: clock.now() + Duration::minutes(15),
        code: None,
    };
    let charge = ChargeRef { reference: request.reference.clone(), external_id: None, amount, account: None };
    let (first, second) = tokio::join!(one.charge(&request), two.charge(&request));
    assert_eq!(first.unwrap(), second.unwrap(), "one reference, one charge");
    let notice = one.pay(&request.reference, amount).await.unwrap();
    assert_eq!(two.receive(&notice).unwrap().reference.as_ref(), Some(&request.reference));
    assert_eq!(two.status(&charge).await.unwrap().state, GatewayState::Paid);
    assert!(two.cancel(&charge).await.is_err(), "what is paid cannot be called off");
    for _ in 1..MAX_RECEIPTS {
        two.pay(&request.reference, amount).await.unwrap();
    }
    assert_eq!(two.pay(&request.reference, amount).await.unwrap_err(), PayError::TooMany);
    let status = one.status(&charge).await.unwrap();
    assert_eq!((status.receipts, status.received.whole()), (MAX_RECEIPTS, 117_500 * i64::from(MAX_RECEIPTS)));
}
