//! What platforms tell, on a real database: accounts, other names of a chat, reports, ways around a failure.

use chrono::Duration;
use serde_json::json;

use crate::domain::message::{
    Address, ChannelEvent, Content, DeliveryState, Inbound, MAX_TEXT_CHARS, OrderedItem, Outbound,
};
use crate::edge::CallError;
use crate::pipeline::stage::Stage;

#[tokio::test]
async fn an_event_belongs_to_the_shop_of_its_account_and_the_answer_leaves_from_that_account() {
    let stage = Stage::open().await;
    let thread = json!({ "message_id": "wamid.1" });
    let inbound = Inbound { thread: Some(thread.clone()), ..stage.inbound("whatsapp", "n1", "628", "halo") };
    stage.tell(ChannelEvent::Said(inbound)).await;
    let sent = stage.whatsapp.take();
    assert!(!sent.is_empty());
    assert!(sent.iter().all(|sent| sent.account == "n1" && sent.chat == "628"));
    assert!(sent.iter().all(|sent| sent.thread.as_ref() == Some(&thread)));
    assert_eq!(stage.one("select string_agg(distinct store_id, ',') from conversations").await, "shop");
}

#[tokio::test]
async fn an_account_that_is_nobodys_is_heard_by_nobody() {
    let stage = Stage::open().await;
    stage.tell(ChannelEvent::Said(stage.inbound("whatsapp", "n2", "628", "halo"))).await;
    assert!(stage.whatsapp.take().is_empty());
    assert_eq!(stage.one("select count(*)::text from inbox").await, "0");
}

#[tokio::test]
async fn a_person_is_found_again_by_any_name_that_the_platform_has_told() {
    let stage = Stage::open().await;
    let both =
        Inbound { aliases: vec!["628".to_owned()], ..stage.inbound("whatsapp", "n1", "ID.abc", "halo") };
    stage.tell(ChannelEvent::Said(both)).await;
    stage.say("628", "menu").await;
    stage.say("ID.abc", "menu").await;
    assert_eq!(stage.one("select count(*)::text from conversations").await, "1");
    assert!(stage.whatsapp.take().iter().all(|sent| sent.chat == "ID.abc"));
}

#[tokio::test]
async fn two_conversations_that_turn_out_to_be_one_chat_share_one_customer_and_one_cart() {
    let stage = Stage::open().await;
    stage.say("628", "2 teh hijau").await;
    stage.say("ID.abc", "1 teh hijau").await;
    assert_eq!(stage.one("select count(*)::text from customers where status = 'active'").await, "2");
    let both =
        Inbound { aliases: vec!["628".to_owned()], ..stage.inbound("whatsapp", "n1", "ID.abc", "keranjang") };
    stage.tell(ChannelEvent::Said(both)).await;
    assert_eq!(stage.one("select count(*)::text from customers where status = 'active'").await, "1");
    assert_eq!(stage.one("select string_agg(cart #>> '{lines,0,quantity}', ',') from carts").await, "3");
    stage.whatsapp.take();
    stage.say("628", "menu").await;
    assert!(stage.whatsapp.take().iter().all(|sent| sent.chat == "ID.abc"));
}

#[tokio::test]
async fn reports_come_twice_and_out_of_order_and_never_take_a_message_back() {
    let stage = Stage::open().await;
    stage.say("628", "halo").await;
    let id = stage.whatsapp.take()[0].outbox_id;
    for (state, expected) in [
        (DeliveryState::Sent, "sent"),
        (DeliveryState::Delivered, "delivered"),
        (DeliveryState::Sent, "delivered"),
        (DeliveryState::Read, "read"),
        (DeliveryState::Delivered, "read"),
        (DeliveryState::Failed, "read"),
    ] {
        stage.report(id, state).await;
        assert_eq!(stage.one("select state from outbox order by id limit 1").await, expected, "{state:?}");
    }
}

#[tokio::test]
async fn a_send_whose_answer_was_lost_is_not_repeated_when_a_report_says_that_it_went_out() {
    let stage = Stage::open().await;
    let lost = || CallError::Unknown { reason: "no answer".to_owned(), after_ms: 120_000 };
    stage.whatsapp.fail_with(lost());
    stage.say("628", "halo").await;
    let first = stage.whatsapp.take();
    assert_eq!(first.len(), 1);
    stage.report(first[0].outbox_id, DeliveryState::Sent).await;
    stage.advance(Duration::minutes(10)).await;
    assert!(stage.whatsapp.take().iter().all(|sent| sent.outbox_id != first[0].outbox_id));

    stage.whatsapp.fail_with(lost());
    stage.say("628", "menu").await;
    let second = stage.whatsapp.take();
    stage.advance(Duration::seconds(60)).await;
    assert_eq!(stage.whatsapp.take(), [], "too early to know");
    stage.advance(Duration::seconds(61)).await;
    assert_eq!(stage.whatsapp.take()[0].outbox_id, second[0].outbox_id, "nobody has seen it: again");
}

