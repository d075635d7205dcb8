//! Tables of what customers write and what is understood of it.

use proptest::prelude::*;

use super::shops::{tea, warung};
use super::*;
use crate::domain::catalog::Catalog;

pub(super) fn hear(text: &str, catalog: &Catalog) -> Understanding {
    understand(text, Language::Id, &CatalogIndex::new(catalog), catalog, &Expectation::None)
}

/// `order: th-hijau 2, th-hitam/celup 1, ?wedang (jahe-m|jahe-s) 1, !kopi`, as the tables write it.
fn show(heard: &Understanding) -> String {
    let mut parts: Vec<String> = heard
        .items
        .iter()
        .map(|item| {
            let what = item.variant.as_ref().map_or(item.product.as_str(), |variant| variant.as_str());
            let quantity = if item.quantity_said { format!(" {}", item.quantity) } else { String::new() };
            let note = item.note.as_ref().map_or(String::new(), |note| format!(" ({note})"));
            format!("{what}{quantity}{note}")
        })
        .collect();
    parts.extend(heard.refused.iter().map(|item| format!("-{}", item.product)));
    parts.extend(heard.ambiguous.iter().map(|ambiguous| {
        let ids: Vec<&str> = ambiguous.candidates.iter().map(|id| id.as_str()).collect();
        format!("?{} {}", ids.join("|"), ambiguous.quantity)
    }));
    parts.extend(heard.unknown.iter().map(|text| format!("!{text}")));
    let intent = serde_json::to_value(heard.intent).unwrap();
    format!("{}: {}", intent.as_str().unwrap(), parts.join(", ")).trim_end_matches([' ', ':']).to_owned()
}

pub(super) fn check(catalog: &Catalog, table: &[(&str, &str)]) {
    let index = CatalogIndex::new(catalog);
    let mut wrong = Vec::new();
    for (text, expected) in table {
        let trace = explain(text, Language::Id, &index, catalog, &Expectation::None);
        let got = show(&trace.understanding);
        if got != *expected {
            wrong.push(format!(
                "{text:?}\n  expected {expected}\n  got      {got}\n  {:?}",
                trace.understanding.evidence
            ));
        }
    }
    assert!(wrong.is_empty(), "{} of {} wrong\n{}", wrong.len(), table.len(), wrong.join("\n"));
}

