//! Stub.
use crate::domain::{customer::Customer, ids::*, message::Address};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
pub async fn find_or_insert(
    _: &mut PgConnection,
    _: &crate::clock::Clock,
    _: &StoreId,
    _: &Address,
    _: Option<&str>,
    _: Option<&str>,
    _: DateTime<Utc>,
) -> Result<CustomerId, sqlx::Error> {
    Err(sqlx::Error::RowNotFound)
}
pub async fn update(_: &mut PgConnection, _: &Customer, _: DateTime<Utc>) -> Result<(), sqlx::Error> {
    Ok(())
}
