//! Stories of the whole program on a real database, in one binary: one scratch cluster serves them all.

#![expect(clippy::unwrap_used, reason = "a test whose facts cannot be had has failed")]

mod support;

mod attacks;
mod channels;
mod conversations;
mod doors;
mod flood;
mod groups;
mod journal;
mod operate;
mod payments;
mod platform;
mod roles;
mod sandbox;
