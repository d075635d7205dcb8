//! Details of an order in people's words: which values they give, and what is none.

use rstest::rstest;

use super::shops::tea;
use super::tests::hear;
use super::{Detail, Intent, address, name};

/// `kind=value`, with `+` where it completes what is known.
fn given(text: &str) -> String {
    let heard = hear(text, &tea());
    let one = |given: &super::Given| {
        format!("{}{}{}", given.kind.code(), if given.adds { "+" } else { "=" }, given.value)
    };
    heard.given.iter().map(one).collect::<Vec<_>>().join(" | ")
}

#[rstest]
#[case("nama saya budi, hp 081234567899", "name=budi | phone=+6281234567899")]
#[case(
    "alamat: Jl. Kenanga 7, Bogor, hp 081298765432, nama Rina",
    "address=Jl. Kenanga 7, Bogor | phone=+6281298765432 | name=Rina"
)]
#[case(
    "nama: Dewi Lestari\nhp: 0813-1111-2222\nalamat: Jl. Anggrek 12, Solo",
    "name=Dewi Lestari | phone=+6281311112222 | address=Jl. Anggrek 12, Solo"
)]
#[case("salah nama, nama saya Rini", "name=Rini")]
#[case("wrong name, it's Rina", "name=Rina")]
#[case("my name is spelled Boedi", "name=Boedi")]
#[case("nama penerimanya diganti Rina ya", "name=Rina")]
#[case("ganti nama saya jangan Budi tapi Rina", "name=Rina")]
#[case("nama saya Rina bukan Rani", "name=Rina")]
#[case("nama penerima: Siti (istri saya)", "name=Siti")]
#[case("the recipient is Anna Smith, phone +65 8123 4567", "name=Anna Smith | phone=+6581234567")]
#[case("alamat saya bukan itu tapi Jl. Melati 9 Depok", "address=Jl. Melati 9 Depok")]
#[case("alamatnya Jl. Kenanga 7 Bogor ya bukan Merdeka", "address=Jl. Kenanga 7 Bogor")]
#[case("ganti alamat jangan ke Jl. Merdeka 1 tapi Jl. Kenanga 7 Bogor", "address=Jl. Kenanga 7 Bogor")]
#[case("alamatnya kurang, RT 03 RW 02", "address+RT 03 RW 02")]
#[case("alamat tambahan patokan dekat masjid", "address+patokan dekat masjid")]
#[case("my address is missing, floor 3", "address+floor 3")]
#[case("nomor saya bukan 081234567890 tapi 081311112222", "phone=+6281311112222")]
#[case("ga jadi dikirim, ambil sendiri aja", "delivery=pickup")]
#[case("ambil di toko aja", "delivery=pickup")]
#[case("I'll pick it up instead", "delivery=pickup")]
#[case("dikirim aja deh", "delivery=courier")]
#[case("please deliver it", "delivery=courier")]
#[case("kirim ke Jl. Asia Afrika 99 aja", "delivery=courier | address=Jl. Asia Afrika 99")]
#[case("nama saya udah bener", "")]
#[case("ganti nama tokonya dong hehe", "")]
#[case("nama menunya apa", "")]
#[case("alamat saya sama kayak kemarin", "")]
#[case("jangan kirim ke Jl Sudirman 5", "")]
#[case("pesanan saya kapan dikirim?", "")]
#[case("sudah dikirim belum", "")]
#[case("kirim menu dong", "")]
#[case("ambil 2 teh hijau", "")]
fn what_is_given_of_an_order_is_told_apart(#[case] text: &str, #[case] expected: &str) {
    assert_eq!(given(text), expected, "{text}");
}

#[rstest]
#[case("Budi Santoso", Some("Budi Santoso"))]
#[case("budi", Some("budi"))]
#[case("saya Budi", Some("Budi"))]
#[case("atas nama Rina ya kak", Some("Rina"))]
#[case("Bu Ratna", Some("Bu Ratna"))]
#[case("Pak Joko Widodo", Some("Pak Joko Widodo"))]
#[case("Budi 081234567899", Some("Budi"))]
#[case("081234567899 atas nama Rina", Some("Rina"))]
#[case("I Made Sukarta", Some("I Made Sukarta"))]
#[case("Ni Luh Ayu", Some("Ni Luh Ayu"))]
#[case("Indah", Some("Indah"))]
#[case("Will", Some("Will"))]
#[case("Siti (istri saya)", Some("Siti"))]
#[case("Budi S. Raharjo", Some("Budi S. Raharjo"))]
#[case("dikirim aja deh", None)]
#[case("sama kayak kemarin", None)]
#[case("jangan pake nama", None)]
#[case("orangnya nanti saya kabari", None)]
#[case("nomor 2", None)]
#[case("ntar ya", None)]
#[case("belum tau", None)]
#[case("terserah aja", None)]
#[case("yang biasa", None)]
#[case("same as before", None)]
#[case("I don't know yet", None)]
#[case("x", None)]
fn only_a_name_answers_the_question_for_one(#[case] text: &str, #[case] expected: Option<&str>) {
    assert_eq!(name(text, false).as_deref(), expected, "{text}");
}

#[rstest]
#[case("Jl. Merdeka 10, Bandung", Some("Jl. Merdeka 10, Bandung"))]
#[case("jalan mawar no 3 bogor ya kak", Some("jalan mawar no 3 bogor"))]
#[case("Merdeka 10 Bandung", Some("Merdeka 10 Bandung"))]
#[case("Perumahan Griya Asri Blok C2 no 5, Bekasi", Some("Perumahan Griya Asri Blok C2 no 5, Bekasi"))]
#[case("12 High Street, Singapore", Some("12 High Street, Singapore"))]
#[case("Istana Bogor", Some("Istana Bogor"))]
#[case("ntar ya saya tanya istri dulu", None)]
#[case("jangan kirim ke Jl Sudirman 5", None)]
#[case("di rumah aja", None)]
#[case("yg biasa aja kak", None)]
#[case("alamat sama kayak kemarin", None)]
#[case("nanti saya kabari lagi ya", None)]
#[case("same as last time please", None)]
#[case("RT 03 RW 02", None)]
#[case("besok jam 5 sore", None)]
fn only_a_place_answers_the_question_for_an_address(#[case] text: &str, #[case] expected: Option<&str>) {
    assert_eq!(address(text, false).as_deref(), expected, "{text}");
}

#[test]
fn a_way_that_is_called_off_calls_off_no_order() {
    let heard = hear("ga jadi dikirim, ambil sendiri aja", &tea());
    assert_eq!((heard.intent, heard.told.unwrap().kind), (Intent::Change, Detail::Delivery));
    assert_eq!(hear("ga jadi deh", &tea()).intent, Intent::Cancel);
}
