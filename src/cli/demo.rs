//! `warung demo`: start the demo shop and say where to chat (the default).

use super::Failure;

/// Arguments of `warung demo`.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Runs the command.
///
/// # Errors
/// [`Failure`] with one clear line.
pub async fn run(args: Args) -> Result<(), Failure> {
    let _ = args;
    Err(Failure::new("`warung demo` is not built yet"))
}
