//! Stub.
use crate::dialogue::world::Store;
use crate::domain::ids::StoreId;
use sqlx::PgConnection;
pub async fn load(_: &mut PgConnection, _: &StoreId) -> Result<Option<Store>, sqlx::Error> {
    Ok(None)
}
