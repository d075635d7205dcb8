//! What a row of the inbox means for the dialogue.

use chrono::Duration;

use super::OpenTurn;
use crate::channels::PeoplesFiles;
use crate::dialogue::conversation::{Mode, Pressed, Role};
use crate::dialogue::event::{Event, Freshness};
use crate::dialogue::reply::{Class, Say};
use crate::dialogue::value::Value;
use crate::domain::ids::OrderId;
use crate::domain::message::{Content, FileRef, Inbound, MAX_TEXT_CHARS, MediaKind, Outbound};
use crate::pipeline::reading::{Purpose, Reading};
use crate::pipeline::work::{Call, Work};
use crate::pipeline::{PipelineError, arrivals, effects, settle};
use crate::store;

/// For how long the dialogue is silent after the owner wrote with the platform's own app.
const ECHO_SILENCE: Duration = Duration::minutes(60);
/// Two presses of one button within this time are one press of a nervous finger.
const DOUBLE_TAP: Duration = Duration::seconds(2);
/// Two presses of one button within this time are one wish: the answer was late, or was not seen.
const SAME_WISH: Duration = Duration::seconds(60);

impl OpenTurn<'_> {
    /// What a row means for the dialogue. Rows about money and deadlines do their bookkeeping first.
    pub(super) async fn events(&mut self, work: &Work) -> Result<Vec<Event>, PipelineError> {
        if let Work::Inbound { inbound } = work
            && !matches!(inbound.content, Content::Press { .. })
        {
            self.conversation.pressed = None;
        }
        Ok(match work {
            Work::Inbound { inbound } if self.hand_on(inbound).await? => Vec::new(),
            Work::Inbound { inbound } => match &inbound.content {
                Content::Text { text } | Content::Phone { phone: text } => {
                    let text = self.cut(text);
                    let language = self.conversation.language;
                    let code = self.pointed_at(inbound.thread.as_ref()).await?;
                    let text = arrivals::heard_words(text, code.as_deref(), language, &self.shop);
                    vec![Event::Heard { text }]
                }
                Content::Press { data } => self.press(data).await?.into_iter().collect(),
                Content::Location { latitude, longitude, name } => {
                    let point = format!("{latitude}, {longitude}");
                    let place =
                        name.as_ref().map_or_else(|| point.clone(), |name| format!("{name} ({point})"));
                    vec![Event::Location { place }]
                }
                Content::Media { media, caption, file } => {
                    match self.picture(*media, file.as_ref(), inbound).await? {
                        Some(events) => events,
                        None if self.is_handed() => {
                            let caption = caption.as_deref();
                            self.hand_on_file(*media, file.as_ref(), caption, inbound).await?;
                            Vec::new()
                        }
                        None => {
                            let caption = caption.as_deref().map(|caption| self.cut(caption));
                            vec![Event::Media { media: *media, caption }]
                        }
                    }
                }
                Content::Order { items, note } => {
                    let heard = arrivals::ordered(items, note.as_deref(), &self.shop.catalog);
                    vec![Event::Ordered { heard }]
                }
                Content::Edited { .. } => {
                    self.says.push(Say::new("reply-edited"));
                    Vec::new()
                }
                Content::Silent => Vec::new(),
                Content::Unknown => {
                    vec![Event::Media { media: MediaKind::Document, caption: None }]
                }
            },
            Work::Echo { .. } => {
                // Only buyers are written to from the platform's own app; a staff chat has nothing to step aside from.
                if self.conversation.role == Role::Customer {
                    self.conversation.mode = Mode::Human { until: self.now + ECHO_SILENCE };
                }
                Vec::new()
            }
            Work::Undelivered { outbox_id } => {
                self.undelivered(*outbox_id).await?;
                Vec::new()
            }
            Work::Forward { message, order } => {
                self.subject.clone_from(order);
                self.forwarded = Some(message.clone());
                Vec::new()
            }
            Work::Fetched { attachment, result, purpose, reading } => {
                let hash = result.clone().ok();
                match purpose {
                    Purpose::Show => {
                        self.show(attachment, hash.is_some()).await?;
                        return Ok(Vec::new());
                    }
                    // Whoever has left meanwhile writes to no customer any more.
                    Purpose::Answer { .. } if self.conversation.role != Role::Staff => return Ok(Vec::new()),
                    Purpose::Answer { to, caption } => {
                        let is_picture = hash.is_some() && matches!(reading, Reading::Picture { .. });
                        let shown = is_picture.then_some(attachment.as_str());
                        return self.answer_with(shown, to, caption.as_deref()).await;
                    }
                    Purpose::Keep | Purpose::Proof | Purpose::Code => {}
                }
                let (attachment, reading, purpose) = (attachment.clone(), reading.clone(), purpose.clone());
                self.scene(move |scene| {
                    Box::pin(async move {
                        effects::proof::fetched(scene, &attachment, purpose, hash.as_deref(), &reading).await
                    })
                })
                .await?
            }
            Work::Signal { name, .. } if name == "system.gave_up" => {
                self.says.push(Say::new("error-try-again"));
                Vec::new()
            }
            Work::Signal { name, facts } => {
                vec![Event::Signal { name: name.clone(), facts: facts.clone() }]
            }
            Work::StateTimer { name, revision } => {
                vec![Event::Timer { name: name.clone(), revision: *revision }]
            }
            Work::OrderTimer { .. }
            | Work::Notice { .. }
            | Work::Charged { .. }
            | Work::Status { .. }
            | Work::Statement { .. }
            | Work::Sweep { .. }
            | Work::CancelRefused { .. }
            | Work::Refunded { .. } => {
                let work = work.clone();
                self.scene(move |scene| Box::pin(async move { settle::settle(scene, &work).await })).await?
            }
        })
    }

    /// What words point to without naming it: the product from whose page of the platform's shop window they were written
    /// (`product` in the channel's note), or the only one in an earlier message of ours that they quote (`quotes`).
    async fn pointed_at(
        &mut self,
        thread: Option<&serde_json::Value>,
    ) -> Result<Option<String>, PipelineError> {
        let noted = |name: &str| thread.and_then(|thread| thread.get(name)).and_then(|value| value.as_str());
        if let Some(product) = noted("product") {
            return Ok(Some(product.to_owned()));
        }
        let Some(message) = noted("quotes") else { return Ok(None) };
        let shown = store::prompts::quoted(self.connection, &self.loaded.id, message).await?;
        // Whoever quotes the open question answers it.
        let shown = shown.filter(|shown| shown.revision != self.conversation.revision);
        Ok(shown.and_then(|shown| arrivals::only_product(&shown.choices)))
    }

    fn cut(&mut self, text: &str) -> String {
        match text.char_indices().nth(MAX_TEXT_CHARS) {
            None => text.to_owned(),
            Some((end, _)) => {
                if !self.is_handed() {
                    let limit = i64::try_from(MAX_TEXT_CHARS).unwrap_or(0);
                    self.says.push(Say::new("reply-cut").with("limit", limit));
                }
                text[..end].to_owned()
            }
        }
    }

    /// A press of a button; nothing where it is the second half of a double tap.
    async fn press(&mut self, data: &str) -> Result<Option<Event>, PipelineError> {
        let before = self.conversation.pressed.take().filter(|before| before.data == data);
        let first_at = before.map(|before| before.at);
        let since = first_at.map(|at| self.now.signed_duration_since(at));
        let Some((token, index)) = store::prompts::parse(data) else { return Ok(Some(Event::UnknownPress)) };
        let shown = store::prompts::find(self.connection, token).await?;
        let Some(shown) = shown.filter(|shown| shown.conversation == self.loaded.id) else {
            return Ok(Some(Event::UnknownPress));
        };
        let Some(choice) = shown.choices.get(index) else { return Ok(Some(Event::UnknownPress)) };
        let column = i32::try_from(index).unwrap_or(i32::MAX);
        let freshness = if choice.class == Class::Once && shown.used.contains(&column) {
            Freshness::Used
        } else if shown.revision == self.conversation.revision {
            Freshness::Current
        } else if since.is_some_and(|since| since <= SAME_WISH) {
            Freshness::Again
        } else {
            Freshness::Stale
        };
        let is_double = freshness != Freshness::Used && since.is_some_and(|since| since <= DOUBLE_TAP);
        // A press that was refused as old is nothing that could be repeated.
        if freshness != Freshness::Stale || choice.class == Class::Safe {
            let at = first_at.filter(|_| is_double).unwrap_or(self.now);
            self.conversation.pressed = Some(Pressed { data: data.to_owned(), at });
        }
        if is_double {
            return Ok(None);
        }
        self.pressed_card.clone_from(&shown.card);
        if choice.class == Class::Once && freshness != Freshness::Used {
            store::prompts::mark_used(self.connection, token, column).await?;
        }
        Ok(Some(Event::Press { action: choice.action.clone(), class: choice.class, freshness }))
    }

    /// A picture or a file: the shop's printed code from its people, a proof from whoever has to pay. Nothing when it is
    /// neither, and the dialogue says what it says to pictures.
    async fn picture(
        &mut self,
        media: MediaKind,
        file: Option<&FileRef>,
        inbound: &Inbound,
    ) -> Result<Option<Vec<Event>>, PipelineError> {
        let named = self.conversation.slot("order").as_text().map(OrderId::from);
        if self.conversation.role == Role::Staff {
            if let Some(to) = self.answered_chat() {
                return self.answer_file(media, file, to, inbound).await.map(Some);
            }
            let is_code = matches!(media, MediaKind::Image | MediaKind::Document) && named.is_none();
            let purpose = if is_code { Purpose::Code } else { Purpose::Keep };
            if let Some(file) = file {
                self.attach(media, file, inbound, purpose, named).await?;
                return Ok(is_code.then(Vec::new));
            }
            return Ok(None);
        }
        let (asked, wanted) = (named.clone(), file.cloned());
        let sent = self
            .scene(move |scene| {
                Box::pin(async move { effects::proof::sent(scene, media, wanted.as_ref(), asked).await })
            })
            .await?;
        let (purpose, order, events) = match sent {
            Some(sent) => (sent.purpose, Some(sent.order), Some(sent.events)),
            // Whoever is known by a browser's session alone leaves nothing that nobody asked for.
            None if self.is_handed() => return Ok(None),
            None if named.is_none() && self.has_files_here() => (None, None, None),
            None => (Some(Purpose::Keep), named, None),
        };
        match (file, purpose) {
            (Some(file), Some(purpose)) => self.attach(media, file, inbound, purpose, order).await?,
            (Some(file), None) if self.has_files_here() => {
                store::uploads::forget(self.connection, &file.id).await?;
            }
            _ => {}
        }
        Ok(events)
    }

    /// Whether this chat's channel has the files of its people here.
    fn has_files_here(&self) -> bool {
        let spec = self.pipeline.channels.spec(&self.loaded.address.channel);
        spec.is_some_and(|spec| spec.peoples_files == PeoplesFiles::KeptHere)
    }

    /// Notes a file that a person sent and asks for its bytes.
    pub(super) async fn attach(
        &mut self,
        media: MediaKind,
        file: &FileRef,
        inbound: &Inbound,
        purpose: Purpose,
        order: Option<OrderId>,
    ) -> Result<(), PipelineError> {
        let id = self.pipeline.clock.id();
        let kind = media.as_str();
        let (conversation, now) = (&self.loaded.id, self.now);
        store::attachments::insert(self.connection, &id, conversation, order.as_ref(), kind, file, now)
            .await?;
        self.calls.push(Call::Fetch {
            attachment: id,
            channel: self.loaded.address.channel.clone(),
            account: inbound.account.clone(),
            file: file.clone(),
            purpose,
        });
        Ok(())
    }

    /// A message to the person of this chat was given up. A buyer may be reached in another chat; otherwise the shop is
    /// told, so that nothing fails in silence.
    async fn undelivered(&mut self, outbox_id: i64) -> Result<(), PipelineError> {
        if self.conversation.role == Role::Staff || super::farewell::is_gone(&self.loaded) {
            return Ok(());
        }
        let Some(dead) = store::deliveries::dead(self.connection, &self.loaded.id, outbox_id).await? else {
            return Ok(());
        };
        let Ok(message) = serde_json::from_value::<Outbound>(dead.payload) else { return Ok(()) };
        let others = store::customers::conversations(self.connection, &self.loaded.customer.id).await?;
        let other = others.into_iter().find(|other| other != &self.loaded.id);
        if let Some(to) = other.filter(|_| !message.is_forwarded) {
            // Buttons belong to the chat that they were made for; the words say all that matters.
            let message = Outbound {
                choices: Vec::new(),
                ask: None,
                replaces_pressed: false,
                is_forwarded: true,
                ..message
            };
            let work = Work::Forward { message, order: dead.subject };
            self.signals.push(effects::Signal { to, key: format!("forward:{outbox_id}"), work });
            return Ok(());
        }
        let (order, _, _) = self.order(dead.subject.as_ref()).await?;
        let facts = effects::news::facts([
            ("customer", Value::from(self.loaded.customer.name.clone())),
            ("number", Value::from(order.map(|order| order.number))),
        ]);
        for to in store::staff::conversations(self.connection, &self.loaded.store).await? {
            let key = format!("undelivered:{outbox_id}:{to}");
            let work = Work::Signal { name: "staff.undelivered".into(), facts: facts.clone() };
            self.signals.push(effects::Signal { to, key, work });
        }
        Ok(())
    }
}
