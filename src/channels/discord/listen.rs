//! Listening: every dispatch is stored, every interaction gets its first response in time.
//!
//! Three stages, each of bounded length: the connection hears, the intake starts the clock of every interaction, the
//! keeper stores one event after the other. An interaction is answered when it is stored, and when storing takes long
//! it is answered first, because the platform waits for three seconds and not longer. That answer promises nothing that is
//! not kept: where the session stands is noted only after everything before was stored, so a process that dies is followed
//! by one that is told the rest again, what was answered and not stored included.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

use crate::channels::Sink;
use crate::domain::message::{ChannelEvent, ChannelName};
use crate::edge::CallError;

use super::gateway::{Connection, Dispatch, End, Session, find, pause};
use super::interaction::Waiting;
use super::missed::Missed;
use super::receive;
use super::send::Sender;
use super::{Bot, NAME};

/// Dispatches that were heard and not looked at yet.
const HEARD: usize = 64;
/// Dispatches that wait to be stored: what people do in minutes in which the database does nothing.
const TO_STORE: usize = 8_192;
/// Dispatches that wait to be stored because what was said before in their chats is being read.
const MAX_HELD: usize = 2_048;
/// Interactions whose clocks run.
const MAX_WAITING: usize = 2 * TO_STORE;
/// First responses under way at the same time.
const MAX_RESPONSES: usize = 256;
/// How long after an interaction was heard its first response is given without its being stored: early enough for it to
/// arrive within a second and a half.
const STORE_PATIENCE: Duration = Duration::from_secs(1);
/// Tries of a first response.
const RESPONSE_TRIES: usize = 2;
/// Waits between tries to store.
const MIN_STORE_WAIT: Duration = Duration::from_millis(50);
const MAX_STORE_WAIT: Duration = Duration::from_secs(5);
/// How often at most the session's place is kept.
const KEEP_EVERY: Duration = Duration::from_secs(1);
/// The part of the note with the chats that are not read yet.
const UNREAD: &str = "unread";
/// Waits between connections.
const MIN_CONNECT_WAIT: Duration = Duration::from_secs(1);
const MAX_CONNECT_WAIT: Duration = Duration::from_secs(60);
/// The wait when the platform will not have the bot: somebody has to change something.
const REFUSED_WAIT: Duration = Duration::from_secs(5 * 60);
/// Connections in a row that may fail at the address where a session is taken up.
const MAX_RESUME_FAILURES: u32 = 2;

/// A dispatch on its way to the store.
struct Item {
    events: Vec<ChannelEvent>,
    session: Option<Session>,
    /// Whether a session begins here: the platform will not tell what came before it.
    is_start: bool,
    stored: Option<oneshot::Sender<()>>,
}

/// Listens until told to stop.
pub async fn listen(bot: Arc<Bot>, sender: Arc<Sender>, sink: Arc<dyn Sink>, stop: CancellationToken) {
    let name = ChannelName::from(NAME);
    let kept = sink.kept(&name, bot.account.id()).await;
    let session = kept.as_ref().and_then(Session::read);
    let mut missed = Missed::new(Arc::clone(&bot), Arc::clone(&sender), stop.clone());
    missed.begin(Missed::read(kept.as_ref().and_then(|note| note.get(UNREAD))));
    let keeper = Keeper {
        bot: &bot,
        name,
        sink: sink.as_ref(),
        stop: &stop,
        missed,
        held: Vec::new(),
        place: session.clone(),
        kept_at: None,
    };
    let (heard, to_look_at) = mpsc::channel(HEARD);
    let (looked_at, to_store) = mpsc::channel(TO_STORE);
    tokio::join!(
        connect(&bot, &sender, heard, session, &stop),
        intake(&bot, &sender, to_look_at, looked_at),
        keeper.run(to_store),
    );
}

