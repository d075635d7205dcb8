//! Effects on a real database: who gets the last piece, what refusals say, and what must hold after anything.

mod fair;
mod goods;
pub(in crate::pipeline) mod shop;

use chrono::Duration;

use self::shop::{Shop, start};
use crate::dialogue::effect::EFFECTS;
use crate::dialogue::value::Value;
use crate::domain::ids::OrderId;
use crate::store::privacy::{self, Person};
use crate::store::transcripts::{self, Cursor};

fn order(id: &OrderId) -> [(&'static str, Value); 1] {
    [("order", id.as_str().into())]
}

#[tokio::test]
async fn every_effect_of_the_table_is_carried_out_without_arguments_too() {
    let shop = Shop::open(10).await;
    let mut customer = shop.chat("ayu").await;
    let mut owner = shop.owner("owner").await;
    for spec in EFFECTS.iter().filter(|spec| spec.name != "staff.unlink") {
        let chat = if spec.staff { &mut owner } else { &mut customer };
        shop.act(chat, spec.name, []).await;
        shop.act(chat, spec.name, [("order", "nobody's".into()), ("product", "nothing".into())]).await;
    }
    shop.act(&mut owner, "staff.unlink", []).await;
    shop.check().await;
}

#[rstest::rstest]
#[case::the_last_one(1)]
#[case::ten(10)]
#[tokio::test]
async fn case_25_two_hundred_customers_buy_what_is_there_and_no_more(#[case] pieces: usize) {
    let stock = i32::try_from(pieces).unwrap();
    let shop = std::sync::Arc::new(Shop::open(stock).await);
    let tries = (0..200).map(|number| {
        let shop = shop.clone();
        tokio::spawn(async move {
            let mut chat = shop.chat(&format!("customer-{number}")).await;
            // Everybody saw the tea while it was there.
            let cart = serde_json::json!({ "lines": [{ "product": "tea", "quantity": 1, "price": 50_000 }] });
            sqlx::query("insert into carts (customer_id, cart, updated_at) values ($1, $2, now())")
                .bind(chat.customer.id.as_str())
                .bind(cart)
                .execute(&shop.pool)
                .await
                .unwrap();
            shop.place(&mut chat).await.0.word
        })
    });
    let mut words = Vec::new();
    for one in tries.collect::<Vec<_>>() {
        words.push(one.await.unwrap());
    }
    assert_eq!(words.iter().filter(|word| **word == "ok").count(), pieces);
    assert_eq!(words.iter().filter(|word| **word == "out_of_stock").count(), 200 - pieces);
    assert_eq!(
        shop.number("select sum(quantity) from inventory_reservations where status = 'reserved'").await,
        i64::from(stock)
    );
    assert_eq!(shop.number("select count(distinct order_number) from orders").await, i64::from(stock));
    shop.check().await;
}

#[tokio::test]
async fn a_placed_order_holds_its_stock_and_tells_until_when() {
    let shop = Shop::open(10).await;
    let mut owner = shop.owner("owner").await;
    let mut chat = shop.chat("ayu").await;
    shop.take_tea(&mut chat, 3).await;
    let (outcome, left) = shop.place(&mut chat).await;
    assert_eq!(outcome.facts["number"], "ORD-2026-0001".into());
    assert_eq!(outcome.facts["held_until"], (start() + Duration::minutes(15)).into());
    assert_eq!(outcome.facts["total"].as_int(), Some(166_500), "three teas and 11 percent");
    assert_eq!(left.names(), ["staff.order_created"]);
    let kinds: Vec<&str> = left.timers.iter().map(|(kind, ..)| kind.as_str()).collect();
    assert_eq!(kinds, ["reminder", "expire"]);
    let (again, _) = shop.place(&mut chat).await;
    assert_eq!(again.word, "empty", "the cart is empty after the order");
    let (found, _) = shop.act(&mut owner, "stock.find", [("query", "teh hijau".into())]).await;
    assert_eq!((found.word, found.facts["free"].as_int()), ("one", Some(7)));
    shop.check().await;
}

#[tokio::test]
async fn a_price_that_changed_needs_a_second_yes() {
    let shop = Shop::open(10).await;
    let mut chat = shop.chat("ayu").await;
    shop.take_tea(&mut chat, 1).await;
    sqlx::query("update products set price = 60000 where id = 'tea'").execute(&shop.pool).await.unwrap();
    let (outcome, _) = shop.place(&mut chat).await;
    assert_eq!(outcome.word, "price_changed");
    let Value::Rows(rows) = &outcome.facts["changed"] else { panic!("rows") };
    assert_eq!((rows[0]["from"].as_int(), rows[0]["to"].as_int()), (Some(50_000), Some(60_000)));
    assert_eq!(shop.place(&mut chat).await.0.word, "ok");
    shop.check().await;
}

#[tokio::test]
async fn an_order_past_the_largest_amount_is_refused() {
    let shop = Shop::open(10).await;
    let mut chat = shop.chat("ayu").await;
    let (outcome, _) = shop.act(&mut chat, "cart.add", [("product", "gold".into())]).await;
    assert_eq!(outcome.word, "added");
    let (quote, _) = shop.act(&mut chat, "shipping.quote", [("method", "pickup".into())]).await;
    assert_eq!(quote.word, "too_large");
    assert_eq!(shop.place(&mut chat).await.0.word, "too_large");
    assert_eq!(shop.number("select count(*) from orders").await, 0);
}

#[tokio::test]
async fn a_cancelled_order_lets_its_stock_go_and_a_second_cancel_does_nothing() {
    let shop = Shop::open(3).await;
    let mut owner = shop.owner("owner").await;
    let mut chat = shop.chat("ayu").await;
    let id = shop.order_tea(&mut chat, 3).await;
    shop.charge(&mut chat, &id).await;
    let (outcome, left) = shop.act(&mut chat, "order.cancel", order(&id)).await;
    assert_eq!(outcome.word, "cancelled");
    assert_eq!(left.names(), ["staff.order_cancelled"]);
    assert_eq!(left.calls.len(), 1, "the code is called off at the gateway");
    assert_eq!(shop.act(&mut chat, "order.cancel", order(&id)).await.0.word, "not_possible");
    let (found, _) = shop.act(&mut owner, "stock.find", [("query", "teh hijau".into())]).await;
    assert_eq!(found.facts["free"].as_int(), Some(3));
    shop.check().await;
}

#[tokio::test]
async fn nobody_touches_the_order_of_another() {
    let shop = Shop::open(3).await;
    let mut chat = shop.chat("ayu").await;
    let mut stranger = shop.chat("budi").await;
    let id = shop.order_tea(&mut chat, 1).await;
    for (name, word) in [
        ("order.open", "not_found"),
        ("order.cancel", "not_possible"),
        ("order.received", "not_possible"),
        ("order.reorder", "none"),
        ("payment.request", "not_payable"),
        ("payment.recheck", "none"),
        ("order.move", "not_possible"),
        ("order.accept", "not_possible"),
        ("staff.orders", "none"),
    ] {
        let (outcome, _) = shop.act(&mut stranger, name, order(&id)).await;
        assert_eq!(outcome.word, word, "{name}");
    }
}

#[tokio::test]
async fn of_two_presses_one_acts_and_the_other_is_told_who_did() {
    let shop = Shop::open(3).await;
    let mut owner = shop.owner("owner").await;
    let mut second = shop.owner("second").await;
    let mut chat = shop.chat("ayu").await;
    let id = shop.order_tea(&mut chat, 1).await;
    let charged = shop.charge(&mut chat, &id).await;
    shop.settle(&mut chat, charged.paid("notice")).await;
    let packed = || [("order", id.as_str().into()), ("to", "packed".into())];
    let (one, two) = tokio::join!(
        shop.act(&mut owner, "order.move", packed()),
        shop.act(&mut second, "order.move", packed()),
    );
    let mut words = [one.0.word, two.0.word];
    words.sort_unstable();
    assert_eq!(words, ["already", "ok"]);
    let (loser, winner) = if one.0.word == "already" { (one, two) } else { (two, one) };
    assert_eq!(loser.0.facts["by"], "Bella Teh".into());
    assert_eq!(winner.1.names(), ["order.packed", "staff.order_moved"]);
    assert!(loser.1.signals.is_empty());
    let shipped = [
        ("order", id.as_str().into()),
        ("to", "shipped".into()),
        ("courier", "JNE".into()),
        ("tracking", "123".into()),
    ];
    assert_eq!(shop.act(&mut owner, "order.move", shipped).await.0.word, "ok");
    assert_eq!(shop.act(&mut chat, "order.received", order(&id)).await.0.word, "ok");
    assert_eq!(shop.text("select tracking_number from orders").await, "123");
    shop.check().await;
}

#[tokio::test]
async fn a_paid_order_that_the_shop_cancels_gives_stock_and_money_back() {
    let shop = Shop::open(3).await;
    let mut owner = shop.owner("owner").await;
    let mut chat = shop.chat("ayu").await;
    let id = shop.order_tea(&mut chat, 2).await;
    let charged = shop.charge(&mut chat, &id).await;
    shop.settle(&mut chat, charged.paid("notice")).await;
    assert_eq!(shop.number("select stock::bigint from products where id = 'tea'").await, 1);
    let args = [("order", id.as_str().into()), ("reason", "Habis".into())];
    let (outcome, left) = shop.act(&mut owner, "order.cancel_by_staff", args.clone()).await;
    assert_eq!(outcome.facts["refund_due"].as_int(), Some(111_000));
    assert_eq!(left.names(), ["order.cancelled_by_store"]);
    assert_eq!(shop.act(&mut owner, "order.cancel_by_staff", args).await.0.word, "already");
    assert_eq!(shop.number("select stock::bigint from products where id = 'tea'").await, 3);
    assert_eq!(shop.number("select sum(amount) from refunds where status = 'pending'").await, 111_000);
    assert_eq!(shop.number("select order_count::bigint from customers where name = 'ayu'").await, 0);
    shop.check().await;
}

#[tokio::test]
async fn counted_stock_is_a_movement_and_never_below_what_is_promised() {
    let shop = Shop::open(10).await;
    let mut owner = shop.owner("owner").await;
    let mut chat = shop.chat("ayu").await;
    shop.order_tea(&mut chat, 4).await;
    let set = |product: &'static str, quantity: i64| {
        [("product", product.into()), ("quantity", Value::Int(quantity))]
    };
    assert_eq!(shop.act(&mut owner, "stock.set", set("tea", 3)).await.0.word, "below_held");
    let (outcome, _) = shop.act(&mut owner, "stock.set", set("tea", 25)).await;
    assert_eq!((outcome.word, outcome.facts["free"].as_int()), ("ok", Some(21)));
    assert_eq!(shop.act(&mut owner, "stock.set", set("coffee", 9)).await.0.word, "has_variants");
    let large = [("product", "coffee".into()), ("variant", "large".into()), ("quantity", Value::Int(8))];
    assert_eq!(shop.act(&mut owner, "stock.set", large).await.0.word, "ok");
    assert_eq!(shop.number("select stock::bigint from products where id = 'coffee'").await, 18);
    shop.check().await;
}

