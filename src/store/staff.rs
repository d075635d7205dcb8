//! People who work for a shop, the one-time codes that link their chats, and the chats that are linked.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::codes::hash;
use crate::clock::Clock;
use crate::domain::ids::{ConversationId, StoreId, UserId};
use crate::domain::message::ChannelName;
use crate::domain::staff::Staff;

/// Chats of staff of one shop that are told of its news.
pub const MAX_STAFF_CHATS: i64 = 50;
/// People of one shop that are listed.
pub const MAX_STAFF: i64 = 200;
/// What came of a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CodeUse {
    /// It made the chat a chat of this person.
    Linked(Staff),
    /// There is no such code in this shop, or it has been used.
    Invalid,
    /// Its time is over.
    Expired,
}

/// What codes begin with, so that a chat knows one when it sees it.
const CODE_PREFIX: &str = "WRG-";

/// A code to show once, out of a secret of `Clock::secret`: `WRG-BCDFG-HJKMN-PQRTV`.
pub fn new_code(secret: &str) -> String {
    format!("{CODE_PREFIX}{}", super::codes::draw_long(secret))
}

/// Keeps a code for a person until it expires. Older open codes of the person stop working.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn insert_code(
    connection: &mut PgConnection,
    store: &StoreId,
    user: &UserId,
    code: &str,
    expires_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "delete from staff_codes where store_id = $1 and user_id = $2 and used_at is null",
        store.as_str(),
        user.as_str(),
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "insert into staff_codes (code_hash, store_id, user_id, expires_at, created_at) values ($1, $2, $3, $4, $5)",
        hash(code),
        store.as_str(),
        user.as_str(),
        expires_at.naive_utc(),
        now.naive_utc(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Uses a code up. Two chats that send the same code at once: one is linked.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn use_code(
    connection: &mut PgConnection,
    store: &StoreId,
    code: &str,
    now: DateTime<Utc>,
) -> Result<CodeUse, sqlx::Error> {
    let code_hash = hash(code);
    let linked = sqlx::query!(
        "update staff_codes set used_at = $3
         from users
         where users.id = staff_codes.user_id and coalesce(users.status, 'active') = 'active'
           and (users.store_id = $2 or exists (select 1 from stores where stores.id = $2 and stores.owner_id = users.id))
           and staff_codes.code_hash = $1 and staff_codes.store_id = $2
           and staff_codes.used_at is null and staff_codes.expires_at > $3
         returning users.id, users.name",
        code_hash,
        store.as_str(),
        now.naive_utc(),
    )
    .fetch_optional(&mut *connection)
    .await?;
    if let Some(user) = linked {
        return Ok(CodeUse::Linked(Staff { id: user.id.into(), name: user.name }));
    }
    let expired = sqlx::query_scalar!(
        r#"select exists (
             select 1 from staff_codes
             where code_hash = $1 and store_id = $2 and used_at is null and expires_at <= $3
           ) as "expired!""#,
        code_hash,
        store.as_str(),
        now.naive_utc(),
    )
    .fetch_one(connection)
    .await?;
    Ok(if expired { CodeUse::Expired } else { CodeUse::Invalid })
}

/// Whether a person still works for a shop: owners of it, and people whose `users.store_id` names it.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn is_active(
    connection: &mut PgConnection,
    store: &StoreId,
    user: &UserId,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists (
             select 1 from users
             where id = $2 and coalesce(status, 'active') = 'active'
               and (store_id = $1 or exists (select 1 from stores where stores.id = $1 and stores.owner_id = users.id))
           ) as "active!""#,
        store.as_str(),
        user.as_str(),
    )
    .fetch_one(connection)
    .await
}

/// Whether somebody answers for a shop, as its owner or as an admin.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn may_decide(
    connection: &mut PgConnection,
    store: &StoreId,
    user: &UserId,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists (
             select 1 from users
             where id = $2 and coalesce(status, 'active') = 'active'
               and ((store_id = $1 and role in ('owner', 'admin'))
                 or exists (select 1 from stores where stores.id = $1 and stores.owner_id = users.id))
           ) as "may!""#,
        store.as_str(),
        user.as_str(),
    )
    .fetch_one(connection)
    .await
}

/// The chats of a shop's staff, those used last first.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn conversations(
    connection: &mut PgConnection,
    store: &StoreId,
) -> Result<Vec<ConversationId>, sqlx::Error> {
    let ids = sqlx::query_scalar!(
        "select c.id from conversations c
         join stores s on s.id = c.store_id
         join users u on u.id = c.staff_id and (u.store_id = s.id or u.id = s.owner_id)
         where c.store_id = $1 and c.staff_id is not null and coalesce(u.status, 'active') = 'active'
         order by c.last_inbound_at desc nulls last, c.id limit $2",
        store.as_str(),
        MAX_STAFF_CHATS,
    )
    .fetch_all(connection)
    .await?;
    Ok(ids.into_iter().map(ConversationId::from).collect())
}

/// The chats of the staff of a conversation's shop that another account writes to, those used last first.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn conversations_elsewhere(
    connection: &mut PgConnection,
    conversation: &ConversationId,
    channel: &ChannelName,
    account: &str,
) -> Result<Vec<ConversationId>, sqlx::Error> {
    let ids = sqlx::query_scalar!(
        "select c.id from conversations c
         join conversations here on here.store_id = c.store_id
         join stores s on s.id = c.store_id
         join users u on u.id = c.staff_id and (u.store_id = s.id or u.id = s.owner_id)
         where here.id = $1 and c.staff_id is not null and coalesce(u.status, 'active') = 'active'
           and not (c.channel = $2 and c.account = $3)
         order by c.last_inbound_at desc nulls last, c.id limit $4",
        conversation.as_str(),
        channel.as_str(),
        account,
        MAX_STAFF_CHATS,
    )
    .fetch_all(connection)
    .await?;
    Ok(ids.into_iter().map(ConversationId::from).collect())
}

/// Someone who works for a shop, as operators list them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub staff: Staff,
    /// Their address for signing in.
    pub email: String,
    /// `owner`, `admin` or `staff`.
    pub role: String,
    /// Chats that are linked.
    pub chats: i64,
}

/// The people of a shop, oldest first.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn members(connection: &mut PgConnection, store: &StoreId) -> Result<Vec<Member>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select u.id, u.name, u.email, coalesce(u.role, 'staff') as "role!",
             (select count(*) from conversations c where c.staff_id = u.id and c.store_id = $1) as "chats!"
           from users u
           where coalesce(u.status, 'active') = 'active'
             and (u.store_id = $1 or u.id = (select owner_id from stores where id = $1))
           order by u.created_at, u.id limit $2"#,
        store.as_str(),
        MAX_STAFF,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Member {
            staff: Staff { id: row.id.into(), name: row.name },
            email: row.email,
            role: row.role,
            chats: row.chats,
        })
        .collect())
}

/// Adds a person to a shop. They have no password and cannot sign in elsewhere until another service sets one.
/// Returns nothing when the address is taken.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn insert(
    connection: &mut PgConnection,
    clock: &Clock,
    store: &StoreId,
    name: &str,
    email: &str,
    role: &str,
    now: DateTime<Utc>,
) -> Result<Option<UserId>, sqlx::Error> {
    let id = sqlx::query_scalar!(
        "insert into users (id, email, name, password_hash, store_id, role, created_at, updated_at)
         values ($1, $2, $3, '', $4, $5, $6, $6)
         on conflict (email) do nothing
         returning id",
        clock.id(),
        email,
        name,
        store.as_str(),
        role,
        now.naive_utc(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(id.map(UserId::from))
}
