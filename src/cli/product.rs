//! `warung product`: import, list and edit products.

use super::Failure;

/// Arguments of `warung product`.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Runs the command.
///
/// # Errors
/// [`Failure`] with one clear line.
pub async fn run(args: Args) -> Result<(), Failure> {
    let _ = args;
    Err(Failure::new("`warung product` is not built yet"))
}
