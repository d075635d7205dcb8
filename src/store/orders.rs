//! Stub.
use crate::domain::{customer::Customer, ids::*, order::Order};
use sqlx::PgConnection;
pub async fn load(
    _: &mut PgConnection,
    _: &StoreId,
    _: &OrderId,
) -> Result<Option<(Order, Customer)>, sqlx::Error> {
    Ok(None)
}
