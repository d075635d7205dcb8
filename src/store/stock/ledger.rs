//! The ledger of movements: every change of stock is a row, and stock is always the sum of its rows.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::Shelf;
use crate::clock::Clock;
use crate::domain::ids::{ProductId, VariantId};

/// A change of stock.
#[derive(Debug, Clone)]
pub struct Change {
    /// The product.
    pub product: ProductId,
    /// The variant, where the product has any.
    pub variant: Option<VariantId>,
    /// Pieces, negative when they leave.
    pub by: i64,
}

/// Why stock changes.
#[derive(Debug, Clone, Copy)]
pub struct Cause<'a> {
    /// `inbound`, `outbound`, `adjustment` or `return`.
    pub kind: &'a str,
    /// `order` or `adjustment`.
    pub reference_type: &'a str,
    /// The id of the order or of the person.
    pub reference: &'a str,
    /// A word for people who read the ledger.
    pub reason: &'a str,
}

/// A row of the ledger to be written.
struct Entry {
    product: String,
    variant: Option<String>,
    opening: bool,
    quantity: i64,
    before: i64,
    after: i64,
}

/// Moves stock of locked shelves and writes the ledger. A stock that its ledger does not explain, because another
/// program wrote it, first gets an `adjustment` that does. The shelves are brought up to date. Lines of a variant or
/// product that is gone are left out: there is no stock to move.
///
/// # Errors
/// [`sqlx::Error`] when the database fails, or a stock would leave the range of its column.
pub async fn apply(
    connection: &mut PgConnection,
    clock: &Clock,
    shelves: &mut [Shelf],
    changes: &[Change],
    cause: Cause<'_>,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let ledger = last_balances(connection, shelves).await?;
    let mut entries = Vec::new();
    let mut opened = BTreeSet::new();
    for change in changes {
        let Some(shelf) = shelves.iter_mut().find(|shelf| shelf.product == change.product) else { continue };
        let key = (
            change.product.as_str().to_owned(),
            change.variant.as_ref().map(|id| id.as_str().to_owned()).unwrap_or_default(),
        );
        let stock = match &change.variant {
            Some(id) => shelf.variants.iter_mut().find(|variant| &variant.id == id).map(|it| &mut it.stock),
            None if shelf.variants.is_empty() => Some(&mut shelf.stock),
            None => None,
        };
        let Some(stock) = stock else { continue };
        let before = i64::from(*stock);
        let after = before + change.by;
        *stock = i32::try_from(after).map_err(|_| out_of_range(&key.0))?;
        let variant = change.variant.as_ref().map(|id| id.as_str().to_owned());
        let known = ledger.get(&key).copied();
        if opened.insert(key.clone()) && known != Some(before) {
            let from = known.unwrap_or(0);
            entries.push(Entry {
                product: key.0.clone(),
                variant: variant.clone(),
                opening: true,
                quantity: before - from,
                before: from,
                after: before,
            });
        }
        entries.push(Entry { product: key.0, variant, opening: false, quantity: change.by, before, after });
        if !shelf.variants.is_empty() {
            shelf.stock = shelf.variants.iter().fold(0_i32, |sum, it| sum.saturating_add(it.stock));
        }
    }
    write_ledger(connection, clock, &entries, cause, now).await?;
    write_stock(connection, shelves, now).await
}

/// Gives stock that has no history its first row, so that it equals the sum of its movements from then on: what another
/// program has put on the shelf. Returns the rows that were written.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn explain(
    connection: &mut PgConnection,
    clock: &Clock,
    shelves: &[Shelf],
    now: DateTime<Utc>,
) -> Result<u64, sqlx::Error> {
    let ledger = last_balances(connection, shelves).await?;
    let mut entries = Vec::new();
    for shelf in shelves {
        let mut open = |variant: Option<&VariantId>, stock: i32| {
            let product = shelf.product.as_str().to_owned();
            let variant = variant.map(|id| id.as_str().to_owned());
            let key = (product.clone(), variant.clone().unwrap_or_default());
            if stock != 0 && !ledger.contains_key(&key) {
                let stock = i64::from(stock);
                entries.push(Entry {
                    product,
                    variant,
                    opening: true,
                    quantity: stock,
                    before: 0,
                    after: stock,
                });
            }
        };
        if shelf.variants.is_empty() {
            open(None, shelf.stock);
        }
        for variant in &shelf.variants {
            open(Some(&variant.id), variant.stock);
        }
    }
    let cause = Cause { kind: "adjustment", reference_type: "adjustment", reference: "", reason: "" };
    write_ledger(connection, clock, &entries, cause, now).await?;
    Ok(u64::try_from(entries.len()).unwrap_or(u64::MAX))
}

