//! Conversations: found or made when something comes in, locked and loaded for a turn.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use sqlx::types::Json;

use crate::dialogue::conversation::Conversation;
use crate::domain::cart::Cart;
use crate::domain::customer::Customer;
use crate::domain::ids::{ConversationId, CustomerId, StoreId, UserId};
use crate::domain::message::{Address, ChannelName};
use crate::domain::staff::Staff;

/// A conversation with all that a turn needs to know of its person.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The row's id.
    pub id: ConversationId,
    /// The shop.
    pub store: StoreId,
    /// Where it is.
    pub address: Address,
    /// The account of the shop that the chat last wrote to.
    pub account: String,
    /// When the person last wrote.
    pub last_inbound_at: Option<DateTime<Utc>>,
    /// Its state, or nothing when the stored one can no longer be read.
    pub state: Option<Conversation>,
    /// Turns so far.
    pub turns: i32,
    /// Who it is with.
    pub customer: Customer,
    /// Their cart.
    pub cart: Cart,
    /// The member of staff, in a staff chat: who is linked here and works for the shop now.
    pub staff: Option<Staff>,
    /// The oldest row of the inbox that is not handled, also when it is not due yet.
    pub pending: Option<super::inbox::Pending>,
    /// Whether more rows of the inbox wait behind it.
    pub more_pending: bool,
    /// Changes whenever any writer changes the shop's catalogue; see `store::catalog`.
    pub catalog_fingerprint: i64,
}

/// The chats that an account heard from since a time, latest first, with when that was.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn heard_since(
    connection: &mut PgConnection,
    channel: &ChannelName,
    account: &str,
    since: DateTime<Utc>,
    max: i64,
) -> Result<Vec<(String, DateTime<Utc>)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select chat, last_inbound_at as "last_inbound_at!" from conversations
           where channel = $1 and account = $2 and last_inbound_at >= $3 and joined_into is null
             and chat not like 'forgotten:%'
           order by last_inbound_at desc limit $4"#,
        channel.as_str(),
        account,
        since.naive_utc(),
        max,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.chat, row.last_inbound_at.and_utc())).collect())
}

/// Makes the conversation of a chat. Returns the one that is there when another process was faster.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn insert(
    connection: &mut PgConnection,
    id: &ConversationId,
    store: &StoreId,
    address: &Address,
    customer: &CustomerId,
    state: &Conversation,
    now: DateTime<Utc>,
) -> Result<ConversationId, sqlx::Error> {
    let id = sqlx::query_scalar!(
        "insert into conversations (id, store_id, channel, chat, customer_id, state, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $7)
         on conflict (store_id, channel, chat) do update set updated_at = excluded.updated_at
         returning id",
        id.as_str(),
        store.as_str(),
        address.channel.as_str(),
        address.chat,
        customer.as_str(),
        Json(state) as _,
        now.naive_utc(),
    )
    .fetch_one(connection)
    .await?;
    Ok(ConversationId::from(id))
}

/// Locks a conversation until the transaction ends.
///
/// Locking comes first and reading second: one statement that did both would read rows as they were before the lock.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn lock(connection: &mut PgConnection, id: &ConversationId) -> Result<(), sqlx::Error> {
    sqlx::query_scalar!("select 1 from conversations where id = $1 for no key update", id.as_str())
        .fetch_optional(connection)
        .await?;
    Ok(())
}

