//! Amounts of their own, and proofs that are known again.
