//! The fake refuses what the platform would refuse, and takes the rest.

use rstest::rstest;
use serde_json::json;

use super::*;

const TOKEN: &str = "5:abc";

async fn call(fake: &Fake, method: &str, body: &Value) -> Value {
    let url = format!("{}/bot{TOKEN}/{method}", fake.url());
    let response = reqwest::Client::new().post(url).json(body).send().await.unwrap();
    let status = response.status().as_u16();
    let answer: Value = response.json().await.unwrap();
    assert_eq!(answer["ok"], status == 200, "{answer}");
    answer
}

fn button(fields: Value) -> Value {
    json!({ "inline_keyboard": [[fields]] })
}

#[rstest]
#[case("sendMessage", json!({"chat_id": 1}), "Bad Request: text is missing")]
#[case("sendMessage", json!({"chat_id": 1, "text": ""}), "Bad Request: message text is empty")]
#[case("sendMessage", json!({"chat_id": 1, "text": " <b> </b>", "parse_mode": "HTML"}), "Bad Request: message text is empty")]
#[case("sendMessage", json!({"chat_id": 1, "text": "a".repeat(4_097)}), "Bad Request: message is too long")]
#[case("sendMessage", json!({"chat_id": "x", "text": "a"}), "Bad Request: chat not found")]
#[case("sendMessage", json!({"chat_id": 1, "text": "a", "txet": 1}), "Bad Request: sendMessage has no field txet")]
#[case("sendMessage", json!({"chat_id": 1, "text": 5}), "Bad Request: field text is of the wrong kind")]
#[case("sendMessage", json!({"chat_id": 1, "text": "<b>a", "parse_mode": "HTML"}),
    "Bad Request: can't parse entities: Can't find end tag corresponding to start tag \"b\"")]
#[case("sendMessage", json!({"chat_id": 1, "text": "a <3", "parse_mode": "HTML"}),
    "Bad Request: can't parse entities: Unclosed start tag at byte offset 2")]
#[case("sendMessage", json!({"chat_id": 1, "text": "<teh>", "parse_mode": "html"}),
    "Bad Request: can't parse entities: Unsupported start tag \"teh\" at byte offset 0")]
#[case("sendMessage", json!({"chat_id": 1, "text": "<b><i>x</b></i>", "parse_mode": "HTML"}),
    "Bad Request: can't parse entities: Unmatched end tag at byte offset 7, expected \"</i>\", found \"</b>\"")]
#[case("sendMessage", json!({"chat_id": 1, "text": "x</b>", "parse_mode": "HTML"}),
    "Bad Request: can't parse entities: Unexpected end tag at byte offset 1")]
#[case("sendMessage", json!({"chat_id": 1, "text": "a", "reply_markup": button(json!({"text": "a", "callback_data": "x".repeat(65)}))}),
    "Bad Request: BUTTON_DATA_INVALID")]
#[case("sendMessage", json!({"chat_id": 1, "text": "a", "reply_markup": button(json!({"text": "a", "callback_data": ""}))}),
    "Bad Request: BUTTON_DATA_INVALID")]
#[case("sendMessage", json!({"chat_id": 1, "text": "a", "reply_markup": button(json!({"text": "a"}))}),
    "Bad Request: text buttons are unallowed in the inline keyboard")]
#[case("sendMessage", json!({"chat_id": 1, "text": "a", "reply_markup": button(json!({"text": " ", "callback_data": "x"}))}),
    "Bad Request: keyboard button text must be non-empty")]
#[case("sendMessage", json!({"chat_id": 1, "text": "a", "reply_markup": button(json!({"text": "a", "url": "http://localhost/"}))}),
    "Bad Request: inline keyboard button URL 'http://localhost/' is invalid: Wrong HTTP URL")]
#[case("sendMessage", json!({"chat_id": -1, "text": "a", "reply_markup": {"keyboard": [[{"text": "a", "request_contact": true}]]}}),
    "Bad Request: phone number can be requested in private chats only")]
#[case("sendMessage", json!({"chat_id": 1, "text": "a", "reply_markup": {"inline_keyboard": vec![vec![json!({"text": "a", "callback_data": "b"})]; 101]}}),
    "Bad Request: reply markup is too long")]
#[case("sendPhoto", json!({"chat_id": 1, "photo": "gone"}), "Bad Request: wrong file identifier/HTTP URL specified")]
#[case("sendPhoto", json!({"chat_id": 1, "photo": "gone", "caption": "a".repeat(1_025)}), "Bad Request: message caption is too long")]
#[case("editMessageText", json!({"chat_id": 1, "message_id": 3, "text": "a"}), "Bad Request: message to edit not found")]
#[case("editMessageText", json!({"chat_id": 1, "message_id": 3, "text": "a", "message_thread_id": 3}),
    "Bad Request: editMessageText has no field message_thread_id")]
#[case("answerCallbackQuery", json!({"callback_query_id": "3"}),
    "Bad Request: query is too old and response timeout expired or query ID is invalid")]
