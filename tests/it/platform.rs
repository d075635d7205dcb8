//! The program as an operator meets it: settings, ports, health, refusals, starts and ends.

use crate::support::{Program, database, free_port};

fn folder() -> tempfile::TempDir {
    use std::os::unix::fs::PermissionsExt as _;
    // Below /tmp and open to enter: the server of root runs as another user.
    let dir = tempfile::Builder::new().prefix("warung-it-").tempdir_in("/tmp").unwrap();
    std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    dir
}

#[test]
fn every_wrong_setting_is_named_at_once() {
    let dir = folder();
    let stopped = Program::run(
        dir.path(),
        &["serve"],
        &[
            ("DATABASE_URL", "mysql://x"),
            ("WARUNG_BIND", "here"),
            ("WARUNG_LOG_FORMAT", "xml"),
            ("WARUNG_PAYMENT", "gold"),
        ],
    );
    assert_eq!(stopped.code, Some(1), "{}", stopped.stderr);
    for name in ["DATABASE_URL", "WARUNG_BIND", "WARUNG_LOG_FORMAT", "WARUNG_PAYMENT"] {
        assert!(stopped.stderr.contains(name), "{name} is missing in: {}", stopped.stderr);
    }
}

#[test]
fn settings_are_read_from_a_file_and_the_environment_wins() {
    let dir = folder();
    std::fs::write(dir.path().join(".env"), "WARUNG_BIND=nonsense\n").unwrap();
    let stopped = Program::run(dir.path(), &["serve"], &[]);
    assert!(stopped.stderr.contains("WARUNG_BIND"), "{}", stopped.stderr);
    let stopped = Program::run(dir.path(), &["serve"], &[("WARUNG_BIND", "127.0.0.1:1")]);
    assert!(!stopped.stderr.contains("WARUNG_BIND"), "{}", stopped.stderr);
    assert!(stopped.stderr.contains("DATABASE_URL"), "{}", stopped.stderr);
}

#[test]
fn help_is_there_and_wrong_usage_ends_with_two() {
    let dir = folder();
    let help = Program::run(dir.path(), &["serve", "--help"], &[]);
    assert_eq!(help.code, Some(0));
    assert!(help.stdout.contains("Examples:"), "{}", help.stdout);
    assert_eq!(Program::run(dir.path(), &["serve", "--nonsense"], &[]).code, Some(2));
}

#[test]
fn an_unreachable_database_is_one_clear_line_without_its_password() {
    let dir = folder();
    let url = format!("postgres://warung:hunter2@127.0.0.1:{}/shop", free_port());
    let bind = format!("127.0.0.1:{}", free_port());
    let stopped = Program::run(
        dir.path(),
        &["serve"],
        &[("DATABASE_URL", &url), ("WARUNG_BIND", &bind), ("RUST_LOG", "off")],
    );
    assert_eq!(stopped.code, Some(1));
    assert!(
        stopped.stderr.contains("DATABASE_URL") && !stopped.stderr.contains("hunter2"),
        "{}",
        stopped.stderr
    );
    assert_eq!(stopped.stderr.trim().lines().count(), 1, "{}", stopped.stderr);
}

#[test]
fn a_data_folder_that_cannot_be_used_is_one_clear_line() {
    let dir = folder();
    std::fs::write(dir.path().join("file"), "").unwrap();
    let data = dir.path().join("file/below").display().to_string();
    let bind = format!("127.0.0.1:{}", free_port());
    let stopped = Program::run(dir.path(), &["demo"], &[("WARUNG_DATA_DIR", &data), ("WARUNG_BIND", &bind)]);
    assert_eq!(stopped.code, Some(1));
    assert!(stopped.stderr.contains("WARUNG_DATA_DIR"), "{}", stopped.stderr);
    assert_eq!(stopped.stderr.trim().lines().count(), 1, "{}", stopped.stderr);
}

#[tokio::test]
async fn a_taken_port_is_one_clear_line() {
    let (dir, database) = (folder(), database().await);
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let bind = taken.local_addr().unwrap().to_string();
    let settings = [("DATABASE_URL", database.url.as_str()), ("WARUNG_BIND", &bind), ("RUST_LOG", "off")];
    for command in ["serve", "demo"] {
        let stopped = Program::run(dir.path(), &[command], &settings);
        assert_eq!(stopped.code, Some(1), "{}", stopped.stderr);
        assert!(
            stopped.stderr.contains("WARUNG_BIND") && stopped.stderr.contains(&bind),
            "{}",
            stopped.stderr
        );
        assert_eq!(stopped.stderr.trim().lines().count(), 1, "{}", stopped.stderr);
    }
}

