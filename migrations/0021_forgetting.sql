-- Forgetting a person: their addresses go at once, the last words to them when they have been read.

-- From when on a message to a person who was forgotten, and the chat that it goes to, are wiped: as soon as it is sent, or given
-- up; on the page, which shows what is stored, a while later.
alter table outbox add column wipe_at timestamp;
-- What is to be wiped, and the last words of a chat that leads nowhere any more.
create index idx_outbox_wipe on outbox (wipe_at) where wipe_at is not null;
create index idx_outbox_farewell on outbox (channel, chat) where wipe_at is not null;

-- All that came in from one chat, also what was handled.
create index idx_inbox_conversation on inbox (conversation_id, id);
-- The platforms' ids of one file.
create index idx_uploads_hash on uploads (hash);
