//! Money that has gone back without our asking: the shop's people can send it back in the company's own pages. It is booked as
//! what it is, so that it is not sent back once more.

use crate::dialogue::event::Event;
use crate::domain::ids::{OrderId, PaymentId};
use crate::domain::money::Rupiah;
use crate::domain::payment::refund::{Kept, Promise, allocate};
use crate::domain::payment::{PaymentStatus, Returned};
use crate::pipeline::effects::{Scene, news, refund};
use crate::store;
use crate::store::refunds::{End, Stage};

/// Books what a gateway says has gone back of a payment and is not in our books. Returns what to tell the buyer.
pub(super) async fn book(
    scene: &mut Scene<'_>,
    order: &OrderId,
    payment: &PaymentId,
    returned: &[Returned],
) -> Result<Vec<Event>, sqlx::Error> {
    let mut events = Vec::new();
    for one in returned {
        events.extend(book_one(scene, order, payment, one).await?);
    }
    Ok(events)
}

async fn book_one(
    scene: &mut Scene<'_>,
    order: &OrderId,
    payment: &PaymentId,
    one: &Returned,
) -> Result<Option<Event>, sqlx::Error> {
    let known = store::refunds::known_of(scene.connection, order).await?;
    let is_named = |name: &str| name == one.name || one.external_id.as_deref() == Some(name);
    if known.iter().any(|refund| is_named(&refund.id) || refund.external_id.as_deref().is_some_and(is_named))
    {
        return Ok(None);
    }
    let Some(order) = store::orders::lock(scene.connection, &scene.store.id, order).await? else {
        return Ok(None);
    };
    let Some(charge) = store::payments::lock(scene.connection, payment).await? else { return Ok(None) };
    let counted = matches!(charge.payment.status, PaymentStatus::Confirmed | PaymentStatus::Refunded);
    if !counted && charge.payment.received > Rupiah::ZERO {
        let part = one.amount.min(charge.payment.received);
        refund::take_out_part(scene, &order.order.id, &charge, part).await?;
    }
    let received = store::refunds::received_of(scene.connection, &order.order.id).await?;
    let of_charge: Vec<_> =
        received.into_iter().filter(|money| money.reference == charge.payment.reference).collect();
    let is_of_charge = |payment: &PaymentId| of_charge.iter().any(|money| money.payment == *payment);
    // What a person said to have sent back by hand may be just this.
    let by_hand = known
        .iter()
        .find(|refund| refund.is_by_hand && refund.amount == one.amount && is_of_charge(&refund.payment));
    if let Some(by_hand) = by_hand {
        store::refunds::set_name(scene.connection, &by_hand.id, &one.name, scene.now).await?;
        return Ok(None);
    }
    let pending = store::refunds::pending_of(scene.connection, &order.order.id).await?;
    let promises: Vec<Promise> = pending
        .iter()
        .filter(|refund| refund.stage != Stage::Asked && is_of_charge(&refund.payment))
        .map(|refund| Promise { id: refund.id.clone(), amount: refund.amount })
        .collect();
    let kept: Vec<Kept> =
        of_charge.iter().map(|money| Kept { payment: money.payment.clone(), left: money.left }).collect();
    let room = promises.iter().map(|promise| promise.amount).chain(kept.iter().map(|kept| kept.left));
    let room = room.fold(Rupiah::ZERO, |sum, amount| sum.plus(amount).unwrap_or(sum));
    let amount = one.amount.min(room);
    if amount == Rupiah::ZERO {
        return Ok(None);
    }
    let Ok(parts) = allocate(amount, &promises, &kept) else { return Ok(None) };
    for part in parts {
        let row = refund::row_of(scene, &pending, &order.order.id, part, "customer_request").await?;
        store::refunds::set_name(scene.connection, &row.id, &one.name, scene.now).await?;
        refund::finish(scene, &order, &row, End::Processed { evidence: None }).await?;
    }
    let occasion = format!("{payment}:{}", one.name);
    let facts = news::facts([("amount", amount.into())]);
    news::tell_staff(scene, "staff.refund_done", Some(&order.order.id), &occasion, facts).await?;
    refund::tell_buyer(scene, &order, amount, &occasion).await
}
