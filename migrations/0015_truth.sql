-- Who stands behind a payment, each transaction of a gateway once, and the tokens of banks' notices.

-- payments.gateway and payments.method hold the words that every program of the platform knows ('xendit', 'qris'). Who stands
-- behind a payment is details ->> 'provider': 'xendit', 'midtrans', 'static' (the shop's own printed code), 'sandbox'. A row of
-- a program that does not say so is its gateway's.
update payments set gateway = 'qris', details = coalesce(details, '{}') || jsonb_build_object('provider', gateway)
where gateway in ('midtrans', 'static', 'sandbox') and coalesce(jsonb_typeof(details), 'object') in ('object', 'null');
alter table payments
  add column provider text generated always as (coalesce(details ->> 'provider', gateway)) stored;
drop index idx_payments_external;
create index idx_payments_external on payments (gateway, external_id);
create unique index payments_external on payments (provider, external_id);

-- Each transaction that a gateway has named as money for one of our charges. It belongs to one payment for ever, so that the
-- same money never pays two orders, whatever an answer says.
create table payment_receipts (
  provider text not null,
  -- The gateway's id of the transaction.
  transaction_id text not null,
  payment_id text not null references payments (id),
  noted_at timestamp not null,
  primary key (provider, transaction_id)
);
create index payment_receipts_payment on payment_receipts (payment_id);
-- Midtrans takes one transaction for a charge and calls both by one id.
insert into payment_receipts (provider, transaction_id, payment_id, noted_at)
select provider, external_id, id, coalesce(confirmed_at, updated_at) from payments
where provider = 'midtrans' and external_id is not null and status in ('confirmed', 'refunded')
on conflict do nothing;

-- The token with which a shop's phone sends the notices of its bank. One per shop is in use; a new one ends the old one.
create table bank_tokens (
  -- hex(sha256(token)): the token itself is shown once and not kept.
  token_hash text primary key,
  store_id text not null references stores (id),
  created_at timestamp not null,
  ended_at timestamp
);
create unique index bank_tokens_in_use on bank_tokens (store_id) where ended_at is null;
