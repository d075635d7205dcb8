//! The server's `health`.
