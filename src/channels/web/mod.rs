//! The web chat's channel.
