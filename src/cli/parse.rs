//! `warung parse`: show what the bot understands of a message.

use super::Failure;

/// Arguments of `warung parse`.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Runs the command.
///
/// # Errors
/// [`Failure`] with one clear line.
pub async fn run(args: Args) -> Result<(), Failure> {
    let _ = args;
    Err(Failure::new("`warung parse` is not built yet"))
}
