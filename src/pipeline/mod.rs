//! The line of data: accept stores, turn decides and commits, dispatch sends, timers wake.
//!
//! Everything from outside comes in through [`accept`], is handled by [`turn`] in one transaction under the lock of
//! its conversation, and leaves through [`dispatch`]. Conversations speak to each other through the inbox too.

pub mod effects;
pub mod work;
