//! The server with the database role that docs/operations.md gives it.

use serde_json::json;
use sqlx::Executor as _;

use crate::support::{Program, database, free_port, session, settles};

const DOCUMENT: &str = include_str!("../../docs/operations.md");
const DENIED: &str = "42501";

/// The SQL of the document, for a role of this test's own.
fn grants(role: &str) -> String {
    let part = DOCUMENT.split("## A role that can do no harm").nth(1).unwrap();
    let sql = part.split("```sql").nth(1).unwrap().split("```").next().unwrap();
    assert!(sql.contains("warung_app") && !sql.contains("grant all"), "{sql}");
    sql.replace("warung_app", role)
}

/// A database's address for another role.
fn address(url: &str, role: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap();
    let place = rest.split_once('@').map_or(rest, |(_, place)| place);
    format!("{scheme}://{role}:CHANGE-ME@{place}")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_sells_with_a_role_that_can_neither_make_nor_drop_a_table() {
    let (database, dir) = (database().await, tempfile::tempdir().unwrap());
    let role = format!("warung_app_{}", std::process::id());
    database.pool.execute(sqlx::AssertSqlSafe(grants(&role))).await.unwrap();
    let (url, bind) = (address(&database.url, &role), format!("127.0.0.1:{}", free_port()));
    let settings = [("DATABASE_URL", url.as_str()), ("WARUNG_BIND", &bind)];
    let seeded = Program::run(dir.path(), &["db", "seed"], &settings);
    assert_eq!(seeded.code, Some(0), "{}", seeded.stderr);
    let mut server = Program::start(dir.path(), &["serve"], &settings);
    server.line_with("the shop is open");
    let own = session(&bind, "customer").await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    for (id, words) in [
        ("1", "pesan 1 teh hijau organik"),
        ("2", "checkout"),
        ("3", "ambil"),
        ("4", "Ayu Lestari"),
        ("5", "081234567890"),
        ("6", "ya"),
    ] {
        let post = client.post(format!("http://{bind}/chat/messages"));
        let post = post.bearer_auth(&own).json(&json!({ "id": id, "text": words }));
        assert_eq!(post.send().await.unwrap().status().as_u16(), 202, "{words}");
        settles(&database.pool, "select count(*) from inbox where handled_at is null", 0).await;
    }
    settles(&database.pool, "select count(*) from orders", 1).await;
    settles(&database.pool, "select count(*) from payments", 1).await;
    for command in [&["db", "verify"][..], &["db", "prune", "--days", "90"]] {
        let done = Program::run(dir.path(), command, &settings);
        assert_eq!(done.code, Some(0), "{command:?}: {}{}", done.stdout, done.stderr);
    }
    assert_eq!(server.end("TERM"), Some(0));

    let pool = sqlx::PgPool::connect(&url).await.unwrap();
    for attack in [
        "drop table orders",
        "create table mine (id int)",
        "alter table orders add column mine int",
        "truncate orders cascade",
        "create index mine on orders (id)",
        "drop function catalog_fingerprint(text)",
        "create role mine superuser",
        "delete from _sqlx_migrations",
        "copy orders to program 'cat'",
        "alter table orders disable trigger all",
    ] {
        let refused = pool.execute(attack).await.expect_err(attack);
        let code =
            refused.as_database_error().and_then(|error| error.code()).unwrap_or_default().into_owned();
        assert_eq!(code, DENIED, "{attack}: {refused}");
    }
    pool.close().await;
    let gone = format!("drop owned by {role}; drop role {role}");
    database.pool.execute(sqlx::AssertSqlSafe(gone)).await.unwrap();
}
