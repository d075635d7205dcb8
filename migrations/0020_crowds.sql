-- How often customers make a staff chat ring.
create index idx_inbox_rings on inbox (conversation_id, received_at)
  where external_id like 'wanted:%' or external_id like 'said:%' or external_id like 'staff.question:%';

-- The shop's people are in chats of two. A group that was made a staff chat showed every member what belongs to the shop; it is
-- one no longer, and whoever works there links a chat of their own. What still waits to be written there is not written.
update conversations set staff_id = null where channel = 'telegram' and chat like '-%' and staff_id is not null;
update outbox set state = 'dead', error = 'groups are not written to'
where lane = 'message' and channel = 'telegram' and chat like '-%' and state = 'queued';
