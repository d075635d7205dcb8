//! A payment company as an operator, a customer and the owner meet it: the real program killed in the middle of
//! confirmations, with the customer's platform and the company on loopback.

use std::sync::Arc;
use std::time::Duration;

use rstest::rstest;
use warung::clock::Clock;
use warung::edge::webhook::WebhookRequest;
use warung::fakes::company::{Company, CompanyFault};
use warung::fakes::{Platform as _, midtrans, telegram, xendit};

use crate::support::{Program, answer, database, free_port, person, post, press, says, settles, text};

const TOKEN: &str = "7000000002:AApayments-under-test";
const OWNER: &str = "51";
/// Orders, and with them kills: each somewhat later in the confirmation than the one before.
const ROUNDS: u64 = 6;
/// How much later.
const LATER_MS: u64 = 40;

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
    for _ in 0..100 {
        if post(bind, company, notice).await == Some(200) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("a notice of {company} is not taken");
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
    let linked = Program::run(dir.path(), &["staff", "link"], &settings);
    chat.queue(&person(OWNER), "link", &text(&format!("/link {}", linked.stdout.trim())));
    answer(chat.as_ref(), OWNER).await;

    for round in 0..ROUNDS {
        let buyer = format!("{}", 60 + round);
        let mut step = 0;
        let mut say = |content| {
            step += 1;
            chat.queue(&person(&buyer), &format!("{step}"), &content);
        };
        say(text("pesan 1 teh hijau organik"));
        let cart = says(chat.as_ref(), &buyer, "Teh Hijau Organik").await;
        say(press(&cart, "Checkout"));
        let ways = says(chat.as_ref(), &buyer, "Ambil").await;
        say(press(&ways, "Ambil"));
        says(chat.as_ref(), &buyer, "HP").await;
        say(text("081234567899"));
        let summary = says(chat.as_ref(), &buyer, "Total").await;
        say(press(&summary, "Ya, pesan"));
        says(chat.as_ref(), &buyer, "Scan").await;

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
        tokio::time::sleep(Duration::from_millis(LATER_MS * round)).await;
        program.end("KILL");
        program = start();
        for notice in &notices {
            tell(&bind, name, notice).await;
        }
        says(chat.as_ref(), &buyer, "sudah masuk").await;
    }
    let rounds = i64::try_from(ROUNDS).unwrap();
    settles(&database.pool, "select count(*) from orders where paid_at is not null", rounds).await;
    settles(&database.pool, "select count(*) from payments where status = 'confirmed'", rounds).await;
    settles(&database.pool, "select count(*) from inventory_movements where quantity < 0", rounds).await;
    settles(&database.pool, "select count(*) from outbox where state <> 'sent'", 0).await;
    assert_eq!(company.charges().len(), usize::try_from(ROUNDS).unwrap(), "one code for an order");

    let number: String = sqlx::query_scalar("select order_number from orders order by 1 limit 1")
        .fetch_one(&database.pool)
        .await
        .unwrap();
    let mut step = 0;
    let mut say = |content| {
        step += 1;
        chat.queue(&person(OWNER), &format!("{step}"), &content);
    };
    say(text(&format!("/refund {number} 20rb")));
    let reasons = says(chat.as_ref(), OWNER, "Kenapa?").await;
    say(press(&reasons, "Permintaan pembeli"));
    let sure = says(chat.as_ref(), OWNER, "tidak bisa dibatalkan").await;
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
