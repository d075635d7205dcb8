//! Moments for pauses: they run like the machine's own steady clock, and run ahead with the clock of the line of data
//! where that is moved by hand.

use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

/// A pause that is too short to put a message off for: it is sat out, instead of costing the message a try.
pub const SHORT_WAIT: Duration = Duration::from_millis(250);

/// A steady clock that follows another one forward and never goes back.
#[derive(Debug, Default)]
pub struct Pulse {
    /// Where both clocks stood at first.
    start: OnceLock<(DateTime<Utc>, Instant)>,
    /// By how much the other clock has run ahead of the machine's.
    ahead: Mutex<Duration>,
}

impl Pulse {
    /// Hears the moment of the other clock.
    pub fn follow(&self, now: DateTime<Utc>) {
        let (start, instant) = self.start.get_or_init(|| (now, Instant::now()));
        let passed = (now - *start).to_std().unwrap_or_default();
        let ahead = passed.saturating_sub(instant.elapsed());
        let mut known = self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        *known = ahead.max(*known);
    }

    /// The moment.
    pub fn now(&self) -> Instant {
        let ahead = *self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        now.checked_add(ahead).unwrap_or(now)
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
    }
}
