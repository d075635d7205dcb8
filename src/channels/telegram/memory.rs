//! What a bot remembers between sends, in memory and bounded: a restart forgets it and nothing is lost by that.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Messages of which a part was sent and another was not.
const MAX_HALF_SENT: usize = 256;
/// Chats that show the keyboard which shares a phone number or a place.
const MAX_KEYBOARDS: usize = 1_000;

/// The memory of one bot.
#[derive(Default)]
pub(super) struct Memory {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    /// How many parts of a row of the outbox have reached the chat.
    half_sent: BTreeMap<(i64, String), usize>,
    keyboards: BTreeSet<String>,
}

impl Memory {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many parts of a message are there already, so that another try sends only the others.
    pub(super) fn sent(&self, outbox_id: i64, chat: &str) -> usize {
        self.lock().half_sent.get(&(outbox_id, chat.to_owned())).copied().unwrap_or(0)
    }

    /// Remembers it, or forgets it when all are there.
    pub(super) fn set_sent(&self, outbox_id: i64, chat: &str, parts: Option<usize>) {
        let mut inner = self.lock();
        let key = (outbox_id, chat.to_owned());
        match parts {
            None => {
                inner.half_sent.remove(&key);
            }
            Some(parts) => {
                inner.half_sent.insert(key, parts);
                if inner.half_sent.len() > MAX_HALF_SENT {
                    inner.half_sent.pop_first();
                }
            }
        }
    }

    /// Whether a chat shows the keyboard.
    pub(super) fn has_keyboard(&self, chat: &str) -> bool {
        self.lock().keyboards.contains(chat)
    }

    /// Remembers whether it does.
    pub(super) fn set_keyboard(&self, chat: &str, shown: bool) {
        let mut inner = self.lock();
        if !shown {
            inner.keyboards.remove(chat);
        } else if inner.keyboards.len() < MAX_KEYBOARDS {
            inner.keyboards.insert(chat.to_owned());
        }
    }
}
