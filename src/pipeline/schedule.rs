//! Which conversations of this process have work. A hint for speed: what it forgets, the slow poll finds.

use std::collections::{HashMap, VecDeque};
use std::sync::Mutex;

use tokio::sync::Notify;

use crate::domain::ids::ConversationId;

/// Conversations that may wait at once; the poll finds the rest.
const MAX_QUEUED: usize = 100_000;

/// A queue of conversations in which each stands at most once and is handed to one worker at a time.
#[derive(Debug, Default)]
pub struct Schedule {
    inner: Mutex<Inner>,
    notify: Notify,
}

#[derive(Debug, Default)]
struct Inner {
    queue: VecDeque<ConversationId>,
    state: HashMap<ConversationId, State>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Queued,
    Running,
    /// New work came while a worker had it: it goes back into the queue afterwards.
    RunningAgain,
}

impl Schedule {
    /// Notes that a conversation has work.
    pub fn wake(&self, id: &ConversationId) {
        let mut inner = self.lock();
        match inner.state.get_mut(id) {
            Some(State::Queued | State::RunningAgain) => return,
            Some(state) => {
                *state = State::RunningAgain;
                return;
            }
            None => {}
        }
        if inner.queue.len() >= MAX_QUEUED {
            return;
        }
        inner.state.insert(id.clone(), State::Queued);
        inner.queue.push_back(id.clone());
        drop(inner);
        self.notify.notify_one();
    }

    /// Waits for a conversation with work. The caller must hand it back with [`Schedule::done`].
    pub async fn next(&self) -> ConversationId {
        loop {
            if let Some(id) = self.try_next() {
                return id;
            }
            self.notify.notified().await;
        }
    }

    /// A conversation with work, if there is one now.
    pub fn try_next(&self) -> Option<ConversationId> {
        let mut inner = self.lock();
        let id = inner.queue.pop_front()?;
        inner.state.insert(id.clone(), State::Running);
        let more = !inner.queue.is_empty();
        drop(inner);
        if more {
            self.notify.notify_one();
        }
        Some(id)
    }

    /// Hands a conversation back.
    pub fn done(&self, id: &ConversationId) {
        let mut inner = self.lock();
        if inner.state.remove(id) == Some(State::RunningAgain) {
            inner.state.insert(id.clone(), State::Queued);
            inner.queue.push_back(id.clone());
            drop(inner);
            self.notify.notify_one();
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conversation_is_handed_to_one_worker_at_a_time_and_no_wake_is_lost() {
        let schedule = Schedule::default();
        let id = ConversationId::from("a");
        schedule.wake(&id);
        schedule.wake(&id);
        assert_eq!(schedule.try_next(), Some(id.clone()));
        assert_eq!(schedule.try_next(), None);
        schedule.wake(&id);
        assert_eq!(schedule.try_next(), None, "still with the first worker");
        schedule.done(&id);
        assert_eq!(schedule.try_next(), Some(id.clone()));
        schedule.done(&id);
        assert_eq!(schedule.try_next(), None);
    }
}
