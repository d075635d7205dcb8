//! What platforms tell, on a real database: accounts, other names of a chat, reports, ways around a failure.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use chrono::Duration;
use serde_json::json;

use crate::channels::{Channel, Limits, Receipt, Send, TIGHTEST};
use crate::clock::Clock;
use crate::dialogue::flow::Flows;
use crate::domain::message::{
    Address, ChannelEvent, ChannelName, Content, Delivery, DeliveryState, Inbound, OrderedItem, Outbound,
};
use crate::edge::CallError;
use crate::edge::webhook::{WebhookError, WebhookRequest};
use crate::i18n::Locales;
use crate::pipeline::effects::tests::shop::{Shop, start};
use crate::pipeline::{Parts, Pipeline};

/// What a channel was asked to send.
#[derive(Debug, Clone, PartialEq)]
struct Sent {
    chat: String,
    account: String,
    outbox_id: i64,
    text: String,
    thread: Option<serde_json::Value>,
}

/// A platform that does as it is told.
struct Far {
    name: &'static str,
    sent: Mutex<Vec<Sent>>,
    results: Mutex<VecDeque<CallError>>,
}

impl Far {
    fn new(name: &'static str) -> Arc<Self> {
        Arc::new(Self { name, sent: Mutex::default(), results: Mutex::default() })
    }

    fn take(&self) -> Vec<Sent> {
        std::mem::take(&mut *self.sent.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn fail_with(&self, error: CallError) {
        self.results.lock().unwrap_or_else(PoisonError::into_inner).push_back(error);
    }
}

#[async_trait]
impl Channel for Far {
    fn name(&self) -> ChannelName {
        self.name.into()
    }

    fn limits(&self) -> Limits {
        TIGHTEST
    }

    fn receive(&self, _: &WebhookRequest) -> Result<Vec<ChannelEvent>, WebhookError> {
        Err(WebhookError::Unsigned)
    }

    async fn send(&self, send: Send<'_>) -> Result<Receipt, CallError> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).push(Sent {
            chat: send.to.chat.clone(),
            account: send.account.to_owned(),
            outbox_id: send.outbox_id,
            text: send.message.text.clone(),
            thread: send.thread.cloned(),
        });
        match self.results.lock().unwrap_or_else(PoisonError::into_inner).pop_front() {
            Some(error) => Err(error),
            None => Ok(Receipt {
                channel_message_id: Some(format!("{}-{}", self.name, send.outbox_id)),
                uploaded: None,
            }),
        }
    }
}

struct Stage {
    shop: Shop,
    pipeline: Pipeline,
    whatsapp: Arc<Far>,
    telegram: Arc<Far>,
    said: Mutex<u32>,
}

impl Stage {
    async fn open() -> Self {
        let shop = Shop::open(10).await;
        let (whatsapp, telegram) = (Far::new("whatsapp"), Far::new("telegram"));
        let account = |channel: &str, id: &str| ((channel.into(), id.to_owned()), shop.store.clone());
        let parts = Parts {
            pool: shop.pool.clone(),
            clock: Arc::new(Clock::fixed(start(), 9)),
            flows: Arc::new(Flows::shipped().unwrap()),
            locales: Arc::new(Locales::shipped().unwrap()),
            channels: vec![Arc::clone(&whatsapp) as _, Arc::clone(&telegram) as _],
            gateways: Vec::new(),
            store_id: "another".into(),
            accounts: BTreeMap::from([account("whatsapp", "n1"), account("telegram", "7")]),
        };
        Self { shop, pipeline: Pipeline::new(parts), whatsapp, telegram, said: Mutex::default() }
    }

    fn inbound(&self, channel: &str, account: &str, chat: &str, text: &str) -> Inbound {
        let mut said = self.said.lock().unwrap();
        *said += 1;
        let from = Address { channel: channel.into(), chat: chat.to_owned() };
        let content = Content::Text { text: text.to_owned() };
        Inbound { account: account.to_owned(), ..Inbound::new(from, format!("m{said}"), content) }
    }

    async fn tell(&self, event: ChannelEvent) {
        let channel: ChannelName = match &event {
            ChannelEvent::Said(inbound) => inbound.from.channel.clone(),
            ChannelEvent::Echo { chat, .. } => chat.channel.clone(),
            ChannelEvent::Moved { from, .. } => from.channel.clone(),
            ChannelEvent::Delivery(_) => "whatsapp".into(),
        };
        self.pipeline.accept_event(&channel, event).await.unwrap();
        self.pipeline.drain().await.unwrap();
    }

    async fn say(&self, chat: &str, text: &str) {
        self.tell(ChannelEvent::Said(self.inbound("whatsapp", "n1", chat, text))).await;
    }

    async fn report(&self, outbox_id: i64, state: DeliveryState) {
        self.tell(ChannelEvent::Delivery(Delivery {
            outbox_id: Some(outbox_id),
            channel_message_id: format!("whatsapp-{outbox_id}"),
            state,
            error: (state == DeliveryState::Failed).then(|| "131026".to_owned()),
            is_unreachable: state == DeliveryState::Failed,
        }))
        .await;
    }

    async fn advance(&self, by: Duration) {
        self.pipeline.clock.advance(by);
        self.pipeline.drain().await.unwrap();
    }

    async fn one(&self, query: &'static str) -> String {
        sqlx::query_scalar::<_, Option<String>>(query)
            .fetch_one(&self.shop.pool)
            .await
            .unwrap()
            .unwrap_or_default()
    }
}

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
async fn a_chat_that_has_moved_goes_on_under_its_new_name() {
    let stage = Stage::open().await;
    stage.say("628", "2 teh hijau").await;
    stage
        .tell(ChannelEvent::Moved {
            account: "n1".to_owned(),
            from: Address { channel: "whatsapp".into(), chat: "628".to_owned() },
            to: "629".to_owned(),
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
async fn a_cart_out_of_the_platforms_own_window_becomes_ours_at_our_prices() {
    let stage = Stage::open().await;
    let inbound = stage.inbound("whatsapp", "n1", "628", "");
    let items = [("tea", 2), ("nobody-knows", 1), ("tea", 0)];
    let items = items.map(|(code, quantity)| OrderedItem { code: code.to_owned(), quantity });
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
