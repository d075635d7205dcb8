//! What every channel promises, held against each of them over its real wire: strangers are refused, repeats change
//! nothing, hostile words survive both ways, faults lose nothing, and no secret is told.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use chrono::Duration;
use rstest::rstest;

use crate::app::start::{Options, Shipped, assemble};
use crate::channels::{Channel, Image, Send};
use crate::clock::Clock;
use crate::config::Settings;
use crate::domain::message::{
    Address, Ask, AskKind, Content, Document, DocumentContent, Link, MediaKind, Outbound, OutboundChoice,
    Picture,
};
use crate::edge::webhook::WebhookRequest;
use crate::fakes::{self, Fault, Person, Platform, Shown, ShownChoice};
use crate::pipeline::Pipeline;
use crate::pipeline::accept::AcceptError;
use crate::pipeline::effects::tests::shop::{Shop, start};

/// What no log, error or column of errors may hold.
const SECRETS: [&str; 4] = ["scripted-access-token", "scripted-app-secret", "AAscripted", "628123456789"];

struct Stage {
    shop: Shop,
    pipeline: Pipeline,
    channel: Arc<dyn Channel>,
    platform: Arc<dyn Platform>,
    name: &'static str,
    person: Person,
}

impl Stage {
    /// A shop as the server opens it for a platform, out of settings.
    async fn open(name: &'static str) -> Self {
        let shop = Shop::open(10).await;
        let platform = fakes::open(name).await.unwrap().unwrap();
        platform.set_now(start());
        let pairs: BTreeMap<&str, String> = platform.settings().into_iter().collect();
        let settings = Settings::from(&|name| pairs.get(name).cloned()).unwrap();
        let shipped = Shipped::read().unwrap();
        let line = assemble(Options {
            settings: &settings,
            pool: shop.pool.clone(),
            clock: Arc::new(Clock::fixed(start(), 9)),
            shipped: &shipped,
            store_id: shop.store.clone(),
            clients: Vec::new(),
            with_platforms: true,
        });
        let pipeline = line.await.unwrap().pipeline;
        let channel = pipeline.channels.get(&name.into()).unwrap();
        let phone = (name == "whatsapp").then_some("+628123456789");
        let person = Person {
            chat: platform.chat_of("100000000000000042", phone),
            name: Some("Ayu".to_owned()),
            phone: phone.map(str::to_owned),
            language: Some("id".to_owned()),
        };
        Self { shop, pipeline, channel, platform, name, person }
    }

    fn told(&self, id: &str, text: &str) -> WebhookRequest {
        self.platform.told(&self.person, id, &Content::Text { text: text.to_owned() })
    }

    async fn hear(&self, request: &WebhookRequest) -> Result<(), AcceptError> {
        if self.channel.spec().takes_webhooks {
            return self.pipeline.accept_webhook(self.name, request).await;
        }
        for event in self.channel.receive(request)? {
            self.pipeline.accept_event(&self.name.into(), event).await?;
        }
        Ok(())
    }

    /// Works and hands the platform's reports back until there is nothing left to do.
    async fn settle(&self) {
        loop {
            self.platform.set_now(self.pipeline.clock.now());
            self.pipeline.drain().await.unwrap();
            let reports = self.platform.take_reports();
            if reports.is_empty() {
                return;
            }
            for report in reports {
                self.hear(&report).await.unwrap();
            }
        }
    }

    async fn say(&self, id: &str, text: &str) {
        self.hear(&self.told(id, text)).await.unwrap();
        self.settle().await;
    }

    fn shown(&self) -> Vec<String> {
        self.platform.take_shown(&self.person.chat).into_iter().map(|shown| shown.text).collect()
    }

    async fn count(&self, query: &'static str) -> i64 {
        sqlx::query_scalar::<_, i64>(query).fetch_one(&self.shop.pool).await.unwrap()
    }

    fn last_choices(&self, shown: &[Shown], before: &Shown) -> Vec<ShownChoice> {
        shown.last().unwrap_or(before).choices.clone()
    }

    fn refusals(&self) -> Vec<String> {
        self.platform.recorded().into_iter().filter_map(|request| request.refusal).collect()
    }
}

