//! `warung serve`: run the server on DATABASE_URL: webhooks, workers, every channel whose settings are present.

use super::Failure;

/// Arguments of `warung serve`.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Runs the command.
///
/// # Errors
/// [`Failure`] with one clear line.
pub async fn run(args: Args) -> Result<(), Failure> {
    let _ = args;
    Err(Failure::new("`warung serve` is not built yet"))
}
