//! `warung store`: create, list and show shops.

use clap::Subcommand;
use serde_json::json;
use sqlx::{PgConnection, PgPool};

use super::Failure;
use crate::app::database::Database;
use crate::clock::Clock;
use crate::dialogue::world::Store;
use crate::store;
use crate::store::operate::NewStore;

/// Arguments of `warung store`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  warung store list
  warung store create kopi-senja --name 'Kopi Senja' --phone 081234567890 --owner 'Sari' --email sari@example.com
  warung store show kopi-senja")]
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
                println!(
                    "{:<24} {:<32} {:<10} {:>5} products {:>6} orders",
                    shop.slug, shop.name, shop.status, shop.products, shop.orders
                );
            }
        }
        Command::Create(new) => {
            create(&mut transaction, &Clock::system(), &new).await?;
            println!("{} is there; next: `warung product import FILE.csv --store {0}`", new.slug);
        }
        Command::Show { slug } => show(&find(&mut transaction, Some(&slug)).await?),
    }
    transaction.commit().await.map_err(database)
}

async fn create(connection: &mut PgConnection, clock: &Clock, new: &Create) -> Result<(), Failure> {
    let is_slug = !new.slug.is_empty()
        && new.slug.len() <= 60
        && !new.slug.starts_with('-')
        && !new.slug.ends_with('-')
        && new.slug.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if !is_slug {
        return Err(Failure::new(format!(
            "{:?} is no slug: lower-case letters, digits and hyphens",
            new.slug
        )));
    }
    if !new.email.contains('@') {
        return Err(Failure::new(format!("{:?} is no e-mail address", new.email)));
    }
    let row = NewStore {
        slug: new.slug.clone(),
        name: new.name.clone(),
        email: new.email.clone(),
        phone: new.phone.clone(),
        address: new.address.clone(),
        city: new.city.clone(),
        owner_name: new.owner.clone(),
        owner_email: new.email.clone(),
        tax_rate: new.tax,
        metadata: json!({ "zone": new.zone.name() }),
    };
    match store::operate::create_store(connection, clock, &row).await.map_err(database)? {
        Some(_) => Ok(()),
        None => Err(Failure::new(format!("there is a shop {:?} already", new.slug))),
    }
}

fn show(shop: &Store) {
    println!("slug           {}", shop.slug);
    println!("name           {}", shop.name);
    println!("phone          {}", shop.phone);
    println!("address        {}", shop.address.as_deref().unwrap_or("-"));
    println!("zone           {}", shop.zone);
    println!("language       {}", shop.language.code());
    println!(
        "tax            {} % ({})",
        shop.tax_percent,
        if shop.prices_include_tax { "in the prices" } else { "on top" }
    );
    println!("stock is held  {} minutes", shop.hold_minutes);
    for method in &shop.shipping {
        let free = method.free_from.map(|from| format!(", free from {}", from.whole())).unwrap_or_default();
        println!("delivery       {:<8} {} ({}{free})", method.code, method.name.id, method.cost.whole());
    }
}
