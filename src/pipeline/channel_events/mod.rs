//! What platforms tell: webhooks and listeners come in here, and everything is stored before the platform hears that it
//! arrived.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use async_trait::async_trait;
use chrono::TimeDelta;
use futures::{TryStreamExt, stream};

use crate::channels::{LastHeard, NotStored, Sink};
use crate::domain::ids::{ConversationId, StoreId};
use crate::domain::message::{Address, ChannelEvent, ChannelName, Content, Delivery, DeliveryState, Inbound};
use crate::edge::webhook::WebhookRequest;
use crate::store;

use super::accept::{AcceptError, json};
use super::work::Work;
use super::{Pipeline, PipelineError};

/// Chats of one webhook that are stored side by side. A platform may send a thousand events at once and wants its answer
/// within a quarter of a second.
const SIDE_BY_SIDE: usize = 8;
/// How long ago a chat may have been heard from, for a listener that was away to read it again.
const HEARD_FOR: TimeDelta = TimeDelta::days(30);
/// How many chats it reads again, those that were heard from last.
const MAX_HEARD: i64 = 200;
/// How old something may be that a listener has missed: as old as what WhatsApp still delivers.
const MISSED_FOR: TimeDelta = TimeDelta::days(7);

impl Pipeline {
    /// Stores everything that a webhook of a channel tells. Events of one chat keep their order.
    ///
    /// # Errors
    /// [`AcceptError`]; when it could not be stored the platform comes again, and what was stored is known by its id.
    pub async fn accept_webhook(&self, name: &str, request: &WebhookRequest) -> Result<(), AcceptError> {
        let channel = ChannelName::from(name);
        let Some(adapter) = self.channels.get(&channel) else { return Err(AcceptError::Unknown) };
        let events = adapter.receive(request).inspect_err(|_| {
            metrics::counter!("warung_webhooks_refused_total", "channel" => name.to_owned()).increment(1);
        })?;
        let mut chats: BTreeMap<(String, String), Vec<ChannelEvent>> = BTreeMap::new();
        for event in events {
            chats.entry(lane(&event)).or_default().push(event);
        }
        stream::iter(chats.into_values().map(Ok))
            .try_for_each_concurrent(SIDE_BY_SIDE, |events| {
                let channel = &channel;
                async move {
                    for event in events {
                        self.accept_event(channel, event).await?;
                    }
                    Ok::<(), PipelineError>(())
                }
            })
            .await?;
        Ok(())
    }

    /// Stores one event of a channel. Repeats change nothing.
    ///
    /// # Errors
    /// [`PipelineError`] when it could not be stored: then it should come again.
    pub async fn accept_event(
        &self,
        channel: &ChannelName,
        event: ChannelEvent,
    ) -> Result<(), PipelineError> {
        match event {
            ChannelEvent::Said(inbound) => self.said(channel, inbound).await,
            ChannelEvent::Delivery(delivery) => self.reported(channel, &delivery).await,
            ChannelEvent::Echo { account, chat, external_id, text } => {
                let Some(store) = self.store_of(channel, &account) else { return Ok(()) };
                let content = Content::Text { text: text.clone() };
                let echo = Inbound { account, ..Inbound::new(chat, &external_id, content) };
                self.echoed(&store, echo, text).await
            }
            ChannelEvent::Moved { account, from, to } => {
                let Some(store) = self.store_of(channel, &account) else { return Ok(()) };
                let mut connection = self.pool.acquire().await?;
                store::join::rename(&mut connection, &store, channel, &from.chat, &to).await?;
                Ok(())
            }
        }
    }

    /// The shop that answers on an account; nothing when no shop of ours does.
    pub fn store_of(&self, channel: &ChannelName, account: &str) -> Option<StoreId> {
        if account.is_empty() {
            return Some(self.store_id.clone());
        }
        let accounts = self.accounts.read().unwrap_or_else(PoisonError::into_inner);
        let known = accounts.get(&(channel.clone(), account.to_owned()));
        if known.is_none() {
            tracing::warn!(%channel, "an event reached an account that belongs to no shop here");
        }
        known.cloned()
    }

    async fn said(&self, channel: &ChannelName, inbound: Inbound) -> Result<(), PipelineError> {
        let Some(store) = self.store_of(channel, &inbound.account) else { return Ok(()) };
        let courtesy =
            inbound.thread.clone().map(|thread| (inbound.account.clone(), inbound.from.clone(), thread));
        let accepted = self.accept(&store, inbound).await?;
        // What comes again has been attended to.
        if let Some((account, to, thread)) = courtesy.filter(|_| accepted.inbox_id.is_some()) {
            self.attend(channel, account, to, thread);
        }
        Ok(())
    }

