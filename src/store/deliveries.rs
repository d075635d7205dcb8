//! What platforms tell of messages that went out, and pictures that they keep for us.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::domain::ids::{ConversationId, OrderId, StoreId};
use crate::domain::message::{ChannelName, Delivery, DeliveryState};

/// The longest time that a report is noted to have taken, in milliseconds.
const MAX_REPORT_MS: i32 = 24 * 60 * 60 * 1_000;
/// How many of an account's last reports say how long its next one may take.
const REPORTS_SEEN: i64 = 50;

/// What a report of how far a message got has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arrived {
    /// Nothing: as much was known.
    Known,
    /// It is news.
    News,
    /// The message had been given up.
    GivenUp {
        /// The row of the outbox.
        outbox_id: i64,
        /// Its conversation.
        conversation: ConversationId,
    },
}

/// Notes how far a message got. Reports come twice and out of order: one that says less than is known changes nothing. One
/// that a device has the message is true whatever was thought of it; one that the platform has it says something only of a
/// message of which that was not known, because a failure of its delivery comes after it. How long the first one took is kept.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn arrived(
    connection: &mut PgConnection,
    channel: &ChannelName,
    delivery: &Delivery,
    now: DateTime<Utc>,
) -> Result<Arrived, sqlx::Error> {
    let (before, after): (&[&str], &str) = match delivery.state {
        DeliveryState::Sent => (&["queued", "dead", "sent"], "sent"),
        DeliveryState::Delivered => (&["queued", "dead", "sent"], "delivered"),
        DeliveryState::Read => (&["queued", "dead", "sent", "delivered"], "read"),
        DeliveryState::Failed => return Ok(Arrived::Known),
    };
    let before: Vec<String> = before.iter().map(|state| (*state).to_owned()).collect();
    let Some(id) = row_of(connection, channel, delivery).await? else { return Ok(Arrived::Known) };
    let row = sqlx::query!(
        r#"with old as (
             select id, state from outbox
             where id = $1 and channel = $2 and account in ($7, '') and state = any($4)
               and case
                 when $3 <> 'sent' then true
                 when state = 'dead' then unknown_tries > 0 and channel_message_id is distinct from $6
                 else state = 'queued' or report_ms is null
               end
             for update
           )
           update outbox o set state = $3, leased_until = null, called_at = null, awaited_until = null, error = null,
             -- What went to a person who was forgotten leads nowhere.
             channel_message_id = case when o.payload <> '{}' then coalesce(o.channel_message_id, $6) end,
             report_ms = coalesce(o.report_ms, case when coalesce(o.called_at, o.sent_at) is not null then
               least($8::integer, greatest(0, extract(epoch from $5::timestamp - coalesce(o.called_at, o.sent_at)) * 1000))::integer
             end),
             sent_at = coalesce(o.sent_at, $5),
             delivered_at = case when $3 in ('delivered', 'read') then coalesce(o.delivered_at, $5) else o.delivered_at end,
             read_at = case when $3 = 'read' then $5 else o.read_at end
           from old where o.id = old.id
           returning o.id, o.conversation_id, old.state as "before!""#,
        id,
        channel.as_str(),
        after,
        &before,
        now.naive_utc(),
        delivery.channel_message_id,
        delivery.account,
        MAX_REPORT_MS,
    )
    .fetch_optional(connection)
    .await?;
    Ok(match row {
        None => Arrived::Known,
        Some(row) if row.before == "dead" => {
            Arrived::GivenUp { outbox_id: row.id, conversation: row.conversation_id.into() }
        }
        Some(_) => Arrived::News,
    })
}

/// How many of an account's last reports were seen, and the milliseconds within which nine in ten of them came.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn report_times(
    connection: &mut PgConnection,
    channel: &ChannelName,
    account: &str,
) -> Result<(i64, Option<i32>), sqlx::Error> {
    let row = sqlx::query!(
        r#"select count(*) as "seen!", percentile_disc(0.9) within group (order by report_ms) as most
           from (
             select report_ms from outbox
             where channel = $1 and account = $2 and report_ms is not null order by id desc limit $3
           ) last"#,
        channel.as_str(),
        account,
        REPORTS_SEEN,
    )
    .fetch_one(connection)
    .await?;
    Ok((row.seen, row.most))
}

/// A message of which its platform says that it could not be delivered, while nothing better is known of it.
#[derive(Debug, Clone)]
pub struct Failing {
    /// The row of the outbox.
    pub outbox_id: i64,
    /// Its conversation.
    pub conversation: ConversationId,
    /// The account that sent it.
    pub account: String,
    /// Tries so far.
    pub attempts: i32,
}

/// The message that a report of a failure is about, locked; nothing where the report changes nothing: a device has the
/// message, the failure is known, or it is that of an earlier try.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn failing(
    connection: &mut PgConnection,
    channel: &ChannelName,
    delivery: &Delivery,
) -> Result<Option<Failing>, sqlx::Error> {
    let Some(id) = row_of(connection, channel, delivery).await? else { return Ok(None) };
    // A row that waits for its next try has the id of the try that failed.
    let row = sqlx::query!(
        "select id, conversation_id, account, attempts from outbox
         where id = $1 and channel = $2 and account in ($5, '') and state in ('queued', 'sent') and payload <> '{}'
           and ($4 or case state
           when 'queued' then channel_message_id is distinct from $3
           else channel_message_id is null or channel_message_id = $3 end)
         for update",
        id,
        channel.as_str(),
        delivery.channel_message_id,
        delivery.is_part,
        delivery.account,
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| Failing {
        outbox_id: row.id,
        conversation: row.conversation_id.into(),
        account: row.account,
        attempts: row.attempts,
    }))
}

