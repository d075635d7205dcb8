//! `warung product`: list, import, export and count products.

mod sheet;

use std::path::PathBuf;

use clap::Subcommand;
use sqlx::PgPool;

use super::Failure;
use super::store::{database, find, open};
use crate::clock::Clock;
use crate::domain::catalog::{Catalog, Product};
use crate::domain::customer::Language;
use crate::store;
use crate::store::operate::SheetLine;

/// Arguments of `warung product`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List what a shop sells.
    List {
        #[command(flatten)]
        shop: Shop,
    },
    /// Import products from a CSV file; nothing is imported when any line is bad.
    #[command(after_help = sheet::HELP)]
    Import {
        /// The file, UTF-8, with a header row.
        file: PathBuf,
        #[command(flatten)]
        shop: Shop,
        /// Check the file and say what would be done.
        #[arg(long)]
        dry_run: bool,
    },
    /// Print the products as CSV, in the form that `import` reads.
    Export {
        #[command(flatten)]
        shop: Shop,
    },
    /// Set the stock of a product, as counted.
    #[command(after_help = "\
Examples:
  warung product set-stock TEH-001 80
  warung product set-stock TEH-003 24 --variant '250 gram'")]
    SetStock {
        /// The product's code (sku).
        sku: String,
        /// Pieces on the shelf.
        #[arg(value_parser = clap::value_parser!(i32).range(0..=sheet::MAX_STOCK))]
        pieces: i32,
        /// The variant's name, for products that have any.
        #[arg(long)]
        variant: Option<String>,
        #[command(flatten)]
        shop: Shop,
    },
}

#[derive(Debug, clap::Args)]
struct Shop {
    /// The shop's slug; may be left out when there is one shop.
    #[arg(long, value_name = "SLUG")]
    store: Option<String>,
}

/// Runs the command.
///
/// # Errors
/// [`Failure`] with one clear line; an import names every bad line before it.
pub async fn run(args: Args) -> Result<(), Failure> {
    // A file with mistakes is refused before anything is started.
    let lines = match &args.command {
        Command::Import { file, .. } => read(file)?,
        _ => Vec::new(),
    };
    let opened = open().await?;
    let result = carry_out(args, &opened.pool, &lines).await;
    opened.close().await?;
    result
}

async fn carry_out(args: Args, pool: &PgPool, lines: &[SheetLine]) -> Result<(), Failure> {
    let clock = Clock::system();
    match args.command {
        Command::List { shop } => list(&catalog(pool, &shop).await?),
        Command::Export { shop } => sheet::write(&catalog(pool, &shop).await?, std::io::stdout())?,
        Command::Import { shop, dry_run, .. } => import(pool, &clock, lines, &shop, dry_run).await?,
        Command::SetStock { sku, pieces, variant, shop } => {
            set_stock(pool, &clock, &shop, &sku, pieces, variant.as_deref()).await?;
        }
    }
    Ok(())
}

async fn catalog(pool: &PgPool, shop: &Shop) -> Result<Catalog, Failure> {
    let mut connection = pool.acquire().await.map_err(database)?;
    let shop = find(&mut connection, shop.store.as_deref()).await?;
    store::catalog::load(&mut connection, &shop.id).await.map_err(database)
}

fn list(catalog: &Catalog) {
    let row = |sku: &str, name: &str, price: i64, stock: i32, held: i32| {
        println!("{sku:<20} {name:<40} {price:>12} {stock:>7} {held:>6} held");
    };
    for product in &catalog.products {
        let sku = product.sku.as_deref().unwrap_or("-");
        row(sku, product.name.get(Language::Id), product.price.whole(), product.stock, product.held);
        for variant in &product.variants {
            let price = variant.price.unwrap_or(product.price).whole();
            row("", &format!("  {}", variant.name.get(Language::Id)), price, variant.stock, variant.held);
        }
    }
}

fn read(file: &std::path::Path) -> Result<Vec<SheetLine>, Failure> {
    let name = file.display();
    let bytes =
        std::fs::read(file).map_err(|error| Failure::new(format!("{name} cannot be read: {error}")))?;
    sheet::read(&bytes).map_err(|problems| {
        let count = problems.len();
        for problem in problems {
            eprintln!("{name}:{problem}");
        }
        Failure::new(format!("nothing was imported: mistakes in {name}: {count}"))
    })
}

async fn import(
    pool: &PgPool,
    clock: &Clock,
    lines: &[SheetLine],
    shop: &Shop,
    dry_run: bool,
) -> Result<(), Failure> {
    let mut transaction = pool.begin().await.map_err(database)?;
    let shop = find(&mut transaction, shop.store.as_deref()).await?;
    let done = store::operate::import(&mut transaction, clock, &shop.id, lines).await.map_err(database)?;
    let said =
        format!("{} products added, {} updated, {} stocks changed", done.added, done.updated, done.stocks);
    if dry_run {
        transaction.rollback().await.map_err(database)?;
        println!("{said} (not done: --dry-run)");
    } else {
        transaction.commit().await.map_err(database)?;
        println!("{said}");
    }
    Ok(())
}

async fn set_stock(
    pool: &PgPool,
    clock: &Clock,
    shop: &Shop,
    sku: &str,
    pieces: i32,
    variant: Option<&str>,
) -> Result<(), Failure> {
    let mut transaction = pool.begin().await.map_err(database)?;
    let shop = find(&mut transaction, shop.store.as_deref()).await?;
    let catalog = store::catalog::load(&mut transaction, &shop.id).await.map_err(database)?;
    let product = catalog
        .products
        .iter()
        .find(|product| product.sku.as_deref() == Some(sku))
        .ok_or_else(|| Failure::new(format!("{} sells nothing with the code {sku:?}", shop.slug)))?;
    let variant = choose(product, variant)?;
    store::operate::set_stock(
        &mut transaction,
        clock,
        &shop.id,
        &product.id,
        &[(variant, pieces)],
        clock.now(),
    )
    .await
    .map_err(database)?;
    transaction.commit().await.map_err(database)?;
    println!("{sku}: {pieces}");
    Ok(())
}

/// The variant that a name means.
fn choose(product: &Product, name: Option<&str>) -> Result<Option<crate::domain::ids::VariantId>, Failure> {
    let names: Vec<_> = product.variants.iter().map(|variant| variant.name.id.as_str()).collect();
    match name {
        None if names.is_empty() => Ok(None),
        None => Err(Failure::new(format!("name one with --variant: {}", names.join(", ")))),
        Some(name) => product
            .variants
            .iter()
            .find(|variant| variant.name.id.to_lowercase() == name.to_lowercase())
            .map(|variant| Some(variant.id.clone()))
            .ok_or_else(|| Failure::new(format!("there is no variant {name:?}, only: {}", names.join(", ")))),
    }
}
