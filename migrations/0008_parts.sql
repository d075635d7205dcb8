-- How many messages of the platform a row has become so far: after a crash none of them is sent twice.
alter table outbox add column parts_sent integer not null default 0;
