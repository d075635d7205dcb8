//! The platform's rate limits, as it tells them: a bucket per kind of call and per channel or server, and one for
//! everything that a bot does. Source: `topics/rate-limits.mdx`.
//!
//! A call that would be refused is not made: the message comes back with the wait, and nothing blocks meanwhile.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use reqwest::header::HeaderMap;
use serde_json::Value;

/// Buckets that are remembered; when there are more, those that are over are forgotten.
const MAX_BUCKETS: usize = 4_096;
/// The wait after a refusal that names none.
const DEFAULT_WAIT: Duration = Duration::from_secs(1);
/// The longest wait that is believed.
const MAX_WAIT: Duration = Duration::from_secs(60 * 60);

/// Where a call goes, and which bucket it counts in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The path below the interface's address.
    pub path: String,
    /// The path with its lesser parts left out.
    pub kind: &'static str,
    /// The channel, server or webhook of the call: each has buckets of its own.
    pub major: String,
}

impl Route {
    /// A route without a part of its own.
    pub fn plain(path: &'static str) -> Self {
        Self { path: path.to_owned(), kind: path, major: String::new() }
    }

    /// A route of a channel, a server or a webhook.
    pub fn of(kind: &'static str, major: &str, path: String) -> Self {
        Self { path, kind, major: major.to_owned() }
    }

    pub(super) fn key(&self, account: &str, method: &str) -> Key {
        Key { route: format!("{account} {method} {}", self.kind), major: self.major.clone() }
    }
}

/// A bucket's name before the platform has told its own.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    route: String,
    major: String,
}

/// What is known of the limits.
#[derive(Debug, Default)]
pub(super) struct Limiter {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    /// The platform's names of the buckets of routes.
    names: HashMap<String, String>,
    /// Until when buckets are empty.
    empty_until: HashMap<Key, Instant>,
    /// Until when an account may do nothing at all.
    paused_until: HashMap<String, Instant>,
}

impl Inner {
    fn bucket(&self, key: &Key) -> Key {
        let route = self.names.get(&key.route).unwrap_or(&key.route).clone();
        Key { route, major: key.major.clone() }
    }

    fn close(&mut self, key: &Key, until: Instant, now: Instant) {
        if self.empty_until.len() >= MAX_BUCKETS {
            self.empty_until.retain(|_, until| *until > now);
        }
        if self.empty_until.len() < MAX_BUCKETS {
            let bucket = self.bucket(key);
            self.empty_until.insert(bucket, until);
        }
    }
}

impl Limiter {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How long a call must wait.
    pub fn wait(&self, account: &str, key: &Key, now: Instant) -> Option<Duration> {
        let inner = self.lock();
        let bucket = inner.empty_until.get(&inner.bucket(key));
        let until = bucket.into_iter().chain(inner.paused_until.get(account)).max()?;
        Some(until.saturating_duration_since(now)).filter(|wait| !wait.is_zero())
    }

    /// Learns from the headers of an answer.
    pub fn learn(&self, key: &Key, headers: &HeaderMap, now: Instant) {
        let mut inner = self.lock();
        if let Some(name) = headers.get("x-ratelimit-bucket").and_then(|name| name.to_str().ok())
            && (inner.names.len() < MAX_BUCKETS || inner.names.contains_key(&key.route))
        {
            // Two bots have buckets of their own under the same name.
            let account = key.route.split(' ').next().unwrap_or_default();
            let name = format!("{account} {name}");
            inner.names.insert(key.route.clone(), name);
        }
        if number(headers, "x-ratelimit-remaining") == Some(0.0)
            && let Some(wait) = number(headers, "x-ratelimit-reset-after").and_then(seconds)
        {
            inner.close(key, now + wait, now);
        }
    }

    /// Learns from a refusal: how long to wait.
    pub fn refused(
        &self,
        account: &str,
        key: &Key,
        headers: &HeaderMap,
        body: Option<&Value>,
        now: Instant,
    ) -> Duration {
        let told = body.and_then(|body| body.get("retry_after")).and_then(Value::as_f64).and_then(seconds);
        let wait = told.or_else(|| number(headers, "retry-after").and_then(seconds)).unwrap_or(DEFAULT_WAIT);
        let is_global = body.and_then(|body| body.get("global")).and_then(Value::as_bool).unwrap_or_default()
            || headers.contains_key("x-ratelimit-global");
        self.learn(key, headers, now);
        let until = now + wait;
        let mut inner = self.lock();
        if is_global && (inner.paused_until.len() < MAX_BUCKETS || inner.paused_until.contains_key(account)) {
            inner.paused_until.insert(account.to_owned(), until);
        } else {
            inner.close(key, until, now);
        }
        wait
    }
}

fn number(headers: &HeaderMap, name: &str) -> Option<f64> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}

fn seconds(seconds: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(seconds).ok().map(|wait| wait.min(MAX_WAIT))
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;
    use serde_json::json;

    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value))).collect()
    }

    fn key(kind: &'static str, major: &str) -> Key {
        Route::of(kind, major, String::new()).key("a", "POST")
    }

    #[test]
    fn an_empty_bucket_is_waited_for_and_only_that_one() {
        let (limiter, now) = (Limiter::default(), Instant::now());
        let spent = headers(&[
            ("x-ratelimit-bucket", "b1"),
            ("x-ratelimit-remaining", "0"),
            ("x-ratelimit-reset-after", "1.5"),
        ]);
        limiter.learn(&key("/messages", "7"), &spent, now);
        assert_eq!(limiter.wait("a", &key("/messages", "7"), now), Some(Duration::from_millis(1_500)));
        assert_eq!(limiter.wait("a", &key("/messages", "8"), now), None);
        // Another route that is known to share the bucket waits too.
        limiter.learn(&key("/edits", "7"), &headers(&[("x-ratelimit-bucket", "b1")]), now);
        assert!(limiter.wait("a", &key("/edits", "7"), now).is_some());
        assert_eq!(limiter.wait("a", &key("/messages", "7"), now + Duration::from_secs(2)), None);
    }

    #[test]
    fn a_refusal_of_everything_pauses_one_bot() {
        let (limiter, now) = (Limiter::default(), Instant::now());
        let body = json!({ "message": "", "retry_after": 64.57, "global": true });
        let wait = limiter.refused("a", &key("/messages", "7"), &HeaderMap::new(), Some(&body), now);
        assert_eq!(wait, Duration::from_millis(64_570));
        assert!(limiter.wait("a", &key("/other", "1"), now).is_some());
        assert_eq!(limiter.wait("b", &Route::plain("/x").key("b", "GET"), now), None);
        let without =
            limiter.refused("b", &key("/messages", "9"), &headers(&[("retry-after", "3")]), None, now);
        assert_eq!(without, Duration::from_secs(3));
    }
}