#[case("sendChatAction", json!({"chat_id": 1, "action": "thinking"}), "Bad Request: wrong parameter action in request")]
#[case("setMyCommands", json!({"commands": [{"command": "Menu", "description": "x"}]}), "Bad Request: BOT_COMMAND_INVALID")]
#[case("setMyCommands", json!({"commands": [], "language_code": "id-ID"}), "Bad Request: invalid language code specified")]
#[case("getFile", json!({"file_id": "x"}), "Bad Request: invalid file_id")]
#[case("getUpdates", json!({"limit": 101}), "Bad Request: limit must be 1 to 100")]
#[case("fly", json!({}), "Not Found")]
#[tokio::test]
async fn what_the_platform_refuses_is_refused_with_its_words(
    #[case] method: &str,
    #[case] body: Value,
    #[case] expected: &str,
) {
    let fake = Fake::start(TOKEN).await.unwrap();
    assert_eq!(call(&fake, method, &body).await["description"], expected);
    fake.stop().await;
}

#[tokio::test]
async fn a_message_is_shown_changed_and_pressed() {
    let fake = Fake::start(TOKEN).await.unwrap();
    let markup = button(json!({"text": "Ya", "callback_data": "t.0"}));
    let body = json!({"chat_id": 7, "text": "<b>a</b> &lt;&amp;&#62;", "parse_mode": "HTML", "reply_markup": markup});
    // Names of methods are taken in any case.
    let sent = call(&fake, "SENDMESSAGE", &body).await;
    assert_eq!(sent["result"]["text"], "a <&>");
    let shown = fake.take_shown("7");
    assert_eq!((shown[0].text.as_str(), shown[0].choices[0].data.as_str()), ("*a* <&>", "t.0"));
    let id = &sent["result"]["message_id"];
    let person = Person { chat: "7".to_owned(), ..Person::default() };
    let press = fake.update(&person, "p", &Content::Press { data: "t.0".to_owned() });
    assert_eq!(&press["callback_query"]["message"]["message_id"], id);
    assert_eq!(fake.update(&person, "p", &Content::Silent), press, "the same id is the same event");
    let query = &press["callback_query"]["id"];
    assert_eq!(
        call(&fake, "answerCallbackQuery", &json!({"callback_query_id": query})).await["result"],
        true
    );
    let edit = json!({"chat_id": 7, "message_id": id, "text": "b"});
    assert_eq!(call(&fake, "editMessageText", &edit).await["result"]["text"], "b");
    let same = call(&fake, "editMessageText", &edit).await;
    assert!(same["description"].as_str().unwrap().contains("message is not modified"));
    assert_eq!(fake.take_shown("7").len(), 1);
}

#[tokio::test]
async fn updates_wait_until_an_offset_confirms_them() {
    let fake = Fake::start(TOKEN).await.unwrap();
    let person = Person { chat: "7".to_owned(), ..Person::default() };
    let first = fake.queue(&person, "a", &Content::Unknown);
    let second = fake.queue(&person, "b", &Content::Unknown);
    for _ in 0..2 {
        let answer = call(&fake, "getUpdates", &json!({"timeout": 1})).await;
        assert_eq!(answer["result"].as_array().map(Vec::len), Some(2));
    }
    let answer = call(&fake, "getUpdates", &json!({"offset": first + 1})).await;
    assert_eq!(answer["result"][0]["update_id"], second);
    assert_eq!(fake.waiting(), 1);
    call(&fake, "setWebhook", &json!({"url": "https://toko.example/"})).await;
    assert_eq!(call(&fake, "getUpdates", &json!({})).await["error_code"], 409);
    call(&fake, "deleteWebhook", &json!({})).await;
    assert_eq!(call(&fake, "getUpdates", &json!({"offset": second + 1})).await["result"], json!([]));
}

#[tokio::test]
async fn a_wrong_token_is_not_written_down() {
    let fake = Fake::start(TOKEN).await.unwrap();
    let url = format!("{}/bot6:secret/getMe", fake.url());
    assert_eq!(reqwest::get(url).await.unwrap().status().as_u16(), 401);
    assert_eq!(
        reqwest::get(format!("{}/bot{TOKEN}/getMe", fake.url())).await.unwrap().status().as_u16(),
        200
    );
    let written = format!("{:?}", fake.recorded());
    assert!(!written.contains("secret") && !written.contains(TOKEN), "{written}");
}

#[tokio::test]
async fn a_lost_answer_is_a_connection_that_breaks_after_the_deed() {
    let fake = Fake::start(TOKEN).await.unwrap();
    fake.arm("7", Fault::LostAnswer);
    let url = format!("{}/bot{TOKEN}/sendMessage", fake.url());
    let body = json!({"chat_id": 7, "text": "a"});
    assert!(reqwest::Client::new().post(url).json(&body).send().await.is_err());
    assert_eq!(fake.take_shown("7").len(), 1);
}
