//! The store's `staff`.
