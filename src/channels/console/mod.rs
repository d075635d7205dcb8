//! The terminal's channel.
