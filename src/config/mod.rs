//! Settings out of the environment or a `.env` file: read once, every problem reported at once, secrets kept out of
//! debug output. `.env.example` lists them all.

pub mod names;
mod patience;
mod payments;
mod platforms;
mod secret_keys;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use secrecy::SecretString;

use crate::channels::registry::Credentials;
use crate::store::Patience;

pub use payments::MIN_TOKEN_CHARS;

/// Where the server listens when nothing is said.
const DEFAULT_BIND: &str = "127.0.0.1:8080";
/// The shop that settings and commands speak of when nothing is said: the demo's.
const DEFAULT_STORE: &str = "bella-teh";

/// Every setting of this version.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `DATABASE_URL`: the database, or nothing for a private PostgreSQL.
    pub database_url: Option<SecretString>,
    /// `WARUNG_BIND`: where the server listens.
    pub bind: SocketAddr,
    /// `WARUNG_PUBLIC_URL`: how the world reaches the server, without a slash at the end.
    pub public_url: Option<String>,
    /// `WARUNG_DATA_DIR`: the folder of the private PostgreSQL.
    pub data_dir: PathBuf,
    /// `WARUNG_STORE`: the slug of the shop that answers on channels that belong to one shop.
    pub store: String,
    /// Whether `WARUNG_STORE` says so; else a database with one shop means that one.
    pub is_store_said: bool,
    /// `WARUNG_PAYMENT`: the gateway that new charges go to.
    pub payment: String,
    /// Whether `WARUNG_PAYMENT` says so; nobody is given goods for nothing because a setting was forgotten.
    pub is_payment_said: bool,
    /// `WARUNG_SECRET_KEY`: what seals the credentials of accounts in the database; 64 hex digits.
    pub secret_key: Option<SecretString>,
    /// `WARUNG_SECRET_KEY_OLD`: keys of before, which still open and never seal.
    pub old_secret_keys: Vec<SecretString>,
    /// The platforms, by name.
    pub platforms: BTreeMap<&'static str, PlatformSettings>,
    /// The shop's account at Xendit.
    pub xendit: Option<XenditSettings>,
    /// `XENDIT_API_URL`.
    pub xendit_api_url: String,
    /// The shop's account at Midtrans.
    pub midtrans: Option<MidtransSettings>,
    /// `MIDTRANS_API_URL`.
    pub midtrans_api_url: String,
    /// `WARUNG_BANK_TOKEN`: what notices of the bank of the settings' shop are sent in with; every shop may have a token of its own
    /// besides (`warung store bank-token`).
    pub bank_token: Option<SecretString>,
    /// `WARUNG_WEB`: whether the chat page is served.
    pub web: bool,
    /// `WARUNG_STATEMENT_TIMEOUT_S` and `WARUNG_LOCK_TIMEOUT_S`: how long the server waits for its database.
    pub patience: Patience,
    /// `WARUNG_LOG_FORMAT`: text or json.
    pub log_json: bool,
    /// `RUST_LOG`: what is logged.
    pub log_filter: Option<String>,
}

/// A platform out of the settings.
#[derive(Debug, Clone)]
pub struct PlatformSettings {
    /// The shop's account on it, where the settings describe one.
    pub account: Option<Credentials>,
    /// Where its API is.
    pub api_url: String,
}

/// An account at Xendit out of the settings.
#[derive(Debug, Clone)]
pub struct XenditSettings {
    /// `XENDIT_SECRET_KEY`: what calls are made with.
    pub secret_key: SecretString,
    /// `XENDIT_CALLBACK_TOKEN`: what notices carry.
    pub callback_token: SecretString,
}

/// An account at Midtrans out of the settings.
#[derive(Debug, Clone)]
pub struct MidtransSettings {
    /// `MIDTRANS_SERVER_KEY`: what calls are made with, and notices are signed with.
    pub server_key: SecretString,
}

impl Settings {
    /// Reads `.env`, where there is one, and the environment, which wins.
    ///
    /// # Errors
    /// Every problem, one line each: which setting, what is wrong, what to write instead.
    pub fn read() -> Result<Self, Vec<String>> {
        let mut problems = Vec::new();
        match dotenvy::dotenv() {
            Ok(_) => {}
            Err(error) if error.not_found() => {}
            Err(error) => problems.push(format!(".env cannot be read: {error}")),
        }
        let settings = Self::from(&|name| std::env::var(name).ok());
        match settings {
            Ok(settings) if problems.is_empty() => Ok(settings),
            Ok(_) => Err(problems),
            Err(more) => {
                problems.extend(more);
                Err(problems)
            }
        }
    }

