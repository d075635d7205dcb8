//! What platforms tell: webhooks and listeners come in here, and everything is stored before the platform hears that it
//! arrived.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use chrono::TimeDelta;
use futures::{StreamExt, TryStreamExt, stream};
use tokio::sync::Semaphore;

use crate::channels::{LastHeard, NotStored, Sink};
use crate::domain::ids::StoreId;
use crate::domain::message::{ChannelEvent, ChannelName, Content, Inbound};
use crate::edge::webhook::WebhookRequest;
use crate::store;

use self::lanes::lanes;
pub(super) use self::reports::undelivered;
use super::accept::{AcceptError, Accepted, json};
use super::crowd::{self, Sorted};
use super::identity::Move;
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
        let called = self.channels.get(&channel).filter(|adapter| adapter.spec().takes_webhooks);
        let Some(adapter) = called else { return Err(AcceptError::Unknown) };
        let events = adapter.receive(request).inspect_err(|_| {
            metrics::counter!("warung_webhooks_refused_total", "channel" => name.to_owned()).increment(1);
        })?;
        Ok(self.accept_events(&channel, events).await?)
    }

    /// Stores events of a channel. One that the database refuses does not keep the others from being stored: the platform
    /// would bring all of them again, and be refused again.
    ///
    /// # Errors
    /// The first [`PipelineError`], when all that can be stored is stored.
    pub(super) async fn accept_events(
        &self,
        channel: &ChannelName,
        events: Vec<ChannelEvent>,
    ) -> Result<(), PipelineError> {
        let Sorted { crowds, apart } = crowd::sorted(lanes(events));
        let crowds: Vec<_> = stream::iter(crowds.into_iter().map(|crowd| self.accept_crowd(channel, crowd)))
            .buffer_unordered(SIDE_BY_SIDE)
            .try_collect()
            .await?;
        let left = crowds.into_iter().flatten();
        let left = left.map(|lane| lane.into_iter().map(ChannelEvent::Said).collect::<Vec<_>>());
        let refused = Mutex::new(None);
        stream::iter(apart.into_iter().chain(left).map(Ok))
            .try_for_each_concurrent(SIDE_BY_SIDE, |events| {
                let refused = &refused;
                async move {
                    for event in events {
                        match self.accept_readable(channel, event).await {
                            Err(error @ PipelineError::Database(sqlx::Error::Database(_))) => {
                                tracing::error!(%channel, %error, "an event could not be stored");
                                refused.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
                            }
                            // Without a database there is no use in trying the others.
                            result => result?,
                        }
                    }
                    Ok::<(), PipelineError>(())
                }
            })
            .await?;
        refused.into_inner().unwrap_or_else(PoisonError::into_inner).map_or(Ok(()), Err)
    }

    /// Stores one event of a channel; of one that the database can never take, that it came. The platform would bring it
    /// again for ever, and some bring nothing else until it is taken.
    async fn accept_readable(&self, channel: &ChannelName, event: ChannelEvent) -> Result<(), PipelineError> {
        let bare = match &event {
            ChannelEvent::Said(said) => {
                let bare = Inbound::new(said.from.clone(), said.external_id.clone(), Content::Unknown);
                Some(ChannelEvent::Said(Inbound { account: said.account.clone(), ..bare }))
            }
            _ => None,
        };
        let Some(code) = refused_for_good(self.accept_event(channel, event).await)? else { return Ok(()) };
        metrics::counter!("warung_events_unread_total", "channel" => channel.to_string()).increment(1);
        tracing::error!(%channel, code, "an event holds what the database cannot take and is stored without it");
        if let Some(bare) = bare
            && let Some(code) = refused_for_good(self.accept_event(channel, bare).await)?
        {
            tracing::error!(%channel, code, "an event cannot be stored at all and is skipped");
        }
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
            ChannelEvent::Echo { account, chat, external_id, text, aliases } => {
                let Some(store) = self.store_of(channel, &account) else { return Ok(()) };
                let content = Content::Text { text: text.clone() };
                let echo = Inbound { account, aliases, ..Inbound::new(chat, &external_id, content) };
                self.echoed(&store, echo, text).await
            }
            ChannelEvent::Moved { account, from, to, aliases, phone } => {
                let Some(store) = self.store_of(channel, &account) else { return Ok(()) };
                let phone = phone.as_deref();
                let news = Move { from: &from.chat, to: &to, aliases: &aliases, phone };
                self.moved(&store, channel, news).await
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
        if inbound.is_in_group && self.overheard(channel, &store, &inbound).await? {
            return Ok(());
        }
        let accepted = self.accept(&store, inbound.clone()).await?;
        self.attend_to(channel, std::iter::once((inbound, accepted)));
        Ok(())
    }

    /// Lets the channel show that somebody listens, without waiting for it. Of several messages of one chat the last one stands
    /// for all: a mark on it is one on those before it. What comes again has been attended to, and what a person of the shop
    /// has is theirs to read; but a platform that waits for a word gets it, whoever answers and however often it asks.
    pub(super) fn attend_to(&self, channel: &ChannelName, heard: impl Iterator<Item = (Inbound, Accepted)>) {
        let mut last = None;
        for (inbound, accepted) in heard {
            if inbound.waits() {
                self.attend(channel, inbound, &self.acknowledgements);
            } else if accepted.is_to_attend() && inbound.content != Content::Silent {
                last = Some(inbound);
            }
        }
        if let Some(inbound) = last {
            self.attend(channel, inbound, &self.courtesies);
        }
    }

    fn attend(&self, channel: &ChannelName, inbound: Inbound, permits: &Arc<Semaphore>) {
        let Inbound { account, from, thread: Some(thread), .. } = inbound else { return };
        let Some(adapter) = self.channels.get(channel).filter(|adapter| adapter.abilities().attend.is_some())
        else {
            return;
        };
        let Ok(permit) = Arc::clone(permits).try_acquire_owned() else { return };
        tokio::spawn(async move {
            if let Some(attend) = adapter.abilities().attend {
                attend.attend(&account, &from, &thread).await;
            }
            drop(permit);
        });
    }

    /// The owner wrote with the platform's own app.
    async fn echoed(&self, store: &StoreId, echo: Inbound, text: String) -> Result<(), PipelineError> {
        let now = self.clock.now();
        let conversation = self.conversation_of(store, &echo).await?;
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

/// Classes of errors by which the database says that it can never take what it was given: data exceptions, and what passes its
/// limits. Source: PostgreSQL, "Error Codes".
const NEVER: [&str; 2] = ["22", "54"];

/// The code of a refusal that another try would only repeat; nothing where it worked.
fn refused_for_good(result: Result<(), PipelineError>) -> Result<Option<String>, PipelineError> {
    let Err(PipelineError::Database(sqlx::Error::Database(error))) = &result else {
        return result.map(|()| None);
    };
    let code = error.code().unwrap_or_default().into_owned();
    let is_final = NEVER.iter().any(|class| code.starts_with(class));
    if is_final { Ok(Some(code)) } else { result.map(|()| None) }
}

#[async_trait]
impl Sink for Pipeline {
    async fn accept(&self, channel: &ChannelName, event: ChannelEvent) -> Result<(), NotStored> {
        self.accept_readable(channel, event).await.map_err(|error| NotStored(error.to_string()))
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

mod lanes;
mod reports;

#[cfg(test)]
mod cart_tests;
#[cfg(test)]
mod contract_tests;
#[cfg(test)]
mod crowd_tests;
#[cfg(test)]
mod identity_tests;
#[cfg(test)]
mod tests;
