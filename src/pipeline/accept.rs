//! The one door in. What comes in is stored under its unique key before anybody is told that it arrived.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use crate::domain::ids::{ConversationId, StoreId};
use crate::domain::message::{Content, Inbound, MAX_ORDERED_ITEMS, MAX_TEXT_CHARS, MediaKind, OrderedItem};
use crate::edge::webhook::WebhookError;
use crate::store::{self, inbox::NewMessage};

use super::work::Work;
use super::{Pipeline, PipelineError};

/// Bytes of a key that is kept as it is.
const MAX_KEY_BYTES: usize = 400;

/// What became of something that came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The conversation that it belongs to.
    pub conversation: ConversationId,
    /// Its row in the inbox, or nothing when it was stored before.
    pub inbox_id: Option<i64>,
    /// Whether a person of the shop has the conversation, so that nothing of ours attends to it.
    pub is_handed: bool,
}

impl Accepted {
    fn new(stored: store::inbox::Stored, now: DateTime<Utc>) -> Self {
        let store::inbox::Stored { conversation, inbox_id, handed_until, .. } = stored;
        Self { conversation, inbox_id, is_handed: handed_until.is_some_and(|until| until > now) }
    }

    /// Whether it is new and the dialogue's to answer.
    pub fn is_to_attend(&self) -> bool {
        self.inbox_id.is_some() && !self.is_handed
    }
}

/// Why a webhook is not accepted.
#[derive(Debug, thiserror::Error)]
pub enum AcceptError {
    /// This process knows no gateway and no channel of that name.
    #[error("there is no such webhook")]
    Unknown,
    /// The signature is missing or wrong.
    #[error("the signature is missing or wrong")]
    Unsigned,
    /// Signed but unreadable.
    #[error("the body cannot be read: {0}")]
    Malformed(String),
    /// It could not be stored; the sender should come again.
    #[error(transparent)]
    Pipeline(#[from] PipelineError),
}

impl From<WebhookError> for AcceptError {
    fn from(error: WebhookError) -> Self {
        match error {
            WebhookError::Unsigned => Self::Unsigned,
            WebhookError::Malformed(place) => Self::Malformed(place),
        }
    }
}

impl From<sqlx::Error> for AcceptError {
    fn from(error: sqlx::Error) -> Self {
        Self::Pipeline(error.into())
    }
}

impl Pipeline {
    /// Stores what a person sent, as an inbox row and as a row of `customer_messages`, and wakes a worker. A chat that
    /// is new to the shop gets its customer and its conversation here. Repeats change nothing.
    ///
    /// # Errors
    /// [`PipelineError`] when it could not be stored: then nothing was, and the sender should try again.
    pub async fn accept(&self, store: &StoreId, inbound: Inbound) -> Result<Accepted, PipelineError> {
        let now = self.clock.now();
        let mut connection = self.pool.acquire().await?;
        let prepared = self.prepare(&mut connection, inbound).await?;
        let (inbound, message) = (&prepared.inbound, prepared.message(store, self));
        self.faults.pass("accept.before_commit")?;
        let stored = store::inbox::accept_message(&mut connection, &message, now).await?;
        let stored = match stored {
            Some(stored) => stored,
            None => {
                drop(connection);
                self.meet(store, inbound).await?;
                let mut connection = self.pool.acquire().await?;
                store::inbox::accept_message(&mut connection, &message, now)
                    .await?
                    .ok_or(sqlx::Error::RowNotFound)?
            }
        };
        self.faults.pass("accept.after_commit")?;
        if let Some(other) = &stored.other {
            self.unite(&stored.conversation, other).await?;
        }
        // A copy of an old message tells nothing of whose a name is now.
        if let Some(stranger) = stored.stranger.as_ref().filter(|_| stored.inbox_id.is_some()) {
            self.take_over(store, inbound, &stored.conversation, stranger).await?;
        }
        let accepted = Accepted::new(stored, now);
        if accepted.inbox_id.is_some() {
            self.schedule.wake(&accepted.conversation);
        }
        Ok(accepted)
    }

    /// What is stored of something that a person sent.
    async fn prepare(
        &self,
        connection: &mut sqlx::PgConnection,
        inbound: Inbound,
    ) -> Result<Prepared, PipelineError> {
        let inbound = readable(inbound);
        let label = match &inbound.content {
            Content::Press { data } => label_of(connection, data).await?,
            _ => None,
        };
        Ok(self.prepared(inbound, label))
    }

    /// The same where the words on a pressed button are known.
    pub(super) fn prepared(&self, inbound: Inbound, label: Option<String>) -> Prepared {
        let inbound = readable(inbound);
        let (text, kind) = transcript(&inbound.content, label.as_deref());
        Prepared {
            keys: self.keys(&inbound),
            text: text.into_owned(),
            kind,
            payload: json(&Work::Inbound { inbound: inbound.clone() }),
            message_id: self.clock.id(),
            inbound,
        }
    }

