//! Notices in the styles of banks and wallets, in both directions, each with its verdict.

use proptest::prelude::*;
use rstest::rstest;

use super::*;

mod holes;

/// The amount of every notice below.
const AMOUNT: i64 = 49_999;

/// Reads a notice as a shop does of which no name is known.
fn read(notice: &str) -> Reading {
    super::read(notice, &[])
}

fn came_in(whole: i64) -> Reading {
    Reading::CameIn(Rupiah::new(whole).unwrap())
}

fn is_income(notice: &str) -> bool {
    matches!(read(notice), Reading::CameIn(_))
}

#[test]
fn the_shipped_files_can_be_read() {
    check().unwrap();
}

#[test]
fn money_that_came_in_is_read() {
    let notices = [
        // BCA: the mobile bank, the merchants' program, the SMS.
        "Pembayaran QRIS sebesar Rp 49.999 dari BUDI telah diterima.",
        "m-BCA: Dana masuk Rp 49.999,00 ke rekening Anda 0123****89 dari BUDI SANTOSO",
        "Merchant BCA\nTransaksi QRIS Berhasil. Anda menerima pembayaran Rp 49.999 dari GOPAY",
        "BCA CR Rp.49.999,00 QRIS 23/11",
        "BCA: Transfer masuk dari BUDI ke rekening Anda Rp 49.999,00 tgl 23/11 10:21",
        "KR OTOMATIS MID : 885001234 TOKO BELLA TGL 23/11 CR Rp 49.999,00",
        // Mandiri and Livin'.
        "Pembayaran QRIS senilai Rp49.999 sudah masuk ke Livin' Merchant kamu.",
        "Livin' Merchant: Hore! Kamu menerima pembayaran Rp49.999 di TOKO BELLA. Terima kasih",
        "Dana Masuk! Rp 49.999 dari AYU LESTARI sudah masuk ke rekening Livin' kamu",
        "Mandiri: Rek. 137-00-1*** dikreditkan Rp 49.999,00 tgl 23/11/26. Saldo Rp 1.250.000,00",
        // BRI.
        "BRImo: Pembayaran QRIS Rp 49.999,00 diterima dari SHOPEEPAY an. AYU, 23/11/2026 10:22:01, ref 1234567890",
        "Transaksi masuk sebesar Rp49.999 ke rekening Anda. Saldo Anda Rp3.400.000. Info 14017 (bebas pulsa)",
        "BRI Merchant - Pembayaran diterima Rp 49.999, biaya MDR Rp 350",
        // BNI.
        "BNI Merchant: Transaksi QRIS Rp49.999 BERHASIL diterima. Ref 8823, terminal A01",
        "wondr by BNI: Uang masuk Rp 49.999 dari DANA/BUDI. Cek di aplikasi",
        // Wallets for shops.
        "GoPay Merchant\nAda pembayaran masuk Rp49.999! Total penjualan hari ini Rp1.250.000",
        "Pembayaran Rp49.999 dari GoPay diterima. Lihat detailnya di aplikasi GoPay Merchant",
        "Pembayaran masuk Rp49.999 - Kamu menerima Rp49.999 dari Ayu",
        "DANA Bisnis: Pembayaran Rp49.999 berhasil diterima dari DA*** melalui QRIS",
        "BUDI baru saja bayar Rp49.999, uangnya sudah masuk ke saldo DANA Bisnis kamu",
        "ShopeePay: Kamu menerima pembayaran Rp49.999 di Toko Bella dari Budi",
        "ShopeePay Partner. Pembayaran diterima di TOKO BELLA: Rp49.999",
        "OVO: Yay! Kamu terima Rp49.999 dari BUDI",
        "OVO Merchant: Pembayaran sebesar Rp 49.999 telah diterima, terima kasih telah memakai OVO",
        "SeaBank: Kamu menerima transfer Rp49.999 dari BUDI",
        "Saldo: Rp 1.250.000. Anda menerima Rp 49.999 dari SITI",
        "Dana masuk Rp49.999,00. Saldo Anda Rp 1.250.000,00",
        // In English.
        "You have received IDR 49,999.00 via QRIS. Fee IDR 350.00",
        "You've received Rp49.999 from BUDI. Balance: Rp1.250.000",
        "Payment received: Rp 49.999 from AYU through GoPay",
        "IDR 49,999.00 was credited to your account 0123****89",
        "You received a payment of Rp 49.999 at TOKO BELLA",
        "Incoming payment of IDR 49,999 to your BCA account",
        "Jago: Money in! Rp49.999 from AYU",
        "BUDI sent you Rp 49.999 with a note: tea",
        "BUDI just paid you Rp49.999",
    ];
    for notice in notices {
        assert_eq!(read(notice), came_in(AMOUNT), "{notice}");
    }
}

