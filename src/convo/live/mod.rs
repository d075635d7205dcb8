//! The real line of data as a world: a shop that is put together as the server's is, out of settings, on a database of its own;
//! a clock that moves by hand; and the platforms and companies that the settings name, on loopback.

mod begin;
mod check;
pub(super) mod files;
mod person;
#[cfg(test)]
mod tests;
mod till;
mod world;

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::Duration;
use sqlx::PgPool;

use self::person::{Last, Person, posted};
pub use self::till::PAYMENTS;
use self::till::Till;
use super::databases::{Databases, Lent};
use super::neutral::Neutral;
use super::recorder::Recorder;
use super::script::{Actor, DEFAULT_CHANNEL};
use super::world::{Setting, World, WorldError, Worlds};
use crate::app::start::{Line, Options, Shipped, assemble};
use crate::channels::registry::{self, CLIENTS, PLATFORMS};
use crate::channels::{console, web};
use crate::clock::Clock;
use crate::config::Settings;
use crate::dialogue::flow::Flows;
use crate::domain::ids::{ConversationId, StoreId};
use crate::domain::message::{Address, ChannelEvent, ChannelName, Content, Inbound, Outbound};
use crate::domain::money::Rupiah;
use crate::domain::payment::UNREPORTED;
use crate::edge::webhook::WebhookRequest;
use crate::fakes::{self, Platform};
use crate::payments::sandbox;
use crate::pipeline::accept::AcceptError;
use crate::pipeline::bank::BankNotice;
use crate::pipeline::turn::LEASE;
use crate::pipeline::{Pipeline, PipelineError};
use crate::store;

/// Deaths in a row after which a line of data counts as broken.
const MAX_DEATHS: usize = 50;
/// Rounds of reports of delivery that one moment may bring.
const MAX_REPORTS: usize = 50;

/// Builds worlds on throw-away databases.
pub struct LiveWorlds {
    databases: Arc<Databases>,
    shipped: Shipped,
    payment: String,
    check: Option<String>,
}

impl LiveWorlds {
    /// Worlds on a server, with the shipped flows and locales.
    ///
    /// # Errors
    /// [`WorldError`] when flows or locales cannot be read.
    pub fn new(databases: Arc<Databases>) -> Result<Self, WorldError> {
        let shipped = Shipped::read().map_err(|error| broken(format!("{error:#}")))?;
        Ok(Self { databases, shipped, payment: sandbox::NAME.to_owned(), check: None })
    }

    /// The same, with customers who pay by another gateway than the sandbox: one of [`PAYMENTS`].
    #[must_use]
    pub fn paying_by(self, payment: impl Into<String>) -> Self {
        Self { payment: payment.into(), ..self }
    }

    /// The same, with a shell command that looks at the database of each conversation when it is over.
    #[must_use]
    pub fn checked_by(self, check: Option<String>) -> Self {
        Self { check, ..self }
    }

    /// The flows that the worlds run on.
    pub fn flows(&self) -> Arc<Flows> {
        Arc::clone(&self.shipped.flows)
    }
}

#[async_trait]
impl Worlds for LiveWorlds {
    async fn build(&self, setting: &Setting) -> Result<Box<dyn World>, WorldError> {
        Ok(Box::new(self.build_live(setting).await?))
    }
}

impl LiveWorlds {
    async fn build_live(&self, setting: &Setting) -> Result<Live, WorldError> {
        let lent = self.databases.lend(&setting.shop, setting.clock).await?;
        let (pool, store) = (lent.pool.clone(), lent.store.clone());
        let clock = Arc::new(Clock::fixed(setting.clock, setting.seed));
        let fars = fars(&setting.actors).await?;
        let till = Till::open(&self.payment).await?;
        let settings = settings(&fars, &till, setting.payment.as_deref().unwrap_or(&self.payment))?;
        let recorder = Arc::new(Recorder::new(fars.clone(), Arc::clone(&clock)));
        let process = Process { settings, pool, clock, store, shipped: self.shipped.clone(), recorder };
        let Line { pipeline, sandbox, .. } = process.start().await?;
        let till = till.with_sandbox(sandbox);
        till.set_now(setting.clock);
        let person = |actor: &Actor| Person::of(actor, fars.get(&actor.channel).map(AsRef::as_ref));
        let mut live = Live {
            people: setting.actors.iter().map(|actor| (actor.name.clone(), person(actor))).collect(),
            pipeline: Arc::new(pipeline),
            setting: setting.clone(),
            databases: Arc::clone(&self.databases),
            lent: Some(lent),
            process,
            fars,
            till,
            sent: 0,
            notices: BTreeMap::new(),
            traces: BTreeMap::new(),
            check: self.check.clone(),
        };
        live.introduce(setting).await?;
        for actor in setting.actors.iter().filter(|actor| actor.owner) {
            live.link(actor).await?;
        }
        Ok(live)
    }
}

