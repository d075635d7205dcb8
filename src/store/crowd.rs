//! Messages of many chats that come in one body: a few statements for all of them, however many they are.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use sqlx::types::Json;

use crate::dialogue::conversation::{Conversation, PromptChoice};
use crate::domain::ids::{ConversationId, CustomerId, StoreId};
use crate::domain::message::ChannelName;

use super::inbox::NewMessage;

/// A conversation that a name leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lead {
    /// The name.
    pub name: String,
    /// The conversation.
    pub conversation: ConversationId,
    /// The platform's id of its person, where it is known.
    pub person_id: Option<String>,
    /// Its customer.
    pub customer: CustomerId,
    /// Until when a person of the shop has it.
    pub handed_until: Option<DateTime<Utc>>,
}

/// Holds names until the transaction ends, as `store::chats::lock_names` does, in the same order.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn lock_names(
    connection: &mut PgConnection,
    store: &StoreId,
    channel: &ChannelName,
    names: &[String],
) -> Result<(), sqlx::Error> {
    let mut keys: Vec<&str> = names.iter().map(String::as_str).collect();
    keys.sort_unstable();
    keys.dedup();
    let keys: Vec<String> = keys.into_iter().map(|name| format!("chat {store} {channel} {name}")).collect();
    sqlx::query!(
        "select pg_advisory_xact_lock(hashtextextended(k.key, 0)) from unnest($1::text[]) as k (key)",
        &keys,
    )
    .fetch_all(connection)
    .await?;
    Ok(())
}

/// Where names lead: a conversation of that name, or one that has it as another name.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn leads(
    connection: &mut PgConnection,
    store: &StoreId,
    channel: &ChannelName,
    names: &[String],
) -> Result<Vec<Lead>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select l.name as "name!", c.id, c.person_id, c.customer_id,
             (c.state #>> '{mode,until}')::timestamptz as handed_until
           from (
             select chat as name, id from conversations where store_id = $1 and channel = $2 and chat = any($3)
             union all
             select alias, conversation_id from chat_aliases where store_id = $1 and channel = $2 and alias = any($3)
           ) l join conversations c on c.id = l.id"#,
        store.as_str(),
        channel.as_str(),
        names,
    )
    .fetch_all(connection)
    .await?;
    let leads = rows.into_iter().map(|row| Lead {
        name: row.name,
        conversation: row.id.into(),
        person_id: row.person_id,
        customer: row.customer_id.into(),
        handed_until: row.handed_until,
    });
    Ok(leads.collect())
}

/// Of these chats, those that a customer is known by who has no conversation there (yet).
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn with_customers(
    connection: &mut PgConnection,
    store: &StoreId,
    channel: &ChannelName,
    chats: &[String],
) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select n.chat as "chat!" from unnest($3::text[]) as n (chat)
           where exists (
             select 1 from customers k
             where k.store_id = $1 and k.channel_ids @> jsonb_build_object($2::text, n.chat)
           )"#,
        store.as_str(),
        channel.as_str(),
        chats,
    )
    .fetch_all(connection)
    .await
}

/// A chat that writes for the first time.
#[derive(Debug, Clone)]
pub struct NewChat {
    /// The id of its conversation.
    pub conversation: ConversationId,
    /// The id of its customer.
    pub customer: CustomerId,
    /// The name that it is called by.
    pub chat: String,
    /// Its other names.
    pub aliases: Vec<String>,
    /// The platform's id of the person.
    pub person_id: Option<String>,
    /// What the platform calls them.
    pub name: String,
    /// Their phone number.
    pub phone: String,
    /// The state that they begin in.
    pub state: Conversation,
}

/// Makes customers and conversations of chats that nobody knows; the caller holds their names. Returns how many conversations
/// were made.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn meet(
    connection: &mut PgConnection,
    store: &StoreId,
    channel: &ChannelName,
    new: &[NewChat],
    now: DateTime<Utc>,
) -> Result<usize, sqlx::Error> {
    let text = |of: fn(&NewChat) -> &str| new.iter().map(|chat| of(chat).to_owned()).collect::<Vec<_>>();
    let person_ids: Vec<Option<String>> = new.iter().map(|chat| chat.person_id.clone()).collect();
    let states: Vec<serde_json::Value> =
        new.iter().map(|chat| serde_json::to_value(&chat.state).unwrap_or_default()).collect();
    let (alias_of, aliases): (Vec<String>, Vec<String>) = new
        .iter()
        .flat_map(|chat| chat.aliases.iter().map(|alias| (chat.conversation.to_string(), alias.clone())))
        .unzip();
    let made = sqlx::query_scalar!(
        r#"with chats as (
             select * from unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::jsonb[])
               as n (conversation_id, customer_id, chat, person_id, name, phone, state)
           ), people as (
             insert into customers (id, store_id, name, phone, channel_ids, segment, created_at, updated_at)
             select n.customer_id, $1, n.name, n.phone, jsonb_build_object($2::text, n.chat), 'new', $10, $10 from chats n
           ), made as (
             insert into conversations
               (id, store_id, channel, chat, customer_id, person_id, state, created_at, updated_at)
             select n.conversation_id, $1, $2, n.chat, n.customer_id, n.person_id, n.state, $10, $10 from chats n
             on conflict (store_id, channel, chat) do nothing
             returning id
           ), known as (
             insert into chat_aliases (store_id, channel, alias, conversation_id)
             select distinct $1, $2, a.alias, a.conversation_id
             from unnest($11::text[], $12::text[]) as a (conversation_id, alias)
             on conflict (store_id, channel, alias) do nothing
           )
           select count(*) as "made!" from made"#,
        store.as_str(),
        channel.as_str(),
        &text(|chat| chat.conversation.as_str()),
        &text(|chat| chat.customer.as_str()),
        &text(|chat| &chat.chat),
        &person_ids as &[Option<String>],
        &text(|chat| &chat.name),
        &text(|chat| &chat.phone),
        &states,
        now.naive_utc(),
        &alias_of,
        &aliases,
    )
    .fetch_one(connection)
    .await?;
    Ok(usize::try_from(made).unwrap_or(0))
}

