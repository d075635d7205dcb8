//! One person does not take the shop.

use chrono::Duration;

use super::shop::{Chat, Shop};
use crate::domain::fair::{MAX_ENDED_HOURLY, MAX_NEWCOMERS_ENDED, MAX_UNPAID};
use crate::domain::ids::OrderId;
use crate::pipeline::work::Work;

/// Orders tea and returns the order, or the word of the refusal and the signals that came with it.
async fn tries(shop: &Shop, chat: &mut Chat, quantity: i64) -> Result<OrderId, (String, Vec<String>)> {
    assert_eq!(shop.take_tea(chat, quantity).await.word, "added");
    let (outcome, left) = shop.place(chat).await;
    if outcome.word == "ok" {
        return Ok(outcome.facts["order"].as_text().unwrap().into());
    }
    shop.act(chat, "cart.clear", []).await;
    let problem = outcome.facts.get("problem").and_then(|problem| problem.as_text());
    Err((problem.unwrap_or(outcome.word).to_owned(), left.names()))
}

async fn cancel(shop: &Shop, chat: &mut Chat, order: &OrderId) {
    let (outcome, _) = shop.act(chat, "order.cancel", [("order", order.as_str().into())]).await;
    assert_eq!(outcome.word, "cancelled");
}

fn limit(word: &str) -> (String, Vec<String>) {
    (format!("order-limit.{word}"), vec!["staff.order_limit".to_owned()])
}

#[tokio::test]
async fn ten_orders_of_one_person_do_not_hold_ten_of_ten_pieces() {
    let shop = Shop::open(10).await;
    let _owner = shop.owner("owner").await;
    let (mut one, mut other) = (shop.chat("ayu").await, shop.chat("budi").await);
    for _ in 0..MAX_UNPAID {
        tries(&shop, &mut one, 1).await.unwrap();
    }
    for _ in MAX_UNPAID..10 {
        assert_eq!(tries(&shop, &mut one, 1).await.unwrap_err(), limit("unpaid"));
    }
    tries(&shop, &mut other, 5).await.unwrap();
    shop.check().await;
}

#[tokio::test]
async fn a_second_order_beside_an_unpaid_one_leaves_a_quarter_to_others() {
    let shop = Shop::open(10).await;
    let _owner = shop.owner("owner").await;
    let mut chat = shop.chat("ayu").await;
    let first = tries(&shop, &mut chat, 4).await.unwrap();
    assert_eq!(tries(&shop, &mut chat, 5).await.unwrap_err(), limit("held"));
    tries(&shop, &mut chat, 4).await.unwrap();
    let charged = shop.charge(&mut chat, &first).await;
    shop.settle(&mut chat, charged.paid("notice")).await;
    tries(&shop, &mut chat, 1).await.unwrap();
    shop.check().await;
}

#[tokio::test]
async fn the_first_order_may_take_all_there_is() {
    let shop = Shop::open(10).await;
    let mut chat = shop.chat("ayu").await;
    let order = tries(&shop, &mut chat, 10).await.unwrap();
    cancel(&shop, &mut chat, &order).await;
    // Who changes their mind once or twice meets no bound.
    let order = tries(&shop, &mut chat, 10).await.unwrap();
    cancel(&shop, &mut chat, &order).await;
    tries(&shop, &mut chat, 10).await.unwrap();
}

#[tokio::test]
async fn whoever_orders_and_calls_off_for_an_hour_waits_for_the_next() {
    let shop = Shop::open(10).await;
    let _owner = shop.owner("owner").await;
    let mut chat = shop.chat("ayu").await;
    for _ in 0..MAX_ENDED_HOURLY {
        let order = tries(&shop, &mut chat, 1).await.unwrap();
        cancel(&shop, &mut chat, &order).await;
        shop.clock.advance(Duration::minutes(1));
    }
    assert_eq!(tries(&shop, &mut chat, 1).await.unwrap_err(), limit("ended"));
    shop.clock.advance(Duration::hours(1));
    tries(&shop, &mut chat, 1).await.unwrap();
    shop.check().await;
}

#[tokio::test]
async fn what_the_shop_calls_off_is_not_held_against_anybody() {
    let shop = Shop::open(10).await;
    let mut owner = shop.owner("owner").await;
    let mut chat = shop.chat("ayu").await;
    for _ in 0..=MAX_ENDED_HOURLY {
        let order = tries(&shop, &mut chat, 1).await.unwrap();
        let args = [("order", order.as_str().into()), ("reason", "Habis".into())];
        assert_eq!(shop.act(&mut owner, "order.cancel_by_staff", args).await.0.word, "ok");
    }
    tries(&shop, &mut chat, 10).await.unwrap();
}

#[tokio::test]
async fn one_person_with_many_browsers_leaves_something_to_those_who_are_known() {
    let shop = Shop::open(10).await;
    let mut known = shop.chat("known").await;
    let order = shop.order_tea(&mut known, 1).await;
    let charged = shop.charge(&mut known, &order).await;
    shop.settle(&mut known, charged.paid("notice")).await;
    sqlx::query("update products set stock = 10 where id = 'tea'").execute(&shop.pool).await.unwrap();
    for number in 0..MAX_NEWCOMERS_ENDED {
        let mut chat = shop.chat(&format!("browser-{number}")).await;
        let order = tries(&shop, &mut chat, 10).await.unwrap();
        shop.clock.advance(Duration::minutes(1));
        let work = Work::OrderTimer { kind: "expire".to_owned(), order };
        assert_eq!(shop.settle(&mut chat, work).await.0, ["order.expired"]);
    }
    let mut taken = 0;
    for number in 0..10 {
        let mut chat = shop.chat(&format!("again-{number}")).await;
        taken += u32::from(tries(&shop, &mut chat, 1).await.is_ok());
    }
    assert_eq!(taken, 8, "a quarter of ten is left");
    tries(&shop, &mut known, 2).await.unwrap();
}
