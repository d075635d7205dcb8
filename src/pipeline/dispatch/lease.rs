//! Which rows this process sends: it leases them, and holds the lease for as long as it is at them.

use std::future::Future;
use std::pin::pin;

use crate::pipeline::turn::LEASE;
use crate::pipeline::{Pipeline, PipelineError};
use crate::store::leases::{self, Moments, Reach};
use crate::store::outbox::{Lane, Leased};

/// How often a lease is renewed while it is needed.
const RENEW_EVERY: std::time::Duration = std::time::Duration::from_secs(5);

impl Pipeline {
    /// Leases due rows of a lane to this process, at most `limit`: those that it can send now.
    ///
    /// # Errors
    /// [`PipelineError`] when the database fails.
    pub async fn lease(&self, lane: Lane, limit: i64) -> Result<Vec<Leased>, PipelineError> {
        let moments = self.moments();
        let mut connection = self.pool.acquire().await?;
        Ok(match lane {
            Lane::Messages => leases::take(&mut connection, &self.reach(), moments, limit).await?,
            Lane::Calls(kind) => {
                leases::take_calls(&mut connection, kind, &self.callees(), moments, limit).await?
            }
        })
    }

    /// The moments of a lease that begins now.
    pub(super) fn moments(&self) -> Moments {
        let now = self.clock.now();
        Moments { now, until: now + LEASE, reports: self.reports() }
    }

    /// Whom this process can call.
    pub(super) fn callees(&self) -> Vec<String> {
        self.gateways.keys().cloned().chain(self.channels.names().iter().map(ToString::to_string)).collect()
    }

    fn reach(&self) -> Reach {
        let running = self.channels.running();
        Reach {
            channels: running
                .iter()
                .map(|channel| (channel.name().to_string(), channel.only_chat()))
                .collect(),
            stopped: [self.stopped.at(self.clock.now()), self.outages.at(self.clock.now())].concat(),
        }
    }

    /// Holds the leases of rows while something is done with them, however long it takes: nobody else may begin with them
    /// as long as this process lives.
    pub(super) async fn held<T>(
        &self,
        ids: &[i64],
        work: impl Future<Output = Result<T, PipelineError>>,
    ) -> Result<T, PipelineError> {
        let renewing = async {
            loop {
                tokio::time::sleep(RENEW_EVERY).await;
                let renew = async {
                    let until = self.clock.now() + LEASE;
                    leases::renew(&mut *self.pool.acquire().await?, ids, until).await
                };
                if let Err(error) = renew.await {
                    tracing::warn!(%error, "a lease could not be renewed");
                }
            }
        };
        let (work, renewing) = (pin!(work), pin!(renewing));
        match futures::future::select(work, renewing).await {
            futures::future::Either::Left((result, _)) => result,
            futures::future::Either::Right((never, _)) => never,
        }
    }
}
