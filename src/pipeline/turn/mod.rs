//! One inbox row, one transaction: lock the conversation, read its oldest row, step until no effect is left, write
//! everything at once. Whatever goes wrong before the commit leaves no trace but a noted attempt.

mod brake;
mod events;
mod farewell;
mod gone;
#[cfg(test)]
mod gone_tests;
mod handed;
#[cfg(test)]
mod role_tests;
mod write;

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use futures::FutureExt;
use sqlx::PgConnection;

use crate::dialogue::conversation::{Conversation, Role};
use crate::dialogue::effect::Outcome;
use crate::dialogue::event::Event;
use crate::dialogue::reply::Say;
use crate::dialogue::step::{MAX_EFFECTS_PER_TURN, step};
use crate::dialogue::value::Value;
use crate::dialogue::world::World;
use crate::domain::customer::Customer;
use crate::domain::ids::{ConversationId, OrderId};
use crate::domain::message::{Content, Outbound};
use crate::domain::order::Order;
use crate::domain::payment::Payment;
use crate::store::conversations::Loaded;
use crate::store::outbox::Route;
use crate::store::{self, inbox::Pending};

use crate::pipeline::accept::json;
use crate::pipeline::effects::{self, Scene};
use crate::pipeline::shop::Shop;
use crate::pipeline::work::Work;
use crate::pipeline::{Pipeline, PipelineError};

/// Turns that may fail on one inbox row before it is set aside and the person is told.
pub const MAX_ATTEMPTS: i32 = 5;
/// Waits between such turns, in milliseconds.
const RETRY_MS: [i64; 4] = [200, 1_000, 5_000, 20_000];
/// For how long the process that wrote a message has it for itself to send.
pub const LEASE: Duration = Duration::seconds(15);

/// What a call of [`Pipeline::turn`] did.
#[derive(Debug)]
pub enum Turned {
    /// It handled a row. The messages are written, and those with an id are leased to the caller, to be sent now.
    Handled {
        /// Where the messages go.
        route: Route,
        /// Ids and messages to send now, in order.
        send: Vec<(i64, Outbound)>,
        /// Whether there are gateway calls to make.
        calls: bool,
        /// Whether more rows of the conversation wait.
        more: bool,
        /// States and transitions that were passed.
        trace: Vec<String>,
    },
    /// There was nothing to handle.
    Idle,
    /// The oldest row waits for another try.
    Later(DateTime<Utc>),
}

impl Pipeline {
    /// Handles the oldest row of a conversation's inbox. A row on which the turn fails is noted and tried again, and
    /// set aside with an apology after [`MAX_ATTEMPTS`], so that one bad row never blocks its conversation for good.
    ///
    /// # Errors
    /// [`PipelineError`] when not even the failure could be noted, or a test killed the process.
    pub async fn turn(&self, id: &ConversationId) -> Result<Turned, PipelineError> {
        let mut handling = None;
        // On the heap: a turn keeps tens of kilobytes, and in a build for tests moving them about fills a thread's stack.
        let attempt = std::panic::AssertUnwindSafe(Box::pin(self.attempt(id, &mut handling)));
        let error = match attempt.catch_unwind().await {
            Ok(Ok(turned)) => return Ok(turned),
            Ok(Err(PipelineError::Killed(point))) => return Err(PipelineError::Killed(point)),
            Ok(Err(error)) => error.to_string(),
            Err(_) => "the turn panicked".to_owned(),
        };
        let Some((row, attempts)) = handling else {
            return Err(PipelineError::Database(sqlx::Error::Protocol(error)));
        };
        tracing::error!(conversation.id = %id, inbox.id = row, attempts, error, "a turn failed");
        metrics::counter!("warung_turns_failed_total").increment(1);
        let now = self.clock.now();
        let mut connection = self.pool.acquire().await?;
        let wait_ms = usize::try_from(attempts).ok().and_then(|index| RETRY_MS.get(index));
        let due_at =
            wait_ms.filter(|_| attempts + 1 < MAX_ATTEMPTS).map(|ms| now + Duration::milliseconds(*ms));
        store::inbox::failed(&mut connection, row, &error, due_at, now).await?;
        match due_at {
            Some(at) => Ok(Turned::Later(at)),
            None => {
                let work = Work::Signal { name: "system.gave_up".into(), facts: Default::default() };
                let key = format!("gave-up:{row}");
                store::inbox::insert(&mut connection, id, "signal", &key, &json(&work), now).await?;
                Ok(Turned::Later(now))
            }
        }
    }

