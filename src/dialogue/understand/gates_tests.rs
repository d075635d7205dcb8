//! What is no order: refusals, likenesses, phone numbers, prices, addresses, places in a list, and what stands beside goods.

use rstest::rstest;

use super::shops::{tea, warung};
use super::tests::{check, hear};
use super::*;

#[test]
fn what_is_refused_is_not_ordered() {
    check(
        &tea(),
        &[
            ("jangan 2 teh hijau", "remove: th-hijau 2"),
            ("jangan masukin teh hijau 2", "remove: th-hijau 2"),
            ("jangan dulu pesan teh hijau", "remove: th-hijau"),
            ("please do not add 3 green teas", "remove: th-hijau 3"),
            ("no need for 2 green teas", "remove: th-hijau 2"),
            ("ga usah teh hijau 2", "remove: th-hijau 2"),
            ("gausah teh hijau", "remove: th-hijau"),
            ("nggak jadi 2 teh hijau", "remove: th-hijau 2"),
            ("i don't want 2 green teas", "remove: th-hijau 2"),
            ("i didn't order 2 green teas", "remove: th-hijau 2"),
            ("without the green tea please", "remove: th-hijau"),
            ("bukan teh hijau", "remove: th-hijau"),
            ("teh hijaunya ga usah", "remove: th-hijau"),
            ("teh hijau sama teh putihnya ga jadi", "remove: th-hijau, th-putih"),
            ("jangan teh", "remove: ?th-melati|th-oolong|th-rosella|saring|th-hijau 1"),
            ("teh hijau 2 jangan teh putih", "order: th-hijau 2, -th-putih"),
            ("teh hijau 2, teh putihnya ga usah", "order: th-hijau 2, -th-putih"),
            ("madu 1 aja ga usah teh putih", "order: madu 1, -th-putih"),
            ("hapus teh hijau, tambah 2 teh putih", "order: th-putih 2, -th-hijau"),
            ("remove the green tea and add 2 white tea", "order: th-putih 2, -th-hijau"),
            ("teh hijau 2 bukan 3", "order: th-hijau 2"),
            ("rather not the 2 oolong", "remove: th-oolong 2"),
            ("engga deh teh hijau 2 nya", "remove: th-hijau 2"),
            ("forget the 3 green teas", "remove: th-hijau 3"),
            ("bukan 3 tapi 2 teh hijau", "change: th-hijau 2"),
            ("not 3 but 2 green tea", "change: th-hijau 2"),
            ("teh hijaunya kurang 1, harusnya 4", "change: th-hijau 4"),
            ("jangan lupa 2 teh hijau", "order: th-hijau 2"),
            ("don't forget 2 green teas", "order: th-hijau 2"),
            ("teh hijau 2 jangan pakai gula", "order: th-hijau 2 (jangan pakai gula)"),
            ("teh hijau 2 tanpa gula", "order: th-hijau 2 (tanpa gula)"),
            ("2 green tea no sugar", "order: th-hijau 2 (no sugar)"),
        ],
    );
}

#[test]
fn a_likeness_alone_is_never_taken() {
    check(
        &tea(),
        &[
            ("kami sedang tutup", "none"),
            ("saya sedang butuh 2 teh putih", "order: th-putih 2"),
            ("pesan otomatis: saya sedang rapat", "order"),
            ("pesan 2 teh putih, saya sedang rapat", "order: th-putih 2"),
            ("pesan 2 madhu", "order: ?madu 2"),
            ("tolong sampaikan ke adik saya di rumah", "none"),
        ],
    );
}

