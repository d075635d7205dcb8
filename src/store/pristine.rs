//! A database that remembers how it was, so that one run after another begins in it anew. For throw-away databases only:
//! making and dropping one takes ten times as long as putting its rows back, and its connections keep their plans.

use sqlx::PgConnection;

/// Keeps a copy of every row and of every sequence in a schema of its own.
const KEEP: &str = r#"
do $$
declare kept record;
begin
  create schema pristine;
  for kept in
    select c.relname from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' order by 1
  loop
    execute format('create table pristine.%1$I as table public.%1$I', kept.relname);
  end loop;
  create table pristine.sequences_kept (name text primary key, value bigint not null, is_called boolean not null);
  for kept in
    select c.relname from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'S' order by 1
  loop
    execute format(
      'insert into pristine.sequences_kept select %1$L, last_value, is_called from public.%1$I', kept.relname
    );
  end loop;
end $$"#;

/// Puts every row and every sequence back. Triggers and foreign keys rest meanwhile, because what was kept held together.
/// Refuses while anybody else is in the middle of something, whose rows would otherwise come after the restoring.
const RESTORE: &str = r#"
do $$
declare kept record;
begin
  if exists (
    select from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and state is distinct from 'idle'
  ) or exists (
    select from pg_locks l join pg_database d on d.oid = l.database
    where d.datname = current_database() and l.locktype = 'advisory'
  ) then
    raise exception 'the database is in use';
  end if;
  set local session_replication_role = replica;
  for kept in
    -- What a table works out by itself cannot be put back, and is the same again.
    select c.relname, string_agg(quote_ident(a.attname), ', ' order by a.attnum) as columns
    from pg_class c join pg_attribute a on a.attrelid = c.oid
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
      and a.attgenerated = ''
    group by c.relname order by c.relname
  loop
    execute format('delete from public.%I', kept.relname);
    execute format(
      'insert into public.%1$I (%2$s) overriding system value select %2$s from pristine.%1$I', kept.relname, kept.columns
    );
  end loop;
  for kept in select name, value, is_called from pristine.sequences_kept loop
    perform setval(format('public.%I', kept.name)::regclass, kept.value, kept.is_called);
  end loop;
end $$"#;

/// Keeps how the database is now.
///
/// # Errors
/// [`sqlx::Error`] when the server refuses.
pub async fn keep(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(KEEP).execute(connection).await.map(drop)
}

/// Makes the database what it was when it was [kept](keep).
///
/// # Errors
/// [`sqlx::Error`] when the server refuses: somebody is in the middle of something, the user may not suspend triggers, or
/// the tables are others by now. Then nothing has changed, and the database should be dropped.
pub async fn restore(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(RESTORE).execute(connection).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::testing::throw_away_database;

    #[tokio::test]
    async fn a_restored_database_has_the_rows_and_the_sequences_that_were_kept() {
        let database = throw_away_database(&crate::store::MIGRATOR).await.unwrap();
        let mut connection = database.pool.acquire().await.unwrap();
        let insert = "insert into users (id, email, name, password_hash) values ('u1', 'one', '', ''); select nextval('inventory_movements_position')";
        let change = "update users set email = 'changed'; insert into users (id, email, name, password_hash)
                        values ('u2', 'two', '', '');
                      select nextval('inventory_movements_position')";
        let state = "select string_agg(email, ',' order by id) || ' ' || nextval('inventory_movements_position') from users";
        sqlx::raw_sql(insert).execute(&mut *connection).await.unwrap();
        keep(&mut connection).await.unwrap();
        let before: String = sqlx::query_scalar(state).fetch_one(&mut *connection).await.unwrap();
        sqlx::raw_sql(change).execute(&mut *connection).await.unwrap();
        restore(&mut connection).await.unwrap();
        let after: String = sqlx::query_scalar(state).fetch_one(&mut *connection).await.unwrap();
        assert_eq!((before.as_str(), after.as_str()), ("one 2", "one 2"));
    }

    #[tokio::test]
    async fn a_database_in_which_somebody_is_in_the_middle_of_something_is_not_restored() {
        let database = throw_away_database(&crate::store::MIGRATOR).await.unwrap();
        let mut connection = database.pool.acquire().await.unwrap();
        keep(&mut connection).await.unwrap();
        let mut open = database.pool.begin().await.unwrap();
        sqlx::query("select 1").execute(&mut *open).await.unwrap();
        assert!(restore(&mut connection).await.is_err());
        open.rollback().await.unwrap();
        restore(&mut connection).await.unwrap();
    }
}
