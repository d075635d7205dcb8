//! `warung serve`: the server.

use super::Failure;
use crate::app::database::Database;
use crate::app::shop::{self, Shop};
use crate::config::names;
use crate::payments::sandbox;
use crate::telemetry;

/// Arguments of `warung serve`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  DATABASE_URL=postgres://warung@db/warung WARUNG_STORE=my-shop warung serve
  WARUNG_LOG_FORMAT=json warung serve

`warung doctor` checks the settings first. SIGTERM finishes what is in flight and stops.")]
pub struct Args {}

/// Runs the command.
///
/// # Errors
/// [`Failure`] with one clear line.
pub async fn run(_args: Args) -> Result<(), Failure> {
    let settings = super::settings()?;
    telemetry::start(&settings, false);
    if settings.database_url.is_none() {
        return Err(Failure::new(
            "`warung serve` wants DATABASE_URL; `warung demo` is the one that brings a database of its own",
        ));
    }
    for line in names::unknown(std::env::vars_os().filter_map(|(name, _)| name.into_string().ok())) {
        tracing::warn!("{line}");
    }
    if settings.payment == sandbox::NAME {
        tracing::warn!(
            "orders are paid in the sandbox: no money moves, and anybody can press \"pay\"; set WARUNG_PAYMENT"
        );
    }
    if !settings.web {
        tracing::info!("the chat page is switched off (WARUNG_WEB=off)");
    }
    let listener = shop::listen(&settings).await?;
    let database = Database::open_to_serve(&settings, &mut |line| tracing::info!("{line}")).await?;
    let stop = shop::stop_signal();
    let shop = Shop::open(&settings, database).await?;
    tracing::info!(bind = %settings.bind, store = shop.store.slug, "the shop is open");
    shop.serve(&settings, listener, telemetry::metrics(), false, stop).await?;
    tracing::info!("the shop is closed");
    Ok(())
}
