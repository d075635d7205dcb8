//! Taking a write back, for some minutes after it: a price becomes what it was, a count is undone by its difference, so that
//! what was sold meanwhile stays sold. It is itself a write like any other.

use chrono::{DateTime, Duration, Utc};
use serde::Deserialize;
use sqlx::PgConnection;

use super::apply::{ADJUSTED, PRICE_CHANGED};
use super::{Refused, Writer, Written, write};
use crate::clock::Clock;
use crate::domain::goods::{Count, Draft, Goods, Price, VariantDraft};
use crate::domain::ids::{ProductId, StoreId, UserId, VariantId};
use crate::domain::money::Rupiah;

/// Minutes for which a write can be taken back.
pub const MINUTES: i64 = 10;

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Undone {
    /// It is taken back.
    Done(Box<Written>),
    /// There is nothing to take back.
    Nothing,
    /// It was too long ago.
    Late,
    /// It has been taken back already.
    Already,
    /// Something has changed since, so that the old value would overwrite it.
    Changed,
    /// A rule forbids it now.
    Refused(Vec<Refused>),
}

#[derive(Debug, Deserialize)]
struct PriceWas {
    variant: Option<String>,
    from: Option<i64>,
    to: i64,
}

#[derive(Debug, Deserialize)]
struct PricesWere {
    changes: Vec<PriceWas>,
}

#[derive(Debug, Deserialize)]
struct StockWas {
    variant: Option<String>,
    from: i64,
    to: i64,
}

/// Takes back a write by its event, or without one the last write of the person. The caller owns the transaction.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn take_back(
    connection: &mut PgConnection,
    clock: &Clock,
    store: &StoreId,
    event: Option<&str>,
    user: &UserId,
    now: DateTime<Utc>,
) -> Result<Undone, sqlx::Error> {
    let since = now - Duration::minutes(MINUTES);
    let found = match event {
        Some(event) => Some(event.to_owned()),
        None => {
            sqlx::query_scalar!(
                "select e.id from event_audit_log e join products p on p.id = e.entity_id and p.store_id = $2
             where e.user_id = $1 and e.event_type = any($3) and e.created_at >= $4
             order by e.created_at desc, e.id desc limit 1",
                user.as_str(),
                store.as_str(),
                &[PRICE_CHANGED.to_owned(), ADJUSTED.to_owned()],
                since.naive_utc(),
            )
            .fetch_optional(&mut *connection)
            .await?
        }
    };
    let Some(event) = found else { return Ok(Undone::Nothing) };
    let row = sqlx::query!(
        r#"select event_type, entity_id as "product!", payload, created_at from event_audit_log
           where id = $1 and entity_type = 'product' and entity_id is not null"#,
        event,
    )
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row else { return Ok(Undone::Nothing) };
    if row.created_at.and_utc() < since {
        return Ok(Undone::Late);
    }
    let product = ProductId::from(row.product);
    let mut there = super::load(connection, store, std::slice::from_ref(&product)).await?;
    // The product is locked now: of two who take the same write back, the second finds that it is.
    let Some(goods) = there.remove(product.as_str()) else { return Ok(Undone::Nothing) };
    let already = sqlx::query_scalar!(
        r#"select exists (
             select 1 from event_audit_log
             where entity_type = 'product' and entity_id = $1 and payload ->> 'undoes' = $2
           ) as "already!""#,
        product.as_str(),
        event,
    )
    .fetch_one(&mut *connection)
    .await?;
    if already {
        return Ok(Undone::Already);
    }
    let draft = match row.event_type.as_str() {
        PRICE_CHANGED => prices(&goods, &row.payload),
        ADJUSTED => stock(&goods, &row.payload),
        _ => return Ok(Undone::Nothing),
    };
    let Some(draft) = draft else { return Ok(Undone::Changed) };
    let writer = Writer { undoes: Some(&event), ..Writer::chat(Some(user)) };
    let done = write(connection, clock, store, std::slice::from_ref(&draft), writer, now).await?;
    Ok(match done {
        Ok(written) => written.into_iter().next().map_or(Undone::Nothing, |one| Undone::Done(Box::new(one))),
        Err(refused) => Undone::Refused(refused),
    })
}

/// The old prices, where the new ones still hold.
fn prices(goods: &Goods, payload: &serde_json::Value) -> Option<Draft> {
    let were = PricesWere::deserialize(payload).ok()?;
    let mut draft = Draft { id: goods.id.clone(), is_sure: true, ..Draft::default() };
    for was in were.changes {
        let price = price(was.from?)?;
        let is = match &was.variant {
            None if goods.variants.is_empty() => goods.price,
            None => return None,
            Some(id) => {
                let variant = goods.variants.iter().find(|variant| is(variant.id.as_ref(), id))?;
                variant.price.or(goods.price)
            }
        };
        if is.map(Rupiah::whole) != Some(was.to) {
            return None;
        }
        match was.variant {
            None => draft.price = Some(price),
            Some(id) => {
                let id = Some(VariantId::from(id));
                draft.variants.push(VariantDraft { id, price: Some(price), ..VariantDraft::default() });
            }
        }
    }
    Some(draft)
}

/// A price that was there may be nothing: it is only put back.
fn price(whole: i64) -> Option<Price> {
    let amount = Rupiah::new(whole).ok()?;
    Some(Price::new(amount).unwrap_or(Price::FREE))
}

fn stock(goods: &Goods, payload: &serde_json::Value) -> Option<Draft> {
    let was = StockWas::deserialize(payload).ok()?;
    let count = Some(Count::By(was.from - was.to));
    let mut draft = Draft { id: goods.id.clone(), is_sure: true, ..Draft::default() };
    match was.variant {
        None if goods.variants.is_empty() => draft.stock = count,
        None => return None,
        Some(id) => {
            goods.variants.iter().find(|variant| is(variant.id.as_ref(), &id))?;
            let id = Some(VariantId::from(id));
            draft.variants.push(VariantDraft { id, stock: count, ..VariantDraft::default() });
        }
    }
    Some(draft)
}

fn is(id: Option<&VariantId>, said: &str) -> bool {
    id.is_some_and(|id| id.as_str() == said)
}
