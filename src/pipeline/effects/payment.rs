//! Asking a gateway for a charge, and asking it again what became of one.

use chrono::Duration;

use super::{Scene, news, static_qris, text};
use crate::dialogue::effect::{Effect, Outcome};
use crate::dialogue::value::Value;
use crate::domain::ids::{OrderId, PaymentId};
use crate::domain::money::Rupiah;
use crate::domain::payment::{FIRST_LOOK_SECONDS, Payment, PaymentStatus, is_reported, next_look_seconds};
use crate::payments::qris::MAX_TRANSACTION_RUPIAH;
use crate::payments::{ChargeRef, ChargeRequest};
use crate::pipeline::settle::unheard;
use crate::pipeline::timers::LOOK;
use crate::pipeline::work::Call;
use crate::store;
use crate::store::orders::Locked;
use crate::store::payments::{Action, NewPayment};

/// A gateway is not asked about the same payment more often than this.
pub(in crate::pipeline) const MIN_POLL: Duration = Duration::seconds(10);

/// A customer who says again and again to have paid is news for the shop once in so many minutes.
const CLAIM_MINUTES: i64 = 15;

/// Characters of a payment's id in its reference. With them a reference stays within the 25 characters of a code's field for it.
const REFERENCE_ID_CHARS: usize = 6;

/// An order of the customer of this chat, locked.
pub(super) async fn own_order(scene: &mut Scene<'_>, effect: &Effect) -> Result<Option<Locked>, sqlx::Error> {
    let Some(id) = text(effect, "order").map(OrderId::from) else { return Ok(None) };
    let locked = store::orders::lock(scene.connection, &scene.store.id, &id).await?;
    Ok(locked.filter(|locked| locked.customer == scene.customer.id))
}

/// `payment.request`.
pub(super) async fn request(scene: &mut Scene<'_>, effect: &Effect) -> Result<Outcome, sqlx::Error> {
    let Some(locked) = own_order(scene, effect).await? else { return Ok(Outcome::new("not_payable")) };
    let order = &locked.order;
    if !order.status.is_unpaid() {
        let paid = locked.paid_at.is_some() && order.status != crate::domain::order::OrderStatus::Cancelled;
        return Ok(Outcome::new(if paid { "already_paid" } else { "not_payable" }));
    }
    let mut pending = store::payments::lock_pending(scene.connection, &order.id).await?;
    if let Some(lost) = pending.take_if(|pending| !(scene.callable)(&pending.gateway)) {
        give_up(scene, &locked, &lost).await?;
    }
    // Where nobody reports, the order waits for the shop's word, also past its time.
    let waits = pending.as_ref().is_some_and(|pending| !is_reported(&pending.gateway));
    let Some(expires_at) = order.held_until.filter(|until| waits || *until > scene.now) else {
        return Ok(Outcome::new("not_payable"));
    };
    if let Some(pending) = pending {
        // One code per order: the one that is open is shown again; one that is being made will be.
        if pending.payment.qris.is_some() {
            let facts = news::facts([("order", order.id.as_str().into())]);
            let occasion = format!("{}:{}", pending.payment.id, scene.clock.id());
            news::push(scene, scene.conversation_id.clone(), "payment.ready", &occasion, facts);
        }
        return Ok(Outcome::new("requested"));
    }
    // No other try and no other gateway would take it: BI bounds every transaction by QRIS.
    let limit = Rupiah::new(MAX_TRANSACTION_RUPIAH).unwrap_or_default();
    if order.totals.total > limit {
        return Ok(Outcome::new("too_large").with("limit", limit));
    }
    let (amount, code) = if is_reported(scene.gateway) {
        (order.totals.total, None)
    } else {
        match static_qris::ask(scene, &locked).await? {
            Ok(asked) => (asked.taken.amount, Some(asked.code)),
            Err(word) => return unavailable(scene, &locked, word).await,
        }
    };
    let attempt = store::payments::next_attempt(scene.connection, &order.id).await?;
    let id = PaymentId::from(scene.clock.id());
    let payment = Payment {
        reference: reference(&order.number, attempt, &id),
        id,
        order: order.id.clone(),
        amount,
        gateway: scene.gateway.to_owned(),
        status: PaymentStatus::Pending,
        qris: None,
        url: None,
        expires_at: Some(expires_at),
        receipt_id: None,
        received: Rupiah::ZERO,
    };
    let new = NewPayment { store: &scene.store.id, payment: &payment, gateway: scene.gateway };
    store::payments::insert(scene.connection, scene.clock, &new, scene.now).await?;
    store::orders::set_payment(scene.connection, &order.id, &payment.id, scene.now).await?;
    let city = store::stores::city(scene.connection, &scene.store.id).await?;
    scene.calls.push(Call::Charge {
        payment: payment.id,
        gateway: scene.gateway.to_owned(),
        request: ChargeRequest {
            reference: payment.reference,
            amount: payment.amount,
            merchant: scene.store.name.clone(),
            city,
            expires_at,
            code,
        },
    });
    Ok(Outcome::new("requested"))
}

