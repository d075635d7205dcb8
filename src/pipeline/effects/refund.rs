//! Money that goes back, by word of a member of staff: through the gateway where it can, else by hand and with a note of
//! how. Every step locks the order first, so that two people never send the same money back twice.

use super::{Scene, moves, news, orders, text};
use crate::dialogue::effect::{Effect, Outcome};
use crate::dialogue::flow::model::PICTURE;
use crate::dialogue::value::Value;
use crate::domain::ids::{OrderId, PaymentId};
use crate::domain::money::Rupiah;
use crate::domain::payment::refund::{Kept, Part, Promise, TooMuch, allocate};
use crate::domain::payment::{Payment, PaymentStatus};
use crate::domain::staff::Staff;
use crate::payments::{ChargeRef, RefundRequest, static_qris};
use crate::pipeline::work::Call;
use crate::store;
use crate::store::orders::Locked;
use crate::store::payments::{Action, Locked as LockedPayment, NewPayment};
use crate::store::refunds::{End, NewRefund, Pending, Received, Stage};

/// Why money goes back, as the shared schema's column knows it.
const REASONS: [&str; 3] = ["customer_request", "product_defective", "out_of_stock"];

/// An order with its money, locked.
struct Case {
    order: Locked,
    received: Vec<Received>,
    /// Payments that some money came for, and not enough.
    short: Vec<LockedPayment>,
    pending: Vec<Pending>,
}

impl Case {
    /// What may still be sent back: open promises, and money that is not promised.
    fn max(&self) -> Rupiah {
        let left = self.received.iter().map(|money| money.left);
        let short = self.short.iter().map(|payment| payment.payment.received);
        sum(left.chain(short)).plus(self.due()).unwrap_or_default()
    }

    /// What is promised and carried out by nobody.
    fn due(&self) -> Rupiah {
        self.at(Stage::Open)
    }

    fn at(&self, stage: Stage) -> Rupiah {
        sum(self.pending.iter().filter(|refund| refund.stage == stage).map(|refund| refund.amount))
    }

    /// Whether the payer's bank wants any of the money back, so that sending it back would pay twice.
    fn is_disputed(&self) -> bool {
        self.received.iter().any(|money| money.is_disputed)
            || self.short.iter().any(|payment| payment.disputed)
    }

    /// The facts by which a person of the shop finds the buyer.
    fn outcome(&self, word: &'static str, amount: Rupiah) -> Outcome {
        let delivery = &self.order.order.delivery;
        Outcome::new(word)
            .with("order", self.order.order.id.as_str())
            .with("number", self.order.order.number.clone())
            .with("amount", amount)
            .with("max", self.max())
            .with("all", amount >= self.max())
            .with("due", if self.due() > Rupiah::ZERO { self.due().into() } else { Value::None })
            .with("person", delivery.name.clone())
            .with("phone", delivery.phone.clone())
            .with("disputed", self.is_disputed())
    }
}

fn sum(amounts: impl Iterator<Item = Rupiah>) -> Rupiah {
    amounts.fold(Rupiah::ZERO, |sum, amount| sum.plus(amount).unwrap_or(sum))
}

async fn case(scene: &mut Scene<'_>, id: &OrderId) -> Result<Option<Case>, sqlx::Error> {
    let Some(order) = store::orders::lock(scene.connection, &scene.store.id, id).await? else {
        return Ok(None);
    };
    let received = store::refunds::received_of(scene.connection, id).await?;
    let short = store::payments::lock_short(scene.connection, id).await?;
    let pending = store::refunds::pending_of(scene.connection, id).await?;
    Ok(Some(Case { order, received, short, pending }))
}

async fn case_of(scene: &mut Scene<'_>, effect: &Effect) -> Result<Option<Case>, sqlx::Error> {
    match orders::named(scene, effect).await? {
        Some(id) => case(scene, &id).await,
        None => Ok(None),
    }
}

