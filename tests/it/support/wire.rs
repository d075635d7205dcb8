//! People on a platform's side of the wire, and the waiting for what a program does by itself.

use std::time::{Duration, Instant};

use warung::domain::message::Content;
use warung::edge::webhook::WebhookRequest;
use warung::fakes::{Person, Platform, Shown};

/// How long an answer may take: the program may have been killed meanwhile.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often a chat is looked at.
const LOOK: Duration = Duration::from_millis(50);

/// Somebody on a platform who writes Indonesian.
pub fn person(chat: &str) -> Person {
    Person {
        chat: chat.to_owned(),
        name: Some("Ayu".to_owned()),
        phone: None,
        language: Some("id".to_owned()),
    }
}

/// What a person types.
pub fn text(text: &str) -> Content {
    Content::Text { text: text.to_owned() }
}

/// Waits until a chat shows something, and returns its words.
pub async fn answer(platform: &dyn Platform, chat: &str) -> String {
    let end = Instant::now() + PATIENCE;
    loop {
        let shown = platform.take_shown(chat);
        if !shown.is_empty() {
            return shown.into_iter().map(|shown| shown.text).collect::<Vec<_>>().join("\n");
        }
        assert!(Instant::now() < end, "nothing was answered; the platform got {:#?}", platform.recorded());
        tokio::time::sleep(LOOK).await;
    }
}

/// Waits until a number in the database is what it should be.
pub async fn settles(pool: &sqlx::PgPool, query: &'static str, expected: i64) {
    let end = Instant::now() + PATIENCE;
    loop {
        let found: i64 = sqlx::query_scalar(query).fetch_one(pool).await.unwrap();
        if found == expected {
            return;
        }
        assert!(Instant::now() < end, "{query}: {found} instead of {expected}");
        tokio::time::sleep(LOOK).await;
    }
}

/// Posts a webhook of a platform or a company. Returns the status, and nothing when there was no answer.
pub async fn post(bind: &str, name: &str, request: &WebhookRequest) -> Option<u16> {
    let mut post = reqwest::Client::builder()
        .no_proxy()
        .timeout(Duration::from_secs(5))
        .build()
        .unwrap()
        .post(format!("http://{bind}/webhooks/{name}"))
        .body(request.body.clone());
    for (name, value) in &request.headers {
        post = post.header(name, value);
    }
    post.send().await.ok().map(|response| response.status().as_u16())
}

/// Waits until a chat has shown something with certain words. Returns all that it has shown until then.
pub async fn says(platform: &dyn Platform, chat: &str, words: &str) -> Vec<Shown> {
    let end = Instant::now() + PATIENCE;
    let mut seen = Vec::new();
    loop {
        seen.extend(platform.take_shown(chat));
        if seen.iter().any(|shown: &Shown| shown.text.contains(words)) {
            return seen;
        }
        assert!(Instant::now() < end, "nobody says {words:?} to {chat}; it shows {}", words_of(&seen));
        tokio::time::sleep(LOOK).await;
    }
}

fn words_of(seen: &[Shown]) -> String {
    seen.iter().map(|shown| shown.text.as_str()).collect::<Vec<_>>().join("\n--\n")
}

/// The press of a button that a chat shows.
pub fn press(shown: &[Shown], label: &str) -> Content {
    let choices = || shown.iter().rev().flat_map(|shown| &shown.choices);
    let choice = choices().find(|choice| choice.label.contains(label));
    let choice =
        choice.unwrap_or_else(|| panic!("there is no {label:?} among {:?}", choices().collect::<Vec<_>>()));
    Content::Press { data: choice.data.clone() }
}
