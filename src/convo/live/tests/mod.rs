//! What scripts cannot say: random histories, and faults that need more than one process.

mod cases;
mod histories;
