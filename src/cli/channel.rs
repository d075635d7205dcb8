//! `warung channel`: where a shop can be reached, and whether it really can.

use std::sync::Arc;

use clap::Subcommand;
use clap::builder::PossibleValuesParser;

use super::Failure;
use super::store::{database, find, open};
use crate::app::accounts::{self, Accounts};
use crate::app::{doors, shop};
use crate::channels::registry::{self, PLATFORMS};
use crate::channels::{Channel, web};
use crate::clock::Clock;
use crate::config::Settings;
use crate::domain::ids::StoreId;
use crate::domain::message::ChannelName;
use crate::store;
use crate::telemetry;

/// Arguments of `warung channel`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  warung channel list
  warung channel test                          asks every platform whether its account works
  warung channel test telegram
  TELEGRAM_BOT_TOKEN=123:abc warung channel connect telegram --store kopi-sari
  warung channel disconnect telegram --store kopi-sari --account 123

The accounts of the shop WARUNG_STORE may stand in the settings instead (TELEGRAM_BOT_TOKEN alone is a Telegram bot).
`connect` is for further shops: it reads the same settings, asks the platform whether they work, and keeps them in the
database, sealed with WARUNG_SECRET_KEY. A running server takes them up within seconds.
`reseal` is for a new key: WARUNG_SECRET_KEY is the new one, and WARUNG_SECRET_KEY_OLD those of before.")]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Store the account that the settings describe for a shop.
    Connect {
        /// The platform.
        #[arg(value_parser = platforms())]
        channel: String,
        /// The shop's slug; may be left out when there is one shop.
        #[arg(long, value_name = "SLUG")]
        store: Option<String>,
    },
    /// Show where shops can be reached.
    List,
    /// Ask the platforms, and the running server, whether they answer; exit code 1 when one does not.
    Test {
        /// Only this one.
        #[arg(value_parser = tested())]
        channel: Option<String>,
    },
    /// Seal the credentials of every account anew with WARUNG_SECRET_KEY; keys of before open them.
    Reseal,
    /// Forget an account's credentials and stop answering on it.
    Disconnect {
        /// The platform.
        #[arg(value_parser = platforms())]
        channel: String,
        /// The platform's id of the account, as `warung channel list` shows it.
        #[arg(long, value_name = "ID")]
        account: String,
        /// The shop's slug; may be left out when there is one shop.
        #[arg(long, value_name = "SLUG")]
        store: Option<String>,
    },
}

/// The names of the channels with accounts.
fn platforms() -> PossibleValuesParser {
    PossibleValuesParser::new(PLATFORMS.iter().map(|platform| platform.spec.name))
}

/// The names of the channels that can be asked whether they work.
fn tested() -> PossibleValuesParser {
    PossibleValuesParser::new(
        [web::NAME].into_iter().chain(PLATFORMS.iter().map(|platform| platform.spec.name)),
    )
}

/// How long the server may take to answer, in seconds.
const TIMEOUT_SECONDS: u64 = 5;

/// Runs the command.
///
/// # Errors
/// [`Failure`] with one clear line.
pub async fn run(args: Args) -> Result<(), Failure> {
    let settings = super::settings()?;
    telemetry::start(&settings, true);
    match args.command {
        Command::List => list(&settings).await,
        Command::Test { channel } => test(&settings, channel.as_deref()).await,
        Command::Reseal => reseal(&settings).await,
        Command::Connect { channel, store } => connect(&settings, &channel, store.as_deref()).await,
        Command::Disconnect { channel, account, store } => {
            disconnect(&settings, &channel, &account, store.as_deref()).await
        }
    }
}

async fn list(settings: &Settings) -> Result<(), Failure> {
    say!("web       {}   (WARUNG_BIND, WARUNG_PUBLIC_URL)", settings.public_url());
    say!("console   warung chat");
    for (channel, account) in accounts::of_settings(settings) {
        let id = accounts::id_of(channel, account).map_err(Failure::new)?;
        say!("{channel:<9} {id:<22} {:<24} out of the settings", settings.store);
    }
    if settings.database_url.is_none() && !settings.data_dir.exists() {
        return Ok(());
    }
    let opened = open().await?;
    let mut connection = opened.pool.acquire().await.map_err(database)?;
    let stored = store::accounts::active(&mut connection).await.map_err(database)?;
    drop(connection);
    opened.close().await?;
    for account in stored {
        let name = account.name.unwrap_or_default();
        say!("{:<9} {:<22} {:<24} {name}", account.channel, account.external_id, account.slug);
    }
    Ok(())
}

