//! Telegram's channel (Bot API 10.x, core.telegram.org/bots/api): long polling or a webhook in, calls out.
//!
//! Of teloxide the payload's types and its HTML helpers are used. Its dispatcher and listeners are not: they confirm an
//! update before it is stored. Nor are its requests: they wait ten seconds inside every answer of 5xx, and drop the
//! code of an error, by which a blocked bot is told from a mistake of ours. The calls are made here, with `reqwest`.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use subtle::ConstantTimeEq;
use teloxide::types::BotCommand;
use tokio_util::sync::CancellationToken;

use crate::domain::message::{Address, ChannelEvent, FileRef};
use crate::edge::webhook::{WebhookError, WebhookRequest};
use crate::edge::{self, CallError};

use super::abilities::Announcement;
use super::registry::Platform;
use super::{
    Abilities, Announce, Attend, Channel, ChannelSpec, Fetch, Image, Limits, Listen, PeoplesFiles, Point,
    Pointer, Probe, Receipt, Send, Sink, measure, spec,
};
use addressed::Bot;
use client::{Client, Trouble};
use memory::Memory;
use pace::Pace;

pub use account::Account;

mod account;
mod addressed;
mod attend;
mod client;
mod compose;
mod errors;
mod files;
mod keys;
mod listen;
mod memory;
mod pace;
mod receive;
mod send;
mod settings;
mod wire;
mod words;

#[cfg(test)]
mod tests;

/// The channel's name.
pub const NAME: &str = "telegram";
/// Where the Bot API is, unless a setting says otherwise.
pub const API_URL: &str = "https://api.telegram.org";
/// What Telegram allows, as far as messages here need it: up to ten choices, all of them as buttons.
pub const LIMITS: Limits = Limits {
    text_chars: words::MAX_TEXT_UNITS,
    caption_chars: words::MAX_CAPTION_UNITS,
    buttons: 10,
    button_chars: keys::MAX_LABEL_CHARS,
    list_rows: 10,
    list_row_chars: keys::MAX_LABEL_CHARS,
    data_bytes: 64,
};

/// What the platform is.
pub const SPEC: ChannelSpec = ChannelSpec {
    name: NAME,
    limits: LIMITS,
    has_ids_of_accounts: false,
    is_person_id: spec::nobody,
    reports_deliveries: false,
    uploads_files: true,
    peoples_files: PeoplesFiles::AtThePlatform,
    takes_webhooks: true,
};

/// The platform's line in the registry.
pub const PLATFORM: Platform = Platform {
    spec: &SPEC,
    settings: settings::NAMES,
    api_url: settings::API_URL,
    account: settings::account,
    id_of: |account| Account::read(account).map(|account| account.id()),
    open: |accounts, api_url| {
        let accounts = super::registry::read_all(accounts, Account::read)?;
        Ok(Arc::new(Telegram::new(accounts, api_url)?))
    },
};

/// The header in which a webhook request carries the secret (Bot API, `setWebhook`: `secret_token`), in lower case.
const SECRET_HEADER: &str = "x-telegram-bot-api-secret-token";
/// The kinds of updates that are asked for.
const ALLOWED_UPDATES: &[&str] = &["message", "edited_message", "callback_query"];
/// Connections that Telegram may open to the webhook at once (Bot API, `setWebhook`: 1-100, 40 if not said).
const MAX_CONNECTIONS: u8 = 40;
/// Commands of one language (Bot API, `setMyCommands`).
const MAX_COMMANDS: usize = 100;
/// Characters of a command (Bot API, `BotCommand`).
const MAX_COMMAND_CHARS: usize = 32;
/// Characters of a command's description (Bot API, `BotCommand`).
const MAX_DESCRIPTION_CHARS: usize = 256;

/// A bot and the line to it.
struct Line {
    id: String,
    account: Account,
    client: Client,
    username: RwLock<Option<String>>,
    pace: Pace,
    memory: Memory,
}

impl Line {
    /// Who we are, as far as it is known.
    fn bot(&self) -> Bot {
        let username = self.username.read().unwrap_or_else(PoisonError::into_inner).clone();
        Bot { id: self.id.clone(), username }
    }

    /// Asks Telegram for the bot's name and keeps it.
    async fn learn(&self) -> Result<String, CallError> {
        let me = self.call("getMe", &json!({})).await?;
        let name = wire::text(&me, "username").unwrap_or_default().to_owned();
        *self.username.write().unwrap_or_else(PoisonError::into_inner) = Some(name.clone());
        Ok(name)
    }

