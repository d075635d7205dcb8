//! The rules, each with the query that finds what breaks it.
//!
//! A query returns `id`s. `$1` is a shop, or null for all of them.

use sqlx::PgConnection;

use super::{Finding, Rule};

/// I15. The strings are decoded in Rust.
pub(super) const SHOWN_CODE: Rule = Rule {
    code: "I15",
    name: "a code asks for its payment's amount",
    meaning: "every QRIS string that was shown is whole (CRC), dynamic, in rupiah and over exactly payments.amount",
};

/// Writes the function that asks every rule. The queries stay literals, so that the compiler checks them.
macro_rules! rules {
    ($( $code:literal, $name:literal, $meaning:literal, $sql:literal; )+) => {
        /// Asks every rule that SQL can answer.
        pub(super) async fn ask(
            connection: &mut PgConnection,
            store: Option<&str>,
        ) -> Result<Vec<Finding>, sqlx::Error> {
            let mut findings = Vec::new();
            $({
                let rows = sqlx::query!(
                    "select broken.id as \"id!\", count(*) over () as \"count!\" from (" + $sql
                        + ") as broken (id) order by broken.id limit 5",
                    store,
                )
                .fetch_all(&mut *connection)
                .await?;
                findings.push(Finding {
                    rule: Rule { code: $code, name: $name, meaning: $meaning },
                    violations: rows.first().map_or(0, |row| row.count),
                    examples: rows.into_iter().map(|row| row.id).collect(),
                });
            })+
            Ok(findings)
        }
    };
}

