-- Payments by several gateways, money that goes back, and what the shop's people say of both.

-- What the sandbox gateway has sent back: the other half of its ledger.
create table sandbox_refunds (
  refund_key text primary key,
  reference text not null references sandbox_charges (reference),
  amount integer not null,
  created_at timestamp not null
);
create index sandbox_refunds_charge on sandbox_refunds (reference);

-- How far a pending refund is: 'open' (a promise that nobody has carried out), 'asked' (the gateway is sending it back),
-- 'by_hand' (a person of the shop is). And who carried it out, with what they said of it.
alter table refunds
  add column stage text,
  add column carried_out_by text references users (id),
  add column evidence text,
  -- Why the last try failed, in the gateway's words.
  add column last_error text;
-- What is still to go back, also for the daily look at what gateways have become silent about.
create index idx_refunds_pending on refunds (order_id) where status = 'pending';

create index idx_refunds_processed on refunds (processed_at) where status = 'processed';

-- Refused notices are kept too, a bounded number in an hour.
create index idx_webhook_logs_refused on payment_webhook_logs (gateway, created_at) where signature_valid = false;
