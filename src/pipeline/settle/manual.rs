//! Payments that nobody reports: a person of the shop, or a notice of the shop's bank, says what came in. What they say goes
//! the same way as the answer of a gateway.

use chrono::Duration;

use super::status;
use crate::dialogue::event::Event;
use crate::dialogue::value::Value;
use crate::domain::money::Rupiah;
use crate::domain::payment::{CURRENCY, GatewayState, GatewayStatus, PaymentStatus, is_reported};
use crate::pipeline::effects::{Scene, news};
use crate::store;
use crate::store::orders::Locked as LockedOrder;
use crate::store::payments::Locked as LockedPayment;

/// Hours after which the shop is asked again about an order that nobody has decided on.
const ASK_AGAIN_HOURS: i64 = 6;
/// Days for which it is asked. The order stays in the shop's list afterwards, and its goods stay held.
const ASK_FOR_DAYS: i64 = 7;

/// Takes in that this much came in for an order, all in all, without what was taken out to be sent back. `why` is `staff` or
/// `statement`.
pub(in crate::pipeline) async fn said(
    scene: &mut Scene<'_>,
    order: LockedOrder,
    payment: LockedPayment,
    why: &str,
    received: Rupiah,
) -> Result<Vec<Event>, sqlx::Error> {
    let answer = GatewayStatus {
        reference: payment.payment.reference.clone(),
        external_id: payment.external_id.clone(),
        state: GatewayState::Paid,
        received: received.plus(payment.returned).unwrap_or(received),
        receipts: 1,
        currency: CURRENCY.to_owned(),
        receipt_id: None,
        payer_app: None,
        transactions: Vec::new(),
        returned: Vec::new(),
    };
    status::answered(scene, order, payment, why, &answer).await
}

/// A notice of the shop's bank names the amount of an order. It counts only while the order waits for exactly that.
pub(super) async fn stated(
    scene: &mut Scene<'_>,
    order: LockedOrder,
    payment: LockedPayment,
    log: &str,
    amount: Rupiah,
) -> Result<Vec<Event>, sqlx::Error> {
    let fits = order.order.status.is_unpaid()
        && payment.payment.status == PaymentStatus::Pending
        && payment.payment.amount == amount
        && !is_reported(&payment.gateway);
    let error = (!fits).then_some("the order is not open");
    store::webhook_logs::mark_processed(scene.connection, log, error, scene.now).await?;
    if fits {
        return said(scene, order, payment, "statement", amount).await;
    }
    let facts = news::facts([
        ("amount", amount.into()),
        ("problem", Value::Word("bank-problem.closed".to_owned())),
        ("number", order.order.number.into()),
    ]);
    news::tell_staff(scene, "staff.bank_notice", Some(&order.order.id), log, facts).await?;
    Ok(Vec::new())
}

/// The time of an order is over, and nobody but the shop can say whether it was paid: its people are asked, and what the
/// order holds stays held.
pub(super) async fn ask_shop(
    scene: &mut Scene<'_>,
    order: &LockedOrder,
    payment: &LockedPayment,
) -> Result<(), sqlx::Error> {
    let id = &order.order.id;
    let occasion = format!("{}:due:{}", payment.payment.id, scene.now.timestamp());
    let facts = news::facts([("why", "due".into())]);
    if !news::tell_staff(scene, "staff.payment_said", Some(id), &occasion, facts).await? {
        tracing::error!(order.id = %id, "an order waits for a decision of the shop, which has no staff chat");
    }
    if scene.now < payment.created_at + Duration::days(ASK_FOR_DAYS) {
        let again = scene.now + Duration::hours(ASK_AGAIN_HOURS);
        scene.timers.push(("expire".to_owned(), id.to_string(), again));
    }
    Ok(())
}