/// The person last wrote at `at` at the latest: the platform says that it was too long ago for a free answer.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn shut_window(
    connection: &mut PgConnection,
    id: &ConversationId,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update conversations set last_inbound_at = least(last_inbound_at, $2) where id = $1",
        id.as_str(),
        at.naive_utc(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Loads a conversation that the caller has locked, with the oldest row of its inbox that is not handled.
///
/// # Errors
/// [`sqlx::Error`] when the database fails or there is no such conversation.
pub async fn load(connection: &mut PgConnection, id: &ConversationId) -> Result<Loaded, sqlx::Error> {
    let row = sqlx::query!(
        r#"select c.id, c.store_id, c.channel, c.chat, c.account, c.last_inbound_at,
                  c.state, c.turns,
                  cu.id as customer_id, cu.name, cu.phone, cu.address, cu.city, cu.order_count,
                  ca.cart as "cart?: Json<Cart>",
                  u.id as "staff_id?", u.name as "staff_name?",
                  i.id as "inbox_id?", i.payload as "payload?", i.attempts as "attempts?",
                  i.received_at as "received_at?", i.due_at,
                  exists (
                    select 1 from inbox later
                    where later.conversation_id = c.id and later.handled_at is null and later.id > i.id
                  ) as "more_pending!",
                  catalog_fingerprint(c.store_id) as "fingerprint!"
           from conversations c
           join customers cu on cu.id = c.customer_id
           left join carts ca on ca.customer_id = c.customer_id
           join stores s on s.id = c.store_id
           left join users u on u.id = c.staff_id and coalesce(u.status, 'active') = 'active'
             and (u.store_id = s.id or u.id = s.owner_id)
           left join lateral (
             select id, payload, attempts, received_at, due_at from inbox
             where conversation_id = c.id and handled_at is null
             order by id limit 1
           ) i on true
           where c.id = $1"#,
        id.as_str(),
    )
    .fetch_one(connection)
    .await?;
    let pending = match (row.inbox_id, row.payload, row.attempts, row.received_at) {
        (Some(id), Some(payload), Some(attempts), Some(received_at)) => Some(super::inbox::Pending {
            id,
            payload,
            attempts,
            received_at: received_at.and_utc(),
            due_at: row.due_at.map(|at| at.and_utc()),
        }),
        _ => None,
    };
    let known = |text: String| (!text.is_empty()).then_some(text);
    Ok(Loaded {
        id: row.id.into(),
        store: row.store_id.into(),
        address: Address { channel: row.channel.as_str().into(), chat: row.chat },
        account: row.account,
        last_inbound_at: row.last_inbound_at.map(|at| at.and_utc()),
        state: serde_json::from_value(row.state).ok(),
        turns: row.turns,
        customer: Customer {
            id: row.customer_id.into(),
            name: known(row.name),
            phone: known(row.phone),
            address: row.address.and_then(known),
            city: row.city.and_then(known),
            order_count: row.order_count.and_then(|count| u32::try_from(count).ok()).unwrap_or(0),
        },
        cart: row.cart.map(|Json(cart)| cart).unwrap_or_default(),
        staff: row.staff_id.zip(row.staff_name).map(|(id, name)| Staff { id: UserId::from(id), name }),
        pending,
        more_pending: row.more_pending,
        catalog_fingerprint: row.fingerprint,
    })
}

/// Whether a conversation is one of a shop's.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn belongs_to(
    connection: &mut PgConnection,
    id: &ConversationId,
    store: &StoreId,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists (select 1 from conversations where id = $1 and store_id = $2) as "found!""#,
        id.as_str(),
        store.as_str(),
    )
    .fetch_one(connection)
    .await
}

/// Conversations whose state has a deadline that has come, at most `limit`.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn with_due_deadlines(
    connection: &mut PgConnection,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<(ConversationId, Option<Conversation>)>, sqlx::Error> {
    let rows = sqlx::query!(
        "select id, state from conversations where timer_at <= $1 order by timer_at limit $2",
        now.naive_utc(),
        limit,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id.into(), serde_json::from_value(row.state).ok())).collect())
}

/// Forgets a deadline that has been put into the inbox, unless a turn has set another one since.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn clear_deadline(
    connection: &mut PgConnection,
    id: &ConversationId,
    not_after: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update conversations set timer_at = null where id = $1 and timer_at <= $2",
        id.as_str(),
        not_after.naive_utc(),
    )
    .execute(connection)
    .await?;
    Ok(())
}
