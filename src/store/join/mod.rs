//! One customer in several chats: codes that join two chats, what both sides say to it, making two customers one, and
//! parting them again.

mod ask;
mod undo;

pub use ask::{
    Request, Seen, Side, State, agreed, end, insert_request, load, open_question, seen, sender, void,
};
pub use undo::{Join, Joining, forget, insert_join, last, undo};

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::codes::hash;
use crate::domain::ids::{ConversationId, CustomerId, StoreId};

/// What became of a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JoinCode {
    /// It is nobody's, or was used.
    Unknown,
    /// Its time is over.
    Expired,
    /// It was shown in this chat, and is used up now.
    Of(Shown),
}

/// Where a code was shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Whose code it is.
    pub customer: CustomerId,
    /// In which chat.
    pub conversation: ConversationId,
    /// The first name by which its platform knows the person.
    pub person: Option<String>,
}

/// Stores a code of a customer; older ones that were not used are void, and so is every wish that an older one led to.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn insert_code(
    connection: &mut PgConnection,
    shown: &Shown,
    code: &str,
    expires_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "with void as (
           update join_codes set used_at = $4 where customer_id = $1 and used_at is null
         ), wishes as (
           update join_requests set state = 'void', ended_at = $4, asker_person = null, asked_person = null
           where asked_id = $1 and ended_at is null
         )
         insert into join_codes (code_hash, customer_id, expires_at, created_at, conversation_id, person)
         values ($2, $1, $3, $4, $5, $6)",
        shown.customer.as_str(),
        hash(code),
        expires_at.naive_utc(),
        now.naive_utc(),
        shown.conversation.as_str(),
        shown.person,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Looks a code of a shop's customer up and uses it up.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn use_code(
    connection: &mut PgConnection,
    store: &StoreId,
    code: &str,
    now: DateTime<Utc>,
) -> Result<JoinCode, sqlx::Error> {
    let row = sqlx::query!(
        r#"select j.customer_id, j.expires_at, j.person, v.id as "conversation!"
           from join_codes j join conversations v on v.id = j.conversation_id
           where j.code_hash = $1 and j.used_at is null and v.store_id = $2
             and v.customer_id = j.customer_id and v.staff_id is null
           for update of j"#,
        hash(code),
        store.as_str(),
    )
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row else { return Ok(JoinCode::Unknown) };
    if row.expires_at.and_utc() <= now {
        return Ok(JoinCode::Expired);
    }
    sqlx::query!("update join_codes set used_at = $2 where code_hash = $1", hash(code), now.naive_utc())
        .execute(connection)
        .await?;
    Ok(JoinCode::Of(Shown {
        customer: row.customer_id.into(),
        conversation: row.conversation.into(),
        person: row.person,
    }))
}

/// Locks the chats and the rows of two customers until the transaction ends, so that a turn of one of them comes before
/// or after, and never writes to a customer who has just gone.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn lock(
    connection: &mut PgConnection,
    one: &CustomerId,
    other: &CustomerId,
) -> Result<(), sqlx::Error> {
    let (one, other) = (one.as_str(), other.as_str());
    sqlx::query!(
        "select id from conversations where customer_id in ($1, $2) order by id for no key update",
        one,
        other,
    )
    .fetch_all(&mut *connection)
    .await?;
    sqlx::query!("select id from customers where id in ($1, $2) order by id for update", one, other)
        .fetch_all(connection)
        .await?;
    Ok(())
}

/// A customer is about to go into another because their chats turned out to be one: what had been joined to them is
/// joined to the other from now on, and can be parted from it.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn follow(
    connection: &mut PgConnection,
    keep: &CustomerId,
    gone: &CustomerId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update customer_joins j set kept_id = $1, kept_before = to_jsonb(c)
         from customers c where c.id = $1 and j.kept_id = $2 and j.undone_at is null",
        keep.as_str(),
        gone.as_str(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Makes two customers one: orders, chats, messages and statistics of `gone` become those of `keep`, which also takes
/// what it did not know of itself. The cart is the caller's to merge, before this. `gone` stays as an empty row.
///
/// Chats of both are locked first.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn merge(
    connection: &mut PgConnection,
    keep: &CustomerId,
    gone: &CustomerId,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let (k, g) = (keep.as_str(), gone.as_str());
    lock(connection, keep, gone).await?;
    sqlx::query!("update conversations set customer_id = $1 where customer_id = $2", k, g)
        .execute(&mut *connection)
        .await?;
    sqlx::query!(
        "update orders set customer_id = $1, updated_at = $3 where customer_id = $2",
        k,
        g,
        now.naive_utc()
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!("update customer_messages set customer_id = $1 where customer_id = $2", k, g)
        .execute(&mut *connection)
        .await?;
    sqlx::query!("delete from carts where customer_id = $1", g).execute(&mut *connection).await?;
    sqlx::query!(
        "update join_codes set used_at = coalesce(used_at, $2) where customer_id = $1",
        g,
        now.naive_utc()
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "update customers k set
           name = coalesce(nullif(k.name, ''), g.name),
           phone = coalesce(nullif(k.phone, ''), g.phone),
           email = coalesce(k.email, g.email),
           address = coalesce(k.address, g.address),
           city = coalesce(k.city, g.city),
           province = coalesce(k.province, g.province),
           zip_code = coalesce(k.zip_code, g.zip_code),
           channel_ids = coalesce(g.channel_ids, '{}') || coalesce(k.channel_ids, '{}'),
           preferences = coalesce(g.preferences, '{}') || coalesce(k.preferences, '{}'),
           total_spent = least(coalesce(k.total_spent, 0)::bigint + coalesce(g.total_spent, 0), 2147483647)::integer,
           order_count = coalesce(k.order_count, 0) + coalesce(g.order_count, 0),
           last_order_at = greatest(k.last_order_at, g.last_order_at),
           segment = case
             when 'vip' in (k.segment, g.segment) then 'vip'
             when 'regular' in (k.segment, g.segment)
               or coalesce(k.order_count, 0) + coalesce(g.order_count, 0) >= $4 then 'regular'
             else k.segment
           end,
           updated_at = $3
         from customers g
         where k.id = $1 and g.id = $2",
        k,
        g,
        now.naive_utc(),
        super::customers::REGULAR_FROM_ORDERS,
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "update customers set name = '', phone = '', email = null, address = null, city = null, province = null,
           zip_code = null, channel_ids = '{}', preferences = null, total_spent = 0, order_count = 0,
           status = 'inactive', metadata = jsonb_build_object('joined_into', $2::text), updated_at = $3
         where id = $1",
        g,
        k,
        now.naive_utc(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// How many chats a customer has.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn chats(connection: &mut PgConnection, customer: &CustomerId) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select count(*) as "count!" from conversations where customer_id = $1 and joined_into is null"#,
        customer.as_str()
    )
    .fetch_one(connection)
    .await
}

/// The customer of a conversation.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn customer_of(
    connection: &mut PgConnection,
    conversation: &ConversationId,
) -> Result<Option<CustomerId>, sqlx::Error> {
    let id =
        sqlx::query_scalar!("select customer_id from conversations where id = $1", conversation.as_str())
            .fetch_optional(connection)
            .await?;
    Ok(id.map(CustomerId::from))
}
