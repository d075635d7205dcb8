//! Money and deadlines on a real database: each case of the decision carried out, twice and in any order.

use chrono::Duration;

use crate::domain::ids::OrderId;
use crate::domain::payment::GatewayState;
use crate::pipeline::effects::tests::shop::{Charged, Chat, Shop};
use crate::pipeline::work::{Call, Work};

async fn ordered(stock: i32, quantity: i64) -> (Shop, Chat, Chat, OrderId, Charged) {
    let shop = Shop::open(stock).await;
    let owner = shop.owner("owner").await;
    let mut chat = shop.chat("ayu").await;
    let id = shop.order_tea(&mut chat, quantity).await;
    let charged = shop.charge(&mut chat, &id).await;
    (shop, owner, chat, id, charged)
}

fn timer(kind: &str, order: &OrderId) -> Work {
    Work::OrderTimer { kind: kind.to_owned(), order: order.clone() }
}

/// Lets the time run out and the gateway say that nothing came.
async fn lapse(shop: &Shop, chat: &mut Chat, id: &OrderId, charged: &Charged) {
    shop.clock.advance(Duration::minutes(16));
    let (events, left) = shop.settle(chat, timer("expire", id)).await;
    assert!(events.is_empty(), "the gateway is asked first");
    assert!(matches!(&left.calls[..], [Call::Status { why, .. }] if why == "expire"));
    let (events, _) = shop.settle(chat, charged.answer("expire", GatewayState::Expired, 0)).await;
    assert_eq!(events, ["order.expired"]);
}

#[tokio::test]
async fn a_payment_is_confirmed_once_however_often_it_is_told() {
    let (shop, _owner, mut chat, _, charged) = ordered(3, 2).await;
    let (events, left) = shop.settle(&mut chat, charged.paid("notice")).await;
    assert_eq!(events, ["payment.paid"]);
    assert_eq!(left.names(), ["staff.low_stock", "staff.order_paid"]);
    for why in ["notice", "poll", "expire", "recheck"] {
        let (events, left) = shop.settle(&mut chat, charged.paid(why)).await;
        assert!(events.is_empty() && left.signals.is_empty(), "{why}: {events:?}");
    }
    let (events, _) = shop.settle(&mut chat, charged.answer("expire", GatewayState::Expired, 0)).await;
    assert!(events.is_empty(), "expired never beats paid");
    assert_eq!(
        shop.number("select count(*) from inventory_movements where type = 'outbound' and quantity = -2")
            .await,
        1
    );
    assert_eq!(shop.number("select count(*) from payment_audit_log where new_status = 'confirmed'").await, 1);
    assert_eq!(shop.number("select order_count::bigint from customers where name = 'ayu'").await, 1);
    shop.check().await;
}

#[tokio::test]
async fn a_poll_and_a_notice_at_the_same_instant_confirm_once() {
    let (shop, _owner, mut chat, ..) = ordered(3, 1).await;
    let id = shop.order_tea(&mut chat, 1).await;
    let charged = shop.charge(&mut chat, &id).await;
    let mut other = shop.chat("ayu").await;
    let (one, two) = tokio::join!(
        shop.settle(&mut chat, charged.paid("notice")),
        shop.settle(&mut other, charged.paid("poll")),
    );
    assert_eq!(one.0.len() + two.0.len(), 1, "{one:?} {two:?}");
    assert_eq!(shop.number("select stock::bigint from products where id = 'tea'").await, 2);
    shop.check().await;
}

#[tokio::test]
async fn late_money_brings_an_order_back_while_there_is_stock() {
    let (shop, _owner, mut chat, id, charged) = ordered(3, 2).await;
    lapse(&shop, &mut chat, &id, &charged).await;
    shop.check().await;
    let (events, left) = shop.settle(&mut chat, charged.paid("notice")).await;
    assert_eq!(events, ["payment.late_paid"]);
    assert_eq!(left.names(), ["staff.low_stock", "staff.order_paid", "staff.payment_problem"]);
    assert_eq!(shop.text("select status from orders").await, "paid");
    shop.check().await;
}

