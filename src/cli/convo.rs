//! `warung convo`: run scripted conversations.

use super::Failure;

/// Arguments of `warung convo`.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Runs the command.
///
/// # Errors
/// [`Failure`] with one clear line.
pub async fn run(args: Args) -> Result<(), Failure> {
    let _ = args;
    Err(Failure::new("`warung convo` is not built yet"))
}
