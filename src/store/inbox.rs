//! The inbox: everything that comes in, stored once under its key, handled in order.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::domain::ids::{ConversationId, StoreId};
use crate::domain::message::Address;

/// A row that waits for its turn.
#[derive(Debug, Clone)]
pub struct Pending {
    /// The row's id.
    pub id: i64,
    /// `pipeline::work::Work`.
    pub payload: serde_json::Value,
    /// Turns that failed on it.
    pub attempts: i32,
    /// When it was stored.
    pub received_at: DateTime<Utc>,
    /// Not before this moment, after a failed turn.
    pub due_at: Option<DateTime<Utc>>,
}

/// A message of a person, as it goes into the inbox and into the shared table `customer_messages`.
#[derive(Debug, Clone)]
pub struct NewMessage<'a> {
    /// The shop.
    pub store: &'a StoreId,
    /// Where it comes from.
    pub address: &'a Address,
    /// The key under which it is handled once.
    pub external_id: &'a str,
    /// Other keys under which it may have been stored.
    pub other_ids: &'a [String],
    /// `pipeline::work::Work`.
    pub payload: &'a serde_json::Value,
    /// The id of the row in `customer_messages`.
    pub message_id: &'a str,
    /// What people read of it later.
    pub text: &'a str,
    /// `text`, `image`, `file` or `button`.
    pub kind: &'a str,
    /// The platform's id of the message.
    pub channel_message_id: &'a str,
    /// The account that it reached, as in `Inbound::account`.
    pub account: &'a str,
    /// Other names of the chat.
    pub aliases: &'a [String],
    /// The platform's id of the person, as in `store::chats::Names`.
    pub person_id: Option<&'a str>,
}

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The conversation that it belongs to.
    pub conversation: ConversationId,
    /// Its row, or nothing when it was stored before.
    pub inbox_id: Option<i64>,
    /// Another conversation that one of the names of this chat led to: both are one person's.
    pub other: Option<ConversationId>,
    /// A conversation of somebody else, who had one of the names of this chat before.
    pub stranger: Option<ConversationId>,
    /// Until when a person of the shop has the conversation.
    pub handed_until: Option<DateTime<Utc>>,
}

