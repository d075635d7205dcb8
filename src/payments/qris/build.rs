//! Writing a code from its parts, strictly by the specification.

use unicode_normalization::UnicodeNormalization;

use super::check::{is_nmid, odd_character};
use super::tlv::{self, Unit};
use super::{
    ADDITIONAL, AMOUNT, CATEGORY, CITY, COUNTRY, CURRENCY, FORMAT, INITIATION, MAX_TRANSACTION_RUPIAH, NAME,
    NATIONAL, POSTAL_CODE, QrisError, RUPIAH, amount, seal,
};
use crate::domain::money::Rupiah;

/// Characters of a merchant's name.
pub const MAX_NAME_CHARS: usize = 25;
/// Characters of a merchant's city.
pub const MAX_CITY_CHARS: usize = 15;
/// Characters of one piece of additional data.
pub const MAX_ADDITIONAL_CHARS: usize = 25;

/// Who is paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merchant {
    /// Name, at most `MAX_NAME_CHARS` of printable ASCII; [`fit`] makes any name fit.
    pub name: String,
    /// City, at most `MAX_CITY_CHARS`.
    pub city: String,
    /// Postal code, at most 10.
    pub postal_code: String,
    /// ISO 18245, four digits.
    pub category: String,
    /// The company that takes the money in.
    pub acquirer: Acquirer,
    /// National merchant number: `ID` and 13 digits.
    pub nmid: String,
}

/// The merchant's account with the company that takes the money in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acquirer {
    /// Its reverse domain, at most 32 characters.
    pub domain: String,
    /// Merchant PAN, at most 19 digits.
    pub pan: String,
    /// Its own number of the merchant, at most 15 characters.
    pub merchant_id: String,
    /// Size of the merchant: UMI, UKE, UME, UBE or URE.
    pub criteria: String,
}

/// What is printed on the payer's receipt.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Additional {
    /// Bill number (62.01).
    pub bill: Option<String>,
    /// Reference (62.05).
    pub reference: Option<String>,
    /// Terminal (62.07).
    pub terminal: Option<String>,
}

/// Writes a code: dynamic when there is an amount, static else.
///
/// # Errors
/// [`QrisError::Unfit`] for a part that does not fit its field, [`QrisError::Amount`] for an amount that cannot be asked for.
pub fn build(
    merchant: &Merchant,
    amount: Option<Rupiah>,
    additional: &Additional,
) -> Result<String, QrisError> {
    let mut text = String::with_capacity(256);
    let initiation = if amount.is_some() { "12" } else { "11" };
    tlv::write(&mut text, FORMAT, "01", Unit::Characters);
    tlv::write(&mut text, INITIATION, initiation, Unit::Characters);
    tlv::write(&mut text, 26, &account(&merchant.acquirer)?, Unit::Characters);
    tlv::write(&mut text, NATIONAL, &national(merchant)?, Unit::Characters);
    tlv::write(&mut text, CATEGORY, digits("52", &merchant.category, 4, 4)?, Unit::Characters);
    tlv::write(&mut text, CURRENCY, RUPIAH, Unit::Characters);
    if let Some(amount) = amount {
        tlv::write(&mut text, AMOUNT, &amount::write(amount, MAX_TRANSACTION_RUPIAH)?, Unit::Characters);
    }
    tlv::write(&mut text, COUNTRY, "ID", Unit::Characters);
    tlv::write(&mut text, NAME, plain("59", &merchant.name, MAX_NAME_CHARS)?, Unit::Characters);
    tlv::write(&mut text, CITY, plain("60", &merchant.city, MAX_CITY_CHARS)?, Unit::Characters);
    tlv::write(&mut text, POSTAL_CODE, plain("61", &merchant.postal_code, 10)?, Unit::Characters);
    let mut inner = String::new();
    for (tag, name, value) in [
        (1, "62.01", &additional.bill),
        (5, "62.05", &additional.reference),
        (7, "62.07", &additional.terminal),
    ] {
        if let Some(value) = value {
            tlv::write(&mut inner, tag, plain(name, value, MAX_ADDITIONAL_CHARS)?, Unit::Characters);
        }
    }
    if !inner.is_empty() {
        tlv::write(&mut text, ADDITIONAL, &inner, Unit::Characters);
    }
    Ok(seal(text))
}

fn account(acquirer: &Acquirer) -> Result<String, QrisError> {
    let mut text = String::new();
    tlv::write(&mut text, 0, plain("26.00", &acquirer.domain, 32)?, Unit::Characters);
    tlv::write(&mut text, 1, digits("26.01", &acquirer.pan, 1, 19)?, Unit::Characters);
    tlv::write(&mut text, 2, plain("26.02", &acquirer.merchant_id, 15)?, Unit::Characters);
    tlv::write(&mut text, 3, plain("26.03", &acquirer.criteria, 3)?, Unit::Characters);
    Ok(text)
}

fn national(merchant: &Merchant) -> Result<String, QrisError> {
    if !is_nmid(&merchant.nmid) {
        return Err(QrisError::Unfit { tag: "51.02", value: merchant.nmid.clone(), max: 15 });
    }
    let mut text = String::new();
    tlv::write(&mut text, 0, "ID.CO.QRIS.WWW", Unit::Characters);
    tlv::write(&mut text, 2, &merchant.nmid, Unit::Characters);
    tlv::write(&mut text, 3, plain("51.03", &merchant.acquirer.criteria, 3)?, Unit::Characters);
    Ok(text)
}

fn plain<'a>(tag: &'static str, value: &'a str, max: usize) -> Result<&'a str, QrisError> {
    if value.is_empty() || value.chars().count() > max || odd_character(value).is_some() {
        return Err(QrisError::Unfit { tag, value: value.to_owned(), max });
    }
    Ok(value)
}

fn digits<'a>(tag: &'static str, value: &'a str, min: usize, max: usize) -> Result<&'a str, QrisError> {
    if !(min..=max).contains(&value.len()) || !value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(QrisError::Unfit { tag, value: value.to_owned(), max });
    }
    Ok(value)
}

/// Makes a name fit a field: accents are dropped, other characters outside of printable ASCII left out, the rest cut.
/// A name of which nothing is left becomes `fallback`.
pub fn fit(text: &str, max_chars: usize, fallback: &str) -> String {
    let ascii: String =
        text.nfkd().filter(|character| matches!(character, ' '..='~') && *character != '|').collect();
    let spaced = ascii.split_whitespace().collect::<Vec<_>>().join(" ");
    let cut: String = spaced.chars().take(max_chars).collect();
    let cut = cut.trim_end();
    if cut.is_empty() { fallback.to_owned() } else { cut.to_owned() }
}
