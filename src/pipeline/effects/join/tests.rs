//! Joining and parting on a real database: who may answer, what an answer does once, and what goes back to whom.

use super::ANSWER_MINUTES;
use crate::dialogue::value::Value;
use crate::pipeline::effects::tests::shop::{Chat, Shop};
use crate::store;

fn request(id: &Value) -> [(&'static str, Value); 1] {
    [("request", id.clone())]
}

/// A chat types another's code; the wish.
async fn typed(shop: &Shop, asker: &mut Chat, asked: &mut Chat) -> Value {
    let (shown, _) = shop.act(asked, "customer.join_code", []).await;
    assert_eq!(shown.word, "ok");
    let (looked, left) = shop.act(asker, "customer.join_look", [("code", shown.facts["code"].clone())]).await;
    assert_eq!(looked.word, "ok");
    assert!(left.signals.is_empty(), "nobody else hears of a code that was typed");
    looked.facts["request"].clone()
}

/// Both say yes. The asker's chat is what its conversation is from then on.
async fn join(shop: &Shop, asker: &mut Chat, asked: &mut Chat) {
    let wish = typed(shop, asker, asked).await;
    assert_eq!(shop.act(asker, "customer.join_agree", request(&wish)).await.0.word, "asked");
    let (joined, left) = shop.act(asked, "customer.join_agree", request(&wish)).await;
    assert_eq!((joined.word, left.names()), ("joined", vec!["join.done".to_owned()]));
    reload(shop, asker).await;
    assert_eq!(asker.customer.id, asked.customer.id);
}

/// What the conversation of a chat says now of whose it is.
async fn reload(shop: &Shop, chat: &mut Chat) {
    let mut connection = shop.pool.acquire().await.unwrap();
    let id = store::join::customer_of(&mut connection, &chat.id).await.unwrap().unwrap();
    chat.customer = store::customers::load(&mut connection, &id).await.unwrap().unwrap();
}

async fn paid_order(shop: &Shop, chat: &mut Chat, quantity: i64) {
    let order = shop.order_tea(chat, quantity).await;
    let charged = shop.charge(chat, &order).await;
    shop.settle(chat, charged.paid(&format!("notice-{order}"))).await;
}

/// Numbers of orders and of messages, money spent, and the phone, of the customer of a chat.
async fn has(shop: &Shop, chat: &Chat) -> (i64, i64, i64, String) {
    sqlx::query_as(
        "select (select count(*) from orders where customer_id = k.id),
           (select count(*) from customer_messages where customer_id = k.id), k.total_spent::bigint, k.phone
         from customers k join conversations v on v.customer_id = k.id where v.id = $1",
    )
    .bind(chat.id.as_str())
    .fetch_one(&shop.pool)
    .await
    .unwrap()
}

async fn wrote(shop: &Shop, chat: &Chat, id: &str, knows_chat: bool) {
    sqlx::query(
        "insert into customer_messages (id, store_id, customer_id, text, direction, channel, conversation_id)
         select $2, store_id, customer_id, 'halo', 'inbound', channel, case when $3 then id end
         from conversations where id = $1",
    )
    .bind(chat.id.as_str())
    .bind(id)
    .bind(knows_chat)
    .execute(&shop.pool)
    .await
    .unwrap();
}

#[tokio::test]
async fn a_wish_is_answered_by_its_two_chats_and_by_nobody_in_their_place() {
    let shop = Shop::open(10).await;
    let (mut budi, mut ayu, mut third) =
        (shop.chat("budi").await, shop.chat("ayu").await, shop.chat("third").await);
    let wish = typed(&shop, &mut budi, &mut ayu).await;
    for name in ["customer.join_agree", "customer.join_refuse"] {
        assert_eq!(shop.act(&mut third, name, request(&wish)).await.0.word, "gone", "{name}");
    }
    let early = shop.act(&mut ayu, "customer.join_agree", request(&wish)).await.0;
    assert_eq!(early.word, "gone", "nobody agrees to what has not been asked yet");
    let (outcome, left) = shop.act(&mut budi, "customer.join_agree", request(&wish)).await;
    assert_eq!((outcome.word, left.names()), ("asked", vec!["join.asked".to_owned()]));
    let (again, left) = shop.act(&mut budi, "customer.join_agree", request(&wish)).await;
    assert_eq!(
        (again.word, left.signals.len()),
        ("asked", 0),
        "a second yes of one side is no yes of the other"
    );
    for name in ["customer.join_agree", "customer.join_refuse"] {
        assert_eq!(shop.act(&mut third, name, request(&wish)).await.0.word, "gone", "{name}");
    }
    assert_eq!(shop.number("select count(*) from customer_joins").await, 0);
    assert_eq!(shop.act(&mut ayu, "customer.join_agree", request(&wish)).await.0.word, "joined");
    assert_eq!(shop.act(&mut ayu, "customer.join_agree", request(&wish)).await.0.word, "gone");
    assert_eq!(shop.number("select count(*) from customer_joins").await, 1);
    shop.check().await;
}

#[tokio::test]
async fn a_code_leads_to_one_question_and_a_new_code_ends_it() {
    let shop = Shop::open(10).await;
    let (mut budi, mut ayu, mut third) =
        (shop.chat("budi").await, shop.chat("ayu").await, shop.chat("third").await);
    let (shown, _) = shop.act(&mut ayu, "customer.join_code", []).await;
    let code = || [("code", shown.facts["code"].clone())];
    let wish = shop.act(&mut budi, "customer.join_look", code()).await.0.facts["request"].clone();
    assert_eq!(shop.act(&mut third, "customer.join_look", code()).await.0.word, "unknown");
    assert_eq!(shop.act(&mut budi, "customer.join_look", code()).await.0.word, "unknown");
    let (another, _) = shop.act(&mut ayu, "customer.join_code", []).await;
    assert_eq!(another.word, "ok");
    assert_eq!(shop.act(&mut budi, "customer.join_agree", request(&wish)).await.0.word, "gone");
    // While a question is open the code gives way to it.
    let wish = typed(&shop, &mut budi, &mut ayu).await;
    shop.act(&mut budi, "customer.join_agree", request(&wish)).await;
    assert_eq!(shop.act(&mut ayu, "customer.join_code", []).await.0.word, "asked");
    let (question, _) = shop.act(&mut ayu, "customer.join_question", []).await;
    assert_eq!((question.word, &question.facts["request"]), ("ok", &wish));
    assert_eq!(shop.act(&mut ayu, "customer.join_refuse", request(&wish)).await.0.word, "ok");
    assert_eq!(shop.act(&mut ayu, "customer.join_agree", request(&wish)).await.0.word, "gone");
    assert_eq!(shop.number("select count(*) from join_requests where ended_at is null").await, 0);
}

#[tokio::test]
async fn a_question_lapses_unanswered() {
    let shop = Shop::open(10).await;
    let (mut budi, mut ayu) = (shop.chat("budi").await, shop.chat("ayu").await);
    let wish = typed(&shop, &mut budi, &mut ayu).await;
    shop.act(&mut budi, "customer.join_agree", request(&wish)).await;
    shop.clock.advance(chrono::Duration::minutes(ANSWER_MINUTES));
    assert_eq!(shop.act(&mut ayu, "customer.join_question", []).await.0.word, "none");
    assert_eq!(shop.act(&mut ayu, "customer.join_agree", request(&wish)).await.0.word, "gone");
    assert_eq!(shop.act(&mut budi, "customer.join_agree", request(&wish)).await.0.word, "gone");
    assert_eq!(shop.number("select count(*) from customer_joins").await, 0);
}

#[tokio::test]
async fn a_side_with_nothing_to_be_seen_has_agreed_by_asking_for_the_code() {
    let shop = Shop::open(10).await;
    let (mut budi, mut empty) = (shop.chat("budi").await, shop.chat("").await);
    let wish = typed(&shop, &mut budi, &mut empty).await;
    let (joined, left) = shop.act(&mut budi, "customer.join_agree", request(&wish)).await;
    assert_eq!((joined.word, left.names()), ("joined", vec!["join.done".to_owned()]));
    assert_eq!(left.signals[0].to, empty.id, "the other side is told");
    // A cart alone is something.
    let mut buyer = shop.chat("").await;
    let mut third = shop.chat("third").await;
    sqlx::query("update customers set name = '' where id = $1")
        .bind(buyer.customer.id.as_str())
        .execute(&shop.pool)
        .await
        .unwrap();
    shop.take_tea(&mut buyer, 1).await;
    let wish = typed(&shop, &mut third, &mut buyer).await;
    assert_eq!(shop.act(&mut third, "customer.join_agree", request(&wish)).await.0.word, "asked");
}

#[tokio::test]
async fn joined_and_parted_each_side_has_its_own_again_and_what_it_made_since() {
    let shop = Shop::open(100).await;
    let (mut budi, mut ayu) = (shop.chat("budi").await, shop.chat("ayu").await);
    for (chat, phone) in [(&mut budi, "+62811"), (&mut ayu, "+62822")] {
        let args = [("phone", phone.into()), ("address", format!("Jl. {phone}").into())];
        shop.act(chat, "customer.save", args).await;
    }
    paid_order(&shop, &mut budi, 1).await;
    paid_order(&shop, &mut ayu, 2).await;
    wrote(&shop, &budi, "old-budi", false).await;
    wrote(&shop, &budi, "new-budi", true).await;
    wrote(&shop, &ayu, "old-ayu", false).await;
    shop.take_tea(&mut budi, 3).await;
    shop.take_tea(&mut ayu, 4).await;
    let (budi_before, ayu_before) = (has(&shop, &budi).await, has(&shop, &ayu).await);
    assert_eq!((budi_before.0, ayu_before.0), (1, 1));

    join(&shop, &mut budi, &mut ayu).await;
    shop.check().await;
    assert_eq!(has(&shop, &budi).await, has(&shop, &ayu).await);
    assert_eq!(has(&shop, &ayu).await.0, 2);
    let (look, _) = shop.act(&mut budi, "customer.split_look", []).await;
    assert_eq!(look.word, "joined");
    // Of seven teas two are taken out, and one chat writes.
    let args = [("product", "tea".into()), ("quantity", Value::Int(5))];
    shop.act(&mut ayu, "cart.set", args).await;
    wrote(&shop, &budi, "since-budi", true).await;

    let (parted, left) = shop.act(&mut budi, "customer.split", []).await;
    assert_eq!((parted.word, parted.facts["orders"].as_int()), ("ok", Some(1)));
    assert_eq!((left.names(), left.signals[0].to.clone()), (vec!["join.undone".to_owned()], ayu.id.clone()));
    shop.check().await;
    let messages = |of: (i64, i64, i64, String)| (of.0, of.2, of.3);
    assert_eq!(has(&shop, &budi).await.1, 3);
    assert_eq!(has(&shop, &ayu).await.1, 1);
    assert_eq!(messages(has(&shop, &budi).await), messages(budi_before));
    assert_eq!(messages(has(&shop, &ayu).await), messages(ayu_before));
    assert_eq!(
        shop.text(
            "select string_agg(concat(k.name, ' ', c.cart #>> '{lines,0,quantity}'), ', ' order by k.name)
             from carts c join customers k on k.id = c.customer_id"
        )
        .await,
        "ayu 4, budi 1"
    );
    assert_eq!(
        shop.text("select string_agg(address, ', ' order by name) from customers").await,
        "Jl. +62822, Jl. +62811"
    );
    assert_eq!(shop.act(&mut budi, "customer.split", []).await.0.word, "none");
    reload(&shop, &mut ayu).await;
    assert_eq!(shop.act(&mut ayu, "customer.split_look", []).await.0.word, "none");
    // They may be joined again.
    join(&shop, &mut ayu, &mut budi).await;
    shop.check().await;
}

#[tokio::test]
async fn orders_made_while_joined_stay_with_the_chat_that_made_them_and_either_side_parts_them() {
    let shop = Shop::open(100).await;
    let (mut budi, mut ayu) = (shop.chat("budi").await, shop.chat("ayu").await);
    join(&shop, &mut budi, &mut ayu).await;
    paid_order(&shop, &mut budi, 1).await;
    paid_order(&shop, &mut ayu, 1).await;
    paid_order(&shop, &mut ayu, 1).await;
    assert_eq!(shop.act(&mut ayu, "customer.split", []).await.0.word, "ok");
    assert_eq!((has(&shop, &budi).await.0, has(&shop, &ayu).await.0), (1, 2));
    shop.check().await;
}

#[tokio::test]
async fn of_several_joins_the_last_is_undone_first() {
    let shop = Shop::open(100).await;
    let (mut one, mut two, mut three) =
        (shop.chat("one").await, shop.chat("two").await, shop.chat("three").await);
    paid_order(&shop, &mut one, 1).await;
    join(&shop, &mut one, &mut two).await;
    join(&shop, &mut two, &mut three).await;
    reload(&shop, &mut one).await;
    assert_eq!(one.customer.id, three.customer.id);
    shop.check().await;
    for words in ["ok", "ok", "none"] {
        assert_eq!(shop.act(&mut one, "customer.split", []).await.0.word, words);
        shop.check().await;
    }
    let orders = [has(&shop, &one).await.0, has(&shop, &two).await.0, has(&shop, &three).await.0];
    assert_eq!(orders, [1, 0, 0]);
    assert_eq!(shop.number("select count(distinct customer_id) from conversations").await, 3);
}

#[tokio::test]
async fn whoever_is_forgotten_is_forgotten_in_what_joins_keep_and_can_still_part() {
    let shop = Shop::open(100).await;
    let (mut one, mut two, mut three) =
        (shop.chat("one").await, shop.chat("two").await, shop.chat("three").await);
    join(&shop, &mut one, &mut two).await;
    join(&shop, &mut two, &mut three).await;
    let mut connection = shop.pool.acquire().await.unwrap();
    store::join::forget(&mut connection, &three.customer.id).await.unwrap();
    drop(connection);
    assert_eq!(
        shop.number(
            "select count(*) from customer_joins
             where kept_before = '{}' and gone_before = '{}' and kept_cart is null and gone_cart is null"
        )
        .await,
        2
    );
    assert_eq!(shop.act(&mut three, "customer.split", []).await.0.word, "ok");
    assert_eq!(shop.number("select count(distinct customer_id) from conversations").await, 2);
    shop.check().await;
}
