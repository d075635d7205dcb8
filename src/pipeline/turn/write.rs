//! The end of a turn: words are rendered, and everything that it changed is written at once.

use super::{Arrival, LEASE, OpenTurn, Written};
use crate::dialogue::examples::examples;
use crate::domain::customer::Customer;
use crate::pipeline::accept::json;
use crate::pipeline::{PipelineError, speak};
use crate::store;
use crate::store::outbox::{self, Route};
use crate::store::privacy::Person;
use crate::store::turns::{NewInbox, NewOutbox, TurnWrite};

impl OpenTurn<'_> {
    /// Writes the turn. Returns it with the ids of the messages that this process has leased.
    pub(super) async fn write(
        mut self,
        inbox: i64,
        arrival: Option<Arrival>,
        cart_before: &crate::domain::cart::Cart,
        customer_before: &Customer,
    ) -> Result<(Written, Vec<i64>), PipelineError> {
        let pipeline = self.pipeline;
        let is_inbound = arrival.is_some();
        let arrival = arrival.unwrap_or_default();
        let account = if arrival.account.is_empty() { self.loaded.account.clone() } else { arrival.account };
        let route = Route {
            conversation: self.loaded.id.clone(),
            to: self.loaded.address.clone(),
            account,
            thread: arrival.thread,
            last_inbound_at: if is_inbound { Some(self.now) } else { self.loaded.last_inbound_at },
        };
        let language = self.conversation.language;
        let shelf = |language| examples(&self.shop.catalog, &self.shop.index, language);
        let (zone, locales) = (&self.shop.store.zone, &pipeline.locales);
        let mut spoken = speak::speak(&self.says, language, zone, locales, &pipeline.clock, &shelf);
        if let Some(pressed) = &self.pressed_card {
            spoken.replace_pressed(pressed);
        }
        if self.hands_out {
            super::farewell::attach_file(
                &mut spoken.messages,
                &self.loaded.id,
                locales,
                &self.shop.store,
                language,
            );
        }
        spoken.messages.extend(self.forwarded.take());
        let is_gone = super::farewell::is_gone(&self.loaded);
        if is_gone {
            // There is nobody to say it to.
            spoken.messages.clear();
            spoken.prompts.clear();
        }
        if spoken.open.is_some() {
            self.conversation.prompt = spoken.open;
        }
        // Before anything of them changes: all of it must be known to be found.
        let forgotten = match self.forgets {
            true => {
                Some(Person::gather(self.connection, &self.loaded.store, &self.loaded.customer.id).await?)
            }
            false => None,
        };
        if &self.loaded.customer != customer_before {
            store::customers::update(self.connection, &self.loaded.customer, self.now).await?;
        }
        let mut outbox: Vec<NewOutbox> = spoken
            .messages
            .iter()
            .map(|message| NewOutbox {
                lane: outbox::MESSAGES,
                channel: route.to.channel.to_string(),
                chat: route.to.chat.clone(),
                payload: json(message),
                transcript: Some((pipeline.clock.id(), message.text.clone())),
                call: None,
            })
            .collect();
        outbox.extend(self.calls.iter().map(|call| NewOutbox {
            lane: outbox::CALLS,
            channel: call.callee().to_owned(),
            chat: String::new(),
            payload: json(call),
            transcript: None,
            call: Some((call.kind(), call.about().to_owned())),
        }));
        let signals: Vec<NewInbox> = self
            .signals
            .iter()
            .map(|signal| NewInbox {
                conversation: signal.to.clone(),
                key: signal.key.clone(),
                payload: json(&signal.work),
            })
            .collect();
        let write = TurnWrite {
            id: &self.loaded.id,
            store: &self.loaded.store,
            route: &route,
            subject: self.subject.as_ref(),
            customer: &self.loaded.customer.id,
            state: &self.conversation,
            staff: self.loaded.staff.as_ref().map(|staff| &staff.id),
            inbox,
            is_inbound,
            cart: (&self.loaded.cart != cart_before).then_some(&self.loaded.cart),
            outbox: &outbox,
            prompts: &spoken.prompts,
            signals: &signals,
            now: self.now,
            leased_until: self.now + LEASE,
        };
        let leased = store::turns::write(self.connection, &write).await?;
        if let Some(person) = forgotten {
            let placeholder = super::farewell::placeholder(locales, &self.shop.store);
            store::privacy::forget(self.connection, &person, &placeholder, self.now).await?;
        } else if is_gone {
            store::privacy::tidy(self.connection, self.loaded.id.as_str()).await?;
        }
        if !spoken.messages.is_empty() && !pipeline.serves(&route.to) {
            store::outbox::notify(self.connection, &route.to).await?;
        }
        let written = Written {
            route,
            messages: spoken.messages,
            woken: signals.into_iter().map(|signal| signal.conversation).collect(),
            calls: !self.calls.is_empty(),
            more: self.loaded.more_pending,
            trace: self.trace,
        };
        Ok((written, leased))
    }
}