/// Writes that a message could not be delivered: it goes again at a moment, or never.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn fail(
    connection: &mut PgConnection,
    outbox_id: i64,
    delivery: &Delivery,
    again_at: Option<DateTime<Utc>>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update outbox set leased_until = null, called_at = null, awaited_until = null, error = $3,
           due_at = coalesce($4, due_at),
           state = case when $4::timestamp is null then 'dead' else 'queued' end,
           channel_message_id = case when $5 then channel_message_id else $2 end
         where id = $1",
        outbox_id,
        delivery.channel_message_id,
        delivery.error,
        again_at.map(|at| at.naive_utc()),
        delivery.is_part,
    )
    .execute(connection)
    .await?;
    Ok(())
}

async fn row_of(
    connection: &mut PgConnection,
    channel: &ChannelName,
    delivery: &Delivery,
) -> Result<Option<i64>, sqlx::Error> {
    match delivery.outbox_id {
        Some(id) => Ok(Some(id)),
        None => by_channel_id(connection, channel, &delivery.channel_message_id).await,
    }
}

async fn by_channel_id(
    connection: &mut PgConnection,
    channel: &ChannelName,
    channel_message_id: &str,
) -> Result<Option<i64>, sqlx::Error> {
    sqlx::query_scalar!(
        "select id from outbox where channel = $1 and channel_message_id = $2 order by id desc limit 1",
        channel.as_str(),
        channel_message_id,
    )
    .fetch_optional(connection)
    .await
}

/// Whether a message about an order, written since it was paid, has reached any staff chat of the shop, as far as its
/// platform can tell. On channels that are not among `with_reports`, sent is all that can be known.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn has_reached_staff(
    connection: &mut PgConnection,
    store: &StoreId,
    order: &OrderId,
    with_reports: &[&str],
) -> Result<bool, sqlx::Error> {
    let with_reports: Vec<String> = with_reports.iter().map(|name| (*name).to_owned()).collect();
    sqlx::query_scalar!(
        r#"select exists (
             select 1 from outbox o
             join conversations c on c.id = o.conversation_id
             join orders paid on paid.id = o.subject
             where o.subject = $2 and o.created_at >= coalesce(paid.paid_at, o.created_at) and c.store_id = $1 and c.staff_id is not null
               and (o.state in ('delivered', 'read') or (o.state = 'sent' and not o.channel = any($3)))
           ) as "reached!""#,
        store.as_str(),
        order.as_str(),
        &with_reports,
    )
    .fetch_one(connection)
    .await
}

/// A message that could not be delivered: what it says, and the order that it is about.
#[derive(Debug, Clone)]
pub struct Undelivered {
    /// `domain::message::Outbound`.
    pub payload: serde_json::Value,
    /// The order.
    pub subject: Option<OrderId>,
}

/// A message of a conversation that was given up.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn dead(
    connection: &mut PgConnection,
    conversation: &ConversationId,
    outbox_id: i64,
) -> Result<Option<Undelivered>, sqlx::Error> {
    let row = sqlx::query!(
        "select payload, subject from outbox where id = $1 and conversation_id = $2 and state = 'dead'",
        outbox_id,
        conversation.as_str(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| Undelivered { payload: row.payload, subject: row.subject.map(OrderId::from) }))
}

/// Who of a shop was told that a message of a conversation did not arrive: their conversations, with what they were told.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn told_undelivered(
    connection: &mut PgConnection,
    conversation: &ConversationId,
    outbox_id: i64,
) -> Result<Vec<(ConversationId, serde_json::Value)>, sqlx::Error> {
    let rows = sqlx::query!(
        "select i.conversation_id, i.payload from conversations c
         join conversations s on s.store_id = c.store_id and s.staff_id is not null
         join inbox i on i.source = 'signal' and i.external_id = 'undelivered:' || $2::bigint || ':' || s.id
         where c.id = $1",
        conversation.as_str(),
        outbox_id,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.conversation_id.into(), row.payload)).collect())
}

/// The platform's id of a picture that an account has uploaded before, where it may still be used.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn uploaded(
    connection: &mut PgConnection,
    channel: &ChannelName,
    account: &str,
    hash: &str,
    now: DateTime<Utc>,
) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar!(
        "select uploaded_id from uploads
         where channel = $1 and account = $2 and hash = $3 and (expires_at is null or expires_at > $4)",
        channel.as_str(),
        account,
        hash,
        now.naive_utc(),
    )
    .fetch_optional(connection)
    .await
}

/// Remembers the platform's id of a picture.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn remember_upload(
    connection: &mut PgConnection,
    channel: &ChannelName,
    account: &str,
    hash: &str,
    uploaded_id: &str,
    expires_at: Option<DateTime<Utc>>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into uploads (channel, account, hash, uploaded_id, expires_at) values ($1, $2, $3, $4, $5)
         on conflict (channel, account, hash) do update
           set uploaded_id = excluded.uploaded_id, expires_at = excluded.expires_at",
        channel.as_str(),
        account,
        hash,
        uploaded_id,
        expires_at.map(|at| at.naive_utc()),
    )
    .execute(connection)
    .await?;
    Ok(())
}
