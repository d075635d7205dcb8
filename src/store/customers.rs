//! Buyers: found by the platform's own id of their chat, counted when they pay.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::clock::Clock;
use crate::domain::customer::{Customer, Language};
use crate::domain::ids::{ConversationId, CustomerId, OrderId, StoreId};
use crate::domain::message::Address;
use crate::domain::money::Rupiah;

/// Chats of one customer that are told of their orders.
pub const MAX_CHATS: i64 = 10;
/// From so many paid orders on a customer is a regular one.
pub const REGULAR_FROM_ORDERS: i32 = 2;
/// From so many paid orders on a customer is a VIP.
pub const VIP_FROM_ORDERS: i32 = 10;
/// Or from this sum, in whole rupiah.
pub const VIP_FROM_SPENT: i32 = 2_500_000;

/// The customer behind a chat. One who writes for the first time gets a row; what the platform calls them is kept.
/// The caller has a transaction open: two processes that meet the same chat at once come one after the other.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn find_or_insert(
    connection: &mut PgConnection,
    clock: &Clock,
    store: &StoreId,
    address: &Address,
    name: Option<&str>,
    phone: Option<&str>,
    now: DateTime<Utc>,
) -> Result<CustomerId, sqlx::Error> {
    let channel_ids = serde_json::json!({ address.channel.as_str(): address.chat });
    let chat = format!("{store} {} {}", address.channel, address.chat);
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended($1, 0))", chat)
        .fetch_one(&mut *connection)
        .await?;
    let found = sqlx::query_scalar!(
        "select id from customers where store_id = $1 and channel_ids @> $2 order by created_at, id limit 1",
        store.as_str(),
        channel_ids,
    )
    .fetch_optional(&mut *connection)
    .await?;
    if let Some(id) = found {
        // A platform may tell later what it did not tell at first.
        sqlx::query!(
            "update customers set name = coalesce(nullif(name, ''), $2), phone = coalesce(nullif(phone, ''), $3), updated_at = $4
             where id = $1 and ((name = '' and $2 <> '') or (phone = '' and $3 <> ''))",
            id,
            name.unwrap_or_default(),
            phone.unwrap_or_default(),
            now.naive_utc(),
        )
        .execute(connection)
        .await?;
        return Ok(id.into());
    }
    let id = clock.id();
    sqlx::query!(
        "insert into customers (id, store_id, name, phone, channel_ids, segment, created_at, updated_at)
         values ($1, $2, $3, $4, $5, 'new', $6, $6)",
        id,
        store.as_str(),
        name.unwrap_or_default(),
        phone.unwrap_or_default(),
        channel_ids,
        now.naive_utc(),
    )
    .execute(connection)
    .await?;
    Ok(id.into())
}

/// Writes the attributes of a customer.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn update(
    connection: &mut PgConnection,
    customer: &Customer,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update customers set name = $2, phone = $3, address = $4, city = $5, updated_at = $6 where id = $1",
        customer.id.as_str(),
        customer.name.as_deref().unwrap_or_default(),
        customer.phone.as_deref().unwrap_or_default(),
        customer.address,
        customer.city,
        now.naive_utc(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The language that a customer has chosen, where they have.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn language(
    connection: &mut PgConnection,
    customer: &CustomerId,
) -> Result<Option<Language>, sqlx::Error> {
    let code = sqlx::query_scalar!(
        "select preferences ->> 'language' from customers where id = $1",
        customer.as_str()
    )
    .fetch_optional(connection)
    .await?;
    Ok(code.flatten().as_deref().and_then(Language::parse))
}

/// Remembers a language that the customer chose.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn set_language(
    connection: &mut PgConnection,
    customer: &CustomerId,
    language: Language,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update customers set updated_at = $3,
           preferences = case when jsonb_typeof(preferences) = 'object' then preferences else '{}' end
             || jsonb_build_object('language', $2::text)
         where id = $1",
        customer.as_str(),
        language.code(),
        now.naive_utc(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// What a shop knows of a customer, in numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Orders of any kind.
    pub orders: i64,
    /// Messages in both directions.
    pub messages: i64,
    /// Since when.
    pub since: DateTime<Utc>,
}

/// Counts what a shop knows of a customer.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn known(connection: &mut PgConnection, customer: &CustomerId) -> Result<Known, sqlx::Error> {
    let row = sqlx::query!(
        r#"select created_at,
             (select count(*) from orders where customer_id = customers.id) as "orders!",
             (select count(*) from customer_messages where customer_id = customers.id) as "messages!"
           from customers where id = $1"#,
        customer.as_str(),
    )
    .fetch_one(connection)
    .await?;
    Ok(Known { orders: row.orders, messages: row.messages, since: row.created_at.and_utc() })
}