#[rstest]
#[case("whatsapp")]
#[case("telegram")]
#[tokio::test]
async fn a_request_without_the_right_signature_is_refused_and_stores_nothing(#[case] name: &'static str) {
    let stage = Stage::open(name).await;
    let right = stage.told("1", "halo");
    let bare = WebhookRequest { headers: Vec::new(), ..right.clone() };
    let mut wrong = right.clone();
    for (_, value) in &mut wrong.headers {
        value.push('0');
    }
    let mut empty = right.clone();
    empty.headers.iter_mut().for_each(|(_, value)| value.clear());
    for request in [bare, wrong, empty] {
        assert!(matches!(stage.hear(&request).await, Err(AcceptError::Unsigned)));
    }
    assert_eq!(stage.count("select count(*) from inbox").await, 0);
    assert_eq!(stage.count("select count(*) from customers").await, 0);
    stage.hear(&right).await.unwrap();
    assert_eq!(stage.count("select count(*) from inbox").await, 1);
}

#[tokio::test]
async fn discord_takes_no_webhooks_because_nothing_would_be_signed() {
    let stage = Stage::open("discord").await;
    let told = stage.told("1", "halo");
    let refused = stage.pipeline.accept_webhook("discord", &told).await;
    assert!(matches!(refused, Err(AcceptError::Unknown)));
}

#[rstest]
#[case("whatsapp")]
#[case("telegram")]
#[case("discord")]
#[tokio::test]
async fn a_repeated_event_changes_nothing(#[case] name: &'static str) {
    let stage = Stage::open(name).await;
    let request = stage.told("1", "2 teh hijau");
    for _ in 0..3 {
        stage.hear(&request).await.unwrap();
        stage.settle().await;
    }
    assert_eq!(stage.count("select count(*) from inbox where source <> 'signal'").await, 1);
    assert_eq!(stage.count("select (cart #>> '{lines,0,quantity}')::bigint from carts").await, 2);
}

#[rstest]
#[case("whatsapp")]
#[case("telegram")]
#[case("discord")]
#[tokio::test]
async fn long_and_hostile_words_survive_both_ways(#[case] name: &'static str) {
    let stage = Stage::open(name).await;
    let hostile = [
        "<b>tebal</b> & <script>alert(1)</script>".to_owned(),
        "*bold* _miring_ ~coret~ `kode` ||rahasia|| [teks](http://x) > # - @everyone <@1>".to_owned(),
        "'; drop table orders; --".to_owned(),
        "\u{202e}مرحبا\u{200f} 🍵👨‍👩‍👧‍👦".to_owned(),
        "a".repeat(10_000),
        "🍵".repeat(4_000),
    ];
    for (index, text) in hostile.iter().enumerate() {
        stage.say(&format!("{index}"), text).await;
        assert!(!stage.shown().is_empty(), "{index}: every message is answered");
    }
    // What a customer writes comes back in what the shop says: the name and the address of an order.
    let chat = stage.person.chat.replace(['9', '2'], "7");
    let phone = stage.person.phone.as_ref().map(|_| format!("+{chat}"));
    let named = stage.platform.told(
        &Person { name: Some(hostile[1].clone()), chat, phone, ..stage.person.clone() },
        "9",
        &Content::Text { text: "data saya".to_owned() },
    );
    stage.hear(&named).await.unwrap();
    stage.settle().await;
    assert_eq!(stage.refusals(), Vec::<String>::new());
    assert_eq!(stage.count("select count(*) from outbox where state = 'dead'").await, 0);
    assert_eq!(stage.count("select count(*) from inbox where handled_at is null").await, 0);
}

#[rstest]
#[case("whatsapp")]
#[case("telegram")]
#[case("discord")]
#[tokio::test]
async fn a_picture_that_a_person_sends_is_answered_fetched_and_kept(#[case] name: &'static str) {
    let stage = Stage::open(name).await;
    let caption = Some("bukti transfer".to_owned());
    let content = Content::Media { media: MediaKind::Image, caption, file: None };
    stage.hear(&stage.platform.told(&stage.person, "1", &content)).await.unwrap();
    stage.settle().await;
    assert!(!stage.shown().is_empty());
    assert_eq!(stage.count("select count(*) from attachments").await, 1);
    assert_eq!(
        stage.count("select count(*) from attachments where length(bytes) > 0 and hash is not null").await,
        1
    );
}

