//! `warung db`: migrate, seed, look, hold to what is promised, and delete what has passed its time.

use chrono::Duration;

use super::Failure;
use crate::app::database::{self, Database};
use crate::clock::Clock;
use crate::store;
use crate::store::invariants::Finding;
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
  warung db verify --store bella-teh
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
    /// Check on the live database what the shop promises about money and goods; exit 1 when anything breaks it.
    ///
    /// Reads only, as of one moment, so that it can run beside a shop that is open. Every promise is printed with what it
    /// means, how many rows break it, and the ids of some of them.
    Verify {
        /// Only this shop, by its slug.
        #[arg(long, value_name = "SLUG")]
        store: Option<String>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
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
    let result = match &args.command {
        Command::Verify { store, json } => verify(&database, store.as_deref(), *json).await,
        command => carry_out(command, &database).await.map_err(Failure::from),
    };
    database.close().await?;
    result
}

/// Prints what the shop promises and what breaks it.
async fn verify(database: &Database, slug: Option<&str>, json: bool) -> Result<(), Failure> {
    let told = |error: sqlx::Error| Failure::new(format!("the database cannot be checked: {error}"));
    let pool = &database.pool;
    if store::migrations::pending(pool).await.map_err(told)? > 0 {
        return Err(Failure::new("migrations are missing; `warung db migrate` applies them"));
    }
    let store = match slug {
        Some(slug) => {
            let mut connection = pool.acquire().await.map_err(told)?;
            Some(super::store::find(&mut connection, Some(slug)).await?.id)
        }
        None => None,
    };
    let findings = crate::pipeline::verify::verify(pool, store.as_ref()).await.map_err(told)?;
    if json {
        say!("{}", as_json(&findings))
    } else {
        super::out::write(as_text(&findings).as_bytes())
    }
    match findings.iter().filter(|finding| finding.violations > 0).count() {
        0 => Ok(()),
        1 => Err(Failure::new("1 promise is broken")),
        broken => Err(Failure::new(format!("{broken} promises are broken"))),
    }
}

/// A line for each promise, and one more with ids where it is broken.
fn as_text(findings: &[Finding]) -> String {
    let mut text = String::new();
    for Finding { rule, violations, examples } in findings {
        let count = if *violations == 0 { "ok".to_owned() } else { format!("{violations} BROKEN") };
        text.push_str(&format!("{:<4} {:<34} {count:>9}  {}\n", rule.code, rule.name, rule.meaning));
        if !examples.is_empty() {
            text.push_str(&format!("     ids: {}\n", examples.join(", ")));
        }
    }
    text
}

/// The same for programs: a list.
fn as_json(findings: &[Finding]) -> serde_json::Value {
    findings
        .iter()
        .map(|Finding { rule, violations, examples }| {
            serde_json::json!({
                "code": rule.code, "name": rule.name, "meaning": rule.meaning, "violations": violations,
                "ids": examples,
            })
        })
        .collect()
}

async fn carry_out(command: &Command, database: &Database) -> Result<(), anyhow::Error> {
    let pool = &database.pool;
    let mut say = |line: &str| say!("{line}");
    match command {
        Command::Verify { .. } => {}
        Command::Migrate => {
            database::migrate(pool, &mut say).await?;
            say!("the database is up to date ({} migrations)", store::MIGRATOR.iter().count());
        }
        Command::Seed => {
            database::migrate(pool, &mut say).await?;
            say!("{}", store::seed::demo(pool, &Clock::system()).await?);
        }
        Command::Status => {
            for migration in store::migrations::status(pool).await? {
                let mark = if migration.applied { "applied" } else { "missing" };
                say!("{:>4}  {mark}  {}", migration.version, migration.description);
            }
            if store::migrations::pending(pool).await? == 0 {
                let mut connection = pool.acquire().await?;
                let (pending, failing) = store::inbox::backlog(&mut connection).await?;
                let (queued, dead) = store::outbox::backlog(&mut connection).await?;
                say!(
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
            say!("{total} rows older than {days} days were deleted");
        }
    }
    Ok(())
}
