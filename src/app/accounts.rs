//! The accounts of shops, out of the settings and out of the database, as channels that run.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anyhow::Context as _;
use secrecy::ExposeSecret as _;
use sqlx::PgPool;

use crate::channels::Channel;
use crate::channels::discord::{self, Discord};
use crate::channels::telegram::{self, Telegram};
use crate::channels::whatsapp::{self, WhatsApp};
use crate::config::Settings;
use crate::domain::ids::StoreId;
use crate::domain::message::ChannelName;
use crate::edge::seal::Seal;
use crate::store::{self, accounts::StoredAccount};

/// The platforms of this process.
#[derive(Default)]
pub struct Accounts {
    /// WhatsApp, where a number is connected.
    pub whatsapp: Option<Arc<WhatsApp>>,
    /// Telegram, where a bot is connected.
    pub telegram: Option<Arc<Telegram>>,
    /// Discord, where a bot is connected.
    pub discord: Option<Arc<Discord>>,
    /// The shop of every account.
    pub shops: BTreeMap<(ChannelName, String), StoreId>,
}

/// The accounts of each platform while they are collected.
#[derive(Default)]
struct Collected {
    whatsapp: Vec<whatsapp::Account>,
    telegram: Vec<telegram::Account>,
    discord: Vec<discord::Account>,
    shops: BTreeMap<(ChannelName, String), StoreId>,
}

impl Accounts {
    /// Opens the accounts of the settings, for `store`, and those of the database. One that is in both is the settings'.
    ///
    /// # Errors
    /// One line that says which account is wrong and what to do.
    pub async fn open(settings: &Settings, pool: &PgPool, store: &StoreId) -> Result<Self, anyhow::Error> {
        let mut collected = Collected::default();
        collected.add_settings(settings, store)?;
        let stored = store::accounts::active(&mut *pool.acquire().await?).await?;
        collected.add_database(settings, stored)?;
        collected.open(settings)
    }

    /// Opens the accounts of the settings alone, for a look at them.
    ///
    /// # Errors
    /// As [`Accounts::open`].
    pub fn of_settings_alone(settings: &Settings) -> Result<Self, anyhow::Error> {
        let mut collected = Collected::default();
        collected.add_settings(settings, &settings.store.as_str().into())?;
        collected.open(settings)
    }

    /// Opens one account, for a look at it.
    ///
    /// # Errors
    /// As [`Accounts::open`].
    pub fn of_one(
        settings: &Settings,
        channel: &str,
        account: &serde_json::Value,
    ) -> Result<Self, anyhow::Error> {
        let mut collected = Collected::default();
        collected.add(channel, account, settings.store.as_str().into()).map_err(anyhow::Error::msg)?;
        collected.open(settings)
    }

    /// Lets go of the platforms that are not named.
    pub fn keep_only(&mut self, channels: &BTreeSet<ChannelName>) {
        let is_kept = |name: &str| channels.contains(&ChannelName::from(name));
        self.whatsapp = self.whatsapp.take().filter(|_| is_kept(whatsapp::NAME));
        self.telegram = self.telegram.take().filter(|_| is_kept(telegram::NAME));
        self.discord = self.discord.take().filter(|_| is_kept(discord::NAME));
        self.shops.retain(|(channel, _), _| channels.contains(channel));
    }

    /// The platforms as channels.
    pub fn channels(&self) -> Vec<Arc<dyn Channel>> {
        let whatsapp = self.whatsapp.clone().map(|channel| channel as Arc<dyn Channel>);
        let telegram = self.telegram.clone().map(|channel| channel as Arc<dyn Channel>);
        let discord = self.discord.clone().map(|channel| channel as Arc<dyn Channel>);
        [whatsapp, telegram, discord].into_iter().flatten().collect()
    }
}

fn none_if_empty<T>(accounts: Vec<T>) -> Option<Vec<T>> {
    (!accounts.is_empty()).then_some(accounts)
}

impl Collected {
    fn open(self, settings: &Settings) -> Result<Accounts, anyhow::Error> {
        let Collected { whatsapp, telegram, discord, shops } = self;
        Ok(Accounts {
            whatsapp: none_if_empty(whatsapp)
                .map(|accounts| WhatsApp::new(accounts, &settings.whatsapp_api_url))
                .transpose()?
                .map(Arc::new),
            telegram: none_if_empty(telegram)
                .map(|accounts| Telegram::new(accounts, &settings.telegram_api_url))
                .transpose()?
                .map(Arc::new),
            discord: none_if_empty(discord)
                .map(|accounts| Discord::new(accounts, &settings.discord_api_url))
                .transpose()?
                .map(Arc::new),
            shops,
        })
    }

