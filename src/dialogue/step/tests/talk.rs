//! What people type: answers of every type, wrong ones, interrupts, languages.

use rstest::rstest;

use super::{Chat, small};
use crate::dialogue::event::Event;
use crate::dialogue::value::Value;
use crate::domain::customer::Language;
use crate::domain::message::MediaKind;

/// A chat that asks for a slot of the flow `ask`.
fn asking(slot: &str) -> Chat {
    let mut chat = small();
    chat.hear("halo");
    chat.press("btn-ask");
    for (state, answer) in [
        ("number", "3"),
        ("name", "Ayu"),
        ("phone", "081234567890"),
        ("address", "Jl. Kemang Raya 12"),
        ("note", "-"),
    ] {
        if state == slot {
            break;
        }
        chat.hear(answer);
    }
    assert_eq!(chat.state(), format!("ask.{slot}"));
    chat
}

#[rstest]
#[case("number", "5", Value::Int(5))]
#[case("number", " 5 ", Value::Int(5))]
#[case("number", "lima", Value::Int(5))]
#[case("number", "5 aja kak", Value::Int(5))]
#[case("number", "999", Value::Int(999))]
#[case("name", "  Ayu   Lestari ", "Ayu Lestari".into())]
#[case("phone", "0812-3456-7890", "+6281234567890".into())]
#[case("address", "Jl. Kemang Raya 12\nJakarta", "Jl. Kemang Raya 12 Jakarta".into())]
#[case("address", "Jl. Bahasa Inggris no. 5 Bogor", "Jl. Bahasa Inggris no. 5 Bogor".into())]
#[case("note", "jangan pedas", "jangan pedas".into())]
#[case("way", "courier", "courier".into())]
fn answers_fill_their_slot(#[case] slot: &str, #[case] text: &str, #[case] value: Value) {
    let mut chat = asking(slot);
    let frames = chat.conversation.frames.clone();
    chat.hear(text);
    let kept = chat.conversation.frames.iter().find_map(|frame| frame.slots.get(slot).cloned());
    if slot == "way" {
        assert_eq!(chat.conversation.frames.len(), 1, "the flow is over");
        return;
    }
    assert_eq!(kept, Some(value), "{text:?} {:?}", chat.trace);
    assert_ne!(frames, chat.conversation.frames);
}

#[rstest]
#[case("number", "0", "retry-number")]
#[case("number", "-1", "retry-number")]
#[case("number", "999999999", "retry-number")]
#[case("number", "99999999999999999999999", "retry-number")]
#[case("number", "setengah", "retry-number")]
#[case("number", "🍵", "retry-number")]
#[case("number", "مرحبا", "retry-number")]
#[case("number", "'; drop table orders; --", "retry-number")]
#[case("number", "", "retry-number")]
#[case("name", "7", "retry-name")]
#[case("name", "🍵", "retry-name")]
#[case("phone", "123", "retry-phone")]
#[case("phone", "nggak tau", "retry-phone")]
#[case("address", "sini", "retry-address")]
#[case("note", "lebih dari dua puluh huruf", "too-long")]
fn wrong_answers_get_a_helpful_one(#[case] slot: &str, #[case] text: &str, #[case] key: &str) {
    let mut chat = asking(slot);
    assert_eq!(chat.hear(text), [key], "{text:?} {:?}", chat.trace);
    assert_eq!(chat.state(), format!("ask.{slot}"), "and the conversation goes on");
}

#[test]
fn ten_thousand_characters_are_too_long_for_a_name() {
    let mut chat = asking("name");
    assert_eq!(chat.hear(&"panjang ".repeat(1_250)), ["too-long"]);
    assert_eq!(chat.replies[0].args["limit"], Value::Int(80));
}

