//! The Graph API of WhatsApp, on loopback.
//!
//! Rules: Meta's pages on messages, media, error codes and webhooks, and its OpenAPI for the Cloud API. What the pages
//! leave open (how texts are counted, which code a refusal has) is taken in its stricter reading.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{Fault, Person, Platform, Recorded, Shown};
use crate::domain::message::{Content, FileRef};
use crate::edge::webhook::WebhookRequest;

mod chats;
mod files;
mod interactive;
mod refusal;
mod rules;
mod server;
#[cfg(test)]
mod tests;
mod webhooks;

/// The version of the Graph API that is spoken.
const VERSION: &str = "v23.0";
/// The shop's number as people read it.
const DISPLAY_NUMBER: &str = "+62 811-0000-0001";
/// The number of the shop and its credentials, where nobody says others.
const NUMBER: &str = "100200300400500";
const ACCESS_TOKEN: &str = "scripted-access-token";
const APP_SECRET: &str = "scripted-app-secret";
const VERIFY_TOKEN: &str = "scripted-verify-token";
/// The shop's name at the platform.
const VERIFIED_NAME: &str = "Warung";
/// The moment at the platform when nobody has set one: messages need a time stamp.
const SOME_MOMENT: i64 = 1_780_000_000;

/// The platform.
#[derive(Debug)]
pub struct Fake {
    app_secret: String,
    verify_token: String,
    access_token: String,
    phone_number_id: String,
    host: String,
    state: Mutex<State>,
    stop: CancellationToken,
    serving: Mutex<Option<JoinHandle<()>>>,
}

/// What the platform knows.
#[derive(Debug, Default)]
struct State {
    /// The last number that was given to anything.
    last_id: u64,
    /// Its clock. While nobody has set it, no window shuts and no pair is too fast.
    now: Option<DateTime<Utc>>,
    recorded: Vec<Recorded>,
    shown: BTreeMap<String, Vec<Shown>>,
    /// What can be pressed in a chat, by its data: of which kind it is, and its words.
    pressable: BTreeMap<(String, String), (chats::Pressable, String)>,
    reports: Vec<WebhookRequest>,
    /// Whether reports come doubled and in the wrong order.
    disorder: bool,
    faults: Vec<(String, Fault)>,
    files: BTreeMap<String, files::File>,
    /// The next address of a file that is given out has lapsed already.
    lapse_next_address: bool,
    /// Ids of messages that people sent, with when.
    heard: BTreeMap<String, DateTime<Utc>>,
    /// When people last wrote.
    last_heard: BTreeMap<String, DateTime<Utc>>,
    /// Ids of messages that were marked as read.
    read: BTreeSet<String>,
    /// Approved templates, by name and language: the body, and the words on quick-reply buttons.
    templates: BTreeMap<(String, String), (String, Vec<String>)>,
    /// Whether the rate of one message in six seconds is enforced.
    pair_rate: bool,
    /// When messages of a chat are used up again, for the pair rate.
    pairs: BTreeMap<String, DateTime<Utc>>,
}

impl State {
    fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    fn moment(&self) -> DateTime<Utc> {
        self.now.unwrap_or_else(|| DateTime::from_timestamp(SOME_MOMENT, 0).unwrap_or_default())
    }

    /// The next fault of a chat, which is used up by this.
    fn take_fault(&mut self, chat: &str) -> Option<Fault> {
        let at = self.faults.iter().position(|(of, _)| of == chat)?;
        Some(self.faults.remove(at).1)
    }
}

/// A chat as the platform knows it: an id as it is, a number as digits.
fn chat_key(chat: &str) -> String {
    let digits: String = chat.chars().filter(char::is_ascii_digit).collect();
    let is_number = !digits.is_empty() && chat.chars().all(|c| c.is_ascii_digit() || "+ -()".contains(c));
    if is_number { digits } else { chat.to_owned() }
}

