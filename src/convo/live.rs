//! The real line of data as a world: a pipeline on a database of its own, a clock that moves by hand, the sandbox
//! gateway, and recorders at the far ends of the channels.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Duration, Utc};
use sha2::{Digest, Sha256};
use sqlx::PgPool;

use super::databases::Databases;
use super::recorder::{Recorder, Recording};
use super::script::{Actor, Fact, Fault, PayKind};
use super::world::{Delivered, Money, Setting, World, WorldError, Worlds};
use crate::channels::posted::{Media, Place, Posted};
use crate::channels::{Channel, console, web};
use crate::clock::Clock;
use crate::dialogue::flow::Flows;
use crate::dialogue::understand::{CatalogIndex, Expectation, explain};
use crate::domain::customer::Language;
use crate::domain::ids::{ConversationId, StoreId};
use crate::domain::message::{Address, Content, Inbound, Outbound};
use crate::domain::money::Rupiah;
use crate::edge::webhook::WebhookRequest;
use crate::i18n::Locales;
use crate::payments::Gateway;
use crate::payments::sandbox::{NAME as SANDBOX, SIGNATURE_HEADER, Sandbox};
use crate::pipeline::accept::AcceptError;
use crate::pipeline::turn::LEASE;
use crate::pipeline::{Parts, Pipeline, PipelineError};
use crate::store;

/// Moments that one advance of the clock may stop at.
const MAX_STOPS: usize = 10_000;
/// Deaths in a row after which a line of data counts as broken.
const MAX_DEATHS: usize = 50;
/// What a payment that is too small or too large differs by, in rupiah.
const OFF_BY: i64 = 1_000;
/// Where the sandbox's pages would stand; nothing is fetched from there.
const PUBLIC_URL: &str = "http://127.0.0.1:8080";

/// Builds worlds on throw-away databases.
pub struct LiveWorlds {
    databases: Arc<Databases>,
    flows: Arc<Flows>,
    locales: Arc<Locales>,
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
        Ok(Self { databases, flows: Arc::new(flows), locales: Arc::new(locales) })
    }

    /// The flows that the worlds run on.
    pub fn flows(&self) -> &Flows {
        &self.flows
    }
}

#[async_trait]
impl Worlds for LiveWorlds {
    async fn build(&self, setting: &Setting) -> Result<Box<dyn World>, WorldError> {
        let (database, pool, store) = self.databases.copy(&setting.shop, setting.clock).await?;
        let clock = Arc::new(Clock::fixed(setting.clock, setting.seed));
        let sandbox = crate::pipeline::sandbox::open(&pool, Arc::clone(&clock), PUBLIC_URL)
            .await
            .map_err(|error| WorldError::new(error.to_string()))?;
        let sandbox = Arc::new(sandbox);
        let recorder = Arc::new(Recorder::default());
        let channels = channels(&setting.actors, &recorder, &clock);
        let mut live = Live {
            pipeline: pipeline(self, &pool, &clock, &store, &channels, &sandbox),
            flows: Arc::clone(&self.flows),
            locales: Arc::clone(&self.locales),
            databases: Arc::clone(&self.databases),
            database,
            people: setting.actors.iter().map(|actor| (actor.name.clone(), Person::of(actor))).collect(),
            pool,
            clock,
            store,
            channels,
            sandbox,
            recorder,
            sent: 0,
            notices: BTreeMap::new(),
            traces: BTreeMap::new(),
        };
        for actor in setting.actors.iter().filter(|actor| actor.owner) {
            live.link(actor).await?;
        }
        Ok(Box::new(live))
    }
}