    /// Under which keys an event of a person is known. The account is always part of it: two bots hear of one person by the
    /// same name and count what they hear each by itself. Where a platform's ids are unique within a chat only, the chat is
    /// part of the key too; where they are unique within an account it is not, because the next copy may tell another name of it.
    fn keys(&self, inbound: &Inbound) -> Keys {
        let Inbound { from, external_id, account, aliases, .. } = inbound;
        let key = |whose: &str| bounded_key(format!("{whose}:{external_id}"));
        if account.is_empty() {
            return Keys { key: key(&from.chat), others: Vec::new() };
        }
        // Rows that were stored when their key had the chat and not the account are known as well.
        let others = aliases.iter().chain([&from.chat]).map(|name| key(name)).collect();
        if self.channels.spec(&from.channel).is_some_and(|spec| spec.has_ids_of_accounts) {
            return Keys { key: key(account), others };
        }
        Keys { key: key(&format!("{account}/{}", from.chat)), others }
    }
}

/// What is stored of something that a person sent.
pub(super) struct Prepared {
    inbound: Inbound,
    keys: Keys,
    text: String,
    kind: &'static str,
    payload: serde_json::Value,
    message_id: String,
}

impl Prepared {
    pub(super) fn message<'a>(&'a self, store: &'a StoreId, pipeline: &Pipeline) -> NewMessage<'a> {
        let Inbound { from, aliases, .. } = &self.inbound;
        NewMessage {
            store,
            address: from,
            external_id: &self.keys.key,
            other_ids: &self.keys.others,
            payload: &self.payload,
            message_id: &self.message_id,
            text: &self.text,
            kind: self.kind,
            channel_message_id: &self.inbound.external_id,
            account: &self.inbound.account,
            aliases,
            person_id: pipeline.person_id(&from.channel, &from.chat, aliases),
        }
    }
}

/// The keys of one event.
struct Keys {
    /// Under which it is stored.
    key: String,
    /// Under which it may have been stored before.
    others: Vec<String>,
}

/// A key that fits into a row of an index; a longer one is known by its hash.
fn bounded_key(key: String) -> String {
    if key.len() <= MAX_KEY_BYTES { key } else { format!("sha256:{}", hex::encode(Sha256::digest(key))) }
}

/// JSON of a value of ours; such values always serialise.
pub(super) fn json<T: serde::Serialize>(value: &T) -> serde_json::Value {
    serde_json::to_value(value).unwrap_or_default()
}

async fn label_of(connection: &mut sqlx::PgConnection, data: &str) -> Result<Option<String>, PipelineError> {
    let Some((token, index)) = store::prompts::parse(data) else { return Ok(None) };
    let shown = store::prompts::find(connection, token).await?;
    Ok(shown.and_then(|shown| shown.choices.get(index).map(|choice| choice.label.clone())))
}

/// What people read later of a message: words, and the column's kind of it.
fn transcript<'a>(content: &'a Content, label: Option<&'a str>) -> (Cow<'a, str>, &'static str) {
    match content {
        Content::Text { text } => (text.into(), "text"),
        Content::Press { .. } => (label.unwrap_or_default().into(), "button"),
        Content::Location { latitude, longitude, name } => {
            (name.clone().unwrap_or_else(|| format!("{latitude},{longitude}")).into(), "text")
        }
        Content::Media { media, caption, .. } => {
            let kind = if *media == MediaKind::Image { "image" } else { "file" };
            (caption.as_deref().unwrap_or_default().into(), kind)
        }
        Content::Order { items, note } => {
            let lines: Vec<String> =
                items.iter().map(|item| format!("{} x {}", pieces(item), item.code)).collect();
            (note.iter().cloned().chain(lines).collect::<Vec<_>>().join("\n").into(), "text")
        }
        Content::Phone { phone } => (phone.into(), "text"),
        Content::Edited { text } => (text.into(), "text"),
        Content::Silent | Content::Unknown => ("".into(), "text"),
    }
}

/// The quantity of a line of a platform's cart, as the platform wrote it.
fn pieces(item: &OrderedItem) -> Cow<'_, str> {
    item.unclear.as_deref().map_or_else(|| item.quantity.to_string().into(), Cow::from)
}

/// Bounds texts and drops the one character that PostgreSQL cannot store.
pub(super) fn readable(mut inbound: Inbound) -> Inbound {
    let clean = |text: &mut String| {
        text.retain(|c| c != '\0');
        if let Some((end, _)) = text.char_indices().nth(MAX_TEXT_CHARS + 1) {
            text.truncate(end);
        }
    };
    let clean_some = |text: &mut Option<String>| text.iter_mut().for_each(clean);
    clean_some(&mut inbound.sender_name);
    // Platforms demand a name; who gives a dot or a picture has not told theirs.
    inbound.sender_name = inbound.sender_name.filter(|name| name.chars().any(char::is_alphabetic));
    clean_some(&mut inbound.sender_phone);
    clean_some(&mut inbound.language_hint);
    clean(&mut inbound.external_id);
    match &mut inbound.content {
        Content::Text { text }
        | Content::Press { data: text }
        | Content::Phone { phone: text }
        | Content::Edited { text } => clean(text),
        Content::Location { latitude, longitude, name } => {
            clean(latitude);
            clean(longitude);
            clean_some(name);
        }
        Content::Media { caption, .. } => clean_some(caption),
        Content::Order { items, note } => {
            items.truncate(MAX_ORDERED_ITEMS);
            for item in items {
                clean(&mut item.code);
                clean_some(&mut item.unclear);
            }
            clean_some(note);
        }
        Content::Silent | Content::Unknown => {}
    }
    inbound
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::message::Address;

    #[test]
    fn texts_are_bounded_and_lose_what_the_database_cannot_hold() {
        let from = Address { channel: "web".into(), chat: "a".into() };
        let content = Content::Text { text: "é".repeat(10_000) };
        let inbound =
            readable(Inbound { sender_name: Some("A\0yu".into()), ..Inbound::new(from, "1", content) });
        assert_eq!(inbound.sender_name.as_deref(), Some("Ayu"));
        let Content::Text { text } = inbound.content else { panic!("still a text") };
        assert_eq!(
            text.chars().count(),
            MAX_TEXT_CHARS + 1,
            "one more than the limit, so that the cut is noticed"
        );
    }
}
