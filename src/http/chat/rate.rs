//! How fast one chat may write: a small burst, then a steady pace.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Events that a chat may post at once.
const BURST: f64 = 30.0;
/// Events per second after that.
const PER_SECOND: f64 = 4.0;
/// Chats that are kept count of.
const MAX_CHATS: usize = 10_000;

/// The count of every chat that wrote lately.
#[derive(Debug, Default)]
pub struct Rate(Mutex<HashMap<String, Bucket>>);

#[derive(Debug, Clone, Copy)]
struct Bucket {
    left: f64,
    at: Instant,
}

impl Bucket {
    fn refilled(self, now: Instant) -> f64 {
        let since = now.saturating_duration_since(self.at).as_secs_f64();
        (self.left + since * PER_SECOND).min(BURST)
    }
}

impl Rate {
    /// Counts an event of a chat.
    ///
    /// # Errors
    /// The wait until the next one is welcome.
    pub fn take(&self, chat: &str, now: Instant) -> Result<(), Duration> {
        let mut buckets = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if buckets.len() >= MAX_CHATS && !buckets.contains_key(chat) {
            // Who has not written for a while is as good as new.
            buckets.retain(|_, bucket| bucket.refilled(now) < BURST);
            if buckets.len() >= MAX_CHATS {
                return Err(Duration::from_secs(1));
            }
        }
        let bucket = buckets.entry(chat.to_owned()).or_insert(Bucket { left: BURST, at: now });
        let left = bucket.refilled(now);
        if left < 1.0 {
            return Err(Duration::from_secs_f64((1.0 - left) / PER_SECOND));
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
        let (rate, start) = (Rate::default(), Instant::now());
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
        let (rate, start) = (Rate::default(), Instant::now());
        for chat in 0..MAX_CHATS {
            assert!(rate.take(&chat.to_string(), start).is_ok());
        }
        assert!(rate.take("one more", start).is_err());
        assert!(rate.take("one more", start + Duration::from_secs(60)).is_ok());
    }
}
