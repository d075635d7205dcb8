//! Deadlines that have come are put into the inbox: of orders out of `timers`, of dialogue states out of their
//! conversations. And the loop that runs everything until nothing is left, for clocks that are moved by hand.

use chrono::{DateTime, Utc};

use crate::dialogue::conversation::Conversation;
use crate::domain::ids::{ConversationId, OrderId};
use crate::store;

use super::accept::json;
use super::turn::Turned;
use super::work::Work;
use super::{Pipeline, PipelineError};

/// The kind of the deadlines that are about a payment and not about an order: it is looked at once more.
pub(in crate::pipeline) const LOOK: &str = "look";
/// Deadlines taken at once.
const BATCH: i64 = 100;
/// Rounds of [`Pipeline::drain`]; a line of data that is not quiet by then is going in circles.
const MAX_ROUNDS: usize = 1_000;

/// What [`Pipeline::drain`] did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Drained {
    /// Turns, in order, with the states and transitions that each passed.
    pub turns: Vec<(ConversationId, Vec<String>)>,
    /// Rows of the outbox that were sent or given up.
    pub dispatched: usize,
}

impl Pipeline {
    /// Puts deadlines that have come into the inbox and wakes their conversations. Returns how many.
    ///
    /// # Errors
    /// [`PipelineError`] when the database fails.
    pub async fn fire_timers(&self) -> Result<usize, PipelineError> {
        let now = self.clock.now();
        self.wipe_farewells().await?;
        let woken = [self.fire_order_timers(now).await?, self.fire_state_timers(now).await?].concat();
        for id in &woken {
            self.schedule.wake(id);
        }
        Ok(woken.len())
    }

    async fn fire_order_timers(&self, now: DateTime<Utc>) -> Result<Vec<ConversationId>, PipelineError> {
        let mut woken = Vec::new();
        let mut transaction = self.pool.begin().await?;
        for due in store::timers::take_due(&mut transaction, now, BATCH).await? {
            let work = if due.kind == LOOK {
                Work::Sweep { payment: due.subject.into() }
            } else {
                Work::OrderTimer { kind: due.kind, order: OrderId::from(due.subject) }
            };
            let key = format!("order:{}", due.id);
            store::inbox::insert(&mut transaction, &due.conversation, "timer", &key, &json(&work), now)
                .await?;
            woken.push(due.conversation);
        }
        transaction.commit().await?;
        Ok(woken)
    }

    /// In a transaction of its own: it locks conversations, and turns that hold one of them set timers of orders.
    async fn fire_state_timers(&self, now: DateTime<Utc>) -> Result<Vec<ConversationId>, PipelineError> {
        let mut woken = Vec::new();
        let mut transaction = self.pool.begin().await?;
        for (id, state) in store::conversations::with_due_deadlines(&mut transaction, now, BATCH).await? {
            for (name, revision) in due_deadlines(state.as_ref(), now) {
                let key = format!("state:{id}:{revision}:{name}");
                let work = Work::StateTimer { name, revision };
                store::inbox::insert(&mut transaction, &id, "timer", &key, &json(&work), now).await?;
            }
            store::conversations::clear_deadline(&mut transaction, &id, now).await?;
            woken.push(id);
        }
        transaction.commit().await?;
        Ok(woken)
    }

    /// Runs deadlines, turns and sends at the clock's present moment until nothing is left to do.
    ///
    /// # Errors
    /// [`PipelineError`] when the database fails or a test killed the process.
    pub async fn drain(&self) -> Result<Drained, PipelineError> {
        let mut drained = Drained::default();
        for _ in 0..MAX_ROUNDS {
            let fired =
                self.fire_timers().await? + self.sweep_if_due().await? + self.give_up_unmade_if_due().await?;
            let work = {
                let mut connection = self.pool.acquire().await?;
                store::inbox::conversations_with_work(&mut connection, self.clock.now(), BATCH).await?
            };
            let mut turned = 0;
            for id in &work {
                if let Turned::Handled { route, send, trace, .. } = Box::pin(self.turn(id)).await? {
                    turned += 1;
                    drained.dispatched += send.len();
                    self.send_now(&route, send).await?;
                    drained.turns.push((id.clone(), trace));
                }
            }
            let dispatched = self.dispatch_due().await?;
            drained.dispatched += dispatched;
            if fired + turned + dispatched == 0 {
                break;
            }
        }
        Ok(drained)
    }
}

fn due_deadlines(state: Option<&Conversation>, now: DateTime<Utc>) -> impl Iterator<Item = (String, i64)> {
    state.into_iter().flat_map(move |state| {
        state
            .timers
            .iter()
            .filter(move |deadline| deadline.at <= now)
            .map(|deadline| (deadline.name.clone(), state.revision))
    })
}
