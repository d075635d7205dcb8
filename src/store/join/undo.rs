//! What a join has moved, and giving it back: two customers that became one are two again.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use sqlx::types::Json;

use super::lock;
use crate::domain::cart::Cart;
use crate::domain::ids::{ConversationId, CustomerId, StoreId};
use crate::store::customers::{REGULAR_FROM_ORDERS, VIP_FROM_ORDERS, VIP_FROM_SPENT};

/// Two customers that are about to become one.
#[derive(Debug, Clone)]
pub struct Joining<'a> {
    /// The id of the join.
    pub id: &'a str,
    /// The shop.
    pub store: &'a StoreId,
    /// The customer that both are from now on.
    pub kept: &'a CustomerId,
    /// The one that goes into it.
    pub gone: &'a CustomerId,
    /// The chat of `kept` that said yes.
    pub kept_conversation: &'a ConversationId,
    /// The chat of `gone` that said yes.
    pub gone_conversation: &'a ConversationId,
    /// The cart of `kept`, as it was.
    pub kept_cart: &'a Cart,
    /// The cart of `gone`, as it was.
    pub gone_cart: &'a Cart,
}

/// Two customers that became one, and can be parted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Join {
    /// Its id.
    pub id: String,
    /// The customer that both are.
    pub kept: CustomerId,
    /// The one that has gone into it.
    pub gone: CustomerId,
    /// The chat that `kept` said yes in.
    pub kept_conversation: ConversationId,
    /// Its channel.
    pub kept_channel: String,
    /// The chat that `gone` said yes in.
    pub gone_conversation: ConversationId,
    /// Its channel.
    pub gone_channel: String,
    /// The chats that came with `gone`.
    pub conversations: Vec<ConversationId>,
    /// The cart of `kept` before.
    pub kept_cart: Cart,
    /// The cart of `gone` before.
    pub gone_cart: Cart,
    /// When they were joined.
    pub joined_at: DateTime<Utc>,
}

