//! The shop's own printed code: an amount is put into it, and nobody reports what was paid. A person of the shop, or a
//! notice of the shop's bank that names exactly the amount, says that the money is there.

use async_trait::async_trait;

use super::{
    Charge, ChargeRef, ChargeRequest, Gateway, Notice, RefundAnswer, RefundRequest, RefundState, qris,
};
use crate::domain::payment::GatewayStatus;
use crate::edge::CallError;
use crate::edge::webhook::{WebhookError, WebhookRequest};

/// The gateway's name.
pub const NAME: &str = crate::domain::payment::UNREPORTED;

/// The shop's own code.
pub struct StaticQris;

fn nobody_knows() -> CallError {
    CallError::Fail { reason: "nobody reports the payments of a printed code".to_owned() }
}

#[async_trait]
impl Gateway for StaticQris {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn charge(&self, request: &ChargeRequest) -> Result<Charge, CallError> {
        let fail = |reason: String| CallError::Fail { reason };
        let code =
            request.code.as_deref().ok_or_else(|| fail("the shop has no printed code yet".to_owned()))?;
        let qris = qris::make_dynamic(code, request.amount).map_err(|error| fail(error.to_string()))?;
        Ok(Charge { external_id: request.reference.clone(), qris, url: None, account: None })
    }

    async fn status(&self, _charge: &ChargeRef) -> Result<GatewayStatus, CallError> {
        Err(nobody_knows())
    }

    async fn cancel(&self, _charge: &ChargeRef) -> Result<(), CallError> {
        Ok(())
    }

    async fn refund(&self, _request: &RefundRequest) -> Result<RefundAnswer, CallError> {
        Ok(RefundAnswer { external_id: None, state: RefundState::Unsupported })
    }

    async fn refund_status(&self, _request: &RefundRequest) -> Result<RefundAnswer, CallError> {
        Ok(RefundAnswer { external_id: None, state: RefundState::Unsupported })
    }

    async fn test(&self) -> Result<String, CallError> {
        Ok("the shop's printed code: a person of the shop confirms payments".to_owned())
    }

    fn receive(&self, _request: &WebhookRequest) -> Result<Notice, WebhookError> {
        Err(WebhookError::Unsigned)
    }
}
