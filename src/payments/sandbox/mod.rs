//! The sandbox gateway.
