//! The store's `orders`.
