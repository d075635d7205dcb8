//! Stories of the whole program on a real database, in one binary: one scratch cluster serves them all.

mod support;

mod operate;
mod platform;
mod sandbox;
