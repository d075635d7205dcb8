//! `warung chat`: chat with the shop in the terminal, or pipe messages in, one per line.

use super::Failure;

/// Arguments of `warung chat`.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Runs the command.
///
/// # Errors
/// [`Failure`] with one clear line.
pub async fn run(args: Args) -> Result<(), Failure> {
    let _ = args;
    Err(Failure::new("`warung chat` is not built yet"))
}