/// The platforms of a run, by name.
type Fars = BTreeMap<String, Arc<dyn Platform>>;

/// Opens the platforms that actors write on.
async fn fars(actors: &[Actor]) -> Result<Fars, WorldError> {
    let known = channels();
    let mut fars = Fars::new();
    for Actor { channel, .. } in actors {
        if !known.contains(&channel.as_str()) {
            return Err(WorldError::new(format!(
                "nobody can write on `{channel}`; there are {}",
                known.join(", ")
            )));
        }
        if !fars.contains_key(channel)
            && let Some(far) = fakes::open(channel).await.map_err(broken)?
        {
            fars.insert(channel.clone(), far);
        }
    }
    Ok(fars)
}

/// The channels that a file can be asked to be played on: those of the registry, and the neutral one.
pub fn channels() -> Vec<&'static str> {
    let platforms = PLATFORMS.iter().map(|platform| platform.spec.name);
    [DEFAULT_CHANNEL].into_iter().chain(CLIENTS.iter().map(|spec| spec.name)).chain(platforms).collect()
}

/// The settings of a shop with these platforms and this company: an operator would write the same.
fn settings(fars: &Fars, till: &Till, payment: &str) -> Result<Settings, WorldError> {
    let own = fars.values().flat_map(|far| far.settings()).chain(till.settings());
    let pairs: BTreeMap<&str, String> = own.chain([("WARUNG_PAYMENT", payment.to_owned())]).collect();
    Settings::from(&|name| pairs.get(name).cloned()).map_err(|problems| WorldError::new(problems.join("; ")))
}

/// What one process of the shop after the other is started from.
struct Process {
    settings: Settings,
    pool: PgPool,
    clock: Arc<Clock>,
    store: StoreId,
    shipped: Shipped,
    recorder: Arc<Recorder>,
}

impl Process {
    /// A process with nothing but settings and database: as `serve` starts, with a terminal and the neutral channel besides.
    async fn start(&self) -> Result<Line, WorldError> {
        let line = assemble(Options {
            settings: &self.settings,
            pool: self.pool.clone(),
            clock: Arc::clone(&self.clock),
            shipped: &self.shipped,
            store_id: self.store.clone(),
            clients: vec![
                Arc::new(web::Web),
                Arc::new(console::Console::for_all(Arc::new(Paper))),
                Arc::new(Neutral),
            ],
            with_platforms: true,
        });
        let mut line = line.await.map_err(|error| broken(format!("{error:#}")))?;
        line.pipeline.witness = Some(Arc::clone(&self.recorder) as _);
        Ok(line)
    }
}

/// A terminal that nobody reads: what is printed is drawn and thrown away.
struct Paper;

impl console::Printer for Paper {
    fn print(&self, _chat: &str, _id: i64, message: &Outbound) -> std::io::Result<()> {
        console::draw::draw(message, console::draw::Style::PLAIN);
        Ok(())
    }
}

struct Live {
    setting: Setting,
    databases: Arc<Databases>,
    /// Where it all happens, until the end.
    lent: Option<Lent>,
    process: Process,
    fars: Fars,
    till: Till,
    pipeline: Arc<Pipeline>,
    people: BTreeMap<String, Person>,
    /// Events sent so far: their ids.
    sent: u64,
    /// Notices by the ids that the script gives them.
    notices: BTreeMap<String, Vec<WebhookRequest>>,
    traces: BTreeMap<ConversationId, Vec<String>>,
    /// A shell command that looks at the database when it is over.
    check: Option<String>,
}

fn broken(error: impl std::fmt::Display) -> WorldError {
    WorldError::new(error.to_string())
}

