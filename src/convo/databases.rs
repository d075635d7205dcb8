//! Throw-away databases on one server: one migrated and filled database for each shop, and a copy of it for every run that
//! plays at the same time. A copy that was given back is put in order and lent again, connections and all.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{DateTime, Utc};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, PgConnection, PgPool};
use tokio::sync::Mutex;

use super::script::DEFAULT_SHOP;
use super::shops;
use super::world::WorldError;
use crate::clock::Clock;
use crate::domain::ids::StoreId;
use crate::store;

/// What the names of our databases begin with.
const PREFIX: &str = "warung_convo";

/// The databases of one run of the command.
pub struct Databases {
    server: PgConnectOptions,
    /// The connection that makes and drops databases, one at a time: a template cannot be copied twice at once.
    admin: Mutex<PgConnection>,
    templates: Mutex<BTreeMap<String, (String, StoreId)>>,
    /// Databases that are there now.
    made: Mutex<BTreeSet<String>>,
    /// Copies that were given back, by shop.
    free: Mutex<BTreeMap<String, Vec<(String, PgPool)>>>,
}

/// A database with a shop, for one run.
#[derive(Debug)]
pub struct Lent {
    /// Connections to it.
    pub pool: PgPool,
    /// The shop.
    pub store: StoreId,
    shop: String,
    name: String,
}

/// Names drawn by this process.
static DRAWN: AtomicU64 = AtomicU64::new(0);

fn failed(error: sqlx::Error) -> WorldError {
    WorldError::new(format!("no throw-away database can be made on the server of DATABASE_URL: {error}"))
}

impl Databases {
    /// Opens the server that an address leads to.
    ///
    /// # Errors
    /// [`WorldError`] when it cannot be reached.
    pub async fn open(url: &str) -> Result<Self, WorldError> {
        let server: PgConnectOptions = url.parse().map_err(failed)?;
        let admin = server.clone().database("postgres").connect().await;
        let admin = match admin {
            Ok(admin) => admin,
            // Some servers have no database `postgres`; the one that is named is as good.
            Err(_) => server.clone().connect().await.map_err(failed)?,
        };
        Ok(Self {
            server,
            admin: Mutex::new(admin),
            templates: Mutex::default(),
            made: Mutex::default(),
            free: Mutex::default(),
        })
    }

    async fn name(&self) -> String {
        let number = DRAWN.fetch_add(1, Ordering::Relaxed);
        let name = format!("{PREFIX}_{}_{number}", std::process::id());
        self.made.lock().await.insert(name.clone());
        name
    }

    /// A database with a shop in which nothing has happened yet.
    ///
    /// # Errors
    /// [`WorldError`] when the shop cannot be made or the server refuses.
    pub async fn lend(&self, shop: &str, now: DateTime<Utc>) -> Result<Lent, WorldError> {
        let (template, store) = self.template(shop, now).await?;
        let lent = |(name, pool)| Lent { pool, store: store.clone(), shop: shop.to_owned(), name };
        if let Some(free) = self.free.lock().await.get_mut(shop).and_then(Vec::pop) {
            return Ok(lent(free));
        }
        let name = self.name().await;
        let mut admin = self.admin.lock().await;
        store::facts::create_database(&mut admin, &name, Some(&template)).await.map_err(failed)?;
        drop(admin);
        let pool = self.pool(&name).await?;
        Ok(lent((name, pool)))
    }

    /// Takes a database back. One that cannot be put in order is thrown away.
    pub async fn give_back(&self, lent: Lent) {
        let Lent { pool, shop, name, .. } = lent;
        let restored = match pool.acquire().await {
            Ok(mut connection) => store::pristine::restore(&mut connection).await,
            Err(error) => Err(error),
        };
        match restored {
            Ok(()) => self.free.lock().await.entry(shop).or_default().push((name, pool)),
            Err(error) => {
                tracing::debug!(%error, "a throw-away database is not used again");
                pool.close().await;
                self.discard(&name).await;
            }
        }
    }

    async fn pool(&self, name: &str) -> Result<PgPool, WorldError> {
        let options = self.server.clone().database(name);
        let pool = sqlx::postgres::PgPoolOptions::new().max_connections(4).connect_with(options).await;
        pool.map_err(failed)
    }

    async fn template(&self, shop: &str, now: DateTime<Utc>) -> Result<(String, StoreId), WorldError> {
        let mut templates = self.templates.lock().await;
        if let Some(known) = templates.get(shop) {
            return Ok(known.clone());
        }
        let name = self.name().await;
        let mut admin = self.admin.lock().await;
        store::facts::create_database(&mut admin, &name, None).await.map_err(failed)?;
        drop(admin);
        let pool = self.pool(&name).await?;
        let filled = self.fill(&pool, shop, now).await;
        pool.close().await;
        match filled {
            Ok(store) => {
                templates.insert(shop.to_owned(), (name.clone(), store.clone()));
                Ok((name, store))
            }
            Err(error) => {
                self.discard(&name).await;
                Err(error)
            }
        }
    }

    async fn fill(&self, pool: &PgPool, shop: &str, now: DateTime<Utc>) -> Result<StoreId, WorldError> {
        let migrated = store::MIGRATOR.run(pool).await;
        migrated.map_err(|error| WorldError::new(format!("the migrations fail: {error}")))?;
        if shop == DEFAULT_SHOP {
            let seeded = store::seed::demo(pool, &Clock::fixed(now, shops::IDS)).await;
            seeded.map_err(|error| WorldError::new(format!("the demo shop cannot be seeded: {error}")))?;
        }
        let mut connection = pool.acquire().await.map_err(failed)?;
        let store = shops::fill(&mut connection, shop, now).await?;
        store::pristine::keep(&mut connection).await.map_err(failed)?;
        Ok(store)
    }

    /// Throws a database away. That it is gone already is no trouble.
    async fn discard(&self, name: &str) {
        let mut admin = self.admin.lock().await;
        if let Err(error) = store::facts::drop_database(&mut admin, name).await {
            tracing::warn!(%error, "a throw-away database is left over");
        }
        drop(admin);
        self.made.lock().await.remove(name);
    }

    /// Throws away whatever is left.
    pub async fn close(&self) {
        for (_, pool) in std::mem::take(&mut *self.free.lock().await).into_values().flatten() {
            pool.close().await;
        }
        let made = std::mem::take(&mut *self.made.lock().await);
        for name in made {
            self.discard(&name).await;
        }
    }
}
