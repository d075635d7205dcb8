//! The commands: thin, each in a file of its own, calling the layers below.

#[macro_use]
mod out;

pub mod channel;
pub mod chat;
pub mod convo;
pub mod db;
pub mod demo;
pub mod doctor;
pub mod fake;
pub mod flow;
pub mod parse;
pub mod product;
pub mod qris;
mod said;
pub mod serve;
pub mod staff;
pub mod store;
#[cfg(test)]
mod suggested_tests;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// A chat shop for small Indonesian businesses.
#[derive(Debug, Parser)]
#[command(name = "warung", version, about, disable_help_subcommand = true)]
pub struct Cli {
    /// The command; `demo` when there is none.
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start the demo shop and say where to chat (the default).
    Demo(demo::Args),
    /// Run the server on DATABASE_URL: webhooks, workers, every channel whose settings are present.
    Serve(serve::Args),
    /// Chat with the shop in the terminal, or pipe messages in, one per line.
    Chat(chat::Args),
    /// Migrate, seed or inspect the database.
    Db(db::Args),
    /// Run scripted conversations.
    Convo(convo::Args),
    /// Check, draw or describe the flow files.
    Flow(flow::Args),
    /// Show what the bot understands of a message.
    Parse(parse::Args),
    /// Show, make or draw QRIS strings.
    Qris(qris::Args),
    /// Create and list shops.
    Store(store::Args),
    /// Import, list and edit products.
    Product(product::Args),
    /// Link and list the people of a shop.
    Staff(staff::Args),
    /// List and test the accounts of a shop on its channels.
    Channel(channel::Args),
    /// Run a payment company on this machine, to pay at and to be told by.
    Fake(fake::Args),
    /// Check settings, database and addresses, and say what to do.
    Doctor(doctor::Args),
}

/// Why a command stops: one clear line on standard error, and exit code 1.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Failure(String);

impl Failure {
    /// A failure with its line: what is wrong, where, and what to do.
    pub fn new(line: impl Into<String>) -> Self {
        Self(line.into())
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self(format!("{error:#}"))
    }
}

/// The settings, or every problem with them at once.
///
/// # Errors
/// [`Failure`] with a line for each problem.
pub fn settings() -> Result<crate::config::Settings, Failure> {
    crate::config::Settings::read().map_err(|problems| {
        Failure(match problems.as_slice() {
            [one] => one.clone(),
            many => format!("{} settings are wrong:\n  {}", many.len(), many.join("\n  ")),
        })
    })
}

/// The database of the settings, migrated. A private one that nobody has filled yet gets the demo shop, so that every
/// command works before the first `warung demo` too.
///
/// # Errors
/// [`Failure`] with one clear line.
pub async fn database(settings: &crate::config::Settings) -> Result<crate::app::database::Database, Failure> {
    let database = crate::app::database::Database::open(settings, &mut |_| {}).await?;
    if settings.database_url.is_none() {
        let seeded = crate::store::seed::demo(&database.pool, &crate::clock::Clock::system()).await;
        seeded.map_err(|error| Failure::new(format!("the demo shop could not be seeded: {error}")))?;
    }
    Ok(database)
}

/// Parses the command line, runs the command, and returns its exit code: 0 done, 1 failed, 2 wrong usage.
pub async fn main() -> ExitCode {
    let result = match Cli::parse().command.unwrap_or(Command::Demo(demo::Args {})) {
        Command::Demo(args) => demo::run(args).await,
        Command::Serve(args) => serve::run(args).await,
        Command::Chat(args) => chat::run(args).await,
        Command::Db(args) => db::run(args).await,
        Command::Convo(args) => convo::run(args).await,
        Command::Flow(args) => flow::run(args).await,
        Command::Parse(args) => parse::run(args).await,
        Command::Qris(args) => qris::run(args).await,
        Command::Store(args) => store::run(args).await,
        Command::Product(args) => product::run(args).await,
        Command::Staff(args) => staff::run(args).await,
        Command::Channel(args) => channel::run(args).await,
        Command::Fake(args) => fake::run(args).await,
        Command::Doctor(args) => doctor::run(args).await,
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("warung: {failure}");
            ExitCode::from(1)
        }
    }
}
