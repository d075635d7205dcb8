//! Moments for pauses: they run like the machine's own steady clock, and go with the clock of the line of data where that is
//! moved by hand.

use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

/// A pause that is too short to put a message off for: it is sat out, instead of costing the message a try.
pub const SHORT_WAIT: Duration = Duration::from_millis(250);

/// A steady clock that follows another one: it stands where that one stood when it was last heard of, and runs on from there.
/// Where the other one is moved back it runs on as if nothing had happened.
#[derive(Debug, Default)]
pub struct Pulse {
    /// Where both clocks stood at first.
    start: OnceLock<(DateTime<Utc>, Instant)>,
    /// How far the other clock had come when it was last heard of, and when that was.
    last: Mutex<Option<(Duration, Instant)>>,
}

impl Pulse {
    /// Hears the moment of the other clock.
    pub fn follow(&self, now: DateTime<Utc>) {
        let heard = Instant::now();
        let (start, _) = self.start.get_or_init(|| (now, heard));
        let passed = (now - *start).to_std().unwrap_or_default();
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        // A clock that stands still takes back what has passed here since: what a slow machine needs is no time of its own.
        if last.is_none_or(|(known, _)| passed >= known) {
            *last = Some((passed, heard));
        }
    }

    /// The moment.
    pub fn now(&self) -> Instant {
        let last = *self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let moment = self.start.get().zip(last).and_then(|((_, start), (passed, heard))| {
            start.checked_add(passed)?.checked_add(heard.elapsed())
        });
        moment.unwrap_or_else(Instant::now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_moved_forward_ends_pauses_and_one_that_is_moved_back_does_not_lengthen_them() {
        let pulse = Pulse::default();
        let start = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        pulse.follow(start);
        let before = pulse.now();
        pulse.follow(start + chrono::Duration::minutes(5));
        let after = pulse.now();
        assert!(after - before > Duration::from_secs(299), "{:?}", after - before);
        pulse.follow(start - chrono::Duration::days(1));
        assert!(pulse.now() >= after);
        // What is decided at one moment of a clock that stands still is decided at one moment here, however long it takes.
        pulse.follow(start + chrono::Duration::minutes(5));
        let again = pulse.now();
        assert!(again - before < Duration::from_secs(301), "{:?}", again - before);
    }
}