    /// Lets the channel show that somebody listens, without waiting for it.
    fn attend(&self, channel: &ChannelName, account: String, to: Address, thread: serde_json::Value) {
        let Some(adapter) = self.channels.get(channel).cloned() else { return };
        let Ok(permit) = Arc::clone(&self.courtesies).try_acquire_owned() else { return };
        tokio::spawn(async move {
            adapter.attend(&account, &to, &thread).await;
            drop(permit);
        });
    }

    /// How far a message got. One that failed is news for its conversation, which looks for another way.
    async fn reported(&self, channel: &ChannelName, delivery: &Delivery) -> Result<(), PipelineError> {
        let now = self.clock.now();
        let mut transaction = self.pool.begin().await?;
        let reported = store::deliveries::report(&mut transaction, channel, delivery, now).await?;
        let failed = reported.filter(|_| delivery.state == DeliveryState::Failed);
        if let Some(failed) = &failed {
            tracing::warn!(
                outbox.id = failed.outbox_id,
                reason = delivery.error,
                "a message was not delivered"
            );
            undelivered(&mut transaction, &failed.conversation, failed.outbox_id, now).await?;
        }
        transaction.commit().await?;
        if let Some(failed) = failed {
            self.schedule.wake(&failed.conversation);
        }
        Ok(())
    }

    /// The owner wrote with the platform's own app.
    async fn echoed(&self, store: &StoreId, echo: Inbound, text: String) -> Result<(), PipelineError> {
        let now = self.clock.now();
        let mut connection = self.pool.acquire().await?;
        let found = store::conversations::find(&mut connection, store, &echo.from).await?;
        drop(connection);
        let conversation = match found {
            Some(conversation) => conversation,
            None => self.meet(store, &echo).await?,
        };
        let mut transaction = self.pool.begin().await?;
        let key = format!("echo:{}", echo.external_id);
        let source = echo.from.channel.as_str();
        let work = json(&Work::Echo { text: text.clone() });
        let stored = store::inbox::insert(&mut transaction, &conversation, source, &key, &work, now).await?;
        if stored.is_some() {
            let id = self.clock.id();
            store::transcripts::insert_outbound(&mut transaction, &id, &conversation, &text, now).await?;
        }
        transaction.commit().await?;
        self.schedule.wake(&conversation);
        Ok(())
    }
}

/// Tells a conversation that a message of its own was given up.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub(super) async fn undelivered(
    connection: &mut sqlx::PgConnection,
    conversation: &ConversationId,
    outbox_id: i64,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<(), sqlx::Error> {
    let key = format!("undelivered:{outbox_id}");
    let work = json(&Work::Undelivered { outbox_id });
    store::inbox::insert(connection, conversation, "signal", &key, &work, now).await?;
    Ok(())
}

/// Events of one lane keep their order: those of a chat, and all reports.
fn lane(event: &ChannelEvent) -> (String, String) {
    match event {
        ChannelEvent::Said(inbound) => (inbound.account.clone(), inbound.from.chat.clone()),
        ChannelEvent::Echo { account, chat, .. } => (account.clone(), chat.chat.clone()),
        ChannelEvent::Moved { account, from, .. } => (account.clone(), from.chat.clone()),
        ChannelEvent::Delivery(_) => (String::new(), String::new()),
    }
}

#[async_trait]
impl Sink for Pipeline {
    async fn accept(&self, channel: &ChannelName, event: ChannelEvent) -> Result<(), NotStored> {
        self.accept_event(channel, event).await.map_err(|error| NotStored(error.to_string()))
    }

    async fn keep(
        &self,
        channel: &ChannelName,
        account: &str,
        note: &serde_json::Value,
    ) -> Result<(), NotStored> {
        let keep = async {
            let mut connection = self.pool.acquire().await?;
            store::leadership::keep_note(&mut connection, channel, account, note, self.clock.now()).await
        };
        keep.await.map_err(|error| NotStored(error.to_string()))
    }

    async fn last_heard(&self, channel: &ChannelName, account: &str) -> Vec<LastHeard> {
        let chats = async {
            let mut connection = self.pool.acquire().await?;
            let since = self.clock.now() - HEARD_FOR;
            store::conversations::heard_since(&mut connection, channel, account, since, MAX_HEARD).await
        };
        let chats = chats.await.unwrap_or_else(|error: sqlx::Error| {
            tracing::warn!(%error, channel = channel.as_str(), "the chats of a channel are not known");
            Vec::new()
        });
        let oldest = self.clock.now() - MISSED_FOR;
        chats.into_iter().map(|(chat, at)| LastHeard { chat, at: at.max(oldest) }).collect()
    }

    async fn kept(&self, channel: &ChannelName, account: &str) -> Option<serde_json::Value> {
        let mut connection = self.pool.acquire().await.ok()?;
        store::leadership::note(&mut connection, channel, account).await.ok().flatten()
    }
}

#[cfg(test)]
mod contract_tests;
#[cfg(test)]
mod tests;
