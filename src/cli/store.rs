//! `warung store`: create and list shops.

use super::Failure;

/// Arguments of `warung store`.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Runs the command.
///
/// # Errors
/// [`Failure`] with one clear line.
pub async fn run(args: Args) -> Result<(), Failure> {
    let _ = args;
    Err(Failure::new("`warung store` is not built yet"))
}
