-- The platform's id of the person of a chat, where it has one that nobody else ever gets. A phone number passes from one
-- person to the next; two chats with different ids of persons are two people's, whatever number both have had.
alter table conversations add column person_id text;
-- WhatsApp's business-scoped user ids, as they have been kept among the names of a chat so far.
update conversations set person_id = chat
where channel = 'whatsapp' and chat ~ '^[A-Z]{2}\.(ENT\.)?[0-9A-Za-z]{1,128}$';
update conversations c set person_id = a.alias from chat_aliases a
where a.conversation_id = c.id and c.person_id is null and a.channel = 'whatsapp'
  and a.alias ~ '^[A-Z]{2}\.(ENT\.)?[0-9A-Za-z]{1,128}$';
