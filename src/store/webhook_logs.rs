//! The store's `webhook_logs`.
