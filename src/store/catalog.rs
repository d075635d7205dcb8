//! The store's `catalog`.
