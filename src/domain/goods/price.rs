//! A price as somebody gives one. Nothing costs nothing by accident: zero has to be said by a word.

use crate::domain::money::Rupiah;

/// Words that say that something costs nothing.
const FREE_WORDS: [&str; 4] = ["gratis", "free", "cuma-cuma", "cuma cuma"];

/// What stands before an amount.
const CURRENCIES: [&str; 2] = ["rp", "idr"];
/// What may stand behind an amount, in a word of its own.
const UNITS: [&str; 5] = ["k", "rb", "ribu", "jt", "juta"];

/// A price that grows to more than this many times what it was, or shrinks to less than such a part of it, is odd.
pub const ODD_PRICE_FACTOR: i64 = 2;
/// What people leave out who write 80 and mean 80.000.
pub const THOUSAND: u32 = 1_000;

/// What one piece is to cost: more than nothing, or said to be free.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Price(Rupiah);

/// Why a text is no price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoPrice {
    /// No amount of whole rupiah.
    #[error("is no price; write whole rupiah such as 25000, Rp25.000 or 25rb, or \"gratis\"")]
    Unreadable,
    /// Zero, and no word that says so.
    #[error("is zero; write \"gratis\" where it costs nothing")]
    Zero,
}

impl Price {
    /// Free, because somebody said so.
    pub const FREE: Price = Price(Rupiah::ZERO);

    /// A price of some rupiah.
    ///
    /// # Errors
    /// [`NoPrice::Zero`] when it is nothing: that takes a word ([`Price::FREE`]).
    pub fn new(amount: Rupiah) -> Result<Self, NoPrice> {
        if amount == Rupiah::ZERO { Err(NoPrice::Zero) } else { Ok(Self(amount)) }
    }

    /// Reads a price as people write it: what [`Rupiah::read`] reads, or a word for free. Spaces of any kind separate.
    ///
    /// # Errors
    /// [`NoPrice`] when it is none.
    pub fn read(text: &str) -> Result<Self, NoPrice> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let text = words.join(" ").to_lowercase();
        if FREE_WORDS.contains(&text.as_str()) {
            return Ok(Self::FREE);
        }
        Rupiah::read(&text).ok_or(NoPrice::Unreadable).and_then(Self::new)
    }

    /// The one price in an answer: an amount or a word for free, amid words that are none. Nothing where there are several,
    /// or where digits stand for something else.
    pub fn find(text: &str) -> Option<Self> {
        let text = text.to_lowercase();
        let words: Vec<&str> =
            text.split_whitespace().map(|word| word.trim_end_matches(['.', ',', '!'])).collect();
        let mut found = None;
        let mut at = 0;
        while let Some(word) = words.get(at) {
            at += 1;
            let amount = CURRENCIES.iter().find_map(|name| word.strip_prefix(name)).unwrap_or(word);
            let amount = amount.trim_start_matches('.');
            let price = if FREE_WORDS.contains(word) {
                Self::FREE
            } else if amount.starts_with(|letter: char| letter.is_ascii_digit()) {
                let unit = words.get(at).filter(|unit| UNITS.contains(unit));
                at += usize::from(unit.is_some());
                Self::read(&format!("{amount} {}", unit.unwrap_or(&""))).ok()?
            } else if word.contains(|letter: char| letter.is_ascii_digit()) {
                return None;
            } else {
                continue;
            };
            if found.replace(price).is_some() {
                return None;
            }
        }
        found
    }

    /// The amount.
    pub fn amount(self) -> Rupiah {
        self.0
    }
}

/// Whether somebody should be asked before a price becomes another: it more than doubles, falls below half, or vanishes.
/// Where there was none, nothing is odd.
pub fn is_odd(from: Rupiah, to: Rupiah) -> bool {
    let (from, to) = (from.whole(), to.whole());
    from > 0 && (to > from * ODD_PRICE_FACTOR || to * ODD_PRICE_FACTOR < from)
}

/// Rupiah below which nothing is sold, so that somebody should be asked before a new product costs less.
pub const LEAST_USUAL: i64 = 100;

