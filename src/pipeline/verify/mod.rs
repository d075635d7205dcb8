//! Holds a live database to what the shop promises: `store::invariants`, with QRIS strings decoded.

use sqlx::PgPool;

use crate::domain::ids::StoreId;
use crate::domain::money::Rupiah;
use crate::payments::qris;
use crate::store::invariants::{self, Finding};

/// Asks every rule, of one shop or of all of them, as of one moment. Nothing is changed.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn verify(pool: &PgPool, store: Option<&StoreId>) -> Result<Vec<Finding>, sqlx::Error> {
    let mut snapshot = pool.begin_with(invariants::SNAPSHOT).await?;
    let findings = invariants::examine(&mut snapshot, store, reads_as).await?;
    snapshot.rollback().await?;
    Ok(findings)
}

/// Whether a code is whole, dynamic, in rupiah and over exactly this amount.
fn reads_as(code: &str, amount: Rupiah) -> bool {
    qris::check_dynamic(code, amount).is_ok()
}

/// The rules that are broken, of every shop: nothing on a healthy database.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn violations(pool: &PgPool) -> Result<Vec<Finding>, sqlx::Error> {
    let findings = verify(pool, None).await?;
    Ok(findings.into_iter().filter(|finding| finding.violations > 0).collect())
}

#[cfg(test)]
mod tests;
