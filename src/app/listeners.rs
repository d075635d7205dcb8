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

/// Starts the listener of a channel, where it is one that listens. It ends when `stop` is cancelled.
pub fn start(
    pipeline: &Arc<Pipeline>,
    channel: &Arc<dyn Channel>,
    stop: &CancellationToken,
    tracker: &TaskTracker,
) {
    if channel.abilities().listen.is_some() && !channel.accounts().is_empty() {
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

/// Tries to become the process that does something. The lock must live as long as the listener and no longer, so whoever gets
/// it takes its connection out of the pool; whoever does not gives it back, for the next look and for everything else.
async fn lead(pool: &sqlx::PgPool, what: &str) -> Result<Option<sqlx::PgConnection>, sqlx::Error> {
    let mut connection = pool.acquire().await?;
    let leads = store::leadership::try_lead(&mut connection, what).await?;
    Ok(leads.then(|| connection.detach()))
}

async fn lead_and_listen(
    pipeline: &Arc<Pipeline>,
    channel: &Arc<dyn Channel>,
    stop: &CancellationToken,
) -> Result<Looked, sqlx::Error> {
    let Some(listen) = channel.abilities().listen else { return Ok(Looked::Done) };
    let what = format!("listen {}", channel.name());
    let Some(mut connection) = lead(&pipeline.pool, &what).await? else { return Ok(Looked::NotOurs) };
    let sink: Arc<dyn Sink> = Arc::clone(pipeline) as Arc<dyn Sink>;
    let lost = stop.child_token();
    let listener = listen.listen(sink, lost.clone());
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::testing::throw_away_database;

    #[tokio::test]
    async fn a_process_that_stands_by_looks_again_over_the_same_connection_and_takes_over_when_the_lock_is_free()
     {
        let database = throw_away_database(&store::MIGRATOR).await.unwrap();
        let options = (*database.pool.connect_options()).clone();
        let one =
            || sqlx::postgres::PgPoolOptions::new().max_connections(1).connect_lazy_with(options.clone());
        let process = |pool: sqlx::PgPool| async move {
            sqlx::query_scalar::<_, i32>("select pg_backend_pid()").fetch_one(&pool).await.unwrap()
        };
        let (first, second) = (one(), one());
        let lock = lead(&first, "listen to a test").await.unwrap().expect("nobody has it yet");
        let before = process(second.clone()).await;
        for _ in 0..3 {
            assert!(lead(&second, "listen to a test").await.unwrap().is_none());
        }
        assert_eq!(process(second.clone()).await, before);
        sqlx::Connection::close(lock).await.unwrap();
        let taken = lead(&second, "listen to a test").await.unwrap();
        assert!(taken.is_some());
        assert_ne!(process(second.clone()).await, before, "the lock keeps its connection to itself");
    }
}
