//! Sending: where a message goes, and how a second try of the same message changes nothing.
//!
//! - Outside interactions, and to interactions in direct messages, a message goes into the person's direct message
//!   channel with an enforced nonce: a second try within minutes gives the first message again.
//! - The answer to a command or a form is put into the place of its "thinking" mark, and the answer to a press that
//!   replaces the pressed message into that message: both are changes, which can be repeated.
//! - In servers, further answers are follow-ups that only the person sees. The platform takes no nonce for those, so a
//!   lost answer is told as unknown.
//! - A token that is no good any more leaves the direct message channel.

use chrono::{DateTime, Utc};
use reqwest::Method;
use serde_json::{Value, json};

use crate::channels::{Receipt, Send};
use crate::edge::CallError;

use super::account::Account;
use super::compose::{self, Part};
use super::interaction::{Thread, Waiting};
use super::limiter::Route;
use super::memory::{Answered, Bounded, Held, Progress};
use super::problem::Problem;
use super::rest::{Body, Rest};
use super::wire;

/// Interactions that are remembered.
const MAX_INTERACTIONS: usize = 4_096;
/// Direct message channels that are remembered.
const MAX_CHANNELS: usize = 10_000;
/// Messages of which some parts are remembered as sent.
const MAX_PROGRESS: usize = 4_096;
/// How long a token is used, in seconds: the platform's fifteen minutes without some for the call.
const TOKEN_SECONDS: i64 = 15 * 60 - 20;
/// The wait after a follow-up whose answer was lost.
const UNKNOWN_AFTER_MS: u64 = 5_000;
/// The code of a channel that does not exist.
const UNKNOWN_CHANNEL: i64 = 10_003;
/// The flag of a reply that still shows that an answer comes. Source: `resources/message.mdx`, "Message Flags".
const LOADING: i64 = 1 << 7;

/// The sending side of the channel.
#[derive(Debug)]
pub struct Sender {
    rest: Rest,
    interactions: Bounded<String, Held>,
    /// Direct message channels by account and user.
    channels: Bounded<(String, String), String>,
    /// Ids of parts that were sent, of messages that have several.
    sent: Bounded<(String, i64, usize), String>,
}

/// Where a part goes, and as what.
struct Place<'a> {
    account: &'a Account,
    user_id: &'a str,
    /// The direct message channel, where the event that is answered tells it.
    channel_id: Option<String>,
    outbox_id: i64,
    index: usize,
    replaces_pressed: bool,
}

impl Place<'_> {
    fn nonce(&self) -> String {
        match self.index {
            0 => self.outbox_id.to_string(),
            index => format!("{}-{index}", self.outbox_id),
        }
    }
}

impl Sender {
    /// A sender over a client.
    pub fn new(rest: Rest) -> Self {
        Self {
            rest,
            interactions: Bounded::new(MAX_INTERACTIONS),
            channels: Bounded::new(MAX_CHANNELS),
            sent: Bounded::new(MAX_PROGRESS),
        }
    }

    /// The client.
    pub fn rest(&self) -> &Rest {
        &self.rest
    }

