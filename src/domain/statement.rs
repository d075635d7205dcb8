//! Amounts as banks and people write them, and what a bank's notice says about money that came in.
//!
//! Notices are prose, different at every bank and changed without warning, so reading them is careful: money is only read as
//! received when the notice says so, says nothing of money that left, and names one amount beside balances and fees.

use super::money::Rupiah;

/// Characters of a notice that are read.
pub const MAX_NOTICE_CHARS: usize = 2_000;
/// Digits of an amount that are read.
const MAX_DIGITS: usize = 12;
/// Words before an amount that say what it is.
const WORDS_BEFORE: usize = 4;

/// Words that say that money came in.
const INCOMING: &[&str] = &[
    "masuk", "menerima", "diterima", "terima", "kredit", "cr", "received", "receive", "credited", "incoming",
    "credit",
];
/// Words that say that money left, or will or did not come.
const OUTGOING: &[&str] = &[
    "keluar",
    "debit",
    "debet",
    "didebit",
    "didebet",
    "db",
    "penarikan",
    "tarik",
    "ditarik",
    "tagihan",
    "gagal",
    "ditolak",
    "dibatalkan",
    "menunggu",
    "pending",
    "failed",
    "declined",
    "withdrawal",
    "withdrawn",
    "debited",
    "sent",
    "refund",
    "refunded",
    "pengembalian",
    "dikembalikan",
    "otp",
    "promo",
    "cashback",
    "voucher",
    "diskon",
    "pinjaman",
    "bill",
];
/// Two words in a row that say the same.
const OUTGOING_PAIRS: &[(&str, &str)] = &[
    ("transfer", "ke"),
    ("transfer", "to"),
    ("pembayaran", "ke"),
    ("payment", "to"),
    ("paid", "to"),
    ("kirim", "ke"),
    ("dikirim", "ke"),
    ("anda", "membayar"),
    ("belum", "masuk"),
    ("tidak", "masuk"),
    ("belum", "diterima"),
    ("tidak", "diterima"),
    ("not", "received"),
];
/// Words before an amount that is not the amount of the payment.
const BESIDE: &[&str] = &[
    "saldo", "sisa", "balance", "biaya", "admin", "fee", "mdr", "potongan", "limit", "tip", "poin", "points",
];

/// What a notice says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Incoming {
    /// This much came in.
    One(Rupiah),
    /// Money came in, but the notice names several amounts, or none that can be read.
    Unclear,
    /// It does not speak of money that came in.
    Nothing,
}

/// Reads what a bank's notice says about money that came in.
pub fn incoming(text: &str) -> Incoming {
    let text: String = text.chars().take(MAX_NOTICE_CHARS).collect();
    let words = words(&text);
    let is_one_of = |word: &str, list: &[&str]| list.contains(&word);
    let leaves = words.iter().any(|word| is_one_of(word, OUTGOING))
        || words.windows(2).any(|two| OUTGOING_PAIRS.contains(&(two[0].as_str(), two[1].as_str())));
    if leaves || !words.iter().any(|word| is_one_of(word, INCOMING)) {
        return Incoming::Nothing;
    }
    let mut amounts: Vec<Rupiah> = Vec::new();
    for (index, word) in words.iter().enumerate() {
        let Some(number) = marked(&words, index, word) else { continue };
        let before = &words[index.saturating_sub(WORDS_BEFORE)..index];
        // What stands before another amount belongs to that one.
        let own = before.iter().rposition(|word| word.starts_with(|c: char| c.is_ascii_digit()));
        let own = &before[own.map_or(0, |at| at + 1)..];
        if own.iter().any(|word| is_one_of(word, BESIDE)) {
            continue;
        }
        match number.filter(|amount| *amount > Rupiah::ZERO) {
            Some(amount) if !amounts.contains(&amount) => amounts.push(amount),
            Some(_) => {}
            None => return Incoming::Unclear,
        }
    }
    match amounts.as_slice() {
        [one] => Incoming::One(*one),
        _ => Incoming::Unclear,
    }
}

/// The amount of a word that a currency marks, and nothing where none does. The amount itself may be unreadable.
fn marked(words: &[String], index: usize, word: &str) -> Option<Option<Rupiah>> {
    let is_currency = |word: &str| matches!(word, "rp" | "idr");
    let glued = ["rp", "idr"].iter().find_map(|mark| {
        let rest = word.strip_prefix(mark)?.trim_start_matches('.');
        rest.starts_with(|c: char| c.is_ascii_digit()).then_some(rest)
    });
    if let Some(rest) = glued {
        return Some(number(rest));
    }
    let before = index.checked_sub(1).and_then(|before| words.get(before));
    let is_number = word.starts_with(|c: char| c.is_ascii_digit());
    (is_number && before.is_some_and(|before| is_currency(before))).then(|| number(word))
}

/// Words in lower case; marks that end a sentence do not belong to them, and those inside of numbers do.
fn words(text: &str) -> Vec<String> {
    text.to_lowercase()
        .split(|c: char| {
            c.is_whitespace() || matches!(c, '(' | ')' | ':' | ';' | '!' | '?' | '"' | '/' | '*' | '+' | '=')
        })
        .map(|word| word.trim_matches(['.', ',', '-', '\'']).to_owned())
        .filter(|word| !word.is_empty())
        .collect()
}

/// An amount that somebody wrote alone: `49999`, `49.999`, `Rp 49.999`, `Rp49.999,-`, `IDR 49,999.00`. Nothing where it is none,
/// or is not a whole number of rupiah.
pub fn amount(text: &str) -> Option<Rupiah> {
    let text = text.trim().to_lowercase();
    let rest = ["rp", "idr"].iter().find_map(|mark| text.strip_prefix(mark)).unwrap_or(&text);
    let rest = rest.trim_start_matches(['.', ' ']).trim_end();
    number(rest.strip_suffix(",-").or_else(|| rest.strip_suffix(".-")).unwrap_or(rest))
}