/// Stores a message of a chat that has a conversation, under any of its names, in one statement: inbox row and
/// `customer_messages` row. Returns nothing when the chat has no conversation yet.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn accept_message(
    connection: &mut PgConnection,
    message: &NewMessage<'_>,
    now: DateTime<Utc>,
) -> Result<Option<Stored>, sqlx::Error> {
    let row = sqlx::query!(
        r#"with named as (
             select id, customer_id, chat, person_id, 0 as rank from conversations
             where store_id = $1 and channel = $2 and chat = $3
             union all
             select c.id, c.customer_id, c.chat, c.person_id, 1 from chat_aliases a join conversations c on c.id = a.conversation_id
             where a.store_id = $1 and a.channel = $2 and a.alias = $3
             union all
             select id, customer_id, chat, person_id, 2 from conversations
             where store_id = $1 and channel = $2 and chat = any($11)
             union all
             select c.id, c.customer_id, c.chat, c.person_id, 3 from chat_aliases a join conversations c on c.id = a.conversation_id
             where a.store_id = $1 and a.channel = $2 and a.alias = any($11)
           ), found as (
             -- A number that somebody else had before leads nowhere.
             select n.*, rank > 1 and coalesce(person_id <> $13, false) as is_stranger from named n
           ), c as (
             select id, customer_id, chat, person_id from found where not is_stranger order by rank limit 1
           ), recognised as (
             update conversations v set person_id = $13 from c
             where v.id = c.id and c.person_id is null and $13::text is not null
           ), known as (
             insert into chat_aliases (store_id, channel, alias, conversation_id)
             select distinct $1, $2, n.name, c.id from c, unnest(array_append($11, $3)) as n (name)
             where cardinality($11) > 0 and n.name <> c.chat
             on conflict (store_id, channel, alias) do nothing
           ), i as (
             insert into inbox (conversation_id, source, external_id, payload, received_at)
             select id, $2, $4, $5, $6 from c
             where not exists (
               -- Of another account, it is another message.
               select 1 from inbox where source = $2 and external_id = any($12)
                 and coalesce(payload #>> '{inbound,account}', '') = $14
             )
             on conflict (source, external_id) do nothing
             returning id
           ), m as (
             insert into customer_messages
               (id, store_id, customer_id, text, direction, channel, channel_message_id, type, created_at,
                conversation_id)
             select $7, $1, c.customer_id, $8, 'inbound', $2, $9, $10, $6, c.id from c, i
           )
           select c.id as "id!", i.id as "inbox_id?", (select f.id from found f where f.id <> c.id and not f.is_stranger limit 1) as other,
             (select f.id from found f where f.id <> c.id and f.is_stranger limit 1) as stranger,
             (select (v.state #>> '{mode,until}')::timestamptz from conversations v where v.id = c.id) as handed_until
           from c left join i on true"#,
        message.store.as_str(),
        message.address.channel.as_str(),
        message.address.chat,
        message.external_id,
        message.payload,
        now.naive_utc(),
        message.message_id,
        message.text,
        message.channel_message_id,
        message.kind,
        message.aliases,
        message.other_ids,
        message.person_id,
        message.account,
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| Stored {
        conversation: row.id.into(),
        inbox_id: row.inbox_id,
        other: row.other.map(ConversationId::from),
        stranger: row.stranger.map(ConversationId::from),
        handed_until: row.handed_until,
    }))
}

/// Stores anything else for a conversation. Returns the row's id, or nothing when the key was stored before.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn insert(
    connection: &mut PgConnection,
    conversation: &ConversationId,
    source: &str,
    external_id: &str,
    payload: &serde_json::Value,
    now: DateTime<Utc>,
) -> Result<Option<i64>, sqlx::Error> {
    sqlx::query_scalar!(
        "insert into inbox (conversation_id, source, external_id, payload, received_at)
         values ($1, $2, $3, $4, $5)
         on conflict (source, external_id) do nothing
         returning id",
        conversation.as_str(),
        source,
        external_id,
        payload,
        now.naive_utc(),
    )
    .fetch_optional(connection)
    .await
}

/// Conversations with a row that is due, those that wait longest first, at most `limit`.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn conversations_with_work(
    connection: &mut PgConnection,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<ConversationId>, sqlx::Error> {
    // The head of each conversation decides: a head that is not due yet holds back what follows it.
    let ids = sqlx::query_scalar!(
        r#"select h.conversation_id as "id!" from (
             select distinct on (conversation_id) conversation_id, id, due_at from inbox
             where handled_at is null
             order by conversation_id, id
           ) h
           where h.due_at is null or h.due_at <= $1
           order by h.id limit $2"#,
        now.naive_utc(),
        limit,
    )
    .fetch_all(connection)
    .await?;
    Ok(ids.into_iter().map(ConversationId::from).collect())
}

/// Notes that a turn failed on a row: it is tried again at `due_at`, or set aside when that is nothing.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn failed(
    connection: &mut PgConnection,
    id: i64,
    error: &str,
    due_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update inbox set attempts = attempts + 1, error = $2, due_at = $3,
           handled_at = case when $3::timestamp is null then $4::timestamp end
         where id = $1 and handled_at is null",
        id,
        error,
        due_at.map(|at| at.naive_utc()),
        now.naive_utc(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Rows that are not handled: all, and of them those that failed at least once. For health, doctor and quiescence.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn backlog(connection: &mut PgConnection) -> Result<(i64, i64), sqlx::Error> {
    let row = sqlx::query!(
        r#"select count(*) as "pending!", count(*) filter (where attempts > 0) as "failing!"
           from inbox where handled_at is null"#,
    )
    .fetch_one(connection)
    .await?;
    Ok((row.pending, row.failing))
}
