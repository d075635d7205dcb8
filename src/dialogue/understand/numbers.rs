//! Numbers in digits and words: quantities, money, times, and the difference between them.

use super::canonical::Kind;
use super::lexicon::{Lexicon, NumberWord};
use super::words::Word;

/// The largest number that is read; what is larger is as large as this.
pub(super) const MAX_NUMBER: i64 = 9_999_999_999_999_999;
/// Numbers are kept in hundredths, so that halves and quarters are whole.
pub(super) const ONE: i64 = 100;
/// From this many digits a number that begins like a phone number is one.
const PHONE_DIGITS: usize = 9;

/// A number in a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Amount {
    /// The word after its last one.
    pub(super) end: usize,
    /// Hundredths; negative where a minus stood before it.
    pub(super) hundredths: i64,
    /// Whether it speaks of thousands without saying of what.
    pub(super) thousands: bool,
    /// Whether it can only be money.
    pub(super) street: bool,
    /// Whether it says from how many to how many ("2-3").
    pub(super) range: bool,
}

/// Reads the number that begins at a word.
pub(super) fn amount(words: &[Word], at: usize, lexicon: &Lexicon) -> Option<Amount> {
    let first = words.get(at)?;
    let mut sum = Sum::default();
    let mut end = at;
    let in_digits = first.kind == Kind::Number;
    while let Some(word) = words.get(end) {
        // "85 ribu satu loyang": whoever wrote the thousands in digits begins another number with a word.
        if in_digits && sum.multiplier >= 1_000 && !sum.after_digit && word.kind == Kind::Word {
            let is_small = matches!(
                lexicon.numbers.words.get(&word.text),
                Some(NumberWord::Digit(_) | NumberWord::Whole(_))
            );
            if is_small {
                break;
            }
        }
        let taken = match word.kind {
            Kind::Number => {
                let raises = words.get(end + 1).is_some_and(|next| is_multiplier(next, lexicon));
                digits(&word.text).is_some_and(|(value, grouped)| sum.digits(value, grouped, raises))
            }
            // "One hundred and five": the joint belongs to the number where a smaller one follows.
            Kind::Word if word.text == "and" => {
                let next = words.get(end + 1).and_then(|next| lexicon.numbers.words.get(&next.text));
                sum.joins(next.copied())
            }
            // "Two thousand, four hundred": a comma between the groups of one number.
            Kind::Mark(',') => {
                let after =
                    |at: usize| words.get(at).and_then(|word| lexicon.numbers.words.get(&word.text)).copied();
                let is_group =
                    matches!(after(end + 2), Some(NumberWord::Multiplier(_) | NumberWord::Digit(_)))
                        || words.get(end + 2).is_some_and(|word| word.text == "and");
                is_group && sum.multiplier >= 1_000 && sum.joins(after(end + 1))
            }
            Kind::Word => match lexicon.numbers.words.get(&word.text) {
                Some(NumberWord::Multiplier(_)) if word.text == "k" && !word.glued => false,
                // "Hundred boxes": English may leave out the one.
                Some(multiplier @ NumberWord::Multiplier(_))
                    if !sum.seen && matches!(word.text.as_str(), "hundred" | "thousand" | "million") =>
                {
                    sum.word(NumberWord::Digit(1)) && sum.word(*multiplier)
                }
                Some(number) => sum.word(*number),
                None => false,
            },
            _ => false,
        };
        if !taken {
            break;
        }
        end += 1;
    }
    if end == at {
        return None;
    }
    let value = (sum.total.saturating_add(sum.group)).clamp(0, MAX_NUMBER * ONE);
    Some(Amount {
        end,
        hundredths: if first.negative { -value } else { value },
        thousands: sum.thousands,
        street: sum.street,
        range: false,
    })
}

/// Whether a run of digits is somebody's phone number.
pub(super) fn is_phone(text: &str) -> bool {
    text.len() >= PHONE_DIGITS && (text.starts_with("08") || text.starts_with("628"))
}

fn is_multiplier(word: &Word, lexicon: &Lexicon) -> bool {
    matches!(lexicon.numbers.words.get(&word.text), Some(NumberWord::Multiplier(_)))
}

/// Digits in hundredths, and whether they were grouped by thousands.
fn digits(text: &str) -> Option<(i64, bool)> {
    if let Some((over, under)) = text.split_once('/') {
        let (over, under): (i64, i64) = (over.parse().ok()?, under.parse().ok()?);
        // Only a part of one piece: 5/12 is a date.
        return (under > 0 && over < under && under <= 4).then(|| (over * ONE / under, false));
    }
    let groups: Vec<&str> = text.split(['.', ',']).collect();
    let whole = |text: &str| -> i64 {
        // Too many digits are as large as the largest number.
        text.parse().unwrap_or(MAX_NUMBER).min(MAX_NUMBER).saturating_mul(ONE)
    };
    match groups.as_slice() {
        [digits] => Some((whole(digits), false)),
        [head, rest @ ..] if head.len() <= 3 && rest.iter().all(|group| group.len() == 3) => {
            Some((whole(&groups.concat()), true))
        }
        [head, part] if part.len() <= 2 => {
            let part: i64 = format!("{part:0<2}").parse().ok()?;
            Some((whole(head).saturating_add(part), false))
        }
        _ => None,
    }
}

