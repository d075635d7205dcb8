//! How the platform says no: its error bodies.

use serde_json::{Value, json};

/// A refusal: the platform's code, and what was wrong, for those who read a failing test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub code: i64,
    pub subcode: Option<i64>,
    pub details: String,
}

impl Refusal {
    pub(super) fn new(code: i64, details: impl Into<String>) -> Self {
        Self { code, subcode: None, details: details.into() }
    }

    /// A parameter that is unknown or of the wrong type.
    pub(super) fn parameter(details: impl Into<String>) -> Self {
        Self::new(100, details)
    }

    /// A parameter that is missing.
    pub(super) fn missing(details: impl Into<String>) -> Self {
        Self::new(131_008, details)
    }

    /// A value that breaks a bound.
    pub(super) fn value(details: impl Into<String>) -> Self {
        Self::new(131_009, details)
    }

    pub(super) fn status(&self) -> u16 {
        match self.code {
            0 | 190 => 401,
            3 | 10 | 200..=299 | 131_005 | 131_031 | 368 => 403,
            1 | 2 | 131_000 => 500,
            131_016 | 133_004 => 503,
            _ => 400,
        }
    }

    pub(super) fn body(&self) -> Value {
        let kind = "OAuthException";
        let title = title(self.code);
        let mut error = json!({
            "message": format!("(#{}) {title}", self.code),
            "type": kind,
            "code": self.code,
            "error_data": {"messaging_product": "whatsapp", "details": self.details},
            "fbtrace_id": "Az8or2yhqkZfEZ-_4Qn_Bam",
        });
        if let Some(subcode) = self.subcode {
            error["error_subcode"] = json!(subcode);
        }
        json!({"error": error})
    }
}

/// The platform's words for a code.
pub(super) fn title(code: i64) -> &'static str {
    match code {
        2 => "Service temporarily unavailable",
        100 => "Invalid parameter",
        190 => "Invalid OAuth access token",
        130_429 => "Rate limit hit",
        131_008 => "Required parameter is missing",
        131_009 => "Parameter value is not valid",
        131_026 => "Message undeliverable",
        131_047 => "Re-engagement message",
        131_051 => "Message type unknown",
        131_053 => "Media upload error",
        131_056 => "Pair rate limit hit",
        132_000 => "Template param count mismatch",
        132_001 => "Template does not exist",
        132_012 => "Template parameter format mismatch",
        _ => "An error occurred",
    }
}
