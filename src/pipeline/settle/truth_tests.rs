//! Whose answer it is, and money that came or went without our asking.

use crate::domain::ids::OrderId;
use crate::domain::money::Rupiah;
use crate::domain::payment::{GatewayState, GatewayStatus, Returned};
use crate::pipeline::effects::tests::shop::{Charged, Chat, Shop};
use crate::pipeline::work::Work;

async fn ordered(shop: &Shop, name: &str) -> (Chat, OrderId, Charged) {
    let mut chat = shop.chat(name).await;
    let id = shop.order_tea(&mut chat, 1).await;
    let charged = shop.charge(&mut chat, &id).await;
    (chat, id, charged)
}

/// The gateway's answer that all is paid, changed.
fn paid(charged: &Charged, change: impl FnOnce(&mut GatewayStatus)) -> Work {
    let Work::Status { payment, why, result: Ok(mut status) } = charged.paid("notice") else {
        panic!("an answer of the gateway")
    };
    change(&mut status);
    Work::Status { payment, why, result: Ok(status) }
}

fn rp(whole: i64) -> Rupiah {
    Rupiah::new(whole).unwrap()
}

const CONFIRMED: &str = "select count(*) from payments where status = 'confirmed'";
const SENT_BACK: &str = "select coalesce(sum(amount), 0)::bigint from refunds where status = 'processed'";

#[tokio::test]
async fn an_answer_that_names_another_payment_confirms_nothing_and_the_shop_is_told() {
    let shop = Shop::open(5).await;
    let _owner = shop.owner("owner").await;
    let (mut ayu, _, one) = ordered(&shop, "ayu").await;
    let (_, _, two) = ordered(&shop, "budi").await;
    let by_reference = paid(&one, |status| status.reference.clone_from(&two.reference));
    let by_id = paid(&one, |status| status.external_id = Some("somebody-elses".to_owned()));
    for answer in [by_reference, by_id] {
        let (events, left) = shop.settle(&mut ayu, answer).await;
        assert!(events.is_empty(), "{events:?}");
        assert_eq!(left.names(), ["staff.payment_problem"]);
    }
    assert_eq!(shop.number(CONFIRMED).await, 0);
    assert_eq!(shop.settle(&mut ayu, one.paid("poll")).await.0, ["payment.paid"], "its own answer counts");
    shop.check().await;
}

#[tokio::test]
async fn one_transaction_pays_one_order_also_at_the_same_instant() {
    for _ in 0..8 {
        let shop = Shop::open(5).await;
        let (mut ayu, _, one) = ordered(&shop, "ayu").await;
        let (mut budi, _, two) = ordered(&shop, "budi").await;
        let same = |charged: &Charged| paid(charged, |status| status.transactions = vec!["t-1".to_owned()]);
        let (first, second) =
            tokio::join!(shop.settle(&mut ayu, same(&one)), shop.settle(&mut budi, same(&two)),);
        assert_eq!(first.0.len() + second.0.len(), 1, "{first:?} {second:?}");
        assert_eq!(shop.number(CONFIRMED).await, 1);
        // Whoever was second is paid by a transaction of its own.
        let (chat, charged) = if first.0.is_empty() { (&mut ayu, &one) } else { (&mut budi, &two) };
        assert_eq!(shop.settle(chat, charged.paid("poll")).await.0, ["payment.paid"]);
        shop.check().await;
    }
}

#[tokio::test]
async fn what_the_shop_sent_back_in_the_companys_pages_is_booked_once_and_not_offered_again() {
    let shop = Shop::open(5).await;
    let mut owner = shop.owner("owner").await;
    let (mut ayu, id, charged) = ordered(&shop, "ayu").await;
    shop.settle(&mut ayu, charged.paid("notice")).await;
    let one =
        |name: &str, amount: i64| Returned { name: name.to_owned(), external_id: None, amount: rp(amount) };
    let part = || paid(&charged, |status| status.returned = vec![one("d-1", 1_000)]);
    let (events, left) = shop.settle(&mut ayu, part()).await;
    assert_eq!(
        (events, left.names()),
        (vec!["payment.refunded".to_owned()], vec!["staff.refund_done".to_owned()])
    );
    assert!(shop.settle(&mut ayu, part()).await.0.is_empty(), "told once");
    assert_eq!(shop.number(SENT_BACK).await, 1_000);
    shop.check().await;
    let (found, _) = shop.act(&mut owner, "refund.look", [("order", id.as_str().into())]).await;
    assert_eq!(
        found.facts["max"].as_int(),
        Some(charged.amount - 1_000),
        "what has gone back is not offered"
    );
    let rest = charged.amount - 1_000;
    let all = paid(&charged, |status| status.returned = vec![one("d-1", 1_000), one("d-2", rest)]);
    shop.settle(&mut ayu, all).await;
    assert_eq!(shop.text("select status from payments").await, "refunded");
    let (found, _) = shop.act(&mut owner, "refund.look", [("order", id.as_str().into())]).await;
    assert_eq!(found.word, "nothing");
    shop.check().await;
}

