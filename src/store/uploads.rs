//! Files that the chat page has sent ahead, until the message that names them is read.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;

use crate::domain::ids::StoreId;
use crate::store::media::Media;

/// How long a file waits for its message.
const WAITS_FOR: TimeDelta = TimeDelta::hours(1);
/// What a chat is to the shop, which says how much room its files have. A session costs nobody anything, so those of whom
/// nobody knows anything share a small part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Has never said anything.
    Stranger,
    /// Has said something.
    Visitor,
    /// Has an order that is not done yet, or works for the shop. What others send takes nothing of theirs.
    Buyer,
}

/// Files within the hour.
#[derive(Debug, Clone, Copy)]
struct Room {
    /// Of one chat.
    own: i64,
    /// Of all chats of this standing together.
    every: i64,
    /// Of those, files that wait for their messages.
    waiting: i64,
}

impl Standing {
    fn as_str(self) -> &'static str {
        match self {
            Self::Stranger => "stranger",
            Self::Visitor => "visitor",
            Self::Buyer => "buyer",
        }
    }

    fn room(self) -> Room {
        match self {
            Self::Stranger => Room { own: 3, every: 60, waiting: 20 },
            Self::Visitor => Room { own: 10, every: 400, waiting: 80 },
            // Their own bound is enough: whoever has an order is one of few (store::fair).
            Self::Buyer => Room { own: 20, every: i64::MAX, waiting: i64::MAX },
        }
    }
}

/// What a chat of the page is to a shop.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn standing(
    connection: &mut PgConnection,
    store: &StoreId,
    chat: &str,
) -> Result<Standing, sqlx::Error> {
    let is_buyer = sqlx::query_scalar!(
        r#"select c.staff_id is not null or exists (
             select from orders o
             where o.customer_id = c.customer_id
               and o.status in ('created', 'payment_initiated', 'paid', 'packed', 'shipped')
           ) as "is_buyer!"
           from conversations c where c.store_id = $1 and c.channel = 'web' and c.chat = $2"#,
        store.as_str(),
        chat,
    )
    .fetch_optional(connection)
    .await?;
    Ok(match is_buyer {
        None => Standing::Stranger,
        Some(false) => Standing::Visitor,
        Some(true) => Standing::Buyer,
    })
}

/// A file that a chat sends ahead.
#[derive(Debug)]
pub struct NewUpload<'a> {
    /// Its name.
    pub id: &'a str,
    /// The shop whose page it was sent to.
    pub store: &'a StoreId,
    /// Whose it is.
    pub chat: &'a str,
    /// What its chat is to the shop.
    pub standing: Standing,
    /// Its kind.
    pub mime: &'a str,
    /// What it holds.
    pub bytes: &'a [u8],
}

