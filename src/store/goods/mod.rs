//! The one way by which products, prices and stock are written: a chat of the shop, a command, a sheet, the demo's seed
//! and scripts all come through [`write()`]. It locks what is spoken of, lets `domain::goods` plan, and writes rows, movements and
//! the trail in `event_audit_log`, or nothing at all.

mod apply;
mod rows;
mod take_back;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::stock::{self, Shelf};
use crate::clock::Clock;
use crate::domain::goods::{Draft, Goods, Plan, Refusal, Rule, Variant, plan};
use crate::domain::ids::{ProductId, StoreId, UserId};

pub use take_back::{MINUTES as UNDO_MINUTES, Undone, take_back};

/// Who writes, and through which door.
#[derive(Debug, Clone, Copy)]
pub struct Writer<'a> {
    /// The member of staff; nothing where it is an operator or the server.
    pub user: Option<&'a UserId>,
    /// Where they came in.
    pub door: Door,
    /// The event of `event_audit_log` that is taken back by it.
    pub undoes: Option<&'a str>,
}

impl<'a> Writer<'a> {
    /// A member of staff, in their chat.
    pub fn chat(user: Option<&'a UserId>) -> Self {
        Self { user, door: Door::Chat, undoes: None }
    }

    /// Nobody of the shop.
    pub fn of(door: Door) -> Self {
        Self { user: None, door, undoes: None }
    }
}

/// Where a write came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// A chat of the shop's staff.
    Chat,
    /// A command of an operator.
    Command,
    /// A sheet.
    Sheet,
    /// The demo's seed.
    Seed,
    /// A shop of scripted conversations and tests.
    Script,
}

impl Door {
    /// Its name in the trail.
    fn code(self) -> &'static str {
        match self {
            Door::Chat => "chat",
            Door::Command => "operator",
            Door::Sheet => "sheet",
            Door::Seed => "seed",
            Door::Script => "script",
        }
    }
}

/// What a draft came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The product.
    pub product: ProductId,
    /// What it was, is, and what differs.
    pub plan: Plan,
    /// The event of the trail by which it can be taken back, where it can.
    pub event: Option<String>,
}

/// Why a draft was not written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Its place among the drafts.
    pub draft: usize,
    /// The rule.
    pub refusal: Refusal,
}

/// A draft beside the product that it speaks of.
pub(super) struct Case<'a> {
    pub(super) draft: &'a Draft,
    pub(super) product: ProductId,
    pub(super) plan: Plan,
}

/// Writes drafts, each of another product, all of them or none. The caller owns the transaction; where it is refused, nothing
/// has been written.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn write(
    connection: &mut PgConnection,
    clock: &Clock,
    store: &StoreId,
    drafts: &[Draft],
    writer: Writer<'_>,
    now: DateTime<Utc>,
) -> Result<Result<Vec<Written>, Vec<Refused>>, sqlx::Error> {
    if drafts.iter().any(|draft| draft.may_add) {
        // Two sheets that bring the same new product: the second waits, and then finds it there.
        rows::lock_shop(connection, store).await?;
    }
    let found = rows::find(connection, store, drafts).await?;
    let ids: Vec<ProductId> = found.iter().flatten().cloned().collect();
    let goods = load(connection, store, &ids).await?;
    let mut refused = Vec::new();
    let mut cases = Vec::new();
    let mut seen = BTreeSet::new();
    for (place, (draft, id)) in drafts.iter().zip(&found).enumerate() {
        let before = id.as_ref().and_then(|id| goods.get(id.as_str()));
        let twice = id.as_ref().is_some_and(|id| !seen.insert(id.as_str().to_owned()));
        if twice {
            let refusal = Refusal { of: None, column: "sku", rule: Rule::ProductTwice };
            refused.push(Refused { draft: place, refusal });
            continue;
        }
        match plan(before, draft) {
            Ok(plan) => {
                let product = id.clone().or_else(|| draft.id.clone()).unwrap_or_else(|| clock.id().into());
                cases.push(Case { draft, product, plan });
            }
            Err(rules) => {
                refused.extend(rules.into_iter().map(|refusal| Refused { draft: place, refusal }));
            }
        }
    }
    refused.extend(rows::names_taken(connection, store, drafts, &cases).await?);
    if !refused.is_empty() {
        refused.sort_by_key(|refused| (refused.draft, refused.refusal.of));
        return Ok(Err(refused));
    }
    apply::apply(connection, clock, store, cases, writer, now).await.map(Ok)
}

/// Products of a shop as they are, locked until the transaction ends. Those that are not the shop's are left out.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn load(
    connection: &mut PgConnection,
    store: &StoreId,
    products: &[ProductId],
) -> Result<BTreeMap<String, Goods>, sqlx::Error> {
    if products.is_empty() {
        return Ok(BTreeMap::new());
    }
    let shelves = stock::lock(connection, store, products).await?;
    let mut details = rows::details(connection, products).await?;
    let mut positions = rows::positions(connection, products).await?;
    let goods = shelves.into_iter().filter_map(|shelf| {
        let row = details.remove(shelf.product.as_str())?;
        Some((shelf.product.as_str().to_owned(), row.goods(shelf, &mut positions)))
    });
    Ok(goods.collect())
}

/// The most pieces that have lately been on a shelf: what is usual there.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn usual(
    connection: &mut PgConnection,
    product: &ProductId,
    variant: Option<&str>,
) -> Result<i64, sqlx::Error> {
    rows::usual(connection, product, variant).await
}

impl rows::Row {
    fn goods(self, shelf: Shelf, positions: &mut BTreeMap<String, (Option<String>, Option<i32>)>) -> Goods {
        let of_variants: i64 = shelf.variants.iter().map(|variant| variant.held).sum();
        let variants = shelf.variants.into_iter().map(|variant| {
            let (sku, position) = positions.remove(variant.id.as_str()).unwrap_or_default();
            Variant {
                name: variant.name.id,
                name_en: variant.name.en,
                sku,
                price: variant.price,
                stock: i64::from(variant.stock),
                held: variant.held,
                position,
                id: Some(variant.id),
            }
        });
        Goods {
            id: Some(shelf.product),
            sku: self.sku,
            name: shelf.name.id,
            price: shelf.price,
            stock: i64::from(shelf.stock),
            held: shelf.held - of_variants,
            is_active: shelf.active,
            details: self.details,
            variants: variants.collect(),
        }
    }
}
