//! Wishes to join two chats: who asks whom, what either would see of the other, and what was answered.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::Shown;
use crate::domain::ids::{ConversationId, CustomerId, StoreId};

/// Letters of a first name that are shown.
const MAX_PERSON_CHARS: usize = 20;

/// How far a wish has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// The asker reads what it would mean.
    Read,
    /// The asker has said yes, and the other side is asked.
    Asked,
    /// It is over.
    Over,
}

/// One of the two chats.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// Its customer when the code was typed.
    pub customer: CustomerId,
    /// The chat.
    pub conversation: ConversationId,
    /// The name of its channel.
    pub channel: String,
    /// The first name by which its platform knows the person.
    pub person: Option<String>,
    /// Since when it writes to the shop.
    pub since: DateTime<Utc>,
}

/// A wish to join two chats.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Its id.
    pub id: String,
    /// The chat in which the code was typed.
    pub asker: Side,
    /// The chat that showed the code.
    pub asked: Side,
    /// How far it has come. One whose time is over, or of which a chat has changed hands, is over.
    pub state: State,
}

impl Request {
    /// The side that is not this chat.
    pub fn other_than(&self, conversation: &ConversationId) -> &Side {
        if &self.asker.conversation == conversation { &self.asked } else { &self.asker }
    }
}

/// What the other side would see of a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Seen {
    /// Orders.
    pub orders: i64,
    /// Whether a name is known.
    pub name: bool,
    /// Whether a phone number is known.
    pub phone: bool,
    /// Whether an address is known.
    pub address: bool,
    /// Pieces in the cart.
    pub pieces: u32,
}

impl Seen {
    /// Whether there is nothing to be seen.
    pub fn is_nothing(&self) -> bool {
        self == &Self::default()
    }
}

/// What there is to be seen of a customer.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn seen(connection: &mut PgConnection, customer: &CustomerId) -> Result<Seen, sqlx::Error> {
    let row = sqlx::query!(
        r#"select name <> '' as "name!", phone <> '' or coalesce(email, '') <> '' as "phone!",
             coalesce(address, '') <> '' or coalesce(city, '') <> '' as "address!",
             (select count(*) from orders where customer_id = customers.id) as "orders!"
           from customers where id = $1"#,
        customer.as_str(),
    )
    .fetch_one(&mut *connection)
    .await?;
    let pieces = crate::store::carts::load(connection, customer).await?.count();
    Ok(Seen { orders: row.orders, name: row.name, phone: row.phone, address: row.address, pieces })
}