/// A number with thousands set off by dots or by commas, and perhaps decimals of nothing.
fn number(text: &str) -> Option<Rupiah> {
    let text = text.trim_end_matches(['.', ',', '-']);
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b',')) {
        return None;
    }
    let last = text.rfind(['.', ',']);
    let (whole, separator) = match last {
        // Two digits behind the last mark are decimals, and rupiah have none but zeros.
        Some(at) if text.len() - at == 3 => {
            if &text[at + 1..] != "00" {
                return None;
            }
            (&text[..at], if text.as_bytes()[at] == b',' { '.' } else { ',' })
        }
        Some(at) => (text, char::from(text.as_bytes()[at])),
        None => (text, '.'),
    };
    let mut groups = whole.split(separator);
    let first = groups.next()?;
    let rest: Vec<&str> = groups.collect();
    let fits = rest.is_empty() || (1..=3).contains(&first.len());
    let digits: String = std::iter::once(first).chain(rest.iter().copied()).collect();
    let is_number = fits
        && rest.iter().all(|group| group.len() == 3)
        && (1..=MAX_DIGITS).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number {
        return None;
    }
    Rupiah::new(digits.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("49999", 49_999)]
    #[case("49.999", 49_999)]
    #[case(" Rp 49.999 ", 49_999)]
    #[case("Rp49.999,-", 49_999)]
    #[case("Rp. 49.999,00", 49_999)]
    #[case("IDR 49,999.00", 49_999)]
    #[case("1.250.000", 1_250_000)]
    #[case("1,250,000", 1_250_000)]
    #[case("999", 999)]
    #[case("0", 0)]
    fn an_amount_is_read_in_every_form(#[case] text: &str, #[case] whole: i64) {
        assert_eq!(amount(text).map(Rupiah::whole), Some(whole));
    }

    #[rstest]
    #[case("")]
    #[case("Rp")]
    #[case("lunas")]
    #[case("-500")]
    #[case("49.99")]
    #[case("49.999,50")]
    #[case("4.9999")]
    #[case("1.25.000")]
    #[case("1234.567")]
    #[case("99.999.999.999")]
    #[case("1,000.000")]
    #[case("12 000")]
    fn what_is_no_whole_amount_is_not_guessed(#[case] text: &str) {
        assert_eq!(amount(text), None);
    }

    #[rstest]
    #[case::a_wallet("Pembayaran QRIS sebesar Rp 49.999 dari BUDI telah diterima.", 49_999)]
    #[case::with_a_balance("Dana masuk Rp49.999,00. Saldo Anda Rp 1.250.000,00", 49_999)]
    #[case::balance_first("Saldo: Rp 1.250.000. Anda menerima Rp 49.999 dari SITI", 49_999)]
    #[case::english("You have received IDR 49,999.00 via QRIS. Fee IDR 350.00", 49_999)]
    #[case::short("BCA CR Rp.49.999,00 QRIS 23/11", 49_999)]
    #[case::title_and_body("Pembayaran masuk Rp49.999 - Kamu menerima Rp49.999 dari Ayu", 49_999)]
    #[case::with_a_fee("Pembayaran diterima Rp 49.999, biaya MDR Rp 350", 49_999)]
    fn money_that_came_in_is_read(#[case] text: &str, #[case] whole: i64) {
        assert_eq!(incoming(text), Incoming::One(Rupiah::new(whole).unwrap()));
    }

    #[rstest]
    #[case::sent("Transfer ke BUDI Rp 49.999 berhasil")]
    #[case::debited("Rekening Anda didebit Rp 49.999 untuk QRIS")]
    #[case::english("IDR 49,999 was debited from your account, received by TOKO")]
    #[case::failed("Pembayaran Rp 49.999 gagal diterima")]
    #[case::not_yet("Pembayaran Rp 49.999 belum masuk")]
    #[case::waiting("Menunggu pembayaran masuk Rp 49.999")]
    #[case::a_promise("Promo: terima Rp 49.999 untuk pengguna baru")]
    #[case::a_refund("Refund Rp 49.999 diterima")]
    #[case::no_money("Selamat pagi!")]
    #[case::no_verb("QRIS Rp 49.999")]
    fn money_that_left_or_did_not_come_is_not_received(#[case] text: &str) {
        assert_eq!(incoming(text), Incoming::Nothing);
    }

    #[rstest]
    #[case::two("Diterima Rp 49.999 dan Rp 30.000")]
    #[case::none("Pembayaran QRIS diterima")]
    #[case::unmarked("Pembayaran diterima 49.999 pada 23/11")]
    #[case::cents("Diterima Rp 49.999,50")]
    fn a_notice_that_is_not_clear_is_not_guessed(#[case] text: &str) {
        assert_eq!(incoming(text), Incoming::Unclear);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".{0,200}") {
            let _ = (incoming(&text), amount(&text));
        }

        #[test]
        fn what_is_written_is_read_back(whole in 0..=i64::from(i32::MAX)) {
            let digits = whole.to_string();
            let mut dotted = String::new();
            for (index, digit) in digits.chars().enumerate() {
                if index > 0 && (digits.len() - index).is_multiple_of(3) {
                    dotted.push('.');
                }
                dotted.push(digit);
            }
            for text in [digits, dotted.clone(), format!("Rp {dotted},00"), format!("IDR {}.00", dotted.replace('.', ","))] {
                prop_assert_eq!(amount(&text).map(Rupiah::whole), Some(whole));
            }
        }
    }
}
