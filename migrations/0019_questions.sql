-- What customers asked and the shop's data did not answer: passed on to its people once, until they answer.
create table questions (
  id bigint generated always as identity primary key,
  store_id text not null references stores (id),
  conversation_id text not null references conversations (id),
  -- A word of understanding::Topic.
  topic text not null,
  -- As it was asked; the row goes when its person is forgotten.
  text text not null,
  -- The same in plain spelling, by which it is known when it comes again.
  words text not null,
  asked_at timestamp not null,
  -- When a person of the shop wrote to the conversation next, and who.
  answered_at timestamp,
  answered_by text references users (id)
);
create unique index questions_open on questions (conversation_id, words) where answered_at is null;
create index questions_store on questions (store_id, asked_at);
create index questions_asked on questions (asked_at);
