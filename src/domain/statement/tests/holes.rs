//! What the holes of a sentence take and what they do not: a sentence by which money comes in, with words in its holes by
//! which it did not, not yet, not for good, or not from a buyer.

use super::*;
use crate::domain::statement;

/// Each notice with the exact sum of an order, by kinds. None is income.
const NOT_THERE: &[(&str, &[&str])] = &[
    (
        "no sum that came in",
        &[
            "Dana masuk {amount}- dari BUDI",
            "Dana masuk ({amount}) dari BUDI",
            "Dana masuk ±{amount} dari BUDI",
            "Dana masuk ± {amount} dari BUDI",
            "Dana masuk ~{amount}~ dari BUDI",
            "Dana masuk {amount} x 2 dari BUDI",
            "Rekening Anda terkredit {amount} dari PINDAH DANA",
            "Rekening anda dikreditkan {amount} dari BUNGA BULANAN",
        ],
    ),
    (
        "not yet",
        &[
            "Pembayaran masuk {amount} dari BUDI menunggu konfirmasi",
            "Uang masuk {amount} dari BUDI masih dalam proses",
            "Transfer masuk {amount} dari BUDI akan masuk dalam 1 hari kerja",
            "Uang masuk {amount} dari BUDI belum dapat digunakan",
            "Uang masuk {amount} dari BUDI baru bisa dipakai besok",
            "Pembayaran masuk {amount} dari BUDI estimasi 1x24 jam",
            "Uang masuk {amount} dari BUDI, 1x24 jam",
            "Uang masuk {amount} dari BUDI dalam 3 hari",
            "Uang masuk {amount} dari BUDI. Waktu: 2 jam",
            "Uang masuk {amount} dari BUDI T+1",
            "Kamu menerima {amount} dari budi masih diproses",
            "Kamu menerima {amount} dari BUDI. Dana bisa dipakai besok",
            "Uang masuk {amount} dari BUDI. Uang akan langsung masuk ke saldo kamu",
            "DANA MASUK {amount} DARI BUDI MASIH DALAM PROSES",
            "Kamu menerima pembayaran {amount} di tahap verifikasi",
            "Kamu menerima pembayaran {amount} pada hari kerja berikutnya",
            "Kamu menerima pembayaran {amount} melalui proses verifikasi",
            "Incoming transfer of {amount} from BUDI under review",
            "You received {amount} from BUDI subject to approval",
            "You received {amount} from BUDI by 30 Nov",
            "Payment received: {amount} from BUDI will arrive tomorrow",
            "You received {amount} from BUDI pending clearance",
        ],
    ),
    (
        "held or doubtful",
        &[
            "Transfer masuk {amount} dari BUDI terindikasi penipuan",
            "DANA MASUK {amount} DARI BUDI DITANGGUHKAN",
            "Uang masuk {amount} dari BUDI (ditahan sementara)",
            "Uang masuk {amount} dari BUDI nyangkut di sistem",
            "Uang masuk {amount} dari BUDI/PENDING",
            "Transfer masuk {amount} dari BUDI salah kirim",
            "Pembayaran QRIS {amount} diterima dari BUDI (TEST)",
            "Pembayaran QRIS {amount} diterima dari UJI COBA",
            "Uang masuk {amount} dari BUDI dengan syarat tertentu",
            "BUDI sent you {amount} with conditions",
            "BUDI sent you {amount} on hold",
        ],
    ),
    (
        "to give back, or given back",
        &[
            "You received {amount} from BUDI to be paid back by 30 Nov",
            "Kamu terima {amount} dari split bill BUDI yang belum dibayar",
            "Uang masuk {amount} dari PATUNGAN KANTOR",
            "Uang masuk {amount} dari TITIPAN BUDI",
            "Dana masuk {amount} dari TOKOPEDIA REFUND",
            "Dana masuk {amount} dari TOKOPEDIA RE-FUND",
        ],
    ),
    (
        "borrowed",
        &[
            "Kamu menerima {amount} dari DANA PayLater",
            "Kamu menerima {amount} dari SHOPEE PAYLATER",
            "Kamu menerima {amount} dari GoPay Later",
            "Kamu menerima {amount} dari KREDIT PINTAR",
            "Kamu menerima {amount} dari LazPayLater",
            "Kamu menerima {amount} dari Kredivo",
            "Kamu menerima {amount} dari BUDI sebagai pinjaman",
            "You received {amount} from Home Credit",
            "Kamu menerima pembayaran {amount} via pinjaman online",
        ],
    ),
    (
        "of the app, of a batch, of another shop",
        &[
            "Kamu terima {amount} dari kode referral",
            "Kamu terima {amount} dari bonus undang teman",
            "Kamu terima {amount} dari Hadiah Undian",
            "Uang masuk {amount} dari GAJI NOVEMBER",
            "Uang masuk {amount} dari PT VISIONET SETTLEMENT",
            "Pembayaran {amount} diterima dari BUDI untuk pesanan Shopee",
            "Pembayaran {amount} diterima dari BUDI untuk toko sebelah",
            "Uang masuk {amount} dari BUDI di Tokopedia",
            "Uang masuk {amount} dari BUDI via Shopee",
        ],
    ),
    (
        "of the reader, or for another",
        &[
            "Uang masuk {amount} via BI-FAST dari rekening Anda di BCA",
            "Uang masuk {amount} dari Kantong Utama",
            "Uang masuk {amount} dari GoPaymu",
            "Uang masuk {amount} dari rekening lain",
            "Dana masuk {amount} dari BUDI ke rekening SITI",
            "Dana masuk {amount} dari BUDI ke rekening BCA ANDI WIJAYA",
            "Dana masuk {amount} dari BUDI ke rekening istri Anda",
            "Dana masuk {amount} ke saldo PayLater kamu",
            "Pembayaran {amount} diterima dari BUDI di rekening SITI",
            "Incoming transfer of {amount} to SITI's account",
            "You received {amount} from BUDI for SITI",
            "{amount} was credited to your loan account from BUDI",
        ],
    ),
    (
        "nothing but an invitation",
        &[
            "Silakan bayar {amount} ke kamu",
            "Jangan lupa transfer {amount} ke kamu",
            "Uang masuk {amount} dari BUDI. Klik untuk menerima",
            "Uang masuk {amount} dari BUDI. Cek status di aplikasi",
        ],
    ),
    (
        "with words of the bank after the payer's",
        &[
            "Uang masuk {amount} dari BUDI. Catatan: teh. Dana belum dapat digunakan",
            "You've received {amount} from BUDI. Note: tea. This transfer is under review.",
            "Uang masuk {amount} dari BUDI. Keterangan: dana ditahan",
            "Uang masuk {amount} dari BUDI pesan ditahan",
        ],
    ),
];

