//! What both sides said in a web chat, out of inbox and outbox, and whether something is still under way.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::domain::ids::{ConversationId, StoreId};
use crate::domain::message::Outbound;

/// Who said a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// The person, in the inbox.
    In,
    /// The shop, in the outbox.
    Out,
}

/// One row of a transcript.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Which table it is from.
    pub side: Side,
    /// Its id there.
    pub id: i64,
    /// When it was written.
    pub at: DateTime<Utc>,
    /// `pipeline::work::Work` or `domain::message::Outbound`.
    pub payload: serde_json::Value,
    /// The words on the button that was pressed, for presses.
    pub label: Option<String>,
}

/// A place in a transcript: an id in the inbox and an id in the outbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cursor {
    /// In the inbox.
    pub inbox: i64,
    /// In the outbox.
    pub outbox: i64,
}

/// Keeps what the shop said in a conversation by other means than ours.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn insert_outbound(
    connection: &mut PgConnection,
    id: &str,
    conversation: &ConversationId,
    text: &str,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into customer_messages
           (id, store_id, customer_id, text, direction, channel, type, created_at, conversation_id)
         select $1, store_id, customer_id, $3, 'outbound', channel, 'text', $4, id from conversations where id = $2",
        id,
        conversation.as_str(),
        text,
        now.naive_utc(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Rows after a place, oldest first, at most `limit` of each side; each side is in order, the two are not merged.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn after(
    connection: &mut PgConnection,
    store: &StoreId,
    chat: &str,
    cursor: Cursor,
    limit: i64,
) -> Result<Vec<Row>, sqlx::Error> {
    // The button's number is only read where it is one: what a stranger posted must not fail the query.
    let rows = sqlx::query!(
        r#"with c as materialized (
             select id from conversations where store_id = $1 and channel = 'web' and chat = $2
           ), i as (
             select id, received_at, payload, payload #>> '{inbound,content,data}' as data from inbox
             where conversation_id = (select id from c) and source = 'web' and id > $3
             order by id limit $5
           ), o as (
             (select id, created_at, payload from outbox
              where conversation_id = (select id from c) and lane = 'message' and id > $4
              order by id limit $5)
             union all
             -- The last words to a person who was forgotten.
             (select o.id, o.created_at, o.payload from outbox o join conversations v on v.id = o.conversation_id
              where o.channel = 'web' and o.chat = $2 and o.wipe_at is not null and v.store_id = $1 and o.id > $4
              order by o.id limit $5)
           )
           select true as "inbound!", i.id as "id!", i.received_at as "at!", i.payload as "payload!",
             case when i.data ~ '\.[0-9]{1,3}$'
               then p.choices -> substring(i.data from '[0-9]+$')::int ->> 'label' end as label
           from i left join prompts p
             on p.conversation_id = (select id from c) and p.token = substring(i.data from '^(.*)\.[0-9]+$')
           union all
           select false, o.id, o.created_at, o.payload, null from o
           order by 1, 2"#,
        store.as_str(),
        chat,
        cursor.inbox,
        cursor.outbox,
        limit,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Row {
            side: if row.inbound { Side::In } else { Side::Out },
            id: row.id,
            at: row.at.and_utc(),
            payload: row.payload,
            label: row.label,
        })
        .collect())
}

/// Rows before a place, oldest first, at most the last `limit` of each side.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn before(
    connection: &mut PgConnection,
    store: &StoreId,
    chat: &str,
    cursor: Cursor,
    limit: i64,
) -> Result<Vec<Row>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"with c as materialized (
             select id from conversations where store_id = $1 and channel = 'web' and chat = $2
           ), i as (
             select id, received_at, payload, payload #>> '{inbound,content,data}' as data from inbox
             where conversation_id = (select id from c) and source = 'web' and id < $3
             order by id desc limit $5
           ), o as (
             (select id, created_at, payload from outbox
              where conversation_id = (select id from c) and lane = 'message' and id < $4
              order by id desc limit $5)
             union all
             -- The last words to a person who was forgotten.
             (select o.id, o.created_at, o.payload from outbox o join conversations v on v.id = o.conversation_id
              where o.channel = 'web' and o.chat = $2 and o.wipe_at is not null and v.store_id = $1 and o.id < $4
              order by o.id desc limit $5)
           )
           select true as "inbound!", i.id as "id!", i.received_at as "at!", i.payload as "payload!",
             case when i.data ~ '\.[0-9]{1,3}$'
               then p.choices -> substring(i.data from '[0-9]+$')::int ->> 'label' end as label
           from i left join prompts p
             on p.conversation_id = (select id from c) and p.token = substring(i.data from '^(.*)\.[0-9]+$')
           union all
           select false, o.id, o.created_at, o.payload, null from o
           order by 1, 2"#,
        store.as_str(),
        chat,
        cursor.inbox,
        cursor.outbox,
        limit,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Row {
            side: if row.inbound { Side::In } else { Side::Out },
            id: row.id,
            at: row.at.and_utc(),
            payload: row.payload,
            label: row.label,
        })
        .collect())
}

/// Whether the shop is about to say something in a chat: a message of the person is not handled yet, or a charge that
/// leads to a message is being made.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn is_typing(
    connection: &mut PgConnection,
    store: &StoreId,
    chat: &str,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"with c as materialized (
             select id from conversations where store_id = $1 and channel = 'web' and chat = $2
           )
           select (
             exists (
               select 1 from inbox
               where conversation_id = (select id from c) and handled_at is null and source in ('web', 'call')
             ) or exists (
               select 1 from outbox
               where conversation_id = (select id from c) and state = 'queued' and lane = 'call'
                 and attempts <= 1 and payload ->> 'call' = 'charge'
             )
           ) as "typing!""#,
        store.as_str(),
        chat,
    )
    .fetch_one(connection)
    .await
}

/// One message that the shop wrote into a chat; nothing when the row is another chat's.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn message(
    connection: &mut PgConnection,
    store: &StoreId,
    chat: &str,
    outbox_id: i64,
) -> Result<Option<Outbound>, sqlx::Error> {
    let payload = sqlx::query_scalar!(
        "select o.payload from outbox o join conversations c on c.id = o.conversation_id
         where o.id = $3 and o.lane = 'message' and c.store_id = $1 and c.channel = 'web' and c.chat = $2",
        store.as_str(),
        chat,
        outbox_id,
    )
    .fetch_optional(connection)
    .await?;
    Ok(payload.and_then(|payload| serde_json::from_value(payload).ok()))
}

/// Whether anything of a chat on any channel is under way that will come to an end by itself soon: an inbox row that is
/// due, or an outbox row that is due.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn is_under_way(
    connection: &mut PgConnection,
    store: &StoreId,
    address: &crate::domain::message::Address,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"with c as materialized (
             select id from conversations where store_id = $1 and channel = $2 and chat = $3
           )
           select (
             exists (
               select 1 from inbox
               where conversation_id = (select id from c) and handled_at is null
                 and (due_at is null or due_at <= $4)
             ) or exists (
               select 1 from outbox
               where conversation_id = (select id from c) and state = 'queued' and due_at <= $4
             )
           ) as "under_way!""#,
        store.as_str(),
        address.channel.as_str(),
        address.chat,
        now.naive_utc(),
    )
    .fetch_one(connection)
    .await
}
