//! What strangers do to the real program: connections that say nothing, sessions that they made up, files without end.

use std::time::{Duration, Instant};

use reqwest::{Client, RequestBuilder, StatusCode};
use serde_json::json;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use warung::cluster::testing::ThrowAway;

use crate::support::{Program, database, free_port, session, settles};

/// More than the descriptors of a process that has not asked for more.
const MANY: usize = 1_100;
/// How long the end of the program may take, and how long an answer may while it is attacked.
const PATIENCE: Duration = Duration::from_secs(40);

/// A shop that is served.
struct Served {
    database: ThrowAway,
    bind: String,
    client: Client,
    program: Program,
    _dir: tempfile::TempDir,
}

impl Served {
    async fn with(more: &[(&str, &str)]) -> Self {
        let (database, dir) = (database().await, tempfile::tempdir().unwrap());
        let bind = format!("127.0.0.1:{}", free_port());
        let mut settings = vec![("DATABASE_URL", database.url.as_str()), ("WARUNG_BIND", bind.as_str())];
        settings.extend(more);
        let seeded = Program::run(dir.path(), &["db", "seed"], &settings);
        assert_eq!(seeded.code, Some(0), "{}", seeded.stderr);
        let mut program = Program::start(dir.path(), &["serve"], &settings);
        program.line_with("the shop is open");
        let client = Client::builder().no_proxy().timeout(PATIENCE).build().unwrap();
        Self { database, bind, client, program, _dir: dir }
    }

    fn get(&self, path: &str) -> RequestBuilder {
        self.client.get(format!("http://{}{path}", self.bind))
    }

    fn post(&self, path: &str) -> RequestBuilder {
        self.client.post(format!("http://{}{path}", self.bind))
    }

    async fn upload(&self, token: &str) -> StatusCode {
        let file =
            self.post("/chat/uploads").bearer_auth(token).header("content-type", "image/png").body("x");
        file.send().await.unwrap().status()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn half_requests_and_streams_hinder_nobody_and_do_not_keep_the_program_from_ending() {
    // The attacker wants descriptors too.
    assert!(warung::http::serve::capacity() > MANY, "this test wants more descriptors");
    let served = Served::with(&[]).await;
    let mut halves = Vec::new();
    for _ in 0..MANY {
        let mut half = TcpStream::connect(&served.bind).await.unwrap();
        half.write_all(b"GET /chat/ev").await.unwrap();
        halves.push(half);
    }
    assert_eq!(served.get("/health/ready").send().await.unwrap().status(), StatusCode::OK);
    let invented = "00112233445566778899aabbccddeeff";
    let stream = |token: &str| served.get("/chat/events").bearer_auth(token).send();
    assert_eq!(stream(invented).await.unwrap().status(), StatusCode::UNAUTHORIZED);
    let token = session(&served.bind, "customer").await;
    let mut streams = Vec::new();
    for _ in 0..20 {
        streams.push(stream(&token).await.unwrap());
    }
    let open = streams.iter().filter(|answer| answer.status() == StatusCode::OK).count();
    assert_eq!(open, 8);
    assert!(streams.iter().skip(8).all(|answer| answer.status() == StatusCode::TOO_MANY_REQUESTS));
    let long = "a".repeat(30_000);
    let named = served.get("/health/live").header("x-request-id", &long).send().await.unwrap();
    assert_eq!(named.headers()["x-request-id"].len(), 36, "its own, and not what it was told");
    let larger = served.get("/health/live").header("x-request-id", "a".repeat(380_000)).send().await;
    assert!(
        larger.is_err_and(|error| !error.is_timeout()) || served.get("/health/live").send().await.is_ok()
    );

    let started = Instant::now();
    assert_eq!(served.program.end("TERM"), Some(0));
    assert!(started.elapsed() < PATIENCE, "{:?}", started.elapsed());
    drop((halves, streams));
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_invented_sessions_leave_room_for_whoever_speaks() {
    let served = Served::with(&[]).await;
    let mut taken = 0;
    for _ in 0..100 {
        let token = session(&served.bind, "customer").await;
        taken += usize::from(served.upload(&token).await == StatusCode::CREATED);
    }
    assert_eq!(taken, 20, "strangers share a small part");
    let ayu = session(&served.bind, "customer").await;
    assert_eq!(served.upload(&ayu).await, StatusCode::TOO_MANY_REQUESTS);
    let hello = json!({ "id": "1", "text": "halo" });
    let said = served.post("/chat/messages").bearer_auth(&ayu).json(&hello).send().await.unwrap();
    assert_eq!(said.status(), StatusCode::ACCEPTED);
    assert_eq!(served.upload(&ayu).await, StatusCode::CREATED);
    settles(&served.database.pool, "select count(*) from page_uploads where standing = 'visitor'", 1).await;
    assert_eq!(served.program.end("TERM"), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_behind_tls_binds_its_cookie_and_asks_for_tls_only() {
    let served = Served::with(&[("WARUNG_PUBLIC_URL", "https://toko.example")]).await;
    let given = served.post("/chat/session").json(&json!({})).send().await.unwrap();
    let cookie = given.headers()["set-cookie"].to_str().unwrap();
    for part in ["__Host-warung_chat=", "Secure", "Path=/;", "HttpOnly", "SameSite=Strict"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(given.headers()["strict-transport-security"].to_str().unwrap().contains("max-age=31536000"));
    assert_eq!(given.json::<serde_json::Value>().await.unwrap(), json!({ "fresh": true }));
    assert_eq!(served.program.end("TERM"), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_that_is_switched_off_is_nowhere() {
    let served = Served::with(&[("WARUNG_WEB", "off")]).await;
    for path in ["/", "/owner", "/chat/events", "/chat/lines", "/chat/worker.js", "/chat/assets/x/app.js"] {
        assert_eq!(served.get(path).send().await.unwrap().status(), StatusCode::NOT_FOUND, "{path}");
    }
    for path in ["/chat/session", "/chat/messages", "/chat/uploads"] {
        let posted = served.post(path).json(&json!({})).send().await.unwrap();
        assert_eq!(posted.status(), StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(served.get("/health/ready").send().await.unwrap().status(), StatusCode::OK);
    assert!(served.program.seen().iter().any(|line| line.contains("WARUNG_WEB=off")), "it is announced");
    assert_eq!(served.program.end("TERM"), Some(0));
}
