//! `warung doctor`: check settings, database and addresses, and say what to do.

use super::Failure;

/// Arguments of `warung doctor`.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Runs the command.
///
/// # Errors
/// [`Failure`] with one clear line.
pub async fn run(args: Args) -> Result<(), Failure> {
    let _ = args;
    Err(Failure::new("`warung doctor` is not built yet"))
}