#[test]
fn nothing_else_is_income() {
    let notices = [
        // What the shop's own people buy, with the thanks that wallets add.
        "Terima kasih. Pembayaran QRIS Rp 49.999 di INDOMARET berhasil",
        "Pembayaran QRIS Rp49.999 ke WARUNG MAKAN SEDERHANA berhasil. Terima kasih!",
        "Terimakasih, transaksi QRIS Rp 49.999 sukses",
        "Your payment of Rp 49.999 to INDOMARET was received",
        "Payment of IDR 49,999 at KOPI KENANGAN was received, thank you",
        "You paid Rp49.999 to BUDI. Payment received.",
        "You have sent Rp 49.999 to AYU, received instantly",
        "You've paid Rp 49.999. The shop has received it",
        "Pembayaran Anda sebesar Rp 49.999 telah diterima",
        "Pembayaranmu Rp 49.999 sudah diterima ALFAMART",
        "Terima kasih, kami telah menerima pembayaran Rp 49.999 untuk pesanan 8812",
        "We have received IDR 49,999 for invoice 8812",
        "Pembayaran Rp 49.999 telah diterima oleh PLN",
        "Anda telah membayar Rp 49.999, diterima di TOKO LAIN",
        "Kamu berhasil bayar Rp49.999 di SPBU. Poin masuk besok",
        // BCA.
        "m-BCA: Pembelian pulsa Rp 49.999 berhasil, pulsa sudah masuk",
        "BCA DB Rp.49.999,00 QRIS 23/11",
        "Transfer ke BUDI Rp 49.999 berhasil",
        "Transfer Rp 49.999 ke 0123456789 BUDI telah diterima bank tujuan",
        "Pembayaran kartu kredit BCA Rp 49.999 diterima",
        // Mandiri, BRI, BNI.
        "Livin': Transfer Rp 49.999 ke rekening BUDI sukses, dana diterima 10:22",
        "Rekening Anda didebit Rp 49.999 untuk QRIS",
        "BRImo: Transaksi QRIS sebesar Rp 49.999 dari rekening Anda diterima merchant",
        "BNI: -Rp49.999 diterima TOKO LAIN",
        "Tarik tunai Rp 49.999, uang telah diterima",
        "Tagihan listrik Rp 49.999 telah diterima",
        // Wallets.
        "Top up GoPay Rp49.999 sudah masuk ke saldo kamu",
        "Isi saldo OVO Rp 49.999 berhasil, saldo masuk",
        "DANA: Kirim ke BANK BCA Rp49.999 diterima",
        "Pencairan dana Rp 49.999 masuk ke rekening BCA kamu",
        "ShopeePay: Belanja Rp49.999 sukses. Koin masuk 50",
        "Bayar Rp49.999 ke Tokopedia diterima",
        "Kredit bunga Rp 49.999",
        // What did not happen, or is promised.
        "IDR 49,999 was debited from your account, received by TOKO",
        "Pembayaran Rp 49.999 gagal diterima",
        "Pembayaran Rp 49.999 belum masuk",
        "The payment of Rp 49.999 was not yet received",
        "Menunggu pembayaran masuk Rp 49.999",
        "Promo: terima Rp 49.999 untuk pengguna baru",
        "Refund Rp 49.999 diterima",
        // What asks for money.
        "Kamu menerima permintaan pembayaran Rp49.999 dari BUDI",
        "You have received a payment request of Rp49.999 from BUDI",
        "Permintaan uang Rp49.999 diterima",
        "Permintaan pembayaran Rp49.999 dari BUDI telah diterima",
        "BUDI meminta kamu membayar Rp49.999",
        "BUDI minta transfer Rp49.999 ke kamu",
        "BUDI requested Rp49.999 from you",
        "BUDI wants to send you Rp49.999",
        "Incoming payment request of Rp49.999 from BUDI",
        "Tagihan QRIS Rp49.999 dari BUDI diterima",
        "Kamu menerima tagihan Rp49.999 dari BUDI",
        "Kamu menerima pembayaran Rp49.999?",
        "Sudah menerima pembayaran Rp49.999 dari BUDI?",
        "DANA: Ada permintaan dana masuk Rp49.999 dari BUDI",
        // What is pending, was called off or taken back.
        "Pembayaran Rp49.999 dari BUDI belum diterima",
        "Pembayaran Rp49.999 dari BUDI tidak dapat diterima",
        "Pembayaran Rp49.999 diterima dari BUDI dibatalkan",
        "Pembayaran Rp49.999 diterima dari BUDI. Transaksi dibatalkan.",
        "Kamu akan menerima Rp49.999 dari BUDI",
        "Transfer Rp49.999 dari BUDI sedang diproses, segera masuk",
        "The payment of Rp49.999 from BUDI was not received",
        "Payment of Rp49.999 from BUDI is pending",
        "You will receive Rp49.999 from BUDI",
        "Payment of Rp49.999 received from BUDI was reversed",
        "Pembatalan: pembayaran Rp49.999 dari BUDI telah diterima",
        "Pengembalian dana Rp49.999 dari TOKOPEDIA telah masuk ke rekening Anda",
        // What comes from the reader or the app.
        "Dana masuk Rp49.999 dari rekening BCA kamu",
        "Kamu menerima Rp49.999 dari saldo GoPay kamu",
        "Kamu menerima cashback Rp49.999",
        "Kamu menerima Rp49.999 dari promo Ramadan",
        "Kamu menerima Rp49.999 dari cashback QRIS",
        "You received a refund of Rp49.999 from TOKOPEDIA",
        "Kamu menerima pinjaman Rp49.999",
        "Bunga tabungan Rp49.999 telah masuk ke rekening Anda",
        // A name that brings a sum of its own.
        "Kamu menerima Rp1 dari BUDI Rp49.999",
        "Kamu menerima Rp1 dari BUDI. Catatan: sudah bayar Rp49.999",
        "Kamu menerima pembayaran dari BUDI Rp49.999 Rp1",
        // What speaks of no money at all.
        "Selamat pagi!",
        "QRIS Rp 49.999",
        "Transaksi Rp 49.999. Silakan masuk ke aplikasi untuk detail",
        "Nikmati limit kartu kredit Rp 49.999",
        "Your credit card limit is IDR 49,999",
    ];
    for notice in notices {
        assert!(!is_income(notice), "{notice}");
    }
}

