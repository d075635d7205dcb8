//! The store's `carts`.