/// Keeps a file of a chat. Returns whether there was room; files whose messages never came make room.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn insert(
    connection: &mut PgConnection,
    upload: &NewUpload<'_>,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    sqlx::query!("delete from page_uploads where created_at < $1", (now - WAITS_FOR).naive_utc())
        .execute(&mut *connection)
        .await?;
    let room = upload.standing.room();
    let inserted = sqlx::query!(
        "insert into page_uploads (id, store_id, chat, standing, mime, bytes, created_at)
         select $1, $2, $3, $4, $5, $6, $7
         from (select count(*) as every, count(bytes) as waiting, count(*) filter (where chat = $3) as own
               from page_uploads where store_id = $2 and standing = $4) there
         where own < $8 and every < $9 and waiting < $10",
        upload.id,
        upload.store.as_str(),
        upload.chat,
        upload.standing.as_str(),
        upload.mime,
        upload.bytes,
        now.naive_utc(),
        room.own,
        room.every,
        room.waiting,
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
    use crate::store::facts::{NewShop, insert_shop};

    const NOW: i64 = 1_795_400_000;

    async fn send(
        connection: &mut PgConnection,
        store: &str,
        (id, chat): (&str, &str),
        standing: Standing,
        now: DateTime<Utc>,
    ) -> bool {
        let (store, mime, bytes) = (&StoreId::from(store), "image/png", id.as_bytes());
        insert(connection, &NewUpload { id, store, chat, standing, mime, bytes }, now).await.unwrap()
    }

    async fn shops(connection: &mut PgConnection, now: DateTime<Utc>) {
        for id in ["bella", "citra"] {
            let (name, city, tax_percent, settings) = ("Teh", "Bandung", 11, serde_json::json!({}));
            let shop = NewShop { id, name, slug: id, city, tax_percent, settings };
            insert_shop(connection, &shop, now).await.unwrap();
        }
    }

    #[tokio::test]
    async fn files_wait_for_an_hour_and_only_so_many_of_them() {
        let database = throw_away_database(&crate::store::MIGRATOR).await.unwrap();
        let mut connection = database.pool.acquire().await.unwrap();
        let now = DateTime::from_timestamp(NOW, 0).unwrap();
        shops(&mut connection, now).await;
        let Room { own, waiting, .. } = Standing::Visitor.room();
        let mut visitor = async |id: &str, chat: &str, at| {
            send(&mut connection, "bella", (id, chat), Standing::Visitor, at).await
        };
        for number in 0..waiting {
            assert!(visitor(&number.to_string(), &(number / own).to_string(), now).await);
        }
        assert!(!visitor("more", "99", now).await, "too many wait");
        let later = now + WAITS_FOR;
        assert!(!visitor("more", "99", later).await);
        let later = later + TimeDelta::seconds(1);
        for number in 0..own {
            assert!(visitor(&format!("later {number}"), "1", later).await);
        }
        assert!(!visitor("one more", "1", later).await, "too many of one chat");
        assert!(visitor("of another", "2", later).await);
        assert!(find(&mut connection, "7").await.unwrap().is_none(), "its hour is over");
        let kept = find(&mut connection, "of another").await.unwrap().unwrap();
        assert_eq!((kept.mime.as_str(), kept.bytes.as_slice()), ("image/png", b"of another".as_slice()));
        assert!(is_of(&mut connection, "of another", "2").await.unwrap());
        assert!(!is_of(&mut connection, "of another", "1").await.unwrap());
        forget(&mut connection, "of another").await.unwrap();
        assert!(find(&mut connection, "of another").await.unwrap().is_none());
        forget(&mut connection, "later 3").await.unwrap();
        let again = send(&mut connection, "bella", ("one more", "1"), Standing::Visitor, later).await;
        assert!(!again, "what was taken counts as well");
    }

    #[tokio::test]
    async fn invented_sessions_take_the_strangers_room_and_no_proof_of_a_buyer_waits() {
        let database = throw_away_database(&crate::store::MIGRATOR).await.unwrap();
        let mut connection = database.pool.acquire().await.unwrap();
        let now = DateTime::from_timestamp(NOW, 0).unwrap();
        shops(&mut connection, now).await;
        let mut flood = async |store: &str, standing: Standing| -> i64 {
            let mut taken = 0;
            for number in 0..120 {
                let (id, chat) = (format!("{store} {standing:?} {number}"), number.to_string());
                taken += i64::from(send(&mut connection, store, (&id, &chat), standing, now).await);
            }
            taken
        };
        assert_eq!(flood("bella", Standing::Stranger).await, Standing::Stranger.room().waiting);
        assert_eq!(flood("bella", Standing::Visitor).await, Standing::Visitor.room().waiting);
        assert_eq!(
            flood("citra", Standing::Stranger).await,
            Standing::Stranger.room().waiting,
            "its own room"
        );
        for number in 0..Standing::Buyer.room().own {
            let id = format!("proof {number}");
            assert!(send(&mut connection, "bella", (&id, "ayu"), Standing::Buyer, now).await);
        }
        assert!(!send(&mut connection, "bella", ("more", "ayu"), Standing::Buyer, now).await);
        assert!(send(&mut connection, "bella", ("of budi", "budi"), Standing::Buyer, now).await);
    }

    #[tokio::test]
    async fn who_has_said_nothing_is_a_stranger() {
        let database = throw_away_database(&crate::store::MIGRATOR).await.unwrap();
        let mut connection = database.pool.acquire().await.unwrap();
        let now = DateTime::from_timestamp(NOW, 0).unwrap();
        shops(&mut connection, now).await;
        let bella = StoreId::from("bella");
        let mut of = async |chat: &str| standing(&mut connection, &bella, chat).await.unwrap();
        assert_eq!(of("ayu").await, Standing::Stranger);
        let run = async |sql: &'static str| sqlx::raw_sql(sql).execute(&database.pool).await.unwrap();
        run("insert into customers (id, store_id, name, phone) values ('c', 'bella', 'Ayu', '62812');
             insert into conversations (id, store_id, channel, chat, customer_id, state)
             values ('k', 'bella', 'web', 'ayu', 'c', '{}')")
        .await;
        assert_eq!(of("ayu").await, Standing::Visitor);
        run("insert into orders (id, store_id, customer_id, order_number, subtotal, total_amount, shipping_address)
             values ('o', 'bella', 'c', 'ORD-1', 1, 1, '{}')")
        .await;
        assert_eq!(of("ayu").await, Standing::Buyer);
        run("update orders set status = 'cancelled', cancelled_at = now()").await;
        assert_eq!(of("ayu").await, Standing::Visitor);
    }
}
