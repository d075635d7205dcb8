//! Writing what was planned: rows, then movements, then the trail.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};
use sqlx::PgConnection;

use super::{Case, Writer, Written};
use crate::clock::Clock;
use crate::domain::goods::{Change, Details, Goods, Variant, What};
use crate::domain::ids::{ProductId, StoreId, VariantId};
use crate::store::audit;
use crate::store::stock::{self, Cause};

/// The event of a price that was changed.
pub(super) const PRICE_CHANGED: &str = "product:price_changed";
/// The event of a stock that was counted.
pub(super) const ADJUSTED: &str = "inventory:adjusted";

pub(super) async fn apply(
    connection: &mut PgConnection,
    clock: &Clock,
    store: &StoreId,
    mut cases: Vec<Case<'_>>,
    writer: Writer<'_>,
    now: DateTime<Utc>,
) -> Result<Vec<Written>, sqlx::Error> {
    let mut categories = HashMap::new();
    for case in &mut cases {
        if case.plan.changes.is_empty() {
            continue;
        }
        let category = category(connection, clock, store, case, &mut categories, now).await?;
        write_product(connection, store, case, category, now).await?;
    }
    clear(connection, clock, store, &cases, writer, now).await?;
    for case in &mut cases {
        let before = case.plan.before.as_ref().map(|before| before.variants.clone()).unwrap_or_default();
        let product = case.product.clone();
        for variant in &mut case.plan.after.variants {
            let old = before.iter().find(|old| variant.id.is_some() && old.id == variant.id);
            write_variant(connection, clock, &product, old, variant, now).await?;
        }
    }
    move_stock(connection, clock, store, &cases, writer, now).await?;
    tell(connection, clock, cases, writer, now).await
}

/// The category that a product moves to, made where the shop has none of that name.
async fn category(
    connection: &mut PgConnection,
    clock: &Clock,
    store: &StoreId,
    case: &Case<'_>,
    known: &mut HashMap<String, String>,
    now: DateTime<Utc>,
) -> Result<Option<String>, sqlx::Error> {
    let before = case.plan.before.as_ref().and_then(|before| before.details.category.as_ref());
    let Some(name) = case.plan.after.details.category.as_ref().filter(|name| before != Some(*name)) else {
        return Ok(None);
    };
    if let Some(id) = known.get(&name.to_lowercase()) {
        return Ok(Some(id.clone()));
    }
    let found = sqlx::query_scalar!(
        "select id from categories where store_id = $1 and lower(name) = lower($2) order by position, id limit 1",
        store.as_str(),
        name,
    )
    .fetch_optional(&mut *connection)
    .await?;
    let id = match found {
        Some(id) => id,
        None => {
            sqlx::query_scalar!(
                "insert into categories (id, store_id, name, position, created_at)
                 values ($1, $2, $3, (select coalesce(max(position) + 1, 0) from categories where store_id = $2), $4)
                 returning id",
                clock.id(),
                store.as_str(),
                name,
                now.naive_utc(),
            )
            .fetch_one(connection)
            .await?
        }
    };
    known.insert(name.to_lowercase(), id.clone());
    Ok(Some(id))
}

/// The texts beside the columns that differ.
fn texts(before: Option<&Goods>, goods: &Goods) -> Value {
    let mut texts = Map::new();
    let none = Details::default();
    let (old, new) = (before.map_or(&none, |before| &before.details), &goods.details);
    if old.name_en != new.name_en {
        texts.insert("names".to_owned(), json!({ "en": new.name_en }));
    }
    if old.description_en != new.description_en {
        texts.insert("descriptions".to_owned(), json!({ "en": new.description_en }));
    }
    if old.aliases != new.aliases {
        texts.insert("aliases".to_owned(), json!(new.aliases));
    }
    if old.position != new.position {
        texts.insert("position".to_owned(), json!(new.position));
    }
    Value::Object(texts)
}

