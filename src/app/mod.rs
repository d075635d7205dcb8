//! Builds everything, spawns the workers, shuts down in order.

pub mod start;
pub mod workers;
