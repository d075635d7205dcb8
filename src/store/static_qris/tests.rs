//! Amounts of their own, and proofs that are known again.

use chrono::{DateTime, Duration, Utc};
use sqlx::PgPool;

use super::*;
use crate::cluster::testing::throw_away_database;
use crate::domain::ids::{OrderId, StoreId};
use crate::domain::money::Rupiah;
use crate::store::MIGRATOR;

fn at(minutes: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_000_000, 0).unwrap() + Duration::minutes(minutes)
}

/// Two shops, and orders `o1` to `o<count>` over a total in the first.
async fn orders(pool: &PgPool, count: i32, total: i32) -> StoreId {
    for statement in [
        "insert into users (id, email, name, password_hash) values ('u', 'u@example.com', 'U', '')",
        "insert into stores (id, owner_id, name, slug, email, phone)
           values ('s', 'u', 'S', 's', 's@example.com', ''), ('other', 'u', 'O', 'o', 'o@example.com', '')",
        "insert into customers (id, store_id, name, phone)
           select case n when 0 then 'c' else 'c' || n end, 's', 'C', '' from generate_series(0, 50) n",
    ] {
        sqlx::query(statement).execute(pool).await.unwrap();
    }
    let address = crate::domain::message::Address { channel: "web".into(), chat: "a".into() };
    let state = crate::dialogue::conversation::Conversation::default();
    let mut connection = pool.acquire().await.unwrap();
    let (id, store, customer) = ("chat".into(), "s".into(), "c".into());
    crate::store::conversations::insert(&mut connection, &id, &store, &address, &customer, &state, at(0))
        .await
        .unwrap();
    sqlx::query(
        "insert into orders (id, store_id, customer_id, order_number, subtotal, total_amount, status, shipping_address)
         select 'o' || n, 's', 'c' || n, 'ORD-2026-' || n, $2, $2, 'created', '{}' from generate_series(1, $1) n",
    )
    .bind(count)
    .bind(total)
    .execute(pool)
    .await
    .unwrap();
    sqlx::query(
        "insert into payments (id, store_id, order_id, reference_number, amount, gateway, method, status, details)
         select 'p' || id, 's', id, id, total_amount, 'static', 'qris', 'expired', '{\"qrCode\": \"shown\"}' from orders",
    )
    .execute(pool)
    .await
    .unwrap();
    "s".into()
}

async fn taken(pool: &PgPool, store: &StoreId, order: &str, total: i64, now: DateTime<Utc>) -> Option<i64> {
    let mut transaction = pool.begin().await.unwrap();
    let total = (Rupiah::new(total).unwrap(), MAX_DISCOUNT_RUPIAH);
    let taken = take(&mut transaction, store, &OrderId::from(order), total, now).await.unwrap();
    transaction.commit().await.unwrap();
    taken.map(|taken| taken.amount.whole())
}

#[tokio::test]
async fn orders_of_one_total_get_amounts_of_their_own_also_at_the_same_moment() {
    let database = throw_away_database(&MIGRATOR).await.unwrap();
    let pool = &database.pool;
    let store = orders(pool, 40, 50_000).await;
    let names: Vec<String> = (1..=40).map(|n| format!("o{n}")).collect();
    let takes = names.iter().map(|order| taken(pool, &store, order, 50_000, at(0)));
    let mut amounts: Vec<i64> = futures::future::join_all(takes).await.into_iter().flatten().collect();
    amounts.sort_unstable();
    assert_eq!(
        amounts,
        (49_960..=49_999).collect::<Vec<_>>(),
        "the smallest discounts, each once, none of nothing"
    );
    let wrong: i64 = sqlx::query_scalar(
        "select count(*) from orders o join unique_amounts u on u.order_id = o.id
         where o.total_amount <> u.amount or o.subtotal - o.discount_amount <> o.total_amount",
    )
    .fetch_one(pool)
    .await
    .unwrap();
    assert_eq!(wrong, 0, "the order is cheaper by exactly what it is asked less");
    assert_eq!(
        taken(pool, &store, "o1", 49_999, at(1)).await,
        Some(amounts_of(pool, "o1").await),
        "asked again, the same"
    );
}

async fn amounts_of(pool: &PgPool, order: &str) -> i64 {
    let amount: i32 = sqlx::query_scalar("select amount from unique_amounts where order_id = $1")
        .bind(order)
        .fetch_one(pool)
        .await
        .unwrap();
    i64::from(amount)
}

#[tokio::test]
async fn an_amount_rests_after_its_order_and_is_given_again_later() {
    let database = throw_away_database(&MIGRATOR).await.unwrap();
    let pool = &database.pool;
    let store = orders(pool, 4, 50_000).await;
    assert_eq!(taken(pool, &store, "o1", 50_000, at(0)).await, Some(49_999));
    sqlx::query("update orders set status = 'cancelled', cancelled_at = $1 where id = 'o1'")
        .bind(at(10).naive_utc())
        .execute(pool)
        .await
        .unwrap();
    assert_eq!(taken(pool, &store, "o2", 50_000, at(20)).await, Some(49_998), "the freed amount rests");
    let mut connection = pool.acquire().await.unwrap();
    let found = matching(&mut connection, &store, Rupiah::new(49_999).unwrap()).await.unwrap().unwrap();
    assert!(!found.is_open && found.number == "ORD-2026-1");
    let rested = 10 + QUARANTINE_DAYS * 24 * 60;
    assert_eq!(taken(pool, &store, "o3", 50_000, at(rested - 1)).await, Some(49_997));
    assert_eq!(
        taken(pool, &store, "o4", 50_000, at(rested)).await,
        Some(49_999),
        "given again when it has rested"
    );
    let found = matching(&mut connection, &store, Rupiah::new(49_999).unwrap()).await.unwrap().unwrap();
    assert!(found.is_open && found.number == "ORD-2026-4", "{found:?}");
    assert_eq!(matching(&mut connection, &"other".into(), Rupiah::new(49_999).unwrap()).await.unwrap(), None);
}

