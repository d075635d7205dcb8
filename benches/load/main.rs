//! Load: turns through the pipeline's real door beside `pgbench` writing the same rows on the same server, and how fast
//! the demo starts. `benches/README.md` says how to run it and what the figures mean.

mod demo;
mod limit;
mod platforms;

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use async_trait::async_trait;
use tokio::sync::mpsc;
use warung::app::database;
use warung::app::start::{App, Options, Shipped, assemble};
use warung::channels::{Abilities, Channel, ChannelSpec, Receipt, Send, web};
use warung::clock::Clock;
use warung::cluster::{self, Cluster, Purpose};
use warung::config::Settings;
use warung::domain::message::{Address, ChannelEvent, Content, Inbound};
use warung::edge::CallError;
use warung::edge::webhook::{WebhookError, WebhookRequest};
use warung::pipeline::Pipeline;
use warung::store;

/// What a customer says, one after the other and again from the start: whoever says the same all the time is taken for a
/// machine.
const TEXTS: [&str; 5] = ["menu", "2 teh hijau organik", "keranjang", "kosongkan keranjang", "ya"];
/// How long each measurement lasts.
const MEASURE: Duration = Duration::from_secs(10);
/// Conversations of the larger measurement.
const MANY: usize = 32;
/// How long an answer may take before the measurement is void.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);
/// After the last answer of the first turn, silence for this long means that there is no more to come.
const SILENCE: Duration = Duration::from_millis(700);

/// A channel whose customers are right here.
#[derive(Default)]
struct Bench {
    chats: Mutex<HashMap<String, mpsc::UnboundedSender<()>>>,
}

#[async_trait]
impl Channel for Bench {
    fn spec(&self) -> &'static ChannelSpec {
        &web::SPEC
    }

    fn accounts(&self) -> Vec<String> {
        Vec::new()
    }

    fn only_chat(&self) -> Option<String> {
        None
    }

    fn abilities(&self) -> Abilities<'_> {
        Abilities::default()
    }

    fn receive(&self, _: &WebhookRequest) -> Result<Vec<ChannelEvent>, WebhookError> {
        Err(WebhookError::Unsigned)
    }

    async fn send(&self, send: Send<'_>) -> Result<Receipt, CallError> {
        let chats = self.chats.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(chat) = chats.get(&send.to.chat) {
            // The customer may have gone: the measurement is over.
            let _ = chat.send(());
        }
        Ok(Receipt::default())
    }
}

/// One customer, who says the same thing again as soon as it was answered.
struct Customer {
    chat: String,
    said: u64,
    turns: usize,
    answers: mpsc::UnboundedReceiver<()>,
}

impl Customer {
    fn new(bench: &Bench, number: usize) -> Self {
        let chat = format!("bench-{number}");
        let (sender, answers) = mpsc::unbounded_channel();
        bench.chats.lock().unwrap_or_else(std::sync::PoisonError::into_inner).insert(chat.clone(), sender);
        Self { chat, said: 0, turns: 0, answers }
    }

    /// Says the next of the texts; which one.
    async fn say(&mut self, pipeline: &Pipeline) -> Result<usize, anyhow::Error> {
        self.said += 1;
        let text = self.turns % TEXTS.len();
        self.turns += 1;
        let from = Address { channel: web::NAME.into(), chat: self.chat.clone() };
        let content = Content::Text { text: TEXTS[text].into() };
        let inbound = Inbound::new(from, self.said.to_string(), content);
        pipeline.accept(&pipeline.store_id, inbound).await?;
        Ok(text)
    }

    /// Says everything twice without measuring; returns how many messages answer each text.
    async fn warm_up(&mut self, pipeline: &Pipeline) -> Result<[usize; TEXTS.len()], anyhow::Error> {
        let mut counts = [0; TEXTS.len()];
        for _ in 0..2 * TEXTS.len() {
            let text = self.say(pipeline).await?;
            tokio::time::timeout(ANSWER_TIMEOUT, self.answers.recv())
                .await
                .context("nothing was answered")?;
            counts[text] = 1;
            while tokio::time::timeout(SILENCE, self.answers.recv()).await.is_ok() {
                counts[text] += 1;
            }
        }
        Ok(counts)
    }

    /// Turns until a moment, each from the arrival of the message to the last send of its answer.
    async fn turns(
        &mut self,
        pipeline: &Pipeline,
        answers: [usize; TEXTS.len()],
        until: Instant,
    ) -> Result<Vec<Duration>, anyhow::Error> {
        let mut turns = Vec::new();
        while Instant::now() < until {
            let began = Instant::now();
            let text = self.say(pipeline).await?;
            for _ in 0..answers[text] {
                tokio::time::timeout(ANSWER_TIMEOUT, self.answers.recv())
                    .await
                    .context("an answer is missing")?;
            }
            turns.push(began.elapsed());
        }
        Ok(turns)
    }
}

/// What one measurement came to.
struct Figures {
    per_second: f64,
    p50: Duration,
    p99: Duration,
}

