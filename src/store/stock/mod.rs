//! Stock: shelves under lock, holds for unpaid orders, and the ledger of movements that stock always equals.
//!
//! Everything that takes or gives stock goes through [`lock`] first: products by id, then variants by id, so that two
//! orders never wait for each other crosswise, and what is free is computed after the locks are held.

mod ledger;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::clock::Clock;
use crate::domain::customer::Localized;
use crate::domain::ids::{OrderId, ProductId, StoreId, VariantId};
use crate::domain::money::Rupiah;

pub use ledger::{Cause, Change, apply, explain};

/// A product under lock, with its variants.
#[derive(Debug, Clone)]
pub struct Shelf {
    /// The product.
    pub product: ProductId,
    /// Its name.
    pub name: Localized,
    /// Whether it is for sale.
    pub active: bool,
    /// Its price; nothing when the column holds no amount.
    pub price: Option<Rupiah>,
    /// Pieces; the sum over the variants where it has any.
    pub stock: i32,
    /// Pieces held for unpaid orders, over all variants.
    pub held: i64,
    /// At this many pieces the owner is warned.
    pub reorder_level: i32,
    /// Its variants.
    pub variants: Vec<ShelfVariant>,
}

/// A variant under lock.
#[derive(Debug, Clone)]
pub struct ShelfVariant {
    /// The variant.
    pub id: VariantId,
    /// Its name.
    pub name: Localized,
    /// Its own price, where it has one.
    pub price: Option<Rupiah>,
    /// Pieces.
    pub stock: i32,
    /// Pieces held for unpaid orders.
    pub held: i64,
}

impl Shelf {
    /// The variant with an id.
    pub fn variant(&self, id: &VariantId) -> Option<&ShelfVariant> {
        self.variants.iter().find(|variant| &variant.id == id)
    }

    /// Whether a line of this product is complete: it names one of the variants, or there are none to name.
    fn fits(&self, variant: Option<&VariantId>) -> bool {
        match variant {
            Some(id) => self.variant(id).is_some(),
            None => self.variants.is_empty(),
        }
    }

    /// Pieces on the shelf of the product or of one variant, held ones included.
    pub fn pieces(&self, variant: Option<&VariantId>) -> i64 {
        match variant {
            None => i64::from(self.stock),
            Some(id) => self.variant(id).map_or(0, |variant| i64::from(variant.stock)),
        }
    }

    /// Pieces that may still be taken of the product or of one variant, never negative.
    pub fn free(&self, variant: Option<&VariantId>) -> u32 {
        let (stock, held) = match variant.map(|id| self.variant(id)) {
            None if self.variants.is_empty() => (i64::from(self.stock), self.held),
            Some(Some(variant)) => (i64::from(variant.stock), variant.held),
            _ => return 0,
        };
        u32::try_from(stock - held).unwrap_or(0)
    }

    /// The price of one piece, where the line is complete and the product for sale.
    pub fn price_of(&self, variant: Option<&VariantId>) -> Option<Rupiah> {
        if !self.active || !self.fits(variant) {
            return None;
        }
        variant.and_then(|id| self.variant(id)).and_then(|variant| variant.price).or(self.price)
    }

    /// The name with the variant's.
    pub fn full_name(&self, variant: Option<&VariantId>) -> Localized {
        let Some(variant) = variant.and_then(|id| self.variant(id)) else { return self.name.clone() };
        let en = (self.name.en.is_some() || variant.name.en.is_some()).then(|| {
            let english = |name: &Localized| name.en.clone().unwrap_or_else(|| name.id.clone());
            format!("{} {}", english(&self.name), english(&variant.name))
        });
        Localized { id: format!("{} {}", self.name.id, variant.name.id), en }
    }
}

/// Locks products of a shop with their variants until the transaction ends, and reads them as they are then.
/// Products that are not the shop's are left out.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn lock(
    connection: &mut PgConnection,
    store: &StoreId,
    products: &[ProductId],
) -> Result<Vec<Shelf>, sqlx::Error> {
    let ids: Vec<String> = products.iter().map(|id| id.as_str().to_owned()).collect();
    let rows = sqlx::query!(
        "select id, name, status, price, stock, reorder_level, metadata from products
         where id = any($1) and store_id = $2
         order by id for no key update",
        &ids,
        store.as_str(),
    )
    .fetch_all(&mut *connection)
    .await?;
    let mut shelves: BTreeMap<String, Shelf> = rows
        .into_iter()
        .map(|row| {
            let shelf = Shelf {
                product: row.id.as_str().into(),
                name: super::catalog::localized(row.name, row.metadata.as_ref()),
                active: row.status.is_none_or(|status| status == "active"),
                price: Rupiah::try_from(row.price).ok(),
                stock: row.stock,
                held: 0,
                reorder_level: row.reorder_level.unwrap_or(0),
                variants: Vec::new(),
            };
            (row.id, shelf)
        })
        .collect();
    lock_variants(connection, &ids, &mut shelves).await?;
    read_holds(connection, &ids, &mut shelves).await?;
    Ok(shelves.into_values().collect())
}

