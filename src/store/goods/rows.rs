//! Reading what is there, and finding what drafts speak of.

use std::collections::{BTreeMap, HashMap};

use sqlx::PgConnection;

use super::{Case, Refused};
use crate::domain::goods::{Details, Draft, Refusal, Rule, name_key};
use crate::domain::ids::{ProductId, StoreId};
use crate::store::catalog::texts;

/// Movements of a shelf in which its usual stock is looked for.
const USUAL_MOVEMENTS: i64 = 50;

/// A product's row, beside what a shelf knows.
pub(super) struct Row {
    pub(super) sku: Option<String>,
    pub(super) details: Details,
}

/// Lets one transaction at a time add products to a shop.
pub(super) async fn lock_shop(connection: &mut PgConnection, store: &StoreId) -> Result<(), sqlx::Error> {
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended('goods of ' || $1, 0))", store.as_str())
        .execute(connection)
        .await
        .map(drop)
}

/// The product that each draft speaks of, where it is there: by its id, else by the shop's code, else by its name; what is for
/// sale first.
pub(super) async fn find(
    connection: &mut PgConnection,
    store: &StoreId,
    drafts: &[Draft],
) -> Result<Vec<Option<ProductId>>, sqlx::Error> {
    let ids: Vec<String> =
        drafts.iter().filter_map(|draft| Some(draft.id.as_ref()?.as_str().to_owned())).collect();
    let skus: Vec<String> =
        drafts.iter().filter_map(|draft| Some(draft.sku.as_ref()?.to_lowercase())).collect();
    let name_of = |draft: &Draft| match (&draft.id, &draft.sku, &draft.name) {
        (None, None, Some(name)) => Some(name_key(name)),
        _ => None,
    };
    let names: Vec<String> = drafts.iter().filter_map(name_of).collect();
    let rows = sqlx::query!(
        r#"select id, sku, lower(regexp_replace(name, '[[:space:]]', '', 'g')) as "name!" from products
           where store_id = $1 and (id = any($2) or lower(sku) = any($3)
             or lower(regexp_replace(name, '[[:space:]]', '', 'g')) = any($4))
           order by coalesce(status, 'active') = 'active' desc, created_at, id"#,
        store.as_str(),
        &ids,
        &skus,
        &names,
    )
    .fetch_all(connection)
    .await?;
    let (mut by_sku, mut like_sku, mut by_name) = (HashMap::new(), HashMap::new(), HashMap::new());
    for row in &rows {
        if let Some(sku) = &row.sku {
            by_sku.entry(sku.clone()).or_insert(&row.id);
            // A code in other letters is the same one, where no product has it as it was typed.
            like_sku.entry(sku.to_lowercase()).or_insert(&row.id);
        }
        by_name.entry(row.name.as_str()).or_insert(&row.id);
    }
    let found = drafts.iter().map(|draft| {
        let by_id = draft.id.as_ref().filter(|id| rows.iter().any(|row| row.id == id.as_str()));
        let id = match (by_id, &draft.sku) {
            (Some(id), _) => Some(id.as_str()),
            (None, Some(sku)) => {
                by_sku.get(sku).or_else(|| like_sku.get(&sku.to_lowercase())).map(|id| id.as_str())
            }
            (None, None) => name_of(draft).and_then(|name| by_name.get(name.as_str()).map(|id| id.as_str())),
        };
        id.map(ProductId::from)
    });
    Ok(found.collect())
}

pub(super) async fn details(
    connection: &mut PgConnection,
    products: &[ProductId],
) -> Result<HashMap<String, Row>, sqlx::Error> {
    let ids: Vec<String> = products.iter().map(|id| id.as_str().to_owned()).collect();
    let rows = sqlx::query!(
        r#"select p.id as "id!", p.sku, p.description, p.cost_price, p.reorder_level, p.image_url, p.metadata,
             c.name as "category?"
           from products p left join categories c on c.id = p.category_id and c.store_id = p.store_id
           where p.id = any($1)"#,
        &ids,
    )
    .fetch_all(connection)
    .await?;
    let rows = rows.into_iter().map(|row| {
        let position = position(row.metadata.as_ref());
        let texts = texts(row.metadata.as_ref());
        let details = Details {
            name_en: texts.names.en,
            category: row.category,
            description: row.description,
            description_en: texts.descriptions.en,
            aliases: Some(texts.aliases),
            cost: row.cost_price,
            reorder_level: row.reorder_level,
            image: row.image_url,
            position,
        };
        (row.id, Row { sku: row.sku, details })
    });
    Ok(rows.collect())
}

