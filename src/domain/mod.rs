//! The vocabulary of the shop: ids, money, messages, catalogue, cart, order, payment, people.
//!
//! Plain values and the legal moves between them. Nothing here waits, reads a clock, draws an id, logs or knows a database.

pub mod cart;
pub mod catalog;
pub mod customer;
pub mod fair;
pub mod goods;
pub mod ids;
pub mod message;
pub mod money;
pub mod order;
pub mod payment;
pub mod staff;
pub mod statement;
