//! Somebody beside the adapters who watches what is sent: scripted conversations compare it, and break sends on channels
//! that have no wire which could break. No adapter is wrapped for that, so that what is tested is what runs.

use crate::channels::{Receipt, Send};
use crate::edge::CallError;

/// What came of a send.
pub type Result = std::result::Result<Receipt, CallError>;

/// Watches. Nothing but a test does.
pub trait Witness: std::marker::Send + Sync {
    /// A message is about to go to its adapter. An answer is what comes of it instead: the adapter is not asked.
    fn before(&self, send: &Send<'_>) -> Option<Result>;

    /// What came of it.
    fn after(&self, send: &Send<'_>, result: &Result);
}
