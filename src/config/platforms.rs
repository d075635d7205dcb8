//! The settings of the platforms: complete or not there at all.

use secrecy::SecretString;

use super::{DiscordSettings, TelegramSettings, WhatsAppSettings};

/// Meta's Graph API, at the version that is written against.
pub(super) const WHATSAPP_API: &str = "https://graph.facebook.com/v23.0";
/// Telegram's Bot API.
pub(super) const TELEGRAM_API: &str = "https://api.telegram.org";
/// Discord's REST API, at the version that is written against.
pub(super) const DISCORD_API: &str = "https://discord.com/api/v10";

/// Characters of a webhook secret, as Telegram bounds it.
const MAX_WEBHOOK_SECRET_CHARS: usize = 256;

type Get<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The number's four settings. Some of them without the others are a mistake that nobody wants to find out later.
pub(super) fn whatsapp(get: Get<'_>, problems: &mut Vec<String>) -> Option<WhatsAppSettings> {
    let names =
        ["WHATSAPP_PHONE_NUMBER_ID", "WHATSAPP_ACCESS_TOKEN", "WHATSAPP_APP_SECRET", "WHATSAPP_VERIFY_TOKEN"];
    let values = names.map(get);
    if values.iter().all(Option::is_none) {
        return None;
    }
    for (name, value) in names.iter().zip(&values) {
        if value.is_none() {
            problems.push(format!(
                "{name} is missing, and the other WHATSAPP_ settings are there; write all four (docs/whatsapp.md says where each stands)"
            ));
        }
    }
    let [Some(phone_number_id), Some(access_token), Some(app_secret), Some(verify_token)] = values else {
        return None;
    };
    if !phone_number_id.bytes().all(|b| b.is_ascii_digit()) {
        problems.push(
            "WHATSAPP_PHONE_NUMBER_ID is not a number; write the id that stands below the phone number, not the number itself"
                .into(),
        );
    }
    let templates = get("WHATSAPP_TEMPLATES").map_or_else(
        || serde_json::json!({}),
        |text| {
            serde_json::from_str(&text).unwrap_or_else(|error: serde_json::Error| {
                problems.push(format!(
                    "WHATSAPP_TEMPLATES is no JSON (column {}); write what docs/whatsapp.md shows",
                    error.column()
                ));
                serde_json::json!({})
            })
        },
    );
    Some(WhatsAppSettings {
        templates,
        phone_number_id,
        access_token: SecretString::from(access_token),
        app_secret: SecretString::from(app_secret),
        verify_token: SecretString::from(verify_token),
    })
}

/// A token alone is enough: the bot is polled. A webhook wants a secret besides.
pub(super) fn telegram(get: Get<'_>, problems: &mut Vec<String>) -> Option<TelegramSettings> {
    let token = get("TELEGRAM_BOT_TOKEN")?;
    let well_formed = token.split_once(':').is_some_and(|(id, rest)| {
        !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit()) && !rest.is_empty()
    });
    if !well_formed {
        problems
            .push("TELEGRAM_BOT_TOKEN is not a token; write what @BotFather gave you, digits:letters".into());
    }
    let secret = get("TELEGRAM_WEBHOOK_SECRET");
    let webhook_secret = match get("TELEGRAM_MODE").as_deref() {
        None | Some("poll") => None,
        Some("webhook") => {
            let fits = |secret: &String| {
                secret.len() <= MAX_WEBHOOK_SECRET_CHARS
                    && secret.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
            };
            if !secret.as_ref().is_some_and(fits) {
                problems.push(
                    "TELEGRAM_MODE is webhook, which wants TELEGRAM_WEBHOOK_SECRET; write 1 to 256 letters, digits, _ or -"
                        .into(),
                );
            }
            secret.map(SecretString::from)
        }
        Some(other) => {
            problems.push(format!("TELEGRAM_MODE is `{other}`; write poll or webhook"));
            None
        }
    };
    Some(TelegramSettings { token: SecretString::from(token), webhook_secret })
}

/// A token alone is enough.
pub(super) fn discord(get: Get<'_>, problems: &mut Vec<String>) -> Option<DiscordSettings> {
    let token = get("DISCORD_BOT_TOKEN")?;
    let guild_id = get("DISCORD_GUILD_ID");
    if guild_id.as_ref().is_some_and(|id| !id.bytes().all(|b| b.is_ascii_digit())) {
        problems.push("DISCORD_GUILD_ID is not an id; write the digits that \"Copy Server ID\" gives".into());
    }
    Some(DiscordSettings { token: SecretString::from(token), guild_id })
}

/// The address of a platform's API: the real one, or a fake's on this machine.
pub(super) fn api_url(name: &str, default: &str, get: Get<'_>, problems: &mut Vec<String>) -> String {
    let url = get(name).map_or_else(|| default.to_owned(), |url| url.trim_end_matches('/').to_owned());
    let is_local =
        ["http://127.0.0.1", "http://localhost", "http://[::1]"].iter().any(|own| url.starts_with(own));
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
        assert!(settings.telegram.is_some_and(|telegram| telegram.webhook_secret.is_none()));
        assert!(settings.discord.is_some() && settings.whatsapp.is_none());
        assert_eq!(settings.telegram_api_url, super::TELEGRAM_API);
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
