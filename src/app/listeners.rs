//! Listeners: platforms that are asked instead of calling. Of several processes on one database one listens to each
//! platform; when it ends, another takes over.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::channels::{Channel, Sink};
use crate::pipeline::Pipeline;
use crate::store;

/// How often a process that does not listen asks whether it should, and one that does whether it still may, in
/// milliseconds.
const LOOK_MS: u64 = 3_000;

/// What came of a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Looked {
    /// Another process listens.
    NotOurs,
    /// There is nothing (more) to listen to: the platform calls, or the process stops.
    Done,
}

/// Starts the listener of a channel that has accounts. It ends when `stop` is cancelled.
pub fn start(
    pipeline: &Arc<Pipeline>,
    channel: &Arc<dyn Channel>,
    stop: &CancellationToken,
    tracker: &TaskTracker,
) {
    if !channel.accounts().is_empty() {
        let (pipeline, channel) = (Arc::clone(pipeline), Arc::clone(channel));
        tracker.spawn(keep_listening(pipeline, channel, stop.clone()));
    }
}

async fn keep_listening(pipeline: Arc<Pipeline>, channel: Arc<dyn Channel>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        match lead_and_listen(&pipeline, &channel, &stop).await {
            Ok(Looked::Done) => return,
            Ok(Looked::NotOurs) => {}
            Err(error) => {
                tracing::warn!(channel = %channel.name(), %error, "lost the lock on a platform; trying again");
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(Duration::from_millis(LOOK_MS)) => {}
        }
    }
}

async fn lead_and_listen(
    pipeline: &Arc<Pipeline>,
    channel: &Arc<dyn Channel>,
    stop: &CancellationToken,
) -> Result<Looked, sqlx::Error> {
    // A connection of its own, outside of the pool: the lock must live as long as the listener and no longer.
    let mut connection = pipeline.pool.acquire().await?.detach();
    if !store::leadership::try_lead(&mut connection, &format!("listen {}", channel.name())).await? {
        return Ok(Looked::NotOurs);
    }
    let sink: Arc<dyn Sink> = Arc::clone(pipeline) as Arc<dyn Sink>;
    let lost = stop.child_token();
    let listener = channel.listen(sink, lost.clone());
    tokio::pin!(listener);
    loop {
        tokio::select! {
            // The lock goes with the connection: the next process asks its platform what it has to know, and ends as well.
            () = &mut listener => return Ok(Looked::Done),
            () = tokio::time::sleep(Duration::from_millis(LOOK_MS)) => {
                if let Err(error) = store::leadership::still_leads(&mut connection).await {
                    // Somebody else may listen by now: stop before asking again.
                    lost.cancel();
                    listener.await;
                    return Err(error);
                }
            }
        }
    }
}