/// `refund.look`.
pub(super) async fn look(scene: &mut Scene<'_>, effect: &Effect) -> Result<Outcome, sqlx::Error> {
    let Some(case) = case_of(scene, effect).await? else { return Ok(Outcome::new("not_found")) };
    let (by_hand, asked, max) = (case.at(Stage::ByHand), case.at(Stage::Asked), case.max());
    if by_hand > Rupiah::ZERO {
        return Ok(case.outcome("by_hand", by_hand));
    }
    if max == Rupiah::ZERO {
        let word = if asked > Rupiah::ZERO { "under_way" } else { "nothing" };
        return Ok(case.outcome(word, asked));
    }
    let amount = match text(effect, "amount") {
        None if case.due() > Rupiah::ZERO => case.due(),
        None => max,
        Some(words) => match Rupiah::read(words).filter(|amount| *amount > Rupiah::ZERO) {
            Some(amount) if amount > max => return Ok(case.outcome("too_much", amount)),
            Some(amount) => amount,
            None => return Ok(case.outcome("unreadable", max)),
        },
    };
    Ok(case.outcome("ok", amount))
}

/// `refund.start`.
pub(super) async fn start(scene: &mut Scene<'_>, effect: &Effect) -> Result<Outcome, sqlx::Error> {
    let (Some(case), Some(staff)) = (case_of(scene, effect).await?, scene.staff.clone()) else {
        return Ok(Outcome::new("nothing"));
    };
    let amount = effect.arg("amount").as_int().and_then(|whole| Rupiah::new(whole).ok()).unwrap_or_default();
    if amount == Rupiah::ZERO {
        return Ok(case.outcome("nothing", amount));
    }
    if amount > case.max() {
        return Ok(case.outcome("too_much", amount));
    }
    let reason = text(effect, "reason").filter(|reason| REASONS.contains(reason)).unwrap_or(REASONS[0]);
    let case = match case.short.is_empty() {
        true => case,
        false => match take_out(scene, case, reason, &staff).await? {
            Some(case) => case,
            None => return Ok(Outcome::new("nothing")),
        },
    };
    let open = case.pending.iter().filter(|refund| refund.stage == Stage::Open);
    let promises: Vec<Promise> =
        open.map(|refund| Promise { id: refund.id.clone(), amount: refund.amount }).collect();
    let kept: Vec<Kept> =
        case.received.iter().map(|money| Kept { payment: money.payment.clone(), left: money.left }).collect();
    let parts = match allocate(amount, &promises, &kept) {
        Ok(parts) => parts,
        Err(TooMuch { .. }) => return Ok(case.outcome("too_much", amount)),
    };
    let mut by_hand = Rupiah::ZERO;
    for part in parts {
        let refund = row_of(scene, &case.pending, &case.order.order.id, part, reason).await?;
        if carry_out(scene, &case, &refund, &staff).await? == Stage::ByHand {
            by_hand = by_hand.plus(refund.amount).unwrap_or(by_hand);
        }
    }
    audit(scene, &case.order, "refund:started", amount, Some(&staff)).await?;
    Ok(match by_hand {
        Rupiah::ZERO => case.outcome("asked", amount),
        by_hand => case.outcome("by_hand", by_hand),
    })
}

/// Money that was not enough goes back: an order that still waits for the rest ends, and what is there becomes a payment of
/// its own with a promise over all of it.
async fn take_out(
    scene: &mut Scene<'_>,
    case: Case,
    reason: &str,
    staff: &Staff,
) -> Result<Option<Case>, sqlx::Error> {
    let id = case.order.order.id.clone();
    if case.order.order.status.is_unpaid() {
        moves::end(scene, &case.order, staff, None).await?;
    }
    for short in &case.short {
        let (payment, amount) =
            (take_out_part(scene, &id, short, short.payment.received).await?, short.payment.received);
        let refund = NewRefund { payment: &payment, order: &id, amount, reason, description: None };
        store::refunds::promise(scene.connection, scene.clock, &refund, scene.now).await?;
    }
    self::case(scene, &id).await
}

