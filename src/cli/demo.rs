//! `warung demo`: the demo shop, with everything that it needs, and where to chat with it.

use super::Failure;
use crate::app::database::Database;
use crate::app::doors;
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

Uses a private PostgreSQL of its own unless DATABASE_URL is set. Data survives a restart. Ctrl-C stops it.
On this machine, and while no platform's account is connected, the page has the owner's side too. A database with a shop of
its own is refused: that is what `warung serve` is for.")]
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
    // On a shop that sells, the demo would add goods of play and open the owner's side to every visitor.
    let mut connection = database.pool.acquire().await.map_err(unreadable)?;
    let refused = doors::demo_is_refused(&settings, &mut connection).await.map_err(unreadable)?;
    drop(connection);
    if let Some(refused) = refused {
        database.close().await?;
        return Err(Failure::new(refused));
    }
    let seeded = store::seed::demo(&database.pool, &Clock::system())
        .await
        .map_err(|error| Failure::new(format!("the demo shop could not be seeded: {error}")))?;
    say!("  {seeded}");
    let stop = shop::stop_signal();
    let shop = Shop::open(&settings, database).await?;
    let shut = shop.demo_is_shut(&settings).await.map_err(unreadable)?;
    let url = settings.local_url();
    say!("  ready in {:.1} s", started.elapsed().as_secs_f64());
    say!();
    say!("{} is open.", shop.store.name);
    match shut {
        None => {
            say!("  Chat in the browser:   {url}           (customer, and the owner beside it)");
            say!("  The owner's own page:  {url}/owner");
        }
        Some(why) => {
            say!("  Chat in the browser:   {url}");
            say!("  No page for the owner: {why}; send the bot the code of `warung staff link` instead");
        }
    }
    say!("  Chat in the terminal:  warung chat      or: cargo run -- chat");
    say!("  Owner in the terminal: warung chat --owner");
    say!("  Pay: {}", how_to_pay(&settings));
    say!("Ctrl-C stops the shop; what was said and ordered is still there at the next start.");
    shop.serve(&settings, listener, telemetry::metrics(), shut.is_none(), stop).await?;
    say!("The shop is closed.");
    Ok(())
}

fn unreadable(error: sqlx::Error) -> Failure {
    Failure::new(format!("the database cannot be read: {error}"))
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