#[tokio::test]
async fn a_refund_that_was_promised_is_kept_by_what_the_shop_sent_back_itself() {
    let shop = Shop::open(5).await;
    let mut owner = shop.owner("owner").await;
    let (mut ayu, id, charged) = ordered(&shop, "ayu").await;
    shop.act(&mut ayu, "order.cancel", [("order", id.as_str().into())]).await;
    shop.settle(&mut ayu, charged.paid("notice")).await;
    let all = paid(&charged, |status| {
        status.returned = vec![Returned {
            name: "d-1".to_owned(),
            external_id: Some("7".to_owned()),
            amount: rp(charged.amount),
        }];
    });
    shop.settle(&mut ayu, all).await;
    assert_eq!(shop.number("select count(*) from refunds").await, 1, "the promise itself");
    assert_eq!(shop.number(SENT_BACK).await, charged.amount);
    let (found, _) = shop.act(&mut owner, "refund.look", [("order", id.as_str().into())]).await;
    assert_eq!(found.word, "nothing");
    shop.check().await;
}

#[tokio::test]
async fn money_that_went_back_before_it_was_counted_pays_nothing() {
    let shop = Shop::open(5).await;
    let (mut ayu, _, charged) = ordered(&shop, "ayu").await;
    let gone = paid(&charged, |status| {
        status.returned =
            vec![Returned { name: "d-1".to_owned(), external_id: None, amount: rp(charged.amount) }];
    });
    assert_eq!(shop.settle(&mut ayu, gone).await.0, ["payment.unavailable"]);
    assert_eq!(shop.number(CONFIRMED).await, 0);
    shop.check().await;
}

#[tokio::test]
async fn whoever_sends_money_back_that_the_bank_takes_back_is_warned() {
    let shop = Shop::open(5).await;
    let mut owner = shop.owner("owner").await;
    let (mut ayu, id, charged) = ordered(&shop, "ayu").await;
    shop.settle(&mut ayu, charged.paid("notice")).await;
    let look = || [("order", id.as_str().into())];
    let (found, _) = shop.act(&mut owner, "refund.look", look()).await;
    assert!(found.facts["disputed"].is_empty());
    shop.settle(&mut ayu, charged.answer("notice", GatewayState::Disputed, charged.amount)).await;
    let (found, _) = shop.act(&mut owner, "refund.look", look()).await;
    assert_eq!((found.word, found.facts["disputed"].is_empty()), ("ok", false));
}

#[tokio::test]
async fn the_columns_hold_the_platforms_words_and_the_details_say_who_stands_behind_them() {
    let shop = Shop::open(5).await;
    ordered(&shop, "ayu").await;
    let words =
        "select gateway || ' ' || method || ' ' || (details ->> 'provider') || ' ' || provider from payments";
    assert_eq!(shop.text(words).await, "qris qris sandbox sandbox");
    for (provider, word) in
        [("xendit", "xendit"), ("stripe", "stripe"), ("midtrans", "qris"), ("static", "qris")]
    {
        assert_eq!(crate::domain::payment::gateway_word(provider), word);
    }
    // A row of another program, which says nothing of who stands behind it.
    sqlx::query(
        "insert into payments (id, store_id, order_id, amount, gateway, method, status)
         select 'theirs', store_id, id, 1, 'bank_transfer', 'bank_transfer', 'failed' from orders",
    )
    .execute(&shop.pool)
    .await
    .unwrap();
    assert_eq!(shop.text("select provider from payments where id = 'theirs'").await, "bank_transfer");
}
