//! A line of data on a real database between two platforms that do as they are told, for tests of the pipeline. What the
//! platforms are is what their own folders say.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use chrono::{DateTime, Duration, Utc};

use crate::channels::{Abilities, Channel, ChannelSpec, Receipt, Send, telegram, whatsapp};
use crate::clock::Clock;
use crate::dialogue::flow::Flows;
use crate::domain::message::{
    Address, ChannelEvent, ChannelName, Content, Delivery, DeliveryFailure, DeliveryState, Inbound,
};
use crate::edge::CallError;
use crate::edge::webhook::{WebhookError, WebhookRequest};
use crate::i18n::Locales;
use crate::payments::Gateway;
use crate::payments::sandbox::Sandbox;
use crate::pipeline::effects::tests::shop::{Shop, start};
use crate::pipeline::{Parts, Pipeline};
use crate::store;

/// What a channel was asked to send.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sent {
    pub(super) chat: String,
    pub(super) account: String,
    pub(super) outbox_id: i64,
    pub(super) text: String,
    pub(super) thread: Option<serde_json::Value>,
    pub(super) last_inbound_at: Option<DateTime<Utc>>,
}

/// A platform that does as it is told, without a wire.
pub(super) struct Far {
    spec: &'static ChannelSpec,
    sent: Mutex<Vec<Sent>>,
    results: Mutex<VecDeque<CallError>>,
    /// The chat whose messages make the platform fail.
    poisoned: Mutex<Option<String>>,
}

impl Far {
    fn new(spec: &'static ChannelSpec) -> Arc<Self> {
        Arc::new(Self { spec, sent: Mutex::default(), results: Mutex::default(), poisoned: Mutex::default() })
    }

    pub(super) fn take(&self) -> Vec<Sent> {
        std::mem::take(&mut *self.sent.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Fails at every message to a chat.
    pub(super) fn poison(&self, chat: &str) {
        *self.poisoned.lock().unwrap_or_else(PoisonError::into_inner) = Some(chat.to_owned());
    }

    /// Does again what it is asked to.
    pub(super) fn heal(&self) {
        self.results.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    pub(super) fn fail_with(&self, error: CallError) {
        self.results.lock().unwrap_or_else(PoisonError::into_inner).push_back(error);
    }
}

#[async_trait]
impl Channel for Far {
    fn spec(&self) -> &'static ChannelSpec {
        self.spec
    }

    fn accounts(&self) -> Vec<String> {
        Vec::new()
    }

    fn only_chat(&self) -> Option<String> {
        None
    }

    fn abilities(&self) -> Abilities<'_> {
        Abilities::default()
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
            last_inbound_at: send.last_inbound_at,
        });
        if self.poisoned.lock().unwrap_or_else(PoisonError::into_inner).as_ref() == Some(&send.to.chat) {
            let reason = "500".to_owned();
            return Err(CallError::Down { reason, after_ms: None, may_have_worked: false });
        }
        match self.results.lock().unwrap_or_else(PoisonError::into_inner).pop_front() {
            Some(error) => Err(error),
            None => Ok(Receipt {
                channel_message_id: Some(format!("{}-{}", self.spec.name, send.outbox_id)),
                uploaded: None,
            }),
        }
    }
}

fn pipeline(
    shop: &Shop,
    clock: Arc<Clock>,
    channels: Vec<Arc<dyn Channel>>,
    gateways: Vec<Arc<dyn Gateway>>,
    owner: &str,
) -> Pipeline {
    let account = |channel: &str, id: &str| ((channel.into(), id.to_owned()), shop.store.clone());
    Pipeline::new(Parts {
        pool: shop.pool.clone(),
        clock,
        flows: Arc::new(Flows::shipped().unwrap()),
        locales: Arc::new(Locales::shipped().unwrap()),
        channels,
        gateways,
        store_id: owner.into(),
        accounts: BTreeMap::from([account("whatsapp", "n1"), account("telegram", "7")]),
    })
}

pub(super) struct Stage {
    pub(super) shop: Shop,
    pub(super) pipeline: Pipeline,
    pub(super) sandbox: Arc<Sandbox>,
    pub(super) whatsapp: Arc<Far>,
    pub(super) telegram: Arc<Far>,
    said: Mutex<u32>,
}

impl Stage {
    pub(super) async fn open() -> Self {
        Self::owned_by("another", |_| Vec::new()).await
    }

    /// A stage whose server is the one shop's, and charges at the first of `companies`; at the sandbox where there is none.
    pub(super) async fn with(companies: impl FnOnce(&Arc<Clock>) -> Vec<Arc<dyn Gateway>>) -> Self {
        Self::owned_by("shop", companies).await
    }

