//! `warung channel`: list and test the accounts of a shop on its channels.

use super::Failure;

/// Arguments of `warung channel`.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Runs the command.
///
/// # Errors
/// [`Failure`] with one clear line.
pub async fn run(args: Args) -> Result<(), Failure> {
    let _ = args;
    Err(Failure::new("`warung channel` is not built yet"))
}
