//! The outbox: everything that goes out, in the order of its conversation, each row leased, sent, and marked.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::domain::ids::{ConversationId, PaymentId};
use crate::domain::message::{Address, Outbound};

/// The lane of messages to chats.
pub const MESSAGES: &str = "message";
/// The lane of calls to gateways.
pub const CALLS: &str = "call";

/// What a call does (`outbox.kind`). Each kind has slots of its own, so that none of them keeps another one waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallKind {
    /// A code is made: a customer looks at the chat.
    Charge,
    /// Money is sent back.
    Refund,
    /// A gateway is asked about a payment, and somebody waits for the answer.
    Question,
    /// A charge is called off.
    Cancel,
    /// A gateway is asked about what nobody waits for.
    Look,
    /// A file is fetched.
    File,
}

impl CallKind {
    /// Every kind, the most urgent first.
    pub const ALL: [Self; 6] =
        [Self::Charge, Self::Refund, Self::Question, Self::Cancel, Self::Look, Self::File];

    /// The word in the column.
    pub fn code(self) -> &'static str {
        match self {
            Self::Charge => "charge",
            Self::Refund => "refund",
            Self::Question => "question",
            Self::Cancel => "cancel",
            Self::Look => "look",
            Self::File => "file",
        }
    }
}

/// What is sent side by side and never waits for the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// Messages, in the order of each conversation.
    Messages,
    /// Calls of one kind, in the order of what each is about.
    Calls(CallKind),
}

impl Lane {
    /// Every lane, in the order in which one hand serves them.
    pub const ALL: [Self; 7] = [
        Self::Messages,
        Self::Calls(CallKind::Charge),
        Self::Calls(CallKind::Refund),
        Self::Calls(CallKind::Question),
        Self::Calls(CallKind::Cancel),
        Self::Calls(CallKind::Look),
        Self::Calls(CallKind::File),
    ];
}

/// Where the messages of a conversation go, with what their channel needs to know of it.
#[derive(Debug, Clone)]
pub struct Route {
    /// The conversation.
    pub conversation: ConversationId,
    /// The chat.
    pub to: Address,
    /// The account of the shop to send from.
    pub account: String,
    /// `Inbound::thread` of the event that is answered.
    pub thread: Option<serde_json::Value>,
    /// When the person last wrote.
    pub last_inbound_at: Option<DateTime<Utc>>,
}

/// A row that this process has leased and must send now.
#[derive(Debug, Clone)]
pub struct Leased {
    /// The row's id, the idempotency key of the send.
    pub id: i64,
    /// [`MESSAGES`] or [`CALLS`].
    pub lane: String,
    /// Where a message goes; of a call, the channel is the gateway's name.
    pub route: Route,
    /// `domain::message::Outbound`, or `pipeline::work::Call`.
    pub payload: serde_json::Value,
    /// Tries so far, this one included.
    pub attempts: i32,
    /// Messages of the platform that earlier tries have sent of it.
    pub parts_sent: i32,
    /// Tries of whose outcomes nothing was heard.
    pub unknown_tries: i32,
    /// When it was written.
    pub created_at: DateTime<Utc>,
}

/// A message that goes again, unless the platform reports meanwhile that it has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PutOff {
    /// Not before this moment.
    pub at: DateTime<Utc>,
    /// Until when a report is waited for; nothing where none can come.
    pub awaited_until: Option<DateTime<Utc>>,
    /// Whether it is not known what came of the try.
    pub is_unknown: bool,
    /// Whether the try counts as one of the message's own.
    pub is_try: bool,
    /// For operators.
    pub error: String,
}

/// What came of a send.
#[derive(Debug, Clone)]
pub enum SendResult {
    /// The platform has it.
    Sent {
        /// The platform's id of the message.
        channel_message_id: Option<String>,
    },
    /// Again at this moment.
    Retry {
        /// When.
        at: DateTime<Utc>,
        /// For operators.
        error: String,
    },
    /// Not yet, and nobody knows: again, unless the platform reports it.
    PutOff(PutOff),
    /// The account does not work: again at this moment, without counting as a try.
    Stopped {
        /// When.
        at: DateTime<Utc>,
        /// For operators.
        error: String,
    },
    /// Never.
    Dead {
        /// For operators.
        error: String,
    },
}

