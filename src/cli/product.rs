//! `warung product`: list, import, export and count products.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::Subcommand;
use sqlx::PgPool;

use super::Failure;
use super::store::{database, find, open};
use crate::clock::Clock;
use crate::domain::catalog::{Catalog, Product};
use crate::domain::customer::Language;
use crate::domain::goods::{Count, Draft, MAX_PIECES, Price, Refusal, Rule, VariantDraft, What, name_key};
use crate::edge::sheet::{self, Sheet};
use crate::store;
use crate::store::goods::{Door, Refused, Writer, Written};

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
    /// Import products from a sheet; nothing is imported when any line is bad.
    #[command(after_help = HELP)]
    Import {
        /// The file: .xlsx, or CSV however a spreadsheet writes it.
        file: PathBuf,
        #[command(flatten)]
        shop: Shop,
        /// Say what each line would change, and change nothing.
        #[arg(long)]
        dry_run: bool,
        /// Import prices too that are far from what they were, or next to nothing.
        #[arg(long)]
        sure: bool,
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
        /// The product's code (sku), or its name.
        product: String,
        /// Pieces on the shelf.
        #[arg(value_parser = clap::value_parser!(i64).range(0..=MAX_PIECES))]
        pieces: i64,
        /// The variant's name, for products that have any.
        #[arg(long)]
        variant: Option<String>,
        #[command(flatten)]
        shop: Shop,
    },
    /// Set the price of a product.
    #[command(after_help = "\
Examples:
  warung product set-price TEH-001 52000
  warung product set-price TEH-003 Rp65.000 --variant '250 gram'
  warung product set-price TEH-009 gratis")]
    SetPrice {
        /// The product's code (sku), or its name.
        product: String,
        /// Whole rupiah for one piece, or `gratis`.
        #[arg(value_parser = price)]
        price: Price,
        /// The variant's name; without it every variant costs that.
        #[arg(long)]
        variant: Option<String>,
        /// Set it although it is far from what it was, or next to nothing.
        #[arg(long)]
        sure: bool,
        #[command(flatten)]
        shop: Shop,
    },
}

fn price(text: &str) -> Result<Price, String> {
    Price::read(text).map_err(|error| error.to_string())
}

/// What `--help` says of the file.
const HELP: &str = "\
A workbook (.xlsx), or CSV with commas, semicolons or tabs, in UTF-8, UTF-16 or Windows-1252. The header row names the columns,
in any order; name and price are required. Indonesian headers are read too (nama, harga, stok, varian, kategori, deskripsi,
kode, modal, gambar). What a line or a column does not say stays as it is.
  sku             the shop's code; it names the product, so a second import updates it. Without it the name does
  name, name_en   name in Indonesian and in English
  category        made when it is new
  variant, variant_en
                  size, flavour or colour: one line for each, all with the product's sku; other variants stay as they are
  price, cost     whole rupiah: 50000, Rp50.000, 50.000,00 and 50rb mean the same; what costs nothing says gratis
  stock           pieces on the shelf; left as it is when empty, and never less than what unpaid orders hold
  reorder_level   at this many pieces the owner is warned
  description, description_en
  aliases         other words for it, separated by semicolons
  image           an https address

Example:
  sku,name,name_en,category,variant,price,stock
  TEH-001,Teh Hijau Organik,Organic Green Tea,Teh,,50000,100
  TEH-003,Teh Hitam Priangan,Priangan Black Tea,Teh,100 gram,28000,60
  TEH-003,Teh Hitam Priangan,Priangan Black Tea,Teh,250 gram,62000,25";

/// Lines that are named where nothing has changed; of more, the number is told.
const MAX_NAMED_LINES: usize = 40;

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
    let sheet = match &args.command {
        Command::Import { file, sure, .. } => {
            let mut sheet = read(file)?;
            sheet.drafts.iter_mut().for_each(|draft| draft.is_sure = *sure);
            sheet
        }
        _ => Sheet::default(),
    };
    let opened = open().await?;
    let result = carry_out(args, &opened.pool, &sheet).await;
    opened.close().await?;
    result
}