#[tokio::test]
async fn a_stock_that_another_program_wrote_gets_its_opening_movement() {
    let shop = Shop::open(10).await;
    let mut owner = shop.owner("owner").await;
    sqlx::query("update products set stock = 40 where id = 'tea'").execute(&shop.pool).await.unwrap();
    assert_eq!(shop.number("select count(*) from stock_ledger where stock <> ledger").await, 1);
    let args = [("product", "tea".into()), ("quantity", Value::Int(39))];
    shop.act(&mut owner, "stock.set", args).await;
    shop.check().await;
    assert_eq!(
        shop.number("select sum(quantity) from inventory_movements where product_id = 'tea'").await,
        39
    );
}

#[tokio::test]
async fn the_fingerprint_changes_with_any_writer() {
    let shop = Shop::open(10).await;
    let mut seen = std::collections::BTreeSet::new();
    let mut connection = shop.pool.acquire().await.unwrap();
    for statement in [
        "select 1",
        "update products set stock = stock where id = 'tea'",
        "update product_variants set price = 1 where id = 'small'",
        "insert into categories (id, store_id, name) values ('c', 'shop', 'Teh')",
        "delete from categories",
        "insert into products (id, store_id, name, price) values ('p', 'shop', 'Baru', 1)",
    ] {
        sqlx::raw_sql(statement).execute(&mut *connection).await.unwrap();
        let fingerprint = crate::store::catalog::fingerprint(&mut connection, &shop.store).await.unwrap();
        if statement != "delete from categories" {
            assert!(seen.insert(fingerprint), "{statement}");
        }
    }
}