async fn ends(pool: &PgPool, order: &str, minutes: i64) {
    sqlx::query("update orders set status = 'cancelled', cancelled_at = $2 where id = $1")
        .bind(order)
        .bind(at(minutes).naive_utc())
        .execute(pool)
        .await
        .unwrap();
}

#[tokio::test]
async fn whoever_orders_and_calls_off_again_and_again_uses_one_amount() {
    let database = throw_away_database(&MIGRATOR).await.unwrap();
    let pool = &database.pool;
    let store = orders(pool, 40, 50_000).await;
    sqlx::query("update orders set customer_id = 'c' where id <> 'o40'").execute(pool).await.unwrap();
    for number in 1..=30 {
        let order = format!("o{number}");
        assert_eq!(taken(pool, &store, &order, 50_000, at(number)).await, Some(49_999), "{order}");
        ends(pool, &order, number).await;
    }
    assert_eq!(taken(pool, &store, "o40", 50_000, at(31)).await, Some(49_998), "nobody else gets it");
    assert_eq!(taken(pool, &store, "o31", 50_000, at(32)).await, Some(49_999));
    assert_eq!(taken(pool, &store, "o32", 50_000, at(32)).await, Some(49_997), "two at once need two");
    assert_eq!(
        taken(pool, &store, "o33", 49_000, at(32)).await,
        Some(48_999),
        "another price, another amount"
    );
    ends(pool, "o31", 33).await;
    sqlx::query("update payments set metadata = '{\"received\": 100}' where order_id = 'o31'")
        .execute(pool)
        .await
        .unwrap();
    assert_eq!(
        taken(pool, &store, "o34", 50_000, at(34)).await,
        Some(49_996),
        "an amount that money came for is no second order's"
    );
}

#[tokio::test]
async fn an_amount_that_nobody_was_shown_is_free_at_once() {
    let database = throw_away_database(&MIGRATOR).await.unwrap();
    let pool = &database.pool;
    let store = orders(pool, 2, 50_000).await;
    sqlx::query("update payments set details = null").execute(pool).await.unwrap();
    assert_eq!(taken(pool, &store, "o1", 50_000, at(0)).await, Some(49_999));
    ends(pool, "o1", 1).await;
    assert_eq!(taken(pool, &store, "o2", 50_000, at(2)).await, Some(49_999));
}

#[tokio::test]
async fn without_a_free_amount_nothing_changes() {
    let database = throw_away_database(&MIGRATOR).await.unwrap();
    let pool = &database.pool;
    let store = orders(pool, 4, 3).await;
    assert_eq!(taken(pool, &store, "o1", 3, at(0)).await, Some(2));
    assert_eq!(taken(pool, &store, "o2", 3, at(0)).await, Some(1));
    assert_eq!(taken(pool, &store, "o3", 3, at(0)).await, None, "nobody is asked for nothing");
    let total: i32 =
        sqlx::query_scalar("select total_amount from orders where id = 'o3'").fetch_one(pool).await.unwrap();
    assert_eq!(total, 3);
}

#[tokio::test]
async fn a_picture_is_known_again_on_another_order_and_not_on_its_own() {
    let database = throw_away_database(&MIGRATOR).await.unwrap();
    let pool = &database.pool;
    let store = orders(pool, 2, 50_000).await;
    sqlx::query(
        "insert into attachments (id, conversation_id, kind, file, created_at)
         select 'a' || n, 'chat', 'image', '{}', now() from generate_series(1, 4) n",
    )
    .execute(pool)
    .await
    .unwrap();
    let mut connection = pool.acquire().await.unwrap();
    let (one, two) = (OrderId::from("o1"), OrderId::from("o2"));
    let proof = |attachment, order, hash, picture_hash| NewProof {
        attachment,
        store: &store,
        order,
        hash: Some(hash),
        picture_hash: Some(picture_hash),
    };
    assert!(insert_proof(&mut connection, &proof("a1", &one, "h1", 0b1111), at(0)).await.unwrap());
    assert!(!insert_proof(&mut connection, &proof("a1", &one, "h1", 0b1111), at(0)).await.unwrap());
    let same = alike(&mut connection, &proof("a2", &two, "h1", 0b1111), at(1)).await.unwrap().unwrap();
    assert!(same.is_same && same.number == "ORD-2026-1");
    let near = alike(&mut connection, &proof("a2", &two, "h2", 0), at(1)).await.unwrap().unwrap();
    assert!(!near.is_same, "four bits differ");
    assert_eq!(alike(&mut connection, &proof("a2", &two, "h2", 0b11_1110_0000), at(1)).await.unwrap(), None);
    assert_eq!(
        alike(&mut connection, &proof("a3", &one, "h1", 0b1111), at(1)).await.unwrap(),
        None,
        "its own order"
    );
    let later = at(181 * 24 * 60);
    assert_eq!(alike(&mut connection, &proof("a4", &two, "h1", 0b1111), later).await.unwrap(), None);
}
