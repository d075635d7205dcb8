//! Sending money back: `POST /v2/{order_id}/refund/online/direct` (docs.midtrans.com, "Direct refund"), once per refund key.

use chrono::{FixedOffset, Timelike};
use serde_json::{Value, json};

use super::client::{Answer, message};
use super::wire::{self, text, whole};
use super::{Midtrans, fail};
use crate::domain::money::Rupiah;
use crate::domain::payment::Returned;
use crate::edge::CallError;
use crate::payments::{RefundAnswer, RefundProblem, RefundRequest, RefundState};

/// Refusals of a way of sending back, not of the refund: 405 by the door, 412 and 418 for payments that only the other way
/// takes ("some payment methods only support refunding via Refund API", docs.midtrans.com, "Direct refund").
const OTHER_WAY: [u16; 3] = [405, 412, 418];
/// Refunds of one transaction that are read.
const MAX_LISTED: usize = 100;
/// Refusals that mean, by both ways, that this kind of payment is not sent back at all.
const UNSUPPORTED: [u16; 2] = [405, 418];
/// The hour in WIB until which ShopeePay takes no refunds, and the minute of the day from which it does not.
const NIGHT_ENDS_HOUR: u32 = 6;
const NIGHT_BEGINS_MINUTE: u32 = 23 * 60 + 55;

pub(super) async fn refund(midtrans: &Midtrans, request: &RefundRequest) -> Result<RefundAnswer, CallError> {
    let reference = &request.charge.reference;
    let transaction = midtrans.transaction(reference).await?;
    let transaction = transaction.ok_or_else(|| fail("no charge has this reference"))?;
    request.charge.check(wire::told(&transaction))?;
    // Asked again after a lost answer: what was made under this key is the answer.
    if let Some(known) = known(&transaction, request) {
        return Ok(known);
    }
    let is_shopee = ["acquirer", "issuer", "payment_type"]
        .iter()
        .any(|name| text(&transaction, name).is_some_and(|word| word.contains("shopee")));
    if is_shopee && let Some(wait_ms) = night_ms(midtrans) {
        let reason = "ShopeePay takes no refunds at night".to_owned();
        return Err(CallError::Retry { reason, after_ms: Some(wait_ms) });
    }
    let body = json!({
        "refund_key": request.refund_key,
        "amount": request.amount.whole(),
        "reason": request.reason,
    });
    let path = ["v2", reference, "refund", "online", "direct"];
    let answer = midtrans.client.post(&path, &request.refund_key, None, &body).await?;
    if !OTHER_WAY.contains(&answer.code) {
        return Ok(outcome(request, &answer));
    }
    // Another call under the same idempotency key would be answered like the first; `refund_key` is the guard here.
    let answer = midtrans.client.post(&["v2", reference, "refund"], "", None, &body).await?;
    Ok(outcome(request, &answer))
}

/// What an answer to a refund means (docs.midtrans.com, "Direct refund" and "Code 4xx").
pub(super) fn outcome(request: &RefundRequest, answer: &Answer) -> RefundAnswer {
    let told = |state| RefundAnswer { external_id: Some(request.refund_key.clone()), state };
    match answer.code {
        200 if whole(&answer.body, "refund_amount") == Some(request.amount) => told(RefundState::Succeeded),
        // 406: the key is known; what stands under it is asked for.
        200 | 201 | 406 => told(RefundState::Pending),
        code if UNSUPPORTED.contains(&code) => {
            RefundAnswer { external_id: None, state: RefundState::Unsupported }
        }
        // 202 is "denied by the bank", 414 too little money in the shop's account or a wrong amount.
        code => RefundAnswer {
            external_id: None,
            state: RefundState::Failed {
                problem: match code {
                    202 => RefundProblem::Denied,
                    414 => RefundProblem::Funds,
                    _ => RefundProblem::Refused,
                },
                reason: format!("{code}{}", message(&answer.body)),
            },
        },
    }
}

/// The refund under our key, as a transaction lists it.
pub(super) fn known(transaction: &Value, request: &RefundRequest) -> Option<RefundAnswer> {
    let refunds = transaction.get("refunds")?.as_array()?;
    let refund = refunds.iter().find(|refund| text(refund, "refund_key") == Some(&request.refund_key))?;
    // A bank's confirmation is what makes it final; older answers have none and are final as they stand.
    let is_confirmed = refund.get("bank_confirmed_at").is_none_or(|at| !at.is_null());
    let state = match whole(refund, "refund_amount") {
        Some(Rupiah::ZERO) => RefundState::Failed {
            problem: RefundProblem::Denied,
            reason: "Midtrans lists the refund over nothing: the bank has denied it".to_owned(),
        },
        Some(amount) if amount != request.amount => RefundState::Failed {
            problem: RefundProblem::OtherAmount,
            reason: format!("Midtrans has a refund over {} under this key", amount.whole()),
        },
        Some(_) if is_confirmed => RefundState::Succeeded,
        _ => RefundState::Pending,
    };
    Some(RefundAnswer { external_id: Some(request.refund_key.clone()), state })
}

/// What a transaction says has gone back, whoever asked for it: the shop's people can do so in Midtrans' dashboard. Refunds
/// that were denied stay listed over nothing. Where nothing is listed, the sum stands alone.
pub(super) fn returned(transaction: &Value) -> Vec<Returned> {
    let listed = transaction.get("refunds").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let own = |refund: &Value| {
        let id = refund.get("refund_chargeback_id").filter(|id| id.is_number() || id.is_string());
        let id = id.map(|id| id.as_str().map_or_else(|| id.to_string(), str::to_owned));
        let amount = whole(refund, "refund_amount").filter(|amount| *amount > Rupiah::ZERO)?;
        let name = text(refund, "refund_key").map(str::to_owned).or_else(|| id.clone())?;
        Some(Returned { name, external_id: id, amount })
    };
    let returned: Vec<Returned> = listed.iter().take(MAX_LISTED).filter_map(own).collect();
    if !returned.is_empty() {
        return returned;
    }
    let is_returned = matches!(text(transaction, "transaction_status"), Some("refund" | "partial_refund"));
    let sum = whole(transaction, "refund_amount").filter(|sum| is_returned && *sum > Rupiah::ZERO);
    let name = text(transaction, "transaction_id").map(|id| format!("{id}:refunded"));
    name.zip(sum).map(|(name, amount)| Returned { name, external_id: None, amount }).into_iter().collect()
}

/// Milliseconds until the morning, at night.
fn night_ms(midtrans: &Midtrans) -> Option<u64> {
    let zone = FixedOffset::east_opt(7 * 3_600)?;
    let now = midtrans.clock.now().with_timezone(&zone);
    let minute = now.hour() * 60 + now.minute();
    let minutes = match minute {
        minute if minute >= NIGHT_BEGINS_MINUTE => 24 * 60 - minute + NIGHT_ENDS_HOUR * 60,
        minute if minute < NIGHT_ENDS_HOUR * 60 => NIGHT_ENDS_HOUR * 60 - minute,
        _ => return None,
    };
    Some(u64::from(minutes) * 60_000)
}
