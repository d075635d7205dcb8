//! What is wrong or odd about a code that can be read, rule by rule. Errors stop its use, warnings do not.

use super::tlv::{Field, TlvError};
use super::{
    ADDITIONAL, AMOUNT, AmountError, CATEGORY, CITY, COUNTRY, CRC, CURRENCY, FORMAT, INITIATION, LANGUAGE,
    MAX_TRANSACTION_RUPIAH, NAME, NATIONAL, POSTAL_CODE, Qris, RUPIAH, TIP, TIP_FIXED, TIP_PERCENT, TRANSFER,
};

/// Characters that a code should not pass.
const SHOULD_FIT_CHARS: usize = 512;
/// Names of the national repository, the current one first.
const REPOSITORIES: [&str; 3] = ["ID.CO.QRIS.WWW", "ID.OR.GPNQR.WWW", "ID.OR.QRNPG.WWW"];
/// Sizes of merchants.
const CRITERIA: [&str; 5] = ["UMI", "UKE", "UME", "UBE", "URE"];

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Against the rules, but codes in circulation do it and wallets read them.
    Warning,
    /// The code must not be used.
    Error,
}

/// One thing that is wrong or odd.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// The field of the top level that it is about, where it is about one.
    pub tag: Option<u8>,
    /// What it is.
    pub problem: Problem,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.tag {
            Some(tag) => write!(f, "tag {tag:02}: {}", self.problem),
            None => self.problem.fmt(f),
        }
    }
}

/// The things that can be wrong or odd.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The checksum does not fit the text: a character was changed, lost or added.
    #[error("the checksum is {found}, but the text before it gives {expected}: it was mistyped or changed")]
    WrongCrc {
        /// What the text gives.
        expected: String,
        /// What stands there.
        found: String,
    },
    /// A checksum in lower case.
    #[error("the checksum is written in lower case")]
    LowerCaseCrc,
    /// A field that must be there is not.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// A field that must be the first or the last is not.
    #[error("must be the {0} field")]
    Place(&'static str),
    /// A value that is none of those allowed.
    #[error("is {found:?}, but must be {expected}")]
    Value {
        /// What stands there.
        found: String,
        /// What may stand there.
        expected: &'static str,
    },
    /// A text that is longer than its field may be.
    #[error("has {chars} characters, {max} are allowed")]
    TooLong {
        /// How long it is.
        chars: usize,
        /// How long it may be.
        max: usize,
    },
    /// A character that wallets may not show.
    #[error("holds {0:?}, which is outside of what wallets must read")]
    Character(char),
    /// The fields inside it cannot be read.
    #[error("{0}")]
    Inside(TlvError),
    /// The amount is none.
    #[error("{0}")]
    Amount(#[from] AmountError),
    /// A static code with an amount.
    #[error("a static code should leave the amount to the payer")]
    AmountInStatic,
    /// A dynamic code without an amount.
    #[error("a dynamic code should carry its amount in tag 54")]
    DynamicWithoutAmount,
    /// No acquirer and no national number.
    #[error("no merchant account (tags 02 to 51) is named")]
    NoAccount,
    /// A code for a transfer between people.
    #[error("the code is for a transfer to a person, not a merchant's")]
    Transfer,
    /// Fields for a tip that do not go together.
    #[error("the tip fields 55, 56 and 57 do not go together")]
    Tip,
    /// White space around the code.
    #[error("there is white space around the code")]
    WhiteSpace,
}

/// Collects the findings of one code.
struct Collector<'a> {
    qris: &'a Qris,
    findings: Vec<Finding>,
}

/// Every finding, errors first, then by tag.
pub(super) fn findings(qris: &Qris) -> Vec<Finding> {
    let mut all = Collector { qris, findings: Vec::new() };
    all.frame();
    all.values();
    all.amount();
    all.tip();
    all.merchant();
    all.nested();
    let mut findings = all.findings;
    findings.sort_by_key(|finding| (std::cmp::Reverse(finding.severity), finding.tag));
    findings
}

