-- Codes that nobody has, as they were tried: who tries too often is not listened to for a while. A row is of no use after an hour.
create table code_guesses (
  id bigint generated always as identity primary key,
  store_id text not null references stores (id),
  conversation_id text not null references conversations (id) on delete cascade,
  -- What the code would have opened: 'staff', 'join'.
  kind text not null,
  guessed_at timestamp not null
);
create index code_guesses_store on code_guesses (store_id, kind, guessed_at);
create index code_guesses_conversation on code_guesses (conversation_id, kind, guessed_at);
