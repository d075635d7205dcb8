//! A platform whose accounts may change while the process runs: a place in the line of data that stays, with an adapter
//! that is exchanged.

use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::channels::{Channel, Image, Limits, Receipt, Send, Sink};
use crate::domain::message::{Address, ChannelEvent, ChannelName, FileRef};
use crate::edge::CallError;
use crate::edge::webhook::{WebhookError, WebhookRequest};

/// The place of a platform. Without an adapter it is as if it were not there: nothing is sent, no address answers.
pub struct Switch {
    name: ChannelName,
    limits: Limits,
    adapter: RwLock<Option<Arc<dyn Channel>>>,
}

impl Switch {
    /// The place of the platform of this name, empty.
    pub fn new(name: &str, limits: Limits) -> Self {
        Self { name: name.into(), limits, adapter: RwLock::default() }
    }

    /// Puts an adapter in the place of the one before. What is under way ends with the one that it began with.
    pub fn set(&self, adapter: Option<Arc<dyn Channel>>) {
        *self.adapter.write().unwrap_or_else(PoisonError::into_inner) = adapter;
    }

    fn adapter(&self) -> Option<Arc<dyn Channel>> {
        self.adapter.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn connected(&self) -> Result<Arc<dyn Channel>, CallError> {
        self.adapter().ok_or_else(|| CallError::Retry {
            reason: format!("no account of {} is connected", self.name),
            after_ms: None,
        })
    }
}

#[async_trait]
impl Channel for Switch {
    fn name(&self) -> ChannelName {
        self.name.clone()
    }

    fn limits(&self) -> Limits {
        self.limits
    }

    fn is_connected(&self) -> bool {
        self.adapter().is_some_and(|adapter| adapter.is_connected())
    }

    fn serves(&self, chat: &str) -> bool {
        self.adapter().is_some_and(|adapter| adapter.serves(chat))
    }

    fn accounts(&self) -> Vec<String> {
        self.adapter().map(|adapter| adapter.accounts()).unwrap_or_default()
    }

    fn only_chat(&self) -> Option<String> {
        self.adapter().and_then(|adapter| adapter.only_chat())
    }

    fn takes_webhooks(&self) -> bool {
        self.adapter().is_some_and(|adapter| adapter.takes_webhooks())
    }

    fn handshake(&self, query: &[(String, String)]) -> Option<String> {
        self.adapter()?.handshake(query)
    }

    fn receive(&self, request: &WebhookRequest) -> Result<Vec<ChannelEvent>, WebhookError> {
        self.adapter().ok_or(WebhookError::Unsigned)?.receive(request)
    }

    async fn listen(&self, sink: Arc<dyn Sink>, stop: CancellationToken) {
        if let Some(adapter) = self.adapter() {
            adapter.listen(sink, stop).await;
        }
    }

    async fn attend(&self, account: &str, to: &Address, thread: &Value) {
        if let Some(adapter) = self.adapter() {
            adapter.attend(account, to, thread).await;
        }
    }

    fn uploads_images(&self) -> bool {
        self.adapter().is_some_and(|adapter| adapter.uploads_images())
    }

    async fn send(&self, send: Send<'_>) -> Result<Receipt, CallError> {
        self.connected()?.send(send).await
    }

    async fn fetch(&self, account: &str, file: &FileRef, max_bytes: usize) -> Result<Image, CallError> {
        self.connected()?.fetch(account, file, max_bytes).await
    }

    async fn test(&self, account: &str) -> Result<String, CallError> {
        self.connected()?.test(account).await
    }
}
