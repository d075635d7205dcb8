//! The accounts of shops, out of the settings and out of the database, as channels that run.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anyhow::Context as _;
use serde_json::Value;
use sqlx::PgPool;

use crate::channels::Channel;
use crate::channels::registry::{self, PLATFORMS};
use crate::config::Settings;
use crate::domain::ids::StoreId;
use crate::domain::message::ChannelName;
use crate::edge::seal::{Ring, Seal};
use crate::edge::secret;
use crate::store::{self, accounts::StoredAccount};

/// The platforms of this process.
#[derive(Default)]
pub struct Accounts {
    /// The adapters of the platforms on which an account is connected, in the order of the registry.
    pub channels: Vec<Arc<dyn Channel>>,
    /// The shop of every account.
    pub shops: BTreeMap<(ChannelName, String), StoreId>,
    /// Accounts of the database that cannot be used, each with what to do; the others run.
    pub problems: Vec<String>,
}

/// The accounts of each platform while they are collected.
#[derive(Default)]
struct Collected {
    accounts: BTreeMap<&'static str, Vec<Value>>,
    shops: BTreeMap<(ChannelName, String), StoreId>,
    problems: Vec<String>,
}

impl Accounts {
    /// Opens the accounts of the settings, for `store`, and those of the database. One that is in both is the settings'.
    /// One of the database that cannot be opened is a problem of its own and nobody else's.
    ///
    /// # Errors
    /// When the settings describe an account that cannot be one, or the database fails.
    pub async fn open(settings: &Settings, pool: &PgPool, store: &StoreId) -> Result<Self, anyhow::Error> {
        let mut collected = Collected::default();
        collected.add_settings(settings, store)?;
        let stored = store::accounts::active(&mut *pool.acquire().await?).await?;
        collected.add_database(settings, stored);
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
    pub fn of_one(settings: &Settings, channel: &str, account: &Value) -> Result<Self, anyhow::Error> {
        let mut collected = Collected::default();
        collected.add(channel, account, settings.store.as_str().into()).map_err(anyhow::Error::msg)?;
        collected.open(settings)
    }

    /// Lets go of the platforms that are not named.
    pub fn keep_only(&mut self, channels: &BTreeSet<ChannelName>) {
        self.channels.retain(|channel| channels.contains(&channel.name()));
        self.shops.retain(|(channel, _), _| channels.contains(channel));
    }
}

impl Collected {
    fn open(self, settings: &Settings) -> Result<Accounts, anyhow::Error> {
        let mut channels = Vec::new();
        for platform in &PLATFORMS {
            let name = platform.spec.name;
            if let Some(accounts) = self.accounts.get(name) {
                let api_url =
                    settings.platforms.get(name).map_or(platform.api_url.default, |own| &own.api_url);
                channels.push((platform.open)(accounts, api_url)?);
            }
        }
        Ok(Accounts { channels, shops: self.shops, problems: self.problems })
    }

    fn add_settings(&mut self, settings: &Settings, store: &StoreId) -> Result<(), anyhow::Error> {
        for (channel, account) in of_settings(settings) {
            self.add(channel, account, store.clone()).map_err(anyhow::Error::msg)?;
        }
        Ok(())
    }

    fn add_database(&mut self, settings: &Settings, stored: Vec<StoredAccount>) {
        let own: BTreeSet<(ChannelName, String)> = self.shops.keys().cloned().collect();
        for account in stored {
            let key = (ChannelName::from(account.channel.as_str()), account.external_id.clone());
            if own.contains(&key) {
                continue;
            }
            let what = format!("the {} account {} of {}", account.channel, account.external_id, account.slug);
            let added = match open_settings(settings, &account) {
                Ok(opened) if is_guessable(settings, &account.channel, &opened) => Err(format!(
                    "{what}: a secret of it has fewer than {} characters and can be guessed; connect it again with one that \
                     `openssl rand -hex 32` prints",
                    secret::MIN_CHARS
                )),
                Ok(opened) => self
                    .add(&account.channel, &opened, account.store)
                    .map_err(|error| format!("{what}: {error}; connect it again")),
                Err(error) => Err(format!("{what} cannot be opened: {error:#}")),
            };
            if let Err(problem) = added {
                tracing::error!(problem, "an account is left out; the others run");
                self.problems.push(problem);
            }
        }
    }