/// Notes what a join is about to move, before [`super::merge`] moves it. The rows of both are locked by [`super::lock`].
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn insert_join(
    connection: &mut PgConnection,
    join: &Joining<'_>,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into customer_joins
           (id, store_id, kept_id, gone_id, kept_conversation, gone_conversation, conversations, orders, messages,
            kept_before, gone_before, kept_cart, gone_cart, joined_at)
         select $1, $2, k.id, g.id, $5, $6,
           array(select id from conversations where customer_id = g.id order by id),
           array(select id from orders where customer_id = g.id order by id),
           array(select id from customer_messages where customer_id = g.id and conversation_id is null order by id),
           to_jsonb(k), to_jsonb(g), $7, $8, $9
         from customers k, customers g where k.id = $3 and g.id = $4",
        join.id,
        join.store.as_str(),
        join.kept.as_str(),
        join.gone.as_str(),
        join.kept_conversation.as_str(),
        join.gone_conversation.as_str(),
        Json(join.kept_cart) as _,
        Json(join.gone_cart) as _,
        now.naive_utc(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The last join of a customer that has not been undone.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn last(connection: &mut PgConnection, customer: &CustomerId) -> Result<Option<Join>, sqlx::Error> {
    let row = sqlx::query!(
        "select j.id, j.kept_id, j.gone_id, j.kept_conversation, j.gone_conversation, j.conversations, j.kept_cart,
           j.gone_cart, j.joined_at, k.channel as kept_channel, g.channel as gone_channel
         from customer_joins j
         join conversations k on k.id = j.kept_conversation
         join conversations g on g.id = j.gone_conversation
         where j.kept_id = $1 and j.undone_at is null
         order by j.position desc limit 1",
        customer.as_str(),
    )
    .fetch_optional(connection)
    .await?;
    let cart = |stored: Option<serde_json::Value>| {
        stored.and_then(|cart| serde_json::from_value(cart).ok()).unwrap_or_default()
    };
    Ok(row.map(|row| Join {
        id: row.id,
        kept: row.kept_id.into(),
        gone: row.gone_id.into(),
        kept_conversation: row.kept_conversation.into(),
        kept_channel: row.kept_channel,
        gone_conversation: row.gone_conversation.into(),
        gone_channel: row.gone_channel,
        conversations: row.conversations.into_iter().map(ConversationId::from).collect(),
        kept_cart: cart(row.kept_cart),
        gone_cart: cart(row.gone_cart),
        joined_at: row.joined_at.and_utc(),
    }))
}

/// Parts two customers: each has its chats again, the orders and messages of those chats, also those made since, and what
/// was known of it before the join. What one of them told since is known of neither: nobody can say of whom it was. The
/// carts are the caller's to part. Where the chats stood is forgotten, but for `by`, which asks: an open checkout may hold
/// the other's address. Returns false where another chat was faster.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn undo(
    connection: &mut PgConnection,
    join: &Join,
    by: &ConversationId,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    lock(connection, &join.kept, &join.gone).await?;
    let (kept, gone, at) = (join.kept.as_str(), join.gone.as_str(), now.naive_utc());
    let undone = sqlx::query!(
        "update customer_joins set undone_at = $2, undone_by = $3 where id = $1 and kept_id = $4 and undone_at is null",
        join.id,
        at,
        by.as_str(),
        kept,
    )
    .execute(&mut *connection)
    .await?;
    if undone.rows_affected() == 0 {
        return Ok(false);
    }
    sqlx::query!(
        "update conversations set timer_at = null, updated_at = $2,
           state = state - array['frames', 'prompt', 'earlier', 'heard', 'timers', 'misses']
         where customer_id = $1 and id <> $3 and staff_id is null",
        kept,
        at,
        by.as_str(),
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "update conversations c set customer_id = j.gone_id from customer_joins j
         where j.id = $1 and c.customer_id = j.kept_id and c.id = any(j.conversations)",
        join.id,
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "update orders o set customer_id = j.gone_id, updated_at = $2 from customer_joins j
         where j.id = $1 and o.customer_id = j.kept_id
           and (o.id = any(j.orders) or o.metadata ->> 'conversation' = any(j.conversations))",
        join.id,
        at,
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "update customer_messages m set customer_id = j.gone_id from customer_joins j
         where j.id = $1 and m.customer_id = j.kept_id
           and (m.id = any(j.messages) or m.conversation_id = any(j.conversations))",
        join.id,
    )
    .execute(&mut *connection)
    .await?;
    // Whoever was forgotten meanwhile stays forgotten.
    sqlx::query!(
        "update customers c set
           name = coalesce(b.name, ''), phone = coalesce(b.phone, ''), email = b.email, address = b.address,
           city = b.city, province = b.province, zip_code = b.zip_code, channel_ids = coalesce(b.channel_ids, '{}'),
           preferences = b.preferences, status = coalesce(b.status, 'active'), metadata = b.metadata, updated_at = $2
         from customer_joins j, jsonb_populate_record(null::customers, j.kept_before) b
         where j.id = $1 and c.id = j.kept_id and j.kept_before <> '{}'",
        join.id,
        at,
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "update customers c set
           name = coalesce(b.name, ''), phone = coalesce(b.phone, ''), email = b.email, address = b.address,
           city = b.city, province = b.province, zip_code = b.zip_code, channel_ids = coalesce(b.channel_ids, '{}'),
           preferences = b.preferences, status = coalesce(b.status, 'active'), metadata = b.metadata, updated_at = $2
         from customer_joins j, jsonb_populate_record(null::customers, j.gone_before) b
         where j.id = $1 and c.id = j.gone_id",
        join.id,
        at,
    )
    .execute(&mut *connection)
    .await?;
    for customer in [kept, gone] {
        count_again(connection, customer).await?;
    }
    sqlx::query!(
        "update customer_joins set kept_before = '{}', gone_before = '{}', kept_cart = null, gone_cart = null
         where id = $1",
        join.id,
    )
    .execute(connection)
    .await?;
    Ok(true)
}

/// Statistics of a customer out of their paid orders.
async fn count_again(connection: &mut PgConnection, customer: &str) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "with counted as (
           select count(*)::integer as orders, max(paid_at) as last,
             least(coalesce(sum(total_amount), 0), 2147483647)::integer as spent
           from orders where customer_id = $1 and paid_at is not null and status <> 'cancelled'
         )
         update customers set total_spent = counted.spent, order_count = counted.orders, last_order_at = counted.last,
           segment = case
             when counted.orders >= $2 or counted.spent >= $3 then 'vip'
             when counted.orders >= $4 then 'regular'
             else 'new'
           end
         from counted where id = $1",
        customer,
        VIP_FROM_ORDERS,
        VIP_FROM_SPENT,
        REGULAR_FROM_ORDERS,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Forgets what joins keep of a customer, of those that went into them, and of those that they were joined with: details
/// from before and names that a question showed. They can still be parted.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn forget(connection: &mut PgConnection, customer: &CustomerId) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "with recursive part (id) as (
           select $1::text
           union
           select j.gone_id from customer_joins j join part on j.kept_id = part.id
           where j.undone_at is null
         )
         update customer_joins set kept_before = '{}', gone_before = '{}', kept_cart = null, gone_cart = null
         where kept_id in (select id from part) or gone_id in (select id from part)",
        customer.as_str(),
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "update join_requests set asker_person = null, asked_person = null where asker_id = $1 or asked_id = $1",
        customer.as_str(),
    )
    .execute(connection)
    .await?;
    Ok(())
}
