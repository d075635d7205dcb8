//! The platforms as an operator and a customer meet them: the real program, its real wire, and the platform's side on
//! loopback.

use serde_json::json;
use warung::channels::discord::Account as DiscordAccount;
use warung::edge::webhook::WebhookRequest;
use warung::fakes::{Person, Platform as _, discord, telegram, whatsapp};

use crate::support::{Program, answer, database, free_port, person, post, reaches, settles, text};

const TELEGRAM_TOKEN: &str = "7000000001:AAprogram-under-test";
const TELEGRAM_STORED: &str = "select count(*) from inbox where source = 'telegram'";
const DISCORD_TOKEN: &str = "NzAwMDAwMDAwMDAwMDAwMDAx.program.under-test";
const NUMBER: &str = "100200300400500";

#[tokio::test(flavor = "multi_thread")]
async fn a_telegram_token_makes_the_demo_a_live_bot_and_kills_lose_nothing() {
    let (database, dir) = (database().await, tempfile::tempdir().unwrap());
    let fake = telegram::Fake::start(TELEGRAM_TOKEN).await.unwrap();
    let (bind, url) = (format!("127.0.0.1:{}", free_port()), fake.url());
    let settings = [
        ("DATABASE_URL", database.url.as_str()),
        ("WARUNG_BIND", &bind),
        ("WARUNG_PAYMENT", "sandbox"),
        ("TELEGRAM_BOT_TOKEN", TELEGRAM_TOKEN),
        ("TELEGRAM_API_URL", &url),
    ];
    let mut program = Program::start(dir.path(), &["demo"], &settings);
    program.line_with("is open");
    fake.queue(&person("41"), "1", &text("halo"));
    assert!(answer(fake.as_ref(), "41").await.contains("Bella Teh"));

    for round in 0..6 {
        for chat in ["41", "42", "43"] {
            fake.queue(&person(chat), &format!("r{round}"), &text("pesan 1 teh hijau organik"));
        }
        // One, two or all three of them are stored: the death falls into storing, turns and sending.
        reaches(&database.pool, TELEGRAM_STORED, 1 + 3 * round + 1 + round % 3).await;
        program.end("KILL");
        program = Program::start(dir.path(), &["demo"], &settings);
        program.line_with("is open");
    }
    settles(&database.pool, TELEGRAM_STORED, 19).await;
    settles(&database.pool, "select count(*) from inbox where handled_at is null", 0).await;
    settles(
        &database.pool,
        "select coalesce(sum((line ->> 'quantity')::bigint), 0)::bigint from carts, jsonb_array_elements(cart -> 'lines') line",
        18,
    )
    .await;
    settles(&database.pool, "select count(*) from outbox where state <> 'sent'", 0).await;
    let refused: Vec<_> = fake.recorded().into_iter().filter_map(|request| request.refusal).collect();
    assert_eq!(refused, Vec::<String>::new());
    assert_eq!(program.end("TERM"), Some(0));
    fake.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_discord_token_makes_the_demo_a_live_bot_and_kills_lose_nothing() {
    let (database, dir) = (database().await, tempfile::tempdir().unwrap());
    let fake = discord::Fake::start(DISCORD_TOKEN).await.unwrap();
    let (bind, url) = (format!("127.0.0.1:{}", free_port()), fake.url());
    let settings = [
        ("DATABASE_URL", database.url.as_str()),
        ("WARUNG_BIND", &bind),
        ("WARUNG_PAYMENT", "sandbox"),
        ("DISCORD_BOT_TOKEN", DISCORD_TOKEN),
        ("DISCORD_API_URL", &url),
    ];
    let mut program = Program::start(dir.path(), &["demo"], &settings);
    program.line_with("is open");
    let chats = ["100000000000000041", "100000000000000042"];
    // Until the bot is there nobody could tell it anything.
    assert!(fake.until(|fake| fake.gateway().0 > 0).await, "the bot never came");
    fake.push(&person(chats[0]), "1", &text("halo"));
    assert!(answer(fake.as_ref(), chats[0]).await.contains("Bella Teh"));

    for round in 0..4 {
        for chat in chats {
            fake.push(&person(chat), &format!("r{round}-{chat}"), &text("pesan 1 teh hijau organik"));
        }
        reaches(
            &database.pool,
            "select count(*) from inbox where source = 'discord'",
            1 + 2 * round + 1 + round % 2,
        )
        .await;
        program.end("KILL");
        program = Program::start(dir.path(), &["demo"], &settings);
        program.line_with("is open");
    }
    settles(&database.pool, "select count(*) from inbox where source = 'discord'", 9).await;
    settles(&database.pool, "select count(*) from inbox where handled_at is null", 0).await;
    settles(&database.pool, "select count(*) from outbox where state <> 'sent'", 0).await;
    let refused: Vec<_> = fake.recorded().into_iter().filter_map(|request| request.refusal).collect();
    assert_eq!(refused, Vec::<String>::new());
    assert_eq!(program.end("TERM"), Some(0));
    fake.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whatsapp_number_answers_with_its_four_settings_and_strangers_get_nothing() {
    let (database, dir) = (database().await, tempfile::tempdir().unwrap());
    let fake = whatsapp::Fake::start("app-secret-of-tests", "verify-me-of-tests", "access-token", NUMBER)
        .await
        .unwrap();
    let (bind, url) = (format!("127.0.0.1:{}", free_port()), fake.url());
    let settings = [
        ("DATABASE_URL", database.url.as_str()),
        ("WARUNG_BIND", &bind),
        ("WARUNG_PAYMENT", "sandbox"),
        ("WHATSAPP_PHONE_NUMBER_ID", NUMBER),
        ("WHATSAPP_ACCESS_TOKEN", "access-token"),
        ("WHATSAPP_APP_SECRET", "app-secret-of-tests"),
        ("WHATSAPP_VERIFY_TOKEN", "verify-me-of-tests"),
        ("WHATSAPP_API_URL", &url),
    ];
    let mut program = Program::start(dir.path(), &["demo"], &settings);
    program.line_with("is open");
    let hooks = format!("http://{bind}/webhooks");
    let asked =
        format!("{hooks}/whatsapp?hub.mode=subscribe&hub.verify_token=verify-me-of-tests&hub.challenge=4711");
    let challenge = reqwest::get(&asked).await.unwrap();
    assert_eq!((challenge.status().as_u16(), challenge.text().await.unwrap().as_str()), (200, "4711"));
    assert_eq!(
        reqwest::get(asked.replace("verify-me-of-tests", "wrong")).await.unwrap().status().as_u16(),
        401
    );

    let ayu = Person { phone: Some("+6281234567890".to_owned()), ..person("6281234567890") };
    let halo = fake.told(&ayu, "1", &text("halo"));
    let forged =
        WebhookRequest { headers: vec![("x-hub-signature-256".into(), "sha256=00".into())], ..halo.clone() };
    assert_eq!(post(&bind, "whatsapp", &forged).await, Some(401));
    assert_eq!(post(&bind, "whatsapp", &halo).await, Some(200));
    assert!(answer(fake.as_ref(), &ayu.chat).await.contains("Bella Teh"));
    for name in ["discord", "telegram", "web", "console", "nobody"] {
        let stranger =
            reqwest::Client::new().post(format!("{hooks}/{name}")).body("{}").send().await.unwrap();
        assert_eq!(stranger.status().as_u16(), 404, "{name}");
    }

    for round in 0..4 {
        let order = fake.told(&ayu, &format!("r{round}"), &text("pesan 1 teh hijau organik"));
        // The platform comes again until it has its 200; the program may die on either side of storing.
        let poster = (bind.clone(), order.clone());
        let first = tokio::spawn(async move { post(&poster.0, "whatsapp", &poster.1).await });
        match round {
            // The answer may be under way.
            0 => tokio::task::yield_now().await,
            1 => reaches(&database.pool, "select count(*) from inbox where source = 'whatsapp'", 3).await,
            _ => {
                let handled =
                    "select count(*) from inbox where source = 'whatsapp' and handled_at is not null";
                reaches(&database.pool, handled, 2 + round).await;
            }
        }
        program.end("KILL");
        let first = first.await.unwrap();
        program = Program::start(dir.path(), &["demo"], &settings);
        program.line_with("is open");
        assert_eq!(post(&bind, "whatsapp", &order).await, Some(200), "after {first:?}");
    }
    settles(&database.pool, "select count(*) from inbox where source = 'whatsapp'", 5).await;
    settles(
        &database.pool,
        "select coalesce(sum((line ->> 'quantity')::bigint), 0)::bigint from carts, jsonb_array_elements(cart -> 'lines') line",
        4,
    )
    .await;
    let refused: Vec<_> = fake.recorded().into_iter().filter_map(|request| request.refusal).collect();
    assert_eq!(refused, Vec::<String>::new());
    assert_eq!(program.end("TERM"), Some(0));
    fake.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_are_tested_connected_sealed_listed_and_forgotten() {
    let (database, dir) = (database().await, tempfile::tempdir().unwrap());
    let fake = telegram::Fake::start(TELEGRAM_TOKEN).await.unwrap();
    let url = fake.url();
    let key = "ab".repeat(32);
    let base = [
        ("DATABASE_URL", database.url.as_str()),
        ("TELEGRAM_API_URL", url.as_str()),
        ("WARUNG_SECRET_KEY", key.as_str()),
    ];
    let with_token = [base[0], base[1], base[2], ("TELEGRAM_BOT_TOKEN", TELEGRAM_TOKEN)];
    let run = |args: &[&str], settings: &[(&str, &str)]| Program::run(dir.path(), args, settings);
    assert_eq!(run(&["db", "seed"], &base).code, Some(0));

    let tested = run(&["channel", "test", "telegram"], &with_token);
    assert_eq!(tested.code, Some(0), "{}", tested.stderr);
    let wrong = [base[0], base[1], base[2], ("TELEGRAM_BOT_TOKEN", "7000000001:AAwrong")];
    let tested = run(&["channel", "test", "telegram"], &wrong);
    assert_eq!(tested.code, Some(1), "{}", tested.stdout);
    assert!(!format!("{}{}", tested.stdout, tested.stderr).contains("AAwrong"));
    assert_eq!(run(&["channel", "connect", "telegram"], &wrong).code, Some(1), "a wrong token is not kept");
    assert_eq!(run(&["channel", "connect", "discord"], &base).code, Some(1), "there is nothing to connect");
    let keyless = run(&["channel", "connect", "telegram"], &[with_token[0], with_token[1], with_token[3]]);
    assert!(keyless.code == Some(1) && keyless.stderr.contains("WARUNG_SECRET_KEY"), "{}", keyless.stderr);

    let connected = run(&["channel", "connect", "telegram"], &with_token);
    assert_eq!(connected.code, Some(0), "{}", connected.stderr);
    let kept: String = sqlx::query_scalar("select string_agg(settings::text, '') from channel_accounts")
        .fetch_one(&database.pool)
        .await
        .unwrap();
    assert!(kept.contains("sealed") && !kept.contains("AAprogram"), "{kept}");
    assert!(run(&["channel", "list"], &base).stdout.contains("7000000001"));
    assert_eq!(run(&["channel", "test", "telegram"], &base).code, Some(0), "it opens again");
    let doctor = run(&["doctor"], &base);
    assert!(doctor.stdout.contains("telegram 7000000001"), "{}", doctor.stdout);
    let other = [base[0], base[1], ("WARUNG_SECRET_KEY", &"cd".repeat(32))];
    let closed = run(&["channel", "test", "telegram"], &other);
    assert!(closed.code == Some(1) && closed.stderr.contains("WARUNG_SECRET_KEY"), "{}", closed.stderr);

    // A new key takes the place of the old one, and nobody connects anything again.
    let (newest, only) = ("ef".repeat(32), "WARUNG_SECRET_KEY");
    let both = [base[0], base[1], (only, newest.as_str()), ("WARUNG_SECRET_KEY_OLD", key.as_str())];
    assert_eq!(run(&["channel", "test", "telegram"], &both).code, Some(0), "a key of before opens");
    let doctor = run(&["doctor"], &both);
    assert!(
        doctor.stdout.contains("only WARUNG_SECRET_KEY_OLD opens telegram 7000000001"),
        "{}",
        doctor.stdout
    );
    let lost = run(&["channel", "reseal"], &[base[0], base[1], (only, newest.as_str())]);
    assert!(
        lost.code == Some(1) && lost.stdout.contains("0 of 1 accounts"),
        "{}{}",
        lost.stdout,
        lost.stderr
    );
    let resealed = run(&["channel", "reseal"], &both);
    assert_eq!(resealed.code, Some(0), "{}{}", resealed.stdout, resealed.stderr);
    assert!(resealed.stdout.contains("1 of 1 accounts"), "{}", resealed.stdout);
    let alone = [base[0], base[1], (only, newest.as_str())];
    assert_eq!(run(&["channel", "test", "telegram"], &alone).code, Some(0), "the new key alone opens it");
    assert_eq!(run(&["channel", "test", "telegram"], &base).code, Some(1), "the old one opens nothing");
    let back = [base[0], base[1], base[2], ("WARUNG_SECRET_KEY_OLD", newest.as_str())];
    assert_eq!(run(&["channel", "reseal"], &back).code, Some(0));

    let gone = run(&["channel", "disconnect", "telegram", "--account", "7000000001"], &base);
    assert_eq!(gone.code, Some(0), "{}", gone.stderr);
    assert!(!run(&["channel", "list"], &base).stdout.contains("7000000001"));

    let called = [
        base[0],
        base[1],
        base[2],
        with_token[3],
        ("TELEGRAM_MODE", "webhook"),
        ("TELEGRAM_WEBHOOK_SECRET", "a-secret-of-these-tests"),
    ];
    assert_eq!(run(&["channel", "connect", "telegram"], &called).code, Some(0));
    let set = reqwest::Client::new().post(format!("{url}/bot{TELEGRAM_TOKEN}/setWebhook"));
    set.json(&json!({"url": "https://toko.example/webhooks/telegram"})).send().await.unwrap();
    assert!(fake.webhook().is_some());
    let gone = run(&["channel", "disconnect", "telegram", "--account", "7000000001"], &base);
    assert_eq!((gone.code, gone.stdout.lines().count()), (Some(0), 1), "{}{}", gone.stdout, gone.stderr);
    assert_eq!(fake.webhook(), None, "Telegram is told to call no longer");
    fake.stop().await;
}

#[test]
fn the_discord_token_of_these_tests_names_its_application() {
    let account = DiscordAccount::new(DISCORD_TOKEN.to_owned().into(), None).unwrap();
    assert_eq!(account.id(), "700000000000000001");
}
