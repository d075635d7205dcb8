//! Whole rupiah in checked integers. There is no float and no other unit anywhere on the money path.

use serde::{Deserialize, Serialize};

/// The largest amount that a column can hold: the shared schema keeps amounts as `integer`.
pub const MAX_RUPIAH: i64 = i32::MAX as i64;

/// An amount in whole rupiah, from 0 to [`MAX_RUPIAH`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub struct Rupiah(i64);

/// An amount that does not fit: negative, or past what the shared schema can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the amount is outside of Rp 0 to Rp 2.147.483.647")]
pub struct OutOfRange;

impl Rupiah {
    /// No money.
    pub const ZERO: Rupiah = Rupiah(0);

    /// An amount in whole rupiah.
    ///
    /// # Errors
    /// [`OutOfRange`] when it is negative or past [`MAX_RUPIAH`].
    pub fn new(whole: i64) -> Result<Self, OutOfRange> {
        if (0..=MAX_RUPIAH).contains(&whole) { Ok(Self(whole)) } else { Err(OutOfRange) }
    }

    /// Reads an amount as people write it: `50000`, `50.000`, `Rp 50.000,-`, `50rb`, `1,5jt`. A dot or a comma before
    /// exactly three digits groups thousands; before one or two digits it is a decimal, which only a word for thousands
    /// or millions can make whole. Nothing when it is no such text, or no whole amount.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim().to_lowercase();
        let text = text.strip_prefix("rp").or_else(|| text.strip_prefix("idr")).unwrap_or(&text);
        let text = text.trim_start_matches(['.', ' ']).trim_end();
        let text = text.strip_suffix(",-").or_else(|| text.strip_suffix(".-")).unwrap_or(text);
        let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == ',')).unwrap_or(text.len());
        let (digits, unit) = (&text[..end], text[end..].trim());
        let scale: i64 = match unit {
            "" => 1,
            "k" | "rb" | "ribu" => 1_000,
            "jt" | "juta" => 1_000_000,
            _ => return None,
        };
        let mut groups = digits.split(['.', ',']);
        let mut whole = groups.next().filter(|first| !first.is_empty() && first.len() <= 10)?.to_owned();
        let mut decimals = "";
        for group in groups {
            match group.len() {
                _ if !decimals.is_empty() => return None,
                3 if scale == 1 && whole.len() <= 10 => whole.push_str(group),
                1 | 2 => decimals = group,
                _ => return None,
            }
        }
        let mut value = whole.parse::<i64>().ok()?.checked_mul(scale)?;
        if !decimals.is_empty() {
            let tenths = 10_i64.pow(u32::try_from(decimals.len()).ok()?);
            let part = decimals.parse::<i64>().ok()?.checked_mul(scale)?;
            if part % tenths != 0 {
                return None;
            }
            value = value.checked_add(part / tenths)?;
        }
        Self::new(value).ok()
    }

    /// The amount as a plain integer of whole rupiah.
    pub fn whole(self) -> i64 {
        self.0
    }

    /// The amount as its column holds it.
    pub fn column(self) -> i32 {
        // The constructor admits nothing past i32::MAX.
        i32::try_from(self.0).unwrap_or(i32::MAX)
    }

    /// The sum.
    ///
    /// # Errors
    /// [`OutOfRange`] when the sum does not fit.
    pub fn plus(self, other: Rupiah) -> Result<Rupiah, OutOfRange> {
        Rupiah::new(self.0 + other.0)
    }

    /// The difference.
    ///
    /// # Errors
    /// [`OutOfRange`] when it would be negative.
    pub fn minus(self, other: Rupiah) -> Result<Rupiah, OutOfRange> {
        Rupiah::new(self.0 - other.0)
    }

    /// The price of `quantity` pieces.
    ///
    /// # Errors
    /// [`OutOfRange`] when the product does not fit.
    pub fn times(self, quantity: u32) -> Result<Rupiah, OutOfRange> {
        self.0.checked_mul(i64::from(quantity)).ok_or(OutOfRange).and_then(Rupiah::new)
    }

    /// `percent` of the amount, half a rupiah rounded up, which is how tax is computed once per order.
    ///
    /// # Errors
    /// [`OutOfRange`] when the result does not fit.
    pub fn percent(self, percent: u32) -> Result<Rupiah, OutOfRange> {
        self.0
            .checked_mul(i64::from(percent))
            .and_then(|product| product.checked_add(50))
            .ok_or(OutOfRange)
            .and_then(|product| Rupiah::new(product / 100))
    }

    /// The part of the amount that is tax, for prices that already include `percent` of it; half a rupiah rounds up.
    pub fn included_percent(self, percent: u32) -> Rupiah {
        let whole = 100 + i64::from(percent);
        Rupiah((self.0 * i64::from(percent) * 2 + whole) / (whole * 2))
    }
}