    async fn attempt(
        &self,
        id: &ConversationId,
        handling: &mut Option<(i64, i32)>,
    ) -> Result<Turned, PipelineError> {
        let mut transaction = self.pool.begin().await?;
        store::conversations::lock(&mut transaction, id).await?;
        self.faults.pass("turn.after_lock")?;
        let loaded = store::conversations::load(&mut transaction, id).await?;
        let now = self.clock.now();
        let Some(pending) = loaded.pending.clone() else { return Ok(Turned::Idle) };
        if let Some(at) = pending.due_at.filter(|at| *at > now) {
            return Ok(Turned::Later(at));
        }
        *handling = Some((pending.id, pending.attempts));
        if farewell::is_gone(&loaded)
            && let Some(turned) = self.begin_anew(&mut transaction, &loaded, &pending).await?
        {
            transaction.commit().await?;
            return Ok(turned);
        }
        let started = std::time::Instant::now();
        let work = Box::pin(async {
            let turn = OpenTurn::begin(self, &mut transaction, loaded, now).await?;
            turn.run(&pending).await
        });
        let (done, lines) = store::journal::collect(work).await;
        let (turned, leased) = done?;
        self.faults.pass("turn.before_commit")?;
        transaction.commit().await?;
        // Only now has it happened.
        lines.iter().for_each(store::journal::Line::tell);
        metrics::histogram!("warung_turn_seconds").record(started.elapsed().as_secs_f64());
        self.faults.pass("turn.after_commit")?;
        Ok(self.after(turned, leased))
    }

    /// What is left to do once a turn stands: wake the conversations that it spoke to and hand out what to send.
    fn after(&self, turned: Written, leased: Vec<i64>) -> Turned {
        for conversation in &turned.woken {
            self.schedule.wake(conversation);
        }
        if !turned.messages.is_empty() {
            // Nobody may be listening, which is fine.
            let to = &turned.route.to;
            let _ = self.outgoing.send((to.channel.clone(), to.chat.clone()));
        }
        let send = if leased.len() == turned.messages.len() {
            leased.into_iter().zip(turned.messages).collect()
        } else {
            Vec::new()
        };
        Turned::Handled {
            route: turned.route,
            send,
            calls: turned.calls,
            more: turned.more,
            trace: turned.trace,
        }
    }
}

/// A turn that has been written and not yet committed.
struct Written {
    route: Route,
    messages: Vec<Outbound>,
    woken: Vec<ConversationId>,
    calls: bool,
    more: bool,
    trace: Vec<String>,
}

/// What came with an event of a person, for the answers to it.
#[derive(Debug, Default)]
struct Arrival {
    account: String,
    thread: Option<serde_json::Value>,
}

/// A turn under way.
struct OpenTurn<'a> {
    pipeline: &'a Pipeline,
    connection: &'a mut PgConnection,
    loaded: Loaded,
    conversation: Conversation,
    shop: Shop,
    now: DateTime<Utc>,
    says: Vec<Say>,
    /// What has left the cart in this turn, because it is not sold any more.
    gone: effects::Gone,
    /// The order that this turn is about.
    subject: Option<OrderId>,
    /// What the message shows whose button was pressed.
    pressed_card: Option<String>,
    /// A message of another chat of this customer, to be said here as it is.
    forwarded: Option<Outbound>,
    trace: Vec<String>,
    signals: Vec<effects::Signal>,
    calls: Vec<super::work::Call>,
    /// Whether the person wants to be forgotten, and nothing stands against it.
    forgets: bool,
    /// Whether the person is given their data as a file.
    hands_out: bool,
}