/// The first name by which a chat's platform knows whoever sent what is being handled there. The platform's name and not
/// the one that the shop knows, which the person may have given for an order.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn sender(
    connection: &mut PgConnection,
    conversation: &ConversationId,
) -> Result<Option<String>, sqlx::Error> {
    let name = sqlx::query_scalar!(
        "select payload #>> '{inbound,sender_name}' from inbox
         where conversation_id = $1 and handled_at is null order by id limit 1",
        conversation.as_str(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(name.flatten().and_then(|name| first_name(&name)))
}

/// The first word of a name, as far as it is letters and not too long: names are chosen freely, and are no place for
/// messages.
fn first_name(name: &str) -> Option<String> {
    let word = name.split_whitespace().next()?;
    let letters: String = word.chars().filter(|c| c.is_alphanumeric()).take(MAX_PERSON_CHARS).collect();
    (!letters.is_empty()).then_some(letters)
}

/// Notes that a code was typed. Whatever this chat has asked for before is void.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn insert_request(
    connection: &mut PgConnection,
    id: &str,
    store: &StoreId,
    asker: &Shown,
    asked: &Shown,
    expires_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    void(connection, &asker.conversation, now).await?;
    sqlx::query!(
        "insert into join_requests
           (id, store_id, asker_id, asker_conversation, asker_person, asked_id, asked_conversation, asked_person,
            state, expires_at, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, 'read', $9, $10)",
        id,
        store.as_str(),
        asker.customer.as_str(),
        asker.conversation.as_str(),
        asker.person,
        asked.customer.as_str(),
        asked.conversation.as_str(),
        asked.person,
        expires_at.naive_utc(),
        now.naive_utc(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Ends what a chat has asked for and nobody has answered.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn void(
    connection: &mut PgConnection,
    asker: &ConversationId,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update join_requests set state = 'void', ended_at = $2, asker_person = null, asked_person = null
         where asker_conversation = $1 and ended_at is null",
        asker.as_str(),
        now.naive_utc(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A wish that one of its two chats speaks of; nothing where this chat is neither.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn load(
    connection: &mut PgConnection,
    id: &str,
    conversation: &ConversationId,
    now: DateTime<Utc>,
) -> Result<Option<Request>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select r.id, r.state, r.asker_id, r.asker_conversation, r.asker_person, r.asked_id, r.asked_conversation,
             r.asked_person, a.channel as asker_channel, a.created_at as asker_since, o.channel as asked_channel,
             o.created_at as asked_since,
             r.ended_at is null and r.expires_at > $3 and a.customer_id = r.asker_id and o.customer_id = r.asked_id
               and a.staff_id is null and o.staff_id is null as "open!"
           from join_requests r
           join conversations a on a.id = r.asker_conversation
           join conversations o on o.id = r.asked_conversation
           where r.id = $1 and $2 in (r.asker_conversation, r.asked_conversation)"#,
        id,
        conversation.as_str(),
        now.naive_utc(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| Request {
        id: row.id,
        state: match row.state.as_str() {
            "read" if row.open => State::Read,
            "asked" if row.open => State::Asked,
            _ => State::Over,
        },
        asker: Side {
            customer: row.asker_id.into(),
            conversation: row.asker_conversation.into(),
            channel: row.asker_channel,
            person: row.asker_person,
            since: row.asker_since.and_utc(),
        },
        asked: Side {
            customer: row.asked_id.into(),
            conversation: row.asked_conversation.into(),
            channel: row.asked_channel,
            person: row.asked_person,
            since: row.asked_since.and_utc(),
        },
    }))
}

/// The wish that a chat is asked about and has not answered.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn open_question(
    connection: &mut PgConnection,
    conversation: &ConversationId,
    now: DateTime<Utc>,
) -> Result<Option<Request>, sqlx::Error> {
    let id = sqlx::query_scalar!(
        "select id from join_requests
         where asked_conversation = $1 and ended_at is null and state = 'asked' and expires_at > $2
         order by created_at desc, id limit 1",
        conversation.as_str(),
        now.naive_utc(),
    )
    .fetch_optional(&mut *connection)
    .await?;
    let Some(id) = id else { return Ok(None) };
    let request = load(connection, &id, conversation, now).await?;
    Ok(request.filter(|request| request.state == State::Asked))
}

/// The asker has said yes: the other side is asked, until `expires_at`. Returns false where it was over already.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn agreed(
    connection: &mut PgConnection,
    id: &str,
    expires_at: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "update join_requests set state = 'asked', expires_at = $2
         where id = $1 and state = 'read' and ended_at is null",
        id,
        expires_at.naive_utc(),
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Both have said yes, or one of them no. Returns false where it was over already: of two answers one is the first.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn end(
    connection: &mut PgConnection,
    id: &str,
    is_joined: bool,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "update join_requests set state = case when $2::boolean then 'joined' else 'refused' end, ended_at = $3,
           asker_person = null, asked_person = null
         where id = $1 and ended_at is null",
        id,
        is_joined,
        now.naive_utc(),
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_name_the_first_word_is_shown_and_nothing_that_is_no_letter() {
        let shown = |name: &str| first_name(name);
        assert_eq!(shown("Budi Santoso").as_deref(), Some("Budi"));
        assert_eq!(shown(" *TOKO-RESMI*\n+62 812").as_deref(), Some("TOKORESMI"));
        assert_eq!(shown("Ayu\u{202e}").as_deref(), Some("Ayu"));
        assert_eq!(shown(&"a".repeat(90)).map(|name| name.len()), Some(MAX_PERSON_CHARS));
        assert_eq!(shown("😀"), None);
    }
}