#[test]
fn what_a_hole_says_against_its_sentence_makes_the_notice_unknown() {
    for (kind, notices) in NOT_THERE {
        for notice in *notices {
            let notice = notice.replace("{amount}", "Rp49.999");
            let sums = vec![Rupiah::new(AMOUNT).unwrap()];
            assert_eq!(read(&notice), Reading::Unknown { sums }, "{kind}: {notice}");
        }
    }
}

#[rstest]
#[case::unit_of_people("kurang 50rb ya")]
#[case::with_a_letter("sisa 50k nanti")]
#[case::with_a_letter_apart("sisa 50 K")]
#[case::apart("50 rebu")]
#[case::about("50ribuan")]
#[case::times("2x25rb")]
#[case::behind_a_word("teh50rb")]
#[case::marked("50.000 dulu ya")]
#[case::marked_and_about("50.000an")]
#[case::marked_in_english("the other 50,000 follows")]
#[case::plain("DP 25000")]
#[case::plain_and_small("kurang 5000")]
#[case::in_words("kurang lima puluh ribu")]
#[case::in_english_words("fifty thousand left")]
#[case::of_the_street("kurang goceng")]
#[case::with_decimals("1,5 juta")]
#[case::with_its_currency("kurang Rp lima")]
#[case::of_another_country("$5 left")]
fn a_sum_in_a_note_or_a_name_makes_the_notice_unknown(#[case] words: &str) {
    for notice in [
        format!("Dana masuk Rp49.999 dari BUDI. Catatan: {words}"),
        format!("BUDI sent you Rp49.999 with a note: {words}"),
        format!("Dana masuk Rp49.999 dari BUDI {}", words.to_uppercase()),
    ] {
        assert!(!is_income(&notice), "{notice}");
    }
}