#[test]
fn phones_prices_and_addresses_are_no_pieces() {
    check(
        &warung(),
        &[
            ("0812 3456 7890", "none"),
            ("ini nomornya 0812-3456-7899", "change"),
            ("hp 0812\u{a0}3456\u{a0}7890", "change"),
            ("Ratna 0812 3456 7890", "none"),
            ("nasi goreng 2, wa 0812 3456 7890", "order: nasgor 2"),
            ("081234567890 nasi goreng 2", "order: nasgor 2"),
            ("2x nasi goreng @30000", "order: nasgor 2"),
            ("nasi goreng 12000 x2", "order: nasgor 2"),
            ("5 tahu isi 500 per biji", "order: tahu 5"),
            ("nasi goreng @2, tahu isi", "order: nasgor 2, tahu 2"),
            ("jl. tempe mendoan 3 no 2 bandung", "none"),
            ("rumah saya di jalan ayam bakar no 10", "none"),
            ("pesan 2 tempe ke jl ayam bakar 10", "order: tempe 2"),
            ("atas nama ibu Tempe", "change"),
            ("nama saya Apel, pesan 2 tempe", "order: tempe 2"),
            (
                "Nama: Tempe\nHP: 0812 3456 7890\nAlamat: Jl Apel 3 Depok\nPesan: nasi goreng 2",
                "order: nasgor 2",
            ),
        ],
    );
}

#[rstest]
#[case("hapus nomor 2", Intent::Remove, Some(2), None)]
#[case("remove number 1", Intent::Remove, Some(1), None)]
#[case("nomor 1 ga jadi", Intent::Remove, Some(1), None)]
#[case("yang pertama salah", Intent::Change, Some(1), None)]
#[case("the second one is wrong", Intent::Change, Some(2), None)]
#[case("ganti nomor 1 jadi 3", Intent::Change, Some(1), Some(Change::Set(3)))]
#[case("yang pertama kurangi 1", Intent::Change, Some(1), Some(Change::By(-1)))]
#[case("ganti yang kedua", Intent::Change, Some(2), None)]
fn a_place_in_a_sentence_is_what_the_sentence_is_about(
    #[case] text: &str,
    #[case] intent: Intent,
    #[case] ordinal: Option<u32>,
    #[case] change: Option<Change>,
) {
    let heard = hear(text, &tea());
    assert_eq!((heard.intent, heard.ordinal, heard.change), (intent, ordinal, change), "{text} {heard:?}");
}

#[rstest]
#[case("yang kedua", true)]
#[case("pilih nomor 2 ya kak", true)]
#[case("the second one please", true)]
#[case("yang kedua kemarin rusak", false)]
#[case("nomor 2 ada berapa?", false)]
fn only_a_place_by_itself_chooses(#[case] text: &str, #[case] chooses: bool) {
    let heard = hear(text, &tea());
    assert_eq!(heard.intent == Intent::Choose && heard.whole, chooses, "{text} {heard:?}");
}

#[rstest]
#[case("ganti alamat dong", Detail::Address, None)]
#[case("ganti alamat ke Jl. Mawar 3, Bandung", Detail::Address, Some("Jl. Mawar 3, Bandung"))]
#[case("alamatnya salah", Detail::Address, None)]
#[case("change the address to Jl. Mawar 3", Detail::Address, Some("Jl. Mawar 3"))]
#[case("ganti nomer hp nya 0813 1111 2222", Detail::Phone, Some("+6281311112222"))]
#[case("my phone number is wrong", Detail::Phone, None)]
#[case("ubah nama", Detail::Name, None)]
#[case("ubah nama jadi Ibu Ratna ya kak", Detail::Name, Some("Ibu Ratna"))]
#[case("ganti pengiriman", Detail::Delivery, None)]
#[case("change the delivery please", Detail::Delivery, None)]
#[case("ganti kurir", Detail::Delivery, None)]
fn what_stands_beside_the_goods_can_be_changed(
    #[case] text: &str,
    #[case] kind: Detail,
    #[case] value: Option<&str>,
) {
    let heard = hear(text, &tea());
    let told = heard.told.clone().unwrap_or_else(|| panic!("{text} {heard:?}"));
    assert_eq!((heard.intent, told.kind, told.value.as_deref()), (Intent::Change, kind, value), "{text}");
}

#[test]
fn the_variant_that_is_said_is_taken() {
    check(
        &tea(),
        &[
            ("2 teh ijo sm 1 hitam celup", "order: th-hijau 2, th-hitam/celup 1"),
            ("1 tubruk teh hitam", "order: th-hitam/tubruk 1"),
        ],
    );
}