/// Takes money out of a payment that it was not enough for: it becomes a confirmed payment of its own, which can go back. Returns
/// that.
pub(in crate::pipeline) async fn take_out_part(
    scene: &mut Scene<'_>,
    order: &OrderId,
    short: &LockedPayment,
    amount: Rupiah,
) -> Result<PaymentId, sqlx::Error> {
    let parent = &short.payment;
    // What has been taken out before is part of the name, so that each part has its own.
    let upto = short.returned.plus(amount).unwrap_or(short.received);
    let payment = Payment {
        id: PaymentId::from(scene.clock.id()),
        order: order.clone(),
        reference: format!("{}-P{}", parent.reference, upto.whole()),
        amount,
        gateway: short.gateway.clone(),
        status: PaymentStatus::Confirmed,
        qris: None,
        url: None,
        expires_at: None,
        receipt_id: None,
        received: amount,
    };
    let new = NewPayment { store: &scene.store.id, payment: &payment, gateway: &short.gateway };
    store::payments::take_out(scene.connection, scene.clock, &new, &parent.id, scene.now).await?;
    Ok(payment.id)
}

/// The row of a part: the promise itself, or a new one.
pub(in crate::pipeline) async fn row_of(
    scene: &mut Scene<'_>,
    pending: &[Pending],
    order: &OrderId,
    part: Part,
    reason: &str,
) -> Result<Pending, sqlx::Error> {
    let promised = |id: &str| pending.iter().find(|refund| refund.id == id).cloned();
    let (payment, amount, reason) = match part {
        Part::Whole { id } => return promised(&id).ok_or(sqlx::Error::RowNotFound),
        Part::OfPromise { id, amount } => {
            store::refunds::reduce(scene.connection, &id, amount, scene.now).await?;
            let promise = promised(&id).ok_or(sqlx::Error::RowNotFound)?;
            (promise.payment, amount, promise.reason)
        }
        Part::OfPayment { payment, amount } => (payment, amount, reason.to_owned()),
    };
    let new = NewRefund { payment: &payment, order, amount, reason: &reason, description: None };
    let id = store::refunds::promise(scene.connection, scene.clock, &new, scene.now).await?;
    Ok(Pending { id, payment, amount, reason, stage: Stage::Open, external_id: None, created_at: scene.now })
}

/// Gives a refund to its gateway, or to a person where nobody but a person can send the money back.
async fn carry_out(
    scene: &mut Scene<'_>,
    case: &Case,
    refund: &Pending,
    staff: &Staff,
) -> Result<Stage, sqlx::Error> {
    let call = call(&case.received, refund);
    let stage = if call.is_some() { Stage::Asked } else { Stage::ByHand };
    store::refunds::set_stage(scene.connection, &refund.id, stage, Some(&staff.id), scene.now).await?;
    scene.calls.extend(call);
    Ok(stage)
}

/// What to ask the gateway of a payment about a refund: to send the money back, or what has become of it where it has
/// named one already. The key is the row's, so asking twice sends back once. Nothing where only a person can send money back:
/// for the shop's own printed code, and for a part of a charge, which no gateway counts as paid.
pub(in crate::pipeline) fn call(received: &[Received], refund: &Pending) -> Option<Call> {
    let money = received.iter().find(|money| money.payment == refund.payment)?;
    if money.gateway == static_qris::NAME || money.is_part {
        return None;
    }
    let request = RefundRequest {
        charge: ChargeRef {
            reference: money.reference.clone(),
            external_id: money.external_id.clone(),
            amount: money.charged,
            account: money.account.clone(),
        },
        refund_key: refund.id.clone(),
        external_id: refund.external_id.clone(),
        amount: refund.amount,
        reason: refund.reason.clone(),
    };
    let (refund, gateway) = (refund.id.clone(), money.gateway.clone());
    Some(match request.external_id {
        None => Call::Refund { refund, gateway, request },
        Some(_) => Call::RefundStatus { refund, gateway, request },
    })
}

/// `refund.by_hand`: what is open is sent back by a person.
pub(super) async fn by_hand(scene: &mut Scene<'_>, effect: &Effect) -> Result<Outcome, sqlx::Error> {
    let (Some(case), Some(staff)) = (case_of(scene, effect).await?, scene.staff.clone()) else {
        return Ok(Outcome::new("none"));
    };
    for refund in case.pending.iter().filter(|refund| refund.stage == Stage::Open) {
        let (id, now) = (&refund.id, scene.now);
        store::refunds::set_stage(scene.connection, id, Stage::ByHand, Some(&staff.id), now).await?;
    }
    let amount = case.due().plus(case.at(Stage::ByHand)).unwrap_or_default();
    Ok(if amount == Rupiah::ZERO { Outcome::new("none") } else { case.outcome("ok", amount) })
}