impl Live {
    fn person(&self, actor: &str) -> Result<&Person, WorldError> {
        self.people.get(actor).ok_or_else(|| WorldError::new(format!("nobody is called `{actor}`")))
    }

    /// What an actor sends, through the real code of their channel where that is built.
    fn inbound(&mut self, actor: &str, content: Content) -> Result<Inbound, WorldError> {
        self.sent += 1;
        let id = format!("e{}", self.sent);
        let person = self.person(actor)?;
        let hint = person.actor.language.map(|language| language.code().to_owned());
        let posted = || posted(&id, &content, person);
        let request = match (&person.session, person.actor.channel.as_str()) {
            (Some(session), _) => web::request(session, &posted()),
            (None, console::NAME) => console::request(&person.address.chat, &posted()),
            _ => {
                return Ok(Inbound {
                    sender_name: person.actor.display.clone(),
                    sender_phone: person.actor.phone.clone(),
                    language_hint: hint,
                    ..Inbound::new(person.address.clone(), id, content)
                });
            }
        };
        let channel = self.pipeline.channels.get(&person.address.channel);
        let channel = channel.ok_or_else(|| WorldError::new("the channel is gone"))?;
        let read =
            channel.receive(&request).map_err(|error| broken(format!("the channel refuses it: {error}")))?;
        let said = read.into_iter().find_map(|event| match event {
            ChannelEvent::Said(inbound) => Some(inbound),
            _ => None,
        });
        said.ok_or_else(|| WorldError::new("the channel hears nothing"))
    }

    async fn deliver(&mut self, actor: &str, content: Content) -> Result<(), WorldError> {
        let words = match &content {
            Content::Text { text } => Some(text.clone()),
            _ => None,
        };
        let person = self.person(actor)?;
        let last = match self.fars.get(&person.actor.channel) {
            Some(far) => {
                let id = self.sent + 1;
                let request = far.told(&person.at_platform(), &format!("e{id}"), &content);
                self.sent = id;
                Last::Request(request)
            }
            None => Last::Inbound(Box::new(self.inbound(actor, content)?)),
        };
        if let Some(person) = self.people.get_mut(actor) {
            person.last = Some(last.clone());
            person.last_words = words.or(person.last_words.take());
        }
        self.arrive(actor, last).await
    }

    /// Something reaches the shop, perhaps again.
    async fn arrive(&mut self, actor: &str, last: Last) -> Result<(), WorldError> {
        match last {
            Last::Inbound(inbound) => self.accept(*inbound).await,
            Last::Request(request) => {
                let channel = self.person(actor)?.actor.channel.clone();
                self.webhook(&channel, &request).await
            }
        }
    }

    /// A platform tells of something. It comes again until it gets its answer.
    async fn webhook(&mut self, channel: &str, request: &WebhookRequest) -> Result<(), WorldError> {
        for _ in 0..MAX_DEATHS {
            match self.told(channel, request).await {
                Ok(()) => return Ok(()),
                Err(AcceptError::Pipeline(PipelineError::Killed(_))) => self.die().await?,
                Err(error) => {
                    return Err(broken(format!("the channel refuses what its platform tells: {error}")));
                }
            }
        }
        Err(WorldError::new("the process dies at every try to store the event"))
    }

    /// A platform that calls has its webhook; one that is listened to is read as its listener reads it, event by event.
    async fn told(&self, channel: &str, request: &WebhookRequest) -> Result<(), AcceptError> {
        if registry::spec(channel).is_none_or(|spec| spec.takes_webhooks) {
            return self.pipeline.accept_webhook(channel, request).await;
        }
        let name = ChannelName::from(channel);
        let adapter = self.pipeline.channels.get(&name).ok_or(AcceptError::Unknown)?;
        for event in adapter.receive(request)? {
            self.pipeline.accept_event(&name, event).await?;
        }
        Ok(())
    }

    /// Stores an event. A platform that gets no answer, because the process died, comes again.
    async fn accept(&mut self, inbound: Inbound) -> Result<(), WorldError> {
        for _ in 0..MAX_DEATHS {
            match self.pipeline.accept(&self.process.store, inbound.clone()).await {
                Ok(_) => return Ok(()),
                Err(PipelineError::Killed(_)) => self.die().await?,
                Err(error) => return Err(broken(error)),
            }
        }
        Err(WorldError::new("the process dies at every try to store the event"))
    }

