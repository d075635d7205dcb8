//! The QRIS code itself: EMVCo's merchant-presented format as Indonesia uses it. Read, check, build, convert, draw.
//!
//! Strict when writing, loose when reading: a code that circulates with a name that is a little too long can be read,
//! and comes with a finding; a code whose checksum, currency or amount is wrong is never shown to anybody.
//!
//! A code issued by a gateway (dynamic, with its amount) is answered by that gateway. A shop's printed code (static) that
//! gets an amount by [`make_dynamic`] is only a convenience for the payer: nobody reports its payments.

mod amount;
mod build;
mod check;
mod draw;
mod picture;
pub mod tlv;

#[cfg(test)]
mod tests;

pub use amount::{AmountError, MAX_TRANSACTION_RUPIAH};
pub use build::{Acquirer, Additional, Merchant, build, fit};
pub use check::{Finding, Problem, Severity};
pub use draw::{DrawError, half_blocks, png, svg};
pub use picture::{
    MAX_PICTURE_BYTES, PictureError, decode, in_turn, picture_hash, read_decoded, read_picture,
};

use crate::domain::money::Rupiah;
use tlv::{Field, TlvError, Unit};

/// Payload format.
pub const FORMAT: u8 = 0;
/// Point of initiation: 11 static, 12 dynamic.
pub const INITIATION: u8 = 1;
/// The tag of codes for transfers between people, which are no merchant codes.
pub const TRANSFER: u8 = 40;
/// The national repository of merchants.
pub const NATIONAL: u8 = 51;
/// Merchant category.
pub const CATEGORY: u8 = 52;
/// Currency, ISO 4217 in digits.
pub const CURRENCY: u8 = 53;
/// Amount.
pub const AMOUNT: u8 = 54;
/// Tip: who says how much.
pub const TIP: u8 = 55;
/// Fixed tip.
pub const TIP_FIXED: u8 = 56;
/// Tip in percent.
pub const TIP_PERCENT: u8 = 57;
/// Country.
pub const COUNTRY: u8 = 58;
/// Merchant's name.
pub const NAME: u8 = 59;
/// Merchant's city.
pub const CITY: u8 = 60;
/// Postal code.
pub const POSTAL_CODE: u8 = 61;
/// Additional data: bill number, reference and the like.
pub const ADDITIONAL: u8 = 62;
/// Checksum, always last.
pub const CRC: u8 = 63;
/// Name and city in another language.
pub const LANGUAGE: u8 = 64;

/// Rupiah in ISO 4217.
pub const RUPIAH: &str = "360";

/// A code as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Qris {
    /// The text without white space around it.
    text: String,
    /// The fields of the top level, in their order.
    fields: Vec<Field>,
    /// What its lengths count.
    unit: Unit,
    /// Whether there was white space around it.
    trimmed: bool,
}

/// Why a code is not read, not converted or not shown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QrisError {
    /// It is not a row of fields.
    #[error("not a QRIS string: {0}")]
    Unreadable(#[from] TlvError),
    /// It can be read but must not be used.
    #[error("{0}")]
    Refused(Finding),
    /// A code that already carries its amount belongs to the gateway that issued it.
    #[error("the code is dynamic already (tag 01 is 12); only a shop's static code can be given an amount")]
    AlreadyDynamic,
    /// A code for transfers between people.
    #[error("the code is for a transfer to a person (tag 40), not a merchant's")]
    Transfer,
    /// A code without the merchant's national number.
    #[error(
        "tag 51 (national merchant number) is missing, so wallets of other companies would refuse the code"
    )]
    NoNational,
    /// A code that should be dynamic and is not.
    #[error("the code is not dynamic (tag 01 is not 12)")]
    NotDynamic,
    /// A code over another amount.
    #[error("the code asks for {found}, not for {expected}")]
    OtherAmount {
        /// What the payment is over, in rupiah.
        expected: i64,
        /// What tag 54 says, or `no amount`.
        found: String,
    },
    /// A code that lets the wallet add to the amount.
    #[error("tag {0} lets the wallet add to the amount")]
    Tip(u8),
    /// An amount that cannot be asked for.
    #[error("{0}")]
    Amount(#[from] AmountError),
    /// A text that does not fit its field.
    #[error("tag {tag}: {value:?} does not fit, at most {max} printable ASCII characters do")]
    Unfit {
        /// The field.
        tag: &'static str,
        /// The text.
        value: String,
        /// What it may hold.
        max: usize,
    },
}

