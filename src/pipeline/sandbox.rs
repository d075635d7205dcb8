//! The sandbox gateway's books in our own database, where a real company would keep its own.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::PgPool;

use crate::clock::Clock;
use crate::domain::money::Rupiah;
use crate::edge::CallError;
use crate::payments::sandbox::{Entry, Ledger, MAX_RECEIPTS, Sandbox};
use crate::store;
use crate::store::sandbox::ChargeRow;

/// Builds the sandbox of a database: its secret is drawn once and kept there.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn open(pool: &PgPool, clock: Arc<Clock>, public_url: &str) -> Result<Sandbox, sqlx::Error> {
    let mut connection = pool.acquire().await?;
    let secret = store::sandbox::secret(&mut connection, &clock.secret()).await?;
    Ok(Sandbox::new(Arc::new(Books { pool: pool.clone() }), clock, secret, public_url))
}

/// The books.
struct Books {
    pool: PgPool,
}

fn unreachable(error: sqlx::Error) -> CallError {
    // The text of a database error may hold what was written; its kind is enough.
    let reason = match error {
        sqlx::Error::Database(error) => format!("the sandbox's books refuse: {:?}", error.code()),
        _ => "the sandbox's books cannot be reached".to_owned(),
    };
    CallError::Retry { reason, after_ms: None }
}

fn entry(row: ChargeRow) -> Result<Entry, CallError> {
    let amount = |whole: i32| {
        Rupiah::try_from(whole)
            .map_err(|_| CallError::Fail { reason: "the sandbox's books hold a negative amount".to_owned() })
    };
    Ok(Entry {
        amount: amount(row.amount)?,
        received: amount(row.received)?,
        cancelled: row.status == "cancelled",
        receipts: u32::try_from(row.receipts).unwrap_or(0),
        expires_at: row.expires_at.and_utc(),
        reference: row.reference,
        external_id: row.external_id,
        qris: row.qris,
    })
}

#[async_trait]
impl Ledger for Books {
    async fn add(&self, asked: &Entry, now: DateTime<Utc>) -> Result<Entry, CallError> {
        let row = ChargeRow {
            reference: asked.reference.clone(),
            external_id: asked.external_id.clone(),
            amount: asked.amount.column(),
            qris: asked.qris.clone(),
            status: String::new(),
            received: 0,
            receipts: 0,
            expires_at: asked.expires_at.naive_utc(),
        };
        let mut connection = self.pool.acquire().await.map_err(unreachable)?;
        entry(store::sandbox::add(&mut connection, &row, now).await.map_err(unreachable)?)
    }

    async fn find(&self, reference: &str) -> Result<Option<Entry>, CallError> {
        let mut connection = self.pool.acquire().await.map_err(unreachable)?;
        store::sandbox::find(&mut connection, reference).await.map_err(unreachable)?.map(entry).transpose()
    }

    async fn receive(
        &self,
        reference: &str,
        amount: Rupiah,
        now: DateTime<Utc>,
    ) -> Result<Option<Entry>, CallError> {
        let max = i32::try_from(MAX_RECEIPTS).unwrap_or(i32::MAX);
        let mut connection = self.pool.acquire().await.map_err(unreachable)?;
        store::sandbox::receive(&mut connection, reference, amount.column(), max, now)
            .await
            .map_err(unreachable)?
            .map(entry)
            .transpose()
    }

    async fn refund(
        &self,
        reference: &str,
        refund_key: &str,
        amount: Rupiah,
        now: DateTime<Utc>,
    ) -> Result<bool, CallError> {
        let mut transaction = self.pool.begin().await.map_err(unreachable)?;
        let booked = store::sandbox::refund(&mut transaction, reference, refund_key, amount.column(), now)
            .await
            .map_err(unreachable)?;
        transaction.commit().await.map_err(unreachable)?;
        Ok(booked)
    }

    async fn cancel(&self, reference: &str, now: DateTime<Utc>) -> Result<Option<Entry>, CallError> {
        let mut connection = self.pool.acquire().await.map_err(unreachable)?;
        store::sandbox::cancel(&mut connection, reference, now)
            .await
            .map_err(unreachable)?
            .map(entry)
            .transpose()
    }
}
