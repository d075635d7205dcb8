//! A Bot API on loopback (core.telegram.org/bots/api): the methods that the shop calls, with their limits and the words
//! of their errors, long polling, the webhook's requests, and faults.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use std::time::Duration;

use async_trait::async_trait;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::domain::message::{Content, FileRef};
use crate::edge::webhook::WebhookRequest;

use super::{Fault, Person, Platform, Recorded, Shown};
use server::Desk;
use state::State;
use wire::{Cut, Door};

mod html;
mod methods;
mod rules;
mod server;
mod state;
mod updates;
mod wire;

#[cfg(test)]
mod tests;

/// The secret that webhook requests carry until `setWebhook` says another.
pub const WEBHOOK_SECRET: &str = "fake-webhook-secret";
/// The token of the shop's bot, where nobody says another.
const TOKEN: &str = "7000000001:AAscripted-conversations-only";
/// The bot's user name.
pub const USERNAME: &str = "warung_fake_bot";

/// The platform.
#[derive(Debug)]
pub struct Fake {
    url: String,
    desk: Arc<Desk>,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Fake {
    /// Starts with a bot of its own.
    ///
    /// # Errors
    /// When no port of loopback can be had.
    pub async fn open() -> Result<Arc<Self>, io::Error> {
        Self::start(TOKEN).await
    }

    /// Starts a platform that knows one bot, by its token (`123:abc`).
    ///
    /// # Errors
    /// When no port of loopback can be had.
    pub async fn start(token: &str) -> Result<Arc<Self>, io::Error> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let bot_id = token.split(':').next().and_then(|id| id.parse().ok()).unwrap_or(1);
        let state = State::new(USERNAME, WEBHOOK_SECRET);
        let desk = Arc::new(Desk {
            token: token.to_owned(),
            bot_id,
            state: Mutex::new(state),
            changed: tokio::sync::Notify::new(),
            is_stopped: AtomicBool::new(false),
        });
        let service = server::router(Arc::clone(&desk)).into_make_service_with_connect_info::<Cut>();
        let task = tokio::spawn(async move {
            // Serving ends with the task and not before.
            let _ = axum::serve(Door(listener), service).await;
        });
        Ok(Arc::new(Self { url, desk, task: Mutex::new(Some(task)) }))
    }

    /// The update by which the platform tells of what a person does; the same `id` gives the same one. A chat that is
    /// no number gets one, see [`Fake::chat_id`]; a negative one is a group.
    pub fn update(&self, person: &Person, id: &str, content: &Content) -> Value {
        updates::update(&mut self.desk.lock(), self.desk.bot_id, person, id, content)
    }

    /// Lets an update wait until it is asked for, as in polling; its id.
    pub fn queue(&self, person: &Person, id: &str, content: &Content) -> i64 {
        let update = self.update(person, id, content);
        self.queue_raw(update)
    }

    /// The same for an update that the caller wrote; one without an id gets one.
    pub fn queue_raw(&self, mut update: Value) -> i64 {
        let update_id = {
            let mut state = self.desk.lock();
            let update_id = match update.get("update_id").and_then(Value::as_i64) {
                Some(update_id) => update_id,
                None => state.next_update_id(),
            };
            if update.is_object() {
                update["update_id"] = update_id.into();
            }
            state.updates.insert(update_id, update);
            update_id
        };
        self.desk.changed.notify_waiters();
        update_id
    }

    /// Lets an update wait of which the platform tells in these very bytes, JSON or not; they name no other id.
    pub fn queue_bytes(&self, bytes: impl FnOnce(i64) -> Vec<u8>) -> i64 {
        let update_id = {
            let mut state = self.desk.lock();
            let update_id = state.next_update_id();
            state.garbled.insert(update_id, bytes(update_id));
            update_id
        };
        self.queue_raw(serde_json::json!({ "update_id": update_id }))
    }

    /// Makes the next answer to a pressed button fail.
    pub fn arm_answer(&self, fault: Fault) {
        self.desk.lock().answer_faults.push_back(fault);
    }