impl Qris {
    /// Reads a code. White space around it, line breaks and invisible characters are dropped, because people paste.
    ///
    /// # Errors
    /// [`TlvError`] with the place and the reason.
    pub fn parse(text: &str) -> Result<Self, TlvError> {
        let whole: String = text.chars().filter(|letter| !comes_by_pasting(*letter)).collect();
        let inner = whole.trim();
        let (fields, unit) = match tlv::read(inner, Unit::Characters, None, 0) {
            Ok(fields) => (fields, Unit::Characters),
            Err(error) if inner.is_ascii() => return Err(error),
            // Writers that count bytes are wrong, but their codes work in every wallet that counts bytes as well.
            Err(error) => (tlv::read(inner, Unit::Bytes, None, 0).map_err(|_| error)?, Unit::Bytes),
        };
        Ok(Self { text: inner.to_owned(), fields, unit, trimmed: inner.len() != text.len() })
    }

    /// The code without white space around it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The fields of the top level, in their order.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The value of a field of the top level.
    pub fn get(&self, tag: u8) -> Option<&str> {
        self.fields.iter().find(|field| field.tag == tag).map(|field| field.value.as_str())
    }

    /// The fields inside a field that holds fields, where it does.
    pub fn inside(&self, tag: u8) -> Option<Vec<Field>> {
        let field = self.fields.iter().find(|field| field.tag == tag)?;
        self.children(field).and_then(Result::ok)
    }

    /// The fields inside a field; nothing for fields that hold plain values.
    pub(crate) fn children(&self, field: &Field) -> Option<Result<Vec<Field>, TlvError>> {
        is_template(field.tag).then(|| tlv::read(&field.value, self.unit, Some(field.tag), field.at + 3))
    }

    /// The value of a field inside a field.
    pub fn get_inside(&self, tag: u8, child: u8) -> Option<String> {
        self.inside(tag)?.into_iter().find(|field| field.tag == child).map(|field| field.value)
    }

    /// Whether the code carries its amount and belongs to one payment.
    pub fn is_dynamic(&self) -> bool {
        self.get(INITIATION) == Some("12")
    }

    /// The amount that it asks for.
    ///
    /// # Errors
    /// [`AmountError`] when tag 54 is there and is no amount of whole rupiah.
    pub fn amount(&self) -> Result<Option<Rupiah>, AmountError> {
        self.get(AMOUNT).map(amount::read).transpose()
    }

    /// The merchant's national number (NMID).
    pub fn nmid(&self) -> Option<String> {
        self.get_inside(NATIONAL, 2)
    }

    /// The checksum that the text ought to end in.
    pub fn expected_crc(&self) -> String {
        crc_of(self.text.get(..self.text.len().saturating_sub(4)).unwrap_or_default())
    }

    /// Everything that is wrong or odd about it, by the rules of the specification.
    pub fn findings(&self) -> Vec<Finding> {
        check::findings(self)
    }
}

/// The fields that hold fields themselves.
/// Breaks of lines that were too long for a screen, marks of encoding and of direction: no field of a code holds any.
fn comes_by_pasting(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{2066}'..='\u{2069}')
}

fn is_template(tag: u8) -> bool {
    matches!(tag, 26..=51 | ADDITIONAL | LANGUAGE | 80..=99)
}

