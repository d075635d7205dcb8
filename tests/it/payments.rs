//! A payment company as an operator, a customer and the owner meet it: the real program killed in the middle of
//! confirmations, with the customer's platform and the company on loopback.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rstest::rstest;
use warung::clock::Clock;
use warung::domain::message::{Content, FileRef, MediaKind};
use warung::domain::money::Rupiah;
use warung::edge::webhook::WebhookRequest;
use warung::fakes::company::{Company, CompanyFault};
use warung::fakes::{Platform as _, Shown, midtrans, telegram, xendit};
use warung::payments::qris;

use crate::support::{
    Program, answer, awaited, database, free_port, person, post, press, reaches, says, session, settles, text,
};

const TOKEN: &str = "7000000002:AApayments-under-test";
const OWNER: &str = "51";
/// Orders, and with them kills: each later in the confirmation than the one before, when this counts one more than before it.
const STAGES: [Option<&str>; 6] = [
    // The notice is stored, and nothing more is certain.
    None,
    Some("select count(*) from payments where webhook_received"),
    Some("select count(*) from payments where webhook_received"),
    Some("select count(*) from payments where status = 'confirmed'"),
    Some("select count(*) from payments where status = 'confirmed'"),
    Some("select count(*) from outbox where state = 'sent' and payload::text like '%news-paid%'"),
];

