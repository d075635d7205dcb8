//! `warung flow`: check, draw or describe the flow files.

use super::Failure;

/// Arguments of `warung flow`.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Runs the command.
///
/// # Errors
/// [`Failure`] with one clear line.
pub async fn run(args: Args) -> Result<(), Failure> {
    let _ = args;
    Err(Failure::new("`warung flow` is not built yet"))
}
