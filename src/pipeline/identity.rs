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
    /// The name among those of a chat that is the platform's id of the person, where one is.
    pub(super) fn person_id<'a>(
        &self,
        channel: &ChannelName,
        chat: &'a str,
        aliases: &'a [String],
    ) -> Option<&'a str> {
        let spec = self.channels.spec(channel)?;
        let mut names = std::iter::once(chat).chain(aliases.iter().map(String::as_str));
        names.find(|name| (spec.is_person_id)(name))
    }

    fn names<'a>(
        &self,
        store: &'a StoreId,
        channel: &'a ChannelName,
        chat: &'a str,
        aliases: &'a [String],
    ) -> Names<'a> {
        Names { store, channel, chat, aliases, person_id: self.person_id(channel, chat, aliases) }
    }

    /// A chat has a name that was somebody else's: a phone number that a company has given to its next owner. It leads to the
    /// chat from now on, and what the other person has here stays theirs.
    pub(super) async fn take_over(
        &self,
        store: &StoreId,
        inbound: &Inbound,
        conversation: &ConversationId,
        stranger: &ConversationId,
    ) -> Result<(), PipelineError> {
        let names = self.names(store, &inbound.from.channel, &inbound.from.chat, &inbound.aliases);
        let mut transaction = self.pool.begin().await?;
        chats::lock_names(&mut transaction, names).await?;
        chats::take_over(&mut transaction, names, conversation, stranger).await?;
        transaction.commit().await?;
        Ok(())
    }

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
            store::join::follow(connection, &kept, &other).await?;
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
        let names = self.names(store, &inbound.from.channel, &inbound.from.chat, &inbound.aliases);
        let mut transaction = self.pool.begin().await?;
        chats::lock_names(&mut transaction, names).await?;
        if let Some(known) = chats::find(&mut transaction, names).await?.same.into_iter().next() {
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
        chats::set_person(&mut transaction, &id, names.person_id).await?;
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
        let names = self.names(store, &inbound.from.channel, &inbound.from.chat, &inbound.aliases);
        let mut connection = self.pool.acquire().await?;
        let found = chats::find(&mut connection, names).await?;
        drop(connection);
        for stranger in &found.strangers {
            self.take_over(store, inbound, &conversation, stranger).await?;
        }
        for other in found.same.iter().filter(|other| **other != conversation) {
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
        let before = Names { store, channel, chat: from, aliases: &[], person_id: None };
        let after = self.names(store, channel, to, aliases);
        let everything: Vec<String> = aliases.iter().cloned().chain([from.to_owned()]).collect();
        let mut transaction = self.pool.begin().await?;
        chats::lock_names(&mut transaction, Names { aliases: &everything, ..after }).await?;
        let old = chats::find(&mut transaction, before).await?.same.into_iter().next();
        let chats::Found { same: new, strangers } = chats::find(&mut transaction, after).await?;
        let strangers: Vec<_> = strangers.iter().filter(|other| Some(*other) != old.as_ref()).collect();
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
        // Another number is another id; where only the number is told, the next message tells the id.
        let person_id = match after.person_id {
            None if old.as_ref() != Some(&keep) => chats::person(&mut transaction, &keep).await?,
            told => told.map(str::to_owned),
        };
        for stranger in strangers {
            chats::take_over(&mut transaction, after, &keep, stranger).await?;
        }
        for gone in old.iter().chain(&new).filter(|other| **other != keep) {
            self.unite_within(&mut transaction, &keep, gone).await?;
        }
        chats::set_person(&mut transaction, &keep, person_id.as_deref()).await?;
        chats::know(&mut transaction, before, &keep).await?;
        chats::know(&mut transaction, after, &keep).await?;
        transaction.commit().await?;
        self.schedule.wake(&keep);
        Ok(())
    }
}
