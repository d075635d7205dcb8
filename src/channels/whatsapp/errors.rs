//! The platform's error codes: what each means for a row of the outbox.
//!
//! Meta, "Cloud API error codes": the code decides, never the HTTP status, which differs between pages of the same
//! documentation.

use crate::domain::message::DeliveryFailure;
use crate::edge::CallError;

/// How long a report of delivery is waited for after an answer was lost, in milliseconds.
pub(super) const REPORT_WAIT_MS: u64 = 120_000;
/// The wait after too many requests of the whole app or number, in milliseconds.
const THROTTLED_MS: u64 = 5_000;

/// The window is shut: an approved template is needed.
pub(super) const WINDOW_SHUT: i64 = 131_047;
/// Too many messages to one person.
pub(super) const PAIR_RATE: i64 = 131_056;

/// What a code asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    /// Another try, not before so many milliseconds.
    Retry(Option<u64>),
    /// The platform itself is out of order; the wait is as above.
    Down(Option<u64>),
    /// The account does not work.
    Stopped,
    /// The person cannot be reached here now.
    Unreachable,
    /// Another try would be wrong.
    Fail,
    /// A code that stands on no list: what the answer says besides decides.
    Unlisted,
}

/// What a code is and what it asks for, in words for operators.
fn class(code: i64) -> (Class, &'static str) {
    use Class::{Down, Fail, Retry, Stopped, Unlisted, Unreachable};
    match code {
        1 | 2 | 131_000 | 131_016 => (Down(None), "the platform is out of order"),
        4 | 17 | 32 | 341 | 613 | 80_007 | 130_429 => {
            (Retry(Some(THROTTLED_MS)), "too many requests of this app or number")
        }
        PAIR_RATE => (Retry(None), "too many messages to one person"),
        131_057 => (Down(Some(60_000)), "the account is being maintained"),
        133_004 => (Down(Some(60_000)), "the platform is unavailable"),
        0 | 190 => (Stopped, "the access token is wrong or has expired; make a permanent one"),
        3 | 10 | 200..=299 | 131_005 => (Stopped, "the access token lacks a permission"),
        368 => (Stopped, "the account is blocked for breaking a policy"),
        131_031 => (Stopped, "the account is locked"),
        131_037 => (Stopped, "the number has no approved display name"),
        131_042 => (Stopped, "the account has no working means of payment"),
        131_045 | 133_000..=133_003 | 133_005..=133_016 => (Stopped, "the number is not registered"),
        131_048 => (Stopped, "people report messages of the number; the platform throttles it"),
        WINDOW_SHUT => (Unreachable, "more than 24 hours since the person wrote"),
        131_026 => (Unreachable, "the message cannot be delivered to this person"),
        131_021 => (Unreachable, "sender and recipient are the same number"),
        131_030 => (Unreachable, "the recipient is not in the list of the test number"),
        130_497 => (Unreachable, "the platform does not allow messages to the person's country"),
        131_049 => (Unreachable, "the platform holds messages back from this person"),
        131_050 => (Unreachable, "the person has opted out"),
        131_062 => (Unreachable, "this kind of message needs a phone number"),
        130_472 => (Unreachable, "the person is part of an experiment of the platform"),
        100 | 131_008 | 131_009 => (Fail, "the platform dislikes the request"),
        131_051 => (Fail, "the platform does not support the kind of message"),
        131_052 | 131_053 => (Fail, "the platform cannot use the file"),
        132_000..=132_999 => (Unreachable, "the template is missing, paused or does not fit its parameters"),
        _ => (Unlisted, "a code that is not known here"),
    }
}

/// A code in words for operators.
pub(super) fn describe(code: i64) -> String {
    format!("{code}: {}", class(code).1)
}

/// What a code asks for when it comes in a report, after the platform had taken the message.
pub(super) fn of_report(code: i64) -> DeliveryFailure {
    match class(code).0 {
        _ if code == WINDOW_SHUT => DeliveryFailure::WindowShut,
        Class::Retry(after_ms) | Class::Down(after_ms) => DeliveryFailure::Retry { after_ms },
        Class::Stopped => DeliveryFailure::Stopped,
        Class::Unreachable => DeliveryFailure::Unreachable,
        Class::Fail | Class::Unlisted => DeliveryFailure::Final,
    }
}

/// The failure that a code means; `asked_ms` is the wait of a `Retry-After` header. `may_pass` is whether the answer calls the
/// failure a passing one, by `is_transient` (Meta's OpenAPI, `GraphAPIError`) or by its status.
pub(super) fn of_code(code: i64, asked_ms: Option<u64>, may_pass: bool) -> CallError {
    let (class, _) = class(code);
    let reason = describe(code);
    match class {
        Class::Retry(wait) => CallError::Retry { reason, after_ms: asked_ms.max(wait) },
        // A refusal with a code was a refusal: nothing was sent.
        Class::Down(wait) => CallError::Down { reason, after_ms: asked_ms.max(wait), may_have_worked: false },
        Class::Stopped => CallError::Stopped { reason },
        Class::Unreachable => CallError::Unreachable { reason },
        Class::Unlisted if may_pass => CallError::Retry { reason, after_ms: asked_ms },
        Class::Fail | Class::Unlisted => CallError::Fail { reason },
    }
}

/// The failure of an answer without a code: something between the platform and us has answered.
pub(super) fn of_status(status: u16, asked_ms: Option<u64>) -> CallError {
    let reason = format!("HTTP {status} without a code");
    match status {
        429 => CallError::Retry { reason, after_ms: asked_ms.max(Some(THROTTLED_MS)) },
        401 | 403 => CallError::Stopped { reason },
        // What was written before the failure may have been sent.
        408 => CallError::Unknown { reason, after_ms: REPORT_WAIT_MS },
        500..=599 => CallError::Down { reason, after_ms: asked_ms, may_have_worked: true },
        _ => CallError::Fail { reason },
    }
}