    /// Reads settings from anything that has them by name.
    ///
    /// # Errors
    /// As [`Settings::read`].
    pub fn from(get: &dyn Fn(&str) -> Option<String>) -> Result<Self, Vec<String>> {
        let mut problems = Vec::new();
        let get =
            |name: &str| get(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
        let database_url = get("DATABASE_URL");
        if let Some(url) = &database_url
            && !url.starts_with("postgres://")
            && !url.starts_with("postgresql://")
        {
            problems.push(
                "DATABASE_URL is not a PostgreSQL address; write postgres://USER:PASSWORD@HOST/DATABASE"
                    .into(),
            );
        }
        let bind = get("WARUNG_BIND").unwrap_or_else(|| DEFAULT_BIND.to_owned());
        let bind = bind.parse().unwrap_or_else(|_| {
            problems.push(format!("WARUNG_BIND is not an address and port: `{bind}`; write {DEFAULT_BIND}"));
            SocketAddr::from(([127, 0, 0, 1], 8080))
        });
        let public_url = get("WARUNG_PUBLIC_URL").map(|url| url.trim_end_matches('/').to_owned());
        if let Some(url) = &public_url
            && !url.starts_with("https://")
            && !url.starts_with("http://")
        {
            problems
                .push(format!("WARUNG_PUBLIC_URL is not an address: `{url}`; write https://shop.example"));
        }
        let xendit = payments::xendit(&get, &mut problems);
        let midtrans = payments::midtrans(&get, &mut problems);
        let bank_token = payments::bank_token(&get, &mut problems);
        let has_xendit = xendit.is_some() || get("XENDIT_SECRET_KEY").is_some();
        let payment = payments::chosen(&get, has_xendit, midtrans.is_some(), &mut problems);
        let xendit_api_url = platforms::api_url("XENDIT_API_URL", payments::XENDIT_API, &get, &mut problems);
        let midtrans_api_url =
            platforms::api_url("MIDTRANS_API_URL", payments::MIDTRANS_API, &get, &mut problems);
        let log_json = match get("WARUNG_LOG_FORMAT").as_deref() {
            None | Some("text") => false,
            Some("json") => true,
            Some(other) => {
                problems.push(format!("WARUNG_LOG_FORMAT is `{other}`; write text or json"));
                false
            }
        };
        let web = match get("WARUNG_WEB").as_deref() {
            None | Some("on") => true,
            Some("off") => false,
            Some(other) => {
                problems.push(format!("WARUNG_WEB is `{other}`; write on or off"));
                true
            }
        };
        let patience = patience::read(&get, &mut problems);
        let secret_key = get("WARUNG_SECRET_KEY");
        let old_secret_keys = secret_keys::old(&get, secret_key.as_deref(), &mut problems);
        let platforms = platforms::every(&get, &mut problems);
        let settings = Self {
            secret_key: secret_key.map(SecretString::from),
            old_secret_keys,
            platforms,
            xendit,
            xendit_api_url,
            midtrans,
            midtrans_api_url,
            bank_token,
            database_url: database_url.map(SecretString::from),
            bind,
            public_url,
            data_dir: get("WARUNG_DATA_DIR").map_or_else(default_data_dir, PathBuf::from),
            is_store_said: get("WARUNG_STORE").is_some(),
            store: get("WARUNG_STORE").unwrap_or_else(|| DEFAULT_STORE.to_owned()),
            payment,
            web,
            patience,
            is_payment_said: get("WARUNG_PAYMENT").is_some(),
            log_json,
            log_filter: get("RUST_LOG"),
        };
        if problems.is_empty() { Ok(settings) } else { Err(problems) }
    }

    /// How a browser on this machine reaches the server.
    pub fn local_url(&self) -> String {
        let host =
            if self.bind.ip().is_unspecified() { "127.0.0.1".to_owned() } else { self.bind.ip().to_string() };
        let host = if host.contains(':') { format!("[{host}]") } else { host };
        format!("http://{host}:{}", self.bind.port())
    }

    /// How the world reaches the server.
    pub fn public_url(&self) -> String {
        self.public_url.clone().unwrap_or_else(|| self.local_url())
    }
}

/// A folder of the user's own; root keeps data where a server's data belongs, because a PostgreSQL that runs as
/// another user cannot reach into root's home.
fn default_data_dir() -> PathBuf {
    if is_root() {
        return PathBuf::from("/var/lib/warung");
    }
    let home = std::env::var_os("HOME").map(PathBuf::from);
    std::env::var_os("XDG_DATA_HOME")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
        .or_else(|| home.map(|home| home.join(".local/share")))
        .map_or_else(|| PathBuf::from("data"), |base| base.join("warung"))
}

#[cfg(unix)]
fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[cfg(not(unix))]
fn is_root() -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Settings, Vec<String>> {
        Settings::from(&|name| {
            pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn nothing_set_is_the_demo_on_loopback() {
        let settings = read(&[]).unwrap();
        assert_eq!(settings.local_url(), "http://127.0.0.1:8080");
        assert_eq!((settings.store.as_str(), settings.payment.as_str()), ("bella-teh", "sandbox"));
        assert!(settings.database_url.is_none() && settings.web);
    }

    #[test]
    fn every_problem_is_reported_at_once_and_says_what_to_write() {
        let problems = read(&[
            ("DATABASE_URL", "mysql://x"),
            ("WARUNG_BIND", "8080"),
            ("WARUNG_PUBLIC_URL", "shop.example"),
            ("WARUNG_PAYMENT", "cash"),
            ("WARUNG_LOG_FORMAT", "xml"),
            ("WARUNG_WEB", "nein"),
            ("WARUNG_LOCK_TIMEOUT_S", "0"),
        ])
        .unwrap_err();
        assert_eq!(problems.len(), 7, "{problems:?}");
        assert!(problems.iter().all(|problem| problem.contains("write")), "{problems:?}");
    }

    #[test]
    fn secrets_do_not_show_in_debug_output() {
        let settings = read(&[("DATABASE_URL", "postgres://warung:geheim@db/warung")]).unwrap();
        assert!(!format!("{settings:?}").contains("geheim"));
    }
}
