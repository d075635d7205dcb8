//! An account: the bot of one shop.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::wire;

/// Characters of a token that are believed; real ones have about seventy.
const MAX_TOKEN_CHARS: usize = 200;
/// Digits of the name of an account whose token does not tell its bot.
const NAME_DIGITS: usize = 16;

/// A bot and what belongs to it.
#[derive(Clone)]
pub struct Account {
    id: String,
    token: SecretString,
    guild_id: Option<String>,
}

impl Account {
    /// An account by its token. `guild_id` is the server in which commands are registered at once, besides globally.
    ///
    /// # Errors
    /// What is wrong with the settings, without the token.
    pub fn new(token: SecretString, guild_id: Option<String>) -> Result<Self, String> {
        let token = SecretString::from(token.expose_secret().trim().trim_start_matches("Bot ").to_owned());
        let shown = token.expose_secret();
        let is_plain = !shown.is_empty()
            && shown.len() <= MAX_TOKEN_CHARS
            && shown.bytes().all(|byte| byte.is_ascii_graphic());
        if !is_plain {
            return Err(
                "DISCORD_BOT_TOKEN is not a bot token: copy it from the Bot page of the developer portal"
                    .to_owned(),
            );
        }
        let guild_id = guild_id.map(|id| id.trim().to_owned()).filter(|id| !id.is_empty());
        if guild_id.as_deref().is_some_and(|id| !wire::is_snowflake(id)) {
            return Err(
                "DISCORD_GUILD_ID is not the number of a server: copy its id in developer mode".to_owned()
            );
        }
        let id = bot_id(shown).unwrap_or_else(|| name_of(shown));
        Ok(Self { id, token, guild_id })
    }

    /// The id at the platform, as it stands in `Inbound::account`: the bot's user id, which is the application's id
    /// for every application made since 2016. Where the token does not tell it, a name that follows from the token.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The bot's token.
    pub fn token(&self) -> &SecretString {
        &self.token
    }

    /// The server in which commands are registered at once.
    pub fn guild_id(&self) -> Option<&str> {
        self.guild_id.as_deref()
    }

    /// Reads an account as [`Account::write`] wrote it.
    ///
    /// # Errors
    /// What is wrong with it, without secrets.
    pub fn read(stored: &Value) -> Result<Self, String> {
        let token = stored.get("bot_token").and_then(Value::as_str).unwrap_or_default();
        Self::new(SecretString::from(token), wire::id(stored.get("guild_id")))
    }

    /// The account as it is stored, sealed by whoever stores it.
    pub fn write(&self) -> Value {
        let mut stored = json!({ "bot_token": self.token.expose_secret() });
        if let Some(guild_id) = &self.guild_id {
            stored["guild_id"] = json!(guild_id);
        }
        stored
    }
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Account").field("id", &self.id).finish_non_exhaustive()
    }
}

/// The bot's user id, which stands in base64 before the token's first point.
fn bot_id(token: &str) -> Option<String> {
    let (first, rest) = token.split_once('.')?;
    let first = first.trim_end_matches('=');
    let bytes = STANDARD_NO_PAD.decode(first).or_else(|_| URL_SAFE_NO_PAD.decode(first)).ok()?;
    let id = String::from_utf8(bytes).ok()?;
    (!rest.is_empty() && wire::is_snowflake(&id)).then_some(id)
}

/// A name that does not lead back to the token.
fn name_of(token: &str) -> String {
    let mut name = hex::encode(Sha256::digest(token.as_bytes()));
    name.truncate(NAME_DIGITS);
    format!("bot-{name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_tells_the_bot_and_is_never_shown() {
        let account = Account::new(SecretString::from("MTIzNDU2Nzg5MDEyMzQ1Njc4.x.y"), None).unwrap();
        assert_eq!(account.id(), "123456789012345678");
        assert!(!format!("{account:?}").contains("MTIz"));
        let odd = Account::new(SecretString::from(" Bot test-token\n"), Some(" 5 ".to_owned())).unwrap();
        assert!(odd.id().starts_with("bot-") && !odd.id().contains("test"));
        let again = Account::read(&odd.write()).unwrap();
        assert_eq!((again.id(), again.guild_id()), (odd.id(), Some("5")));
    }

    #[test]
    fn wrong_settings_are_refused_without_showing_them() {
        for (token, guild) in [("", None), ("se cret", None), ("good", Some("my server"))] {
            let refused = Account::new(SecretString::from(token), guild.map(str::to_owned)).unwrap_err();
            assert!(!refused.contains("se cret") && !refused.contains("my server"));
        }
        assert!(Account::read(&Value::Null).is_err());
    }
}
