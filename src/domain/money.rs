//! Whole rupiah in checked integers. There is no float and no other unit anywhere on the money path.

use serde::{Deserialize, Serialize};

/// The largest amount that a column can hold: the shared schema keeps amounts as `integer`.
pub const MAX_RUPIAH: i64 = i32::MAX as i64;

/// Digits of an amount that are read.
const MAX_DIGITS: usize = 12;

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

    /// Reads an amount as people and banks write it: `50000`, `50.000`, `Rp 50.000,-`, `IDR 50,000.00`, `50rb`, `1,5jt`.
    /// Thousands are set off by dots or by commas, always the same; before a word for thousands or millions a mark is a decimal
    /// one. Nothing when it is no such text, or no whole amount.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim().to_lowercase();
        let text = text.strip_prefix("rp").or_else(|| text.strip_prefix("idr")).unwrap_or(&text);
        let text = text.trim_start_matches(['.', ' ']).trim_end();
        let text = text.strip_suffix(",-").or_else(|| text.strip_suffix(".-")).unwrap_or(text);
        let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == ',')).unwrap_or(text.len());
        let (digits, unit) = (&text[..end], text[end..].trim());
        let whole = match unit {
            "" => grouped(digits)?,
            "k" | "rb" | "ribu" => scaled(digits, 1_000)?,
            "jt" | "juta" => scaled(digits, 1_000_000)?,
            _ => return None,
        };
        Self::new(whole).ok()
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

/// A number with thousands set off by dots or by commas, and perhaps decimals of nothing: rupiah have none.
fn grouped(text: &str) -> Option<i64> {
    let (whole, separator) = match text.rfind(['.', ',']) {
        // Two digits behind the last mark are decimals.
        Some(at) if text.len() - at == 3 => {
            let whole = text.strip_suffix("00")?;
            (&whole[..at], if text.as_bytes()[at] == b',' { '.' } else { ',' })
        }
        Some(at) => (text, char::from(text.as_bytes()[at])),
        None => (text, '.'),
    };
    let groups: Vec<&str> = whole.split(separator).collect();
    let (first, rest) = groups.split_first()?;
    let fits = rest.is_empty() || (1..=3).contains(&first.len());
    if !fits || rest.iter().any(|group| group.len() != 3) {
        return None;
    }
    digits(&groups.concat())
}

/// A number of thousands or millions, with one mark at most, before one or two decimals.
fn scaled(text: &str, scale: i64) -> Option<i64> {
    let (whole, decimals) = text.split_once(['.', ',']).unwrap_or((text, "0"));
    let tenths = 10_i64.pow(u32::try_from(decimals.len()).ok().filter(|length| (1..=2).contains(length))?);
    let part = digits(decimals)?.checked_mul(scale)?;
    if part % tenths != 0 {
        return None;
    }
    digits(whole)?.checked_mul(scale)?.checked_add(part / tenths)
}

fn digits(text: &str) -> Option<i64> {
    let fits = (1..=MAX_DIGITS).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    fits.then(|| text.parse().ok()).flatten()
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
            ("49999", Some(49_999)),
            (" Rp 49.999 ", Some(49_999)),
            ("Rp. 49.999,00", Some(49_999)),
            ("IDR 49,999.00", Some(49_999)),
            ("1.250.000", Some(1_250_000)),
            ("1,250,000", Some(1_250_000)),
            ("999", Some(999)),
            ("50 ribu", Some(50_000)),
            ("0", Some(0)),
            ("1,5", None),
            ("50.00.0", None),
            ("50.0000", None),
            ("4.9999", None),
            ("1.25.000", None),
            ("1234.567", None),
            ("1,000.000", None),
            ("49.99", None),
            ("49.999,50", None),
            ("12 000", None),
            ("1.500rb", None),
            ("1,0005jt", None),
            (",00", None),
            (".", None),
            ("Rp", None),
            ("lunas", None),
            ("lima puluh", None),
            ("", None),
            ("-5", None),
            ("9999999999", None),
            ("99.999.999.999", None),
            ("9999999999999999999999jt", None),
            ("5 apel", None),
        ] {
            assert_eq!(Rupiah::read(text).map(Rupiah::whole), whole, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in ".{0,60}") {
            let _ = Rupiah::read(&text);
        }

        #[test]
        fn what_is_written_is_read_back(whole in 0..=MAX_RUPIAH) {
            let plain = whole.to_string();
            let mut dotted = String::new();
            for (index, digit) in plain.chars().enumerate() {
                if index > 0 && (plain.len() - index).is_multiple_of(3) {
                    dotted.push('.');
                }
                dotted.push(digit);
            }
            for text in [plain, dotted.clone(), format!("Rp {dotted},00"), format!("IDR {}.00", dotted.replace('.', ","))] {
                proptest::prop_assert_eq!(Rupiah::read(&text).map(Rupiah::whole), Some(whole));
            }
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
