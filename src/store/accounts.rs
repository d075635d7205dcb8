//! Accounts of shops on platforms: which shop answers on which number, bot or application. Credentials are stored
//! sealed; this file never sees them open.

use sqlx::PgConnection;

use chrono::{DateTime, Utc};

use crate::clock::Clock;
use crate::domain::ids::StoreId;

/// An account as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredAccount {
    /// The row's id.
    pub id: String,
    /// The shop.
    pub store: StoreId,
    /// The shop's slug.
    pub slug: String,
    /// The channel's name.
    pub channel: String,
    /// The platform's id of the account.
    pub external_id: String,
    /// What an operator calls it.
    pub name: Option<String>,
    /// The sealed settings.
    pub settings: Option<serde_json::Value>,
}

/// What is to be stored of an account.
#[derive(Debug)]
pub struct NewAccount<'a> {
    /// The shop.
    pub store: &'a StoreId,
    /// The channel's name.
    pub channel: &'a str,
    /// The platform's id of the account.
    pub external_id: &'a str,
    /// What an operator calls it.
    pub name: Option<&'a str>,
    /// The sealed settings.
    pub settings: &'a serde_json::Value,
}

/// Every account that is connected, by channel and shop.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn active(connection: &mut PgConnection) -> Result<Vec<StoredAccount>, sqlx::Error> {
    let rows = sqlx::query!(
        "select a.id, a.store_id, s.slug, a.channel, a.external_id, a.name, a.settings
         from channel_accounts a join stores s on s.id = a.store_id
         where a.status = 'active' and a.external_id <> ''
         order by a.channel, s.slug, a.external_id",
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| StoredAccount {
            id: row.id,
            store: row.store_id.into(),
            slug: row.slug,
            channel: row.channel,
            external_id: row.external_id,
            name: row.name,
            settings: row.settings,
        })
        .collect())
}

/// Whether any account is connected.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn is_any_active(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists (
             select 1 from channel_accounts where status = 'active' and external_id <> ''
           ) as "any!""#,
    )
    .fetch_one(connection)
    .await
}

/// Stores an account, or stores it anew. An account answers for one shop: returns the slug of the other shop and
/// changes nothing when another one has it.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn connect(
    connection: &mut PgConnection,
    clock: &Clock,
    account: &NewAccount<'_>,
    now: DateTime<Utc>,
) -> Result<Option<String>, sqlx::Error> {
    let other = sqlx::query_scalar!(
        "select s.slug from channel_accounts a join stores s on s.id = a.store_id
         where a.channel = $1 and a.external_id = $2 and a.status = 'active' and a.store_id <> $3",
        account.channel,
        account.external_id,
        account.store.as_str(),
    )
    .fetch_optional(&mut *connection)
    .await?;
    if other.is_some() {
        return Ok(other);
    }
    sqlx::query!(
        "insert into channel_accounts (id, store_id, channel, external_id, name, settings, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $7)
         on conflict (channel, external_id, store_id) do update
           set name = excluded.name, settings = excluded.settings, status = 'active', updated_at = excluded.updated_at",
        clock.id(),
        account.store.as_str(),
        account.channel,
        account.external_id,
        account.name,
        account.settings,
        now.naive_utc(),
    )
    .execute(connection)
    .await?;
    Ok(None)
}

/// Puts newly sealed settings in the place of those that a row had. Returns false when somebody has changed them meanwhile.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn reseal(
    connection: &mut PgConnection,
    account: &StoredAccount,
    sealed: &serde_json::Value,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "update channel_accounts set settings = $3, updated_at = $4
         where id = $1 and status = 'active' and settings::jsonb = $2::jsonb",
        account.id,
        account.settings,
        sealed,
        now.naive_utc(),
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Forgets an account's credentials and stops answering on it. Returns false when there is none.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn disconnect(
    connection: &mut PgConnection,
    store: &StoreId,
    channel: &str,
    external_id: &str,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "update channel_accounts set status = 'disconnected', settings = null, updated_at = $4
         where store_id = $1 and channel = $2 and external_id = $3 and status = 'active'",
        store.as_str(),
        channel,
        external_id,
        now.naive_utc(),
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}
