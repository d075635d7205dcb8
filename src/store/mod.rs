//! PostgreSQL: the only layer with SQL. Free functions over a connection, one file per table family.
//!
//! Every query is checked by the compiler against `.sqlx` (`scripts/sqlx` writes it anew). Only `pipeline`, `http`, `convo`
//! and `cli` open transactions. A new table: a migration, a file here, its retention in `docs/architecture.md`.

pub mod accounts;
pub mod attachments;
pub mod audit;
pub mod carts;
pub mod catalog;
pub mod chats;
pub mod codes;
pub mod conversations;
pub mod customers;
pub mod deliveries;
pub mod facts;
pub mod fair;
pub mod flow_versions;
pub mod inbox;
pub mod invariants;
pub mod join;
pub mod leadership;
pub mod leases;
pub mod media;
pub mod migrations;
pub mod operate;
pub mod orders;
pub mod outbox;
pub mod payments;
pub mod pristine;
pub mod prompts;
pub mod refunds;
pub mod retention;
pub mod sandbox;
pub mod seed;
pub mod staff;
pub mod static_qris;
pub mod stock;
pub mod stores;
pub mod timers;
pub mod transcripts;
pub mod turns;
pub mod uploads;
pub mod webhook_logs;

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};

/// Connections of one process.
pub const MAX_CONNECTIONS: u32 = 20;

/// The migrations, compiled in.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("./migrations");

/// Opens a pool. Sessions speak UTC, because the shared schema keeps times without zone.
///
/// # Errors
/// [`sqlx::Error`] when the address is malformed or the server cannot be reached.
pub async fn connect(url: &str) -> Result<PgPool, sqlx::Error> {
    let options: PgConnectOptions = url.parse()?;
    let options = options.options([("timezone", "UTC")]).application_name("warung");
    PgPoolOptions::new()
        .max_connections(MAX_CONNECTIONS)
        .acquire_timeout(std::time::Duration::from_secs(10))
        .connect_with(options)
        .await
}
