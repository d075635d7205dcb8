//! Notices on their way to the shop: posted as the company posts them, and again while there is no answer of success.

use std::sync::Arc;
use std::time::Duration;

use super::{Desk, MAX_DELIVERIES};
use crate::edge::webhook::WebhookRequest;

/// How long the shop may take to answer.
pub(super) const TIMEOUT: Duration = Duration::from_secs(10);
/// Waits before each further try, in seconds. Real companies come again over hours; a tester does not wait that long.
pub const RETRY_SECONDS: [u64; 5] = [1, 2, 5, 15, 60];

/// One try to deliver a notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Which try, from 1.
    pub attempt: usize,
    /// What the shop answered, in words.
    pub outcome: String,
    /// The beginning of the body.
    pub body: String,
}

/// Characters of a body that the page shows.
const MAX_BODY_CHARS: usize = 400;

impl Desk {
    /// Sends a notice on its way, unless the next one is to be lost.
    pub(super) fn send(self: &Arc<Self>, notice: WebhookRequest) {
        let is_lost = {
            let mut book = self.book();
            let is_lost = book.to_drop > 0;
            book.to_drop = book.to_drop.saturating_sub(1);
            is_lost
        };
        if is_lost {
            self.note(1, "lost on its way, as asked for".to_owned(), &notice);
            return;
        }
        let desk = Arc::clone(self);
        tokio::spawn(async move { desk.deliver(&notice).await });
    }

    async fn deliver(&self, notice: &WebhookRequest) {
        let waits = RETRY_SECONDS.iter().map(|seconds| Some(Duration::from_secs(*seconds))).chain([None]);
        for (index, wait) in waits.enumerate() {
            let (is_done, outcome) = self.post(notice).await;
            self.note(index + 1, outcome, notice);
            match wait {
                Some(wait) if !is_done => tokio::time::sleep(wait).await,
                _ => return,
            }
        }
    }

    /// Posts a notice once. Returns whether that was the end of it, and the answer in words.
    async fn post(&self, notice: &WebhookRequest) -> (bool, String) {
        let request = notice
            .headers
            .iter()
            .fold(self.client.post(&self.webhook), |request, (name, value)| request.header(name, value))
            .body(notice.body.clone());
        match request.send().await {
            Ok(answer) => (answer.status().is_success(), format!("the shop answered {}", answer.status())),
            Err(error) if error.is_timeout() => (false, "the shop did not answer in time".to_owned()),
            Err(_) => (false, format!("{} cannot be reached", self.webhook)),
        }
    }

    fn note(&self, attempt: usize, outcome: String, notice: &WebhookRequest) {
        let body = String::from_utf8_lossy(&notice.body).chars().take(MAX_BODY_CHARS).collect();
        let mut book = self.book();
        book.deliveries.push_front(Delivery { attempt, outcome, body });
        book.deliveries.truncate(MAX_DELIVERIES);
    }
}
