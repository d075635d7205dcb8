//! Warung: a server that turns a small Indonesian shop into a chat.
//!
//! One direction: each module imports only what stands above it here. `docs/architecture.md` is the map.

pub mod clock;
pub mod config;
pub mod telemetry;

pub mod cluster;

pub mod domain;

pub mod dialogue;

pub mod i18n;

pub mod store;

pub mod edge;

pub mod channels;
pub mod fakes;
pub mod payments;

pub mod pipeline;

pub mod http;

pub mod app;

pub mod convo;

pub mod cli;
