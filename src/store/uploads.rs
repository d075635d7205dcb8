//! Files that the chat page has sent ahead, until the message that names them is read.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;

use crate::store::media::Media;

/// How long a file waits for its message.
const WAITS_FOR: TimeDelta = TimeDelta::hours(1);
/// Files that wait at once. Strangers may send some, and a session costs them nothing.
const MAX_WAITING: i64 = 100;
/// Files of one chat within the hour.
const MAX_OF_CHAT: i64 = 20;
/// Files of everybody within the hour.
const MAX_OF_ALL: i64 = 500;

/// Keeps a file of a chat. Returns whether there was room; files whose messages never came make room.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn insert(
    connection: &mut PgConnection,
    id: &str,
    chat: &str,
    mime: &str,
    bytes: &[u8],
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    sqlx::query!("delete from page_uploads where created_at < $1", (now - WAITS_FOR).naive_utc())
        .execute(&mut *connection)
        .await?;
    let inserted = sqlx::query!(
        "insert into page_uploads (id, chat, mime, bytes, created_at)
         select $1, $2, $3, $4, $5
         from (select count(*) as every, count(bytes) as waiting, count(*) filter (where chat = $2) as own
               from page_uploads) there
         where every < $6 and waiting < $7 and own < $8",
        id,
        chat,
        mime,
        bytes,
        now.naive_utc(),
        MAX_OF_ALL,
        MAX_WAITING,
        MAX_OF_CHAT,
    )
    .execute(connection)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

/// Whether a chat has sent a file of this name ahead: who learns the name of another's file cannot send it as theirs.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn is_of(connection: &mut PgConnection, id: &str, chat: &str) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists (select from page_uploads where id = $1 and chat = $2) as "is_of!""#,
        id,
        chat,
    )
    .fetch_one(connection)
    .await
}

/// A file that waits.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn find(connection: &mut PgConnection, id: &str) -> Result<Option<Media>, sqlx::Error> {
    sqlx::query_as!(
        Media,
        r#"select mime, bytes as "bytes!" from page_uploads where id = $1 and bytes is not null"#,
        id,
    )
    .fetch_optional(connection)
    .await
}

/// Lets go of a file that is kept elsewhere now, or that nobody wants.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn forget(connection: &mut PgConnection, id: &str) -> Result<(), sqlx::Error> {
    sqlx::query!("update page_uploads set bytes = null where id = $1", id).execute(connection).await.map(drop)
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
        let mut insert = async |id: &str, chat: i64, at| {
            super::insert(&mut connection, id, &chat.to_string(), "image/png", id.as_bytes(), at)
                .await
                .unwrap()
        };
        for number in 0..MAX_WAITING {
            assert!(insert(&number.to_string(), number / MAX_OF_CHAT, now).await);
        }
        assert!(!insert("more", 99, now).await, "too many wait");
        let later = now + WAITS_FOR;
        assert!(!insert("more", 99, later).await);
        let later = later + TimeDelta::seconds(1);
        for number in 0..MAX_OF_CHAT {
            assert!(insert(&format!("later {number}"), 1, later).await);
        }
        assert!(!insert("one more", 1, later).await, "too many of one chat");
        assert!(insert("of another", 2, later).await);
        assert!(find(&mut connection, "7").await.unwrap().is_none(), "its hour is over");
        let kept = find(&mut connection, "of another").await.unwrap().unwrap();
        assert_eq!((kept.mime.as_str(), kept.bytes.as_slice()), ("image/png", b"of another".as_slice()));
        assert!(is_of(&mut connection, "of another", "2").await.unwrap());
        assert!(!is_of(&mut connection, "of another", "1").await.unwrap());
        forget(&mut connection, "of another").await.unwrap();
        assert!(find(&mut connection, "of another").await.unwrap().is_none());
        forget(&mut connection, "later 3").await.unwrap();
        let again = super::insert(&mut connection, "one more", "1", "image/png", b"x", later).await.unwrap();
        assert!(!again, "what was taken counts as well");
    }
}
