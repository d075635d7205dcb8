//! The small shop's way of being paid: its printed code, an amount of its own for each open order, and proofs.

mod amounts;
mod codes;
mod proofs;

pub use amounts::{
    MAX_DISCOUNT_RUPIAH, Match, QUARANTINE_DAYS, Taken, Waiting, matching, of_order, take, waiting,
    was_any_taken,
};
pub use codes::{Code, clear, current, newest_offer, offer, offered, put_in_use};
pub use proofs::{
    Alike, NewProof, alike, count_of_order, insert_proof, last_said, order_of_attachment, waiting_order,
};

#[cfg(test)]
mod tests;
