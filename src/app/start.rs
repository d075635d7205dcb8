//! Puts a running shop together out of settings and a database. Everything that runs a shop is built here: the server, the
//! demo, a terminal, scripted conversations, and tests of the whole.

use std::sync::Arc;

use sqlx::PgPool;

use crate::channels::Channel;
use crate::channels::registry::PLATFORMS;
use crate::clock::Clock;
use crate::config::Settings;
use crate::dialogue::flow::Flows;
use crate::dialogue::flow::check::check;
use crate::domain::ids::StoreId;
use crate::i18n::Locales;
use crate::payments::sandbox::Sandbox;
use crate::pipeline::{Parts, Pipeline};
use crate::store;

use super::accounts::Accounts;
use super::gateways::Gateways;
use super::live::Live;
use super::workers::Workers;

/// Versions of flows, beside the current ones, that conversations may still be in.
const MAX_OLDER_VERSIONS: i64 = 500;

/// What the bot says and hears, as it is shipped with the program: read once for all that is assembled from it.
#[derive(Clone)]
pub struct Shipped {
    /// The flows.
    pub flows: Arc<Flows>,
    /// The words.
    pub locales: Arc<Locales>,
}

impl Shipped {
    /// Reads and checks it.
    ///
    /// # Errors
    /// When a flow or a locale is malformed, or a flow could leave somebody stuck.
    pub fn read() -> Result<Self, anyhow::Error> {
        let flows = flows()?;
        if let Some(finding) = check(&flows, None).into_iter().next() {
            anyhow::bail!(
                "a flow could leave somebody stuck: {finding}; `warung flow check` shows every finding"
            );
        }
        let locales = Locales::shipped()
            .map_err(|errors| anyhow::anyhow!("the shipped locales have errors: {}", errors.len()))?;
        Ok(Self { flows: Arc::new(flows), locales: Arc::new(locales) })
    }
}

fn flows() -> Result<Flows, anyhow::Error> {
    Flows::shipped().map_err(|findings| {
        anyhow::anyhow!("the shipped flows have findings; run `warung flow check`: {}", findings.len())
    })
}

/// What differs from process to process.
pub struct Options<'a> {
    /// The settings: which accounts there are, and what new orders are paid by.
    pub settings: &'a Settings,
    /// The database, migrated.
    pub pool: PgPool,
    /// Time and ids.
    pub clock: Arc<Clock>,
    /// What the bot says and hears.
    pub shipped: &'a Shipped,
    /// The shop of channels that belong to one shop.
    pub store_id: StoreId,
    /// The channels that are this process's own: the page, a terminal.
    pub clients: Vec<Arc<dyn Channel>>,
    /// Whether it serves the platforms as well.
    pub with_platforms: bool,
}

/// A line of data that nothing works on yet.
pub struct Line {
    /// The line of data.
    pub pipeline: Pipeline,
    /// The sandbox, where orders are paid in it: it has a page to pay on.
    pub sandbox: Option<Arc<Sandbox>>,
    /// The platforms, which have to be listened to.
    pub live: Live,
}

/// Builds a line of data on a migrated database: opens the accounts and gateways of the settings and of the database, and keeps
/// every version of a flow in the database, so that conversations can end in the version that they began in.
///
/// # Errors
/// When an account or a gateway cannot be opened, or the database fails.
pub async fn assemble(options: Options<'_>) -> Result<Line, anyhow::Error> {
    let Options { settings, pool, clock, shipped, store_id, clients, with_platforms } = options;
    let flows = with_older_versions(&pool, &clock, &shipped.flows).await?;
    let gateways = Gateways::open(settings, &pool, &clock).await?;
    let (live, accounts) = match with_platforms {
        true => Live::open(settings, &pool, &store_id).await?,
        false => (Live::default(), Accounts::default()),
    };
    let pipeline = Pipeline::new(Parts {
        pool,
        clock,
        flows,
        locales: Arc::clone(&shipped.locales),
        channels: clients.into_iter().chain(accounts.channels).collect(),
        gateways: gateways.every,
        store_id,
        accounts: accounts.shops,
    });
    if with_platforms {
        // Those without an account have their place all the same: one may come.
        for name in PLATFORMS.iter().map(|platform| platform.spec.name.into()) {
            if pipeline.channels.get(&name).is_none() {
                pipeline.channels.exchange(&name, None);
            }
        }
    }
    Ok(Line { pipeline, sandbox: gateways.sandbox, live })
}

/// The flows with the older versions of them that the database knows.
async fn with_older_versions(
    pool: &PgPool,
    clock: &Clock,
    shipped: &Arc<Flows>,
) -> Result<Arc<Flows>, anyhow::Error> {
    let mut connection = pool.acquire().await?;
    let now = clock.now();
    let mut current = Vec::new();
    for version in shipped.current() {
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
    let older = store::flow_versions::older(&mut connection, &current, MAX_OLDER_VERSIONS).await?;
    if older.is_empty() {
        return Ok(Arc::clone(shipped));
    }
    let mut every = flows()?;
    for (hash, name, source) in older {
        if !every.add_version(&hash, &source) {
            // Written by a version of the program whose flows this one cannot read: who is in it starts at the menu.
            tracing::warn!(flow = name, hash, "an older version of a flow cannot be read any more");
        }
    }
    Ok(Arc::new(every))
}

/// A running shop.
pub struct App {
    /// The line of data.
    pub pipeline: Arc<Pipeline>,
    workers: Workers,
}

impl App {
    /// Starts the workers of a line of data.
    pub fn start(pipeline: Pipeline) -> Self {
        let pipeline = Arc::new(pipeline);
        let workers = Workers::start(&pipeline);
        Self { pipeline, workers }
    }

    /// Finishes what is in flight and stops.
    pub async fn stop(self) {
        self.workers.stop().await;
    }
}
