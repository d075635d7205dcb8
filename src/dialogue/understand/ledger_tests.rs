//! Tables of what the shop's people write down of stocks and prices, and what is read of it.

use rstest::rstest;

use super::shops::tea;
use super::*;

/// `stock teh hijau +40`, `price teh putih 52000 ?` (asks first), `price teh putih - !` (no number, nothing is written).
fn read(text: &str) -> String {
    let catalog = tea();
    let index = CatalogIndex::new(&catalog);
    let Some(entry) = entry(text, Language::Id, &index, &catalog) else { return "nothing".to_owned() };
    let book = match entry.book {
        Book::Stock => "stock",
        Book::Price => "price",
    };
    let step = match (entry.step, entry.way) {
        (Some(Step::To(to)), _) => to.to_string(),
        (Some(Step::By(by)), Some(Way::Up)) => format!("+{by}"),
        (Some(Step::By(by)), Some(Way::Down)) => format!("-{by}"),
        (Some(Step::By(by)), None) => format!("~{by}"),
        (Some(Step::Free), _) => "free".to_owned(),
        (None, _) => "-".to_owned(),
    };
    let doubt = match entry.doubt {
        None => "",
        Some(Doubt::Asks) => " ?",
        Some(Doubt::Denied) => " !",
    };
    format!("{book} {} {step}{doubt}", entry.goods.to_lowercase())
}

#[rstest]
#[case("stok teh hijau 40", "stock teh hijau 40")]
#[case("/stok teh hijau organik +5", "stock teh hijau organik +5")]
#[case("stok teh hijau organik -3", "stock teh hijau organik -3")]
#[case("tolong ubah stok teh hijau jadi 40 ya kak", "stock teh hijau 40")]
#[case("set the stock of organic green tea to 40", "stock organic green tea 40")]
#[case("teh hijau tinggal 7", "stock teh hijau 7")]
#[case("only 3 green tea left", "stock green tea 3")]
#[case("stok teh hijau dua lusin", "stock teh hijau 24")]
#[case("stok teh melati 250 gram jadi 12", "stock teh melati 250 gram 12")]
#[case("teh hijau habis", "stock teh hijau 0")]
#[case("stok teh hijaunya udah abis kak", "stock teh hijaunya 0")]
#[case("premium white tea is out of stock", "stock premium white tea 0")]
fn a_stock_is_what_it_is_said_to_be(#[case] text: &str, #[case] expected: &str) {
    assert_eq!(read(text), expected);
}

#[rstest]
#[case("stok teh hijau nambah 40", "stock teh hijau +40")]
#[case("stok teh hijau masuk 40", "stock teh hijau +40")]
#[case("teh putih datang 12 bungkus", "stock teh putih +12")]
#[case("stok teh hijau kurang 2", "stock teh hijau -2")]
#[case("kurangi teh putih 10", "stock teh putih -10")]
#[case("reduce green tea by 3", "stock green tea -3")]
#[case("tambah 20 teh hijau", "stock teh hijau +20")]
#[case("we received 15 organic green tea", "stock organic green tea +15")]
#[case("naikin harga teh putih 2rb", "price teh putih +2000")]
#[case("harga teh putih naik 20rb", "price teh putih +20000")]
#[case("harga teh putih turun 1.500", "price teh putih -1500")]
#[case("harga teh hijau + 2000", "price teh hijau +2000")]
#[case("harga teh putih tambah lima ribu", "price teh putih +5000")]
#[case("raise white tea by 2k", "price white tea +2000")]
#[case("turunin teh hijau 2", "price teh hijau -2")]
#[case("the price of green tea goes down 3k", "price green tea -3000 ?")]
fn words_of_moving_change_by_an_amount(#[case] text: &str, #[case] expected: &str) {
    assert_eq!(read(text), expected);
}

#[rstest]
#[case("harga teh putih 80rb", "price teh putih 80000")]
#[case("naikin harga teh putih jadi 82rb", "price teh putih 82000")]
#[case("harga teh putih turun ke 70.000", "price teh putih 70000")]
#[case("teh putih sekarang 85rb ya", "price teh putih 85000")]
#[case("/price white tea Rp90.000,-", "price white tea 90000")]
#[case("harga teh hijau lima puluh lima ribu", "price teh hijau 55000")]
#[case("ubah teh putih jadi 80000", "price teh putih 80000")]
#[case("harga teh putih gratis", "price teh putih free")]
#[case("harga sepeda 5jt", "price sepeda 5000000 ?")]
fn a_price_is_what_it_is_said_to_become(#[case] text: &str, #[case] expected: &str) {
    assert_eq!(read(text), expected);
}

