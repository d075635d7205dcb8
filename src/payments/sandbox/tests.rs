//! The sandbox over books in memory.

use std::collections::BTreeMap;
use std::sync::Mutex;

use super::*;
use crate::payments::qris::{Qris, check_dynamic};

#[derive(Default)]
struct Memory(Mutex<BTreeMap<String, Entry>>, Mutex<BTreeMap<String, Rupiah>>);

#[async_trait]
impl Ledger for Memory {
    async fn add(&self, entry: &Entry, _: DateTime<Utc>) -> Result<Entry, CallError> {
        Ok(self.0.lock().unwrap().entry(entry.reference.clone()).or_insert_with(|| entry.clone()).clone())
    }

    async fn find(&self, reference: &str) -> Result<Option<Entry>, CallError> {
        Ok(self.0.lock().unwrap().get(reference).cloned())
    }

    async fn receive(
        &self,
        reference: &str,
        amount: Rupiah,
        _: DateTime<Utc>,
    ) -> Result<Option<Entry>, CallError> {
        Ok(self.0.lock().unwrap().get_mut(reference).map(|entry| {
            entry.received = entry.received.plus(amount).unwrap();
            entry.receipts += 1;
            entry.clone()
        }))
    }

    async fn refund(
        &self,
        reference: &str,
        refund_key: &str,
        amount: Rupiah,
        _: DateTime<Utc>,
    ) -> Result<bool, CallError> {
        let mut refunds = self.1.lock().unwrap();
        let gone = refunds.values().fold(amount, |sum, more| sum.plus(*more).unwrap());
        let received = self.0.lock().unwrap()[reference].received;
        let fits = refunds.contains_key(refund_key) || gone <= received;
        if fits {
            refunds.insert(refund_key.to_owned(), amount);
        }
        Ok(fits)
    }

    async fn cancel(&self, reference: &str, _: DateTime<Utc>) -> Result<Option<Entry>, CallError> {
        Ok(self.0.lock().unwrap().get_mut(reference).map(|entry| {
            entry.cancelled = entry.receipts == 0;
            entry.clone()
        }))
    }
}

fn rp(whole: i64) -> Rupiah {
    Rupiah::new(whole).unwrap()
}

fn sandbox() -> (Sandbox, Arc<Clock>) {
    let clock = Arc::new(Clock::fixed(DateTime::from_timestamp(1_760_000_000, 0).unwrap(), 1));
    let sandbox =
        Sandbox::new(Arc::new(Memory::default()), clock.clone(), "secret", "http://127.0.0.1:8080/");
    (sandbox, clock)
}

fn request(clock: &Clock, whole: i64) -> ChargeRequest {
    ChargeRequest {
        reference: "ORD-2026-0001-1".to_owned(),
        amount: rp(whole),
        merchant: "Bella Teh Indonesia".to_owned(),
        city: "Bandung".to_owned(),
        expires_at: clock.now() + chrono::Duration::minutes(15),
        code: None,
    }
}

fn named(reference: &str) -> ChargeRef {
    ChargeRef { reference: reference.to_owned(), external_id: None, amount: rp(50_000), account: None }
}

#[tokio::test]
async fn no_more_goes_back_than_came_in_and_the_same_key_goes_back_once() {
    let (sandbox, clock) = sandbox();
    sandbox.charge(&request(&clock, 50_000)).await.unwrap();
    let refund = |key: &str, whole| RefundRequest {
        charge: named("ORD-2026-0001-1"),
        refund_key: key.to_owned(),
        external_id: None,
        amount: rp(whole),
        reason: "customer_request".to_owned(),
    };
    let state = async |request: RefundRequest| sandbox.refund(&request).await.unwrap().state;
    assert!(matches!(state(refund("a", 1)).await, RefundState::Failed { .. }), "nothing came in yet");
    sandbox.pay("ORD-2026-0001-1", rp(50_000)).await.unwrap();
    assert_eq!(state(refund("a", 30_000)).await, RefundState::Succeeded);
    assert_eq!(state(refund("a", 30_000)).await, RefundState::Succeeded, "the same refund");
    assert!(matches!(state(refund("b", 20_001)).await, RefundState::Failed { .. }));
    assert_eq!(state(refund("b", 20_000)).await, RefundState::Succeeded);
    assert_eq!(sandbox.refund_status(&refund("b", 20_000)).await.unwrap().state, RefundState::Succeeded);
}

