//! Scripted conversations: files that say what happens and what must come of it, played on the real line of data.
//!
//! `script` is a file as a value, `parse` reads it, `play` plays it in a [`world::World`], `matching` compares, `bless`
//! writes recorded lines back, `run` plays whole folders, `report` and `coverage` tell.
//! `docs/conversations.md` is the manual of the format.

mod check;
mod cursor;
mod directives;
mod orders;
mod probe;
mod recorder;
mod shops;
mod verbs;

pub mod bless;
pub mod botium;
pub mod coverage;
pub mod databases;
pub mod live;
pub mod matching;
mod neutral;
pub mod parse;
pub mod play;
pub mod report;
pub mod run;
pub mod script;
pub mod world;

#[cfg(test)]
mod fake;
#[cfg(test)]
mod parse_tests;
#[cfg(test)]
mod play_tests;
