//! Tests of the fake: what the platform refuses it refuses.

use chrono::{DateTime, Duration, Utc};
use rstest::rstest;
use serde_json::{Value, json};

use super::*;
use crate::edge::webhook::check_hmac_sha256;

const NUMBER: &str = "106540352242922";
const CHAT: &str = "6281234567890";

async fn fake() -> Arc<Fake> {
    Fake::start("secret", "verify", "token", NUMBER).await.unwrap()
}

async fn post(fake: &Fake, body: &Value) -> (u16, Value) {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("{}/{NUMBER}/messages", fake.url());
    let response = client.post(url).bearer_auth("token").json(body).send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

fn message(kind: &str, part: Value) -> Value {
    let mut message = json!({"messaging_product": "whatsapp", "to": "+6281234567890", "type": kind});
    message[kind] = part;
    message
}

fn text(body: &str) -> Value {
    message("text", json!({"body": body}))
}

fn buttons(titles: &[&str]) -> Value {
    let button = |(index, title): (usize, &&str)| json!({"type": "reply", "reply": {"id": format!("b{index}"), "title": title}});
    let buttons: Vec<Value> = titles.iter().enumerate().map(button).collect();
    message("interactive", json!({"type": "button", "body": {"text": "x"}, "action": {"buttons": buttons}}))
}

fn list(sections: Value) -> Value {
    let action = json!({"button": "x", "sections": sections});
    message("interactive", json!({"type": "list", "body": {"text": "x"}, "action": action}))
}

fn rows(from: usize, count: usize) -> Value {
    (from..from + count).map(|index| json!({"id": format!("r{index}"), "title": "x"})).collect()
}

fn with(mut message: Value, pointer: &str, value: Value) -> Value {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    message.pointer_mut(parent).unwrap()[name] = value;
    message
}

fn without(mut message: Value, name: &str) -> Value {
    message.as_object_mut().unwrap().remove(name);
    message
}

#[rstest]
#[case::text(text("halo"))]
#[case::longest_text(text(&"x".repeat(4_096)))]
#[case::to_an_id(with(without(text("x"), "to"), "/recipient", json!("ID.1349")))]
#[case::buttons(buttons(&["a", "b", "c"]))]
#[case::list(list(json!([{"rows": rows(0, 10)}])))]
#[case::sections(list(json!([{"title": "a", "rows": rows(0, 5)}, {"title": "b", "rows": rows(5, 5)}])))]
#[case::linked_picture(message("image", json!({"link": "https://a.b/c.png", "caption": "x"})))]
#[tokio::test]
async fn what_keeps_the_rules_is_taken(#[case] body: Value) {
    let (status, answer) = post(&*fake().await, &body).await;
    assert_eq!(status, 200, "{answer}");
    assert!(answer["messages"][0]["id"].as_str().unwrap().starts_with("wamid."), "{answer}");
}

#[rstest]
#[case::no_product(without(text("x"), "messaging_product"), 131_008)]
#[case::no_recipient(without(text("x"), "to"), 131_008)]
#[case::two_recipients(with(text("x"), "/recipient", json!("ID.1")), 100)]
#[case::bad_number(with(text("x"), "/to", json!("081x")), 100)]
#[case::bad_id(with(without(text("x"), "to"), "/recipient", json!("id.1")), 100)]
#[case::unknown_field(with(text("x"), "/surprise", json!(1)), 100)]
#[case::unknown_kind(message("hologram", json!({})), 131_051)]
#[case::part_of_another_kind(with(text("x"), "/image", json!({"id": "1"})), 100)]
#[case::long_opaque(with(text("x"), "/biz_opaque_callback_data", json!("x".repeat(513))), 131_009)]
#[case::empty_text(text(" "), 131_009)]
#[case::long_text(text(&"x".repeat(4_097)), 131_009)]
#[case::long_emojis(text(&"🍵".repeat(2_049)), 131_009)]
#[case::no_buttons(buttons(&[]), 131_009)]
#[case::four_buttons(buttons(&["a", "b", "c", "d"]), 131_009)]
#[case::long_button(buttons(&["123456789012345678901"]), 131_009)]
#[case::same_buttons(buttons(&["a", "a"]), 131_009)]
#[case::same_ids(with(buttons(&["a", "b"]), "/interactive/action/buttons/1/reply/id", json!("b0")), 131_009)]
#[case::blank_id(with(buttons(&["a"]), "/interactive/action/buttons/0/reply/id", json!("b ")), 131_009)]
#[case::long_body(with(buttons(&["a"]), "/interactive/body/text", json!("x".repeat(1_025))), 131_009)]
#[case::no_body(with(buttons(&["a"]), "/interactive/body", json!({})), 131_008)]
#[case::long_footer(with(buttons(&["a"]), "/interactive/footer", json!({"text": "x".repeat(61)})), 131_009)]
#[case::eleven_rows(list(json!([{"rows": rows(0, 11)}])), 131_009)]
#[case::eleven_rows_in_two(list(json!([{"title": "a", "rows": rows(0, 6)}, {"title": "b", "rows": rows(6, 5)}])), 131_009)]
#[case::sections_without_titles(list(json!([{"rows": rows(0, 1)}, {"rows": rows(1, 1)}])), 131_008)]
#[case::long_row(list(json!([{"rows": [{"id": "a", "title": "x".repeat(25)}]}])), 131_009)]
#[case::long_row_id(list(json!([{"rows": [{"id": "a".repeat(201), "title": "x"}]}])), 131_009)]
#[case::long_description(list(json!([{"rows": [{"id": "a", "title": "x", "description": "x".repeat(73)}]}])), 131_009)]
#[case::picture_above_a_list(
    with(list(json!([{"rows": rows(0, 1)}])), "/interactive/header", json!({"type": "image", "image": {"link": "https://a.b"}})),
    131_009
)]
#[case::unknown_picture(message("image", json!({"id": "1"})), 100)]
#[case::two_pictures(message("image", json!({"id": "1", "link": "https://a.b"})), 100)]
#[case::long_caption(message("image", json!({"link": "https://a.b", "caption": "x".repeat(1_025)})), 131_009)]
#[case::unknown_template(message("template", json!({"name": "x", "language": {"code": "id"}})), 132_001)]
#[case::lines_in_a_parameter(
    message("template", json!({"name": "x", "language": {"code": "id"}, "components": [
        {"type": "body", "parameters": [{"type": "text", "text": "a\nb"}]},
    ]})),
    132_012
)]
#[case::unread(json!({"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.x"}), 100)]
#[tokio::test]
async fn what_breaks_a_rule_is_refused_as_the_platform_does(#[case] body: Value, #[case] code: i64) {
    let fake = fake().await;
    let (status, answer) = post(&fake, &body).await;
    assert_eq!((status, answer["error"]["code"].as_i64()), (400, Some(code)), "{answer}");
    let recorded = fake.recorded().remove(0);
    assert!(recorded.refusal.is_some() && recorded.body == body, "{recorded:?}");
    assert_eq!(fake.take_shown(CHAT), []);
}