async fn measure(
    pipeline: &Arc<Pipeline>,
    bench: &Bench,
    customers: usize,
) -> Result<Figures, anyhow::Error> {
    let mut people: Vec<Customer> = (0..customers).map(|number| Customer::new(bench, number)).collect();
    let offset = Clock::system().now().timestamp_micros().unsigned_abs();
    for person in &mut people {
        // Ids of messages differ from those of an earlier measurement in the same chat.
        person.said = offset;
    }
    let mut answers = [1; TEXTS.len()];
    for (number, person) in people.iter_mut().enumerate() {
        if number == 0 {
            answers = person.warm_up(pipeline).await?;
        } else {
            person.say(pipeline).await?;
        }
    }
    for person in people.iter_mut().skip(1) {
        // The first turn of a chat may say more than the ones after it, so it is not counted.
        tokio::time::timeout(ANSWER_TIMEOUT, person.answers.recv()).await.context("nothing was answered")?;
        while tokio::time::timeout(SILENCE / 5, person.answers.recv()).await.is_ok() {}
    }
    let began = Instant::now();
    let until = began + MEASURE;
    let tasks: Vec<_> = people
        .into_iter()
        .map(|mut person| {
            let pipeline = Arc::clone(pipeline);
            tokio::spawn(async move { person.turns(&pipeline, answers, until).await })
        })
        .collect();
    let mut turns = Vec::new();
    for task in tasks {
        turns.extend(task.await??);
    }
    let seconds = began.elapsed().as_secs_f64();
    turns.sort_unstable();
    let at = |share: f64| turns[((turns.len() - 1) as f64 * share) as usize];
    anyhow::ensure!(!turns.is_empty(), "no turn ended in time");
    Ok(Figures { per_second: turns.len() as f64 / seconds, p50: at(0.50), p99: at(0.99) })
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}

/// The most memory that a process has had, in MiB, where the system tells.
fn peak_mib(pid: u32) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<f64>().ok()? / 1024.0)
}

async fn run(dir: &Path) -> Result<(), anyhow::Error> {
    println!("demo, {} build", if cfg!(debug_assertions) { "unoptimised" } else { "release" });
    demo::starts(dir)?;

    let options = cluster::Options { data_dir: dir.join("load"), purpose: Purpose::Keep };
    let cluster = Cluster::start(&options, &mut |line| println!("  {line}"))?;
    let result = load(&cluster).await;
    cluster.stop()?;
    result
}

async fn load(cluster: &Cluster) -> Result<(), anyhow::Error> {
    let url = cluster.url("postgres");
    let pool = store::connect(&url).await?;
    database::migrate(&pool, &mut |_| {}).await?;
    let clock = Arc::new(Clock::system());
    store::seed::demo(&pool, &clock).await?;
    let store_id = {
        let mut connection = pool.acquire().await?;
        store::stores::by_slug(&mut connection, "bella-teh").await?.context("the seed has no shop")?.id
    };
    let bench = Arc::new(Bench::default());
    let settings = Settings::from(&|_| None).map_err(|problems| anyhow::anyhow!(problems.join("; ")))?;
    let shipped = Shipped::read()?;
    let line = assemble(Options {
        settings: &settings,
        pool: pool.clone(),
        clock,
        shipped: &shipped,
        store_id: store_id.clone(),
        clients: vec![Arc::clone(&bench) as Arc<dyn Channel>],
        with_platforms: false,
    });
    let app = App::start(line.await?.pipeline);
    let mut ours = Vec::new();
    println!(
        "turns, from arrival to sent answer ({}; {} s each, fsync on)",
        TEXTS.join(", "),
        MEASURE.as_secs()
    );
    for customers in [1, MANY] {
        let figures = measure(&app.pipeline, &bench, customers).await?;
        println!(
            "  {customers:>3} at once: {:>7.0} turns/s   p50 {:>6.2} ms   p99 {:>6.2} ms",
            figures.per_second,
            milliseconds(figures.p50),
            milliseconds(figures.p99)
        );
        ours.push((customers, figures.per_second));
    }
    if let Some(mib) = peak_mib(std::process::id()) {
        println!("  peak memory of this process (server and customers): {mib:.0} MiB");
    }
    app.stop().await;

    limit::prepare(&pool).await?;
    println!("pgbench, the same rows (benches/limit.sql)");
    let mut alone = 0.0;
    for (customers, per_second) in ours {
        let limit = limit::run(&url, customers, MANY, MEASURE)?;
        if customers == 1 {
            alone = limit;
        }
        println!(
            "  {customers:>3} at once: {limit:>7.0} transactions/s   ratio {:.2}",
            per_second / limit.max(f64::MIN_POSITIVE)
        );
    }
    platforms::run(&pool, &store_id, &shipped, alone).await?;
    pool.close().await;
    Ok(())
}

fn main() -> Result<(), anyhow::Error> {
    // `cargo test --benches` and the like ask for a list or a quick look; this is neither.
    if std::env::args().any(|argument| argument == "--list" || argument == "--test") {
        return Ok(());
    }
    // Below /tmp when root: the server runs as another user, who may not enter root's own folders.
    let dir = Path::new("/tmp").join(format!("warung-bench-{}", std::process::id()));
    std::fs::create_dir_all(&dir)?;
    let result = tokio::runtime::Runtime::new()?.block_on(run(&dir));
    std::fs::remove_dir_all(&dir)?;
    result
}
