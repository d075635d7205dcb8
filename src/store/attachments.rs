//! Files that people sent: known at once, fetched afterwards, never served to the world.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use sqlx::PgConnection;
use sqlx::types::Json;

use crate::domain::ids::{ConversationId, OrderId, StoreId};
use crate::domain::message::FileRef;
use crate::store::media::Media;

/// Bytes of a file that are kept; what is larger is not fetched.
pub const MAX_BYTES: usize = 5_000_000;

/// Notes a file. `kind` is a `domain::message::MediaKind` in its written form.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn insert(
    connection: &mut PgConnection,
    id: &str,
    conversation: &ConversationId,
    order: Option<&OrderId>,
    kind: &str,
    file: &FileRef,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into attachments (id, conversation_id, order_id, kind, file, created_at)
         values ($1, $2, (select id from orders where id = $3), $4, $5, $6)",
        id,
        conversation.as_str(),
        order.map(OrderId::as_str),
        kind,
        Json(file) as _,
        now.naive_utc(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The file that was sent last about an order.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn newest_of_order(
    connection: &mut PgConnection,
    order: &OrderId,
) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar!(
        "select id from attachments where order_id = $1 order by created_at desc, id desc limit 1",
        order.as_str(),
    )
    .fetch_optional(connection)
    .await
}

/// Keeps the bytes of a file, unless its sender has been forgotten while it was fetched. Returns the hash by which the same
/// file is known again.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn keep(
    connection: &mut PgConnection,
    id: &str,
    mime: &str,
    bytes: &[u8],
) -> Result<String, sqlx::Error> {
    let hash = hex::encode(Sha256::digest(bytes));
    sqlx::query!(
        "update attachments set mime = $2, bytes = $3, hash = $4, error = null where id = $1 and file <> '{}'",
        id,
        mime,
        bytes,
        hash,
    )
    .execute(connection)
    .await?;
    Ok(hash)
}

/// Notes why a file could not be fetched.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn fail(connection: &mut PgConnection, id: &str, error: &str) -> Result<(), sqlx::Error> {
    sqlx::query!("update attachments set error = $2 where id = $1", id, error).execute(connection).await?;
    Ok(())
}

/// The bytes of a kept file that was sent to a shop.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn bytes_in(
    connection: &mut PgConnection,
    store: &StoreId,
    id: &str,
) -> Result<Option<Vec<u8>>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select a.bytes as "bytes!"
           from attachments a join conversations c on c.id = a.conversation_id
           where a.id = $1 and c.store_id = $2 and a.bytes is not null"#,
        id,
        store.as_str(),
    )
    .fetch_optional(connection)
    .await
}

/// The bytes of a kept file, for a chat of the shop that it was sent to.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn bytes(
    connection: &mut PgConnection,
    shown_to: &ConversationId,
    id: &str,
) -> Result<Option<Vec<u8>>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select a.bytes as "bytes!"
           from attachments a
           join conversations sent on sent.id = a.conversation_id
           join conversations shown on shown.id = $2 and shown.store_id = sent.store_id
           where a.id = $1 and a.bytes is not null"#,
        id,
        shown_to.as_str(),
    )
    .fetch_optional(connection)
    .await
}

/// The bytes of a file with their kind; nothing while they are not here.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn find(connection: &mut PgConnection, id: &str) -> Result<Option<Media>, sqlx::Error> {
    sqlx::query_as!(
        Media,
        r#"select mime as "mime!", bytes as "bytes!" from attachments where id = $1 and mime is not null and bytes is not null"#,
        id,
    )
    .fetch_optional(connection)
    .await
}
