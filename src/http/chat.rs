//! The server's `chat`.
