//! The store's `payments`.
