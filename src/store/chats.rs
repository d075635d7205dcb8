//! The names of chats: finding a conversation by any of them, names that change, and two conversations that turn out to be of
//! one chat.

use sqlx::PgConnection;

use crate::domain::ids::{ConversationId, StoreId};
use crate::domain::message::ChannelName;

/// Every name that a platform has told of one chat, the one that it is called by first.
#[derive(Debug, Clone, Copy)]
pub struct Names<'a> {
    /// The shop.
    pub store: &'a StoreId,
    /// The channel.
    pub channel: &'a ChannelName,
    /// The name that it is called by.
    pub chat: &'a str,
    /// Its other names.
    pub aliases: &'a [String],
    /// The name among them that is the platform's id of the person and that nobody else ever gets, where it is told. The
    /// other names may have been somebody else's before, as phone numbers are.
    pub person_id: Option<&'a str>,
}

/// The conversations that the names of a chat lead to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// Of the same person, the one that answers first.
    pub same: Vec<ConversationId>,
    /// Of other people, who had one of the names before.
    pub strangers: Vec<ConversationId>,
}

/// Holds names until the transaction ends, so that two events that tell different names of one new chat do not make two
/// conversations of it.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn lock_names(connection: &mut PgConnection, names: Names<'_>) -> Result<(), sqlx::Error> {
    let mut all: Vec<&str> = names.aliases.iter().map(String::as_str).chain([names.chat]).collect();
    // Everybody takes them in the same order, so that nobody waits in a circle.
    all.sort_unstable();
    all.dedup();
    for name in all {
        let key = format!("chat {} {} {name}", names.store, names.channel);
        sqlx::query!("select pg_advisory_xact_lock(hashtextextended($1, 0))", key)
            .fetch_one(&mut *connection)
            .await?;
    }
    Ok(())
}

/// The conversations that any name of a chat leads to, the one that answers first: whose own name is the chat's, then by
/// another name of it, then by the chat's other names. `inbox::accept_message` looks in the same order.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn find(connection: &mut PgConnection, names: Names<'_>) -> Result<Found, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select c.id, min(rank) > 1 and coalesce(c.person_id <> $5, false) as "is_stranger!" from (
             select id, 0 as rank from conversations where store_id = $1 and channel = $2 and chat = $3
             union all
             select conversation_id, 1 from chat_aliases where store_id = $1 and channel = $2 and alias = $3
             union all
             select id, 2 from conversations where store_id = $1 and channel = $2 and chat = any($4)
             union all
             select conversation_id, 3 from chat_aliases where store_id = $1 and channel = $2 and alias = any($4)
           ) found join conversations c on c.id = found.id group by c.id order by min(rank), c.id"#,
        names.store.as_str(),
        names.channel.as_str(),
        names.chat,
        names.aliases,
        names.person_id,
    )
    .fetch_all(connection)
    .await?;
    let mut found = Found::default();
    for row in rows {
        let list = if row.is_stranger { &mut found.strangers } else { &mut found.same };
        list.push(row.id.into());
    }
    Ok(found)
}

/// Keeps the platform's id of the person of a conversation; `None` takes it back.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn set_person(
    connection: &mut PgConnection,
    conversation: &ConversationId,
    person_id: Option<&str>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update conversations set person_id = $2 where id = $1 and person_id is distinct from $2",
        conversation.as_str(),
        person_id,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The platform's id of the person of a conversation, where it is known.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn person(
    connection: &mut PgConnection,
    conversation: &ConversationId,
) -> Result<Option<String>, sqlx::Error> {
    let found =
        sqlx::query_scalar!("select person_id from conversations where id = $1", conversation.as_str())
            .fetch_optional(connection)
            .await?;
    Ok(found.flatten())
}

