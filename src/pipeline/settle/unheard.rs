//! Payments of which their gateway says nothing: it is down, knows no such charge, or is not configured any more. Nothing is
//! concluded about the money; but goods are not held for ever, and the shop hears by what it can look for itself.

use chrono::{DateTime, Duration, Utc};

use super::lapse;
use crate::dialogue::event::Event;
use crate::domain::payment::KEPT_MINUTES;
use crate::pipeline::effects::payment::ask;
use crate::pipeline::effects::{Scene, news};
use crate::store;
use crate::store::orders::Locked as LockedOrder;
use crate::store::payments::Locked as LockedPayment;

/// A server that was away at the deadline gives the gateway at least so long to answer.
const ANSWER_WAIT: Duration = Duration::minutes(10);
/// The kind of the deadline at which goods are let go.
pub(in crate::pipeline) const LET_GO: &str = "let_go";

/// The time of an order is over: its gateway is asked, and the moment is set at which its goods are let go without an answer.
pub(super) async fn at_deadline(
    scene: &mut Scene<'_>,
    order: &LockedOrder,
    payment: &LockedPayment,
) -> Result<Vec<Event>, sqlx::Error> {
    if !(scene.callable)(&payment.gateway) {
        return let_go(scene, order, payment).await;
    }
    ask(scene, payment, "expire").await?;
    let chat = order.extra.conversation.as_ref().unwrap_or(scene.conversation_id);
    let (id, at) = (order.order.id.as_str(), kept_until(scene, payment));
    store::timers::set_once(scene.connection, chat, LET_GO, id, at).await?;
    Ok(Vec::new())
}

fn kept_until(scene: &Scene<'_>, payment: &LockedPayment) -> DateTime<Utc> {
    let deadline = payment.payment.expires_at.unwrap_or(payment.created_at);
    (deadline + Duration::minutes(KEPT_MINUTES)).max(scene.now + ANSWER_WAIT)
}

/// The gateway has not said in time whether an order was paid: it lapses as if it were not, and the shop is told once.
pub(super) async fn let_go(
    scene: &mut Scene<'_>,
    order: &LockedOrder,
    payment: &LockedPayment,
) -> Result<Vec<Event>, sqlx::Error> {
    tracing::error!(order.id = %order.order.id, gateway = payment.gateway, "an order lapses that could not be checked");
    tell_shop(scene, order, payment, None).await?;
    lapse(scene, order).await
}

/// The gateway could not be asked at the deadline: the shop hears of it once, and until when the goods are kept.
pub(super) async fn waits(
    scene: &mut Scene<'_>,
    order: &LockedOrder,
    payment: &LockedPayment,
) -> Result<(), sqlx::Error> {
    let until = kept_until(scene, payment);
    tell_shop(scene, order, payment, Some(until)).await
}

/// Tells the shop by what a payment can be looked up at its company. `until` is how long its goods are still kept.
pub(in crate::pipeline) async fn tell_shop(
    scene: &mut Scene<'_>,
    order: &LockedOrder,
    payment: &LockedPayment,
    until: Option<DateTime<Utc>>,
) -> Result<(), sqlx::Error> {
    let facts = news::facts([
        ("company", payment.gateway.clone().into()),
        ("reference", payment.payment.reference.clone().into()),
        ("until", until.into()),
    ]);
    let word = if until.is_some() { "kept" } else { "let-go" };
    let occasion = format!("{}:{word}", payment.payment.id);
    news::tell_staff(scene, "staff.payment_unchecked", Some(&order.order.id), &occasion, facts).await?;
    Ok(())
}