impl Collector<'_> {
    fn error(&mut self, tag: impl Into<Option<u8>>, problem: Problem) {
        self.findings.push(Finding { severity: Severity::Error, tag: tag.into(), problem });
    }

    fn warn(&mut self, tag: impl Into<Option<u8>>, problem: Problem) {
        self.findings.push(Finding { severity: Severity::Warning, tag: tag.into(), problem });
    }

    /// Which fields stand where, and whether the checksum is right.
    fn frame(&mut self) {
        let fields = self.qris.fields();
        for (tag, what) in [
            (FORMAT, "the payload format"),
            (CATEGORY, "the merchant category"),
            (CURRENCY, "the currency"),
            (COUNTRY, "the country"),
            (NAME, "the merchant's name"),
            (CITY, "the merchant's city"),
            (CRC, "the checksum"),
        ] {
            if self.qris.get(tag).is_none() {
                self.error(tag, Problem::Missing(what));
            }
        }
        if self.qris.get(POSTAL_CODE).is_none() {
            self.warn(POSTAL_CODE, Problem::Missing("the postal code"));
        }
        if self.qris.get(FORMAT).is_some() && fields.first().is_none_or(|field| field.tag != FORMAT) {
            self.error(FORMAT, Problem::Place("first"));
        }
        let Some(found) = self.qris.get(CRC) else { return };
        if fields.last().is_none_or(|field| field.tag != CRC) {
            return self.error(CRC, Problem::Place("last"));
        }
        let expected = self.qris.expected_crc();
        if !found.eq_ignore_ascii_case(&expected) {
            self.error(CRC, Problem::WrongCrc { expected, found: found.to_owned() });
        } else if found != expected {
            self.warn(CRC, Problem::LowerCaseCrc);
        }
    }

    /// Fields that hold one of a few words.
    fn values(&mut self) {
        let digits = |value: &str, length: usize| {
            value.len() == length && value.bytes().all(|byte| byte.is_ascii_digit())
        };
        let mut must = |tag: u8, right: &dyn Fn(&str) -> bool, expected: &'static str| {
            let found = self.qris.get(tag).filter(|value| !right(value)).map(str::to_owned);
            if let Some(found) = found {
                self.error(tag, Problem::Value { found, expected });
            }
        };
        must(FORMAT, &|value| value == "01", "01");
        must(INITIATION, &|value| matches!(value, "11" | "12"), "11 (static) or 12 (dynamic)");
        must(CATEGORY, &|value| digits(value, 4), "four digits of ISO 18245");
        must(CURRENCY, &|value| value == RUPIAH, "360 (rupiah)");
        must(COUNTRY, &|value| value == "ID", "ID (Indonesia)");
        if self.qris.trimmed {
            self.warn(None, Problem::WhiteSpace);
        }
        let chars = self.qris.text().chars().count();
        if chars > SHOULD_FIT_CHARS {
            self.warn(None, Problem::TooLong { chars, max: SHOULD_FIT_CHARS });
        }
    }

    fn amount(&mut self) {
        match (self.qris.amount(), self.qris.is_dynamic()) {
            (Err(error), _) => self.error(AMOUNT, error.into()),
            (Ok(None), true) => self.warn(AMOUNT, Problem::DynamicWithoutAmount),
            (Ok(Some(amount)), dynamic) => {
                if !dynamic {
                    self.warn(AMOUNT, Problem::AmountInStatic);
                }
                if amount.whole() > MAX_TRANSACTION_RUPIAH {
                    let error = AmountError::OverLimit { limit: MAX_TRANSACTION_RUPIAH };
                    self.warn(AMOUNT, error.into());
                }
            }
            (Ok(None), false) => {}
        }
    }

    /// 01 lets the payer choose a tip, 02 fixes it in tag 56, 03 sets percent in tag 57.
    fn tip(&mut self) {
        let (fixed, percent) = (self.qris.get(TIP_FIXED), self.qris.get(TIP_PERCENT));
        let fits = match self.qris.get(TIP) {
            None | Some("01") => fixed.is_none() && percent.is_none(),
            Some("02") => percent.is_none() && fixed.is_some_and(|value| super::amount::read(value).is_ok()),
            Some("03") => fixed.is_none() && percent.is_some_and(is_percent),
            Some(_) => false,
        };
        if !fits {
            self.error(TIP, Problem::Tip);
        }
    }

    /// Name, city and the accounts.
    fn merchant(&mut self) {
        for (tag, max) in [(NAME, 25), (CITY, 15), (POSTAL_CODE, 10)] {
            let Some(value) = self.qris.get(tag) else { continue };
            let (chars, odd) = (value.chars().count(), odd_character(value));
            if chars > max {
                self.warn(tag, Problem::TooLong { chars, max });
            }
            if let Some(odd) = odd {
                self.warn(tag, Problem::Character(odd));
            }
        }
        if self.qris.get(TRANSFER).is_some() {
            self.error(TRANSFER, Problem::Transfer);
        }
        if !self.qris.fields().iter().any(|field| (2..=NATIONAL).contains(&field.tag)) {
            self.error(None, Problem::NoAccount);
        }
        if self.qris.get(NATIONAL).is_none() {
            let problem = Problem::Missing("the national merchant number");
            match self.qris.get(INITIATION) {
                Some("11") => self.error(NATIONAL, problem),
                _ => self.warn(NATIONAL, problem),
            }
        }
    }

    /// The fields inside of fields.
    fn nested(&mut self) {
        for field in self.qris.fields() {
            match self.qris.children(field) {
                None => {}
                Some(Err(error)) if field.tag == LANGUAGE || field.tag >= 80 => {
                    self.warn(field.tag, Problem::Inside(error));
                }
                Some(Err(error)) => self.error(field.tag, Problem::Inside(error)),
                Some(Ok(children)) => match field.tag {
                    NATIONAL => self.national(&children),
                    26..=45 => self.account(field.tag, &children),
                    ADDITIONAL => self.additional(&children),
                    _ => {}
                },
            }
        }
    }

    fn national(&mut self, children: &[Field]) {
        let get = |tag: u8| children.iter().find(|child| child.tag == tag).map(|child| child.value.as_str());
        match get(0) {
            None => self.warn(NATIONAL, Problem::Missing("the repository's name (51.00)")),
            Some(name) if REPOSITORIES.contains(&name) => {}
            Some(name) => {
                self.warn(NATIONAL, Problem::Value { found: name.to_owned(), expected: "ID.CO.QRIS.WWW" })
            }
        }
        match get(2) {
            None => self.warn(NATIONAL, Problem::Missing("the merchant's number (51.02)")),
            Some(number) if is_nmid(number) => {}
            Some(number) => {
                self.warn(NATIONAL, Problem::Value { found: number.to_owned(), expected: "ID and 13 digits" })
            }
        }
        self.criteria(NATIONAL, get(3));
    }

    fn account(&mut self, tag: u8, children: &[Field]) {
        let get =
            |child: u8| children.iter().find(|field| field.tag == child).map(|field| field.value.as_str());
        if get(0).is_none() {
            self.warn(tag, Problem::Missing("the acquirer's name (sub-tag 00)"));
        }
        if let Some(pan) = get(1)
            && !(pan.len() <= 19 && pan.bytes().all(|byte| byte.is_ascii_digit()))
        {
            self.warn(
                tag,
                Problem::Value { found: pan.to_owned(), expected: "up to 19 digits (sub-tag 01)" },
            );
        }
        if let Some(id) = get(2)
            && id.chars().count() > 15
        {
            self.warn(tag, Problem::TooLong { chars: id.chars().count(), max: 15 });
        }
        self.criteria(tag, get(3));
    }

    fn criteria(&mut self, tag: u8, found: Option<&str>) {
        if let Some(found) = found
            && !CRITERIA.contains(&found)
        {
            let problem = Problem::Value {
                found: found.to_owned(),
                expected: "one of UMI, UKE, UME, UBE, URE (sub-tag 03)",
            };
            self.warn(tag, problem);
        }
    }

    fn additional(&mut self, children: &[Field]) {
        for child in children {
            let max = match child.tag {
                1..=8 => 25,
                9 => 3,
                _ => continue,
            };
            let chars = child.value.chars().count();
            if chars > max {
                self.warn(ADDITIONAL, Problem::TooLong { chars, max });
            }
        }
    }
}

/// A percentage between 0 and 100, both left out, such as `0.75`.
fn is_percent(text: &str) -> bool {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    text.len() <= 5
        && digits(whole)
        && digits(fraction)
        && whole.parse::<u32>().is_ok_and(|whole| whole < 100)
        && text.bytes().any(|byte| matches!(byte, b'1'..=b'9'))
}

/// The merchant's number in the national repository.
pub(super) fn is_nmid(text: &str) -> bool {
    text.strip_prefix("ID")
        .is_some_and(|digits| digits.len() == 13 && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The first character that is not printable ASCII, or is the one that the format keeps for itself.
pub(super) fn odd_character(text: &str) -> Option<char> {
    text.chars().find(|character| !matches!(character, ' '..='~') || *character == '|')
}
