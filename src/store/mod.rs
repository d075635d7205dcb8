//! PostgreSQL: the only layer with SQL. Free functions over a connection, one file per table family.
//!
//! Every query is checked by the compiler against `.sqlx` (`scripts/sqlx` writes it anew). Only `pipeline`, `http`, `convo`
//! and `cli` open transactions. A new table: a migration, a file here, its retention in `docs/architecture.md`.

pub mod accounts;
pub mod attachments;
pub mod audit;
pub mod bank_tokens;
pub mod carts;
pub mod catalog;
pub mod chats;
pub mod codes;
pub mod conversations;
pub mod crowd;
pub mod customers;
pub mod deliveries;
pub mod facts;
pub mod fair;
pub mod flow_versions;
pub mod goods;
pub mod guesses;
pub mod inbox;
pub mod invariants;
pub mod join;
pub mod journal;
pub mod leadership;
pub mod leases;
pub mod media;
pub mod migrations;
pub mod operate;
pub mod orders;
pub mod outbox;
pub mod payments;
pub mod pristine;
pub mod privacy;
pub mod prompts;
pub mod questions;
pub mod refunds;
pub mod retention;
pub mod rings;
pub mod sandbox;
pub mod seed;
pub mod server_keys;
pub mod staff;
pub mod static_qris;
pub mod stock;
pub mod stores;
pub mod timers;
pub mod transcripts;
pub mod turns;
pub mod uploads;
pub mod webhook_logs;

use std::time::Duration;

use sqlx::Connection as _;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};

/// Connections of one process.
pub const MAX_CONNECTIONS: u32 = 20;
/// How long a server may take to let the first connection in, in seconds.
const CONNECT_SECONDS: u64 = 5;
/// How long work waits for a connection, in seconds: less than a request may take, so that whoever asks hears that the
/// database does not answer, and when to come again.
const ACQUIRE_SECONDS: u64 = 8;

/// How long a transaction of a server may do nothing, in seconds; longer than any of its statements may be set to take.
const IDLE_SECONDS: u64 = 60;

/// How long a session of a server waits: whatever hangs is let go, and its work is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// How long one statement may take, in seconds.
    pub statement_s: u64,
    /// How long a statement may wait for a lock, in seconds.
    pub lock_s: u64,
}

impl Default for Patience {
    fn default() -> Self {
        Self { statement_s: 30, lock_s: 10 }
    }
}

/// The migrations, compiled in.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("./migrations");

/// How a session begins. The driver asks for UTC by itself, which the shared schema needs because it keeps times without zone;
/// no other parameter goes with the start, because poolers refuse what they cannot hand from one client to the next.
///
/// # Errors
/// [`sqlx::Error::Configuration`] when the address is malformed.
pub fn options(url: &str) -> Result<PgConnectOptions, sqlx::Error> {
    // The driver reads any scheme as its own.
    if !["postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme)) {
        return Err(sqlx::Error::Configuration("the address of another kind of database".into()));
    }
    let options: PgConnectOptions = url.parse()?;
    Ok(options.extra_float_digits(None).application_name("warung"))
}

/// Opens a pool. The first connection is made here and not by the pool, which takes a refusal for a server that is just
/// starting and asks again until its time is over: so a wrong address is known at once, and what is wrong with it.
///
/// # Errors
/// [`sqlx::Error`] when the address is malformed or the server lets nobody in.
pub async fn connect(url: &str) -> Result<PgPool, sqlx::Error> {
    let options = options(url)?;
    let first = PgConnection::connect_with(&options);
    match tokio::time::timeout(Duration::from_secs(CONNECT_SECONDS), first).await {
        Ok(connection) => connection?.close().await?,
        Err(_) => return Err(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into())),
    }
    let pool = PgPoolOptions::new()
        .max_connections(MAX_CONNECTIONS)
        .acquire_timeout(Duration::from_secs(ACQUIRE_SECONDS));
    Ok(pool.connect_lazy_with(options))
}

/// A pool to the same database for a server: no session of it waits for ever. What takes long by its nature (migrations, looks
/// through whole tables) goes over a pool of [`connect`].
pub fn impatient(pool: &PgPool, patience: Patience) -> PgPool {
    let Patience { statement_s, lock_s } = patience;
    let settings = format!(
        "set statement_timeout = '{statement_s}s'; set lock_timeout = '{lock_s}s'; \
         set idle_in_transaction_session_timeout = '{IDLE_SECONDS}s'"
    );
    PgPoolOptions::new()
        .max_connections(MAX_CONNECTIONS)
        .acquire_timeout(Duration::from_secs(ACQUIRE_SECONDS))
        .after_connect(move |connection, _| {
            // Nothing but numbers of ours stands in it.
            let settings = sqlx::AssertSqlSafe(settings.clone());
            Box::pin(async move { sqlx::raw_sql(settings).execute(connection).await.map(drop) })
        })
        .connect_lazy_with((*pool.connect_options()).clone())
}
