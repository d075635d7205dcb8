-- What the server signs with what it gives out, by what it is for: the same for every process, made at the first start.
create table server_keys (
  name text primary key,
  -- 64 hex digits.
  key text not null,
  created_at timestamp not null
);

-- Whose room a file of the page takes: that of a shop, and in it that of people of one standing (store::uploads::Standing).
alter table page_uploads add column store_id text references stores (id);
alter table page_uploads add column standing text not null default 'stranger';
create index page_uploads_counted on page_uploads (store_id, created_at);