impl<'a> OpenTurn<'a> {
    async fn begin(
        pipeline: &'a Pipeline,
        connection: &'a mut PgConnection,
        loaded: Loaded,
        now: DateTime<Utc>,
    ) -> Result<Self, PipelineError> {
        let shop = pipeline.shops.get(connection, &loaded.store, loaded.catalog_fingerprint).await?;
        // A state that no longer reads is begun anew at the menu; cart and orders stand in their own rows.
        let role = if loaded.staff.is_some() { Role::Staff } else { Role::Customer };
        let conversation = loaded.state.clone().unwrap_or_else(|| Conversation {
            role,
            language: shop.store.language,
            ..Conversation::default()
        });
        let conversation = match conversation.role == role {
            true => conversation,
            false => {
                tracing::info!(conversation.id = %loaded.id, ?role, "the chat is with somebody else than its state says");
                conversation.begun_anew_with(role)
            }
        };
        Ok(Self {
            pipeline,
            connection,
            loaded,
            conversation,
            shop,
            now,
            says: Vec::new(),
            gone: effects::Gone::default(),
            subject: None,
            pressed_card: None,
            forwarded: None,
            trace: Vec::new(),
            signals: Vec::new(),
            calls: Vec::new(),
            forgets: false,
            hands_out: false,
        })
    }

    async fn run(mut self, pending: &Pending) -> Result<(Written, Vec<i64>), PipelineError> {
        let cart_before = self.loaded.cart.clone();
        let customer_before = self.loaded.customer.clone();
        let work = serde_json::from_value::<Work>(pending.payload.clone());
        let arrival = match &work {
            // What is said to nobody here is no word of the person to the shop.
            Ok(Work::Inbound { inbound }) if inbound.content != Content::Silent => {
                Some(Arrival { account: inbound.account.clone(), thread: inbound.thread.clone() })
            }
            _ => None,
        };
        match work {
            Ok(work) => {
                if let Work::Inbound { inbound } = &work
                    && arrival.is_some()
                {
                    self.clear_out(&inbound.content).await?;
                }
                let sent = brake::sent(&work);
                let was_paused = self.conversation.pulse.is_paused(self.now);
                for event in self.events(&work).await? {
                    self.handle(event).await?;
                }
                if let Some(sent) = sent {
                    let moved = self.loaded.cart != cart_before || self.loaded.customer != customer_before;
                    self.brake(sent, moved, was_paused).await?;
                }
            }
            Err(error) => {
                // Written by a newer version that has gone again, or by a stranger: kept, noted, not repeated.
                tracing::error!(inbox.id = pending.id, %error, "an inbox row cannot be read");
            }
        }
        self.write(pending.id, arrival, &cart_before, &customer_before).await
    }

    /// Steps until the dialogue asks for no more effects.
    async fn handle(&mut self, event: Event) -> Result<(), PipelineError> {
        let mut event = event;
        for _ in 0..MAX_EFFECTS_PER_TURN {
            let Some(effect) = self.step(&event).await? else { return Ok(()) };
            self.trace.push(format!("do:{}", effect.name));
            let is_farewell = effect.name == "customer.forget";
            self.hands_out |= effect.name == "customer.file";
            let Outcome { word, facts } =
                self.scene(|scene| Box::pin(async move { effects::run(scene, &effect).await })).await?;
            self.forgets |= is_farewell && word == "forgotten";
            event = Event::Outcome { outcome: word.to_owned(), facts };
        }
        tracing::error!(conversation.id = %self.loaded.id, "a turn asked for too many effects");
        Ok(())
    }

