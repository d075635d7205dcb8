//! Long polling: an update is stored before the offset moves past it, whatever that takes.

use std::time::Duration;

use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::channels::Sink;
use crate::edge::CallError;

use super::client::{CALL_TIMEOUT, Polled, Trouble};
use super::errors::harmless;
use super::wire::number;
use super::{ALLOWED_UPDATES, Line, NAME, receive};

/// Seconds for which the platform holds a question open while nothing happens.
const POLL_SECONDS: u64 = 25;
/// Updates of one answer (Bot API, `getUpdates`: 1-100).
const POLL_LIMIT: u64 = 100;
/// Tries to read a single update before it is passed over.
const UNREAD_TRIES: u32 = 3;
/// What stands before the number of an update.
const UPDATE_ID: &[u8] = b"\"update_id\"";
/// The first wait after a failure; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// The longest wait after failures that pass by themselves.
const MAX_WAIT: Duration = Duration::from_secs(30);
/// The wait after a failure that somebody must mend: a refused token, another process with the same token.
const SLOW_WAIT: Duration = Duration::from_secs(60);

/// Waits, or says that it is over.
async fn rest(wait: Duration, stop: &CancellationToken) -> bool {
    tokio::select! {
        () = stop.cancelled() => false,
        () = tokio::time::sleep(wait) => true,
    }
}

/// Waits that grow.
struct Patience(Duration);

impl Patience {
    fn new() -> Self {
        Self(FIRST_WAIT)
    }

    fn next(&mut self) -> Duration {
        let wait = self.0;
        self.0 = (wait * 2).min(MAX_WAIT);
        wait
    }
}

/// Learns the bot's name, so that it knows in groups when it is meant.
pub(super) async fn learn_name(line: &Line, stop: &CancellationToken) {
    let mut patience = Patience::new();
    while let Err(error) = line.learn().await {
        if !rest(pause(line, &error, &mut patience), stop).await {
            return;
        }
    }
}

/// Asks for updates until `stop`.
pub(super) async fn poll(line: &Line, sink: &dyn Sink, stop: &CancellationToken) {
    tokio::select! {
        () = stop.cancelled() => return,
        () = prepare(line, stop) => {}
    }
    let mut offset: Option<i64> = None;
    let mut reading = Reading::new();
    let mut patience = Patience::new();
    while !stop.is_cancelled() {
        let asked = tokio::select! {
            () = stop.cancelled() => return,
            asked = ask(line, offset, reading.limit) => asked,
        };
        let updates = match asked {
            Ok(Polled::Updates(updates)) => {
                reading.went_well();
                updates
            }
            Ok(Polled::Unread(answer)) => {
                tracing::warn!(
                    account = line.id,
                    updates = reading.limit,
                    "an answer of Telegram cannot be read"
                );
                match reading.failed(offset, &answer) {
                    Unread::Fewer => {}
                    Unread::Again => {
                        if !rest(patience.next(), stop).await {
                            return;
                        }
                    }
                    Unread::PassOver(next) => {
                        // Asked for again and again it would keep everything that follows it from being heard.
                        tracing::error!(
                            account = line.id,
                            "an update of Telegram cannot be read and is skipped"
                        );
                        metrics::counter!("warung_events_unread_total", "channel" => NAME).increment(1);
                        offset = Some(next);
                        patience = Patience::new();
                    }
                }
                continue;
            }
            Err(trouble) => {
                let wait = if is_conflict(&trouble) {
                    tracing::error!(
                        account = line.id,
                        "Telegram gives updates to one reader only: stop the other process that uses this token, or \
                         remove its webhook"
                    );
                    MAX_WAIT
                } else {
                    pause(line, &harmless("getUpdates", &trouble), &mut patience)
                };
                if rest(wait, stop).await {
                    continue;
                }
                return;
            }
        };
        let before = offset;
        for update in &updates {
            if !store(line, sink, update, stop).await {
                return;
            }
            offset = offset.max(number(update, "update_id").map(|id| id.saturating_add(1)));
        }
        if updates.is_empty() || offset != before {
            patience = Patience::new();
        } else if !rest(patience.next(), stop).await {
            // Updates without ids cannot be confirmed, so they come at once and for ever.
            return;
        }
    }
}

