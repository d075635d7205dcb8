//! A person's values in rows that stay: chats of the shop's people, the books, what companies have told. Each table is
//! searched as the register says; rows are read, masked, and written back where something was found.

use chrono::NaiveDateTime;
use serde_json::Value;
use sqlx::PgConnection;

use super::mask::{Mask, drop_payer};
use super::person::Person;

/// Notices of companies are looked through from the first payment of a person on, and a statement of a bank may come earlier
/// than its payment by as much as clocks differ.
const BEFORE_PAYMENTS: chrono::TimeDelta = chrono::TimeDelta::hours(1);

/// Reads rows as `id` and `body`, masks them, and writes those back that changed.
macro_rules! search {
    ($connection:expr, $mask:expr, ($select:literal $(, $arg:expr)*), $update:literal) => {{
        let rows = sqlx::query!($select $(, $arg)*).fetch_all(&mut *$connection).await?;
        let (ids, bodies) = $mask.changed(rows.into_iter().map(|row| (row.id, row.body)));
        if !ids.is_empty() {
            sqlx::query!($update, &ids, &bodies as &[Value]).execute(&mut *$connection).await?;
        }
    }};
}

/// Takes a person out of one table in which others' rows may name them. Returns false for a table that is not searched.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn search(
    connection: &mut PgConnection,
    person: &Person,
    mask: &Mask,
    table: &str,
) -> Result<bool, sqlx::Error> {
    let (store, pattern, orders) = (person.store.as_str(), mask.pattern(), &person.orders);
    match table {
        "inbox" => search!(
            connection,
            mask,
            (
                r#"select i.id::text as "id!", i.payload as "body!"
                   from conversations c join inbox i on i.conversation_id = c.id
                   where c.store_id = $1 and c.staff_id is not null and i.payload::text ~* $2"#,
                store,
                pattern
            ),
            "update inbox set payload = m.body from unnest($1::text[], $2::jsonb[]) m (id, body)
             where inbox.id = m.id::bigint"
        ),
        "outbox" => outbox(connection, mask, store).await?,
        "prompts" => search!(
            connection,
            mask,
            (
                r#"select p.token as "id!", jsonb_build_object('choices', p.choices, 'card', p.card) as "body!"
                   from conversations c join prompts p on p.conversation_id = c.id
                   where c.store_id = $1 and c.staff_id is not null
                     and (p.choices::text ~* $2 or p.card ~* $2)"#,
                store,
                pattern
            ),
            "update prompts set choices = m.body -> 'choices', card = m.body ->> 'card'
             from unnest($1::text[], $2::jsonb[]) m (id, body) where token = m.id"
        ),
        "conversations" => search!(
            connection,
            mask,
            (
                r#"select id as "id!", state as "body!" from conversations
                   where store_id = $1 and staff_id is not null and state::text ~* $2"#,
                store,
                pattern
            ),
            "update conversations c set state = m.body from unnest($1::text[], $2::jsonb[]) m (id, body)
             where c.id = m.id"
        ),
        "customer_messages" => search!(
            connection,
            mask,
            (
                r#"select m.id as "id!", jsonb_build_object('text', m.text, 'metadata', m.metadata) as "body!"
                   from conversations c join customer_messages m on m.customer_id = c.customer_id
                   where c.store_id = $1 and c.staff_id is not null and c.customer_id <> $3
                     and (m.text ~* $2 or m.metadata::text ~* $2)"#,
                store,
                pattern,
                person.customer
            ),
            "update customer_messages c set text = m.body ->> 'text', metadata = nullif(m.body -> 'metadata', 'null')
             from unnest($1::text[], $2::jsonb[]) m (id, body) where c.id = m.id"
        ),
        "orders" => search!(
            connection,
            mask,
            (
                r#"select id as "id!", jsonb_build_object('note', internal_note, 'metadata', metadata) as "body!"
                   from orders where id = any($1)"#,
                orders
            ),
            "update orders o set internal_note = m.body ->> 'note', metadata = nullif(m.body -> 'metadata', 'null')
             from unnest($1::text[], $2::jsonb[]) m (id, body) where o.id = m.id"
        ),
        "order_status_history" => search!(
            connection,
            mask,
            (
                r#"select id as "id!", jsonb_build_object('why', reason) as "body!"
                   from order_status_history where order_id = any($1)"#,
                orders
            ),
            "update order_status_history h set reason = m.body ->> 'why'
             from unnest($1::text[], $2::jsonb[]) m (id, body) where h.id = m.id"
        ),
        "refunds" => search!(
            connection,
            mask,
            (
                r#"select id as "id!", jsonb_build_object('description', description, 'evidence', evidence,
                     'error', last_error, 'metadata', metadata) as "body!"
                   from refunds where order_id = any($1)"#,
                orders
            ),
            "update refunds r set description = m.body ->> 'description', evidence = m.body ->> 'evidence',
               last_error = m.body ->> 'error', metadata = nullif(m.body -> 'metadata', 'null')
             from unnest($1::text[], $2::jsonb[]) m (id, body) where r.id = m.id"
        ),
        "payments" => payments(connection, person, mask).await?,
        "payment_audit_log" => search!(
            connection,
            mask,
            (
                r#"select id as "id!", details as "body!" from payment_audit_log
                   where payment_id = any($1) and details is not null"#,
                &person.payments
            ),
            "update payment_audit_log l set details = m.body from unnest($1::text[], $2::jsonb[]) m (id, body)
             where l.id = m.id"
        ),
        "event_audit_log" => search!(
            connection,
            mask,
            (
                r#"select id as "id!", payload as "body!" from event_audit_log
                   where (entity_type = 'order' and entity_id = any($1))
                     or (entity_type = 'payment' and entity_id = any($2))
                     or (entity_type = 'customer' and entity_id = $3)"#,
                orders,
                &person.payments,
                person.customer
            ),
            "update event_audit_log l set payload = m.body from unnest($1::text[], $2::jsonb[]) m (id, body)
             where l.id = m.id"
        ),
        "payment_webhook_logs" => notices(connection, person, mask).await?,
        _ => return Ok(false),
    }
    Ok(true)
}

