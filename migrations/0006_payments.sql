-- Payments by several gateways, money that goes back, and what the shop's people say of both.

-- What the sandbox gateway has sent back: the other half of its ledger.
create table sandbox_refunds (
  refund_key text primary key,
  reference text not null references sandbox_charges (reference),
  amount integer not null,
  created_at timestamp not null
);
create index sandbox_refunds_charge on sandbox_refunds (reference);