#[tokio::test]
async fn a_charge_is_a_valid_code_over_the_exact_amount_and_asking_twice_changes_nothing() {
    let (sandbox, clock) = sandbox();
    let charge = sandbox.charge(&request(&clock, 117_500)).await.unwrap();
    assert_eq!(check_dynamic(&charge.qris, rp(117_500)), Ok(()));
    let code = Qris::parse(&charge.qris).unwrap();
    assert_eq!(code.findings(), []);
    assert_eq!(code.get(59), Some("BELLA TEH INDONESIA"));
    assert_eq!(code.get_inside(62, 5).as_deref(), Some("ORD-2026-0001-1"));
    assert_eq!(charge.url.as_deref(), Some("http://127.0.0.1:8080/sandbox/pay/ORD-2026-0001-1"));
    assert_eq!(sandbox.charge(&request(&clock, 117_500)).await, Ok(charge));
    assert!(matches!(sandbox.charge(&request(&clock, 117_501)).await, Err(CallError::Fail { .. })));
    assert!(matches!(sandbox.status(&named("unknown")).await, Err(CallError::Fail { .. })));
}

#[tokio::test]
async fn an_amount_past_the_limit_of_the_network_is_refused() {
    let (sandbox, clock) = sandbox();
    assert!(matches!(sandbox.charge(&request(&clock, 10_000_001)).await, Err(CallError::Fail { .. })));
}

#[tokio::test]
async fn the_status_tells_what_came_also_late_twice_or_after_it_was_called_off() {
    let (sandbox, clock) = sandbox();
    let reference = sandbox.charge(&request(&clock, 50_000)).await.map(|_| "ORD-2026-0001-1").unwrap();
    let state = async || {
        let status = sandbox.status(&named(reference)).await.unwrap();
        (status.state, status.received.whole(), status.receipts)
    };
    assert_eq!(state().await, (GatewayState::Pending, 0, 0));
    clock.advance(chrono::Duration::minutes(15));
    assert_eq!(state().await, (GatewayState::Expired, 0, 0));
    sandbox.cancel(&named(reference)).await.unwrap();
    assert_eq!(state().await, (GatewayState::Failed, 0, 0));
    sandbox.pay(reference, rp(49_999)).await.unwrap();
    assert_eq!(state().await, (GatewayState::Paid, 49_999, 1));
    sandbox.pay(reference, rp(50_000)).await.unwrap();
    assert_eq!(state().await, (GatewayState::Paid, 99_999, 2));
    assert!(sandbox.cancel(&named(reference)).await.is_err());
    assert_eq!(sandbox.pay(reference, Rupiah::ZERO).await.unwrap_err(), PayError::Amount);
    assert_eq!(sandbox.pay("unknown", rp(1)).await.unwrap_err(), PayError::Unknown);
}

#[tokio::test]
async fn a_notice_is_read_only_with_its_signature_and_a_repeat_has_the_same_key() {
    let (sandbox, clock) = sandbox();
    sandbox.charge(&request(&clock, 50_000)).await.unwrap();
    assert_eq!(sandbox.repeat("ORD-2026-0001-1").await.unwrap().map(|r| r.body), None);
    let first = sandbox.pay("ORD-2026-0001-1", rp(50_000)).await.unwrap();
    let again = sandbox.repeat("ORD-2026-0001-1").await.unwrap().unwrap();
    let second = sandbox.pay("ORD-2026-0001-1", rp(50_000)).await.unwrap();
    let notice = sandbox.receive(&first).unwrap();
    assert_eq!(notice.reference.as_deref(), Some("ORD-2026-0001-1"));
    assert_eq!(notice.event_key, sandbox.receive(&again).unwrap().event_key);
    assert_ne!(notice.event_key, sandbox.receive(&second).unwrap().event_key);
    let mut forged = first.clone();
    forged.body.push(b' ');
    assert_eq!(sandbox.receive(&forged), Err(WebhookError::Unsigned));
    forged.headers.clear();
    assert_eq!(sandbox.receive(&forged), Err(WebhookError::Unsigned));
    let signed = |body: &[u8]| WebhookRequest {
        headers: vec![(SIGNATURE_HEADER.to_owned(), hmac_sha256_hex(b"secret", body))],
        body: body.to_vec(),
    };
    assert!(matches!(sandbox.receive(&signed(b"{")), Err(WebhookError::Malformed(_))));
    let unknown = signed(br#"{"id":"x","event":"something.new","extra":[1]}"#);
    assert_eq!(sandbox.receive(&unknown).unwrap().reference, None);
}
