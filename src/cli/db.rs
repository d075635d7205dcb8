//! `warung db`: migrate, seed, look, and delete what has passed its time.

use chrono::Duration;

use super::Failure;
use crate::app::database::{self, Database};
use crate::clock::Clock;
use crate::store;
use crate::telemetry;

/// Days for which handled rows are kept when nothing is said: longer than any platform repeats its events.
const KEEP_DAYS: i64 = 90;
/// The least that may be said.
const MIN_KEEP_DAYS: i64 = 14;

/// Arguments of `warung db`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  warung db status
  warung db migrate
  warung db seed
  warung db prune --days 90

Without DATABASE_URL these speak to the private PostgreSQL of the demo.")]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Apply the migrations that are missing. Every start does it too.
    Migrate,
    /// Write the demo shop Bella Teh Indonesia; again is harmless.
    Seed,
    /// Show which migrations are applied and what waits.
    Status,
    /// Delete handled messages of the line of data and old buttons. Orders, money and what people wrote stay.
    Prune {
        /// Days to keep.
        #[arg(long, default_value_t = KEEP_DAYS, value_parser = clap::value_parser!(i64).range(MIN_KEEP_DAYS..=3650))]
        days: i64,
    },
}

/// Runs the command.
///
/// # Errors
/// [`Failure`] with one clear line.
pub async fn run(args: Args) -> Result<(), Failure> {
    let settings = super::settings()?;
    telemetry::start(&settings, true);
    let database = Database::connect(&settings, &mut |line| eprintln!("{line}")).await?;
    let result = carry_out(&args.command, &database).await;
    database.close().await?;
    Ok(result?)
}

async fn carry_out(command: &Command, database: &Database) -> Result<(), anyhow::Error> {
    let pool = &database.pool;
    let mut say = |line: &str| println!("{line}");
    match command {
        Command::Migrate => {
            database::migrate(pool, &mut say).await?;
            println!("the database is up to date ({} migrations)", store::MIGRATOR.iter().count());
        }
        Command::Seed => {
            database::migrate(pool, &mut say).await?;
            println!("{}", store::seed::demo(pool, &Clock::system()).await?);
        }
        Command::Status => {
            for migration in store::migrations::status(pool).await? {
                let mark = if migration.applied { "applied" } else { "missing" };
                println!("{:>4}  {mark}  {}", migration.version, migration.description);
            }
            if store::migrations::pending(pool).await? == 0 {
                let mut connection = pool.acquire().await?;
                let (pending, failing) = store::inbox::backlog(&mut connection).await?;
                let (queued, dead) = store::outbox::backlog(&mut connection).await?;
                println!(
                    "inbox: {pending} waiting, {failing} of them failing; outbox: {queued} waiting, {dead} given up"
                );
            }
        }
        Command::Prune { days } => {
            let before = Clock::system().now() - Duration::days(*days);
            let mut connection = pool.acquire().await?;
            let mut total = 0;
            loop {
                let gone = store::retention::prune(&mut connection, before).await?;
                total += gone;
                if gone == 0 {
                    break;
                }
            }
            println!("{total} rows older than {days} days were deleted");
        }
    }
    Ok(())
}
