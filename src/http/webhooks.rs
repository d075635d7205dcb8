//! The server's `webhooks`.
