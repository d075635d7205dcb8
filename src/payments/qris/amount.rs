//! Amounts as tag 54 holds them: digits, perhaps a point and zeros, never a fraction of a rupiah.

use crate::domain::money::Rupiah;

/// Rupiah that one QRIS transaction may move, by the central bank's rules.
pub const MAX_TRANSACTION_RUPIAH: i64 = 10_000_000;
/// Characters of tag 54.
pub(super) const MAX_CHARS: usize = 13;

/// Why a text or a number is not an amount for a code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// Not digits with at most one point.
    #[error("{0:?} is not an amount: digits are expected, without separators, as in 50000 or 50000.00")]
    Malformed(String),
    /// Longer than the field may be.
    #[error("{0:?} is longer than the 13 characters of an amount")]
    TooLong(String),
    /// Zero.
    #[error("the amount is zero")]
    Zero,
    /// Sen, which do not exist any more.
    #[error("{0:?} has a fraction, and there is nothing smaller than one rupiah")]
    Fraction(String),
    /// Past what one transaction may move.
    #[error("the amount is past the limit of {limit} rupiah for one transaction")]
    OverLimit {
        /// The limit, in rupiah.
        limit: i64,
    },
}

/// Reads `1000`, `1000.` and `1000.00` as one thousand rupiah.
pub(super) fn read(text: &str) -> Result<Rupiah, AmountError> {
    if text.chars().count() > MAX_CHARS {
        return Err(AmountError::TooLong(text.to_owned()));
    }
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) || fraction.len() > 2 {
        return Err(AmountError::Malformed(text.to_owned()));
    }
    if fraction.bytes().any(|byte| byte != b'0') {
        return Err(AmountError::Fraction(text.to_owned()));
    }
    let amount = whole.parse().ok().and_then(|whole: i64| Rupiah::new(whole).ok());
    match amount {
        None => Err(AmountError::OverLimit { limit: crate::domain::money::MAX_RUPIAH }),
        Some(Rupiah::ZERO) => Err(AmountError::Zero),
        Some(amount) => Ok(amount),
    }
}

/// Writes an amount in the plainest form, which every wallet reads.
pub(super) fn write(amount: Rupiah, limit_rupiah: i64) -> Result<String, AmountError> {
    match amount {
        Rupiah::ZERO => Err(AmountError::Zero),
        amount if amount.whole() > limit_rupiah => Err(AmountError::OverLimit { limit: limit_rupiah }),
        amount => Ok(amount.whole().to_string()),
    }
}
