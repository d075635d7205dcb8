//! From neutral messages to the platform's.

use proptest::prelude::*;
use rstest::rstest;

use crate::channels::measure::{cut, units};
use crate::channels::whatsapp::plan::{Media, Part, plan};
use crate::channels::whatsapp::words::{labels, split, split_end};
use crate::domain::message::{Ask, AskKind, Link, Outbound, OutboundChoice};

pub(super) fn message(text: &str, labels: &[&str]) -> Outbound {
    let choices = labels
        .iter()
        .enumerate()
        .map(|(index, label)| OutboundChoice { label: (*label).to_owned(), data: format!("token.{index}") });
    Outbound { text: text.to_owned(), choices: choices.collect(), ..Outbound::default() }
}

fn picture() -> Option<Media> {
    Some(Media::Id("7".to_owned()))
}

/// The kinds of the parts, in order, with their bodies' lengths.
fn kinds(parts: &[Part]) -> Vec<&'static str> {
    parts
        .iter()
        .map(|part| match part {
            Part::Text { .. } => "text",
            Part::Image { caption: Some(_), .. } => "image with words",
            Part::Image { .. } => "image",
            Part::Document { caption: Some(_), .. } => "document with words",
            Part::Document { .. } => "document",
            Part::Buttons { header: Some(_), .. } => "buttons with image",
            Part::Buttons { .. } => "buttons",
            Part::List { .. } => "list",
            Part::Link { header: Some(_), .. } => "link with image",
            Part::Link { .. } => "link",
            Part::AskPlace { .. } => "place",
            Part::Template { .. } => "template",
        })
        .collect()
}

const FOUR: &[&str] = &["a", "b", "c", "d"];

#[rstest]
#[case::text("halo", &[], false, &["text"])]
#[case::nothing("  ", &[], false, &[])]
#[case::buttons("mau?", &["Ya", "Tidak", "Nanti"], false, &["buttons"])]
#[case::list("pilih", FOUR, false, &["list"])]
#[case::image("teh", &[], true, &["image with words"])]
#[case::image_alone("", &[], true, &["image"])]
#[case::image_and_buttons("teh", &["Ya"], true, &["buttons with image"])]
#[case::image_and_list("teh", FOUR, true, &["image", "list"])]
fn a_message_becomes_what_can_carry_it(
    #[case] text: &str,
    #[case] labels: &[&str],
    #[case] image: bool,
    #[case] expected: &[&str],
) {
    let media = image.then(picture).flatten();
    assert_eq!(kinds(&plan(&message(text, labels), media)), expected);
}

#[test]
fn a_text_too_long_for_its_choices_goes_before_them() {
    let text = "Satu kalimat yang panjang sekali. ".repeat(60);
    let parts = plan(&message(&text, &["Ya"]), None);
    assert_eq!(kinds(&parts), ["text", "buttons"]);
    let [Part::Text { body: before }, Part::Buttons { body, .. }] = &parts[..] else { panic!("{parts:?}") };
    assert!(before.ends_with("sekali.") && body.starts_with("Satu"), "{before} | {body}");
    assert!(units(body) <= 1_024);
    assert_eq!(kinds(&plan(&message(&text, &[]), picture())), ["image", "text"]);
}

#[test]
fn a_link_is_a_button_alone_and_words_beside_choices() {
    let link = |url: &str| Some(Link { label: "Buka halaman pembayaran".to_owned(), url: url.to_owned() });
    let alone = Outbound { link: link("https://a.b/c"), ..message("Bayar di sini", &[]) };
    let parts = plan(&alone, None);
    let [Part::Link { label, url, .. }] = &parts[..] else { panic!("{parts:?}") };
    assert!(units(label) <= 20, "{label}");
    assert_eq!(url, "https://a.b/c");
    assert_eq!(kinds(&plan(&alone, picture())), ["link with image"]);
    let beside = Outbound { link: link("https://a.b/c"), ..message("Bayar di sini", &["Batal"]) };
    let parts = plan(&beside, None);
    let [Part::Buttons { body, .. }] = &parts[..] else { panic!("{parts:?}") };
    assert_eq!(body, "Bayar di sini\n\nBuka halaman pembayaran\nhttps://a.b/c");
    let script = Outbound { link: link("javascript:alert(1)"), ..message("x", &[]) };
    assert_eq!(kinds(&plan(&script, None)), ["text"]);
}

