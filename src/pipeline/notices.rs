//! What gateways tell by themselves: kept as it came, whatever its signature says, and believed by nobody. A notice that
//! is signed and names one of our payments leads to a question, and the answer to that decides.

use sha2::{Digest, Sha256};

use super::accept::{AcceptError, json};
use super::work::Work;
use super::{Pipeline, PipelineError};
use crate::domain::ids::StoreId;
use crate::domain::payment::is_reported;
use crate::edge::webhook::{WebhookError, WebhookRequest};
use crate::payments::{Notice, sandbox, static_qris};
use crate::store::{self, webhook_logs};

/// How often silent payments are looked for.
const SWEEP_EVERY: chrono::Duration = chrono::Duration::hours(1);

impl Pipeline {
    /// Stores a gateway's notice: first its log row, then, if it is signed and names one of our payments, an inbox row
    /// of the buyer's conversation.
    ///
    /// # Errors
    /// [`AcceptError`].
    pub async fn accept_notice(&self, gateway: &str, request: WebhookRequest) -> Result<(), AcceptError> {
        let Some(adapter) = self.gateways.get(gateway) else { return Err(AcceptError::Unknown) };
        let notice = match adapter.receive(&request) {
            Ok(notice) => notice,
            Err(error) => {
                self.keep_refused(gateway, &error, &request.body).await;
                return Err(error.into());
            }
        };
        let Notice { event_key, event_type, reference, external_id } = notice;
        let now = self.clock.now();
        let mut connection = self.pool.acquire().await?;
        let (kind, key) = (event_type.as_str(), event_key.as_str());
        let log = webhook_logs::insert(&mut connection, &self.clock, gateway, kind, key, &request.body, now)
            .await?;
        let (reference, external_id) = (reference.as_deref(), external_id.as_deref());
        let owner = self.owner_of(gateway);
        let named = store::payments::named(&mut connection, gateway, reference, external_id, owner).await?;
        let Some(named) = named else {
            tracing::warn!(gateway, "a signed notice names no payment of this account");
            webhook_logs::mark_processed(&mut connection, &log, Some("no payment of ours"), now).await?;
            return Ok(());
        };
        self.faults.pass("accept.before_commit")?;
        let work = Work::Notice { gateway: gateway.to_owned(), log, reference: named.reference };
        // A repeat of a notice asks the gateway again at most once more: the inbox key is the notice's.
        let key = format!("notice:{event_key}");
        let conversation = named.conversation;
        store::inbox::insert(&mut connection, &conversation, gateway, &key, &json(&work), now).await?;
        self.faults.pass("accept.after_commit")?;
        self.schedule.wake(&conversation);
        Ok(())
    }

    /// The shop whose account a gateway is. The sandbox and printed codes serve every shop.
    fn owner_of(&self, gateway: &str) -> Option<&StoreId> {
        (gateway != sandbox::NAME && gateway != static_qris::NAME).then_some(&self.store_id)
    }

    /// The gateway that new charges of a shop go to: the account of the settings is one shop's, and the money of
    /// another shop must not land in it.
    pub(super) fn gateway_of(&self, store: &StoreId) -> &str {
        match self.owner_of(&self.gateway) {
            Some(owner) if owner != store => static_qris::NAME,
            _ => &self.gateway,
        }
    }

    /// Keeps a notice that is refused, for whoever looks for the reason. It changes nothing else, and a flood of them is
    /// kept in part only.
    async fn keep_refused(&self, gateway: &str, error: &WebhookError, body: &[u8]) {
        metrics::counter!("warung_notices_refused_total", "gateway" => gateway.to_owned()).increment(1);
        let is_signed = matches!(error, WebhookError::Malformed(_));
        let digest = hex::encode(Sha256::digest(body));
        let refused =
            webhook_logs::Refused { gateway, is_signed, digest: &digest, reason: &error.to_string(), body };
        let kept = match self.pool.acquire().await {
            Ok(mut connection) => {
                webhook_logs::insert_refused(&mut connection, &self.clock, &refused, self.clock.now()).await
            }
            Err(error) => Err(error),
        };
        if let Err(error) = kept {
            tracing::warn!(gateway, %error, "a refused notice could not be kept");
        }
    }

    /// Looks after silent payments when it has not been done for an hour (`SWEEP_EVERY`). Returns how many are asked about.
    ///
    /// # Errors
    /// [`PipelineError`] when the database fails.
    pub async fn sweep_if_due(&self) -> Result<usize, PipelineError> {
        let now = self.clock.now();
        {
            let mut last = self.swept_at.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            if last.is_some_and(|last| now < last + SWEEP_EVERY) {
                return Ok(0);
            }
            *last = Some(now);
        }
        self.sweep().await
    }

    /// Asks gateways once a day about every payment of the last three days that may have changed unheard: notices get
    /// lost, and codes are paid long after their orders have lapsed. Returns how many are asked about.
    ///
    /// # Errors
    /// [`PipelineError`] when the database fails.
    pub async fn sweep(&self) -> Result<usize, PipelineError> {
        let now = self.clock.now();
        let gateways: Vec<String> = self
            .gateways
            .values()
            .map(|gateway| gateway.name())
            .filter(|name| is_reported(name))
            .map(str::to_owned)
            .collect();
        let mut connection = self.pool.acquire().await?;
        let silent = store::payments::silent(&mut connection, &gateways, now).await?;
        for payment in &silent {
            let work = Work::Sweep { payment: payment.id.clone() };
            let key = format!("sweep:{}:{}", payment.id, now.date_naive());
            store::inbox::insert(&mut connection, &payment.conversation, "sweep", &key, &json(&work), now)
                .await?;
            self.schedule.wake(&payment.conversation);
        }
        Ok(silent.len())
    }
}