#[tokio::test]
async fn what_a_broken_account_should_send_waits_without_running_out_of_tries() {
    let stage = Stage::open().await;
    for _ in 0..30 {
        stage.whatsapp.fail_with(CallError::Stopped { reason: "190".to_owned() });
    }
    stage.say("628", "halo").await;
    for _ in 0..29 {
        stage.advance(Duration::minutes(5)).await;
    }
    let tried = stage.whatsapp.take();
    assert_eq!(tried.len(), 30);
    stage.advance(Duration::minutes(5)).await;
    assert_eq!(stage.whatsapp.take()[0].outbox_id, tried[0].outbox_id);
}

#[tokio::test]
async fn a_message_that_cannot_be_delivered_goes_to_another_chat_of_the_same_customer_once() {
    let stage = Stage::open().await;
    stage.say("628", "halo").await;
    stage.tell(ChannelEvent::Said(stage.inbound("telegram", "7", "44", "halo"))).await;
    sqlx::query(
        "update conversations set customer_id = (select customer_id from conversations where chat = '628')",
    )
    .execute(&stage.shop.pool)
    .await
    .unwrap();
    stage.whatsapp.take();
    stage.telegram.take();
    stage.whatsapp.fail_with(CallError::Unreachable { reason: "131047".to_owned() });
    stage.telegram.fail_with(CallError::Unreachable { reason: "403".to_owned() });
    stage.say("628", "menu").await;
    let failed = stage.whatsapp.take();
    let elsewhere = stage.telegram.take();
    assert_eq!(elsewhere.len(), 1);
    assert_eq!(elsewhere[0].text, failed[0].text);
    stage.advance(Duration::hours(1)).await;
    assert_eq!(stage.whatsapp.take(), [], "it does not come back from there");
}

#[tokio::test]
async fn when_the_owner_writes_from_the_platforms_own_app_the_dialogue_steps_aside_for_a_while() {
    let stage = Stage::open().await;
    stage.say("628", "halo").await;
    stage.whatsapp.take();
    let echo = |id: &str| ChannelEvent::Echo {
        account: "n1".to_owned(),
        chat: Address { channel: "whatsapp".into(), chat: "628".to_owned() },
        external_id: id.to_owned(),
        text: "Besok saya antar sendiri ya".to_owned(),
        aliases: Vec::new(),
    };
    stage.tell(echo("w1")).await;
    stage.tell(echo("w1")).await;
    stage.say("628", "menu").await;
    assert!(!stage.whatsapp.take().iter().any(|sent| sent.text.contains("Pilih")), "the owner has the word");
    let kept =
        "select count(*)::text from customer_messages where text like 'Besok%' and direction = 'outbound'";
    assert_eq!(stage.one(kept).await, "1");
    stage.advance(Duration::hours(2)).await;
    stage.whatsapp.take();
    stage.say("628", "menu").await;
    assert!(!stage.whatsapp.take().is_empty());
}

#[tokio::test]
async fn what_a_customer_sends_to_a_person_of_the_shop_is_shown_to_them_and_answered_by_nobody_else() {
    let stage = Stage::open().await;
    stage.employ("44").await;
    stage.say("628", "halo").await;
    stage.say("628", "mau bicara dengan orang").await;
    stage.whatsapp.take();
    stage.telegram.take();
    let (latitude, longitude) = ("-6.2".to_owned(), "106.8".to_owned());
    let place = Content::Location { latitude, longitude, name: None };
    let long = "panjang ".repeat(MAX_TEXT_CHARS);
    for (content, shown) in [
        (place, "https://maps.google.com/?q=-6.2,106.8"),
        (Content::Edited { text: "dua saja".to_owned() }, "dua saja"),
        (Content::Text { text: long }, "panjang panjang"),
        (Content::Unknown, "tidak bisa saya tampilkan"),
    ] {
        let sent = Inbound { content, ..stage.inbound("whatsapp", "n1", "628", "") };
        stage.tell(ChannelEvent::Said(sent)).await;
        let told = stage.telegram.take();
        assert!(told.iter().any(|sent| sent.text.contains(shown)), "{shown}: {told:?}");
        assert_eq!(stage.whatsapp.take(), []);
    }
}