    async fn notify(&mut self, request: WebhookRequest) -> Result<(), WorldError> {
        for _ in 0..MAX_DEATHS {
            match self.pipeline.accept_notice(self.till.name(), request.clone()).await {
                Ok(()) => return Ok(()),
                Err(AcceptError::Pipeline(PipelineError::Killed(_))) => self.die().await?,
                Err(error) => return Err(broken(error)),
            }
        }
        Err(WorldError::new("the process dies at every try to store the notice"))
    }

    /// Whether orders are paid with the shop's own printed code, so that its bank alone speaks of money.
    fn is_paid_by_printed_code(&self) -> bool {
        self.setting.payment.as_deref() == Some(UNREPORTED)
    }

    /// The shop's bank tells its owner's phone of money, and the phone tells the shop.
    async fn state(
        &mut self,
        amount: Rupiah,
        id: Option<&str>,
        words: Option<&str>,
    ) -> Result<(), WorldError> {
        let words = words.unwrap_or("Pembayaran QRIS {amount} diterima dari PEMBELI");
        let text = words.replace("{amount}", &format!("Rp{}", amount.whole()));
        let notice = BankNotice { store: None, id: id.map(str::to_owned), text };
        self.pipeline
            .accept_bank(&self.pipeline.store_id, &notice, notice.text.as_bytes())
            .await
            .map_err(broken)
    }

    /// Another process takes over, with nothing but settings and database.
    async fn reborn(&mut self) -> Result<(), WorldError> {
        let mut pipeline = self.process.start().await?.pipeline;
        pipeline.faults = Arc::clone(&self.pipeline.faults);
        self.pipeline = Arc::new(pipeline);
        Ok(())
    }

    /// The process dies: what it had leased is taken over when the leases have run out.
    async fn die(&mut self) -> Result<(), WorldError> {
        self.reborn().await?;
        self.process.clock.advance(LEASE + Duration::seconds(1));
        Ok(())
    }

    /// Runs until nothing is left to do, the platforms' reports of delivery included.
    async fn drain(&mut self) -> Result<(), WorldError> {
        for _ in 0..MAX_REPORTS {
            for far in self.fars.values() {
                far.set_now(self.process.clock.now());
            }
            self.till.set_now(self.process.clock.now());
            self.work().await?;
            let notices = self.till.news();
            let told = !notices.is_empty();
            for notice in notices {
                self.notify(notice).await?;
            }
            let fars = self.fars.iter();
            let reports: Vec<(String, WebhookRequest)> = fars
                .flat_map(|(name, far)| far.take_reports().into_iter().map(|report| (name.clone(), report)))
                .collect();
            if reports.is_empty() && !told {
                return Ok(());
            }
            for (channel, report) in reports {
                self.webhook(&channel, &report).await?;
            }
        }
        Err(WorldError::new("the platforms report again and again"))
    }

    async fn work(&mut self) -> Result<(), WorldError> {
        for _ in 0..MAX_DEATHS {
            match self.pipeline.drain().await {
                Ok(drained) => {
                    for (conversation, trace) in drained.turns {
                        self.traces.entry(conversation).or_default().extend(trace);
                    }
                    return Ok(());
                }
                Err(PipelineError::Killed(_)) => self.die().await?,
                Err(error) => return Err(broken(error)),
            }
        }
        Err(WorldError::new("the process dies again and again"))
    }

    async fn conversation(
        &self,
        actor: &str,
    ) -> Result<Option<(ConversationId, String, serde_json::Value)>, WorldError> {
        let address = self.person(actor)?.address.clone();
        let mut connection = self.process.pool.acquire().await.map_err(broken)?;
        store::facts::conversation(&mut connection, &self.process.store, &address).await.map_err(broken)
    }
}

/// What `probe` asks the world for.
impl super::probe::Source for Live {
    fn pool(&self) -> &PgPool {
        &self.process.pool
    }

    fn store(&self) -> &StoreId {
        &self.process.store
    }

    fn address(&self, actor: &str) -> Option<&Address> {
        self.people.get(actor).map(|person| &person.address)
    }
}
