//! What all adapters share: raw webhook requests, signatures in constant time, outcomes of calls.
//!
//! Adapters know nothing of the database, the dialogue, the locale or each other.

pub mod client;
pub mod ink;
pub mod json;
pub mod local;
pub mod pulse;
pub mod seal;
pub mod secret;
pub mod sheet;
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
    /// It may have worked: the answer was lost, and the platform takes no key that would make another try harmless.
    /// Reports of delivery decide; only when none has come after `after_ms` is it tried again.
    #[error("the outcome is not known: {reason}")]
    Unknown {
        /// For operators.
        reason: String,
        /// Milliseconds to wait for a report.
        after_ms: u64,
    },
    /// The platform itself is ill: it says so, or no connection to it comes about. Whatever is sent to it waits until it is
    /// well, and nothing is given up for that.
    #[error("the platform is out of order: {reason}")]
    Down {
        /// For operators.
        reason: String,
        /// Milliseconds that the platform asked for.
        after_ms: Option<u64>,
        /// Whether it may have worked all the same.
        may_have_worked: bool,
    },
    /// This person cannot be reached here now (the window is shut, the bot is blocked): another channel may work.
    #[error("the person cannot be reached here: {reason}")]
    Unreachable {
        /// For operators.
        reason: String,
    },
    /// The account itself does not work (its token, its billing): everything that it sends waits until somebody
    /// mends it.
    #[error("the account does not work: {reason}")]
    Stopped {
        /// For operators.
        reason: String,
    },
    /// It will not work; trying again would be wrong.
    #[error("failed for good: {reason}")]
    Fail {
        /// For operators.
        reason: String,
    },
}
