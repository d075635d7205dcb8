//! The real line of data as a world: a pipeline on a database of its own, a clock that moves by hand, a gateway with its
//! company, and recorders at the far ends of the channels.

mod begin;
pub(crate) mod far;
mod files;
mod person;
#[cfg(test)]
mod tests;
pub(crate) mod till;
mod world;

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::Duration;
use sqlx::PgPool;

use self::far::Fars;
use self::person::{Last, Person, posted};
pub use self::till::PAYMENTS;
use self::till::Till;
use super::databases::{Databases, Lent};
use super::recorder::{Recorder, Recording};
use super::script::{Actor, DEFAULT_CHANNEL};
use super::world::{Setting, World, WorldError, Worlds};
use crate::channels::{Channel, console, web};
use crate::clock::Clock;
use crate::dialogue::flow::Flows;
use crate::domain::ids::{ConversationId, StoreId};
use crate::domain::message::{Address, ChannelEvent, Content, Inbound, Outbound};
use crate::domain::money::Rupiah;
use crate::domain::payment::UNREPORTED;
use crate::edge::webhook::WebhookRequest;
use crate::i18n::Locales;
use crate::payments::{Gateway, sandbox};
use crate::pipeline::accept::AcceptError;
use crate::pipeline::bank::BankNotice;
use crate::pipeline::turn::LEASE;
use crate::pipeline::{Parts, Pipeline, PipelineError};
use crate::store;

/// Deaths in a row after which a line of data counts as broken.
const MAX_DEATHS: usize = 50;
/// Rounds of reports of delivery that one moment may bring.
const MAX_REPORTS: usize = 50;

/// Builds worlds on throw-away databases.
pub struct LiveWorlds {
    databases: Arc<Databases>,
    flows: Arc<Flows>,
    locales: Arc<Locales>,
    payment: String,
}

impl LiveWorlds {
    /// Worlds on a server, with the shipped flows and locales.
    ///
    /// # Errors
    /// [`WorldError`] when flows or locales cannot be read.
    pub fn new(databases: Arc<Databases>) -> Result<Self, WorldError> {
        let first = |errors: Vec<String>| WorldError::new(errors.into_iter().next().unwrap_or_default());
        let flows =
            Flows::shipped().map_err(|findings| first(findings.iter().map(ToString::to_string).collect()))?;
        let locales =
            Locales::shipped().map_err(|errors| first(errors.iter().map(ToString::to_string).collect()))?;
        let payment = sandbox::NAME.to_owned();
        Ok(Self { databases, flows: Arc::new(flows), locales: Arc::new(locales), payment })
    }

    /// The same, with customers who pay by another gateway than the sandbox: one of [`PAYMENTS`].
    #[must_use]
    pub fn paying_by(self, payment: impl Into<String>) -> Self {
        Self { payment: payment.into(), ..self }
    }

    /// The flows that the worlds run on.
    pub fn flows(&self) -> Arc<Flows> {
        Arc::clone(&self.flows)
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
        let till = Till::open(&self.payment, &pool, &clock).await?;
        till.set_now(setting.clock);
        let recorder = Arc::new(Recorder::default());
        let fars = fars(&setting.actors).await?;
        let channels = channels(&setting.actors, &fars, &recorder, &clock);
        let gateways = till.gateways(setting.payment.as_deref());
        let mut live = Live {
            pipeline: pipeline(self, &pool, &clock, &store, &channels, &fars, gateways),
            setting: setting.clone(),
            flows: Arc::clone(&self.flows),
            locales: Arc::clone(&self.locales),
            databases: Arc::clone(&self.databases),
            lent: Some(lent),
            people: setting.actors.iter().map(|actor| (actor.name.clone(), Person::of(actor))).collect(),
            pool,
            clock,
            store,
            channels,
            fars,
            till,
            recorder,
            sent: 0,
            notices: BTreeMap::new(),
            traces: BTreeMap::new(),
        };
        live.introduce(setting).await?;
        for actor in setting.actors.iter().filter(|actor| actor.owner) {
            live.link(actor).await?;
        }
        Ok(live)
    }
}

