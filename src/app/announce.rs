//! What platforms are told when the server starts: where to call, and which commands there are.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::channels::Channel;
use crate::channels::abilities::{Announcement, Command, Field, Words};
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
pub async fn announce(channels: &[Arc<dyn Channel>], settings: &Settings, locales: &Locales) {
    let commands = commands(locales);
    for channel in channels {
        let Some(announce) = channel.abilities().announce else { continue };
        let webhook_url = format!("{}/webhooks/{}", settings.public_url(), channel.name());
        let announcement = Announcement { webhook_url, commands: commands.clone() };
        for account in channel.accounts() {
            if let Err(error) = announce.announce(&account, &announcement).await {
                tracing::error!(
                    channel = %channel.name(), account, %error,
                    "the platform did not take the webhook's address or the commands"
                );
            }
        }
    }
}

fn commands(locales: &Locales) -> Vec<Command> {
    let plain = COMMANDS.iter().map(|name| command(locales, name, None));
    let items = Field {
        name: "items",
        titles: words(locales, "command-order-items-name"),
        descriptions: words(locales, "command-order-items"),
    };
    plain.chain([command(locales, ORDER, Some(items))]).collect()
}

fn command(locales: &Locales, name: &'static str, field: Option<Field>) -> Command {
    Command {
        name,
        titles: words(locales, &format!("command-{name}-name")),
        descriptions: words(locales, &format!("command-{name}")),
        field,
    }
}

/// A text in every language.
fn words(locales: &Locales, key: &str) -> Words {
    let text = |language| (language, locales.text(key, &BTreeMap::new(), language, &chrono_tz::UTC));
    Language::ALL.into_iter().map(text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_a_name_and_a_description_that_platforms_take() {
        let locales = Locales::shipped().unwrap();
        let commands = commands(&locales);
        assert_eq!(commands.len(), COMMANDS.len() + 1);
        for command in commands {
            let titles = command.titles.iter().chain(command.field.iter().flat_map(|field| &field.titles));
            for name in titles.map(|(_, name)| name.as_str()).chain([command.name]) {
                let fits = (1..=32).contains(&name.len())
                    && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
                assert!(fits, "{name:?}");
            }
            for (_, text) in &command.descriptions {
                assert!((1..=100).contains(&text.chars().count()), "{text:?}");
            }
        }
    }
}
