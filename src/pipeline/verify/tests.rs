//! A shop in order breaks no promise, and every promise notices when a row is tampered with.

use std::collections::BTreeSet;

use super::{reads_as, violations};
use crate::pipeline::effects::tests::shop::Shop;
use crate::store::invariants::{MAX_EXAMPLES, examine};

/// How each promise is broken by somebody who writes into the tables, and the promises that notice.
const TAMPERED: &[(&str, &str, &[&str])] = &[
    ("a stock is changed without a movement", "update products set stock = stock + 1 where id = 'tea'", &["I1"]),
    (
        "a stock goes below nothing",
        "update products set stock = -1 where id = 'tea'",
        &["I1", "I2", "I3"],
    ),
    (
        "more is held than there is",
        "update inventory_reservations set quantity = 100 where status = 'reserved'",
        &["I3", "I8"],
    ),
    (
        "a movement is rewritten",
        "update inventory_movements set stock_before = stock_before + 1, stock_after = stock_after + 1
         where type = 'outbound'",
        &["I4"],
    ),
    (
        "a movement is taken out",
        "delete from inventory_movements where type = 'outbound'",
        &["I1", "I7"],
    ),
    (
        "a second payment pays the same order",
        "update payments set order_id = (select order_id from payments where status = 'confirmed' limit 1),
           status = 'confirmed', gateway_response = '{}'
         where status = 'pending'",
        &["I5", "I9", "I12", "I14"],
    ),
    (
        "an order is called paid without money",
        "update orders set status = 'paid' where status = 'payment_initiated'",
        &["H3", "I6", "I8"],
    ),
    (
        "a payment is smaller than its order",
        "update payments set amount = amount - 1, details = details - 'qrCode' where status = 'confirmed'",
        &["I6"],
    ),
    (
        "the goods of a paid order leave twice",
        "insert into inventory_movements
           (id, product_id, type, quantity, reference_type, reference_id, stock_before, stock_after)
         select 'again', product_id, type, quantity, reference_type, reference_id, stock_after,
           stock_after + quantity
         from inventory_movements where type = 'outbound'",
        &["I1", "I7"],
    ),
    (
        "a hold ends both ways",
        "update inventory_reservations set released_at = now() where status = 'committed'",
        &["I8"],
    ),
    (
        "a hold of an open order is lost",
        "delete from inventory_reservations where status = 'reserved'",
        &["I8"],
    ),
    (
        "a payment is confirmed on hearsay",
        "update payment_audit_log set details = null where new_status = 'confirmed'",
        &["I9"],
    ),
    (
        "a payment is confirmed by somebody who is not of the shop",
        "update payment_audit_log set details = '{\"by\": \"a stranger\"}' where new_status = 'confirmed'",
        &["I9"],
    ),
    (
        "more goes back than came",
        "insert into refunds (id, payment_id, order_id, amount, reason)
         select 'too-much', id, order_id, amount + 1, 'customer_request' from payments where status = 'confirmed'",
        &["I10"],
    ),
    (
        "money goes back that never came",
        "insert into refunds (id, payment_id, order_id, amount, reason)
         select 'too-early', id, order_id, 1, 'customer_request' from payments where status = 'pending'",
        &["I10"],
    ),
    (
        "all has gone back and nobody says so",
        "insert into refunds (id, payment_id, order_id, amount, reason, status)
         select 'all', id, order_id, amount, 'customer_request', 'processed' from payments where status = 'confirmed'",
        &["I11"],
    ),
    (
        "a status is changed behind the audit's back",
        "update payments set status = 'failed' where status = 'pending'",
        &["I12"],
    ),
    (
        "a change is told of that may not happen",
        "insert into payment_audit_log (id, payment_id, action, previous_status, new_status)
         select v.id, p.id, 'failed', v.old, v.new from payments p,
           (values ('one', 'confirmed', 'pending'), ('two', 'pending', 'confirmed')) as v (id, old, new)
         where p.status = 'confirmed'",
        &["I12"],
    ),
    (
        "a payment rests on another payment's answer",
        "update payments set gateway_response = '{\"reference\": \"ORD-other\", \"transactions\": [\"t-x\"]}' where status = 'confirmed'",
        &["I20"],
    ),
    (
        "one transaction pays two payments",
        "update payments set gateway_response = gateway_response || '{\"transactions\": [\"t-x\"]}' where status = 'confirmed'",
        &["I20"],
    ),
    (
        "a payment has a word that the platform does not know",
        "update payments set gateway = 'midtrans' where status = 'confirmed'",
        &["P2"],
    ),
    (
        "nothing is held",
        "update inventory_reservations set quantity = 0 where status = 'reserved'",
        &["P3", "I8"],
    ),
    (
        "an order costs nothing",
        "update orders set total_amount = 0 where status = 'payment_initiated'",
        &["P1", "H2"],
    ),
    (
        "an unsigned notice is acted on",
        "insert into payment_webhook_logs (id, gateway, event_type, payload, signature_valid, processed)
         values ('forged', 'sandbox', 'payment.succeeded', '{}', false, true)",
        &["I13"],
    ),
    (
        "a payment strays into another shop",
        "insert into stores (id, owner_id, name, slug, email, phone)
         select 'other', owner_id, 'Lain', 'lain', 'lain@example.com', '' from stores;
         update payments set store_id = 'other' where status = 'pending'",
        &["I14"],
    ),
    (
        "a code over another amount is shown",
        "update payments set details = jsonb_set(details, '{qrCode}', (
           select details -> 'qrCode' from payments where status = 'confirmed'
         )) where status = 'pending'",
        &["I15"],
    ),
    (
        "people read twice that they have paid",
        "insert into outbox (conversation_id, lane, channel, chat, payload, state, due_at, created_at)
         select c.id, 'message', c.channel, c.chat, jsonb_build_object('text', '', 'replies', jsonb_build_array(
             jsonb_build_object('key', 'news-paid', 'args', jsonb_build_object('number', o.order_number))
           )), 'sent', now(), now()
         from orders o join conversations c on c.customer_id = o.customer_id, generate_series(1, 2)
         where o.status = 'paid'",
        &["I17"],
    ),
    (
        "two payments bear the same reference",
        "drop index payments_reference; update payments set reference_number = 'SAME'",
        &["I18", "I20"],
    ),
    (
        "more is booked than has come in",
        "insert into sandbox_charges (reference, external_id, amount, qris, received, receipts, expires_at,
           created_at, updated_at)
         select reference_number, id, amount, '', amount - 1, 1, now(), now(), now() from payments
         where status = 'confirmed'",
        &["I19"],
    ),
    (
        "a product disagrees with its variants",
        "update product_variants set stock = stock + 1 where id = 'small'",
        &["H1", "I1"],
    ),
    (
        "a plain product gets variants while it is held",
        "insert into product_variants (id, product_id, name, stock) select 'mini', 'tea', 'Mini', stock from products where id = 'tea'",
        &["H6", "I1"],
    ),
    ("a total does not add up", "update orders set total_amount = total_amount - 1 where status = 'paid'", &["H2", "H4"]),
    ("a move of an order is forgotten", "delete from order_status_history where new_status = 'paid'", &["H3"]),
    (
        "an order stays with a customer who was joined into another",
        "insert into customer_joins
           (id, store_id, kept_id, gone_id, kept_conversation, gone_conversation, conversations, orders, messages,
            kept_before, gone_before, joined_at)
         select 'j', a.store_id, a.id, b.id, v.id, v.id, '{}', '{}', '{}', '{}', '{}', now()
         from customers a, customers b, conversations v
         where a.name = 'ayu' and b.name = 'budi' and v.customer_id = a.id",
        &["H7"],
    ),
    ("a customer is said to have spent more", "update customers set total_spent = total_spent + 1", &["H4"]),
    (
        "money of an order that is called off stays",
        "update payments set details = details || '{\"surplus\": true}' where status = 'confirmed'",
        &["H5", "I6"],
    ),
];