async fn write_product(
    connection: &mut PgConnection,
    store: &StoreId,
    case: &Case<'_>,
    category: Option<String>,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let (goods, details) = (&case.plan.after, &case.plan.after.details);
    let price = goods.price.unwrap_or_default().column();
    let texts = texts(case.plan.before.as_ref(), goods);
    if case.plan.before.is_some() {
        sqlx::query!(
            "update products set name = $2, price = case when $3 then $4 else price end, description = coalesce($5, description),
               cost_price = coalesce($6, cost_price), reorder_level = coalesce($7, reorder_level),
               category_id = coalesce($8, category_id), image_url = coalesce($9, image_url),
               has_variants = has_variants or $10, status = case when $11 then 'active' else status end,
               metadata = case
                 when $12::jsonb = '{}' then metadata
                 when jsonb_typeof(metadata) = 'object' then metadata || $12::jsonb
                 else $12::jsonb
               end,
               sku = coalesce(sku, $13), updated_at = $14
             where id = $1",
            case.product.as_str(),
            goods.name,
            goods.price.is_some(),
            price,
            details.description,
            details.cost,
            details.reorder_level,
            category,
            details.image,
            !goods.variants.is_empty(),
            goods.is_active,
            texts,
            goods.sku,
            now.naive_utc(),
        )
        .execute(connection)
        .await?;
    } else {
        sqlx::query!(
            "insert into products (id, store_id, sku, name, price, description, cost_price, reorder_level, category_id, image_url,
               has_variants, metadata, created_at, updated_at)
             values ($1, $2, $3, $4, $5, $6, $7, coalesce($8, 10), $9, $10, $11, $12, $13, $13)",
            case.product.as_str(),
            store.as_str(),
            goods.sku,
            goods.name,
            price,
            details.description,
            details.cost,
            details.reorder_level,
            category,
            details.image,
            !goods.variants.is_empty(),
            texts,
            now.naive_utc(),
        )
        .execute(connection)
        .await?;
    }
    Ok(())
}

async fn write_variant(
    connection: &mut PgConnection,
    clock: &Clock,
    product: &ProductId,
    old: Option<&Variant>,
    variant: &mut Variant,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let price = variant.price.map(|price| price.column());
    let mut texts = Map::new();
    if let Some(name) = &variant.name_en {
        texts.insert("names".to_owned(), json!({ "en": name }));
    }
    if let Some(position) = variant.position {
        texts.insert("position".to_owned(), json!(position));
    }
    let texts = Value::Object(texts);
    match old {
        Some(old) if old.price == variant.price && old.name_en == variant.name_en => {}
        Some(_) => {
            sqlx::query!(
                "update product_variants set price = $2,
                   attributes = case when jsonb_typeof(attributes) = 'object' then attributes else '{}' end || $3::jsonb,
                   updated_at = $4
                 where id = $1",
                variant.id.as_ref().map(VariantId::as_str),
                price,
                texts,
                now.naive_utc(),
            )
            .execute(connection)
            .await?;
        }
        None => {
            let id = variant.id.clone().unwrap_or_else(|| clock.id().into());
            sqlx::query!(
                "insert into product_variants (id, product_id, name, sku, price, attributes, created_at, updated_at)
                 values ($1, $2, $3, $4, $5, $6, $7, $7)",
                id.as_str(),
                product.as_str(),
                variant.name,
                variant.sku,
                price,
                texts,
                now.naive_utc(),
            )
            .execute(connection)
            .await?;
            variant.id = Some(id);
        }
    }
    Ok(())
}

fn cause<'a>(writer: &Writer<'a>, is_new: bool, reason: &'a str) -> Cause<'a> {
    Cause {
        kind: if is_new { "inbound" } else { "adjustment" },
        reference_type: "adjustment",
        reference: writer.user.map_or(writer.door.code(), |user| user.as_str()),
        reason,
    }
}

