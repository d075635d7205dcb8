//! Which process sends which row of the outbox: each row is leased to one, which renews the lease for as long as it is at
//! it. A process that dies loses its leases by time.

use chrono::{DateTime, Duration, Utc};
use sqlx::PgConnection;
use sqlx::postgres::types::PgInterval;

use super::outbox::{CallKind, Leased, Route};
use crate::domain::message::Address;

/// What a process can send now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reach {
    /// Its channels, with the only chat that it serves there; nothing where it serves every chat.
    pub channels: Vec<(String, Option<String>)>,
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
    /// How reports of messages are waited for.
    pub reports: Reports,
}

/// How reports are waited for of messages that a platform may have. Each row has its own wait, which ends early when the
/// person writes again (whoever has an answer does not ask for it), or when a later message of the account is reported.
#[derive(Debug, Clone, Copy)]
pub struct Reports {
    /// When this process began. What was told while nobody ran is told again, after about as long as nobody ran.
    pub started_at: DateTime<Utc>,
    /// A report is waited for at least as long as this.
    pub shortest: Duration,
    /// And at most as long as this.
    pub longest: Duration,
}

/// Leases the head message of each conversation, at most `limit` of those that are due and within reach. The order of a
/// conversation holds because only its head can be leased and its ids are drawn under its lock.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn take(
    connection: &mut PgConnection,
    reach: &Reach,
    moments: Moments,
    limit: i64,
) -> Result<Vec<Leased>, sqlx::Error> {
    let (channels, chats): (Vec<String>, Vec<Option<String>>) = reach.channels.iter().cloned().unzip();
    let (stopped_channels, stopped_accounts): (Vec<String>, Vec<String>) =
        reach.stopped.iter().cloned().unzip();
    let rows = sqlx::query_as!(
        Row,
        r#"update outbox o set leased_until = $2, attempts = attempts + 1
           from (
             select x.id from outbox x
             join (
               select conversation_id, min(id) as id from outbox
               where state = 'queued' and lane = 'message'
               group by conversation_id
             ) h on h.id = x.id
             where x.state = 'queued' and x.due_at <= $1 and (x.leased_until is null or x.leased_until <= $1)
               and (x.called_at is null or (x.called_at + $3::interval <= $1 and (
                 greatest(
                   coalesce(x.awaited_until, x.called_at + $9::interval),
                   case when x.called_at < $10 then
                     $10::timestamp + least($9::interval, greatest(x.awaited_until - x.called_at, $10 - x.called_at))
                   end
                 ) <= $1
                 or exists (
                   select 1 from conversations c
                   where c.id = x.conversation_id and c.last_inbound_at >= x.called_at + $3::interval
                 )
                 or exists (
                   select 1 from outbox y
                   where y.channel = x.channel and y.account = x.account and y.id > x.id and y.report_ms is not null
                     and y.sent_at > x.called_at
                 )
               )))
               and exists (
                 select 1 from unnest($4::text[], $5::text[]) as served (channel, chat)
                 where served.channel = x.channel and (served.chat is null or served.chat = x.chat)
               ) and not exists (
                 select 1 from unnest($6::text[], $7::text[]) as stopped (channel, account)
                 where stopped.channel = x.channel and stopped.account = x.account
               )
             order by x.due_at, x.id limit $8
             for update of x skip locked
           ) due
           where o.id = due.id
           returning o.id, o.conversation_id, o.lane, o.channel, o.chat, o.account, o.thread, o.payload, o.attempts, o.parts_sent,
             o.unknown_tries, o.created_at, o.due_at,
             (select c.last_inbound_at from conversations c where c.id = o.conversation_id) as last_inbound_at"#,
        moments.now.naive_utc(),
        moments.until.naive_utc(),
        interval(moments.reports.shortest),
        &channels,
        &chats as &[Option<String>],
        &stopped_channels,
        &stopped_accounts,
        limit,
        interval(moments.reports.longest),
        moments.reports.started_at.naive_utc(),
    )
    .fetch_all(connection)
    .await?;
    Ok(leased(rows))
}

