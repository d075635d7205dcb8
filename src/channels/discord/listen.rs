//! Listening: every dispatch is stored, every interaction gets its first response in time.
//!
//! Three stages, each of bounded length: the connection hears, the intake starts the clock of every interaction, the
//! keeper stores one event after the other. An interaction is answered when it is stored, and when storing takes long
//! it is answered first, because the platform waits for three seconds and not longer. Where the session stands is kept
//! only after everything before was stored: a process that dies is followed by one that hears the rest again.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

use crate::channels::Sink;
use crate::domain::message::{ChannelEvent, ChannelName};
use crate::edge::CallError;

use super::gateway::{Connection, Dispatch, End, Session, find, pause};
use super::interaction::Waiting;
use super::missed;
use super::receive;
use super::send::Sender;
use super::{Bot, NAME};

/// Dispatches that were heard and not looked at yet.
const HEARD: usize = 64;
/// Dispatches that wait to be stored.
const TO_STORE: usize = 256;
/// First responses under way at the same time.
const MAX_RESPONSES: usize = 256;
/// How long storing may take before the first response is given without it.
const STORE_PATIENCE: Duration = Duration::from_millis(1_500);
/// Tries of a first response.
const RESPONSE_TRIES: usize = 2;
/// Waits between tries to store.
const MIN_STORE_WAIT: Duration = Duration::from_millis(50);
const MAX_STORE_WAIT: Duration = Duration::from_secs(5);
/// How often at most the session's place is kept.
const KEEP_EVERY: Duration = Duration::from_secs(1);
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
    let (heard, to_look_at) = mpsc::channel(HEARD);
    let (looked_at, to_store) = mpsc::channel(TO_STORE);
    tokio::join!(
        connect(&bot, &sender, heard, session, &stop),
        intake(&bot, &sender, to_look_at, looked_at),
        store(&bot, &sender, &name, sink.as_ref(), to_store, &stop),
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
                    CallError::Retry { after_ms: Some(after_ms), .. } => Duration::from_millis(after_ms),
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
    while let Some(Dispatch { value, session }) = heard.recv().await {
        while responses.try_join_next().is_some() {}
        if responses.len() >= MAX_RESPONSES {
            responses.join_next().await;
        }
        let heard = receive::dispatch(&bot.hearer(), &value);
        let stored = heard.waiting.map(|waiting| {
            let (stored, is_stored) = oneshot::channel();
            let needs_store = !heard.events.is_empty();
            responses.spawn(respond(Arc::clone(sender), waiting, needs_store.then_some(is_stored)));
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
async fn respond(sender: Arc<Sender>, waiting: Waiting, is_stored: Option<oneshot::Receiver<()>>) {
    if let Some(is_stored) = is_stored {
        let _ = timeout(STORE_PATIENCE, is_stored).await;
    }
    for _ in 0..RESPONSE_TRIES {
        match sender.acknowledge(&waiting).await {
            Ok(_) => return,
            Err(problem) => tracing::debug!(error = %problem.error, "a first response did not arrive"),
        }
    }
}

/// Stores events in order. An event that cannot be stored is tried again until it is; those behind it wait, and at
/// last the connection stops reading.
async fn store(
    bot: &Bot,
    sender: &Sender,
    name: &ChannelName,
    sink: &dyn Sink,
    mut items: mpsc::Receiver<Item>,
    stop: &CancellationToken,
) {
    let mut place: Option<Session> = None;
    let mut kept_at: Option<Instant> = None;
    while let Some(item) = items.recv().await {
        let mut events = item.events;
        if item.is_start {
            // Until this is stored, the place of the old session stays, so that the next process does it again.
            events = missed::events(bot, sender, sink, name, stop).await;
            if stop.is_cancelled() {
                return;
            }
        }
        for event in events {
            let mut wait = MIN_STORE_WAIT;
            while let Err(error) = sink.accept(name, event.clone()).await {
                if stop.is_cancelled() {
                    // The place of the session stays before it: the next process hears it again.
                    keep(bot, name, sink, place.as_ref()).await;
                    return;
                }
                tracing::warn!(%error, "an event of Discord waits to be stored");
                pause(wait, stop).await;
                wait = (wait * 2).min(MAX_STORE_WAIT);
            }
        }
        if let Some(stored) = item.stored {
            // Nobody may be waiting any more.
            let _ = stored.send(());
        }
        place = item.session.or(place);
        // A place that is kept late only makes the platform repeat more of what is known.
        if kept_at.is_none_or(|at| at.elapsed() >= KEEP_EVERY) {
            keep(bot, name, sink, place.as_ref()).await;
            kept_at = Some(Instant::now());
        }
    }
    keep(bot, name, sink, place.as_ref()).await;
}

async fn keep(bot: &Bot, name: &ChannelName, sink: &dyn Sink, place: Option<&Session>) {
    if let Some(place) = place
        && let Err(error) = sink.keep(name, bot.account.id(), &place.write()).await
    {
        tracing::debug!(%error, "the place in Discord's session was not kept");
    }
}