/// The code and the place of each variant.
pub(super) async fn positions(
    connection: &mut PgConnection,
    products: &[ProductId],
) -> Result<BTreeMap<String, (Option<String>, Option<i32>)>, sqlx::Error> {
    let ids: Vec<String> = products.iter().map(|id| id.as_str().to_owned()).collect();
    let rows =
        sqlx::query!("select id, sku, attributes from product_variants where product_id = any($1)", &ids)
            .fetch_all(connection)
            .await?;
    Ok(rows.into_iter().map(|row| (row.id, (row.sku, position(row.attributes.as_ref())))).collect())
}

fn position(metadata: Option<&serde_json::Value>) -> Option<i32> {
    metadata?.get("position")?.as_i64().and_then(|position| position.try_into().ok())
}

/// Drafts that give a product a name that another product for sale has, in the shop or among the drafts. A name that
/// a product has already stays its own.
pub(super) async fn names_taken(
    connection: &mut PgConnection,
    store: &StoreId,
    drafts: &[Draft],
    cases: &[Case<'_>],
) -> Result<Vec<Refused>, sqlx::Error> {
    let is_new = |case: &&Case<'_>| {
        case.plan.before.as_ref().is_none_or(|before| !is_same(&before.name, &case.plan.after.name))
    };
    let fresh: Vec<&Case<'_>> = cases.iter().filter(is_new).collect();
    if fresh.is_empty() {
        return Ok(Vec::new());
    }
    let names: Vec<String> = fresh.iter().map(|case| name_key(&case.plan.after.name)).collect();
    let written: Vec<String> = cases.iter().map(|case| case.product.as_str().to_owned()).collect();
    let rows = sqlx::query!(
        r#"select name, coalesce(sku, id) as "known!" from products
           where store_id = $1 and lower(regexp_replace(name, '[[:space:]]', '', 'g')) = any($2)
             and coalesce(status, 'active') = 'active' and id <> all($3)"#,
        store.as_str(),
        &names,
        &written,
    )
    .fetch_all(connection)
    .await?;
    let mut refused = Vec::new();
    for case in fresh {
        let name = &case.plan.after.name;
        let there = rows.iter().find(|row| is_same(&row.name, name)).map(|row| row.known.clone());
        let beside = || {
            let other = cases
                .iter()
                .find(|other| other.product != case.product && is_same(&other.plan.after.name, name))?;
            Some(other.plan.after.sku.clone().unwrap_or_default())
        };
        if let Some(other) = there.or_else(beside) {
            let draft = drafts.iter().position(|draft| std::ptr::eq(draft, case.draft)).unwrap_or_default();
            let refusal = Refusal { of: None, column: "name", rule: Rule::NameTaken(other) };
            refused.push(Refused { draft, refusal });
        }
    }
    Ok(refused)
}

fn is_same(one: &str, other: &str) -> bool {
    name_key(one) == name_key(other)
}

pub(super) async fn usual(
    connection: &mut PgConnection,
    product: &ProductId,
    variant: Option<&str>,
) -> Result<i64, sqlx::Error> {
    let most = sqlx::query_scalar!(
        r#"select max(stock_after) from (
             select stock_after from inventory_movements
             where product_id = $1 and coalesce(variant_id, '') = $2
             order by position desc limit $3
           ) as latest"#,
        product.as_str(),
        variant.unwrap_or_default(),
        USUAL_MOVEMENTS,
    )
    .fetch_one(connection)
    .await?;
    Ok(most.map_or(0, i64::from))
}