    async fn owned_by(owner: &str, companies: impl FnOnce(&Arc<Clock>) -> Vec<Arc<dyn Gateway>>) -> Self {
        let shop = Shop::open(10).await;
        let (whatsapp, telegram) = (Far::new(&whatsapp::SPEC), Far::new(&telegram::SPEC));
        let clock = Arc::new(Clock::fixed(start(), 9));
        let sandbox =
            crate::pipeline::sandbox::open(&shop.pool, Arc::clone(&clock), "http://localhost").await;
        let sandbox = Arc::new(sandbox.unwrap());
        let channels = vec![Arc::clone(&whatsapp) as _, Arc::clone(&telegram) as _];
        let mut gateways = companies(&clock);
        gateways.push(Arc::clone(&sandbox) as _);
        let pipeline = pipeline(&shop, clock, channels, gateways, owner);
        Self { shop, pipeline, sandbox, whatsapp, telegram, said: Mutex::default() }
    }

    /// The server starts again with the sandbox as its only gateway.
    pub(super) fn forget_companies(&mut self) {
        let channels = vec![Arc::clone(&self.whatsapp) as _, Arc::clone(&self.telegram) as _];
        let clock = Arc::clone(&self.pipeline.clock);
        self.pipeline = pipeline(&self.shop, clock, channels, vec![Arc::clone(&self.sandbox) as _], "shop");
    }

    pub(super) fn inbound(&self, channel: &str, account: &str, chat: &str, text: &str) -> Inbound {
        let mut said = self.said.lock().unwrap();
        *said += 1;
        let from = Address { channel: channel.into(), chat: chat.to_owned() };
        let content = Content::Text { text: text.to_owned() };
        Inbound { account: account.to_owned(), ..Inbound::new(from, format!("m{said}"), content) }
    }

    pub(super) async fn tell(&self, event: ChannelEvent) {
        let channel: ChannelName = match &event {
            ChannelEvent::Said(inbound) => inbound.from.channel.clone(),
            ChannelEvent::Echo { chat, .. } => chat.channel.clone(),
            ChannelEvent::Moved { from, .. } => from.channel.clone(),
            ChannelEvent::Delivery(_) => "whatsapp".into(),
        };
        self.pipeline.accept_event(&channel, event).await.unwrap();
        Box::pin(self.pipeline.drain()).await.unwrap();
    }

    pub(super) async fn say(&self, chat: &str, text: &str) {
        self.tell(ChannelEvent::Said(self.inbound("whatsapp", "n1", chat, text))).await;
    }

    pub(super) async fn report(&self, outbox_id: i64, state: DeliveryState) {
        self.tell(ChannelEvent::Delivery(Delivery {
            account: "n1".to_owned(),
            outbox_id: Some(outbox_id),
            channel_message_id: format!("whatsapp-{outbox_id}"),
            state,
            error: (state == DeliveryState::Failed).then(|| "131026".to_owned()),
            failure: (state == DeliveryState::Failed).then_some(DeliveryFailure::Unreachable),
            is_part: false,
        }))
        .await;
    }

    /// Makes a chat at Telegram one of the shop's own.
    pub(super) async fn employ(&self, chat: &str) {
        let code = self.staff_code().await;
        self.says_at_shop(chat, &format!("/link {code}")).await;
        assert!(!self.telegram.take().is_empty());
    }

    /// A fresh code that makes a chat the owner's.
    pub(super) async fn staff_code(&self) -> String {
        let code = store::staff::new_code(&self.pipeline.clock.secret());
        let now = self.pipeline.clock.now();
        let mut connection = self.shop.pool.acquire().await.unwrap();
        let (user, expires_at) = ("shop-owner".into(), now + Duration::minutes(15));
        store::staff::insert_code(&mut connection, &self.shop.store, &user, &code, expires_at, now)
            .await
            .unwrap();
        code
    }

    /// A chat of [`Self::employ`] writes.
    pub(super) async fn says_at_shop(&self, chat: &str, text: &str) {
        self.tell(ChannelEvent::Said(self.inbound("telegram", "7", chat, text))).await;
    }

    pub(super) async fn advance(&self, by: Duration) {
        self.pipeline.clock.advance(by);
        Box::pin(self.pipeline.drain()).await.unwrap();
    }

    pub(super) async fn one(&self, query: &'static str) -> String {
        sqlx::query_scalar::<_, Option<String>>(query)
            .fetch_one(&self.shop.pool)
            .await
            .unwrap()
            .unwrap_or_default()
    }
}