/// What a conversation has not been known by so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recognised {
    /// The conversation.
    pub conversation: ConversationId,
    /// Names that led nowhere.
    pub aliases: Vec<String>,
    /// The platform's id of the person.
    pub person_id: Option<String>,
}

/// Keeps what the platform tells for the first time of conversations that are known.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn recognise(
    connection: &mut PgConnection,
    store: &StoreId,
    channel: &ChannelName,
    known: &[Recognised],
) -> Result<(), sqlx::Error> {
    let ids: Vec<String> = known.iter().map(|known| known.conversation.to_string()).collect();
    let person_ids: Vec<Option<String>> = known.iter().map(|known| known.person_id.clone()).collect();
    let (alias_of, aliases): (Vec<String>, Vec<String>) = known
        .iter()
        .flat_map(|known| known.aliases.iter().map(|alias| (known.conversation.to_string(), alias.clone())))
        .unzip();
    sqlx::query!(
        "with recognised as (
           update conversations c set person_id = n.person_id
           from unnest($3::text[], $4::text[]) as n (id, person_id)
           where c.id = n.id and c.person_id is null and n.person_id is not null
         )
         insert into chat_aliases (store_id, channel, alias, conversation_id)
         select distinct $1, $2, a.alias, a.conversation_id
         from unnest($5::text[], $6::text[]) as a (conversation_id, alias)
         on conflict (store_id, channel, alias) do nothing",
        store.as_str(),
        channel.as_str(),
        &ids,
        &person_ids as &[Option<String>],
        &alias_of,
        &aliases,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A message of a conversation that is known.
#[derive(Debug, Clone, Copy)]
pub struct Message<'a> {
    /// Its conversation.
    pub conversation: &'a ConversationId,
    /// Its customer.
    pub customer: &'a CustomerId,
    /// The message.
    pub message: &'a NewMessage<'a>,
}

/// Stores messages of one account in the order of the list: rows of the inbox and of `customer_messages`, in one statement.
/// Returns the row of each key that is new.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn insert(
    connection: &mut PgConnection,
    store: &StoreId,
    channel: &ChannelName,
    account: &str,
    messages: &[Message<'_>],
    now: DateTime<Utc>,
) -> Result<HashMap<String, i64>, sqlx::Error> {
    let text = |of: fn(&NewMessage<'_>) -> String| {
        messages.iter().map(|one| of(one.message)).collect::<Vec<String>>()
    };
    let conversations: Vec<String> = messages.iter().map(|one| one.conversation.to_string()).collect();
    let customers: Vec<String> = messages.iter().map(|one| one.customer.to_string()).collect();
    let payloads: Vec<serde_json::Value> = messages.iter().map(|one| one.message.payload.clone()).collect();
    let (other_of, others): (Vec<String>, Vec<String>) = messages
        .iter()
        .flat_map(|one| {
            one.message.other_ids.iter().map(|other| (one.message.external_id.to_owned(), other.clone()))
        })
        .unzip();
    let rows = sqlx::query!(
        r#"with told as (
             select distinct on (t.key) t.* from unnest(
               $3::text[], $4::text[], $5::text[], $6::jsonb[], $7::text[], $8::text[], $9::text[], $10::text[]
             ) with ordinality as t
               (conversation_id, customer_id, key, payload, message_id, text, channel_message_id, type, position)
             where not exists (
               select 1 from unnest($11::text[], $12::text[]) as o (key, other)
               join inbox b on b.source = $2 and b.external_id = o.other
                 and coalesce(b.payload #>> '{inbound,account}', '') = $14
               where o.key = t.key
             )
             order by t.key, t.position
           ), i as (
             insert into inbox (conversation_id, source, external_id, payload, received_at)
             select t.conversation_id, $2, t.key, t.payload, $13 from told t order by t.position
             on conflict (source, external_id) do nothing
             returning id, external_id
           ), m as (
             insert into customer_messages
               (id, store_id, customer_id, text, direction, channel, channel_message_id, type, created_at,
                conversation_id)
             select t.message_id, $1, t.customer_id, t.text, 'inbound', $2, t.channel_message_id, t.type, $13,
               t.conversation_id
             from told t join i on i.external_id = t.key
           )
           select id, external_id from i"#,
        store.as_str(),
        channel.as_str(),
        &conversations,
        &customers,
        &text(|one| one.external_id.to_owned()),
        &payloads,
        &text(|one| one.message_id.to_owned()),
        &text(|one| one.text.to_owned()),
        &text(|one| one.channel_message_id.to_owned()),
        &text(|one| one.kind.to_owned()),
        &other_of,
        &others,
        now.naive_utc(),
        account,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.external_id, row.id)).collect())
}

/// The choices of prompts, by their tokens.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn choices(
    connection: &mut PgConnection,
    tokens: &[String],
) -> Result<HashMap<String, Vec<PromptChoice>>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select token, choices as "choices: Json<Vec<PromptChoice>>" from prompts where token = any($1)"#,
        tokens,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.token, row.choices.0)).collect())
}