#[test]
fn questions_about_the_shop_and_errands_of_its_people_are_told_apart() {
    let catalog = tea();
    let index = CatalogIndex::new(&catalog);
    let lexicon = Lexicon::shipped().unwrap();
    let understood = |text: &str| understand(text, Language::Id, &index, &catalog, &Expectation::None);
    let mut wrong = Vec::new();
    for rule in lexicon.rules.iter().filter(|rule| rule.topic.is_some()) {
        for text in &rule.tries {
            let heard = understood(text);
            if heard.topic != rule.topic || !matches!(heard.intent, Intent::Help | Intent::None) {
                wrong.push(format!("{text:?}: {:?} {:?}, not {:?}", heard.topic, heard.intent, rule.topic));
            }
        }
    }
    for (errand, text) in &lexicon.errand_tries {
        let heard = understood(text);
        if heard.errand != Some(*errand) {
            wrong.push(format!("{text:?}: {:?}, not {errand:?}", heard.errand));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn words_that_only_look_like_a_question_about_the_shop_stay_what_they_are() {
    let catalog = tea();
    let index = CatalogIndex::new(&catalog);
    for text in [
        "pesan 2 teh hijau",
        "2 teh hijau organik, bisa cod?",
        "udah transfer ya kak",
        "sudah bayar pakai gopay",
        "checkout",
        "batalin pesanan saya",
        "teh hijau berapa",
        "masih ada teh putih?",
        "makasih ya kak",
        "halo kak",
        "status pesanan saya",
        "mau bayar",
        "keranjang",
        "english please",
        "asdf qwer zxcv",
        "cara pesannya gimana",
    ] {
        let heard = understand(text, Language::Id, &index, &catalog, &Expectation::None);
        assert!(
            heard.topic.is_none() || !matches!(heard.intent, Intent::Help | Intent::None),
            "{text}: {:?}",
            heard.evidence
        );
    }
}

#[test]
fn every_rule_fires_on_what_it_says_it_hears() {
    let catalog = tea();
    let index = CatalogIndex::new(&catalog);
    let lexicon = Lexicon::shipped().unwrap();
    let mut wrong = Vec::new();
    for rule in &lexicon.rules {
        assert!(!rule.tries.is_empty(), "{} has no tries", rule.name);
        for text in &rule.tries {
            let trace = explain(text, Language::Id, &index, &catalog, &Expectation::None);
            if !trace.cues.iter().any(|(_, cue)| cue.split(' ').next() == Some(rule.name.as_str())) {
                wrong.push(format!("{}: {text:?} {:?} {:?}", rule.name, trace.cues, trace.understanding));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn orders_at_the_tea_shop() {
    check(
        &tea(),
        &[
            ("pesan 2 teh hijau sama 1 teh putih", "order: th-hijau 2, th-putih 1"),
            ("2 green tea and 1 white tea", "order: th-hijau 2, th-putih 1"),
            ("teh hijau 2", "order: th-hijau 2"),
            ("Teh Hijau Organik x3", "order: th-hijau 3"),
            ("3x teh oolong", "order: th-oolong 3"),
            ("teh ijo dua bungkus ya kak", "order: th-hijau 2"),
            ("mau teh item celup 2", "order: th-hitam/celup 2"),
            ("teh hitam 2 yang tubruk", "order: th-hitam/tubruk 2"),
            ("pesen tehijo 1 dong", "order: th-hijau 1"),
            ("psn 2 teh hjau", "order: th-hijau 2"),
            ("pesna 2 teh puteh", "order: th-putih 2"),
            ("sepuluh teh melati", "order: th-melati 10"),
            ("selusin teh rosella", "order: th-rosella 12"),
            ("a dozen oolong tea", "order: th-oolong 12"),
            ("setengah lusin teh oolong", "order: th-oolong 6"),
            ("half a dozen white tea please", "order: th-putih 6"),
            ("teh hijau 1, teh putih 2, madu hutan 1", "order: th-hijau 1, th-putih 2, madu 1"),
            ("teh hijau 1\nteh putih 2\nmadu 3", "order: th-hijau 1, th-putih 2, madu 3"),
            ("1. teh hijau 2\n2. teh putih 3", "order: th-hijau 2, th-putih 3"),
            ("teh hijau dua teh putih tiga", "order: th-hijau 2, th-putih 3"),
            ("dua teh hijau tiga teh putih", "order: th-hijau 2, th-putih 3"),
            ("kopi 3in1 2", "order: kopi3 2"),
            ("2 kopi 3in1", "order: kopi3 2"),
            ("mau teh hijau", "order: th-hijau"),
            ("teh hijau dong", "order: th-hijau"),
            ("i want green tea", "order: th-hijau"),
            ("can i have two jasmine teas please", "order: th-melati 2"),
            ("i'd like 3 boxes of white tea", "order: th-putih 3"),
            ("teh hijau 2 jangan pake gula", "order: th-hijau 2 (jangan pake gula)"),
            ("2 green tea no sugar, 1 oolong", "order: th-hijau 2 (no sugar), th-oolong 1"),
            ("teh hijau sama teh putih masing-masing 2", "order: th-hijau 2, th-putih 2"),
            ("teh hijau sama teh putih satu-satu", "order: th-hijau 1, th-putih 1"),
            ("teh hijau dan putih", "order: th-hijau, th-putih"),
            ("wedang jahe 2", "order: ?jahe-m|jahe-s 2"),
            ("pesan 2 wedang jahe merah", "order: jahe-m 2"),
            ("pesan kopi luwak 2", "order: ?kopi3 2"),
            ("pesan boba 2", "order: !boba"),
            ("TGR-01 2", "order: th-hijau 2"),
            ("teh melati 250 gram 2", "order: th-melati/250-gram 2"),
            ("2 teh melati 100 gram", "order: th-melati/100-gram 2"),
            ("bukan teh hijau tapi teh putih 2", "order: th-putih 2, -th-hijau"),
            ("tambah 2 teh putih", "order: th-putih 2"),
            ("add 2 white tea", "order: th-putih 2"),
            ("boleh pesen 2 teh hijau?", "order: th-hijau 2"),
            ("teh putih sebungkus", "order: th-putih 1"),
            ("kak mau pesan dong", "order"),
            ("teh hijau 2pcs sm madu hutan 1btl", "order: th-hijau 2, madu 1"),
            ("the hijau 2", "order: th-hijau 2"),
            ("mau dua puluh lima teh oolong", "order: th-oolong 25"),
            ("tehnya yang hijau 2 aja", "order: th-hijau 2"),
            ("saringan teh satu", "order: saring 1"),
            ("gula aren 2 kg", "order: gula 2"),
            ("order 5 hibiscus", "order: th-rosella 5"),
            ("pesan teh hijau 999999999", "order: th-hijau 999999999"),
            ("pesan 0 teh hijau", "order: ?th-hijau 1"),
            ("pesan -1 teh hijau", "order: ?th-hijau 1"),
            ("pesan setengah teh hijau", "order: ?th-hijau 1"),
            ("teh hijau 2 kirim jam 7 malam", "order: th-hijau 2"),
            ("beliin teh tarik 4 ya", "order: th-tarik 4"),
            ("ga jadi teh hijau, teh putih aja 2", "order: th-putih 2, -th-hijau"),
            ("kak mau order teh ijo 3 sama teh item tubruk 2 ya", "order: th-hijau 3, th-hitam/tubruk 2"),
            ("i'll take 2 white teas and 1 honey", "order: th-putih 2, madu 1"),
            ("could I get three of the organic green tea", "order: th-hijau 3"),
            ("yang putih 2 dong", "order: th-putih 2"),
            ("oolng tea 2", "order: th-oolong 2"),
            ("mau beli madu sama gula arennya", "order: madu, gula"),
            ("1 kotak teh putih 2 kotak teh hijau", "order: th-putih 1, th-hijau 2"),
        ],
    );
}

#[test]
fn everything_else_at_the_tea_shop() {
    check(
        &tea(),
        &[
            ("teh hijau", "browse: th-hijau"),
            ("green tea", "browse: th-hijau"),
            ("teh hijau berapa?", "ask_price: th-hijau"),
            ("harga teh putih brp kak", "ask_price: th-putih"),
            ("how much is the white tea", "ask_price: th-putih"),
            ("2 teh hijau berapa?", "ask_price: th-hijau 2"),
            ("berapa harganya?", "ask_price"),
            ("ada teh hijau?", "ask_stock: th-hijau"),
            ("teh putih masih ada ga kak", "ask_stock: th-putih"),
            ("do you have oolong", "ask_stock: th-oolong"),
            ("stok teh melati", "ask_stock: th-melati"),
            ("teh putihnya habis ya?", "ask_stock: th-putih"),
            ("ada boba?", "ask_stock: !boba"),
            ("hapus teh hijau", "remove: th-hijau"),
            ("teh putihnya ga jadi", "remove: th-putih"),
            ("remove the green tea", "remove: th-hijau"),
            ("batalin teh hijaunya dong", "remove: th-hijau"),
            ("kosongin keranjang", "clear"),
            ("hapus semuanya", "clear"),
            ("empty my cart", "clear"),
            ("lihat keranjang", "view_cart"),
            ("keranjang", "view_cart"),
            ("totalnya berapa kak?", "view_cart"),
            ("show my cart", "view_cart"),
            ("udah itu aja", "checkout"),
            ("itu aja kak", "checkout"),
            ("checkout", "checkout"),
            ("co dong", "checkout"),
            ("mau bayar", "checkout"),
            ("that's all", "checkout"),
            ("i want to pay", "checkout"),
            ("belum bayar nih", "checkout"),
            ("udah bayar", "claims_paid"),
            ("udh tf ya kak", "claims_paid"),
            ("sudah saya transfer", "claims_paid"),
            ("i already paid", "claims_paid"),
            ("i've paid", "claims_paid"),
            ("pesanan saya sampai mana", "order_status"),
            ("where is my order?", "order_status"),
            ("ORD-2026-0001", "order_status"),
            ("status ord-2026-0001 gimana?", "order_status"),
            ("udah dikirim belum kak?", "order_status"),
            ("batal", "cancel"),
            ("ga jadi deh", "cancel"),
            ("batalin pesanan saya", "cancel"),
            ("cancel my order", "cancel"),
            ("ya", "affirm"),
            ("iya kak", "affirm"),
            ("ok", "affirm"),
            ("oke siap", "affirm"),
            ("boleh", "affirm"),
            ("yes please", "affirm"),
            ("👍", "affirm"),
            ("betul kak", "affirm"),
            ("ga", "deny"),
            ("nggak usah", "deny"),
            ("jangan", "deny"),
            ("no", "deny"),
            ("no thanks", "deny"),
            ("nope", "deny"),
            ("belum", "deny"),
            ("nomor 2", "choose"),
            ("yang kedua", "choose"),
            ("the second one", "choose"),
            ("yang 2", "choose"),
            ("halo", "greet"),
            ("halooo kak", "greet"),
            ("selamat pagi", "greet"),
            ("assalamualaikum", "greet"),
            ("good morning", "greet"),
            ("hi", "greet"),
            ("p", "greet"),
            ("makasih ya kak", "thanks"),
            ("terima kasih banyak", "thanks"),
            ("thank you so much", "thanks"),
            ("thanks", "thanks"),
            ("mau ngomong sama orang", "human"),
            ("admin", "human"),
            ("talk to a human", "human"),
            ("mau komplain", "human"),
            ("bantuan", "help"),
            ("help", "help"),
            ("cara pesannya gimana", "help"),
            ("how do i order?", "help"),
            ("english please", "language"),
            ("bisa bahasa inggris?", "language"),
            ("bahasa indonesia", "language"),
            ("menu", "browse"),
            ("ada apa aja kak", "browse"),
            ("jual apa aja", "browse"),
            ("what do you have?", "browse"),
            ("show me the menu", "browse"),
            ("lihat teh hijau dong", "browse: th-hijau"),
            ("perlengkapan", "browse"),
            ("apa kabar", "chitchat"),
            ("lagi apa", "chitchat"),
            ("wkwkwk", "chitchat"),
            ("how are you", "chitchat"),
            ("", "none"),
            ("   ", "none"),
            ("asdfghjkl", "none"),
            ("sepeda", "none"),
            ("selasa", "none"),
            ("warung", "none"),
            ("sedih", "none"),
            ("bahkan", "none"),
            ("no poison please", "none"),
            ("Budi Santoso", "none"),
            ("08123456789", "none"),
            ("ongkir ke bandung berapa", "help: !bandung"),
            ("eh yang teh putih hapus aja", "remove: th-putih"),
            ("is the oolong still available?", "ask_stock: th-oolong"),
            ("'; DROP TABLE orders; --", "none"),
            ("مرحبا كيف حالك", "none"),
            ("3", "none"),
            ("teh", "browse: ?th-melati|th-oolong|th-rosella|saring|th-hijau 1"),
        ],
    );
}

#[test]
fn orders_at_the_warung() {
    check(
        &warung(),
        &[
            ("nasi goreng 1", "order: nasgor 1"),
            ("nasgor 2 sama es teh 2", "order: nasgor 2, esteh 2"),
            ("nasi goreng spesial 2 porsi", "order: nasgor-s 2"),
            ("aqua 600 ml 2", "order: aqua 2"),
            ("2 aqua 600ml", "order: aqua 2"),
            ("oreo 137g 3", "order: oreo 3"),
            ("aqua 2", "order: ?aqua|aqua-b 2"),
            ("tahu 5", "order: tahu 5"),
            ("tahu isi 5 tempe mendoan 3", "order: tahu 5, tempe 3"),
            ("mas pesan ayam bakar 1", "order: bakar 1"),
            ("ikan mas bakar 1 ya mas", "order: mas 1"),
            ("min, pesan es jeruk 2", "order: esjeruk 2"),
            ("ayam geprek paha 2 pedas", "order: geprek/paha 2 (pedas)"),
            ("ayam geprek 1 yang dada", "order: geprek/dada 1"),
            ("ayam 2", "order: ?bakar|geprek 2"),
            ("kopi item 1", "order: kopi 1"),
            ("jus apel 1 tanpa gula", "order: apel 1 (tanpa gula)"),
            ("es teh manis 2 gulanya dikit", "order: esteh 2 (gulanya dikit)"),
            ("nasi goreng 1 jangan pedes, es jeruk 1", "order: nasgor 1 (jangan pedes), esjeruk 1"),
            ("two fried rice and one iced tea", "order: nasgor 2, esteh 1"),
            ("minyakgoreng 1", "order: minyak 1"),
            ("bakmi 1 es teh 1", "order: mie 1, esteh 1"),
            ("nasgor pake telor 1", "order: nasgor 1 (pake telor)"),
            ("nasi goreng es teh", "order: nasgor, esteh"),
            ("beli ayam geprek dada 3 bungkus buat besok", "order: geprek/dada 3"),
            ("mau tempe", "order: tempe"),
            ("tempe 10 tahu 10", "order: tempe 10, tahu 10"),
            (
                "ayam geprek dada sambalnya dipisah 1, es teh 2",
                "order: geprek/dada 1 (sambalnya dipisah), esteh 2",
            ),
            ("nasi goreng kornet 2", "order: nasgor 2, !kornet"),
            ("ada tempe?", "ask_stock: tempe"),
            ("es jeruk berapaan", "ask_price: esjeruk"),
            ("minuman apa aja", "browse"),
            ("minuman", "browse"),
            ("nasi goreng spesial", "browse: nasgor-s"),
        ],
    );
}

#[test]
fn changes_say_whether_they_are_absolute() {
    let catalog = tea();
    for (text, change, items) in [
        ("jadi 3", Change::Set(3), 0),
        ("teh hijaunya jadi 3", Change::Set(3), 1),
        ("teh hijau jadi 5 ya", Change::Set(5), 1),
        ("ubah teh hijau jadi 4", Change::Set(4), 1),
        ("ganti jadi 2", Change::Set(2), 0),
        ("make it 3", Change::Set(3), 0),
        ("change green tea to 2", Change::Set(2), 1),
        ("jadi 0", Change::Set(0), 0),
        ("tambah 1 lagi", Change::By(1), 0),
        ("1 lagi", Change::By(1), 0),
        ("tambah lagi", Change::By(1), 0),
        ("one more", Change::By(1), 0),
        ("kurangi satu", Change::By(-1), 0),
        ("kurangin teh hijau 2", Change::By(-2), 1),
        ("kurangi teh hijau jadi 1", Change::Set(1), 1),
        ("reduce green tea by 1", Change::By(-1), 1),
        ("eh salah, 3", Change::Set(3), 0),
    ] {
        let heard = hear(text, &catalog);
        assert_eq!(
            (heard.intent, heard.change, heard.items.len()),
            (Intent::Change, Some(change), items),
            "{text} {heard:?}"
        );
    }
}

#[test]
fn an_answer_is_read_by_what_was_asked() {
    let catalog = tea();
    let index = CatalogIndex::new(&catalog);
    let choices = Expectation::Choices(vec!["Ambil sendiri".to_owned(), "🛵 Kurir Instan".to_owned()]);
    let hear =
        |text: &str, expectation: &Expectation| understand(text, Language::Id, &index, &catalog, expectation);
    let heard = hear("2", &choices);
    assert_eq!((heard.intent, heard.ordinal, heard.number), (Intent::Choose, Some(2), Some(2)));
    assert_eq!(hear("9", &choices).intent, Intent::None);
    assert_eq!(hear("kurir  instan", &choices).ordinal, Some(2));
    let heard = hear("2", &Expectation::Number);
    assert_eq!((heard.intent, heard.ordinal, heard.number), (Intent::None, None, Some(2)));
    assert_eq!(hear("dua", &Expectation::Number).number, Some(2));
    assert_eq!(hear("2 bungkus", &Expectation::Number).number, Some(2));
    assert_eq!(hear("setengah", &Expectation::Number).number, None);
    assert_eq!(hear("0", &Expectation::Number).number, Some(0));
    assert_eq!(hear("-1", &Expectation::Number).number, Some(-1));
    assert_eq!(hear("999999999", &Expectation::Number).number, Some(999_999_999));
    assert_eq!(hear("rp 50.000", &Expectation::Number).number, None);
}

#[test]
fn order_numbers_languages_and_ordinals_are_named() {
    let catalog = tea();
    assert_eq!(hear("cek ord-2026-0001 dong", &catalog).order_number.as_deref(), Some("ORD-2026-0001"));
    assert_eq!(hear("english please", &catalog).language_wanted, Some(Language::En));
    assert_eq!(hear("pakai bahasa indonesia aja", &catalog).language_wanted, Some(Language::Id));
    assert_eq!(hear("yang ketiga", &catalog).ordinal, Some(3));
    assert_eq!(hear("no. 4", &catalog).ordinal, Some(4));
    for (text, lang) in [
        ("saya mau pesan teh hijau", Some(Language::Id)),
        ("i would like two green teas", Some(Language::En)),
        ("ok", None),
        ("teh hijau", None),
        ("green tea 2", None),
        ("udah bayar ya kak", Some(Language::Id)),
        ("where is my order", Some(Language::En)),
    ] {
        assert_eq!(hear(text, &catalog).lang, lang, "{text}");
    }
    assert!(hear("i would like two green teas", &catalog).language_cues >= 2);
}

#[test]
fn units_are_kept_and_groups_are_counted_in_pieces() {
    let heard = hear("2 lusin teh hijau", &tea());
    assert_eq!((heard.items[0].quantity, heard.items[0].unit.as_deref()), (24, Some("lusin")));
    let heard = hear("teh hijau 2 bks", &tea());
    assert_eq!((heard.items[0].quantity, heard.items[0].unit.as_deref()), (2, Some("bungkus")));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn anything_that_is_typed_is_read_and_items_are_real(text in any::<String>(), words in proptest::collection::vec("teh|hijau|2|sama|jangan|pake|,|x|setengah|-1|bukan|jadi|lusin|\\?|\n|100|gram|yang|celup|hitam|kg|a|no|rp", 0..30)) {
        let catalog = tea();
        let index = CatalogIndex::new(&catalog);
        for text in [text.clone(), words.join(" "), format!("{}{text}", words.concat())] {
            let heard = understand(&text, Language::Id, &index, &catalog, &Expectation::None);
            for item in &heard.items {
                prop_assert!(item.quantity >= 1 && item.score <= 1_000);
                let product = catalog.product(&item.product).unwrap();
                prop_assert!(item.variant.as_ref().is_none_or(|id| product.variant(id).is_some()));
            }
            for ambiguous in &heard.ambiguous {
                prop_assert!((1..=5).contains(&ambiguous.candidates.len()) && ambiguous.quantity >= 1);
            }
            let _ = normalise(&text);
        }
    }
}