#[tokio::test]
async fn a_template_wants_as_many_parameters_as_it_has() {
    let fake = fake().await;
    fake.approve("x", "id", "Pesanan {{1}} dikirim oleh {{2}}", &[]);
    let template = |texts: &[&str]| {
        let parameters: Vec<Value> = texts.iter().map(|text| json!({"type": "text", "text": text})).collect();
        let components = json!([{"type": "body", "parameters": parameters}]);
        message("template", json!({"name": "x", "language": {"code": "id"}, "components": components}))
    };
    assert_eq!(post(&fake, &template(&["A-1"])).await.1["error"]["code"], 132_000);
    assert_eq!(post(&fake, &template(&["A-1", "kurir"])).await.0, 200);
    assert_eq!(fake.take_shown(CHAT)[0].text, "Pesanan A-1 dikirim oleh kurir");
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_780_000_000 + seconds, 0).unwrap()
}

fn person() -> Person {
    Person { chat: CHAT.to_owned(), ..Person::default() }
}

#[tokio::test]
async fn a_window_is_open_for_a_day_after_somebody_wrote() {
    let fake = fake().await;
    fake.set_now(at(0));
    assert_eq!(post(&fake, &text("x")).await.1["error"]["code"], 131_047);
    let told = fake.told(&person(), "e1", &Content::Silent);
    fake.set_now(at(0) + Duration::hours(24) - Duration::seconds(1));
    assert_eq!(post(&fake, &text("x")).await.0, 200);
    fake.set_now(at(0) + Duration::hours(24));
    assert_eq!(post(&fake, &text("x")).await.1["error"]["code"], 131_047);
    // The same event told again opens nothing.
    assert_eq!(fake.told(&person(), "e1", &Content::Silent).body, told.body);
    assert_eq!(post(&fake, &text("x")).await.1["error"]["code"], 131_047);
}

#[tokio::test]
async fn a_burst_to_one_person_borrows_from_the_future_and_ends() {
    let fake = fake().await;
    fake.set_now(at(0));
    fake.enforce_pair_rate();
    fake.told(&person(), "e1", &Content::Silent);
    for _ in 0..45 {
        assert_eq!(post(&fake, &text("x")).await.0, 200);
    }
    assert_eq!(post(&fake, &text("x")).await.1["error"]["code"], 131_056);
    fake.set_now(at(6));
    assert_eq!(post(&fake, &text("x")).await.0, 200);
    assert_eq!(post(&fake, &text("x")).await.1["error"]["code"], 131_056);
}

#[tokio::test]
async fn what_is_told_is_signed_and_written_in_ascii() {
    let fake = fake().await;
    let told = fake.told(&person(), "e1", &Content::Text { text: "caf\u{e9} / \u{1f375}".to_owned() });
    let signature = told.header("x-hub-signature-256").unwrap().strip_prefix("sha256=").unwrap();
    assert_eq!(check_hmac_sha256(b"secret", &told.body, signature), Ok(()));
    let body = String::from_utf8(told.body).unwrap();
    assert!(body.is_ascii() && body.contains(r"caf\u00e9 \/ \ud83c\udf75"), "{body}");
    assert_eq!(serde_json::from_str::<Value>(&body).unwrap()["object"], "whatsapp_business_account");
}

#[rstest]
#[case("wrong", NUMBER, 401, 190)]
#[case("token", "1", 400, 100)]
#[tokio::test]
async fn strangers_and_unknown_numbers_are_refused(
    #[case] token: &str,
    #[case] number: &str,
    #[case] status: u16,
    #[case] code: i64,
) {
    let fake = fake().await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("{}/{number}/messages", fake.url());
    let response = client.post(url).bearer_auth(token).json(&text("x")).send().await.unwrap();
    assert_eq!(response.status().as_u16(), status);
    assert_eq!(response.json::<Value>().await.unwrap()["error"]["code"], code);
}

#[tokio::test]
async fn a_fake_that_was_stopped_answers_nobody() {
    let fake = fake().await;
    let url = fake.url();
    fake.stop().await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    assert!(client.get(url).send().await.is_err());
}
