//! The store's `seed`.