#[tokio::test]
async fn late_money_for_what_is_sold_goes_back() {
    let (shop, _owner, mut chat, id, charged) = ordered(2, 2).await;
    lapse(&shop, &mut chat, &id, &charged).await;
    let mut faster = shop.chat("budi").await;
    shop.order_tea(&mut faster, 1).await;
    let (events, left) = shop.settle(&mut chat, charged.paid("notice")).await;
    assert_eq!(events, ["payment.late_sold_out"]);
    assert_eq!(left.names(), ["staff.payment_problem"]);
    assert!(shop.settle(&mut chat, charged.paid("poll")).await.0.is_empty());
    assert_eq!(
        shop.text("select metadata ->> 'review' from orders where payment_id is not null").await,
        "late_sold_out"
    );
    assert_eq!(shop.number("select sum(amount) from refunds").await, charged.amount);
    shop.check().await;
}

#[tokio::test]
async fn money_for_an_order_that_was_called_off_goes_back() {
    let (shop, _owner, mut chat, id, charged) = ordered(2, 2).await;
    shop.act(&mut chat, "order.cancel", [("order", id.as_str().into())]).await;
    let (events, _) = shop.settle(&mut chat, charged.paid("notice")).await;
    assert_eq!(events, ["payment.surplus"]);
    assert_eq!(shop.text("select status from orders").await, "cancelled");
    assert_eq!(shop.number("select sum(amount) from refunds").await, charged.amount);
    shop.check().await;
}

#[tokio::test]
async fn too_little_is_never_enough_and_is_told_once() {
    let (shop, _owner, mut chat, id, charged) = ordered(2, 1).await;
    let short = || charged.answer("notice", GatewayState::Paid, charged.amount - 1);
    let (events, left) = shop.settle(&mut chat, short()).await;
    assert_eq!(
        (events, left.names()),
        (vec!["payment.short".to_owned()], vec!["staff.payment_problem".to_owned()])
    );
    assert!(shop.settle(&mut chat, short()).await.0.is_empty());
    assert_eq!(shop.text("select status from payments").await, "pending");
    shop.clock.advance(Duration::minutes(16));
    shop.settle(&mut chat, timer("expire", &id)).await;
    let end = charged.answer("expire", GatewayState::Paid, charged.amount - 1);
    assert_eq!(shop.settle(&mut chat, end).await.0, ["order.expired"]);
    shop.check().await;
}

#[tokio::test]
async fn too_much_pays_the_order_and_the_rest_goes_back() {
    let (shop, _owner, mut chat, _, charged) = ordered(5, 1).await;
    let over = charged.answer("notice", GatewayState::Paid, charged.amount + 500);
    assert_eq!(shop.settle(&mut chat, over).await.0, ["payment.paid", "payment.over"]);
    let twice = charged.answer("notice", GatewayState::Paid, 2 * charged.amount);
    assert_eq!(shop.settle(&mut chat, twice).await.0, ["payment.surplus"]);
    let again = charged.answer("poll", GatewayState::Paid, 2 * charged.amount);
    assert!(shop.settle(&mut chat, again).await.0.is_empty());
    assert_eq!(shop.number("select sum(amount) from refunds").await, charged.amount);
    assert_eq!(
        shop.number("select sum(amount) from payments where status = 'confirmed'").await,
        2 * charged.amount
    );

    shop.check().await;
}

#[tokio::test]
async fn a_gateway_that_is_down_at_the_deadline_decides_nothing() {
    let (shop, _owner, mut chat, id, charged) = ordered(5, 1).await;
    shop.clock.advance(Duration::minutes(16));
    shop.settle(&mut chat, timer("expire", &id)).await;
    let down = Work::Status {
        payment: charged.payment.clone(),
        why: "expire".to_owned(),
        result: Err("503".to_owned()),
    };
    let (events, left) = shop.settle(&mut chat, down).await;
    assert!(events.is_empty());
    assert_eq!(left.timers[0].0, "expire", "it is asked again");
    assert_eq!(shop.text("select status from payments").await, "pending");
    assert_eq!(shop.settle(&mut chat, charged.paid("expire")).await.0, ["payment.paid"]);
    shop.check().await;
}

#[tokio::test]
async fn an_unpaid_answer_to_an_early_question_ends_nothing() {
    let (shop, _owner, mut chat, id, charged) = ordered(5, 1).await;
    shop.clock.advance(Duration::minutes(16));
    let (events, left) = shop.settle(&mut chat, charged.answer("poll", GatewayState::Expired, 0)).await;
    assert!(events.is_empty());
    assert_eq!(left.timers[0].0, "poll");
    assert_eq!(shop.text("select status from orders").await, "payment_initiated");
    let (events, _) = shop.settle(&mut chat, timer("reminder", &id)).await;
    assert_eq!(events, ["payment.reminder"]);
}

