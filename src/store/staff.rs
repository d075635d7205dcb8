//! Stub.
use crate::domain::ids::*;
use sqlx::PgConnection;
pub async fn conversations(_: &mut PgConnection, _: &StoreId) -> Result<Vec<ConversationId>, sqlx::Error> {
    Ok(vec![])
}
