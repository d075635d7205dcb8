//! The store's `media`.
