//! Slash commands, as the platform shows them in its menu.
//!
//! Source: `interactions/application-commands.mdx`. Names and descriptions come from the caller, in every language.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::Value;
use serenity::all::{
    CommandOptionType, CommandType, CreateCommand, CreateCommandOption, InstallationContext,
    InteractionContext,
};

use crate::channels::{abilities, measure};
use crate::domain::customer::Language;
use crate::edge::CallError;

use super::limiter::Route;
use super::rest::Body;
use super::{Discord, wire};

/// Characters of a name.
const NAME_CHARS: usize = 32;
/// Characters of a description.
const DESCRIPTION_UNITS: usize = 100;
/// Commands of one application.
const MAX_COMMANDS: usize = 100;
/// Characters that an option takes.
const OPTION_CHARS: u16 = 1_000;

/// Words in every language: by the platform's locale (`id`, `en-US`, `en-GB`), and for all others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words {
    /// For every locale that is not named.
    pub default: String,
    /// By locale. Source: `reference.mdx`, "Locales".
    pub by_locale: BTreeMap<String, String>,
}

impl Words {
    /// Words of ours: `default` stands for every locale that is not the shop's.
    fn of(default: &str, words: &abilities::Words) -> Self {
        let locales = |language: Language| match language {
            Language::Id => &["id"][..],
            Language::En => &["en-US", "en-GB"][..],
        };
        let by_locale = words.iter().flat_map(|(language, text)| {
            locales(*language).iter().map(move |locale| ((*locale).to_owned(), text.clone()))
        });
        Self { default: default.to_owned(), by_locale: by_locale.collect() }
    }

    /// A description: the first language's for everybody else.
    fn described(words: &abilities::Words) -> Self {
        Self::of(words.first().map_or("", |(_, text)| text), words)
    }
}

/// A command.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Command {
    /// Its names. The default one, small letters without spaces, is what arrives as `/name`.
    pub name: Words,
    /// What it does, in a line.
    pub description: Words,
    /// What may be typed after it.
    pub option: Option<CommandOption>,
}

impl Command {
    /// A command of ours as the platform takes it.
    pub(super) fn of(command: &abilities::Command) -> Self {
        let option = command.field.as_ref().map(|field| CommandOption {
            name: Words::of(field.name, &field.titles),
            description: Words::described(&field.descriptions),
            is_required: true,
        });
        Self {
            name: Words::of(command.name, &command.titles),
            description: Words::described(&command.descriptions),
            option,
        }
    }
}

/// Words that may be typed after a command.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CommandOption {
    /// Its names.
    pub name: Words,
    /// What is expected.
    pub description: Words,
    /// Whether the command makes no sense without it.
    pub is_required: bool,
}

impl Discord {
    /// Registers the commands of an account in the place of those that it had: globally, and at once in its server.
    ///
    /// # Errors
    /// [`CallError`], also for a name that the platform would refuse.
    pub async fn register_commands(&self, account: &str, commands: &[Command]) -> Result<(), CallError> {
        let bot = self.bot(account)?;
        let body = body(commands)?;
        let application_id = match bot.told().application_id {
            Some(id) => id,
            None if wire::is_snowflake(bot.account.id()) => bot.account.id().to_owned(),
            // The token does not tell; for applications since 2016 the bot's id is the application's.
            None => {
                let route = Route::plain("/users/@me");
                let me = self.sender.rest().call(Some(&bot.account), Method::GET, route, Body::Empty).await?;
                let fail = || CallError::Fail { reason: "Discord does not name the bot".to_owned() };
                wire::id(me.get("id")).ok_or_else(fail)?
            }
        };
        let base = format!("/applications/{application_id}");
        let mut routes = vec![Route::of("/applications/commands", "", format!("{base}/commands"))];
        if let Some(guild_id) = bot.account.guild_id() {
            let path = format!("{base}/guilds/{guild_id}/commands");
            routes.push(Route::of("/applications/guilds/commands", guild_id, path));
        }
        for route in routes {
            let is_of_guild = route.path.contains("/guilds/");
            let body = if is_of_guild { without_contexts(&body) } else { body.clone() };
            self.sender.rest().call(Some(&bot.account), Method::PUT, route, Body::Json(&body)).await?;
        }
        Ok(())
    }
}

