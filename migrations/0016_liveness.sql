-- Calls wait for each other by what they are about, not by the chat that they were made for.

-- What a call does: 'charge', 'refund', 'question' (somebody waits for the answer), 'look' (nobody does), 'cancel', 'file'.
-- Each kind has slots of its own. Nothing for messages.
alter table outbox add column kind text;
-- The payment, refund or file that a call is about. Nothing for messages.
alter table outbox add column about text;
update outbox set
  kind = case payload ->> 'call'
    when 'charge' then 'charge'
    when 'refund' then 'refund'
    when 'refund_status' then 'look'
    when 'cancel' then 'cancel'
    when 'fetch' then 'file'
    else case when payload ->> 'why' in ('poll', 'sweep') then 'look' else 'question' end
  end,
  about = coalesce(payload ->> 'payment', payload ->> 'refund', payload ->> 'attachment')
where lane = 'call' and state = 'queued';
create index idx_outbox_calls on outbox (kind, due_at) where state = 'queued' and lane = 'call';
create index idx_outbox_about on outbox (about, id) where state = 'queued' and lane = 'call';

-- A line of a cart keeps the name of what it was when it came in, for the day on which that is sold no more.
update carts c set cart = jsonb_set(c.cart, '{lines}', named.lines)
from (
  select c.customer_id, jsonb_agg(
      case when p.id is null or l.line ? 'name' then l.line
      else l.line || jsonb_build_object('name', jsonb_build_object('id', concat_ws(' ', p.name, v.name))) end
      order by l.position
    ) as lines
  from carts c
  cross join lateral jsonb_array_elements(c.cart -> 'lines') with ordinality as l (line, position)
  left join products p on p.id = l.line ->> 'product'
  left join product_variants v on v.id = l.line ->> 'variant'
  where jsonb_typeof(c.cart -> 'lines') = 'array'
  group by c.customer_id
) as named
where named.customer_id = c.customer_id;

-- What one person holds and has let go, and what a shop's newcomers have, for the bounds of a person.
create index idx_orders_unpaid on orders (store_id, customer_id) where status in ('created', 'payment_initiated');
create index idx_orders_ended on orders (store_id, cancelled_at) where status = 'cancelled';