    /// A call that nobody waits for in a chat, and that may be repeated without harm.
    async fn call(&self, method: &str, fields: &Value) -> Result<Value, CallError> {
        let called = self.client.call(method, fields).await;
        if let Err(Trouble::Refused(refusal)) = &called
            && let Some(seconds) = refusal.pause_seconds()
        {
            self.pace.pause_all(seconds, self.pace.pulse.now());
        }
        called.map_err(|trouble| errors::harmless(method, &trouble))
    }
}

/// The channel.
pub struct Telegram {
    lines: BTreeMap<String, Arc<Line>>,
}

impl std::fmt::Debug for Telegram {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Telegram")
            .field("accounts", &self.lines.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

impl Telegram {
    /// The channel of these bots. `api_url` is [`API_URL`] or a stand-in.
    ///
    /// # Errors
    /// [`CallError::Fail`] when the address is none.
    pub fn new(accounts: Vec<Account>, api_url: &str) -> Result<Self, CallError> {
        let base = edge::client::base(api_url).ok_or_else(|| CallError::Fail {
            reason: "TELEGRAM_API_URL is not an http or https address".to_owned(),
        })?;
        let http = edge::client::http(&base, |builder| builder)?;
        let lines = accounts.into_iter().map(|account| {
            let line = Line {
                id: account.id(),
                client: Client::new(http.clone(), api_url, account.token.clone()),
                account,
                username: RwLock::default(),
                pace: Pace::default(),
                memory: Memory::default(),
            };
            (line.id.clone(), Arc::new(line))
        });
        Ok(Self { lines: lines.collect() })
    }

    fn line(&self, account: &str) -> Result<&Arc<Line>, CallError> {
        let only = || self.lines.values().next().filter(|_| self.lines.len() == 1);
        let found = if account.is_empty() { only() } else { self.lines.get(account) };
        found.ok_or_else(|| CallError::Fail { reason: "telegram: no such account here".to_owned() })
    }

    /// Tells Telegram to send updates to an address, `https://…/webhooks/telegram`, with the account's secret. What
    /// has arrived before is kept.
    ///
    /// # Errors
    /// [`CallError`]; `Fail` for an account without a secret.
    pub async fn set_webhook(&self, account: &str, url: &str) -> Result<(), CallError> {
        let line = self.line(account)?;
        let Some(secret) = &line.account.webhook_secret else {
            return Err(CallError::Fail {
                reason: "telegram: a webhook needs TELEGRAM_WEBHOOK_SECRET".to_owned(),
            });
        };
        let fields = json!({
            "url": url,
            "secret_token": secret.expose_secret(),
            "allowed_updates": ALLOWED_UPDATES,
            "max_connections": MAX_CONNECTIONS,
            "drop_pending_updates": false,
        });
        line.call("setWebhook", &fields).await.map(|_| ())
    }

    /// Tells Telegram to call no longer. What arrives from then on waits at Telegram for whoever asks next.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn delete_webhook(&self, account: &str) -> Result<(), CallError> {
        let fields = json!({ "drop_pending_updates": false });
        self.line(account)?.call("deleteWebhook", &fields).await.map(|_| ())
    }

    /// Whether Telegram calls for this account; otherwise it is polled.
    pub fn has_webhook(&self, account: &str) -> bool {
        self.line(account).is_ok_and(|line| line.account.webhook_secret.is_some())
    }

    /// Sets the menu of commands, per language: pairs of a command's name and what it does. The entry whose language
    /// is empty, else the first one, is also what people of other languages see.
    ///
    /// # Errors
    /// [`CallError`] of the first call that failed.
    pub async fn register_commands(
        &self,
        account: &str,
        commands: &[(String, Vec<(String, String)>)],
    ) -> Result<(), CallError> {
        let line = self.line(account)?;
        let fallback = commands.iter().find(|(lang, _)| lang.is_empty()).or_else(|| commands.first());
        let named = commands.iter().filter(|(lang, _)| !lang.is_empty());
        // Telegram takes the two letters of ISO 639-1 and nothing behind them.
        let named = named.map(|(lang, list)| (lang.split(['-', '_']).next().unwrap_or_default(), list));
        for (lang, list) in fallback.map(|(_, list)| ("", list)).into_iter().chain(named) {
            let mut fields = json!({ "commands": list_of(list) });
            if lang.len() == 2 {
                fields["language_code"] = lang.to_ascii_lowercase().into();
            } else if !lang.is_empty() {
                continue;
            }
            line.call("setMyCommands", &fields).await?;
        }
        Ok(())
    }
}

/// Commands as Telegram takes them; those that it would refuse are left out.
fn list_of(commands: &[(String, String)]) -> Vec<BotCommand> {
    let fits = |name: &str| {
        (1..=MAX_COMMAND_CHARS).contains(&name.len())
            && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    };
    commands
        .iter()
        .map(|(name, description)| {
            (name.trim_start_matches('/'), measure::line(description, MAX_DESCRIPTION_CHARS))
        })
        .filter(|(name, description)| fits(name) && !words::is_blank(description))
        .map(|(name, description)| BotCommand::new(name, description))
        .take(MAX_COMMANDS)
        .collect()
}

#[async_trait]
impl Channel for Telegram {
    fn spec(&self) -> &'static ChannelSpec {
        &SPEC
    }