/// Keeps a connection open.
async fn connect(
    bot: &Bot,
    sender: &Sender,
    queue: mpsc::Sender<Dispatch>,
    mut session: Option<Session>,
    stop: &CancellationToken,
) {
    let mut failures: u32 = 0;
    while !stop.is_cancelled() {
        let resume_url = session.as_ref().and_then(|session| session.resume_url.clone());
        let url = match resume_url.filter(|_| failures < MAX_RESUME_FAILURES) {
            Some(url) => Ok((url.to_string(), Duration::ZERO)),
            None => find(sender.rest(), bot).await,
        };
        let (url, start_wait) = match url {
            Ok(found) => found,
            Err(error) => {
                failures = failures.saturating_add(1);
                tracing::warn!(account = bot.account.id(), %error, "the gateway of Discord was not found");
                let wait = match error {
                    CallError::Stopped { .. } => REFUSED_WAIT,
                    CallError::Retry { after_ms: Some(after_ms), .. }
                    | CallError::Down { after_ms: Some(after_ms), .. } => Duration::from_millis(after_ms),
                    _ => backoff(failures),
                };
                pause(wait, stop).await;
                continue;
            }
        };
        if session.is_none() {
            pause(start_wait, stop).await;
        }
        let mut connection = Connection::new(bot, &queue, &mut session);
        let end = connection.run(sender.rest(), &url, stop).await;
        let was_live = connection.is_live;
        failures = if was_live { 0 } else { failures.saturating_add(1) };
        tracing::info!(account = bot.account.id(), ?end, was_live, "a connection to Discord ended");
        match end {
            End::Stopped => break,
            // A connection that worked is taken up at once; the others after a while.
            End::Resume if was_live => {}
            End::Resume => pause(backoff(failures), stop).await,
            End::New => {
                session = None;
                // Between one and five seconds, as the platform asks.
                pause(MIN_CONNECT_WAIT + MIN_CONNECT_WAIT.mul_f64(4.0 * rand::random::<f64>()), stop).await;
            }
            End::Refused(code) => {
                tracing::error!(
                    account = bot.account.id(),
                    code,
                    "Discord refuses the bot; see docs/discord.md"
                );
                session = None;
                pause(REFUSED_WAIT, stop).await;
            }
        }
    }
}

/// Doubling waits with some chance in them.
fn backoff(failures: u32) -> Duration {
    let wait = MIN_CONNECT_WAIT.saturating_mul(2_u32.saturating_pow(failures.saturating_sub(1).min(6)));
    wait.min(MAX_CONNECT_WAIT).mul_f64(0.5 + rand::random::<f64>() / 2.0)
}

/// Looks at what was heard: starts the clock of interactions and hands everything on.
async fn intake(
    bot: &Bot,
    sender: &Arc<Sender>,
    mut heard: mpsc::Receiver<Dispatch>,
    to_store: mpsc::Sender<Item>,
) {
    let mut responses = JoinSet::new();
    let slots = Arc::new(Semaphore::new(MAX_RESPONSES));
    while let Some(Dispatch { value, session }) = heard.recv().await {
        while responses.try_join_next().is_some() {}
        if responses.len() >= MAX_WAITING {
            responses.join_next().await;
        }
        let heard = receive::dispatch(&bot.hearer(), &value);
        let stored = heard.waiting.map(|waiting| {
            let (stored, is_stored) = oneshot::channel();
            let needs_store = !heard.events.is_empty();
            let (sender, slots) = (Arc::clone(sender), Arc::clone(&slots));
            responses.spawn(respond(sender, slots, waiting, needs_store.then_some(is_stored)));
            stored
        });
        let is_start = value.get("t").is_some_and(|name| name == "READY");
        if to_store.send(Item { events: heard.events, session, is_start, stored }).await.is_err() {
            break;
        }
    }
    while responses.join_next().await.is_some() {}
}

/// Gives the first response once the event is stored, or without it when that takes long.
async fn respond(
    sender: Arc<Sender>,
    slots: Arc<Semaphore>,
    waiting: Waiting,
    is_stored: Option<oneshot::Receiver<()>>,
) {
    if let Some(is_stored) = is_stored {
        let _ = timeout(STORE_PATIENCE, is_stored).await;
    }
    // The slots are never closed.
    let _slot = slots.acquire().await;
    for _ in 0..RESPONSE_TRIES {
        match sender.acknowledge(&waiting).await {
            Ok(_) => return,
            Err(problem) => tracing::debug!(error = %problem.error, "a first response did not arrive"),
        }
    }
}

