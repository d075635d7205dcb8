//! What platforms report of our messages: how far each got, and what is done about one that failed.

use chrono::Duration;

use crate::domain::ids::ConversationId;
use crate::domain::message::{ChannelName, Delivery, DeliveryFailure, DeliveryState};
use crate::pipeline::accept::json;
use crate::pipeline::dispatch::{STOPPED_WAIT, retry_at};
use crate::pipeline::work::Work;
use crate::pipeline::{Pipeline, PipelineError};
use crate::store;
use crate::store::deliveries::{self, Arrived};

/// For how long after a message of the person a platform with windows takes free answers (Meta: "Customer service windows").
const WINDOW: Duration = Duration::hours(24);

impl Pipeline {
    /// How far a message got.
    pub(super) async fn reported(
        &self,
        channel: &ChannelName,
        delivery: &Delivery,
    ) -> Result<(), PipelineError> {
        if delivery.state == DeliveryState::Failed {
            return self.failed(channel, delivery).await;
        }
        let mut connection = self.pool.acquire().await?;
        let now = self.clock.now();
        match deliveries::arrived(&mut connection, channel, delivery, now).await? {
            Arrived::Known => {}
            // What follows it in its conversation can go now.
            Arrived::News => self.outbound.notify_one(),
            Arrived::GivenUp { outbox_id, conversation } => {
                self.outbound.notify_one();
                self.take_back(&mut connection, outbox_id, &conversation).await?;
            }
        }
        Ok(())
    }

    /// A message arrived of which the shop's people were told that it did not: they hear that it did. Whoever was not told
    /// yet never is, because the message is no longer given up.
    async fn take_back(
        &self,
        connection: &mut sqlx::PgConnection,
        outbox_id: i64,
        conversation: &ConversationId,
    ) -> Result<(), PipelineError> {
        let now = self.clock.now();
        for (to, payload) in deliveries::told_undelivered(connection, conversation, outbox_id).await? {
            let Ok(Work::Signal { facts, .. }) = serde_json::from_value::<Work>(payload) else { continue };
            let work = json(&Work::Signal { name: "staff.delivered_late".into(), facts });
            let key = format!("delivered-late:{outbox_id}:{to}");
            store::inbox::insert(connection, &to, "signal", &key, &work, now).await?;
            self.schedule.wake(&to);
        }
        Ok(())
    }

    /// The platform took a message and could not deliver it: it goes again where that makes sense; else it is news for its
    /// conversation, which looks for another way.
    async fn failed(&self, channel: &ChannelName, delivery: &Delivery) -> Result<(), PipelineError> {
        let now = self.clock.now();
        let mut transaction = self.pool.begin().await?;
        let Some(failing) = deliveries::failing(&mut transaction, channel, delivery).await? else {
            return Ok(());
        };
        let (id, conversation) = (failing.outbox_id, &failing.conversation);
        tracing::warn!(outbox.id = id, reason = delivery.error, "a message was not delivered");
        // The parts that follow one that failed are with the platform already: nothing of it goes again.
        let again_at = match delivery.failure.filter(|_| !delivery.is_part) {
            Some(DeliveryFailure::Retry { after_ms }) => retry_at(failing.attempts, after_ms, now),
            Some(DeliveryFailure::WindowShut) => {
                // The clocks differ, or what opened the window was not a message to it: the next try knows it is shut.
                store::conversations::shut_window(&mut transaction, conversation, now - WINDOW).await?;
                retry_at(failing.attempts, None, now)
            }
            Some(DeliveryFailure::Stopped) => {
                self.stop_account(&mut transaction, channel, &failing.account, conversation).await?;
                Some(now + STOPPED_WAIT)
            }
            Some(DeliveryFailure::Unreachable | DeliveryFailure::Final) | None => None,
        };
        deliveries::fail(&mut transaction, id, delivery, again_at).await?;
        if again_at.is_none() {
            undelivered(&mut transaction, conversation, id, now).await?;
        }
        transaction.commit().await?;
        self.schedule.wake(conversation);
        Ok(())
    }
}

/// Tells a conversation that a message of its own was given up.
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub(in crate::pipeline) async fn undelivered(
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
