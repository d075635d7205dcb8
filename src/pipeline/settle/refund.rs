//! What gateways answer about money that goes back. A refund ends once; until then it is asked about again.

use chrono::Duration;

use crate::dialogue::event::Event;
use crate::dialogue::value::Value;
use crate::domain::ids::OrderId;
use crate::domain::payment::refund::next_ask_seconds;
use crate::payments::{RefundAnswer, RefundProblem, RefundState};
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
            tell_staff(scene, &order, "staff.refund_waits", &refund, None).await?;
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
        RefundState::Failed { problem, reason } => {
            failed(scene, &order, &refund, *problem, reason).await?;
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
    problem: RefundProblem,
    reason: &str,
) -> Result<(), sqlx::Error> {
    tracing::warn!(refund.id = %refund.id, reason, "a gateway has failed to send money back");
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
    tell_staff(scene, order, "staff.refund_failed", refund, Some(problem)).await
}

/// Tells every chat of the shop's staff, the one that asked for the refund included: the amount, and why it failed
/// where it has.
async fn tell_staff(
    scene: &mut Scene<'_>,
    order: &Locked,
    name: &str,
    refund: &Pending,
    problem: Option<RefundProblem>,
) -> Result<(), sqlx::Error> {
    let mut facts =
        news::facts([("order", order.order.id.as_str().into()), ("amount", refund.amount.into())]);
    if let Some(problem) = problem {
        facts.insert("problem".to_owned(), Value::Word(format!("refund-problem.{}", problem.word())));
        if let RefundProblem::Parts { most } = problem {
            facts.insert("most".to_owned(), most.into());
        }
    }
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