/// Whether somebody should be asked before something new gets a price. What costs nothing was said to.
pub fn is_odd_new(price: Rupiah) -> bool {
    (1..LEAST_USUAL).contains(&price.whole())
}

/// A step of less than such a part of a price is odd: nobody takes 20 rupiah off 50.000.
pub const ODD_STEP_PART: i64 = 200;

/// Whether somebody should be asked before a price changes by so little.
pub fn is_odd_step(from: Rupiah, by: Rupiah) -> bool {
    by.whole().saturating_mul(ODD_STEP_PART) < from.whole()
}

/// What an odd price may have been meant to be: a thousand times as much, where that is close to what it was.
pub fn meant(from: Rupiah, to: Rupiah) -> Option<Rupiah> {
    let thousands = to.times(THOUSAND).ok()?;
    (to != Rupiah::ZERO && is_odd(from, to) && !is_odd(from, thousands)).then_some(thousands)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_is_an_amount_or_a_word_that_says_free() {
        for (text, expected) in [
            ("50000", Ok(50_000)),
            ("Rp25.000,00", Ok(25_000)),
            ("Rp\u{a0}25.000", Ok(25_000)),
            ("IDR 25,000.00", Ok(25_000)),
            ("Rp. 1.250.000", Ok(1_250_000)),
            ("25rb", Ok(25_000)),
            ("1,5jt", Ok(1_500_000)),
            ("gratis", Ok(0)),
            (" Free ", Ok(0)),
            ("0", Err(NoPrice::Zero)),
            ("Rp0", Err(NoPrice::Zero)),
            ("0.000", Err(NoPrice::Zero)),
            ("Rp. 0", Err(NoPrice::Zero)),
            ("0rb", Err(NoPrice::Zero)),
            ("0,00", Err(NoPrice::Zero)),
            ("Rp 0,-", Err(NoPrice::Zero)),
            ("", Err(NoPrice::Unreadable)),
            ("-5", Err(NoPrice::Unreadable)),
            ("10.5", Err(NoPrice::Unreadable)),
            ("tanya dulu", Err(NoPrice::Unreadable)),
            ("3000000000", Err(NoPrice::Unreadable)),
            ("٥٠٠٠", Err(NoPrice::Unreadable)),
        ] {
            assert_eq!(Price::read(text).map(|price| price.amount().whole()), expected, "{text:?}");
        }
    }

    #[test]
    fn the_price_of_an_answer_is_found_amid_its_words() {
        for (text, expected) in [
            ("80000", Some(80_000)),
            ("jadi 80rb ya kak", Some(80_000)),
            ("Rp 80.000,-", Some(80_000)),
            ("rp. 80.000", Some(80_000)),
            ("80 ribu aja.", Some(80_000)),
            ("1,5 juta", Some(1_500_000)),
            ("IDR80,000.00 please", Some(80_000)),
            ("gratis aja", Some(0)),
            ("0", None),
            ("-80000", None),
            ("80rb atau 90rb", None),
            ("250gram 80rb", None),
            ("dari 75rb jadi 80rb", None),
            ("ORD-2026-0001", None),
            ("mahal", None),
            ("", None),
        ] {
            assert_eq!(Price::find(text).map(|price| price.amount().whole()), expected, "{text:?}");
        }
    }

    #[test]
    fn a_price_is_odd_when_it_more_than_doubles_or_falls_below_half() {
        let rupiah = |whole| Rupiah::new(whole).unwrap();
        for (from, to, odd, thousands) in [
            (75_000, 80_000, false, None),
            (75_000, 150_000, false, None),
            (75_000, 150_001, true, None),
            (75_000, 37_500, false, None),
            (75_000, 37_499, true, None),
            (75_000, 80, true, Some(80_000)),
            (75_000, 8, true, None),
            (75_000, 0, true, None),
            (0, 75_000, false, None),
        ] {
            assert_eq!(is_odd(rupiah(from), rupiah(to)), odd, "{from} -> {to}");
            assert_eq!(meant(rupiah(from), rupiah(to)).map(Rupiah::whole), thousands, "{from} -> {to}");
        }
    }
}