#[test]
fn too_many_wrong_answers_lead_where_the_flow_says_or_to_the_ladder() {
    let mut chat = asking("number");
    assert_eq!(chat.hear("setengah"), ["retry-number"]);
    assert_eq!(chat.labels(), ["btn-skip", "btn-stop"], "with the open choices");
    chat.hear("setengah");
    assert_eq!(chat.hear("setengah"), ["ask-name"]);
    let mut chat = asking("phone");
    chat.hear("123");
    assert_eq!(chat.hear("123"), ["hint"]);
}

#[rstest]
#[case("batal", "cancelled")]
#[case("/cart", "look")]
#[case("/cart@warung sekarang", "look")]
fn strong_interrupts_are_heard_where_any_words_are_an_answer(#[case] text: &str, #[case] key: &str) {
    for slot in ["name", "address", "note"] {
        assert_eq!(asking(slot).hear(text)[0], key, "{slot}");
    }
}

#[test]
fn words_that_say_more_than_what_is_wanted_are_answers_where_any_words_are_one() {
    let mut chat = asking("note");
    chat.hear("keranjang rotan");
    assert_eq!(
        chat.conversation.frames.iter().find_map(|frame| frame.slots.get("note")),
        Some(&"keranjang rotan".into())
    );
    assert_eq!(asking("note").hear("keranjang")[0], "look");
}

#[test]
fn interrupts_stay_with_the_question_when_they_say_so() {
    let mut chat = asking("phone");
    assert_eq!(chat.hear("makasih ya"), ["welcome"]);
    assert_eq!(chat.state(), "ask.phone");
    assert_eq!(chat.hear("bantuan"), ["help", "ask-phone"]);
}

#[test]
fn a_place_on_the_map_is_an_address_where_one_is_asked_for() {
    let mut chat = asking("address");
    assert_eq!(chat.step(&Event::Location { place: "-6.26, 106.81".into() }).replies[0].key, "ask-note");
    let kept = chat.conversation.frames.iter().find_map(|frame| frame.slots.get("address")).cloned().unwrap();
    assert!(kept.as_text().unwrap().contains("-6.26,106.81"), "{kept:?}");
    let mut chat = asking("name");
    assert_eq!(chat.step(&Event::Location { place: "Bogor".into() }).replies[0].key, "media");
}

#[test]
fn pictures_are_explained_and_their_captions_read() {
    let mut chat = asking("name");
    let photo =
        |caption: Option<&str>| Event::Media { media: MediaKind::Image, caption: caption.map(str::to_owned) };
    assert_eq!(chat.step(&photo(None)).replies[0].key, "media");
    assert_eq!(chat.step(&photo(Some("Ayu"))).replies[0].key, "ask-phone");
}

#[test]
fn named_groups_of_a_pattern_fill_slots_as_their_types_want() {
    let mut chat = small();
    chat.hear("halo");
    chat.hear("kode 12");
    assert_eq!(*chat.conversation.slot("number"), Value::Int(12));
}

#[test]
fn two_clear_messages_in_a_row_switch_the_language() {
    let mut chat = small();
    chat.hear("halo kak, saya mau tanya dulu");
    assert_eq!(chat.conversation.language, Language::Id);
    chat.hear("what do you have for me today");
    assert_eq!(chat.conversation.language, Language::Id, "one may be a slip");
    chat.hear("can you show me what you have");
    assert_eq!(chat.conversation.language, Language::En);
    chat.conversation.language_chosen = true;
    chat.hear("saya mau yang itu dong kak");
    chat.hear("saya mau yang itu dong kak");
    assert_eq!(chat.conversation.language, Language::En, "an explicit choice stays");
}

#[test]
fn the_first_message_decides_the_language() {
    let mut chat = small();
    chat.hear("hello, what do you have for me?");
    assert_eq!(chat.conversation.language, Language::En);
}

#[test]
fn the_words_before_a_choice_are_forgotten_with_it() {
    let mut chat = small();
    chat.hear("halo");
    chat.hear("2 teh hijau");
    assert!(chat.conversation.heard.is_some());
    chat.press("btn-shelf");
    assert_eq!(chat.conversation.heard, None);
}
