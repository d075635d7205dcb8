//! Who is who.

use rstest::rstest;
use serde_json::{Value, json};

use super::{CHAT, USER_ID, change, events, pair, to};
use crate::channels::whatsapp::identity::{is_user_id, phone_digits};
use crate::channels::{Channel, Send};
use crate::domain::message::{ChannelEvent, Inbound, Outbound};
use crate::edge::CallError;
use crate::fakes::Platform;

fn said(message: Value, contacts: Value) -> Inbound {
    let body = change("messages", json!({"messages": [message], "contacts": contacts}));
    match events(&body).remove(0) {
        ChannelEvent::Said(inbound) => inbound,
        other => panic!("{other:?}"),
    }
}

fn text(mut who: Value) -> Value {
    who["id"] = json!("wamid.A");
    who["type"] = json!("text");
    who["text"] = json!({"body": "halo"});
    who
}

#[rstest]
#[case::phone_only(json!({"from": CHAT}), json!([{"wa_id": CHAT}]), CHAT, Some("+6281234567890"), &[])]
#[case::phone_without_contact(json!({"from": CHAT}), json!([]), CHAT, Some("+6281234567890"), &[])]
#[case::number_for_text(json!({"from": 6281234567890_u64}), json!([]), CHAT, Some("+6281234567890"), &[])]
#[case::both(json!({"from": CHAT, "from_user_id": USER_ID}), json!([]), USER_ID, Some("+6281234567890"), &[CHAT])]
#[case::id_in_contact(json!({"from": CHAT}), json!([{"wa_id": CHAT, "user_id": USER_ID}]), USER_ID, Some("+6281234567890"), &[CHAT])]
#[case::no_phone(json!({"from_user_id": USER_ID}), json!([{"user_id": USER_ID}]), USER_ID, None, &[])]
#[case::id_where_the_phone_was(json!({"from": USER_ID}), json!([{"wa_id": USER_ID}]), USER_ID, None, &[])]
#[case::only_a_contact(json!({}), json!([{"user_id": USER_ID}]), USER_ID, None, &[])]
#[case::parent(json!({"from_parent_user_id": "ID.ENT.1181579921288"}), json!([]), "ID.ENT.1181579921288", None, &[])]
#[case::something_else(json!({"from": "<PHONE>"}), json!([]), "<PHONE>", None, &[])]
fn a_sender_is_known_by_id_first_and_by_phone_second(
    #[case] who: Value,
    #[case] contacts: Value,
    #[case] chat: &str,
    #[case] phone: Option<&str>,
    #[case] aliases: &[&str],
) {
    let inbound = said(text(who), contacts);
    assert_eq!(inbound.from, to(chat));
    assert_eq!(inbound.sender_phone.as_deref(), phone);
    assert_eq!(inbound.aliases, aliases);
}

#[test]
fn names_go_to_whom_they_belong() {
    let contacts = json!([
        {"wa_id": "6281111111111", "profile": {"name": "Budi"}},
        {"wa_id": CHAT, "profile": {"name": "Ayu \u{1f33a}"}},
    ]);
    assert_eq!(said(text(json!({"from": CHAT})), contacts).sender_name.as_deref(), Some("Ayu \u{1f33a}"));
    let other = json!([{"wa_id": "6281111111111", "profile": {"name": "Budi"}}]);
    let inbound = said(text(json!({"from": CHAT})), other);
    assert_eq!((inbound.sender_name, inbound.from), (None, to(CHAT)));
    let username = json!([{"user_id": USER_ID, "profile": {"username": "ayu.teh"}}]);
    assert_eq!(
        said(text(json!({"from_user_id": USER_ID})), username).sender_name.as_deref(),
        Some("ayu.teh")
    );
}

#[test]
fn a_message_of_nobody_is_left_out_and_the_others_are_not() {
    let body = change("messages", json!({"messages": [text(json!({})), text(json!({"from": CHAT}))]}));
    assert_eq!(events(&body).len(), 1);
}

#[rstest]
#[case("ID.1", true)]
#[case("US.ENT.11815799212886844830", true)]
#[case("us.1", false)]
#[case("USA.1", false)]
#[case("US.", false)]
#[case("US.ENT.", false)]
#[case("US.1-2", false)]
#[case("6281234567890", false)]
fn ids_are_told_from_numbers(#[case] text: &str, #[case] expected: bool) {
    assert_eq!(is_user_id(text), expected);
}

#[rstest]
#[case("+62 812-3456-7890", Some("6281234567890"))]
#[case("6281234567890", Some("6281234567890"))]
#[case("(021) 555", Some("021555"))]
#[case("12", None)]
#[case("62812x", None)]
#[case("1234567890123456", None)]
fn digits_are_read_however_they_are_written(#[case] text: &str, #[case] expected: Option<&str>) {
    assert_eq!(phone_digits(text).as_deref(), expected);
}

#[rstest]
#[case::seconds(json!("1780000000"), Some(1_780_000_000))]
#[case::number(json!(1_780_000_000), Some(1_780_000_000))]
#[case::milliseconds(json!("1780000000123"), Some(1_780_000_000))]
#[case::nothing(json!(null), None)]
#[case::words(json!("kemarin"), None)]
#[case::zero(json!(0), None)]
#[case::negative(json!(-5), None)]
#[case::far(json!(i64::MAX), None)]
#[case::far_beyond_what_is_written(json!(4_000_000_000_000_000_i64), None)]
fn a_message_knows_when_it_was_sent(#[case] stamp: Value, #[case] expected: Option<i64>) {
    let message = json!({"id": "a", "from": CHAT, "timestamp": stamp, "type": "text", "text": {"body": "x"}});
    let found = events(&change("messages", json!({"messages": [message]})));
    let [ChannelEvent::Said(inbound)] = &found[..] else { panic!("{found:?}") };
    assert_eq!(inbound.sent_at.map(|at| at.timestamp()), expected);
}