impl Fake {
    /// Starts with a number of its own.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn open() -> Result<Arc<Self>, std::io::Error> {
        Self::start(APP_SECRET, VERIFY_TOKEN, ACCESS_TOKEN, NUMBER).await
    }

    /// Starts to serve one number of one app on a port of its own.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start(
        app_secret: &str,
        verify_token: &str,
        access_token: &str,
        phone_number_id: &str,
    ) -> Result<Arc<Self>, std::io::Error> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let host = format!("http://{}", listener.local_addr()?);
        let fake = Arc::new(Self {
            app_secret: app_secret.to_owned(),
            verify_token: verify_token.to_owned(),
            access_token: access_token.to_owned(),
            phone_number_id: phone_number_id.to_owned(),
            host,
            state: Mutex::default(),
            stop: CancellationToken::new(),
            serving: Mutex::default(),
        });
        let serving = tokio::spawn(server::serve(Arc::clone(&fake), listener));
        *fake.serving.lock().unwrap_or_else(PoisonError::into_inner) = Some(serving);
        Ok(fake)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets the platform's clock. From then on a chat takes free messages only for 24 hours after it was
    /// [told](Platform::told) from.
    pub fn set_now(&self, now: DateTime<Utc>) {
        self.lock().now = Some(now);
    }

    /// Enforces one message in six seconds on average to one person, in bursts of at most 45. Needs a clock.
    pub fn enforce_pair_rate(&self) {
        self.lock().pair_rate = true;
    }

    /// Approves a template with quick-reply buttons. `{{1}}`, `{{2}}` … in the body are its parameters.
    pub fn approve(&self, name: &str, language: &str, body: &str, buttons: &[&str]) {
        let buttons = buttons.iter().map(|words| (*words).to_owned()).collect();
        let key = (name.to_owned(), language.to_owned());
        self.lock().templates.insert(key, (body.to_owned(), buttons));
    }

    /// Keeps a file that somebody will have sent.
    pub fn keep_file(&self, id: &str, mime: &str, bytes: &[u8]) {
        let mut state = self.lock();
        let file = files::File::new(mime, bytes.to_vec(), state.moment(), false);
        state.files.insert(id.to_owned(), file);
    }

    /// The next address of a file has lapsed when it is used, as after five minutes.
    pub fn lapse_next_address(&self) {
        self.lock().lapse_next_address = true;
    }

    /// Reports come doubled and newest first from now on.
    pub fn disorder_reports(&self) {
        self.lock().disorder = true;
    }

    /// Whether a message that somebody sent, by the id given to [`Platform::told`], was marked as read.
    pub fn is_read(&self, id: &str) -> bool {
        self.lock().read.contains(&webhooks::wamid_of(id))
    }

    /// The query of the request by which the platform asks who owns a webhook address.
    pub fn handshake(&self, challenge: &str) -> Vec<(String, String)> {
        [("hub.mode", "subscribe"), ("hub.challenge", challenge), ("hub.verify_token", &self.verify_token)]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec()
    }
}

#[async_trait]
impl Platform for Fake {
    fn name(&self) -> &'static str {
        "whatsapp"
    }

    fn url(&self) -> String {
        format!("{}/{VERSION}", self.host)
    }

    fn settings(&self) -> Vec<(&'static str, String)> {
        vec![
            ("WHATSAPP_PHONE_NUMBER_ID", self.phone_number_id.clone()),
            ("WHATSAPP_ACCESS_TOKEN", self.access_token.clone()),
            ("WHATSAPP_APP_SECRET", self.app_secret.clone()),
            ("WHATSAPP_VERIFY_TOKEN", self.verify_token.clone()),
            ("WHATSAPP_API_URL", self.url()),
        ]
    }

    /// The phone number, and the platform's own user id for somebody whose number it does not tell.
    fn chat_of(&self, name: &str, phone: Option<&str>) -> String {
        match phone {
            Some(phone) => phone.chars().filter(char::is_ascii_digit).collect(),
            None => format!("ID.{}", &hex::encode(Sha256::digest(name.as_bytes()))[..24]),
        }
    }

    fn keep(&self, mime: &str, bytes: Vec<u8>) -> FileRef {
        // Ids of files are digits.
        let id = format!("8{}", self.lock().next_id());
        self.keep_file(&id, mime, &bytes);
        FileRef { id, mime: Some(mime.to_owned()), size_bytes: None }
    }

    fn told(&self, person: &Person, id: &str, content: &Content) -> WebhookRequest {
        self.tell(person, id, content)
    }

    fn take_shown(&self, chat: &str) -> Vec<Shown> {
        self.lock().shown.remove(&chat_key(chat)).unwrap_or_default()
    }

    fn take_reports(&self) -> Vec<WebhookRequest> {
        let mut state = self.lock();
        let mut reports = std::mem::take(&mut state.reports);
        if state.disorder {
            reports = reports.into_iter().rev().flat_map(|report| [report.clone(), report]).collect();
        }
        reports
    }

    fn arm(&self, chat: &str, fault: Fault) {
        self.lock().faults.push((chat_key(chat), fault));
    }

    fn recorded(&self) -> Vec<Recorded> {
        self.lock().recorded.clone()
    }

    async fn stop(&self) {
        self.stop.cancel();
        let serving = self.serving.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(serving) = serving {
            // A connection that a client keeps open would hold the end up; the listener is closed either way.
            serving.abort();
            let _ = serving.await;
        }
    }
}