#[tokio::test]
async fn an_order_that_nobody_could_pay_lapses_at_once() {
    let shop = Shop::open(5).await;
    let mut chat = shop.chat("ayu").await;
    let id = shop.order_tea(&mut chat, 1).await;
    shop.clock.advance(Duration::minutes(16));
    assert_eq!(shop.settle(&mut chat, timer("expire", &id)).await.0, ["order.expired"]);
    assert!(shop.settle(&mut chat, timer("expire", &id)).await.0.is_empty());
    shop.check().await;
}

#[tokio::test]
async fn a_charge_that_fails_leaves_the_order_and_another_can_be_asked_for() {
    let shop = Shop::open(5).await;
    let mut chat = shop.chat("ayu").await;
    let id = shop.order_tea(&mut chat, 1).await;
    let args = || [("order", id.as_str().into())];
    let (_, left) = shop.act(&mut chat, "payment.request", args()).await;
    let Some(Call::Charge { payment, .. }) = left.calls.into_iter().next() else { panic!("a charge") };
    let (_, left) = shop.act(&mut chat, "payment.request", args()).await;
    assert!(left.calls.is_empty(), "one code per order");
    let failed = Work::Charged { payment, result: Err("down".to_owned()) };
    assert_eq!(shop.settle(&mut chat, failed).await.0, ["payment.unavailable"]);
    let charged = shop.charge(&mut chat, &id).await;
    assert!(charged.reference.contains("-2-"), "{}", charged.reference);
    shop.settle(&mut chat, charged.paid("notice")).await;
    assert_eq!(shop.act(&mut chat, "payment.request", args()).await.0.word, "already_paid");
    shop.check().await;
}

#[tokio::test]
async fn a_code_with_another_amount_is_never_shown() {
    let (shop, _owner, mut chat, _, charged) = ordered(5, 1).await;
    let mut other = shop.chat("budi").await;
    let id = shop.order_tea(&mut other, 2).await;
    let (_, left) = shop.act(&mut other, "payment.request", [("order", id.as_str().into())]).await;
    let Some(Call::Charge { payment, .. }) = left.calls.into_iter().next() else { panic!("a charge") };
    let qris = shop.text("select details ->> 'qrCode' from payments where details is not null").await;
    let charge = crate::payments::Charge { external_id: "x".into(), qris, url: None, account: None };
    let (events, _) = shop.settle(&mut other, Work::Charged { payment, result: Ok(charge) }).await;
    assert_eq!(events, ["payment.unavailable"]);
    shop.settle(&mut chat, charged.paid("notice")).await;
    shop.check().await;
}

#[tokio::test]
async fn an_impatient_second_question_waits_its_ten_seconds() {
    let (shop, _owner, mut chat, id, charged) = ordered(5, 1).await;
    let args = || [("order", id.as_str().into())];
    shop.clock.advance(Duration::seconds(20));
    let (outcome, left) = shop.act(&mut chat, "payment.recheck", args()).await;
    assert_eq!((outcome.word, left.calls.len()), ("asked", 1));
    let (outcome, left) = shop.act(&mut chat, "payment.recheck", args()).await;
    assert_eq!((outcome.word, left.calls.len()), ("asked", 0));
    assert_eq!(left.timers[0].0, "recheck");
    let answer = charged.answer("recheck", GatewayState::Pending, 0);
    assert_eq!(shop.settle(&mut chat, answer).await.0, ["payment.still_pending"]);
}

/// Numbers that look drawn and repeat for the same seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

