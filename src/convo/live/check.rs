//! What somebody else's program says of the rows that a conversation has left.

use sqlx::{ConnectOptions as _, PgPool};
use tokio::process::Command;

/// Runs a shell command with `DATABASE_URL` set to a database. Returns what it printed, a line each, where it does not end with
/// 0; nothing where it does.
pub(super) async fn objections(command: &str, pool: &PgPool) -> Vec<String> {
    let mut url = pool.connect_options().to_url_lossy();
    // What only our own client understands makes others refuse the address.
    let pairs: Vec<_> =
        url.query_pairs().into_owned().filter(|(name, _)| name != "statement-cache-capacity").collect();
    url.query_pairs_mut().clear().extend_pairs(pairs);
    let ran = Command::new("sh").arg("-c").arg(command).env("DATABASE_URL", url.as_str()).output().await;
    let output = match ran {
        Ok(output) if output.status.success() => return Vec::new(),
        Ok(output) => output,
        Err(error) => return vec![format!("`{command}` cannot be run: {error}")],
    };
    let said = [output.stderr, output.stdout].concat();
    let said = String::from_utf8_lossy(&said);
    let lines = said.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned);
    [format!("`{command}` ends with {}", output.status)].into_iter().chain(lines).collect()
}
