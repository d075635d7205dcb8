//! Databases that live as long as a test: a fresh copy of a migrated template each, dropped after.
//!
//! `warung convo run`, the benches and the tests of every layer use it:
//!
//! ```no_run
//! # async fn example() -> Result<(), warung::cluster::testing::TestingError> {
//! let database = warung::cluster::testing::throw_away_database(&warung::store::MIGRATOR).await?;
//! sqlx::query("select 1").execute(&database.pool).await.unwrap();
//! # Ok(()) }
//! ```
//!
//! They live on the server of `DATABASE_URL`, or on a private scratch cluster that is started once per process and is
//! gone with it, however it ends. Where there is neither, this fails and says what to install: no test skips itself.

use std::collections::HashMap;
use std::path::PathBuf;
use std::str::FromStr as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{LazyLock, mpsc};
use std::thread;

use sha2::{Digest as _, Sha256};
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection};
use tokio::sync::{Mutex, OnceCell, oneshot};

use super::{Cluster, ClusterError, Options, Purpose};

/// Connections of one throw-away database. Many tests run at once, so fewer than a server has.
const MAX_CONNECTIONS: u32 = 10;
/// Throw-away databases of dead processes are dropped when they are older than this, in seconds.
const STALE_SECONDS: i64 = 6 * 3600;
/// Linux keeps files of this folder in memory.
const MEMORY_FOLDER: &str = "/dev/shm";
/// Room that a run of all tests may need there; containers often have less.
const MEMORY_FREE_BYTES: u64 = 4 * 1024 * 1024 * 1024;
/// What the names of throw-away databases begin with.
const PREFIX: &str = "warung_test_";

/// Why there is no throw-away database.
#[derive(Debug, thiserror::Error)]
pub enum TestingError {
    /// No private cluster.
    #[error("{0}")]
    Cluster(String),
    /// The server refused.
    #[error("no database for the test: {0}; DATABASE_URL needs a user who may create databases")]
    Database(#[from] sqlx::Error),
    /// A migration failed.
    #[error("the template could not be migrated: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
}

/// A database of one's own, dropped when this goes out of scope.
#[derive(Debug)]
pub struct ThrowAway {
    /// Connections to it.
    pub pool: PgPool,
    /// Its address, for other programs.
    pub url: String,
    name: String,
}

impl Drop for ThrowAway {
    fn drop(&mut self) {
        let server = SERVER.get();
        let Some(server) = server else { return };
        let (done, wait) = mpsc::channel();
        if JANITOR.send((server.url(&server.admin), self.name.clone(), done)).is_ok() && !server.is_private()
        {
            // On a server that outlives us the drop must have happened before the process ends. An error means that
            // the janitor could not; then the next run cleans up.
            let _ = wait.recv();
        }
    }
}

/// Where throw-away databases live.
struct Server {
    /// Kept alive; its watchdog ends it with the process.
    cluster: Option<Cluster>,
    base: String,
    admin: String,
    /// What makes names of this process unique on the server: seconds of its clock and our process id.
    stamp: String,
}

impl Server {
    fn is_private(&self) -> bool {
        self.cluster.is_some()
    }

