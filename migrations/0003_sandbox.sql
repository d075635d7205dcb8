-- The secret by which the sandbox gateway signs its notices: one per database, so that every process on it agrees.
create table sandbox_secret (
  id boolean primary key default true check (id),
  secret text not null
);
