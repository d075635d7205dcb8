//! Xendit: QR Codes API of 2022-07-31 (docs.xendit.co, "QR Codes"), one dynamic QRIS per charge.
//!
//! Why this interface and not payment requests: a QR code carries its exact amount and its payments can be listed, so
//! that two payments of one code, or one that came after the order had lapsed, are seen as what they are. Refunds are made
//! per payment of a code.
//!
//! A notice carries a fixed token and no signature over its content. It says only that something happened; what
//! happened is what the listing of the code's payments answers.

mod client;
mod notice;
mod refund;
mod wire;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use async_trait::async_trait;
use chrono::SecondsFormat;
use secrecy::SecretString;
use serde_json::{Value, json};

use super::{Charge, ChargeRef, ChargeRequest, Gateway, Notice, RefundAnswer, RefundRequest, Told, qris};
use crate::clock::Clock;
use crate::domain::money::Rupiah;
use crate::domain::payment::{CURRENCY, GatewayState, GatewayStatus};
use crate::edge::CallError;
use crate::edge::webhook::{WebhookError, WebhookRequest};
use client::{Answer, Client};
use wire::{Receipt, text, whole};

/// The gateway's name.
pub const NAME: &str = "xendit";
/// Payments of one code that are looked at; a code that is paid more often is somebody's experiment.
const MAX_RECEIPTS: usize = 100;

/// An account at Xendit.
pub struct Xendit {
    client: Client,
    callback_token: SecretString,
    clock: Arc<Clock>,
}

impl Xendit {
    /// The account with this secret key and callback token. Notices go to the address that is set in Xendit's dashboard,
    /// so `webhook_url` is not sent.
    ///
    /// # Errors
    /// [`CallError::Fail`] when the address is none.
    pub fn new(
        api_url: &str,
        credentials: (SecretString, SecretString),
        _webhook_url: &str,
        clock: Arc<Clock>,
    ) -> Result<Self, CallError> {
        let (secret_key, callback_token) = credentials;
        Ok(Self { client: Client::new(api_url, secret_key)?, callback_token, clock })
    }

    /// The code of a charge: by its id, or, where the answer to the charge was lost, by our reference.
    async fn code(&self, charge: &ChargeRef) -> Result<Value, CallError> {
        let name = charge.external_id.as_deref().unwrap_or(&charge.reference);
        let code = self.client.get(&["qr_codes", name], &[]).await?.found("no such QR code")?;
        charge.check(wire::told(&code))?;
        if text(&code, "currency").is_some_and(|currency| currency != CURRENCY) {
            return Err(fail("the QR code is in another currency"));
        }
        Ok(code)
    }

    /// The payments of a code, each of which must be one of this charge.
    async fn receipts(&self, charge: &ChargeRef, code: &Value) -> Result<Vec<Receipt>, CallError> {
        let code_id = text(code, "id").unwrap_or(&charge.reference);
        let own = ChargeRef {
            external_id: text(code, "id").map(str::to_owned).or_else(|| charge.external_id.clone()),
            account: charge.account.clone().or_else(|| wire::told(code).account.map(str::to_owned)),
            ..charge.clone()
        };
        let limit = MAX_RECEIPTS.to_string();
        let listed = self.client.get(&["qr_codes", code_id, "payments"], &[("limit", &limit)]).await?;
        let listed = match listed {
            Answer::Ok(listed) => listed,
            Answer::Refused { status: 404, .. } => Value::Null,
            refused => refused.found("the payments of the QR code cannot be listed")?,
        };
        let mut receipts: Vec<Receipt> = Vec::new();
        for receipt in wire::receipts(&listed).take(MAX_RECEIPTS) {
            let told = receipt.told();
            // Older listings name nothing beside the payment; they were asked for by the code.
            if told != Told::default() {
                own.check(Told { reference: told.reference.or(Some(own.reference.as_str())), ..told })?;
            }
            // One payment listed twice is one payment.
            if !receipts.iter().any(|known| known.id == receipt.id) {
                receipts.push(receipt);
            }
        }
        Ok(receipts)
    }
}

/// A refusal that another try would not change.
fn fail(reason: &str) -> CallError {
    CallError::Fail { reason: reason.to_owned() }
}

