//! Sending money back: `POST /v2/{order_id}/refund/online/direct` (docs.midtrans.com, "Direct refund"), once per refund key.

use chrono::{FixedOffset, Timelike};
use serde_json::{Value, json};

use super::client::{Answer, message};
use super::wire::{text, whole};
use super::{Midtrans, fail};
use crate::edge::CallError;
use crate::payments::{RefundAnswer, RefundRequest, RefundState};

/// Refusals that mean that this kind of payment or account takes no refunds: 413 (not possible), 414 (not for this
/// transaction), 418 (over by then).
const UNSUPPORTED: [u16; 3] = [413, 414, 418];
/// The hour in WIB until which ShopeePay takes no refunds, and the minute of the day from which it does not.
const NIGHT_ENDS_HOUR: u32 = 6;
const NIGHT_BEGINS_MINUTE: u32 = 23 * 60 + 55;

pub(super) async fn refund(midtrans: &Midtrans, request: &RefundRequest) -> Result<RefundAnswer, CallError> {
    let reference = &request.charge.reference;
    let transaction = midtrans.transaction(reference).await?;
    let transaction = transaction.ok_or_else(|| fail("no charge has this reference"))?;
    // Asked again after a lost answer: what was made under this key is the answer.
    if let Some(known) = known(&transaction, &request.refund_key) {
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
    Ok(match answer {
        Answer { code: 200, body } => RefundAnswer {
            external_id: Some(request.refund_key.clone()),
            state: match whole(&body, "refund_amount") {
                Some(_) => RefundState::Succeeded,
                None => RefundState::Pending,
            },
        },
        Answer { code: 201 | 202, .. } => pending(request),
        // The key is known, or another refund of the same payment is under way.
        Answer { code: 406, .. } => pending(request),
        Answer { code, .. } if UNSUPPORTED.contains(&code) => {
            RefundAnswer { external_id: None, state: RefundState::Unsupported }
        }
        Answer { code, body } => RefundAnswer {
            external_id: None,
            state: RefundState::Failed { reason: format!("{code}{}", message(&body)) },
        },
    })
}

fn pending(request: &RefundRequest) -> RefundAnswer {
    RefundAnswer { external_id: Some(request.refund_key.clone()), state: RefundState::Pending }
}

/// The refund under a key, as a transaction lists it.
pub(super) fn known(transaction: &Value, refund_key: &str) -> Option<RefundAnswer> {
    let refunds = transaction.get("refunds")?.as_array()?;
    let refund = refunds.iter().find(|refund| text(refund, "refund_key") == Some(refund_key))?;
    // A bank's confirmation is what makes it final; older answers have none and are final as they stand.
    let is_confirmed = refund.get("bank_confirmed_at").is_none_or(|at| !at.is_null());
    let state = if is_confirmed { RefundState::Succeeded } else { RefundState::Pending };
    Some(RefundAnswer { external_id: Some(refund_key.to_owned()), state })
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