/// A channel for every name: the real one where it is built, a neutral one under the name of another platform.
fn channels(actors: &[Actor], recorder: &Arc<Recorder>, clock: &Arc<Clock>) -> Vec<Arc<dyn Channel>> {
    let mut names: Vec<&str> = actors.iter().map(|actor| actor.channel.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    names
        .into_iter()
        .map(|name| {
            let real: Option<Arc<dyn Channel>> = match name {
                web::NAME => Some(Arc::new(web::Web)),
                console::NAME => Some(Arc::new(console::Console::for_all(Arc::new(Paper)))),
                _ => None,
            };
            let recording = Recording::new(name, real, Arc::clone(recorder), Arc::clone(clock));
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
    sandbox: &Arc<Sandbox>,
) -> Arc<Pipeline> {
    Arc::new(Pipeline::new(Parts {
        pool: pool.clone(),
        clock: Arc::clone(clock),
        flows: Arc::clone(&worlds.flows),
        locales: Arc::clone(&worlds.locales),
        channels: channels.to_vec(),
        gateways: vec![Arc::clone(sandbox) as Arc<dyn Gateway>],
        store_id: store.clone(),
    }))
}

/// An actor with the address that the shop knows them under.
#[derive(Debug, Clone)]
struct Person {
    actor: Actor,
    address: Address,
    session: Option<web::Session>,
    /// The last event, to be delivered again.
    last: Option<Inbound>,
    last_words: Option<String>,
}

impl Person {
    fn of(actor: &Actor) -> Self {
        let session = (actor.channel == web::NAME)
            .then(|| {
                // A browser's secret has 32 digits; one that follows from the name is the same at every run.
                let digest = hex::encode(Sha256::digest(actor.chat.as_bytes()));
                web::Session::parse(&digest[..32])
            })
            .flatten();
        let chat = match (&session, actor.channel.as_str()) {
            (Some(session), _) => session.chat(),
            (None, console::NAME) => console::chat_of(&actor.chat),
            (None, _) => actor.chat.clone(),
        };
        let address = Address { channel: actor.channel.as_str().into(), chat };
        Self { actor: actor.clone(), address, session, last: None, last_words: None }
    }
}

struct Live {
    databases: Arc<Databases>,
    database: String,
    pool: PgPool,
    clock: Arc<Clock>,
    store: StoreId,
    flows: Arc<Flows>,
    locales: Arc<Locales>,
    channels: Vec<Arc<dyn Channel>>,
    sandbox: Arc<Sandbox>,
    recorder: Arc<Recorder>,
    pipeline: Arc<Pipeline>,
    people: BTreeMap<String, Person>,
    /// Events sent so far: their ids.
    sent: u64,
    /// Notices by the ids that the script gives them.
    notices: BTreeMap<String, WebhookRequest>,
    traces: BTreeMap<ConversationId, Vec<String>>,
}

fn broken(error: impl std::fmt::Display) -> WorldError {
    WorldError::new(error.to_string())
}

impl Live {
    fn person(&self, actor: &str) -> Result<&Person, WorldError> {
        self.people.get(actor).ok_or_else(|| WorldError::new(format!("nobody is called `{actor}`")))
    }

    /// Makes an actor's chat a staff chat, through the door that people use: a one-time code.
    async fn link(&mut self, actor: &Actor) -> Result<(), WorldError> {
        let name = actor.display.clone().unwrap_or_else(|| capital(&actor.name));
        let email = format!("{}@staff.example", actor.name);
        let code = store::staff::new_code(&self.clock.secret());
        let now = self.clock.now();
        {
            let mut connection = self.pool.acquire().await.map_err(broken)?;
            let user =
                store::staff::insert(&mut connection, &self.clock, &self.store, &name, &email, "staff", now)
                    .await
                    .map_err(broken)?
                    .ok_or_else(|| WorldError::new(format!("there is a person {email} already")))?;
            store::staff::insert_code(
                &mut connection,
                &self.store,
                &user,
                &code,
                now + Duration::hours(1),
                now,
            )
            .await
            .map_err(broken)?;
        }
        self.say(&actor.name, &format!("/link {code}")).await?;
        self.settle().await?;
        self.take_messages(&actor.name);
        self.traces.clear();
        Ok(())
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
                    from: person.address.clone(),
                    external_id: id,
                    sender_name: person.actor.display.clone(),
                    sender_phone: person.actor.phone.clone(),
                    language_hint: hint,
                    content,
                });
            }
        };
        let channel = self.channels.iter().find(|channel| channel.name() == person.address.channel);
        let channel = channel.ok_or_else(|| WorldError::new("the channel is gone"))?;
        let read =
            channel.receive(&request).map_err(|error| broken(format!("the channel refuses it: {error}")))?;
        read.into_iter().next().ok_or_else(|| WorldError::new("the channel hears nothing"))
    }

    async fn deliver(&mut self, actor: &str, content: Content) -> Result<(), WorldError> {
        let words = match &content {
            Content::Text { text } => Some(text.clone()),
            _ => None,
        };
        let inbound = self.inbound(actor, content)?;
        if let Some(person) = self.people.get_mut(actor) {
            person.last = Some(inbound.clone());
            person.last_words = words.or(person.last_words.take());
        }
        self.accept(inbound).await
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
            match self.pipeline.accept_notice(SANDBOX, request.clone()).await {
                Ok(()) => return Ok(()),
                Err(AcceptError::Pipeline(PipelineError::Killed(_))) => self.die(),
                Err(error) => return Err(broken(error)),
            }
        }
        Err(WorldError::new("the process dies at every try to store the notice"))
    }

    /// Another process takes over, with nothing but the database.
    fn reborn(&mut self) {
        let parts = Parts {
            pool: self.pool.clone(),
            clock: Arc::clone(&self.clock),
            flows: Arc::clone(&self.flows),
            locales: Arc::clone(&self.locales),
            channels: self.channels.clone(),
            gateways: vec![Arc::clone(&self.sandbox) as Arc<dyn Gateway>],
            store_id: self.store.clone(),
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

    async fn drain(&mut self) -> Result<(), WorldError> {
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

fn posted(id: &str, content: &Content, person: &Person) -> Posted {
    let mut posted = Posted {
        id: id.to_owned(),
        name: person.actor.display.clone(),
        lang: person.actor.language.map(|language| language.code().to_owned()),
        ..Posted::default()
    };
    match content {
        Content::Text { text } => posted.text = Some(text.clone()),
        Content::Press { data } => posted.press = Some(data.clone()),
        Content::Location { latitude, longitude, name } => {
            posted.location = Some(Place {
                latitude: latitude.as_str().into(),
                longitude: longitude.as_str().into(),
                name: name.clone(),
            });
        }
        Content::Media { media, caption } => {
            posted.media = Some(Media { kind: *media, caption: caption.clone() });
        }
        Content::Unknown => {}
    }
    posted
}

fn capital(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[async_trait]
impl World for Live {
    async fn say(&mut self, actor: &str, text: &str) -> Result<(), WorldError> {
        self.deliver(actor, Content::Text { text: text.to_owned() }).await
    }

    async fn press(&mut self, actor: &str, data: &str) -> Result<(), WorldError> {
        self.deliver(actor, Content::Press { data: data.to_owned() }).await
    }

    async fn send(&mut self, actor: &str, content: Content) -> Result<(), WorldError> {
        self.deliver(actor, content).await
    }

    async fn again(&mut self, actor: &str) -> Result<(), WorldError> {
        let last = self.person(actor)?.last.clone();
        let last =
            last.ok_or_else(|| WorldError::new(format!("`{actor}` has sent nothing that could come again")))?;
        self.accept(last).await
    }

    async fn pay(&mut self, money: &Money) -> Result<(), WorldError> {
        let known = money.id.as_ref().and_then(|id| self.notices.get(id)).cloned();
        if let Some(request) = known {
            return self.notify(request).await;
        }
        let mut connection = self.pool.acquire().await.map_err(broken)?;
        let orders = store::facts::orders(&mut connection, &self.store).await.map_err(broken)?;
        drop(connection);
        let order = orders.into_iter().find(|order| order.number == money.order);
        let order = order.ok_or_else(|| WorldError::new(format!("there is no order `{}`", money.order)))?;
        let reference =
            order.reference.ok_or_else(|| WorldError::new("no payment has been asked for this order yet"))?;
        let due = order.total;
        let amount = money.amount.unwrap_or(match money.kind {
            PayKind::Short => due - OFF_BY,
            PayKind::Over => due + OFF_BY,
            PayKind::Paid | PayKind::Late | PayKind::Lost | PayKind::Forged => due,
        });
        if money.kind == PayKind::Forged {
            let body = serde_json::json!({
                "id": "evt_forged", "event": "payment.succeeded", "reference": reference, "amount": amount
            });
            let request = WebhookRequest {
                headers: vec![(SIGNATURE_HEADER.to_owned(), "00".repeat(32))],
                body: body.to_string().into_bytes(),
            };
            return match self.pipeline.accept_notice(SANDBOX, request).await {
                Err(AcceptError::Unsigned) => Ok(()),
                Ok(()) => Err(WorldError::new("a notice with a wrong signature was accepted")),
                Err(error) => Err(broken(error)),
            };
        }
        let amount = Rupiah::try_from(amount).map_err(broken)?;
        let request = self.sandbox.pay(&reference, amount).await.map_err(broken)?;
        if let Some(id) = &money.id {
            self.notices.insert(id.clone(), request.clone());
        }
        if money.kind == PayKind::Lost { Ok(()) } else { self.notify(request).await }
    }

    async fn advance(&mut self, by: Duration) -> Result<(), WorldError> {
        let until = self.clock.now() + by;
        for _ in 0..MAX_STOPS {
            self.drain().await?;
            let now = self.clock.now();
            let mut connection = self.pool.acquire().await.map_err(broken)?;
            let next = store::facts::next_due(&mut connection, now).await.map_err(broken)?;
            drop(connection);
            match next.filter(|next| *next <= until) {
                Some(next) => self.clock.advance(next - now),
                None => break,
            }
        }
        let left = until - self.clock.now();
        if left > Duration::zero() {
            self.clock.advance(left);
        }
        self.drain().await
    }

    async fn settle(&mut self) -> Result<(), WorldError> {
        self.drain().await
    }

    fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    fn take_messages(&mut self, actor: &str) -> Vec<Delivered> {
        match self.people.get(actor) {
            Some(person) => self.recorder.take(person.address.channel.as_str(), &person.address.chat),
            None => Vec::new(),
        }
    }

    async fn restart(&mut self) -> Result<(), WorldError> {
        self.reborn();
        Ok(())
    }

    async fn fault(&mut self, fault: &Fault) -> Result<(), WorldError> {
        match fault {
            Fault::Crash { point, times } => {
                if self.pipeline.faults.arm(point, *times) {
                    Ok(())
                } else {
                    Err(WorldError::new(format!("there is no point `{point}`")))
                }
            }
            Fault::Send { who, .. } | Fault::Drop { who, .. } => {
                let named = self.people.get(who).or_else(|| {
                    let is_at =
                        |person: &&Person| format!("{}:{}", person.actor.channel, person.actor.chat) == *who;
                    self.people.values().find(is_at)
                });
                let person = named.ok_or_else(|| {
                    WorldError::new(format!("`{who}` is no actor and no `channel:chat` of one"))
                })?;
                self.recorder.arm(person.address.channel.as_str(), &person.address.chat, fault.clone());
                Ok(())
            }
        }
    }

    async fn end(&mut self) {
        self.pool.close().await;
        self.databases.discard(&self.database).await;
    }

    async fn fact(&mut self, fact: &Fact) -> Result<String, WorldError> {
        super::probe::fact(self, fact).await
    }

    async fn newest_order(&mut self, actor: &str) -> Result<Option<String>, WorldError> {
        let chat = self.conversation(actor).await?.map(|(id, _, _)| id);
        let mut connection = self.pool.acquire().await.map_err(broken)?;
        let orders = store::facts::orders(&mut connection, &self.store).await.map_err(broken)?;
        let own = orders.iter().rev().find(|order| order.chat.is_some() && order.chat == chat);
        Ok(own.or(orders.last()).map(|order| order.number.clone()))
    }

    async fn trace(&mut self, actor: &str) -> Vec<String> {
        let Ok(Some((conversation, _, _))) = self.conversation(actor).await else { return Vec::new() };
        self.traces.get(&conversation).cloned().unwrap_or_default()
    }

    async fn explain(&mut self, actor: &str, text: &str) -> Vec<String> {
        let Ok(mut connection) = self.pool.acquire().await else { return Vec::new() };
        let Ok(catalog) = store::catalog::load(&mut connection, &self.store).await else { return Vec::new() };
        let language = self.people.get(actor).and_then(|person| person.actor.language).unwrap_or_default();
        let index = CatalogIndex::new(&catalog);
        let heard = explain(text, language, &index, &catalog, &Expectation::None).understanding;
        let mut lines = vec![format!("intent {:?}", heard.intent)];
        lines.extend(
            heard.items.iter().map(|item| format!("item {} x {} [{}]", item.quantity, item.name, item.score)),
        );
        lines.extend(heard.ambiguous.iter().map(|item| format!("which {} x {:?}", item.quantity, item.text)));
        lines.extend(heard.unknown.iter().map(|text| format!("unknown {text:?}")));
        lines.extend(heard.evidence.iter().map(|reason| format!("because {reason}")));
        lines
    }

    fn translate(&self, label: &str, from: Language, to: Language) -> Option<String> {
        let zone = chrono_tz::UTC;
        let none = std::collections::BTreeMap::new();
        let key = self.locales.keys(from).find(|key| {
            key.starts_with("btn-")
                && self.locales.text(key, &none, from, &zone).to_lowercase() == label.to_lowercase()
        })?;
        Some(self.locales.text(key, &none, to, &zone))
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
