//! What each channel is and can do, asked of the program itself: `warung serve` with the adapters that it builds.

use serde_json::json;
use warung::cluster::testing::ThrowAway;
use warung::domain::message::{Content, MediaKind};
use warung::edge::webhook::WebhookRequest;
use warung::fakes::{Person, Platform, discord, telegram, whatsapp};

use crate::support::{
    Program, answer, awaited, database, free_port, person, post, says, session, settles, text,
};

const PHONE: &str = "6281234567890";
const FORMER: &str = "ID.former0owner";
const NEXT: &str = "ID.next0owner";

/// A shop that is served.
struct Served {
    database: ThrowAway,
    bind: String,
    program: Program,
    _dir: tempfile::TempDir,
}

impl Served {
    /// The demo's shop as a customer of a platform, with the settings that an operator would write.
    async fn with(settings: Vec<(&'static str, String)>) -> Self {
        let (database, dir) = (database().await, tempfile::tempdir().unwrap());
        let bind = format!("127.0.0.1:{}", free_port());
        let own = [
            ("DATABASE_URL", database.url.clone()),
            ("WARUNG_BIND", bind.clone()),
            ("WARUNG_PAYMENT", "sandbox".to_owned()),
        ];
        let settings: Vec<(&str, String)> = settings.into_iter().chain(own).collect();
        let settings: Vec<(&str, &str)> =
            settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let seeded = Program::run(dir.path(), &["db", "seed"], &settings);
        assert_eq!(seeded.code, Some(0), "{}", seeded.stderr);
        let mut program = Program::start(dir.path(), &["serve"], &settings);
        program.line_with("the shop is open");
        Self { database, bind, program, _dir: dir }
    }

    async fn take(&self, name: &str, request: &WebhookRequest) {
        assert_eq!(post(&self.bind, name, request).await, Some(200));
    }

    async fn settles(&self, query: &'static str, expected: i64) {
        settles(&self.database.pool, query, expected).await;
    }

    /// Ends as it should, with nothing that broke a rule of the platform.
    async fn ends(self, platform: &dyn Platform) {
        let refused: Vec<_> = platform.recorded().into_iter().filter_map(|request| request.refusal).collect();
        assert_eq!(refused, Vec::<String>::new());
        assert_eq!(self.program.end("TERM"), Some(0));
        platform.stop().await;
    }
}

/// Somebody of whom WhatsApp tells an id, and perhaps a number.
fn known_by(id: &str, phone: Option<&str>) -> Person {
    Person { phone: phone.map(|phone| format!("+{phone}")), ..person(id) }
}

fn picture() -> Content {
    Content::Media { media: MediaKind::Image, caption: Some("bukti transfer".to_owned()), file: None }
}

const KEPT: &str = "select count(*) from attachments where length(bytes) > 0 and hash is not null";

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_passes_to_another_person_shows_them_nothing_of_its_former_owners() {
    let fake = whatsapp::Fake::open().await.unwrap();
    let served = Served::with(fake.settings()).await;
    let (former, next) = (known_by(FORMER, Some(PHONE)), known_by(NEXT, Some(PHONE)));
    served.take("whatsapp", &fake.told(&former, "1", &text("pesan 2 teh hijau organik"))).await;
    assert!(answer(fake.as_ref(), FORMER).await.contains("Teh Hijau"));

    served.take("whatsapp", &fake.told(&next, "2", &text("keranjang"))).await;
    let shown = answer(fake.as_ref(), NEXT).await;
    assert!(!shown.contains("Teh Hijau"), "{shown}");
    assert_eq!(fake.take_shown(FORMER), [], "nothing of it goes to the former owner");

    let at_home = known_by(FORMER, None);
    served.take("whatsapp", &fake.told(&at_home, "3", &text("keranjang"))).await;
    says(fake.as_ref(), FORMER, "Teh Hijau").await;
    served.settles("select count(*) from conversations where joined_into is null", 2).await;
    served.settles("select count(*) from carts", 1).await;
    served.ends(fake.as_ref()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_of_a_message_that_tells_another_name_of_its_chat_is_answered_once() {
    let fake = whatsapp::Fake::open().await.unwrap();
    let served = Served::with(fake.settings()).await;
    let both = known_by(FORMER, Some(PHONE));
    let by_number = known_by(PHONE, Some(PHONE));
    let by_id = known_by(FORMER, None);
    for copy in [&by_number, &both, &by_id, &by_number] {
        served.take("whatsapp", &fake.told(copy, "1", &text("pesan 2 teh hijau organik"))).await;
    }
    // The next message is answered behind whatever the copies would have brought.
    served.take("whatsapp", &fake.told(&both, "2", &text("keranjang"))).await;
    served
        .settles("select count(*) from inbox where source = 'whatsapp' and handled_at is not null", 2)
        .await;
    served
        .settles(
            "select coalesce(sum((line ->> 'quantity')::bigint), 0)::bigint from carts, jsonb_array_elements(cart -> 'lines') line",
            2,
        )
        .await;
    served.settles("select count(*) from conversations where joined_into is null", 1).await;
    served.ends(fake.as_ref()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatsapp_marks_reads_fetches_reports_and_takes_pictures() {
    let fake = whatsapp::Fake::open().await.unwrap();
    let served = Served::with(fake.settings()).await;
    let ayu = known_by(PHONE, Some(PHONE));
    served.take("whatsapp", &fake.told(&ayu, "1", &picture())).await;
    answer(fake.as_ref(), PHONE).await;
    awaited(
        async || {
            if fake.is_read("1") { Ok(()) } else { Err("the message was not marked as read".to_owned()) }
        },
    )
    .await;
    served.settles(KEPT, 1).await;
    // A report of the platform is believed: this is the only channel on which "sent" is not the end.
    awaited(async || {
        for report in fake.take_reports() {
            served.take("whatsapp", &report).await;
        }
        let unread = "select count(*) from outbox where lane = 'message' and state <> 'read'";
        match sqlx::query_scalar::<_, i64>(unread).fetch_one(&served.database.pool).await.unwrap() {
            0 => Ok(()),
            left => Err(format!("{left} messages were not reported as read")),
        }
    })
    .await;
    served.settles("select count(*) from outbox where lane = 'message' and called_at is not null", 0).await;

    order(&served, fake.as_ref(), "whatsapp", &ayu).await;
    let uploads = fake.recorded().into_iter().filter(|request| request.path.ends_with("/media")).count();
    assert_eq!(uploads, 1, "the code is uploaded");
    served.settles("select count(*) from uploads where channel = 'whatsapp'", 1).await;
    served.ends(fake.as_ref()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn telegram_attends_fetches_and_takes_pictures() {
    let fake = telegram::Fake::open().await.unwrap();
    let mut settings = fake.settings();
    // Telegram calls https addresses alone, and the fake gives the secret to whoever has it.
    settings.push(("WARUNG_PUBLIC_URL", "https://toko.example".to_owned()));
    let served = Served::with(settings).await;
    awaited(async || fake.webhook().map(|_| ()).ok_or_else(|| "no webhook was set".to_owned())).await;
    assert_eq!(fake.webhook().as_deref(), Some("https://toko.example/webhooks/telegram"));
    awaited(async || fake.commands("id").map(|_| ()).ok_or_else(|| "no commands were told".to_owned())).await;
    let ayu = person("41");
    served.take("telegram", &fake.told(&ayu, "1", &picture())).await;
    answer(fake.as_ref(), "41").await;
    served.settles(KEPT, 1).await;
    let is_typing = || fake.recorded().iter().any(|request| request.path.ends_with("/sendChatAction"));
    awaited(
        async || if is_typing() { Ok(()) } else { Err("nobody was shown that the shop writes".to_owned()) },
    )
    .await;

    order(&served, fake.as_ref(), "telegram", &ayu).await;
    assert!(
        fake.recorded().iter().any(|request| request.path.ends_with("/sendPhoto")),
        "the code is a picture"
    );
    served.ends(fake.as_ref()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn discord_attends_fetches_and_takes_pictures() {
    let fake = discord::Fake::open().await.unwrap();
    let served = Served::with(fake.settings()).await;
    assert!(fake.until(|fake| fake.gateway().0 > 0).await, "the bot never came");
    let ayu = person("100000000000000041");
    fake.push(&ayu, "1", &picture());
    answer(fake.as_ref(), &ayu.chat).await;
    served.settles(KEPT, 1).await;
    let is_typing = || fake.recorded().iter().any(|request| request.path.ends_with("/typing"));
    awaited(
        async || if is_typing() { Ok(()) } else { Err("nobody was shown that the shop writes".to_owned()) },
    )
    .await;
    let stranger = fake.told(&ayu, "2", &text("halo"));
    assert_eq!(post(&served.bind, "discord", &stranger).await, Some(404), "nothing of it is signed");
    served.ends(fake.as_ref()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_keeps_a_file_for_the_message_that_names_it() {
    let fake = discord::Fake::open().await.unwrap();
    let served = Served::with(fake.settings()).await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let chat = format!("http://{}/chat", served.bind);
    let session = &session(&served.bind, "customer").await;
    let sent =
        client.post(format!("{chat}/uploads")).bearer_auth(session).header("content-type", "image/png");
    let sent = sent.body(b"\x89PNG\r\n\x1a\n".to_vec()).send().await.unwrap();
    assert_eq!(sent.status().as_u16(), 201);
    let upload = sent.json::<serde_json::Value>().await.unwrap()["upload"].clone();
    served.settles("select count(*) from page_uploads where bytes is not null", 1).await;
    let message = json!({ "id": "1", "media": { "kind": "image", "upload": upload } });
    let said =
        client.post(format!("{chat}/messages")).bearer_auth(session).json(&message).send().await.unwrap();
    assert_eq!(said.status().as_u16(), 202);
    // Nobody asked this browser for a picture: it is looked at by nobody and goes.
    served.settles("select count(*) from page_uploads where bytes is not null", 0).await;
    served.settles("select count(*) from attachments", 0).await;
    served.ends(fake.as_ref()).await;
}

/// Orders a tea up to its code, which is a picture.
async fn order(served: &Served, platform: &dyn Platform, name: &str, who: &Person) {
    let steps = [
        ("o1", "pesan 1 teh hijau organik"),
        ("o2", "checkout"),
        ("o3", "ambil"),
        ("o4", "Ayu Lestari"),
        ("o5", "081234567890"),
        ("o6", "ya"),
    ];
    for (id, words) in steps {
        served.take(name, &platform.told(who, id, &text(words))).await;
        let shown = answer(platform, &who.chat).await;
        if shown.contains("QRIS") && id == "o6" {
            break;
        }
    }
    let sent = "select count(*) from outbox where state in ('sent', 'delivered', 'read') and payload #>> '{image,kind}' = 'qris'";
    served.settles(sent, 1).await;
}
