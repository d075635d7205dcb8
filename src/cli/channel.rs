//! `warung channel`: where a shop can be reached in this version.

use super::Failure;
use crate::config::Settings;
use crate::telemetry;

/// Arguments of `warung channel`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  warung channel list
  warung channel test

The web page and the terminal need no account. Accounts on WhatsApp, Telegram and Discord are not in this version.")]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Show where the shop can be reached.
    List,
    /// Ask the running server whether its web channel answers; exit code 1 when it does not.
    Test,
}

/// How long the server may take to answer, in seconds.
const TIMEOUT_SECONDS: u64 = 5;

/// Runs the command.
///
/// # Errors
/// [`Failure`] with one clear line.
pub async fn run(args: Args) -> Result<(), Failure> {
    let settings = super::settings()?;
    telemetry::start(&settings, true);
    match args.command {
        Command::List => {
            println!("web       {}   (WARUNG_BIND, WARUNG_PUBLIC_URL)", settings.public_url());
            println!("console   warung chat");
            Ok(())
        }
        Command::Test => test(&settings).await,
    }
}

async fn test(settings: &Settings) -> Result<(), Failure> {
    let url = format!("{}/health/ready", settings.local_url());
    let client = reqwest::Client::builder()
        .timeout(std::time::Duration::from_secs(TIMEOUT_SECONDS))
        .no_proxy()
        .build()
        .map_err(|error| Failure::new(format!("no client for HTTP: {error}")))?;
    match client.get(&url).send().await {
        Ok(response) if response.status().is_success() => {
            println!("web       ok: the server answers on {}", settings.local_url());
            Ok(())
        }
        Ok(response) => Err(Failure::new(format!(
            "the server on {} answers {}; `warung doctor` says why",
            settings.local_url(),
            response.status()
        ))),
        Err(_) => Err(Failure::new(format!(
            "nothing answers on {}; start `warung serve` or `warung demo`, or set WARUNG_BIND to where it listens",
            settings.local_url()
        ))),
    }
}
