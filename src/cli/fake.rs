//! `warung fake`: a payment company on this machine, with a counter on which a tester pays.

use std::net::SocketAddr;
use std::sync::Arc;

use clap::ValueEnum;
use tokio::net::TcpListener;

use super::Failure;
use crate::app::shop;
use crate::clock::Clock;
use crate::fakes::company::Company;
use crate::fakes::desk::Desk;
use crate::fakes::{midtrans, xendit};

/// Arguments of `warung fake`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  warung fake xendit
  warung fake midtrans --bind 127.0.0.1:9002 --shop http://127.0.0.1:8080

Prints the settings to start the shop with, and the address of the counter: a page that lists what the shop asked for, on which
codes are paid exactly, short, over or twice, notices are lost or sent again, refunds are decided, and the company breaks. No
money moves. It ends with Ctrl-C and forgets everything.")]
pub struct Args {
    /// Which company.
    company: Which,
    /// Where the counter listens.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9001")]
    bind: SocketAddr,
    /// The shop that notices go to.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080")]
    shop: String,
}

/// A company that there is a fake of.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Which {
    /// Xendit's QR codes.
    Xendit,
    /// Midtrans' Core API.
    Midtrans,
}

/// Runs the command.
///
/// # Errors
/// [`Failure`] with one clear line.
pub async fn run(args: Args) -> Result<(), Failure> {
    let no_port =
        |error: std::io::Error| Failure::new(format!("no port of this machine can be had: {error}"));
    let company: Arc<dyn Company> = match args.company {
        Which::Xendit => xendit::Fake::open().await.map_err(no_port)?,
        Which::Midtrans => midtrans::Fake::open().await.map_err(no_port)?,
    };
    let settings = company.settings().into_iter().map(|(name, value)| format!("{name}={value}"));
    let settings = settings.collect::<Vec<_>>().join(" ");
    let name = company.name();
    let clock = Clock::system();
    let desk = Desk::new(company, &args.shop, Arc::new(move || clock.now())).map_err(Failure::new)?;
    let listener = TcpListener::bind(args.bind).await.map_err(|error| {
        Failure::new(format!("{} cannot be listened on ({error}); choose another with --bind", args.bind))
    })?;
    say!("{name} is here, for play. Start the shop with these settings:\n");
    say!("  WARUNG_PAYMENT={name} {settings} warung demo\n");
    say!("Then pay at its counter: http://{}", args.bind);
    say!("Notices go to {}/webhooks/{name}. Ctrl-C ends it.", args.shop.trim_end_matches('/'));
    let stop = shop::stop_signal();
    let server = axum::serve(listener, desk.router()).with_graceful_shutdown(stop.clone().cancelled_owned());
    tokio::select! {
        served = server.into_future() => served.map_err(|error| Failure::new(format!("the counter failed: {error}"))),
        () = desk.run() => Ok(()),
    }
}
