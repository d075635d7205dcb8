//! Moments for pauses: they run like the machine's own steady clock, and go with the clock of the line of data where that is
//! moved by hand.

use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

/// A pause that is too short to put a message off for: it is sat out, instead of costing the message a try.
pub const SHORT_WAIT: Duration = Duration::from_millis(250);

/// A steady clock that follows another one: it stands where that one stood when it was last heard of, and runs on from there,
/// unless that one only moves by hand. Where the other one is moved back it goes on as if nothing had happened.
#[derive(Debug, Default)]
pub struct Pulse {
    /// Where both clocks stood at first.
    start: OnceLock<(DateTime<Utc>, Instant)>,
    last: Mutex<Option<Heard>>,
}

#[derive(Debug, Clone, Copy)]
struct Heard {
    /// How far the other clock had come.
    passed: Duration,
    /// When that was; nothing where it stands until it is moved. What a slow machine needs is no time of such a clock.
    at: Option<Instant>,
}

impl Pulse {
    /// Hears the moment of the other clock.
    pub fn follow(&self, now: DateTime<Utc>, is_fixed: bool) {
        let heard = Instant::now();
        let (start, _) = self.start.get_or_init(|| (now, heard));
        let passed = (now - *start).to_std().unwrap_or_default();
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.is_none_or(|known| passed >= known.passed) {
            *last = Some(Heard { passed, at: (!is_fixed).then_some(heard) });
        }
    }

    /// The moment.
    pub fn now(&self) -> Instant {
        let last = *self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let moment = self.start.get().zip(last).and_then(|((_, start), heard)| {
            let since = heard.at.map(|at| at.elapsed()).unwrap_or_default();
            start.checked_add(heard.passed)?.checked_add(since)
        });
        moment.unwrap_or_else(Instant::now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_moved_by_hand_is_followed_exactly() {
        let pulse = Pulse::default();
        let start = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        pulse.follow(start, true);
        let before = pulse.now();
        assert_eq!(pulse.now(), before, "it stands until it is moved");
        let five_minutes = Duration::from_secs(300);
        pulse.follow(start + five_minutes, true);
        assert_eq!(pulse.now() - before, five_minutes);
        pulse.follow(start - five_minutes, true);
        assert_eq!(pulse.now() - before, five_minutes, "one that is moved back lengthens no pause");
        pulse.follow(start + five_minutes, true);
        assert_eq!(
            pulse.now() - before,
            five_minutes,
            "what is decided later at one moment is decided at that moment"
        );
    }

    #[test]
    fn a_clock_that_runs_runs_on_between_two_moments() {
        let pulse = Pulse::default();
        pulse.follow(DateTime::UNIX_EPOCH, false);
        let before = pulse.now();
        while Instant::now() <= before {}
        assert!(pulse.now() > before);
    }
}
