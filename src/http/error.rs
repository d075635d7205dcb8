//! The server's `error`.
