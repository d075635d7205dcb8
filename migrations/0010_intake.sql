-- Chats that turned out to be one person's on the same channel: one conversation goes on and takes everything over.

-- The conversation that took this one over. Such a row keeps its history and is never spoken in again.
alter table conversations add column joined_into text references conversations (id);
create index idx_conversations_joined on conversations (joined_into) where joined_into is not null;

-- Who has looked a conversation up before it was taken over stores what comes in after that. The lock waits for a union
-- under way and shows the row as it is afterwards; the foreign key would take the same lock a moment later.
create function follow_joined() returns trigger language plpgsql as $$
declare
  kept text;
begin
  select joined_into into kept from conversations where id = new.conversation_id for key share;
  if kept is not null then
    new.conversation_id := kept;
  end if;
  return new;
end $$;
create trigger inbox_follow_joined before insert on inbox for each row execute function follow_joined();