impl Shop {
    /// The wish to be forgotten, with what the end of its turn does.
    async fn forget(&self, chat: &mut shop::Chat) -> &'static str {
        let mut connection = self.pool.acquire().await.unwrap();
        let person = Person::gather(&mut connection, &self.store, &chat.customer.id).await.unwrap();
        let word = self.act(chat, "customer.forget", []).await.0.word;
        privacy::forget(&mut connection, &person, "-", self.clock.now()).await.unwrap();
        word
    }
}

#[tokio::test]
async fn the_page_shows_the_last_words_to_a_forgotten_person_for_ten_minutes() {
    let shop = Shop::open(1).await;
    let mut chat = shop.chat("ayu").await;
    sqlx::query(
        "insert into outbox (conversation_id, lane, channel, chat, payload, due_at, created_at)
         values ($1, 'message', 'web', 'ayu', '{\"text\": \"bye\"}', now(), now())",
    )
    .bind(chat.id.as_str())
    .execute(&shop.pool)
    .await
    .unwrap();
    assert_eq!(shop.forget(&mut chat).await, "forgotten");
    sqlx::query("update outbox set state = 'sent'").execute(&shop.pool).await.unwrap();
    let mut connection = shop.pool.acquire().await.unwrap();
    for (minutes, wiped, shown) in [(9, 0, 1), (10, 1, 0)] {
        let now = shop.clock.now() + Duration::minutes(minutes);
        assert_eq!(privacy::wipe(&mut connection, now).await.unwrap(), wiped);
        for seen in [true, false] {
            let (start, end) = (Cursor::default(), Cursor { inbox: i64::MAX, outbox: i64::MAX });
            let rows = match seen {
                true => transcripts::before(&mut connection, &shop.store, "ayu", end, 10).await,
                false => transcripts::after(&mut connection, &shop.store, "ayu", start, 10).await,
            };
            assert_eq!(rows.unwrap().len(), shown, "after {minutes} minutes");
        }
    }
    assert_eq!(shop.number("select count(*) from outbox where chat = 'ayu' or payload <> '{}'").await, 0);
}