rules! {
    "I1", "stock is its ledger",
    "the stock of every product and variant is the sum of its movements",
    "select coalesce(variant_id, product_id) from stock_ledger
     where stock <> ledger and ($1::text is null or store_id = $1)";

    "I2", "no stock is negative",
    "nothing is sold that is not there",
    "select id from products where stock < 0 and ($1::text is null or store_id = $1)
     union all
     select v.id from product_variants v join products p on p.id = v.product_id
     where v.stock < 0 and ($1::text is null or p.store_id = $1)";

    "I3", "holds fit into the stock",
    "the pieces held for orders that wait for their money are never more than there are",
    "select coalesce(r.variant_id, r.product_id)
     from inventory_reservations r
     join products p on p.id = r.product_id
     left join product_variants v on v.id = r.variant_id
     where r.status = 'reserved' and ($1::text is null or p.store_id = $1)
     group by r.product_id, r.variant_id, p.stock, v.stock
     having sum(r.quantity) > coalesce(v.stock, p.stock)";

    "I4", "the ledger is unbroken",
    "every movement of a stock begins where the one before it ended: none was changed, taken out or put in between",
    "select id from (
       select m.id, m.quantity, m.stock_before, m.stock_after, lag(m.stock_after) over (
           partition by m.product_id, m.variant_id order by m.position
         ) as previous
       from inventory_movements m join products p on p.id = m.product_id
       where $1::text is null or p.store_id = $1
     ) as movement
     where abs(stock_after - stock_before) <> abs(quantity) or stock_before <> previous";

    "I5", "an order is paid once",
    "at most one payment that is no surplus is confirmed or refunded per order",
    "select order_id from payments
     where status in ('confirmed', 'refunded') and details -> 'surplus' is distinct from 'true'
       and ($1::text is null or store_id = $1)
     group by order_id having count(*) > 1";

    "I6", "paid orders have been paid",
    "an order is paid exactly when a payment that covers its total is confirmed; a confirmed one never leaves it open",
    "select o.id from orders o
     where ($1::text is null or o.store_id = $1)
       and case
         when o.status in ('paid', 'packed', 'shipped', 'delivered', 'completed') then o.paid_at is null or not exists (
           select from payments p
           where p.order_id = o.id and p.status in ('confirmed', 'refunded')
             and p.details -> 'surplus' is distinct from 'true'
             and p.amount >= o.total_amount
         )
         when o.status in ('created', 'payment_initiated') then o.paid_at is not null or exists (
           select from payments p where p.order_id = o.id and p.status in ('confirmed', 'refunded')
         )
         else false
       end";

    "I7", "what is paid is sold once",
    "a paid order took each of its lines out of stock exactly once, an unpaid one took nothing, and no more comes back",
    "select o.id from orders o
     join (
       select order_id, product_id, variant_id, quantity::bigint as due, 0::bigint as sold, 0::bigint as returned
       from order_items
       union all
       select reference_id, product_id, variant_id, 0,
         case when type = 'outbound' then abs(quantity) else 0 end,
         case when type = 'return' then abs(quantity) else 0 end
       from inventory_movements where reference_type = 'order' and type in ('outbound', 'return')
     ) as entry on entry.order_id = o.id
     where $1::text is null or o.store_id = $1
     group by o.id, entry.product_id, entry.variant_id
     having sum(sold) <> case when o.paid_at is null then 0 else sum(due) end or sum(returned) > sum(sold)";

    "I8", "a hold ends once",
    "a hold is alive, sold or let go, never two of them; it lives as long as its order is open, and no longer",
    "select r.id from inventory_reservations r join orders o on o.id = r.order_id
     where ($1::text is null or o.store_id = $1)
       and not case r.status
         when 'reserved' then r.committed_at is null and r.released_at is null
           and o.status in ('created', 'payment_initiated')
         when 'committed' then r.committed_at is not null and r.released_at is null and o.paid_at is not null
         else r.committed_at is null and r.released_at is not null
       end
     union all
     select o.id from orders o left join inventory_reservations r on r.order_id = o.id
     where ($1::text is null or o.store_id = $1) and o.metadata ->> 'conversation' is not null
       and o.status in ('created', 'payment_initiated', 'paid', 'packed', 'shipped', 'delivered', 'completed')
     group by o.id
     having coalesce(sum(r.quantity) filter (where r.status in ('reserved', 'committed')), 0)
       <> (select sum(i.quantity) from order_items i where i.order_id = o.id)";

    "I9", "money is evidence, not hearsay",
    "a confirmed payment rests on an answer of its gateway over at least its amount, or on a named person of the shop",
    "select p.id from payments p
     where p.status in ('confirmed', 'refunded') and ($1::text is null or p.store_id = $1)
       and not case when p.details -> 'surplus' = 'true' and p.gateway_response is null then exists (
         select from payments q
         where q.order_id = p.order_id and q.id = p.details ->> 'of'
           and (q.metadata ->> 'received')::bigint
             >= p.amount + case when q.status in ('confirmed', 'refunded') then q.amount else 0 end
       ) else exists (
         select from payment_audit_log a
         where a.payment_id = p.id and a.new_status = 'confirmed' and (
           (a.details ->> 'received')::bigint >= p.amount and a.details ->> 'currency' = 'IDR'
           or exists (
             select from users u where u.store_id = p.store_id and u.id in (a.details ->> 'by', a.details ->> 'user')
           )
         )
       ) end";

    "I10", "no more goes back than came",
    "the refunds of a payment that wait or are done never sum to more than the payment, and only money that came goes back",
    "select p.id from refunds r join payments p on p.id = r.payment_id
     where r.status in ('pending', 'processed') and ($1::text is null or p.store_id = $1)
     group by p.id having sum(r.amount) > p.amount or p.status not in ('confirmed', 'refunded') or min(r.amount) <= 0";

    "I11", "refunded means all of it",
    "a payment is refunded exactly when the refunds that are done sum to its amount",
    "select p.id from payments p
     left join refunds r on r.payment_id = p.id and r.status = 'processed'
     where $1::text is null or p.store_id = $1
     group by p.id having (p.status = 'refunded') <> (coalesce(sum(r.amount), 0) = p.amount and p.amount > 0)";

    "I12", "the audit tells the whole story",
    "replaying the changes in payment_audit_log ends in the payment's status, and every change is one that may happen",
    "select p.id from payments p
     where ($1::text is null or p.store_id = $1)
       and (
         select string_agg(balance::text || ' ' || status, ', ') from (
           select status, sum(step) as balance from (
             select new_status as status, 1 as step from payment_audit_log
             where payment_id = p.id and new_status is distinct from previous_status
             union all
             select previous_status, -1 from payment_audit_log
             where payment_id = p.id and new_status is distinct from previous_status
           ) as steps
           where status is not null group by status having sum(step) <> 0
         ) as ends
       ) is distinct from '1 ' || p.status
     union all
     select a.payment_id from payment_audit_log a join payments p on p.id = a.payment_id
     where ($1::text is null or p.store_id = $1)
       and a.new_status is distinct from a.previous_status
       and (coalesce(a.previous_status, 'none'), a.new_status) not in (
         ('none', 'pending'), ('none', 'confirmed'),
         ('pending', 'failed'), ('pending', 'cancelled'), ('pending', 'expired'), ('pending', 'confirmed'),
         ('expired', 'confirmed'), ('cancelled', 'confirmed'), ('failed', 'confirmed'),
         ('confirmed', 'refunded'), ('confirmed', 'failed')
       )";

    "I13", "an unsigned notice does nothing",
    "a notice whose signature is missing or wrong was kept and refused: none is processed and none reached a conversation",
    "select id from payment_webhook_logs
     where signature_valid is not true and ($1::text is null or $1 <> '')
       and (
         (processed and error is null)
         or id in (select payload ->> 'log' from inbox where payload ->> 'work' = 'notice')
       )";

    "I14", "shops do not touch",
    "an order, its lines, holds, payments, refunds, its customer and its chat belong to one shop",
    "select p.id from payments p join orders o on o.id = p.order_id
     where p.store_id <> o.store_id and ($1::text is null or $1 in (p.store_id, o.store_id))
     union all
     select o.id from orders o join customers c on c.id = o.customer_id
     where o.store_id <> c.store_id and ($1::text is null or $1 in (o.store_id, c.store_id))
     union all
     select o.id from orders o join payments p on p.id = o.payment_id
     where p.order_id <> o.id and ($1::text is null or o.store_id = $1)
     union all
     select r.id from refunds r join payments p on p.id = r.payment_id
     where r.order_id <> p.order_id and ($1::text is null or p.store_id = $1)
     union all
     select i.id from order_items i join orders o on o.id = i.order_id join products p on p.id = i.product_id
     where o.store_id <> p.store_id and ($1::text is null or $1 in (o.store_id, p.store_id))
     union all
     select r.id from inventory_reservations r join orders o on o.id = r.order_id join products p on p.id = r.product_id
     where o.store_id <> p.store_id and ($1::text is null or $1 in (o.store_id, p.store_id))
     union all
     select m.id from inventory_movements m
     join orders o on o.id = m.reference_id and m.reference_type = 'order'
     join products p on p.id = m.product_id
     where o.store_id <> p.store_id and ($1::text is null or $1 in (o.store_id, p.store_id))
     union all
     select c.id from conversations c join customers k on k.id = c.customer_id
     where c.store_id <> k.store_id and ($1::text is null or $1 in (c.store_id, k.store_id))";

    "I17", "a payment is told once",
    "no chat reads twice that the same order is paid, but in answer to what its person has written since",
    "select told.order_id from (
       select o.id as order_id, m.conversation_id, min(m.created_at) as first, count(*) as times
       from outbox m
       join conversations c on c.id = m.conversation_id
       cross join lateral jsonb_array_elements(
         case when jsonb_typeof(m.payload -> 'replies') = 'array' then m.payload -> 'replies' else '[]' end
       ) as reply
       join orders o on o.store_id = c.store_id and o.order_number = reply -> 'args' ->> 'number'
       where m.lane = 'message' and reply ->> 'key' in ('news-paid', 'news-late-paid')
         and m.payload -> 'is_forwarded' is distinct from 'true' and ($1::text is null or c.store_id = $1)
       group by o.id, m.conversation_id having count(*) > 1
     ) as told
     where told.times - 1 > (
       select count(*) from inbox i
       where i.conversation_id = told.conversation_id and i.payload ->> 'work' = 'inbound'
         and i.handled_at >= told.first
     )";

    "I18", "names are unique",
    "a gateway's charge is one payment, a reference names one payment, and an order waits for one payment at a time",
    "select min(id) from payments where external_id is not null and ($1::text is null or store_id = $1)
     group by provider, external_id having count(*) > 1
     union all
     select min(id) from payments where reference_number is not null and ($1::text is null or store_id = $1)
     group by reference_number having count(*) > 1
     union all
     select min(id) from payments where status = 'pending' and ($1::text is null or store_id = $1)
     group by order_id having count(*) > 1";

    "I19", "the books agree",
    "what is confirmed at the sandbox, surplus included, has come in there, and surplus has a payment of its own",
    "select p.id from payments p join sandbox_charges s on s.reference = p.reference_number
     where p.provider = 'sandbox' and p.status in ('confirmed', 'refunded') and ($1::text is null or p.store_id = $1)
       and s.received < coalesce((p.metadata ->> 'received')::bigint, p.amount)
     union all
     select p.id from payments p
     where p.status in ('confirmed', 'refunded') and ($1::text is null or p.store_id = $1)
       and (p.metadata ->> 'surplus')::bigint > 0
       and (p.metadata ->> 'surplus')::bigint + coalesce((p.metadata ->> 'returned')::bigint, 0) <> (
         select coalesce(sum(q.amount), 0) from payments q
         where q.order_id = p.order_id and q.details ->> 'of' = p.id and q.gateway_response is null
       )";

    "I20", "money pays one order",
    "what a confirmed payment rests on is an answer about that payment, and each transaction of a gateway is one payment's",
    "select p.id from payments p
     where p.status in ('confirmed', 'refunded') and ($1::text is null or p.store_id = $1)
       and p.gateway_response is not null and (
         p.gateway_response ->> 'reference' <> p.reference_number
         or p.gateway_response ->> 'external_id' <> p.external_id
         or exists (
           select from jsonb_array_elements_text(
             case jsonb_typeof(p.gateway_response -> 'transactions')
               when 'array' then p.gateway_response -> 'transactions' else '[]' end
           ) as named (transaction_id)
           where not exists (
             select from payment_receipts r
             where r.provider = p.provider and r.transaction_id = named.transaction_id and r.payment_id = p.id
           )
         )
       )";

    "P1", "orders are the platform's",
    "every order is one that the platform's other programs take: a positive total, a customer, an address, known words",
    "select o.id from orders o
     where ($1::text is null or o.store_id = $1) and o.metadata ->> 'conversation' is not null and (
       o.total_amount <= 0 or o.customer_id = '' or o.shipping_address is null
       or o.status not in ('created', 'payment_initiated', 'paid', 'packed', 'shipped', 'delivered', 'completed', 'cancelled')
       or o.payment_method not in ('qris', 'bank_transfer', 'ewallet', 'card')
     )";

    "P2", "payments are the platform's",
    "every payment is one that the platform's other programs take: a positive amount, and their words for gateway, method and status",
    "select p.id from payments p
     where ($1::text is null or p.store_id = $1) and p.details ->> 'provider' is not null and (
       p.amount <= 0 or p.gateway not in ('stripe', 'xendit', 'qris')
       or p.method not in ('card', 'bank_transfer', 'ewallet', 'qris')
       or p.status not in ('pending', 'confirmed', 'failed', 'expired', 'cancelled', 'refunded')
     )
     union all
     select r.id from refunds r join payments p on p.id = r.payment_id
     where ($1::text is null or p.store_id = $1) and p.details ->> 'provider' is not null and (
       r.amount <= 0 or r.reason not in ('customer_request', 'product_defective', 'out_of_stock')
       or r.status not in ('pending', 'processed', 'failed')
     )";

    "P3", "holds are the platform's",
    "every hold and movement is one that the platform's other programs take: a positive quantity held, and their words (I3 sees to the stock)",
    "select r.id from inventory_reservations r join products p on p.id = r.product_id
     where ($1::text is null or p.store_id = $1) and (
       r.quantity <= 0 or r.status not in ('reserved', 'committed', 'released', 'cancelled')
     )
     union all
     select m.id from inventory_movements m join products p on p.id = m.product_id
     where ($1::text is null or p.store_id = $1)
       and m.type not in ('inbound', 'outbound', 'adjustment', 'reservation', 'return')";

    "H1", "a product is its variants",
    "the stock of a product with variants is the sum of theirs",
    "select p.id from products p
     where ($1::text is null or p.store_id = $1)
       and (p.has_variants or exists (select from product_variants v where v.product_id = p.id))
       and p.stock <> (select coalesce(sum(v.stock), 0) from product_variants v where v.product_id = p.id)";

    "H6", "holds name goods",
    "what is held for an unpaid order can be picked: of a product with variants one of these, and none that is gone",
    "select r.id from inventory_reservations r
     join products p on p.id = r.product_id
     left join product_variants v on v.id = r.variant_id and v.product_id = r.product_id
     where r.status = 'reserved' and ($1::text is null or p.store_id = $1)
       and case
         when r.variant_id is null then exists (select from product_variants w where w.product_id = r.product_id)
         else v.id is null
       end";

    "H2", "totals add up",
    "an order's total is its lines, tax and delivery less its discount, and a line is its price times its quantity",
    "select o.id from orders o
     where ($1::text is null or o.store_id = $1) and (
       o.total_amount <> o.subtotal + o.tax_amount + coalesce(o.shipping_cost, 0) - coalesce(o.discount_amount, 0)
       or o.subtotal <> (
         select coalesce(sum(i.price::bigint * i.quantity), 0) from order_items i where i.order_id = o.id
       )
     )";

    "H3", "orders have their history",
    "replaying order_status_history ends in the order's status",
    "select o.id from orders o
     where ($1::text is null or o.store_id = $1)
       and (
         select string_agg(balance::text || ' ' || status, ', ') from (
           select status, sum(step) as balance from (
             select new_status as status, 1 as step from order_status_history where order_id = o.id
             union all
             select previous_status, -1 from order_status_history where order_id = o.id
           ) as steps
           where status is not null group by status having sum(step) <> 0
         ) as ends
       ) is distinct from '1 ' || o.status";

    "H4", "customers have spent what they paid",
    "customers.total_spent is the sum of their paid orders that were not cancelled",
    "select c.id from customers c
     where ($1::text is null or c.store_id = $1)
       and coalesce(c.total_spent, 0) <> (
         select coalesce(sum(o.total_amount), 0) from orders o
         where o.customer_id = c.id and o.paid_at is not null and o.status <> 'cancelled'
       )";

    "H7", "what was joined is with one customer",
    "no chat and no order is left with a customer who has been joined into another",
    "select j.id from customer_joins j
     where j.undone_at is null and ($1::text is null or j.store_id = $1)
       and (exists (select from conversations where customer_id = j.gone_id)
         or exists (select from orders where customer_id = j.gone_id))";

    "H5", "every rupiah is somewhere",
    "money that came in pays an order that stands, or it has gone back, or a refund of all of it is open",
    "select p.id from payments p join orders o on o.id = p.order_id
     where p.status in ('confirmed', 'refunded') and ($1::text is null or p.store_id = $1)
       and (o.status = 'cancelled' or p.details -> 'surplus' = 'true')
       and p.amount > (
         select coalesce(sum(r.amount), 0) from refunds r where r.payment_id = p.id and r.status <> 'failed'
       )";
}
