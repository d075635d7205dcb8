//! Notices in the styles of banks and wallets, in both directions, each with its verdict.

use proptest::prelude::*;
use rstest::rstest;

use super::*;

/// The amount of every notice below.
const AMOUNT: i64 = 49_999;

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
        assert_eq!(incoming(notice), Incoming::One(Rupiah::new(AMOUNT).unwrap()), "{notice}");
    }
}

#[test]
fn money_that_left_or_did_not_come_is_not_received() {
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
        // What speaks of no money at all.
        "Selamat pagi!",
        "QRIS Rp 49.999",
        "Transaksi Rp 49.999. Silakan masuk ke aplikasi untuk detail",
        "Nikmati limit kartu kredit Rp 49.999",
        "Your credit card limit is IDR 49,999",
    ];
    for notice in notices {
        assert_eq!(incoming(notice), Incoming::Nothing, "{notice}");
    }
}

#[rstest]
#[case::two("Diterima Rp 49.999 dan Rp 30.000")]
#[case::none("Pembayaran QRIS diterima")]
#[case::unmarked("Pembayaran diterima 49.999 pada 23/11")]
#[case::cents("Diterima Rp 49.999,50")]
#[case::odd_groups("Diterima Rp 4.9999")]
fn a_notice_that_is_not_clear_is_not_guessed(#[case] text: &str) {
    assert_eq!(incoming(text), Incoming::Unclear);
}

#[test]
fn an_amount_in_words_of_people_is_one_amount() {
    assert_eq!(incoming("Uang masuk Rp 50 ribu dari AYU"), Incoming::One(Rupiah::new(50_000).unwrap()));
    assert_eq!(incoming("Uang masuk Rp1,5 juta dari AYU"), Incoming::One(Rupiah::new(1_500_000).unwrap()));
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in ".{0,200}") {
        let _ = incoming(&text);
    }

    #[test]
    fn no_words_of_notices_make_it_panic(
        words in proptest::collection::vec("pembayaran|di|ke|masuk|diterima|rp|rp50|49\\.999|rb|anda|terima|kasih|-", 0..20)
    ) {
        let _ = incoming(&words.join(" "));
    }
}