/// Polling and a webhook exclude each other. What has arrived for the webhook is kept.
async fn prepare(line: &Line, stop: &CancellationToken) {
    let mut patience = Patience::new();
    loop {
        let Err(trouble) = line.client.call("deleteWebhook", &json!({ "drop_pending_updates": false })).await
        else {
            break;
        };
        if !rest(pause(line, &harmless("deleteWebhook", &trouble), &mut patience), stop).await {
            return;
        }
    }
    learn_name(line, stop).await;
}

/// How many updates are asked for at once, while answers cannot be read: fewer and fewer, until one is left that cannot.
struct Reading {
    limit: u64,
    /// How often a single update could not be read.
    tries: u32,
}

impl Reading {
    fn new() -> Self {
        Self { limit: POLL_LIMIT, tries: 0 }
    }

    fn went_well(&mut self) {
        *self = Self { limit: (self.limit * 2).min(POLL_LIMIT), tries: 0 };
    }

    /// An answer could not be read.
    fn failed(&mut self, offset: Option<i64>, answer: &[u8]) -> Unread {
        if self.limit > 1 {
            self.limit /= 2;
            return Unread::Fewer;
        }
        self.tries += 1;
        // Where not even its number can be found, offsets that name no update yet pass nothing over.
        let next = update_id(answer).or(offset).and_then(|id| id.checked_add(1));
        match next.filter(|_| self.tries >= UNREAD_TRIES) {
            Some(next) => {
                *self = Self { limit: 1, tries: 0 };
                Unread::PassOver(next)
            }
            None => Unread::Again,
        }
    }
}

/// What is done about an answer that cannot be read.
enum Unread {
    /// Fewer updates are asked for, at once.
    Fewer,
    /// The same update is asked for, after a while.
    Again,
    /// The update is passed over: the next offset.
    PassOver(i64),
}

/// The number of the first update in an answer that cannot be read. Quotes that a person wrote are escaped there.
fn update_id(answer: &[u8]) -> Option<i64> {
    let at = answer.windows(UPDATE_ID.len()).position(|found| found == UPDATE_ID)?;
    let rest = answer.get(at + UPDATE_ID.len()..)?.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start();
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    std::str::from_utf8(&rest[..digits]).ok()?.parse().ok()
}

async fn ask(line: &Line, offset: Option<i64>, limit: u64) -> Result<Polled, Trouble> {
    let mut fields = json!({
        "limit": limit,
        "timeout": POLL_SECONDS,
        "allowed_updates": ALLOWED_UPDATES,
    });
    if let Some(offset) = offset {
        fields["offset"] = offset.into();
    }
    let timeout = Duration::from_secs(POLL_SECONDS) + CALL_TIMEOUT;
    line.client.poll(&fields, timeout).await
}

/// Stores what an update says, trying until it works. Whether to go on.
async fn store(line: &Line, sink: &dyn Sink, update: &Value, stop: &CancellationToken) -> bool {
    let Some(event) = receive::read(&line.bot(), update) else { return true };
    let mut patience = Patience::new();
    while let Err(error) = sink.accept(&NAME.into(), event.clone()).await {
        tracing::warn!(account = line.id, %error, "an update of Telegram waits to be stored");
        if !rest(patience.next(), stop).await {
            return false;
        }
    }
    true
}

/// Whether somebody else reads the updates: another process, or a webhook (Bot API, `getUpdates`: 409).
fn is_conflict(trouble: &Trouble) -> bool {
    matches!(trouble, Trouble::Refused(refusal) if refusal.code == 409)
}

/// Says what is wrong, and how long to wait.
fn pause(line: &Line, error: &CallError, patience: &mut Patience) -> Duration {
    let account = line.id.as_str();
    match error {
        CallError::Retry { after_ms: Some(ms), .. } => Duration::from_millis(*ms),
        CallError::Stopped { .. } => {
            tracing::error!(
                account,
                "Telegram refuses the token: set TELEGRAM_BOT_TOKEN to the one that @BotFather shows"
            );
            SLOW_WAIT
        }
        error => {
            tracing::warn!(account, %error, "Telegram cannot be asked for updates");
            patience.next()
        }
    }
}
