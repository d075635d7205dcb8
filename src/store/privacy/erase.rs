//! What goes of the person's own rows, table by table as the register says.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::person::Person;
use crate::domain::ids::CustomerId;

/// Carries one statement out.
macro_rules! carry_out {
    ($connection:expr, $($query:tt)+) => {
        sqlx::query!($($query)+).execute(&mut *$connection).await?
    };
}

/// Clears or deletes what one table holds of a person in rows of their own. Returns false for a table that has none.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn erase(
    connection: &mut PgConnection,
    person: &Person,
    table: &str,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let (customer, chats) = (person.customer.as_str(), &person.conversations);
    let now = now.naive_utc();
    match table {
        "customers" => carry_out!(
            connection,
            "update customers set name = '', phone = '', email = null, address = null, city = null, province = null,
               zip_code = null, channel_ids = '{}', preferences = null, status = 'inactive',
               metadata = jsonb_build_object('forgotten_at', $2::timestamp), updated_at = $2
             where id = $1",
            customer,
            now,
        ),
        "orders" => carry_out!(
            connection,
            r#"update orders set customer_note = null, tracking_number = null, updated_at = $2,
                 shipping_address = '{"street": "", "city": "", "zip": "", "name": "", "phone": ""}',
                 items = case when jsonb_typeof(items) = 'array'
                   then (select jsonb_agg(item - 'note') from jsonb_array_elements(items) as item) else items end,
                 metadata = case when metadata ->> 'called_off_by' = 'customer' then metadata - 'cancel_reason'
                   else metadata end
               where customer_id = $1"#,
            customer,
            now,
        ),
        "customer_messages" => carry_out!(
            connection,
            "update customer_messages set text = '', metadata = null, channel_message_id = null
             where customer_id = $1",
            customer,
        ),
        "payment_methods" => {
            carry_out!(connection, "delete from payment_methods where customer_id = $1", customer)
        }
        "carts" => carry_out!(connection, "delete from carts where customer_id = $1", customer),
        "join_codes" => carry_out!(connection, "delete from join_codes where customer_id = $1", customer),
        "join_requests" | "customer_joins" => {
            let customer_id = CustomerId::from(person.customer.clone());
            crate::store::join::forget(connection, &customer_id).await?;
            return Ok(true);
        }
        "questions" => {
            carry_out!(connection, "delete from questions where conversation_id = any($1)", chats)
        }
        "prompts" => carry_out!(connection, "delete from prompts where conversation_id = any($1)", chats),
        "chat_aliases" => {
            carry_out!(connection, "delete from chat_aliases where conversation_id = any($1)", chats)
        }
        // Nobody speaks in them again, but gateways may still tell something for the books.
        "conversations" => carry_out!(
            connection,
            r#"update conversations set chat = 'forgotten:' || id, person_id = null, timer_at = null, updated_at = $2,
                 state = (state || '{"mode": {"kind": "bot"}}')
                   - array['frames', 'prompt', 'earlier', 'heard', 'timers', 'misses', 'pressed', 'pulse']
               where id = any($1)"#,
            chats,
            now,
        ),
        // What is not handled yet came after the wish to be forgotten, or is about the books.
        "inbox" => carry_out!(
            connection,
            "update inbox i set payload = '{}', error = null,
               external_id = case when i.source = c.channel then 'forgotten:' || i.id else i.external_id end
             from conversations c
             where c.id = i.conversation_id and i.conversation_id = any($1) and i.handled_at is not null",
            chats,
        ),
        "outbox" => {
            carry_out!(
                connection,
                "update outbox set payload = '{}', thread = null, channel_message_id = null, error = null,
                   chat = case when lane = 'message' then 'forgotten:' || conversation_id else chat end
                 where conversation_id = any($1) and state <> 'queued'",
                chats,
            );
            // The last words are still to be sent; the page shows what is stored, so there they stay for a while.
            carry_out!(
                connection,
                "update outbox set wipe_at = case when channel = 'web' then $2::timestamp + interval '10 minutes'
                   else $2::timestamp end
                 where conversation_id = any($1) and state = 'queued' and lane = 'message' and wipe_at is null",
                chats,
                now,
            )
        }
        "uploads" => carry_out!(
            connection,
            "delete from uploads where hash in (
               select form.hash from attachments a
               cross join lateral (values (left(a.hash, 32)), ('document:' || left(a.hash, 32))) form (hash)
               where a.conversation_id = any($1) and a.hash is not null
             )",
            chats,
        ),
        // The hash stays, so that a receipt that is sent again is known.
        "attachments" => carry_out!(
            connection,
            "update attachments set bytes = null, mime = null, error = null, file = '{}'
             where conversation_id = any($1)",
            chats,
        ),
        "page_uploads" => carry_out!(
            connection,
            "update page_uploads set bytes = null, chat = 'forgotten:' || id where chat = any($1)",
            &person.chats,
        ),
        _ => return Ok(false),
    };
    Ok(true)
}

/// Wipes last words that have been sent, given up, or shown for long enough. Returns how many.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn wipe(connection: &mut PgConnection, now: DateTime<Utc>) -> Result<u64, sqlx::Error> {
    let done = carry_out!(
        connection,
        "update outbox set payload = '{}', thread = null, channel_message_id = null, error = null, wipe_at = null,
           chat = 'forgotten:' || conversation_id, state = case when state = 'queued' then 'dead' else state end
         where wipe_at <= $1 and (state <> 'queued' or wipe_at <= $1::timestamp - interval '7 days')",
        now.naive_utc(),
    );
    Ok(done.rows_affected())
}

/// What has been written in a chat since its person was forgotten: news that nobody reads any more.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn tidy(connection: &mut PgConnection, conversation: &str) -> Result<(), sqlx::Error> {
    carry_out!(
        connection,
        "update inbox set payload = '{}', error = null
         where conversation_id = $1 and handled_at is not null and payload <> '{}'",
        conversation,
    );
    carry_out!(connection, "delete from prompts where conversation_id = $1", conversation);
    carry_out!(
        connection,
        "update conversations set timer_at = null,
           state = state - array['frames', 'prompt', 'earlier', 'heard', 'timers', 'misses', 'pressed', 'pulse']
         where id = $1",
        conversation,
    );
    Ok(())
}

/// Hands a message that came in after its person was forgotten to the chat that they begin anew.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn hand_over(
    connection: &mut PgConnection,
    inbox: i64,
    to: &str,
    channel_message_id: &str,
) -> Result<(), sqlx::Error> {
    carry_out!(
        connection,
        "with old as (
           select c.customer_id, c.channel from inbox i join conversations c on c.id = i.conversation_id where i.id = $1
         ), said as (
           update customer_messages m set customer_id = fresh.customer_id
           from old, conversations fresh
           where fresh.id = $2 and m.customer_id = old.customer_id and m.channel = old.channel
             and m.channel_message_id = $3
         )
         update inbox set conversation_id = $2 where id = $1",
        inbox,
        to,
        channel_message_id,
    );
    Ok(())
}
