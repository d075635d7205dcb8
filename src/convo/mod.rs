//! Scripted conversations: files that say what happens and what must come of it, played on the real line of data.
//!
//! `script` is a file as a value, `parse` reads it, `run` plays it in a [`world::World`], `matching` compares, `bless`
//! writes recorded lines back, `report` and `coverage` tell. `docs/conversations.md` is the manual of the format.

mod cursor;
mod verbs;

pub mod parse;
pub mod script;

#[cfg(test)]
mod parse_tests;
