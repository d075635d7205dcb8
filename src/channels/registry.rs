//! The channels that there are: one line for each. Settings, accounts, the server, `warung channel`, `warung doctor` and the
//! scripted conversations go through this list, so that nothing else has to know a platform by its name.

use std::sync::Arc;

use serde_json::Value;

use super::{Channel, ChannelSpec, console, discord, telegram, web, whatsapp};
use crate::edge::CallError;

/// The platforms on which a shop can have an account.
pub const PLATFORMS: [Platform; 3] = [whatsapp::PLATFORM, telegram::PLATFORM, discord::PLATFORM];
/// Our own clients, which need none.
pub const CLIENTS: [&ChannelSpec; 2] = [&web::SPEC, &console::SPEC];

/// Something that has settings by their names.
pub type Get<'a> = &'a dyn Fn(&str) -> Option<String>;

/// How a platform's kept accounts are opened.
pub type Open = fn(&[Value], &str) -> Result<Arc<dyn Channel>, CallError>;

/// What the registry knows of a platform.
#[derive(Debug, Clone, Copy)]
pub struct Platform {
    /// What it is.
    pub spec: &'static ChannelSpec,
    /// The settings that an account is read from, as operators are told them.
    pub settings: &'static str,
    /// Where its API is.
    pub api_url: ApiUrl,
    /// Reads the account that the settings describe, in the form in which accounts are kept; nothing where they describe
    /// none. What is wrong with them goes to the problems, one line each, ending with what to write.
    pub account: fn(Get<'_>, &mut Vec<String>) -> Option<Value>,
    /// The platform's id of a kept account, or what is wrong with it, without its secrets.
    pub id_of: fn(&Value) -> Result<String, String>,
    /// Opens kept accounts, by the API at an address.
    pub open: Open,
}

/// Where the API of a platform is.
#[derive(Debug, Clone, Copy)]
pub struct ApiUrl {
    /// The setting that says otherwise.
    pub setting: &'static str,
    /// The platform's own address.
    pub default: &'static str,
}

/// The credentials of an account, in the form in which accounts are kept. They are never shown.
#[derive(Clone, PartialEq)]
pub struct Credentials(Value);

impl Credentials {
    /// Credentials that are kept so.
    pub fn new(account: Value) -> Self {
        Self(account)
    }

    /// The credentials in the open.
    pub fn expose(&self) -> &Value {
        &self.0
    }
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Credentials(…)")
    }
}

/// The platform of a name.
pub fn platform(name: &str) -> Option<&'static Platform> {
    const EVERY: &[Platform] = &PLATFORMS;
    EVERY.iter().find(|platform| platform.spec.name == name)
}

/// Every channel, platforms first.
pub fn specs() -> impl Iterator<Item = &'static ChannelSpec> {
    PLATFORMS.iter().map(|platform| platform.spec).chain(CLIENTS)
}

/// What the channel of a name is.
pub fn spec(name: &str) -> Option<&'static ChannelSpec> {
    specs().find(|spec| spec.name == name)
}

/// The channels that tell when a message has reached a device.
pub fn with_reports() -> Vec<&'static str> {
    specs().filter(|spec| spec.reports_deliveries).map(|spec| spec.name).collect()
}

/// Reads every account of a platform.
///
/// # Errors
/// [`CallError::Fail`] with what is wrong with the first that cannot be read.
pub(super) fn read_all<T>(
    accounts: &[Value],
    read: impl Fn(&Value) -> Result<T, String>,
) -> Result<Vec<T>, CallError> {
    accounts.iter().map(read).collect::<Result<_, _>>().map_err(|reason| CallError::Fail { reason })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::channels::PeoplesFiles;

    /// An account of each platform, out of settings that cannot be anybody's.
    fn opened() -> Vec<Arc<dyn Channel>> {
        let settings = |name: &str| {
            let value = match name {
                "WHATSAPP_PHONE_NUMBER_ID" => "100200300400500",
                "TELEGRAM_BOT_TOKEN" => "7000000001:AAnobodys",
                "DISCORD_BOT_TOKEN" => "NzAwMDAwMDAwMDAwMDAwMDAx.nobodys.token",
                "WHATSAPP_ACCESS_TOKEN" | "WHATSAPP_APP_SECRET" | "WHATSAPP_VERIFY_TOKEN" => {
                    "nobodys-own-secret"
                }
                _ => return None,
            };
            Some(value.to_owned())
        };
        let open = |platform: &Platform| {
            let mut problems = Vec::new();
            let account =
                (platform.account)(&settings, &mut problems).unwrap_or_else(|| panic!("{problems:?}"));
            (platform.open)(&[account], platform.api_url.default).unwrap()
        };
        PLATFORMS.iter().map(open).collect()
    }

    #[test]
    fn every_channel_has_one_name_and_every_platform_is_opened_out_of_its_settings() {
        let names: BTreeSet<&str> = specs().map(|spec| spec.name).collect();
        assert_eq!(names.len(), PLATFORMS.len() + CLIENTS.len());
        for (platform, channel) in PLATFORMS.iter().zip(opened()) {
            assert!(std::ptr::eq(channel.spec(), platform.spec) || channel.spec().name == platform.spec.name);
            assert_eq!(channel.accounts().len(), 1, "{}", channel.name());
        }
    }

    #[test]
    fn what_a_platform_is_agrees_with_what_its_adapter_can_do() {
        for channel in opened() {
            let (spec, can, name) = (channel.spec(), channel.abilities(), channel.name());
            let account = channel.accounts().remove(0);
            assert_eq!(can.fetch.is_some(), spec.peoples_files == PeoplesFiles::AtThePlatform, "{name}");
            assert!(can.probe.is_some(), "{name}: an operator wants to know whether the account works");
            assert!(can.listen.is_some() || spec.takes_webhooks, "{name}: something must be heard");
            assert!(spec.takes_webhooks || !can.is_called(&account), "{name}");
        }
    }

    #[test]
    fn nothing_shows_credentials() {
        assert!(
            !format!("{:?}", Credentials::new(serde_json::json!({"token": "geheim"}))).contains("geheim")
        );
    }
}