#[test]
fn names_shops_and_notes_may_look_like_words_of_notices() {
    let notices = [
        "Pembayaran QRIS Rp49.999 diterima dari BUNGA LESTARI",
        "Pembayaran QRIS Rp49.999 dari BUNGA LESTARI telah diterima",
        "Kamu menerima Rp49.999 dari BILL GUNAWAN",
        "You have received Rp49.999 from BILL GUNAWAN",
        "BILL GUNAWAN sent you Rp49.999",
        "Kamu menerima pembayaran Rp49.999 di KEDAI TEH TARIK",
        "Pembayaran Rp49.999 diterima dari BUDI di KEDAI TEH TARIK",
        "ShopeePay Partner: Pembayaran diterima di KEDAI TEH TARIK: Rp49.999",
        "Dana masuk Rp49.999 dari BUDI. Catatan: belanja teh",
        "Uang masuk Rp49.999 dari BUDI\nCatatan: refund kemarin",
        "Kamu menerima transfer Rp49.999 dari AYU. Pesan: tagihan listrik belum dibayar?",
        "Dana masuk Rp 49.999 ke rekening Anda dari H. TAGIHAN S.KOM. Saldo Rp 5.000.000",
        "Pembayaran Rp49.999 diterima dari PT. GAGAL MAJU, 23/11/2026 10:22 WIB",
        "\u{202a}Pembayaran\u{a0}QRIS\u{202c} Rp\u{a0}49.999 diterima dari BUDI \u{1f389}",
        "*Pembayaran QRIS* Rp49.999,- diterima dari *BUDI*",
        "Incoming transfer of Rp49.999 from BUDI. Note: refund for the failed order",
        "Pembayaran QRIS Rp49999 diterima dari PEMBELI",
    ];
    for notice in notices {
        assert_eq!(read(notice), came_in(AMOUNT), "{notice}");
    }
}

