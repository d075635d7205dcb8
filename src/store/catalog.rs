//! Stub.
use crate::domain::{catalog::Catalog, ids::StoreId};
use sqlx::PgConnection;
pub async fn load(_: &mut PgConnection, s: &StoreId) -> Result<Catalog, sqlx::Error> {
    Ok(Catalog { store: s.clone(), categories: vec![], products: vec![] })
}
