-- What a listener must remember of a platform to go on after a restart where it was: Discord's session, with the number of
-- the last event that was stored.
create table listener_notes (
  channel text not null,
  account text not null,
  note jsonb not null,
  updated_at timestamp not null,
  primary key (channel, account)
);
