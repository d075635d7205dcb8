//! `warung staff`: link and list the people of a shop.

use super::Failure;

/// Arguments of `warung staff`.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Runs the command.
///
/// # Errors
/// [`Failure`] with one clear line.
pub async fn run(args: Args) -> Result<(), Failure> {
    let _ = args;
    Err(Failure::new("`warung staff` is not built yet"))
}