#[async_trait]
impl Gateway for Xendit {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn charge(&self, request: &ChargeRequest) -> Result<Charge, CallError> {
        let body = json!({
            "reference_id": request.reference,
            "type": "DYNAMIC",
            "currency": "IDR",
            "amount": request.amount.whole(),
            "expires_at": request.expires_at.to_rfc3339_opts(SecondsFormat::Millis, true),
        });
        let made = self.client.post(&["qr_codes"], &request.reference, &body).await?;
        let code = match made {
            Answer::Ok(code) => code,
            // The reference is taken: by ourselves, when the answer to an earlier try was lost.
            Answer::Refused { status, code, .. } if status == 409 || code.contains("DUPLICATE") => {
                let charge = ChargeRef {
                    reference: request.reference.clone(),
                    external_id: None,
                    amount: request.amount,
                    account: None,
                };
                self.code(&charge).await?
            }
            refused => refused.found("the QR code is not made")?,
        };
        if whole(&code, "amount") != Some(request.amount) {
            return Err(fail("the reference is taken by a charge over another amount"));
        }
        let told = wire::told(&code);
        if told.reference.is_some_and(|reference| reference != request.reference) {
            return Err(fail("the answer names another reference"));
        }
        let account = told.account.map(str::to_owned);
        let external_id = told.external_id.ok_or_else(|| fail("the answer names no QR code"))?.to_owned();
        let payload = text(&code, "qr_string").ok_or_else(|| fail("the answer holds no QR string"))?;
        qris::check_dynamic(payload, request.amount)
            .map_err(|error| fail(&format!("the QR string is not right: {error}")))?;
        Ok(Charge { external_id, qris: payload.to_owned(), url: None, account })
    }

    async fn status(&self, charge: &ChargeRef) -> Result<GatewayStatus, CallError> {
        let code = self.code(charge).await?;
        let id = text(&code, "id").unwrap_or(&charge.reference).to_owned();
        let receipts = self.receipts(charge, &code).await?;
        let paid: Vec<Receipt> = receipts.into_iter().filter(|receipt| receipt.is_paid).collect();
        let mut received = Rupiah::ZERO;
        for receipt in &paid {
            received = received.plus(receipt.amount).map_err(|_| fail("the payments do not add up"))?;
        }
        let foreign = paid.iter().find(|receipt| receipt.currency != CURRENCY);
        let returned = refund::returned(self, &paid).await?;
        let lapsed = wire::moment(&code, "expires_at").is_some_and(|at| self.clock.now() >= at);
        let is_inactive = text(&code, "status").is_some_and(|status| status == "INACTIVE");
        Ok(GatewayStatus {
            reference: charge.reference.clone(),
            external_id: Some(id),
            state: match paid.is_empty() {
                false => GatewayState::Paid,
                true if lapsed || is_inactive => GatewayState::Expired,
                true => GatewayState::Pending,
            },
            received,
            receipts: u32::try_from(paid.len()).unwrap_or(u32::MAX),
            currency: foreign.map_or_else(|| CURRENCY.to_owned(), |receipt| receipt.currency.clone()),
            receipt_id: paid.first().and_then(|receipt| receipt.receipt_id.clone()),
            payer_app: paid.first().and_then(|receipt| receipt.payer_app.clone()),
            transactions: paid.iter().map(|receipt| receipt.id.clone()).collect(),
            returned,
        })
    }

    /// A code cannot be called off; it lapses at the moment that was asked for with the charge. Money that comes until
    /// then is late money, which is a normal case.
    async fn cancel(&self, _charge: &ChargeRef) -> Result<(), CallError> {
        Ok(())
    }

    async fn refund(&self, request: &RefundRequest) -> Result<RefundAnswer, CallError> {
        refund::refund(self, request).await
    }

    async fn refund_status(&self, request: &RefundRequest) -> Result<RefundAnswer, CallError> {
        refund::status(self, request).await
    }

    async fn test(&self) -> Result<String, CallError> {
        let balance = self.client.get(&["balance"], &[]).await?.found("the balance cannot be read")?;
        let is_known = balance.get("balance").is_some();
        let mode = if self.client.is_test() { "test mode" } else { "live" };
        Ok(format!("the key works ({mode}{})", if is_known { "" } else { ", without a balance" }))
    }

    fn receive(&self, request: &WebhookRequest) -> Result<Notice, WebhookError> {
        notice::receive(&self.callback_token, request)
    }
}
