//! Payments: attempts to pay an order, each move guarded by the state that it comes from and noted in the audit log.

mod rows;
mod write;

pub use rows::{
    Locked, Told, last_of_order, lock, lock_pending, lock_reference, lock_short, named, order_of, silent,
};
pub use write::{
    Action, NewPayment, attempt, claim, insert, insert_surplus, mark_others_surplus, mark_surplus_if_second,
    move_to, next_attempt, note_notice, note_received, set_charge, take_out,
};
