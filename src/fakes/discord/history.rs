//! What was said in a channel, as the platform gives it back: `resources/message.mdx`, "Get Channel Messages".

use serde_json::Value;

use super::rest::unknown_channel;
use super::rules::Refusal;
use super::state::State;

/// The messages after one, those that are nearest to it, newest first.
pub(super) fn page(state: &State, query: &str, channel: &str) -> Result<Value, Refusal> {
    let chat = state.user_of(channel).ok_or_else(unknown_channel)?;
    let (mut after, mut limit) = (0, 50);
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let number = value.parse::<u64>().map_err(|_| Refusal::form(name, "not a number"))?;
        match name {
            "after" => after = number,
            "limit" if (1..=100).contains(&number) => limit = usize::try_from(number).unwrap_or(limit),
            _ => return Err(Refusal::form(name, "Invalid query")),
        }
    }
    let number = |id: &String| id.parse::<u64>().unwrap_or_default();
    let own = state.messages.iter().filter(|(_, posted)| posted.chat == chat && !posted.is_ephemeral);
    let own = own.map(|(id, _)| (number(id), state.message_json(id)));
    let theirs = state.told.values().filter(|told| told["t"] == "MESSAGE_CREATE").map(|told| &told["d"]);
    let theirs = theirs.filter(|message| message["channel_id"] == channel);
    let theirs = theirs
        .map(|message| (number(&message["id"].as_str().unwrap_or_default().to_owned()), message.clone()));
    let mut found: Vec<(u64, Value)> = own.chain(theirs).filter(|(id, _)| *id > after).collect();
    found.sort_by_key(|(id, _)| *id);
    found.truncate(limit);
    Ok(Value::Array(found.into_iter().rev().map(|(_, message)| message).collect()))
}
