//! The bot that the settings describe.

use serde_json::Value;

use super::Account;
use crate::channels::registry::{ApiUrl, Get};

/// The settings that an account is read from.
pub(super) const NAMES: &str = "DISCORD_BOT_TOKEN";
/// Discord's REST API, at the version that is written against.
pub(super) const API_URL: ApiUrl = ApiUrl { setting: "DISCORD_API_URL", default: super::API_URL };

/// A token alone is enough.
pub(super) fn account(get: Get<'_>, problems: &mut Vec<String>) -> Option<Value> {
    let token = get("DISCORD_BOT_TOKEN")?;
    let guild_id = get("DISCORD_GUILD_ID");
    if guild_id.as_ref().is_some_and(|id| !id.bytes().all(|b| b.is_ascii_digit())) {
        problems.push("DISCORD_GUILD_ID is not an id; write the digits that \"Copy Server ID\" gives".into());
        return None;
    }
    match Account::new(token.into(), guild_id) {
        Ok(account) => Some(account.write()),
        Err(wrong) => {
            problems.push(format!("{wrong}; write it into DISCORD_BOT_TOKEN"));
            None
        }
    }
}
