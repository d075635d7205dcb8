//! `warung convo`: run scripted conversations.

use std::path::PathBuf;
use std::sync::Arc;

use super::Failure;
use crate::convo::coverage::Coverage;
use crate::convo::databases::Databases;
use crate::convo::live::{LiveWorlds, PAYMENTS, channels};
use crate::convo::report;
use crate::convo::run::{self, Options};
use crate::convo::world::Worlds;
use crate::domain::customer::Language;
use crate::payments::sandbox;

/// Arguments of `warung convo`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Play scripted conversations in throw-away databases; exit 0 only when all of them hold.
    Run(Run),
}

/// Arguments of `warung convo run`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  warung convo run tests/conversations\n  \
                        warung convo run tests/conversations/pay-twice.convo --channel web --lang en\n  \
                        warung convo run tests/conversations --bless        record what is said now\n  \
                        warung convo run tests/conversations --junit out.xml --coverage")]
pub struct Run {
    /// Files that end in .convo or .convo.txt, and folders that hold some.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Play every actor on this channel, through its real code (`chat` is no platform); several times for several channels.
    #[arg(long = "channel", value_name = "C",
          value_parser = clap::builder::PossibleValuesParser::new(channels()))]
    channels: Vec<String>,
    /// Play in this language instead of those of the files: id or en.
    #[arg(long = "lang", value_name = "L", value_parser = language)]
    languages: Vec<Language>,
    /// Let customers pay by this gateway, through its real code and a company on loopback.
    #[arg(long, value_name = "GATEWAY", default_value = sandbox::NAME,
          value_parser = clap::builder::PossibleValuesParser::new(PAYMENTS))]
    payment: String,
    /// Run this shell command after each conversation, with DATABASE_URL set to its database: one that does not end with 0
    /// fails the conversation.
    #[arg(long, value_name = "COMMAND")]
    check: Option<String>,
    /// Write what is said now into the recorded lines of the files.
    #[arg(long)]
    bless: bool,
    /// Write a JUnit report: one test case per file, channel and language.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// How to tell what came of it.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Say which states and transitions of the flows were passed, and which were not.
    #[arg(long)]
    coverage: bool,
    /// Stop at the first case that fails.
    #[arg(long)]
    fail_fast: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Text,
    Json,
}

fn language(text: &str) -> Result<Language, String> {
    Language::parse(text).ok_or_else(|| "the languages are `id` and `en`".to_owned())
}

/// Runs the command.
///
/// # Errors
/// [`Failure`] with one clear line.
pub async fn run(args: Args) -> Result<(), Failure> {
    let Command::Run(args) = args.command;
    // The server of DATABASE_URL, or a private one that is gone with this process.
    let url = crate::cluster::testing::url_of("postgres").await;
    let url = url.map_err(|error| Failure::new(error.to_string()))?;
    play(&args, &url).await
}

async fn play(args: &Run, url: &str) -> Result<(), Failure> {
    let told = |error: crate::convo::world::WorldError| Failure::new(error.to_string());
    let options = Options {
        paths: args.paths.clone(),
        channels: args.channels.clone(),
        languages: args.languages.clone(),
        bless: args.bless,
        fail_fast: args.fail_fast,
    };
    let databases = Arc::new(Databases::open(url).await.map_err(told)?);
    let worlds = LiveWorlds::new(Arc::clone(&databases)).map_err(told)?;
    let worlds = worlds.paying_by(&args.payment).checked_by(args.check.clone());
    let flows = worlds.flows();
    let worlds: Arc<dyn Worlds> = Arc::new(worlds);
    let summary = run::run(&options, &worlds).await;
    databases.close().await;
    let summary = summary.map_err(|refusal| Failure::new(refusal.to_string()))?;
    let coverage = args.coverage.then(|| {
        let passed = summary.cases.iter().flat_map(|case| case.passed.iter().cloned()).collect();
        Coverage::of_flows(&flows, &passed)
    });
    if let Some(path) = &args.junit {
        let junit = report::junit(&summary).map_err(Failure::new)?;
        std::fs::write(path, junit)
            .map_err(|error| Failure::new(format!("{} cannot be written: {error}", path.display())))?;
    }
    match args.format {
        Format::Text => super::out::write(report::text(&summary, coverage.as_ref()).as_bytes()),
        Format::Json => say!("{}", report::json(&summary, coverage.as_ref())),
    }
    match summary.failed() {
        0 => Ok(()),
        1 => Err(Failure::new("1 conversation does not hold")),
        failed => Err(Failure::new(format!("{failed} conversations do not hold"))),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(subcommand)]
        command: Command,
    }

    #[test]
    fn a_channel_that_nobody_knows_is_refused_with_those_that_are_known() {
        for name in channels() {
            let Command::Run(run) =
                Line::try_parse_from(["x", "run", "a.convo", "--channel", name]).unwrap().command;
            assert_eq!(run.channels, [name]);
        }
        let refusal =
            Line::try_parse_from(["x", "run", "a.convo", "--channel", "foo"]).unwrap_err().to_string();
        for name in channels() {
            assert!(refusal.contains(name), "{refusal}");
        }
    }
}
