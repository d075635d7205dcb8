//! Puts a running shop together out of a database, channels and gateways.

use std::collections::BTreeMap;
use std::sync::Arc;

use sqlx::PgPool;

use crate::channels::Channel;
use crate::clock::Clock;
use crate::dialogue::flow::Flows;
use crate::dialogue::flow::check::check;
use crate::domain::ids::StoreId;
use crate::domain::message::ChannelName;
use crate::i18n::Locales;
use crate::payments::Gateway;
use crate::pipeline::{Parts, Pipeline};
use crate::store;

use super::workers::Workers;

/// Versions of flows, beside the current ones, that conversations may still be in.
const MAX_OLDER_VERSIONS: i64 = 500;

/// What differs from process to process.
pub struct Options {
    /// Time and ids.
    pub clock: Arc<Clock>,
    /// The channels that this process serves.
    pub channels: Vec<Arc<dyn Channel>>,
    /// The gateways that this process can call; new charges go to the first.
    pub gateways: Vec<Arc<dyn Gateway>>,
    /// The shop of channels that belong to one shop.
    pub store_id: StoreId,
    /// The shops of accounts that are not that shop's.
    pub accounts: BTreeMap<(ChannelName, String), StoreId>,
}

/// Builds a pipeline on a migrated database: loads flows and locales, and keeps every version of a flow in the
/// database, so that conversations can end in the version that they began in.
///
/// # Errors
/// When a flow or a locale is malformed or the database fails.
pub async fn pipeline(pool: PgPool, options: Options) -> Result<Arc<Pipeline>, anyhow::Error> {
    let mut flows = Flows::shipped().map_err(|findings| {
        anyhow::anyhow!("the shipped flows have findings; run `warung flow check`: {}", findings.len())
    })?;
    if let Some(finding) = check(&flows, None).into_iter().next() {
        anyhow::bail!(
            "a flow could leave somebody stuck: {finding}; `warung flow check` shows every finding"
        );
    }
    let locales = Locales::shipped()
        .map_err(|errors| anyhow::anyhow!("the shipped locales have errors: {}", errors.len()))?;
    let mut connection = pool.acquire().await?;
    let now = options.clock.now();
    let mut current = Vec::new();
    for version in flows.current() {
        store::flow_versions::insert(
            &mut connection,
            &version.hash,
            &version.name,
            version.file.version,
            &version.source,
            now,
        )
        .await?;
        current.push(version.hash.clone());
    }
    for (hash, name, source) in
        store::flow_versions::older(&mut connection, &current, MAX_OLDER_VERSIONS).await?
    {
        if !flows.add_version(&hash, &source) {
            // Written by a version of the program whose flows this one cannot read: who is in it starts at the menu.
            tracing::warn!(flow = name, hash, "an older version of a flow cannot be read any more");
        }
    }
    drop(connection);
    Ok(Arc::new(Pipeline::new(Parts {
        pool,
        clock: options.clock,
        flows: Arc::new(flows),
        locales: Arc::new(locales),
        channels: options.channels,
        gateways: options.gateways,
        store_id: options.store_id,
        accounts: options.accounts,
    })))
}

/// A running shop.
pub struct App {
    /// The line of data.
    pub pipeline: Arc<Pipeline>,
    workers: Workers,
}

impl App {
    /// Builds the pipeline and starts its workers.
    ///
    /// # Errors
    /// As [`pipeline`].
    pub async fn start(pool: PgPool, options: Options) -> Result<Self, anyhow::Error> {
        let pipeline = pipeline(pool, options).await?;
        let workers = Workers::start(&pipeline);
        Ok(Self { pipeline, workers })
    }

    /// Finishes what is in flight and stops.
    pub async fn stop(self) {
        self.workers.stop().await;
    }
}
