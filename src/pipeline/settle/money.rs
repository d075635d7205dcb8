//! Money that came in and must go back: promises, and what came on top of a payment.

use super::problem;
use super::status::Case;
use crate::dialogue::event::Event;
use crate::domain::ids::PaymentId;
use crate::domain::money::Rupiah;
use crate::domain::payment::{Payment, PaymentStatus};
use crate::pipeline::effects::{Scene, news};
use crate::store;
use crate::store::payments::NewPayment;
use crate::store::refunds::NewRefund;

/// Promises to send money of a payment back.
pub(super) async fn give_back(
    scene: &mut Scene<'_>,
    case: &Case,
    payment: &PaymentId,
    amount: Rupiah,
    reason: &str,
) -> Result<(), sqlx::Error> {
    let order = &case.order.order.id;
    let refund = NewRefund { payment, order, amount, reason, description: None };
    store::refunds::promise(scene.connection, scene.clock, &refund, scene.now).await?;
    Ok(())
}

/// Money on top becomes a confirmed payment of its own with an open refund; it never touches stock.
pub(super) async fn book_surplus(
    scene: &mut Scene<'_>,
    case: &Case,
    more: Rupiah,
) -> Result<(), sqlx::Error> {
    if more == Rupiah::ZERO {
        return Ok(());
    }
    let parent = &case.payment.payment;
    let total = case.payment.surplus.plus(more).unwrap_or(more);
    let payment = Payment {
        id: PaymentId::from(scene.clock.id()),
        order: case.order.order.id.clone(),
        reference: format!("{}-S{}", parent.reference, total.whole()),
        amount: more,
        gateway: case.payment.gateway.clone(),
        status: PaymentStatus::Confirmed,
        qris: None,
        url: None,
        expires_at: None,
        receipt_id: None,
        received: Rupiah::ZERO,
    };
    let new = NewPayment { store: &scene.store.id, payment: &payment, gateway: &case.payment.gateway };
    store::payments::insert_surplus(scene.connection, scene.clock, &new, &parent.id, scene.now).await?;
    give_back(scene, case, &payment.id, more, "customer_request").await
}

/// All of a second payment of a paid order goes back. Returns what to tell the buyer.
pub(super) async fn second(
    scene: &mut Scene<'_>,
    case: &Case,
    received: Rupiah,
) -> Result<Vec<Event>, sqlx::Error> {
    let payment = &case.payment.payment;
    store::payments::mark_surplus_if_second(scene.connection, &payment.order, &payment.id).await?;
    give_back(scene, case, &payment.id, payment.amount, "customer_request").await?;
    book_surplus(scene, case, received.minus(payment.amount).unwrap_or_default()).await?;
    tell_surplus(scene, case, received, received).await
}

/// Tells both sides of money on top.
pub(super) async fn tell_surplus(
    scene: &mut Scene<'_>,
    case: &Case,
    received: Rupiah,
    surplus: Rupiah,
) -> Result<Vec<Event>, sqlx::Error> {
    problem(scene, &case.order, &case.payment, "surplus", received).await?;
    let occasion = format!("{}:{}", case.payment.payment.id, received.whole());
    let facts = news::facts([("received", received.into()), ("surplus", surplus.into())]);
    let event = news::tell_buyer(scene, &case.order, "payment.surplus", &occasion, facts).await?;
    Ok(event.into_iter().collect())
}
