//! Builds everything, spawns the workers, shuts down in order.

pub mod database;
pub mod shop;
pub mod start;
pub mod workers;
