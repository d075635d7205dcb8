//! What a process remembers of its sends: parts that went out already, and people who get messages too fast.
//!
//! What is kept here keeps a retry within one process from repeating parts, also those of which only a status told. The
//! row of the outbox has the same number for the next process.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::channels::Upload;

/// Rows of which something is remembered.
const MAX_ROWS: usize = 4_096;
/// People of whom something is remembered.
const MAX_PEOPLE: usize = 4_096;
/// The base of the waits after too many messages to one person (Meta: 4^X seconds).
const PAIR_BASE_SECONDS: u64 = 4;
/// The largest X.
const MAX_PAIR_POWER: u32 = 5;

/// How far a row of the outbox has got.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Progress {
    /// Of how many parts, as far as is known.
    pub parts: Option<usize>,
    /// How many of them, from the first, the platform has.
    pub sent: usize,
    /// The picture that was uploaded for it.
    pub uploaded: Option<Upload>,
}

/// A map that forgets what came first.
#[derive(Debug)]
struct Bounded<K, V> {
    values: BTreeMap<K, V>,
    order: VecDeque<K>,
    max: usize,
}

impl<K: Ord + Clone, V: Default> Bounded<K, V> {
    fn new(max: usize) -> Self {
        Self { values: BTreeMap::new(), order: VecDeque::new(), max }
    }

    fn entry(&mut self, key: K) -> &mut V {
        if !self.values.contains_key(&key) {
            self.order.push_back(key.clone());
            if self.order.len() > self.max
                && let Some(oldest) = self.order.pop_front()
            {
                self.values.remove(&oldest);
            }
        }
        self.values.entry(key).or_default()
    }

    fn remove(&mut self, key: &K) {
        if self.values.remove(key).is_some() {
            self.order.retain(|other| other != key);
        }
    }
}

#[derive(Debug)]
struct Inner {
    rows: Bounded<i64, Progress>,
    /// How often in a row a person got too many messages, by account and chat.
    pairs: Bounded<(String, String), u32>,
}

/// The memory.
#[derive(Debug)]
pub(super) struct Memory {
    inner: Mutex<Inner>,
}

impl Default for Memory {
    fn default() -> Self {
        Self { inner: Mutex::new(Inner { rows: Bounded::new(MAX_ROWS), pairs: Bounded::new(MAX_PEOPLE) }) }
    }
}

impl Memory {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The picture that was uploaded for a row in an earlier try.
    pub(super) fn uploaded(&self, row: i64) -> Option<Upload> {
        self.lock().rows.values.get(&row).and_then(|progress| progress.uploaded.clone())
    }

    /// Keeps the picture of a row for its next try.
    pub(super) fn keep_upload(&self, row: i64, upload: Option<Upload>) {
        self.lock().rows.entry(row).uploaded = upload;
    }

    /// How many of a row's parts the platform has. A row that is now cut into another number of parts starts anew.
    pub(super) fn start(&self, row: i64, parts: usize) -> usize {
        let mut inner = self.lock();
        let Some(progress) = inner.rows.values.get_mut(&row) else { return 0 };
        if progress.parts.is_some_and(|before| before != parts) {
            progress.sent = 0;
        }
        progress.parts = Some(parts);
        // The last part is never skipped: the caller asks because the row has not been sent.
        progress.sent.min(parts.saturating_sub(1))
    }

    /// Notes that the platform has a part. `parts` is how many there are, where it is known.
    pub(super) fn note_sent(&self, row: i64, part: usize, parts: Option<usize>) {
        let mut inner = self.lock();
        let progress = inner.rows.entry(row);
        progress.parts = parts.or(progress.parts);
        progress.sent = progress.sent.max(part.saturating_add(1));
    }

    /// Forgets a row that went out.
    pub(super) fn finish(&self, row: i64) {
        self.lock().rows.remove(&row);
    }

    /// Too many messages to one person: the wait until the next, in milliseconds. It grows with every refusal.
    pub(super) fn pair_wait_ms(&self, account: &str, chat: &str) -> u64 {
        let mut inner = self.lock();
        let refusals = inner.pairs.entry((account.to_owned(), chat.to_owned()));
        let power = (*refusals).min(MAX_PAIR_POWER);
        *refusals = refusals.saturating_add(1);
        PAIR_BASE_SECONDS.saturating_pow(power).saturating_mul(1_000)
    }

    /// A person got a message.
    pub(super) fn pair_is_free(&self, account: &str, chat: &str) {
        let mut inner = self.lock();
        if !inner.pairs.values.is_empty() {
            inner.pairs.remove(&(account.to_owned(), chat.to_owned()));
        }
    }
}