#[rstest]
#[case("whatsapp")]
#[case("telegram")]
#[case("discord")]
#[tokio::test]
async fn a_body_that_cannot_be_read_is_refused_or_skipped_and_the_next_one_is_heard(
    #[case] name: &'static str,
) {
    let stage = Stage::open(name).await;
    let right = stage.told("1", "halo");
    for cut in [0, 1, right.body.len() / 2, right.body.len().saturating_sub(1)] {
        let broken = WebhookRequest { body: right.body[..cut].to_vec(), ..right.clone() };
        // A signature over the whole does not fit a part, and a secret in a header says nothing of the body.
        assert!(matches!(
            stage.hear(&broken).await,
            Ok(()) | Err(AcceptError::Unsigned | AcceptError::Malformed(_))
        ));
    }
    assert_eq!(stage.count("select count(*) from inbox").await, 0);
    stage.hear(&right).await.unwrap();
    assert_eq!(stage.count("select count(*) from inbox").await, 1);
}

#[rstest]
#[case("whatsapp", Fault::TooMany { retry_after_seconds: Some(3) })]
#[case("whatsapp", Fault::TooMany { retry_after_seconds: None })]
#[case("whatsapp", Fault::Down)]
#[case("whatsapp", Fault::LostAnswer)]
#[case("whatsapp", Fault::Bare(502))]
#[case("whatsapp", Fault::Code(131_056))]
#[case("telegram", Fault::TooMany { retry_after_seconds: Some(3) })]
#[case("telegram", Fault::TooMany { retry_after_seconds: None })]
#[case("telegram", Fault::Down)]
#[case("discord", Fault::TooMany { retry_after_seconds: Some(3) })]
#[case("discord", Fault::TooMany { retry_after_seconds: None })]
#[case("discord", Fault::Down)]
#[case("discord", Fault::LostAnswer)]
#[tokio::test]
async fn a_fault_of_the_platform_neither_loses_nor_repeats_an_answer(
    #[case] name: &'static str,
    #[case] fault: Fault,
) {
    let stage = Stage::open(name).await;
    stage.say("1", "halo").await;
    let usual = stage.shown().len();
    stage.platform.arm(&stage.person.chat, fault.clone());
    stage.say("2", "menu").await;
    for _ in 0..20 {
        stage.pipeline.clock.advance(Duration::seconds(30));
        stage.settle().await;
    }
    let shown = stage.shown();
    assert!(!shown.is_empty() && shown.len() <= usual, "{fault:?}: {shown:?}");
    assert_eq!(stage.count("select count(*) from outbox where state in ('queued', 'dead')").await, 0);
}

#[tokio::test]
async fn telegram_takes_no_key_of_ours_so_a_lost_answer_is_said_again_rather_than_never() {
    let stage = Stage::open("telegram").await;
    stage.platform.arm(&stage.person.chat, Fault::LostAnswer);
    stage.say("1", "halo").await;
    for _ in 0..20 {
        stage.pipeline.clock.advance(Duration::seconds(30));
        stage.settle().await;
    }
    assert!(!stage.shown().is_empty());
    assert_eq!(stage.count("select count(*) from outbox where state in ('queued', 'dead')").await, 0);
}

