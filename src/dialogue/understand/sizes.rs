//! "Yang besar", "the cheaper one": one of the open choices, by what their labels say of size or price.

use std::sync::LazyLock;

use regex::Regex;

use super::lexicon::{Lexicon, Size};
use super::words::{Tag, Word};

/// Measures as they stand on labels: a number before its unit, or "isi 25".
static MEASURE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let written = r"(?i)\b(?:(\d+(?:[.,]\d+)?)\s*(kg|kilo|ons|gr(?:am)?s?|g|l(?:iter|itre)?s?|ml|cc|cm|m|pcs|tea bags|bags)|isi\s*(\d+))\b";
    Regex::new(written).ok()
});

static PRICE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"Rp\s?\d+(?:\.\d{3})*").ok());

/// The place of the label that a message names by its size, from 0. Nothing when the message says anything else too, when
/// the labels do not all measure the same thing, or when two are alike.
pub(super) fn place(words: &[Word], labels: &[String], lexicon: &Lexicon) -> Option<usize> {
    let mut sizes = words.iter().filter_map(|word| lexicon.size(&word.base));
    let size = sizes.next().filter(|_| sizes.next().is_none())?;
    let says_more = words.iter().any(|word| match word.tag {
        // "The big one": a number that only stands for the thing meant.
        Tag::OtherNumber => word.text != "one",
        // Weak words ("the", "aja") say nothing of their own.
        Tag::Content | Tag::Quantity | Tag::Note | Tag::Negation => lexicon.size(&word.base).is_none(),
        _ => false,
    });
    if says_more {
        return None;
    }
    let measured: Vec<(usize, Measure)> = labels
        .iter()
        .enumerate()
        .filter_map(|(place, label)| {
            let measure = match size {
                Size::Largest | Size::Smallest => measure(label),
                Size::Cheapest | Size::Dearest => price(label),
            };
            Some((place, measure?))
        })
        .collect();
    let (_, first) = measured.first()?;
    if measured.len() < 2 || measured.iter().any(|(_, other)| other.of != first.of) {
        return None;
    }
    let amounts = measured.iter().map(|(_, measure)| measure.amount);
    let wanted = match size {
        Size::Largest | Size::Dearest => amounts.max(),
        Size::Smallest | Size::Cheapest => amounts.min(),
    };
    let mut found = measured.iter().filter(|(_, measure)| Some(measure.amount) == wanted);
    let (place, _) = found.next()?;
    found.next().is_none().then_some(*place)
}

/// How much of what.
struct Measure {
    of: &'static str,
    /// In hundredths of the smallest unit.
    amount: i64,
}

fn measure(label: &str) -> Option<Measure> {
    let found = MEASURE.as_ref()?.captures(label)?;
    if let Some(pieces) = found.get(3) {
        return Some(Measure { of: "pieces", amount: pieces.as_str().parse::<i64>().ok()? * 100 });
    }
    let number = number(found.get(1)?.as_str())?;
    let unit = found.get(2)?.as_str().to_lowercase();
    let (of, factor) = match unit.as_str() {
        "kg" | "kilo" => ("weight", 1_000.0),
        "ons" => ("weight", 100.0),
        unit if unit.starts_with('g') => ("weight", 1.0),
        "ml" | "cc" => ("volume", 1.0),
        unit if unit.starts_with('l') => ("volume", 1_000.0),
        "cm" => ("length", 1.0),
        "m" => ("length", 100.0),
        _ => ("pieces", 1.0),
    };
    // Whole hundredths: what a label of a shop holds fits many times over.
    #[expect(clippy::cast_possible_truncation, reason = "a number of a few digits")]
    let amount = (number * factor * 100.0).round() as i64;
    Some(Measure { of, amount })
}

/// A number as people in Indonesia write it: "1,5", "1.5", and "1.500" for one thousand five hundred.
fn number(written: &str) -> Option<f64> {
    let is_thousands = written.split_once('.').is_some_and(|(whole, rest)| rest.len() == 3 && whole != "0");
    let plain = if is_thousands { written.replace('.', "") } else { written.replace(',', ".") };
    plain.parse().ok()
}

fn price(label: &str) -> Option<Measure> {
    let written = PRICE.as_ref()?.find(label)?.as_str();
    let digits: String = written.chars().filter(char::is_ascii_digit).collect();
    Some(Measure { of: "money", amount: digits.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::measure;

    #[rstest]
    #[case("Botol 250 ml · Rp 12.000", Some(("volume", 25_000)))]
    #[case("Botol 1 liter", Some(("volume", 100_000)))]
    #[case("1,5 l", Some(("volume", 150_000)))]
    #[case("1.500 ml", Some(("volume", 150_000)))]
    #[case("Daun 100 gram", Some(("weight", 10_000)))]
    #[case("0.250 kg", Some(("weight", 25_000)))]
    #[case("Celup isi 25", Some(("pieces", 2_500)))]
    #[case("25 tea bags", Some(("pieces", 2_500)))]
    #[case("Kurang manis", None)]
    #[case("Merah 3 gadis", None)]
    fn a_label_says_how_much_it_holds(#[case] label: &str, #[case] expected: Option<(&str, i64)>) {
        assert_eq!(measure(label).map(|measure| (measure.of, measure.amount)), expected);
    }
}
