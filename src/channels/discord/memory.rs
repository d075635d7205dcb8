//! What the channel remembers of its sends, in this process only. Everything here saves calls or repeats; nothing is
//! lost when it is forgotten.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

/// A map that forgets its oldest entries.
#[derive(Debug)]
pub struct Bounded<K, V> {
    max: usize,
    inner: Mutex<(HashMap<K, V>, VecDeque<K>)>,
}

impl<K: Clone + Eq + Hash, V: Clone> Bounded<K, V> {
    /// A map of at most `max` entries.
    pub fn new(max: usize) -> Self {
        Self { max, inner: Mutex::new((HashMap::new(), VecDeque::new())) }
    }

    /// The entry of a key.
    pub fn get(&self, key: &K) -> Option<V> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner).0.get(key).cloned()
    }

    /// The entry of a key, made when there is none.
    pub fn get_or(&self, key: K, make: impl FnOnce() -> V) -> V {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let (map, order) = &mut *inner;
        if let Some(found) = map.get(&key) {
            return found.clone();
        }
        if order.len() >= self.max
            && let Some(oldest) = order.pop_front()
        {
            map.remove(&oldest);
        }
        let made = make();
        order.push_back(key.clone());
        map.insert(key, made.clone());
        made
    }

    /// Forgets an entry.
    pub fn remove(&self, key: &K) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let (map, order) = &mut *inner;
        if map.remove(key).is_some() {
            order.retain(|other| other != key);
        }
    }
}

/// Where an interaction stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Answered {
    /// Nothing was answered yet, as far as this process knows.
    #[default]
    No,
    /// This process gave the first response.
    Here,
    /// Somebody else gave it: this process before it was started again, or another one.
    Elsewhere,
    /// Its token is no good any more.
    Dead,
}

/// An interaction, as it is answered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// The first response.
    pub answered: Answered,
    /// The row of the outbox that became `@original`.
    pub original: Option<i64>,
}

/// An interaction's progress, held while it is answered.
pub type Held = Arc<tokio::sync::Mutex<Progress>>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_is_forgotten_first() {
        let map = Bounded::new(2);
        for (key, value) in [(1, 'a'), (2, 'b'), (1, 'x'), (3, 'c')] {
            map.get_or(key, || value);
        }
        assert_eq!([map.get(&1), map.get(&2), map.get(&3)], [None, Some('b'), Some('c')]);
        map.remove(&2);
        map.get_or(4, || 'd');
        assert_eq!([map.get(&3), map.get(&4)], [Some('c'), Some('d')]);
    }
}
