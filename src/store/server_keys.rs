//! What the server signs with what it gives out. The keys are the database's, so that every process knows what another gave
//! out; whoever reads them can give out something new, and can take over nothing that is somebody's.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// What the sessions of the chat page are signed with.
pub const SESSIONS: &str = "sessions";

/// The key of a name; where there is none yet, `fresh` becomes it for every process.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn find_or_make(
    connection: &mut PgConnection,
    name: &str,
    fresh: &str,
    now: DateTime<Utc>,
) -> Result<String, sqlx::Error> {
    sqlx::query!(
        "insert into server_keys (name, key, created_at) values ($1, $2, $3) on conflict (name) do nothing",
        name,
        fresh,
        now.naive_utc(),
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query_scalar!("select key from server_keys where name = $1", name).fetch_one(connection).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::testing::throw_away_database;

    #[tokio::test]
    async fn the_first_process_makes_a_key_and_all_others_take_it() {
        let database = throw_away_database(&crate::store::MIGRATOR).await.unwrap();
        let mut connection = database.pool.acquire().await.unwrap();
        let now = DateTime::from_timestamp(1_795_400_000, 0).unwrap();
        for fresh in ["first", "second"] {
            assert_eq!(find_or_make(&mut connection, SESSIONS, fresh, now).await.unwrap(), "first");
        }
        assert_eq!(find_or_make(&mut connection, "another", "third", now).await.unwrap(), "third");
    }
}
