-- What became of messages while a platform was ill or silent.
alter table outbox
  -- Tries of whose outcomes nothing was heard. The others were refused, so it is known that nothing came of them.
  add column unknown_tries integer not null default 0,
  -- Until when the report of delivery is waited for that may come since called_at.
  add column awaited_until timestamp,
  -- How long the platform's first report took to come, in milliseconds: by that its next ones are waited for.
  add column report_ms integer;
create index idx_outbox_reported on outbox (channel, account, id) where report_ms is not null;
