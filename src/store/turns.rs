//! The one write of a turn: everything that it changed, in one statement, so that a turn costs few round trips.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use sqlx::types::Json;

use crate::dialogue::conversation::{Conversation, PromptChoice};
use crate::domain::cart::Cart;
use crate::domain::ids::{ConversationId, CustomerId, OrderId, StoreId, UserId};

use super::outbox::{CallKind, Route};

/// A message or a call to send.
#[derive(Debug, Clone)]
pub struct NewOutbox {
    /// `outbox::MESSAGES` or `outbox::CALLS`.
    pub lane: &'static str,
    /// The channel, or the gateway.
    pub channel: String,
    /// The chat; empty for calls.
    pub chat: String,
    /// What.
    pub payload: serde_json::Value,
    /// For messages: id of the row in `customer_messages`, and its text.
    pub transcript: Option<(String, String)>,
    /// For calls: what it does, and what it is about.
    pub call: Option<(CallKind, String)>,
}

/// The choices of one message.
#[derive(Debug, Clone)]
pub struct NewPrompt {
    /// Its token.
    pub token: String,
    /// Its choices.
    pub choices: Vec<PromptChoice>,
    /// What it shows: a press that leads to the same shows it in the same place.
    pub card: Option<String>,
}

/// A row for an inbox, this conversation's or another's.
#[derive(Debug, Clone)]
pub struct NewInbox {
    /// Whose.
    pub conversation: ConversationId,
    /// The key under which it is handled once; its source is `signal`.
    pub key: String,
    /// `pipeline::work::Work`.
    pub payload: serde_json::Value,
}

/// Everything that a turn changed.
#[derive(Debug)]
pub struct TurnWrite<'a> {
    /// The conversation.
    pub id: &'a ConversationId,
    /// Its shop.
    pub store: &'a StoreId,
    /// Where its messages go.
    pub route: &'a Route,
    /// The order that they are about.
    pub subject: Option<&'a OrderId>,
    /// Who it is with.
    pub customer: &'a CustomerId,
    /// Its state afterwards.
    pub state: &'a Conversation,
    /// The member of staff afterwards.
    pub staff: Option<&'a UserId>,
    /// The inbox row that it handled.
    pub inbox: i64,
    /// Whether a person spoke.
    pub is_inbound: bool,
    /// The cart, where it changed.
    pub cart: Option<&'a Cart>,
    /// What to send.
    pub outbox: &'a [NewOutbox],
    /// Choices that were shown.
    pub prompts: &'a [NewPrompt],
    /// What to tell conversations.
    pub signals: &'a [NewInbox],
    /// The moment.
    pub now: DateTime<Utc>,
    /// Until when the caller will have sent the messages.
    pub leased_until: DateTime<Utc>,
}

