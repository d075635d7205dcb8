//! `warung store`: create, list and show shops.

use clap::Subcommand;
use serde_json::json;
use sqlx::{PgConnection, PgPool};

use super::Failure;
use super::said::Said;
use crate::app::database::Database;
use crate::clock::Clock;
use crate::dialogue::world::Store;
use crate::payments::qris;
use crate::store;
use crate::store::operate::NewStore;

/// Arguments of `warung store`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  warung store list
  warung store create kopi-senja --name 'Kopi Senja' --phone 081234567890 --owner 'Sari' --email sari@example.com
  warung store show kopi-senja
  warung store qris kopi-senja --picture sticker.jpg
  warung store qris kopi-senja --show
  warung store bank-token kopi-senja")]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List every shop.
    List,
    /// Create a shop, and its owner where nobody has the address yet.
    Create(Create),
    /// Show the settings of a shop.
    Show {
        /// The shop's slug.
        slug: String,
    },
    /// Set, show or clear the shop's printed QRIS, to which customers pay with WARUNG_PAYMENT=static.
    Qris(PrintedCode),
    /// Make the token with which the shop's phone sends the notices of its bank (docs/static-qris.md); the one before ends.
    BankToken {
        /// The shop's slug.
        slug: String,
        /// Only end the token that is in use: nobody can send notices until another one is made.
        #[arg(long)]
        revoke: bool,
    },
}

#[derive(Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("what").required(true)))]
struct PrintedCode {
    /// The shop's slug.
    slug: String,
    /// The string of the printed code.
    #[arg(long, group = "what")]
    string: Option<String>,
    /// A photograph of the printed code.
    #[arg(long, group = "what", value_name = "FILE")]
    picture: Option<std::path::PathBuf>,
    /// Show the code that is in use.
    #[arg(long, group = "what")]
    show: bool,
    /// Take the code out of use: nobody can pay by it until another one is set.
    #[arg(long, group = "what")]
    clear: bool,
}

#[derive(Debug, clap::Args)]
struct Create {
    /// Its name in addresses and commands: lower-case letters, digits and hyphens.
    slug: String,
    /// Its name.
    #[arg(long)]
    name: String,
    /// Phone for people.
    #[arg(long)]
    phone: String,
    /// Name of the owner.
    #[arg(long)]
    owner: String,
    /// The owner's e-mail address.
    #[arg(long)]
    email: String,
    /// Street, where customers pick up.
    #[arg(long)]
    address: Option<String>,
    /// City; it also stands on QRIS codes.
    #[arg(long)]
    city: Option<String>,
    /// Tax in percent, 0 for shops that collect none.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(i32).range(0..=100))]
    tax: i32,
    /// Time zone.
    #[arg(long, default_value = "Asia/Jakarta")]
    zone: chrono_tz::Tz,
}

/// Opens the database of the settings, migrated: that of DATABASE_URL, or the private one of the demo. Whoever opens it
/// closes it.
///
/// # Errors
/// [`Failure`] saying what is wrong with it and what to do.
pub(super) async fn open() -> Result<Database, Failure> {
    // What a command prints is for pipes; how the database starts is for people.
    Ok(Database::open(&super::settings()?, &mut |line| eprintln!("{line}")).await?)
}

/// A failure of the database in one line.
pub(super) fn database(error: sqlx::Error) -> Failure {
    Failure::new(format!("the database fails: {error}; `warung doctor` says more"))
}

/// The shop with a slug, or the only one.
pub(super) async fn find(connection: &mut PgConnection, slug: Option<&str>) -> Result<Store, Failure> {
    let slug = match slug {
        Some(slug) => slug.to_owned(),
        None => match store::operate::stores(connection).await.map_err(database)?.as_slice() {
            [only] => only.slug.clone(),
            [] => {
                return Err(Failure::new("there is no shop yet: `warung store create` or `warung db seed`"));
            }
            _ => return Err(Failure::new("there are several shops: name one with --store SLUG")),
        },
    };
    let found = store::stores::by_slug(connection, &slug).await.map_err(database)?;
    found.ok_or_else(|| Failure::new(format!("there is no shop {slug:?}; `warung store list` shows them")))
}

/// Runs the command.
///
/// # Errors
/// [`Failure`] with one clear line.
pub async fn run(args: Args) -> Result<(), Failure> {
    if let Command::Create(new) = &args.command {
        // What cannot be made is refused before anything is started.
        row(new)?;
    }
    let database = open().await?;
    let result = carry_out(args, &database.pool).await;
    database.close().await?;
    result
}

async fn carry_out(args: Args, pool: &PgPool) -> Result<(), Failure> {
    let mut transaction = pool.begin().await.map_err(database)?;
    match args.command {
        Command::List => {
            for shop in store::operate::stores(&mut transaction).await.map_err(database)? {
                say!(
                    "{:<24} {:<32} {:<10} {:>5} products {:>6} orders",
                    shop.slug,
                    shop.name,
                    shop.status,
                    shop.products,
                    shop.orders
                );
            }
        }
        Command::Create(new) => {
            create(&mut transaction, &Clock::system(), &new).await?;
            say!("{} is there; next: `warung product import FILE.csv --store {0}`", new.slug);
        }
        Command::Qris(wanted) => printed_code(&mut transaction, &Clock::system(), wanted).await?,
        Command::BankToken { slug, revoke } => {
            bank_token(&mut transaction, &Clock::system(), &slug, revoke).await?;
        }
        Command::Show { slug } => show(&find(&mut transaction, Some(&slug)).await?),
    }
    transaction.commit().await.map_err(database)
}