#[derive(Default)]
struct Sum {
    /// What is closed by a thousand or a million.
    total: i64,
    /// What stands below.
    group: i64,
    /// The last digit, which ten, hundred and teen raise.
    digit: i64,
    /// The last multiplier, below which a next digit must be.
    multiplier: i64,
    seen: bool,
    after_digit: bool,
    thousands: bool,
    street: bool,
}

impl Sum {
    fn digits(&mut self, value: i64, grouped: bool, raises: bool) -> bool {
        if self.seen && !(raises && self.multiplier > 0 && !self.after_digit) {
            return false;
        }
        self.add(value, value);
        self.thousands |= grouped;
        true
    }

    fn add(&mut self, value: i64, digit: i64) {
        self.group = self.group.saturating_add(value);
        (self.digit, self.seen, self.after_digit) = (digit, true, true);
    }

    /// Whether "and" and a number after it go on with what was read.
    fn joins(&self, next: Option<NumberWord>) -> bool {
        let below = match next {
            Some(NumberWord::Digit(value) | NumberWord::Whole(value) | NumberWord::Tens(value)) => value,
            _ => return false,
        };
        self.seen && !self.after_digit && self.multiplier >= 100 && below > 0 && below < 100
    }

    /// Whether a number below a hundred may follow what was read.
    fn may_add(&self, value: i64) -> bool {
        !self.seen || (!self.after_digit && self.multiplier > value)
    }

    fn word(&mut self, word: NumberWord) -> bool {
        match word {
            NumberWord::Digit(value) | NumberWord::Whole(value) if self.may_add(value) => {
                self.add(value * ONE, value * ONE);
            }
            NumberWord::Tens(value) if self.may_add(value) => {
                self.add(value * ONE, value * ONE);
                (self.after_digit, self.multiplier) = (false, 10);
            }
            NumberWord::Teen if self.after_digit && (ONE..10 * ONE).contains(&self.digit) => {
                self.group += 10 * ONE;
                self.digit = 0;
            }
            NumberWord::Multiplier(by) if self.seen && self.after_digit => self.multiply(by),
            // "seratus ribu", "dua puluh ribu": a thousand closes the whole group.
            NumberWord::Multiplier(by) if self.seen && by > self.multiplier && by >= 1_000 => {
                self.multiply(by)
            }
            NumberWord::One(value) if self.may_add(value) => {
                if value >= 1_000 {
                    self.total = self.total.saturating_add(value * ONE);
                    self.thousands = true;
                } else {
                    self.group += value * ONE;
                }
                (self.seen, self.after_digit, self.multiplier) = (true, false, value);
            }
            NumberWord::Street(value) if !self.seen => {
                self.add(value * ONE, 0);
                self.street = true;
            }
            NumberWord::Half if self.group % ONE == 0 => self.add(ONE / 2, 0),
            _ => return false,
        }
        true
    }

    fn multiply(&mut self, by: i64) {
        if by >= 1_000 {
            self.total = self.total.saturating_add(self.group.saturating_mul(by));
            self.group = 0;
            self.thousands = true;
        } else {
            self.group = (self.group - self.digit).saturating_add(self.digit.saturating_mul(by));
        }
        (self.digit, self.after_digit, self.multiplier) = (0, false, by);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialogue::understand::index::CatalogIndex;
    use crate::dialogue::understand::words::read;
    use crate::domain::catalog::Catalog;

    fn hundredths(text: &str) -> Option<i64> {
        let lexicon = Lexicon::shipped().unwrap();
        let empty = Catalog { store: "s".into(), categories: vec![], products: vec![] };
        let words = read(text, lexicon, &CatalogIndex::new(&empty));
        amount(&words, 0, lexicon).filter(|amount| amount.end == words.len()).map(|amount| amount.hundredths)
    }

    #[test]
    fn numbers_are_read_in_words_digits_and_mixes() {
        for (text, value) in [
            ("tiga", 3),
            ("sepuluh", 10),
            ("sebelas", 11),
            ("dua belas", 12),
            ("duabelas", 12),
            ("duapuluh", 20),
            ("dua puluh lima", 25),
            ("seratus dua", 102),
            ("dua ratus lima puluh", 250),
            ("seribu", 1_000),
            ("lapan", 8),
            ("smbln bls", 19),
            ("tg", 3),
            ("lm", 5),
            ("twelve", 12),
            ("twenty five", 25),
            ("two hundred", 200),
            ("2ribu", 2_000),
            ("50rb", 50_000),
            ("50k", 50_000),
            ("50.000", 50_000),
            ("seratus ribu", 100_000),
            ("dua puluh ribu", 20_000),
            ("1,5jt", 1_500_000),
            ("9 ratus 90 ribu", 990_000),
            ("sejuta dua ratus ribu", 1_200_000),
            ("012", 12),
        ] {
            assert_eq!(hundredths(text), Some(value * ONE), "{text}");
        }
        assert_eq!(hundredths("setengah"), Some(50));
        assert_eq!(hundredths("dua setengah"), Some(250));
        assert_eq!(hundredths("½"), Some(50));
        assert_eq!(hundredths("2,5"), Some(250));
        assert_eq!(hundredths("dua tiga"), None);
        assert_eq!(hundredths("5/12"), None);
        assert_eq!(hundredths("99999999999999999999"), Some(MAX_NUMBER * ONE));
        assert_eq!(hundredths("one hundred and five"), Some(105 * ONE));
        assert_eq!(hundredths("two thousand, four hundred and twelve"), Some(2_412 * ONE));
        assert_eq!(hundredths("tiga miliar"), Some(3_000_000_000 * ONE));
    }
}
