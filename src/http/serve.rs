//! Connections: how many there may be, how long each may say nothing, and how all of them end.
//!
//! A connection costs a descriptor, and descriptors are also what the database and the platforms are reached by. So there are
//! never more connections than leave room for those, and none is kept for somebody who does not finish a sentence.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_io_timeout::TimeoutStream;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use super::peers::{self, Counts};

/// Connections that one process has at once, where the system gives it as many descriptors.
const MAX_CONNECTIONS: usize = 8_192;
/// Descriptors that are left for the database, the platforms and files.
const OTHER_DESCRIPTORS: usize = 256;
/// How long the head of a request may take, and how long a connection may wait for its next one, in seconds.
const HEAD_SECONDS: u64 = 10;
/// How long an answer may wait for its reader to take more of it, in seconds.
const UNREAD_SECONDS: u64 = 30;
/// Connections from one address far away. Those of a proxy are not counted, because it speaks for everybody.
const MAX_OF_ADDRESS: usize = 256;
/// Bytes of the head of a request.
const MAX_HEAD_BYTES: usize = 64 * 1024;
/// How long connections may go on when the server stops, in seconds; then they are cut.
const LINGER_SECONDS: u64 = 10;
/// The wait after the system gave no connection, in milliseconds.
const REFUSED_WAIT_MS: u64 = 100;

/// How many connections there may be, now that as many descriptors as the system gives are ours.
pub fn capacity() -> usize {
    MAX_CONNECTIONS.min(descriptors().saturating_sub(OTHER_DESCRIPTORS)).max(OTHER_DESCRIPTORS / 4)
}

/// The descriptors that this process may have, raised as far as the system lets it.
#[cfg(unix)]
fn descriptors() -> usize {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let now = getrlimit(Resource::Nofile);
    let wanted = u64::try_from(MAX_CONNECTIONS + OTHER_DESCRIPTORS).unwrap_or(u64::MAX);
    let reachable = now.maximum.unwrap_or(u64::MAX).min(wanted);
    let current = now.current.unwrap_or(u64::MAX);
    let raised = current < reachable
        && setrlimit(Resource::Nofile, Rlimit { current: Some(reachable), maximum: now.maximum }).is_ok();
    usize::try_from(if raised { reachable } else { current }).unwrap_or(usize::MAX)
}

#[cfg(not(unix))]
fn descriptors() -> usize {
    MAX_CONNECTIONS
}

/// What connections may take.
#[derive(Debug, Clone, Copy)]
struct Bounds {
    connections: usize,
    of_address: usize,
    head: Duration,
    unread: Duration,
    linger: Duration,
}

/// Serves until `stop` is cancelled: then no connection is taken any more, requests under way are answered, and whoever has not
/// ended after `LINGER_SECONDS` is cut off.
pub async fn serve(listener: TcpListener, router: Router, stop: CancellationToken) {
    let bounds = Bounds {
        connections: capacity(),
        of_address: MAX_OF_ADDRESS,
        head: Duration::from_secs(HEAD_SECONDS),
        unread: Duration::from_secs(UNREAD_SECONDS),
        linger: Duration::from_secs(LINGER_SECONDS),
    };
    serve_within(bounds, peers::stranger, listener, router, stop).await;
}

/// `address` tells from where a connection comes, where that is counted.
async fn serve_within(
    bounds: Bounds,
    address: fn(SocketAddr) -> Option<IpAddr>,
    listener: TcpListener,
    router: Router,
    stop: CancellationToken,
) {
    let room = Arc::new(Semaphore::new(bounds.connections));
    let held = Counts::default();
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            biased;
            () = stop.cancelled() => break,
            accepted = async {
                // Whoever comes now waits at the door of the system, which costs us nothing.
                let permit = Arc::clone(&room).acquire_owned().await;
                (permit, listener.accept().await)
            } => accepted,
        };
        while connections.try_join_next().is_some() {}
        match accepted {
            (Ok(permit), Ok((stream, peer))) => {
                let own = address(peer).map(|address| (address.to_string(), bounds.of_address));
                // Whoever has all that one address may have finds the door shut, and the others do not.
                let Ok(place) = held.take(own.into_iter().collect()) else {
                    metrics::counter!("warung_connections_refused_total").increment(1);
                    continue;
                };
                let connection = connection(bounds, stream, peer, router.clone(), stop.clone());
                connections.spawn(async move {
                    connection.await;
                    drop((permit, place));
                });
            }
            // The other side left again, or there are no descriptors: neither ends the server.
            (_, Err(error)) => {
                tracing::debug!(%error, "a connection could not be taken");
                tokio::time::sleep(Duration::from_millis(REFUSED_WAIT_MS)).await;
            }
            (Err(_), _) => break,
        }
    }
    drop(listener);
    let all = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(bounds.linger, all).await.is_err() {
        tracing::warn!(connections = connections.len(), "connections that did not end were cut off");
        connections.shutdown().await;
    }
}

