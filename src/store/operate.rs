//! What operators do from the command line: shops and their people.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::clock::Clock;
use crate::domain::ids::{StoreId, UserId};

/// Shops that are listed.
pub const MAX_STORES: i64 = 500;

/// A shop in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its name in addresses and commands.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// `active`, `suspended`.
    pub status: String,
    /// Products for sale.
    pub products: i64,
    /// Orders ever placed.
    pub orders: i64,
}

/// Every shop that is not deleted, by name.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn stores(connection: &mut PgConnection) -> Result<Vec<Listed>, sqlx::Error> {
    sqlx::query_as!(
        Listed,
        r#"select s.slug, s.name, coalesce(s.status, 'active') as "status!",
             (select count(*) from products p where p.store_id = s.id and coalesce(p.status, 'active') = 'active') as "products!",
             (select count(*) from orders o where o.store_id = s.id) as "orders!"
           from stores s where s.status is distinct from 'deleted'
           order by s.name, s.slug limit $1"#,
        MAX_STORES,
    )
    .fetch_all(connection)
    .await
}

/// A shop to be made.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields are the columns of stores and users")]
pub struct NewStore {
    pub slug: String,
    pub name: String,
    pub email: String,
    pub phone: String,
    pub address: Option<String>,
    pub city: Option<String>,
    pub owner_name: String,
    pub owner_email: String,
    pub tax_rate: i32,
    pub metadata: serde_json::Value,
}

/// Makes a shop, and its owner where nobody has the address yet. Nothing when the slug is taken.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn create_store(
    connection: &mut PgConnection,
    clock: &Clock,
    new: &NewStore,
) -> Result<Option<StoreId>, sqlx::Error> {
    let now = clock.now().naive_utc();
    sqlx::query!(
        "insert into users (id, email, name, password_hash, created_at, updated_at) values ($1, $2, $3, '', $4, $4)
         on conflict (email) do nothing",
        clock.id(),
        new.owner_email,
        new.owner_name,
        now,
    )
    .execute(&mut *connection)
    .await?;
    let made = sqlx::query_scalar!(
        "insert into stores (id, owner_id, name, slug, email, phone, address, city, tax_rate, metadata, created_at, updated_at)
         select $1, id, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10 from users where email = $11
         on conflict (slug) do nothing
         returning id",
        clock.id(),
        new.name,
        new.slug,
        new.email,
        new.phone,
        new.address,
        new.city,
        new.tax_rate,
        new.metadata,
        now,
        new.owner_email,
    )
    .fetch_optional(&mut *connection)
    .await?;
    let Some(store) = made else { return Ok(None) };
    sqlx::query!(
        "update users set store_id = $2, updated_at = $3 where email = $1 and store_id is null",
        new.owner_email,
        store,
        now,
    )
    .execute(connection)
    .await?;
    Ok(Some(store.into()))
}

/// The person with an address who works for a shop: the owner when no address is given.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn person(
    connection: &mut PgConnection,
    store: &StoreId,
    email: Option<&str>,
) -> Result<Option<(UserId, String)>, sqlx::Error> {
    let row = sqlx::query!(
        "select u.id, u.name from users u join stores s on s.id = $1
         where coalesce(u.status, 'active') = 'active'
           and (u.id = s.owner_id or u.store_id = s.id)
           and (($2::text is null and u.id = s.owner_id) or lower(u.email) = lower($2))
         limit 1",
        store.as_str(),
        email,
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| (row.id.into(), row.name)))
}

/// Makes every chat of a person an ordinary chat again, and their open codes worthless. Returns the number of chats.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn unlink(
    connection: &mut PgConnection,
    store: &StoreId,
    user: &UserId,
    now: DateTime<Utc>,
) -> Result<u64, sqlx::Error> {
    sqlx::query!(
        "delete from staff_codes where store_id = $1 and user_id = $2 and used_at is null",
        store.as_str(),
        user.as_str(),
    )
    .execute(&mut *connection)
    .await?;
    let chats = sqlx::query!(
        "update conversations set staff_id = null, updated_at = $3 where store_id = $1 and staff_id = $2",
        store.as_str(),
        user.as_str(),
        now.naive_utc(),
    )
    .execute(connection)
    .await?;
    Ok(chats.rows_affected())
}
