//! The store's `conversations`.
