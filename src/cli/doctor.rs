//! `warung doctor`: checks settings, folder, port, database, shop and work in hand, and says what to do.

use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;

use sqlx::{PgConnection, PgPool};

use super::Failure;
use crate::app::accounts::{self, Accounts};
use crate::app::database::Database;
use crate::app::{doors, gateways, shop as shops};
use crate::clock::Clock;
use crate::cluster::binaries;
use crate::config::{Settings, names};
use crate::dialogue::world::Store;
use crate::domain::catalog::Catalog;
use crate::domain::money::Rupiah;
use crate::domain::payment::UNREPORTED;
use crate::payments::{qris, sandbox};
use crate::{store, telemetry};

/// Migrations that are named; of more, the number is told.
const MAX_NAMED: usize = 6;

/// Seconds that the clocks of this machine and of the database may be apart: deadlines are compared on both sides.
const MAX_CLOCK_SECONDS: i64 = 5;

/// Arguments of `warung doctor`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  warung doctor
  DATABASE_URL=postgres://warung@db/warung WARUNG_PUBLIC_URL=https://shop.example warung doctor

Reads only, and changes nothing; a private PostgreSQL that does not run is started for the look and stopped after it. Ends with 1
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

/// A finding and what it is about.
type Found = (String, Finding);

/// Runs the command.
///
/// # Errors
/// [`Failure`] with the number of problems.
pub async fn run(_args: Args) -> Result<(), Failure> {
    let mut problems = 0;
    let read = Settings::read();
    for line in names::unknown(std::env::vars_os().filter_map(|(name, _)| name.into_string().ok())) {
        tell("settings", Problem(line), &mut problems);
    }
    match read {
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
    say!("{mark}  {what}: {line}");
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
///
/// `pool` is a database that has everything; without one only the settings' accounts are known.
async fn platforms(settings: &Settings, pool: Option<&PgPool>) -> Vec<Found> {
    let every = match pool {
        Some(pool) => super::channel::every_in(settings, pool).await,
        None => Accounts::of_settings_alone(settings).map_err(Failure::from),
    };
    let every = match every {
        Ok(every) => every,
        Err(error) => return vec![("channels".to_owned(), Problem(error.to_string()))],
    };
    let stored = every.problems.iter().map(|problem| ("channels".to_owned(), Problem(problem.clone())));
    let mut findings: Vec<Found> = stored.collect();
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
async fn payments(settings: &Settings) -> Vec<Found> {
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

/// Whether the folder, or what is there of the way to it, can be written to.
fn folder(dir: &Path) -> Finding {
    let Some(there) = dir.ancestors().find(|ancestor| ancestor.exists()) else {
        return Problem(format!("{} cannot be reached; set WARUNG_DATA_DIR", dir.display()));
    };
    match may_write(there) {
        Ok(()) => Fine(dir.display().to_string()),
        Err(error) => Problem(format!(
            "{} cannot be written to ({error}); make it writable or set WARUNG_DATA_DIR to another folder",
            there.display()
        )),
    }
}

#[cfg(unix)]
fn may_write(folder: &Path) -> std::io::Result<()> {
    use rustix::fs::{Access, access};
    Ok(access(folder, Access::WRITE_OK | Access::EXEC_OK)?)
}

#[cfg(not(unix))]
fn may_write(folder: &Path) -> std::io::Result<()> {
    std::fs::metadata(folder).map(drop)
}

/// What the database says, and who can be reached by it. It is only read.
async fn database(settings: &Settings) -> Vec<Found> {
    let found = |what: &str, finding| (what.to_owned(), finding);
    let database = match Database::look(settings).await {
        Ok(Some(database)) => database,
        Ok(None) => {
            let mut findings =
                vec![found("database", Note("not made yet; the first `warung demo` does it".into()))];
            findings.extend(platforms(settings, None).await);
            return findings;
        }
        Err(error) => {
            let mut findings = vec![found("database", Problem(format!("{error:#}")))];
            findings.extend(platforms(settings, None).await);
            return findings;
        }
    };
    let failed = |error: sqlx::Error| {
        found("database", Problem(format!("it answers, but a look into it failed: {error}")))
    };
    let mut findings = Vec::new();
    let is_whole = match look(&database.pool, &mut findings).await {
        Ok(is_whole) => is_whole,
        Err(error) => {
            findings.push(failed(error));
            false
        }
    };
    if is_whole && let Err(error) = shop(settings, &database.pool, &mut findings).await {
        findings.push(failed(error));
    }
    if is_whole {
        match free_goods(settings, &database.pool).await {
            Ok(free) => findings.extend(free.map(|free| found("sandbox", Problem(free)))),
            Err(error) => findings.push(failed(error)),
        }
    }
    if is_whole {
        match old_keys(settings, &database.pool).await {
            Ok(old) => findings.extend(old.map(|old| found("sealed credentials", Note(old)))),
            Err(error) => findings.push(failed(error)),
        }
    }
    findings.extend(platforms(settings, is_whole.then_some(&database.pool)).await);
    if let Err(error) = database.close().await {
        findings.push(found("database", Problem(format!("{error:#}"))));
    }
    findings
}

/// Whether strangers can come and pay with nothing.
async fn free_goods(settings: &Settings, pool: &PgPool) -> Result<Option<String>, sqlx::Error> {
    doors::free_goods(settings, &mut *pool.acquire().await?).await
}

/// The accounts whose credentials only a key of before opens. Those that none opens are problems of the channels.
async fn old_keys(settings: &Settings, pool: &PgPool) -> Result<Option<String>, sqlx::Error> {
    let stored = store::accounts::active(&mut *pool.acquire().await?).await?;
    let old = stored.iter().filter(|account| accounts::is_of_old_key(settings, account));
    let named: Vec<String> =
        old.take(MAX_NAMED).map(|account| format!("{} {}", account.channel, account.external_id)).collect();
    Ok((!named.is_empty()).then(|| {
        format!("only WARUNG_SECRET_KEY_OLD opens {}; run `warung channel reseal`", named.join(", "))
    }))
}

/// Looks at the database itself. Returns whether it has everything that the rest of the look needs.
async fn look(pool: &PgPool, findings: &mut Vec<Found>) -> Result<bool, sqlx::Error> {
    let mut found = |what: &str, finding| findings.push((what.to_owned(), finding));
    let version: String =
        sqlx::query_scalar("select current_setting('server_version')").fetch_one(pool).await?;
    found("database", Fine(format!("PostgreSQL {version} answers")));
    let ours = Clock::system().now();
    let theirs: chrono::DateTime<chrono::Utc> =
        sqlx::query_scalar("select clock_timestamp()").fetch_one(pool).await?;
    let apart = (ours - theirs).num_seconds().abs();
    if apart > MAX_CLOCK_SECONDS {
        let line = format!(
            "the clocks of this machine and of the database are {apart} s apart; keep both on network time"
        );
        found("clock", Problem(line));
    }
    let waiting: Vec<String> = store::migrations::status(pool)
        .await?
        .into_iter()
        .filter(|migration| !migration.applied)
        .map(|migration| format!("{:04} {}", migration.version, migration.description))
        .collect();
    if waiting.is_empty() {
        found("migrations", Fine("all applied".into()));
        return Ok(true);
    }
    let more = if waiting.len() > MAX_NAMED { ", …" } else { "" };
    let line = format!(
        "{} wait ({}{more}); take a backup and run `warung db migrate`, or start the server, which does it",
        waiting.len(),
        waiting.iter().take(MAX_NAMED).cloned().collect::<Vec<_>>().join(", ")
    );
    found("migrations", Problem(line));
    Ok(false)
}

/// Whether the shop can sell: it is there, has goods and somebody who hears of orders, and can be paid.
async fn shop(settings: &Settings, pool: &PgPool, findings: &mut Vec<Found>) -> Result<(), sqlx::Error> {
    let mut found = |what: &str, finding| findings.push((what.to_owned(), finding));
    // Whatever is asked of it, this transaction changes nothing.
    let mut connection = pool.begin_with("begin transaction read only").await?;
    if let Some(shop) = shops::of_settings(&mut connection, settings).await? {
        found("shop", Fine(format!("{} ({})", shop.name, shop.slug)));
        let catalog = store::catalog::load(&mut connection, &shop.id).await?;
        found("goods", goods(&shop.slug, &catalog));
        let members = store::staff::members(&mut connection, &shop.id).await?;
        let chats: i64 = members.iter().map(|member| member.chats).sum();
        found(
            "staff",
            match chats {
                0 => Problem(format!(
                    "nobody of {0} has a chat with the bot, so nobody hears of orders; run `warung staff link --store {0}` and send the code \
                 that it prints to the bot",
                    shop.slug
                )),
                1 => Fine("1 chat hears of orders".into()),
                many => Fine(format!("{many} chats hear of orders")),
            },
        );
        if settings.payment == UNREPORTED {
            found("printed code", printed_code(&mut connection, settings, &shop).await?);
        }
    } else {
        found("shop", Problem(shops::none(settings)));
    }
    let (waiting, failing) = store::inbox::backlog(&mut connection).await?;
    let (queued, dead) = store::outbox::backlog(&mut connection).await?;
    let line =
        format!("inbox: {waiting} waiting, {failing} failing; outbox: {queued} waiting, {dead} given up");
    // What waits is handled as soon as a server runs; what failed or was given up wants a person.
    let finding =
        if failing > 0 || dead > 0 { Note(format!("{line}; the log says why")) } else { Fine(line) };
    found("work in hand", finding);
    Ok(())
}

fn goods(slug: &str, catalog: &Catalog) -> Finding {
    let all = catalog.products.len();
    let free = catalog.products.iter().filter(|product| product.price == Rupiah::ZERO).count();
    let sold_out = catalog.products.iter().filter(|product| product.free() == 0).count();
    match all {
        0 => Problem(format!("{slug} sells nothing; run `warung product import FILE --store {slug}`")),
        _ if sold_out == all => {
            Note(format!("{all} products, all sold out; `warung product set-stock` says what is there"))
        }
        _ if free > 0 => Note(format!("{all} products, {sold_out} sold out, {free} cost nothing")),
        _ => Fine(format!("{all} products, {sold_out} sold out")),
    }
}

/// Whether a shop that is paid by its printed code has one.
async fn printed_code(
    connection: &mut PgConnection,
    settings: &Settings,
    shop: &Store,
) -> Result<Finding, sqlx::Error> {
    let slug = &shop.slug;
    let Some(code) = store::static_qris::current(connection, &shop.id).await? else {
        return Ok(Problem(format!(
            "{slug} has none, so nobody can pay (WARUNG_PAYMENT is static); run `warung store qris {slug} --picture FILE`, or let the \
             owner send a photo of it to the bot"
        )));
    };
    if let Err(error) = qris::make_dynamic(&code.code, Rupiah::new(1).unwrap_or_default()) {
        return Ok(Problem(format!(
            "it cannot be used ({error}); run `warung store qris {slug} --picture FILE`"
        )));
    }
    Ok(match settings.bank_token {
        Some(_) => Fine("there, and notices of the bank are taken".into()),
        None => Note(
            "there; without WARUNG_BANK_TOKEN a person of the shop says of every order that its money came"
                .into(),
        ),
    })
}
