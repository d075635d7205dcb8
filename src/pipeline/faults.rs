//! Places at which scripted conversations and tests make the process die, to show that nothing is lost or repeated.
//!
//! Nothing but a test arms them, and an unarmed place costs one relaxed load.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use super::PipelineError;

/// Every place, in the order of the line of data.
pub const POINTS: &[&str] = &[
    "accept.before_commit",
    "accept.after_commit",
    "turn.after_lock",
    "turn.before_commit",
    "turn.after_commit",
    "dispatch.before_send",
    "dispatch.after_send",
    "call.after_answer",
];

/// Armed places.
#[derive(Debug, Default)]
pub struct Faults {
    any: AtomicBool,
    armed: Mutex<HashMap<&'static str, u32>>,
}

impl Faults {
    /// Makes the process die the next `times` times that it comes to a place. Returns false for an unknown place.
    pub fn arm(&self, point: &str, times: u32) -> bool {
        let Some(point) = POINTS.iter().find(|known| **known == point) else { return false };
        let mut armed = self.armed.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        armed.insert(point, times);
        self.any.store(true, Ordering::Relaxed);
        true
    }

    /// Dies here if armed.
    ///
    /// # Errors
    /// [`PipelineError::Killed`].
    pub fn pass(&self, point: &'static str) -> Result<(), PipelineError> {
        if !self.any.load(Ordering::Relaxed) {
            return Ok(());
        }
        let mut armed = self.armed.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        match armed.get_mut(point) {
            Some(times) if *times > 0 => {
                *times -= 1;
                Err(PipelineError::Killed(point))
            }
            _ => Ok(()),
        }
    }
}
