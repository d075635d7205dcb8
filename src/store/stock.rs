//! The store's `stock`.
