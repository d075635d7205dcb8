//! Where the customers of a run pay: the company at the far end of our gateway.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::broken;
use crate::convo::world::WorldError;
use crate::domain::money::Rupiah;
use crate::edge::webhook::WebhookRequest;
use crate::fakes;
use crate::fakes::company::Company;
use crate::payments::sandbox::{self, SIGNATURE_HEADER, Sandbox};
use crate::payments::{midtrans, xendit};

/// Ways of paying that a script can be played with.
pub const PAYMENTS: [&str; 3] = [sandbox::NAME, xendit::NAME, midtrans::NAME];

/// Who takes the customers' money.
#[derive(Clone)]
pub(crate) enum Till {
    /// The sandbox, which keeps its own books, where orders are paid in it.
    Sandbox(Option<Arc<Sandbox>>),
    /// A company on loopback.
    Company(Arc<dyn Company>),
}

impl Till {
    /// Opens the far end of the way of paying of a name.
    ///
    /// # Errors
    /// [`WorldError`] when the name is unknown or no port of loopback can be had.
    pub(crate) async fn open(name: &str) -> Result<Self, WorldError> {
        match name {
            sandbox::NAME => Ok(Self::Sandbox(None)),
            xendit::NAME => {
                let company = fakes::xendit::Fake::open().await.map_err(broken)?;
                company.refund_promptly();
                Ok(Self::Company(company))
            }
            midtrans::NAME => Ok(Self::Company(fakes::midtrans::Fake::open().await.map_err(broken)?)),
            _ => Err(WorldError::new(format!(
                "scripts cannot pay by `{name}`; they can by {}",
                PAYMENTS.join(", ")
            ))),
        }
    }

    /// The settings with which a shop is paid here.
    pub(crate) fn settings(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Sandbox(_) => Vec::new(),
            Self::Company(company) => company.settings(),
        }
    }

    /// The same, with the sandbox that the shop has opened.
    pub(crate) fn with_sandbox(self, opened: Option<Arc<Sandbox>>) -> Self {
        match self {
            Self::Sandbox(_) => Self::Sandbox(opened),
            company => company,
        }
    }

    /// The gateway's name, which is where its notices go.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Sandbox(_) => sandbox::NAME,
            Self::Company(company) => company.name(),
        }
    }

    /// Sets the company's clock.
    pub(crate) fn set_now(&self, now: DateTime<Utc>) {
        if let Self::Company(company) = self {
            company.set_now(now);
        }
    }

    /// Somebody pays a code. Returns the notices about it.
    ///
    /// # Errors
    /// [`WorldError`] when it cannot be paid.
    pub(crate) async fn pay(
        &self,
        reference: &str,
        amount: Rupiah,
    ) -> Result<Vec<WebhookRequest>, WorldError> {
        match self {
            Self::Sandbox(None) => Err(WorldError::new("orders are not paid in the sandbox here")),
            Self::Sandbox(Some(sandbox)) => Ok(vec![sandbox.pay(reference, amount).await.map_err(broken)?]),
            Self::Company(company) => company.pay(reference, amount).map_err(broken),
        }
    }

    /// What has happened by itself at the company since this was asked last.
    pub(crate) fn news(&self) -> Vec<WebhookRequest> {
        match self {
            Self::Sandbox(_) => Vec::new(),
            Self::Company(company) => company.news(),
        }
    }

    /// A notice of a payment that nobody has made.
    pub(crate) fn forge(&self, reference: &str, amount: Rupiah) -> WebhookRequest {
        match self {
            Self::Sandbox(_) => {
                let body = serde_json::json!({
                    "id": "evt_forged", "event": "payment.succeeded", "reference": reference, "amount": amount.whole(),
                });
                WebhookRequest {
                    headers: vec![(SIGNATURE_HEADER.to_owned(), "00".repeat(32))],
                    body: body.to_string().into_bytes(),
                }
            }
            Self::Company(company) => company.forge(reference, amount),
        }
    }

    /// Requests that the company refused because they break its rules.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let Self::Company(company) = self else { return Vec::new() };
        let refused = company.recorded().into_iter().filter_map(|request| {
            let refusal = request.refusal?;
            Some(format!("{} refuses {} {}: {refusal}", company.name(), request.method, request.path))
        });
        refused.collect()
    }
}