/// The names of a chat lead to its conversation from now on, also those that led to a stranger's. What the stranger is
/// called by here is the platform's id of them, if it was one of these names.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn take_over(
    connection: &mut PgConnection,
    names: Names<'_>,
    conversation: &ConversationId,
    stranger: &ConversationId,
) -> Result<(), sqlx::Error> {
    let their_id = sqlx::query_scalar!(
        r#"select person_id as "id!" from conversations
           where id = $1 and person_id is not null and chat <> person_id and chat = any($2)"#,
        stranger.as_str(),
        names.aliases,
    )
    .fetch_optional(&mut *connection)
    .await?;
    if let Some(their_id) = their_id {
        rename(connection, stranger, &their_id).await?;
    }
    sqlx::query!(
        "update chat_aliases set conversation_id = $5
         where store_id = $1 and channel = $2 and alias = any($3) and conversation_id = $4",
        names.store.as_str(),
        names.channel.as_str(),
        names.aliases,
        stranger.as_str(),
        conversation.as_str(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Keeps names of a conversation by which it is found from now on. Names that lead somewhere already are left alone.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn know(
    connection: &mut PgConnection,
    names: Names<'_>,
    conversation: &ConversationId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into chat_aliases (store_id, channel, alias, conversation_id)
         select distinct $1, $2, n.name, c.id
         from conversations c, unnest(array_append($4::text[], $3)) as n (name)
         where c.id = $5 and n.name <> c.chat
         on conflict (store_id, channel, alias) do nothing",
        names.store.as_str(),
        names.channel.as_str(),
        names.chat,
        names.aliases,
        conversation.as_str(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A conversation answers under another name from now on, also with what still waits to be sent; the name that it had keeps
/// finding it.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn rename(
    connection: &mut PgConnection,
    conversation: &ConversationId,
    to: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "with old as (
           select store_id, channel, chat, customer_id from conversations where id = $1 and chat <> $2
         ), own as (
           delete from chat_aliases a using old
           where a.store_id = old.store_id and a.channel = old.channel and a.alias = $2
         ), renamed as (
           update conversations c set chat = $2 from old where c.id = $1
         ), waiting as (
           update outbox o set chat = $2 from old
           where o.conversation_id = $1 and o.state = 'queued' and o.lane = 'message'
         ), known as (
           update customers k
           set channel_ids = coalesce(k.channel_ids, '{}') || jsonb_build_object(old.channel, $2::text)
           from old where k.id = old.customer_id
         )
         insert into chat_aliases (store_id, channel, alias, conversation_id)
         select store_id, channel, chat, $1 from old
         on conflict (store_id, channel, alias) do update set conversation_id = excluded.conversation_id",
        conversation.as_str(),
        to,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Whoever is behind a conversation has another phone number, where the old one is what is known of them.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn change_phone(
    connection: &mut PgConnection,
    conversation: &ConversationId,
    from: &str,
    to: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r"update customers k set phone = $3 from conversations c
          where c.id = $1 and k.id = c.customer_id and regexp_replace(k.phone, '\D', '', 'g') = $2",
        conversation.as_str(),
        from,
        to,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A second conversation turned out to be of the same chat: its names lead to the first from now on, and so does everything
/// that is still open in it: what came in and was not handled, what waits to be sent, deadlines, buttons, files, its orders'
/// news, and that a person of the shop has the word.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn retire(
    connection: &mut PgConnection,
    keep: &ConversationId,
    gone: &ConversationId,
) -> Result<(), sqlx::Error> {
    let (keep, gone) = (keep.as_str(), gone.as_str());
    // Turns of both and events that are being stored for either come before this or after it.
    sqlx::query!("select id from conversations where id in ($1, $2) order by id for update", keep, gone)
        .fetch_all(&mut *connection)
        .await?;
    sqlx::query!(
        r#"update conversations k set
             state = case
               when g.state #>> '{mode,kind}' = 'human' and (
                 k.state #>> '{mode,kind}' is distinct from 'human'
                 or (k.state #>> '{mode,until}')::timestamptz < (g.state #>> '{mode,until}')::timestamptz
               ) then jsonb_set(k.state, '{mode}', g.state -> 'mode')
               else k.state
             end || case
               when k.staff_id is null and g.staff_id is not null then '{"role": "staff"}'::jsonb else '{}'
             end,
             staff_id = coalesce(k.staff_id, g.staff_id),
             account = coalesce(nullif(k.account, ''), g.account),
             last_inbound_at = greatest(k.last_inbound_at, g.last_inbound_at),
             person_id = coalesce(k.person_id, g.person_id),
             turns = k.turns + g.turns
           from conversations g where k.id = $1 and g.id = $2"#,
        keep,
        gone,
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "with names as (
           update chat_aliases set conversation_id = $1 where conversation_id = $2
         ), events as (
           update inbox set conversation_id = $1 where conversation_id = $2 and handled_at is null
         ), sent as (
           update outbox o set conversation_id = $1,
             chat = case when o.state = 'queued' and o.lane = 'message' then k.chat else o.chat end
           from conversations k where o.conversation_id = $2 and k.id = $1
         ), deadlines as (
           update timers set conversation_id = $1 where conversation_id = $2
         ), buttons as (
           -- What they belonged to is not where the other conversation stands.
           update prompts set conversation_id = $1, revision = -1 where conversation_id = $2
         ), files as (
           update attachments set conversation_id = $1 where conversation_id = $2
         ), asked as (
           -- What was asked in both is open once.
           update questions q set conversation_id = $1
           where q.conversation_id = $2 and (q.answered_at is not null or not exists (
             select 1 from questions k where k.conversation_id = $1 and k.words = q.words and k.answered_at is null
           ))
         ), ordered as (
           update orders o set metadata = jsonb_set(o.metadata, '{conversation}', to_jsonb($1::text))
           from conversations k
           where k.id = $1 and o.customer_id = k.customer_id and o.metadata ->> 'conversation' = $2
         ), before as (
           update conversations set joined_into = $1 where joined_into = $2
         ), gone as (
           select store_id, channel, chat from conversations where id = $2
         ), retired as (
           update conversations
           set chat = 'joined:' || id, joined_into = $1, staff_id = null, timer_at = null where id = $2
         )
         insert into chat_aliases (store_id, channel, alias, conversation_id)
         select store_id, channel, chat, $1 from gone
         on conflict (store_id, channel, alias) do update set conversation_id = excluded.conversation_id",
        keep,
        gone,
    )
    .execute(connection)
    .await?;
    Ok(())
}