#[tokio::test]
async fn a_chat_that_has_moved_goes_on_under_its_new_name() {
    let stage = Stage::open().await;
    stage.say("628", "2 teh hijau").await;
    stage
        .tell(ChannelEvent::Moved {
            account: "n1".to_owned(),
            from: Address { channel: "whatsapp".into(), chat: "628".to_owned() },
            to: "629".to_owned(),
            aliases: Vec::new(),
            phone: None,
        })
        .await;
    stage.whatsapp.take();
    stage.say("629", "keranjang").await;
    assert!(stage.whatsapp.take().iter().all(|sent| sent.chat == "629"));
    stage.say("628", "keranjang").await;
    assert!(stage.whatsapp.take().iter().all(|sent| sent.chat == "629"), "also who still uses the old one");
    assert_eq!(stage.one("select count(*)::text from conversations").await, "1");
}

#[tokio::test]
async fn the_same_event_again_changes_nothing() {
    let stage = Stage::open().await;
    let inbound = stage.inbound("whatsapp", "n1", "628", "2 teh hijau");
    for _ in 0..3 {
        stage.tell(ChannelEvent::Said(inbound.clone())).await;
    }
    assert_eq!(stage.one("select count(*)::text from inbox where source = 'whatsapp'").await, "1");
    assert_eq!(stage.one("select cart #>> '{lines,0,quantity}' from carts").await, "2");
}

#[tokio::test]
async fn a_link_into_the_chat_opens_the_product_that_it_names_and_greets_when_it_names_none() {
    let stage = Stage::open().await;
    stage.say("628", "/start p_tea").await;
    let card = stage.whatsapp.take();
    assert!(
        card.iter().any(|sent| sent.text.contains("Teh Hijau") && sent.text.contains("50.000")),
        "{card:?}"
    );
    stage.say("628", "/start p_nothing").await;
    let greeting = stage.whatsapp.take();
    assert!(
        !greeting.is_empty() && !greeting.iter().any(|sent| sent.text.contains("50.000")),
        "{greeting:?}"
    );
}

#[tokio::test]
async fn words_that_quote_an_earlier_card_are_about_its_product() {
    let stage = Stage::open().await;
    stage.say("628", "/start p_tea").await;
    let card = stage.whatsapp.take().into_iter().find(|sent| sent.text.contains("Teh Hijau")).unwrap();
    let card = format!("whatsapp-{}", card.outbox_id);
    stage.say("628", "menu").await;
    let quoting = |chat: &str, message: &str| Inbound {
        thread: Some(json!({ "message_id": "wamid.q", "quotes": message })),
        ..stage.inbound("whatsapp", "n1", chat, "2 yang ini")
    };
    stage.tell(ChannelEvent::Said(quoting("629", &card))).await;
    assert_eq!(stage.one("select count(*)::text from carts").await, "0", "another chat's card");
    stage.tell(ChannelEvent::Said(quoting("628", "wamid.unknown"))).await;
    assert_eq!(stage.one("select count(*)::text from carts").await, "0", "no card of ours");
    stage.tell(ChannelEvent::Said(quoting("628", &card))).await;
    assert_eq!(stage.one("select cart #>> '{lines,0,quantity}' from carts").await, "2");
}

#[tokio::test]
async fn a_cart_out_of_the_platforms_own_window_becomes_ours_at_our_prices() {
    let stage = Stage::open().await;
    let inbound = stage.inbound("whatsapp", "n1", "628", "");
    let items = [("tea", 2), ("nobody-knows", 1), ("tea", 0)];
    let items = items.map(|(code, quantity)| OrderedItem { code: code.to_owned(), quantity, unclear: None });
    let content = Content::Order { items: items.to_vec(), note: None };
    stage.tell(ChannelEvent::Said(Inbound { content, ..inbound })).await;
    assert_eq!(stage.one("select cart #>> '{lines,0,quantity}' from carts").await, "2");
    assert_eq!(stage.one("select cart #>> '{lines,0,price}' from carts").await, "50000");
    assert!(
        stage.whatsapp.take().iter().any(|sent| sent.text.contains("nobody-knows")),
        "what is unknown is said"
    );
}

#[tokio::test]
async fn a_name_without_a_letter_is_no_name() {
    let stage = Stage::open().await;
    for (chat, name) in [("1", "."), ("2", "🌸"), ("3", "Ayu")] {
        let inbound = stage.inbound("whatsapp", "n1", chat, "halo");
        stage.tell(ChannelEvent::Said(Inbound { sender_name: Some(name.to_owned()), ..inbound })).await;
    }
    assert_eq!(
        stage
            .one("select string_agg(name, ',' order by created_at, id) from customers where name <> ''")
            .await,
        "Ayu"
    );
}

#[test]
fn a_forwarded_message_says_so_and_nothing_else_does() {
    let message = Outbound { text: "x".to_owned(), ..Outbound::default() };
    assert_eq!(serde_json::to_value(&message).unwrap(), json!({ "text": "x" }));
    let forwarded = Outbound { is_forwarded: true, ..message };
    assert_eq!(serde_json::to_value(&forwarded).unwrap()["is_forwarded"], true);
}