/// A payment at a gateway that this server cannot ask any more is given up for one that it can: whoever has paid the old code
/// is found by the shop, which hears by what.
async fn give_up(
    scene: &mut Scene<'_>,
    locked: &Locked,
    lost: &store::payments::Locked,
) -> Result<(), sqlx::Error> {
    let details = serde_json::json!({ "reason": "the gateway is not configured any more" });
    let action = Action { name: "failed", source: "system", details };
    let (old, to) = (&lost.payment, PaymentStatus::Failed);
    store::payments::move_to(scene.connection, scene.clock, old, to, &action, scene.now).await?;
    if old.qris.is_some() {
        unheard::tell_shop(scene, locked, lost, None).await?;
    }
    Ok(())
}

/// What the gateway calls the payment. Shops number their orders alike, so that the number and the try alone would name payments
/// of two shops; the end of the id, which differs for every payment, keeps them apart.
fn reference(number: &str, attempt: i64, id: &PaymentId) -> String {
    let own = id.as_str().len().saturating_sub(REFERENCE_ID_CHARS);
    format!("{number}-{attempt}-{}", id.as_str()[own..].to_ascii_uppercase())
}

/// No code can be made before the shop has done something: its people are told what.
async fn unavailable(
    scene: &mut Scene<'_>,
    locked: &Locked,
    word: &'static str,
) -> Result<Outcome, sqlx::Error> {
    let facts = news::facts([
        ("problem", Value::Word(format!("payment-problem.{word}"))),
        ("received", Rupiah::ZERO.into()),
    ]);
    let order = &locked.order.id;
    let occasion = format!("{order}:{word}:{}", scene.now.timestamp());
    news::tell_staff(scene, "staff.payment_problem", Some(order), &occasion, facts).await?;
    Ok(Outcome::new("unavailable"))
}

/// `payment.recheck`.
pub(super) async fn recheck(scene: &mut Scene<'_>, effect: &Effect) -> Result<Outcome, sqlx::Error> {
    let Some(locked) = own_order(scene, effect).await? else { return Ok(Outcome::new("none")) };
    recheck_order(scene, &locked).await
}

/// Asks the gateway of a locked order of this customer, or the shop where no gateway knows.
pub(in crate::pipeline) async fn recheck_order(
    scene: &mut Scene<'_>,
    locked: &Locked,
) -> Result<Outcome, sqlx::Error> {
    if locked.paid_at.is_some() {
        return Ok(Outcome::new("already_paid"));
    }
    let Some(last) = store::payments::last_of_order(scene.connection, &locked.order.id).await? else {
        return Ok(Outcome::new("none"));
    };
    let Some(payment) = store::payments::lock(scene.connection, &last.id).await? else {
        return Ok(Outcome::new("none"));
    };
    if payment.payment.status == PaymentStatus::Confirmed {
        return Ok(Outcome::new("already_paid"));
    }
    if !is_reported(&payment.gateway) || !(scene.callable)(&payment.gateway) {
        claimed(scene, locked, &payment).await?;
        return Ok(Outcome::new("shop"));
    }
    // The answer that is on its way is the answer to this question too, however slow the gateway is.
    if store::outbox::is_asked(scene.connection, &payment.payment.id).await? {
        return Ok(Outcome::new("asked"));
    }
    let earliest = payment.asked_at.map(|at| at + MIN_POLL).filter(|at| *at > scene.now);
    match earliest {
        // Asked a moment ago: the answer to an impatient second question comes when the gateway may be asked again.
        Some(at) if payment.payment.qris.is_some() => {
            scene.timers.push(("recheck".to_owned(), locked.order.id.as_str().to_owned(), at));
        }
        _ => ask(scene, &payment, "recheck").await?,
    }
    Ok(Outcome::new("asked"))
}

