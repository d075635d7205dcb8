//! `warung doctor`: checks settings, folder, port, database, shop and work in hand, and says what to do.

use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;

use super::Failure;
use crate::app::database::Database;
use crate::app::gateways;
use crate::clock::Clock;
use crate::cluster::binaries;
use crate::config::Settings;
use crate::payments::sandbox;
use crate::{store, telemetry};

/// Seconds that the clocks of this machine and of the database may be apart: deadlines are compared on both sides.
const MAX_CLOCK_SECONDS: i64 = 5;

/// Arguments of `warung doctor`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  warung doctor
  DATABASE_URL=postgres://warung@db/warung WARUNG_PUBLIC_URL=https://shop.example warung doctor

Changes nothing; a private PostgreSQL that does not run is started for the look and stopped after it. Ends with 1
when something must be mended.")]
pub struct Args {}

/// What a check found.
enum Finding {
    /// As it should be.
    Fine(String),
    /// Works, but somebody should know.
    Note(String),
    /// Does not work: what is wrong, and what to do.
    Problem(String),
}

use Finding::{Fine, Note, Problem};

/// Runs the command.
///
/// # Errors
/// [`Failure`] with the number of problems.
pub async fn run(_args: Args) -> Result<(), Failure> {
    let mut problems = 0;
    match Settings::read() {
        Err(wrong) => {
            for line in wrong {
                tell("settings", Problem(line), &mut problems);
            }
        }
        Ok(settings) => {
            telemetry::start(&settings, true);
            tell("settings", Fine("readable and complete".into()), &mut problems);
            tell("address", port(&settings), &mut problems);
            tell("public URL", public_url(&settings), &mut problems);
            if settings.database_url.is_none() {
                tell("PostgreSQL", installed(), &mut problems);
                tell("data folder", folder(&settings.data_dir), &mut problems);
            }
            for (what, finding) in database(&settings).await {
                tell(what, finding, &mut problems);
            }
            for (what, finding) in platforms(&settings).await {
                tell(&what, finding, &mut problems);
            }
            for (what, finding) in payments(&settings).await {
                tell(&what, finding, &mut problems);
            }
        }
    }
    match problems {
        0 => Ok(()),
        1 => Err(Failure::new("1 problem; see above for what to do")),
        many => Err(Failure::new(format!("{many} problems; see above for what to do"))),
    }
}

fn tell(what: &str, finding: Finding, problems: &mut usize) {
    let (mark, line) = match finding {
        Fine(line) => ("ok     ", line),
        Note(line) => ("note   ", line),
        Problem(line) => {
            *problems += 1;
            ("problem", line)
        }
    };
    println!("{mark}  {what}: {line}");
}

fn port(settings: &Settings) -> Finding {
    match TcpListener::bind(settings.bind) {
        Ok(_) => Fine(format!("{} is free", settings.bind)),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => Note(format!(
            "{} is taken: a shop runs already, or set WARUNG_BIND to another port",
            settings.bind
        )),
        Err(error) => Problem(format!("{} cannot be used ({error}); set WARUNG_BIND", settings.bind)),
    }
}

fn public_url(settings: &Settings) -> Finding {
    match &settings.public_url {
        None => Note(format!(
            "WARUNG_PUBLIC_URL is not set, so links lead to {}; gateways and platforms cannot reach that",
            settings.local_url()
        )),
        Some(url) if url.starts_with("http://") && !is_local(url) => Note(format!(
            "{url} has no TLS; platforms and gateways only call https addresses, and cookies travel in the open"
        )),
        Some(url) => Fine(url.clone()),
    }
}

/// Whether each platform takes its account's credentials, and can call where it has to.
async fn platforms(settings: &Settings) -> Vec<(String, Finding)> {
    let every = match super::channel::every(settings).await {
        Ok(every) => every,
        Err(error) => return vec![("channels".to_owned(), Problem(error.to_string()))],
    };
    let mut findings = Vec::new();
    for channel in &every.channels {
        let name = channel.name();
        for account in channel.accounts() {
            let Some(probe) = channel.abilities().probe else { continue };
            let finding = match probe.test(&account).await {
                Ok(known) => Fine(known),
                Err(error) => Problem(format!("{error}; docs/{name}.md says where the credentials stand")),
            };
            findings.push((format!("{name} {account}"), finding));
        }
        if channel.accounts().iter().any(|account| channel.abilities().is_called(account)) {
            findings.push((format!("{name} webhook"), webhook(settings, name.as_str())));
        }
    }
    if findings.is_empty() {
        findings.push(("channels".to_owned(), Note("web and terminal; no platform is connected".into())));
    }
    findings
}

/// Whether somebody outside can call the server about `name`.
fn webhook(settings: &Settings, name: &str) -> Finding {
    let url = format!("{}/webhooks/{name}", settings.public_url());
    match settings.public_url().starts_with("https://") {
        true => Note(format!("{name} must be able to call {url}; nobody can see from here whether it is")),
        false => Problem(format!(
            "{name} only calls https addresses, and {url} is none; set WARUNG_PUBLIC_URL to how the world reaches \
             this server"
        )),
    }
}

