//! How fast somebody may write: a burst, then a steady pace.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// How much of something there may be.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// At once.
    pub burst: f64,
    /// Per second after that.
    pub per_second: f64,
}

/// What one chat posts.
pub const OF_CHAT: Pace = Pace { burst: 30.0, per_second: 4.0 };
/// What one address posts: a session costs nothing, but behind one address of a mobile network are many people.
pub const OF_ADDRESS: Pace = Pace { burst: 300.0, per_second: 20.0 };
/// Files that one address sends, besides those of people with an order: a burst, then 60 an hour.
pub const UPLOADS_OF_ADDRESS: Pace = Pace { burst: 30.0, per_second: 60.0 / 3_600.0 };
/// Names that are kept count of.
const MAX_NAMES: usize = 10_000;

/// The count of everybody who wrote lately, by name.
#[derive(Debug)]
pub struct Rate {
    pace: Pace,
    buckets: Mutex<HashMap<String, Bucket>>,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    left: f64,
    at: Instant,
}

impl Bucket {
    fn refilled(self, pace: Pace, now: Instant) -> f64 {
        let since = now.saturating_duration_since(self.at).as_secs_f64();
        (self.left + since * pace.per_second).min(pace.burst)
    }
}

impl Rate {
    /// Nobody has written yet.
    pub fn new(pace: Pace) -> Self {
        Self { pace, buckets: Mutex::default() }
    }

    /// Counts an event of somebody.
    ///
    /// # Errors
    /// The wait until the next one is welcome.
    pub fn take(&self, name: &str, now: Instant) -> Result<(), Duration> {
        let Pace { burst, per_second } = self.pace;
        let mut buckets = self.buckets.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if buckets.len() >= MAX_NAMES && !buckets.contains_key(name) {
            // Who has not written for a while is as good as new.
            buckets.retain(|_, bucket| bucket.refilled(self.pace, now) < burst);
            if buckets.len() >= MAX_NAMES {
                return Err(Duration::from_secs(1));
            }
        }
        let bucket = buckets.entry(name.to_owned()).or_insert(Bucket { left: burst, at: now });
        let left = bucket.refilled(self.pace, now);
        if left < 1.0 {
            return Err(Duration::from_secs_f64((1.0 - left) / per_second));
        }
        *bucket = Bucket { left: left - 1.0, at: now };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_then_the_pace_is_steady_and_chats_do_not_hinder_each_other() {
        let (rate, start) = (Rate::new(OF_CHAT), Instant::now());
        let passed = (0..100).filter(|_| rate.take("a", start).is_ok()).count();
        assert_eq!(passed, 30);
        let wait = rate.take("a", start).unwrap_err();
        assert_eq!(wait, Duration::from_millis(250));
        assert!(rate.take("b", start).is_ok());
        assert!(rate.take("a", start + wait).is_ok());
        assert!(rate.take("a", start + wait).is_err());
    }

    #[test]
    fn the_count_is_bounded_and_forgets_who_is_quiet() {
        let (rate, start) = (Rate::new(OF_CHAT), Instant::now());
        for chat in 0..MAX_NAMES {
            assert!(rate.take(&chat.to_string(), start).is_ok());
        }
        assert!(rate.take("one more", start).is_err());
        assert!(rate.take("one more", start + Duration::from_secs(60)).is_ok());
    }

    #[test]
    fn sessions_without_end_are_one_address() {
        let (rate, start) = (Rate::new(OF_ADDRESS), Instant::now());
        let passed = (0..2_000).filter(|_| rate.take("203.0.113.7", start).is_ok()).count();
        assert_eq!(passed, 300);
        assert!(rate.take("203.0.113.8", start).is_ok());
    }
}