/// Makes the token of a shop's bank notices, or ends it. The token alone goes to standard output: it is shown once.
async fn bank_token(
    connection: &mut PgConnection,
    clock: &Clock,
    slug: &str,
    revoke: bool,
) -> Result<(), Failure> {
    let shop = find(connection, Some(slug)).await?;
    if revoke {
        if !store::bank_tokens::end(connection, &shop.id, clock.now()).await.map_err(database)? {
            return Err(Failure::new(format!(
                "{slug} has no token; `warung store bank-token {slug}` makes one"
            )));
        }
        audit(connection, clock, &shop, "bank_token:ended").await?;
        say!("the token of {slug} opens nothing any more");
        return Ok(());
    }
    let token = store::bank_tokens::new_token(&format!("{}{}", clock.secret(), clock.secret()));
    store::bank_tokens::put_in_use(connection, &shop.id, &token, clock.now()).await.map_err(database)?;
    audit(connection, clock, &shop, "bank_token:made").await?;
    eprintln!("Shown once. Give it to the app on the shop's phone, as docs/static-qris.md says:");
    say!("{token}");
    Ok(())
}

async fn printed_code(
    connection: &mut PgConnection,
    clock: &Clock,
    wanted: PrintedCode,
) -> Result<(), Failure> {
    let shop = find(connection, Some(&wanted.slug)).await?;
    let now = clock.now();
    if wanted.show {
        let code = store::static_qris::current(connection, &shop.id).await.map_err(database)?;
        let code = code.ok_or_else(|| {
            Failure::new(format!(
                "{0} has no printed code: `warung store qris {0} --picture FILE`",
                shop.slug
            ))
        })?;
        say!("{}", code.code);
        return Ok(());
    }
    if wanted.clear {
        if !store::static_qris::clear(connection, &shop.id, now).await.map_err(database)? {
            return Err(Failure::new(format!("{} has no printed code", shop.slug)));
        }
        audit(connection, clock, &shop, "qris:cleared").await?;
        say!("the code of {} is out of use", shop.slug);
        return Ok(());
    }
    let code = match (wanted.string, wanted.picture) {
        (Some(string), _) => string.trim().to_owned(),
        (None, Some(picture)) => match super::qris::read(&picture)?.as_slice() {
            [only] => only.clone(),
            several => {
                let many = several.len();
                return Err(Failure::new(format!(
                    "there are {many} codes in the picture; photograph one only"
                )));
            }
        },
        (None, None) => return Err(Failure::new("say --string, --picture, --show or --clear")),
    };
    let one = crate::domain::money::Rupiah::new(1).unwrap_or_default();
    qris::make_dynamic(&code, one)
        .map_err(|error| Failure::new(format!("the code cannot be used: {error}")))?;
    let id = clock.id();
    store::static_qris::offer(connection, &id, &shop.id, &code, None, now).await.map_err(database)?;
    store::static_qris::put_in_use(connection, &shop.id, &id, None, now).await.map_err(database)?;
    audit(connection, clock, &shop, "qris:set").await?;
    let read = qris::Qris::parse(&code).map_err(|error| Failure::new(error.to_string()))?;
    say!(
        "{} is paid by the code of {:?} in {:?}, NMID {}",
        shop.slug,
        read.get(qris::NAME).unwrap_or_default(),
        read.get(qris::CITY).unwrap_or_default(),
        read.nmid().unwrap_or_default()
    );
    Ok(())
}

/// Notes that an operator changed the code that money goes to.
async fn audit(
    connection: &mut PgConnection,
    clock: &Clock,
    shop: &Store,
    name: &str,
) -> Result<(), Failure> {
    let payload = json!({ "by": "operator" });
    let event = store::audit::Event { name, entity: "store", id: shop.id.as_str(), payload, by: None };
    store::audit::insert(connection, clock, event, clock.now()).await.map_err(database)
}

/// The row of a new shop; everything that is wrong with it is told at once.
fn row(new: &Create) -> Result<NewStore, Failure> {
    let mut said = Said::default();
    let email = said.email("--email", &new.email);
    let row = NewStore {
        slug: said.slug("the slug", &new.slug),
        name: said.name("--name", &new.name),
        email: email.clone(),
        phone: said.phone("--phone", &new.phone),
        address: said.place("--address", new.address.as_deref()),
        city: said.place("--city", new.city.as_deref()),
        owner_name: said.name("--owner", &new.owner),
        owner_email: email,
        tax_rate: new.tax,
        metadata: json!({ "zone": new.zone.name() }),
    };
    match said.problems() {
        Some(problems) => Err(Failure::new(format!("nothing was made: {problems}"))),
        None => Ok(row),
    }
}

async fn create(connection: &mut PgConnection, clock: &Clock, new: &Create) -> Result<(), Failure> {
    match store::operate::create_store(connection, clock, &row(new)?).await.map_err(database)? {
        Some(_) => Ok(()),
        None => Err(Failure::new(format!("there is a shop {:?} already; choose another slug", new.slug))),
    }
}

fn show(shop: &Store) {
    say!("slug           {}", shop.slug);
    say!("name           {}", shop.name);
    say!("phone          {}", shop.phone);
    say!("address        {}", shop.address.as_deref().unwrap_or("-"));
    say!("zone           {}", shop.zone);
    say!("language       {}", shop.language.code());
    say!(
        "tax            {} % ({})",
        shop.tax_percent,
        if shop.prices_include_tax { "in the prices" } else { "on top" }
    );
    say!("stock is held  {} minutes", shop.hold_minutes);
    for method in &shop.shipping {
        let free = method.free_from.map(|from| format!(", free from {}", from.whole())).unwrap_or_default();
        say!("delivery       {:<8} {} ({}{free})", method.code, method.name.id, method.cost.whole());
    }
}