/// Leases calls of one kind to those who can make them, at most `limit` that are due. A call waits for earlier ones of its
/// kind about the same payment, refund or file, and for whatever makes that: nothing else keeps it waiting, whoever its
/// chat belongs to. A row of a version that knew no kinds is a question.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn take_calls(
    connection: &mut PgConnection,
    kind: CallKind,
    callees: &[String],
    moments: Moments,
    limit: i64,
) -> Result<Vec<Leased>, sqlx::Error> {
    let rows = sqlx::query_as!(
        Row,
        r#"update outbox o set leased_until = $2, attempts = attempts + 1
           from (
             select x.id from outbox x
             where x.lane = 'call' and x.state = 'queued' and coalesce(x.kind, 'question') = $3
               and x.due_at <= $1 and (x.leased_until is null or x.leased_until <= $1)
               and x.channel = any($4)
               and not exists (
                 select 1 from outbox e
                 where e.lane = 'call' and e.state = 'queued' and e.about = x.about and e.id < x.id
                   and e.kind in (x.kind, 'charge', 'refund')
               )
             order by x.id limit $5
             for update of x skip locked
           ) due
           where o.id = due.id
           returning o.id, o.conversation_id, o.lane, o.channel, o.chat, o.account, o.thread, o.payload, o.attempts,
             o.parts_sent, o.unknown_tries, o.created_at, o.due_at,
             (select c.last_inbound_at from conversations c where c.id = o.conversation_id) as last_inbound_at"#,
        moments.now.naive_utc(),
        moments.until.naive_utc(),
        kind.code(),
        callees,
        limit,
    )
    .fetch_all(connection)
    .await?;
    Ok(leased(rows))
}

/// Leases calls of some kinds that go to nobody of `callees`, at most `limit`, where they have been due since before
/// `due_before`: no other process has made them either.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn take_unmade(
    connection: &mut PgConnection,
    kinds: &[CallKind],
    callees: &[String],
    due_before: DateTime<Utc>,
    moments: Moments,
    limit: i64,
) -> Result<Vec<Leased>, sqlx::Error> {
    let kinds: Vec<String> = kinds.iter().map(|kind| kind.code().to_owned()).collect();
    let rows = sqlx::query_as!(
        Row,
        r#"update outbox o set leased_until = $2
           from (
             select x.id from outbox x
             where x.lane = 'call' and x.state = 'queued' and x.due_at <= $3
               and (x.leased_until is null or x.leased_until <= $1)
               and not x.channel = any($4) and coalesce(x.kind, 'question') = any($5)
             order by x.id limit $6
             for update of x skip locked
           ) due
           where o.id = due.id
           returning o.id, o.conversation_id, o.lane, o.channel, o.chat, o.account, o.thread, o.payload, o.attempts,
             o.parts_sent, o.unknown_tries, o.created_at, o.due_at,
             (select c.last_inbound_at from conversations c where c.id = o.conversation_id) as last_inbound_at"#,
        moments.now.naive_utc(),
        moments.until.naive_utc(),
        due_before.naive_utc(),
        callees,
        &kinds,
        limit,
    )
    .fetch_all(connection)
    .await?;
    Ok(leased(rows))
}

/// A row of `outbox` as the queries above return it.
struct Row {
    id: i64,
    conversation_id: String,
    lane: String,
    channel: String,
    chat: String,
    account: String,
    thread: Option<serde_json::Value>,
    payload: serde_json::Value,
    attempts: i32,
    parts_sent: i32,
    unknown_tries: i32,
    created_at: chrono::NaiveDateTime,
    due_at: chrono::NaiveDateTime,
    last_inbound_at: Option<chrono::NaiveDateTime>,
}

/// Rows as they are sent: those that waited longest first, so that one that was put off stands behind those that were not
/// tried yet.
fn leased(mut rows: Vec<Row>) -> Vec<Leased> {
    rows.sort_by_key(|row| (row.due_at, row.id));
    rows.into_iter()
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
            unknown_tries: row.unknown_tries,
            created_at: row.created_at.and_utc(),
        })
        .collect()
}

fn interval(duration: Duration) -> PgInterval {
    PgInterval { months: 0, days: 0, microseconds: duration.num_microseconds().unwrap_or(i64::MAX) }
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

/// Notes that the platform is about to be asked to take a row, before it is, and until when its report will be waited for if
/// nothing else is heard of that.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn note_call(
    connection: &mut PgConnection,
    id: i64,
    now: DateTime<Utc>,
    awaited_until: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update outbox set called_at = $2, awaited_until = $3 where id = $1 and state = 'queued'",
        id,
        now.naive_utc(),
        awaited_until.naive_utc(),
    )
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
        "update outbox set leased_until = null, called_at = null, awaited_until = null,
           attempts = greatest(attempts - 1, 0)
         where id = any($1) and state = 'queued'",
        ids,
    )
    .execute(connection)
    .await?;
    Ok(())
}