#[tokio::test]
async fn the_server_answers_for_its_health_and_refuses_in_one_form() {
    let (dir, database) = (folder(), database().await);
    let bind = format!("127.0.0.1:{}", free_port());
    let settings = [("DATABASE_URL", database.url.as_str()), ("WARUNG_BIND", &bind)];
    let mut server = Program::start(dir.path(), &["demo"], &settings);
    server.line_with("is open");
    let client = reqwest::Client::new();
    let url = |path: &str| format!("http://{bind}{path}");
    for (method, path, body, status, code) in [
        ("GET", "/health/live", 0, 200, None),
        ("GET", "/health/ready", 0, 200, None),
        ("GET", "/metrics", 0, 200, None),
        ("GET", "/", 0, 200, None),
        ("GET", "/nothing/here", 0, 404, Some("not_found")),
        ("DELETE", "/health/live", 0, 405, Some("method_not_allowed")),
        ("POST", "/webhooks/sandbox", 2, 401, Some("unsigned")),
        ("POST", "/webhooks/nobody", 2, 404, Some("not_found")),
        ("POST", "/webhooks/sandbox", 4 << 20, 413, Some("too_large")),
    ] {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let answer = client.request(method.clone(), url(path)).body(vec![b'x'; body]).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "{method} {path}");
        assert!(answer.headers().contains_key("x-request-id"), "{method} {path} has no request id");
        if let Some(code) = code {
            let body: serde_json::Value = answer.json().await.unwrap();
            assert_eq!(body["error"]["code"], code, "{method} {path}");
            assert!(body["error"]["message"].is_string(), "{method} {path}");
        }
    }
    let kept: Vec<(Option<bool>, Option<bool>)> =
        sqlx::query_as("select signature_valid, processed from payment_webhook_logs")
            .fetch_all(&database.pool)
            .await
            .unwrap();
    assert_eq!(kept, [(Some(false), Some(false))], "an unsigned notice is kept with its verdict");
    let inbox: i64 =
        sqlx::query_scalar("select count(*) from inbox").fetch_one(&database.pool).await.unwrap();
    assert_eq!(inbox, 0, "and changes nothing");
    assert_eq!(server.end("TERM"), Some(0), "SIGTERM is an orderly end");
}

#[test]
fn the_demo_keeps_its_data_over_a_kill_and_starts_again_on_the_same_cluster() {
    let dir = folder();
    let data = dir.path().join("data").display().to_string();
    let bind = format!("127.0.0.1:{}", free_port());
    let settings = [("WARUNG_DATA_DIR", data.as_str()), ("WARUNG_BIND", &bind)];
    for signal in ["KILL", "TERM"] {
        let mut demo = Program::start(dir.path(), &["demo"], &settings);
        demo.line_with("private PostgreSQL");
        demo.line_with("is open");
        let status = Program::run(dir.path(), &["db", "status"], &settings);
        assert_eq!(status.code, Some(0), "{}", status.stderr);
        assert!(status.stdout.contains("applied") && !status.stdout.contains("missing"), "{}", status.stdout);
        assert_eq!(demo.end(signal), (signal == "TERM").then_some(0));
    }
    let pid = dir.path().join("data/postgresql/postgres/postmaster.pid");
    assert!(!pid.exists(), "the last one to leave stops the database");
}

#[tokio::test]
async fn the_doctor_says_what_is_wrong_and_what_to_do() {
    let (dir, database) = (folder(), database().await);
    let bind = format!("127.0.0.1:{}", free_port());
    let mut settings = vec![("DATABASE_URL", database.url.as_str()), ("WARUNG_BIND", &bind)];
    let stopped = Program::run(dir.path(), &["db", "seed"], &settings);
    assert_eq!(stopped.code, Some(0), "{}", stopped.stderr);
    // Nobody hears of the demo's orders yet.
    let stopped = Program::run(dir.path(), &["doctor"], &settings);
    assert_eq!(stopped.code, Some(1), "{}{}", stopped.stdout, stopped.stderr);
    assert_eq!(stopped.stdout.matches("problem").count(), 1, "{}", stopped.stdout);
    assert!(
        stopped.stdout.contains("problem  staff") && stopped.stdout.contains("warung staff link"),
        "{}",
        stopped.stdout
    );
    settings.push(("WARUNG_STORE", "no-such-shop"));
    let stopped = Program::run(dir.path(), &["doctor"], &settings);
    assert_eq!(stopped.code, Some(1), "{}", stopped.stdout);
    assert!(
        stopped.stdout.contains("problem  shop") && stopped.stdout.contains("WARUNG_STORE"),
        "{}",
        stopped.stdout
    );
}