    /// How many updates have not been confirmed by an offset.
    pub fn waiting(&self) -> usize {
        self.desk.lock().updates.len()
    }

    /// How many long polls wait for an update.
    pub fn polls(&self) -> u32 {
        self.desk.lock().polls_waiting
    }

    /// The address that `setWebhook` gave.
    pub fn webhook(&self) -> Option<String> {
        self.desk.lock().webhook.clone()
    }

    /// The queries of pressed buttons that were answered, oldest first.
    pub fn answered(&self) -> Vec<String> {
        self.desk.lock().answered.clone()
    }

    /// The commands of a language; those of everybody under the empty one.
    pub fn commands(&self, language: &str) -> Option<Value> {
        self.desk.lock().commands.get(language).cloned()
    }

    /// Refuses the next send to a chat with words of the platform's (`Bad Request: …`), whatever it holds.
    pub fn refuse(&self, chat: &str, description: &str) {
        let chat = state::chat_id(chat);
        self.desk.lock().refusals.entry(chat).or_default().push_back(description.to_owned());
    }

    /// Gives a group another id, as happens when it becomes a supergroup.
    pub fn migrate(&self, from: i64, to: i64) {
        self.desk.lock().moved.insert(from, to);
    }

    /// Puts a file where people can send it from; its id.
    pub fn keep_file(&self, bytes: Vec<u8>) -> String {
        self.desk.lock().keep(bytes)
    }

    /// Makes the bytes of every file begin only after this long.
    pub fn slow_files(&self, wait: Duration) {
        self.desk.lock().slow_files = wait;
    }

    /// Forgets a file, so that its id is no longer good.
    pub fn forget_file(&self, id: &str) {
        self.desk.lock().files.remove(id);
    }

    /// The number of a chat in the platform's eyes.
    pub fn chat_id(chat: &str) -> i64 {
        state::chat_id(chat)
    }
}

#[async_trait]
impl Platform for Fake {
    fn name(&self) -> &'static str {
        "telegram"
    }

    fn url(&self) -> String {
        self.url.clone()
    }

    /// A bot with a webhook; whoever wants to be polled leaves the mode out.
    fn settings(&self) -> Vec<(&'static str, String)> {
        vec![
            ("TELEGRAM_BOT_TOKEN", self.desk.token.clone()),
            ("TELEGRAM_MODE", "webhook".to_owned()),
            ("TELEGRAM_WEBHOOK_SECRET", self.desk.lock().secret.clone()),
            ("TELEGRAM_API_URL", self.url()),
        ]
    }

    fn chat_of(&self, name: &str, _phone: Option<&str>) -> String {
        super::number_of(name)
    }

    fn keep(&self, mime: &str, bytes: Vec<u8>) -> FileRef {
        FileRef { id: self.keep_file(bytes), mime: Some(mime.to_owned()), size_bytes: None }
    }

    fn told(&self, person: &Person, id: &str, content: &Content) -> WebhookRequest {
        let update = self.update(person, id, content);
        let secret = self.desk.lock().secret.clone();
        WebhookRequest {
            headers: vec![
                ("content-type".to_owned(), "application/json".to_owned()),
                ("x-telegram-bot-api-secret-token".to_owned(), secret),
            ],
            body: update.to_string().into_bytes(),
        }
    }

    fn take_shown(&self, chat: &str) -> Vec<Shown> {
        self.desk.lock().shown.remove(&state::chat_id(chat)).unwrap_or_default()
    }

    fn arm(&self, chat: &str, fault: Fault) {
        self.desk.lock().faults.entry(state::chat_id(chat)).or_default().push_back(fault);
    }

    fn recorded(&self) -> Vec<Recorded> {
        self.desk.lock().recorded.clone()
    }

    async fn stop(&self) {
        self.desk.is_stopped.store(true, Ordering::SeqCst);
        let task = self.task.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(task) = task {
            task.abort();
            let _ = task.await;
        }
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        let task = self.task.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(task) = task {
            task.abort();
        }
    }
}
