//! The one door in. What comes in is stored under its unique key before anybody is told that it arrived.

use std::borrow::Cow;

use crate::dialogue::conversation::Conversation;
use crate::domain::customer::Language;
use crate::domain::ids::{ConversationId, StoreId};
use crate::domain::message::{Content, Inbound, MAX_ORDERED_ITEMS, MAX_TEXT_CHARS, MediaKind};
use crate::edge::webhook::WebhookError;
use crate::store::{self, inbox::NewMessage};

use super::work::Work;
use super::{Pipeline, PipelineError};

/// What became of something that came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The conversation that it belongs to.
    pub conversation: ConversationId,
    /// Its row in the inbox, or nothing when it was stored before.
    pub inbox_id: Option<i64>,
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
        let inbound = readable(inbound);
        let now = self.clock.now();
        let mut connection = self.pool.acquire().await?;
        let label = match &inbound.content {
            Content::Press { data } => label_of(&mut connection, data).await?,
            _ => None,
        };
        // Ids of events are unique within a platform's account at best, so the chat is part of the key.
        let key = format!("{}:{}", inbound.from.chat, inbound.external_id);
        let (text, kind) = transcript(&inbound.content, label.as_deref());
        let payload = json(&Work::Inbound { inbound: inbound.clone() });
        let message_id = self.clock.id();
        let message = NewMessage {
            store,
            address: &inbound.from,
            external_id: &key,
            payload: &payload,
            message_id: &message_id,
            text: &text,
            kind,
            channel_message_id: &inbound.external_id,
            aliases: &inbound.aliases,
        };
        self.faults.pass("accept.before_commit")?;
        let stored = store::inbox::accept_message(&mut connection, &message, now).await?;
        let stored = match stored {
            Some(stored) => stored,
            None => {
                drop(connection);
                self.meet(store, &inbound).await?;
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
        let store::inbox::Stored { conversation, inbox_id, .. } = stored;
        if inbox_id.is_some() {
            self.schedule.wake(&conversation);
        }
        Ok(Accepted { conversation, inbox_id })
    }

    /// Two conversations turned out to be one chat's, because the platform has told both of its names: from now on they
    /// are one customer's, with one cart, and the second leads to the first.
    async fn unite(&self, keep: &ConversationId, gone: &ConversationId) -> Result<(), PipelineError> {
        let now = self.clock.now();
        let mut transaction = self.pool.begin().await?;
        let kept = store::join::customer_of(&mut transaction, keep).await?;
        let other = store::join::customer_of(&mut transaction, gone).await?;
        if let (Some(kept), Some(other)) = (kept, other)
            && kept != other
        {
            let mut cart = store::carts::load(&mut transaction, &kept).await?;
            cart.absorb(store::carts::load(&mut transaction, &other).await?);
            store::carts::save(&mut transaction, &kept, &cart, now).await?;
            store::join::merge(&mut transaction, &kept, &other, now).await?;
        }
        store::join::retire(&mut transaction, keep, gone).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Makes the customer and the conversation of a chat that writes for the first time.
    pub(super) async fn meet(
        &self,
        store: &StoreId,
        inbound: &Inbound,
    ) -> Result<ConversationId, PipelineError> {
        let now = self.clock.now();
        let mut transaction = self.pool.begin().await?;
        let customer = store::customers::find_or_insert(
            &mut transaction,
            &self.clock,
            store,
            &inbound.from,
            inbound.sender_name.as_deref(),
            inbound.sender_phone.as_deref(),
            now,
        )
        .await?;
        // What they chose in another chat, then what the platform hints at, then the shop's.
        let chosen = store::customers::language(&mut transaction, &customer).await?;
        let hint = inbound.language_hint.as_deref().and_then(Language::parse);
        let language = match chosen.or(hint) {
            Some(language) => language,
            None => store::stores::load(&mut transaction, store)
                .await?
                .map_or(Language::Id, |store| store.language),
        };
        let language_chosen = chosen.is_some();
        let state = Conversation { language, language_chosen, ..Conversation::default() };
        let id = ConversationId::from(self.clock.id());
        let id =
            store::conversations::insert(&mut transaction, &id, store, &inbound.from, &customer, &state, now)
                .await?;
        transaction.commit().await?;
        Ok(id)
    }
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
                items.iter().map(|item| format!("{} x {}", item.quantity, item.code)).collect();
            (note.iter().cloned().chain(lines).collect::<Vec<_>>().join("\n").into(), "text")
        }
        Content::Phone { phone } => (phone.into(), "text"),
        Content::Edited { text } => (text.into(), "text"),
        Content::Silent | Content::Unknown => ("".into(), "text"),
    }
}

/// Bounds texts and drops the one character that PostgreSQL cannot store.
fn readable(mut inbound: Inbound) -> Inbound {
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
            items.iter_mut().for_each(|item| clean(&mut item.code));
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
