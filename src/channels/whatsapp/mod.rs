//! WhatsApp, by Meta's Cloud API: webhooks in, Graph API out.
//!
//! Rules are quoted from Meta's documentation at the constants that hold them; `docs/whatsapp.md` tells how to go live.

use std::collections::BTreeMap;

use async_trait::async_trait;
use secrecy::ExposeSecret;
use serde_json::Value;
use subtle::ConstantTimeEq;

use super::registry::Platform;
use super::{
    Abilities, Attend, Channel, ChannelSpec, Fetch, Handshake, Image, Limits, PeoplesFiles, Probe, Receipt,
    Send,
};
use crate::domain::message::{Address, ChannelEvent, FileRef};
use crate::edge::CallError;
use crate::edge::webhook::{WebhookError, WebhookRequest};

use self::client::{Client, Failure};
use self::lenient::{text, whole};
use self::memory::Memory;
use self::send::Sending;

pub use self::account::{Account, Template};

mod account;
mod client;
mod content;
mod errors;
mod identity;
mod lenient;
mod memory;
mod plan;
mod receive;
mod send;
mod settings;
mod statuses;
mod template;
#[cfg(test)]
mod tests;
mod wire;
mod words;

/// The channel's name.
pub const NAME: &str = "whatsapp";
/// Bytes of a webhook's body (Meta: 3 MB).
pub const MAX_BODY_BYTES: usize = 3 * 1024 * 1024;
/// Characters of a handshake's challenge that is given back.
const MAX_CHALLENGE_CHARS: usize = 256;

/// What the platform allows. Longer texts are divided; see `plan`.
pub const LIMITS: Limits = Limits {
    text_chars: plan::TEXT_UNITS,
    caption_chars: plan::CAPTION_UNITS,
    buttons: plan::BUTTONS,
    button_chars: plan::BUTTON_UNITS,
    list_rows: plan::ROWS,
    list_row_chars: plan::ROW_UNITS,
    data_bytes: plan::DATA_UNITS,
};

/// What the platform is.
pub const SPEC: ChannelSpec = ChannelSpec {
    name: NAME,
    limits: LIMITS,
    has_ids_of_accounts: true,
    is_person_id: identity::is_user_id,
    reports_deliveries: true,
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
    id_of: |account| Account::read(account).map(|account| account.id().to_owned()),
    open: |accounts, api_url| {
        let accounts = super::registry::read_all(accounts, Account::read)?;
        Ok(std::sync::Arc::new(WhatsApp::new(accounts, api_url)?))
    },
};

/// The channel, with the numbers of several shops.
#[derive(Debug)]
pub struct WhatsApp {
    accounts: BTreeMap<String, Account>,
    client: Client,
    memory: Memory,
}

impl WhatsApp {
    /// The channel for these numbers, by the Graph API at `api_url` (`https://graph.facebook.com/v23.0`).
    ///
    /// # Errors
    /// [`CallError::Fail`] when `api_url` is not an address.
    pub fn new(accounts: Vec<Account>, api_url: &str) -> Result<Self, CallError> {
        let accounts = accounts.into_iter().map(|account| (account.id().to_owned(), account)).collect();
        Ok(Self { accounts, client: Client::new(api_url)?, memory: Memory::default() })
    }

    /// The account of this name, or the only one when it has none.
    fn account(&self, name: &str) -> Result<&Account, CallError> {
        let found = match self.accounts.values().next() {
            Some(only) if name.is_empty() && self.accounts.len() == 1 => Some(only),
            _ => self.accounts.get(name),
        };
        found.ok_or_else(|| CallError::Fail {
            reason: "no WhatsApp account of this phone number id is connected".to_owned(),
        })
    }

    /// Where a file is, and how large.
    async fn locate(&self, account: &Account, file: &FileRef) -> Result<Value, CallError> {
        let is_id = !file.id.is_empty()
            && file.id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
        if !is_id || file.id.starts_with('.') {
            return Err(CallError::Fail { reason: "the file's id is none".to_owned() });
        }
        let query = [("phone_number_id", account.id())];
        self.client.get(account, &file.id, &query).await.map_err(Failure::harmless)
    }
}

