//! `warung qris`: show, make or draw QRIS strings.

use super::Failure;

/// Arguments of `warung qris`.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Runs the command.
///
/// # Errors
/// [`Failure`] with one clear line.
pub async fn run(args: Args) -> Result<(), Failure> {
    let _ = args;
    Err(Failure::new("`warung qris` is not built yet"))
}
