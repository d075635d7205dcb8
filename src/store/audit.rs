//! What happened, for whoever asks later: `event_audit_log`. Rows are only ever added.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::clock::Clock;
use crate::domain::ids::UserId;

/// One thing that happened.
#[derive(Debug, Clone)]
pub struct Event<'a> {
    /// `<noun>:<past participle>`: `order:created`, `payment:confirmed`, `inventory:reserved`.
    pub name: &'a str,
    /// `order`, `payment`, `product`, `customer`, `staff`.
    pub entity: &'a str,
    /// Its id.
    pub id: &'a str,
    /// What matters about it; never names, phones or message texts.
    pub payload: serde_json::Value,
    /// The member of staff who did it; nothing for customers and the server.
    pub by: Option<&'a UserId>,
}

/// Notes that something happened.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn insert(
    connection: &mut PgConnection,
    clock: &Clock,
    event: Event<'_>,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into event_audit_log (id, event_type, entity_type, entity_id, payload, user_id, created_at)
         values ($1, $2, $3, $4, $5, $6, $7)",
        clock.id(),
        event.name,
        event.entity,
        event.id,
        event.payload,
        event.by.map(UserId::as_str),
        now.naive_utc(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// An event with its id, for many at once.
#[derive(Debug, Clone)]
pub struct Row {
    /// Its id.
    pub id: String,
    /// As [`Event::name`].
    pub name: &'static str,
    /// As [`Event::entity`].
    pub entity: &'static str,
    /// As [`Event::id`].
    pub of: String,
    /// As [`Event::payload`].
    pub payload: serde_json::Value,
}

/// Notes that many things happened, all by the same person.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn insert_all(
    connection: &mut PgConnection,
    events: &[Row],
    by: Option<&UserId>,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    if events.is_empty() {
        return Ok(());
    }
    let text = |of: fn(&Row) -> &str| events.iter().map(|event| of(event).to_owned()).collect::<Vec<_>>();
    let payloads: Vec<serde_json::Value> = events.iter().map(|event| event.payload.clone()).collect();
    sqlx::query!(
        "insert into event_audit_log (id, event_type, entity_type, entity_id, payload, user_id, created_at)
         select e.id, e.name, e.entity, e.of_id, e.payload, $6, $7
         from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::jsonb[])
           as e (id, name, entity, of_id, payload)",
        &text(|event| &event.id),
        &text(|event| event.name),
        &text(|event| event.entity),
        &text(|event| &event.of),
        &payloads,
        by.map(UserId::as_str),
        now.naive_utc(),
    )
    .execute(connection)
    .await?;
    Ok(())
}
