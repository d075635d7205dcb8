//! What platforms are told when the server starts: where to call, and which commands there are.

use std::collections::BTreeMap;

use super::accounts::Accounts;
use crate::channels::Channel as _;
use crate::channels::discord::{Command, CommandOption, Words};
use crate::config::Settings;
use crate::domain::customer::Language;
use crate::i18n::Locales;

/// Commands that the platforms offer, by their names in English; `command-<name>` describes them, and where a platform
/// shows names in the reader's language `command-<name>-name` is that. The flows know more commands; these are the ones
/// that people look for.
pub const COMMANDS: [&str; 8] = ["menu", "browse", "cart", "checkout", "orders", "language", "help", "human"];
/// The command that takes an order in words, for platforms that have a field for them.
pub const ORDER: &str = "order";

/// Tells every platform, one after the other. What fails is logged and does not keep the shop from opening: commands are
/// a convenience, and a webhook that was set before still is.
pub async fn announce(accounts: &Accounts, settings: &Settings, locales: &Locales) {
    if let Some(telegram) = &accounts.telegram {
        let commands = telegram_commands(locales);
        let url = format!("{}/webhooks/telegram", settings.public_url());
        for account in telegram.accounts() {
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
        let commands = discord_commands(locales);
        for account in discord.accounts() {
            if let Err(error) = discord.register_commands(&account, &commands).await {
                tracing::warn!(account, %error, "the commands could not be registered with Discord");
            }
        }
    }
}

fn text(locales: &Locales, language: Language, key: &str) -> String {
    locales.text(key, &BTreeMap::new(), language, &chrono_tz::UTC)
}

fn telegram_commands(locales: &Locales) -> Vec<(String, Vec<(String, String)>)> {
    let of = |language: Language| {
        let list = COMMANDS
            .iter()
            .map(|name| ((*name).to_owned(), text(locales, language, &format!("command-{name}"))));
        (language.code().to_owned(), list.collect())
    };
    Language::ALL.into_iter().map(of).collect()
}

fn discord_commands(locales: &Locales) -> Vec<Command> {
    let plain = COMMANDS.iter().map(|name| command(locales, name, None));
    let items = CommandOption {
        name: words(locales, "command-order-items-name", "items"),
        description: words_of(locales, "command-order-items"),
        is_required: true,
    };
    plain.chain([command(locales, ORDER, Some(items))]).collect()
}

fn command(locales: &Locales, name: &str, option: Option<CommandOption>) -> Command {
    Command {
        name: words(locales, &format!("command-{name}-name"), name),
        description: words_of(locales, &format!("command-{name}")),
        option,
    }
}

/// A name in every language. What arrives is always the default one.
fn words(locales: &Locales, key: &str, default: &str) -> Words {
    Words { default: default.to_owned(), by_locale: by_locale(locales, key) }
}

/// A description in every language, Indonesian for everybody else.
fn words_of(locales: &Locales, key: &str) -> Words {
    Words { default: text(locales, Language::Id, key), by_locale: by_locale(locales, key) }
}

/// Texts by the locales of Discord.
fn by_locale(locales: &Locales, key: &str) -> BTreeMap<String, String> {
    [("id", Language::Id), ("en-US", Language::En), ("en-GB", Language::En)]
        .into_iter()
        .map(|(locale, language)| (locale.to_owned(), text(locales, language, key)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_a_name_and_a_description_that_platforms_take() {
        let locales = Locales::shipped().unwrap();
        for command in discord_commands(&locales) {
            let option = command.option.iter().map(|option| &option.name);
            for name in [&command.name].into_iter().chain(option).flat_map(|words| words.by_locale.values()) {
                let fits = (1..=32).contains(&name.len())
                    && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
                assert!(fits, "{name:?}");
            }
            for text in command.description.by_locale.values() {
                assert!((1..=100).contains(&text.chars().count()), "{text:?}");
            }
        }
        assert!(telegram_commands(&locales).iter().all(|(_, list)| list.len() == COMMANDS.len()));
    }
}