/// The checksum of a text that ends in `6304`: CRC-16 with polynomial 1021 and initial value FFFF, upper-case hex.
fn crc_of(text: &str) -> String {
    const CRC_16: crc::Crc<u16> = crc::Crc::<u16>::new(&crc::CRC_16_IBM_3740);
    format!("{:04X}", CRC_16.checksum(text.as_bytes()))
}

/// Ends a row of fields with its checksum.
fn seal(mut text: String) -> String {
    text.push_str("6304");
    let crc = crc_of(&text);
    text.push_str(&crc);
    text
}

/// Puts an amount into a shop's static code, up to [`MAX_TRANSACTION_RUPIAH`].
///
/// # Errors
/// See [`make_dynamic_within`].
pub fn make_dynamic(payload: &str, amount: Rupiah) -> Result<String, QrisError> {
    make_dynamic_within(payload, amount, MAX_TRANSACTION_RUPIAH)
}

/// Puts an amount into a shop's static code. An amount or a tip that it already holds is taken out; everything else stays
/// as it is and where it is.
///
/// # Errors
/// [`QrisError`] when the code cannot be read, has a wrong checksum or another error, is dynamic already, is for a
/// transfer, or names no national merchant number; and when the amount is zero or past `limit_rupiah`.
pub fn make_dynamic_within(payload: &str, amount: Rupiah, limit_rupiah: i64) -> Result<String, QrisError> {
    let amount = amount::write(amount, limit_rupiah)?;
    let qris = Qris::parse(payload)?;
    if qris.get(TRANSFER).is_some() {
        return Err(QrisError::Transfer);
    }
    let replaced = |tag: u8| matches!(tag, AMOUNT | TIP | TIP_FIXED | TIP_PERCENT);
    let error = qris
        .findings()
        .into_iter()
        .find(|finding| finding.severity == Severity::Error && !finding.tag.is_some_and(replaced));
    if qris.is_dynamic() {
        return Err(error.map_or(QrisError::AlreadyDynamic, QrisError::Refused));
    }
    if qris.get(NATIONAL).is_none() {
        return Err(QrisError::NoNational);
    }
    if let Some(finding) = error {
        return Err(QrisError::Refused(finding));
    }
    let mut text = String::with_capacity(qris.text.len() + 32);
    for field in qris.fields.iter().filter(|field| !replaced(field.tag)) {
        match field.tag {
            FORMAT => {
                tlv::write(&mut text, FORMAT, &field.value, qris.unit);
                tlv::write(&mut text, INITIATION, "12", qris.unit);
            }
            INITIATION | CRC => {}
            COUNTRY => {
                tlv::write(&mut text, AMOUNT, &amount, qris.unit);
                tlv::write(&mut text, COUNTRY, &field.value, qris.unit);
            }
            tag => tlv::write(&mut text, tag, &field.value, qris.unit),
        }
    }
    Ok(seal(text))
}

/// Makes sure that a code from a gateway asks for exactly this payment, before anybody is shown it: checksum, dynamic,
/// rupiah, the amount, and nothing that lets the wallet add to it.
///
/// # Errors
/// [`QrisError`] saying what does not fit.
pub fn check_dynamic(payload: &str, amount: Rupiah) -> Result<(), QrisError> {
    let qris = Qris::parse(payload)?;
    let findings = qris.findings();
    if let Some(finding) = findings.into_iter().find(|finding| {
        finding.severity == Severity::Error && matches!(finding.tag, Some(FORMAT | CRC | CURRENCY | AMOUNT))
    }) {
        return Err(QrisError::Refused(finding));
    }
    if !qris.is_dynamic() {
        return Err(QrisError::NotDynamic);
    }
    if let Some(tag) = [TIP, TIP_FIXED, TIP_PERCENT].into_iter().find(|tag| qris.get(*tag).is_some()) {
        return Err(QrisError::Tip(tag));
    }
    match qris.amount()? {
        Some(found) if found == amount => Ok(()),
        found => Err(QrisError::OtherAmount {
            expected: amount.whole(),
            found: found.map_or_else(|| "no amount".to_owned(), |found| found.whole().to_string()),
        }),
    }
}