async fn connect(settings: &Settings, channel: &str, slug: Option<&str>) -> Result<(), Failure> {
    let found = accounts::of_settings(settings).find(|(name, _)| *name == channel);
    let (name, account) = found.ok_or_else(|| {
        let wanted = registry::platform(channel).map_or("its settings", |platform| platform.settings);
        Failure::new(format!("set {wanted} for this command, and run it again"))
    })?;
    let external_id = accounts::id_of(name, account).map_err(Failure::new)?;
    let sealed = accounts::seal_settings(settings, name, &external_id, account)
        .map_err(|error| Failure::new(error.to_string()))?;
    let known = ask(settings, name, account).await?;
    let opened = open().await?;
    let clock = Clock::system();
    let mut connection = opened.pool.acquire().await.map_err(database)?;
    let shop = find(&mut connection, slug).await?;
    let row = store::accounts::NewAccount {
        store: &shop.id,
        channel: name,
        external_id: &external_id,
        name: Some(&known),
        settings: &sealed,
    };
    let other =
        store::accounts::connect(&mut connection, &clock, &row, clock.now()).await.map_err(database)?;
    drop(connection);
    opened.close().await?;
    match other {
        Some(other) => Err(Failure::new(format!(
            "{known} ({name} {external_id}) answers for {other:?}; disconnect it there first"
        ))),
        None => {
            say!(
                "{known} ({name} {external_id}) answers for {}; a running server takes it up within seconds",
                shop.slug
            );
            if doors::is_sandbox_unasked(settings) {
                say!(
                    "WARUNG_PAYMENT is not set here: a server without it pays nothing in the sandbox any more and does not start again \
                     until it is (docs/payments.md)"
                );
            }
            Ok(())
        }
    }
}

async fn reseal(settings: &Settings) -> Result<(), Failure> {
    let opened = open().await?;
    let result = reseal_in(settings, &opened.pool).await;
    opened.close().await?;
    result
}

/// Seals what opens; what does not is told, and stays as it is.
async fn reseal_in(settings: &Settings, pool: &sqlx::PgPool) -> Result<(), Failure> {
    let now = Clock::system().now();
    let mut transaction = pool.begin().await.map_err(database)?;
    let stored = store::accounts::active(&mut transaction).await.map_err(database)?;
    let (mut done, mut closed) = (0, 0);
    for account in &stored {
        let what = format!("{} {} of {}", account.channel, account.external_id, account.slug);
        let problem = match accounts::resealed(settings, account) {
            Ok(sealed) => {
                match store::accounts::reseal(&mut transaction, account, &sealed, now)
                    .await
                    .map_err(database)?
                {
                    true => None,
                    false => Some("it was changed meanwhile; run this again".to_owned()),
                }
            }
            Err(error) => Some(format!("{error:#}")),
        };
        match problem {
            None => done += 1,
            Some(problem) => {
                closed += 1;
                say!("problem  {what}: {problem}");
            }
        }
    }
    transaction.commit().await.map_err(database)?;
    say!("{done} of {} accounts are sealed with WARUNG_SECRET_KEY", stored.len());
    match closed {
        0 => Ok(()),
        _ => Err(Failure::new("keep WARUNG_SECRET_KEY_OLD until none is left")),
    }
}

async fn disconnect(
    settings: &Settings,
    channel: &str,
    account: &str,
    slug: Option<&str>,
) -> Result<(), Failure> {
    let opened = open().await?;
    let mut connection = opened.pool.acquire().await.map_err(database)?;
    let shop = find(&mut connection, slug).await?;
    // Its credentials are read while they are there.
    let calling = calling(settings, &opened.pool, &shop.id, channel, account).await?;
    let now = Clock::system().now();
    let gone = store::accounts::disconnect(&mut connection, &shop.id, channel, account, now)
        .await
        .map_err(database)?;
    drop(connection);
    opened.close().await?;
    if !gone {
        return Err(Failure::new(format!(
            "{} has no {channel} account {account:?} in the database; `warung channel list` shows them",
            shop.slug
        )));
    }
    say!("{channel} {account} is forgotten; a running server lets go of it within seconds");
    if let Some(calling) = calling
        && let Some(announce) = calling.abilities().announce
        && let Err(error) = announce.withdraw(account).await
    {
        say!(
            "{channel} could not be told and still sends its messages to this server, which refuses them ({error}); a new \
             token at the platform ends that (docs/{channel}.md)"
        );
    }
    Ok(())
}

/// The adapter of a platform that calls for an account of the database. An account of the settings stays in use.
async fn calling(
    settings: &Settings,
    pool: &sqlx::PgPool,
    store: &StoreId,
    channel: &str,
    account: &str,
) -> Result<Option<Arc<dyn Channel>>, Failure> {
    for (name, described) in accounts::of_settings(settings) {
        if name == channel && accounts::id_of(name, described).map_err(Failure::new)? == account {
            return Ok(None);
        }
    }
    let every = Accounts::open(settings, pool, store).await;
    let every = every.map_err(|error| Failure::new(format!("{error:#}")))?;
    let adapter = every.channels.into_iter().find(|adapter| adapter.name().as_str() == channel);
    Ok(adapter.filter(|adapter| adapter.abilities().is_called(account)))
}

