//! Forgetting a person, and handing out what is known of them. Both go by the [`REGISTER`] of every table and column;
//! `docs/privacy.md` says what is kept, how long, and why.

mod elsewhere;
mod erase;
mod export;
mod mask;
mod person;
mod register;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

pub use self::erase::{hand_over, tidy, wipe};
pub use self::export::{export, file_of};
pub use self::mask::Mask;
pub use self::person::Person;
pub use self::register::{Fate, REGISTER, Table};

/// Takes a person out of the database, and keeps the bookkeeping: orders with their amounts, dates and items, payments, and of
/// receipts the hash by which they are known again. `placeholder` stands where they are named in what the shop's people have
/// read. Messages that still wait keep their address until they are sent; see [`wipe`].
///
/// The caller has gathered the person in the same transaction, before anything of them was changed.
///
/// # Errors
/// [`sqlx::Error`] when the database fails, or the register names a table that nothing is written for.
pub async fn forget(
    connection: &mut PgConnection,
    person: &Person,
    placeholder: &str,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let mask = Mask::new(person, &names_of_goods(connection, person).await?, placeholder);
    for table in REGISTER.iter().filter(|table| table.is_touched()) {
        let is_erased = erase::erase(connection, person, table.name, now).await?;
        let is_searched = elsewhere::search(connection, person, &mask, table.name).await?;
        if !is_erased && !is_searched {
            return Err(sqlx::Error::Protocol(format!("nobody forgets {}", table.name)));
        }
    }
    Ok(())
}

/// What the shop and its goods are called.
async fn names_of_goods(connection: &mut PgConnection, person: &Person) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select name as "name!" from stores where id = $1
           union select name from products where store_id = $1
           union select v.name from product_variants v join products p on p.id = v.product_id where p.store_id = $1
           union select p.metadata #>> '{names,en}' from products p
             where p.store_id = $1 and p.metadata #>> '{names,en}' is not null"#,
        person.store,
    )
    .fetch_all(connection)
    .await
}
