//! HTTP: the router and its layers. Handlers translate and call the pipeline; they decide nothing.

pub mod chat;
pub mod error;
pub mod health;
pub mod media;
pub mod sandbox;
pub mod webhooks;