#[tokio::test]
async fn a_forgotten_person_leaves_bookkeeping_without_a_name() {
    let shop = Shop::open(10).await;
    let mut owner = shop.owner("owner").await;
    let mut chat = shop.chat("ayu").await;
    let id = shop.order_tea(&mut chat, 1).await;
    assert_eq!(shop.act(&mut chat, "customer.forget", []).await.0.word, "open_orders");
    shop.act(&mut chat, "order.cancel", order(&id)).await;
    sqlx::query(
        "insert into customer_messages (id, store_id, customer_id, text, direction, channel)
         values ('m', 'shop', $1, 'rahasia', 'inbound', 'web')",
    )
    .bind(chat.customer.id.as_str())
    .execute(&shop.pool)
    .await
    .unwrap();
    let (data, _) = shop.act(&mut chat, "customer.data", []).await;
    assert_eq!((data.facts["orders"].as_int(), data.facts["messages"].as_int()), (Some(1), Some(1)));
    assert_eq!(shop.forget(&mut chat).await, "forgotten");
    assert_eq!(
        shop.number(
            "select count(*) from customers c join orders o on o.customer_id = c.id
             join customer_messages m on m.customer_id = c.id
             where c.name = '' and c.phone = '' and m.text = '' and o.shipping_address ->> 'name' = ''"
        )
        .await,
        1
    );
    let (found, _) = shop.act(&mut owner, "staff.order_open", [("number", "1".into())]).await;
    assert_eq!(found.word, "ok", "the order itself stays");
    shop.check().await;
}

