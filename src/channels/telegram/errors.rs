//! What the platform's refusals mean.
//!
//! The Bot API tells most of its errors apart by words alone (its server, tdlib/telegram-bot-api and tdlib/td, has
//! no list of them; teloxide's and python-telegram-bot's collections agree with what is used here). The words may
//! quote a person's text or a chat's title, so a `reason` is made of our words.

use crate::edge::CallError;

use super::client::{Refusal, Trouble};

/// Seconds to wait when the platform asks to be left alone and does not say for how long.
pub(super) const DEFAULT_RETRY_SECONDS: u64 = 3;
/// The wait before a message goes again whose answer was lost, in milliseconds.
const LOST_WAIT_MS: u64 = 5_000;
/// Seconds past which a wait is not believed.
const MAX_RETRY_SECONDS: u64 = 24 * 60 * 60;
/// Characters of one of the platform's own names of an error (`PHOTO_INVALID_DIMENSIONS`).
const MAX_CODE_CHARS: usize = 64;

/// A person who cannot be written to, by the words of a 400.
const UNREACHABLE: &[&str] = &[
    "chat not found",
    "user not found",
    "peer_id_invalid",
    "chat_write_forbidden",
    "chat_restricted",
    "user_is_blocked",
    "input_user_deactivated",
    "group chat was deactivated",
    "have no rights to send a message",
    "not enough rights to send",
    "bot was kicked",
];
/// A message that cannot be changed, by the words of a 400.
const NOT_EDITABLE: &[&str] = &[
    "message can't be edited",
    "message to edit not found",
    "message_id_invalid",
    "message identifier is not specified",
    "there is no text in the message to edit",
    "there is no caption in the message to edit",
    "there is no media in the message to edit",
    "message_author_required",
    "message_edit_time_expired",
];
/// A picture that is not accepted, by the words of a 400.
const BAD_PICTURE: &[&str] = &[
    "photo_",
    "image_process_failed",
    "wrong file identifier",
    "wrong remote file",
    "wrong type of the web page content",
    "failed to get http url content",
    "webpage_",
    "media_empty",
    "file_reference",
    "can't use file of type",
    "document_invalid",
];

impl Refusal {
    fn says(&self, words: &[&str]) -> bool {
        let description = self.description.to_lowercase();
        words.iter().any(|word| description.contains(word))
    }

    /// Our mark-up is not understood: the same words go without any.
    pub(super) fn is_markup(&self) -> bool {
        self.code == 400 && self.says(&["can't parse entities"])
    }

    /// The message is what it should become.
    pub(super) fn is_unchanged(&self) -> bool {
        self.code == 400 && self.says(&["message is not modified"])
    }

    /// The message will never become what it should, but a new one may.
    pub(super) fn is_not_editable(&self) -> bool {
        self.code == 400 && self.says(NOT_EDITABLE)
    }

    /// The picture is not accepted; the words may be.
    pub(super) fn is_picture(&self) -> bool {
        (self.code == 400 && self.says(BAD_PICTURE)) || self.code == 413
    }

    /// The address of a link button is not accepted.
    pub(super) fn is_link(&self) -> bool {
        self.code == 400 && self.says(&["button url", "button_url_invalid", "wrong http url"])
    }

    /// The topic of a group is closed or gone; the group may be there.
    pub(super) fn is_topic(&self) -> bool {
        self.code == 400 && self.says(&["message thread not found", "topic_closed", "topic_deleted"])
    }

    /// The seconds for which the platform wants to be left alone, when it does.
    pub(super) fn pause_seconds(&self) -> Option<u64> {
        let asked = self.retry_after_seconds;
        let wants = self.code == 429 || asked.is_some();
        wants.then(|| asked.unwrap_or(DEFAULT_RETRY_SECONDS).clamp(1, MAX_RETRY_SECONDS))
    }

    /// Whether the same call may work a moment later.
    pub(super) fn may_pass(&self) -> bool {
        matches!(self.code, 408 | 429 | 500..)
    }

    /// The platform's own name of the error, where the words are one: those names quote nobody.
    fn name(&self) -> Option<&str> {
        let words = self.description.strip_prefix("Bad Request: ").unwrap_or(&self.description);
        let is_name = words.len() <= MAX_CODE_CHARS
            && words.contains('_')
            && words.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
        is_name.then_some(words)
    }
}

/// What a refused or lost call means that may be repeated without harm.
pub(super) fn harmless(method: &str, trouble: &Trouble) -> CallError {
    match outcome(method, trouble) {
        CallError::Unknown { reason, .. } => CallError::Retry { reason, after_ms: None },
        error => error,
    }
}

/// What a refused or lost call means to the caller.
pub(super) fn outcome(method: &str, trouble: &Trouble) -> CallError {
    let refusal = match trouble {
        Trouble::Refused(refusal) => refusal,
        Trouble::Away => {
            let reason = format!("telegram {method}: no connection");
            return CallError::Down { reason, after_ms: None, may_have_worked: false };
        }
        // A second bubble is better than silence: the Bot API takes no key that would make another try harmless. A tenth is
        // not.
        Trouble::Lost(why) => {
            return CallError::Unknown {
                reason: format!("telegram {method}: {why}"),
                after_ms: LOST_WAIT_MS,
            };
        }
    };
    let said = |words: &str| format!("telegram {method} {}: {words}", refusal.code);
    if let Some(seconds) = refusal.pause_seconds() {
        let after_ms = Some(seconds.saturating_mul(1_000));
        return CallError::Retry { reason: said("too many requests"), after_ms };
    }
    match refusal.code {
        401 | 404 => {
            CallError::Stopped { reason: said("the token is refused; get a new one from @BotFather") }
        }
        403 => {
            CallError::Unreachable { reason: said("the bot is blocked, was removed or was never started") }
        }
        400 if refusal.says(UNREACHABLE) => {
            CallError::Unreachable { reason: said("there is no such chat for the bot") }
        }
        400 if refusal.is_markup() => CallError::Fail { reason: said("the mark-up is not understood") },
        400 if refusal.is_not_editable() => CallError::Fail { reason: said("the message cannot be changed") },
        400 if refusal.is_picture() => CallError::Fail { reason: said("the picture is not accepted") },
        400 if refusal.is_link() => CallError::Fail { reason: said("the link is not accepted") },
        400 if refusal.says(&["file is too big"]) => CallError::Fail { reason: said("the file is too big") },
        409 => CallError::Retry { reason: said("another process asks for the same updates"), after_ms: None },
        408 | 500.. => CallError::Down {
            reason: said("the platform is in trouble"),
            after_ms: None,
            may_have_worked: false,
        },
        _ => CallError::Fail { reason: said(refusal.name().unwrap_or("refused")) },
    }
}
