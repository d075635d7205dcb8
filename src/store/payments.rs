//! Stub.
use crate::domain::{ids::*, payment::Payment};
use sqlx::PgConnection;
pub async fn conversation_of(
    _: &mut PgConnection,
    _: &str,
    _: &str,
) -> Result<Option<(ConversationId, PaymentId)>, sqlx::Error> {
    Ok(None)
}
pub async fn last_of_order(_: &mut PgConnection, _: &OrderId) -> Result<Option<Payment>, sqlx::Error> {
    Ok(None)
}
