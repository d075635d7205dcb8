//! The core: one event in, one turn out. [`step::step`] decides and nothing here ever acts.
//!
//! Invariants, each an absence: nothing in this folder waits, fails, reads a clock, draws an id, logs, or knows a
//! database, a channel or a locale's words. The same inputs give the same turn, byte for byte.
//! A decision that needs one more fact gets it through [`world::World`].

pub mod brake;
pub mod conversation;
pub mod effect;
pub mod event;
pub mod examples;
pub mod flow;
mod heard;
pub mod reply;
pub mod step;
pub mod understand;
pub mod value;
pub mod world;
