//! The far end of every channel in a scripted conversation: what was sent is kept, and sends fail when told to.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::script::Fault;
use super::world::Delivered;
use crate::channels::fit::fit;
use crate::channels::{Channel, Image, Limits, Receipt, Send};
use crate::clock::Clock;
use crate::domain::message::{Address, ChannelEvent, ChannelName, FileRef, Outbound, OutboundChoice};
use crate::edge::CallError;
use crate::edge::webhook::{WebhookError, WebhookRequest};
use crate::fakes::{Platform, Shown};

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
    /// Files that scripts have sent and that nobody has fetched yet, by channel.
    files: BTreeMap<String, VecDeque<Image>>,
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

    /// What the next file of a channel holds.
    pub fn give_file(&self, channel: &str, file: Image) {
        self.lock().files.entry(channel.to_owned()).or_default().push_back(file);
    }

    fn file(&self, channel: &str) -> Option<Image> {
        self.lock().files.get_mut(channel)?.pop_front()
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
    platform: Option<Arc<dyn Platform>>,
    recorder: Arc<Recorder>,
    clock: Arc<Clock>,
}

impl Recording {
    /// A channel of a name. `inner` is the real one, where it is built.
    pub fn new(
        name: &str,
        inner: Option<Arc<dyn Channel>>,
        platform: Option<Arc<dyn Platform>>,
        recorder: Arc<Recorder>,
        clock: Arc<Clock>,
    ) -> Self {
        Self { name: name.into(), inner, platform, recorder, clock }
    }

    /// Sends over the real wire. What the platform shows afterwards is what is compared, not what was meant to be shown.
    async fn over_the_wire(
        &self,
        send: Send<'_>,
        inner: &dyn Channel,
        platform: &dyn Platform,
    ) -> Result<Receipt, CallError> {
        let chat = send.to.chat.clone();
        match self.recorder.fault(self.name.as_str(), &chat) {
            Some(Fault::Drop { .. }) => return Ok(Receipt::default()),
            Some(Fault::Send { status, retry_after, .. }) => platform.arm(&chat, fault(status, retry_after)),
            _ => {}
        }
        platform.set_now(self.clock.now());
        let result = inner.send(send.clone()).await;
        let shown = platform.take_shown(&chat);
        if !shown.is_empty() {
            let message = seen(&send, shown);
            let delivered = Delivered { at: self.clock.now(), message };
            self.recorder.show(self.name.as_str(), &chat, send.outbox_id, delivered);
        }
        result
    }
}

/// A script's status as a fault of a platform.
fn fault(status: u16, retry_after: Option<chrono::Duration>) -> crate::fakes::Fault {
    let seconds = retry_after.and_then(|wait| u64::try_from(wait.num_seconds()).ok());
    match status {
        TIMEOUT => crate::fakes::Fault::LostAnswer,
        TOO_MANY => crate::fakes::Fault::TooMany { retry_after_seconds: seconds },
        status if status >= 500 => crate::fakes::Fault::Down,
        status => crate::fakes::Fault::Code(i64::from(status)),
    }
}

/// What a person sees of a message: the bubbles of the platform as one, with the replies that it is made of.
fn seen(send: &Send<'_>, shown: Vec<Shown>) -> Outbound {
    let texts: Vec<&str> =
        shown.iter().map(|part| part.text.as_str()).filter(|text| !text.is_empty()).collect();
    Outbound {
        text: texts.join("\n"),
        choices: shown
            .iter()
            .flat_map(|part| &part.choices)
            .map(|choice| OutboundChoice { label: choice.label.clone(), data: choice.data.clone() })
            .collect(),
        image: send.message.image.clone().filter(|_| shown.iter().any(|part| part.image.is_some())),
        document: send.message.document.clone().filter(|_| shown.iter().any(|part| part.document.is_some())),
        link: send.message.link.clone().filter(|link| {
            shown.iter().any(|part| part.link.as_deref() == Some(&link.url) || part.text.contains(&link.url))
        }),
        replies: send.message.replies.clone(),
        ..Outbound::default()
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

    fn accounts(&self) -> Vec<String> {
        self.inner.as_ref().map(|inner| inner.accounts()).unwrap_or_default()
    }

    fn uploads_images(&self) -> bool {
        self.inner.as_ref().is_some_and(|inner| inner.uploads_images())
    }

    async fn attend(&self, account: &str, to: &Address, thread: &serde_json::Value) {
        if let Some(inner) = &self.inner {
            inner.attend(account, to, thread).await;
        }
    }

    fn keeps_uploads(&self) -> bool {
        self.inner.as_ref().is_some_and(|inner| inner.keeps_uploads())
    }

    async fn fetch(&self, account: &str, file: &FileRef, max_bytes: usize) -> Result<Image, CallError> {
        let scripted = self.recorder.file(self.name.as_str());
        match (&self.inner, scripted) {
            // The platform is asked all the same, by the channel's real code; what it has is what the script drew.
            (Some(inner), Some(scripted)) if self.platform.is_some() => {
                inner.fetch(account, file, max_bytes).await.map(|_| scripted)
            }
            (_, Some(scripted)) => Ok(scripted),
            (Some(inner), None) => inner.fetch(account, file, max_bytes).await,
            (None, None) => {
                Err(CallError::Fail { reason: "nothing but a script writes on this channel".to_owned() })
            }
        }
    }

    fn receive(&self, request: &WebhookRequest) -> Result<Vec<ChannelEvent>, WebhookError> {
        match &self.inner {
            Some(inner) => inner.receive(request),
            None => Err(WebhookError::Malformed("nothing but a script writes on this channel".to_owned())),
        }
    }

    async fn send(&self, send: Send<'_>) -> Result<Receipt, CallError> {
        if let (Some(inner), Some(platform)) = (&self.inner, &self.platform) {
            return self.over_the_wire(send, inner.as_ref(), platform.as_ref()).await;
        }
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