async fn company(name: &str) -> (Arc<dyn Company>, Vec<(&'static str, String)>) {
    if name == "xendit" {
        let fake = xendit::Fake::open().await.unwrap();
        fake.refund_promptly();
        let settings = vec![
            ("XENDIT_API_URL", fake.url()),
            ("XENDIT_SECRET_KEY", xendit::SECRET_KEY.to_owned()),
            ("XENDIT_CALLBACK_TOKEN", xendit::CALLBACK_TOKEN.to_owned()),
        ];
        return (fake, settings);
    }
    let fake = midtrans::Fake::open().await.unwrap();
    let settings =
        vec![("MIDTRANS_API_URL", fake.url()), ("MIDTRANS_SERVER_KEY", midtrans::SERVER_KEY.to_owned())];
    (fake, settings)
}

/// A company tells until it has its 200.
async fn tell(bind: &str, company: &str, notice: &WebhookRequest) {
    awaited(async || match post(bind, company, notice).await {
        Some(200) => Ok(()),
        status => Err(format!("a notice of {company} is not taken: {status:?}")),
    })
    .await;
}

/// Somebody writes or presses.
fn tells(chat: &telegram::Fake, who: &str, content: &Content) {
    static TOLD: AtomicU32 = AtomicU32::new(0);
    let id = TOLD.fetch_add(1, Ordering::Relaxed);
    chat.queue(&person(who), &format!("t{id}"), content);
}

/// Somebody orders one tea, down to the code. Returns what the chat showed last.
async fn order(chat: &telegram::Fake, buyer: &str) -> Vec<Shown> {
    tells(chat, buyer, &text("pesan 1 teh hijau organik"));
    let cart = says(chat, buyer, "Teh Hijau Organik").await;
    tells(chat, buyer, &press(&cart, "Checkout"));
    let ways = says(chat, buyer, "Ambil").await;
    tells(chat, buyer, &press(&ways, "Ambil"));
    says(chat, buyer, "HP").await;
    tells(chat, buyer, &text("081234567899"));
    let summary = says(chat, buyer, "Total").await;
    tells(chat, buyer, &press(&summary, "Ya, pesan"));
    says(chat, buyer, "Scan").await
}

/// Makes a chat the owner's.
async fn link(chat: &telegram::Fake, dir: &Path, settings: &[(&str, &str)]) {
    let linked = Program::run(dir, &["staff", "link"], settings);
    tells(chat, OWNER, &text(&format!("/link {}", linked.stdout.trim())));
    answer(chat, OWNER).await;
}

#[rstest]
#[case::xendit("xendit")]
#[case::midtrans("midtrans")]
#[tokio::test(flavor = "multi_thread")]
async fn kills_in_the_middle_of_confirmations_lose_no_money_and_count_none_twice(#[case] name: &str) {
    let (database, dir) = (database().await, tempfile::tempdir().unwrap());
    let chat = telegram::Fake::start(TOKEN).await.unwrap();
    let (company, keys) = company(name).await;
    let clock = Clock::system();
    company.set_now(clock.now());
    let (bind, url) = (format!("127.0.0.1:{}", free_port()), chat.url());
    let mut settings = vec![
        ("DATABASE_URL", database.url.as_str()),
        ("WARUNG_BIND", &bind),
        ("WARUNG_PAYMENT", name),
        ("TELEGRAM_BOT_TOKEN", TOKEN),
        ("TELEGRAM_API_URL", &url),
    ];
    settings.extend(keys.iter().map(|(key, value)| (*key, value.as_str())));
    let start = || {
        let mut program = Program::start(dir.path(), &["demo"], &settings);
        program.line_with("is open");
        program
    };
    let mut program = start();
    link(&chat, dir.path(), &settings).await;

    for (round, stage) in STAGES.into_iter().enumerate() {
        let buyer = format!("{}", 60 + round);
        order(&chat, &buyer).await;

        let charge = company.charges().pop().unwrap();
        company.set_now(clock.now());
        // In every other round the company is slow to say what it knows, so that the death falls into the question.
        if round % 2 == 0 {
            company.fault(CompanyFault::Slow(Duration::from_millis(300)));
        }
        let notices = company.pay(&charge.reference, charge.amount).unwrap();
        for notice in &notices {
            tell(&bind, name, notice).await;
        }
        if let Some(stage) = stage {
            reaches(&database.pool, stage, i64::try_from(round + 1).unwrap()).await;
        }
        program.end("KILL");
        program = start();
        for notice in &notices {
            tell(&bind, name, notice).await;
        }
        says(chat.as_ref(), &buyer, "sudah masuk").await;
    }
    let rounds = i64::try_from(STAGES.len()).unwrap();
    settles(&database.pool, "select count(*) from orders where paid_at is not null", rounds).await;
    settles(&database.pool, "select count(*) from payments where status = 'confirmed'", rounds).await;
    settles(&database.pool, "select count(*) from inventory_movements where quantity < 0", rounds).await;
    settles(&database.pool, "select count(*) from outbox where state <> 'sent'", 0).await;
    assert_eq!(company.charges().len(), STAGES.len(), "one code for an order");

    let number: String = sqlx::query_scalar("select order_number from orders order by 1 limit 1")
        .fetch_one(&database.pool)
        .await
        .unwrap();
    let say = |content| tells(&chat, OWNER, &content);
    say(text(&format!("/refund {number} 20rb")));
    let reasons = says(chat.as_ref(), OWNER, "Kenapa?").await;
    say(press(&reasons, "Permintaan pembeli"));
    let sure = says(chat.as_ref(), OWNER, "tidak bisa diurungkan").await;
    say(press(&sure, "Ya, kembalikan"));
    says(chat.as_ref(), OWNER, "sudah kembali ke").await;
    says(chat.as_ref(), "60", "sudah dikembalikan").await;
    let refunded: i64 = company.refunds().iter().map(|refund| refund.amount.whole()).sum();
    assert_eq!(refunded, 20_000, "the company sends it back once");
    say(text("/today"));
    says(chat.as_ref(), OWNER, "Rp20.000").await;

    let refused = chat.recorded().into_iter().chain(company.recorded()).filter_map(|it| it.refusal);
    assert_eq!(refused.collect::<Vec<_>>(), Vec::<String>::new());
    assert_eq!(program.end("TERM"), Some(0));
    let verified = Program::run(dir.path(), &["db", "verify"], &settings);
    assert_eq!(verified.code, Some(0), "{}{}", verified.stdout, verified.stderr);
    chat.stop().await;
}

/// Questions of each kind that wait: many more than a process asks at once.
const SLOW_QUESTIONS: i32 = 60;

#[tokio::test(flavor = "multi_thread")]
async fn a_company_that_is_slow_to_answer_questions_keeps_no_new_code_waiting() {
    let (database, dir) = (database().await, tempfile::tempdir().unwrap());
    let chat = telegram::Fake::start(TOKEN).await.unwrap();
    let company = midtrans::Fake::open().await.unwrap();
    company.set_now(Clock::system().now());
    let (bind, url, company_url) = (format!("127.0.0.1:{}", free_port()), chat.url(), company.url());
    let settings = [
        ("DATABASE_URL", database.url.as_str()),
        ("WARUNG_BIND", &bind),
        ("WARUNG_PAYMENT", "midtrans"),
        ("TELEGRAM_BOT_TOKEN", TOKEN),
        ("TELEGRAM_API_URL", &url),
        ("MIDTRANS_API_URL", &company_url),
        ("MIDTRANS_SERVER_KEY", midtrans::SERVER_KEY),
    ];
    let mut program = Program::start(dir.path(), &["demo"], &settings);
    program.line_with("is open");
    order(&chat, "60").await;
    for _ in 0..3 * SLOW_QUESTIONS {
        company.fault_at("GET", "status", CompanyFault::Slow(Duration::from_secs(31)));
        company.fault_at("POST", "cancel", CompanyFault::Slow(Duration::from_secs(31)));
    }
    sqlx::query(
        "insert into outbox (conversation_id, lane, kind, about, channel, chat, payload, due_at, created_at)
         select c.id, 'call', k.kind, 'p' || n, 'midtrans', '', jsonb_build_object(
             'call', k.call, 'payment', p.id, 'gateway', 'midtrans', 'why', 'notice',
             'charge', jsonb_build_object('reference', p.reference_number, 'amount', p.amount)
           ), p.created_at, p.created_at
         from payments p
         join orders o on o.id = p.order_id
         join conversations c on c.customer_id = o.customer_id
         cross join (values ('question', 'status'), ('look', 'status'), ('cancel', 'cancel')) as k (kind, call)
         cross join generate_series(1, $1) as n",
    )
    .bind(SLOW_QUESTIONS)
    .execute(&database.pool)
    .await
    .unwrap();
    reaches(
        &database.pool,
        "select count(*) from outbox where leased_until is not null and lane = 'call'",
        12,
    )
    .await;
    // The company takes a quarter of an hour for all of them.
    order(&chat, "61").await;
    assert_eq!(company.charges().len(), 2);
    program.end("KILL");
    chat.stop().await;
}

/// People who send a picture at once: several times as many as a process fetches side by side.
const PICTURES: i64 = 24;
/// What a process fetches side by side (`app::workers`).
const FETCHES: i64 = 4;

#[tokio::test(flavor = "multi_thread")]
async fn files_that_are_slow_to_come_keep_no_new_code_waiting() {
    let (database, dir) = (database().await, tempfile::tempdir().unwrap());
    let chat = telegram::Fake::start(TOKEN).await.unwrap();
    let (bind, url) = (format!("127.0.0.1:{}", free_port()), chat.url());
    let settings = [
        ("DATABASE_URL", database.url.as_str()),
        ("WARUNG_BIND", &bind),
        ("WARUNG_PAYMENT", "sandbox"),
        ("TELEGRAM_BOT_TOKEN", TOKEN),
        ("TELEGRAM_API_URL", &url),
    ];
    let mut program = Program::start(dir.path(), &["demo"], &settings);
    program.line_with("is open");
    chat.slow_files(Duration::from_secs(600));
    let bytes = qris::png(PRINTED, "", "").unwrap();
    for who in 0..PICTURES {
        tells(&chat, &(100 + who).to_string(), &photo(&chat, bytes.clone()));
    }
    let calls = "select count(*) from outbox where lane = 'call' and kind = 'file' and state = 'queued'";
    reaches(&database.pool, calls, PICTURES).await;
    let begun =
        "select count(*) from outbox where lane = 'call' and kind = 'file' and leased_until is not null";
    reaches(&database.pool, begun, FETCHES).await;
    order(&chat, "61").await;
    settles(&database.pool, calls, PICTURES).await;
    program.end("KILL");
    chat.stop().await;
}

const BANK_TOKEN: &str = "a-token-that-nobody-can-guess-0001";
/// What is printed on the shop's counter.
const PRINTED: &str = "00020101021126570011ID.DANA.WWW011893600915300000000002090000000000303UMI51440014ID.CO.QRIS.WWW0215ID10200000000010303UMI5204581253033605802ID5913WARUNG MELATI6007BANDUNG61054011163042FAB";

/// What the route of bank notices answers.
async fn bank(bind: &str, token: Option<&str>, kind: &str, body: &str) -> (u16, String) {
    let mut post = reqwest::Client::builder()
        .no_proxy()
        .build()
        .unwrap()
        .post(format!("http://{bind}/webhooks/bank"))
        .header("content-type", kind)
        .body(body.to_owned());
    if let Some(token) = token {
        post = post.bearer_auth(token);
    }
    let answer = post.send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

fn photo(chat: &telegram::Fake, bytes: Vec<u8>) -> Content {
    let file = Some(FileRef { id: chat.keep_file(bytes), mime: None, size_bytes: None });
    Content::Media { media: MediaKind::Image, caption: None, file }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_printed_code_is_photographed_paid_and_confirmed_by_the_shops_own_bank() {
    let (database, dir) = (database().await, tempfile::tempdir().unwrap());
    let chat = telegram::Fake::start(TOKEN).await.unwrap();
    let (bind, url) = (format!("127.0.0.1:{}", free_port()), chat.url());
    let settings = [
        ("DATABASE_URL", database.url.as_str()),
        ("WARUNG_BIND", &bind),
        ("WARUNG_PAYMENT", "static"),
        ("WARUNG_BANK_TOKEN", BANK_TOKEN),
        ("TELEGRAM_BOT_TOKEN", TOKEN),
        ("TELEGRAM_API_URL", &url),
    ];
    let mut program = Program::start(dir.path(), &["demo"], &settings);
    program.line_with("is open");
    link(&chat, dir.path(), &settings).await;
    tells(&chat, OWNER, &photo(&chat, qris::png(PRINTED, "", "").unwrap()));
    let offer = says(chat.as_ref(), OWNER, "WARUNG MELATI").await;
    tells(&chat, OWNER, &press(&offer, "Ya"));
    says(chat.as_ref(), OWNER, "mulai sekarang").await;

    let shown = order(&chat, "60").await;
    let amount: i64 = sqlx::query_scalar("select total_amount::bigint from orders")
        .fetch_one(&database.pool)
        .await
        .unwrap();
    let amount = Rupiah::new(amount).unwrap();
    let drawn = shown.into_iter().rev().find_map(|shown| shown.image).unwrap();
    let read = qris::read_picture(&drawn).unwrap();
    assert_eq!(qris::check_dynamic(&read[0], amount), Ok(()));
    assert!(read[0].contains("WARUNG MELATI"));

    let said = format!("Pembayaran QRIS Rp {} diterima dari AYU", amount.whole());
    // Forwarders cut titles in the middle of an emoji.
    let notice = format!(r#"{{"title":"Dana masuk \ud83d","text":"{said}","id":17}}"#);
    let json = "application/json; charset=utf-8";
    for token in [None, Some("a-token-that-nobody-can-guess-0002"), Some("")] {
        assert_eq!(bank(&bind, token, json, &notice).await.0, 401, "{token:?}");
    }
    let (status, answer) = bank(&bind, Some(BANK_TOKEN), json, "[1, 2").await;
    assert!(status == 400 && answer.contains("malformed") && answer.contains("`text`"), "{answer}");
    settles(&database.pool, "select count(*) from payment_webhook_logs", 0).await;
    for _ in 0..2 {
        assert_eq!(bank(&bind, Some(BANK_TOKEN), json, &notice).await.0, 200);
    }
    says(chat.as_ref(), "60", "sudah masuk").await;
    settles(&database.pool, "select count(*) from payments where status = 'confirmed'", 1).await;
    settles(&database.pool, "select count(*) from payment_webhook_logs", 1).await;
    assert_eq!(bank(&bind, Some(BANK_TOKEN), "text/plain", &said).await.0, 200);
    says(chat.as_ref(), OWNER, "Ada notifikasi bank").await;

    // Every shop has a token of its own, which opens that shop and no other.
    let run = |args: &[&str]| Program::run(dir.path(), args, &settings);
    let other = ["store", "create", "kopi-senja", "--name", "Kopi Senja", "--phone", "081234567890"];
    let made = run(&[&other[..], &["--owner", "Sari", "--email", "sari@example.com"]].concat());
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    let token = |slug: &str| run(&["store", "bank-token", slug]).stdout.trim().to_owned();
    let (own, others) = (token("bella-teh"), token("kopi-senja"));
    let named = |id: u32| serde_json::json!({ "text": said, "id": id, "store": "bella-teh" }).to_string();
    assert_eq!(bank(&bind, Some(&own), json, &named(18)).await.0, 200);
    assert_eq!(bank(&bind, Some(&others), json, &named(19)).await.0, 401, "of another shop");
    assert_eq!(
        bank(&bind, Some(&others), json, &notice).await.0,
        200,
        "for its own shop, which waits for nothing"
    );
    let newer = token("bella-teh");
    assert_eq!(bank(&bind, Some(&own), json, &named(20)).await.0, 401, "a newer one has taken its place");
    assert_eq!(run(&["store", "bank-token", "bella-teh", "--revoke"]).code, Some(0));
    assert_eq!(bank(&bind, Some(&newer), json, &named(21)).await.0, 401, "it was taken back");
    settles(&database.pool, "select count(*) from payments where status = 'confirmed'", 1).await;

    let refused: Vec<_> = chat.recorded().into_iter().filter_map(|it| it.refusal).collect();
    assert_eq!(refused, Vec::<String>::new());
    assert_eq!(program.end("TERM"), Some(0));
    let verified = Program::run(dir.path(), &["db", "verify"], &settings);
    assert_eq!(verified.code, Some(0), "{}{}", verified.stdout, verified.stderr);
    chat.stop().await;
}

/// Posts to the page of a shop as its owner; gives the status and the answer.
async fn page(bind: &str, path: &str, secret: &str, kind: &str, body: Vec<u8>) -> (u16, serde_json::Value) {
    let post = reqwest::Client::new().post(format!("http://{bind}{path}?pane=owner"));
    let post = post.bearer_auth(secret).header("content-type", kind).body(body);
    let answer = post.send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap_or_default())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_printed_code_is_sent_in_the_browser_and_put_in_use() {
    let (database, dir) = (database().await, tempfile::tempdir().unwrap());
    let bind = format!("127.0.0.1:{}", free_port());
    let settings =
        [("DATABASE_URL", database.url.as_str()), ("WARUNG_BIND", &bind), ("WARUNG_PAYMENT", "static")];
    let mut program = Program::start(dir.path(), &["demo"], &settings);
    program.line_with("is open");
    let json = "application/json";
    let secret = &session(&bind, "owner").await;
    let (_, code) = page(&bind, "/chat/demo/owner-code", secret, json, b"{}".to_vec()).await;
    let says = async |event: serde_json::Value| {
        let (status, _) = page(&bind, "/chat/messages", secret, json, event.to_string().into_bytes()).await;
        assert_eq!(status, 202, "{event}");
    };
    says(serde_json::json!({ "id": "m1", "text": code["code"] })).await;
    let picture = qris::png(PRINTED, "", "").unwrap();
    let (status, sent) = page(&bind, "/chat/uploads", secret, "image/png", picture).await;
    assert_eq!(status, 201, "{sent}");
    says(serde_json::json!({ "id": "m2", "media": { "kind": "image", "upload": sent["upload"] } })).await;
    settles(&database.pool, "select count(*) from outbox where payload::text like '%WARUNG MELATI%'", 1)
        .await;
    settles(&database.pool, "select count(bytes) from page_uploads", 0).await;
    says(serde_json::json!({ "id": "m3", "text": "ya" })).await;
    let in_use = "select count(*) from store_codes where set_at is not null and code like '%WARUNG MELATI%'";
    settles(&database.pool, in_use, 1).await;
    let strange = page(&bind, "/chat/uploads", secret, "text/html", b"<script>".to_vec()).await;
    assert_eq!(strange.0, 415);
    assert_eq!(program.end("TERM"), Some(0));
}
