//! What a bank's notice says about money that came in.
//!
//! Notices are prose, different at every bank and changed without warning, so reading them is careful: money is only read as
//! received when the notice says so, says nothing of money that left, and names one amount beside balances and fees. Whoever
//! sends notices on sends those of the shop's own purchases too, so what speaks of both directions is not read as received.

use super::money::Rupiah;

/// Characters of a notice that are read.
pub const MAX_NOTICE_CHARS: usize = 2_000;
/// Words before an amount that say what it is.
const WORDS_BEFORE: usize = 4;
/// Words between "payment" and the place where it was made.
const WORDS_TO_PLACE: usize = 12;

/// Words that stand between others and change nothing about who paid whom.
const FILLERS: &[&str] = &[
    "telah",
    "sudah",
    "udah",
    "baru",
    "saja",
    "berhasil",
    "sukses",
    "juga",
    "pun",
    "sebuah",
    "have",
    "has",
    "had",
    "been",
    "just",
    "successfully",
    "was",
    "were",
    "is",
    "yet",
    "a",
    "an",
    "the",
    "qris",
];
/// What sounds like money that came in, and is none.
const ELSE: &[&str] = &[
    "terima kasih",
    "terimakasih",
    "trima kasih",
    "tanda terima",
    "bukti terima",
    "kartu kredit",
    "credit card",
    "silakan masuk",
    "silahkan masuk",
    "masuk ke aplikasi",
    "masuk ke app",
    "masuk ke akun",
];
/// Words and phrases that say that money came in.
const INCOMING: &[&str] = &[
    "masuk",
    "menerima",
    "diterima",
    "terima",
    "kredit",
    "dikreditkan",
    "terkredit",
    "cr",
    "received",
    "receive",
    "credited",
    "incoming",
    "credit",
    "money in",
    "paid you",
    "sent you",
];
/// Words and phrases that say that money left, will or did not come, or is no payment.
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
    "pencairan",
    "dicairkan",
    "settlement",
    "tagihan",
    "cicilan",
    "angsuran",
    "pembelian",
    "belanja",
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
    "purchase",
    "purchased",
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
    "bunga",
    "interest",
    "bill",
    "topup",
    "top up",
    "isi ulang",
    "isi saldo",
    // Who paid.
    "anda membayar",
    "anda bayar",
    "anda mengirim",
    "anda mengirimkan",
    "anda transfer",
    "anda mentransfer",
    "kamu membayar",
    "kamu bayar",
    "kamu mengirim",
    "kamu mengirimkan",
    "kamu kirim",
    "kamu transfer",
    "you paid",
    "you sent",
    "you transferred",
    "you spent",
    "you've paid",
    "you've sent",
    "you've transferred",
    "you've spent",
    "pembayaranmu",
    "pembayaran anda",
    "pembayaran kamu",
    "pembayaran kartu kredit",
    "credit card payment",
    "transfermu",
    "transfer anda",
    "your payment",
    "your transfer",
    "dari anda",
    "dari kamu",
    "dari rekening anda",
    "dari rekening kamu",
    "dari rekeningmu",
    "dari saldo",
    "dari saldomu",
    "from you",
    "from your account",
    "from your balance",
    // Who got it.
    "kirim ke",
    "dikirim ke",
    "sent to",
    "paid to",
    "kami terima",
    "kami menerima",
    "we received",
    "we've received",
    "diterima oleh",
    "received by",
    // What did not happen.
    "belum masuk",
    "tidak masuk",
    "belum diterima",
    "tidak diterima",
    "not received",
];
/// Money on its way; a place behind it is where it went.
const MOVING: &[&str] = &["pembayaran", "transfer", "payment", "bayar", "membayar"];
/// Words before the place.
const WHERE: &[&str] = &["di", "ke", "kepada", "to", "at"];
/// What is no place where the shop could have paid: its own account, and the program on its phone.
const OWN: &[&str] = &[
    "anda",
    "kamu",
    "you",
    "your",
    "rekeningmu",
    "saldomu",
    "tokomu",
    "rekening anda",
    "rekening kamu",
    "saldo anda",
    "saldo kamu",
    "akun anda",
    "akun kamu",
    "toko anda",
    "toko kamu",
    "aplikasi",
    "app",
    "sini",
    "menu",
    "riwayat",
];
/// Words before an amount that is not the amount of the payment.
const BESIDE: &[&str] = &[
    "saldo",
    "sisa",
    "balance",
    "biaya",
    "admin",
    "fee",
    "mdr",
    "potongan",
    "limit",
    "tip",
    "poin",
    "points",
    "penjualan",
    "omzet",
    "pendapatan",
    "sales",
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
    let text: String = text.chars().take(MAX_NOTICE_CHARS).collect::<String>().to_lowercase();
    let words = words(&text);
    let told: Vec<&str> = words.iter().copied().filter(|word| !FILLERS.contains(word)).collect();
    let line = format!(" {} ", told.join(" "));
    if is_taken_off(&text) || has_any(&line, OUTGOING) || is_paid_elsewhere(&told) {
        return Incoming::Nothing;
    }
    let line = ELSE.iter().fold(line, |line, phrase| line.replace(&format!(" {phrase} "), " "));
    if !has_any(&line, INCOMING) {
        return Incoming::Nothing;
    }
    let mut amounts: Vec<Rupiah> = Vec::new();
    for (index, word) in words.iter().enumerate() {
        let Some(number) = marked(&words, index, word) else { continue };
        let before = &words[index.saturating_sub(WORDS_BEFORE)..index];
        // What stands before another amount belongs to that one.
        let own = before.iter().rposition(|word| word.starts_with(|c: char| c.is_ascii_digit()));
        let own = &before[own.map_or(0, |at| at + 1)..];
        if own.iter().any(|word| BESIDE.contains(word)) {
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

fn has_any(line: &str, phrases: &[&str]) -> bool {
    phrases.iter().any(|phrase| line.contains(&format!(" {phrase} ")))
}

/// Whether an amount has a minus before it.
fn is_taken_off(text: &str) -> bool {
    text.split_whitespace()
        .filter_map(|word| word.strip_prefix(['-', '−']))
        .any(|word| word.starts_with("rp") || word.starts_with("idr"))
}

/// Whether the notice speaks of a payment made somewhere: "pembayaran QRIS Rp20.000 di INDOMARET". What was received before
/// or on the way to the place is not: "menerima pembayaran di TOKO BELLA", "pembayaran masuk ke Livin' Merchant".
fn is_paid_elsewhere(told: &[&str]) -> bool {
    told.iter().enumerate().filter(|(_, word)| MOVING.contains(word)).any(|(index, _)| {
        if index.checked_sub(1).is_some_and(|before| INCOMING.contains(&told[before])) {
            return false;
        }
        let rest = &told[index + 1..told.len().min(index + 1 + WORDS_TO_PLACE)];
        let until = rest.iter().position(|word| INCOMING.contains(word)).unwrap_or(rest.len());
        rest[..until].iter().enumerate().filter(|(_, word)| WHERE.contains(word)).any(|(at, _)| {
            let place = &told[index + 2 + at..];
            let is_own = |own: &&str| own.split(' ').eq(place.iter().copied().take(own.split(' ').count()));
            !place.is_empty() && !OWN.iter().any(is_own)
        })
    })
}

/// The amount of a word that a currency marks, and nothing where none does. The amount itself may be unreadable.
fn marked(words: &[&str], index: usize, word: &str) -> Option<Option<Rupiah>> {
    let is_number = |word: &str| word.starts_with(|c: char| c.is_ascii_digit());
    let glued = ["rp", "idr"].iter().find_map(|mark| word.strip_prefix(mark));
    let glued = glued.map(|rest| rest.trim_start_matches('.')).filter(|rest| is_number(rest));
    let number = glued.or_else(|| {
        let before = index.checked_sub(1).map(|before| words[before]);
        (is_number(word) && matches!(before, Some("rp" | "idr"))).then_some(word)
    })?;
    // "Rp 50 ribu" is one amount.
    let unit = words.get(index + 1).copied().filter(|unit| matches!(*unit, "rb" | "ribu" | "jt" | "juta"));
    Some(Rupiah::read(&format!("{number} {}", unit.unwrap_or_default())))
}

/// The words; marks that end a sentence do not belong to them, and those inside of numbers do.
fn words(text: &str) -> Vec<&str> {
    text.split(|c: char| c.is_whitespace() || "():;!?\"/*+=|[]–—“”".contains(c))
        .map(|word| word.trim_matches(['.', ',', '-', '\'']))
        .filter(|word| !word.is_empty())
        .collect()
}

#[cfg(test)]
mod tests;
