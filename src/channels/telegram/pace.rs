//! Writing no faster than the platform likes, and leaving alone what it asks to leave alone.
//!
//! About 30 messages a second overall (core.telegram.org/bots/faq, "My bot is hitting limits"). Past its limits the
//! platform says `retry_after` and does not say whether it means the chat or the bot.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::edge::pulse::Pulse;

/// Time between two messages when there are many.
const SPACING: Duration = Duration::from_millis(34);
/// How far a burst may run ahead of the spacing.
const BURST: Duration = Duration::from_secs(1);
/// How long a message waits for its turn before it goes back to the outbox.
const MAX_WAIT: Duration = Duration::from_secs(2);
/// Chats that are remembered as paused; past this all of them are.
const MAX_PAUSED_CHATS: usize = 1_000;
/// Chats that are refused at the same time before it is taken for a limit of the whole bot.
const CHATS_THAT_MEAN_ALL: usize = 3;

/// The pauses and the pace of one bot.
#[derive(Default)]
pub(super) struct Pace {
    /// What time it is.
    pub(super) pulse: Pulse,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    all_until: Option<Instant>,
    chats: HashMap<String, Instant>,
    /// When the next message would go out if none had run ahead.
    next: Option<Instant>,
}

impl Pace {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How long a chat is still to be left alone.
    pub(super) fn left(&self, chat: &str, now: Instant) -> Option<Duration> {
        let inner = self.lock();
        let until = inner.all_until.max(inner.chats.get(chat).copied())?;
        until.checked_duration_since(now).filter(|left| !left.is_zero())
    }

    /// Leaves a chat alone, and everybody when several chats are refused at the same time.
    pub(super) fn pause(&self, chat: &str, seconds: u64, now: Instant) {
        let Some(until) = now.checked_add(Duration::from_secs(seconds)) else { return };
        let mut inner = self.lock();
        inner.chats.retain(|_, until| *until > now);
        if inner.chats.len() < MAX_PAUSED_CHATS {
            inner.chats.insert(chat.to_owned(), until);
        } else {
            inner.all_until = inner.all_until.max(Some(until));
        }
        if inner.chats.len() >= CHATS_THAT_MEAN_ALL {
            inner.all_until = inner.all_until.max(Some(until));
        }
    }

    /// Leaves everybody alone.
    pub(super) fn pause_all(&self, seconds: u64, now: Instant) {
        let mut inner = self.lock();
        inner.all_until = inner.all_until.max(now.checked_add(Duration::from_secs(seconds)));
    }

    /// Takes the turn of one message: how long to wait for it, or the time until it would come when that is too long
    /// to wait here. A turn that is too far away is not taken.
    pub(super) fn turn(&self, now: Instant) -> Result<Duration, Duration> {
        let mut inner = self.lock();
        let next = inner.next.map_or(now, |next| next.max(now));
        let wait = next.duration_since(now).saturating_sub(BURST);
        if wait > MAX_WAIT {
            return Err(wait);
        }
        inner.next = Some(next + SPACING);
        Ok(wait)
    }
}
