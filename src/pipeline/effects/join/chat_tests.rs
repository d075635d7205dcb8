//! What people do to each other with codes, through the whole line of data: nobody is joined by deception, and whoever
//! tries sees nothing.

use chrono::Duration;

use crate::domain::message::{ChannelEvent, ChannelName, Inbound};
use crate::pipeline::stage::Stage;

/// Whoever has something to lose, at WhatsApp.
const AYU: Who =
    Who { channel: "whatsapp", account: "n1", chat: "628111", name: "Ayu Lestari", phone: Some("+628111") };
/// Whoever tries, at Telegram.
const BUDI: Who = Who { channel: "telegram", account: "7", chat: "666", name: "Budi Penipu", phone: None };
/// Somebody else.
const CICI: Who = Who { channel: "telegram", account: "7", chat: "777", name: "Cici", phone: None };

/// What nobody but Ayu may read.
const SECRETS: [&str; 4] = ["Lestari", "628111", "812345678", "ORD-"];

struct Who {
    channel: &'static str,
    account: &'static str,
    chat: &'static str,
    name: &'static str,
    phone: Option<&'static str>,
}

impl Who {
    fn inbound(&self, stage: &Stage, text: &str) -> Inbound {
        Inbound {
            sender_name: Some(self.name.to_owned()),
            sender_phone: self.phone.map(str::to_owned),
            ..stage.inbound(self.channel, self.account, self.chat, text)
        }
    }

    async fn says(&self, stage: &Stage, text: &str) -> String {
        stage.tell(ChannelEvent::Said(self.inbound(stage, text))).await;
        self.reads(stage)
    }

    /// What has come to this chat since somebody last read a chat of its channel.
    fn reads(&self, stage: &Stage) -> String {
        let far = if self.channel == "whatsapp" { &stage.whatsapp } else { &stage.telegram };
        let own = far.take().into_iter().filter(|sent| sent.chat == self.chat);
        own.map(|sent| sent.text).collect::<Vec<_>>().join("\n")
    }

    async fn asks_for_code(&self, stage: &Stage) -> String {
        let card = self.says(stage, "/join").await;
        card.split('*').nth(1).unwrap().to_owned()
    }

    async fn orders_tea(&self, stage: &Stage) {
        for words in ["1 teh hijau", "checkout", "ambil sendiri", "Ayu Lestari", "081234567899", "ya"] {
            self.says(stage, words).await;
        }
    }
}

/// A shop in which Ayu has ordered, and Budi has said hello.
async fn stage() -> Stage {
    let stage = Stage::open().await;
    AYU.says(&stage, "halo").await;
    AYU.orders_tea(&stage).await;
    BUDI.says(&stage, "halo").await;
    assert_eq!(stage.one("select count(*)::text from orders").await, "1");
    stage
}

async fn customers(stage: &Stage) -> String {
    stage.one("select count(distinct customer_id)::text from conversations").await
}