/// Adds a paid order to the statistics of its customer, or takes one off again with `paid` false.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn count_order(
    connection: &mut PgConnection,
    customer: &CustomerId,
    amount: Rupiah,
    paid: bool,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let sign = if paid { 1_i64 } else { -1 };
    // Sums past the column stay at its end: statistics must never stop a payment.
    sqlx::query!(
        "with counted as (
           select least(greatest(coalesce(total_spent, 0)::bigint + $2::bigint, 0), 2147483647)::integer as spent,
                  greatest(coalesce(order_count, 0) + $3::integer, 0) as orders
           from customers where id = $1
         )
         update customers set
           total_spent = counted.spent,
           order_count = counted.orders,
           last_order_at = case when $3::integer > 0 then $4::timestamp else last_order_at end,
           segment = case
             when counted.orders >= $5 or counted.spent >= $6 then 'vip'
             when counted.orders >= $7 then 'regular'
             else 'new'
           end,
           updated_at = $4
         from counted
         where customers.id = $1",
        customer.as_str(),
        amount.whole() * sign,
        i32::try_from(sign).unwrap_or(1),
        now.naive_utc(),
        VIP_FROM_ORDERS,
        VIP_FROM_SPENT,
        REGULAR_FROM_ORDERS,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The number of an order of a customer that is still under way, or whose money is still to go back, where there is one.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn open_order(
    connection: &mut PgConnection,
    customer: &CustomerId,
) -> Result<Option<(OrderId, String)>, sqlx::Error> {
    let row = sqlx::query!(
        "select id, order_number from orders
         where customer_id = $1 and (
           status in ('created', 'payment_initiated', 'paid', 'packed', 'shipped')
           or exists (select from refunds where order_id = orders.id and status = 'pending')
         )
         order by created_at desc limit 1",
        customer.as_str(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| (row.id.into(), row.order_number)))
}

/// A customer.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn load(connection: &mut PgConnection, id: &CustomerId) -> Result<Option<Customer>, sqlx::Error> {
    let row = sqlx::query!(
        "select id, name, phone, address, city, order_count from customers where id = $1",
        id.as_str(),
    )
    .fetch_optional(connection)
    .await?;
    let known = |text: String| (!text.is_empty()).then_some(text);
    Ok(row.map(|row| Customer {
        id: row.id.into(),
        name: known(row.name),
        phone: known(row.phone),
        address: row.address.and_then(known),
        city: row.city.and_then(known),
        order_count: row.order_count.and_then(|count| u32::try_from(count).ok()).unwrap_or(0),
    }))
}

/// The chats of a customer, those used last first.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn conversations(
    connection: &mut PgConnection,
    customer: &CustomerId,
) -> Result<Vec<ConversationId>, sqlx::Error> {
    let ids = sqlx::query_scalar!(
        "select id from conversations where customer_id = $1 and staff_id is null and joined_into is null
         order by last_inbound_at desc nulls last, id limit $2",
        customer.as_str(),
        MAX_CHATS,
    )
    .fetch_all(connection)
    .await?;
    Ok(ids.into_iter().map(ConversationId::from).collect())
}

/// Lets the dialogue answer a chat again that a person of the shop had taken over.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn set_bot_mode(
    connection: &mut PgConnection,
    store: &StoreId,
    conversation: &ConversationId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"update conversations set state = jsonb_set(state, '{mode}', '{"kind": "bot"}')
           where id = (select coalesce(joined_into, id) from conversations where id = $1) and store_id = $2"#,
        conversation.as_str(),
        store.as_str(),
    )
    .execute(connection)
    .await?;
    Ok(())
}