#[async_trait]
impl Channel for WhatsApp {
    fn spec(&self) -> &'static ChannelSpec {
        &SPEC
    }

    fn accounts(&self) -> Vec<String> {
        self.accounts.keys().cloned().collect()
    }

    fn only_chat(&self) -> Option<String> {
        None
    }

    fn abilities(&self) -> Abilities<'_> {
        Abilities {
            listen: None,
            fetch: Some(self),
            attend: Some(self),
            handshake: Some(self),
            announce: None,
            probe: Some(self),
            point: None,
        }
    }

    fn receive(&self, request: &WebhookRequest) -> Result<Vec<ChannelEvent>, WebhookError> {
        let received = receive::receive(self.accounts.values(), request)?;
        for (row, part) in received.parts {
            self.memory.note_sent(row, part, None);
        }
        Ok(received.events)
    }

    async fn send(&self, send: Send<'_>) -> Result<Receipt, CallError> {
        let account = self.account(send.account)?;
        Sending { client: &self.client, memory: &self.memory, account, send: &send }.run().await
    }
}

impl Handshake for WhatsApp {
    /// Meta: `hub.mode=subscribe`, our word in `hub.verify_token`, and `hub.challenge`, which goes back as it came.
    fn handshake(&self, query: &[(String, String)]) -> Option<String> {
        let get = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let (token, challenge) = (get("hub.verify_token")?, get("hub.challenge")?);
        let is_ours = self.accounts.values().fold(false, |found, account| {
            let expected = account.verify_token.expose_secret();
            let is_right = !expected.is_empty() && bool::from(expected.as_bytes().ct_eq(token.as_bytes()));
            found | is_right
        });
        let is_sane = !challenge.is_empty()
            && challenge.chars().count() <= MAX_CHALLENGE_CHARS
            && !challenge.chars().any(char::is_control);
        (get("hub.mode") == Some("subscribe") && is_ours && is_sane).then(|| challenge.to_owned())
    }
}

#[async_trait]
impl Attend for WhatsApp {
    async fn attend(&self, account: &str, _to: &Address, thread: &Value) {
        let (Ok(account), Some(message)) = (self.account(account), text(thread, "message_id")) else {
            return;
        };
        let body = wire::reading(&message);
        if let Err(failure) = self.client.post(account, "messages", &body).await {
            tracing::debug!(channel = NAME, error = %failure.error, "a message could not be marked as read");
        }
    }
}

#[async_trait]
impl Fetch for WhatsApp {
    async fn fetch(&self, account: &str, file: &FileRef, max_bytes: usize) -> Result<Image, CallError> {
        let account = self.account(account)?;
        // The address is good for five minutes; when it has gone, a fresh one is asked for, once (Meta, "Media").
        for _ in 0..2 {
            let located = self.locate(account, file).await?;
            let size = whole(&located, "file_size").and_then(|size| usize::try_from(size).ok());
            if size.is_some_and(|size| size > max_bytes) {
                return Err(CallError::Fail { reason: format!("the file is larger than {max_bytes} bytes") });
            }
            let url = text(&located, "url")
                .ok_or_else(|| CallError::Fail { reason: "the platform names no address".to_owned() })?;
            let found = self.client.download(account, &url, max_bytes).await.map_err(Failure::harmless)?;
            if let Some((bytes, kind)) = found {
                let mime = text(&located, "mime_type").or(kind).or_else(|| file.mime.clone());
                return Ok(Image { mime: mime.unwrap_or_default(), bytes, uploaded_id: None });
            }
        }
        Err(CallError::Fail { reason: "the file is gone".to_owned() })
    }
}

#[async_trait]
impl Probe for WhatsApp {
    async fn test(&self, account: &str) -> Result<String, CallError> {
        let account = self.account(account)?;
        let query = [("fields", "display_phone_number,verified_name")];
        let number = self.client.get(account, account.id(), &query).await.map_err(Failure::harmless)?;
        let name = text(&number, "verified_name").unwrap_or_else(|| account.id().to_owned());
        let phone = text(&number, "display_phone_number");
        Ok(phone.map_or_else(|| name.clone(), |phone| format!("{name} ({phone})")))
    }
}
