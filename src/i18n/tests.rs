//! Tests of rendering: fallbacks, arguments, lists, and lines that vanish.

use std::collections::BTreeMap;

use chrono::{TimeZone, Utc};
use chrono_tz::Asia::Jakarta;

use super::*;
use crate::dialogue::reply::{Action, Choice, Class, Label, Say};
use crate::dialogue::value::Value;
use crate::dialogue::world::row;
use crate::domain::customer::Localized;
use crate::domain::money::Rupiah;

const GENERIC: &str = "generic = maaf\ngeneric-label = pilih\ngeneric-link = buka\n";

fn file(language: Language, text: &str) -> LocaleFile {
    LocaleFile {
        language,
        path: format!("locales/{}/test.ftl", language.code()),
        text: text.to_owned().into(),
    }
}

fn locales(id: &str, en: &str) -> Locales {
    let dates = "date-short = { $day } { $date } { $month }\n\
        date-time = { $day }, { $date } { $month } { $year } { $time } { $zone }\nday-mon = Senin\nmonth-11 = Nov\n";
    Locales::load(vec![
        file(Language::Id, &format!("{GENERIC}{dates}{id}")),
        file(Language::En, &format!("{GENERIC}{dates}{en}")),
    ])
    .unwrap()
}

fn say(locales: &Locales, say: &Say, language: Language) -> String {
    locales.render(say, language, &Jakarta).text
}

#[test]
fn a_broken_file_is_refused_with_its_line_and_column() {
    let errors = Locales::load(vec![file(Language::Id, "a = satu\nb = { $x ->\n    [one] x\n}\nc = { \n")])
        .unwrap_err();
    assert_eq!((errors[0].path.as_str(), errors[0].line), ("locales/id/test.ftl", 4), "{errors:?}");
    assert!(errors[0].column > 0);
    assert!(errors.len() >= 2, "every error is told at once: {errors:?}");
}

#[test]
fn a_key_that_stands_twice_is_refused_with_both_places() {
    let text = format!("{GENERIC}a = satu\na = dua\n");
    let errors = Locales::load(vec![file(Language::Id, &text), file(Language::En, GENERIC)]).unwrap_err();
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert_eq!((errors[0].line, errors[0].column), (5, 1));
    assert!(errors[0].message.contains(":4"), "{}", errors[0]);
}

#[test]
fn what_one_language_lacks_is_said_in_the_other_and_what_both_lack_generically() {
    let locales = locales("only-id = halo\nneeds = { $x }\n", "only-en = hello\n");
    assert_eq!(say(&locales, &Say::new("only-id"), Language::En), "halo");
    assert_eq!(say(&locales, &Say::new("only-en"), Language::Id), "hello");
    assert_eq!(say(&locales, &Say::new("nowhere"), Language::Id), "maaf");
    assert_eq!(
        say(&locales, &Say::new("needs"), Language::Id),
        "maaf",
        "a missing argument never shows braces"
    );
}

#[test]
fn values_are_written_as_the_language_writes_them() {
    let text = "line = { $total } { $pieces } { $until } { $until-time } { $status } { $name }\n\
        order-status-paid = lunas\n";
    let locales = locales(text, &text.replace("lunas", "paid"));
    let reply = Say::new("line")
        .with("total", Rupiah::new(1_250_000).unwrap())
        .with("pieces", 1_500_i64)
        .with("until", Utc.with_ymd_and_hms(2026, 11, 23, 7, 35, 0).unwrap())
        .with("status", Value::Word("order-status.paid".to_owned()))
        .with("name", Localized { id: "Teh Hijau".to_owned(), en: Some("Green Tea".to_owned()) });
    assert_eq!(
        say(&locales, &reply, Language::Id),
        "Rp1.250.000 1.500 Senin, 23 Nov 2026 14.35 WIB 14.35 lunas Teh Hijau"
    );
    assert_eq!(
        say(&locales, &reply, Language::En),
        "Rp1,250,000 1,500 Senin, 23 Nov 2026 2:35 PM WIB 2:35 PM paid Green Tea"
    );
}

#[test]
fn lists_are_rendered_line_by_line_and_lines_of_unknown_values_vanish() {
    let text = "cart =\n    Isi:\n    { $lines }\n\n    Catatan: { $note }\n    { $fee-n ->\n        [0] Gratis\n       *[other] \
        Ongkir { $fee }\n    }\nrow = { $index }. { $name } x{ $quantity }\n";
    let locales = locales(text, text);
    let line = |name: &str, quantity: i64| row([("name", name.into()), ("quantity", quantity.into())]);
    let mut reply = Say::new("cart")
        .with("lines", Value::Rows(vec![line("Teh", 2), line("Kopi", 1)]))
        .with("note", Value::None)
        .with("fee", Rupiah::ZERO);
    reply.rows.insert("lines".to_owned(), "row".to_owned());
    assert_eq!(say(&locales, &reply, Language::Id), "Isi:\n1. Teh x2\n2. Kopi x1\n\nGratis");
    let with_note = reply.with("note", "jangan pedas");
    assert_eq!(
        say(&locales, &with_note, Language::Id),
        "Isi:\n1. Teh x2\n2. Kopi x1\n\nCatatan: jangan pedas\nGratis"
    );
}

#[test]
fn peoples_words_cannot_turn_hide_or_break_a_text() {
    let locales = locales("hi = Halo { $name }!\n", "");
    let reply = Say::new("hi").with("name", "\u{202E}Bu\u{2066}di\u{0007} { $x }\u{E000}");
    assert_eq!(say(&locales, &reply, Language::Id), "Halo Budi { $x }!");
}

#[test]
fn every_choice_has_a_label_on_one_line_even_when_its_key_is_missing() {
    let locales = locales("btn-a = Lihat\n", "btn-a = View\n");
    let choice = |label: Label| Choice {
        label,
        action: Action {
            flow: "f".to_owned(),
            state: "s".to_owned(),
            set: BTreeMap::new(),
            intent: None,
            goto: None,
            page: None,
        },
        class: Class::Safe,
    };
    let mut reply = Say::new("nowhere");
    reply.choices = vec![
        choice(Label::Key { key: "btn-a".to_owned(), args: BTreeMap::new() }),
        choice(Label::Key { key: "btn-lost".to_owned(), args: BTreeMap::new() }),
        choice(Label::Text("Teh\nHijau".to_owned())),
    ];
    reply.link = Some(("btn-a".to_owned(), "https://example.com".to_owned()));
    let rendered = locales.render(&reply, Language::En, &Jakarta);
    assert_eq!(rendered.labels, ["View", "pilih", "Teh Hijau"]);
    assert_eq!(rendered.link_label.as_deref(), Some("View"));
}