/// Commands of a server are only there: where they may be used is not theirs to say.
fn without_contexts(body: &Value) -> Value {
    let mut body = body.clone();
    for command in body.as_array_mut().into_iter().flatten() {
        if let Some(command) = command.as_object_mut() {
            command.remove("contexts");
            command.remove("integration_types");
        }
    }
    body
}

fn body(commands: &[Command]) -> Result<Value, CallError> {
    let fail = |reason: String| CallError::Fail { reason };
    if commands.len() > MAX_COMMANDS {
        return Err(fail(format!("Discord takes {MAX_COMMANDS} commands")));
    }
    let mut built = Vec::new();
    for command in commands {
        check(&command.name).map_err(fail)?;
        let mut create = CreateCommand::new(&command.name.default)
            .kind(CommandType::ChatInput)
            .description(described(&command.description.default, &command.name.default))
            .contexts(vec![InteractionContext::Guild, InteractionContext::BotDm])
            .integration_types(vec![InstallationContext::Guild]);
        for (locale, name) in &command.name.by_locale {
            create = create.name_localized(locale, name);
        }
        for (locale, words) in &command.description.by_locale {
            create = create.description_localized(locale, described(words, &command.name.default));
        }
        if let Some(option) = &command.option {
            check(&option.name).map_err(fail)?;
            let words = described(&option.description.default, &option.name.default);
            let mut typed = CreateCommandOption::new(CommandOptionType::String, &option.name.default, words)
                .required(option.is_required)
                .max_length(OPTION_CHARS);
            for (locale, name) in &option.name.by_locale {
                typed = typed.name_localized(locale, name);
            }
            for (locale, words) in &option.description.by_locale {
                typed = typed.description_localized(locale, described(words, &option.name.default));
            }
            create = create.add_option(typed);
        }
        built.push(create);
    }
    serde_json::to_value(built).map_err(|_| fail("the commands cannot be written".to_owned()))
}

/// A description within its limits; a command without one is described by its name.
fn described(words: &str, name: &str) -> String {
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    measure::line(if words.is_empty() { name } else { &words }, DESCRIPTION_UNITS)
}

/// Names are small letters, digits, `-` and `_` of any script.
fn check(words: &Words) -> Result<(), String> {
    for name in std::iter::once(&words.default).chain(words.by_locale.values()) {
        let length = name.chars().count();
        let is_plain = name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'));
        if length == 0 || length > NAME_CHARS || !is_plain || *name != name.to_lowercase() {
            return Err(format!(
                "`{name}` cannot name a Discord command: 1 to {NAME_CHARS} small letters, digits, `-` or `_`"
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_command_is_written_with_its_languages() {
        let words = |default: &str, id: &str| Words {
            default: default.to_owned(),
            by_locale: BTreeMap::from([("id".to_owned(), id.to_owned())]),
        };
        let command = Command {
            name: words("order", "pesan"),
            description: words("Order in your own words", ""),
            option: Some(CommandOption { name: words("items", "barang"), ..CommandOption::default() }),
        };
        let body = body(&[command]).unwrap();
        assert_eq!(body[0]["name_localizations"], json!({ "id": "pesan" }));
        assert_eq!(body[0]["description_localizations"], json!({ "id": "order" }));
        assert_eq!((&body[0]["contexts"], &body[0]["integration_types"]), (&json!([0, 1]), &json!([0])));
        assert_eq!((&body[0]["type"], &body[0]["options"][0]["type"]), (&json!(1), &json!(3)));
        assert_eq!(without_contexts(&body)[0].get("contexts"), None);
        for bad in ["", "Menu", "two words", "a/b"] {
            assert!(
                super::body(&[Command { name: words(bad, "menu"), ..Command::default() }]).is_err(),
                "{bad}"
            );
        }
    }
}
