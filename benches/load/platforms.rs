//! How long two platforms wait for what they are promised: a body of a thousand new people, and six hundred presses at once while
//! the database does nothing.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde_json::Value;
use sqlx::PgPool;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use warung::app::start::{App, Line, Options, Shipped, assemble};
use warung::clock::Clock;
use warung::config::Settings;
use warung::domain::ids::StoreId;
use warung::domain::message::Content;
use warung::edge::webhook::{WebhookRequest, hmac_sha256_hex};
use warung::fakes::{Person, Platform, discord, whatsapp};

/// People in one body of WhatsApp's, as many as it sends at most.
const PEOPLE: usize = 1_000;
/// Presses at once, and how long the database is stuck meanwhile.
const PRESSES: usize = 600;
const STUCK: Duration = Duration::from_secs(6);
/// What Discord gives for an answer.
const DISCORD_LIMIT_MS: f64 = 3_000.0;
/// How often presses are counted.
const LOOK: Duration = Duration::from_millis(5);

/// Measures both. `commits_per_second` is what `pgbench` reached with one client on the same server.
pub async fn run(
    pool: &PgPool,
    store_id: &StoreId,
    shipped: &Shipped,
    commits_per_second: f64,
) -> Result<(), anyhow::Error> {
    let (graph, guild) = (whatsapp::Fake::open().await?, discord::Fake::open().await?);
    let chosen = [("WARUNG_PAYMENT", "sandbox".to_owned())];
    let settings: Vec<_> = graph.settings().into_iter().chain(guild.settings()).chain(chosen).collect();
    let value =
        |name: &str| settings.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone());
    let read = Settings::from(&value).map_err(|problems| anyhow::anyhow!(problems.join("; ")))?;
    let Line { pipeline, live, .. } = assemble(Options {
        settings: &read,
        pool: pool.clone(),
        clock: Arc::new(Clock::system()),
        shipped,
        store_id: store_id.clone(),
        clients: Vec::new(),
        with_platforms: true,
    })
    .await?;
    let app = App::start(pipeline);
    let (stop, tracker) = (CancellationToken::new(), TaskTracker::new());
    let listening = {
        let (pipeline, stop, tracker) = (Arc::clone(&app.pipeline), stop.clone(), tracker.clone());
        tokio::spawn(async move { live.run(&pipeline, &read, &stop, &tracker).await })
    };

    let secret = value("WHATSAPP_APP_SECRET").context("the platform names no secret")?;
    println!(
        "a body of {PEOPLE} people (whatsapp), and the same as a ratio to {PEOPLE} commits of pgbench's"
    );
    for round in ["new", "known"] {
        let request = crowd(&graph, round, &secret)?;
        let began = Instant::now();
        app.pipeline.accept_webhook("whatsapp", &request).await?;
        let took = began.elapsed();
        println!(
            "  {round:>5}: {:>6.0} ms   ratio {:.2}",
            super::milliseconds(took),
            took.as_secs_f64() * commits_per_second / PEOPLE as f64
        );
    }

    anyhow::ensure!(guild.until(|guild| guild.gateway().2 > 0).await, "nobody listens");
    let mut stuck = pool.begin().await?;
    sqlx::raw_sql("lock table inbox in access exclusive mode").execute(&mut *stuck).await?;
    let person = customer("300000000000000001");
    let began = Instant::now();
    for number in 0..PRESSES {
        guild.push(&person, &format!("bench-{number}"), &Content::Press { data: "k.0".to_owned() });
    }
    while guild.unanswered() > 0 && began.elapsed() < STUCK {
        tokio::time::sleep(LOOK).await;
    }
    let (took, left) = (super::milliseconds(began.elapsed()), guild.unanswered());
    stuck.rollback().await?;
    println!(
        "{PRESSES} presses while the database is stuck (discord): {left} unanswered after {took:.0} ms, {:.2} of its limit",
        took / DISCORD_LIMIT_MS
    );
    stop.cancel();
    listening.await?;
    tracker.close();
    app.stop().await;
    graph.stop().await;
    guild.stop().await;
    Ok(())
}

fn customer(chat: &str) -> Person {
    Person {
        chat: chat.to_owned(),
        name: Some("Ayu".to_owned()),
        phone: None,
        language: Some("id".to_owned()),
    }
}

/// One body with a message of each of many people, out of the bodies in which the platform would tell of one.
fn crowd(graph: &whatsapp::Fake, round: &str, secret: &str) -> Result<WebhookRequest, anyhow::Error> {
    let mut all: Option<(WebhookRequest, Value)> = None;
    for number in 0..PEOPLE {
        let content = Content::Text { text: "halo".to_owned() };
        let person = customer(&format!("62811{number:08}"));
        let told = graph.told(&person, &format!("{round}-{number}"), &content);
        let mut body: Value = serde_json::from_slice(&told.body)?;
        let Some((_, every)) = &mut all else {
            all = Some((told, body));
            continue;
        };
        for list in ["messages", "contacts"] {
            let place = format!("/entry/0/changes/0/value/{list}");
            let more =
                body.pointer_mut(&place).and_then(Value::as_array_mut).context("a body without people")?;
            let into =
                every.pointer_mut(&place).and_then(Value::as_array_mut).context("a body without people")?;
            into.append(more);
        }
    }
    let (mut request, every) = all.context("nobody wrote")?;
    request.body = serde_json::to_vec(&every)?;
    let signature = format!("sha256={}", hmac_sha256_hex(secret.as_bytes(), &request.body));
    for (_, value) in request.headers.iter_mut().filter(|(name, _)| name == "x-hub-signature-256") {
        value.clone_from(&signature);
    }
    Ok(request)
}
