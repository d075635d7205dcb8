//! Chats of people who do not work for the shop any more, and of people who would like to.

use chrono::Duration;
use rstest::rstest;

use crate::domain::message::{Address, ChannelEvent, Content, Inbound};
use crate::pipeline::stage::Stage;
use crate::store;
use crate::store::guesses::{Kind, MAX_OF_CHAT, MAX_OF_SHOP};

/// The chat of the shop's own.
const OWN: &str = "900";
const DISMISSED: &[&str] = &["update users set status = 'inactive' where id = 'shop-owner'"];
const REPLACED: &[&str] = &[
    "insert into users (id, email, name, password_hash) values ('next', 'next@example.com', 'Next', '')",
    "update stores set owner_id = 'next' where id = 'shop'",
    "update users set store_id = null where id = 'shop-owner'",
];
const UNLINKED: &[&str] = &["update conversations set staff_id = null where staff_id = 'shop-owner'"];

impl Stage {
    /// What the shop's own chat is answered.
    async fn own_chat_says(&self, text: &str) -> String {
        self.says_at_shop(OWN, text).await;
        self.heard_by_own_chat()
    }

    fn heard_by_own_chat(&self) -> String {
        let said = self.telegram.take().into_iter().filter(|sent| sent.chat == OWN);
        said.map(|sent| sent.text).collect::<Vec<_>>().join("\n")
    }

    /// What the shop's own chat is answered to a press.
    async fn own_chat_presses(&self, data: &str) -> String {
        let from = Address { channel: "telegram".into(), chat: OWN.to_owned() };
        let content = Content::Press { data: data.to_owned() };
        let inbound = Inbound::new(from, format!("p{}", self.pipeline.clock.id()), content);
        self.tell(ChannelEvent::Said(Inbound { account: "7".to_owned(), ..inbound })).await;
        self.heard_by_own_chat()
    }

    /// The data of every button that the shop's own chat shows.
    async fn buttons(&self) -> Vec<String> {
        sqlx::query_scalar(
            "select p.token || '.' || n from prompts p join conversations c on c.id = p.conversation_id,
               generate_series(0, jsonb_array_length(p.choices) - 1) n
             where c.chat = $1 order by p.created_at, p.token, n",
        )
        .bind(OWN)
        .fetch_all(&self.shop.pool)
        .await
        .unwrap()
    }

    /// A chat of the shop's own that shows its stock, its orders and one order with its buyer.
    async fn at_work() -> Self {
        let stage = Self::open().await;
        stage.employ(OWN).await;
        let mut buyer = stage.shop.chat("Ayu").await;
        stage.shop.order_tea(&mut buyer, 1).await;
        stage.write_all(&["update orders set status = 'paid'"]).await;
        assert!(stage.own_chat_says("/stok").await.contains("Stok sekarang"));
        assert!(stage.own_chat_says("/stok teh hijau").await.contains("di rak"));
        stage.own_chat_says("/orders").await;
        assert!(stage.sent_since(0).await.contains("ORD-"), "the orders are listed");
        stage
    }

    /// The last message that was written.
    async fn mark(&self) -> i64 {
        sqlx::query_scalar("select coalesce(max(id), 0) from outbox")
            .fetch_one(&self.shop.pool)
            .await
            .unwrap()
    }

    /// Everything that was written to the shop's own chat since, with its buttons.
    async fn sent_since(&self, mark: i64) -> String {
        let sent =
            "select coalesce(string_agg(payload::text, ' '), '') from outbox where chat = $1 and id > $2";
        sqlx::query_scalar(sent).bind(OWN).bind(mark).fetch_one(&self.shop.pool).await.unwrap()
    }