    fn accounts(&self) -> Vec<String> {
        self.lines.keys().cloned().collect()
    }

    fn only_chat(&self) -> Option<String> {
        None
    }

    fn abilities(&self) -> Abilities<'_> {
        Abilities {
            listen: Some(self),
            fetch: Some(self),
            attend: Some(self),
            handshake: None,
            announce: Some(self),
            probe: Some(self),
            point: Some(self),
        }
    }

    fn receive(&self, request: &WebhookRequest) -> Result<Vec<ChannelEvent>, WebhookError> {
        let told = request.header(SECRET_HEADER).ok_or(WebhookError::Unsigned)?;
        // Every secret is compared, so that the time tells nothing of which one came close.
        let mut found = None;
        for line in self.lines.values() {
            let secret = line.account.webhook_secret.as_ref();
            let secret = secret.map(ExposeSecret::expose_secret).filter(|secret| !secret.is_empty());
            if secret.is_some_and(|secret| bool::from(secret.as_bytes().ct_eq(told.as_bytes()))) {
                found = Some(line);
            }
        }
        let line = found.ok_or(WebhookError::Unsigned)?;
        let update = edge::json::parse(&request.body)?;
        if !update.is_object() {
            return Err(WebhookError::Malformed("an update is an object".to_owned()));
        }
        Ok(receive::read(&line.bot(), &update).into_iter().collect())
    }

    async fn send(&self, send: Send<'_>) -> Result<Receipt, CallError> {
        let line = self.line(send.account)?;
        line.pace.pulse.follow(send.now, send.is_clock_fixed);
        send::send(line, &send).await
    }
}

#[async_trait]
impl Listen for Telegram {
    async fn listen(&self, sink: Arc<dyn Sink>, stop: CancellationToken) {
        let listeners = self.lines.values().map(|line| async {
            if line.account.webhook_secret.is_some() {
                listen::learn_name(line, &stop).await;
            } else {
                listen::poll(line, sink.as_ref(), &stop).await;
            }
        });
        futures::future::join_all(listeners).await;
    }
}

#[async_trait]
impl Attend for Telegram {
    async fn attend(&self, account: &str, to: &Address, thread: &Value) {
        let Ok(line) = self.line(account) else { return };
        match wire::id(thread, "callback_id") {
            Some(query) => attend::end_press(line, &query).await,
            None => attend::show_typing(line, to, thread).await,
        }
    }
}

#[async_trait]
impl Point for Telegram {
    async fn point(&self, account: &str, group: &Address, thread: &Value, pointer: &Pointer) {
        if let Ok(line) = self.line(account) {
            attend::point(line, group, thread, pointer).await;
        }
    }
}

#[async_trait]
impl Fetch for Telegram {
    async fn fetch(&self, account: &str, file: &FileRef, max_bytes: usize) -> Result<Image, CallError> {
        files::fetch(self.line(account)?, file, max_bytes).await
    }
}

#[async_trait]
impl Announce for Telegram {
    fn is_called(&self, account: &str) -> bool {
        self.has_webhook(account)
    }

    async fn announce(&self, account: &str, announcement: &Announcement) -> Result<(), CallError> {
        let called = match self.has_webhook(account) {
            true => self.set_webhook(account, &announcement.webhook_url).await,
            false => Ok(()),
        };
        // Telegram takes names in small Latin letters alone, so there is one for all languages.
        let commands = announcement.commands.iter().filter(|command| command.field.is_none());
        let mut by_language: Vec<(String, Vec<(String, String)>)> = Vec::new();
        for command in commands {
            for (language, description) in &command.descriptions {
                let code = language.code();
                let at = by_language.iter().position(|(known, _)| known == code).unwrap_or_else(|| {
                    by_language.push((code.to_owned(), Vec::new()));
                    by_language.len() - 1
                });
                by_language[at].1.push((command.name.to_owned(), description.clone()));
            }
        }
        called.and(self.register_commands(account, &by_language).await)
    }

    async fn withdraw(&self, account: &str) -> Result<(), CallError> {
        if self.has_webhook(account) { self.delete_webhook(account).await } else { Ok(()) }
    }
}

#[async_trait]
impl Probe for Telegram {
    async fn test(&self, account: &str) -> Result<String, CallError> {
        self.line(account)?.learn().await.map(|name| format!("@{name}"))
    }
}
