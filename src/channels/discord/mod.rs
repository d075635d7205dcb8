//! Discord: direct messages, slash commands, buttons and forms, over the platform's gateway.
//!
//! Sources are pages of the platform's own documentation, `discord/discord-api-docs`, named by file.
//!
//! What is serenity's here and what is not: messages, components, forms and commands are built with its builders, and
//! its intents, operation and close codes are used at the gateway. Its shard is not used. It keeps the raw JSON to
//! itself, and an event with one field that it cannot type is dropped, written into the log with everything that was
//! said in it, and not counted in the sequence; an interaction would then never be acknowledged. The connection is
//! therefore read with the WebSocket library that serenity itself stands on.

pub mod account;
pub mod commands;
mod compose;
mod files;
mod gateway;
mod interaction;
mod limiter;
mod listen;
mod markdown;
mod memory;
mod missed;
mod problem;
mod receive;
mod rest;
mod send;
mod settings;
#[cfg(test)]
mod tests;
mod wire;

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use reqwest::Method;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::domain::message::{Address, ChannelEvent, FileRef};
use crate::edge::webhook::{WebhookError, WebhookRequest};
use crate::edge::{CallError, json};

use super::abilities::Announcement;
use super::registry::Platform;
use super::{
    Abilities, Announce, Attend, Channel, ChannelSpec, Fetch, Image, Limits, Listen, PeoplesFiles, Probe,
    Receipt, Send, Sink, spec,
};

pub use self::account::Account;
pub use self::commands::{Command, CommandOption, Words};

use self::interaction::{Thread, Waiting};
use self::limiter::Route;
use self::receive::Hearer;
use self::rest::{Body, Rest};
use self::send::Sender;

/// The channel's name.
pub const NAME: &str = "discord";
/// Where the platform is.
pub const API_URL: &str = "https://discord.com/api/v10";
/// Bytes of a dispatch that are read; the gateway's own messages are smaller.
const MAX_DISPATCH_BYTES: usize = 4 * 1024 * 1024;

/// What the platform allows. Longer texts become several messages; ten choices are two rows of five buttons.
pub const LIMITS: Limits = Limits {
    text_chars: compose::CONTENT_UNITS,
    caption_chars: compose::DESCRIPTION_UNITS,
    buttons: 10,
    button_chars: compose::LABEL_UNITS,
    list_rows: 10,
    list_row_chars: compose::LABEL_UNITS,
    data_bytes: compose::DATA_UNITS,
};

/// What the platform is. Events come over the gateway alone: a request to a webhook would be a stranger's.
pub const SPEC: ChannelSpec = ChannelSpec {
    name: NAME,
    limits: LIMITS,
    has_ids_of_accounts: false,
    is_person_id: spec::nobody,
    reports_deliveries: false,
    uploads_files: true,
    peoples_files: PeoplesFiles::AtThePlatform,
    takes_webhooks: false,
};

/// The platform's line in the registry.
pub const PLATFORM: Platform = Platform {
    spec: &SPEC,
    settings: settings::NAMES,
    api_url: settings::API_URL,
    account: settings::account,
    id_of: |account| Account::read(account).map(|account| account.id().to_owned()),
    open: |accounts, api_url| {
        let accounts = super::registry::read_all(accounts, Account::read)?;
        Ok(Arc::new(Discord::new(accounts, api_url)?))
    },
};

/// An account with what the platform told about it since.
#[derive(Debug)]
struct Bot {
    account: Account,
    /// The bot's user id and the application's, once the gateway told them.
    told: Mutex<Told>,
}

/// What the gateway tells when it lets a bot in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Told {
    user_id: Option<String>,
    application_id: Option<String>,
}

impl Bot {
    fn told(&self) -> Told {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn tell(&self, told: Told) {
        *self.told.lock().unwrap_or_else(PoisonError::into_inner) = told;
    }

    fn hearer(&self) -> Hearer {
        Hearer { account: self.account.id().to_owned(), user_id: self.told().user_id }
    }
}

/// The channel, with the bots of any number of shops.
#[derive(Debug, Clone)]
pub struct Discord {
    bots: Arc<[Arc<Bot>]>,
    sender: Arc<Sender>,
}

impl Discord {
    /// The channel at an address; [`API_URL`] is the platform's own.
    ///
    /// # Errors
    /// [`CallError::Fail`] when the address is none.
    pub fn new(accounts: Vec<Account>, api_url: &str) -> Result<Self, CallError> {
        let mut bots: Vec<Arc<Bot>> = Vec::new();
        for account in accounts {
            if bots.iter().all(|bot| bot.account.id() != account.id()) {
                bots.push(Arc::new(Bot { account, told: Mutex::default() }));
            }
        }
        Ok(Self { bots: bots.into(), sender: Arc::new(Sender::new(Rest::new(api_url)?)) })
    }

