//! What reaches the people of a scripted conversation: what their platforms show, kept for the script, and sends that fail
//! when told to. It stands beside the adapters, which are those of the server.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::neutral;
use super::script::Fault;
use super::world::Delivered;
use crate::channels::fit::fit;
use crate::channels::{Limits, Receipt, Send, registry};
use crate::clock::Clock;
use crate::domain::message::{Outbound, OutboundChoice};
use crate::edge::CallError;
use crate::fakes::{Platform, Shown};
use crate::pipeline::witness::{self, Witness};

/// The status of a send that arrives while its answer is lost.
const TIMEOUT: u16 = 0;
/// The status that asks to come again later.
const TOO_MANY: u16 = 429;

/// Everything that was sent, by chat, and what will fail. Survives restarts: it is the platforms' side.
pub struct Recorder {
    platforms: BTreeMap<String, Arc<dyn Platform>>,
    clock: Arc<Clock>,
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
    /// Nothing was sent yet. What a channel with a platform shows is asked of the platform.
    pub fn new(platforms: BTreeMap<String, Arc<dyn Platform>>, clock: Arc<Clock>) -> Self {
        Self { platforms, clock, inner: Mutex::default() }
    }

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

/// What a channel allows.
fn limits(channel: &str) -> Limits {
    registry::spec(channel).map_or(neutral::SPEC.limits, |spec| spec.limits)
}

impl Recorder {
    /// What the person sees of a message on a channel without a platform: what its own client draws.
    fn drawn(&self, send: &Send<'_>) -> Delivered {
        let mut message = fit(send.message, &limits(send.to.channel.as_str()));
        message.replies.clone_from(&send.message.replies);
        Delivered { at: self.clock.now(), message }
    }
}

impl Witness for Recorder {
    /// Breaks the platform, where the script says so; on a channel without one, the send.
    fn before(&self, send: &Send<'_>) -> Option<witness::Result> {
        let (channel, chat) = (send.to.channel.as_str(), &send.to.chat);
        let armed = self.fault(channel, chat);
        if let Some(platform) = self.platforms.get(channel) {
            match armed {
                Some(Fault::Drop { .. }) => platform.arm(chat, crate::fakes::Fault::Swallowed),
                Some(Fault::Send { status, retry_after, .. }) => {
                    platform.arm(chat, fault(status, retry_after));
                }
                Some(Fault::Crash { .. }) | None => {}
            }
            platform.set_now(self.clock.now());
            return None;
        }
        match armed? {
            Fault::Drop { .. } => Some(Ok(Receipt::default())),
            Fault::Send { status, retry_after, .. } => {
                if status == TIMEOUT {
                    self.show(channel, chat, send.outbox_id, self.drawn(send));
                }
                let reason = format!("the script answers {status}");
                let is_worth_retrying = status == TIMEOUT || status == TOO_MANY || status >= 500;
                Some(Err(if is_worth_retrying {
                    let after_ms = retry_after.and_then(|wait| u64::try_from(wait.num_milliseconds()).ok());
                    CallError::Retry { reason, after_ms }
                } else {
                    CallError::Fail { reason }
                }))
            }
            Fault::Crash { .. } => None,
        }
    }

    /// What the platform shows is what is compared, not what was meant to be shown.
    fn after(&self, send: &Send<'_>, result: &witness::Result) {
        let (channel, chat) = (send.to.channel.as_str(), &send.to.chat);
        let delivered = match self.platforms.get(channel) {
            Some(platform) => {
                let shown = platform.take_shown(chat);
                (!shown.is_empty()).then(|| Delivered { at: self.clock.now(), message: seen(send, shown) })
            }
            None => result.is_ok().then(|| self.drawn(send)),
        };
        if let Some(delivered) = delivered {
            self.show(channel, chat, send.outbox_id, delivered);
        }
    }
}