    async fn step(
        &mut self,
        event: &Event,
    ) -> Result<Option<crate::dialogue::effect::Effect>, PipelineError> {
        let focus = focus(event, &self.conversation);
        let (order, payment, buyer) = self.order(focus.as_ref()).await?;
        self.subject = order.as_ref().map(|order| order.id.clone()).or(self.subject.take());
        let world = World {
            now: self.now,
            store: &self.shop.store,
            catalog: &self.shop.catalog,
            index: &self.shop.index,
            customer: &self.loaded.customer,
            returning: self.loaded.turns > 0 || self.loaded.customer.order_count > 0,
            staff: self.loaded.staff.as_ref(),
            cart: &self.loaded.cart,
            order: order.as_ref(),
            payment: payment.as_ref(),
            buyer: buyer.as_ref(),
        };
        let turn = step(&self.pipeline.flows, &self.conversation, event, &world);
        self.conversation = turn.conversation;
        self.says.extend(turn.replies);
        self.trace.extend(turn.trace);
        Ok(turn.effect)
    }

    async fn order(
        &mut self,
        id: Option<&OrderId>,
    ) -> Result<(Option<Order>, Option<Payment>, Option<Customer>), PipelineError> {
        let Some(id) = id else { return Ok((None, None, None)) };
        let Some((order, customer)) = store::orders::load(self.connection, &self.loaded.store, id).await?
        else {
            return Ok((None, None, None));
        };
        // A customer sees no order but their own, whatever id a stale or forged state holds.
        if self.conversation.role == Role::Customer && customer.id != self.loaded.customer.id {
            return Ok((None, None, None));
        }
        let payment = store::payments::last_of_order(self.connection, id).await?;
        Ok((Some(order), payment, Some(customer)))
    }

    /// Lends everything that effects may use and takes back what they changed.
    async fn scene<T, F>(&mut self, run: F) -> Result<T, PipelineError>
    where
        F: for<'s, 'c> FnOnce(&'s mut Scene<'c>) -> futures::future::BoxFuture<'s, Result<T, sqlx::Error>>,
    {
        let gateways = &self.pipeline.gateways;
        let mut scene = Scene {
            connection: self.connection,
            clock: &self.pipeline.clock,
            now: self.now,
            store: &self.shop.store,
            catalog: Arc::clone(&self.shop.catalog),
            conversation_id: &self.loaded.id,
            conversation: &mut self.conversation,
            customer: &mut self.loaded.customer,
            cart: &mut self.loaded.cart,
            staff: &mut self.loaded.staff,
            gateway: self.pipeline.gateway_of(&self.loaded.store),
            gone: &self.gone,
            callable: &|gateway| gateways.contains_key(gateway),
            signals: Vec::new(),
            calls: Vec::new(),
            timers: Vec::new(),
            cancelled_timers: Vec::new(),
            catalog_changed: false,
        };
        let result = run(&mut scene).await?;
        let Scene { signals, calls, timers, cancelled_timers, catalog_changed, .. } = scene;
        self.signals.extend(signals);
        self.calls.extend(calls);
        for (kind, subject) in cancelled_timers {
            store::timers::cancel(self.connection, &kind, &subject).await?;
        }
        for (kind, subject, at) in timers {
            store::timers::set(self.connection, &self.loaded.id, &kind, &subject, at).await?;
        }
        if catalog_changed {
            self.shop = super::shop::load(self.connection, &self.loaded.store).await?;
        }
        Ok(result)
    }
}

/// The order that an event or the state is about.
fn focus(event: &Event, conversation: &Conversation) -> Option<OrderId> {
    let named = match event {
        Event::Signal { facts, .. } | Event::Outcome { facts, .. } => facts.get("order"),
        Event::Press { action, .. } => action.set.get("order"),
        _ => None,
    };
    let id = named.and_then(Value::as_text).or_else(|| conversation.slot("order").as_text())?;
    Some(OrderId::from(id))
}
