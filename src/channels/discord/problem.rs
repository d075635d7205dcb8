//! Why a call did not work, and what that means for the message.
//!
//! Source: `topics/opcodes-and-status-codes.mdx`, "JSON Error Codes".

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::Value;

use crate::edge::CallError;

use super::wire;

/// Codes that say that this person cannot be written to.
const UNREACHABLE: &[(i64, &str)] = &[
    (10_003, "the channel does not exist any more"),
    (10_013, "the user does not exist any more"),
    (40_003, "too many direct messages were opened"),
    (50_001, "the bot may not see the channel"),
    (50_007, "the user takes no direct messages from the bot"),
    (50_278, "the user shares no server with the bot"),
];
/// Codes that say that the account itself is not allowed to work.
const STOPPED: &[(i64, &str)] = &[
    (40_001, "the bot is not authorised"),
    (40_002, "the bot's account must be verified at the platform"),
    (40_064, "the bot's account is limited"),
];
/// Codes that say that an interaction's token is no good any more.
const DEAD_TOKEN: &[i64] = &[10_015, 10_062, 50_027];
/// The interaction was answered before.
const ALREADY_ANSWERED: i64 = 40_060;
/// Stands for the code of an answer that was longer than is read.
const TOO_LONG: i64 = -1;
/// The message does not exist.
const UNKNOWN_MESSAGE: i64 = 10_008;

/// A call that did not work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The platform's own code; 0 where it gave none, and below that for answers that it cannot give.
    pub code: i64,
    /// What it means for the message.
    pub error: CallError,
    /// Whether the platform may have done what it was asked.
    pub may_have_worked: bool,
}

impl From<CallError> for Problem {
    fn from(error: CallError) -> Self {
        Self::of(error)
    }
}

impl From<Problem> for CallError {
    fn from(problem: Problem) -> Self {
        problem.error
    }
}

impl Problem {
    /// A problem on our side of the wire.
    pub fn of(error: CallError) -> Self {
        Self { code: 0, error, may_have_worked: false }
    }

    /// A call that was not made, because the platform asked for a pause.
    pub fn waiting(wait: Duration) -> Self {
        Self::of(CallError::Retry {
            reason: "Discord asked for a pause".to_owned(),
            after_ms: Some(ms(wait)),
        })
    }

    /// An answer that came and cannot be read.
    pub fn unread(reason: &str) -> Self {
        let error = CallError::Retry { reason: reason.to_owned(), after_ms: None };
        Self { code: 0, error, may_have_worked: true }
    }

    /// An answer that came and is longer than is read.
    pub fn too_long() -> Self {
        Self { code: TOO_LONG, ..Self::unread("the platform's answer is too long") }
    }

    /// Whether the answer was longer than is read.
    pub fn is_too_long(&self) -> bool {
        self.code == TOO_LONG
    }

    /// A call whose answer did not come. The words of the error are not passed on: they may hold addresses.
    pub fn transport(error: &reqwest::Error) -> Self {
        let reason = if error.is_connect() {
            "Discord cannot be reached"
        } else if error.is_timeout() {
            "Discord did not answer in time"
        } else {
            "the connection to Discord broke"
        };
        if error.is_connect() {
            let reason = reason.to_owned();
            return Self::of(CallError::Down { reason, after_ms: None, may_have_worked: false });
        }
        Self::unread(reason)
    }

    /// Whether the interaction's token is no good any more.
    pub fn is_dead_token(&self) -> bool {
        DEAD_TOKEN.contains(&self.code)
    }

    /// Whether the interaction was answered before.
    pub fn is_already_answered(&self) -> bool {
        self.code == ALREADY_ANSWERED
    }

    /// Whether the message that should be changed does not exist.
    pub fn is_unknown_message(&self) -> bool {
        self.code == UNKNOWN_MESSAGE
    }

    /// Whether the person cannot be written to this way.
    pub fn is_unreachable(&self) -> bool {
        matches!(self.error, CallError::Unreachable { .. })
    }
}

/// What a refusal of the platform means.
pub fn refused(status: StatusCode, body: Option<&Value>, wait: Option<Duration>) -> Problem {
    let code = body.and_then(|body| wire::number(body.get("code"))).unwrap_or_default();
    let known =
        |list: &[(i64, &'static str)]| list.iter().find(|(known, _)| *known == code).map(|(_, why)| *why);
    let number = status.as_u16();
    let reason = |why: &str| format!("Discord answered {number} (code {code}): {why}");
    let mut may_have_worked = false;
    let error = if let Some(why) = known(UNREACHABLE) {
        CallError::Unreachable { reason: reason(why) }
    } else if let Some(why) = known(STOPPED) {
        CallError::Stopped { reason: reason(why) }
    } else if status == StatusCode::TOO_MANY_REQUESTS {
        CallError::Retry { reason: reason("too many requests"), after_ms: wait.map(ms) }
    } else if status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT {
        may_have_worked = true;
        CallError::Down {
            reason: reason("the platform is in trouble"),
            after_ms: wait.map(ms),
            may_have_worked,
        }
    } else if status == StatusCode::UNAUTHORIZED && !DEAD_TOKEN.contains(&code) {
        CallError::Stopped { reason: reason("the bot token is wrong or was reset") }
    } else if status == StatusCode::FORBIDDEN {
        // Another try would be counted as an invalid request; another channel may still reach the person.
        CallError::Unreachable { reason: reason("the bot is not allowed to do this") }
    } else {
        CallError::Fail { reason: reason("the request was refused") }
    };
    Problem { code, error, may_have_worked }
}

fn ms(wait: Duration) -> u64 {
    u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)
}
