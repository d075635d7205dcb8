-- Files that the chat page has sent ahead and whose message has not been read yet.
create table page_uploads (
  id text primary key,
  mime text not null,
  bytes bytea not null,
  created_at timestamp not null
);
create index idx_page_uploads_created on page_uploads (created_at);
