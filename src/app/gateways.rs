//! The gateways of this process: the one that new charges go to, and those whose older payments still ask for answers.

use std::sync::Arc;

use sqlx::PgPool;

use crate::clock::Clock;
use crate::config::Settings;
use crate::payments::Gateway;
use crate::payments::midtrans::{self, Midtrans};
use crate::payments::sandbox::{self, Sandbox};
use crate::payments::static_qris::StaticQris;
use crate::payments::xendit::{self, Xendit};
use crate::pipeline;

/// The gateways of a process.
pub struct Gateways {
    /// All of them; new charges go to the first.
    pub every: Vec<Arc<dyn Gateway>>,
    /// The sandbox, where it is one of them: it has a page to pay on.
    pub sandbox: Option<Arc<Sandbox>>,
}

impl Gateways {
    /// Opens every gateway that the settings have credentials for, and the one that they choose. The sandbox, which
    /// moves no money, is there only when it is chosen.
    ///
    /// # Errors
    /// When the database fails or an address is none.
    pub async fn open(settings: &Settings, pool: &PgPool, clock: &Arc<Clock>) -> Result<Self, anyhow::Error> {
        let mut every = companies(settings, clock)?;
        every.push(Arc::new(StaticQris));
        let mut opened = None;
        if settings.payment == sandbox::NAME {
            let sandbox = pipeline::sandbox::open(pool, Arc::clone(clock), &settings.public_url()).await?;
            let sandbox = Arc::new(sandbox);
            every.push(Arc::clone(&sandbox) as _);
            opened = Some(sandbox);
        }
        every.sort_by_key(|gateway| gateway.name() != settings.payment);
        Ok(Self { every, sandbox: opened })
    }
}

/// The payment companies that the settings have credentials for, also for a look at them.
///
/// # Errors
/// When an address is none.
pub fn companies(settings: &Settings, clock: &Arc<Clock>) -> Result<Vec<Arc<dyn Gateway>>, anyhow::Error> {
    let mut companies: Vec<Arc<dyn Gateway>> = Vec::new();
    let webhook_url = |name: &str| format!("{}/webhooks/{name}", settings.public_url());
    if let Some(account) = &settings.xendit {
        let credentials = (account.secret_key.clone(), account.callback_token.clone());
        let url = webhook_url(xendit::NAME);
        companies.push(Arc::new(Xendit::new(
            &settings.xendit_api_url,
            credentials,
            &url,
            Arc::clone(clock),
        )?));
    }
    if let Some(account) = &settings.midtrans {
        let key = account.server_key.clone();
        let url = webhook_url(midtrans::NAME);
        companies.push(Arc::new(Midtrans::new(&settings.midtrans_api_url, key, &url, Arc::clone(clock))?));
    }
    Ok(companies)
}
