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

/// Looks again and again until there is what is awaited: the one place where tests of the program wait. `look` returns what it
/// found, or what to tell of what is there instead when patience ends.
pub async fn awaited<T>(mut look: impl AsyncFnMut() -> Result<T, String>) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        match look().await {
            Ok(found) => return found,
            Err(instead) => assert!(Instant::now() < end, "{instead}"),
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Waits until a chat shows something, and returns its words.
pub async fn answer(platform: &dyn Platform, chat: &str) -> String {
    let shown = awaited(async || {
        let shown = platform.take_shown(chat);
        let nothing = || format!("nothing was answered; the platform got {:#?}", platform.recorded());
        if shown.is_empty() { Err(nothing()) } else { Ok(shown) }
    });
    shown.await.into_iter().map(|shown| shown.text).collect::<Vec<_>>().join("\n")
}

/// Waits until a number in the database is what it should be.
pub async fn settles(pool: &sqlx::PgPool, query: &'static str, expected: i64) {
    awaited(async || match number(pool, query).await {
        found if found == expected => Ok(()),
        found => Err(format!("{query}: {found} instead of {expected}")),
    })
    .await;
}

/// Waits until a number in the database has grown so far.
pub async fn reaches(pool: &sqlx::PgPool, query: &'static str, least: i64) {
    awaited(async || match number(pool, query).await {
        found if found >= least => Ok(()),
        found => Err(format!("{query}: {found}, and not yet {least}")),
    })
    .await;
}

async fn number(pool: &sqlx::PgPool, query: &'static str) -> i64 {
    sqlx::query_scalar(query).fetch_one(pool).await.unwrap()
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
    let mut seen: Vec<Shown> = Vec::new();
    awaited(async || {
        seen.extend(platform.take_shown(chat));
        let said = seen.iter().any(|shown| shown.text.contains(words));
        said.then_some(())
            .ok_or_else(|| format!("nobody says {words:?} to {chat}; it shows {}", words_of(&seen)))
    })
    .await;
    seen
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

/// A session of the chat page, as programs take it: what stands in the cookie.
pub async fn session(bind: &str, pane: &str) -> String {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let asked = client.post(format!("http://{bind}/chat/session?pane={pane}")).json(&serde_json::json!({}));
    let answer = asked.send().await.unwrap();
    let cookie = answer.headers()["set-cookie"].to_str().unwrap();
    let (_, rest) = cookie.split_once('=').unwrap();
    rest.split(';').next().unwrap().to_owned()
}
