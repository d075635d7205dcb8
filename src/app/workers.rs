//! The workers of one process: turns, sends, deadlines, and news from other processes.

use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::PgListener;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::domain::ids::ConversationId;
use crate::domain::message::Address;
use crate::pipeline::turn::Turned;
use crate::pipeline::{Pipeline, PipelineError};
use crate::store;
use crate::store::outbox::{CallKind, Lane};

/// Conversations that one process handles at once.
pub const TURN_WORKERS: usize = 12;
/// Turns of one conversation before the next one gets the worker.
const TURNS_IN_A_ROW: usize = 2;
/// The safety net under the wake-ups, in milliseconds.
const POLL_MS: u64 = 500;
/// The wait after a failure of the database, in milliseconds.
const FAULT_WAIT_MS: u64 = 500;
/// Conversations that one poll picks up.
const POLL_BATCH: i64 = 256;
/// What one process does at once in each lane: messages besides those of turns, and calls by what they do. Each has its own
/// slots, so that a gateway that is slow to answer questions, or fails to call charges off, keeps no code and no message
/// waiting.
const SLOTS: [(Lane, usize); 7] = [
    (Lane::Messages, 16),
    (Lane::Calls(CallKind::Charge), 8),
    (Lane::Calls(CallKind::Refund), 2),
    (Lane::Calls(CallKind::Question), 6),
    (Lane::Calls(CallKind::Cancel), 2),
    (Lane::Calls(CallKind::Look), 4),
    (Lane::Calls(CallKind::File), 4),
];

/// The running workers of a pipeline.
pub struct Workers {
    stop: CancellationToken,
    tracker: TaskTracker,
}

impl Workers {
    /// Spawns the workers.
    pub fn start(pipeline: &Arc<Pipeline>) -> Self {
        let stop = CancellationToken::new();
        let tracker = TaskTracker::new();
        for _ in 0..TURN_WORKERS {
            tracker.spawn(turns(Arc::clone(pipeline), stop.clone()));
        }
        tracker.spawn(poll(Arc::clone(pipeline), stop.clone()));
        tracker.spawn(dispatch(Arc::clone(pipeline), stop.clone(), tracker.clone()));
        tracker.spawn(listen(Arc::clone(pipeline), stop.clone()));
        Self { stop, tracker }
    }

    /// Takes no more work, finishes turns and sends in flight, and returns when all is done.
    pub async fn stop(self) {
        self.stop.cancel();
        self.tracker.close();
        self.tracker.wait().await;
    }
}

async fn turns(pipeline: Arc<Pipeline>, stop: CancellationToken) {
    loop {
        let id = tokio::select! {
            biased;
            () = stop.cancelled() => return,
            id = pipeline.schedule.next() => id,
        };
        if let Err(error) = handle(&pipeline, &id).await {
            tracing::error!(%error, "a turn could not be run");
            tokio::time::sleep(Duration::from_millis(FAULT_WAIT_MS)).await;
        }
        pipeline.schedule.done(&id);
    }
}

/// Handles what waits in one conversation, and after some turns lets the others have theirs: whoever answers at once
/// would keep a worker for good.
async fn handle(pipeline: &Pipeline, id: &ConversationId) -> Result<(), PipelineError> {
    for _ in 0..TURNS_IN_A_ROW {
        match pipeline.turn(id).await? {
            Turned::Handled { route, send, calls, more, .. } => {
                // Calls go out while the messages are sent.
                if calls {
                    pipeline.outbound.notify_one();
                }
                if !send.is_empty() {
                    pipeline.send_now(&route, send).await?;
                }
                // What came after the turn had looked has woken the conversation again.
                if !more {
                    return Ok(());
                }
            }
            // The poll comes back to what is not due yet.
            Turned::Idle | Turned::Later(_) => return Ok(()),
        }
    }
    pipeline.schedule.wake(id);
    Ok(())
}

/// Finds what no wake-up told of: work of a process that died, deadlines, tries that have become due.
async fn poll(pipeline: Arc<Pipeline>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        if let Err(error) = poll_once(&pipeline).await {
            tracing::error!(%error, "the poll failed");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(Duration::from_millis(POLL_MS)) => {}
        }
    }
}

async fn poll_once(pipeline: &Pipeline) -> Result<(), PipelineError> {
    pipeline.fire_timers().await?;
    pipeline.sweep_if_due().await?;
    pipeline.give_up_unmade_if_due().await?;
    let mut connection = pipeline.pool.acquire().await?;
    let now = pipeline.clock.now();
    for id in store::inbox::conversations_with_work(&mut connection, now, POLL_BATCH).await? {
        pipeline.schedule.wake(&id);
    }
    Ok(())
}

/// Sends what turns did not send themselves: calls, messages of other processes, further tries.
async fn dispatch(pipeline: Arc<Pipeline>, stop: CancellationToken, tracker: TaskTracker) {
    let lanes = SLOTS.map(|(lane, slots)| (lane, Arc::new(Semaphore::new(slots))));
    while !stop.is_cancelled() {
        for (lane, slots) in &lanes {
            if let Err(error) = begin(&pipeline, *lane, slots, &tracker).await {
                tracing::error!(%error, ?lane, "nothing could be leased");
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = pipeline.outbound.notified() => {}
            () = tokio::time::sleep(Duration::from_millis(POLL_MS)) => {}
        }
    }
}

/// Leases as many rows as slots are free, and begins with all of them.
async fn begin(
    pipeline: &Arc<Pipeline>,
    lane: Lane,
    slots: &Arc<Semaphore>,
    tracker: &TaskTracker,
) -> Result<(), PipelineError> {
    let free = i64::try_from(slots.available_permits()).unwrap_or(i64::MAX);
    if free == 0 {
        return Ok(());
    }
    for row in pipeline.lease(lane, free).await? {
        let slot = Arc::clone(slots).acquire_owned().await;
        let pipeline = Arc::clone(pipeline);
        tracker.spawn(async move {
            if let Err(error) = pipeline.dispatch(&row).await {
                tracing::error!(%error, outbox.id = row.id, ?lane, "a row could not be dispatched");
            }
            drop(slot);
            // What waited behind it can go now.
            pipeline.outbound.notify_one();
        });
    }
    Ok(())
}

/// Hears of messages that other processes wrote for chats that this one serves.
async fn listen(pipeline: Arc<Pipeline>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let heard = tokio::select! {
            () = stop.cancelled() => return,
            heard = listen_once(&pipeline) => heard,
        };
        if let Err(error) = heard {
            tracing::warn!(%error, "lost touch with other processes; polling goes on");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(Duration::from_millis(FAULT_WAIT_MS)) => {}
        }
    }
}

async fn listen_once(pipeline: &Pipeline) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect_with(&pipeline.pool).await?;
    listener.listen(store::outbox::NOTIFY_CHANNEL).await?;
    loop {
        let notice = listener.recv().await?;
        let Some((channel, chat)) = notice.payload().split_once(' ') else { continue };
        if pipeline.channels.serves(&Address { channel: channel.into(), chat: chat.to_owned() }) {
            pipeline.outbound.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_lane_has_slots_of_its_own() {
        for lane in Lane::ALL {
            let slots: Vec<usize> =
                SLOTS.iter().filter(|(known, _)| *known == lane).map(|(_, slots)| *slots).collect();
            assert!(matches!(slots[..], [slots] if slots > 0), "{lane:?}");
        }
    }
}