/// Asks the platform what an account is called there: the proof that its credentials work.
async fn ask(settings: &Settings, channel: &str, account: &serde_json::Value) -> Result<String, Failure> {
    let opened =
        Accounts::of_one(settings, channel, account).map_err(|error| Failure::new(error.to_string()))?;
    let adapter = opened.channels.first();
    let probe = adapter.and_then(|adapter| Some((adapter, adapter.abilities().probe?)));
    let (adapter, probe) = probe.ok_or_else(|| Failure::new(format!("there is no channel {channel}")))?;
    let id = adapter.accounts().into_iter().next().unwrap_or_default();
    probe.test(&id).await.map_err(|error| Failure::new(format!("{channel} does not take it: {error}")))
}

async fn test(settings: &Settings, only: Option<&str>) -> Result<(), Failure> {
    let is_wanted = |name: &str| only.is_none_or(|only| only == name);
    let mut problems = Vec::new();
    let mut asked = 0;
    if is_wanted(web::NAME) {
        asked += 1;
        match web(settings).await {
            Ok(line) => say!("ok       web: {line}"),
            Err(line) => problems.push(format!("web: {line}")),
        }
    }
    if only != Some(web::NAME) {
        let opened = every(settings).await?;
        problems.extend(opened.problems.iter().cloned());
        asked += opened.problems.len();
        for channel in opened.channels.iter().filter(|channel| is_wanted(channel.name().as_str())) {
            let Some(probe) = channel.abilities().probe else { continue };
            for account in channel.accounts() {
                asked += 1;
                let what = format!("{} {account}", channel.name());
                match probe.test(&account).await {
                    Ok(name) => {
                        say!("ok       {what}: {name}{}", served(&opened, &channel.name(), &account))
                    }
                    Err(error) => problems.push(format!("{what}: {error}")),
                }
            }
        }
    }
    for problem in &problems {
        say!("problem  {problem}");
    }
    match (asked, problems.len()) {
        (0, _) => Err(Failure::new("there is no such account; `warung channel list` shows them")),
        (_, 0) => Ok(()),
        (_, 1) => Err(Failure::new("1 channel does not answer")),
        (_, many) => Err(Failure::new(format!("{many} channels do not answer"))),
    }
}

fn served(accounts: &Accounts, channel: &ChannelName, account: &str) -> String {
    let shop = accounts.shops.get(&(channel.clone(), account.to_owned()));
    shop.map(|shop| format!(", for shop {shop}")).unwrap_or_default()
}

/// Every account, of the settings and of the database where there is one.
pub(super) async fn every(settings: &Settings) -> Result<Accounts, Failure> {
    let failed = |error: anyhow::Error| Failure::new(format!("{error:#}"));
    if settings.database_url.is_none() && !settings.data_dir.exists() {
        return Accounts::of_settings_alone(settings).map_err(failed);
    }
    let opened = open().await?;
    let every = every_in(settings, &opened.pool).await;
    opened.close().await?;
    every
}

/// Every account, of the settings and of a database that is migrated.
pub(super) async fn every_in(settings: &Settings, pool: &sqlx::PgPool) -> Result<Accounts, Failure> {
    let failed = |error: anyhow::Error| Failure::new(format!("{error:#}"));
    let mut connection = pool.acquire().await.map_err(database)?;
    let shop = shop::of_settings(&mut connection, settings).await.map_err(database)?;
    drop(connection);
    let store = shop.map(|shop| shop.id).unwrap_or_else(|| settings.store.as_str().into());
    let mut every = Accounts::open(settings, pool, &store).await.map_err(failed)?;
    let mut connection = pool.acquire().await.map_err(database)?;
    for shop in every.shops.values_mut() {
        // People know shops by their slugs.
        if let Some(known) = store::stores::load(&mut connection, shop).await.map_err(database)? {
            *shop = known.slug.as_str().into();
        }
    }
    Ok(every)
}

/// Asks the running server whether its web channel answers.
async fn web(settings: &Settings) -> Result<String, String> {
    let url = format!("{}/health/ready", settings.local_url());
    let client = reqwest::Client::builder()
        .timeout(std::time::Duration::from_secs(TIMEOUT_SECONDS))
        .no_proxy()
        .build()
        .map_err(|error| format!("no client for HTTP: {error}"))?;
    match client.get(&url).send().await {
        Ok(response) if response.status().is_success() => {
            Ok(format!("the server answers on {}", settings.local_url()))
        }
        Ok(response) => Err(format!(
            "the server on {} answers {}; `warung doctor` says why",
            settings.local_url(),
            response.status()
        )),
        Err(_) => Err(format!(
            "nothing answers on {}; start `warung serve` or `warung demo`, or set WARUNG_BIND to where it listens",
            settings.local_url()
        )),
    }
}
