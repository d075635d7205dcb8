//! The far end of every channel in a scripted conversation: what was sent is kept, and sends fail when told to.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::script::Fault;
use super::world::Delivered;
use crate::channels::fit::fit;
use crate::channels::{Channel, Limits, Receipt, Send};
use crate::clock::Clock;
use crate::domain::message::{ChannelEvent, ChannelName};
use crate::edge::CallError;
use crate::edge::webhook::{WebhookError, WebhookRequest};

/// What a chat allows that no real platform stands behind: everything that the dialogue may send.
const NEUTRAL: Limits = Limits {
    text_chars: 4_096,
    caption_chars: 4_096,
    buttons: 10,
    button_chars: 80,
    list_rows: 10,
    list_row_chars: 80,
    data_bytes: 64,
};
/// The status of a send that arrives while its answer is lost.
const TIMEOUT: u16 = 0;
/// The status that asks to come again later.
const TOO_MANY: u16 = 429;

/// Everything that was sent, by chat, and what will fail. Survives restarts: it is the platform's side.
#[derive(Debug, Default)]
pub struct Recorder {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    fresh: BTreeMap<(String, String), Vec<Delivered>>,
    /// Rows of the outbox that have been shown: like web pages and most platforms' clients, a chat shows a row once.
    shown: BTreeSet<i64>,
    faults: Vec<(String, String, Fault)>,
}

impl Recorder {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What has reached a chat since this was asked last.
    pub fn take(&self, channel: &str, chat: &str) -> Vec<Delivered> {
        self.lock().fresh.remove(&(channel.to_owned(), chat.to_owned())).unwrap_or_default()
    }

    /// Makes sends to a chat fail.
    pub fn arm(&self, channel: &str, chat: &str, fault: Fault) {
        self.lock().faults.push((channel.to_owned(), chat.to_owned(), fault));
    }

    /// The next fault of a chat, used up by one.
    fn fault(&self, channel: &str, chat: &str) -> Option<Fault> {
        let mut inner = self.lock();
        let found =
            inner.faults.iter_mut().find(|(c, to, fault)| c == channel && to == chat && left(fault) > 0);
        let (_, _, fault) = found?;
        let used = fault.clone();
        match fault {
            Fault::Send { times, .. } | Fault::Drop { times, .. } | Fault::Crash { times, .. } => *times -= 1,
        }
        Some(used)
    }

    fn show(&self, channel: &str, chat: &str, id: i64, delivered: Delivered) {
        let mut inner = self.lock();
        if inner.shown.insert(id) {
            inner.fresh.entry((channel.to_owned(), chat.to_owned())).or_default().push(delivered);
        }
    }
}

fn left(fault: &Fault) -> u32 {
    match fault {
        Fault::Send { times, .. } | Fault::Drop { times, .. } | Fault::Crash { times, .. } => *times,
    }
}

/// A channel whose sends are kept: a real one, or a neutral one under the name of a platform.
pub struct Recording {
    name: ChannelName,
    inner: Option<Arc<dyn Channel>>,
    recorder: Arc<Recorder>,
    clock: Arc<Clock>,
}

impl Recording {
    /// A channel of a name. `inner` is the real one, where it is built.
    pub fn new(
        name: &str,
        inner: Option<Arc<dyn Channel>>,
        recorder: Arc<Recorder>,
        clock: Arc<Clock>,
    ) -> Self {
        Self { name: name.into(), inner, recorder, clock }
    }
}

#[async_trait]
impl Channel for Recording {
    fn name(&self) -> ChannelName {
        self.name.clone()
    }

    fn limits(&self) -> Limits {
        self.inner.as_ref().map_or(NEUTRAL, |inner| inner.limits())
    }

    fn receive(&self, request: &WebhookRequest) -> Result<Vec<ChannelEvent>, WebhookError> {
        match &self.inner {
            Some(inner) => inner.receive(request),
            None => Err(WebhookError::Malformed("nothing but a script writes on this channel".to_owned())),
        }
    }

    async fn send(&self, send: Send<'_>) -> Result<Receipt, CallError> {
        let chat = &send.to.chat;
        let mut message = fit(send.message, &self.limits());
        message.replies.clone_from(&send.message.replies);
        let delivered = Delivered { at: self.clock.now(), message };
        match self.recorder.fault(self.name.as_str(), chat) {
            Some(Fault::Drop { .. }) => return Ok(Receipt::default()),
            Some(Fault::Send { status, retry_after, .. }) => {
                if status == TIMEOUT {
                    self.recorder.show(self.name.as_str(), chat, send.outbox_id, delivered);
                }
                let reason = format!("the script answers {status}");
                let is_worth_retrying = status == TIMEOUT || status == TOO_MANY || status >= 500;
                return Err(if is_worth_retrying {
                    let after_ms = retry_after.and_then(|wait| u64::try_from(wait.num_milliseconds()).ok());
                    CallError::Retry { reason, after_ms }
                } else {
                    CallError::Fail { reason }
                });
            }
            _ => {}
        }
        let receipt = match &self.inner {
            Some(inner) => inner.send(send.clone()).await?,
            None => Receipt {
                channel_message_id: Some(format!("{}-{}", self.name, send.outbox_id)),
                uploaded: None,
            },
        };
        self.recorder.show(self.name.as_str(), chat, send.outbox_id, delivered);
        Ok(receipt)
    }
}
