//! The printed codes of a shop.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::domain::ids::{ConversationId, StoreId, UserId};

/// A code of a shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// The row.
    pub id: String,
    /// The QRIS string.
    pub code: String,
    /// Who put it in use; nothing for an operator, or while nobody has.
    pub set_by: Option<String>,
    /// Since when it is in use.
    pub set_at: Option<DateTime<Utc>>,
}

/// Keeps a code that was read and waits for a yes.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn offer(
    connection: &mut PgConnection,
    id: &str,
    store: &StoreId,
    code: &str,
    attachment: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into store_codes (id, store_id, code, attachment_id, created_at) values ($1, $2, $3, $4, $5)",
        id,
        store.as_str(),
        code,
        attachment,
        now.naive_utc(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The newest code, with its id, that was read out of a picture of a chat and waits for a yes.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn newest_offer(
    connection: &mut PgConnection,
    store: &StoreId,
    chat: &ConversationId,
    since: DateTime<Utc>,
) -> Result<Option<(String, String)>, sqlx::Error> {
    let row = sqlx::query!(
        "select c.id, c.code from store_codes c join attachments a on a.id = c.attachment_id
         where a.conversation_id = $2 and c.store_id = $1 and c.set_at is null and c.ended_at is null
           and c.created_at > $3
         order by c.created_at desc, c.id desc limit 1",
        store.as_str(),
        chat.as_str(),
        since.naive_utc(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| (row.id, row.code)))
}

/// A code that was read, of this shop, whether it is in use or not.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn offered(
    connection: &mut PgConnection,
    store: &StoreId,
    id: &str,
) -> Result<Option<Code>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select c.id, c.code, u.name as "name?", c.set_at
           from store_codes c left join users u on u.id = c.set_by
           where c.id = $1 and c.store_id = $2 and c.ended_at is null"#,
        id,
        store.as_str(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| Code {
        id: row.id,
        code: row.code,
        set_by: row.name,
        set_at: row.set_at.map(|at| at.and_utc()),
    }))
}

/// The code that a shop is paid by now.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn current(connection: &mut PgConnection, store: &StoreId) -> Result<Option<Code>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select c.id, c.code, u.name as "name?", c.set_at
           from store_codes c left join users u on u.id = c.set_by
           where c.store_id = $1 and c.set_at is not null and c.ended_at is null"#,
        store.as_str(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| Code {
        id: row.id,
        code: row.code,
        set_by: row.name,
        set_at: row.set_at.map(|at| at.and_utc()),
    }))
}

/// Puts a code in use instead of the one before it. Returns false when it is gone or in use already.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn put_in_use(
    connection: &mut PgConnection,
    store: &StoreId,
    id: &str,
    by: Option<&UserId>,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    // Whoever says yes at the same moment waits here, so that one code is in use at the end.
    sqlx::query_scalar!("select id from stores where id = $1 for no key update", store.as_str())
        .fetch_optional(&mut *connection)
        .await?;
    let waits = sqlx::query_scalar!(
        r#"select exists (select 1 from store_codes where id = $1 and store_id = $2 and set_at is null and ended_at is null)
             as "waits!""#,
        id,
        store.as_str(),
    )
    .fetch_one(&mut *connection)
    .await?;
    if !waits {
        return Ok(false);
    }
    clear(connection, store, now).await?;
    sqlx::query!(
        "update store_codes set set_at = $3, set_by = $4 where id = $1 and store_id = $2",
        id,
        store.as_str(),
        now.naive_utc(),
        by.map(UserId::as_str),
    )
    .execute(connection)
    .await?;
    Ok(true)
}

/// Takes the code of a shop out of use. Returns whether there was one.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn clear(
    connection: &mut PgConnection,
    store: &StoreId,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let ended = sqlx::query!(
        "update store_codes set ended_at = $2 where store_id = $1 and set_at is not null and ended_at is null",
        store.as_str(),
        now.naive_utc(),
    )
    .execute(connection)
    .await?;
    Ok(ended.rows_affected() > 0)
}