/// Stores events in the order of each chat.
struct Keeper<'a> {
    bot: &'a Bot,
    name: ChannelName,
    sink: &'a dyn Sink,
    stop: &'a CancellationToken,
    missed: Missed,
    /// What waits for what was said before in the same chat, with the chat.
    held: Vec<(String, Item)>,
    /// Where the session stood before everything that is not stored yet.
    place: Option<Session>,
    kept_at: Option<Instant>,
}

/// We were told to stop.
struct Stopped;

impl Keeper<'_> {
    async fn run(mut self, mut items: mpsc::Receiver<Item>) {
        loop {
            let done = tokio::select! {
                item = items.recv() => match item {
                    Some(item) => self.take(item).await,
                    None => break,
                },
                (chat, events) = self.missed.next(), if self.missed.is_reading() => {
                    self.take_missed(&chat, events).await
                }
            };
            if done.is_err() {
                // The place of the session stays before what is not stored: the next process hears it again.
                break;
            }
        }
        self.keep().await;
    }

    /// Stores a dispatch, or holds it until what was said before is read.
    async fn take(&mut self, item: Item) -> Result<(), Stopped> {
        if item.is_start {
            let heard = self.sink.last_heard(&self.name, self.bot.account.id()).await;
            self.missed.begin(heard);
            // What is not read yet is noted with the new session, at once: nobody will tell of the old one again.
            self.place = item.session.clone().or(self.place.take());
            self.keep().await;
        }
        let chat = item.events.iter().find_map(|event| match event {
            ChannelEvent::Said(inbound) => Some(inbound.from.chat.clone()),
            _ => None,
        });
        match chat {
            Some(chat) if self.missed.holds(&chat) && self.held.len() < MAX_HELD => {
                self.held.push((chat, item));
                Ok(())
            }
            _ => self.store(item).await,
        }
    }

    /// Stores what was written in a chat while nobody listened, and then what was held for it.
    async fn take_missed(&mut self, chat: &str, events: Vec<ChannelEvent>) -> Result<(), Stopped> {
        if self.stop.is_cancelled() {
            // The reading may have been broken off.
            return Err(Stopped);
        }
        for event in events {
            self.accept(event).await?;
        }
        self.missed.is_stored(chat);
        let waiting = std::mem::take(&mut self.held);
        let (own, others): (Vec<_>, Vec<_>) = waiting.into_iter().partition(|(of, _)| of == chat);
        self.held = others;
        for (_, item) in own {
            self.store(item).await?;
        }
        self.keep().await;
        Ok(())
    }

    async fn store(&mut self, item: Item) -> Result<(), Stopped> {
        for event in item.events {
            self.accept(event).await?;
        }
        if let Some(stored) = item.stored {
            // Nobody may be waiting any more.
            let _ = stored.send(());
        }
        // While something is held that came earlier, the place stays before it.
        if self.held.is_empty() {
            let is_ahead = |session: &Session| {
                self.place.as_ref().is_none_or(|place| place.id != session.id || place.seq < session.seq)
            };
            self.place = item.session.filter(is_ahead).or(self.place.take());
        }
        // A place that is kept late only makes the platform repeat more of what is known.
        if self.kept_at.is_none_or(|at| at.elapsed() >= KEEP_EVERY) {
            self.keep().await;
        }
        Ok(())
    }

    /// Stores an event, trying until it works; those behind it wait.
    async fn accept(&self, event: ChannelEvent) -> Result<(), Stopped> {
        let mut wait = MIN_STORE_WAIT;
        while let Err(error) = self.sink.accept(&self.name, event.clone()).await {
            if self.stop.is_cancelled() {
                return Err(Stopped);
            }
            tracing::warn!(%error, "an event of Discord waits to be stored");
            pause(wait, self.stop).await;
            wait = (wait * 2).min(MAX_STORE_WAIT);
        }
        Ok(())
    }

    /// Notes where the session stands, and which chats are not read yet.
    async fn keep(&mut self) {
        let Some(place) = &self.place else { return };
        let mut note = place.write();
        note[UNREAD] = self.missed.write();
        if let Err(error) = self.sink.keep(&self.name, self.bot.account.id(), &note).await {
            tracing::debug!(%error, "the place in Discord's session was not kept");
        }
        self.kept_at = Some(Instant::now());
    }
}
