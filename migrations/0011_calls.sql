-- When a platform that reports what became of messages was last asked to take this one, while its answer is not known.
-- A process that died in between leaves it here: the report decides, and only after a while the message goes again.
alter table outbox add column called_at timestamp;
