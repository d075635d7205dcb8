//! Who is who, on a real database: names that are told together, one after the other, late, and for the last time.

use crate::domain::message::{Address, ChannelEvent, ChannelName, Inbound};
use crate::domain::money::Rupiah;

use crate::pipeline::stage::Stage;

const PHONE: &str = "6281234567890";
const NEW_PHONE: &str = "6289999999999";
const USER_ID: &str = "ID.abc";
const OTHER_ID: &str = "ID.xyz";

fn echo(id: &str, chat: &str, aliases: &[&str]) -> ChannelEvent {
    ChannelEvent::Echo {
        account: "n1".to_owned(),
        chat: Address { channel: "whatsapp".into(), chat: chat.to_owned() },
        external_id: id.to_owned(),
        text: "Besok saya antar sendiri ya".to_owned(),
        aliases: names(aliases),
    }
}

fn moved(from: &str, to: &str) -> ChannelEvent {
    ChannelEvent::Moved {
        account: "n1".to_owned(),
        from: Address { channel: "whatsapp".into(), chat: from.to_owned() },
        to: to.to_owned(),
        aliases: Vec::new(),
        phone: Some(format!("+{to}")),
    }
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

impl Stage {
    fn said(&self, chat: &str, aliases: &[&str], text: &str) -> Inbound {
        Inbound { aliases: names(aliases), ..self.inbound("whatsapp", "n1", chat, text) }
    }

    async fn say_as(&self, chat: &str, aliases: &[&str], text: &str) {
        self.tell(ChannelEvent::Said(self.said(chat, aliases, text))).await;
    }

    async fn batch(&self, events: Vec<ChannelEvent>) -> Result<(), crate::pipeline::PipelineError> {
        let channel: ChannelName = "whatsapp".into();
        let result = self.pipeline.accept_events(&channel, events).await;
        self.pipeline.drain().await.unwrap();
        result
    }

    async fn chats(&self) -> String {
        self.one("select string_agg(chat, ',' order by chat) from conversations where joined_into is null")
            .await
    }

    /// Orders a tea in a chat, up to its code for paying.
    async fn order_tea(&self, chat: &str) {
        for words in ["1 teh hijau", "checkout", "ambil", "Ayu", "081234567890", "ya"] {
            self.say(chat, words).await;
        }
        assert_eq!(self.one("select status from orders").await, "payment_initiated");
        self.whatsapp.take();
    }

    async fn pay(&self) {
        let reference = self.one("select reference_number from payments").await;
        let amount = self.one("select amount::text from payments").await.parse().unwrap();
        let notice = self.sandbox.pay(&reference, Rupiah::new(amount).unwrap()).await.unwrap();
        self.pipeline.accept_notice("sandbox", notice).await.unwrap();
        self.pipeline.drain().await.unwrap();
    }
}

#[tokio::test]
async fn an_echo_finds_the_chat_by_any_name() {
    let stage = Stage::open().await;
    stage.say_as(USER_ID, &[PHONE], "halo").await;
    stage.tell(echo("e1", PHONE, &[])).await;
    stage.whatsapp.take();
    stage.say(USER_ID, "menu").await;
    assert_eq!(stage.whatsapp.take(), [], "the owner has the word");
    assert_eq!(stage.chats().await, USER_ID);
}

#[tokio::test]
async fn an_echo_that_tells_both_names_finds_the_chat_that_is_known_by_one() {
    let stage = Stage::open().await;
    stage.say(PHONE, "halo").await;
    stage.tell(echo("e1", USER_ID, &[PHONE])).await;
    stage.whatsapp.take();
    stage.say(PHONE, "menu").await;
    assert_eq!(stage.whatsapp.take(), [], "the owner has the word");
    assert_eq!(stage.chats().await, PHONE);
}

#[tokio::test]
async fn the_owner_keeps_the_word_when_two_chats_become_one() {
    let stage = Stage::open().await;
    stage.say(USER_ID, "halo").await;
    stage.say(PHONE, "halo").await;
    stage.tell(echo("e1", PHONE, &[])).await;
    stage.say_as(USER_ID, &[PHONE], "halo").await;
    stage.whatsapp.take();
    stage.say(USER_ID, "menu").await;
    assert_eq!(stage.whatsapp.take(), [], "the owner has the word");
}

#[tokio::test]
async fn two_names_of_one_person_in_one_body_make_one_conversation() {
    for _ in 0..5 {
        let stage = Stage::open().await;
        let first = stage.said(PHONE, &[], "1 teh hijau");
        let second = stage.said(USER_ID, &[PHONE], "2 kopi kecil");
        stage.batch(vec![ChannelEvent::Said(first), ChannelEvent::Said(second)]).await.unwrap();
        assert_eq!(stage.chats().await, PHONE);
        assert_eq!(stage.one("select count(*)::text from customers").await, "1");
    }
}

#[tokio::test]
async fn two_processes_that_meet_one_person_by_two_names_make_one_conversation() {
    let stage = Stage::open().await;
    let both = |chat: &str, alias: &str| stage.said(chat, &[alias], "halo");
    let (first, second) = (both(PHONE, USER_ID), both(USER_ID, PHONE));
    let (a, b) = tokio::join!(
        stage.pipeline.accept(&stage.shop.store, first),
        stage.pipeline.accept(&stage.shop.store, second),
    );
    assert_eq!(a.unwrap().conversation, b.unwrap().conversation);
    assert_eq!(stage.one("select count(*)::text from conversations").await, "1");
}

#[tokio::test]
async fn a_copy_of_an_event_with_one_more_name_or_one_less_changes_nothing() {
    let stage = Stage::open().await;
    let copy = stage.said(PHONE, &[], "2 teh hijau");
    let from = |chat: &str| Address { channel: "whatsapp".into(), chat: chat.to_owned() };
    for (chat, aliases) in
        [(PHONE, vec![]), (USER_ID, vec![PHONE]), (USER_ID, vec![]), (PHONE, vec![USER_ID])]
    {
        let copy = Inbound { from: from(chat), aliases: names(&aliases), ..copy.clone() };
        stage.tell(ChannelEvent::Said(copy)).await;
    }
    assert_eq!(stage.one("select count(*)::text from inbox where source = 'whatsapp'").await, "1");
    assert_eq!(stage.one("select cart #>> '{lines,0,quantity}' from carts").await, "2");
}

#[tokio::test]
async fn a_copy_of_an_event_that_was_stored_under_its_chat_changes_nothing() {
    let stage = Stage::open().await;
    let inbound = stage.said(PHONE, &[], "2 teh hijau");
    stage.tell(ChannelEvent::Said(inbound.clone())).await;
    sqlx::query("update inbox set external_id = $1 where source = 'whatsapp'")
        .bind(format!("{PHONE}:{}", inbound.external_id))
        .execute(&stage.shop.pool)
        .await
        .unwrap();
    stage.tell(ChannelEvent::Said(Inbound { aliases: names(&[USER_ID]), ..inbound })).await;
    assert_eq!(stage.one("select count(*)::text from inbox where source = 'whatsapp'").await, "1");
}

#[tokio::test]
async fn a_number_that_changed_after_its_owner_wrote_from_the_new_one_leads_to_one_person() {
    let stage = Stage::open().await;
    stage.say(PHONE, "2 teh hijau").await;
    sqlx::query("update customers set phone = $1")
        .bind(format!("+{PHONE}"))
        .execute(&stage.shop.pool)
        .await
        .unwrap();
    stage.say(NEW_PHONE, "1 kopi kecil").await;
    stage.tell(moved(PHONE, NEW_PHONE)).await;
    assert_eq!(stage.chats().await, NEW_PHONE);
    let active = "select string_agg(phone, ',') from customers where status = 'active'";
    assert_eq!(stage.one(active).await, format!("+{NEW_PHONE}"));
    let lines = "select jsonb_array_length(cart -> 'lines')::text from carts";
    assert_eq!(stage.one(lines).await, "2");
    stage.whatsapp.take();
    stage.say(PHONE, "keranjang").await;
    let sent = stage.whatsapp.take();
    assert!(!sent.is_empty() && sent.iter().all(|sent| sent.chat == NEW_PHONE), "{sent:?}");
}

#[tokio::test]
async fn a_phone_number_that_somebody_gave_for_another_person_stays_when_a_chat_moves() {
    let stage = Stage::open().await;
    stage.say(PHONE, "halo").await;
    sqlx::query("update customers set phone = '+62877'").execute(&stage.shop.pool).await.unwrap();
    stage.tell(moved(PHONE, NEW_PHONE)).await;
    assert_eq!(stage.one("select phone from customers").await, "+62877");
    assert_eq!(stage.chats().await, NEW_PHONE);
}

#[tokio::test]
async fn what_is_open_in_a_chat_goes_on_in_the_one_that_it_is_united_with() {
    let stage = Stage::open().await;
    stage.order_tea(PHONE).await;
    stage.say(USER_ID, "halo").await;
    stage.say_as(USER_ID, &[PHONE], "halo lagi").await;
    stage.whatsapp.take();
    stage.pay().await;
    assert_eq!(stage.one("select status from orders").await, "paid");
    let sent = stage.whatsapp.take();
    assert!(sent.iter().all(|sent| sent.chat == USER_ID), "{sent:?}");
    assert!(sent.iter().any(|sent| sent.text.contains("Teh Hijau")), "the person hears of it: {sent:?}");
    for table in ["timers", "outbox", "prompts", "attachments"] {
        let left = format!(
            "select count(*) from {table} t join conversations c on c.id = t.conversation_id where c.joined_into is not null"
        );
        let left: i64 =
            sqlx::query_scalar(sqlx::AssertSqlSafe(left)).fetch_one(&stage.shop.pool).await.unwrap();
        assert_eq!(left, 0, "{table}");
    }
    stage.shop.check().await;
}

#[tokio::test]
async fn news_for_a_chat_that_is_gone_reach_the_one_that_took_it_over() {
    let stage = Stage::open().await;
    stage.say(PHONE, "halo").await;
    let gone = stage.one("select id from conversations").await;
    stage.say(USER_ID, "halo").await;
    stage.say_as(USER_ID, &[PHONE], "halo lagi").await;
    stage.whatsapp.take();
    // Somebody looked the conversation up before it went.
    let work =
        serde_json::json!({"work": "signal", "name": "human.reply", "facts": {"text": {"text": "besok"}}});
    sqlx::query(
        "insert into inbox (conversation_id, source, external_id, payload, received_at)
         values ($1, 'signal', 'late', $2, now())",
    )
    .bind(&gone)
    .bind(work)
    .execute(&stage.shop.pool)
    .await
    .unwrap();
    let late = "select c.chat from inbox i join conversations c on c.id = i.conversation_id where i.external_id = 'late'";
    assert_eq!(stage.one(late).await, USER_ID);
}

#[tokio::test]
async fn a_number_that_now_is_somebody_elses_leads_to_them_and_shows_them_nothing() {
    let stage = Stage::open().await;
    stage.say_as(USER_ID, &[PHONE], "2 teh hijau").await;
    stage.whatsapp.take();
    stage.say_as(OTHER_ID, &[PHONE], "keranjang").await;
    let sent = stage.whatsapp.take();
    assert!(!sent.is_empty() && sent.iter().all(|sent| sent.chat == OTHER_ID), "{sent:?}");
    assert!(sent.iter().all(|sent| !sent.text.contains("Teh Hijau")), "{sent:?}");
    stage.say(PHONE, "halo").await;
    assert!(stage.whatsapp.take().iter().all(|sent| sent.chat == OTHER_ID));
    stage.say(USER_ID, "keranjang").await;
    let sent = stage.whatsapp.take();
    assert!(sent.iter().any(|sent| sent.chat == USER_ID && sent.text.contains("Teh Hijau")), "{sent:?}");
}

#[tokio::test]
async fn a_number_that_passes_to_somebody_known_by_their_id_unites_nobody() {
    let stage = Stage::open().await;
    stage.say(PHONE, "halo").await;
    stage.say_as(USER_ID, &[PHONE], "2 teh hijau").await;
    stage.say(OTHER_ID, "1 kopi kecil").await;
    stage.say_as(OTHER_ID, &[PHONE], "halo lagi").await;
    assert_eq!(stage.chats().await, format!("{USER_ID},{OTHER_ID}"), "the number is nobody's name any more");
    stage.whatsapp.take();
    stage.say(PHONE, "keranjang").await;
    let sent = stage.whatsapp.take();
    assert!(sent.iter().all(|sent| sent.chat == OTHER_ID && !sent.text.contains("Teh Hijau")), "{sent:?}");
    stage.say(USER_ID, "keranjang").await;
    assert!(stage.whatsapp.take().iter().all(|sent| sent.chat == USER_ID));
    assert_eq!(stage.one("select count(*)::text from carts").await, "2");
}

#[tokio::test]
async fn a_copy_of_a_message_from_before_a_number_passed_on_takes_it_back_from_nobody() {
    let stage = Stage::open().await;
    let before = stage.said(USER_ID, &[PHONE], "halo");
    stage.tell(ChannelEvent::Said(before.clone())).await;
    stage.say_as(OTHER_ID, &[PHONE], "halo").await;
    stage.tell(ChannelEvent::Said(before)).await;
    stage.whatsapp.take();
    stage.say(PHONE, "menu").await;
    assert!(stage.whatsapp.take().iter().all(|sent| sent.chat == OTHER_ID));
}

#[tokio::test]
async fn somebody_whose_number_and_id_changed_is_known_by_the_next_message() {
    let stage = Stage::open().await;
    stage.say_as(USER_ID, &[PHONE], "2 teh hijau").await;
    stage.tell(moved(PHONE, NEW_PHONE)).await;
    stage.whatsapp.take();
    stage.say_as(OTHER_ID, &[NEW_PHONE], "keranjang").await;
    let sent = stage.whatsapp.take();
    assert!(sent.iter().any(|sent| sent.text.contains("Teh Hijau")), "{sent:?}");
    assert_eq!(stage.one("select count(*)::text from conversations").await, "1");
}

#[tokio::test]
async fn an_event_that_the_database_can_never_take_keeps_no_other_from_being_stored_and_is_not_asked_for_again()
 {
    let stage = Stage::open().await;
    // No text of PostgreSQL holds this character.
    let bad = ChannelEvent::Said(stage.said("4\0", &[], "halo"));
    let good = |chat: &str| ChannelEvent::Said(stage.said(chat, &[], "halo"));
    let result = stage.batch(vec![bad, good("1"), good("2"), good("3")]).await;
    assert_eq!(stage.chats().await, "1,2,3");
    assert!(result.is_ok(), "the platform would come again for days and be refused every time");
}

#[tokio::test]
async fn many_messages_of_one_body_are_stored_once_and_in_their_order() {
    let stage = Stage::open().await;
    stage.say("1", "halo").await;
    let chats = ["1", "2", "1", "1", "2", "2"];
    let events: Vec<ChannelEvent> =
        chats.iter().map(|chat| ChannelEvent::Said(stage.said(chat, &[], "tambah 1 teh hijau"))).collect();
    // The last one is refused by nobody, comes twice, and changes nothing the second time.
    let again = events.iter().chain(events.last()).cloned().collect();
    stage.batch(again).await.unwrap();
    stage.batch(events).await.unwrap();
    let order = "select string_agg(i.external_id, ' ' order by i.id) from inbox i
                 join conversations c on c.id = i.conversation_id where c.chat = '1' and i.source = 'whatsapp'";
    assert_eq!(stage.one(order).await, "n1:m1 n1:m2 n1:m4 n1:m5");
    let messages = "select count(*)::text from customer_messages where direction = 'inbound'";
    assert_eq!(stage.one(messages).await, "7");
}

#[tokio::test]
async fn an_id_of_any_length_is_known_again() {
    let stage = Stage::open().await;
    for _ in 0..2 {
        let inbound = stage.said(PHONE, &[], "halo");
        stage.tell(ChannelEvent::Said(Inbound { external_id: "\u{8336}".repeat(2_000), ..inbound })).await;
    }
    assert_eq!(stage.one("select count(*)::text from inbox where source = 'whatsapp'").await, "1");
}