/// Takes the pieces of plain products that get variants out of the ledger of the plain product, while it is one: they
/// come back as pieces of the variants.
async fn clear(
    connection: &mut PgConnection,
    clock: &Clock,
    store: &StoreId,
    cases: &[Case<'_>],
    writer: Writer<'_>,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let split: Vec<ProductId> = cases
        .iter()
        .filter(|case| !case.plan.after.variants.is_empty())
        .filter(|case| {
            case.plan.before.as_ref().is_some_and(|before| before.variants.is_empty() && before.stock != 0)
        })
        .map(|case| case.product.clone())
        .collect();
    if split.is_empty() {
        return Ok(());
    }
    let mut shelves = stock::lock(connection, store, &split).await?;
    let changes: Vec<stock::Change> = shelves
        .iter()
        .map(|shelf| stock::Change {
            product: shelf.product.clone(),
            variant: None,
            by: -i64::from(shelf.stock),
        })
        .collect();
    let cause = cause(&writer, false, "split into variants");
    stock::apply(connection, clock, &mut shelves, &changes, cause, now).await
}

/// Moves every stock to what was planned.
async fn move_stock(
    connection: &mut PgConnection,
    clock: &Clock,
    store: &StoreId,
    cases: &[Case<'_>],
    writer: Writer<'_>,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    for is_new in [true, false] {
        let some = |case: &&Case<'_>| case.plan.before.is_none() == is_new && !case.plan.changes.is_empty();
        let products: Vec<ProductId> = cases.iter().filter(some).map(|case| case.product.clone()).collect();
        if products.is_empty() {
            continue;
        }
        let mut shelves = stock::lock(connection, store, &products).await?;
        let mut changes = Vec::new();
        for case in cases.iter().filter(some) {
            let Some(shelf) = shelves.iter().find(|shelf| shelf.product == case.product) else { continue };
            let goods = &case.plan.after;
            let mut change = |variant: Option<VariantId>, by: i64| {
                if by != 0 {
                    changes.push(stock::Change { product: case.product.clone(), variant, by });
                }
            };
            if goods.variants.is_empty() {
                change(None, goods.stock - i64::from(shelf.stock));
            }
            for variant in &goods.variants {
                let there = variant.id.as_ref().and_then(|id| shelf.variant(id));
                if let Some(there) = there {
                    change(variant.id.clone(), variant.stock - i64::from(there.stock));
                }
            }
        }
        let reason = if is_new { "opening stock" } else { "counted" };
        stock::apply(connection, clock, &mut shelves, &changes, cause(&writer, is_new, reason), now).await?;
    }
    Ok(())
}

/// Leaves the trail.
async fn tell(
    connection: &mut PgConnection,
    clock: &Clock,
    cases: Vec<Case<'_>>,
    writer: Writer<'_>,
    now: DateTime<Utc>,
) -> Result<Vec<Written>, sqlx::Error> {
    let (mut events, mut written) = (Vec::new(), Vec::new());
    for case in cases {
        let mut last = None;
        for (name, payload) in told(&case, writer) {
            let id = clock.id();
            if matches!(name, PRICE_CHANGED | ADJUSTED) {
                last = Some(id.clone());
            }
            events.push(audit::Row {
                id,
                name,
                entity: "product",
                of: case.product.as_str().to_owned(),
                payload,
            });
        }
        written.push(Written { product: case.product, plan: case.plan, event: last });
    }
    audit::insert_all(connection, &events, writer.user, now).await?;
    Ok(written)
}

/// The events of one product.
fn told(case: &Case<'_>, writer: Writer<'_>) -> Vec<(&'static str, Value)> {
    let door = writer.door.code();
    let changes = &case.plan.changes;
    let id_of = |change: &Change| {
        let name = change.variant.as_ref()?;
        let variant = case.plan.after.variants.iter().find(|variant| &variant.name == name)?;
        variant.id.as_ref().map(VariantId::as_str)
    };
    let with = |mut payload: Value| {
        if let (Some(undoes), Value::Object(payload)) = (writer.undoes, &mut payload) {
            payload.insert("undoes".to_owned(), json!(undoes));
        }
        payload
    };
    let mut events = Vec::new();
    if case.plan.before.is_none() {
        let (price, stock) = (case.plan.after.price.map(|price| price.whole()), case.plan.after.stock);
        events.push(("product:added", with(json!({ "price": price, "stock": stock, "door": door }))));
        return events;
    }
    let columns: Vec<&str> = changes
        .iter()
        .filter_map(|change| match change.what {
            What::Detail(column) => Some(column),
            What::OnSale => Some("status"),
            What::Added => Some("variant"),
            What::Price { .. } | What::Stock { .. } => None,
        })
        .collect();
    if !columns.is_empty() {
        events.push(("product:changed", with(json!({ "columns": columns, "door": door }))));
    }
    let prices: Vec<Value> = changes
        .iter()
        .filter_map(|change| match change.what {
            What::Price { from, to } => Some(
                json!({ "variant": id_of(change), "from": from.map(|from| from.whole()), "to": to.whole() }),
            ),
            _ => None,
        })
        .collect();
    if !prices.is_empty() {
        events.push((PRICE_CHANGED, with(json!({ "changes": prices, "door": door }))));
    }
    for change in changes {
        if let What::Stock { from, to } = change.what {
            let payload = json!({ "variant": id_of(change), "from": from, "to": to, "door": door });
            events.push((ADJUSTED, with(payload)));
        }
    }
    events
}
