-- The same rows as one turn, written by pgbench with nothing in between: the most that this server could do.
-- Run by benches/load.rs on the same server; bench_conversations numbers the conversations from 1.
\set n random(1, :conversations)
begin;
insert into inbox (conversation_id, source, external_id, payload, received_at, handled_at)
select conversation_id, 'bench', gen_random_uuid()::text,
       '{"work": "inbound", "inbound": {"external_id": "0", "from": {"chat": "bench", "channel": "web"}, "content": {"kind": "text", "text": "menu"}}}',
       now() at time zone 'utc', now() at time zone 'utc'
from bench_conversations where number = :n;
insert into customer_messages (id, store_id, customer_id, text, direction, channel, type, created_at)
select gen_random_uuid()::text, store_id, customer_id, 'menu', 'inbound', 'web', 'text', now() at time zone 'utc'
from bench_conversations where number = :n;
select c.state from conversations c join bench_conversations b on b.conversation_id = c.id where b.number = :n for no key update of c;
update conversations set turns = turns + 1, state = state, updated_at = now() at time zone 'utc'
where id = (select conversation_id from bench_conversations where number = :n);
insert into customer_messages (id, store_id, customer_id, text, direction, channel, type, created_at)
select gen_random_uuid()::text, store_id, customer_id, repeat('menu ', 40), 'outbound', 'web', 'text', now() at time zone 'utc'
from bench_conversations where number = :n;
insert into outbox (conversation_id, lane, channel, chat, payload, state, due_at, created_at)
select conversation_id, 'message', 'web', 'bench', jsonb_build_object('text', repeat('menu ', 40)), 'queued',
       now() at time zone 'utc', now() at time zone 'utc'
from bench_conversations where number = :n;
commit;