/// Messages to the shop's people, with the transcripts of the same words.
async fn outbox(connection: &mut PgConnection, mask: &Mask, store: &str) -> Result<(), sqlx::Error> {
    let rows = sqlx::query!(
        r#"select o.id as "id!", c.customer_id, o.payload, o.thread, o.error
           from conversations c join outbox o on o.conversation_id = c.id
           where c.store_id = $1 and c.staff_id is not null
             and (o.payload::text ~* $2 or o.thread::text ~* $2 or o.error ~* $2)"#,
        store,
        mask.pattern(),
    )
    .fetch_all(&mut *connection)
    .await?;
    for row in rows {
        let mut payload = row.payload.clone();
        let mut thread = row.thread.clone();
        let error = row.error.as_deref().map(|error| mask.text(error));
        let words_change = mask.json(&mut payload);
        let thread_changes = thread.as_mut().is_some_and(|thread| mask.json(thread));
        if !words_change && !thread_changes && error == row.error {
            continue;
        }
        sqlx::query!(
            "update outbox set payload = $2, thread = $3, error = $4 where id = $1",
            row.id,
            payload,
            thread,
            error,
        )
        .execute(&mut *connection)
        .await?;
        let text = |value: &Value| value.get("text").and_then(Value::as_str).map(str::to_owned);
        if let (Some(before), Some(after)) = (text(&row.payload), text(&payload)) {
            sqlx::query!(
                "update customer_messages set text = $3 where customer_id = $1 and text = $2",
                row.customer_id,
                before,
                after,
            )
            .execute(&mut *connection)
            .await?;
        }
    }
    Ok(())
}

/// The payments of a person: amounts and moments stay, who paid goes.
async fn payments(connection: &mut PgConnection, person: &Person, mask: &Mask) -> Result<(), sqlx::Error> {
    let rows = sqlx::query!(
        r#"select id, jsonb_build_object('answer', gateway_response, 'details', details, 'metadata', metadata,
             'error', last_attempt_error) as "body!"
           from payments where id = any($1)"#,
        &person.payments,
    )
    .fetch_all(&mut *connection)
    .await?;
    for mut row in rows {
        let is_named = drop_payer(&mut row.body, mask.placeholder());
        if !(mask.json(&mut row.body) | is_named) {
            continue;
        }
        sqlx::query!(
            "update payments set gateway_response = nullif($2::jsonb -> 'answer', 'null'),
               details = nullif($2::jsonb -> 'details', 'null'), metadata = nullif($2::jsonb -> 'metadata', 'null'),
               last_attempt_error = $2::jsonb ->> 'error'
             where id = $1",
            row.id,
            row.body,
        )
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// Notices of companies and banks since the first payment of a person: those about their payments lose who paid, and any
/// loses their values.
async fn notices(connection: &mut PgConnection, person: &Person, mask: &Mask) -> Result<(), sqlx::Error> {
    let since: Option<NaiveDateTime> =
        sqlx::query_scalar!("select min(created_at) from payments where id = any($1)", &person.payments,)
            .fetch_one(&mut *connection)
            .await?;
    let Some(since) = since else { return Ok(()) };
    let rows = sqlx::query!(
        r#"select id, payload, error,
             exists (select from unnest($3::text[]) as r (name) where position(r.name in payload::text) > 0) as "is_theirs!"
           from payment_webhook_logs
           where created_at >= $1 and (payload::text ~* $2 or error ~* $2
             or exists (select from unnest($3::text[]) as r (name) where position(r.name in payload::text) > 0))"#,
        since - BEFORE_PAYMENTS,
        mask.pattern(),
        &person.references,
    )
    .fetch_all(&mut *connection)
    .await?;
    for row in rows {
        let mut payload = row.payload;
        let is_named = row.is_theirs && drop_payer(&mut payload, mask.placeholder());
        let is_masked = mask.json(&mut payload);
        let error = row.error.as_deref().map(|error| mask.text(error));
        if !is_named && !is_masked && error == row.error {
            continue;
        }
        sqlx::query!(
            "update payment_webhook_logs set payload = $2, error = $3 where id = $1",
            row.id,
            payload,
            error,
        )
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}