#[tokio::test]
async fn every_promise_notices_when_it_is_broken() {
    let shop = Shop::open(10).await;
    let mut ayu = shop.chat("ayu").await;
    let order = shop.order_tea(&mut ayu, 2).await;
    let charged = shop.charge(&mut ayu, &order).await;
    shop.settle(&mut ayu, charged.paid("notice")).await;
    let mut budi = shop.chat("budi").await;
    let open = shop.order_tea(&mut budi, 3).await;
    shop.charge(&mut budi, &open).await;
    assert_eq!(violations(&shop.pool).await.unwrap(), [], "nobody has tampered yet");

    let mut noticed = BTreeSet::new();
    let mut wrong = Vec::new();
    for (what, how, expected) in TAMPERED {
        let mut tampered = shop.pool.begin().await.unwrap();
        sqlx::raw_sql(*how).execute(&mut *tampered).await.unwrap_or_else(|error| panic!("{what}: {error}"));
        let findings = examine(&mut tampered, None, reads_as).await.unwrap();
        let mut broken: Vec<&str> = findings
            .iter()
            .filter(|finding| finding.violations > 0)
            .map(|finding| finding.rule.code)
            .collect();
        broken.sort_unstable();
        let mut expected = expected.to_vec();
        expected.sort_unstable();
        if broken != expected {
            wrong.push(format!("{what}: {broken:?} notice, not {expected:?}"));
        }
        assert!(findings.iter().all(|it| it.examples.len() <= MAX_EXAMPLES), "{what}");
        let other = examine(&mut tampered, Some(&"nobody".into()), reads_as).await.unwrap();
        let elsewhere: Vec<&str> = other
            .iter()
            .filter(|it| it.violations > 0 && it.rule.code != "I13")
            .map(|it| it.rule.code)
            .collect();
        assert_eq!(elsewhere, [] as [&str; 0], "{what}, asked of another shop");
        noticed.extend(broken.iter().map(|code| (*code).to_owned()));
        tampered.rollback().await.unwrap();
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let mut connection = shop.pool.acquire().await.unwrap();
    let every: BTreeSet<String> = examine(&mut connection, None, reads_as)
        .await
        .unwrap()
        .into_iter()
        .map(|finding| finding.rule.code.to_owned())
        .collect();
    assert_eq!(noticed, every, "a promise that nothing breaks promises nothing");
}