#[rstest]
#[case::two("Diterima Rp 49.999 dan Rp 30.000", &[49_999, 30_000])]
#[case::none("Pembayaran QRIS diterima", &[])]
#[case::unmarked("Pembayaran diterima 49.999 pada 23/11", &[])]
#[case::cents("Pembayaran diterima Rp 49.999,50 dari BUDI", &[])]
#[case::odd_groups("Pembayaran diterima Rp 4.9999 dari BUDI", &[])]
#[case::nothing("Pembayaran diterima Rp 0 dari BUDI", &[])]
#[case::asked("Kamu menerima permintaan pembayaran Rp49.999 dari BUDI", &[49_999])]
#[case::twice_another("Pembayaran masuk Rp49.999 - Kamu menerima Rp49.998 dari Ayu", &[49_999, 49_998])]
fn what_is_unknown_tells_its_sums(#[case] text: &str, #[case] sums: &[i64]) {
    let sums = sums.iter().map(|whole| Rupiah::new(*whole).unwrap()).collect();
    assert_eq!(read(text), Reading::Unknown { sums }, "{text}");
}

#[test]
fn an_amount_in_words_of_people_is_one_amount() {
    assert_eq!(read("Uang masuk Rp 50 ribu dari AYU"), came_in(50_000));
    assert_eq!(read("Uang masuk Rp1,5 juta dari AYU"), came_in(1_500_000));
    assert_eq!(read("Kamu menerima 49.999 rupiah dari AYU"), came_in(AMOUNT));
}

#[test]
fn a_file_that_cannot_be_used_is_refused_with_its_name() {
    let shared = "app: any\ncame_in: ['masuk {amount}']";
    let load = |name: &str, text: &str| {
        notices::Notices::load(&[("lexicon/notices/_shared.yaml", shared), (name, text)])
            .map(|_| ())
            .map_err(|error| error.to_string())
    };
    assert_eq!(load("x.yaml", "app: X"), Ok(()));
    for (text, problem) in [
        ("came_in: []", "app"),
        ("app: X\ncame_in: ['{money} masuk']", "there is no hole `money`"),
        ("app: X\ncame_in: ['<of> masuk']", "there is no phrase `of`"),
        ("app: X\ncame_in: ['[masuk']", "`]` is missing"),
        ("app: X\ntails: ['[masuk]']", "fits where nothing is written"),
        ("app: X\nincoming: []", "incoming"),
    ] {
        let error = load("x.yaml", text).unwrap_err();
        assert!(error.starts_with("x.yaml: ") && error.contains(problem), "{error}");
    }
}

