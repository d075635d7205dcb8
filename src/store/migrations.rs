//! Which migrations a database has.

use sqlx::PgPool;
use sqlx::migrate::Migrate as _;

use super::MIGRATOR;

/// One migration and whether it was applied.
#[derive(Debug, Clone)]
pub struct Status {
    /// Its number.
    pub version: i64,
    /// What it does.
    pub description: String,
    /// Whether the database has it.
    pub applied: bool,
}

/// Every migration that this program knows, and whether the database has it.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn status(pool: &PgPool) -> Result<Vec<Status>, sqlx::Error> {
    let mut connection = pool.acquire().await?;
    let there = sqlx::query_scalar!(r#"select to_regclass('_sqlx_migrations') is not null as "there!""#)
        .fetch_one(&mut *connection)
        .await?;
    let applied = if there {
        connection
            .list_applied_migrations(&MIGRATOR.table_name)
            .await
            .map_err(|error| sqlx::Error::Protocol(error.to_string()))?
    } else {
        Vec::new()
    };
    Ok(MIGRATOR
        .iter()
        .map(|migration| Status {
            version: migration.version,
            description: migration.description.to_string(),
            applied: applied.iter().any(|known| known.version == migration.version),
        })
        .collect())
}

/// Whether the database has exactly the migrations of this program, each as it stands here. Asks nothing that only an owner may.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn is_current(pool: &PgPool) -> Result<bool, sqlx::Error> {
    let mut connection = pool.acquire().await?;
    let there = sqlx::query_scalar!(r#"select to_regclass('_sqlx_migrations') is not null as "there!""#)
        .fetch_one(&mut *connection)
        .await?;
    if !there {
        return Ok(false);
    }
    let applied = connection
        .list_applied_migrations(&MIGRATOR.table_name)
        .await
        .map_err(|error| sqlx::Error::Protocol(error.to_string()))?;
    let is_here = |version: i64, checksum: &[u8]| {
        MIGRATOR.iter().any(|known| known.version == version && *known.checksum == *checksum)
    };
    let is_dirty = connection
        .dirty_version(&MIGRATOR.table_name)
        .await
        .map_err(|error| sqlx::Error::Protocol(error.to_string()))?
        .is_some();
    Ok(!is_dirty
        && applied.len() == MIGRATOR.iter().count()
        && applied.iter().all(|known| is_here(known.version, &known.checksum)))
}

/// How many migrations the database lacks.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn pending(pool: &PgPool) -> Result<usize, sqlx::Error> {
    Ok(status(pool).await?.iter().filter(|migration| !migration.applied).count())
}
