//! Conversations in the hands of a person of the shop: whatever the customer sends goes to the shop's chats, and the
//! dialogue says nothing of its own.

use super::OpenTurn;
use crate::dialogue::conversation::{Mode, Role};
use crate::dialogue::event::Event;
use crate::dialogue::value::Value;
use crate::domain::ids::ConversationId;
use crate::domain::message::{Content, FileRef, Inbound, MediaKind, Picture};
use crate::pipeline::reading::Purpose;
use crate::pipeline::work::Work;
use crate::pipeline::{PipelineError, arrivals, effects};
use crate::store;

impl OpenTurn<'_> {
    /// Whether a person of the shop has the conversation.
    pub(super) fn is_handed(&self) -> bool {
        let Mode::Human { until } = self.conversation.mode else { return false };
        self.conversation.role == Role::Customer && until > self.now
    }

    /// Shows the shop what a customer sent, while one of its people has the conversation. Returns whether that is all that
    /// is to be done with it.
    pub(super) async fn hand_on(&mut self, inbound: &Inbound) -> Result<bool, PipelineError> {
        if !self.is_handed() {
            return Ok(false);
        }
        match &inbound.content {
            // An answering machine: the shop has been told of it, and need not read it again and again.
            Content::Text { text } | Content::Phone { phone: text }
                if self.conversation.pulse.is_paused(self.now) && self.conversation.pulse.knows(text) =>
            {
                return Ok(true);
            }
            Content::Text { text } | Content::Phone { phone: text } => self.tell_said(text).await?,
            Content::Order { items, note } => {
                let heard = arrivals::ordered(items, note.as_deref(), &self.shop.catalog);
                self.tell_said(&arrivals::order_words(&heard)).await?;
            }
            Content::Location { latitude, longitude, name } => {
                let map = format!("https://maps.google.com/?q={latitude},{longitude}");
                let place = name.as_deref().map_or_else(|| map.clone(), |name| format!("{name}\n{map}"));
                self.tell_sent("location", Some(&place), None).await?;
            }
            Content::Edited { text } => {
                self.tell_sent("edited", Some(text), None).await?;
                return Ok(true);
            }
            Content::Press { .. } | Content::Media { .. } | Content::Silent => {}
            Content::Unknown => {
                self.tell_sent("other", None, None).await?;
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// A file that is no proof of a payment, sent to the person of the shop. A picture is fetched first, so that it can be
    /// seen.
    pub(super) async fn hand_on_file(
        &mut self,
        media: MediaKind,
        file: Option<&FileRef>,
        caption: Option<&str>,
        inbound: &Inbound,
    ) -> Result<(), PipelineError> {
        match (media, file) {
            (MediaKind::Image, Some(file)) => {
                if let Some(caption) = caption {
                    self.tell_said(caption).await?;
                }
                self.attach(media, file, inbound, Purpose::Show, None).await
            }
            _ => self.tell_sent(media.as_str(), caption, None).await,
        }
    }

    /// A picture for the person of the shop is here, or cannot be had.
    pub(super) async fn show(&mut self, attachment: &str, is_here: bool) -> Result<(), PipelineError> {
        let picture = is_here.then(|| Picture::kept_path(attachment));
        self.tell_sent(MediaKind::Image.as_str(), None, picture).await
    }

    /// The chat of the customer to whom this person of the shop is writing.
    pub(super) fn answered_chat(&self) -> Option<ConversationId> {
        let is_about_order = self.conversation.slot("order").as_text().is_some();
        let to = self.conversation.slot("conversation").as_text().map(ConversationId::from);
        to.filter(|_| self.conversation.role == Role::Staff && !is_about_order)
    }

    /// A file for the customer to whom this person of the shop is writing. Pictures go through once they are fetched; of
    /// anything else the sender is told that it does not.
    pub(super) async fn answer_file(
        &mut self,
        media: MediaKind,
        file: Option<&FileRef>,
        to: ConversationId,
        inbound: &Inbound,
    ) -> Result<Vec<Event>, PipelineError> {
        let caption = match &inbound.content {
            Content::Media { caption, .. } => caption.clone(),
            _ => None,
        };
        match (media, file) {
            (MediaKind::Image | MediaKind::Document, Some(file)) => {
                self.attach(media, file, inbound, Purpose::Answer { to, caption }, None).await?;
                Ok(Vec::new())
            }
            _ => Ok(vec![self.answer_result("staff.answer_unsent", &to)]),
        }
    }

    /// The picture for a customer is here and goes to them, or cannot be had; its sender is told which.
    pub(super) async fn answer_with(
        &mut self,
        picture: Option<&str>,
        to: &ConversationId,
        caption: Option<&str>,
    ) -> Result<Vec<Event>, PipelineError> {
        let known = store::conversations::belongs_to(self.connection, to, &self.loaded.store).await?;
        let Some(picture) = picture.filter(|_| known) else {
            return Ok(vec![self.answer_result("staff.answer_unsent", to)]);
        };
        let facts = [
            ("text".to_owned(), Value::from(caption)),
            ("picture".to_owned(), Value::from(Picture::kept_path(picture))),
        ];
        let work = Work::Signal { name: "human.reply".to_owned(), facts: facts.into() };
        self.signals.push(effects::Signal { to: to.clone(), key: format!("reply:{picture}"), work });
        Ok(vec![self.answer_result("staff.answer_sent", to)])
    }

    fn answer_result(&self, name: &str, to: &ConversationId) -> Event {
        // Whoever wrote to another customer meanwhile is not told the wrong name.
        let is_same = self.answered_chat().as_ref() == Some(to);
        let customer = if is_same { self.conversation.slot("customer").clone() } else { Value::None };
        let facts =
            [("customer".to_owned(), customer), ("conversation".to_owned(), Value::from(to.as_str()))];
        Event::Signal { name: name.to_owned(), facts: facts.into() }
    }

    async fn tell_said(&mut self, text: &str) -> Result<(), PipelineError> {
        self.tell_handed("staff.customer_said", [("text".to_owned(), Value::from(text))]).await
    }

    async fn tell_sent(
        &mut self,
        kind: &str,
        text: Option<&str>,
        picture: Option<String>,
    ) -> Result<(), PipelineError> {
        let facts = [
            ("kind".to_owned(), Value::Word(format!("sent.{kind}"))),
            ("text".to_owned(), Value::from(text)),
            ("picture".to_owned(), Value::from(picture)),
        ];
        self.tell_handed("staff.customer_sent", facts).await
    }

    async fn tell_handed<const N: usize>(
        &mut self,
        name: &str,
        facts: [(String, Value); N],
    ) -> Result<(), PipelineError> {
        let occasion = self.pipeline.clock.id();
        let (store, customer) = (&self.loaded.store, &self.loaded.customer.id);
        let ringing = effects::rings::ringing(self.connection, store, customer, self.now).await?;
        self.signals.extend(ringing.enough);
        for to in ringing.chats {
            let about = [
                ("customer".to_owned(), Value::from(self.loaded.customer.name.clone())),
                ("conversation".to_owned(), Value::from(self.loaded.id.as_str())),
            ];
            let facts = about.into_iter().chain(facts.clone()).collect();
            let work = Work::Signal { name: name.to_owned(), facts };
            self.signals.push(effects::Signal { key: format!("said:{occasion}:{to}"), to, work });
        }
        Ok(())
    }
}
