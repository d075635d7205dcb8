//! What platforms are told when the server starts: where to call, and which commands there are.

use super::accounts::Accounts;
use crate::channels::discord::{Command, Words};
use crate::config::Settings;
use crate::domain::customer::Language;
use crate::i18n::Locales;

/// Commands that the platforms offer, each with the key of its description. The flows know more; these are the ones that
/// people look for.
pub const COMMANDS: [(&str, &str); 8] = [
    ("menu", "command-menu"),
    ("browse", "command-browse"),
    ("cart", "command-cart"),
    ("checkout", "command-checkout"),
    ("orders", "command-orders"),
    ("language", "command-language"),
    ("help", "command-help"),
    ("human", "command-human"),
];

/// Tells every platform, one after the other. What fails is logged and does not keep the shop from opening: commands are
/// a convenience, and a webhook that was set before still is.
pub async fn announce(accounts: &Accounts, settings: &Settings, locales: &Locales) {
    let descriptions = |language: Language| -> Vec<(String, String)> {
        let none = std::collections::BTreeMap::new();
        COMMANDS
            .iter()
            .map(|(name, key)| ((*name).to_owned(), locales.text(key, &none, language, &chrono_tz::UTC)))
            .collect()
    };
    if let Some(telegram) = &accounts.telegram {
        let commands: Vec<(String, Vec<(String, String)>)> = Language::ALL
            .iter()
            .map(|language| (language.code().to_owned(), descriptions(*language)))
            .collect();
        let url = format!("{}/webhooks/telegram", settings.public_url());
        for account in crate::channels::Channel::accounts(telegram.as_ref()) {
            if let Err(error) = telegram.register_commands(&account, &commands).await {
                tracing::warn!(account, %error, "the commands could not be registered with Telegram");
            }
            if telegram.has_webhook(&account)
                && let Err(error) = telegram.set_webhook(&account, &url).await
            {
                tracing::error!(account, %error, "Telegram did not take the webhook's address");
            }
        }
    }
    if let Some(discord) = &accounts.discord {
        let in_english = descriptions(Language::En);
        let commands: Vec<Command> = descriptions(Language::Id)
            .into_iter()
            .zip(in_english)
            .map(|((name, id), (_, en))| Command {
                name: Words { default: name, by_locale: std::collections::BTreeMap::new() },
                description: Words {
                    default: id.clone(),
                    by_locale: [
                        ("id".to_owned(), id),
                        ("en-US".to_owned(), en.clone()),
                        ("en-GB".to_owned(), en),
                    ]
                    .into(),
                },
                option: None,
            })
            .collect();
        for account in crate::channels::Channel::accounts(discord.as_ref()) {
            if let Err(error) = discord.register_commands(&account, &commands).await {
                tracing::warn!(account, %error, "the commands could not be registered with Discord");
            }
        }
    }
}