/// Writes a turn. Returns the ids of the messages that the caller has leased and must send now, in order; none when
/// older messages of the conversation still wait, because those go first.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn write(connection: &mut PgConnection, turn: &TurnWrite<'_>) -> Result<Vec<i64>, sqlx::Error> {
    let outbox = turn.outbox;
    let lanes: Vec<String> = outbox.iter().map(|row| row.lane.to_owned()).collect();
    let channels: Vec<String> = outbox.iter().map(|row| row.channel.clone()).collect();
    let chats: Vec<String> = outbox.iter().map(|row| row.chat.clone()).collect();
    let payloads: Vec<serde_json::Value> = outbox.iter().map(|row| row.payload.clone()).collect();
    let kinds: Vec<Option<&str>> =
        outbox.iter().map(|row| row.call.as_ref().map(|(kind, _)| kind.code())).collect();
    let abouts: Vec<Option<&str>> =
        outbox.iter().map(|row| row.call.as_ref().map(|(_, about)| about.as_str())).collect();
    let transcripts: Vec<&(String, String)> =
        outbox.iter().filter_map(|row| row.transcript.as_ref()).collect();
    let message_ids: Vec<String> = transcripts.iter().map(|(id, _)| id.clone()).collect();
    let texts: Vec<String> = transcripts.iter().map(|(_, text)| text.clone()).collect();
    let tokens: Vec<String> = turn.prompts.iter().map(|prompt| prompt.token.clone()).collect();
    let choices: Vec<serde_json::Value> =
        turn.prompts.iter().map(|prompt| serde_json::to_value(&prompt.choices).unwrap_or_default()).collect();
    let cards: Vec<Option<String>> = turn.prompts.iter().map(|prompt| prompt.card.clone()).collect();
    let signal_to: Vec<String> = turn.signals.iter().map(|signal| signal.conversation.to_string()).collect();
    let signal_keys: Vec<String> = turn.signals.iter().map(|signal| signal.key.clone()).collect();
    let signal_payloads: Vec<serde_json::Value> =
        turn.signals.iter().map(|signal| signal.payload.clone()).collect();
    let rows = sqlx::query!(
        r#"with waiting as (
             select exists (
               select 1 from outbox where conversation_id = $1 and lane = 'message' and state = 'queued'
             ) as older
           ), conversation as (
             update conversations set state = $2, staff_id = $3, timer_at = $4, turns = turns + 1, account = $25,
               last_inbound_at = case when $5 then $6 else last_inbound_at end, updated_at = $6
             where id = $1
           ), handled as (
             update inbox set handled_at = $6, error = null where id = $7
           ), cart as (
             insert into carts (customer_id, cart, updated_at) select $8, $9, $6 where $9::jsonb is not null
             on conflict (customer_id) do update set cart = excluded.cart, updated_at = excluded.updated_at
           ), prompt as (
             insert into prompts (token, conversation_id, choices, revision, card, created_at)
             select p.token, $1, p.choices, $10, p.card, $6
             from unnest($11::text[], $12::jsonb[], $28::text[]) as p (token, choices, card)
           ), transcript as (
             insert into customer_messages
               (id, store_id, customer_id, text, direction, channel, type, created_at, conversation_id)
             select t.id, $13, $8, t.text, 'outbound', $14, 'text', $6, $1
             from unnest($15::text[], $16::text[]) as t (id, text)
           ), signal as (
             insert into inbox (conversation_id, source, external_id, payload, received_at)
             select s.conversation_id, 'signal', s.key, s.payload, $6
             from unnest($17::text[], $18::text[], $19::jsonb[]) as s (conversation_id, key, payload)
             on conflict (source, external_id) do nothing
           )
           insert into outbox
             (conversation_id, lane, channel, chat, payload, account, thread, subject, due_at, leased_until, attempts,
              created_at, kind, about)
           select $1, o.lane, o.channel, o.chat, o.payload, $25,
             case when o.lane = 'message' then $26::jsonb end, case when o.lane = 'message' then $27 end, $6,
             case when o.lane = 'message' and not w.older then $20::timestamp end,
             case when o.lane = 'message' and not w.older then 1 else 0 end, $6, o.kind, o.about
           from unnest($21::text[], $22::text[], $23::text[], $24::jsonb[], $29::text[], $30::text[])
             with ordinality as o (lane, channel, chat, payload, kind, about, position), waiting w
           order by o.position
           returning id, leased_until is not null as "leased!""#,
        turn.id.as_str(),
        Json(turn.state) as _,
        turn.staff.map(UserId::as_str),
        turn.state.next_deadline().map(|at| at.naive_utc()),
        turn.is_inbound,
        turn.now.naive_utc(),
        turn.inbox,
        turn.customer.as_str(),
        turn.cart.map(Json) as _,
        turn.state.revision,
        &tokens,
        &choices,
        turn.store.as_str(),
        turn.route.to.channel.as_str(),
        &message_ids,
        &texts,
        &signal_to,
        &signal_keys,
        &signal_payloads,
        turn.leased_until.naive_utc(),
        &lanes,
        &channels,
        &chats,
        &payloads,
        turn.route.account,
        turn.route.thread,
        turn.subject.map(OrderId::as_str),
        &cards as &[Option<String>],
        &kinds as &[Option<&str>],
        &abouts as &[Option<&str>],
    )
    .fetch_all(connection)
    .await?;
    let mut leased: Vec<i64> = rows.into_iter().filter(|row| row.leased).map(|row| row.id).collect();
    leased.sort_unstable();
    Ok(leased)
}
