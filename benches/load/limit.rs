//! `pgbench` on the rows of a turn.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::Context as _;
use sqlx::PgPool;
use warung::cluster::binaries;

/// Numbers the conversations of the measurement before, for `limit.sql`.
pub async fn prepare(pool: &PgPool) -> Result<(), anyhow::Error> {
    sqlx::raw_sql(
        "create table bench_conversations (number integer primary key, conversation_id text, store_id text, customer_id text);
         insert into bench_conversations
         select row_number() over (order by id), id, store_id, customer_id from conversations where chat like 'bench-%'",
    )
    .execute(pool)
    .await?;
    sqlx::raw_sql("vacuum analyze").execute(pool).await?;
    Ok(())
}

/// Transactions per second with so many clients.
pub fn run(url: &str, clients: usize, conversations: usize, seconds: Duration) -> Result<f64, anyhow::Error> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/limit.sql");
    let output = Command::new(pgbench()?)
        .args(["--no-vacuum", "--protocol=prepared", "--jobs=2"])
        .arg(format!("--client={clients}"))
        .arg(format!("--time={}", seconds.as_secs()))
        .arg(format!("--define=conversations={}", if clients == 1 { 1 } else { conversations }))
        .arg("--file")
        .arg(script)
        .arg(url)
        .output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().find(|line| line.starts_with("tps = "));
    let figure = line.and_then(|line| line.split_whitespace().nth(2)?.parse().ok());
    figure.with_context(|| format!("pgbench failed: {}", String::from_utf8_lossy(&output.stderr).trim()))
}

fn pgbench() -> Result<PathBuf, anyhow::Error> {
    binaries::find()
        .into_iter()
        .map(|binaries| binaries.dir.join("pgbench"))
        .find(|path| path.is_file())
        .context("pgbench is not installed; it comes with the server's package or with postgresql-contrib")
}