#[tokio::test]
async fn a_forgotten_person_leaves_no_files_and_no_half_talk_in_any_of_their_chats() {
    let shop = Shop::open(10).await;
    let mut owner = shop.owner("owner").await;
    let mut chat = shop.chat("ayu").await;
    let other = shop.chat("ayu-on-another-device").await;
    let stranger = shop.chat("budi").await;
    for (talk, of) in [(&chat, &chat), (&other, &chat), (&stranger, &stranger)] {
        sqlx::query(
            "update conversations set customer_id = $2, timer_at = now(), state = state || jsonb_build_object(
               'language', 'en', 'heard', null, 'frames', jsonb_build_array(jsonb_build_object('address', 'Jl. Rahasia 1')))
             where id = $1",
        )
        .bind(talk.id.as_str())
        .bind(of.customer.id.as_str())
        .execute(&shop.pool)
        .await
        .unwrap();
        let mut connection = shop.pool.acquire().await.unwrap();
        let file = crate::domain::message::FileRef { id: "f".to_owned(), mime: None, size_bytes: None };
        let id = format!("of-{}", talk.id);
        crate::store::attachments::insert(
            &mut connection,
            &id,
            &talk.id,
            None,
            "image",
            &file,
            shop.clock.now(),
        )
        .await
        .unwrap();
        crate::store::attachments::keep(&mut connection, &id, "image/png", b"receipt").await.unwrap();
    }
    assert_eq!(shop.forget(&mut chat).await, "forgotten");
    assert_eq!(
        shop.number("select count(*) from attachments where bytes is null and hash is not null").await,
        2
    );
    assert_eq!(
        shop.number("select count(*) from attachments where bytes is not null and file <> '{}'").await,
        1,
        "the files of others stay"
    );
    // What is fetched only now is not kept.
    let mut connection = shop.pool.acquire().await.unwrap();
    let late = format!("of-{}", other.id);
    crate::store::attachments::keep(&mut connection, &late, "image/png", b"receipt").await.unwrap();
    assert_eq!(shop.number("select count(*) from attachments where bytes is null").await, 2);
    let state: serde_json::Value =
        sqlx::query_scalar("select state from conversations where id = $1 and timer_at is null")
            .bind(other.id.as_str())
            .fetch_one(&shop.pool)
            .await
            .unwrap();
    let kept: crate::dialogue::conversation::Conversation = serde_json::from_value(state).unwrap();
    assert_eq!((kept.frames.len(), kept.language.code()), (0, "en"));
    let talks = "select count(*) from conversations where state::text like '%Rahasia%' and customer_id in
                   (select id from customers where name = 'budi')";
    assert_eq!(shop.number(talks).await, 1);
    shop.act(&mut owner, "staff.orders", []).await;
}

#[tokio::test]
async fn a_code_works_once_and_only_in_its_time() {
    let shop = Shop::open(1).await;
    let mut owner = shop.owner("owner").await;
    let (outcome, _) = shop.act(&mut owner, "staff.link", [("code", "X".into())]).await;
    assert_eq!(outcome.word, "already");
    let mut stranger = shop.chat("budi").await;
    assert_eq!(shop.act(&mut stranger, "staff.link", [("code", "X".into())]).await.0.word, "invalid");
    let user = "shop-owner".into();
    let mut connection = shop.pool.acquire().await.unwrap();
    let now = shop.clock.now();
    crate::store::staff::insert_code(&mut connection, &shop.store, &user, "BCDF-GHJK", now, now)
        .await
        .unwrap();
    let code = [("code", "bcdf ghjk".into())];
    assert_eq!(shop.act(&mut stranger, "staff.link", code).await.0.word, "expired");
    sqlx::query("update users set status = 'suspended'").execute(&shop.pool).await.unwrap();
    assert_eq!(shop.act(&mut owner, "staff.orders", []).await.0.word, "none", "who left may do nothing");
}

#[tokio::test]
async fn two_shops_of_one_database_take_their_first_payments_at_one_company() {
    use crate::fakes::company::Company as _;
    use crate::fakes::midtrans::{Fake, SERVER_KEY};
    use crate::payments::Gateway as _;
    use crate::pipeline::work::Call;

    let one = Shop::open(10).await;
    let other = one.beside(10).await;
    let fake = Fake::open().await.unwrap();
    fake.set_now(start());
    let clock = std::sync::Arc::new(crate::clock::Clock::fixed(start(), 1));
    let hooks = "https://shop.example/webhooks/midtrans";
    let gateway =
        crate::payments::midtrans::Midtrans::new(&fake.url(), SERVER_KEY.into(), hooks, clock).unwrap();
    let mut codes = Vec::new();
    for shop in [&one, &other] {
        let mut chat = shop.chat("ayu").await;
        let id = shop.order_tea(&mut chat, 1).await;
        let (outcome, left) = shop.act(&mut chat, "payment.request", order(&id)).await;
        assert_eq!(outcome.word, "requested");
        let Some(Call::Charge { request, .. }) = left.calls.into_iter().next() else {
            panic!("no charge was asked for")
        };
        assert!(request.reference.starts_with("ORD-2026-0001-1-"), "{}", request.reference);
        assert!(request.reference.len() <= 25, "{}", request.reference);
        codes.push(gateway.charge(&request).await.unwrap().external_id);
    }
    assert_ne!(codes[0], codes[1], "each shop has a charge of its own");
    assert_eq!(one.number("select count(distinct store_id) from payments").await, 2);
}