fn out_of_range(product: &str) -> sqlx::Error {
    sqlx::Error::Protocol(format!("the stock of product {product} would leave the range of its column"))
}

/// What the ledger says of each shelf and variant: `stock_after` of its last row.
async fn last_balances(
    connection: &mut PgConnection,
    shelves: &[Shelf],
) -> Result<BTreeMap<(String, String), i64>, sqlx::Error> {
    let mut products = Vec::new();
    let mut variants = Vec::new();
    for shelf in shelves {
        if shelf.variants.is_empty() {
            products.push(shelf.product.as_str().to_owned());
            variants.push(String::new());
        }
        for variant in &shelf.variants {
            products.push(shelf.product.as_str().to_owned());
            variants.push(variant.id.as_str().to_owned());
        }
    }
    let rows = sqlx::query!(
        r#"select k.product_id as "product_id!", k.variant_id as "variant_id!", m.stock_after
           from unnest($1::text[], $2::text[]) as k (product_id, variant_id)
           cross join lateral (
             select stock_after from inventory_movements
             where product_id = k.product_id and coalesce(variant_id, '') = k.variant_id
             order by position desc limit 1
           ) m"#,
        &products,
        &variants,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| Some(((row.product_id, row.variant_id), i64::from(row.stock_after?))))
        .collect())
}

async fn write_ledger(
    connection: &mut PgConnection,
    clock: &Clock,
    entries: &[Entry],
    cause: Cause<'_>,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let ids: Vec<String> = entries.iter().map(|_| clock.id()).collect();
    let products: Vec<String> = entries.iter().map(|entry| entry.product.clone()).collect();
    let variants: Vec<Option<String>> = entries.iter().map(|entry| entry.variant.clone()).collect();
    let openings: Vec<bool> = entries.iter().map(|entry| entry.opening).collect();
    let quantities: Vec<i64> = entries.iter().map(|entry| entry.quantity).collect();
    let befores: Vec<i64> = entries.iter().map(|entry| entry.before).collect();
    let afters: Vec<i64> = entries.iter().map(|entry| entry.after).collect();
    sqlx::query!(
        "insert into inventory_movements
           (id, product_id, variant_id, type, quantity, reference_type, reference_id, reason,
            stock_before, stock_after, created_at)
         select e.id, e.product_id, e.variant_id,
           case when e.opening then 'adjustment' else $8 end,
           e.quantity::integer,
           case when e.opening then 'adjustment' else $9 end,
           case when e.opening then null else $10 end,
           case when e.opening then 'written by another program' else $11 end,
           e.before::integer, e.after::integer, $12
         from unnest($1::text[], $2::text[], $3::text[], $4::boolean[], $5::bigint[], $6::bigint[], $7::bigint[])
           with ordinality as e (id, product_id, variant_id, opening, quantity, before, after, place)
         order by e.place",
        &ids,
        &products,
        &variants as &[Option<String>],
        &openings,
        &quantities,
        &befores,
        &afters,
        cause.kind,
        cause.reference_type,
        cause.reference,
        cause.reason,
        now.naive_utc(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

async fn write_stock(
    connection: &mut PgConnection,
    shelves: &[Shelf],
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let products: Vec<String> = shelves.iter().map(|shelf| shelf.product.as_str().to_owned()).collect();
    let stocks: Vec<i32> = shelves.iter().map(|shelf| shelf.stock).collect();
    sqlx::query!(
        "update products set stock = s.stock, updated_at = $3
         from unnest($1::text[], $2::integer[]) as s (id, stock)
         where products.id = s.id and products.stock <> s.stock",
        &products,
        &stocks,
        now.naive_utc(),
    )
    .execute(&mut *connection)
    .await?;
    let variants = || shelves.iter().flat_map(|shelf| shelf.variants.iter());
    let ids: Vec<String> = variants().map(|variant| variant.id.as_str().to_owned()).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let stocks: Vec<i32> = variants().map(|variant| variant.stock).collect();
    sqlx::query!(
        "update product_variants set stock = s.stock, updated_at = $3
         from unnest($1::text[], $2::integer[]) as s (id, stock)
         where product_variants.id = s.id and product_variants.stock <> s.stock",
        &ids,
        &stocks,
        now.naive_utc(),
    )
    .execute(connection)
    .await?;
    Ok(())
}