/// Sentences with a name and perhaps a note, as the apps of the files write them.
const SENTENCES: &[(&str, &str, &str)] = &[
    ("Pembayaran QRIS Rp49.999 diterima dari ", "NAME", ""),
    ("Pembayaran QRIS Rp49.999 dari ", "NAME", " telah diterima"),
    ("Kamu menerima pembayaran Rp49.999 di ", "NAME", ". Terima kasih"),
    ("Dana masuk Rp49.999 dari ", "NAME", ". Saldo Rp1.250.000"),
    ("", "NAME", " baru saja bayar Rp49.999 ke kamu"),
    ("You've received Rp49.999 from ", "NAME", ". Balance: Rp1.250.000"),
    ("", "NAME", " sent you Rp49.999"),
    ("Uang masuk Rp49.999 dari BUDI. Catatan: ", "NOTE", ""),
    ("BUDI sent you Rp49.999 with a note: ", "NOTE", ""),
];

/// Words that have hidden income, or have been taken for it, in the middle of notes.
const WORDS: &str = "bunga|lestari|bill|gunawan|tarik|kedai|teh|belanja|refund|promo|cashback|masuk|keluar|debit|otp|voucher|saldo|kamu|\
                     tagihan|permintaan|request|payment|received|diterima|dari|di|ke|pembayaran|transfer|x1|88|[A-Za-z]{1,9}";

/// Words of names that look like words of notices, and names that nobody has.
const NAMES: &str = "BUNGA|LESTARI|BILL|GUNAWAN|TARIK|KEDAI|TEH|HARI|MAY|BARU|PASTI|SIAP|AMAN|LANCAR|TERANG|DINA|KERTAS|DEWI|I|H\\.|88|bin|\
                     Bunga|Bill|Teh|Tarik|[QXZ][AEIOU][A-Z]{0,6}|[QXZ][aeiou][a-z]{0,6}";

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in ".{0,200}") {
        let _ = read(&text);
    }

    #[test]
    fn no_words_of_notices_make_it_panic(
        words in proptest::collection::vec("pembayaran|di|ke|masuk|diterima|rp|rp50|49\\.999|rb|anda|terima|kasih|-", 0..20)
    ) {
        let _ = read(&words.join(" "));
    }

    #[test]
    fn any_name_and_any_note_keep_the_verdict(
        words in proptest::collection::vec(WORDS, 1..6),
        names in proptest::collection::vec(NAMES, 0..6),
        sentence in 0..SENTENCES.len(),
    ) {
        let (before, hole, after) = SENTENCES[sentence];
        let words = if hole == "NAME" { format!("TOKO {} JAYA MAKMUR", names.join(" ")) } else { words.join(" ") };
        let notice = format!("{before}{words}{after}");
        prop_assert_eq!(read(&notice), came_in(AMOUNT), "{}", notice);
    }

    #[test]
    fn no_name_and_no_note_bring_a_sum_of_their_own(
        words in proptest::collection::vec(WORDS, 0..4),
        at in 0..4_usize,
        sentence in 0..SENTENCES.len(),
        sum in 1..99_999_i64,
    ) {
        let (before, _, after) = SENTENCES[sentence];
        let mut words = words;
        words.insert(at.min(words.len()), format!("Rp{sum}"));
        let notice = format!("{before}{}{after}", words.join(" "));
        prop_assert!(!is_income(&notice) || read(&notice) == came_in(AMOUNT), "{}", notice);
    }

    #[test]
    fn what_asks_is_never_income(
        asking in "permintaan|tagihan|minta|meminta|menagih|request|requests|asks|mohon|diminta",
        at in 0..9_usize,
        sentence in 0..SENTENCES.len(),
    ) {
        let (before, hole, after) = SENTENCES[sentence];
        let name = if hole == "NAME" { "BUDI" } else { "teh" };
        let notice = format!("{before}{name}{after}");
        let mut words: Vec<&str> = notice.split(' ').collect();
        // In the payer's own note it asks for nothing of the sentence.
        let end = if hole == "NOTE" { before.split(' ').count() - 2 } else { words.len() };
        words.insert(at.min(end), &asking);
        let notice = words.join(" ");
        prop_assert!(!is_income(&notice), "{}", notice);
    }
}
