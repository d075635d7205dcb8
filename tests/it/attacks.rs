//! What strangers try at doors that are for play: the sandbox's "pay" and the demo's way to the owner.

use crate::support::{Program, database, free_port, session};

const TOKEN: &str = "7000000001:AAnobody-is-asked-with-this-token-ever";
const ACCOUNT: &str =
    "insert into channel_accounts (id, store_id, channel, external_id, status, created_at, updated_at)
     select 'account', id, 'telegram', '7000000001', 'active', now(), now() from stores limit 1";

/// Asks for a code of the owner's, as a page written for `host` would.
async fn owner_code(bind: &str, host: &str) -> u16 {
    let own = session(bind, "owner").await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = client.post(format!("http://{bind}/chat/demo/owner-code?pane=owner")).header("host", host);
    let request = request.bearer_auth(own).header("content-type", "application/json");
    request.body("{}").send().await.unwrap().status().as_u16()
}

async fn pay(bind: &str) -> u16 {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = client.post(format!("http://{bind}/sandbox/pay/ORD-2026-0001-1"));
    let request = request.header("content-type", "application/x-www-form-urlencoded").body("kind=exact");
    request.send().await.unwrap().status().as_u16()
}

#[tokio::test(flavor = "multi_thread")]
async fn customers_and_a_sandbox_that_nobody_asked_for_refuse_to_start_together() {
    let (database, dir) = (database().await, tempfile::tempdir().unwrap());
    let bind = format!("127.0.0.1:{}", free_port());
    let settings = [
        ("DATABASE_URL", database.url.as_str()),
        ("WARUNG_BIND", &bind),
        ("RUST_LOG", "off"),
        // It is refused before anybody is asked with this token.
        ("TELEGRAM_BOT_TOKEN", TOKEN),
    ];
    let plain = &settings[..3];
    assert_eq!(Program::run(dir.path(), &["db", "seed"], plain).code, Some(0));
    for command in ["serve", "demo"] {
        let refused = Program::run(dir.path(), &[command], &settings);
        assert_eq!(refused.code, Some(1), "{command}: {}", refused.stderr);
        assert!(refused.stderr.contains("set WARUNG_PAYMENT to static"), "{command}: {}", refused.stderr);
        assert_eq!(refused.stderr.trim().lines().count(), 1, "{command}: {}", refused.stderr);
    }
    // A stand-in on this machine is no platform: nobody buys anything there.
    let told = [("TELEGRAM_API_URL", "http://127.0.0.1:9"), ("RUST_LOG", "info")];
    let stand_in = [&settings[..2], &settings[3..], &told].concat();
    let mut rehearsal = Program::start(dir.path(), &["serve"], &stand_in);
    rehearsal.line_with("the shop is open");
    assert_eq!(rehearsal.end("TERM"), Some(0));
    // The same of an account that stands in the database.
    sqlx::query(ACCOUNT).execute(&database.pool).await.unwrap();
    let refused = Program::run(dir.path(), &["serve"], plain);
    assert!(refused.code == Some(1) && refused.stderr.contains("WARUNG_PAYMENT"), "{}", refused.stderr);
    let looked = Program::run(dir.path(), &["doctor"], plain);
    assert!(looked.stdout.contains("problem  sandbox: ") && looked.code == Some(1), "{}", looked.stdout);
    // Asked for by name it is what somebody wants.
    let named = [plain, &[("WARUNG_PAYMENT", "sandbox")]].concat();
    let mut server = Program::start(dir.path(), &["demo"], &named);
    let why = server.line_with("No page for the owner");
    assert!(why.contains("an account of a platform is connected"), "{why}");
    server.line_with("Ctrl-C");
    assert_eq!(owner_code(&bind, &bind).await, 404, "there is a real bot");
    assert_eq!(pay(&bind).await, 404, "there is no such charge, and the door is open");
    assert_eq!(server.end("TERM"), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_opens_to_its_own_machine_until_an_account_is_connected() {
    let (database, dir) = (database().await, tempfile::tempdir().unwrap());
    let bind = format!("127.0.0.1:{}", free_port());
    let settings = [("DATABASE_URL", database.url.as_str()), ("WARUNG_BIND", &bind), ("RUST_LOG", "off")];
    let mut demo = Program::start(dir.path(), &["demo"], &settings);
    demo.line_with("The owner's own page");
    demo.line_with("Ctrl-C");
    assert_eq!(owner_code(&bind, &bind).await, 200);
    assert_eq!(owner_code(&bind, "shop.example").await, 404);
    assert_eq!(pay(&bind).await, 404, "there is no such charge, and the door is open");
    sqlx::query(ACCOUNT).execute(&database.pool).await.unwrap();
    assert_eq!(owner_code(&bind, &bind).await, 404);
    assert_eq!(pay(&bind).await, 403, "nobody is given goods for nothing");
    assert_eq!(demo.end("TERM"), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_refuses_a_database_with_a_shop_of_its_own_and_adds_nothing_to_it() {
    let (database, dir) = (database().await, tempfile::tempdir().unwrap());
    let bind = format!("127.0.0.1:{}", free_port());
    let settings = [("DATABASE_URL", database.url.as_str()), ("WARUNG_BIND", &bind), ("RUST_LOG", "off")];
    let create = ["store", "create", "kopi-senja", "--name", "Kopi Senja", "--phone", "081234567890"];
    let create = [&create[..], &["--owner", "Sari", "--email", "sari@example.com"]].concat();
    assert_eq!(Program::run(dir.path(), &create, &settings).code, Some(0));
    let refused = Program::run(dir.path(), &["demo"], &settings);
    assert_eq!(refused.code, Some(1), "{}", refused.stdout);
    assert!(
        refused.stderr.contains("`warung serve`") && refused.stderr.contains("`kopi-senja`"),
        "{}",
        refused.stderr
    );
    let stores: i64 =
        sqlx::query_scalar("select count(*) from stores").fetch_one(&database.pool).await.unwrap();
    assert_eq!(stores, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_that_only_has_the_name_of_the_demo_has_no_owners_door() {
    let (database, dir) = (database().await, tempfile::tempdir().unwrap());
    let port = free_port();
    let bind = format!("127.0.0.1:{port}");
    let settings = [("DATABASE_URL", database.url.as_str()), ("WARUNG_BIND", &bind), ("RUST_LOG", "off")];
    let create = ["store", "create", "bella-teh", "--name", "Bella Teh", "--phone", "081234567890"];
    let create = [&create[..], &["--owner", "Sari", "--email", "sari@example.com"]].concat();
    assert_eq!(Program::run(dir.path(), &create, &settings).code, Some(0));
    let mut demo = Program::start(dir.path(), &["demo"], &settings);
    demo.line_with("the shop is not the one that the seed makes");
    demo.line_with("Ctrl-C");
    assert_eq!(owner_code(&bind, &bind).await, 404);
    assert_eq!(demo.end("TERM"), Some(0));
}
