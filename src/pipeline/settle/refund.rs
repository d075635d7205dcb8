//! What gateways answer about money that goes back. A refund ends once; until then it is asked about again.

use chrono::Duration;

use crate::dialogue::event::Event;
use crate::domain::ids::OrderId;
use crate::domain::payment::refund::next_ask_seconds;
use crate::payments::{RefundAnswer, RefundState};
use crate::pipeline::effects::{Scene, news, refund};
use crate::store;
use crate::store::orders::Locked;
use crate::store::refunds::{End, NewRefund, Pending, Stage};

/// Takes an answer about a refund in.
pub(super) async fn answered(
    scene: &mut Scene<'_>,
    id: &str,
    result: &Result<RefundAnswer, String>,
) -> Result<Vec<Event>, sqlx::Error> {
    let Some(order) = store::refunds::order_of(scene.connection, id).await? else { return Ok(Vec::new()) };
    let Some(order) = store::orders::lock(scene.connection, &scene.store.id, &order).await? else {
        return Ok(Vec::new());
    };
    let pending = store::refunds::pending_of(scene.connection, &order.order.id).await?;
    let Some(refund) = pending.into_iter().find(|refund| refund.id == id) else { return Ok(Vec::new()) };
    let answer = match result {
        Ok(answer) => answer,
        Err(reason) => {
            // Nobody knows whether the money has gone back. The same key is asked with until the gateway says.
            store::refunds::note(scene.connection, id, None, Some(reason), scene.now).await?;
            ask_again(scene, &order, &refund).await?;
            tell_staff(scene, &order, "staff.refund_waits", &refund, Some(reason)).await?;
            return Ok(Vec::new());
        }
    };
    let external_id = answer.external_id.as_deref();
    store::refunds::note(scene.connection, id, external_id, None, scene.now).await?;
    match &answer.state {
        RefundState::Pending => {
            ask_again(scene, &order, &refund).await?;
            Ok(Vec::new())
        }
        RefundState::Succeeded => {
            if !refund::finish(scene, &order, &refund, End::Processed { evidence: external_id }).await? {
                return Ok(Vec::new());
            }
            tell_staff(scene, &order, "staff.refund_done", &refund, None).await?;
            let event = refund::tell_buyer(scene, &order, refund.amount, id).await?;
            Ok(event.into_iter().collect())
        }
        RefundState::Failed { reason } => {
            failed(scene, &order, &refund, reason).await?;
            Ok(Vec::new())
        }
        RefundState::Unsupported => {
            store::refunds::set_stage(scene.connection, id, Stage::ByHand, None, scene.now).await?;
            tell_staff(scene, &order, "staff.refund_by_hand", &refund, None).await?;
            Ok(Vec::new())
        }
    }
}

/// The try has failed and stays in the books; what was promised is promised anew.
async fn failed(
    scene: &mut Scene<'_>,
    order: &Locked,
    refund: &Pending,
    reason: &str,
) -> Result<(), sqlx::Error> {
    if !refund::finish(scene, order, refund, End::Failed { reason }).await? {
        return Ok(());
    }
    let new = NewRefund {
        payment: &refund.payment,
        order: &order.order.id,
        amount: refund.amount,
        reason: &refund.reason,
        description: Some("the gateway failed to send it back"),
    };
    store::refunds::promise(scene.connection, scene.clock, &new, scene.now).await?;
    tell_staff(scene, order, "staff.refund_failed", refund, Some(reason)).await
}

/// Tells every chat of the shop's staff, the one that asked for the refund included: the amount, and the gateway's words
/// where there are any.
async fn tell_staff(
    scene: &mut Scene<'_>,
    order: &Locked,
    name: &str,
    refund: &Pending,
    reason: Option<&str>,
) -> Result<(), sqlx::Error> {
    let facts = news::facts([
        ("order", order.order.id.as_str().into()),
        ("amount", refund.amount.into()),
        ("reason", reason.map(str::to_owned).into()),
    ]);
    for chat in store::staff::conversations(scene.connection, &scene.store.id).await? {
        news::push(scene, chat, name, &refund.id, facts.clone());
    }
    Ok(())
}

/// Sets the next question about a refund, or tells the shop that there will be none.
async fn ask_again(scene: &mut Scene<'_>, order: &Locked, refund: &Pending) -> Result<(), sqlx::Error> {
    let age_seconds = (scene.now - refund.created_at).num_seconds();
    match next_ask_seconds(age_seconds) {
        Some(wait) => {
            let at = scene.now + Duration::seconds(wait);
            scene.timers.push(("refund".to_owned(), order.order.id.to_string(), at));
            Ok(())
        }
        None => {
            store::refunds::set_stage(scene.connection, &refund.id, Stage::ByHand, None, scene.now).await?;
            tell_staff(scene, order, "staff.refund_unknown", refund, None).await
        }
    }
}

/// Asks the gateways about every refund of an order that is under way.
pub(super) async fn ask(scene: &mut Scene<'_>, order: &OrderId) -> Result<(), sqlx::Error> {
    let received = store::refunds::received_of(scene.connection, order).await?;
    for pending in store::refunds::pending_of(scene.connection, order).await? {
        if pending.stage == Stage::Asked {
            scene.calls.extend(refund::call(&received, &pending));
        }
    }
    Ok(())
}
