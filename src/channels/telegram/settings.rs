//! The bot that the settings describe.

use serde_json::Value;

use super::Account;
use crate::channels::registry::{ApiUrl, Get};
use crate::edge::secret;

/// The settings that an account is read from.
pub(super) const NAMES: &str = "TELEGRAM_BOT_TOKEN";
/// Telegram's Bot API.
pub(super) const API_URL: ApiUrl = ApiUrl { setting: "TELEGRAM_API_URL", default: super::API_URL };

/// Characters of a webhook secret, as Telegram bounds it.
const MAX_WEBHOOK_SECRET_CHARS: usize = 256;

/// A token alone is enough: the bot is polled. A webhook wants a secret besides.
pub(super) fn account(get: Get<'_>, problems: &mut Vec<String>) -> Option<Value> {
    let token = get("TELEGRAM_BOT_TOKEN")?;
    let before = problems.len();
    let well_formed = token.split_once(':').is_some_and(|(id, rest)| {
        !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit()) && !rest.is_empty()
    });
    if !well_formed {
        problems
            .push("TELEGRAM_BOT_TOKEN is not a token; write what @BotFather gave you, digits:letters".into());
    }
    let is_stand_in = secret::is_of_a_stand_in(get(API_URL.setting));
    let secret = get("TELEGRAM_WEBHOOK_SECRET");
    let webhook_secret = match get("TELEGRAM_MODE").as_deref() {
        None | Some("poll") => None,
        Some("webhook") => {
            let fits = |secret: &String| {
                secret.len() <= MAX_WEBHOOK_SECRET_CHARS
                    && (is_stand_in || !secret::is_too_short(secret))
                    && secret.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
            };
            if !secret.as_ref().is_some_and(fits) {
                problems.push(format!(
                    "TELEGRAM_MODE is webhook, which wants TELEGRAM_WEBHOOK_SECRET; write {} to {MAX_WEBHOOK_SECRET_CHARS} letters, \
                     digits, _ or -, as `openssl rand -hex 32` prints them",
                    secret::MIN_CHARS
                ));
            }
            secret
        }
        Some(other) => {
            problems.push(format!("TELEGRAM_MODE is `{other}`; write poll or webhook"));
            None
        }
    };
    if problems.len() > before {
        return None;
    }
    match Account::new(&token, webhook_secret.as_deref()) {
        Ok(account) => Some(account.write()),
        Err(wrong) => {
            problems.push(format!("the TELEGRAM_ settings: {wrong}; write what @BotFather gave you"));
            None
        }
    }
}
