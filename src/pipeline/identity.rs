//! Who is who: chats that write for the first time, chats that turn out to be one, and chats whose name changes.

use crate::dialogue::conversation::Conversation;
use crate::domain::customer::Language;
use crate::domain::ids::{ConversationId, StoreId};
use crate::domain::message::{ChannelName, Inbound};
use crate::store::chats::{self, Names};
use crate::store::{self};

use super::{Pipeline, PipelineError};

/// A chat whose name has changed.
#[derive(Debug)]
pub(super) struct Move<'a> {
    /// The name that it had.
    pub from: &'a str,
    /// Its name from now on.
    pub to: &'a str,
    /// Its other names from now on.
    pub aliases: &'a [String],
    /// The person's phone number from now on, where it is told.
    pub phone: Option<&'a str>,
}

impl Pipeline {
    /// Two conversations turned out to be one chat's, because the platform has told both of its names: from now on they
    /// are one customer's, with one cart, and the second leads to the first.
    pub(super) async fn unite(
        &self,
        keep: &ConversationId,
        gone: &ConversationId,
    ) -> Result<(), PipelineError> {
        let mut transaction = self.pool.begin().await?;
        self.unite_within(&mut transaction, keep, gone).await?;
        transaction.commit().await?;
        self.schedule.wake(keep);
        Ok(())
    }

    async fn unite_within(
        &self,
        connection: &mut sqlx::PgConnection,
        keep: &ConversationId,
        gone: &ConversationId,
    ) -> Result<(), PipelineError> {
        let now = self.clock.now();
        // A turn of either would write a cart that it has read before. Everybody locks in the same order.
        for id in [keep.min(gone), keep.max(gone)] {
            store::conversations::lock(connection, id).await?;
        }
        let kept = store::join::customer_of(connection, keep).await?;
        let other = store::join::customer_of(connection, gone).await?;
        if let (Some(kept), Some(other)) = (kept, other)
            && kept != other
        {
            let mut cart = store::carts::load(connection, &kept).await?;
            cart.absorb(store::carts::load(connection, &other).await?);
            store::carts::save(connection, &kept, &cart, now).await?;
            store::join::merge(connection, &kept, &other, now).await?;
        }
        chats::retire(connection, keep, gone).await?;
        Ok(())
    }

    /// The conversation of a chat that is looked up by all of its names; made with its customer when none leads anywhere.
    pub(super) async fn meet(
        &self,
        store: &StoreId,
        inbound: &Inbound,
    ) -> Result<ConversationId, PipelineError> {
        let now = self.clock.now();
        let names = Names {
            store,
            channel: &inbound.from.channel,
            chat: &inbound.from.chat,
            aliases: &inbound.aliases,
        };
        let mut transaction = self.pool.begin().await?;
        chats::lock_names(&mut transaction, names).await?;
        if let Some(known) = chats::find(&mut transaction, names).await?.into_iter().next() {
            chats::know(&mut transaction, names, &known).await?;
            transaction.commit().await?;
            return Ok(known);
        }
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
        chats::know(&mut transaction, names, &id).await?;
        transaction.commit().await?;
        Ok(id)
    }

    /// The conversation of something that is no message of the person: found by any name of the chat, as a message would be.
    pub(super) async fn conversation_of(
        &self,
        store: &StoreId,
        inbound: &Inbound,
    ) -> Result<ConversationId, PipelineError> {
        let conversation = self.meet(store, inbound).await?;
        let names = Names {
            store,
            channel: &inbound.from.channel,
            chat: &inbound.from.chat,
            aliases: &inbound.aliases,
        };
        let mut connection = self.pool.acquire().await?;
        let found = chats::find(&mut connection, names).await?;
        drop(connection);
        for other in found.iter().filter(|other| **other != conversation) {
            self.unite(&conversation, other).await?;
        }
        Ok(conversation)
    }

    /// A chat has another name from now on. Its conversation answers there; where the new name has a conversation of its own
    /// already, because the person was faster than the news, both become one.
    pub(super) async fn moved(
        &self,
        store: &StoreId,
        channel: &ChannelName,
        news: Move<'_>,
    ) -> Result<(), PipelineError> {
        let Move { from, to, aliases, phone } = news;
        let before = Names { store, channel, chat: from, aliases: &[] };
        let after = Names { store, channel, chat: to, aliases };
        let everything: Vec<String> = aliases.iter().cloned().chain([from.to_owned()]).collect();
        let mut transaction = self.pool.begin().await?;
        chats::lock_names(&mut transaction, Names { aliases: &everything, ..after }).await?;
        let old = chats::find(&mut transaction, before).await?.into_iter().next();
        let new = chats::find(&mut transaction, after).await?;
        for conversation in old.iter().chain(&new) {
            if let Some(phone) = phone {
                chats::change_phone(&mut transaction, conversation, from, phone).await?;
            }
        }
        let keep = match (&old, new.first()) {
            (None, None) => None,
            (Some(old), None) => {
                chats::rename(&mut transaction, old, to).await?;
                Some(old)
            }
            (Some(old), Some(new)) if old == new => {
                chats::rename(&mut transaction, old, to).await?;
                Some(new)
            }
            (_, Some(new)) => Some(new),
        };
        let Some(keep) = keep.cloned() else { return Ok(()) };
        for gone in old.iter().chain(&new).filter(|other| **other != keep) {
            self.unite_within(&mut transaction, &keep, gone).await?;
        }
        chats::know(&mut transaction, before, &keep).await?;
        chats::know(&mut transaction, after, &keep).await?;
        transaction.commit().await?;
        self.schedule.wake(&keep);
        Ok(())
    }
}
