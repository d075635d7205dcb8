//! Xendit.

use std::sync::Arc;

use async_trait::async_trait;
use secrecy::SecretString;

use super::{Charge, ChargeRef, ChargeRequest, Gateway, Notice, RefundAnswer, RefundRequest};
use crate::clock::Clock;
use crate::domain::payment::GatewayStatus;
use crate::edge::CallError;
use crate::edge::webhook::{WebhookError, WebhookRequest};

/// The gateway's name.
pub const NAME: &str = "xendit";

/// An account at Xendit.
pub struct Xendit;

impl Xendit {
    /// The account with these credentials. `webhook_url` is where notices are to go.
    ///
    /// # Errors
    /// [`CallError::Fail`] when the address is none.
    pub fn new(
        _api_url: &str,
        _credentials: (SecretString, SecretString),
        _webhook_url: &str,
        _clock: Arc<Clock>,
    ) -> Result<Self, CallError> {
        Ok(Self)
    }
}

fn not_yet() -> CallError {
    CallError::Fail { reason: "xendit is not built yet".to_owned() }
}

#[async_trait]
impl Gateway for Xendit {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn charge(&self, _request: &ChargeRequest) -> Result<Charge, CallError> {
        Err(not_yet())
    }

    async fn status(&self, _charge: &ChargeRef) -> Result<GatewayStatus, CallError> {
        Err(not_yet())
    }

    async fn cancel(&self, _charge: &ChargeRef) -> Result<(), CallError> {
        Err(not_yet())
    }

    async fn refund(&self, _request: &RefundRequest) -> Result<RefundAnswer, CallError> {
        Err(not_yet())
    }

    async fn refund_status(&self, _request: &RefundRequest) -> Result<RefundAnswer, CallError> {
        Err(not_yet())
    }

    async fn test(&self) -> Result<String, CallError> {
        Err(not_yet())
    }

    fn receive(&self, _request: &WebhookRequest) -> Result<Notice, WebhookError> {
        Err(WebhookError::Unsigned)
    }
}