/// The customer says to have paid, and only the shop can look. Impatience is told once in a while.
async fn claimed(
    scene: &mut Scene<'_>,
    locked: &Locked,
    payment: &store::payments::Locked,
) -> Result<(), sqlx::Error> {
    if !locked.order.status.is_unpaid() {
        return Ok(());
    }
    let while_ago = (scene.now - payment.created_at).num_minutes() / CLAIM_MINUTES;
    let occasion = format!("{}:claim:{while_ago}", payment.payment.id);
    let facts = news::facts([("why", "claim".into())]);
    news::tell_staff(scene, "staff.payment_said", Some(&locked.order.id), &occasion, facts).await?;
    Ok(())
}

/// What names the charge of a payment at its gateway.
pub(in crate::pipeline) fn charge_ref(payment: &store::payments::Locked) -> ChargeRef {
    ChargeRef {
        reference: payment.payment.reference.clone(),
        external_id: payment.external_id.clone(),
        amount: payment.payment.amount,
        account: payment.account.clone(),
    }
}

/// A payment has been given up: its charge is called off where it can be, and looked at soon, because it may be paid in the
/// same moment, or may not be called off at all.
pub(in crate::pipeline) fn call_charge_off(scene: &mut Scene<'_>, payment: &store::payments::Locked) {
    if !is_reported(&payment.gateway) || !(scene.callable)(&payment.gateway) {
        return;
    }
    scene.calls.push(Call::Cancel {
        payment: payment.payment.id.clone(),
        gateway: payment.gateway.clone(),
        charge: charge_ref(payment),
    });
    first_look(scene, payment);
}

/// Sets the first look at a payment that has just ended unpaid.
pub(in crate::pipeline) fn first_look(scene: &mut Scene<'_>, payment: &store::payments::Locked) {
    look_in(scene, payment, Some(FIRST_LOOK_SECONDS));
}

/// Sets the next look at a payment that ended unpaid, as long as payments are looked after.
pub(in crate::pipeline) fn next_look(scene: &mut Scene<'_>, payment: &store::payments::Locked) {
    let age_seconds = (scene.now - payment.created_at).num_seconds();
    look_in(scene, payment, next_look_seconds(age_seconds));
}

fn look_in(scene: &mut Scene<'_>, payment: &store::payments::Locked, wait_seconds: Option<i64>) {
    // Nobody can pay what nobody was shown.
    let is_payable = payment.payment.qris.is_some() && is_reported(&payment.gateway);
    if let Some(seconds) = wait_seconds.filter(|_| is_payable) {
        let at = scene.now + Duration::seconds(seconds);
        scene.timers.push((LOOK.to_owned(), payment.payment.id.to_string(), at));
    }
}

/// Puts a question about a payment into the outbox.
pub(in crate::pipeline) async fn ask(
    scene: &mut Scene<'_>,
    payment: &store::payments::Locked,
    why: &str,
) -> Result<(), sqlx::Error> {
    if !is_reported(&payment.gateway) || !(scene.callable)(&payment.gateway) {
        return Ok(());
    }
    store::payments::attempt(scene.connection, &payment.payment.id, None, scene.now).await?;
    scene.calls.push(Call::Status {
        payment: payment.payment.id.clone(),
        gateway: payment.gateway.clone(),
        charge: charge_ref(payment),
        why: why.to_owned(),
    });
    Ok(())
}
