//! Builds everything, spawns the workers, shuts down in order.

pub mod accounts;
pub mod announce;
pub mod database;
pub mod doors;
pub mod gateways;
pub mod listeners;
pub mod live;
mod reach;
pub mod shop;
pub mod start;
pub mod workers;
