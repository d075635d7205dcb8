//! Shops with their catalogues, kept as long as the database says that nothing about them has changed.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use sqlx::PgConnection;

use super::PipelineError;
use crate::dialogue::understand::CatalogIndex;
use crate::dialogue::world::Store;
use crate::domain::catalog::Catalog;
use crate::domain::ids::StoreId;
use crate::store;

/// Shops kept in memory at once.
const MAX_SHOPS: usize = 256;

/// A shop at one moment.
#[derive(Debug, Clone)]
pub struct Shop {
    /// Its settings.
    pub store: Arc<Store>,
    /// What it sells.
    pub catalog: Arc<Catalog>,
    /// The same, prepared for matching words.
    pub index: Arc<CatalogIndex>,
}

/// The shops that were used lately.
#[derive(Debug, Default)]
pub struct Shops {
    kept: Mutex<HashMap<StoreId, (i64, Shop)>>,
}

impl Shops {
    /// The shop as it is now. `fingerprint` comes from the database with the conversation; only when it differs from
    /// the kept one is the catalogue read again.
    ///
    /// # Errors
    /// [`PipelineError`] when the database fails or the shop is gone.
    pub async fn get(
        &self,
        connection: &mut PgConnection,
        id: &StoreId,
        fingerprint: i64,
    ) -> Result<Shop, PipelineError> {
        if let Some((kept, shop)) = self.lock().get(id)
            && *kept == fingerprint
        {
            return Ok(shop.clone());
        }
        let shop = load(connection, id).await?;
        let mut kept = self.lock();
        if kept.len() >= MAX_SHOPS {
            kept.clear();
        }
        kept.insert(id.clone(), (fingerprint, shop.clone()));
        Ok(shop)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<StoreId, (i64, Shop)>> {
        self.kept.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// Reads a shop and its catalogue.
///
/// # Errors
/// [`PipelineError`] when the database fails or the shop is gone.
pub async fn load(connection: &mut PgConnection, id: &StoreId) -> Result<Shop, PipelineError> {
    let Some(store) = store::stores::load(connection, id).await? else {
        return Err(PipelineError::NoStore(id.clone()));
    };
    let catalog = store::catalog::load(connection, id).await?;
    let index = CatalogIndex::new(&catalog);
    Ok(Shop { store: Arc::new(store), catalog: Arc::new(catalog), index: Arc::new(index) })
}