    async fn write_all(&self, statements: &[&'static str]) {
        for statement in statements {
            sqlx::query(*statement).execute(&self.shop.pool).await.unwrap();
        }
    }

    /// A code of the owner's.
    async fn code(&self) -> String {
        let code = store::staff::new_code(&self.pipeline.clock.secret());
        let now = self.pipeline.clock.now();
        let mut connection = self.shop.pool.acquire().await.unwrap();
        let (user, expires_at) = ("shop-owner".into(), now + Duration::minutes(60));
        store::staff::insert_code(&mut connection, &self.shop.store, &user, &code, expires_at, now)
            .await
            .unwrap();
        code
    }

    /// What a stranger's chat is answered.
    async fn stranger_says(&self, chat: &str, text: &str) -> String {
        self.say(chat, text).await;
        let said = self.whatsapp.take().into_iter().filter(|sent| sent.chat == chat);
        said.map(|sent| sent.text).collect::<Vec<_>>().join("\n")
    }
}

/// The `number`th code that nobody has.
fn wrong(number: i64) -> String {
    format!("WRG-AAAAA-BBBBB-{:0>5}", number)
}

#[tokio::test]
async fn the_buttons_of_the_next_tests_lead_to_an_order_as_long_as_one_works_there() {
    let stage = Stage::at_work().await;
    let mut shown = String::new();
    for data in stage.buttons().await {
        shown += &stage.own_chat_presses(&data).await;
        stage.advance(Duration::minutes(2)).await;
    }
    assert!(shown.contains("ORD-") && shown.contains("Ayu") && shown.contains("di rak"), "{shown}");
}

#[rstest]
#[case::unlinked_by_an_operator(UNLINKED)]
#[case::dismissed(DISMISSED)]
#[case::no_longer_of_this_shop(REPLACED)]
#[tokio::test]
async fn who_works_there_no_more_sees_nothing_of_the_shop_by_words_or_by_old_buttons(
    #[case] how: &'static [&'static str],
    #[values(true, false)] presses_first: bool,
) {
    let stage = Stage::at_work().await;
    let buttons = stage.buttons().await;
    assert!(!buttons.is_empty());
    stage.write_all(how).await;
    let mark = stage.mark().await;
    if presses_first {
        let said = stage.own_chat_presses(&buttons[0]).await;
        assert!(said.contains("Tombol"), "an old button says that it is old: {said}");
    }
    for words in ["/stok", "/orders", "/today", "1", "batalkan pesanan ORD-2026-0001", "teh hijau habis"] {
        let said = stage.own_chat_says(words).await;
        assert!(!said.contains("Stok sekarang") && !said.contains("di rak"), "{words}: {said}");
    }
    for data in &buttons {
        let said = stage.own_chat_presses(data).await;
        assert!(!said.contains("ORD-") && !said.contains("Ayu"), "{data}: {said}");
        stage.advance(Duration::minutes(2)).await;
    }
    let sent = stage.sent_since(mark).await;
    assert!(!sent.contains("ORD-") && !sent.contains("Ayu") && !sent.contains("di rak"), "{sent}");
    assert_eq!(
        stage.one("select stock::text from products where id = 'tea'").await,
        "10",
        "nothing was changed"
    );
    let role = "select state ->> 'role' from conversations where chat = '900'";
    assert_eq!(stage.one(role).await, "customer");
    assert_eq!(stage.one("select count(staff_id)::text from conversations where chat = '900'").await, "0");
}

#[tokio::test]
async fn who_lets_go_of_the_shop_in_the_chat_cannot_go_on_with_its_old_buttons() {
    let stage = Stage::at_work().await;
    let buttons = stage.buttons().await;
    stage.own_chat_says("/unlink").await;
    assert!(stage.own_chat_says("ya").await.contains("dilepas"));
    for data in &buttons {
        let said = stage.own_chat_presses(data).await;
        assert!(!said.contains("ORD-") && !said.contains("Ayu"), "{data}: {said}");
        stage.advance(Duration::minutes(2)).await;
    }
}

#[tokio::test]
async fn news_go_to_nobody_who_works_there_no_more() {
    let stage = Stage::at_work().await;
    let chats = async || {
        let mut connection = stage.shop.pool.acquire().await.unwrap();
        store::staff::conversations(&mut connection, &stage.shop.store).await.unwrap().len()
    };
    assert_eq!(chats().await, 1);
    stage.write_all(REPLACED).await;
    assert_eq!(chats().await, 0);
}

#[tokio::test]
async fn a_code_of_somebody_who_works_there_no_more_links_nobody() {
    let stage = Stage::open().await;
    let code = stage.code().await;
    stage.write_all(REPLACED).await;
    assert!(stage.stranger_says("666", &code).await.contains("tidak cocok"));
}

#[tokio::test]
async fn a_chat_guesses_a_few_codes_an_hour_and_the_owner_hears_of_it_once() {
    let stage = Stage::open().await;
    stage.employ(OWN).await;
    for number in 0..MAX_OF_CHAT {
        assert!(stage.stranger_says("666", &wrong(number)).await.contains("tidak cocok"), "{number}");
    }
    let alarm = stage.heard_by_own_chat();
    assert_eq!(alarm.matches("mencoba kode yang salah").count(), 1, "{alarm}");
    // The right one is not looked at any more, and stays as it is.
    let code = stage.code().await;
    assert!(stage.stranger_says("666", &code).await.contains("Terlalu banyak"));
    assert_eq!(stage.heard_by_own_chat(), "", "once");
    assert!(stage.stranger_says("667", &code).await.contains("Berhasil"), "another chat is free to use it");
    stage.advance(Duration::minutes(61)).await;
    let code = stage.code().await;
    assert!(stage.stranger_says("666", &code).await.contains("Berhasil"));
}

#[tokio::test]
async fn many_chats_together_guess_a_bounded_number_of_codes_until_an_operator_makes_a_new_one() {
    let stage = Stage::open().await;
    stage.employ(OWN).await;
    for number in 0..MAX_OF_SHOP {
        let chat = format!("7{}", number / (MAX_OF_CHAT - 1));
        assert!(stage.stranger_says(&chat, &wrong(number)).await.contains("tidak cocok"), "{number}");
    }
    let alarm = stage.heard_by_own_chat();
    assert_eq!(alarm.matches("mencoba kode yang salah").count(), 1, "{alarm}");
    let code = stage.code().await;
    assert!(stage.stranger_says("667", &code).await.contains("Terlalu banyak"));
    let mut connection = stage.shop.pool.acquire().await.unwrap();
    store::guesses::clear(&mut connection, &stage.shop.store, Kind::Staff).await.unwrap();
    drop(connection);
    assert!(stage.stranger_says("667", &code).await.contains("Berhasil"));
}

#[tokio::test]
async fn codes_that_join_chats_are_guessed_as_seldom_and_keep_nobody_from_the_staff() {
    let stage = Stage::open().await;
    stage.employ(OWN).await;
    for number in 0..MAX_OF_CHAT {
        stage.stranger_says("666", &format!("/join AAAA-{number:0>4}")).await;
    }
    assert_eq!(stage.one("select count(*)::text from code_guesses where kind = 'join'").await, "5");
    stage.stranger_says("666", "/join AAAA-9999").await;
    assert_eq!(stage.one("select count(*)::text from code_guesses").await, "5", "it was not looked at");
    let alarm = stage.heard_by_own_chat();
    assert_eq!(alarm.matches("mencoba kode yang salah").count(), 1, "{alarm}");
    let code = stage.code().await;
    assert!(stage.stranger_says("666", &code).await.contains("Berhasil"));
}
