-- Files that the chat page has sent ahead of the messages that name them, of the last hour.
create table page_uploads (
  id text primary key,
  chat text not null,
  mime text not null,
  -- Gone once the message was read and the file is kept elsewhere, or was not wanted; the row stays to be counted.
  bytes bytea,
  created_at timestamp not null
);
create index idx_page_uploads_created on page_uploads (created_at);
