//! What all adapters share: raw webhook requests, signatures in constant time, outcomes of calls.
//!
//! Adapters know nothing of the database, the dialogue, the locale or each other.

pub mod webhook;

/// Why a call to a platform or a gateway did not succeed. The adapter decides, so that the caller need not guess.
/// The texts are for operators and hold no secrets, addresses of people or words of theirs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// Worth another try, not before `after_ms` where the platform said so.
    #[error("to be tried again: {reason}")]
    Retry {
        /// For operators.
        reason: String,
        /// Milliseconds that the platform asked for.
        after_ms: Option<u64>,
    },
    /// It will not work; trying again would be wrong.
    #[error("failed for good: {reason}")]
    Fail {
        /// For operators.
        reason: String,
    },
}