/// Whether each payment company takes its account's credentials, and what new orders are paid by.
async fn payments(settings: &Settings) -> Vec<(String, Finding)> {
    let companies = match gateways::companies(settings, &Arc::new(Clock::system())) {
        Ok(companies) => companies,
        Err(error) => return vec![("payments".to_owned(), Problem(error.to_string()))],
    };
    let mut findings = vec![(
        "payments".to_owned(),
        match settings.payment.as_str() {
            sandbox::NAME => Note(
                "orders are paid in the sandbox, where no money moves and anybody can press \"pay\"; set WARUNG_PAYMENT for a \
                 shop that sells (docs/payments.md)"
                    .into(),
            ),
            other => Fine(format!("orders are paid by {other}")),
        },
    )];
    for company in companies {
        let name = company.name();
        let finding = match company.test().await {
            Ok(known) => Fine(known),
            Err(error) => Problem(format!("{error}; docs/{name}.md says where the credentials stand")),
        };
        findings.push((name.to_owned(), finding));
        findings.push((format!("{name} webhook"), webhook(settings, name)));
    }
    findings
}

fn is_local(url: &str) -> bool {
    ["http://127.", "http://localhost", "http://[::1]"].iter().any(|local| url.starts_with(local))
}

fn installed() -> Finding {
    match binaries::find().first() {
        Some(found) => Fine(format!("{} in {}", found.version, found.dir.display())),
        None => Problem(format!(
            "no PostgreSQL {} or newer is installed and DATABASE_URL is not set; run scripts/demo, which installs one, or set \
             DATABASE_URL",
            binaries::MIN_MAJOR
        )),
    }
}

/// Whether the folder, or what is there of the way to it, can be written to. Leaves nothing behind.
fn folder(dir: &Path) -> Finding {
    let Some(there) = dir.ancestors().find(|ancestor| ancestor.exists()) else {
        return Problem(format!("{} cannot be reached; set WARUNG_DATA_DIR", dir.display()));
    };
    let probe = there.join(format!(".warung-doctor-{}", std::process::id()));
    let written = std::fs::File::create(&probe).and_then(|_| std::fs::remove_file(&probe));
    match written {
        Ok(()) => Fine(dir.display().to_string()),
        Err(error) => Problem(format!(
            "{} cannot be written to ({error}); make it writable or set WARUNG_DATA_DIR to another folder",
            there.display()
        )),
    }
}

async fn database(settings: &Settings) -> Vec<(&'static str, Finding)> {
    if settings.database_url.is_none() && !settings.data_dir.exists() {
        return vec![("database", Note("not made yet; the first `warung demo` does it".into()))];
    }
    let database = match Database::connect(settings, &mut |_| {}).await {
        Ok(database) => database,
        Err(error) => return vec![("database", Problem(format!("{error:#}")))],
    };
    let looked = look(settings, &database).await;
    let closed = database.close().await;
    let mut findings = looked.unwrap_or_else(|error| {
        vec![("database", Problem(format!("it answers, but a look into it failed: {error}")))]
    });
    if let Err(error) = closed {
        findings.push(("database", Problem(format!("{error:#}"))));
    }
    findings
}

async fn look(settings: &Settings, database: &Database) -> Result<Vec<(&'static str, Finding)>, sqlx::Error> {
    let pool = &database.pool;
    let version: String =
        sqlx::query_scalar("select current_setting('server_version')").fetch_one(pool).await?;
    let mut findings = vec![("database", Fine(format!("PostgreSQL {version} answers")))];
    let ours = Clock::system().now();
    let theirs: chrono::DateTime<chrono::Utc> =
        sqlx::query_scalar("select clock_timestamp()").fetch_one(pool).await?;
    let apart = (ours - theirs).num_seconds().abs();
    if apart > MAX_CLOCK_SECONDS {
        let line = format!(
            "the clocks of this machine and of the database are {apart} s apart; keep both on network time"
        );
        findings.push(("clock", Problem(line)));
    }
    let pending = store::migrations::pending(pool).await?;
    if pending > 0 {
        let line = format!("{pending} wait; run `warung db migrate`, or start the server, which does it");
        findings.push(("migrations", Note(line)));
        return Ok(findings);
    }
    findings.push(("migrations", Fine("all applied".into())));
    let mut connection = pool.acquire().await?;
    findings.push(match store::stores::by_slug(&mut connection, &settings.store).await? {
        Some(shop) => ("shop", Fine(format!("{} ({})", shop.name, settings.store))),
        None => {
            let line = format!(
                "there is no shop `{}`; set WARUNG_STORE, or run `warung store create` or `warung db seed`",
                settings.store
            );
            ("shop", Problem(line))
        }
    });
    let (waiting, failing) = store::inbox::backlog(&mut connection).await?;
    let (queued, dead) = store::outbox::backlog(&mut connection).await?;
    let line =
        format!("inbox: {waiting} waiting, {failing} failing; outbox: {queued} waiting, {dead} given up");
    // What waits is handled as soon as a server runs; what failed or was given up wants a person.
    findings.push((
        "work in hand",
        if failing > 0 || dead > 0 { Note(format!("{line}; the log says why")) } else { Fine(line) },
    ));
    Ok(findings)
}