#[rstest]
#[case::pieces("2 teh hijau")]
#[case::an_order("pesanan 8812")]
#[case::its_number("ORD-2026-0001")]
#[case::a_year("teh lebaran 2026")]
#[case::a_street("Jl. Merdeka no 10")]
#[case::words_of_notices("refund kemarin, pending")]
#[case::wishes("tolong kirim besok ya")]
fn numbers_and_words_of_a_note_that_are_no_sum_hide_no_income(#[case] note: &str) {
    for notice in [
        format!("Dana masuk Rp49.999 dari BUDI. Catatan: {note}"),
        format!("Dana masuk Rp49.999 dari BUDI\nPesan: {note}\nSaldo Rp1.250.000"),
    ] {
        assert_eq!(read(&notice), came_in(AMOUNT), "{notice}");
    }
}

#[rstest]
#[case("BUNGA LESTARI")]
#[case("BILL GUNAWAN")]
#[case("WILL SMITH")]
#[case("VIA VALLEN")]
#[case("HARI SANTOSO")]
#[case("MAY SARI")]
#[case("SONYA TANYA")]
#[case("KAMILAH NANDA")]
#[case("I WAYAN SUDANA")]
#[case("AHMAD bin SALIM")]
#[case("dr. TUNDA")]
#[case("CV. SEGERA JAYA")]
#[case("TOKO KUE & ROTI BU TINI")]
#[case("D'COST/BUDI")]
#[case("0812****890")]
#[case("BCA 0123****89 a.n. BUDI")]
#[case("Budi Santoso")]
#[case("budi")]
#[case("budi santoso")]
#[case("pelanggan")]
fn payers_who_look_like_other_words_are_payers(#[case] name: &str) {
    for notice in [
        format!("Pembayaran QRIS Rp49.999 dari {name} telah diterima"),
        format!("Kamu menerima Rp49.999 dari {name} melalui QRIS"),
        format!("You've received Rp49.999 from {name}. Balance: Rp1.250.000"),
    ] {
        assert_eq!(read(&notice), came_in(AMOUNT), "{notice}");
    }
}

#[rstest]
#[case::brackets("Uang masuk Rp49.999 dari BUDI SANTOSO (BCA ****1234)")]
#[case::a_moment("Uang masuk Rp49.999 dari BUDI, 23/11/2026 jam 10:22 WIB")]
#[case::today("Uang masuk Rp49.999 dari BUDI pada hari ini pukul 10.22")]
#[case::a_way("Uang masuk Rp49.999 dari BUDI melalui Mobile Banking BCA")]
#[case::an_app("You received Rp49.999 from BUDI via Livin by Mandiri. See details in the app")]
#[case::an_own_account("Uang masuk Rp49.999 dari BUDI ke rekening BCA Anda 0123****89")]
#[case::an_own_wallet("Incoming transfer of Rp49.999 from BUDI to your GoPay account")]
#[case::an_own_wallet_in_one_word("Dana masuk Rp49.999 dari BUDI ke saldo GoPaymu")]
#[case::a_shop("Pembayaran Rp49.999 diterima dari BUDI di merchant KEDAI TEH TARIK")]
#[case::one_more_app("ShopeePay Mitra: Pembayaran Rp49.999 diterima dari pelanggan")]
#[case::a_remark("Uang masuk Rp49.999 dari BUDI. Keterangan: bayar teh")]
fn what_else_notices_tell_hides_no_income(#[case] notice: &str) {
    assert_eq!(read(notice), came_in(AMOUNT), "{notice}");
}

#[rstest]
#[case::place("Pembayaran Rp49.999 diterima dari BUDI di KOPI UNTUK SEMUA")]
#[case::other_letters("Pembayaran Rp49.999 diterima dari BUDI di Kopi untuk Semua")]
#[case::destination("Dana masuk Rp49.999 dari BUDI ke KOPI UNTUK SEMUA")]
#[case::destination_in_english("Incoming transfer of Rp49.999 from BUDI to KOPI UNTUK SEMUA")]
fn the_shops_own_name_is_its_own_whatever_its_words_mean(#[case] notice: &str) {
    assert!(!is_income(notice), "{notice}");
    let shop = ["Bella Teh", "Kopi Untuk Semua"];
    assert_eq!(statement::read(notice, &shop), came_in(AMOUNT), "{notice}");
    assert!(!matches!(statement::read(&notice.replace("BUDI", "BUDI PENDING"), &shop), Reading::CameIn(_)));
}

