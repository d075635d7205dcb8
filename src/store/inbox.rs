//! The store's `inbox`.
