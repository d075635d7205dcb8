-- Two chats become one customer's only when both have said yes, and can be parted again.

-- The chat that showed a code, and what its platform calls the person there: the first name, which whoever types the code
-- reads. Personal: goes with the row, when its customer is forgotten.
alter table join_codes add column conversation_id text references conversations (id);
alter table join_codes add column person text;

-- Ours: the chat that a message belongs to, so that it stays with that chat when joined customers are parted. Nothing in
-- rows of older versions.
alter table customer_messages add column conversation_id text;

-- A wish to join two chats, from the typed code to the last answer. A code leads to one wish.
create table join_requests (
  id text primary key,
  store_id text not null references stores (id),
  -- The chat in which the code was typed, its customer then, and what its platform calls the person: the first name only.
  asker_id text not null references customers (id),
  asker_conversation text not null references conversations (id),
  -- Personal: emptied when the wish ends, and when either customer is forgotten (store::join::forget).
  asker_person text,
  -- The chat that showed the code.
  asked_id text not null references customers (id),
  asked_conversation text not null references conversations (id),
  -- Personal, like asker_person.
  asked_person text,
  -- 'read': the asker reads what it would mean. 'asked': the asker has said yes, the other side is asked. Then 'joined',
  -- 'refused', or 'void' because a newer one has taken its place.
  state text not null,
  expires_at timestamp not null,
  created_at timestamp not null,
  ended_at timestamp
);
create unique index join_requests_open on join_requests (asker_conversation) where ended_at is null;
create index join_requests_asker on join_requests (asker_id);
create index join_requests_asked on join_requests (asked_id);
create index join_requests_asked_in on join_requests (asked_conversation) where ended_at is null;
create index join_requests_expired on join_requests (expires_at);

-- Two customers that became one, with what is needed to part them.
create table customer_joins (
  id text primary key,
  -- The order of the joins: the last one is undone first.
  position bigint generated always as identity,
  store_id text not null references stores (id),
  -- The customer that both are from then on, and the one that has gone into it.
  kept_id text not null references customers (id),
  gone_id text not null references customers (id),
  -- The chats that said yes.
  kept_conversation text not null references conversations (id),
  gone_conversation text not null references conversations (id),
  -- What was the gone customer's: chats, orders, and messages of which the chat is not known. Ids only.
  conversations text[] not null,
  orders text[] not null,
  messages text[] not null,
  -- Both rows of customers before the join. Personal (names, phones, addresses, ids of chats, preferences): '{}' once the
  -- join is undone or either customer is forgotten (store::join::forget).
  kept_before jsonb not null,
  gone_before jsonb not null,
  -- Both carts before the join. Personal (notes), emptied in the same way.
  kept_cart jsonb,
  gone_cart jsonb,
  joined_at timestamp not null,
  undone_at timestamp,
  -- The chat that asked for it.
  undone_by text references conversations (id)
);
create unique index customer_joins_gone on customer_joins (gone_id) where undone_at is null;
create index customer_joins_last on customer_joins (kept_id, position desc) where undone_at is null;
create index customer_joins_of_kept on customer_joins (kept_id);
create index customer_joins_of_gone on customer_joins (gone_id);
