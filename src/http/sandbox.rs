//! The server's `sandbox`.