    fn bot(&self, account: &str) -> Result<&Arc<Bot>, CallError> {
        match &*self.bots {
            [only] if account.is_empty() => Ok(only),
            bots => bots.iter().find(|bot| bot.account.id() == account).ok_or_else(|| CallError::Fail {
                reason: "no Discord account of that id is connected".to_owned(),
            }),
        }
    }

    /// Whose dispatch it is: an interaction names its application; anything else is the only bot's.
    fn hearer(&self, dispatch: &Value) -> Option<&Arc<Bot>> {
        let named = dispatch.get("d").and_then(|data| wire::id(data.get("application_id")));
        let named = named.and_then(|id| {
            self.bots
                .iter()
                .find(|bot| bot.account.id() == id || bot.told().application_id.as_ref() == Some(&id))
        });
        match &*self.bots {
            [only] => Some(named.unwrap_or(only)),
            _ => named,
        }
    }
}

#[async_trait]
impl Channel for Discord {
    fn spec(&self) -> &'static ChannelSpec {
        &SPEC
    }

    fn accounts(&self) -> Vec<String> {
        self.bots.iter().map(|bot| bot.account.id().to_owned()).collect()
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
            point: None,
        }
    }

    /// Reads one dispatch of the gateway. The platform signs none: they come over a connection that the bot's token
    /// opened. No route of the web leads here.
    fn receive(&self, request: &WebhookRequest) -> Result<Vec<ChannelEvent>, WebhookError> {
        let malformed = |what: &str| WebhookError::Malformed(what.to_owned());
        if request.body.len() > MAX_DISPATCH_BYTES {
            return Err(malformed("the dispatch is too long"));
        }
        let dispatch = json::parse(&request.body)?;
        if !dispatch.is_object() {
            return Err(malformed("a dispatch is an object"));
        }
        let bot = self.hearer(&dispatch).ok_or_else(|| malformed("no Discord account is meant"))?;
        Ok(receive::dispatch(&bot.hearer(), &dispatch).events)
    }

    async fn send(&self, send: Send<'_>) -> Result<Receipt, CallError> {
        self.sender.rest().pulse().follow(send.now, send.is_clock_fixed);
        self.sender.send(&self.bot(send.account)?.account, &send).await
    }
}

#[async_trait]
impl Listen for Discord {
    async fn listen(&self, sink: Arc<dyn Sink>, stop: CancellationToken) {
        let listeners = self.bots.iter().map(|bot| {
            listen::listen(Arc::clone(bot), Arc::clone(&self.sender), Arc::clone(&sink), stop.clone())
        });
        futures::future::join_all(listeners).await;
    }
}

#[async_trait]
impl Attend for Discord {
    async fn attend(&self, account: &str, _to: &Address, thread: &Value) {
        // Failures are nobody's news: an answer comes all the same.
        if let Some(thread) = Thread::read(thread) {
            let response = thread.first_response();
            let waiting = Waiting { id: thread.interaction_id, token: thread.token, response };
            let _ = self.sender.acknowledge(&waiting).await;
        } else if let (Ok(bot), Some(channel_id)) = (self.bot(account), wire::id(thread.get("channel_id"))) {
            let _ = self.sender.typing(&bot.account, &channel_id).await;
        }
    }
}

#[async_trait]
impl Fetch for Discord {
    async fn fetch(&self, account: &str, file: &FileRef, max_bytes: usize) -> Result<Image, CallError> {
        self.bot(account)?;
        files::fetch(self.sender.rest(), file, max_bytes).await
    }
}

#[async_trait]
impl Announce for Discord {
    fn is_called(&self, _account: &str) -> bool {
        false
    }

    async fn announce(&self, account: &str, announcement: &Announcement) -> Result<(), CallError> {
        let commands: Vec<Command> = announcement.commands.iter().map(Command::of).collect();
        self.register_commands(account, &commands).await
    }

    /// It ends with the connection.
    async fn withdraw(&self, _account: &str) -> Result<(), CallError> {
        Ok(())
    }
}

#[async_trait]
impl Probe for Discord {
    async fn test(&self, account: &str) -> Result<String, CallError> {
        let account = &self.bot(account)?.account;
        let route = Route::plain("/users/@me");
        let me = self.sender.rest().call(Some(account), Method::GET, route, Body::Empty).await?;
        Ok(wire::field(me.get("username")).unwrap_or_else(|| account.id().to_owned()))
    }
}