    fn url(&self, database: &str) -> String {
        match &self.cluster {
            Some(cluster) => cluster.url(database),
            None => with_database(&self.base, database),
        }
    }
}

static SERVER: OnceCell<Server> = OnceCell::const_new();
static TEMPLATES: LazyLock<Mutex<HashMap<String, String>>> = LazyLock::new(Mutex::default);
static DRAWN: AtomicU64 = AtomicU64::new(0);
/// A database to drop: the address to say it to, its name, and who waits.
type Dropping = (String, String, mpsc::Sender<()>);
static JANITOR: LazyLock<mpsc::Sender<Dropping>> = LazyLock::new(janitor);

/// A fresh database with all migrations applied.
///
/// # Errors
/// [`TestingError`] with one line that says what to do.
pub async fn throw_away_database(migrator: &Migrator) -> Result<ThrowAway, TestingError> {
    let server = server().await?;
    let template = template(server, migrator).await?;
    let name = format!("{PREFIX}{}_{}", server.stamp, DRAWN.fetch_add(1, Ordering::Relaxed));
    // One copy at a time: PostgreSQL refuses to copy a template that another session is connected to, and two copies
    // at once are no faster.
    let copying = TEMPLATES.lock().await;
    let mut connection = connect(&server.url(&server.admin)).await?;
    let made = sqlx::raw_sql(AssertSqlSafe(format!("create database {name} template {template}")))
        .execute(&mut connection)
        .await;
    drop(copying);
    connection.close().await?;
    made?;
    let url = server.url(&name);
    let options = PgConnectOptions::from_str(&url)?.application_name("warung");
    let pool = PgPoolOptions::new()
        .max_connections(MAX_CONNECTIONS)
        .min_connections(0)
        .acquire_timeout(std::time::Duration::from_secs(30))
        .connect_with(options.disable_statement_logging())
        .await?;
    Ok(ThrowAway { pool, url, name })
}

/// The address of a database on the server that throw-away databases live on, for programs that bring their own.
///
/// # Errors
/// [`TestingError`] with one line that says what to do.
pub async fn url_of(database: &str) -> Result<String, TestingError> {
    Ok(server().await?.url(database))
}

async fn server() -> Result<&'static Server, TestingError> {
    SERVER
        .get_or_try_init(|| async {
            let (cluster, base, admin) = match std::env::var("DATABASE_URL") {
                Ok(url) if !url.trim().is_empty() => {
                    let admin =
                        PgConnectOptions::from_str(&url)?.get_database().unwrap_or("postgres").to_owned();
                    (None, url, admin)
                }
                _ => (Some(scratch_cluster().await?), String::new(), "postgres".to_owned()),
            };
            let mut server = Server { cluster, base, admin, stamp: String::new() };
            let mut connection = connect(&server.url(&server.admin)).await?;
            let seconds: i64 = sqlx::query_scalar("select extract(epoch from now())::bigint")
                .fetch_one(&mut connection)
                .await?;
            server.stamp = format!("{seconds}_{}", std::process::id());
            if !server.is_private() {
                drop_stale(&mut connection, seconds).await?;
            }
            connection.close().await?;
            Ok(server)
        })
        .await
}

/// A private cluster in memory or in the temp folder. Leftovers of runs whose watchdog was killed too are removed first.
async fn scratch_cluster() -> Result<Cluster, TestingError> {
    let (tell, told) = oneshot::channel();
    thread::spawn(move || {
        let parent = scratch_parent();
        remove_leftovers(&parent);
        let options = Options {
            data_dir: parent.join(format!("run-{}", std::process::id())),
            purpose: Purpose::Scratch,
        };
        // Who asked may have given up.
        let _ = tell.send(Cluster::start(&options, &mut |_| {}));
    });
    let started = told.await.map_err(|_| TestingError::Cluster("the cluster's thread died".into()))?;
    started.map_err(|error| match error {
        ClusterError::NotInstalled => TestingError::Cluster(format!(
            "tests need a PostgreSQL: run scripts/test, which installs one; or: {error}"
        )),
        error => TestingError::Cluster(error.to_string()),
    })
}

/// Where scratch clusters are made: in memory where there is room, because a test makes and drops hundreds of files.
fn scratch_parent() -> PathBuf {
    let uid = rustix::process::geteuid().as_raw();
    // The server of root runs as another user, who may not enter a temp folder of root's own.
    let temp = if uid == 0 { PathBuf::from("/tmp") } else { std::env::temp_dir() };
    let parent = if has_room(MEMORY_FOLDER) { PathBuf::from(MEMORY_FOLDER) } else { temp };
    parent.join(format!("warung-test-{uid}"))
}

fn has_room(folder: &str) -> bool {
    let is_writable = rustix::fs::access(folder, rustix::fs::Access::WRITE_OK).is_ok();
    is_writable
        && rustix::fs::statvfs(folder)
            .is_ok_and(|system| system.f_bavail.saturating_mul(system.f_frsize) >= MEMORY_FREE_BYTES)
}

fn remove_leftovers(parent: &std::path::Path) {
    let Ok(entries) = std::fs::read_dir(parent) else { return };
    for dir in entries.filter_map(Result::ok).map(|entry| entry.path()) {
        let owner = dir.file_name().and_then(|name| name.to_str()?.strip_prefix("run-")?.parse().ok());
        let Some(owner) = owner.and_then(rustix::process::Pid::from_raw) else { continue };
        if rustix::process::test_kill_process(owner).is_ok() {
            continue;
        }
        if let Some(found) = super::postmaster::Postmaster::read(&dir.join("postgres")) {
            if super::postmaster::is_alive(found.pid) {
                super::postmaster::signal(found.pid, rustix::process::Signal::QUIT);
                continue;
            }
            // What cannot be removed now is tried again by the next run.
            let _ = std::fs::remove_dir_all(&found.socket_dir);
        }
        let _ = std::fs::remove_dir_all(&dir);
    }
}