#[rstest]
#[case::a_month("Uang masuk Rp49.999 dari BUDI, 23/13/2026 jam 10:22 WIB")]
#[case::a_day("Uang masuk Rp49.999 dari BUDI, 31/02/2026")]
#[case::a_day_with_the_year_first("Uang masuk Rp49.999 dari BUDI, 2026-02-30 10:22")]
#[case::later("QRIS MERCHANT. Pembayaran Rp49.999 diterima. H+1")]
#[case::later_as_a_number("Uang masuk Rp49.999 dari BUDI. Ref H+1")]
fn days_that_no_calendar_has_and_money_that_comes_later_are_asked_about(#[case] notice: &str) {
    assert!(!is_income(notice), "{notice}");
    let good = notice.replace("/13/", "/11/").replace("31/02", "28/02").replace("02-30", "02-28");
    assert!(is_income(&good.replace(". H+1", "").replace(" Ref H+1", "")), "{good}");
}

#[test]
fn a_file_of_an_app_changes_no_words_of_all_apps() {
    let shared = (
        "lexicon/notices/_shared.yaml",
        "app: any\ncame_in: ['masuk {amount}']\nwords: { undoing: [gagal] }",
    );
    let load = |text: &str| {
        notices::Notices::load(&[shared, ("x.yaml", text)]).map(|_| ()).map_err(|e| e.to_string())
    };
    assert_eq!(load("app: X\napps: [x bank]"), Ok(()));
    let error = load("app: X\nwords: { undoing: [batal] }").unwrap_err();
    assert!(error.starts_with("x.yaml: ") && error.contains("_shared.yaml"), "{error}");
}

/// Words of which one in a name makes the notice a question, at any place of a name of any length.
const AGAINST: &str = "PENDING|GAGAL|DITAHAN|DIPROSES|BELUM|MENUNGGU|REFUND|SETTLEMENT|PAYLATER|PINJAMAN|CASHBACK|VERIFIKASI|REVIEW|REPAID|\
                       REKENING|KE|DALAM|UNTUK|YANG|UNDER|DIBATALKAN|BESOK|PROMO|TEST|DITANGGUHKAN|TAGIHANNYA";

proptest! {
    #[test]
    fn one_word_against_the_sentence_anywhere_in_a_name_makes_it_unknown(
        names in proptest::collection::vec("[QXZ][AEIOU][A-Z]{0,6}", 1..8),
        against in AGAINST,
        at in 1..9_usize,
        sentence in 0..7_usize,
    ) {
        let (before, hole, after) = SENTENCES[sentence];
        prop_assert_eq!(hole, "NAME");
        let mut names = names;
        names.insert(at.min(names.len()), against);
        let notice = format!("{before}{}{after}", names.join(" "));
        prop_assert!(!is_income(&notice), "{}", notice);
    }

    #[test]
    fn small_words_after_a_name_with_capitals_are_no_part_of_it(
        small in "[qxz][aeiou][a-z]{1,6}",
        sentence in 0..7_usize,
    ) {
        let (before, _, after) = SENTENCES[sentence];
        let notice = format!("{before}BUDI {small}{after}");
        prop_assert!(!is_income(&notice), "{}", notice);
    }
}

#[rstest]
#[case("Transfer masuk Rp49.999 dari BELLA TEH INDONESIA ke rekening BCA kamu")]
#[case("Kamu menerima transfer Rp49.999 dari Bella Teh Indonesia")]
fn the_shop_pays_nothing_to_itself(#[case] notice: &str) {
    assert_eq!(read(notice), came_in(AMOUNT), "of another shop: {notice}");
    assert!(!matches!(statement::read(notice, &["Bella Teh Indonesia"]), Reading::CameIn(_)), "{notice}");
}