/// One connection, from its first byte to its last.
async fn connection(
    bounds: Bounds,
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    stop: CancellationToken,
) {
    // Answers are written whole; waiting for more to send with them only makes them late.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().oneshot(request)
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(bounds.head).max_buf_size(MAX_HEAD_BYTES);
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(bounds.unread));
    let connection = builder.serve_connection(TokioIo::new(Box::pin(stream)), service);
    tokio::pin!(connection);
    // How a connection ends is the business of the other side.
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection broke");
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use axum::routing::get;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    struct Server {
        address: SocketAddr,
        stop: CancellationToken,
        task: tokio::task::JoinHandle<()>,
    }

    /// How long a head may take here.
    const HEAD: Duration = Duration::from_millis(700);
    const LINGER: Duration = Duration::from_millis(300);

    async fn server(connections: usize, head: Duration) -> Server {
        server_for(Bounds { connections, of_address: 1, head, unread: HEAD, linger: LINGER }, |_| None).await
    }

    async fn server_for(bounds: Bounds, from: fn(SocketAddr) -> Option<IpAddr>) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let router = Router::new()
            .route(
                "/",
                get(|ConnectInfo(peer): ConnectInfo<SocketAddr>| async move { peer.ip().to_string() }),
            )
            .route("/long", get(|| async { vec![0_u8; 64 << 20] }));
        let task = tokio::spawn(serve_within(bounds, from, listener, router, stop.clone()));
        Server { address, stop, task }
    }

    async fn said(address: SocketAddr, words: &[u8]) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        // Whoever is refused early may hear of it while still writing.
        let _ = stream.write_all(words).await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        String::from_utf8_lossy(&answer).into_owned()
    }

    const WHOLE: &[u8] = b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";

    #[tokio::test]
    async fn half_a_request_line_is_cut_off_and_hinders_nobody() {
        let server = server(400, HEAD).await;
        let mut halves = Vec::new();
        for _ in 0..300 {
            let mut half = TcpStream::connect(server.address).await.unwrap();
            half.write_all(b"GET / HT").await.unwrap();
            halves.push(half);
        }
        let started = Instant::now();
        assert!(said(server.address, WHOLE).await.ends_with("127.0.0.1"));
        let mut rest = Vec::new();
        for mut half in halves {
            let _ = half.read_to_end(&mut rest).await;
        }
        assert!(started.elapsed() < HEAD * 10, "{:?}", started.elapsed());
        server.stop.cancel();
    }

    #[tokio::test]
    async fn who_finds_no_room_is_served_when_there_is_some() {
        let server = server(2, Duration::from_secs(60)).await;
        let held: Vec<_> =
            futures::future::join_all((0..2).map(|_| TcpStream::connect(server.address))).await;
        let waits = tokio::spawn(said(server.address, WHOLE));
        tokio::task::yield_now().await;
        assert!(!waits.is_finished());
        drop(held);
        assert!(waits.await.unwrap().starts_with("HTTP/1.1 200"));
    }

    #[tokio::test]
    async fn one_address_fills_its_own_room_only() {
        let bounds =
            Bounds { connections: 10, of_address: 3, head: HEAD * 100, unread: HEAD, linger: LINGER };
        // Every third port of the client stands for the customer, and all others for somebody who floods.
        let server = server_for(bounds, |peer| {
            Some(IpAddr::from([203, 0, 113, if peer.port().is_multiple_of(3) { 1 } else { 2 }]))
        })
        .await;
        let mut held = Vec::new();
        let mut customers = 0;
        while customers < 3 {
            let mut stream = TcpStream::connect(server.address).await.unwrap();
            let is_customer = stream.local_addr().unwrap().port().is_multiple_of(3);
            if is_customer {
                customers += 1;
                stream.write_all(WHOLE).await.unwrap();
                let mut answer = String::new();
                stream.read_to_string(&mut answer).await.unwrap();
                assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
            } else {
                let _ = stream.write_all(b"GET / HT").await;
                held.push(stream);
            }
            assert!(held.len() < 1_100, "no port of the customer's came up");
        }
        let flood: Vec<_> = held.iter().map(|stream| stream.local_addr().unwrap().port()).collect();
        let mut shut = 0;
        for mut stream in held {
            let mut rest = Vec::new();
            let read = tokio::time::timeout(LINGER, stream.read_to_end(&mut rest)).await;
            shut += usize::from(read.is_ok());
        }
        assert_eq!(shut, flood.len().saturating_sub(3), "all but three were shut out");
        server.stop.cancel();
    }

    #[tokio::test]
    async fn who_asks_for_much_and_reads_none_of_it_is_let_go() {
        let server = server(1, HEAD).await;
        let mut deaf = TcpStream::connect(server.address).await.unwrap();
        deaf.write_all(b"GET /long HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        // There is room for one alone: whoever is answered now was let in because the other was let go.
        let answer = tokio::time::timeout(HEAD * 20, said(server.address, WHOLE)).await;
        assert!(answer.unwrap().starts_with("HTTP/1.1 200"));
        drop(deaf);
        server.stop.cancel();
    }

    #[tokio::test]
    async fn a_stop_ends_also_where_somebody_holds_a_connection_open() {
        let server = server(10, Duration::from_secs(60)).await;
        let mut half = TcpStream::connect(server.address).await.unwrap();
        half.write_all(b"GET / HT").await.unwrap();
        assert!(said(server.address, WHOLE).await.contains("200"));
        let started = Instant::now();
        server.stop.cancel();
        server.task.await.unwrap();
        assert!(started.elapsed() < LINGER * 10, "{:?}", started.elapsed());
    }

    #[tokio::test]
    async fn a_head_of_a_megabyte_is_refused() {
        let server = server(10, HEAD).await;
        let long = format!("GET / HTTP/1.1\r\nhost: x\r\nx-request-id: {}\r\n\r\n", "a".repeat(1 << 20));
        let answer = said(server.address, long.as_bytes()).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");
    }

    #[test]
    fn there_are_never_more_connections_than_descriptors() {
        assert!(capacity() <= MAX_CONNECTIONS && capacity() < descriptors());
    }
}
