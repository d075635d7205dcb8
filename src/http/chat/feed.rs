//! The stream of one page: first what was missed, then what is said, and whether the shop is typing.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::broadcast;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::channels::web;
use crate::domain::message::ChannelName;
use crate::http::peers::Place;
use crate::store::transcripts::Cursor;

use super::door::{Door, DoorError};
use super::view::{Line, Page, merge_after, merge_before, past, start_of};

/// Lines of each side that are read at once.
pub const PAGE_LINES: i64 = 60;
/// How often a stream looks without a hint while something is going on, and how often when all is quiet.
const POLL_MS: u64 = 2_000;
const QUIET_POLL_MS: u64 = 10_000;
/// When all is quiet, in milliseconds since the last news.
const QUIET_AFTER_MS: u64 = 60_000;
/// A stream ends after this time and the browser comes back, so that none lives for ever. In milliseconds.
const LIFETIME_MS: u64 = 15 * 60 * 1_000;
/// Faults in a row after which the stream ends and the browser comes back later.
const MAX_FAULTS: u32 = 5;

/// The place past everything.
pub const END: Cursor = Cursor { inbox: i64::MAX, outbox: i64::MAX };

/// What the stream tells the page.
#[derive(Debug, Clone, PartialEq)]
pub enum Signal {
    /// Something was said.
    Line {
        /// Where to go on from.
        cursor: Cursor,
        /// What.
        line: Box<Line>,
    },
    /// The page has caught up.
    Ready {
        /// Where earlier lines can be asked for, when there are any.
        earlier: Option<Cursor>,
    },
    /// The shop began or stopped typing.
    Typing(bool),
}

/// The last lines before a place, in order.
///
/// # Errors
/// [`DoorError`].
pub async fn page_before(door: &dyn Door, chat: &str, cursor: Cursor) -> Result<Page, DoorError> {
    let lines = door.before(chat, cursor, PAGE_LINES).await?;
    Ok(merge_before(lines, usize::try_from(PAGE_LINES).unwrap_or(usize::MAX)))
}

/// The first lines after a place, in order.
///
/// # Errors
/// [`DoorError`].
pub async fn page_after(door: &dyn Door, chat: &str, cursor: Cursor) -> Result<Page, DoorError> {
    let lines = door.after(chat, cursor, PAGE_LINES).await?;
    Ok(merge_after(lines, usize::try_from(PAGE_LINES).unwrap_or(usize::MAX)))
}

/// The stream of one page.
pub struct Feed {
    door: Arc<dyn Door>,
    chat: String,
    /// Nothing until the last lines were read by a page that knows none.
    cursor: Option<Cursor>,
    hints: broadcast::Receiver<(ChannelName, String)>,
    waiting: VecDeque<Signal>,
    ready: bool,
    typing: Option<bool>,
    /// Whether the door is to be asked before anything is waited for.
    look: bool,
    faults: u32,
    last_news: Instant,
    ends: Instant,
    shutdown: CancellationToken,
    _place: Place,
}

impl Feed {
    /// A stream that goes on from a place, or begins with the last lines.
    pub fn new(
        door: Arc<dyn Door>,
        chat: String,
        cursor: Option<Cursor>,
        shutdown: CancellationToken,
        place: Place,
    ) -> Self {
        // Listening begins before the first look, so that nothing falls between the two.
        let hints = door.hints();
        let now = Instant::now();
        Self {
            door,
            chat,
            cursor,
            hints,
            waiting: VecDeque::new(),
            ready: false,
            typing: None,
            look: true,
            faults: 0,
            last_news: now,
            ends: now + Duration::from_millis(LIFETIME_MS),
            shutdown,
            _place: place,
        }
    }

    /// The next signal, or nothing when the stream is over.
    pub async fn next(&mut self) -> Option<Signal> {
        loop {
            if let Some(signal) = self.waiting.pop_front() {
                return Some(signal);
            }
            if self.shutdown.is_cancelled() || Instant::now() >= self.ends {
                return None;
            }
            if !self.look {
                self.wait().await;
                self.look = true;
                continue;
            }
            match self.read().await {
                Ok(more) => {
                    self.faults = 0;
                    self.look = more;
                }
                Err(_) => {
                    self.faults += 1;
                    self.look = false;
                    if self.faults >= MAX_FAULTS {
                        return None;
                    }
                }
            }
        }
    }

    /// Reads what is new. Returns whether to look again at once.
    async fn read(&mut self) -> Result<bool, DoorError> {
        self.drain_hints();
        // Asked first: when nobody types any more, all that was typed is in the lines that are read next.
        let typing = self.door.is_typing(&self.chat).await?;
        let page = match self.cursor {
            Some(cursor) => page_after(self.door.as_ref(), &self.chat, cursor).await?,
            None => page_before(self.door.as_ref(), &self.chat, END).await?,
        };
        let is_first = self.cursor.is_none();
        let (news, more) = (!page.lines.is_empty(), page.more && !is_first);
        let earlier = (is_first && page.more).then(|| start_of(&page.lines, END));
        let mut cursor = self.cursor.unwrap_or_default();
        for line in page.lines {
            cursor = past(cursor, &line);
            self.waiting.push_back(Signal::Line { cursor, line: Box::new(line) });
        }
        self.cursor = Some(cursor);
        if more {
            return Ok(true);
        }
        if !self.ready {
            self.ready = true;
            self.waiting.push_back(Signal::Ready { earlier });
        }
        if news {
            self.last_news = Instant::now();
        }
        // An answer may have come between the two questions; then a second look tells whether more is to come.
        if news && typing && !is_first {
            return Ok(true);
        }
        if self.typing != Some(typing) {
            self.typing = Some(typing);
            self.waiting.push_back(Signal::Typing(typing));
        }
        Ok(false)
    }

    /// Hints that came while reading are about what was read, or about what will be read now.
    fn drain_hints(&mut self) {
        loop {
            match self.hints.try_recv() {
                Ok(_) | Err(TryRecvError::Lagged(_)) => {}
                Err(TryRecvError::Empty | TryRecvError::Closed) => return,
            }
        }
    }

    /// Waits for a hint about this chat, for the poll, or for the end.
    async fn wait(&mut self) {
        let quiet =
            self.typing != Some(true) && self.last_news.elapsed() > Duration::from_millis(QUIET_AFTER_MS);
        let poll_ms = if quiet { QUIET_POLL_MS } else { POLL_MS };
        let until = (Instant::now() + Duration::from_millis(poll_ms)).min(self.ends);
        loop {
            tokio::select! {
                biased;
                () = self.shutdown.cancelled() => return,
                hint = self.hints.recv() => match hint {
                    Ok((channel, chat)) if channel.as_str() == web::NAME && chat == self.chat => return,
                    Ok(_) => {}
                    Err(RecvError::Lagged(_)) => return,
                    // Nobody gives hints any more: the poll remains.
                    Err(RecvError::Closed) => {
                        tokio::time::sleep_until(until).await;
                        return;
                    }
                },
                () = tokio::time::sleep_until(until) => return,
            }
        }
    }
}
