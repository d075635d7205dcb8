//! The store's `stores`.
