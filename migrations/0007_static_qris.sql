-- The small shop's way: its own printed code, an amount of its own for each open order, and the receipts that customers send.

-- The printed codes of a shop. A code is read out of a picture first and used only once a person has said yes.
create table store_codes (
  id text primary key,
  store_id text not null references stores (id),
  -- The QRIS string as it was read.
  code text not null,
  -- The picture that it was read out of; nothing for one that an operator wrote.
  attachment_id text references attachments (id),
  -- Who put it in use; nothing for an operator.
  set_by text references users (id),
  created_at timestamp not null,
  -- When a person said yes, and when another code took its place.
  set_at timestamp,
  ended_at timestamp
);
create unique index store_codes_in_use on store_codes (store_id) where set_at is not null and ended_at is null;
create index store_codes_attachment on store_codes (attachment_id) where attachment_id is not null;
create index store_codes_set_by on store_codes (set_by) where set_by is not null;

-- The amount that tells one order's money from another's, because a printed code tells nothing else. It is the order's own
-- until the order is paid or called off, and then rests until no statement that names it can still come.
create table unique_amounts (
  order_id text primary key references orders (id),
  store_id text not null references stores (id),
  amount integer not null,
  -- How much less than the order came to.
  discount integer not null,
  taken_at timestamp not null,
  released_at timestamp,
  -- Another order may have it from now on.
  freed_at timestamp
);
create unique index unique_amounts_taken on unique_amounts (store_id, amount) where freed_at is null;

-- A picture or a document that a customer sent as a proof. It is shown to the shop and proves nothing by itself.
create table payment_proofs (
  attachment_id text primary key references attachments (id),
  store_id text not null references stores (id),
  order_id text not null references orders (id),
  -- The same file is known by its hash, a picture that looks the same by its dHash (domain of bit counts, not of equality).
  hash text,
  picture_hash bigint,
  created_at timestamp not null
);
create index payment_proofs_store on payment_proofs (store_id, created_at desc);
create index payment_proofs_order on payment_proofs (order_id);