#[test]
fn only_what_was_said_to_the_shop_alone_makes_a_person_answerable_and_since_they_said_it() {
    let now = chrono::DateTime::from_timestamp(1_780_000_000, 0).unwrap();
    let since = |stamp: i64, group: Option<&str>| {
        let message =
            json!({"id": "a", "from": CHAT, "timestamp": stamp, "group_id": group, "text": {"body": "x"}});
        let found = events(&change("messages", json!({"messages": [message]})));
        let [ChannelEvent::Said(inbound)] = &found[..] else { panic!("{found:?}") };
        inbound.answerable_since(now).map(|at| at.timestamp())
    };
    assert_eq!(since(1_780_000_000 - 30 * 3_600, None), Some(1_780_000_000 - 30 * 3_600));
    assert_eq!(since(1_790_000_000, None), Some(1_780_000_000), "nobody writes in the future");
    assert_eq!(since(0, None), Some(1_780_000_000), "without a time it is now");
    assert_eq!(since(1_780_000_000, Some("g")), None);
}

#[rstest]
#[case("<PHONE_NUMBER>")]
#[case("joined:7")]
#[case("12")]
#[case("")]
#[tokio::test]
async fn a_chat_that_is_no_address_is_never_sent_to(#[case] chat: &str) {
    let (fake, channel) = pair().await;
    let message = Outbound { text: "halo".to_owned(), ..Default::default() };
    let result = channel.send(Send::plain(&to(chat), 1, &message)).await;
    assert!(matches!(result, Err(CallError::Unreachable { .. })), "{result:?}");
    assert_eq!(fake.recorded().len(), 0);
}

fn moves(system: Value, mut message: Value) -> Vec<(String, String)> {
    message["id"] = json!("wamid.S");
    message["type"] = json!("system");
    message["system"] = system;
    let body = change("messages", json!({"messages": [message]}));
    let moved = events(&body).into_iter().map(|event| match event {
        ChannelEvent::Moved { from, to, account, .. } => {
            assert_eq!(account, super::NUMBER);
            (from.chat, to)
        }
        other => panic!("{other:?}"),
    });
    moved.collect()
}

#[rstest]
#[case::new_number(json!({"type": "user_changed_number", "wa_id": "628999999"}), json!({"from": CHAT}), vec![(CHAT, "628999999")])]
#[case::old_field(json!({"type": "user_changed_number", "new_wa_id": "628999999"}), json!({"from": CHAT}), vec![(CHAT, "628999999")])]
#[case::customer(json!({"type": "customer_changed_number", "customer": CHAT, "wa_id": "628999999"}), json!({}), vec![(CHAT, "628999999")])]
#[case::both(
    json!({"type": "user_changed_number", "wa_id": "628999999", "user_id": "ID.2", "previous_user_id": "ID.1"}),
    json!({"from": CHAT}),
    vec![("ID.1", "ID.2"), (CHAT, "ID.2")]
)]
#[case::id_only(json!({"type": "user_changed_user_id", "user_id": "ID.2", "previous_user_id": "ID.1"}), json!({}), vec![("ID.1", "ID.2")])]
#[case::already_new(json!({"type": "user_changed_user_id", "user_id": "ID.2"}), json!({"from_user_id": "ID.2"}), vec![])]
#[case::security_code(json!({"type": "customer_identity_changed", "identity": "x", "wa_id": CHAT}), json!({"from": CHAT}), vec![])]
#[case::nothing(json!({}), json!({"from": CHAT}), vec![])]
#[case::only_in_words(
    json!({"type": "user_changed_user_id", "body": "User Ayu 12345678 changed from ID.1 to ID.2."}), json!({}), vec![("ID.1", "ID.2")]
)]
#[case::new_only_in_words(
    json!({"type": "user_changed_user_id", "body": "User A changed from ID.1 to <ID.2>"}), json!({"from_user_id": "ID.1"}), vec![("ID.1", "ID.2")]
)]
#[case::old_only_in_words(
    json!({"type": "user_changed_user_id", "body": "User A changed from \"ID.1\" to ID.2", "user_id": "ID.2"}), json!({"from_user_id": "ID.2"}), vec![("ID.1", "ID.2")]
)]
#[case::number_in_words(
    json!({"type": "user_changed_number", "body": "User A changed from 6281234567890 to 628999999"}), json!({"from": CHAT}), vec![(CHAT, "628999999")]
)]
#[case::words_of_no_move(
    json!({"type": "customer_identity_changed", "body": "User A changed from ID.1 to ID.2"}), json!({"from": CHAT}), vec![]
)]
#[case::no_names_in_words(json!({"type": "user_changed_user_id", "body": "User A changed"}), json!({"from": CHAT}), vec![])]
fn a_changed_number_or_id_moves_the_chat(
    #[case] system: Value,
    #[case] message: Value,
    #[case] expected: Vec<(&str, &str)>,
) {
    let moved = moves(system, message);
    let moved: Vec<(&str, &str)> = moved.iter().map(|(from, to)| (from.as_str(), to.as_str())).collect();
    assert_eq!(moved, expected);
}