/// Marks a row as sent, with the platform's id where it gave any. A row that a report has given up or put off meanwhile
/// stays as the report left it. The last words to a person who was forgotten are wiped with their address.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn mark_sent(
    connection: &mut PgConnection,
    id: i64,
    channel_message_id: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update outbox set state = 'sent', sent_at = $3, leased_until = null, called_at = null, awaited_until = null,
           error = null,
           channel_message_id = case when wipe_at <= $3 then null else $2 end,
           payload = case when wipe_at <= $3 then '{}' else payload end,
           thread = case when wipe_at <= $3 then null else thread end,
           chat = case when wipe_at <= $3 then 'forgotten:' || conversation_id else chat end,
           wipe_at = case when wipe_at <= $3 then null else wipe_at end
         where id = $1 and state = 'queued' and leased_until is not null",
        id,
        channel_message_id,
        now.naive_utc(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Puts a row off, or gives it up.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn mark_failed(
    connection: &mut PgConnection,
    id: i64,
    retry_at: Option<DateTime<Utc>>,
    error: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update outbox set leased_until = null, called_at = null, awaited_until = null, error = $3,
           state = case when $2::timestamp is null then 'dead' else 'queued' end,
           due_at = coalesce($2, due_at)
         where id = $1 and state = 'queued'",
        id,
        retry_at.map(|at| at.naive_utc()),
        error,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Puts a message off of which it is not known whether the platform has it, or that finds the platform ill.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn put_off(
    connection: &mut PgConnection,
    id: i64,
    put_off: &PutOff,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update outbox set leased_until = null, due_at = $2, error = $6,
           called_at = case when $3::timestamp is null then null else $7::timestamp end, awaited_until = $3,
           unknown_tries = unknown_tries + $4, attempts = greatest(attempts - $5, 0)
         where id = $1 and state = 'queued'",
        id,
        put_off.at.naive_utc(),
        put_off.awaited_until.map(|at| at.naive_utc()),
        i32::from(put_off.is_unknown),
        i32::from(!put_off.is_try),
        put_off.error,
        now.naive_utc(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Notes that the platform has this many parts of a row. The number only grows.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn note_parts(connection: &mut PgConnection, id: i64, sent: i32) -> Result<(), sqlx::Error> {
    sqlx::query!("update outbox set parts_sent = greatest(parts_sent, $2) where id = $1", id, sent)
        .execute(connection)
        .await?;
    Ok(())
}

/// Takes back the counting of a try that could not have worked.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn uncount_attempt(connection: &mut PgConnection, id: i64) -> Result<(), sqlx::Error> {
    sqlx::query!("update outbox set attempts = greatest(attempts - 1, 0) where id = $1", id)
        .execute(connection)
        .await?;
    Ok(())
}

/// Whether a gateway is being asked about a payment because its payer wants to know.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn is_asked(connection: &mut PgConnection, payment: &PaymentId) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists (
             select from outbox
             where lane = 'call' and state = 'queued' and about = $1 and kind = 'question'
               and payload ->> 'why' = 'recheck'
           ) as "asked!""#,
        payment.as_str(),
    )
    .fetch_one(connection)
    .await
}

/// Rows that are queued, and rows that were given up. For health, doctor and quiescence.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn backlog(connection: &mut PgConnection) -> Result<(i64, i64), sqlx::Error> {
    let row = sqlx::query!(
        r#"select count(*) filter (where state = 'queued') as "queued!", count(*) filter (where state = 'dead') as "dead!"
           from outbox where state in ('queued', 'dead')"#,
    )
    .fetch_one(connection)
    .await?;
    Ok((row.queued, row.dead))
}

/// The PostgreSQL channel on which processes tell each other of messages that another process must send.
pub const NOTIFY_CHANNEL: &str = "warung_outgoing";

/// Tells other processes that something was written for a chat that this one does not serve. Rare on purpose:
/// transactions that notify commit one after the other.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn notify(
    connection: &mut PgConnection,
    address: &crate::domain::message::Address,
) -> Result<(), sqlx::Error> {
    let payload = format!("{} {}", address.channel, address.chat);
    sqlx::query!("select pg_notify($1, $2)", NOTIFY_CHANNEL, payload).execute(connection).await?;
    Ok(())
}

/// A message of the history of a chat.
#[derive(Debug, Clone)]
pub struct Sent {
    /// The row's id.
    pub id: i64,
    /// What.
    pub message: Outbound,
    /// When it was written.
    pub created_at: DateTime<Utc>,
}

/// Messages of a conversation after a row, oldest first, at most `limit`; for chats that fetch what they show.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn history(
    connection: &mut PgConnection,
    conversation: &ConversationId,
    after: i64,
    limit: i64,
) -> Result<Vec<Sent>, sqlx::Error> {
    let rows = sqlx::query!(
        "select id, payload, created_at from outbox
         where conversation_id = $1 and lane = 'message' and id > $2 order by id limit $3",
        conversation.as_str(),
        after,
        limit,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            let message = serde_json::from_value(row.payload).ok()?;
            Some(Sent { id: row.id, message, created_at: row.created_at.and_utc() })
        })
        .collect())
}
