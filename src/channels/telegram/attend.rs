//! Telling the platform that something was heard: the end of a button's spinning, and the sign that somebody types.

use std::time::Duration;

use serde_json::{Value, json};
use teloxide::types::ChatAction;

use crate::channels::Pointer;
use crate::domain::message::Address;

use super::client::Trouble;
use super::{Line, wire};

/// Waits between the tries to end the spinning of a button. A client gives up by itself after half a minute or so.
const PRESS_WAITS: [Duration; 4] =
    [Duration::from_millis(200), Duration::from_secs(1), Duration::from_secs(4), Duration::from_secs(15)];
/// The longest wait that the platform may ask for before the next of these tries.
const MAX_PRESS_WAIT: Duration = Duration::from_secs(20);

/// Ends the spinning of a pressed button: without that the person sees that nothing comes of what they pressed, and presses
/// again. The call may be repeated without harm.
pub(super) async fn end_press(line: &Line, query: &str) {
    answer(line, &json!({ "callback_query_id": query })).await;
}

async fn answer(line: &Line, fields: &Value) {
    let mut waits = PRESS_WAITS.into_iter();
    loop {
        let asked = match line.client.call("answerCallbackQuery", fields).await {
            Ok(_) => return,
            Err(Trouble::Away | Trouble::Lost(_)) => None,
            Err(Trouble::Refused(refusal)) => match refusal.pause_seconds() {
                Some(seconds) => Some(Duration::from_secs(seconds)),
                None if refusal.may_pass() => None,
                // A stale query ("query is too old") has stopped spinning.
                None => return,
            },
        };
        let Some(wait) = waits.next() else {
            tracing::warn!(account = line.id, "the press of a button could not be acknowledged");
            return;
        };
        tokio::time::sleep(asked.unwrap_or(wait).max(wait).min(MAX_PRESS_WAIT)).await;
    }
}

/// Shows somebody in a group the way to their own chat with the bot: a press leads there at once, words are answered with a
/// button. Source: Bot API, `answerCallbackQuery` ("links like t.me/your_bot?start=XXXX that open your bot").
pub(super) async fn point(line: &Line, group: &Address, thread: &Value, pointer: &Pointer) {
    let link = match line.bot().username {
        Some(name) => format!("https://t.me/{name}?start=chat"),
        // Without its name a bot can be written to by its id.
        None => format!("tg://user?id={}", line.id),
    };
    if let Some(query) = wire::id(thread, "callback_id") {
        let mut fields = json!({ "callback_query_id": query, "text": pointer.text, "show_alert": true });
        if link.starts_with("https:") {
            fields = json!({ "callback_query_id": query, "url": link });
        }
        answer(line, &fields).await;
        return;
    }
    let Ok(chat) = group.chat.parse::<i64>() else { return };
    if line.pace.left(&group.chat, line.pace.pulse.now()).is_some() {
        return;
    }
    let button = json!([[{ "text": pointer.label, "url": link }]]);
    let mut fields =
        json!({ "chat_id": chat, "text": pointer.text, "reply_markup": { "inline_keyboard": button } });
    if let Some(message) = wire::number(thread, "message_id") {
        fields["reply_parameters"] = json!({ "message_id": message, "allow_sending_without_reply": true });
    }
    if let Some(topic) = wire::number(thread, "topic") {
        fields["message_thread_id"] = topic.into();
    }
    if let Err(Trouble::Refused(refusal)) = line.client.call("sendMessage", &fields).await
        && let Some(seconds) = refusal.pause_seconds()
    {
        line.pace.pause(&group.chat, seconds, line.pace.pulse.now());
    }
}

/// Shows that an answer is being written. Nobody misses it when it does not work.
pub(super) async fn show_typing(line: &Line, to: &Address, thread: &Value) {
    let Ok(chat) = to.chat.parse::<i64>() else { return };
    if line.pace.left(&to.chat, line.pace.pulse.now()).is_some() {
        return;
    }
    let mut fields = json!({ "chat_id": chat, "action": ChatAction::Typing });
    if let Some(topic) = wire::number(thread, "topic") {
        fields["message_thread_id"] = topic.into();
    }
    if let Err(Trouble::Refused(refusal)) = line.client.call("sendChatAction", &fields).await
        && let Some(seconds) = refusal.pause_seconds()
    {
        line.pace.pause(&to.chat, seconds, line.pace.pulse.now());
    }
}