    fn add(&mut self, channel: &str, account: &Value, store: StoreId) -> Result<(), String> {
        let platform = registry::platform(channel).ok_or_else(|| format!("there is no channel {channel}"))?;
        let id = (platform.id_of)(account)?;
        self.accounts.entry(platform.spec.name).or_default().push(account.clone());
        self.shops.insert((channel.into(), id), store);
        Ok(())
    }
}

/// What guards the doors of accounts: who guesses it speaks as the platform.
const GUARDS: [&str; 3] = ["app_secret", "verify_token", "webhook_secret"];

/// Whether something that guards the door of an account can be guessed. A stand-in on this machine has nothing to guard.
pub fn is_guessable(settings: &Settings, channel: &str, account: &Value) -> bool {
    let api_url = settings.platforms.get(channel).map(|own| own.api_url.clone());
    let is_short = |name: &&str| account.get(*name).and_then(Value::as_str).is_some_and(secret::is_too_short);
    !secret::is_of_a_stand_in(api_url) && GUARDS.iter().any(is_short)
}

/// The accounts that the settings describe, by channel, in the form in which accounts are kept.
pub fn of_settings(settings: &Settings) -> impl Iterator<Item = (&'static str, &Value)> {
    settings.platforms.iter().filter_map(|(name, own)| Some((*name, own.account.as_ref()?.expose())))
}

/// What a sealed account is sealed for: it opens in no other row.
fn place(channel: &str, external_id: &str) -> String {
    format!("{channel}:{external_id}")
}

/// An account sealed for its row. For the operator's terminal alone: the error holds a fresh key.
///
/// # Errors
/// One line that says what to do when there is no key.
pub fn seal_settings(
    settings: &Settings,
    channel: &str,
    external_id: &str,
    account: &Value,
) -> Result<Value, anyhow::Error> {
    let key = settings.secret_key.as_ref().with_context(|| {
        format!(
            "credentials are kept sealed, and there is no key; set WARUNG_SECRET_KEY, to this fresh one for example, and \
             keep it: {}",
            Seal::fresh_key()
        )
    })?;
    let sealed = Ring::new(key, &settings.old_secret_keys)?
        .seal(&place(channel, external_id), &account.to_string())?;
    Ok(serde_json::json!({ "sealed": sealed }))
}

fn open_settings(settings: &Settings, stored: &StoredAccount) -> Result<Value, anyhow::Error> {
    Ok(open_sealed(settings, stored)?.0)
}

/// The credentials of a row, and whether the key that seals now has opened them.
fn open_sealed(settings: &Settings, stored: &StoredAccount) -> Result<(Value, bool), anyhow::Error> {
    let sealed = stored.settings.as_ref().and_then(|settings| settings["sealed"].as_str());
    let sealed = sealed.context("its credentials are gone; connect it again")?;
    let key = settings
        .secret_key
        .as_ref()
        .context("it was sealed with a key that is not set; set WARUNG_SECRET_KEY to that key")?;
    let ring = Ring::new(key, &settings.old_secret_keys)?;
    let opened = ring.open(&place(&stored.channel, &stored.external_id), sealed).context(
        "WARUNG_SECRET_KEY is not the key that it was sealed with; set that one, add it to WARUNG_SECRET_KEY_OLD, or connect it again",
    )?;
    Ok((serde_json::from_str(&opened.text)?, opened.is_current))
}

/// Whether the credentials of a row are open to a key of before alone.
pub fn is_of_old_key(settings: &Settings, stored: &StoredAccount) -> bool {
    open_sealed(settings, stored).is_ok_and(|(_, is_current)| !is_current)
}

/// The credentials of a row, sealed anew with the key that seals now.
///
/// # Errors
/// One line that says what to do when no key opens them.
pub fn resealed(settings: &Settings, stored: &StoredAccount) -> Result<Value, anyhow::Error> {
    let (account, _) = open_sealed(settings, stored)?;
    seal_settings(settings, &stored.channel, &stored.external_id, &account)
}

/// The platform's id of an account, or what is wrong with it.
///
/// # Errors
/// What is wrong, for operators, without the secrets.
pub fn id_of(channel: &str, account: &Value) -> Result<String, String> {
    let platform = registry::platform(channel).ok_or_else(|| format!("there is no channel {channel}"))?;
    (platform.id_of)(account)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::channels::telegram;

    fn settings(secret_key: Option<&str>) -> Settings {
        let vars =
            [("TELEGRAM_BOT_TOKEN", Some("731000:AAtestTOKENtestTOKEN")), ("WARUNG_SECRET_KEY", secret_key)];
        Settings::from(&|name| {
            vars.iter().find(|(known, _)| *known == name).and_then(|(_, value)| value.map(str::to_owned))
        })
        .unwrap()
    }

    fn stored(external_id: &str, sealed: Option<serde_json::Value>) -> StoredAccount {
        StoredAccount {
            id: external_id.to_owned(),
            store: "s".into(),
            slug: "kopi-sari".to_owned(),
            channel: telegram::NAME.to_owned(),
            external_id: external_id.to_owned(),
            name: None,
            settings: sealed,
        }
    }

    #[test]
    fn a_new_key_takes_the_place_of_an_old_one_account_by_account() {
        let (new, old) = (Seal::fresh_key(), Seal::fresh_key());
        let account = json!({ "token": "1:AAgood", "webhook_secret": null });
        let sealed = seal_settings(&settings(Some(&old)), telegram::NAME, "1", &account).unwrap();
        let row = stored("1", Some(sealed));
        let both = Settings { old_secret_keys: vec![old.clone().into()], ..settings(Some(&new)) };
        assert!(is_of_old_key(&both, &row) && !is_of_old_key(&settings(Some(&old)), &row));
        assert!(!is_of_old_key(&settings(Some(&new)), &row), "no key at all opens it");
        assert!(resealed(&settings(Some(&new)), &row).is_err());
        let row = stored("1", Some(resealed(&both, &row).unwrap()));
        assert!(!is_of_old_key(&both, &row));
        assert_eq!(open_settings(&settings(Some(&new)), &row).unwrap(), account);
        assert!(open_settings(&settings(Some(&old)), &row).is_err());
    }

    #[test]
    fn an_account_that_cannot_be_opened_is_named_and_the_others_run() {
        let (key, other) = (Seal::fresh_key(), Seal::fresh_key());
        let sealed = |key: &str, id: &str, token: &str| {
            let account = json!({ "token": token, "webhook_secret": null });
            Some(seal_settings(&settings(Some(key)), telegram::NAME, id, &account).unwrap())
        };
        let rows = || {
            vec![
                stored("1", sealed(&key, "1", "1:AAgood")),
                stored("2", sealed(&other, "2", "2:AAlost")),
                stored("3", sealed(&key, "3", "no token")),
                stored("4", None),
            ]
        };
        let open = |key: Option<&str>| {
            let mut collected = Collected::default();
            collected.add_settings(&settings(key), &"own".into()).unwrap();
            collected.add_database(&settings(key), rows());
            collected.open(&settings(key)).unwrap()
        };
        let opened = open(Some(&key));
        let ids: Vec<&str> = opened.shops.keys().map(|(_, id)| id.as_str()).collect();
        assert_eq!(ids, ["1", "731000"]);
        assert_eq!(opened.problems.len(), 3, "{:?}", opened.problems);
        assert!(opened.problems[0].contains("account 2 of kopi-sari"), "{:?}", opened.problems);
        // Without the key none of them opens; what is said names the key's setting and never shows a key.
        let opened = open(None);
        assert_eq!((opened.shops.len(), opened.problems.len()), (1, 4));
        for problem in &opened.problems[..3] {
            assert!(problem.contains("set WARUNG_SECRET_KEY to that key"), "{problem}");
            let longest_hex = problem.split(|c: char| !c.is_ascii_hexdigit()).map(str::len).max();
            assert!(longest_hex < Some(32), "{problem}");
        }
    }
}