    /// Sends a message, whole.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn send(&self, account: &Account, send: &Send<'_>) -> Result<Receipt, CallError> {
        if !wire::is_snowflake(&send.to.chat) {
            return Err(CallError::Fail {
                reason: "the chat is not the number of a Discord user".to_owned(),
            });
        }
        let bytes = if send.message.document.is_some() { send.document } else { send.image };
        let parts = compose::parts(send.message, bytes);
        if send.message.document.is_some() && parts.first().is_none_or(|part| part.file.is_none()) {
            // A message that promises a document is none without it.
            return Err(CallError::Fail {
                reason: "the document of the message is missing or too large".to_owned(),
            });
        }
        let interaction = send.thread.and_then(Thread::read).filter(|thread| is_young(thread, send.now));
        let channel_id = send.thread.and_then(|thread| wire::id(thread.get("channel_id")));
        let mut last = None;
        for (index, part) in parts.iter().enumerate() {
            let key = (account.id().to_owned(), send.outbox_id, index);
            if let Some(id) = self.sent.get(&key) {
                last = Some(id);
                continue;
            }
            if index < send.parts_sent && index + 1 < parts.len() {
                continue;
            }
            let place = Place {
                account,
                user_id: &send.to.chat,
                channel_id: channel_id.clone(),
                outbox_id: send.outbox_id,
                index,
                replaces_pressed: send.message.replaces_pressed,
            };
            let id = match &interaction {
                Some(thread) => self.answer(&place, thread, part).await?,
                None => self.direct(&place, part).await?,
            };
            if index + 1 < parts.len() {
                self.sent.get_or(key, || id.clone());
                send.note_parts(index + 1).await;
            }
            last = Some(id);
        }
        let Some(id) = last else {
            return Err(CallError::Fail {
                reason: "the message has nothing that Discord could show".to_owned(),
            });
        };
        Ok(Receipt { channel_message_id: Some(id), uploaded: None })
    }

    /// Gives an interaction its first response, once.
    ///
    /// # Errors
    /// [`Problem`] when another try makes sense.
    pub async fn acknowledge(&self, waiting: &Waiting) -> Result<Answered, Problem> {
        let held = self.held(&waiting.id);
        let mut progress = held.lock().await;
        self.first(&mut progress, waiting).await
    }

    /// Shows that an answer is being written.
    ///
    /// # Errors
    /// [`Problem`].
    pub async fn typing(&self, account: &Account, channel_id: &str) -> Result<(), Problem> {
        let route = Route::of("/channels/typing", channel_id, format!("/channels/{channel_id}/typing"));
        self.rest.call(Some(account), Method::POST, route, Body::Empty).await.map(|_| ())
    }

    fn held(&self, interaction_id: &str) -> Held {
        self.interactions.get_or(interaction_id.to_owned(), Held::default)
    }

    async fn first(&self, progress: &mut Progress, waiting: &Waiting) -> Result<Answered, Problem> {
        if progress.answered != Answered::No {
            return Ok(progress.answered);
        }
        let path = format!("/interactions/{}/{}/callback", waiting.id, waiting.token);
        let route = Route::of("/interactions/callback", &waiting.id, path);
        progress.answered =
            match self.rest.call(None, Method::POST, route, Body::Json(&waiting.response)).await {
                Ok(_) => Answered::Here,
                // Past three seconds the platform does not say whether somebody answered in time; the routes of
                // further answers do.
                Err(problem) if problem.is_already_answered() || problem.is_dead_token() => {
                    Answered::Elsewhere
                }
                Err(problem) if matches!(problem.error, CallError::Retry { .. } | CallError::Down { .. }) => {
                    return Err(problem);
                }
                Err(_) => Answered::Dead,
            };
        Ok(progress.answered)
    }

    /// Sends a part as an answer to an interaction.
    async fn answer(&self, place: &Place<'_>, thread: &Thread, part: &Part) -> Result<String, CallError> {
        let held = self.held(&thread.interaction_id);
        // Parts of one interaction are sent one after the other; other interactions do not wait.
        let mut progress = held.lock().await;
        let waiting = Waiting {
            id: thread.interaction_id.clone(),
            token: thread.token.clone(),
            response: thread.first_response(),
        };
        if self.first(&mut progress, &waiting).await? == Answered::Dead {
            return self.direct(place, part).await;
        }
        match self.by_token(place, thread, part, &mut progress).await {
            Ok(id) => Ok(id),
            Err(problem) if problem.is_dead_token() => {
                progress.answered = Answered::Dead;
                drop(progress);
                self.direct(place, part).await
            }
            Err(problem) => Err(problem.error),
        }
    }

    async fn by_token(
        &self,
        place: &Place<'_>,
        thread: &Thread,
        part: &Part,
        progress: &mut Progress,
    ) -> Result<String, Problem> {
        let wants_original = place.index == 0 && (!thread.can_replace() || place.replaces_pressed);
        if wants_original && progress.original.is_none_or(|outbox_id| outbox_id == place.outbox_id) {
            let is_free =
                thread.can_replace() || progress.answered == Answered::Here || progress.original.is_some();
            match if is_free { Ok(Original::Free) } else { self.original(thread, part).await } {
                Ok(Original::Same(id)) => return Ok(id),
                Ok(Original::Free) => match self.edit_original(thread, part).await {
                    Ok(id) => {
                        progress.original = Some(place.outbox_id);
                        return Ok(id);
                    }
                    Err(problem) if problem.is_unknown_message() => {}
                    Err(problem) => return Err(problem),
                },
                Ok(Original::Taken) => {}
                Err(problem) if problem.is_unknown_message() => {}
                Err(problem) => return Err(problem),
            }
        }
        if !thread.ephemeral && place.channel_id.is_some() {
            match self.direct(place, part).await {
                // The person's settings forbid messages, but not answers to what they pressed.
                Err(CallError::Unreachable { .. }) => {}
                sent => return sent.map_err(Problem::of),
            }
        }
        self.follow_up(thread, part).await
    }

    /// What stands in the place of the first answer, when another process saw to it.
    async fn original(&self, thread: &Thread, part: &Part) -> Result<Original, Problem> {
        let answer = self.rest.call(None, Method::GET, original_route(thread), Body::Empty).await?;
        if wire::number(answer.get("flags")).unwrap_or_default() & LOADING != 0 {
            return Ok(Original::Free);
        }
        let shown = answer.get("content").and_then(Value::as_str).unwrap_or_default();
        let embed = |embeds: &[Value]| {
            embeds
                .first()
                .and_then(|embed| embed.get("description"))
                .and_then(Value::as_str)
                .map(str::to_owned)
        };
        let is_same = shown == part.content.as_deref().unwrap_or_default()
            && embed(wire::list(answer.get("embeds"))) == embed(&part.embeds);
        Ok(match wire::id(answer.get("id")).filter(|_| is_same) {
            Some(id) => Original::Same(id),
            None => Original::Taken,
        })
    }

    async fn edit_original(&self, thread: &Thread, part: &Part) -> Result<String, Problem> {
        let body = part.edit();
        let body = Body::with(&body, part.file.as_ref());
        sent(self.rest.call(None, Method::PATCH, original_route(thread), body).await?)
    }

    async fn follow_up(&self, thread: &Thread, part: &Part) -> Result<String, Problem> {
        let path = format!("/webhooks/{}/{}", thread.application_id, thread.token);
        let route = Route::of("/webhooks", &thread.token, path);
        let body = part.follow_up(thread.ephemeral);
        match self.rest.call(None, Method::POST, route, Body::with(&body, part.file.as_ref())).await {
            Ok(answer) => sent(answer),
            Err(Problem {
                error: CallError::Retry { reason, .. } | CallError::Down { reason, .. },
                may_have_worked: true,
                code,
            }) => Err(Problem {
                code,
                error: CallError::Unknown { reason, after_ms: UNKNOWN_AFTER_MS },
                may_have_worked: true,
            }),
            Err(problem) => Err(problem),
        }
    }

    /// Sends a part into the person's direct messages.
    async fn direct(&self, place: &Place<'_>, part: &Part) -> Result<String, CallError> {
        let key = (place.account.id().to_owned(), place.user_id.to_owned());
        let known = place.channel_id.clone().or_else(|| self.channels.get(&key));
        if let Some(channel_id) = known {
            match self.post_in(place, &channel_id, part).await {
                // The channel is gone, or was another bot's: it is opened again.
                Err(problem) if problem.code == UNKNOWN_CHANNEL => self.channels.remove(&key),
                sent => return sent.map_err(CallError::from),
            }
        }
        let channel_id = self.channel(place.account, place.user_id).await?;
        self.post_in(place, &channel_id, part).await.map_err(CallError::from)
    }

    /// The direct message channel of a person, opened where it is not known.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn channel(&self, account: &Account, user_id: &str) -> Result<String, CallError> {
        let key = (account.id().to_owned(), user_id.to_owned());
        if let Some(channel_id) = self.channels.get(&key) {
            return Ok(channel_id);
        }
        let body = json!({ "recipient_id": user_id });
        let route = Route::plain("/users/@me/channels");
        let opened = self.rest.call(Some(account), Method::POST, route, Body::Json(&body)).await?;
        let channel_id = sent(opened)?;
        self.channels.get_or(key, || channel_id.clone());
        Ok(channel_id)
    }

    async fn post_in(&self, place: &Place<'_>, channel_id: &str, part: &Part) -> Result<String, Problem> {
        let route = Route::of("/channels/messages", channel_id, format!("/channels/{channel_id}/messages"));
        let body = part.message(&place.nonce());
        let body = Body::with(&body, part.file.as_ref());
        sent(self.rest.call(Some(place.account), Method::POST, route, body).await?)
    }
}

/// The message in the place of an interaction's first answer.
enum Original {
    /// The mark that an answer comes.
    Free,
    /// This very message, sent before.
    Same(String),
    /// Another message.
    Taken,
}

fn original_route(thread: &Thread) -> Route {
    let path = format!("/webhooks/{}/{}/messages/@original", thread.application_id, thread.token);
    Route::of("/webhooks/messages/@original", &thread.token, path)
}

/// The id of what was made.
fn sent(answer: Value) -> Result<String, Problem> {
    wire::id(answer.get("id")).ok_or_else(|| Problem::unread("the platform's answer names no id"))
}

/// Whether an interaction's token may still be good. A clock that stands before the platform's is no reason to
/// doubt it: the platform has the last word.
fn is_young(thread: &Thread, now: DateTime<Utc>) -> bool {
    thread.at.is_none_or(|at| now.timestamp().saturating_sub(at) < TOKEN_SECONDS)
}
