//! The settings of the platforms: what each reads stands in its own folder, and the registry lists them.

use std::collections::BTreeMap;

use super::PlatformSettings;
use crate::channels::registry::{Credentials, Get, PLATFORMS};
use crate::edge::local::is_of_this_machine;

/// Every platform of the registry.
pub(super) fn every(get: Get<'_>, problems: &mut Vec<String>) -> BTreeMap<&'static str, PlatformSettings> {
    let mut platforms = BTreeMap::new();
    for platform in &PLATFORMS {
        let account = (platform.account)(get, problems).map(Credentials::new);
        let api_url = api_url(platform.api_url.setting, platform.api_url.default, get, problems);
        platforms.insert(platform.spec.name, PlatformSettings { account, api_url });
    }
    platforms
}

/// The address of a platform's API: the real one, or a fake's on this machine.
pub(super) fn api_url(name: &str, default: &str, get: Get<'_>, problems: &mut Vec<String>) -> String {
    let url = get(name).map_or_else(|| default.to_owned(), |url| url.trim_end_matches('/').to_owned());
    let is_local = url.starts_with("http://") && is_of_this_machine(&url);
    if !url.starts_with("https://") && !is_local {
        problems.push(format!("{name} is not an address that tokens may be sent to; write {default}"));
    }
    url
}

#[cfg(test)]
mod tests {
    use crate::config::Settings;

    fn read(pairs: &[(&str, &str)]) -> Result<Settings, Vec<String>> {
        Settings::from(&|name| {
            pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn a_token_alone_is_a_telegram_or_a_discord_bot() {
        let settings = read(&[("TELEGRAM_BOT_TOKEN", "12:abc"), ("DISCORD_BOT_TOKEN", "abc.d.e")]).unwrap();
        let described: Vec<&str> = settings
            .platforms
            .iter()
            .filter(|(_, platform)| platform.account.is_some())
            .map(|(name, _)| *name)
            .collect();
        assert_eq!(described, ["discord", "telegram"]);
        assert_eq!(settings.platforms["telegram"].api_url, "https://api.telegram.org");
    }

    #[test]
    fn half_a_platform_is_reported_setting_by_setting() {
        let problems = read(&[
            ("WHATSAPP_ACCESS_TOKEN", "x"),
            ("TELEGRAM_BOT_TOKEN", "abc"),
            ("TELEGRAM_MODE", "webhook"),
            ("DISCORD_BOT_TOKEN", "abc"),
            ("DISCORD_GUILD_ID", "my server"),
            ("DISCORD_API_URL", "http://evil.example"),
        ])
        .unwrap_err();
        assert_eq!(problems.len(), 7, "{problems:#?}");
        assert!(problems.iter().all(|problem| problem.contains("write")), "{problems:#?}");
    }

    #[test]
    fn tokens_do_not_show_in_debug_output() {
        let settings = read(&[("TELEGRAM_BOT_TOKEN", "12:geheim"), ("DISCORD_BOT_TOKEN", "geheim")]).unwrap();
        assert!(!format!("{settings:?}").contains("geheim"));
    }
}
