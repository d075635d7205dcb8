//! Sending money back: `POST /qr_codes/payments/{qrpy_id}/refunds`, from one payment of the code at a time.
//!
//! Refunds are made per payment and not by the unified `/refunds`, because a charge is a code here, and one code may have
//! been paid twice: each payment can send back what it brought.

use serde_json::{Value, json};

use super::client::Answer;
use super::wire::{Receipt, text, whole};
use super::{Xendit, fail};
use crate::domain::money::Rupiah;
use crate::domain::payment::Returned;
use crate::edge::CallError;
use crate::payments::{ChargeRef, RefundAnswer, RefundProblem, RefundRequest, RefundState};

/// Refunds of one payment that are read.
const MAX_LISTED: usize = 100;
/// Refusals that no other try, amount or day would change: the payer's bank takes no refund.
const UNSUPPORTED: [&str; 4] =
    ["REFUND_NOT_SUPPORTED", "CHANNEL_NOT_SUPPORTED", "INELIGIBLE_TRANSACTION", "API_NOT_SUPPORTED"];

pub(super) async fn refund(xendit: &Xendit, request: &RefundRequest) -> Result<RefundAnswer, CallError> {
    let receipts = receipts(xendit, &request.charge).await?;
    // Asked again after a lost answer: what was made under this key is the answer.
    if let Some(known) = known(xendit, &receipts, request).await? {
        return Ok(known);
    }
    let mut roomy = None;
    let mut most = 0;
    for receipt in receipts.iter().filter(|receipt| receipt.is_paid) {
        let gone = made(xendit, &receipt.id).await?;
        let gone: i64 = gone
            .iter()
            .filter(|refund| !matches!(state(refund), RefundState::Failed { .. }))
            .filter_map(|refund| whole(refund, "amount"))
            .map(|amount| amount.whole())
            .sum();
        let left = receipt.amount.whole() - gone;
        most = most.max(left);
        if left >= request.amount.whole() {
            roomy = Some(receipt);
            break;
        }
    }
    let Some(receipt) = roomy else {
        return Ok(RefundAnswer {
            external_id: None,
            state: RefundState::Failed {
                problem: RefundProblem::Parts { most: Rupiah::new(most.max(0)).unwrap_or_default() },
                reason: format!(
                    "the code was paid in parts, and at most Rp {most} of one of them can go back at once"
                ),
            },
        });
    };
    let body = json!({
        "reference_id": request.refund_key,
        "amount": request.amount.whole(),
        "currency": "IDR",
        "reason": reason(&request.reason),
    });
    let path = ["qr_codes", "payments", &receipt.id, "refunds"];
    Ok(match xendit.client.post(&path, &request.refund_key, &body).await? {
        Answer::Ok(refund) => answer(&refund),
        Answer::Refused { code, .. } if code == "REFUND_IN_PROGRESS" => {
            RefundAnswer { external_id: None, state: RefundState::Pending }
        }
        Answer::Refused { code, .. } if UNSUPPORTED.contains(&code.as_str()) => {
            RefundAnswer { external_id: None, state: RefundState::Unsupported }
        }
        Answer::Refused { status, code, message } => {
            let reason = format!("{status} {code}: {}", message.chars().take(200).collect::<String>());
            let problem = match code.as_str() {
                "MAXIMUM_REFUND_AMOUNT_REACHED" | "PARTIAL_REFUND_NOT_SUPPORTED" => RefundProblem::TooMuch,
                "INSUFFICIENT_BALANCE" => RefundProblem::Funds,
                _ => RefundProblem::Refused,
            };
            RefundAnswer { external_id: None, state: RefundState::Failed { problem, reason } }
        }
    })
}

pub(super) async fn status(xendit: &Xendit, request: &RefundRequest) -> Result<RefundAnswer, CallError> {
    let receipts = receipts(xendit, &request.charge).await?;
    known(xendit, &receipts, request).await?.ok_or_else(|| fail("no refund has this key"))
}

async fn receipts(xendit: &Xendit, charge: &ChargeRef) -> Result<Vec<Receipt>, CallError> {
    let code = xendit.code(charge).await?;
    xendit.receipts(charge, &code).await
}

/// The refund under our key, wherever it stands.
async fn known(
    xendit: &Xendit,
    receipts: &[Receipt],
    request: &RefundRequest,
) -> Result<Option<RefundAnswer>, CallError> {
    for receipt in receipts.iter().filter(|receipt| receipt.is_paid) {
        let refunds = made(xendit, &receipt.id).await?;
        let ours = refunds.iter().find(|refund| {
            text(refund, "reference_id") == Some(&request.refund_key)
                || request.external_id.as_deref().is_some_and(|id| text(refund, "id") == Some(id))
        });
        if let Some(refund) = ours {
            return Ok(Some(answer(refund)));
        }
    }
    Ok(None)
}

/// The refunds of one payment.
async fn made(xendit: &Xendit, receipt: &str) -> Result<Vec<Value>, CallError> {
    let listed = xendit.client.get(&["qr_codes", "payments", receipt, "refunds"], &[]).await?;
    let listed = match listed {
        Answer::Ok(listed) => listed,
        Answer::Refused { status: 404, .. } => Value::Null,
        refused => refused.found("the refunds cannot be listed")?,
    };
    Ok(listed.get("data").unwrap_or(&listed).as_array().cloned().unwrap_or_default())
}

/// What has gone back of these payments, or is going back, whoever asked for it: the shop's people can do so in Xendit's
/// dashboard. An account that may not list refunds tells of none; it still tells of money that came.
pub(super) async fn returned(xendit: &Xendit, paid: &[Receipt]) -> Result<Vec<Returned>, CallError> {
    let mut returned = Vec::new();
    for receipt in paid {
        let refunds = match made(xendit, &receipt.id).await {
            Ok(refunds) => refunds,
            Err(CallError::Fail { .. } | CallError::Stopped { .. }) => continue,
            Err(error) => return Err(error),
        };
        for refund in refunds.iter().take(MAX_LISTED) {
            let (id, amount) = (text(refund, "id").map(str::to_owned), whole(refund, "amount"));
            let name = text(refund, "reference_id").map(str::to_owned).or_else(|| id.clone());
            if let (Some(name), Some(amount), false) =
                (name, amount, matches!(state(refund), RefundState::Failed { .. }))
                && amount > Rupiah::ZERO
            {
                returned.push(Returned { name, external_id: id, amount });
            }
        }
    }
    Ok(returned)
}

fn answer(refund: &Value) -> RefundAnswer {
    RefundAnswer { external_id: text(refund, "id").map(str::to_owned), state: state(refund) }
}

/// Xendit's word for a refund. All of a payment within a day is voided instead, which sends back as much.
fn state(refund: &Value) -> RefundState {
    match text(refund, "status") {
        Some("SUCCEEDED" | "COMPLETED" | "VOIDED") => RefundState::Succeeded,
        Some("FAILED" | "CANCELLED") => RefundState::Failed {
            problem: match text(refund, "failure_code") {
                Some("INSUFFICIENT_BALANCE") => RefundProblem::Funds,
                _ => RefundProblem::Denied,
            },
            reason: text(refund, "failure_code").unwrap_or("Xendit names no reason").to_owned(),
        },
        _ => RefundState::Pending,
    }
}

/// Our reasons in Xendit's words.
fn reason(ours: &str) -> &'static str {
    match ours {
        "customer_request" => "REQUESTED_BY_CUSTOMER",
        "out_of_stock" => "CANCELLATION",
        _ => "OTHERS",
    }
}
