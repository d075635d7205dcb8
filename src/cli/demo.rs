//! `warung demo`: the demo shop, with everything that it needs, and where to chat with it.

use super::Failure;
use crate::app::database::Database;
use crate::app::shop::{self, Shop};
use crate::clock::Clock;
use crate::config::Settings;
use crate::domain::payment::UNREPORTED;
use crate::payments::sandbox;
use crate::store;
use crate::telemetry;

/// Arguments of `warung demo`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  warung demo
  WARUNG_BIND=127.0.0.1:9090 warung demo

Uses a private PostgreSQL of its own unless DATABASE_URL is set. Data survives a restart. Ctrl-C stops it.")]
pub struct Args {}

/// Runs the command.
///
/// # Errors
/// [`Failure`] with one clear line.
pub async fn run(_args: Args) -> Result<(), Failure> {
    let settings = super::settings()?;
    if !settings.web {
        return Err(Failure::new(
            "`warung demo` is tried out on the chat page, which WARUNG_WEB=off switches off; leave it out",
        ));
    }
    telemetry::start(&settings, true);
    let started = std::time::Instant::now();
    say!("Warung: starting the demo shop");
    let listener = shop::listen(&settings).await?;
    let database = Database::open_to_serve(&settings, &mut |line| say!("  {line}")).await?;
    let seeded = store::seed::demo(&database.pool, &Clock::system())
        .await
        .map_err(|error| Failure::new(format!("the demo shop could not be seeded: {error}")))?;
    say!("  {seeded}");
    let stop = shop::stop_signal();
    let shop = Shop::open(&settings, database).await?;
    let url = settings.local_url();
    say!("  ready in {:.1} s", started.elapsed().as_secs_f64());
    say!();
    say!("{} is open.", shop.store.name);
    say!("  Chat in the browser:   {url}           (customer, and the owner beside it)");
    say!("  The owner's own page:  {url}/owner");
    say!("  Chat in the terminal:  warung chat      or: cargo run -- chat");
    say!("  Owner in the terminal: warung chat --owner");
    say!("  Pay: {}", how_to_pay(&settings));
    say!("Ctrl-C stops the shop; what was said and ordered is still there at the next start.");
    shop.serve(&settings, listener, telemetry::metrics(), true, stop).await?;
    say!("The shop is closed.");
    Ok(())
}

/// How somebody who tries the demo pays.
fn how_to_pay(settings: &Settings) -> &'static str {
    match settings.payment.as_str() {
        sandbox::NAME => "follow the link under the QRIS, or scan it, and press the pay button.",
        UNREPORTED => {
            "the owner sends a photo of the printed code first (or: `warung store qris`), and says later what came in."
        }
        _ => "at the company's own sandbox, or at the counter of `warung fake`.",
    }
}
