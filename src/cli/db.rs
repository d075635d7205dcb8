//! `warung db`: migrate, seed or inspect the database.

use super::Failure;

/// Arguments of `warung db`.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Runs the command.
///
/// # Errors
/// [`Failure`] with one clear line.
pub async fn run(args: Args) -> Result<(), Failure> {
    let _ = args;
    Err(Failure::new("`warung db` is not built yet"))
}
