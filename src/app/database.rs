//! The database of this process: that of `DATABASE_URL`, or a private PostgreSQL; migrated either way.

use anyhow::Context as _;
use secrecy::ExposeSecret as _;
use sqlx::PgPool;

use crate::cluster::{Cluster, Options, Purpose};
use crate::config::Settings;
use crate::store;

use super::reach::unreachable;

/// The name of the database in a private PostgreSQL.
const PRIVATE_DATABASE: &str = "warung";

/// PostgreSQL's word for a database that is not there.
const NO_DATABASE: &str = "3D000";

/// A database that is ready to use.
#[derive(Debug)]
pub struct Database {
    /// Connections to it.
    pub pool: PgPool,
    cluster: Option<Cluster>,
}

impl Database {
    /// Opens and migrates the database of the settings. `progress` is told what takes time.
    ///
    /// # Errors
    /// One line that says what is wrong and what to do.
    pub async fn open(
        settings: &Settings,
        progress: &mut (dyn FnMut(&str) + Send),
    ) -> Result<Self, anyhow::Error> {
        let database = Self::connect(settings, progress).await?;
        migrate(&database.pool, progress).await?;
        Ok(database)
    }

    /// Opens and migrates the database of the settings for a server, none of whose sessions waits for ever.
    ///
    /// # Errors
    /// One line that says what is wrong and what to do.
    pub async fn open_to_serve(
        settings: &Settings,
        progress: &mut (dyn FnMut(&str) + Send),
    ) -> Result<Self, anyhow::Error> {
        let database = Self::open(settings, progress).await?;
        let pool = store::impatient(&database.pool, settings.patience);
        database.pool.close().await;
        Ok(Self { pool, cluster: database.cluster })
    }

    /// Opens the database without migrating it.
    ///
    /// # Errors
    /// One line that says what is wrong and what to do.
    pub async fn connect(
        settings: &Settings,
        progress: &mut (dyn FnMut(&str) + Send),
    ) -> Result<Self, anyhow::Error> {
        if let Some(url) = &settings.database_url {
            let pool = open_pool(url.expose_secret()).await?;
            return Ok(Self { pool, cluster: None });
        }
        let options = Options { data_dir: settings.data_dir.join("postgresql"), purpose: Purpose::Keep };
        // The start blocks its thread for up to some seconds; the runtime has others.
        let cluster = tokio::task::block_in_place(|| Cluster::start(&options, progress))?;
        progress(&format!(
            "database: private PostgreSQL {} in {}. For production set DATABASE_URL.",
            cluster.version(),
            cluster.data_dir().display()
        ));
        create(&cluster.url("postgres")).await?;
        let pool = open_pool(&cluster.url(PRIVATE_DATABASE)).await?;
        Ok(Self { pool, cluster: Some(cluster) })
    }

    /// Opens the database for a look: nothing is made or migrated. Nothing where there is no private database yet.
    ///
    /// # Errors
    /// One line that says what is wrong and what to do.
    pub async fn look(settings: &Settings) -> Result<Option<Self>, anyhow::Error> {
        if let Some(url) = &settings.database_url {
            let pool = open_pool(url.expose_secret()).await?;
            return Ok(Some(Self { pool, cluster: None }));
        }
        let data_dir = settings.data_dir.join("postgresql");
        // What PostgreSQL puts into every folder of data; without it a start would make one.
        if !Cluster::is_made(&data_dir) {
            return Ok(None);
        }
        let options = Options { data_dir, purpose: Purpose::Keep };
        let cluster = tokio::task::block_in_place(|| Cluster::start(&options, &mut |_| {}))?;
        let url = cluster.url(PRIVATE_DATABASE);
        match store::connect(&url).await {
            Ok(pool) => Ok(Some(Self { pool, cluster: Some(cluster) })),
            Err(error) => {
                tokio::task::spawn_blocking(move || cluster.stop())
                    .await
                    .context("the stop was interrupted")??;
                match error.as_database_error().and_then(|error| error.code()).as_deref() {
                    Some(NO_DATABASE) => Ok(None),
                    _ => Err(unreachable(&error, &url)),
                }
            }
        }
    }

    /// Closes connections, and stops a private PostgreSQL that nobody else uses.
    ///
    /// # Errors
    /// When the private PostgreSQL does not stop.
    pub async fn close(self) -> Result<(), anyhow::Error> {
        self.pool.close().await;
        if let Some(cluster) = self.cluster {
            tokio::task::spawn_blocking(move || cluster.stop())
                .await
                .context("the stop was interrupted")??;
        }
        Ok(())
    }
}

async fn open_pool(url: &str) -> Result<PgPool, anyhow::Error> {
    store::connect(url).await.map_err(|error| unreachable(&error, url))
}

async fn create(admin_url: &str) -> Result<(), anyhow::Error> {
    use sqlx::Connection as _;
    let mut connection =
        sqlx::PgConnection::connect(admin_url).await.map_err(|error| unreachable(&error, admin_url))?;
    let there: bool = sqlx::query_scalar("select exists (select 1 from pg_database where datname = $1)")
        .bind(PRIVATE_DATABASE)
        .fetch_one(&mut connection)
        .await?;
    if !there {
        let made = sqlx::raw_sql("create database warung").execute(&mut connection).await;
        // Two first starts at once: the other one was faster.
        if let Err(error) = made
            && !matches!(
                error.as_database_error().and_then(|error| error.code()).as_deref(),
                Some("42P04" | "23505")
            )
        {
            return Err(error).context("the private database could not be created");
        }
    }
    connection.close().await?;
    Ok(())
}

/// Applies what is missing. sqlx holds an advisory lock meanwhile, so that two starts at once do not collide.
///
/// # Errors
/// When a migration fails, or the database was migrated by a newer version.
pub async fn migrate(pool: &PgPool, progress: &mut (dyn FnMut(&str) + Send)) -> Result<(), anyhow::Error> {
    // The server's role need not be one that may change tables; where nothing is missing, nothing is tried.
    if store::migrations::is_current(pool).await? {
        return Ok(());
    }
    let pending = store::migrations::pending(pool).await?;
    if pending > 0 {
        progress(&format!("migrating the database ({pending} to apply)"));
    }
    store::MIGRATOR.run(pool).await.context(
        "the database could not be migrated; a role that may not do it leaves it to `warung db migrate` with the DATABASE_URL of the owner",
    )?;
    Ok(())
}
