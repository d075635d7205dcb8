//! What a shop tells of its bot, and how it is kept.

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

/// Characters of a token; those that exist have about 46.
const MAX_TOKEN_CHARS: usize = 256;
/// Characters of a webhook's secret (Bot API, `setWebhook`: `secret_token`, up to 256 of `A-Za-z0-9_-`).
const MAX_SECRET_CHARS: usize = 256;

/// A bot of a shop.
#[derive(Debug, Clone)]
pub struct Account {
    /// What @BotFather gave: `<bot id>:<letters>`.
    pub token: SecretString,
    /// What Telegram says with each webhook request. Without it the bot is polled.
    pub webhook_secret: Option<SecretString>,
}

impl Account {
    /// An account, when its token and its secret can be ones.
    ///
    /// # Errors
    /// What is wrong, for operators, without the secrets.
    pub fn new(token: &str, webhook_secret: Option<&str>) -> Result<Self, String> {
        let token = token.trim();
        let well_formed = token.len() <= MAX_TOKEN_CHARS
            && token.split_once(':').is_some_and(|(id, rest)| {
                !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit()) && is_word(rest)
            });
        if !well_formed {
            return Err("the token does not look like 123456789:ABC…; copy it from @BotFather".to_owned());
        }
        let secret = webhook_secret.map(str::trim).filter(|secret| !secret.is_empty());
        // Whoever guesses it can write to the shop in anybody's name.
        let fits = |secret: &str| secret.len() <= MAX_SECRET_CHARS && is_word(secret);
        if secret.is_some_and(|secret| !fits(secret)) {
            return Err(format!(
                "the webhook secret must have up to {MAX_SECRET_CHARS} of the characters A-Z a-z 0-9 _ -, as `openssl rand -hex 32` \
                 prints them"
            ));
        }
        Ok(Self { token: token.into(), webhook_secret: secret.map(SecretString::from) })
    }

    /// The bot's id, the digits in front of the token: it stays when the token is replaced.
    pub fn id(&self) -> String {
        self.token.expose_secret().split(':').next().unwrap_or_default().to_owned()
    }

    /// Reads what [`Account::write`] wrote.
    ///
    /// # Errors
    /// What is missing or wrong, without the secrets.
    pub fn read(stored: &Value) -> Result<Self, String> {
        let token = stored.get("token").and_then(Value::as_str).ok_or("`token` is missing")?;
        Self::new(token, stored.get("webhook_secret").and_then(Value::as_str))
    }

    /// What is stored, sealed by the caller: it holds the secrets.
    pub fn write(&self) -> Value {
        let secret = self.webhook_secret.as_ref().map(ExposeSecret::expose_secret);
        json!({ "token": self.token.expose_secret(), "webhook_secret": secret })
    }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}
