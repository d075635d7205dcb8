//! Files that the chat page has sent ahead, until the message that names them is read.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;

use crate::store::media::Media;

/// How long a file waits for its message.
const WAITS_FOR: TimeDelta = TimeDelta::hours(1);
/// Files that wait at once: strangers can send some.
const MAX_WAITING: i64 = 100;

/// Keeps a file. Returns whether there was room; files whose messages never came make room.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn insert(
    connection: &mut PgConnection,
    id: &str,
    mime: &str,
    bytes: &[u8],
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    sqlx::query!("delete from page_uploads where created_at < $1", (now - WAITS_FOR).naive_utc())
        .execute(&mut *connection)
        .await?;
    let inserted = sqlx::query!(
        "insert into page_uploads (id, mime, bytes, created_at)
         select $1, $2, $3, $4 where (select count(*) from page_uploads) < $5",
        id,
        mime,
        bytes,
        now.naive_utc(),
        MAX_WAITING,
    )
    .execute(connection)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

/// A file that waits.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn find(connection: &mut PgConnection, id: &str) -> Result<Option<Media>, sqlx::Error> {
    sqlx::query_as!(Media, "select mime, bytes from page_uploads where id = $1", id)
        .fetch_optional(connection)
        .await
}

/// Lets go of a file that is kept elsewhere now.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn forget(connection: &mut PgConnection, id: &str) -> Result<(), sqlx::Error> {
    sqlx::query!("delete from page_uploads where id = $1", id).execute(connection).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::testing::throw_away_database;

    #[tokio::test]
    async fn files_wait_for_an_hour_and_only_so_many_of_them() {
        let database = throw_away_database(&crate::store::MIGRATOR).await.unwrap();
        let mut connection = database.pool.acquire().await.unwrap();
        let now = DateTime::from_timestamp(1_795_400_000, 0).unwrap();
        for number in 0..MAX_WAITING {
            let id = number.to_string();
            assert!(insert(&mut connection, &id, "image/png", b"x", now).await.unwrap());
        }
        assert!(!insert(&mut connection, "more", "image/png", b"x", now).await.unwrap());
        forget(&mut connection, "7").await.unwrap();
        assert!(insert(&mut connection, "more", "image/jpeg", b"y", now).await.unwrap());
        let kept = find(&mut connection, "more").await.unwrap().unwrap();
        assert_eq!((kept.mime.as_str(), kept.bytes.as_slice()), ("image/jpeg", b"y".as_slice()));
        let later = now + WAITS_FOR + TimeDelta::seconds(1);
        assert!(insert(&mut connection, "later", "image/png", b"z", later).await.unwrap());
        assert!(find(&mut connection, "more").await.unwrap().is_none());
    }
}
