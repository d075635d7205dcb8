-- The secret by which the sandbox gateway signs its notices: one per database, so that every process on it agrees.
create table sandbox_secret (
  single boolean primary key default true check (single),
  secret text not null
);