/// What a platform is sent for messages of every shape. The three snapshots side by side show how the channels differ.
#[rstest]
#[case("whatsapp")]
#[case("telegram")]
#[case("discord")]
#[tokio::test]
async fn each_platform_is_sent_its_own_form_of_the_same_message(#[case] name: &'static str) {
    let stage = Stage::open(name).await;
    stage.platform.told(&stage.person, "1", &Content::Text { text: "halo".to_owned() });
    let to = Address { channel: name.into(), chat: stage.person.chat.clone() };
    let choices = |count: usize| -> Vec<OutboundChoice> {
        (1..=count)
            .map(|n| OutboundChoice {
                label: format!("Pilihan nomor {n}"),
                data: format!("token0000000000a.{n}"),
            })
            .collect()
    };
    let qris = Picture::Qris {
        payload: "00020101".to_owned(),
        title: "Bella".to_owned(),
        amount: "Rp 1".to_owned(),
    };
    let image = Image {
        mime: "image/png".to_owned(),
        bytes: crate::payments::qris::png("00020101", "Bella", "Rp 1").unwrap(),
        uploaded_id: None,
    };
    let base = || Outbound { text: "*Teh Hijau* & <madu>\nRp 50.000".to_owned(), ..Outbound::default() };
    let ask =
        Ask { kind: AskKind::Address, button: "Isi alamat".to_owned(), title: "Alamat lengkap".to_owned() };
    let document = Document {
        name: "Struk WRG-12.pdf".to_owned(),
        content: DocumentContent::Stored { path: "/media/1.pdf".to_owned() },
    };
    let pdf =
        Image { mime: "application/pdf".to_owned(), bytes: b"%PDF-1.7 receipt".to_vec(), uploaded_id: None };
    let link = Link { label: "Bayar".to_owned(), url: "https://toko.example/bayar".to_owned() };
    let messages = [
        ("words", base()),
        ("three choices", Outbound { choices: choices(3), ..base() }),
        ("seven choices", Outbound { choices: choices(7), ..base() }),
        ("a picture with two choices", Outbound { image: Some(qris), choices: choices(2), ..base() }),
        ("a document", Outbound { document: Some(document), ..base() }),
        ("a link", Outbound { link: Some(link), ..base() }),
        ("a question for an address", Outbound { ask: Some(ask), ..base() }),
    ];
    let mut out = String::new();
    for (index, (what, message)) in messages.iter().enumerate() {
        let before = stage.platform.recorded().len();
        let send = Send {
            image: message.image.as_ref().map(|_| &image),
            document: message.document.as_ref().map(|_| &pdf),
            now: start(),
            last_inbound_at: Some(start()),
            ..Send::plain(&to, i64::try_from(index).unwrap() + 1, message)
        };
        stage.channel.send(send).await.unwrap();
        writeln!(out, "# {what}").unwrap();
        for request in stage.platform.recorded().into_iter().skip(before) {
            assert_eq!(request.refusal, None, "{what}");
            let body = serde_json::to_string_pretty(&request.body).unwrap();
            writeln!(out, "{} {}\n{body}\n", request.method, request.path).unwrap();
        }
    }
    insta::with_settings!({ snapshot_path => "../../../tests/snapshots", prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(format!("channel_{name}"), out);
    });
}

/// A process that died in the middle of a long message: the next one sends what is left of it and nothing else.
#[rstest]
#[case("whatsapp")]
#[case("telegram")]
#[case("discord")]
#[tokio::test]
async fn no_part_of_a_long_message_is_repeated_after_a_crash(#[case] name: &'static str) {
    let stage = Stage::open(name).await;
    stage.say("1", "halo").await;
    stage.shown();
    let text = (1..=450).map(|n| format!("Kalimat nomor {n}. ")).collect::<String>();
    let message = Outbound { text, ..Outbound::default() };
    let write = || async {
        let id: i64 = sqlx::query_scalar(
            "insert into outbox (conversation_id, lane, channel, chat, account, payload, due_at, created_at)
             select conversation_id, lane, channel, chat, account, $1, due_at, created_at from outbox
             where lane = 'message' order by id limit 1 returning id",
        )
        .bind(serde_json::to_value(&message).unwrap())
        .fetch_one(&stage.shop.pool)
        .await
        .unwrap();
        id
    };
    let noted = |id: i64| {
        let query = sqlx::query_scalar::<_, i32>("select parts_sent from outbox where id = $1").bind(id);
        query.fetch_one(&stage.shop.pool)
    };
    let whole = write().await;
    stage.settle().await;
    let all = stage.platform.take_shown(&stage.person.chat);
    assert!(all.len() > 1, "the text is long");
    assert_eq!(usize::try_from(noted(whole).await.unwrap()).unwrap(), all.len() - 1, "each but the last");
    let half = write().await;
    let before_crash = "update outbox set parts_sent = 1, attempts = 1 where id = $1";
    sqlx::query(before_crash).bind(half).execute(&stage.shop.pool).await.unwrap();
    stage.settle().await;
    let rest = stage.platform.take_shown(&stage.person.chat);
    let texts = |shown: &[Shown]| shown.iter().map(|part| part.text.clone()).collect::<Vec<_>>();
    assert_eq!(texts(&rest), texts(&all[1..]));
}

