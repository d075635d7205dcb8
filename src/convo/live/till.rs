//! Where the customers of a run pay: our gateway, and the company at its far end.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use sqlx::PgPool;

use super::broken;
use crate::clock::Clock;
use crate::convo::world::WorldError;
use crate::domain::money::Rupiah;
use crate::edge::webhook::WebhookRequest;
use crate::fakes;
use crate::fakes::company::Company;
use crate::payments::Gateway;
use crate::payments::midtrans::{self, Midtrans};
use crate::payments::sandbox::{self, SIGNATURE_HEADER, Sandbox};
use crate::payments::static_qris::StaticQris;
use crate::payments::xendit::{self, Xendit};

/// Where the sandbox's pages would stand, and the companies' webhooks; nothing is fetched from there.
const PUBLIC_URL: &str = "http://127.0.0.1:8080";

/// Ways of paying that a script can be played with.
pub const PAYMENTS: [&str; 3] = [sandbox::NAME, xendit::NAME, midtrans::NAME];

/// Who takes the customers' money.
#[derive(Clone)]
pub(crate) enum Till {
    /// The sandbox, which keeps its own books.
    Sandbox(Arc<Sandbox>),
    /// A company on loopback with our gateway talking to it over HTTP.
    Company {
        /// Ours.
        gateway: Arc<dyn Gateway>,
        /// The company's side.
        company: Arc<dyn Company>,
    },
}

impl Till {
    /// Opens the way of paying of a name: the one place that builds the gateway of a run.
    ///
    /// # Errors
    /// [`WorldError`] when the name is unknown or no port of loopback can be had.
    pub(crate) async fn open(name: &str, pool: &PgPool, clock: &Arc<Clock>) -> Result<Self, WorldError> {
        match name {
            sandbox::NAME => {
                let sandbox = crate::pipeline::sandbox::open(pool, Arc::clone(clock), PUBLIC_URL).await;
                Ok(Self::Sandbox(Arc::new(sandbox.map_err(broken)?)))
            }
            xendit::NAME => {
                let company = fakes::xendit::Fake::open().await.map_err(broken)?;
                company.refund_promptly();
                let keys = (fakes::xendit::SECRET_KEY.into(), fakes::xendit::CALLBACK_TOKEN.into());
                let gateway =
                    Xendit::new(&company.url(), keys, PUBLIC_URL, Arc::clone(clock)).map_err(broken)?;
                Ok(Self::Company { gateway: Arc::new(gateway), company })
            }
            midtrans::NAME => {
                let company = fakes::midtrans::Fake::open().await.map_err(broken)?;
                let key = fakes::midtrans::SERVER_KEY.into();
                let gateway =
                    Midtrans::new(&company.url(), key, PUBLIC_URL, Arc::clone(clock)).map_err(broken)?;
                Ok(Self::Company { gateway: Arc::new(gateway), company })
            }
            _ => Err(WorldError::new(format!(
                "scripts cannot pay by `{name}`; they can by {}",
                PAYMENTS.join(", ")
            ))),
        }
    }

    /// The gateways of the pipeline, the one for new charges first: what the script chooses, else the run's.
    pub(crate) fn gateways(&self, chosen: Option<&str>) -> Vec<Arc<dyn Gateway>> {
        let own = match self {
            Self::Sandbox(sandbox) => Arc::clone(sandbox) as Arc<dyn Gateway>,
            Self::Company { gateway, .. } => Arc::clone(gateway),
        };
        let mut gateways = vec![own, Arc::new(StaticQris) as Arc<dyn Gateway>];
        if let Some(chosen) = chosen {
            gateways.sort_by_key(|gateway| gateway.name() != chosen);
        }
        gateways
    }

    /// The gateway's name, which is where its notices go.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Sandbox(_) => sandbox::NAME,
            Self::Company { company, .. } => company.name(),
        }
    }

    /// Sets the company's clock.
    pub(crate) fn set_now(&self, now: DateTime<Utc>) {
        if let Self::Company { company, .. } = self {
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
            Self::Sandbox(sandbox) => Ok(vec![sandbox.pay(reference, amount).await.map_err(broken)?]),
            Self::Company { company, .. } => company.pay(reference, amount).map_err(broken),
        }
    }

    /// What has happened by itself at the company since this was asked last.
    pub(crate) fn news(&self) -> Vec<WebhookRequest> {
        match self {
            Self::Sandbox(_) => Vec::new(),
            Self::Company { company, .. } => company.news(),
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
            Self::Company { company, .. } => company.forge(reference, amount),
        }
    }

    /// Requests that the company refused because they break its rules.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let Self::Company { company, .. } = self else { return Vec::new() };
        let refused = company.recorded().into_iter().filter_map(|request| {
            let refusal = request.refusal?;
            Some(format!("{} refuses {} {}: {refusal}", company.name(), request.method, request.path))
        });
        refused.collect()
    }
}
