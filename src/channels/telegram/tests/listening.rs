//! Long polling against a platform on loopback.

use std::sync::Mutex;
use std::time::Duration;

use serde_json::json;
use tokio::sync::Notify;

use super::*;
use crate::channels::NotStored;
use crate::domain::message::ChannelName;

/// Keeps what it is given, after it has refused as often as it was told to.
#[derive(Default)]
struct Store {
    refusals: Mutex<u32>,
    kept: Mutex<Vec<Inbound>>,
    changed: Notify,
}

#[async_trait]
impl Sink for Store {
    async fn accept(&self, channel: &ChannelName, event: ChannelEvent) -> Result<(), NotStored> {
        assert_eq!(channel.as_str(), NAME);
        let refuses = {
            let mut refusals = self.refusals.lock().unwrap();
            let refuses = *refusals > 0;
            *refusals = refusals.saturating_sub(1);
            refuses
        };
        if refuses {
            self.changed.notify_one();
            return Err(NotStored("the database is away".to_owned()));
        }
        if let ChannelEvent::Said(inbound) = event {
            self.kept.lock().unwrap().push(inbound);
            self.changed.notify_one();
        }
        Ok(())
    }
}

impl Store {
    fn ids(&self) -> Vec<String> {
        self.kept.lock().unwrap().iter().map(|inbound| inbound.external_id.clone()).collect()
    }

    /// Waits until as many are kept.
    async fn wait_for(&self, count: usize) {
        let waiting = async {
            while self.kept.lock().unwrap().len() < count {
                self.changed.notified().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), waiting).await.expect("updates arrive");
    }
}

struct Listening {
    fake: Arc<Fake>,
    store: Arc<Store>,
    stop: CancellationToken,
    task: tokio::task::JoinHandle<()>,
}

async fn listen(fake: Arc<Fake>, refusals: u32) -> Listening {
    let store = Arc::new(Store { refusals: Mutex::new(refusals), ..Store::default() });
    let stop = CancellationToken::new();
    let channel = Telegram::new(vec![Account::new(TOKEN, None).unwrap()], &fake.url()).unwrap();
    let (sink, token) = (Arc::clone(&store), stop.clone());
    let task = tokio::spawn(async move { channel.listen(sink, token).await });
    Listening { fake, store, stop, task }
}

impl Listening {
    async fn end(self) {
        self.stop.cancel();
        tokio::time::timeout(Duration::from_secs(5), self.task).await.expect("it stops at once").unwrap();
        assert_obedient(&self.fake);
    }

    /// Waits until everything is confirmed, which happens with the question that follows the last answer.
    async fn confirmed(&self) {
        let waiting = async {
            while self.fake.waiting() > 0 || self.fake.polls() == 0 {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), waiting).await.expect("updates are confirmed");
    }
}

#[tokio::test]
async fn updates_are_stored_in_order_and_then_confirmed() {
    let fake = Fake::start(TOKEN).await.unwrap();
    let mut expected = vec![format!("u{}", fake.queue(&person("77"), "m1", &text("halo")))];
    let listening = listen(Arc::clone(&fake), 0).await;
    listening.store.wait_for(1).await;
    // Over a hundred, so that one answer does not hold them all, with some that say nothing and one of no known kind.
    for index in 0..130 {
        let id = format!("n{index}");
        expected.push(format!("u{}", fake.queue(&person("78"), &id, &text(&id))));
        if index % 50 == 0 {
            fake.queue_raw(json!({"thought": {"chat": {"id": 1}}}));
            fake.queue_raw(json!({"message": "?"}));
        }
    }
    listening.store.wait_for(131).await;
    listening.confirmed().await;
    assert_eq!(listening.store.ids(), expected);
    let first = &bodies(&fake, "getUpdates")[0];
    assert_eq!(first["allowed_updates"], json!(["message", "edited_message", "callback_query"]));
    assert_eq!((&first["limit"], &first["timeout"], first.get("offset")), (&json!(100), &json!(25), None));
    assert_eq!(bodies(&fake, "deleteWebhook"), [json!({"drop_pending_updates": false})]);
    listening.end().await;
}