fn assert_tells_nothing(text: &str) {
    for secret in SECRETS {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

/// What Budi reads when he looks for it himself.
async fn assert_sees_nothing(stage: &Stage) {
    assert_eq!(customers(stage).await, "2");
    for words in ["pesanan saya", "keranjang", "data saya"] {
        assert_tells_nothing(&BUDI.says(stage, words).await);
    }
    let broken = crate::pipeline::verify::violations(&stage.shop.pool).await.unwrap();
    assert!(broken.is_empty(), "{broken:?}");
}

#[rstest::rstest]
#[case::no("jangan")]
#[case::silence("")]
#[tokio::test]
async fn a_strangers_code_that_is_typed_and_not_agreed_to_shows_the_stranger_nothing(#[case] answer: &str) {
    let stage = stage().await;
    let code = BUDI.asks_for_code(&stage).await;
    let question = AYU.says(&stage, &format!("/join {code}")).await;
    for told in ["Telegram, Budi", "voucher", "Pesanan: 1", "Nama: ada", "Alamat: belum ada"] {
        assert!(question.contains(told), "{told} is missing in {question}");
    }
    assert!(!question.contains("Penipu"), "{question}");
    assert_eq!(BUDI.reads(&stage), "", "nobody hears of a code that was typed");
    if answer.is_empty() {
        stage.advance(Duration::minutes(16)).await;
    } else {
        AYU.says(&stage, answer).await;
    }
    assert_tells_nothing(&BUDI.reads(&stage));
    // A late yes is none.
    AYU.says(&stage, "ya").await;
    assert_tells_nothing(&BUDI.reads(&stage));
    assert_sees_nothing(&stage).await;
}

#[rstest::rstest]
#[case::no("jangan")]
#[case::the_first_number("1")]
#[case::a_yes_that_was_meant_for_something_else("ya")]
#[case::another("oke kak")]
#[case::silence("")]
#[tokio::test]
async fn a_code_that_was_read_aloud_shows_nothing_before_its_owner_agrees(#[case] answer: &str) {
    let stage = stage().await;
    let code = AYU.asks_for_code(&stage).await;
    let mut read = BUDI.says(&stage, &format!("/join {code}")).await;
    assert!(read.contains("WhatsApp, Ayu"), "{read}");
    assert_eq!(AYU.reads(&stage), "");
    read += &BUDI.says(&stage, "ya").await;
    let question = AYU.reads(&stage);
    for told in ["Telegram, Budi", "voucher", "Pesanan: 1"] {
        assert!(question.contains(told), "{told} is missing in {question}");
    }
    if !answer.is_empty() {
        AYU.says(&stage, answer).await;
        read += &BUDI.reads(&stage);
    }
    assert_eq!(customers(&stage).await, "2");
    // Whoever asks cannot answer for the other side, and nobody else can.
    for words in ["ya", "ya, gabungkan", "2", "/join"] {
        read += &BUDI.says(&stage, words).await;
        CICI.says(&stage, words).await;
    }
    assert_eq!(stage.one("select count(*)::text from customer_joins").await, "0");
    stage.advance(Duration::minutes(16)).await;
    read += &BUDI.reads(&stage);
    AYU.says(&stage, "ya, gabungkan").await;
    read += &BUDI.reads(&stage);
    assert_tells_nothing(&read);
    assert_eq!(stage.one("select count(*)::text from customer_joins").await, "0");
    for words in ["pesanan saya", "data saya"] {
        assert_tells_nothing(&BUDI.says(&stage, words).await);
    }
}

#[tokio::test]
async fn both_say_yes_and_are_joined_and_either_parts_them_again() {
    let stage = stage().await;
    let code = AYU.asks_for_code(&stage).await;
    BUDI.says(&stage, &format!("/join {code}")).await;
    BUDI.says(&stage, "ya").await;
    assert!(AYU.says(&stage, "Ya, gabungkan").await.contains("/split"));
    assert!(BUDI.reads(&stage).contains("tergabung"));
    assert_eq!(customers(&stage).await, "1");
    assert!(BUDI.says(&stage, "pesanan saya").await.contains("ORD-"));
    let card = AYU.says(&stage, "data saya").await;
    assert!(card.contains("Lestari"), "{card}");
    AYU.says(&stage, "Pisahkan chat").await;
    AYU.says(&stage, "Ya, pisahkan").await;
    assert!(BUDI.reads(&stage).contains("dipisahkan"));
    assert!(AYU.says(&stage, "pesanan saya").await.contains("ORD-"));
    assert_eq!(
        stage.one(
            "select count(*)::text from customer_messages m join conversations v on v.id = m.conversation_id
             where m.customer_id <> v.customer_id"
        )
        .await,
        "0"
    );
    assert_sees_nothing(&stage).await;
}

#[tokio::test]
async fn a_question_finds_an_open_checkout_and_leaves_it_as_it_is() {
    let stage = stage().await;
    let code = AYU.asks_for_code(&stage).await;
    for words in ["2 teh hijau", "checkout", "ambil sendiri"] {
        AYU.says(&stage, words).await;
    }
    BUDI.says(&stage, &format!("/join {code}")).await;
    BUDI.says(&stage, "ya").await;
    let news = AYU.reads(&stage);
    assert!(news.contains("Telegram, Budi") && !news.contains("Pesanan: 1"), "{news}");
    let question = AYU.says(&stage, "lihat dulu").await;
    assert!(question.contains("voucher"), "{question}");
    let back = AYU.says(&stage, "jangan").await;
    assert!(back.contains("tidak jadi"), "{back}");
    for words in ["ya", "Ayu Lestari", "081234567899", "ya"] {
        AYU.says(&stage, words).await;
    }
    assert_eq!(stage.one("select count(*)::text from orders").await, "2");
    assert_sees_nothing(&stage).await;
}

#[rstest::rstest]
#[case("turn.before_commit")]
#[case("turn.after_commit")]
#[tokio::test]
async fn a_process_that_dies_at_the_last_yes_joins_once(#[case] point: &str) {
    let stage = stage().await;
    let code = AYU.asks_for_code(&stage).await;
    BUDI.says(&stage, &format!("/join {code}")).await;
    BUDI.says(&stage, "ya").await;
    BUDI.reads(&stage);
    let whatsapp: ChannelName = "whatsapp".into();
    let yes = ChannelEvent::Said(AYU.inbound(&stage, "Ya, gabungkan"));
    assert!(stage.pipeline.faults.arm(point, 1));
    stage.pipeline.accept_event(&whatsapp, yes.clone()).await.unwrap();
    assert!(Box::pin(stage.pipeline.drain()).await.is_err());
    stage.advance(Duration::minutes(1)).await;
    // The platform delivers it again.
    stage.tell(yes).await;
    assert_eq!(stage.one("select count(*)::text from customer_joins").await, "1");
    assert_eq!(customers(&stage).await, "1");
    assert_eq!(BUDI.reads(&stage).matches("tergabung").count(), 1);
    let broken = crate::pipeline::verify::violations(&stage.shop.pool).await.unwrap();
    assert!(broken.is_empty(), "{broken:?}");
}