/// The name of a database with these migrations, made once per process on a private server and once for all on others.
async fn template(server: &Server, migrator: &Migrator) -> Result<String, TestingError> {
    let mut hash = Sha256::new();
    for migration in migrator.iter() {
        hash.update(&migration.checksum);
    }
    let name = format!("warung_template_{}", &hex::encode(hash.finalize())[..16]);
    let mut templates = TEMPLATES.lock().await;
    if let Some(name) = templates.get(&name) {
        return Ok(name.clone());
    }
    let mut connection = connect(&server.url(&server.admin)).await?;
    // Several test programs may share the server; the lock ends with the connection.
    sqlx::query("select pg_advisory_lock(hashtext('warung template'))").execute(&mut connection).await?;
    let is_there: bool = sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
        .bind(&name)
        .fetch_one(&mut connection)
        .await?;
    if !is_there {
        // Made under another name and renamed, so that a template is complete or not there.
        let making = format!("{PREFIX}{}_template", server.stamp);
        sqlx::raw_sql(AssertSqlSafe(format!("create database {making}"))).execute(&mut connection).await?;
        let mut inside = connect(&server.url(&making)).await?;
        migrator.run_direct(None, &mut inside, false).await?;
        inside.close().await?;
        sqlx::raw_sql(AssertSqlSafe(format!("alter database {making} rename to {name}")))
            .execute(&mut connection)
            .await?;
    }
    connection.close().await?;
    templates.insert(name.clone(), name.clone());
    Ok(name)
}

async fn drop_stale(connection: &mut PgConnection, now_seconds: i64) -> Result<(), sqlx::Error> {
    let names: Vec<String> = sqlx::query_scalar(
        "select d.datname::text from pg_database d
         where starts_with(d.datname, $1)
           and not exists (select from pg_stat_activity a where a.datname = d.datname)
         order by 1 limit 1000",
    )
    .bind(PREFIX)
    .fetch_all(&mut *connection)
    .await?;
    for name in names {
        let made = name[PREFIX.len()..].split('_').next().and_then(|seconds| seconds.parse::<i64>().ok());
        if made.is_some_and(|made| now_seconds - made > STALE_SECONDS) {
            sqlx::raw_sql(AssertSqlSafe(format!("drop database if exists {name}")))
                .execute(&mut *connection)
                .await?;
        }
    }
    Ok(())
}

/// A thread that drops databases, because going out of scope cannot wait for the server.
fn janitor() -> mpsc::Sender<Dropping> {
    let (sender, receiver) = mpsc::channel::<Dropping>();
    thread::spawn(move || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
        for (url, name, done) in receiver {
            let dropped = runtime.block_on(async {
                let mut connection = connect(&url).await?;
                sqlx::raw_sql(AssertSqlSafe(format!("drop database if exists {name} with (force)")))
                    .execute(&mut connection)
                    .await?;
                connection.close().await
            });
            if let Err(error) = dropped {
                tracing::warn!(%error, name, "a throw-away database was not dropped");
            }
            // Nobody waits on a private server.
            let _ = done.send(());
        }
    });
    sender
}

async fn connect(url: &str) -> Result<PgConnection, sqlx::Error> {
    PgConnectOptions::from_str(url)?.disable_statement_logging().connect().await
}

/// The same address with another database.
fn with_database(url: &str, database: &str) -> String {
    let (address, query) = match url.split_once('?') {
        Some((address, query)) => (address, format!("?{query}")),
        None => (url, String::new()),
    };
    let after_scheme = address.find("://").map_or(0, |at| at + 3);
    let end = address[after_scheme..].find('/').map_or(address.len(), |at| after_scheme + at);
    format!("{}/{database}{query}", &address[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_database_changes_in_an_address() {
        for (url, wanted) in [
            ("postgres://u:p@h:1/shop", "postgres://u:p@h:1/new"),
            ("postgres://u@localhost/shop?host=/tmp/x", "postgres://u@localhost/new?host=/tmp/x"),
            ("postgres://u@localhost?sslmode=require", "postgres://u@localhost/new?sslmode=require"),
            ("postgres://h", "postgres://h/new"),
        ] {
            assert_eq!(with_database(url, "new"), wanted);
        }
    }

    #[tokio::test]
    async fn every_throw_away_database_is_migrated_empty_and_its_own() {
        let (one, two) = (
            throw_away_database(&crate::store::MIGRATOR).await.unwrap(),
            throw_away_database(&crate::store::MIGRATOR).await.unwrap(),
        );
        sqlx::query("create table only_here (id integer)").execute(&one.pool).await.unwrap();
        for (database, wanted) in [(&one, true), (&two, false)] {
            let is_there: bool = sqlx::query_scalar("select to_regclass('only_here') is not null")
                .fetch_one(&database.pool)
                .await
                .unwrap();
            assert_eq!(is_there, wanted);
            let stores: i64 =
                sqlx::query_scalar("select count(*) from stores").fetch_one(&database.pool).await.unwrap();
            assert_eq!(stores, 0);
        }
    }
}