#[tokio::test]
async fn an_update_that_cannot_be_stored_is_neither_skipped_nor_confirmed() {
    let fake = Fake::start(TOKEN).await.unwrap();
    let expected = [
        format!("u{}", fake.queue(&person("77"), "m1", &text("satu"))),
        format!("u{}", fake.queue(&person("77"), "m2", &text("dua"))),
    ];
    let listening = listen(Arc::clone(&fake), 1).await;
    listening.store.changed.notified().await;
    assert_eq!((fake.waiting(), listening.store.ids().len()), (2, 0));
    listening.store.wait_for(2).await;
    assert_eq!(listening.store.ids(), expected);
    listening.confirmed().await;
    listening.end().await;
}

#[tokio::test]
async fn what_was_not_confirmed_comes_again_to_the_next_listener() {
    let fake = Fake::start(TOKEN).await.unwrap();
    fake.queue(&person("77"), "m1", &text("satu"));
    let listening = listen(Arc::clone(&fake), u32::MAX).await;
    listening.store.changed.notified().await;
    listening.end().await;
    let listening = listen(Arc::clone(&fake), 0).await;
    listening.store.wait_for(1).await;
    listening.end().await;
}

#[tokio::test]
async fn the_bots_name_is_known_before_the_first_update_is_read() {
    let fake = Fake::start(TOKEN).await.unwrap();
    fake.queue(&person("-100"), "g1", &text("/menu@another_bot"));
    fake.queue(&person("-100"), "g2", &text("@warung_fake_bot menu"));
    let listening = listen(Arc::clone(&fake), 0).await;
    listening.store.wait_for(1).await;
    assert_eq!(listening.store.kept.lock().unwrap()[0].content, text("menu"));
    listening.end().await;
}

#[tokio::test]
async fn a_bot_with_a_webhook_is_not_polled() {
    let (fake, channel) = both().await;
    let store = Arc::new(Store::default());
    channel.listen(store, CancellationToken::new()).await;
    let methods: Vec<_> = fake.recorded().into_iter().map(|request| request.path).collect();
    assert_eq!(methods, ["/bot***/getMe"]);
}

#[tokio::test]
async fn a_refused_token_does_not_end_the_listening_and_is_not_asked_about_at_once() {
    let fake = Fake::start("5:other").await.unwrap();
    let channel = Telegram::new(vec![Account::new(TOKEN, None).unwrap()], &fake.url()).unwrap();
    let (stop, calls) = (CancellationToken::new(), || fake.recorded().len());
    tokio::select! {
        () = channel.listen(Arc::new(Store::default()), stop.clone()) => panic!("it never gives up"),
        () = async { while calls() == 0 { tokio::task::yield_now().await; } } => {}
    }
    assert_eq!(calls(), 1);
    stop.cancel();
    channel.listen(Arc::new(Store::default()), stop).await;
}

#[tokio::test]
async fn an_odd_update_loses_nothing_of_the_others_and_one_that_cannot_be_read_is_passed_over() {
    let fake = Fake::start(TOKEN).await.unwrap();
    let told = |words: &'static str| {
        move |id: i64| {
            format!(
                r#"{{"update_id":{id},"message":{{"message_id":1,"chat":{{"id":77,"type":"private"}},"text":"{words}"}}}}"#
            )
            .into_bytes()
        }
    };
    let deep = |id: i64| {
        format!(r#"{{"update_id":{id},"thought":{}{}}}"#, "[".repeat(200), "]".repeat(200)).into_bytes()
    };
    let mut expected = vec![format!("u{}", fake.queue(&person("77"), "m1", &text("satu")))];
    expected.push(format!("u{}", fake.queue_bytes(told(r"makasih \ud83d"))));
    expected.push(format!("u{}", fake.queue_bytes(told(r"nol \u0000 di tengah"))));
    fake.queue_bytes(deep);
    expected.push(format!("u{}", fake.queue_bytes(|id| [told("x")(id), Vec::new()].concat())));
    fake.queue_bytes(|id| {
        format!(r#"{{"update_id": {id}, "message": {{"text": "tanpa akhir}}}}"#).into_bytes()
    });
    expected.push(format!("u{}", fake.queue(&person("77"), "m2", &text("dua"))));
    let listening = listen(Arc::clone(&fake), 0).await;
    listening.store.wait_for(expected.len()).await;
    listening.confirmed().await;
    assert_eq!(listening.store.ids(), expected);
    let kept: Vec<Content> =
        listening.store.kept.lock().unwrap().iter().map(|said| said.content.clone()).collect();
    assert_eq!(kept[1..3], [text("makasih \u{fffd}"), text("nol  di tengah")]);
    listening.end().await;
}