impl TryFrom<i64> for Rupiah {
    type Error = OutOfRange;

    fn try_from(whole: i64) -> Result<Self, OutOfRange> {
        Self::new(whole)
    }
}

impl TryFrom<i32> for Rupiah {
    type Error = OutOfRange;

    fn try_from(whole: i32) -> Result<Self, OutOfRange> {
        Self::new(i64::from(whole))
    }
}

impl From<Rupiah> for i64 {
    fn from(amount: Rupiah) -> i64 {
        amount.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_people_write_them() {
        for (text, whole) in [
            ("50000", Some(50_000)),
            ("50.000", Some(50_000)),
            ("Rp50.000,-", Some(50_000)),
            (" rp. 1.117.500 ", Some(1_117_500)),
            ("1,117,500.00", Some(1_117_500)),
            ("49.997,00", Some(49_997)),
            ("50rb", Some(50_000)),
            ("1,5jt", Some(1_500_000)),
            ("2.25 juta", Some(2_250_000)),
            ("0", Some(0)),
            ("1,5", None),
            ("50.00.0", None),
            ("50.0000", None),
            ("lima puluh", None),
            ("", None),
            ("-5", None),
            ("9999999999", None),
            ("5 apel", None),
        ] {
            assert_eq!(Rupiah::read(text).map(Rupiah::whole), whole, "{text}");
        }
    }

    #[test]
    fn amounts_past_the_column_are_refused_and_never_wrap() {
        assert_eq!(Rupiah::new(-1), Err(OutOfRange));
        assert_eq!(Rupiah::new(MAX_RUPIAH + 1), Err(OutOfRange));
        let top = Rupiah::new(MAX_RUPIAH).unwrap();
        assert_eq!(top.plus(Rupiah::new(1).unwrap()), Err(OutOfRange));
        assert_eq!(top.times(u32::MAX), Err(OutOfRange));
        assert_eq!(Rupiah::ZERO.minus(Rupiah::new(1).unwrap()), Err(OutOfRange));
    }

    #[test]
    fn tax_is_rounded_half_up_once() {
        let check = |amount: i64, percent: u32, tax: i64| {
            assert_eq!(
                Rupiah::new(amount).unwrap().percent(percent).unwrap().whole(),
                tax,
                "{percent}% of {amount}"
            );
        };
        check(100_000, 12, 12_000);
        check(104, 12, 12);
        check(105, 12, 13);
        check(4, 12, 0);
        check(5, 12, 1);
        check(0, 12, 0);
        check(50, 11, 6);
    }

    #[test]
    fn the_tax_inside_a_price_is_its_share() {
        let check = |amount: i64, percent: u32, tax: i64| {
            assert_eq!(Rupiah::new(amount).unwrap().included_percent(percent).whole(), tax);
        };
        check(112_000, 12, 12_000);
        check(50_000, 11, 4_955);
        check(0, 12, 0);
        check(99, 0, 0);
    }
}
