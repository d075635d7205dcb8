//! The page itself: HTML, style, scripts and words out of `web/`, compiled in.

use std::sync::{Arc, LazyLock};

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, header};
use axum::response::{Html, IntoResponse, Response};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::domain::customer::Language;
use crate::domain::message::MAX_TEXT_CHARS;

use super::Chat;
use super::session::Pane;
use crate::http::error::Error;
use crate::http::local::is_local;

const HTML: &str = include_str!("../../../web/chat.html");
/// The words of the page's own chrome, per language; what the shop says comes with its messages.
const WORDS: [(&str, &str); 2] =
    [("id", include_str!("../../../web/words/id.json")), ("en", include_str!("../../../web/words/en.json"))];

const SCRIPT: &str = "text/javascript; charset=utf-8";

/// File, kind, content.
const ASSETS: [(&str, &str, &str); 14] = [
    ("chat.css", "text/css; charset=utf-8", include_str!("../../../web/chat.css")),
    ("icon.svg", "image/svg+xml", include_str!("../../../web/icon.svg")),
    ("app.js", SCRIPT, include_str!("../../../web/js/app.js")),
    ("bubble.js", SCRIPT, include_str!("../../../web/js/bubble.js")),
    ("composer.js", SCRIPT, include_str!("../../../web/js/composer.js")),
    ("dom.js", SCRIPT, include_str!("../../../web/js/dom.js")),
    ("files.js", SCRIPT, include_str!("../../../web/js/files.js")),
    ("kept.js", SCRIPT, include_str!("../../../web/js/kept.js")),
    ("pane.js", SCRIPT, include_str!("../../../web/js/pane.js")),
    ("previews.js", SCRIPT, include_str!("../../../web/js/previews.js")),
    ("queue.js", SCRIPT, include_str!("../../../web/js/queue.js")),
    ("reading.js", SCRIPT, include_str!("../../../web/js/reading.js")),
    ("stream.js", SCRIPT, include_str!("../../../web/js/stream.js")),
    ("words.js", SCRIPT, include_str!("../../../web/js/words.js")),
];

/// The script that keeps the files above in the browser, so that the page opens without a connection.
const WORKER: &str = include_str!("../../../web/js/worker.js");

/// A short hash of all files: in their addresses, so that browsers keep them for ever and yet get new ones.
static VERSION: LazyLock<String> = LazyLock::new(|| {
    let mut hash = Sha256::new();
    for (file, _, content) in ASSETS {
        hash.update(file.as_bytes());
        hash.update(content.as_bytes());
    }
    hash.update(WORKER.as_bytes());
    let mut version = hex::encode(hash.finalize());
    version.truncate(12);
    version
});

/// The words of the page in a language, for tests and tools; nothing when there is none such.
pub fn words_of(language: &str) -> Option<Value> {
    let (_, words) = WORDS.iter().find(|(name, _)| *name == language)?;
    serde_json::from_str(words).ok()
}

/// `GET /`: the page for buyers; in the demo with the owner's side beside it.
pub async fn customer(State(chat): State<Arc<Chat>>, headers: HeaderMap) -> Response {
    let is_demo = is_demo(&chat, &headers);
    let panes: &[Pane] = if is_demo { &[Pane::Customer, Pane::Owner] } else { &[Pane::Customer] };
    page(&chat, panes, &headers).await
}

/// `GET /owner`: the owner's page, in the demo.
pub async fn owner(State(chat): State<Arc<Chat>>, headers: HeaderMap) -> Result<Response, Error> {
    if !is_demo(&chat, &headers) {
        return Err(Error::NotFound);
    }
    Ok(page(&chat, &[Pane::Owner], &headers).await)
}

/// Whether whoever asks may be the owner: in the demo, on the machine that it runs on.
pub(super) fn is_demo(chat: &Chat, headers: &HeaderMap) -> bool {
    chat.options.demo && is_local(headers)
}

async fn page(chat: &Chat, panes: &[Pane], headers: &HeaderMap) -> Response {
    let language = preferred(headers);
    let panes: Vec<&str> = panes.iter().map(|pane| pane.as_str()).collect();
    let words: serde_json::Map<String, Value> =
        WORDS.iter().filter_map(|(name, _)| Some(((*name).to_owned(), words_of(name)?))).collect();
    let config = json!({
        "shop": chat.options.shop, "zone": chat.options.zone, "demo": is_demo(chat, headers),
        "panes": panes, "maxChars": MAX_TEXT_CHARS, "language": language, "words": words,
        "places": places(chat).await,
    });
    // Inside of a script element only `<` could end it; as an escape it is the same JSON.
    let config = config.to_string().replace('<', "\\u003c");
    let html = HTML
        .replace("{{language}}", language)
        .replace("{{assets}}", &format!("/chat/assets/{}", *VERSION))
        .replace("{{title}}", &escaped(&chat.options.shop))
        .replace("{{config}}", &config);
    Html(html).into_response()
}

/// What fills places of the page's words in each language: goods of this shop, for the starters. Without goods, or when they
/// cannot be had just now, there is no example and no starter that needs one.
async fn places(chat: &Chat) -> serde_json::Map<String, Value> {
    let mut places = serde_json::Map::new();
    for language in Language::ALL {
        let names = chat.door.examples(language).await.unwrap_or_default();
        let named = names.into_iter().next().map(|name| json!({ "example": name }));
        places.insert(language.code().to_owned(), named.unwrap_or_else(|| json!({})));
    }
    places
}