/// `refund.done`: a person says that the money has gone back, and how.
pub(super) async fn done(scene: &mut Scene<'_>, effect: &Effect) -> Result<Outcome, sqlx::Error> {
    let (Some(case), Some(staff)) = (case_of(scene, effect).await?, scene.staff.clone()) else {
        return Ok(Outcome::new("none"));
    };
    let note = evidence(scene, &case, effect).await?;
    let by_hand: Vec<&Pending> = case.pending.iter().filter(|refund| refund.stage == Stage::ByHand).collect();
    let amount = sum(by_hand.iter().map(|refund| refund.amount));
    if amount == Rupiah::ZERO {
        return Ok(Outcome::new("none"));
    }
    for refund in by_hand {
        let end = End::Processed { evidence: Some(&note) };
        finish(scene, &case.order, refund, end).await?;
    }
    audit(scene, &case.order, "refund:paid_by_hand", amount, Some(&staff)).await?;
    let occasion = scene.clock.id();
    let facts = news::facts([("amount", amount.into()), ("by", staff.name.clone().into())]);
    news::tell_staff(scene, "staff.refund_done", Some(&case.order.order.id), &occasion, facts).await?;
    tell_buyer(scene, &case.order, amount, &occasion).await?;
    Ok(case.outcome("ok", amount))
}

/// What shows that the money has gone back: the words of a person, or the picture that they sent.
async fn evidence(scene: &mut Scene<'_>, case: &Case, effect: &Effect) -> Result<String, sqlx::Error> {
    let note = text(effect, "note").unwrap_or_default();
    if note != PICTURE {
        return Ok(note.to_owned());
    }
    let picture = store::attachments::newest_of_order(scene.connection, &case.order.order.id).await?;
    Ok(picture.map_or_else(|| note.to_owned(), |id| format!("attachment:{id}")))
}

/// Ends a refund. When all of a payment has gone back by it, the payment is refunded. Returns whether it was pending.
pub(in crate::pipeline) async fn finish(
    scene: &mut Scene<'_>,
    order: &Locked,
    refund: &Pending,
    end: End<'_>,
) -> Result<bool, sqlx::Error> {
    if !store::refunds::finish(scene.connection, &refund.id, end, scene.now).await? {
        return Ok(false);
    }
    let received = store::refunds::received_of(scene.connection, &order.order.id).await?;
    let money = received.into_iter().find(|money| money.payment == refund.payment);
    let Some(money) = money.filter(|money| money.gone == money.amount) else { return Ok(true) };
    let payment = Payment {
        id: money.payment,
        order: order.order.id.clone(),
        reference: money.reference,
        amount: money.amount,
        gateway: money.gateway,
        status: PaymentStatus::Confirmed,
        qris: None,
        url: None,
        expires_at: None,
        receipt_id: None,
        received: Rupiah::ZERO,
    };
    let details = serde_json::json!({ "refund": refund.id });
    let action = Action { name: "refunded", source: "api", details };
    let to = PaymentStatus::Refunded;
    store::payments::move_to(scene.connection, scene.clock, &payment, to, &action, scene.now).await?;
    Ok(true)
}

/// Tells the buyer that money has gone back.
pub(in crate::pipeline) async fn tell_buyer(
    scene: &mut Scene<'_>,
    order: &Locked,
    amount: Rupiah,
    occasion: &str,
) -> Result<Option<crate::dialogue::event::Event>, sqlx::Error> {
    news::tell_buyer(scene, order, "payment.refunded", occasion, news::facts([("amount", amount.into())]))
        .await
}

async fn audit(
    scene: &mut Scene<'_>,
    order: &Locked,
    name: &str,
    amount: Rupiah,
    staff: Option<&Staff>,
) -> Result<(), sqlx::Error> {
    let event = store::audit::Event {
        name,
        entity: "order",
        id: order.order.id.as_str(),
        payload: serde_json::json!({ "amount": amount }),
        by: staff.map(|staff| &staff.id),
    };
    store::audit::insert(scene.connection, scene.clock, event, scene.now).await
}