    fn add_settings(&mut self, settings: &Settings, store: &StoreId) -> Result<(), anyhow::Error> {
        for (channel, account) in of_settings(settings) {
            self.add(channel, &account, store.clone()).map_err(anyhow::Error::msg)?;
        }
        Ok(())
    }

    fn add_database(&mut self, settings: &Settings, stored: Vec<StoredAccount>) -> Result<(), anyhow::Error> {
        let own: BTreeSet<(ChannelName, String)> = self.shops.keys().cloned().collect();
        for account in stored {
            let key = (ChannelName::from(account.channel.as_str()), account.external_id.clone());
            if own.contains(&key) {
                continue;
            }
            let what = format!("the {} account {} of {}", account.channel, account.external_id, account.slug);
            let opened =
                open_settings(settings, &account).with_context(|| format!("{what} cannot be opened"))?;
            self.add(&account.channel, &opened, account.store)
                .map_err(|error| anyhow::anyhow!("{what}: {error}; connect it again"))?;
        }
        Ok(())
    }

    fn add(&mut self, channel: &str, account: &serde_json::Value, store: StoreId) -> Result<(), String> {
        let id = match channel {
            whatsapp::NAME => {
                let account = whatsapp::Account::read(account)?;
                let id = account.id().to_string();
                self.whatsapp.push(account);
                id
            }
            telegram::NAME => {
                let account = telegram::Account::read(account)?;
                let id = account.id().to_string();
                self.telegram.push(account);
                id
            }
            discord::NAME => {
                let account = discord::Account::read(account)?;
                let id = account.id().to_string();
                self.discord.push(account);
                id
            }
            other => return Err(format!("there is no channel {other}")),
        };
        self.shops.insert((channel.into(), id), store);
        Ok(())
    }
}

/// The accounts that the settings describe, by channel, in the form in which accounts are kept.
pub fn of_settings(settings: &Settings) -> Vec<(&'static str, serde_json::Value)> {
    let mut accounts = Vec::new();
    if let Some(own) = &settings.whatsapp {
        let account = serde_json::json!({
            "phone_number_id": own.phone_number_id,
            "access_token": own.access_token.expose_secret(),
            "app_secret": own.app_secret.expose_secret(),
            "verify_token": own.verify_token.expose_secret(),
            "templates": own.templates,
        });
        accounts.push((whatsapp::NAME, account));
    }
    if let Some(own) = &settings.telegram {
        let secret = own.webhook_secret.as_ref().map(|secret| secret.expose_secret());
        let account = serde_json::json!({ "token": own.token.expose_secret(), "webhook_secret": secret });
        accounts.push((telegram::NAME, account));
    }
    if let Some(own) = &settings.discord {
        let account = serde_json::json!({ "bot_token": own.token.expose_secret(), "guild_id": own.guild_id });
        accounts.push((discord::NAME, account));
    }
    accounts
}

/// What a sealed account is sealed for: it opens in no other row.
fn place(channel: &str, external_id: &str) -> String {
    format!("{channel}:{external_id}")
}

/// An account sealed for its row.
///
/// # Errors
/// One line that says what to do when there is no key.
pub fn seal_settings(
    settings: &Settings,
    channel: &str,
    external_id: &str,
    account: &serde_json::Value,
) -> Result<serde_json::Value, anyhow::Error> {
    let sealed = seal(settings)?.seal(&place(channel, external_id), &account.to_string())?;
    Ok(serde_json::json!({ "sealed": sealed }))
}

fn open_settings(settings: &Settings, stored: &StoredAccount) -> Result<serde_json::Value, anyhow::Error> {
    let sealed = stored.settings.as_ref().and_then(|settings| settings["sealed"].as_str());
    let sealed = sealed.context("its credentials are gone; connect it again")?;
    let opened = seal(settings)?.open(&place(&stored.channel, &stored.external_id), sealed).context(
        "WARUNG_SECRET_KEY is not the key that it was sealed with; set that one, or connect it again",
    )?;
    Ok(serde_json::from_str(&opened)?)
}

fn seal(settings: &Settings) -> Result<Seal, anyhow::Error> {
    let key = settings.secret_key.as_ref().with_context(|| {
        format!(
            "credentials are kept sealed, and there is no key; set WARUNG_SECRET_KEY, to this fresh one for example, and \
             keep it: {}",
            Seal::fresh_key()
        )
    })?;
    Ok(Seal::new(key)?)
}

/// The platform's id of an account, or what is wrong with it.
///
/// # Errors
/// What is wrong, for operators, without the secrets.
pub fn id_of(channel: &str, account: &serde_json::Value) -> Result<String, String> {
    let mut collected = Collected::default();
    collected.add(channel, account, StoreId::from(""))?;
    collected
        .shops
        .into_keys()
        .next()
        .map(|(_, id)| id)
        .ok_or_else(|| format!("there is no channel {channel}"))
}