#[rstest]
#[case::not_yet("teh hijau belum habis")]
#[case::not("teh hijau tidak kosong kok")]
#[case::nearly("teh putih hampir habis")]
#[case::soon("teh putih cepat habis ya")]
#[case::not_in_english("green tea is not sold out")]
#[case::nearly_in_english("green tea almost sold out")]
#[case::do_not("jangan ubah harga teh putih jadi 30rb")]
#[case::do_not_inside("harga teh putih jangan 30rb")]
#[case::do_not_in_english("don't change the price of green tea to 30k")]
#[case::yesterday("stok kemarin teh hijau 40")]
#[case::yesterday_in_english("yesterday green tea was sold out")]
#[case::tomorrow("harga teh putih mulai besok 30rb")]
#[case::last_week("harga teh putih minggu lalu 45rb")]
#[case::next_month("the price of green tea next month is 60k")]
#[case::beside("harga teh putih di toko sebelah 45rb")]
#[case::a_market("harga teh putih di shopee 24rb")]
#[case::a_supplier("supplier naikin harga teh putih jadi 22rb")]
#[case::a_rival("a competitor sells green tea, price now 20k")]
#[case::a_level("stok teh hijau minimal 20")]
#[case::if_only("kalau harga teh putih turun 5rb laku")]
fn nothing_is_written_of_a_no_another_time_or_another_shop(#[case] text: &str) {
    assert!(read(text).ends_with(" !"), "{text:?}: {}", read(text));
}

#[rstest]
#[case::a_pack("harga teh hijau 55rb per bungkus isi 2", "price teh hijau 55000 ?")]
#[case::several_numbers("harga teh hijau jadi 55 ribu, stok jadi 20", "price teh hijau - ?")]
#[case::two_products("harga teh hijau 55rb, teh putih 80rb", "price teh hijau teh putih -")]
#[case::a_reason("harga teh putih 80rb karena panen", "price teh putih 80000 ?")]
#[case::a_wish("saya mau ubah stok teh hijau jadi 40", "stock teh hijau 40 ?")]
#[case::for_a_while("harga teh putih 80rb dulu", "price teh putih 80000 ?")]
#[case::from_and_to("harga teh putih dari 75rb jadi 80rb", "price teh putih 80000 ?")]
#[case::a_percentage("naikin harga teh putih 10%", "price teh putih -")]
#[case::both_ways("stok teh hijau masuk keluar 5", "stock teh hijau ~5 ?")]
#[case::money_as_stock("stok teh hijau 20rb", "stock teh hijau -")]
#[case::eaten("teh hijau habis dimakan tikus", "stock teh hijau 0 ?")]
fn what_is_left_over_asks_first(#[case] text: &str, #[case] expected: &str) {
    assert_eq!(read(text), expected);
}

#[rstest]
#[case("harga teh hijau 55rb?")]
#[case("berapa harga teh hijau kalau beli 5")]
#[case("harga modal teh hijau 30rb")]
#[case("teh hijau habis?")]
#[case("batal ORD-2026-0001")]
#[case("gaji karyawan jadi 3jt")]
#[case("makan siang habis")]
#[case("pesan 2 teh hijau")]
#[case("halo")]
#[case("40")]
#[case("jadi 52 ribu aja kak")]
fn other_sentences_write_nothing_down(#[case] text: &str) {
    assert_eq!(read(text), "nothing");
}

#[rstest]
#[case("omzet kemarin", Some(Period::Yesterday))]
#[case("laporan minggu ini dong", Some(Period::ThisWeek))]
#[case("penjualan minggu lalu berapa", Some(Period::LastWeek))]
#[case("rekap bulan ini", Some(Period::ThisMonth))]
#[case("sales last month", Some(Period::LastMonth))]
#[case("how much did we sell yesterday", Some(Period::Yesterday))]
#[case("laporan tahun ini", Some(Period::Other))]
#[case("omzet 3 hari", Some(Period::Other))]
#[case("revenue on monday", Some(Period::Other))]
#[case("omzet hari ini", None)]
#[case("sales today", None)]
fn figures_are_asked_of_a_time(#[case] text: &str, #[case] period: Option<Period>) {
    let catalog = tea();
    let index = CatalogIndex::new(&catalog);
    let heard = understand(text, Language::Id, &index, &catalog, &Expectation::None);
    assert_eq!((heard.errand, heard.period), (Some(Errand::Today), period), "{text:?}");
}

#[rstest]
#[case::a_comma("stok teh putih 5,5", "stock teh putih -")]
#[case::half("stok teh putih setengah", "stock teh putih -")]
#[case::a_price("harga teh putih 1,5", "price teh putih -")]
fn a_part_of_a_piece_is_asked_about(#[case] text: &str, #[case] expected: &str) {
    assert_eq!(read(text), expected);
}

#[test]
fn of_two_wishes_in_one_sentence_none_is_written_without_a_question() {
    assert_eq!(read("teh putih habis, harga 30rb"), "price teh putih 30000 ?");
}
