//! What the stories share: a database of one's own, and the program itself as a child process.

mod program;
mod wire;

pub use program::{Program, free_port};
pub use wire::{answer, awaited, person, post, press, reaches, says, session, settles, text};

use warung::cluster::testing::{ThrowAway, throw_away_database};

/// A fresh, migrated database, dropped at the end of the test.
pub async fn database() -> ThrowAway {
    match throw_away_database(&warung::store::MIGRATOR).await {
        Ok(database) => database,
        Err(error) => panic!("{error}"),
    }
}
