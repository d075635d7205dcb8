//! Time and fresh ids: the only place that asks the system for either. Everything else is given a moment or an id.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{DateTime, Duration, Utc};

/// Tells the time and draws ids. Tests and scripted conversations use [`Clock::fixed`], whose time only moves when told.
#[derive(Debug)]
pub struct Clock {
    fixed: Option<Mutex<DateTime<Utc>>>,
    seed: Option<u64>,
    drawn: AtomicU64,
}

impl Clock {
    /// The system's time and random ids.
    pub fn system() -> Self {
        Self { fixed: None, seed: None, drawn: AtomicU64::new(0) }
    }

    /// A clock that stands at a moment until [`Clock::advance`] moves it, with ids that repeat for the same seed.
    pub fn fixed(now: DateTime<Utc>, seed: u64) -> Self {
        Self { fixed: Some(Mutex::new(now)), seed: Some(seed), drawn: AtomicU64::new(0) }
    }

    /// The moment, in whole microseconds, because that is what a column keeps.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that asks the system")]
    pub fn now(&self) -> DateTime<Utc> {
        let now = match &self.fixed {
            None => Utc::now(),
            Some(fixed) => *fixed.lock().unwrap_or_else(std::sync::PoisonError::into_inner),
        };
        DateTime::from_timestamp_micros(now.timestamp_micros()).unwrap_or(now)
    }

    /// Whether it only moves by hand.
    pub fn is_fixed(&self) -> bool {
        self.fixed.is_some()
    }

    /// Moves a fixed clock on. A system clock does not move by hand.
    pub fn advance(&self, by: Duration) {
        if let Some(fixed) = &self.fixed {
            let mut now = fixed.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            *now += by;
        }
    }

    /// A fresh id in the form of the shared schema: cuid2, 24 characters.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that draws ids")]
    pub fn id(&self) -> String {
        let Some(seed) = self.seed else { return cuid2::create_id() };
        let number = self.drawn.fetch_add(1, Ordering::Relaxed);
        // Ids of one seeded run differ from those of another run on the same database, and look like any other id.
        format!("t{:023x}", u128::from(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15)) << 24 | u128::from(number))
    }

    /// A fresh secret of 128 random bits in hex. Never repeats, also where ids do.
    pub fn secret(&self) -> String {
        hex::encode(rand::random::<[u8; 16]>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_clock_moves_only_by_hand_and_its_ids_repeat() {
        let start = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
        let (one, two) = (Clock::fixed(start, 7), Clock::fixed(start, 7));
        assert_eq!(one.now(), start);
        one.advance(Duration::minutes(16));
        assert_eq!(one.now() - start, Duration::minutes(16));
        let drawn: Vec<_> = (0..3).map(|_| one.id()).collect();
        assert_eq!(drawn, (0..3).map(|_| two.id()).collect::<Vec<_>>());
        assert_ne!(drawn[0], drawn[1]);
        assert_eq!(drawn[0].len(), 24);
    }

    #[test]
    fn system_ids_are_cuids() {
        assert_eq!(Clock::system().id().len(), 24);
    }
}
