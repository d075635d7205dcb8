//! The store's `customers`.
