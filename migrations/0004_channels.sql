-- What chats on real platforms need: accounts, other names of a chat, reports of delivery, pictures kept by a platform.

-- The account of the shop that the chat last wrote to; answers leave from it.
alter table conversations add column account text not null default '';

alter table outbox
  add column account text not null default '',
  -- Inbound::thread of the event that the message answers.
  add column thread jsonb,
  -- The order that the message is about.
  add column subject text,
  add column delivered_at timestamp,
  add column read_at timestamp;
create index idx_outbox_channel_message on outbox (channel, channel_message_id) where channel_message_id is not null;
create index idx_outbox_subject on outbox (subject) where subject is not null;

-- Other names of a chat on its channel: WhatsApp knows people by a user id, by a phone number, or by both.
create table chat_aliases (
  store_id text not null references stores (id),
  channel text not null,
  alias text not null,
  conversation_id text not null references conversations (id),
  primary key (store_id, channel, alias)
);
create index idx_chat_aliases_conversation on chat_aliases (conversation_id);

-- Pictures that a platform keeps for an account, by the hash of their bytes.
create table uploads (
  channel text not null,
  account text not null,
  hash text not null,
  uploaded_id text not null,
  -- Nothing where the platform keeps it for good.
  expires_at timestamp,
  primary key (channel, account, hash)
);

-- Files that people sent: their bytes are fetched after the event was stored, and kept in media.
create table attachments (
  id text primary key,
  conversation_id text not null references conversations (id),
  -- The order that the chat was about when it came, where it was about one.
  order_id text references orders (id),
  -- domain::message::MediaKind.
  kind text not null,
  -- domain::message::FileRef.
  file jsonb not null,
  -- The bytes with their media type and the hash by which the same file is known again, once they are here.
  mime text,
  bytes bytea,
  hash text,
  error text,
  created_at timestamp not null
);
create index idx_attachments_order on attachments (order_id) where order_id is not null;
create index idx_attachments_conversation on attachments (conversation_id);
create index idx_attachments_hash on attachments (hash) where hash is not null;

-- One-time codes by which a customer joins a second chat to the first.
create table join_codes (
  -- hex(sha256(code)): the code itself is shown once and not kept.
  code_hash text primary key,
  customer_id text not null references customers (id),
  expires_at timestamp not null,
  used_at timestamp,
  created_at timestamp not null
);
create index idx_join_codes_customer on join_codes (customer_id);

-- What the message of these choices shows: a press that leads to the same shows it in the same place.
alter table prompts add column card text;
