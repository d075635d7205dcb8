//! Payments: attempts to pay an order, each move guarded by the state that it comes from and noted in the audit log.

mod rows;
mod write;

pub use rows::{Locked, conversation_of, last_of_order, lock, lock_pending, lock_reference, order_of};
pub use write::{
    Action, NewPayment, NewRefund, attempt, insert, insert_refund, insert_surplus, move_to, next_attempt,
    note_notice, note_received, set_charge,
};