/// The page's language: the first of the browser's that we have, else Indonesian.
fn preferred(headers: &HeaderMap) -> &'static str {
    let accepted =
        headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accepted
        .split(',')
        .filter_map(|tag| tag.trim().get(..2))
        .find_map(|tag| WORDS.iter().map(|(name, _)| *name).find(|name| tag.eq_ignore_ascii_case(name)))
        .unwrap_or("id")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// `GET /chat/assets/<version>/<file>`. An old page asks for an old version and gets the new file, uncached.
pub async fn asset(Path((version, file)): Path<(String, String)>) -> Result<Response, Error> {
    let (_, kind, content) = ASSETS.into_iter().find(|(name, _, _)| *name == file).ok_or(Error::NotFound)?;
    let cache = if version == *VERSION { "public, max-age=31536000, immutable" } else { "no-store" };
    Ok(([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, cache)], content).into_response())
}

/// `GET /chat/worker.js`: stands for the whole place, and is asked for anew at every visit.
pub async fn worker() -> Response {
    let files: Vec<String> =
        ASSETS.iter().map(|(file, _, _)| format!("/chat/assets/{}/{file}", *VERSION)).collect();
    let script = WORKER.replace("{{version}}", &VERSION).replace("{{files}}", &json!(files).to_string());
    let headers = [
        (header::CONTENT_TYPE, SCRIPT),
        (header::CACHE_CONTROL, "no-cache"),
        (HeaderName::from_static("service-worker-allowed"), "/"),
    ];
    (headers, script).into_response()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use rstest::rstest;

    use super::*;

    fn keys(language: &str) -> BTreeSet<String> {
        words_of(language).unwrap().as_object().unwrap().keys().cloned().collect()
    }

    #[test]
    fn both_languages_have_the_same_words_with_the_same_places() {
        assert_eq!(keys("id"), keys("en"));
        let (id, en) = (words_of("id").unwrap(), words_of("en").unwrap());
        let places = |words: &Value, key: &str| -> BTreeSet<String> {
            let text = words[key].to_string();
            text.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0.to_owned())).collect()
        };
        for key in keys("id") {
            assert_eq!(places(&id, &key), places(&en, &key), "{key}");
        }
    }

    #[test]
    fn scripts_use_the_words_that_there_are_and_all_of_them() {
        let scripts: String = ASSETS.iter().map(|(_, _, content)| *content).chain([HTML]).collect();
        for key in keys("id") {
            assert!(scripts.contains(&format!("\"{key}\"")), "nobody uses the word `{key}` of web/words");
        }
        for rest in scripts.split("say(\"").skip(1) {
            let key = rest.split('"').next().unwrap();
            assert!(keys("id").contains(key), "web/words has no `{key}`");
        }
    }

    #[test]
    fn nothing_is_written_into_the_page_as_html_and_no_handler_is_inline() {
        for (file, _, content) in ASSETS.iter().filter(|(file, _, _)| file.ends_with(".js")) {
            for forbidden in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("] {
                assert!(!content.contains(forbidden), "{file} uses {forbidden}");
            }
        }
        for forbidden in [" onclick=", " onload=", " onerror=", " style=", "javascript:"] {
            assert!(!HTML.contains(forbidden), "chat.html holds {forbidden}");
        }
    }

    #[test]
    fn lists_stay_lists_for_those_who_hear_the_page() {
        // Another role takes the items' meaning away, and without marks some readers of screens count them no more.
        for (file, _, content) in ASSETS.iter().filter(|(file, _, _)| file.ends_with(".js")) {
            for list in ["el(\"ol\", {", "el(\"ul\", {"] {
                for rest in content.split(list).skip(1) {
                    let attributes = rest.split('}').next().unwrap();
                    assert!(attributes.contains("role: \"list\""), "{file}: {attributes}");
                }
            }
            for rest in content.split("el(\"li\", {").skip(1) {
                assert!(!rest.split('}').next().unwrap().contains("role:"), "{file}");
            }
        }
    }

    #[tokio::test]
    async fn the_worker_keeps_every_file_of_this_version_and_stands_for_the_whole_place() {
        let response = worker().await;
        assert_eq!(response.headers()["service-worker-allowed"], "/");
        assert_eq!(response.headers()[header::CACHE_CONTROL], "no-cache");
        let script = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
        let script = String::from_utf8(script.to_vec()).unwrap();
        assert!(!script.contains("{{"), "a place was not filled");
        for (file, _, _) in ASSETS {
            let path = format!("/chat/assets/{}/{file}", *VERSION);
            assert!(script.contains(&format!("\"{path}\"")), "{path}");
            assert_eq!(asset(Path((VERSION.clone(), file.to_owned()))).await.unwrap().status(), 200);
        }
        // What people say goes past it: it answers for pages and files alone.
        for path in ["/chat/messages", "/chat/events", "/chat/lines", "/chat/session", "/chat/qris"] {
            assert!(!script.contains(path), "{path}");
        }
    }

    #[rstest]
    #[case("id-ID,id;q=0.9,en;q=0.8", "id")]
    #[case("en-GB", "en")]
    #[case("fr, EN;q=0.5", "en")]
    #[case("de", "id")]
    #[case("", "id")]
    #[case("é", "id")]
    fn the_browser_names_the_language(#[case] accepted: &str, #[case] expected: &str) {
        let mut headers = HeaderMap::new();
        if let Ok(value) = accepted.parse() {
            headers.insert(header::ACCEPT_LANGUAGE, value);
        }
        assert_eq!(preferred(&headers), expected);
    }
}