#[rstest]
#[case(AskKind::Address, &[], &["place"])]
#[case(AskKind::Address, &["Ambil sendiri"], &["buttons"])]
#[case(AskKind::Name, &[], &["text"])]
fn a_question_for_an_address_offers_the_map(
    #[case] kind: AskKind,
    #[case] labels: &[&str],
    #[case] expected: &[&str],
) {
    let ask = Some(Ask { kind, button: "Isi".to_owned(), title: "Alamat".to_owned() });
    assert_eq!(kinds(&plan(&Outbound { ask, ..message("Kirim ke mana?", labels) }, None)), expected);
}

#[test]
fn a_cut_row_shows_its_whole_words_below() {
    let long = "Teh Hijau Melati Premium 250 gram";
    let parts = plan(&message("pilih", &[long, "b", "c", "d"]), None);
    let [Part::List { rows, .. }] = &parts[..] else { panic!("{parts:?}") };
    assert_eq!((rows[0].title.as_str(), rows[0].detail.as_deref()), ("Teh Hijau Melati Premiu…", Some(long)));
    assert_eq!((rows[1].title.as_str(), rows[1].detail.as_deref()), ("b", None));
}

#[test]
fn data_that_cannot_come_back_is_not_offered() {
    let mut long = message("x", &["a", "b", "c"]);
    long.choices[0].data = "x".repeat(201);
    long.choices[2].data = long.choices[1].data.clone();
    let parts = plan(&long, None);
    let [Part::Buttons { buttons, .. }] = &parts[..] else { panic!("{parts:?}") };
    assert_eq!(buttons.len(), 1);
}

#[test]
fn labels_are_never_the_same() {
    let same = ["Teh Hijau Melati Asli", "Teh Hijau Melati Ekstra", "teh hijau melati asli", "", " "];
    let labels = labels(same.into_iter(), 20);
    assert_eq!(labels[0], "Teh Hijau Melati…");
    let unique: std::collections::BTreeSet<&String> = labels.iter().collect();
    assert_eq!(unique.len(), same.len());
    assert!(labels.iter().all(|label| units(label) <= 20 && !label.trim().is_empty()), "{labels:?}");
}

#[rstest]
#[case("Satu. Dua. Tiga.", 11, &["Satu. Dua.", "Tiga."])]
#[case("satu\ndua tiga", 9, &["satu", "dua tiga"])]
#[case("satu dua\n\ntiga", 12, &["satu dua", "tiga"])]
#[case("abcdefgh", 3, &["abc", "def", "gh"])]
#[case("🍵🍵🍵", 4, &["🍵🍵", "🍵"])]
#[case("👩‍🌾👩‍🌾", 6, &["👩‍🌾", "👩‍🌾"])]
#[case("", 3, &[])]
#[case("🍵", 1, &["🍵"])]
fn texts_are_divided_where_it_hurts_least(#[case] text: &str, #[case] max: usize, #[case] expected: &[&str]) {
    assert_eq!(split(text, max), expected);
}

proptest! {
    #[test]
    fn no_letter_is_lost_in_dividing(text in "[a-z .\n🍵]{0,300}", max in 2usize..60) {
        let bare = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        let pieces = split(&text, max);
        prop_assert!(pieces.iter().all(|piece| units(piece) <= max && !piece.trim().is_empty()), "{pieces:?}");
        prop_assert_eq!(bare(&pieces.concat()), bare(&text));
        let (before, end) = split_end(&text, max);
        prop_assert!(units(end) <= max);
        prop_assert!(!end.is_empty() || text.trim().is_empty());
        prop_assert_eq!(bare(before) + &bare(end), bare(&text));
    }

    #[test]
    fn what_is_cut_is_within_its_bound(text in "\\PC{0,80}", max in 1usize..40) {
        prop_assert!(units(&cut(&text, max)) <= max);
    }
}
