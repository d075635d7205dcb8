//! How often customers have made the phones of a shop's people ring: what each staff chat was told of them lately.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::domain::ids::{ConversationId, CustomerId};

/// How often a staff chat was told of customers who write or want a person, since a moment.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn since(
    connection: &mut PgConnection,
    staff_chat: &ConversationId,
    since: DateTime<Utc>,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select count(*) as "rings!" from inbox
           where conversation_id = $1 and received_at > $2
             and (external_id like 'wanted:%' or external_id like 'said:%' or external_id like 'staff.question:%')"#,
        staff_chat.as_str(),
        since.naive_utc(),
    )
    .fetch_one(connection)
    .await
}

/// Whether a customer has ever paid an order: what nobody does just to make phones ring.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn is_buyer(connection: &mut PgConnection, customer: &CustomerId) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists(select 1 from orders where customer_id = $1 and paid_at is not null) as "is_buyer!""#,
        customer.as_str(),
    )
    .fetch_one(connection)
    .await
}
