-- Warung's own tables, beside the shared ones. Times are UTC without zone, like everywhere in the shared schema.

-- A shelf of a shop. products.category_id names it; there is no foreign key, because the shared column has none.
create table categories (
  id text primary key,
  store_id text not null references stores (id),
  name text not null,
  -- {"en": "…"}: the name in other languages.
  names jsonb,
  position integer not null default 0,
  created_at timestamp not null default now()
);
create index idx_categories_store on categories (store_id, position);

-- An account of a shop on a platform: which shop answers on which number, bot or guild.
create table channel_accounts (
  id text primary key,
  store_id text not null references stores (id),
  channel text not null,
  -- The platform's id of the account; empty for web and console, which have none.
  external_id text not null default '',
  name text,
  -- Sealed credentials and options.
  settings jsonb,
  status text not null default 'active',
  created_at timestamp not null default now(),
  updated_at timestamp not null default now(),
  unique (channel, external_id, store_id)
);

-- One chat of one person with one shop: the unit of order and of locking.
create table conversations (
  id text primary key,
  store_id text not null references stores (id),
  channel text not null,
  -- The platform's opaque name of the chat.
  chat text not null,
  customer_id text not null references customers (id),
  -- Set while the chat is a staff chat.
  staff_id text references users (id),
  -- dialogue::conversation::Conversation.
  state jsonb not null,
  -- The earliest deadline of the state, copied out of it for the index.
  timer_at timestamp,
  turns integer not null default 0,
  last_inbound_at timestamp,
  created_at timestamp not null default now(),
  updated_at timestamp not null default now(),
  constraint conversations_chat unique (store_id, channel, chat)
);
create index idx_conversations_timer on conversations (timer_at) where timer_at is not null;
create index idx_conversations_customer on conversations (customer_id);
create index idx_conversations_staff on conversations (store_id, staff_id) where staff_id is not null;

-- Everything that comes in, once each: messages, presses, gateway notices, results of calls, due timers, signals from
-- other conversations. Kept 90 days after it was handled (docs/architecture.md, retention).
create table inbox (
  id bigint generated always as identity primary key,
  conversation_id text not null references conversations (id),
  -- Where it comes from: a channel's name, a gateway's name, 'timer', 'signal', 'call'.
  source text not null,
  external_id text not null,
  -- pipeline::work::Work.
  payload jsonb not null,
  received_at timestamp not null,
  handled_at timestamp,
  -- Turns that failed on it; after pipeline::turn::MAX_ATTEMPTS it is set aside with its error.
  attempts integer not null default 0,
  due_at timestamp,
  error text,
  constraint inbox_once unique (source, external_id)
);
create index idx_inbox_pending on inbox (conversation_id, id) where handled_at is null;
-- The web page shows both sides of its chat again after a reload; platforms keep their own history.
create index idx_inbox_web on inbox (conversation_id, id) where source = 'web';

-- Everything that goes out: messages to chats, and calls to gateways. Ids of one conversation are drawn under its lock,
-- so their order is the order of the conversation.
create table outbox (
  id bigint generated always as identity primary key,
  conversation_id text not null references conversations (id),
  -- 'message' goes through a channel, 'call' to a gateway. The two lanes do not wait for each other.
  lane text not null,
  channel text not null,
  chat text not null,
  -- domain::message::Outbound, or pipeline::work::Call.
  payload jsonb not null,
  -- 'queued', 'sent', 'delivered', 'read', 'dead'.
  state text not null default 'queued',
  attempts integer not null default 0,
  due_at timestamp not null,
  leased_until timestamp,
  channel_message_id text,
  sent_at timestamp,
  error text,
  created_at timestamp not null
);
create index idx_outbox_queued on outbox (conversation_id, lane, id) where state = 'queued';
create index idx_outbox_due on outbox (due_at) where state = 'queued';
create index idx_outbox_conversation on outbox (conversation_id, id);

-- The choices of a message with buttons. A button's data is '<token>.<index from 0>'.
create table prompts (
  token text primary key,
  conversation_id text not null references conversations (id),
  -- dialogue::conversation::PromptChoice list.
  choices jsonb not null,
  -- Conversation.revision when they were shown: 'current' choices are valid while it has not moved on.
  revision bigint not null,
  -- Indexes of 'once' choices that have been used.
  used integer[] not null default '{}',
  created_at timestamp not null
);
create index idx_prompts_conversation on prompts (conversation_id);

-- Deadlines of orders: reminders, lapses, polls. Deadlines of dialogue states stand in conversations.timer_at.
create table timers (
  id bigint generated always as identity primary key,
  conversation_id text not null references conversations (id),
  kind text not null,
  -- What it is about: an order id.
  subject text not null,
  due_at timestamp not null,
  constraint timers_once unique (kind, subject)
);
create index idx_timers_due on timers (due_at);

-- What a customer means to order. One row per customer, shared by all of their chats.
create table carts (
  customer_id text primary key references customers (id),
  -- domain::cart::Cart.
  cart jsonb not null,
  updated_at timestamp not null
);

-- One-time codes that make a chat a staff chat.
create table staff_codes (
  -- hex(sha256(code)): the code itself is shown once and not kept.
  code_hash text primary key,
  store_id text not null references stores (id),
  user_id text not null references users (id),
  expires_at timestamp not null,
  used_at timestamp,
  created_at timestamp not null
);

-- The last order number of a shop and year.
create table order_counters (
  store_id text not null references stores (id),
  year integer not null,
  last integer not null,
  primary key (store_id, year)
);

-- Every version of every flow that a conversation may still be in.
create table flow_versions (
  hash text primary key,
  flow text not null,
  version integer not null,
  source text not null,
  created_at timestamp not null
);

-- Pictures of the shop, by the hash of their bytes, served below /media/.
create table media (
  hash text primary key,
  mime text not null,
  bytes bytea not null,
  created_at timestamp not null
);

-- The ledger of the sandbox gateway: what a payment company would keep on its own side.
create table sandbox_charges (
  reference text primary key,
  external_id text not null unique,
  amount integer not null,
  qris text not null,
  status text not null default 'pending',
  received integer not null default 0,
  receipts integer not null default 0,
  expires_at timestamp not null,
  created_at timestamp not null,
  updated_at timestamp not null
);

-- A number that changes whenever anybody changes what a shop sells, holds or is set to, also a program that knows
-- nothing of Warung and keeps no updated_at: it is made of the row versions themselves. Turns compare it to know
-- whether the catalogue in memory is still the one in the database.
create function catalog_fingerprint(store text) returns bigint
language sql stable
as $$
  select
    coalesce((select hashtextextended(s.id || s.xmin::text, 1) from stores s where s.id = store), 0)
    # coalesce((select bit_xor(hashtextextended(c.id || c.xmin::text, 2)) from categories c where c.store_id = store), 0)
    # coalesce((select bit_xor(hashtextextended(p.id || p.xmin::text, 3)) from products p where p.store_id = store), 0)
    # coalesce((
        select bit_xor(hashtextextended(v.id || v.xmin::text, 4))
        from product_variants v join products p on p.id = v.product_id where p.store_id = store
      ), 0)
    # coalesce((
        select bit_xor(hashtextextended(r.id || r.xmin::text, 5))
        from inventory_reservations r join products p on p.id = r.product_id
        where p.store_id = store and r.status = 'reserved'
      ), 0)
$$;