/// Opens the platforms that actors write on.
async fn fars(actors: &[Actor]) -> Result<Fars, WorldError> {
    let mut fars = Fars::new();
    for actor in actors {
        if !fars.contains_key(&actor.channel)
            && let Some(far) = far::open(&actor.channel).await?
        {
            fars.insert(actor.channel.clone(), far);
        }
    }
    Ok(fars)
}

/// The channels that a file can be asked to be played on: those with code of their own, and the neutral one.
pub const CHANNELS: [&str; 6] =
    [DEFAULT_CHANNEL, console::NAME, far::PLATFORMS[0], far::PLATFORMS[1], far::PLATFORMS[2], web::NAME];

/// A channel for every name: the real one, or a neutral one under a name that no platform has.
fn channels(
    actors: &[Actor],
    fars: &Fars,
    recorder: &Arc<Recorder>,
    clock: &Arc<Clock>,
) -> Vec<Arc<dyn Channel>> {
    let mut names: Vec<&str> = actors.iter().map(|actor| actor.channel.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    names
        .into_iter()
        .map(|name| {
            let real: Option<Arc<dyn Channel>> = match name {
                web::NAME => Some(Arc::new(web::Web)),
                console::NAME => Some(Arc::new(console::Console::for_all(Arc::new(Paper)))),
                _ => fars.get(name).map(|far| Arc::clone(&far.channel)),
            };
            let platform = fars.get(name).map(|far| Arc::clone(&far.platform));
            let recording = Recording::new(name, real, platform, Arc::clone(recorder), Arc::clone(clock));
            Arc::new(recording) as Arc<dyn Channel>
        })
        .collect()
}

/// A terminal that nobody reads: the recorder keeps what is printed.
struct Paper;

impl console::Printer for Paper {
    fn print(&self, _chat: &str, _id: i64, message: &Outbound) -> std::io::Result<()> {
        console::draw::draw(message, console::draw::Style::PLAIN);
        Ok(())
    }
}

fn pipeline(
    worlds: &LiveWorlds,
    pool: &PgPool,
    clock: &Arc<Clock>,
    store: &StoreId,
    channels: &[Arc<dyn Channel>],
    fars: &Fars,
    gateways: Vec<Arc<dyn Gateway>>,
) -> Arc<Pipeline> {
    Arc::new(Pipeline::new(Parts {
        pool: pool.clone(),
        clock: Arc::clone(clock),
        flows: Arc::clone(&worlds.flows),
        locales: Arc::clone(&worlds.locales),
        channels: channels.to_vec(),
        gateways,
        store_id: store.clone(),
        accounts: far::accounts(fars, store),
    }))
}

struct Live {
    setting: Setting,
    databases: Arc<Databases>,
    /// Where it all happens, until the end.
    lent: Option<Lent>,
    pool: PgPool,
    clock: Arc<Clock>,
    store: StoreId,
    flows: Arc<Flows>,
    locales: Arc<Locales>,
    channels: Vec<Arc<dyn Channel>>,
    fars: Fars,
    till: Till,
    recorder: Arc<Recorder>,
    pipeline: Arc<Pipeline>,
    people: BTreeMap<String, Person>,
    /// Events sent so far: their ids.
    sent: u64,
    /// Notices by the ids that the script gives them.
    notices: BTreeMap<String, Vec<WebhookRequest>>,
    traces: BTreeMap<ConversationId, Vec<String>>,
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
        let channel = self.channels.iter().find(|channel| channel.name() == person.address.channel);
        let channel = channel.ok_or_else(|| WorldError::new("the channel is gone"))?;
        let read =
            channel.receive(&request).map_err(|error| broken(format!("the channel refuses it: {error}")))?;
        let said = read.into_iter().find_map(|event| match event {
            ChannelEvent::Said(inbound) => Some(inbound),
            _ => None,
        });
        let mut said = said.ok_or_else(|| WorldError::new("the channel hears nothing"))?;
        // The terminal sends no files; what a script sends there is a file all the same.
        if person.session.is_none()
            && let (Content::Media { file: sent, .. }, Content::Media { file, .. }) =
                (&content, &mut said.content)
        {
            file.clone_from(sent);
        }
        Ok(said)
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
                let request = far.platform.told(&person.at_platform(), &format!("e{id}"), &content);
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
            match self.pipeline.accept_webhook(channel, request).await {
                Ok(()) => return Ok(()),
                Err(AcceptError::Pipeline(PipelineError::Killed(_))) => self.die(),
                Err(error) => {
                    return Err(broken(format!("the channel refuses what its platform tells: {error}")));
                }
            }
        }
        Err(WorldError::new("the process dies at every try to store the event"))
    }

    /// Stores an event. A platform that gets no answer, because the process died, comes again.
    async fn accept(&mut self, inbound: Inbound) -> Result<(), WorldError> {
        for _ in 0..MAX_DEATHS {
            match self.pipeline.accept(&self.store, inbound.clone()).await {
                Ok(_) => return Ok(()),
                Err(PipelineError::Killed(_)) => self.die(),
                Err(error) => return Err(broken(error)),
            }
        }
        Err(WorldError::new("the process dies at every try to store the event"))
    }

    async fn notify(&mut self, request: WebhookRequest) -> Result<(), WorldError> {
        for _ in 0..MAX_DEATHS {
            match self.pipeline.accept_notice(self.till.name(), request.clone()).await {
                Ok(()) => return Ok(()),
                Err(AcceptError::Pipeline(PipelineError::Killed(_))) => self.die(),
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
        self.pipeline.accept_bank(&notice, notice.text.as_bytes()).await.map_err(broken)
    }

    /// Another process takes over, with nothing but the database.
    fn reborn(&mut self) {
        let parts = Parts {
            pool: self.pool.clone(),
            clock: Arc::clone(&self.clock),
            flows: Arc::clone(&self.flows),
            locales: Arc::clone(&self.locales),
            channels: self.channels.clone(),
            gateways: self.till.gateways(self.setting.payment.as_deref()),
            store_id: self.store.clone(),
            accounts: far::accounts(&self.fars, &self.store),
        };
        let mut pipeline = Pipeline::new(parts);
        pipeline.faults = Arc::clone(&self.pipeline.faults);
        self.pipeline = Arc::new(pipeline);
    }

    /// The process dies: what it had leased is taken over when the leases have run out.
    fn die(&mut self) {
        self.reborn();
        self.clock.advance(LEASE + Duration::seconds(1));
    }

    /// Runs until nothing is left to do, the platforms' reports of delivery included.
    async fn drain(&mut self) -> Result<(), WorldError> {
        for _ in 0..MAX_REPORTS {
            for far in self.fars.values() {
                far.platform.set_now(self.clock.now());
            }
            self.till.set_now(self.clock.now());
            self.work().await?;
            let notices = self.till.news();
            let told = !notices.is_empty();
            for notice in notices {
                self.notify(notice).await?;
            }
            let fars = self.fars.iter();
            let reports: Vec<(String, WebhookRequest)> = fars
                .flat_map(|(name, far)| {
                    far.platform.take_reports().into_iter().map(|report| (name.clone(), report))
                })
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
                Err(PipelineError::Killed(_)) => self.die(),
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
        let mut connection = self.pool.acquire().await.map_err(broken)?;
        store::facts::conversation(&mut connection, &self.store, &address).await.map_err(broken)
    }
}

/// What `probe` asks the world for.
impl super::probe::Source for Live {
    fn pool(&self) -> &PgPool {
        &self.pool
    }

    fn store(&self) -> &StoreId {
        &self.store
    }

    fn address(&self, actor: &str) -> Option<&Address> {
        self.people.get(actor).map(|person| &person.address)
    }
}