#[rstest]
#[case("whatsapp", Fault::Code(131_026))]
#[case("whatsapp", Fault::Code(190))]
#[case("telegram", Fault::Code(403))]
#[case("discord", Fault::Code(50_007))]
#[tokio::test]
async fn no_secret_and_no_person_is_told_in_an_error(#[case] name: &'static str, #[case] fault: Fault) {
    let stage = Stage::open(name).await;
    for round in 0..3 {
        stage.platform.arm(&stage.person.chat, fault.clone());
        stage.say(&round.to_string(), "alamat saya Jalan Rahasia 7").await;
    }
    let errors: Vec<String> = sqlx::query_scalar("select error from outbox where error is not null")
        .fetch_all(&stage.shop.pool)
        .await
        .unwrap();
    assert!(!errors.is_empty(), "the fault was armed");
    for error in errors {
        let told = SECRETS.iter().find(|secret| error.contains(**secret));
        assert_eq!(told, None, "{error}");
        assert!(!error.contains("Rahasia") && !error.contains(&stage.person.chat), "{error}");
    }
}

/// A press that leads to the same card again changes it where it stands; anything else is a new message.
#[tokio::test]
async fn a_card_changes_where_it_stands_when_a_press_leads_to_it_again() {
    let stage = Stage::open("telegram").await;
    stage.say("1", "2 teh hijau").await;
    stage.shown();
    stage.say("2", "keranjang").await;
    let mut shown = stage.platform.take_shown(&stage.person.chat);
    let cart = shown.remove(0);
    for (round, label, is_edit) in [("3", "Ubah isi", true), ("4", "Kembali", true), ("5", "Checkout", false)]
    {
        let choices = stage.last_choices(&shown, &cart);
        let choice = choices.into_iter().find(|choice| choice.label == label);
        let press = Content::Press { data: choice.unwrap().data };
        let person = Person { ..stage.person.clone() };
        stage.hear(&stage.platform.told(&person, round, &press)).await.unwrap();
        stage.settle().await;
        shown = stage.platform.take_shown(&stage.person.chat);
        assert_eq!(shown.len(), 1, "{label}: {shown:?}");
        assert_eq!(shown[0].is_edit, is_edit, "{label}: {shown:?}");
        assert_eq!(shown[0].id == cart.id, is_edit, "{label}: the same message or another");
    }
    assert_eq!(stage.refusals(), Vec::<String>::new());
}

#[tokio::test]
async fn a_press_stops_spinning_also_while_a_person_of_the_shop_has_the_chat() {
    let stage = Stage::open("telegram").await;
    stage.say("1", "halo").await;
    let button = stage.platform.take_shown(&stage.person.chat).pop().unwrap().choices.remove(0);
    sqlx::query(
        "update conversations set state = jsonb_set(state, '{mode}', '{\"kind\": \"human\", \"until\": \"2100-01-01T00:00:00Z\"}')",
    )
    .execute(&stage.shop.pool)
    .await
    .unwrap();
    let press = stage.platform.told(&stage.person, "2", &Content::Press { data: button.data });
    stage.hear(&press).await.unwrap();
    // A second time: the first answer to the platform was lost.
    stage.hear(&press).await.unwrap();
    let answered = async {
        let count = || {
            let calls = stage.platform.recorded();
            calls.iter().filter(|request| request.path.ends_with("answerCallbackQuery")).count()
        };
        while count() < 2 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(10), answered).await.unwrap();
    stage.settle().await;
    let typing = stage.platform.recorded();
    let typing = typing.iter().filter(|request| request.path.ends_with("sendChatAction"));
    assert_eq!(typing.count(), 1, "only for what the dialogue answers");
}
