//! Orders: rows, lines, history and numbers. `rows` reads them, `write` writes them, `lists` finds many.

mod lists;
mod rows;
mod write;

pub use lists::{Listed, Today, for_customer, for_staff, newest_of_customer, number_to_id, today};
pub use rows::{Extra, Locked, SOLD_OUT, load, lock};
pub use write::{
    NewOrder, exchange, insert, last_move, merge_extra, next_number, set_payment, set_shipment, set_status,
};
