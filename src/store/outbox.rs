//! The store's `outbox`.
