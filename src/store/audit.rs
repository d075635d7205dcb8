//! The store's `audit`.
