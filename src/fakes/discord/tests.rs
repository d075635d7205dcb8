//! The fake refuses what the platform refuses.

use rstest::rstest;
use serde_json::{Value, json};

use super::{command_rules, rules};

fn button(id: &str) -> Value {
    json!({ "type": 2, "style": 2, "label": "Pilih", "custom_id": id })
}

fn row(parts: Vec<Value>) -> Value {
    json!({ "type": 1, "components": parts })
}

fn with(components: Vec<Value>) -> Value {
    json!({ "content": "x", "components": components })
}

fn is_refused(body: &Value) -> bool {
    rules::message(body, rules::MESSAGE, &["image.png".to_owned()]).is_err()
}

#[rstest]
#[case::a_plain_message(json!({ "content": "x".repeat(2_000), "nonce": "1", "enforce_nonce": true }))]
#[case::two_rows(with(vec![row(vec![button("a"), button("b")]), row(vec![button("c")])]))]
#[case::a_card(json!({ "embeds": [{ "description": "x".repeat(4_096), "image": { "url": "attachment://image.png" } }],
    "attachments": [{ "id": 0, "filename": "image.png" }] }))]
#[case::no_mentions(json!({ "content": "x", "allowed_mentions": { "parse": [] } }))]
fn what_is_right_is_taken(#[case] body: Value) {
    assert!(!is_refused(&body));
}

#[rstest]
#[case::long_content(json!({ "content": "x".repeat(2_001) }))]
#[case::a_long_nonce(json!({ "content": "x", "nonce": "1".repeat(26) }))]
#[case::a_field_of_another_platform(json!({ "content": "x", "parse_mode": "HTML" }))]
#[case::a_long_description(json!({ "embeds": [{ "description": "x".repeat(4_097) }] }))]
#[case::cards_that_are_too_long_together(json!({ "embeds": [{ "description": "x".repeat(4_000) }, { "description": "x".repeat(2_001) }] }))]
#[case::an_empty_card(json!({ "embeds": [{}] }))]
#[case::a_picture_that_is_not_there(json!({ "embeds": [{ "image": { "url": "attachment://other.png" } }] }))]
#[case::a_file_that_is_not_there(json!({ "attachments": [{ "id": 1 }] }))]
#[case::six_rows(with((0..6).map(|id| row(vec![button(&id.to_string())])).collect()))]
#[case::six_buttons(with(vec![row((0..6).map(|id| button(&id.to_string())).collect())]))]
#[case::an_empty_row(with(vec![row(vec![])]))]
#[case::the_same_data_twice(with(vec![row(vec![button("a"), button("a")])]))]
#[case::no_data(with(vec![row(vec![button("")])]))]
#[case::long_data(with(vec![row(vec![button(&"a".repeat(101))])]))]
#[case::a_long_label(with(vec![row(vec![json!({ "type": 2, "style": 1, "label": "x".repeat(81), "custom_id": "a" })])]))]
#[case::no_label(with(vec![row(vec![json!({ "type": 2, "style": 1, "custom_id": "a" })])]))]
#[case::a_link_with_data(with(vec![row(vec![json!({ "type": 2, "style": 5, "label": "x", "custom_id": "a", "url": "https://a.id" })])]))]
#[case::a_link_that_is_none(with(vec![row(vec![json!({ "type": 2, "style": 5, "label": "x", "url": "javascript:x" })])]))]
#[case::a_button_beside_a_select(with(vec![row(vec![button("a"), json!({ "type": 3, "custom_id": "s", "options": [{ "label": "x", "value": "x" }] })])]))]
#[case::a_select_without_rows(with(vec![row(vec![json!({ "type": 3, "custom_id": "s", "options": [] })])]))]
#[case::a_value_twice(with(vec![row(vec![json!({ "type": 3, "custom_id": "s", "options": [{ "label": "x", "value": "x" }, { "label": "y", "value": "x" }] })])]))]
#[case::a_button_outside_a_row(with(vec![button("a")]))]
#[case::an_unknown_flag(json!({ "content": "x", "flags": 1 << 7 }))]
#[case::an_unknown_mention(json!({ "content": "x", "allowed_mentions": { "parse": ["all"] } }))]
fn what_breaks_a_limit_is_refused(#[case] body: Value) {
    assert!(is_refused(&body), "{body}");
}

#[test]
fn forms_have_limits_of_their_own() {
    let input = |extra: Value| {
        let mut input = json!({ "type": 4, "custom_id": "text", "style": 1, "label": "Alamat" });
        for (key, value) in extra.as_object().unwrap() {
            input[key] = value.clone();
        }
        input
    };
    let form =
        |title: &str, parts: Vec<Value>| json!({ "custom_id": "f", "title": title, "components": parts });
    let good = row(vec![input(json!({ "max_length": 4_000 }))]);
    assert!(rules::modal(&form("Alamat", vec![good.clone()])).is_ok());
    for bad in [
        form(&"x".repeat(46), vec![good.clone()]),
        form("", vec![good.clone()]),
        form("Alamat", vec![]),
        form("Alamat", vec![good.clone(), good.clone()]),
        form("Alamat", vec![row(vec![button("a")])]),
        form("Alamat", vec![row(vec![input(json!({ "max_length": 4_001 }))])]),
        form("Alamat", vec![row(vec![input(json!({ "label": "x".repeat(46) }))])]),
        form("Alamat", vec![row(vec![input(json!({ "style": 3 }))])]),
    ] {
        assert!(rules::modal(&bad).is_err(), "{bad}");
    }
}

#[test]
fn commands_have_limits_of_their_own() {
    let command = |extra: Value| {
        let mut command = json!({ "name": "menu", "description": "Lihat menu" });
        for (key, value) in extra.as_object().unwrap() {
            command[key] = value.clone();
        }
        json!([command])
    };
    assert!(
        command_rules::commands(&command(json!({ "contexts": [0, 1], "integration_types": [0] })), true)
            .is_ok()
    );
    for bad in [
        json!({ "name": "Menu" }),
        json!({ "name": "dua kata" }),
        json!({ "name": "x".repeat(33) }),
        json!({ "description": "" }),
        json!({ "description": "x".repeat(101) }),
        json!({ "name_localizations": { "en": "menu" } }),
        json!({ "name_localizations": { "id": "Menu" } }),
        json!({ "contexts": [3] }),
        json!({ "options": [{ "type": 3, "name": "a" }] }),
        json!({ "surprise": true }),
    ] {
        assert!(command_rules::commands(&command(bad.clone()), true).is_err(), "{bad}");
    }
    assert!(command_rules::commands(&command(json!({ "contexts": [0] })), false).is_err());
}