async fn carry_out(args: Args, pool: &PgPool, sheet: &Sheet) -> Result<(), Failure> {
    let clock = Clock::system();
    match args.command {
        Command::List { shop } => list(&catalog(pool, &shop).await?),
        Command::Export { shop } => {
            let mut bytes = Vec::new();
            sheet::write(&catalog(pool, &shop).await?, &mut bytes)
                .map_err(|error| Failure::new(format!("the sheet cannot be written: {error}")))?;
            super::out::write(&bytes);
        }
        Command::Import { file, shop, dry_run, .. } => {
            import(pool, &clock, &file, sheet, &shop, dry_run).await?
        }
        Command::SetStock { product, pieces, variant, shop } => {
            set(pool, &clock, &shop, &product, variant.as_deref(), |draft| {
                match draft.variants.first_mut() {
                    Some(variant) => variant.stock = Some(Count::To(pieces)),
                    None => draft.stock = Some(Count::To(pieces)),
                }
            })
            .await?;
        }
        Command::SetPrice { product, price, variant, sure, shop } => {
            set(pool, &clock, &shop, &product, variant.as_deref(), |draft| {
                draft.is_sure = sure;
                match draft.variants.first_mut() {
                    Some(variant) => variant.price = Some(price),
                    None => {
                        draft.price = Some(price);
                        draft.is_price_of_all = true;
                    }
                }
            })
            .await?;
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
        say!("{sku:<20} {name:<40} {price:>12} {stock:>7} {held:>6} held");
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

fn read(file: &Path) -> Result<Sheet, Failure> {
    let name = file.display();
    let cannot = |error: std::io::Error| Failure::new(format!("{name} cannot be read: {error}"));
    let mut bytes = Vec::new();
    let most = u64::try_from(sheet::MAX_BYTES).unwrap_or(u64::MAX);
    let opened = std::fs::File::open(file).map_err(cannot)?;
    opened.take(most + 1).read_to_end(&mut bytes).map_err(cannot)?;
    sheet::read(&bytes).map_err(|problems| mistakes(file, problems.iter().map(ToString::to_string)))
}

/// Names every mistake, each on a line of its own.
fn mistakes(file: &Path, problems: impl Iterator<Item = String>) -> Failure {
    let name = file.display();
    let mut count = 0;
    for problem in problems {
        count += 1;
        eprintln!("{name}:{problem}");
    }
    Failure::new(format!("nothing was imported: mistakes in {name}: {count}"))
}

async fn import(
    pool: &PgPool,
    clock: &Clock,
    file: &Path,
    sheet: &Sheet,
    shop: &Shop,
    dry_run: bool,
) -> Result<(), Failure> {
    let mut transaction = pool.begin().await.map_err(database)?;
    let shop = find(&mut transaction, shop.store.as_deref()).await?;
    let writer = Writer::of(Door::Sheet);
    let written = store::goods::write(&mut transaction, clock, &shop.id, &sheet.drafts, writer, clock.now())
        .await
        .map_err(database)?;
    let written = written.map_err(|refused| {
        let line = |it: &Refused| sheet.lines.get(it.draft).map_or(1, |lines| lines.of(it.refusal.of));
        let lines = refused.iter().take(sheet::MAX_PROBLEMS);
        mistakes(
            file,
            lines.map(|it| format!("{}: column {}: {}", line(it), it.refusal.column, it.refusal.rule)),
        )
    })?;
    let (mut added, mut changed, mut unchanged) = (0, 0, Vec::new());
    for (lines, done) in sheet.lines.iter().zip(&written) {
        if done.plan.changes.is_empty() {
            unchanged.push(lines.all());
            continue;
        }
        if done.plan.before.is_none() {
            added += 1
        } else {
            changed += 1
        }
        for line in told(done) {
            say!("{}:{}: {}", file.display(), lines.of(line.0), line.1);
        }
    }
    for header in &sheet.unread {
        say!("the column {header:?} was not read; `warung product import --help` names those that are");
    }
    let same = unchanged.len();
    let lines = spans(&unchanged.concat());
    let said = format!("{added} products added, {changed} changed, {same} unchanged{lines}");
    if dry_run {
        transaction.rollback().await.map_err(database)?;
        say!("{said} (not done: --dry-run)");
    } else {
        transaction.commit().await.map_err(database)?;
        say!("{said}");
    }
    Ok(())
}

/// Line numbers, those that follow each other as a span: ` (lines 2, 4-6)`.
fn spans(lines: &[u64]) -> String {
    let mut lines = lines.to_vec();
    lines.sort_unstable();
    let mut spans: Vec<(u64, u64)> = Vec::new();
    for line in lines {
        match spans.last_mut() {
            Some((_, last)) if *last + 1 == line => *last = line,
            _ => spans.push((line, line)),
        }
    }
    if spans.is_empty() || spans.len() > MAX_NAMED_LINES {
        return String::new();
    }
    let span = |(first, last): &(u64, u64)| {
        if first == last { first.to_string() } else { format!("{first}-{last}") }
    };
    format!(" (lines {})", spans.iter().map(span).collect::<Vec<_>>().join(", "))
}

/// What has changed of a product, in lines: of the product first, then of each variant.
fn told(done: &Written) -> Vec<(Option<usize>, String)> {
    let goods = &done.plan.after;
    let known = goods.sku.as_ref().map_or_else(|| goods.name.clone(), |sku| format!("{sku} {}", goods.name));
    let mut lines: Vec<(Option<usize>, Option<String>, Vec<String>)> = Vec::new();
    for change in &done.plan.changes {
        let words = match change.what {
            What::Added => "new".to_owned(),
            What::OnSale => "on sale again".to_owned(),
            What::Price { from: Some(from), to } => format!("price {} -> {}", from.whole(), to.whole()),
            What::Price { from: None, to } => format!("price {}", to.whole()),
            What::Stock { from, to } => format!("stock {from} -> {to}"),
            What::Detail(column) => column.to_owned(),
        };
        match lines.iter_mut().find(|(of, variant, _)| *of == change.of && *variant == change.variant) {
            Some((_, _, said)) => said.push(words),
            None => lines.push((change.of, change.variant.clone(), vec![words])),
        }
    }
    let said = lines.into_iter().map(|(of, variant, words)| {
        let variant = variant.map(|name| format!(", {name}")).unwrap_or_default();
        (of, format!("{known}{variant}: {}", words.join(", ")))
    });
    said.collect()
}

/// Changes one product, and says from what to what.
async fn set(
    pool: &PgPool,
    clock: &Clock,
    shop: &Shop,
    named: &str,
    variant: Option<&str>,
    change: impl FnOnce(&mut Draft),
) -> Result<(), Failure> {
    let mut transaction = pool.begin().await.map_err(database)?;
    let shop = find(&mut transaction, shop.store.as_deref()).await?;
    let catalog = store::catalog::load(&mut transaction, &shop.id).await.map_err(database)?;
    let found = |is: &dyn Fn(&Product) -> bool| catalog.products.iter().find(|product| is(product));
    let code = |product: &Product| product.sku.clone().unwrap_or_default();
    let by_code = || found(&|product| code(product).to_lowercase() == named.to_lowercase());
    let by_name = || found(&|product| name_key(&product.name.id) == name_key(named));
    let exact = found(&|product| code(product) == named);
    let product = exact.or_else(by_code).or_else(by_name).ok_or_else(|| {
        Failure::new(format!(
            "{} sells nothing with the code or the name {named:?}; `warung product list` shows what it sells",
            shop.slug
        ))
    })?;
    let mut draft = Draft { id: Some(product.id.clone()), ..Draft::default() };
    if let Some(name) = variant {
        draft.variants.push(VariantDraft { name: Some(name.to_owned()), ..VariantDraft::default() });
    }
    change(&mut draft);
    let writer = Writer::of(Door::Command);
    let drafts = std::slice::from_ref(&draft);
    let written = store::goods::write(&mut transaction, clock, &shop.id, drafts, writer, clock.now())
        .await
        .map_err(database)?;
    let written = written.map_err(|refused| {
        let rules: Vec<String> = refused.iter().map(|it| explain(product, &it.refusal)).collect();
        Failure::new(format!("{named}: {}", rules.join("; ")))
    })?;
    transaction.commit().await.map_err(database)?;
    for done in &written {
        for (_, line) in told(done) {
            say!("{line}");
        }
        if done.plan.changes.is_empty() {
            say!("{named}: nothing to change, it is so already");
        }
    }
    Ok(())
}

/// A rule, with the variants that there are where it is about them.
fn explain(product: &Product, refusal: &Refusal) -> String {
    match refusal.rule {
        Rule::HasVariants | Rule::NoVariant if !product.variants.is_empty() => {
            let names: Vec<&str> = product.variants.iter().map(|variant| variant.name.id.as_str()).collect();
            format!("name one of its variants with --variant: {}", names.join(", "))
        }
        Rule::NoVariant => "it has no variants; leave --variant out".to_owned(),
        _ => format!("{} {}", refusal.column, refusal.rule),
    }
}