#[tokio::test]
async fn whatever_happens_stock_money_and_history_agree() {
    let seed = 20_260_210;
    let mut dice = Dice(seed);
    let shop = Shop::open(12).await;
    let mut owner = shop.owner("owner").await;
    let mut chats = Vec::new();
    for name in ["ayu", "budi", "citra"] {
        chats.push(shop.chat(name).await);
    }
    let mut open: Vec<(usize, OrderId, Charged)> = Vec::new();
    for step in 0..150 {
        let who = usize::try_from(dice.below(3)).unwrap();
        match dice.below(9) {
            0..=2 => {
                let quantity = i64::try_from(dice.below(4) + 1).unwrap();
                shop.take_tea(&mut chats[who], quantity).await;
                let (outcome, _) = shop.place(&mut chats[who]).await;
                if let Some(id) = outcome.facts.get("order").and_then(|id| id.as_text()) {
                    let id = OrderId::from(id);
                    let charged = shop.charge(&mut chats[who], &id).await;
                    open.push((who, id, charged));
                }
            }
            3 => {
                let count = i64::try_from(dice.below(15)).unwrap();
                let args =
                    [("product", "tea".into()), ("quantity", crate::dialogue::value::Value::Int(count))];
                shop.act(&mut owner, "stock.set", args).await;
            }
            4 => shop.clock.advance(Duration::minutes(i64::try_from(dice.below(10)).unwrap())),
            what => {
                if open.is_empty() {
                    continue;
                }
                let index = usize::try_from(dice.below(u64::try_from(open.len()).unwrap())).unwrap();
                let (who, id, charged) = &open[index];
                let chat = &mut chats[*who];
                let order = [("order", id.as_str().into())];
                match what {
                    5 => {
                        let times = i64::try_from(dice.below(2) + 1).unwrap();
                        let paid = charged.answer("notice", GatewayState::Paid, times * charged.amount);
                        shop.settle(chat, paid).await;
                    }
                    6 => {
                        let unpaid = charged.answer("expire", GatewayState::Expired, 0);
                        shop.settle(chat, unpaid).await;
                    }
                    7 if dice.below(2) == 0 => drop(shop.act(chat, "order.cancel", order).await),
                    7 => {
                        let [order] = order;
                        let args = [order, ("reason", "Habis".into())];
                        shop.act(&mut owner, "order.cancel_by_staff", args).await;
                    }
                    _ => {
                        let to = ["packed", "shipped", "delivered"];
                        let [order] = order;
                        let to = to[usize::try_from(dice.below(3)).unwrap()];
                        shop.act(&mut owner, "order.move", [order, ("to", to.into())]).await;
                    }
                }
            }
        }
        shop.check().await;
        // Every rupiah that came in pays an order that stands, or is on its way back.
        let balance = shop
            .number(
                "select coalesce((select sum(amount) from payments where status = 'confirmed'), 0)
                   - coalesce((select sum(total_amount) from orders
                       where paid_at is not null and status <> 'cancelled'), 0)
                   - coalesce((select sum(amount) from refunds), 0)",
            )
            .await;
        assert_eq!(balance, 0, "seed {seed}, step {step}");
    }
}

/// A shop with an order that has two codes: the gateway called the first one off, and it can be paid nevertheless.
async fn with_two_codes(stock: i32) -> (Shop, Chat, Charged, Charged) {
    let (shop, _owner, mut chat, id, first) = ordered(stock, 1).await;
    shop.settle(&mut chat, first.answer("poll", GatewayState::Failed, 0)).await;
    let second = shop.charge(&mut chat, &id).await;
    assert_ne!(first.reference, second.reference);
    (shop, chat, first, second)
}

#[rstest::rstest]
#[case::the_old_one_first(true)]
#[case::the_new_one_first(false)]
#[tokio::test]
async fn case_23_two_codes_of_one_order_pay_it_once_and_the_other_money_goes_back(#[case] old_first: bool) {
    let (shop, mut chat, old, new) = with_two_codes(5).await;
    let (one, two) = if old_first { (old, new) } else { (new, old) };
    for charged in [&one, &two] {
        shop.settle(&mut chat, charged.paid("notice")).await;
        shop.check().await;
    }
    let back =
        "select coalesce(sum(r.amount), 0)::bigint from refunds r join payments p on p.id = r.payment_id
                where p.details -> 'surplus' = 'true'";
    assert_eq!(shop.number(back).await, two.amount);
    assert_eq!(shop.number("select stock::bigint from products where id = 'tea'").await, 4, "sold once");
}

#[tokio::test]
async fn case_23_a_code_that_is_paid_when_the_goods_are_back_brings_the_order_back_and_only_its_money_stays()
{
    let (shop, mut chat, old, new) = with_two_codes(1).await;
    shop.clock.advance(chrono::Duration::hours(3));
    shop.settle(&mut chat, new.answer("expire", GatewayState::Expired, 0)).await;
    let mut budi = shop.chat("budi").await;
    let other = shop.order_tea(&mut budi, 1).await;
    shop.settle(&mut chat, old.paid("notice")).await;
    shop.check().await;
    let args = [("order", other.as_str().into())];
    assert_eq!(shop.act(&mut budi, "order.cancel", args).await.0.word, "cancelled");
    shop.settle(&mut chat, new.paid("notice")).await;
    shop.check().await;
    assert_eq!(shop.number("select count(*) from orders where status = 'paid'").await, 1);
    assert_eq!(shop.number("select sum(amount)::bigint from refunds").await, old.amount);
}
