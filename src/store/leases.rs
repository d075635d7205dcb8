//! Which process sends which row of the outbox: each row is leased to one, which renews the lease for as long as it is at
//! it. A process that dies loses its leases by time.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::outbox::{Leased, Route};
use crate::domain::message::Address;

/// What a process can send now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reach {
    /// Its channels, with the only chat that it serves there; nothing where it serves every chat.
    pub channels: Vec<(String, Option<String>)>,
    /// Gateways and channels that it can call.
    pub callees: Vec<String>,
    /// Channels with an account that does not work just now: what they should send waits.
    pub stopped: Vec<(String, String)>,
}

/// The moments of a lease.
#[derive(Debug, Clone, Copy)]
pub struct Moments {
    /// Now.
    pub now: DateTime<Utc>,
    /// Until when the rows will be leased.
    pub until: DateTime<Utc>,
    /// Rows of which the platform was asked after this moment wait for its report. Nothing while any of them may still be
    /// reported.
    pub called_before: Option<DateTime<Utc>>,
}

/// Leases the head row of each conversation, at most `limit` rows of one lane ([`super::outbox::MESSAGES`] or
/// [`super::outbox::CALLS`]) that are due and within reach. The order of a conversation holds because only its head can be
/// leased and its ids are drawn under its lock.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn take(
    connection: &mut PgConnection,
    lane: &str,
    reach: &Reach,
    moments: Moments,
    limit: i64,
) -> Result<Vec<Leased>, sqlx::Error> {
    let (channels, chats): (Vec<String>, Vec<Option<String>>) = reach.channels.iter().cloned().unzip();
    let (stopped_channels, stopped_accounts): (Vec<String>, Vec<String>) =
        reach.stopped.iter().cloned().unzip();
    let rows = sqlx::query!(
        r#"update outbox o set leased_until = $3, attempts = attempts + 1
           from (
             select x.id from outbox x
             join (
               select conversation_id, min(id) as id from outbox
               where state = 'queued' and lane = $1
               group by conversation_id
             ) h on h.id = x.id
             where x.state = 'queued' and x.due_at <= $2 and (x.leased_until is null or x.leased_until <= $2)
               and (x.called_at is null or x.called_at <= $4)
               and case x.lane
                 when 'call' then x.channel = any($5)
                 else exists (
                   select 1 from unnest($6::text[], $7::text[]) as served (channel, chat)
                   where served.channel = x.channel and (served.chat is null or served.chat = x.chat)
                 ) and not exists (
                   select 1 from unnest($8::text[], $9::text[]) as stopped (channel, account)
                   where stopped.channel = x.channel and stopped.account = x.account
                 )
               end
             order by x.id limit $10
             for update of x skip locked
           ) due
           where o.id = due.id
           returning o.id, o.conversation_id, o.lane, o.channel, o.chat, o.account, o.thread, o.payload, o.attempts, o.parts_sent,
             (select c.last_inbound_at from conversations c where c.id = o.conversation_id) as last_inbound_at"#,
        lane,
        moments.now.naive_utc(),
        moments.until.naive_utc(),
        moments.called_before.map(|at| at.naive_utc()),
        &reach.callees,
        &channels,
        &chats as &[Option<String>],
        &stopped_channels,
        &stopped_accounts,
        limit,
    )
    .fetch_all(connection)
    .await?;
    let mut leased: Vec<_> = rows
        .into_iter()
        .map(|row| Leased {
            id: row.id,
            lane: row.lane,
            route: Route {
                conversation: row.conversation_id.into(),
                to: Address { channel: row.channel.as_str().into(), chat: row.chat },
                account: row.account,
                thread: row.thread,
                last_inbound_at: row.last_inbound_at.map(|at| at.and_utc()),
            },
            payload: row.payload,
            attempts: row.attempts,
            parts_sent: row.parts_sent,
        })
        .collect();
    leased.sort_by_key(|row| row.id);
    Ok(leased)
}

/// Renews the leases of rows that are still being sent.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn renew(
    connection: &mut PgConnection,
    ids: &[i64],
    until: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update outbox set leased_until = $2 where id = any($1) and state = 'queued' and leased_until is not null",
        ids,
        until.naive_utc(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Notes that the platform is about to be asked to take a row, before it is.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn note_call(
    connection: &mut PgConnection,
    id: i64,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!("update outbox set called_at = $2 where id = $1 and state = 'queued'", id, now.naive_utc())
        .execute(connection)
        .await?;
    Ok(())
}

/// Gives leases back, so that another try can begin at once.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn release(connection: &mut PgConnection, ids: &[i64]) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update outbox set leased_until = null, called_at = null, attempts = greatest(attempts - 1, 0)
         where id = any($1) and state = 'queued'",
        ids,
    )
    .execute(connection)
    .await?;
    Ok(())
}