async fn lock_variants(
    connection: &mut PgConnection,
    products: &[String],
    shelves: &mut BTreeMap<String, Shelf>,
) -> Result<(), sqlx::Error> {
    let rows = sqlx::query!(
        "select id, product_id, name, price, stock, attributes from product_variants
         where product_id = any($1)
         order by id for no key update",
        products,
    )
    .fetch_all(connection)
    .await?;
    for row in rows {
        let Some(shelf) = shelves.get_mut(&row.product_id) else { continue };
        shelf.variants.push(ShelfVariant {
            id: row.id.into(),
            name: super::catalog::localized(row.name, row.attributes.as_ref()),
            price: row.price.and_then(|price| Rupiah::try_from(price).ok()),
            stock: row.stock,
            held: 0,
        });
    }
    Ok(())
}

/// A statement of its own: one that locked and summed at once would sum what stood before the lock.
async fn read_holds(
    connection: &mut PgConnection,
    products: &[String],
    shelves: &mut BTreeMap<String, Shelf>,
) -> Result<(), sqlx::Error> {
    let rows = sqlx::query!(
        r#"select product_id, variant_id, sum(quantity) as "held!" from inventory_reservations
           where product_id = any($1) and status = 'reserved'
           group by product_id, variant_id"#,
        products,
    )
    .fetch_all(connection)
    .await?;
    for row in rows {
        let Some(shelf) = shelves.get_mut(&row.product_id) else { continue };
        shelf.held += row.held;
        let variant =
            row.variant_id.and_then(|id| shelf.variants.iter_mut().find(|variant| variant.id.as_str() == id));
        if let Some(variant) = variant {
            variant.held += row.held;
        }
    }
    Ok(())
}

/// Pieces of one product or variant, for holds and movements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pieces {
    /// The product.
    pub product: ProductId,
    /// The variant, where the product has any.
    pub variant: Option<VariantId>,
    /// How many.
    pub quantity: u32,
}

/// Holds pieces for an order. The caller has locked the shelves and found that they are free.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn hold(
    connection: &mut PgConnection,
    clock: &Clock,
    order: &OrderId,
    pieces: &[Pieces],
    expires_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let ids: Vec<String> = pieces.iter().map(|_| clock.id()).collect();
    let products: Vec<String> = pieces.iter().map(|piece| piece.product.as_str().to_owned()).collect();
    let variants: Vec<Option<String>> =
        pieces.iter().map(|piece| piece.variant.as_ref().map(|id| id.as_str().to_owned())).collect();
    let quantities: Vec<i32> = pieces.iter().map(|piece| column(piece.quantity)).collect();
    sqlx::query!(
        "insert into inventory_reservations
           (id, order_id, product_id, variant_id, quantity, status, created_at, expires_at)
         select h.id, $5, h.product_id, h.variant_id, h.quantity, 'reserved', $6, $7
         from unnest($1::text[], $2::text[], $3::text[], $4::integer[])
           as h (id, product_id, variant_id, quantity)",
        &ids,
        &products,
        &variants as &[Option<String>],
        &quantities,
        order.as_str(),
        now.naive_utc(),
        expires_at.naive_utc(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Lets the live holds of an order go. Returns whether there were any.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn release(
    connection: &mut PgConnection,
    order: &OrderId,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "update inventory_reservations set status = 'released', released_at = $2
         where order_id = $1 and status = 'reserved'",
        order.as_str(),
        now.naive_utc(),
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Turns the live holds of an order into a sale. Returns what was held; the caller moves it out of stock.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn commit(
    connection: &mut PgConnection,
    order: &OrderId,
    now: DateTime<Utc>,
) -> Result<Vec<Pieces>, sqlx::Error> {
    let rows = sqlx::query!(
        "update inventory_reservations set status = 'committed', committed_at = $2
         where order_id = $1 and status = 'reserved'
         returning product_id, variant_id, quantity",
        order.as_str(),
        now.naive_utc(),
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| pieces(row.product_id, row.variant_id, row.quantity)).collect())
}

/// The pieces that an order holds now.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn held(connection: &mut PgConnection, order: &OrderId) -> Result<Vec<Pieces>, sqlx::Error> {
    let rows = sqlx::query!(
        "select product_id, variant_id, quantity from inventory_reservations
         where order_id = $1 and status = 'reserved' order by product_id, variant_id",
        order.as_str(),
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| pieces(row.product_id, row.variant_id, row.quantity)).collect())
}

/// The pieces that an order has taken out of stock and not given back.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn taken(connection: &mut PgConnection, order: &OrderId) -> Result<Vec<Pieces>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select product_id, variant_id, -sum(quantity) as "quantity!" from inventory_movements
           where reference_type = 'order' and reference_id = $1 and type in ('outbound', 'return')
           group by product_id, variant_id
           having sum(quantity) < 0
           order by product_id, variant_id"#,
        order.as_str(),
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| pieces(row.product_id, row.variant_id, i32::try_from(row.quantity).unwrap_or(i32::MAX)))
        .collect())
}

fn pieces(product: String, variant: Option<String>, quantity: i32) -> Pieces {
    Pieces {
        product: product.into(),
        variant: variant.map(VariantId::from),
        quantity: u32::try_from(quantity).unwrap_or(0),
    }
}

fn column(quantity: u32) -> i32 {
    i32::try_from(quantity).unwrap_or(i32::MAX)
}
